//! Compares the tree with the folder and decides for each file what is to be done.

use super::found::{Found, look, parents};
use super::lock::LockFile;
use super::{Change, Kind, Plan, Refusal, Request};
use crate::artifact::marker::{self, Ownership};
use crate::artifact::{Artifact, LOCK, Tree, reread};
use cap_std::fs::Dir;

/// What writing `request` below `root` would change. Reads files, writes none; each artifact is read back first.
pub fn plan(root: &Dir, request: &Request) -> miette::Result<Plan> {
    verify(request.tree)?;
    let old_lock = LockFile::read(root)?;
    let mut changes = Vec::new();
    for artifact in request.tree.iter() {
        changes.push(artifact_change(root, request.tree, artifact)?);
    }
    if !request.partial {
        for path in old_lock.outputs() {
            changes.extend(orphan_change(root, request.tree, path)?);
        }
    }
    changes.push(old_lock.change(request));
    let written_by = old_lock.lock.map(|lock| lock.written_by().to_owned());
    Ok(Plan { changes, version: request.version.to_owned(), written_by })
}

/// Makes sure that what would be written is what was meant.
fn verify(tree: &Tree) -> miette::Result<()> {
    if tree.get(LOCK).is_some() {
        let help = "give the environment that asks for it another `file`";
        return Err(miette::miette!(help = help, "{} is stackc's own file and cannot be an output", LOCK));
    }
    for artifact in tree.iter() {
        if let Err(fault) = reread(artifact) {
            let help = "this is a bug of stackc: please report it with the stack.yaml; nothing was written";
            return Err(miette::miette!(help = help, "{} does not say what was meant: {fault}", artifact.path));
        }
    }
    Ok(())
}

fn artifact_change(root: &Dir, tree: &Tree, artifact: &Artifact) -> miette::Result<Change> {
    let new = artifact.content();
    let below_an_artifact = parents(&artifact.path).any(|folder| tree.get(folder).is_some());
    let found = if below_an_artifact { Found::Blocked(Refusal::NotAFile) } else { look(root, &artifact.path)? };
    let (kind, refused) = match &found {
        Found::Missing => (Kind::Create, None),
        Found::Blocked(refusal) => (Kind::Update, Some(*refusal)),
        Found::File { content, executable } => {
            let runs = *executable || !artifact.executable;
            if is_current(content, &new, artifact.executable) && runs {
                (Kind::Unchanged, None)
            } else {
                overwrite(&artifact.path, content, &new)
            }
        }
    };
    let (path, executable) = (artifact.path.clone(), artifact.executable);
    Ok(Change { path, kind, refused, old: text(found), new: Some(new), executable })
}

/// Whether a file need not be written. Line ends are the checkout's business, except in a program, which CRLF breaks.
pub(super) fn is_current(old: &[u8], new: &str, executable: bool) -> bool {
    let broken = executable && old.windows(2).any(|bytes| bytes == b"\r\n");
    old == new.as_bytes() || !broken && marker::same_lines(old, new.as_bytes())
}

/// Whether the file may be written over: it is ours and untouched, or nothing but its marker would be lost.
fn overwrite(path: &str, old: &[u8], new: &str) -> (Kind, Option<Refusal>) {
    match marker::read(path, old) {
        Ownership::Untouched => (Kind::Update, None),
        _ if marker::same_but_marker(old, new.as_bytes()) => (Kind::Adopt, None),
        Ownership::Unmerged => (Kind::Update, Some(Refusal::Unmerged)),
        Ownership::Edited => (Kind::Update, Some(Refusal::Edited)),
        Ownership::Foreign => (Kind::Update, Some(Refusal::Foreign)),
    }
}

/// The removal of a file that the lock lists and nothing makes any more, if it is still ours.
fn orphan_change(root: &Dir, tree: &Tree, path: &str) -> miette::Result<Option<Change>> {
    if tree.get(path).is_some() {
        return Ok(None);
    }
    let Found::File { content, executable } = look(root, path)? else { return Ok(None) };
    let refused = match marker::read(path, &content) {
        Ownership::Untouched => None,
        Ownership::Edited => Some(Refusal::Edited),
        Ownership::Unmerged => Some(Refusal::Unmerged),
        Ownership::Foreign => return Ok(None),
    };
    let old = Some(String::from_utf8_lossy(&content).into_owned());
    Ok(Some(Change { path: path.to_owned(), kind: Kind::Remove, refused, old, new: None, executable }))
}

/// What a file holds, as text.
pub(super) fn text(found: Found) -> Option<String> {
    match found {
        Found::File { content, .. } => Some(String::from_utf8_lossy(&content).into_owned()),
        Found::Missing | Found::Blocked(_) => None,
    }
}
