//! `stackc explain`: the text of a code, and of what `check` says of outputs.

use std::process::ExitCode;

use miette::{Result, miette};

use super::format::weight;
use super::terminal::Terminal;
use crate::code::Code;
use crate::diagnostic::nearest;
use crate::write::{CAUSES, DRIFT};

/// Tells what a diagnostic means.
#[derive(clap::Args)]
pub struct Explain {
    /// The code that stands in the brackets of a message, or `drift` or its cause; without one, all are listed.
    code: Option<String>,
}

impl Explain {
    /// Prints the explanation, or the list of codes.
    pub fn run(&self, terminal: &mut Terminal) -> Result<ExitCode> {
        let Some(name) = &self.code else {
            for code in Code::all() {
                let first = code.explanation().trim_start().lines().next().unwrap_or_default();
                terminal.result(format!("{:24} {}", code.name(), first.trim()));
            }
            terminal.result(format!("{DRIFT:24} {}", DRIFT_TEXT.lines().next().unwrap_or_default()));
            return Ok(ExitCode::SUCCESS);
        };
        if let Some(said) = of_drift(name) {
            terminal.result(said);
            return Ok(ExitCode::SUCCESS);
        }
        let Some(code) = Code::by_name(name) else {
            let causes = CAUSES.iter().map(|(cause, _)| *cause);
            let names: Vec<&str> = Code::all().map(Code::name).chain(causes).chain([DRIFT]).collect();
            let help = match nearest(name, &names) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`stackc explain` lists all codes".to_owned(),
            };
            return Err(miette!(help = help, "there is no code `{}`", super::render::visible(name)));
        };
        terminal.result(format!("{}[{}]\n", weight(code.severity()), code.name()));
        terminal.result(text(code));
        Ok(ExitCode::SUCCESS)
    }
}

/// What drift means.
pub const DRIFT_TEXT: &str = "A file is not what stack.yaml compiles to.\n\n`stackc check` tells why, and what to do about it; `stackc check --diff` shows the lines.";

/// What `name` means, if it is `drift` or one of its causes.
fn of_drift(name: &str) -> Option<String> {
    if name == DRIFT {
        let causes: Vec<String> = CAUSES.iter().map(|(cause, text)| format!("{cause}: {text}")).collect();
        return Some(format!("error[{DRIFT}]\n\n{DRIFT_TEXT}\n\n{}", causes.join("\n")));
    }
    let (cause, text) = CAUSES.iter().find(|(cause, _)| *cause == name)?;
    Some(format!("error[{DRIFT}: {cause}]\n\n{text}"))
}

/// What `code` means and how to mend it.
pub fn text(code: Code) -> String {
    // Doc comments begin each line with one blank.
    let lines: Vec<&str> = code.explanation().lines().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    lines.join("\n").trim_end().to_owned()
}
