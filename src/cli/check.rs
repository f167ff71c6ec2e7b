//! `stackc check`: whether the outputs fit stack.yaml.

use std::process::ExitCode;

use miette::Result;

use super::Where;
use super::format::{Format, Outputs, Verdict};
use super::project::{self, Project};
use super::terminal::Terminal;
use crate::artifact::Tree;
use crate::write::{self, Request};

/// Tells whether the outputs fit stack.yaml.
#[derive(clap::Args)]
pub struct Check {
    #[command(flatten)]
    at: Where,
    /// Only this environment's outputs, and what all share; may be given several times.
    #[arg(long = "env", value_name = "NAME")]
    environments: Vec<String>,
    /// Show the lines in which an output differs.
    #[arg(long)]
    diff: bool,
    /// How to print what was found.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Human)]
    format: Format,
}

impl Check {
    /// Compares and writes nothing.
    pub fn run(&self, terminal: &mut Terminal) -> Result<ExitCode> {
        let code = self.decide(terminal);
        if let Err(trouble) = &code {
            self.format.tell(trouble, terminal);
        }
        code
    }

    fn decide(&self, terminal: &mut Terminal) -> Result<ExitCode> {
        let project = project::open(&self.at)?;
        let (tree, diagnostics) = project.compile(&self.environments)?;
        let outputs = tree.map(|tree| self.compare(&project, &tree)).transpose()?;
        let findings = terminal.told(&diagnostics);
        let verdict = Verdict { source: &project.source, folder: &project.folder, findings, outputs };
        self.format.print(&verdict, terminal);
        Ok(verdict.exit_code())
    }

    fn compare(&self, project: &Project, tree: &Tree) -> Result<Outputs> {
        let request = Request { tree, partial: !self.environments.is_empty(), version: env!("CARGO_PKG_VERSION") };
        let plan = write::plan(&project.root, &request)?;
        Ok(Outputs { count: plan.changes.len(), drift: plan.drift(), diff: self.diff })
    }
}
