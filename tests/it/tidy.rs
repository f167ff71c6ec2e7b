//! What ARCHITECTURE.md claims of the sources: who may use whom, how long files are, what must not occur.

use std::path::{Path, PathBuf};

use crate::root;

/// Each module, and the modules that it may use. Base modules may be used by all and use only each other.
const BASE: &[&str] = &["source", "diagnostic", "code", "facts", "escape", "pins", "languages"];
const LAYERS: &[(&str, &[&str])] = &[
    ("syntax", &[]),
    ("spec", &["recipe", "syntax"]),
    ("recipe", &["spec"]),
    ("schema", &["spec", "syntax"]),
    ("model", &["spec", "recipe"]),
    ("resolve", &["spec", "model", "recipe", "syntax"]),
    ("lint", &["model", "recipe", "spec"]),
    ("template", &[]),
    ("artifact", &[]),
    ("emit", &["model", "recipe", "template", "artifact"]),
    ("patch", &["artifact", "model", "spec", "syntax"]),
    ("write", &["artifact"]),
    ("compile", &["syntax", "schema", "spec", "resolve", "model", "lint", "emit", "patch", "artifact"]),
    ("cli", &["compile", "artifact", "write", "schema", "facts"]),
];

fn sources() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("it can be read") {
            let path = entry.expect("it can be read").path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|end| end == "rs") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join("src"), &mut found);
    found.sort();
    let relative = |path: &PathBuf| path.strip_prefix(root().join("src")).expect("it lies in src").to_path_buf();
    found.iter().map(|path| (relative(path), std::fs::read_to_string(path).expect("sources are text"))).collect()
}

/// The code of a file without its tests.
fn code(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(text)
}

fn module(path: &Path) -> String {
    let first = path.components().next().expect("a path has a first step").as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

#[test]
fn modules_use_only_what_lies_below_them() {
    for (path, text) in sources() {
        let module = module(&path);
        if matches!(module.as_str(), "lib" | "main") {
            continue;
        }
        let allowed: &[&str] = match LAYERS.iter().find(|(name, _)| *name == module) {
            Some((_, allowed)) => allowed,
            None if BASE.contains(&module.as_str()) => &[],
            None => panic!(
                "{module} is not in the table of tests/it/tidy.rs: add it, and say in ARCHITECTURE.md what it is"
            ),
        };
        let text = code(&text);
        for (at, _) in text.match_indices("crate::") {
            let used: String = text[at + 7..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            let fine = used == module || BASE.contains(&used.as_str()) || allowed.contains(&used.as_str());
            assert!(fine, "src/{} uses crate::{used}, which {module} may not", path.display());
        }
    }
}

#[test]
fn one_emitter_does_not_use_another() {
    // What belongs to an image is shared by all that run it.
    for (path, text) in sources().iter().filter(|(path, _)| path.starts_with("emit")) {
        for other in ["compose", "fly", "env_example", "github", "deploy"] {
            let own = path.starts_with(Path::new("emit").join(other)) || path.ends_with("emit/mod.rs");
            assert!(own || !text.contains(&format!("emit::{other}")), "src/{} uses emit::{other}", path.display());
        }
    }
}

#[test]
fn only_the_edge_touches_the_machine() {
    for (path, text) in sources() {
        if matches!(module(&path).as_str(), "cli" | "write" | "main") {
            continue;
        }
        for outside in ["std::fs", "std::env", "std::process", "std::time", "SystemTime", "cap_std", "rand::"] {
            assert!(!code(&text).contains(outside), "src/{} uses {outside}", path.display());
        }
    }
}

#[test]
fn files_are_short_and_say_what_they_own() {
    for (path, text) in sources() {
        let lines = text.lines().count();
        assert!(lines <= 400, "src/{} has {lines} lines", path.display());
        assert!(text.starts_with("//! "), "src/{} does not say what it owns", path.display());
        for word in ["TODO", "FIXME", "XXX", "todo!(", "unimplemented!(", "dbg!("] {
            assert!(!text.contains(word), "src/{} holds {word}", path.display());
        }
    }
}

/// Paths in backquotes in the documents exist.
#[test]
fn documents_name_what_exists() {
    let mut documents: Vec<String> =
        ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(str::to_owned).to_vec();
    for suite in ["e2e", "live", "judges"] {
        documents.push(format!("tests/{suite}/README.md"));
    }
    let docs = std::fs::read_dir(root().join("docs")).expect("there are documents");
    documents
        .extend(docs.map(|entry| format!("docs/{}", entry.expect("it can be read").file_name().to_string_lossy())));
    // The reference has examples of users.
    let own = |document: &&String| document.ends_with(".md") && !document.ends_with("reference.md");
    for document in documents.iter().filter(own) {
        let text = std::fs::read_to_string(root().join(document)).unwrap_or_else(|_| panic!("{document} is missing"));
        let quoted = text.split('`').skip(1).step_by(2);
        for path in quoted.filter(|path| {
            ["src/", "tests/", "templates/", "schema/", "specs/", "snapshots/", "docs/", ".ci/"]
                .iter()
                .any(|top| path.starts_with(top))
        }) {
            let open = path.contains(['<', '{', '*', ' ', '…']);
            assert!(open || root().join(path).exists(), "{document} names {path}, which does not exist");
        }
    }
}
