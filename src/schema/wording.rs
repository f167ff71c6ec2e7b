//! The words of the schema's findings: what a value is called, what a key takes, how to write it instead.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::Value;

use crate::code::Code;
use crate::source::{SpecPath, Step};
use crate::spec;

/// The code and message that the schema itself gives for this value, if it does. An empty value is better told as such; a message that stands
/// there for editors alone, without a pattern or a code, says less than `stackc` knows.
pub fn stated(parent: &Value, instance: &Value) -> Option<(Code, String)> {
    if instance.is_null() {
        return None;
    }
    let code = parent["x-code"].as_str().and_then(Code::by_name);
    let general = parent["errorMessage"].as_str().filter(|_| code.is_some());
    let message = parent["patternErrorMessage"].as_str().or(general)?;
    Some((code.unwrap_or(Code::InvalidValue), message.to_owned()))
}

/// How to write as a mapping what was written as a list, a word or nothing.
pub fn as_map(path: &SpecPath, instance: &Value) -> Option<String> {
    let key = path.last_key()?;
    let items = match instance {
        Value::Null => return Some(format!("write `{key}: {{}}` if there is nothing to say, or leave the key out")),
        Value::Bool(false) => return Some(format!("leave `{key}` out")),
        Value::Bool(true) if key == "check" => {
            return Some(
                "write `check: {git: https://github.com/acme/stackc}`, with the repository that you have stackc from"
                    .to_owned(),
            );
        }
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>(),
        Value::String(text) if path.0.len() == 2 && path.0[0] == Step::Key("services".into()) => {
            return Some(format!("write `{key}: {{image: {text}}}`"));
        }
        _ => return None,
    };
    let entry = |item: &&str| match key {
        "secrets" | "volumes" if path.0.len() == 1 => Some(format!("{item}: {{}}")),
        "volumes" => item.split_once(':').map(|(source, target)| match target.split_once(':') {
            Some((target, access)) => format!("{target}: {source}:{access}"),
            None => format!("{target}: {source}"),
        }),
        "ports" => Some(port_entry(item, items.len())),
        "env" | "args" | "variables" => item.split_once('=').map(|(name, value)| format!("{name}: {value}")),
        _ => None,
    };
    let entries: Vec<String> = items.iter().filter_map(entry).collect();
    match (entries.is_empty(), key) {
        (false, _) => Some(format!("`{key}` is a mapping here: `{key}: {{{}}}`", entries.join(", "))),
        (true, "env" | "args" | "variables" | "volumes" | "ports" | "secrets") => {
            Some(format!("`{key}` is a mapping here: `{key}: {{NAME: value}}`"))
        }
        (true, _) => None,
    }
}

/// Compose's short form of a port, `[[address:]host:]container`, in ours.
fn port_entry(item: &str, of: usize) -> String {
    let (published, port) = item.rsplit_once(':').map_or((None, item), |(published, port)| (Some(published), port));
    let datastore = port.parse().ok().and_then(spec::datastore_at);
    let name = match (port, datastore) {
        ("443", _) => "https".to_owned(),
        (_, Some(datastore)) => datastore.to_owned(),
        _ if of == 1 || port == "80" => "http".to_owned(),
        (port, _) => format!("port-{port}"),
    };
    match published {
        Some(published) if published.contains(':') => format!("{name}: {{port: {port}, publish: \"{published}\"}}"),
        // Other services reach it without, and on Fly everybody would.
        Some(_) if datastore.is_some() => format!("{name}: {port}"),
        Some(published) => format!("{name}: {{port: {port}, publish: {published}}}"),
        None => format!("{name}: {port}"),
    }
}

/// What a keyword without words of its own wants.
pub fn plain_message(error: &ValidationError<'_>) -> String {
    match error.kind() {
        Kind::Minimum { limit } => format!("must be at least {limit}"),
        Kind::Maximum { limit } => format!("must be at most {limit}"),
        Kind::MinItems { .. } => "must not be an empty list".to_owned(),
        Kind::MinLength { .. } => "must not be empty".to_owned(),
        Kind::MinProperties { .. } => "must have at least one entry".to_owned(),
        _ => "does not fit here".to_owned(),
    }
}

/// A value as it is named in a sentence.
pub fn show(value: &Value) -> String {
    match value {
        Value::String(text) => format!("`{text}`"),
        Value::Array(_) | Value::Object(_) | Value::Null => kind_of(value).to_owned(),
        other => format!("`{other}`"),
    }
}

/// What a value is.
pub fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "an empty value",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
    }
}

/// What a type of JSON is called.
pub fn noun(kind: &str) -> &str {
    match kind {
        "object" => "a mapping",
        "array" => "a list",
        "string" => "text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        _ => "an empty value",
    }
}

fn nouns(kind: &str) -> Vec<&str> {
    if kind == "boolean" { vec!["true", "false"] } else { vec![noun(kind)] }
}

/// The types that a key takes, as alternatives. Where any scalar is taken, a number or boolean is only another way to write text.
pub fn either(kinds: &[String]) -> String {
    let takes = |kind: &str| kinds.iter().any(|known| known == kind);
    let any_scalar = takes("string") && takes("number") && takes("boolean");
    let told = |kind: &&String| *kind != "null" && !(any_scalar && matches!(kind.as_str(), "number" | "boolean"));
    let nouns: Vec<&str> = kinds.iter().filter(told).flat_map(|kind| nouns(kind)).collect();
    if nouns.is_empty() { "an empty value".to_owned() } else { alternatives(&nouns) }
}

/// `a, b or c`.
pub fn alternatives<T: AsRef<str>>(words: &[T]) -> String {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    match words.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}
