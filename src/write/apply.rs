//! Carries a plan out: each file wholly or not at all, the lock last.
//!
//! A kill at any moment leaves each file wholly old or wholly new, and the next build does the rest. Unchanged files
//! are not touched; emptied folders are left alone.

use super::found::{Found, look, parents};
use super::{Change, Kind, Plan, Refusal, file};
use cap_std::fs::Dir;
use std::collections::BTreeSet;
use std::io::{self, ErrorKind};
use std::iter;

/// What was done: each path in one of the first three lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Applied {
    /// Files that were not there before.
    pub created: Vec<String>,
    /// Files that have a new content, mode or marker.
    pub updated: Vec<String>,
    /// Files that are there no longer.
    pub removed: Vec<String>,
    /// Those of the files above that were destroyed by force, and why they would have been left alone.
    pub forced: Vec<(String, Refusal)>,
}

impl Plan {
    /// Writes what the plan says. A refusal means that nothing is written, unless it is one that `force` overrules.
    pub fn apply(&self, root: &Dir, force: bool) -> miette::Result<Applied> {
        self.refuse(force)?;
        folders(&self.changes).into_iter().for_each(|folder| file::sweep(root, folder));
        let mut applied = Applied::default();
        let (lock, files): (Vec<_>, Vec<_>) = self.changes.iter().partition(|change| change.is_lock());
        for changes in [files, lock] {
            for change in &changes {
                change.carry_out(root, &mut applied)?;
            }
            flush(root, &changes)?;
        }
        Ok(applied)
    }

    fn refuse(&self, force: bool) -> miette::Result<()> {
        let standing: Vec<_> =
            self.refusals().filter(|(_, why)| !(force && why.yields_to_force())).map(|(change, _)| change).collect();
        if standing.is_empty() {
            return Ok(());
        }
        let reasons: Vec<_> = standing.iter().filter_map(|change| change.reason()).collect();
        let way_out = |change: &&Change| Some(format!("{}: {}", change.path, change.way_out()?));
        let ways_out: Vec<_> = standing.iter().filter_map(way_out).collect();
        Err(miette::miette!(help = ways_out.join("\n"), "nothing was written: {}", reasons.join("; ")))
    }
}

impl Change {
    fn carry_out(&self, root: &Dir, applied: &mut Applied) -> miette::Result<()> {
        if self.kind == Kind::Unchanged {
            return Ok(());
        }
        let as_planned = self.is_as_planned(root)?;
        let list = match &self.new {
            Some(_) if !as_planned => return Err(self.overtaken()),
            None if !as_planned => return Ok(()),
            Some(new) => {
                file::write(root, &self.path, new, self.executable).map_err(|error| self.failed("write", error))?;
                if self.kind == Kind::Create { &mut applied.created } else { &mut applied.updated }
            }
            None => {
                file::remove(root, &self.path).map_err(|error| self.failed("remove", error))?;
                &mut applied.removed
            }
        };
        list.push(self.path.clone());
        applied.forced.extend(self.refused.map(|why| (self.path.clone(), why)));
        Ok(())
    }

    /// Whether the place still holds what the plan saw there, or what another build has just put there.
    fn is_as_planned(&self, root: &Dir) -> miette::Result<bool> {
        Ok(match look(root, &self.path)? {
            Found::Missing => true,
            Found::Blocked(_) => self.refused.is_some(),
            Found::File { content, .. } => {
                let now = String::from_utf8_lossy(&content);
                [&self.old, &self.new].into_iter().flatten().any(|text| *text == now)
            }
        })
    }

    fn failed(&self, action: &str, error: io::Error) -> miette::Report {
        miette::miette!("cannot {action} {}: {error}", self.path)
    }

    fn overtaken(&self) -> miette::Report {
        let help = "run the build again";
        miette::miette!(help = help, "cannot write {}: it was changed while stackc was at work", self.path)
    }
}

/// The folders of the changes and those above them, the root among them.
fn folders<'a>(changes: impl IntoIterator<Item = &'a Change>) -> BTreeSet<&'a str> {
    changes.into_iter().flat_map(|change| iter::once(".").chain(parents(&change.path))).collect()
}

fn flush(root: &Dir, changes: &[&Change]) -> miette::Result<()> {
    let changed = changes.iter().copied().filter(|change| change.kind != Kind::Unchanged);
    for folder in folders(changed) {
        match file::flush(root, folder) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(miette::miette!("cannot flush the folder {folder}: {error}"));
            }
            _ => {}
        }
    }
    Ok(())
}
