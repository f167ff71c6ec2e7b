//! The JSON schema of stack.yaml: made from the types in `spec`, committed as `schema/stack.schema.json`, compiled into the program as
//! a validator. Says what is wrong with a document in the user's words; never changes it.

mod aftermath;
mod check;
mod door;
mod editor;
mod meant;
mod overlay;
mod polish;
mod prose;
mod reference;
mod removals;
mod snippets;
mod wording;
mod words;

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use serde_json::Value;

pub use aftermath::follows;
pub use check::check;

/// The committed schema, as text.
pub const TEXT: &str = include_str!("../../schema/stack.schema.json");

/// The compiled committed schema.
#[jsonschema::validator(path = "schema/stack.schema.json")]
struct Validator;

/// Makes the schema (draft 2020-12) from the types in `spec`, as pretty JSON with a final newline.
pub fn generate() -> String {
    let mut schema = language();
    overlay::add(&mut schema);
    snippets::add(&mut schema);
    editor::suit(&mut schema);
    serde_json::to_string_pretty(&schema).expect("a JSON value always prints") + "\n"
}

/// Makes the reference of the language, in Markdown.
pub fn reference() -> String {
    reference::page(&language())
}

/// The language as its types say it: without what only environments or editors need.
fn language() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<crate::spec::Stack>();
    RecursiveTransform(polish::polish).transform(&mut schema);
    let mut schema = Value::from(schema);
    door::open(&mut schema);
    schema
}
