//! An environment over the base: what is merged, what wins, and where each part then stands.

use serde_json::{Value, json};

use super::{document, path};
use crate::source::{Locate, Place, SpecPath, Step};
use crate::syntax::{Document, Rules, overlay};

/// As the language has them: a short form of one key, and one of two; keys of which there is one; a place where null is kept.
const RULES: Rules = Rules {
    merges: |key| !matches!(key, "platform" | "only"),
    long_form: |path, text| match &names(path)[..] {
        ["services", _, "ports", _] => vec![("port", text.to_owned())],
        ["services", _, "build"] => vec![("context", text.to_owned())],
        ["services", _, "volumes", _] => match text.split_once(':') {
            Some((volume, access)) => {
                vec![("volume", volume.to_owned()), ("read_only", (access == "ro").to_string())]
            }
            None => vec![("volume", text.to_owned())],
        },
        _ => Vec::new(),
    },
    one_of: |path| if names(path).get(2) == Some(&"volumes") { &["volume", "bind"] } else { &[] },
    keeps_null: |path| names(path).get(2) == Some(&"compose"),
};

fn names(path: &SpecPath) -> Vec<&str> {
    path.0.iter().map(|step| if let Step::Key(key) = step { key.as_str() } else { "" }).collect()
}

fn overlaid(text: &str) -> Document {
    overlay(&document(text), &path("environments.e"), &RULES)
}

/// The result without `environments`.
fn merged(base: &str, over: &str) -> Value {
    let over: String = over.lines().map(|line| format!("    {line}\n")).collect();
    let document = overlaid(&format!("{base}\nenvironments:\n  e:\n{over}"));
    document.without(&[path("environments")]).to_json()
}

#[test]
fn mappings_are_merged_deep() {
    let result = merged("a: {x: {k: 1, l: 2}, y: 1}\nb: 2", "a: {x: {l: 3, m: 4}}\nc: {n: 1}");
    assert_eq!(result, json!({"a": {"x": {"k": 1, "l": 3, "m": 4}, "y": 1}, "b": 2, "c": {"n": 1}}));
    let keys: Vec<_> = result.as_object().into_iter().flat_map(|map| map.keys()).collect();
    assert_eq!(keys, ["a", "b", "c"]);
}

#[test]
fn lists_and_scalars_are_replaced() {
    let result = merged("a: [1, 2]\nb: {x: 1}\nc: text\nd: [1]", "a: [3]\nb: text\nc: {y: 1}\nd: {z: 1}");
    assert_eq!(result, json!({"a": [3], "b": "text", "c": {"y": 1}, "d": {"z": 1}}));
}

#[test]
fn null_deletes() {
    let result =
        merged("a: {x: 1, y: 2}\nb: 1\nc: 1", "a: {x: null, z: ~}\nb:\nnew: {k: null, l: {m: null}, n: [null]}");
    assert_eq!(result, json!({"a": {"y": 2}, "c": 1, "new": {"l": {}, "n": [null]}}));
    assert_eq!(merged("a: text", "a: {x: null, y: 1}"), json!({"a": {"y": 1}}));
}

#[test]
fn short_forms_do_not_get_in_the_way() {
    let base = "services: {web: {ports: {http: 3000, long: {port: 1, publish: true}}, build: .}}";
    let result = merged(base, "services: {web: {ports: {http: {publish: true}, long: 2}, build: {target: x}}}");
    let expected = json!({"services": {"web": {
        "ports": {"http": {"port": 3000, "publish": true}, "long": {"port": 2, "publish": true}},
        "build": {"context": ".", "target": "x"},
    }}});
    assert_eq!(result, expected);
    let result = merged("services: {web: {ports: {http: 3000}}}", "services: {web: {ports: {http: 4000}}}");
    assert_eq!(result, json!({"services": {"web": {"ports": {"http": 4000}}}}));
    let result = merged("services: {web: {ports: {http: }}}", "services: {web: {ports: {http: {publish: true}}}}");
    assert_eq!(result, json!({"services": {"web": {"ports": {"http": {"publish": true}}}}}));
}

#[test]
fn a_short_form_may_stand_for_several_keys() {
    let volumes = |base: &str, over: &str| {
        let text = |volumes| format!("services: {{web: {{volumes: {{/a: {volumes}}}}}}}");
        merged(&text(base), &text(over))["services"]["web"]["volumes"]["/a"].clone()
    };
    assert_eq!(volumes("data", "{read_only: true}"), json!({"volume": "data", "read_only": true}));
    assert_eq!(volumes("data:ro", "{read_only: false}"), json!({"volume": "data", "read_only": false}));
    assert_eq!(volumes("{volume: data, read_only: true}", "more"), json!({"volume": "more", "read_only": true}));
    assert_eq!(volumes("{volume: data, read_only: true}", "data:rw"), json!({"volume": "data", "read_only": false}));
    assert_eq!(volumes("data", "more"), json!("more"));
}

#[test]
fn of_some_keys_one_takes_the_place_of_the_other() {
    let text = |volumes| format!("services: {{web: {{volumes: {{/a: {volumes}}}}}}}");
    let result = merged(&text("{volume: data, read_only: true}"), &text("{bind: ./a}"));
    assert_eq!(result["services"]["web"]["volumes"]["/a"], json!({"bind": "./a", "read_only": true}));
    let result = merged(&text("data"), &text("{bind: ./a}"));
    assert_eq!(result["services"]["web"]["volumes"]["/a"], json!({"bind": "./a"}));
}

#[test]
fn null_is_kept_where_it_speaks_to_a_tool() {
    let base = "services: {web: {compose: {a: 1, c: {d: 1}}}}";
    let result = merged(base, "services: {web: {compose: {a: null, b: null, c: {d: null}}}}");
    assert_eq!(result, json!({"services": {"web": {"compose": {"a": null, "b": null, "c": {"d": null}}}}}));
    let result = merged("services: {web: {}}", "services: {web: {compose: {a: {b: null}}, env: {A: null}}}");
    assert_eq!(result, json!({"services": {"web": {"compose": {"a": {"b": null}}, "env": {}}}}));
    assert_eq!(merged(base, "services: {web: {compose: null}}"), json!({"services": {"web": {}}}));
}

#[test]
fn the_environments_own_keys_are_left_alone() {
    assert_eq!(merged("a: 1", "platform: fly\nonly: [x]\na: 2"), json!({"a": 2}));
}

#[test]
fn anchors_of_the_base_do_not_change() {
    let result = merged("x-a: &a {k: 1}\nb: *a\nc: {<<: *a, l: 1}", "b: {k: 2}\nc: {k: 3}");
    assert_eq!(result, json!({"x-a": {"k": 1}, "b": {"k": 2}, "c": {"k": 3, "l": 1}}));
}

#[test]
fn each_part_stands_where_it_was_written() {
    let text = "services:\n  web:\n    ports: {http: 3000}\n    env: {A: base, B: base}\n    command: [base]\n\
                environments:\n  e:\n    services:\n      web:\n        ports: {http: {publish: true}}\n        env: {B: over, C: over}\n        command: [over]\n";
    let document = overlaid(text);
    let key = |at: &str| document.span(&Place::Key(path(at)));
    let value = |at: &str| &text[document.span(&Place::Value(path(at)))];
    assert_eq!(value("services.web.env.A"), "base");
    assert_eq!(value("services.web.env.B"), "over");
    assert_eq!(value("services.web.command"), "[over]");
    assert_eq!(value("services.web.ports.http.port"), "3000");
    assert_eq!(value("services.web.ports.http.publish"), "true");
    assert_eq!(&text[key("services.web.ports.http.port")], "3000");
    assert_eq!(Some(key("services.web").start), text.find("web:"));
    assert_eq!(Some(key("services.web.command").start), text.rfind("command:"));
    assert_eq!(Some(key("services.web.env.B").start), text.rfind("B:"));
    assert_eq!(Some(key("services.web.env").start), text.find("env:"));
}

#[test]
fn environments_that_are_not_there() {
    let base = document("a: 1\nenvironments: {e: , f: 3}\n");
    for at in ["environments.e", "environments.f", "environments.g", "nothing.x"] {
        assert_eq!(overlay(&base, &path(at), &RULES).to_json(), base.to_json());
    }
}
