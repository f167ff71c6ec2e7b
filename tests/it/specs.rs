//! Every accepted case: each of its outputs is a snapshot, and keeps the rules that snapshots cannot see.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::{cases, compile, rendered, root};

#[test]
fn outputs_are_as_reviewed() {
    let mut wanted = BTreeSet::new();
    for (case, folder) in cases(&root().join("specs")) {
        let (source, diagnostics, tree) = compile(&folder);
        let said = rendered(&source, &diagnostics);
        let tree = tree.unwrap_or_else(|| panic!("{case} does not compile:\n{said}"));
        wanted.insert(snapshot(&case, "diagnostics", &said));
        for artifact in tree.iter() {
            let content = artifact.content();
            whole(&case, &artifact.path, &content);
            wanted.insert(snapshot(&case, &artifact.path, &content));
        }
    }
    nothing_else(&wanted);
}

/// Compares with `snapshots/<case>/<path>.snap`, and gives that path.
fn snapshot(case: &str, path: &str, content: &str) -> PathBuf {
    let whole = root().join("snapshots").join(case).join(path);
    let (folder, name) = (
        whole.parent().expect("it lies in the case's folder"),
        whole.file_name().expect("it has a name").to_string_lossy(),
    );
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name.as_ref(), content));
    folder.join(format!("{name}.snap"))
}

/// What a snapshot does not see: line ends, the end of the file, blanks at the end of a line.
fn whole(case: &str, path: &str, content: &str) {
    assert!(content.ends_with('\n') && !content.ends_with("\n\n"), "{case}/{path} ends in exactly one newline");
    assert!(!content.contains('\r'), "{case}/{path} has no carriage return");
    for (number, line) in content.lines().enumerate() {
        assert_eq!(line.trim_end(), line, "{case}/{path}:{} ends in blanks", number + 1);
    }
}

/// No snapshot is left over from an output that is no longer made.
fn nothing_else(wanted: &BTreeSet<PathBuf>) {
    for (case, _) in cases(&root().join("specs")) {
        for file in files(&root().join("snapshots").join(case)) {
            assert!(wanted.contains(&file), "{} belongs to no output: delete it", file.display());
        }
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.expect("it can be read").path());
    entries
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|end| end == "snap"))
        .collect()
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    for (case, folder) in cases(&root().join("specs")) {
        let contents = || {
            compile(&folder)
                .2
                .expect("accepted cases compile")
                .iter()
                .map(|artifact| artifact.content())
                .collect::<Vec<_>>()
        };
        assert_eq!(contents(), contents(), "{case}");
    }
}

/// `specs/<case>/by-hand/<path>`: what the team had written before. Ours may only add lines.
#[test]
fn outputs_hold_all_that_was_written_by_hand() {
    let mut compared = 0;
    for (case, folder) in cases(&root().join("specs")) {
        let by_hand = folder.join("by-hand");
        let Some(tree) = compile(&folder).2 else { panic!("{case} does not compile") };
        for artifact in tree.iter().filter(|artifact| by_hand.join(&artifact.path).is_file()) {
            let before = std::fs::read_to_string(by_hand.join(&artifact.path)).expect("it can be read");
            let content = artifact.content();
            let mut ours = content.lines();
            for line in before.lines() {
                assert!(
                    ours.any(|our| our == line),
                    "{case}/{}: the line {line:?} is missing or out of order",
                    artifact.path
                );
            }
            compared += 1;
        }
    }
    assert!(compared >= 2, "Clarity's two fly.toml files are compared");
}
