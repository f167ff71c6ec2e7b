//! The YAML writer against awkward texts in every place: an independent reader gives each back as the same text.

use serde_json::{Value as Json, json};
use stackc::artifact::toml::{self, Section};
use stackc::artifact::yaml::{Entry, Item, Mapping, Sequence, Yaml, write};
use stackc::artifact::{Artifact, reread};

fn awkward() -> Vec<String> {
    serde_json::from_str(include_str!("../data/awkward-strings.json")).expect("a list of texts")
}

/// Every place in which a text can stand, and the data that is meant.
fn places(text: &str) -> [(&'static str, Yaml, Json); 8] {
    let item = |value: Yaml| Item { value, comment: Some(text.to_owned()), blank_before: true };
    let commented = Mapping::new().entry("a", text).comment(text).entry("b", 1).comment(text).blank();
    let nested = Yaml::list([Yaml::list([text, text]), Yaml::List(vec![item(text.into()), item(text.into())])]);
    let in_list = Mapping::new().entry("z", text).entry("k", Yaml::list([text])).entry("t", text);
    let key = Mapping::new().entry(text, "v").entry("~z~", Mapping::new().entry(text, Mapping::new().entry("a", 1)));
    let flow = Mapping::new().entry("f", Yaml::flow([text, text])).entry("m", Yaml::Flow(vec![pair(text)]));
    [
        ("value", Mapping::new().entry("v", text).entry("t", 1).into(), json!({"v": text, "t": 1})),
        ("last value", Mapping::new().entry("v", Mapping::new().entry("w", text)).into(), json!({"v": {"w": text}})),
        ("item", Yaml::list([text, text]), json!([text, text])),
        ("nested item", nested, json!([[text, text], [text, text]])),
        ("map in a list", Yaml::list([in_list]), json!([{"z": text, "k": [text], "t": text}])),
        ("key", key.into(), json!({text: "v", "~z~": {text: {"a": 1}}})),
        ("flow", flow.into(), json!({"f": [text, text], "m": [{text: text}]})),
        ("comment", commented.into(), json!({"a": text, "b": 1})),
    ]
}

fn pair(text: &str) -> Yaml {
    Yaml::Map(vec![Entry::new(text, text)])
}

#[test]
fn every_awkward_text_comes_back_from_every_place() {
    for text in awkward() {
        for (place, yaml, meant) in places(&text) {
            let written = write(&yaml);
            let read: Result<Json, _> = serde_yaml::from_str(&written);
            assert!(read.is_ok_and(|read| read == meant), "{text:?} as {place}:\n{written}");
            assert_eq!(reread(&Artifact::yaml("a.yml", yaml)), Ok(()), "{text:?} as {place}");
        }
    }
}

#[test]
fn the_files_are_tidy_whatever_they_hold() {
    for text in awkward() {
        for (place, yaml, _) in places(&text) {
            let written = Artifact::yaml("a.yml", yaml).content();
            assert!(written.ends_with('\n') && !written.ends_with("\n\n"), "{text:?} as {place}");
            assert!(!written.contains('\r'), "{text:?} as {place}");
            assert!(written.lines().all(|line| !line.ends_with([' ', '\t'])), "{text:?} as {place}:\n{written}");
        }
    }
}

#[test]
fn every_awkward_text_comes_back_from_toml() {
    for text in awkward() {
        let inner = Section::new().entry(&text, toml::list([text.as_str(), "x"])).comment(&text);
        let section =
            Section::new().entry("v", text.as_str()).comment(&text).table(&text, inner.clone()).comment(&text);
        let artifact = Artifact::toml("a.toml", section.tables("t", [inner]).comment(&text));
        assert_eq!(reread(&artifact), Ok(()), "{text:?}");
        let written = artifact.content();
        assert!(written.lines().all(|line| !line.ends_with([' ', '\t'])), "{text:?}:\n{written}");
        assert!(written.ends_with('\n') && !written.contains(['\r', '\u{1b}']), "{text:?}:\n{written}");
    }
}

#[test]
fn a_workflow_looks_as_people_write_it() {
    let checkout = Mapping::new()
        .entry("uses", "actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8")
        .note("v5")
        .entry("with", Mapping::new().entry("persist-credentials", false));
    let test = Mapping::new().entry("run", "set -eu\npnpm install\n\npnpm test\n");
    let steps = Sequence::new().item(checkout).item(test).comment("The whole suite.\nTakes long.").blank();
    let job = Mapping::new().entry("runs-on", "ubuntu-24.04").entry("steps", steps);
    let push = Mapping::new().entry("branches", Yaml::flow(["main"]));
    let workflow = Mapping::new()
        .entry("name", "ci")
        .comment("Made from stack.yaml.")
        .entry("on", Mapping::new().entry("push", push).entry("workflow_dispatch", Yaml::Null))
        .bare()
        .entry("permissions", Mapping::new())
        .blank()
        .entry("env", Mapping::new().entry("NO", "no").entry("PORT", "8080"))
        .entry("jobs", Mapping::new().entry("test", job))
        .blank();
    let expected = r#"# Made from stack.yaml.
name: ci
on:
  push:
    branches: ["main"]
  workflow_dispatch:

permissions: {}
env:
  "NO": "no"
  PORT: "8080"

jobs:
  test:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5
        with:
          persist-credentials: false

      # The whole suite.
      # Takes long.
      - run: |
          set -eu
          pnpm install

          pnpm test
"#;
    assert_eq!(write(&workflow.into()), expected);
}

#[test]
fn keys_longer_than_readers_accept_are_marked_as_keys() {
    let key = "k\u{2028}".repeat(400);
    let yaml = Yaml::Map(vec![Entry::new("a", Yaml::Map(vec![Entry::new(key, Yaml::list(["x"]))]))]);
    assert_eq!(reread(&Artifact::yaml("a.yml", yaml)), Ok(()));
}

#[test]
fn deep_values_read_back() {
    let deep = (0..70).fold(Yaml::text("end"), |inner, at| {
        if at % 2 == 0 { Yaml::list([inner]) } else { Mapping::new().entry("k", inner).into() }
    });
    assert_eq!(reread(&Artifact::yaml("a.yml", deep)), Ok(()));
}
