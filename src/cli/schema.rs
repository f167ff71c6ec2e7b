//! `stackc schema`: the schema of stack.yaml.

use std::path::PathBuf;
use std::process::ExitCode;

use miette::{Context, IntoDiagnostic, Result};

use super::terminal::Terminal;

/// Prints the JSON schema.
#[derive(clap::Args)]
pub struct Schema {
    /// Write it to this file instead.
    #[arg(long, value_name = "PATH")]
    write: Option<PathBuf>,
}

impl Schema {
    /// Prints or writes the schema.
    pub fn run(&self, terminal: &mut Terminal) -> Result<ExitCode> {
        let schema = crate::schema::generate();
        match &self.write {
            None => terminal.result(schema.trim_end()),
            Some(path) => {
                std::fs::write(path, schema)
                    .into_diagnostic()
                    .wrap_err_with(|| format!("cannot write {}", path.display()))?;
                terminal.note(format!("wrote {}", path.display()));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
