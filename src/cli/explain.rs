//! `stackc explain`: the text of a code.

use std::process::ExitCode;

use miette::{Result, miette};

use super::format::weight;
use super::terminal::Terminal;
use crate::code::Code;
use crate::diagnostic::nearest;

/// Tells what a diagnostic means.
#[derive(clap::Args)]
pub struct Explain {
    /// The code that stands in the brackets of a message; without one, all codes are listed.
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
            return Ok(ExitCode::SUCCESS);
        };
        let Some(code) = Code::by_name(name) else {
            let names: Vec<&str> = Code::all().map(Code::name).collect();
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

/// What `code` means and how to mend it.
pub fn text(code: Code) -> String {
    // Doc comments begin each line with one blank.
    let lines: Vec<&str> = code.explanation().lines().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    lines.join("\n").trim_end().to_owned()
}
