//! The one place where outputs meet the disk: plans what writing a tree would change, shows it, does it.
//!
//! All access goes through a capability for the project's root, so nothing outside it is read or written. A file that
//! stackc did not write, or that a hand changed since, is a refusal, and one refusal means that nothing is written.

mod actions;
mod apply;
mod diff;
mod drift;
mod file;
mod found;
mod lock;
mod plan;
mod refusal;

pub use apply::Applied;
pub use drift::{CAUSES, Cause, DRIFT, Drift};
pub use lock::Lock;
pub use plan::plan;
pub use refusal::Refusal;

use crate::artifact::{LOCK, Tree};

/// What is to be written.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// All artifacts of the run.
    pub tree: &'a Tree,
    /// Whether only some environments were compiled: then nothing is removed, and the lock keeps what it listed.
    pub partial: bool,
    /// The version of stackc that runs.
    pub version: &'a str,
}

/// What writing would change, file by file: artifacts in the tree's order, then what is no longer made, `stack.lock` last.
#[derive(Debug, Clone)]
pub struct Plan {
    /// One entry for each file that is made, or was made and is there no longer.
    pub changes: Vec<Change>,
    /// The version of stackc that runs.
    pub version: String,
    /// The version of stackc that wrote the outputs last, as the lock says.
    pub written_by: Option<String>,
}

/// What happens to one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The file's path below the root.
    pub path: String,
    /// What is to be done to it.
    pub kind: Kind,
    /// Why it is not done, unless forced.
    pub refused: Option<Refusal>,
    /// What the file holds now; none where there is no file that can be read.
    pub old: Option<String>,
    /// What it will hold; none where it is removed.
    pub new: Option<String>,
    /// Whether it is to be a program.
    pub executable: bool,
}

/// What is done to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It is not there yet.
    Create,
    /// It is there with another content, or without its executable bit.
    Update,
    /// It holds the very same lines, but no marker or a wrong one: writing loses nothing and makes it ours.
    Adopt,
    /// It is as it should be and is not touched.
    Unchanged,
    /// It is ours, untouched, and no longer made.
    Remove,
}

impl Plan {
    /// The changes that would destroy what is not ours to destroy, or cannot be done.
    pub fn refusals(&self) -> impl Iterator<Item = (&Change, Refusal)> {
        self.changes.iter().filter_map(|change| Some((change, change.refused?)))
    }

    /// Whether writing would change nothing and nothing stands in its way.
    pub fn is_clean(&self) -> bool {
        self.changes.iter().all(|change| change.kind == Kind::Unchanged && change.refused.is_none())
    }
}

impl Change {
    fn is_lock(&self) -> bool {
        self.path == LOCK
    }
}
