//! What is printed, and where: results on stdout, everything else on stderr.

use std::fmt::Display;
use std::io::{IsTerminal, Write};

use super::render::visible;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};

/// When to use colour.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The two streams of the process.
pub struct Terminal {
    color: Color,
    quiet: bool,
}

impl Terminal {
    /// A terminal that prints in colour as `color` says, and results only if not `quiet`.
    pub fn new(color: Color, quiet: bool) -> Self {
        Terminal { color, quiet }
    }

    /// Prints a line of the result. A reader that went away is no fault of ours.
    pub fn result(&mut self, line: impl Display) {
        let _ = writeln!(std::io::stdout(), "{line}");
    }

    /// Prints a line that `--quiet` leaves out.
    pub fn note(&mut self, line: impl Display) {
        if !self.quiet {
            self.result(line);
        }
    }

    /// Prints a line about what is wrong.
    pub fn complain(&mut self, line: impl Display) {
        let _ = writeln!(std::io::stderr(), "{line}");
    }

    /// Prints why the program could not do its work: the fault, then what led to it.
    pub fn fault(&mut self, report: &miette::Report) {
        let causes: Vec<String> = report.chain().map(|cause| visible(&cause.to_string())).collect();
        self.complain(format!("stackc: {}", causes.join(": ")));
        if let Some(help) = report.help() {
            self.complain(format!("  help: {}", visible(&help.to_string())));
        }
    }

    /// The diagnostics that are to be told, by position: advice only where the user does not want quiet.
    pub fn told<'d>(&self, diagnostics: &'d Diagnostics) -> Vec<&'d Diagnostic> {
        let wanted = |diagnostic: &&Diagnostic| !self.quiet || diagnostic.severity() != Severity::Advice;
        diagnostics.sorted().into_iter().filter(wanted).collect()
    }

    /// Whether stderr takes colour.
    pub fn colored(&self) -> bool {
        match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
            }
        }
    }
}
