//! What was probably meant by a value or a name that the schema refuses, written as it wants it.

use serde_json::{Value, json};

use crate::code::Code;
use crate::diagnostic::nearest;
use crate::source::SpecPath;

/// The rule of the value or name at `path`, with that value written as the rule wants it where that can be guessed.
pub fn example(code: Code, schema: &Value, path: &SpecPath, value: &Value, rule: &str) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let guess = match code {
        Code::InvalidName => Some(name(schema, &text)),
        Code::InvalidDuration if digits => Some(format!("{text}s")),
        Code::InvalidSize if digits => Some(format!("{text}mb")),
        Code::InvalidRoute => Some(route(&text)),
        Code::InvalidValue if path.last_key() == Some("schedule") => schedule(&text),
        _ => None,
    };
    let fits = |guess: &String| {
        schema["pattern"]
            .as_str()
            .is_none_or(|pattern| jsonschema::is_valid(&json!({"pattern": pattern}), &json!(guess)))
    };
    match guess.filter(fits) {
        Some(guess) if guess.contains(' ') => format!("write `\"{guess}\"`; {rule}"),
        Some(guess) => format!("write `{guess}`; {rule}"),
        None => rule.to_owned(),
    }
}

/// `text` as a name of the letters that `schema` takes.
fn name(schema: &Value, text: &str) -> String {
    let upper = schema["pattern"].as_str().is_some_and(|pattern| pattern.contains("A-Z"));
    let joint = if upper { '_' } else { '-' };
    let word = |c: char| if c.is_ascii_alphanumeric() { c } else { joint };
    let name: String = text.chars().map(word).collect();
    let name = if upper { name } else { name.to_ascii_lowercase() };
    name.trim_matches(|c: char| c == joint || c.is_ascii_digit()).to_owned()
}

/// A route's path as this language writes it: stars at the end mean all that is below.
fn route(text: &str) -> String {
    let path = text.trim_start_matches('^').trim_start_matches('/');
    match path.trim_end_matches('*') {
        whole if whole == path => format!("/{path}"),
        "" => "/*".to_owned(),
        above => format!("/{}/*", above.trim_end_matches('/')),
    }
}

/// What people say of times, and how a schedule says it.
const TIMES: &[(&str, &str)] = &[
    ("hour", "hourly"),
    ("1h", "hourly"),
    ("60m", "hourly"),
    ("day", "daily"),
    ("24h", "daily"),
    ("1d", "daily"),
    ("week", "weekly"),
    ("7d", "weekly"),
    ("month", "monthly"),
    ("minute", "* * * * *"),
    ("nightly", "0 3 * * *"),
    ("night", "0 3 * * *"),
    ("midnight", "0 0 * * *"),
    ("noon", "0 12 * * *"),
    ("weekdays", "0 3 * * 1-5"),
    ("yearly", "0 0 1 1 *"),
    ("annually", "0 0 1 1 *"),
    ("year", "0 0 1 1 *"),
];

/// A time of day or a span of time as a schedule.
fn schedule(text: &str) -> Option<String> {
    let word = text.trim_start_matches('@').to_lowercase();
    let word = word.strip_prefix("every ").unwrap_or(&word).trim();
    let known = TIMES.iter().find(|(theirs, _)| *theirs == word).map(|(_, ours)| *ours);
    known
        .or_else(|| {
            nearest(word, &["hourly", "daily", "weekly", "monthly", "nightly"])
                .map(|near| if near == "nightly" { "0 3 * * *" } else { near })
        })
        .map(str::to_owned)
}

/// What a word means here that another tool's users write for a value of this kind.
pub fn foreign_value(value: &Value, allowed: &[&str]) -> Option<&'static str> {
    let word = match value {
        Value::String(word) => word.as_str(),
        Value::Bool(false) => "no",
        Value::Object(map) => map.get("condition").and_then(Value::as_str)?,
        _ => return None,
    };
    let known = [
        ("no", "never"),
        ("service_started", "started"),
        ("service_healthy", "healthy"),
        ("service_completed_successfully", "completed"),
        ("off", "keep"),
        ("docker-compose", "compose"),
        ("docker", "compose"),
        ("fly.io", "fly"),
    ];
    known.iter().find(|(theirs, ours)| *theirs == word && allowed.contains(ours)).map(|(_, ours)| *ours)
}

/// Where something else says what `word` was to say as one of the words at `path`.
pub fn said_elsewhere(path: &SpecPath, word: &str) -> Option<&'static str> {
    let tags = SpecPath::root().key("ci").key("github").key("images").key("tags");
    (word == "latest" && path.parent() == tags)
        .then_some("`latest` moves once tests and scans have passed: beside `tags`, write `promote: latest`")
}
