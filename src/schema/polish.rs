//! Makes what schemars writes read well in editors. Every rule was tried on yaml-language-server: it takes the first branch of
//! a union for the truth, so no union may be left, and an explicit `null` is offered as a completion.

use schemars::Schema;
use serde_json::{Map, Value, json};

use super::prose;

/// Applies all rules to one schema object.
pub fn polish(schema: &mut Schema) {
    let Some(object) = schema.as_object_mut() else { return };
    drop_null(object);
    constants_to_enum(object);
    text_takes_scalars(object);
    close(object);
    if let Some(description) = object.get("description").and_then(Value::as_str) {
        let description = description.replace('\n', " ");
        object.insert("description".into(), json!(description));
        object.insert("markdownDescription".into(), json!(description));
    }
    object.remove("format");
    // That of reading, not of the language, whose own stands in the description.
    object.remove("default");
    exemplify(object);
}

/// `Option<T>`: leaving the key out is the way to say nothing.
fn drop_null(object: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".into(), only);
        }
    }
    if let Some(Value::Array(branches)) = object.get_mut("anyOf") {
        branches.retain(|branch| *branch != json!({"type": "null"}));
        if let [Value::Object(only)] = branches.as_slice() {
            let only = only.clone();
            object.remove("anyOf");
            for (key, value) in only {
                object.entry(key).or_insert(value);
            }
        }
    }
}

/// A `oneOf` of documented constants becomes an `enum` with a description for each value.
fn constants_to_enum(object: &mut Map<String, Value>) {
    let Some(Value::Array(branches)) = object.get("oneOf") else { return };
    let mut values = Vec::new();
    let mut descriptions = Vec::new();
    for branch in branches {
        match branch.get("const") {
            Some(value) => values.push(value.clone()),
            None => return,
        }
        descriptions.push(branch.get("description").cloned().unwrap_or(json!("")));
    }
    object.remove("oneOf");
    object.insert("type".into(), json!("string"));
    object.insert("enum".into(), values.into());
    object.insert("enumDescriptions".into(), descriptions.clone().into());
    object.insert("markdownEnumDescriptions".into(), descriptions.into());
}

/// Where any text will do, a number or a boolean is its source text; where a form is asked for, a boolean has none.
fn text_takes_scalars(object: &mut Map<String, Value>) {
    let narrow = ["enum", "const", "pattern", "format"].iter().any(|keyword| object.contains_key(*keyword));
    if object.get("type") == Some(&json!("string")) && !narrow {
        object.insert("type".into(), json!(["string", "number", "boolean"]));
    }
    if object.get("type") == Some(&json!(["string", "number", "boolean"])) && narrow {
        object.insert("type".into(), json!(["string", "number"]));
    }
}

/// The example that a description or a message names, or the default, is what an editor types in first.
fn exemplify(object: &mut Map<String, Value>) {
    if object.contains_key("examples") || object.contains_key("enum") {
        return;
    }
    let text = |key: &str| object.get(key).and_then(Value::as_str);
    let description = text("description").unwrap_or_default();
    let named = prose::example(description).or_else(|| prose::plain_default(description));
    let Some(named) = named.or_else(|| text("patternErrorMessage").and_then(prose::example_in_message)) else { return };
    let takes = |kind: &str| match object.get("type") {
        Some(Value::String(only)) => only == kind,
        Some(Value::Array(kinds)) => kinds.contains(&json!(kind)),
        _ => false,
    };
    let number = named.parse::<serde_json::Number>().ok().filter(|number| number.to_string() == named);
    let example = match number {
        Some(number) if takes("integer") || takes("number") => Value::Number(number),
        _ if takes("string") => json!(named),
        _ => return,
    };
    object.insert("examples".into(), json!([example]));
}

/// A mapping with known keys takes no others.
fn close(object: &mut Map<String, Value>) {
    if object.contains_key("properties") && !object.contains_key("additionalProperties") {
        object.insert("additionalProperties".into(), json!(false));
    }
}
