//! The committed schema is what the types say, and has nothing in it that spoils an editor's messages.

use serde_json::Value;

use crate::root;

/// `STACKC_UPDATE=1` writes it instead.
#[test]
fn the_committed_schema_is_fresh() {
    let path = root().join("schema/stack.schema.json");
    let made = stackc::schema::generate();
    if std::env::var_os("STACKC_UPDATE").is_some() {
        std::fs::write(&path, &made).expect("the schema can be written");
    }
    let committed = std::fs::read_to_string(&path).expect("the schema is committed");
    assert!(
        committed == made,
        "schema/stack.schema.json is stale: run `STACKC_UPDATE=1 cargo test the_committed_schema`"
    );
}

#[test]
fn no_union_spoils_the_messages() {
    let schema: Value = serde_json::from_str(stackc::schema::TEXT).expect("it is JSON");
    visit(&schema, "", &|object, at| {
        for union in ["anyOf", "oneOf", "not"] {
            assert!(!object.contains_key(union), "`{union}` at {at}");
        }
    });
}

#[test]
fn every_key_is_described() {
    let schema: Value = serde_json::from_str(stackc::schema::TEXT).expect("it is JSON");
    visit(&schema, "", &|object, at| {
        for (name, property) in object.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let described = property["description"].as_str().is_some_and(|text| text.len() > 10);
            assert!(described, "`{name}` at {at} has no description");
        }
    });
}

fn visit(value: &Value, at: &str, look: &dyn Fn(&serde_json::Map<String, Value>, &str)) {
    match value {
        Value::Object(object) => {
            // A property may well be called like a keyword; the map of properties is not a schema.
            if !at.ends_with("/properties") && !at.ends_with("/$defs") {
                look(object, at);
            }
            object.iter().for_each(|(key, value)| visit(value, &format!("{at}/{key}"), look));
        }
        Value::Array(items) => items.iter().for_each(|item| visit(item, at, look)),
        _ => {}
    }
}
