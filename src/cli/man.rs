//! `stackc man`: manual pages, one for the program and one for each command.

use std::process::ExitCode;

use clap_mangen::Man;
use miette::{IntoDiagnostic, Result, miette};

use super::render::visible;
use super::terminal::Terminal;
use crate::diagnostic::nearest;

/// Prints a manual page.
#[derive(clap::Args)]
pub struct Manual {
    /// The command whose page it is; without one, the page of stackc itself.
    command: Option<String>,
}

impl Manual {
    /// Prints the page, in roff.
    pub fn run(&self, terminal: &mut Terminal) -> Result<ExitCode> {
        let mut stackc = super::description().disable_help_subcommand(true);
        stackc.build();
        let described = match &self.command {
            None => stackc,
            Some(name) => find(&stackc, name)?.clone(),
        };
        let source = concat!("stackc ", env!("CARGO_PKG_VERSION"));
        let mut page = Vec::new();
        Man::new(described).source(source).render(&mut page).into_diagnostic()?;
        terminal.result(String::from_utf8_lossy(&page).trim_end());
        Ok(ExitCode::SUCCESS)
    }
}

fn find<'a>(stackc: &'a clap::Command, name: &str) -> Result<&'a clap::Command> {
    stackc.find_subcommand(name).ok_or_else(|| {
        let names: Vec<&str> = stackc.get_subcommands().map(clap::Command::get_name).collect();
        let help = match nearest(name, &names) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the commands are: {}", names.join(", ")),
        };
        miette!(help = help, "there is no command `{}`", visible(name))
    })
}
