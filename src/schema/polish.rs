//! Makes what schemars writes read well in editors. Every rule was tried on yaml-language-server: it takes the first branch of
//! a union for the truth, so no union may be left, and an explicit `null` is offered as a completion.

use schemars::Schema;
use serde_json::{Map, Value, json};

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
    if matches!(object.get("default"), Some(Value::Null | Value::Object(_) | Value::Array(_))) {
        object.remove("default");
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

/// Where any text will do, a number or a boolean is its source text.
fn text_takes_scalars(object: &mut Map<String, Value>) {
    let narrow = ["enum", "const", "pattern", "format"].iter().any(|keyword| object.contains_key(*keyword));
    if object.get("type") == Some(&json!("string")) && !narrow {
        object.insert("type".into(), json!(["string", "number", "boolean"]));
    }
}

/// A mapping with known keys takes no others.
fn close(object: &mut Map<String, Value>) {
    if object.contains_key("properties") && !object.contains_key("additionalProperties") {
        object.insert("additionalProperties".into(), json!(false));
    }
}
