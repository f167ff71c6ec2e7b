//! Every refused case: `specs/rejected/<code>[.variant]/` provokes that code, and what is said is a snapshot.

use std::collections::BTreeSet;

use stackc::code::Code;

use crate::{cases, compile, rendered, root};

#[test]
fn findings_are_as_reviewed() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(root().join("snapshots/rejected"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let mut names = BTreeSet::new();
    for (case, folder) in cases(&root().join("specs/rejected")) {
        let (source, diagnostics, tree) = compile(&folder);
        let code = case.split('.').next().unwrap_or(&case);
        assert!(
            diagnostics.iter().any(|diagnostic| diagnostic.code.name() == code),
            "{case} does not provoke `{code}`"
        );
        assert_eq!(tree.is_none(), diagnostics.has_errors(), "{case}: outputs exist just where there is no error");
        settings.bind(|| insta::assert_snapshot!(case.as_str(), rendered(&source, &diagnostics)));
        names.insert(format!("{case}.snap"));
    }
    for entry in std::fs::read_dir(root().join("snapshots/rejected")).expect("the folder exists") {
        let name = entry.expect("it can be read").file_name().to_string_lossy().into_owned();
        assert!(
            names.contains(&name) || name.ends_with(".snap.new"),
            "snapshots/rejected/{name} belongs to no case: delete it"
        );
    }
}

#[test]
fn every_code_has_a_case() {
    let cases: Vec<String> = cases(&root().join("specs/rejected")).into_iter().map(|(case, _)| case).collect();
    for code in Code::all() {
        let has_case = cases.iter().any(|case| case.split('.').next() == Some(code.name()));
        assert!(has_case, "specs/rejected/{}/stack.yaml is missing", code.name());
        assert!(code.explanation().trim().len() > 40, "`{}` is not explained", code.name());
    }
}

#[test]
fn codes_are_kebab_case_and_unique() {
    let names: BTreeSet<&str> = Code::all().map(Code::name).collect();
    assert_eq!(names.len(), Code::all().count());
    for name in names {
        assert!(name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "{name}");
    }
}

/// Nothing of the machinery shows: no pointers, no names of Rust types.
#[test]
fn findings_speak_the_users_language() {
    for (case, folder) in cases(&root().join("specs/rejected")) {
        let (_, diagnostics, _) = compile(&folder);
        for diagnostic in diagnostics.iter() {
            let words =
                format!("{} {} {}", diagnostic.message, diagnostic.label, diagnostic.help.clone().unwrap_or_default());
            for inner in [
                "serde",
                "crate::",
                "std::",
                "Option<",
                "struct ",
                "enum ",
                "untagged",
                "additionalProperties",
                "$ref",
                "#/",
                "invalid type",
                "expected a ",
            ] {
                assert!(!words.contains(inner), "{case}: {words}");
            }
            let first = diagnostic.message.chars().next().unwrap_or(' ');
            assert!(
                !first.is_uppercase() || diagnostic.message.starts_with("Fly"),
                "{case}: a message is a lower-case clause: {}",
                diagnostic.message
            );
        }
    }
}
