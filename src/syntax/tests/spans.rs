//! The span of every sort of key and value, whatever the line breaks are.

use super::{document, path, read};
use crate::source::{Locate, Place};

const RICH: &str = r#"# a comment
name: "é 🚀" # another
services:
  api:
    ports: [80, 443] # numbers
    run: |
      a
      b

    env:
      A: 'it''s'
      B:
      C: !!str 1
      D: &url http://${services.db.host}:80/ü
    list:
    - x: 1
      y: 2

    - >-
      folded
      text

    -
  web: {image: 'n', "q r": [a,
   b], empty: {}}
alias: *url
base: &base
  k: v
  l: w
merged:
  <<: *base
  l: own
last: one
  two
"#;

/// A path, the text at its key, the text at its value.
const SPANS: &[(&str, &str, &str)] = &[
    ("name", "name", "\"é 🚀\""),
    ("services.api.ports", "ports", "[80, 443]"),
    ("services.api.ports[1]", "443", "443"),
    ("services.api.run", "run", "a\n      b"),
    ("services.api.env.A", "A", "'it''s'"),
    ("services.api.env.B", "B", "B"),
    ("services.api.env.C", "C", "1"),
    ("services.api.env.D", "D", "http://${services.db.host}:80/ü"),
    ("services.api.list", "list", "- x: 1\n      y: 2\n\n    - >-\n      folded\n      text\n\n    -"),
    ("services.api.list[0]", "x: 1\n      y: 2", "x: 1\n      y: 2"),
    ("services.api.list[0].y", "y", "2"),
    ("services.api.list[1]", "folded\n      text", "folded\n      text"),
    ("services.api.list[2]", "-", "-"),
    ("services.web", "web", "{image: 'n', \"q r\": [a,\n   b], empty: {}}"),
    ("services.web.image", "image", "'n'"),
    ("services.web.q r", "\"q r\"", "[a,\n   b]"),
    ("services.web.q r[1]", "b", "b"),
    ("services.web.empty", "empty", "{}"),
    ("alias", "alias", "*url"),
    ("merged", "merged", "<<: *base\n  l: own"),
    ("merged.k", "k", "v"),
    ("merged.l", "l", "own"),
    ("last", "last", "one\n  two"),
];

fn check(text: &str, line_break: &str) {
    let document = document(text);
    for (at, key, value) in SPANS {
        let place = path(at);
        assert_eq!(text[document.span(&Place::Key(place.clone()))], key.replace('\n', line_break), "key of {at}");
        assert_eq!(text[document.span(&Place::Value(place))], value.replace('\n', line_break), "value of {at}");
    }
}

#[test]
fn keys_and_values() {
    check(RICH, "\n");
}

#[test]
fn other_line_breaks() {
    for line_break in ["\r\n", "\r"] {
        check(&RICH.replace('\n', line_break), line_break);
    }
}

#[test]
fn byte_order_mark() {
    check(&format!("\u{feff}{RICH}"), "\n");
    check(&format!("\u{feff}{}", RICH.replace('\n', "\r\n")), "\r\n");
}

#[test]
fn paths_that_lead_too_far() {
    let document = document(RICH);
    let at = |place: Place| &RICH[document.span(&place)];
    assert_eq!(at(Place::Value(path("services.api.build.context"))), "api");
    assert_eq!(at(Place::Key(path("services.api.ports[7]"))), "ports");
    assert_eq!(at(Place::Value(path("services.api.list[0].z"))), "x: 1\n      y: 2");
    assert_eq!(at(Place::Within(path("services.api.env.Z"), "Z".into())), "env");
    assert_eq!(at(Place::Value(path("nothing"))), "name");
    assert_eq!(at(Place::Key(path(""))), "name");
    assert!(at(Place::Value(path(""))).starts_with("name:"));
}

#[test]
fn inside_a_scalar() {
    let document = document(RICH);
    let within = |at: &str, needle: &str| &RICH[document.span(&Place::Within(path(at), needle.into()))];
    assert_eq!(within("services.api.env.D", "${services.db.host}"), "${services.db.host}");
    assert_eq!(within("alias", "${services.db.host}"), "${services.db.host}");
    assert_eq!(within("alias", "not there"), "*url");
    assert_eq!(within("name", "🚀"), "🚀");
    assert_eq!(within("services.api.ports", "80"), "[80, 443]");
    let url = RICH.find("${services").expect("it stands in the text");
    assert_eq!(document.span(&Place::Within(path("services.api.env.D"), "${".into())), url..url + 2);
}

#[test]
fn documents_without_content() {
    for text in ["", "# only a comment\n", "a: [\n"] {
        let (document, _) = read(text);
        assert!(document.root().is_none());
        assert_eq!(document.span(&Place::Value(path("a.b"))), 0..0);
    }
}

#[test]
fn nodes_know_their_spans() {
    let document = document(RICH);
    let node = document.at(&path("services.api.env.D")).expect("it is there");
    assert_eq!(&RICH[node.span()], "http://${services.db.host}:80/ü");
    assert_eq!(&RICH[node.key_span().expect("it has a key")], "D");
    assert_eq!(document.root().and_then(|root| root.key_span()), None);
}
