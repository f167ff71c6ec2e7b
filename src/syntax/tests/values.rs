//! What values are: kinds, texts, JSON, anchors and merges, parts taken out.

use serde_json::json;

use super::{document, path};
use crate::syntax::Kind;

#[test]
fn core_schema() {
    let document = document(
        "{a: yes, b: on, c: 0123, d: '22:22', e: 1_000, f: 0o17, g: 0x1f, h: 1e3, i: .inf, j: 2024-01-01, k: Null, l: ~, \
         m: True, n: 1.10, o: -0, p: +1, q: .5, r: '1', s: 1e400, t: 18446744073709551615, u: !!int '3', v: !!str 3, w: 0x, x: -0x1}",
    );
    let expected = json!({
        "a": "yes", "b": "on", "c": 123, "d": "22:22", "e": "1_000", "f": 15, "g": 31, "h": 1000.0, "i": ".inf", "j": "2024-01-01",
        "k": null, "l": null, "m": true, "n": 1.1, "o": 0, "p": 1, "q": 0.5, "r": "1", "s": "1e400", "t": 18446744073709551615_u64,
        "u": 3, "v": "3", "w": "0x", "x": "-0x1",
    });
    assert_eq!(document.to_json(), expected);
}

#[test]
fn nodes() {
    let document = document(
        "text: \"a\\tb\"\nnumber: 1.10\nbool: true\nnull: null\nempty:\nlist: [a, b]\nmap: {k: v}\nblock: |\n  x\n",
    );
    let root = document.root().expect("there is a document");
    let kinds: Vec<_> = root.entries().map(|(_, node)| node.kind()).collect();
    let expected = [Kind::Text, Kind::Number, Kind::Bool, Kind::Null, Kind::Null, Kind::List, Kind::Map, Kind::Text];
    assert_eq!(kinds, expected);
    let texts: Vec<_> = root.entries().filter_map(|(_, node)| node.text()).collect();
    assert_eq!(texts, ["a\tb", "1.10", "true", "null", "", "x\n"]);
    let keys: Vec<_> = root.entries().map(|(key, _)| key).collect();
    assert_eq!(keys, ["text", "number", "bool", "null", "empty", "list", "map", "block"]);
    let items: Vec<_> =
        root.get("list").into_iter().flat_map(|list| list.items()).filter_map(|item| item.text()).collect();
    assert_eq!(items, ["a", "b"]);
    assert!(root.get("number").is_some_and(|node| node.is_plain()));
    assert!(root.get("text").is_some_and(|node| !node.is_plain()));
    assert!(root.get("empty").is_some_and(|node| node.is_null()));
    assert!(root.get("nothing").is_none() && root.get("text").is_some_and(|text| text.get("x").is_none()));
}

#[test]
fn anchors_and_merges() {
    let text = "a: &a {k: 1, l: 2}\nb: &b {l: 3, m: 4}\none:\n  x: 0\n  <<: *a\n  l: own\nboth: {<<: [*a, *b]}\ninline: {<<: {z: 1}}\n\
                word: &w k\n*w : by alias\nquoted: {\"<<\": 1}\n";
    let expected = json!({
        "a": {"k": 1, "l": 2}, "b": {"l": 3, "m": 4}, "one": {"x": 0, "k": 1, "l": "own"}, "both": {"k": 1, "l": 2, "m": 4},
        "inline": {"z": 1}, "word": "k", "k": "by alias", "quoted": {"<<": 1},
    });
    let document = document(text);
    assert_eq!(document.to_json(), expected);
    let one = document.at(&path("one")).expect("it is there");
    assert_eq!(one.entries().map(|(key, _)| key).collect::<Vec<_>>(), ["x", "k", "l"]);
}

#[test]
fn references_outside_of_brackets_need_no_quotes() {
    let document = document("a: ${services.api.url}\nb: http://${x.y}:${z}/\n${HOST}: c\nd:\n  - ${X:-a}\n");
    let expected = json!({"a": "${services.api.url}", "b": "http://${x.y}:${z}/", "${HOST}": "c", "d": ["${X:-a}"]});
    assert_eq!(document.to_json(), expected);
}

#[test]
fn other_top_levels_are_left_to_the_schema() {
    assert_eq!(document("- a\n- b\n").to_json(), json!(["a", "b"]));
    assert_eq!(document("hello\n").to_json(), json!("hello"));
}

#[test]
fn without_parts() {
    let whole = document("a: {b: 1, c: [x, y, z]}\nd: &d {e: 1}\nf: *d\n");
    let less = |paths: &[&str]| whole.without(&paths.iter().map(|at| path(at)).collect::<Vec<_>>()).to_json();
    assert_eq!(less(&[]), whole.to_json());
    assert_eq!(less(&["a.b", "a.c[0]", "a.c[2]"]), json!({"a": {"c": ["y"]}, "d": {"e": 1}, "f": {"e": 1}}));
    assert_eq!(less(&["d.e", "a"]), json!({"d": {}, "f": {"e": 1}}));
    assert_eq!(less(&["a.b.c", "nothing", "a[0]"]), whole.to_json());
    assert!(whole.without(&[path("")]).root().is_none());
}
