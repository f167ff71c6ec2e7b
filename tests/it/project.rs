//! A project in a temporary folder, and short ways to build and look at it.

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use stackc::artifact::{Artifact, Tree};
use stackc::write::{Applied, Kind, Plan, Refusal, Request, plan};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// What the tests build.
pub const SHOP: &[(&str, &str)] =
    &[("web/Dockerfile", "# syntax=x\nFROM a\n"), ("web/run.sh", "#!/bin/sh\nexec x\n"), (".env.example", "A=1\n")];

/// The same with another Dockerfile.
pub const CHANGED: &[(&str, &str)] = &[("web/Dockerfile", "# syntax=x\nFROM b\n"), SHOP[1], SHOP[2]];

/// A folder that is removed in the end; the project lies in `project` below it, so that it has an outside.
pub struct Project {
    above: TempDir,
    pub root: Dir,
}

/// A tree of text artifacts; a path that ends in `.sh` is a program.
pub fn tree(artifacts: &[(&str, &str)]) -> Tree {
    let mut tree = Tree::new();
    for &(path, text) in artifacts {
        let artifact = Artifact::text(path, text);
        let artifact = if path.ends_with(".sh") { artifact.executable() } else { artifact };
        assert!(tree.insert(artifact).is_ok(), "{path} twice");
    }
    tree
}

impl Project {
    pub fn new() -> Self {
        let above = tempfile::tempdir().expect("a temporary folder");
        let project = above.path().join("project");
        fs::create_dir(&project).expect("a new folder");
        let root = Dir::open_ambient_dir(project, ambient_authority()).expect("the folder just made");
        Project { above, root }
    }

    /// A project that was built from `artifacts`.
    pub fn built(artifacts: &[(&str, &str)]) -> Self {
        let project = Project::new();
        project.build(artifacts);
        project
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.above.path().join("project").join(path)
    }

    /// A path beside the project, which nothing may touch.
    pub fn outside(&self, path: &str) -> PathBuf {
        self.above.path().join(path)
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub fn put(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("below the root")).expect("folders");
        fs::write(path, text).expect("written");
    }

    /// Changes a file by hand.
    pub fn edit(&self, path: &str, find: &str, with: &str) {
        let old = self.read(path);
        assert!(old.contains(find), "{find:?} is not in {path}");
        self.put(path, &old.replace(find, with));
    }

    pub fn plan(&self, artifacts: &[(&str, &str)]) -> Plan {
        self.plan_with(artifacts, false, "0.1.0")
    }

    pub fn plan_with(&self, artifacts: &[(&str, &str)], partial: bool, version: &str) -> Plan {
        let tree = tree(artifacts);
        plan(&self.root, &Request { tree: &tree, partial, version }).expect("a plan")
    }

    pub fn build(&self, artifacts: &[(&str, &str)]) -> Applied {
        self.plan(artifacts).apply(&self.root, false).expect("nothing refused")
    }

    /// All files below the project, sorted, with their contents.
    pub fn files(&self) -> Vec<(String, String)> {
        let mut all = Vec::new();
        list(&self.path(""), &self.path(""), &mut all);
        all.sort();
        all
    }
}

/// What is refused, by path.
pub fn refused(plan: &Plan) -> Vec<(&str, Refusal)> {
    plan.refusals().map(|(change, why)| (change.path.as_str(), why)).collect()
}

/// What is done, by path.
pub fn kinds(plan: &Plan) -> Vec<(&str, Kind)> {
    plan.changes.iter().map(|change| (change.path.as_str(), change.kind)).collect()
}

/// What `check` says, a line a file.
pub fn drift(plan: &Plan) -> Vec<String> {
    plan.drift().iter().map(|drift| format!("{}: {}", drift.path, drift.cause)).collect()
}

fn list(base: &Path, folder: &Path, all: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() && !path.is_symlink() {
            list(base, &path, all);
        } else {
            let name = path.strip_prefix(base).expect("below the base").to_string_lossy().into_owned();
            all.push((name, fs::read_to_string(&path).unwrap_or_default()));
        }
    }
}
