//! YAML as values with comments, and the builders that emitters write them with.
//!
//! A value says what stands in the file and in which order; how a scalar is quoted, so that readers of YAML 1.1 and
//! 1.2 alike take it for the same data, is decided when it is printed.

mod build;
mod print;
mod scalar;

pub use build::{Mapping, Sequence};
pub use print::write;

pub(super) use scalar::printable;

use serde_json::Value as Json;
use std::fmt::Display;

/// A YAML value.
#[derive(Debug, Clone, PartialEq)]
pub enum Yaml {
    /// No value: nothing behind a key, `null` elsewhere.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as JSON writes it.
    Number(String),
    /// Text, quoted where a reader could take it for something else.
    Text(String),
    /// A list, one item a line.
    List(Vec<Item>),
    /// A short list on one line, each text in double quotes: `["CMD", "pg_isready"]`.
    Flow(Vec<Yaml>),
    /// A mapping, one entry a line.
    Map(Vec<Entry>),
}

/// One item of a [`Yaml::List`].
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// What the item is.
    pub value: Yaml,
    /// Lines of comment in front of it.
    pub comment: Option<String>,
    /// Whether an empty line sets it off from the item before.
    pub blank_before: bool,
}

/// One entry of a [`Yaml::Map`].
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key, always text.
    pub key: String,
    /// What stands behind the key.
    pub value: Yaml,
    /// Lines of comment in front of it.
    pub comment: Option<String>,
    /// Whether an empty line sets it off from the entry before.
    pub blank_before: bool,
    /// Whether the key is printed as it is, whatever a reader may take it for (`on:` in GitHub's workflows).
    pub bare_key: bool,
    /// A comment at the end of its line; none behind a text of several lines.
    pub note: Option<String>,
}

impl Item {
    /// An item without a comment.
    pub fn new(value: impl Into<Yaml>) -> Self {
        Item { value: value.into(), comment: None, blank_before: false }
    }
}

impl Entry {
    /// An entry without a comment.
    pub fn new(key: impl Into<String>, value: impl Into<Yaml>) -> Self {
        Entry { key: key.into(), value: value.into(), comment: None, blank_before: false, bare_key: false, note: None }
    }
}

impl Yaml {
    /// Text.
    pub fn text(text: impl Into<String>) -> Self {
        Yaml::Text(text.into())
    }

    /// A number.
    pub fn number(number: impl Display) -> Self {
        Yaml::Number(number.to_string())
    }

    /// A list, one item a line.
    pub fn list<T: Into<Yaml>>(items: impl IntoIterator<Item = T>) -> Self {
        Yaml::List(items.into_iter().map(Item::new).collect())
    }

    /// A list on one line.
    pub fn flow<T: Into<Yaml>>(items: impl IntoIterator<Item = T>) -> Self {
        Yaml::Flow(items.into_iter().map(Into::into).collect())
    }

    /// The words of a command: on one line, or one a line where a word is a script of several lines.
    pub fn words(words: impl IntoIterator<Item = String>) -> Self {
        let words: Vec<String> = words.into_iter().collect();
        let script = words.iter().any(|word| word.contains('\n') && scalar::fits_literal(word));
        if script { Yaml::list(words) } else { Yaml::flow(words) }
    }

    /// The same data as a JSON value.
    pub fn from_json(value: &Json) -> Self {
        match value {
            Json::Null => Yaml::Null,
            Json::Bool(value) => Yaml::Bool(*value),
            Json::Number(number) => Yaml::number(number),
            Json::String(text) => Yaml::text(text),
            Json::Array(items) => Yaml::list(items.iter().map(Yaml::from_json)),
            Json::Object(map) => {
                let entry = |(key, value): (&String, &Json)| Entry::new(key, Yaml::from_json(value));
                Yaml::Map(map.iter().map(entry).collect())
            }
        }
    }

    /// Whether this is a list or mapping that holds nothing.
    pub fn is_empty(&self) -> bool {
        match self {
            Yaml::List(items) => items.is_empty(),
            Yaml::Flow(items) => items.is_empty(),
            Yaml::Map(entries) => entries.is_empty(),
            Yaml::Null | Yaml::Bool(_) | Yaml::Number(_) | Yaml::Text(_) => false,
        }
    }
}
