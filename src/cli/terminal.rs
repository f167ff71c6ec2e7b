//! What is printed, and where: results on stdout, everything else on stderr.

use std::fmt::Display;
use std::io::{IsTerminal, Write};

use crate::diagnostic::{Diagnostics, Severity};
use crate::source::Source;

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

/// As many diagnostics as a person might read.
const MOST_SHOWN: usize = 100;

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
        let causes: Vec<String> = report.chain().map(|cause| super::render::visible(&cause.to_string())).collect();
        self.complain(format!("stackc: {}", causes.join(": ")));
        if let Some(help) = report.help() {
            self.complain(format!("  help: {help}"));
        }
    }

    /// Prints all diagnostics by position, and how many there are. Advice is left out where the user wants quiet.
    pub fn diagnostics(&mut self, source: &Source, diagnostics: &Diagnostics) {
        let color = self.colored();
        let shown: Vec<_> =
            diagnostics.sorted().into_iter().filter(|d| !self.quiet || d.severity() != Severity::Advice).collect();
        for diagnostic in shown.iter().take(MOST_SHOWN) {
            self.complain(super::render::render(source, diagnostic, color));
        }
        if shown.len() > MOST_SHOWN {
            self.complain(format!("… and {} more", shown.len() - MOST_SHOWN));
        }
        let count = |severity| shown.iter().filter(|d| d.severity() == severity).count();
        let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
        if errors + warnings > 0 {
            let plural = |number: usize, noun: &str| format!("{number} {noun}{}", if number == 1 { "" } else { "s" });
            self.complain(format!("{}: {}, {}", source.name, plural(errors, "error"), plural(warnings, "warning")));
        }
    }

    fn colored(&self) -> bool {
        match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
            }
        }
    }
}
