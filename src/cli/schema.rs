//! `stackc schema`: the schema of stack.yaml, for editors and for people.

use std::path::PathBuf;
use std::process::ExitCode;

use miette::{Context, IntoDiagnostic, Result};

use super::terminal::Terminal;

/// Prints the JSON schema, or the reference.
#[derive(clap::Args)]
pub struct Schema {
    /// Write it to this file instead.
    #[arg(long, value_name = "PATH")]
    write: Option<PathBuf>,
    /// The reference of all keys instead, as a page in Markdown.
    #[arg(long)]
    reference: bool,
}

impl Schema {
    /// Prints or writes it.
    pub fn run(&self, terminal: &mut Terminal) -> Result<ExitCode> {
        let text = if self.reference { crate::schema::reference() } else { crate::schema::generate() };
        match &self.write {
            None => terminal.result(text.trim_end()),
            Some(path) => {
                std::fs::write(path, text)
                    .into_diagnostic()
                    .wrap_err_with(|| format!("cannot write {}", path.display()))?;
                terminal.note(format!("wrote {}", path.display()));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
