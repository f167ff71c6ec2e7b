//! `stackc build`: compiles, plans, writes.

use std::process::ExitCode;

use miette::Result;

use super::project::{self, Project};
use super::terminal::Terminal;
use super::{FOUND, Where, format};
use crate::artifact::Tree;
use crate::diagnostic::Severity;
use crate::write::{self, Applied, Change, Kind, Plan, Request};

/// Compiles stack.yaml and writes its outputs.
#[derive(clap::Args)]
pub struct Build {
    #[command(flatten)]
    at: Where,
    /// Only this environment's outputs, and what all share; may be given several times. Nothing is removed then.
    #[arg(long = "env", value_name = "NAME")]
    environments: Vec<String>,
    /// Show what would be written, and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Show the changed lines.
    #[arg(long)]
    diff: bool,
    /// Write over files that were edited by hand or are not stackc's, and say which.
    #[arg(long)]
    force: bool,
}

impl Build {
    /// Writes all outputs, or none.
    pub fn run(&self, terminal: &mut Terminal) -> Result<ExitCode> {
        let project = project::open(&self.at)?;
        let (tree, diagnostics) = project.compile(&self.environments)?;
        let told = terminal.told(&diagnostics);
        let Some(tree) = tree else {
            format::human::findings(&project.source, &told, terminal);
            return Ok(ExitCode::from(FOUND));
        };
        let request =
            Request { tree: &tree, partial: !self.environments.is_empty(), version: env!("CARGO_PKG_VERSION") };
        let plan = write::plan(&project.root, &request)?;
        // What needs nothing to be done was read when the files were written.
        let (again, told): (Vec<_>, Vec<_>) =
            told.into_iter().partition(|finding| plan.is_clean() && finding.severity() == Severity::Advice);
        format::human::findings(&project.source, &told, terminal);
        format::human::known_advice(again.len(), terminal);
        if self.diff {
            terminal.result(plan.diff().trim_end());
        }
        let refused: Vec<&Change> = plan
            .refusals()
            .filter(|(_, why)| !(self.force && why.yields_to_force()))
            .map(|(change, _)| change)
            .collect();
        if !refused.is_empty() {
            tell_plan(&plan, terminal);
            tell_refusals(&refused, terminal);
            return Ok(ExitCode::from(FOUND));
        }
        if self.dry_run {
            tell_plan(&plan, terminal);
            tell_unread(&tree, &project, terminal);
            terminal.note("dry run: nothing was written");
            return Ok(ExitCode::SUCCESS);
        }
        let applied = plan.apply(&project.root, self.force)?;
        tell_applied(&plan, &applied, terminal);
        tell_unread(&tree, &project, terminal);
        Ok(ExitCode::SUCCESS)
    }
}

/// Workflows that GitHub does not look at.
fn tell_unread(tree: &Tree, project: &Project, terminal: &mut Terminal) {
    let workflow = tree.paths().find(|path| path.starts_with(".github/"));
    if let Some(workflow) = workflow.filter(|_| project.lies_within_a_repository()) {
        terminal.complain(format!(
            "warning: GitHub reads workflows at the top of a repository, and {workflow} is not there"
        ));
        terminal.complain("  help: keep stack.yaml at the top, or leave `ci` out");
    }
}

fn tell_plan(plan: &Plan, terminal: &mut Terminal) {
    for change in &plan.changes {
        let verb = match (change.kind, change.refused) {
            (_, Some(_)) => "refused",
            (Kind::Create, _) => "would create",
            (Kind::Update | Kind::Adopt, _) => "would update",
            (Kind::Remove, _) => "would remove",
            (Kind::Unchanged, _) => continue,
        };
        terminal.note(format!("{verb:>12} {}", change.path));
    }
    if plan.is_clean() {
        terminal.note("up to date");
    }
}

fn tell_refusals(refused: &[&Change], terminal: &mut Terminal) {
    terminal.complain("\nnothing was written:");
    for change in refused {
        terminal.complain(format!("  {}", change.reason().unwrap_or_default()));
        terminal.complain(format!("    help: {}", change.way_out().unwrap_or_default()));
    }
}

fn tell_applied(plan: &Plan, applied: &Applied, terminal: &mut Terminal) {
    for (verb, paths) in [("created", &applied.created), ("updated", &applied.updated), ("removed", &applied.removed)] {
        for path in paths {
            terminal.note(format!("{verb:>8} {path}"));
        }
    }
    for (path, _) in &applied.forced {
        let reason = plan.changes.iter().find(|change| change.path == *path).and_then(|change| change.reason());
        terminal.complain(format!("  forced {}", reason.as_deref().unwrap_or(path)));
    }
    let (created, updated, removed) = (applied.created.len(), applied.updated.len(), applied.removed.len());
    if created + updated + removed == 0 {
        terminal.note(format!("up to date: {} files", plan.changes.len()));
    } else {
        let unchanged = plan.changes.len().saturating_sub(created + updated + removed);
        terminal.note(format!("{created} created, {updated} updated, {removed} removed, {unchanged} unchanged"));
    }
}
