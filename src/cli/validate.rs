//! `stackc validate`: stack.yaml alone.

use std::path::PathBuf;
use std::process::ExitCode;

use miette::Result;

use super::format::{Format, Verdict};
use super::terminal::Terminal;
use super::{Where, project};

/// Tells what is wrong with stack.yaml.
#[derive(clap::Args)]
pub struct Validate {
    /// The file, as `-f` names it; `-` is standard input.
    #[arg(value_name = "INPUT", conflicts_with = "file")]
    input: Option<PathBuf>,
    #[command(flatten)]
    at: Where,
    /// How to print what was found.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Human)]
    format: Format,
}

impl Validate {
    /// Compiles and forgets the outputs.
    pub fn run(&self, terminal: &mut Terminal) -> Result<ExitCode> {
        let file = self.input.clone().or_else(|| self.at.file.clone());
        let project = project::open(&Where { file, directory: self.at.directory.clone() })?;
        let diagnostics = project.validate();
        let findings = terminal.told(&diagnostics);
        let verdict = Verdict { source: &project.source, folder: &project.folder, findings, outputs: None };
        self.format.print(&verdict, terminal);
        Ok(verdict.exit_code())
    }
}
