//! An environment over the base: what is merged, what wins, and where each part then stands.

use serde_json::{Value, json};

use super::{document, path};
use crate::source::{Locate, Place, SpecPath, Step};
use crate::syntax::{Document, overlay};

/// Where a short form stands in its long form, as in the language.
fn expand(path: &SpecPath) -> Option<&'static str> {
    match &path.0[..] {
        [Step::Key(services), _, Step::Key(ports), _] if services == "services" && ports == "ports" => Some("port"),
        [Step::Key(services), _, Step::Key(build)] if services == "services" && build == "build" => Some("context"),
        _ => None,
    }
}

fn overlaid(text: &str) -> Document {
    overlay(&document(text), &path("environments.e"), &|key| !matches!(key, "platform" | "only"), &expand)
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
        assert_eq!(overlay(&base, &path(at), &|_| true, &|_| None).to_json(), base.to_json());
    }
}
