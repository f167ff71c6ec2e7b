//! `stackc completions`: a script that lets a shell complete stackc's commands and options.

use std::process::ExitCode;

use clap_complete::Shell;
use miette::Result;

use super::terminal::Terminal;

/// Prints completions for a shell.
#[derive(clap::Args)]
pub struct Completions {
    /// The shell that will read them.
    shell: Shell,
}

impl Completions {
    /// Prints the script.
    pub fn run(&self, terminal: &mut Terminal) -> Result<ExitCode> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut super::description(), "stackc", &mut script);
        terminal.result(String::from_utf8_lossy(&script).trim_end());
        Ok(ExitCode::SUCCESS)
    }
}
