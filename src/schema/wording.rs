//! The words of the schema's findings: what a value is called, what a key takes, how to write it instead.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::Value;

use crate::code::Code;
use crate::source::SpecPath;

/// The code and message that the schema itself gives for this value, if it does. An empty value is better told as such.
pub fn stated(parent: &Value, instance: &Value) -> Option<(Code, String)> {
    if instance.is_null() {
        return None;
    }
    let message = ["patternErrorMessage", "errorMessage"].iter().find_map(|key| parent[key].as_str())?;
    let code = parent["x-code"].as_str().and_then(Code::by_name).unwrap_or(Code::InvalidValue);
    Some((code, message.to_owned()))
}

/// How to write as a mapping what was written as a list or left empty.
pub fn as_map(path: &SpecPath, instance: &Value) -> Option<String> {
    let key = path.last_key()?;
    if instance.is_null() {
        return Some(format!("write `{key}: {{}}` if there is nothing to say, or leave the key out"));
    }
    let items = instance.as_array()?;
    let first = items.first().and_then(Value::as_str).unwrap_or_default();
    let (name, value) = match key {
        "secrets" | "volumes" if path.0.len() == 1 => (if first.is_empty() { "NAME" } else { first }, "{}"),
        "volumes" => first.split_once(':').map(|(source, target)| (target, source)).unwrap_or(("/data", "data")),
        "ports" => ("http", first.rsplit(':').next().filter(|port| !port.is_empty()).unwrap_or("3000")),
        "env" | "args" | "variables" => first.split_once('=').unwrap_or(("NAME", "value")),
        _ => return None,
    };
    Some(format!("`{key}` is a mapping here: `{key}: {{{name}: {value}}}`"))
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

/// The rule of a value or name, with that value written as the rule wants it where that can be guessed.
pub fn example(code: Code, schema: &Value, value: &Value, rule: &str) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let guess = match code {
        Code::InvalidName => {
            let upper = schema["pattern"].as_str().is_some_and(|pattern| pattern.contains("A-Z"));
            let joint = if upper { '_' } else { '-' };
            let word = |c: char| if c.is_ascii_alphanumeric() { c } else { joint };
            let name: String = text.chars().map(word).collect();
            let name = if upper { name } else { name.to_ascii_lowercase() };
            Some(name.trim_matches(|c: char| c == joint || c.is_ascii_digit()).to_owned())
                .filter(|name| !name.is_empty() && name.len() < 31)
        }
        Code::InvalidDuration if digits => Some(format!("{text}s")),
        Code::InvalidSize if digits => Some(format!("{text}mb")),
        _ => None,
    };
    match guess {
        Some(guess) => format!("write `{guess}`; {rule}"),
        None => rule.to_owned(),
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

/// The nouns as alternatives.
pub fn either(mut nouns: Vec<String>) -> String {
    nouns.retain(|noun| noun != "an empty value");
    match nouns.pop() {
        Some(last) if !nouns.is_empty() => format!("{} or {last}", nouns.join(", ")),
        Some(only) => only,
        None => "an empty value".to_owned(),
    }
}
