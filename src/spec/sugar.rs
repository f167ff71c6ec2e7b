//! The short forms of the language: values that may be written in two JSON types. Each knows its schema, which merges
//! both forms (no `oneOf`), so that editors complete the long one.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::json;

/// A value as written: text, or the source text of a number or boolean.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Scalar(pub String);

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Scalar)
    }
}

impl JsonSchema for Scalar {
    fn schema_name() -> Cow<'static, str> {
        "Scalar".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": ["string", "number", "boolean"]})
    }
}

/// A mapping, or a scalar that stands for one of its keys.
#[derive(Debug, Clone, PartialEq)]
pub enum ScalarOr<L> {
    /// The short form.
    Short(Scalar),
    /// The long form.
    Long(L),
}

impl<'de, L: Deserialize<'de>> Deserialize<'de> for ScalarOr<L> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Forms<L>(PhantomData<L>);
        impl<'de, L: Deserialize<'de>> Visitor<'de> for Forms<L> {
            type Value = ScalarOr<L>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value or a mapping")
            }
            fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
                Ok(ScalarOr::Short(Scalar(value.to_string())))
            }
            fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
                Ok(ScalarOr::Short(Scalar(value.to_owned())))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                L::deserialize(MapAccessDeserializer::new(map)).map(ScalarOr::Long)
            }
        }
        deserializer.deserialize_any(Forms(PhantomData))
    }
}

impl<L: JsonSchema> JsonSchema for ScalarOr<L> {
    fn schema_name() -> Cow<'static, str> {
        format!("ScalarOr{}", L::schema_name()).into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = L::json_schema(generator);
        schema.insert("type".into(), json!(["string", "number", "boolean", "object"]));
        schema.insert("title".into(), json!(L::schema_name()));
        schema
    }
}

/// A command: a line split into words as a shell would, but run without one; or the words.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// `python main.py`
    Line(String),
    /// `[python, main.py]`
    Words(Vec<Scalar>),
}

impl<'de> Deserialize<'de> for Command {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Forms;
        impl<'de> Visitor<'de> for Forms {
            type Value = Command;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a line or a list of words")
            }
            fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
                Ok(Command::Line(value.to_string()))
            }
            fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
                Ok(Command::Line(value.to_owned()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(seq)).map(Command::Words)
            }
        }
        deserializer.deserialize_any(Forms)
    }
}

impl JsonSchema for Command {
    fn schema_name() -> Cow<'static, str> {
        "Command".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["string", "array"],
            "items": {"type": ["string", "number", "boolean"]},
            "minItems": 1,
            "minLength": 1,
            "examples": ["python main.py"],
        })
    }
}

/// A list of names, or a mapping that says more of each.
#[derive(Debug, Clone, PartialEq)]
pub enum NamesOr<V> {
    /// The short form.
    Names(Vec<String>),
    /// The long form.
    Map(IndexMap<String, V>),
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for NamesOr<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Forms<V>(PhantomData<V>);
        impl<'de, V: Deserialize<'de>> Visitor<'de> for Forms<V> {
            type Value = NamesOr<V>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of names or a mapping")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(seq)).map(NamesOr::Names)
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                IndexMap::deserialize(MapAccessDeserializer::new(map)).map(NamesOr::Map)
            }
        }
        deserializer.deserialize_any(Forms(PhantomData))
    }
}

impl<V: JsonSchema> JsonSchema for NamesOr<V> {
    fn schema_name() -> Cow<'static, str> {
        format!("NamesOr{}", V::schema_name()).into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let value = generator.subschema_for::<V>();
        json_schema!({
            "type": ["array", "object"],
            "items": {"type": "string"},
            "uniqueItems": true,
            "additionalProperties": value,
        })
    }
}

/// A list of words, or a mapping that says for what each list is.
#[derive(Debug, Clone, PartialEq)]
pub enum ListOr<L> {
    /// The short form.
    List(Vec<String>),
    /// The long form.
    Long(L),
}

impl<L: Default> Default for ListOr<L> {
    fn default() -> Self {
        ListOr::Long(L::default())
    }
}

impl<'de, L: Deserialize<'de>> Deserialize<'de> for ListOr<L> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Forms<L>(PhantomData<L>);
        impl<'de, L: Deserialize<'de>> Visitor<'de> for Forms<L> {
            type Value = ListOr<L>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list or a mapping")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(seq)).map(ListOr::List)
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                L::deserialize(MapAccessDeserializer::new(map)).map(ListOr::Long)
            }
        }
        deserializer.deserialize_any(Forms(PhantomData))
    }
}

impl<L: JsonSchema> JsonSchema for ListOr<L> {
    fn schema_name() -> Cow<'static, str> {
        format!("ListOr{}", L::schema_name()).into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = L::json_schema(generator);
        schema.insert("type".into(), json!(["array", "object"]));
        schema.insert("items".into(), super::form::package_name());
        schema
    }
}

/// A mapping, or `true` where all that it says is left to the defaults; `false` is as good as nothing.
#[derive(Debug, Clone, PartialEq)]
pub enum Switch<L> {
    /// The short form.
    Whether(bool),
    /// The long form.
    Long(L),
}

impl<L: Default + Clone> Switch<L> {
    /// The long form, unless it is switched off.
    pub fn on(&self) -> Option<L> {
        match self {
            Switch::Whether(on) => on.then(L::default),
            Switch::Long(long) => Some(long.clone()),
        }
    }
}

impl<'de, L: Deserialize<'de>> Deserialize<'de> for Switch<L> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Forms<L>(PhantomData<L>);
        impl<'de, L: Deserialize<'de>> Visitor<'de> for Forms<L> {
            type Value = Switch<L>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true, false or a mapping")
            }
            fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
                Ok(Switch::Whether(value))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                L::deserialize(MapAccessDeserializer::new(map)).map(Switch::Long)
            }
        }
        deserializer.deserialize_any(Forms(PhantomData))
    }
}

impl<L: JsonSchema> JsonSchema for Switch<L> {
    fn schema_name() -> Cow<'static, str> {
        format!("Switch{}", L::schema_name()).into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = L::json_schema(generator);
        schema.insert("type".into(), json!(["boolean", "object"]));
        schema
    }
}

/// A section of an environment, which is merged over the base before anybody reads it as a `T`: here it may hold `null` and lack what `T`
/// needs, so it is not read at all.
#[derive(Debug, Clone)]
pub struct Overlay<T>(PhantomData<T>);

impl<T> Default for Overlay<T> {
    fn default() -> Self {
        Overlay(PhantomData)
    }
}

impl<'de, T> Deserialize<'de> for Overlay<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde::de::IgnoredAny::deserialize(deserializer).map(|_| Overlay::default())
    }
}

impl<T: JsonSchema> JsonSchema for Overlay<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("Overlay{}", T::schema_name()).into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}
