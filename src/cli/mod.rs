//! The command line: finds the project, runs the compiler, prints what it says. Exit codes: 0 ok; 1 findings, drift or an invalid stack.yaml;
//! 2 it could not run.

mod build;
mod check;
mod completions;
mod explain;
mod format;
mod gather;
mod man;
mod project;
mod render;
mod schema;
mod terminal;
mod validate;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand};

pub use gather::gather;
pub use render::render;
use terminal::{Color, Terminal};

/// The exit code of a run that found something wrong.
const FOUND: u8 = 1;
/// The exit code of a run that could not do its work.
const FAILED: u8 = 2;

/// Compiles one stack.yaml into the files that deploy it.
#[derive(Parser)]
#[command(
    name = "stackc",
    version,
    arg_required_else_help = true,
    after_help = "Example: stackc build\n\nExit codes: 0 ok, 1 findings or drift, 2 could not run."
)]
struct Cli {
    /// When to use colour; NO_COLOR in the environment means never.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    color: Color,
    /// Say only what is wrong.
    #[arg(long, short, global = true)]
    quiet: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Compile stack.yaml and write its outputs.
    #[command(after_help = "Example: stackc build --diff --dry-run")]
    Build(build::Build),
    /// Tell whether the outputs fit stack.yaml; exit code 1 if one does not.
    #[command(after_help = "Example, in CI: stackc check --format github")]
    Check(check::Check),
    /// Tell what is wrong with stack.yaml; write nothing.
    #[command(after_help = "Example: stackc validate -f - < stack.yaml")]
    Validate(validate::Validate),
    /// Print the JSON schema of stack.yaml, for editors.
    #[command(after_help = "Example: stackc schema --write schema/stack.schema.json")]
    Schema(schema::Schema),
    /// Tell what a diagnostic means and how to mend it.
    #[command(after_help = "Example: stackc explain literal-secret")]
    Explain(explain::Explain),
    /// Print completions for a shell.
    #[command(after_help = "Example: stackc completions bash > ~/.local/share/bash-completion/completions/stackc")]
    Completions(completions::Completions),
    /// Print a manual page.
    #[command(after_help = "Examples: stackc man > stackc.1, stackc man build > stackc-build.1")]
    Man(man::Manual),
}

/// Where stack.yaml is.
#[derive(Args)]
struct Where {
    /// The file; by default stack.yaml in this folder or the nearest one above.
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Work as if started in this folder.
    #[arg(short = 'C', long = "directory", value_name = "DIR")]
    directory: Option<PathBuf>,
}

/// The commands and options, for those who print something of them.
fn description() -> clap::Command {
    Cli::command()
}

/// Runs the program with the process's arguments and gives its exit code.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut terminal = Terminal::new(cli.color, cli.quiet);
    let result = match cli.command {
        Command::Build(build) => build.run(&mut terminal),
        Command::Check(check) => check.run(&mut terminal),
        Command::Validate(validate) => validate.run(&mut terminal),
        Command::Schema(schema) => schema.run(&mut terminal),
        Command::Explain(explain) => explain.run(&mut terminal),
        Command::Completions(completions) => completions.run(&mut terminal),
        Command::Man(manual) => manual.run(&mut terminal),
    };
    match result {
        Ok(code) => code,
        Err(report) => {
            terminal.fault(&report);
            ExitCode::from(FAILED)
        }
    }
}
