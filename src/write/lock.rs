//! `stack.lock`: which version of stackc wrote which outputs. Committed, one entry a line, so that merges stay easy.
//!
//! It has no marker, for bots may edit it: it is ours if it reads as ours. `[actions]` pins what workflows use; tables that this version does
//! not know (`[images]`) are kept as they are.

use super::actions;
use super::found::{Found, look};
use super::plan::{is_current, text};
use super::{Change, Kind, Refusal, Request};
use crate::artifact::LOCK;
use crate::pins::Pins;
use cap_std::fs::Dir;
use std::collections::{BTreeMap, BTreeSet};
use toml_edit::{Array, DocumentMut, Item, Value, value};

/// The format that this version writes, and the newest it reads.
const FORMAT: i64 = 1;

const NEW: &str = "\
# Written by stackc: which version made which outputs. Commit it.
# An output that is listed here and no longer made is removed by the next build.
version = 1
stackc = \"\"
outputs = []
";

/// A lock that reads as ours.
#[derive(Debug, Clone)]
pub struct Lock(DocumentMut);

/// Why a text is no lock for us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// It is not TOML, or lacks what each lock has.
    NotALock,
    /// A newer stackc wrote it, in the format of this number.
    Newer(i64),
}

impl Lock {
    /// The lock of the project at `root`; none where there is none, or none that reads as ours.
    pub fn read(root: &Dir) -> miette::Result<Option<Self>> {
        Ok(LockFile::read(root)?.lock)
    }

    /// The lock of a project that has none yet.
    pub(super) fn new() -> Self {
        Lock(NEW.parse().expect("the text above is TOML"))
    }

    pub(super) fn parse(text: &str) -> Result<Self, Unreadable> {
        let document: DocumentMut = text.replace("\r\n", "\n").parse().map_err(|_| Unreadable::NotALock)?;
        let lock = Lock(document);
        match lock.0.get("version").and_then(Item::as_integer) {
            Some(format) if format > FORMAT => Err(Unreadable::Newer(format)),
            Some(_) if lock.0.get("stackc").is_some_and(Item::is_str) && lock.list().is_some() => Ok(lock),
            _ => Err(Unreadable::NotALock),
        }
    }

    /// The version of stackc that wrote the outputs.
    pub fn written_by(&self) -> &str {
        self.0.get("stackc").and_then(Item::as_str).unwrap_or_default()
    }

    /// The paths of all outputs, sorted.
    pub fn outputs(&self) -> Vec<&str> {
        let mut all: Vec<&str> = self.list().into_iter().flatten().filter_map(Value::as_str).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The versions of actions that it pins.
    ///
    /// # Errors
    /// An entry that pins nothing.
    pub fn pins(&self) -> miette::Result<Pins> {
        actions::pins(&self.0)
    }

    /// The same lock with the actions that workflows use; a partial run keeps those that it does not see.
    fn with_actions(mut self, used: &BTreeMap<String, String>, partial: bool) -> Self {
        actions::update(&mut self.0, used, partial);
        self
    }

    /// The same lock for other outputs; it stays as it is, to the byte, where nothing differs.
    pub(super) fn with(&self, version: &str, outputs: &[&str]) -> Self {
        let mut new = self.clone();
        if self.written_by() != version {
            new.0["stackc"] = value(version);
        }
        if self.list().is_none_or(|list| !list.iter().map(Value::as_str).eq(outputs.iter().copied().map(Some))) {
            new.0["outputs"] = value(one_a_line(outputs));
        }
        new
    }

    pub(super) fn text(&self) -> String {
        self.0.to_string()
    }

    fn list(&self) -> Option<&Array> {
        self.0.get("outputs").and_then(Item::as_array)
    }
}

/// The lock as it lies in the project.
pub(super) struct LockFile {
    /// Its text, if it is a file.
    old: Option<String>,
    /// What it says, if it reads as a lock of ours.
    pub(super) lock: Option<Lock>,
    refused: Option<Refusal>,
}

impl LockFile {
    pub(super) fn read(root: &Dir) -> miette::Result<Self> {
        let found = look(root, LOCK)?;
        if let Found::Blocked(refusal) = found {
            return Ok(LockFile { old: None, lock: None, refused: Some(refusal) });
        }
        let old = text(found);
        let (lock, refused) = match old.as_deref().map(Lock::parse) {
            None => (None, None),
            Some(Ok(lock)) => (Some(lock), None),
            Some(Err(Unreadable::NotALock)) => (None, Some(Refusal::Foreign)),
            Some(Err(Unreadable::Newer(format))) => return Err(newer(format)),
        };
        Ok(LockFile { old, lock, refused })
    }

    /// The outputs that it lists.
    pub(super) fn outputs(&self) -> Vec<&str> {
        self.lock.as_ref().map(Lock::outputs).unwrap_or_default()
    }

    /// What becomes of it when `request` is written.
    pub(super) fn change(&self, request: &Request) -> Change {
        let kept = if request.partial { self.outputs() } else { Vec::new() };
        let outputs: BTreeSet<&str> = request.tree.paths().chain(kept).collect();
        // A partial run leaves files behind that the other version wrote.
        let kept_version = self.lock.as_ref().filter(|_| request.partial).map(Lock::written_by);
        let lock = self.lock.clone().unwrap_or_else(Lock::new);
        let new = lock.with(kept_version.unwrap_or(request.version), &Vec::from_iter(outputs));
        let new = new.with_actions(&actions::used(request.tree), request.partial).text();
        let kind = match &self.old {
            None if self.refused.is_none() => Kind::Create,
            Some(old) if is_current(old.as_bytes(), &new, false) => Kind::Unchanged,
            _ => Kind::Update,
        };
        let (path, old, refused) = (LOCK.to_owned(), self.old.clone(), self.refused);
        Change { path, kind, refused, old, new: Some(new), executable: false }
    }
}

fn newer(format: i64) -> miette::Report {
    let help = "upgrade stackc to the version that wrote it, or a later one";
    miette::miette!(help = help, "{} was written by a newer stackc (format {format})", LOCK)
}

fn one_a_line(paths: &[&str]) -> Array {
    let mut list: Array = paths.iter().copied().collect();
    for path in list.iter_mut() {
        path.decor_mut().set_prefix("\n    ");
    }
    if !paths.is_empty() {
        list.set_trailing("\n");
        list.set_trailing_comma(true);
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_lock_lists_one_output_a_line() {
        let text = Lock::new().with("0.1.0", &["a", "b/c"]).text();
        let body = "version = 1\nstackc = \"0.1.0\"\noutputs = [\n    \"a\",\n    \"b/c\",\n]\n";
        assert!(text.starts_with("# ") && text.ends_with(body), "{text}");
        let again = Lock::parse(&text).expect("ours").with("0.1.0", &["a", "b/c"]);
        assert_eq!((again.text(), again.outputs(), again.written_by()), (text.clone(), vec!["a", "b/c"], "0.1.0"));
        assert!(Lock::new().with("1", &[]).text().ends_with("outputs = []\n"));
    }

    #[test]
    fn what_bots_and_newer_versions_add_is_kept_to_the_byte() {
        let tail = "\n# by renovate\n[actions]\n\"actions/checkout\" = \"08c6903\" # v5\n\n[later]\nx   = [1,2]\n";
        let old = format!("# mine\nversion = 1\nstackc   =   \"0.0.9\"\noutputs = [ \"a\" ]\n{tail}");
        let lock = Lock::parse(&old).expect("ours");
        assert_eq!(lock.with("0.0.9", &["a"]).text(), old);
        let new = lock.with("0.1.0", &["a", "b"]).text();
        assert!(new.starts_with("# mine\nversion = 1\n") && new.ends_with(tail), "{new}");
    }

    #[test]
    fn only_a_lock_of_ours_reads_as_one() {
        let conflict = "version = 1\n<<<<<<< ours\nstackc = \"1\"\noutputs = []\n";
        for text in ["", "x", "version = 1", "version = 1\nstackc = 1\noutputs = []", "packages: []", conflict] {
            assert_eq!(Lock::parse(text).map(|_| ()), Err(Unreadable::NotALock), "{text}");
        }
        assert_eq!(Lock::parse("version = 2").map(|_| ()), Err(Unreadable::Newer(2)));
    }
}
