//! The committed schema is what the types say, and has nothing in it that spoils an editor's messages.

use serde_json::{Value, json};

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

/// On hover a person sees what a value looks like: an example, or the allowed words.
#[test]
fn every_key_shows_what_it_takes() {
    let schema: Value = serde_json::from_str(stackc::schema::TEXT).expect("it is JSON");
    // What passes through a door is explained by the tool that it is handed to.
    let door = |at: &str| ["Compose", "Fly"].iter().any(|tool| at.starts_with(&format!("/$defs/{tool}")));
    let missing = std::cell::RefCell::new(Vec::new());
    visit(&schema, "", &|object, at| {
        for (name, property) in object.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let referred = property["$ref"].as_str().and_then(|to| schema.pointer(to.trim_start_matches('#')));
            let places = [Some(property), referred].into_iter().flatten();
            let shown = places.into_iter().any(|of| of.get("enum").is_some() || of.get("examples").is_some());
            let types = property.get("type").or_else(|| property["then"].get("type"));
            let yes_or_no =
                types.is_some_and(|types| *types == "boolean" || *types == serde_json::json!(["boolean", "null"]));
            let told = property["description"].as_str().is_some_and(|text| has_example(name, text));
            if !(shown || told || yes_or_no || door(at)) {
                missing.borrow_mut().push(format!("{at} {name}"));
            }
        }
    });
    assert_eq!(missing.into_inner(), Vec::<String>::new(), "these keys have no example");
}

/// Whether `text` quotes more than the names of keys.
fn has_example(name: &str, text: &str) -> bool {
    let mut pieces = text.split('`');
    let mut before = pieces.next().unwrap_or_default();
    while let (Some(quoted), Some(after)) = (pieces.next(), pieces.next()) {
        let word = quoted.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        if quoted != name && (!word || before.ends_with("such as ")) {
            return true;
        }
        before = after;
    }
    false
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

#[test]
fn every_example_fits_its_key() {
    let schema: Value = serde_json::from_str(stackc::schema::TEXT).expect("it is JSON");
    visit(&schema, "", &|object, at| {
        let Some(examples) = object.get("examples").and_then(Value::as_array) else { return };
        let mut alone = Value::Object(object.clone());
        alone["$defs"] = schema["$defs"].clone();
        let validator = jsonschema::validator_for(&alone).expect("a part of the schema is a schema");
        for example in examples {
            assert!(validator.is_valid(example), "{example} does not fit {at}");
        }
    });
}

/// A skeleton that an editor offers, taken as it stands, leaves no error.
#[test]
fn every_snippet_compiles() {
    let folder = project();
    let schema: Value = serde_json::from_str(stackc::schema::TEXT).expect("it is JSON");
    let places = [
        ("", ""),
        ("/properties/services", "/services"),
        ("/properties/environments", "/environments"),
        ("/properties/secrets", "/secrets"),
        ("/$defs/Service/properties/ports", "/services/api/ports"),
        ("/$defs/Routing/properties/hosts", "/routing/hosts"),
    ];
    let mut found = 0;
    visit(&schema, "", &|object, at| {
        let known = places.iter().any(|(place, _)| *place == at);
        // One of nothing only makes an editor type the colon.
        let skeletons = object.get("defaultSnippets").filter(|snippets| **snippets != json!([{"body": {}}]));
        assert!(known || skeletons.is_none(), "the snippets at {at} are tried nowhere");
    });
    for (place, target) in places {
        let map = schema.pointer(place).expect("the place exists");
        for snippet in map["defaultSnippets"].as_array().expect("the place has snippets") {
            // That of the top is a whole stack.
            let around = if place.is_empty() { "{}" } else { STACK };
            let mut stack: Value = serde_json::from_str(around).expect("it is JSON");
            let body = filled(&snippet["body"]).as_object().expect("a snippet is a mapping").clone();
            stack.pointer_mut(target).and_then(Value::as_object_mut).expect("the target exists").extend(body);
            std::fs::write(folder.path().join("stack.yaml"), stack.to_string()).expect("a file can be written");
            let (source, diagnostics, _) = crate::compile(folder.path());
            let said = crate::rendered(&source, &diagnostics);
            assert!(!said.contains("error["), "{}:\n{said}\n{stack}", snippet["label"]);
            found += 1;
        }
    }
    assert!(found >= places.len());
}

/// What the skeletons are put into.
const STACK: &str = r#"{
    "name": "shop",
    "services": {
        "web": {
            "build": {"node": {"version": 22, "package_manager": "pnpm@10.15.0", "output": "dist"}},
            "serve": "nginx:stable-alpine",
            "ports": {"http": {"port": 80, "publish": 8080}}
        },
        "api": {"image": "nginx:1.30-alpine", "ports": {"http": 80}}
    },
    "routing": {"edge": "web", "hosts": {"shop.localhost": {"routes": {"/*": {"site": "web"}}}}},
    "environments": {},
    "secrets": {}
}"#;

/// A folder with the files that they speak of.
fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder can be made");
    for (path, text) in
        [("app/__main__.py", ""), ("api/Dockerfile", "FROM scratch\n"), ("package.json", "{}"), ("pnpm-lock.yaml", "")]
    {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("it lies in the folder")).expect("a folder can be made");
        std::fs::write(path, text).expect("a file can be written");
    }
    folder
}

/// A snippet's body as an editor types it in.
fn filled(body: &Value) -> Value {
    match body {
        Value::Object(map) => {
            map.iter().map(|(key, value)| (plain(key).trim_matches('"').to_owned(), filled(value))).collect()
        }
        Value::Array(items) => items.iter().map(filled).collect(),
        Value::String(text) => {
            let text = plain(text);
            serde_json::from_str(&text).unwrap_or(Value::String(text))
        }
        other => other.clone(),
    }
}

/// `${1:80}` and `^true` without their marks.
fn plain(text: &str) -> String {
    let held = text.strip_prefix("${").and_then(|text| text.strip_suffix('}')).and_then(|text| text.split_once(':'));
    held.map_or_else(|| text.trim_start_matches('^').to_owned(), |(_, value)| value.to_owned())
}
