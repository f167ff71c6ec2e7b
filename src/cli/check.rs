//! `stackc check`: whether the outputs fit stack.yaml.

use std::process::ExitCode;

use miette::Result;

use super::terminal::Terminal;
use super::{FOUND, Where, project};
use crate::write::{self, Request};

/// Tells whether the outputs fit stack.yaml.
#[derive(clap::Args)]
pub struct Check {
    #[command(flatten)]
    at: Where,
    /// Only this environment's outputs, and what all share; may be given several times.
    #[arg(long = "env", value_name = "NAME")]
    environments: Vec<String>,
}

impl Check {
    /// Compares and writes nothing.
    pub fn run(&self, terminal: &mut Terminal) -> Result<ExitCode> {
        let project = project::open(&self.at)?;
        let Some(tree) = project.compile(&self.environments, terminal)? else { return Ok(ExitCode::from(FOUND)) };
        let request =
            Request { tree: &tree, partial: !self.environments.is_empty(), version: env!("CARGO_PKG_VERSION") };
        let plan = write::plan(&project.root, &request)?;
        let drift = plan.drift();
        if drift.is_empty() {
            terminal.note(format!("up to date: {} files", plan.changes.len()));
            return Ok(ExitCode::SUCCESS);
        }
        for drift in &drift {
            terminal.result(format!("{}: {}", drift.path, drift.cause));
            terminal.result(format!("  help: {}", drift.remedy));
        }
        Ok(ExitCode::from(FOUND))
    }
}
