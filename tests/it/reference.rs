//! The reference is what the types say, leads somewhere, and lacks no key that the accepted specs use.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::{cases, root};

/// `STACKC_UPDATE=1` writes it instead.
#[test]
fn the_reference_of_the_schema_is_fresh() {
    let path = root().join("docs/reference.md");
    let made = stackc::schema::reference();
    if std::env::var_os("STACKC_UPDATE").is_some() {
        std::fs::write(&path, &made).expect("the reference can be written");
    }
    let committed = std::fs::read_to_string(&path).expect("the reference is committed");
    assert!(committed == made, "docs/reference.md is stale: run `STACKC_UPDATE=1 cargo test schema`");
}

#[test]
fn every_link_of_the_reference_has_one_end() {
    let text = stackc::schema::reference();
    let mut ends = BTreeSet::new();
    for (_, rest) in text.match_indices("<a id=\"").map(|(at, start)| (at, &text[at + start.len()..])) {
        let end = rest.split('"').next().expect("an anchor is quoted");
        assert!(ends.insert(end), "two places are called {end}");
    }
    let links: Vec<&str> = text.split("](#").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    assert!(links.len() > 50, "{} links", links.len());
    for link in links {
        assert!(ends.contains(link), "nothing is called {link}");
    }
}

#[test]
fn the_reference_has_every_key_of_the_specs() {
    let reference = Reference::read(&stackc::schema::reference());
    for (case, folder) in cases(&root().join("specs")) {
        let bytes = std::fs::read(folder.join("stack.yaml")).expect("the case has a stack.yaml");
        let source = stackc::source::Source::new("stack.yaml", bytes);
        let mut diagnostics = stackc::diagnostic::Diagnostics::default();
        let document = stackc::syntax::parse(&source, &mut diagnostics);
        let missing = reference.missing("stack.yaml", &document.to_json());
        assert!(missing.is_empty(), "the reference lacks these keys of specs/{case}: {missing:?}");
    }
}

#[test]
fn a_key_that_the_reference_lacks_is_refused() {
    let text: String =
        stackc::schema::reference().lines().filter(|line| !line.contains("`cpu_kind`")).collect::<Vec<_>>().join("\n");
    let document = serde_json::json!({"services": {"api": {"resources": {"memory": "1gb", "cpu_kind": "shared"}}}});
    assert_eq!(Reference::read(&text).missing("stack.yaml", &document), ["services.NAME.resources.cpu_kind"]);
}

/// The tables of the reference: by section, what each key takes.
struct Reference(BTreeMap<String, BTreeMap<String, String>>);

impl Reference {
    fn read(text: &str) -> Self {
        let mut sections = BTreeMap::new();
        let mut section = String::new();
        for line in text.lines() {
            if let Some(title) = line.trim_start_matches('#').strip_prefix(" `").filter(|_| line.starts_with("##")) {
                section = title.trim_end_matches('`').to_owned();
            } else if let Some(words) = line.strip_prefix("Its keys, each as that tool has it: ") {
                let words = words
                    .trim_end_matches('.')
                    .split(", ")
                    .map(|word| (word.trim_matches('`').to_owned(), "anything".to_owned()));
                sections.insert(section.clone(), words.collect());
            } else if line.starts_with("A key that begins with `x-`") {
                sections.entry(section.clone()).or_insert_with(BTreeMap::new).insert("x-".into(), "anything".into());
            } else if line.starts_with("| ") && line.contains('`') {
                let mut cells = line.split(" | ");
                let key = cells.next().and_then(|cell| cell.split('`').nth(1)).expect("a row begins with its key");
                let takes = cells.next().expect("a row has what the key takes");
                sections.entry(section.clone()).or_insert_with(BTreeMap::new).insert(key.to_owned(), takes.to_owned());
            }
        }
        Reference(sections)
    }

    /// The keys below `value`, which stands at `section`, that no table has.
    fn missing(&self, section: &str, value: &Value) -> Vec<String> {
        let Some(keys) = self.0.get(section) else { return vec![section.to_owned()] };
        let path = |key: &str| if section == "stack.yaml" { key.to_owned() } else { format!("{section}.{key}") };
        let overlays = section == "environments.NAME";
        let mut missing = Vec::new();
        for (key, value) in value.as_object().into_iter().flatten() {
            match keys.get(key) {
                // What differs in an environment has the keys of the base.
                None if key.starts_with("x-") && keys.contains_key("x-") => {}
                None if overlays => missing.extend(self.missing("stack.yaml", &serde_json::json!({key: value}))),
                None => missing.push(path(key)),
                Some(takes) => missing.extend(self.below(&path(key), takes, value)),
            }
        }
        missing
    }

    fn below(&self, path: &str, takes: &str, value: &Value) -> Vec<String> {
        let values: Vec<&Value> = match value {
            Value::Object(map) if takes.contains("NAME: ") => map.values().collect(),
            Value::Array(items) => items.iter().collect(),
            value => vec![value],
        };
        let mappings = values.into_iter().filter(|value| value.is_object());
        let section = takes.split("(#").nth(1).and_then(|link| link.split(')').next());
        match section.map(|section| self.titled(section)) {
            Some(section) => mappings.flat_map(|value| self.missing(&section, value)).collect(),
            None => mappings.filter(|_| takes != "a mapping" && takes != "anything").map(|_| path.to_owned()).collect(),
        }
    }

    fn titled(&self, anchor: &str) -> String {
        let section = self.0.keys().find(|title| title.to_lowercase().replace(['.', '_'], "-") == anchor);
        section.unwrap_or_else(|| panic!("no section is called {anchor}")).clone()
    }
}
