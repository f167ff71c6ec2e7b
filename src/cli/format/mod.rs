//! What `check` and `validate` found, and the formats in which they say it.
//!
//! Each format is a module that is given the same [`Verdict`] and adds nothing to it. All but the human one are a single text on stdout.
//! `docs/formats.md` describes them.

mod github;
pub mod human;
mod json;
mod position;
mod sarif;

use std::path::Path;
use std::process::ExitCode;

use super::FOUND;
use super::terminal::Terminal;
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Source;
use crate::write::Drift;

pub use position::{Lines, Position, shown};

/// How findings are printed.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Text for people, with the lines that it is about.
    Human,
    /// One JSON document, described in docs/formats.md.
    Json,
    /// Commands that GitHub Actions shows as annotations.
    Github,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
}

/// What a run found.
pub struct Verdict<'a> {
    /// The stack.yaml that was read.
    pub source: &'a Source,
    /// Its folder, as messages name it.
    pub folder: &'a Path,
    /// What is wrong with it, by position.
    pub findings: Vec<&'a Diagnostic>,
    /// How the outputs compare; none where they were not looked at.
    pub outputs: Option<Outputs>,
}

/// The outputs beside what stack.yaml compiles to.
pub struct Outputs {
    /// How many were compared.
    pub count: usize,
    /// Those that are not what they should be.
    pub drift: Vec<Drift>,
    /// Whether the lines in which they differ are wanted.
    pub diff: bool,
}

impl Format {
    /// Prints `verdict`.
    pub fn print(self, verdict: &Verdict, terminal: &mut Terminal) {
        let text = match self {
            Format::Human => return human::print(verdict, terminal),
            Format::Json => json::render(verdict),
            Format::Github => github::render(verdict),
            Format::Sarif => sarif::render(verdict),
        };
        if !text.is_empty() {
            terminal.result(text.trim_end());
        }
    }

    /// Tells what kept a check from its verdict, where only what this format says is seen: beside a pull request.
    pub fn tell(self, trouble: &miette::Report, terminal: &mut Terminal) {
        if self == Format::Github {
            terminal.result(github::trouble(trouble).trim_end());
        }
    }
}

impl Verdict<'_> {
    /// How many findings have this weight.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity() == severity).count()
    }

    /// The outputs that are not what they should be.
    pub fn drift(&self) -> &[Drift] {
        self.outputs.as_ref().map_or(&[], |outputs| &outputs.drift)
    }

    /// The lines in which an output differs, where they are wanted.
    fn lines<'d>(&self, drift: &'d Drift) -> Option<&'d str> {
        self.outputs.as_ref().is_some_and(|outputs| outputs.diff).then_some(drift.diff.as_str())
    }

    /// Whether there is neither an error nor drift.
    pub fn is_ok(&self) -> bool {
        self.count(Severity::Error) == 0 && self.drift().is_empty()
    }

    /// The exit code that says so.
    pub fn exit_code(&self) -> ExitCode {
        if self.is_ok() { ExitCode::SUCCESS } else { ExitCode::from(FOUND) }
    }

    /// The path of an output as seen from the current folder, with `/` on every system.
    fn file(&self, drift: &Drift) -> String {
        let path = self.folder.join(&drift.path);
        let path = path.strip_prefix(".").unwrap_or(&path);
        path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/")
    }
}

/// The name of a severity.
pub fn weight(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Advice => "advice",
    }
}
