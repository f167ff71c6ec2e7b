//! `stackc validate`: stack.yaml alone.

use std::process::ExitCode;

use miette::Result;

use super::terminal::Terminal;
use super::{FOUND, Where, project};

/// Tells what is wrong with stack.yaml.
#[derive(clap::Args)]
pub struct Validate {
    #[command(flatten)]
    at: Where,
}

impl Validate {
    /// Compiles and forgets the outputs.
    pub fn run(&self, terminal: &mut Terminal) -> Result<ExitCode> {
        let project = project::open(&self.at)?;
        match project.compile(&[], terminal)? {
            Some(_) => {
                terminal.note(format!("{} is valid", project.source.name));
                Ok(ExitCode::SUCCESS)
            }
            None => Ok(ExitCode::from(FOUND)),
        }
    }
}
