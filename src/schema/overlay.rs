//! The schema of what stands in an environment: the base's own, with nothing required and `null` allowed everywhere, because there it
//! removes what the base says.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::spec::door::DOORS;

/// Sections of the base that an environment may overlay.
pub const SECTIONS: [&str; 8] =
    ["services", "images", "volumes", "networks", "secrets", "variables", "routing", "jobs"];
const SUFFIX: &str = "Overlay";

/// Points the overlaid sections of `$defs.Environment` at overlay twins of their definitions, and adds those.
pub fn add(schema: &mut Value) {
    let mut wanted = BTreeSet::new();
    for section in SECTIONS {
        let base = schema["properties"][section].clone();
        let mut twin = nullable(&base, &mut wanted);
        let entry = if section == "routing" { "hosts: {NAME: null}" } else { "NAME: null" };
        let description =
            format!("What differs here from the base's `{section}`; `null` removes, as in `{section}: {{{entry}}}`.");
        twin["description"] = json!(description);
        twin["markdownDescription"] = twin["description"].clone();
        schema["$defs"]["Environment"]["properties"][section] = twin;
    }
    let mut done = BTreeSet::new();
    while let Some(name) = wanted.pop_first() {
        if done.insert(name.clone()) {
            let mut twin = overlay_of(&schema["$defs"][&name].clone(), &mut wanted);
            allow_null(&mut twin);
            schema["$defs"][format!("{name}{SUFFIX}")] = twin;
            wanted.retain(|name| !done.contains(name));
        }
    }
}

fn overlay_of(schema: &Value, wanted: &mut BTreeSet<String>) -> Value {
    let Value::Object(object) = schema else { return schema.clone() };
    let mut twin = Map::new();
    for (key, value) in object {
        match key.as_str() {
            "required" | "minProperties" => continue,
            "$ref" => {
                let name = value.as_str().unwrap_or_default().rsplit('/').next().unwrap_or_default();
                // A door needs nothing and allows `null` as it is.
                let suffix = if DOORS.contains(&name) { "" } else { SUFFIX };
                if !suffix.is_empty() {
                    wanted.insert(name.to_owned());
                }
                twin.insert(key.clone(), json!(format!("#/$defs/{name}{suffix}")));
            }
            "properties" => {
                let properties = value.as_object().into_iter().flatten();
                let twins = properties.map(|(name, schema)| (name.clone(), nullable(schema, wanted)));
                twin.insert(key.clone(), Value::Object(twins.collect()));
            }
            "additionalProperties" => {
                twin.insert(key.clone(), nullable(value, wanted));
            }
            _ => {
                twin.insert(key.clone(), value.clone());
            }
        }
    }
    Value::Object(twin)
}

fn nullable(schema: &Value, wanted: &mut BTreeSet<String>) -> Value {
    let mut twin = overlay_of(schema, wanted);
    allow_null(&mut twin);
    twin
}

/// Adds `null` to the types and values that a schema allows.
pub fn allow_null(schema: &mut Value) {
    let Value::Object(object) = schema else { return };
    match object.get_mut("type") {
        Some(Value::Array(types)) if !types.contains(&json!("null")) => types.push(json!("null")),
        Some(Value::String(kind)) => {
            let kinds = json!([kind, "null"]);
            object.insert("type".into(), kinds);
        }
        _ => {}
    }
    if let Some(Value::Array(values)) = object.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
        for descriptions in ["enumDescriptions", "markdownEnumDescriptions"] {
            if let Some(Value::Array(descriptions)) = object.get_mut(descriptions) {
                descriptions.push(json!("Removes what the base says."));
            }
        }
    }
}
