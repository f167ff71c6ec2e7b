//! A document as JSON, for the validator of the schema.
//!
//! Numbers are numbers here, whereas typed values take their source text.

use serde_json::Value as Json;

use super::document::{Data, Document, Value};
use super::scalar::Core;

impl Document {
    /// The document by the core types of YAML 1.2; an empty one is null.
    ///
    /// Its size is bounded: `parse` refuses what expands to too much.
    pub fn to_json(&self) -> Json {
        self.root.as_ref().map_or(Json::Null, json)
    }
}

fn json(value: &Value) -> Json {
    match &*value.data {
        Data::List(items) => Json::Array(items.iter().map(json).collect()),
        Data::Map(entries) => {
            Json::Object(entries.iter().map(|entry| (entry.key.text.to_string(), json(&entry.value))).collect())
        }
        Data::Scalar(scalar) => match scalar.core() {
            Core::Null => Json::Null,
            Core::Bool(bool) => Json::Bool(bool),
            Core::Number(number) => Json::Number(number),
            Core::Text(text) => Json::String(text.to_owned()),
        },
    }
}
