//! What `check` says: where the committed files are not what stack.yaml compiles to, why, and what mends it.

use super::lock::Lock;
use super::{Change, Kind, Plan, Refusal};
use crate::artifact::marker;
use std::fmt;

/// What it is called that a file is not what stack.yaml compiles to.
pub const DRIFT: &str = "drift";

/// The causes of drift by name, and what each means.
pub const CAUSES: &[(&str, &str)] = &[
    ("not-rebuilt", "stack.yaml was changed and not built again. Run `stackc build`, and commit what it writes."),
    (
        "other-version",
        "Another version of stackc wrote the file, and this one writes something else. Build with this version, and let all who build use it.",
    ),
    (
        "edited",
        "The file was edited since stackc wrote it. Revert it; or say in stack.yaml what the edit says, where `overrides` reaches every line.",
    ),
    (
        "unmerged",
        "A merge left its conflicts in the file. Merge stack.yaml, and let `stackc build --force` write the file.",
    ),
    (
        "foreign",
        "The file is there and stackc did not make it. Move it away, or give the output another place in stack.yaml.",
    ),
    (
        "unmarked",
        "The file holds the right lines, but its marker line is missing or wrong. `stackc build` puts it right.",
    ),
    (
        "missing",
        "The file was never built, or was deleted, or is not committed. Run `stackc build`, and commit what it writes.",
    ),
    ("orphaned", "stack.yaml makes the file no longer. `stackc build` removes it."),
    (
        "mode",
        "The file is a program and lacks the executable bit. Run `stackc build`, and commit the bit: `git add --chmod=+x FILE`.",
    ),
    (
        "line-ends",
        "The file is a program and has CRLF line ends, which break it. Keep git from putting them in: `* text=auto eol=lf` in .gitattributes.",
    ),
    ("blocked", "No file can be there: a link or a folder is in its place, or the path leads out of the project."),
];

/// One file that is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// The file's path below the root.
    pub path: String,
    /// Why it is not.
    pub cause: Cause,
    /// What is to be done about it.
    pub remedy: &'static str,
    /// What writing would change in it, as a unified diff.
    pub diff: String,
}

/// Why a file is not what stack.yaml compiles to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// stack.yaml was changed and not built again; no hand touched the file.
    NotRebuilt,
    /// Another version of stackc wrote it, and this one writes something else.
    OtherVersion {
        /// The version that wrote it.
        written_by: String,
        /// The version that runs.
        running: String,
    },
    /// It was edited since stackc wrote it.
    Edited,
    /// A merge left conflicts in it.
    Unmerged,
    /// stackc did not make it.
    Foreign,
    /// It holds the right lines, but no marker or a wrong one.
    Unmarked,
    /// It is not there.
    Missing,
    /// It is no longer made and still there.
    Orphaned,
    /// It is a program and lacks the executable bit.
    Mode,
    /// It is a program and has the line ends of another system, which break it.
    LineEnds,
    /// No file can be there: a link, a folder, a path that leads out.
    Blocked(Refusal),
}

impl Plan {
    /// All files that are not what they should be, in the plan's order.
    pub fn drift(&self) -> Vec<Drift> {
        let drift = |change: &Change| {
            let cause = self.cause(change)?;
            let remedy = change.way_out().unwrap_or("stackc build");
            Some(Drift { path: change.path.clone(), cause, remedy, diff: change.diff() })
        };
        self.changes.iter().filter_map(drift).collect()
    }

    fn cause(&self, change: &Change) -> Option<Cause> {
        match (change.kind, change.refused) {
            (_, Some(Refusal::Edited)) => Some(Cause::Edited),
            (_, Some(Refusal::Unmerged)) => Some(Cause::Unmerged),
            (_, Some(Refusal::Foreign)) => Some(Cause::Foreign),
            (_, Some(refusal)) => Some(Cause::Blocked(refusal)),
            (Kind::Unchanged, None) => None,
            (Kind::Create, None) => Some(Cause::Missing),
            (Kind::Remove, None) => Some(Cause::Orphaned),
            (Kind::Adopt, None) => Some(Cause::Unmarked),
            (Kind::Update, None) => self.why_update(change),
        }
    }

    fn why_update(&self, change: &Change) -> Option<Cause> {
        let (old, new) = (change.old.as_deref()?, change.new.as_deref()?);
        if change.is_lock() {
            return lists_differ(old, new).then_some(Cause::NotRebuilt);
        }
        if old == new {
            return Some(Cause::Mode);
        }
        if marker::same_lines(old.as_bytes(), new.as_bytes()) {
            return Some(Cause::LineEnds);
        }
        let other = self.written_by.as_ref().filter(|version| **version != self.version);
        Some(match other {
            Some(version) => Cause::OtherVersion { written_by: version.clone(), running: self.version.clone() },
            None => Cause::NotRebuilt,
        })
    }
}

/// Whether two locks list other outputs. Another version alone is no drift: an upgrade asks for no build.
fn lists_differ(old: &str, new: &str) -> bool {
    let (old, new) = (Lock::parse(old), Lock::parse(new));
    old.ok().as_ref().map(Lock::outputs) != new.ok().as_ref().map(Lock::outputs)
}

impl Cause {
    /// Its name, one of [`CAUSES`].
    pub fn name(&self) -> &'static str {
        match self {
            Cause::NotRebuilt => "not-rebuilt",
            Cause::OtherVersion { .. } => "other-version",
            Cause::Edited => "edited",
            Cause::Unmerged => "unmerged",
            Cause::Foreign => "foreign",
            Cause::Unmarked => "unmarked",
            Cause::Missing => "missing",
            Cause::Orphaned => "orphaned",
            Cause::Mode => "mode",
            Cause::LineEnds => "line-ends",
            Cause::Blocked(_) => "blocked",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause::NotRebuilt => write!(f, "stack.yaml changed, not rebuilt"),
            Cause::OtherVersion { written_by, running } => {
                write!(f, "written by stackc {written_by}, and {running} writes something else")
            }
            Cause::Edited => write!(f, "output edited"),
            Cause::Unmerged => write!(f, "an unfinished merge"),
            Cause::Foreign => write!(f, "not made by stackc"),
            Cause::Unmarked => write!(f, "its marker line is missing or wrong"),
            Cause::Missing => write!(f, "missing"),
            Cause::Orphaned => write!(f, "orphaned: no longer made"),
            Cause::Mode => write!(f, "not executable"),
            Cause::LineEnds => write!(f, "CRLF line ends in a program"),
            Cause::Blocked(Refusal::Link) => write!(f, "a symbolic link"),
            Cause::Blocked(Refusal::Outside) => write!(f, "no plain path below the project's root"),
            Cause::Blocked(_) => write!(f, "not a file"),
        }
    }
}
