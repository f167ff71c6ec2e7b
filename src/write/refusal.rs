//! Why a file is left alone, and the ways out.

use super::{Change, Kind};
use crate::artifact::LOCK;

/// Why a file is not written or removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// stackc wrote it and someone changed it since.
    Edited,
    /// stackc wrote it, and a merge left conflicts in it.
    Unmerged,
    /// stackc did not write it; for `stack.lock`, it does not read as one.
    Foreign,
    /// A symbolic link lies there.
    Link,
    /// A folder or a device lies there, or a file where a folder is needed.
    NotAFile,
    /// The path leads out of the project's root.
    Outside,
}

impl Refusal {
    /// Whether `--force` overrules it. What is in the way and no file, and what lies outside, stays out of reach.
    pub fn yields_to_force(self) -> bool {
        match self {
            Refusal::Edited | Refusal::Unmerged | Refusal::Foreign | Refusal::Link => true,
            Refusal::NotAFile | Refusal::Outside => false,
        }
    }
}

impl Change {
    /// Why the change is refused, as one clause: `Dockerfile was not made by stackc`.
    pub fn reason(&self) -> Option<String> {
        let path = &self.path;
        Some(match self.refused? {
            Refusal::Edited if self.kind == Kind::Remove => {
                format!("{path} is no longer made, and was edited since stackc wrote it")
            }
            Refusal::Edited => format!("{path} was edited since stackc wrote it"),
            Refusal::Unmerged => format!("{path} holds the conflicts of an unfinished merge"),
            Refusal::Foreign if path == LOCK => format!("{path} does not read as a lock of stackc"),
            Refusal::Foreign => format!("{path} was not made by stackc"),
            Refusal::Link => format!("{path} is a symbolic link"),
            Refusal::NotAFile => {
                format!("{path} cannot be a file: a folder or something else is in its place")
            }
            Refusal::Outside => format!("{path} is no plain path below the project's root"),
        })
    }

    /// What the user can do about the refusal.
    pub fn way_out(&self) -> Option<&'static str> {
        Some(match self.refused? {
            Refusal::Edited if self.kind == Kind::Remove => {
                "delete it; or keep it as yours by taking out its `# stackc:1` line; or `stackc build --force` removes it"
            }
            Refusal::Edited => {
                "revert it; or put the edit into stack.yaml (`overrides` reaches every line), and `stackc build --force` writes over it"
            }
            Refusal::Unmerged => {
                "once stack.yaml is merged, `stackc build --force` writes what it says; both sides' edits by hand are lost"
            }
            Refusal::Foreign if self.path == LOCK => {
                "after a merge conflict keep either side and build again; or `stackc build --force` starts a new one"
            }
            Refusal::Foreign => {
                "move it away, or give the output another place in stack.yaml; or `stackc build --force` writes over it"
            }
            Refusal::Link => "remove the link; or `stackc build --force` puts a file in its place",
            Refusal::NotAFile => "move away what is there, or give the output another place in stack.yaml",
            Refusal::Outside => "give the output a place below the folder of stack.yaml, not behind a link",
        })
    }
}
