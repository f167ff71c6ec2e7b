//! Documents as typed values.

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::json;

use super::{document, path, read};
use crate::syntax::{DeserializeError, Typed};

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Restart {
    Always,
    OnFailure,
    Times(u8),
    Backoff { min: String, max: u16 },
}

#[derive(Debug, Deserialize, PartialEq)]
struct Name(String);

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(default, deny_unknown_fields)]
struct Service {
    version: Option<String>,
    mode: Option<String>,
    port: Option<u16>,
    cpus: Option<f64>,
    init: Option<bool>,
    env: IndexMap<String, String>,
    restart: Option<Restart>,
    name: Option<Name>,
    command: Vec<String>,
    pair: Option<(i8, String)>,
}

fn service(text: &str) -> Service {
    let document = document(text);
    document.deserialize().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn error(text: &str) -> DeserializeError {
    let document = document(text);
    document.deserialize::<IndexMap<String, Service>>().expect_err("it does not fit")
}

#[test]
fn text_is_source_text() {
    let read = service(
        "{version: 1.10, mode: 0755, env: {A: true, B: 0x1F, C: 1e3, D: 'no'}, name: 007, command: [1.0, False]}",
    );
    assert_eq!(read.version.as_deref(), Some("1.10"));
    assert_eq!(read.mode.as_deref(), Some("0755"));
    let env: Vec<_> = read.env.iter().map(|(key, value)| format!("{key}={value}")).collect();
    assert_eq!(env, ["A=true", "B=0x1F", "C=1e3", "D=no"]);
    assert_eq!(read.name, Some(Name("007".to_owned())));
    assert_eq!(read.command, ["1.0", "False"]);
}

#[test]
fn numbers_and_bools() {
    let read = service("{port: 0x1F90, cpus: 1, init: true, pair: [-8, x]}");
    assert_eq!((read.port, read.cpus, read.init), (Some(8080), Some(1.0), Some(true)));
    assert_eq!(read.pair, Some((-8, "x".to_owned())));
    assert_eq!(service("{port: 8e1, cpus: .5}").port, Some(80));
    assert_eq!(service("{port: 0o17}").port, Some(15));
}

#[test]
fn options() {
    assert_eq!(service("{port: , version: ~, init: null}"), Service::default());
    assert_eq!(service("{version: ''}").version.as_deref(), Some(""));
}

#[test]
fn enums() {
    let restart = |text: &str| service(&format!("restart: {text}")).restart;
    assert_eq!(restart("always"), Some(Restart::Always));
    assert_eq!(restart("{on_failure: }"), Some(Restart::OnFailure));
    assert_eq!(restart("{times: 3}"), Some(Restart::Times(3)));
    assert_eq!(restart("{backoff: {min: 1, max: 2}}"), Some(Restart::Backoff { min: "1".to_owned(), max: 2 }));
}

#[test]
fn errors_know_their_path() {
    let cases = [
        ("a: {port: x}", "a.port", "invalid type: string \"x\", expected u16"),
        ("a: {port: 70000}", "a.port", "invalid value: integer `70000`, expected u16"),
        ("a: {port: '80'}", "a.port", "invalid type: string \"80\", expected u16"),
        ("a: {init: 1}", "a.init", "invalid type: string \"1\", expected a boolean"),
        ("a: {command: [x, {y: 1}]}", "a.command[1]", "invalid type: map, expected a string"),
        ("a: {env: {K: [1]}}", "a.env.K", "invalid type: sequence, expected a string"),
        ("a: {nope: 1}", "a.nope", "unknown field `nope`, expected one of "),
        ("a: {restart: {backoff: {min: 1}}}", "a.restart.backoff", "missing field `max`"),
        ("a: {restart: {always: 1}}", "a.restart.always", "invalid type: newtype variant, expected this word alone"),
        ("a: {restart: [always]}", "a.restart", "invalid type: sequence, expected a word, or a mapping with one key"),
        ("a: {pair: [1, x, y]}", "a.pair", "invalid length 3, expected 2"),
    ];
    for (text, at, message) in cases {
        let error = error(text);
        assert_eq!(error.path, path(at), "{text}");
        assert!(error.message.starts_with(message), "{text}: {}", error.message);
    }
    assert_eq!(error("a: {port: x}").to_string(), "a.port: invalid type: string \"x\", expected u16");
}

#[test]
fn whatever_there_is() {
    let text = "{a: 1.10, b: true, c: [~, x], d: {e: 0x1f}}";
    let document = document(text);
    let read: serde_json::Value = document.deserialize().expect("it takes anything");
    assert_eq!(read, json!({"a": "1.10", "b": true, "c": [null, "x"], "d": {"e": "0x1f"}}));
    let Typed(read) = document.deserialize::<Typed<serde_json::Value>>().expect("it takes anything");
    assert_eq!(read, document.to_json());
    let read: IndexMap<String, Typed<serde_json::Value>> = document.deserialize().expect("it is a mapping");
    assert_eq!(read["d"].0, json!({"e": 31}));
}

#[test]
fn borrowed_text_and_keys_of_other_types() {
    let document = document("{a: x, b: \"y\\n\"}");
    let read: IndexMap<&str, &str> = document.deserialize().expect("texts live in the document");
    assert_eq!(read.get("b"), Some(&"y\n"));
    #[derive(Debug, Deserialize, PartialEq, Eq, Hash)]
    struct Key(String);
    let read: IndexMap<Key, String> = document.deserialize().expect("a newtype is transparent");
    assert_eq!(read.get(&Key("a".to_owned())).map(String::as_str), Some("x"));
}

#[test]
fn empty_documents() {
    let (document, _) = read("");
    assert_eq!(document.deserialize::<Option<Service>>(), Ok(None));
    assert_eq!(document.deserialize::<Service>().map_err(|error| error.path), Err(path("")));
}
