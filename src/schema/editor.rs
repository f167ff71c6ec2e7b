//! What only editors look at: titles, words for a value of the wrong type, and where a type stands. Takes the finished schema and changes
//! nothing in what it accepts. Every rule was tried on yaml-language-server; `tests/judges/editor` holds them.

use serde_json::{Map, Value, json};

use super::wording::{alternatives, either};

/// Where a schema stands: what decides how an editor types in the key.
#[derive(Clone, Copy, PartialEq)]
enum Stands {
    /// At a key that its mapping needs.
    Needed,
    /// At a key that may be left out.
    Optional,
    /// At any key that refers to it.
    Shared,
    /// At no key: an item, a value by any name, the whole.
    Loose,
}

/// Makes a schema read well in editors.
pub fn suit(schema: &mut Value) {
    for (name, definition) in schema["$defs"].as_object_mut().into_iter().flatten() {
        // A plain type shows the title of the mapping that it stands in.
        let plain = definition.get("properties").or(definition.get("description")).is_none();
        if let Some(definition) = definition.as_object_mut().filter(|_| !plain) {
            definition.entry("title").or_insert_with(|| json!(name));
        }
        walk(definition, Stands::Shared);
    }
    walk(schema, Stands::Loose);
}

fn walk(schema: &mut Value, stands: Stands) {
    let Value::Object(object) = schema else { return };
    let required: Vec<Value> = object.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    for (name, property) in object.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
        let needed = required.iter().any(|required| required.as_str() == Some(name));
        walk(property, if needed { Stands::Needed } else { Stands::Optional });
    }
    describe_values(object);
    for values in ["additionalProperties", "items"] {
        if let Some(values) = object.get_mut(values) {
            walk(values, Stands::Loose);
        }
    }
    if let Some(title) = object.get("title").and_then(Value::as_str) {
        object.insert("title".into(), json!(spaced(title)));
    }
    // The editor would offer the word `property`, and the pattern as its documentation.
    if let Some(Value::Object(names)) = object.get_mut("propertyNames") {
        names.insert("doNotSuggest".into(), json!(true));
    }
    place_type(object, stands);
}

/// `CpuKind` as it reads at the head of a hover.
fn spaced(name: &str) -> String {
    let mut words = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !words.is_empty() && !words.ends_with(' ') {
            words.push(' ');
        }
        words.push(c.to_ascii_lowercase());
    }
    words
}

/// The values of a map without words of their own show those of the map.
fn describe_values(object: &mut Map<String, Value>) {
    let Some(description) = object.get("description").cloned() else { return };
    if let Some(Value::Object(values)) = object.get_mut("additionalProperties")
        && !values.contains_key("description")
        && !values.contains_key("$ref")
    {
        values.insert("description".into(), description.clone());
        values.insert("markdownDescription".into(), description);
    }
}

/// Says in words what a value of another type than the schema's should have been, and puts the type where it does no harm: an editor offers
/// `true`, `false` and `null` wherever it sees them among others, and shows words beside a mapping for its unknown keys as well.
fn place_type(object: &mut Map<String, Value>, stands: Stands) {
    let kinds: Vec<String> = match object.get("type") {
        Some(Value::String(kind)) => vec![kind.clone()],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => return,
    };
    if let Some(Value::Array(values)) = object.get("enum") {
        let words: Vec<String> = values.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        object.insert("errorMessage".into(), json!(format!("this takes {}", alternatives(&words))));
        object.remove("type");
        return;
    }
    let stated = ["patternErrorMessage", "errorMessage"].iter().find_map(|key| object.get(*key)).cloned();
    let message = stated.unwrap_or_else(|| json!(format!("this takes {}", either(&kinds))));
    if is_hidden(object, &kinds, stands) {
        hide_type(object, &kinds, message);
        hint(object, stands);
    } else {
        object.insert("errorMessage".into(), message);
    }
}

fn is_hidden(object: &Map<String, Value>, kinds: &[String], stands: Stands) -> bool {
    let has = |kind: &str| kinds.iter().any(|known| known == kind);
    if object.contains_key("properties") {
        return true;
    }
    let spoils = has("null") || has("string") && (has("boolean") || has("array"));
    let flag = kinds.iter().all(|kind| kind == "boolean" || kind == "null");
    if !spoils || flag && !object.contains_key("examples") {
        return false;
    }
    // Without a type the editor types in a key by what else it knows; and it leaves a needed one out of a new mapping.
    let speaks_of_true = object.get("description").and_then(Value::as_str).is_some_and(|text| text.contains("`true`"));
    let known = has("object") || has("array") || object.contains_key("examples");
    matches!(stands, Stands::Loose | Stands::Shared) || stands == Stands::Optional && known && !speaks_of_true
}

/// Moves the type to a condition that always holds: validators follow it, completion does not. What is left tells it how to type in the key.
fn hide_type(object: &mut Map<String, Value>, kinds: &[String], message: Value) {
    let has = |kind: &str| kinds.iter().any(|known| known == kind);
    let mut then = Map::new();
    then.extend(object.remove("type").map(|kinds| ("type".to_owned(), kinds)));
    then.insert("errorMessage".into(), message);
    for words in ["patternErrorMessage", "x-code"] {
        then.extend(object.get(words).map(|value| (words.to_owned(), value.clone())));
    }
    if has("string") && has("array") {
        then.extend(object.remove("items").map(|items| ("items".to_owned(), items)));
    } else if has("object") && !has("array") {
        object.entry("properties").or_insert_with(|| json!({}));
    }
    object.insert("if".into(), json!(true));
    object.insert("then".into(), Value::Object(then));
}

/// A key without any hint would be typed in without its colon. A skeleton of nothing is one, and is not offered.
fn hint(object: &mut Map<String, Value>, stands: Stands) {
    let hinted = ["properties", "items", "examples"].iter().any(|hint| object.contains_key(*hint));
    if !hinted && matches!(stands, Stands::Optional | Stands::Shared) {
        object.insert("defaultSnippets".into(), json!([{"body": {}}]));
    }
}
