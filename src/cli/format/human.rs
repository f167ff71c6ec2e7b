//! Text for people: findings with their lines on stderr, drift and the good news on stdout. Control characters never get through.

use super::Verdict;
use crate::cli::render::{render, visible};
use crate::cli::terminal::Terminal;
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Source;

/// As many findings as a person might read.
const MOST_SHOWN: usize = 100;

/// Prints `verdict`.
pub fn print(verdict: &Verdict, terminal: &mut Terminal) {
    findings(verdict.source, &verdict.findings, terminal);
    match &verdict.outputs {
        _ if verdict.count(Severity::Error) > 0 => {}
        None => terminal.note(format!("{} is valid", visible(&verdict.source.name))),
        Some(outputs) if outputs.drift.is_empty() => terminal.note(format!("up to date: {} files", outputs.count)),
        Some(outputs) => {
            for drift in &outputs.drift {
                terminal.result(format!("{}: {}", visible(&drift.path), visible(&drift.cause.to_string())));
                terminal.result(format!("  help: {}", drift.remedy));
                for line in verdict.lines(drift).into_iter().flat_map(str::lines) {
                    terminal.result(visible(&line.replace('\t', "    ")));
                }
            }
        }
    }
}

/// Prints `findings`, and how many errors and warnings there are.
pub fn findings(source: &Source, findings: &[&Diagnostic], terminal: &mut Terminal) {
    let color = terminal.colored();
    for finding in findings.iter().take(MOST_SHOWN) {
        terminal.complain(render(source, finding, color));
    }
    if findings.len() > MOST_SHOWN {
        terminal.complain(format!("… and {} more", findings.len() - MOST_SHOWN));
    }
    let count = |severity| findings.iter().filter(|finding| finding.severity() == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    if errors + warnings > 0 {
        let counts = format!("{}, {}", plural(errors, "error"), plural(warnings, "warning"));
        terminal.complain(format!("{}: {counts}", visible(&source.name)));
    }
}

/// Prints that there is advice that was read before.
pub fn known_advice(number: usize, terminal: &mut Terminal) {
    if number > 0 {
        terminal.complain(format!("{} of advice, as before: `stackc validate` shows it", plural(number, "piece")));
    }
}

fn plural(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
