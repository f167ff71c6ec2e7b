//! The door: `compose:` and `fly:` hold raw words of those tools, merged over what stackc makes. Their words are known, down to the last key,
//! from what the tools themselves publish, so that editors complete them and a slip is told; what they mean is the tool's own business.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::borrow::Cow;

use crate::syntax::Typed;

/// A tool whose words pass through a door.
pub struct Tool {
    /// Its name, with which the names of its definitions in the schema begin.
    pub name: &'static str,
    /// Its definitions, by name: JSON schemas of types, values, keys and items, without unions. A `$ref` is a definition's name; mappings take
    /// no other keys than those named. `door/compose.json` is made from the Compose Specification by `tests/it/doors.rs`, `door/fly.json` is
    /// our own.
    pub definitions: &'static str,
    /// Whether it fills in `${…}`, which then may stand for any value.
    pub interpolates: bool,
    /// Whether its mappings take keys that begin with `x-`.
    pub extends: bool,
    /// What its documentation calls its file, for a sentence.
    pub file: &'static str,
    /// Where its documentation is.
    pub documentation: &'static str,
    /// The pages of definitions below that place; what is on a page is found there by the name of its key.
    pub pages: &'static [(&'static str, &'static str)],
}

/// Docker Compose.
pub const COMPOSE: Tool = Tool {
    name: "Compose",
    definitions: include_str!("door/compose.json"),
    interpolates: true,
    extends: true,
    file: "Compose",
    documentation: "https://docs.docker.com/reference/compose-file/",
    pages: &[
        ("service", "services/"),
        ("build", "build/"),
        ("deployment", "deploy/"),
        ("development", "develop/"),
        ("port", "services/#ports"),
        ("volume", "volumes/"),
        ("network", "networks/"),
        ("secret", "secrets/"),
        ("config", "configs/"),
        ("model", "models/"),
        ("include", "include/"),
        ("file", ""),
    ],
};

/// Fly.io.
pub const FLY: Tool = Tool {
    name: "Fly",
    definitions: include_str!("door/fly.json"),
    interpolates: false,
    extends: false,
    file: "fly.toml",
    documentation: "https://fly.io/docs/reference/configuration/",
    pages: &[],
};

/// One of which a service of Compose must have, to be one.
pub const COMPOSE_STARTS: [&str; 4] = ["image", "build", "extends", "provider"];

/// The definitions that are doors.
pub const DOORS: [&str; 7] =
    ["ComposeService", "ComposeVolume", "ComposePort", "ComposeFile", "FlyService", "FlyMount", "FlyFile"];

macro_rules! door {
    ($(#[doc = $doc:literal])+ $name:ident) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Default, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Option<Typed<Map<String, Value>>>);

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({"type": "object", "description": concat!($($doc),+).trim()})
            }
        }

        impl $name {
            /// The words.
            pub fn words(&self) -> Map<String, Value> {
                self.0.as_ref().map(|Typed(words)| words.clone()).unwrap_or_default()
            }
        }
    };
}

door! {
    /// Raw words of Compose for this service, merged last. Other platforms ignore them.
    ComposeService
}
door! {
    /// Raw words of Compose for this volume, merged last. Other platforms ignore them.
    ComposeVolume
}
door! {
    /// Raw words of Compose for this port, merged last. Other platforms ignore them.
    ComposePort
}
door! {
    /// Raw words of fly.toml for the public service of this port, merged last. Other platforms ignore them.
    FlyService
}
door! {
    /// Raw words of fly.toml for the mount of this volume, merged last. Other platforms ignore them.
    FlyMount
}
door! {
    /// Raw words of Compose for the whole file, merged last.
    ComposeFile
}
door! {
    /// Raw words of fly.toml, merged last. Other platforms ignore them.
    FlyFile
}
