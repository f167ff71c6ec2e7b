//! Proves before writing that an artifact's text says what its body means: YAML is read back by libyaml, a reader of
//! other hands than our writer, TOML by its parser. A difference is a bug of stackc, never the user's.

use super::yaml::{Entry, Item, Yaml};
use super::{Artifact, Body, toml};
use serde_json::Value as Json;
use toml_edit::DocumentMut;

/// Reads the artifact's text back and compares it with its body as data; says what differs.
pub fn reread(artifact: &Artifact) -> Result<(), String> {
    match &artifact.body {
        Body::Yaml(root) => reread_yaml(&artifact.content(), root),
        Body::Toml(document) => reread_toml(&artifact.content(), document),
        Body::Text { .. } => Ok(()),
    }
}

fn reread_yaml(text: &str, root: &Yaml) -> Result<(), String> {
    let read: Json = serde_yaml::from_str(text).map_err(|error| format!("it is not valid YAML: {error}"))?;
    difference(root, &read, "").map_or(Ok(()), Err)
}

fn reread_toml(text: &str, document: &DocumentMut) -> Result<(), String> {
    let read: DocumentMut = text.parse().map_err(|error| format!("it is not valid TOML: {error}"))?;
    let same = toml::to_json(read.as_table()) == toml::to_json(document.as_table());
    if same { Ok(()) } else { Err("it reads back as other data than was meant".to_owned()) }
}

/// The first difference between what was meant and what was read.
fn difference(meant: &Yaml, read: &Json, at: &str) -> Option<String> {
    let item = |index: usize, meant: &Yaml| difference(meant, &read[index], &format!("{at}/{index}"));
    let same = match (meant, read) {
        (Yaml::Null, Json::Null) => true,
        (Yaml::Bool(meant), Json::Bool(read)) => meant == read,
        (Yaml::Text(meant), Json::String(read)) => meant == read,
        (Yaml::Number(meant), Json::Number(read)) => {
            let meant = serde_json::from_str::<serde_json::Number>(meant);
            meant.is_ok_and(|meant| meant == *read || meant.as_f64() == read.as_f64())
        }
        (Yaml::List(items), Json::Array(read)) if items.len() == read.len() => {
            return items.iter().enumerate().find_map(|(at, Item { value, .. })| item(at, value));
        }
        (Yaml::Flow(items), Json::Array(read)) if items.len() == read.len() => {
            return items.iter().enumerate().find_map(|(at, value)| item(at, value));
        }
        // As many entries as keys were read: none is missing and none stands twice.
        (Yaml::Map(entries), Json::Object(map)) if entries.len() == map.len() => {
            return entries.iter().find_map(|Entry { key, value, .. }| match map.get(key) {
                Some(read) => difference(value, read, &format!("{at}/{key}")),
                None => Some(format!("the key {at}/{key} is lost")),
            });
        }
        _ => false,
    };
    (!same).then(|| format!("{} reads back as {read}", if at.is_empty() { "the document" } else { at }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::toml::Section;
    use crate::artifact::yaml::Mapping;
    use serde_json::json;

    #[test]
    fn usual_bodies_read_back() {
        let data = json!({"a": [1, -0.5, 1e300, 12_345_678_901_234_567_890_u64, 1e-7], "on": null, "m": {}, "l": [[]]});
        assert_eq!(reread(&Artifact::yaml("a.yml", Yaml::from_json(&data))), Ok(()));
        assert_eq!(reread(&Artifact::yaml("a.yml", Mapping::new())), Ok(()));
        let table = Section::new().entry("x", "it's\n").tables("t", [Section::new().entry("y", 0.1)]);
        assert_eq!(reread(&Artifact::toml("a.toml", table)), Ok(()));
        assert_eq!(reread(&Artifact::text("a", "anything: [")), Ok(()));
    }

    #[test]
    fn what_does_not_say_what_was_meant_is_found() {
        let broken = [
            Mapping::new().entry("a", Yaml::number("1\nb: 2")),
            Mapping::new().entry("a", Yaml::number("0x1F")),
            Mapping::new().entry("a", 1).entry("a", 1),
            Mapping::new().entry("a: b", 1).bare(),
            Mapping::new().entry("[", 1).bare(),
        ];
        for mapping in broken {
            assert!(reread(&Artifact::yaml("a.yml", mapping.clone())).is_err(), "{mapping:?}");
        }
    }
}
