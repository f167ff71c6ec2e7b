//! What the doors know of their tools: Compose's words are condensed from what the Compose Specification publishes, and those of fly.toml
//! are the keys that its judge knows.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use stackc::compile::compile;
use stackc::diagnostic::Diagnostics;
use stackc::facts::Facts;
use stackc::pins::Pins;
use stackc::source::Source;
use stackc::spec::door::{COMPOSE, FLY, Tool};

use crate::root;

/// `STACKC_UPDATE=1` writes it instead.
#[test]
fn the_doors_of_the_schema_are_those_of_the_compose_specification() {
    let path = root().join("src/spec/door/compose.json");
    let spec = Spec::read();
    let definitions = spec.condensed_definitions();
    let made = printed(&definitions);
    assert_eq!(serde_json::from_str::<Map<String, Value>>(&made).expect("it prints as JSON"), definitions);
    if std::env::var_os("STACKC_UPDATE").is_some() {
        std::fs::write(&path, &made).expect("the definitions can be written");
    }
    let committed = std::fs::read_to_string(&path).expect("the definitions are committed");
    assert!(
        committed == made,
        "src/spec/door/compose.json is stale: run `STACKC_UPDATE=1 cargo test schema`, twice, as the program has it compiled in"
    );
}

/// Words that stand beside something in one environment's file alone are no slip where a run makes the other's alone.
#[test]
fn a_door_counts_where_its_file_is_not_made() {
    let text = json!({
        "name": "shop",
        "services": {"db": {"image": "postgres:17", "volumes": {"/data": "data"}}, "cache": {"image": "redis:7"}},
        "volumes": {"data": {"compose": {"driver": "local"}}},
        "environments": {
            "dev": {"platform": "compose", "file": "dev.yml"},
            "small": {"platform": "compose", "file": "small.yml", "only": ["cache"]},
        },
    });
    let source = Source::new("stack.yaml", text.to_string());
    for only in [vec![], vec!["small".to_owned()]] {
        let mut diagnostics = Diagnostics::default();
        compile(&source, &only, &Pins::default(), &|_| Facts::none(), &mut diagnostics);
        assert!(!diagnostics.has_errors(), "{only:?}: {:?}", diagnostics.sorted());
    }
}

#[test]
fn a_union_is_condensed_to_what_any_branch_takes() {
    let spec = Spec(json!({"definitions": {"names": {"type": "array", "items": {"type": "string"}}}}));
    let condensed = |schema: Value| spec.condensed(&schema);
    let branches = json!({"oneOf": [
        {"type": "null"},
        {"$ref": "#/definitions/names"},
        {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}, "old": {"type": "string", "deprecated": true}}},
    ]});
    let merged = json!({
        "type": ["array", "object"],
        "items": {"type": "string"},
        "properties": {"a": {"type": "integer"}},
    });
    assert_eq!(condensed(branches), merged);
    let word_or_list = json!({"oneOf": [{"type": "string", "enum": ["all"]}, {"type": "array"}]});
    assert_eq!(condensed(word_or_list), json!({"type": ["string", "array"], "examples": ["all"]}));
    let names = json!({"type": "object", "patternProperties": {"^.+$": {"type": ["string", "null"]}}});
    assert_eq!(condensed(names), json!({"type": "object", "additionalProperties": {"type": "string"}}));
    let gone = json!({"type": ["string", "object"], "properties": {"old": {"deprecated": true}}});
    assert_eq!(condensed(gone), json!({"type": "string"}));
}

#[test]
fn fly_has_the_keys_that_its_judge_knows() {
    let text = std::fs::read_to_string(root().join("tests/judges/fly/tables.json")).expect("the judge has its tables");
    let tables: Value = serde_json::from_str(&text).expect("it is JSON");
    let mut judged = BTreeSet::new();
    of_the_judge(&tables, &tables["app"], "", &mut judged);
    let definitions = definitions(&FLY);
    let mut ours = BTreeSet::new();
    keys(&definitions, &definitions["file"], "", &mut ours);
    assert!(ours.len() > 150, "{} keys", ours.len());
    assert_eq!(ours, judged);
    let of = |name: &str| definitions[name]["properties"].as_object().expect("it is a mapping").clone();
    let mut service = of("http_service");
    service.extend(of("tcp_service"));
    assert_eq!(of("service"), service, "the service of a port is one of the two");
}

#[test]
fn every_definition_is_reached_from_a_door() {
    for (tool, doors) in [(COMPOSE, &["service", "volume", "port", "file"][..]), (FLY, &["service", "mount", "file"])] {
        let definitions = definitions(&tool);
        let mut reached = BTreeSet::new();
        doors.iter().for_each(|door| reach(&definitions, door, &mut reached));
        let all: BTreeSet<String> = definitions.keys().cloned().collect();
        assert_eq!(reached, all, "of {}", tool.name);
    }
}

fn definitions(tool: &Tool) -> Map<String, Value> {
    serde_json::from_str(tool.definitions).expect("the definitions are JSON")
}

fn reach(definitions: &Map<String, Value>, name: &str, reached: &mut BTreeSet<String>) {
    if reached.insert(name.to_owned()) {
        let text = definitions[name].to_string();
        let names = text.split("{\"$ref\":\"").skip(1).filter_map(|rest| rest.split('"').next());
        names.for_each(|name| reach(definitions, name, reached));
    }
}

/// Every key below a definition, by its path.
fn keys(definitions: &Map<String, Value>, schema: &Value, path: &str, found: &mut BTreeSet<String>) {
    let schema = schema["$ref"].as_str().map_or(schema, |name| &definitions[name]);
    for (key, below) in schema["properties"].as_object().into_iter().flatten() {
        let path = format!("{path}.{key}");
        keys(definitions, below, &path, found);
        found.insert(path);
    }
    for below in ["items", "additionalProperties"] {
        schema.get(below).into_iter().for_each(|below| keys(definitions, below, path, found));
    }
}

/// The same of a table of the judge's.
fn of_the_judge(tables: &Value, table: &Value, path: &str, found: &mut BTreeSet<String>) {
    for (key, value) in table.as_object().expect("a table is a mapping") {
        let path = format!("{path}.{key}");
        // A map says what its values are in place, a table by name.
        let value = if value["of"].is_object() { &value["of"] } else { value };
        let without = value["without"].as_array().cloned().unwrap_or_default();
        if let Some(name) = value["of"].as_str() {
            let mut below = tables[name].as_object().expect("a table is a mapping").clone();
            below.retain(|key, _| !without.contains(&json!(key)));
            of_the_judge(tables, &Value::Object(below), &path, found);
        }
        found.insert(path);
    }
}

/// The definitions as a person would lay them out, a line a key.
fn printed(definitions: &Map<String, Value>) -> String {
    let spaced = |value: &Value| value.to_string().replace("\":", "\": ").replace(",\"", ", \"");
    let lines = |map: &Map<String, Value>, indent: &str, print: &dyn Fn(&Value) -> String| {
        let lines: Vec<String> =
            map.iter().map(|(key, value)| format!("{indent}\"{key}\": {}", print(value))).collect();
        format!("{{\n{}\n{}}}", lines.join(",\n"), &indent[2..])
    };
    let keys = |keys: &Value| keys.as_object().map_or_else(|| spaced(keys), |keys| lines(keys, "      ", &spaced));
    let definition = |definition: &Value| match definition.as_object().filter(|map| map.contains_key("properties")) {
        Some(map) => lines(map, "    ", &keys),
        None => spaced(definition),
    };
    lines(definitions, "  ", &definition) + "\n"
}

/// The schema of the Compose Specification.
struct Spec(Value);

impl Spec {
    fn read() -> Self {
        let path = root().join("tests/judges/data/compose-spec.json");
        let text = std::fs::read_to_string(path).expect("the specification is there");
        Spec(serde_json::from_str(&text).expect("it is JSON"))
    }

    /// Its definitions, the file as a whole, and the parts that have a page or a door of their own; only what is referred to is kept.
    fn condensed_definitions(&self) -> Map<String, Value> {
        let mut definitions = Map::new();
        definitions.insert("file".into(), self.condensed(&self.0));
        for (name, schema) in self.0["definitions"].as_object().expect("it has definitions") {
            definitions.insert(name.clone(), self.condensed(schema));
        }
        let ports = self.0.pointer("/definitions/service/properties/ports/items/oneOf").expect("ports have forms");
        let long = ports.as_array().into_iter().flatten().find(|form| form["type"] == "object");
        definitions.insert("port".into(), self.condensed(long.expect("a port has a long form")));
        let build = definitions["service"]["properties"]["build"].take();
        definitions["service"]["properties"]["build"] = json!({"$ref": "build"});
        definitions.insert("build".into(), build);
        let mut reached = BTreeSet::new();
        ["file", "port"].iter().for_each(|name| reach(&definitions, name, &mut reached));
        definitions.retain(|name, _| reached.contains(name));
        definitions
    }

    /// A schema without unions, prose and what a part of a mapping need not hold; `null`, which removes, is allowed everywhere.
    fn condensed(&self, schema: &Value) -> Value {
        if let Some(branches) = ["oneOf", "anyOf"].iter().find_map(|union| schema[union].as_array()) {
            let branches = branches.iter().filter(|branch| branch["type"] != "null");
            let branches = branches.map(|branch| self.condensed(self.resolved(branch)));
            return branches.reduce(merged).expect("a union has branches");
        }
        if let Some(reference) = schema["$ref"].as_str() {
            return json!({"$ref": reference.rsplit('/').next()});
        }
        let mut condensed = Map::new();
        let current = |(_, property): &(&String, &Value)| property["deprecated"] != true;
        let properties = schema["properties"].as_object().into_iter().flatten().filter(current);
        let properties: Map<String, Value> =
            properties.map(|(key, property)| (key.clone(), self.condensed(property))).collect();
        let mut kinds = kinds(schema);
        kinds.retain(|kind| kind != "null");
        if schema.get("properties").is_some() && properties.is_empty() {
            kinds.retain(|kind| kind != "object");
        }
        if !kinds.is_empty() {
            condensed.insert("type".into(), said(kinds));
        }
        for keyword in ["enum", "pattern", "minimum", "maximum"] {
            condensed.extend(schema.get(keyword).map(|value| (keyword.to_owned(), value.clone())));
        }
        if schema["uniqueItems"] == true {
            condensed.insert("uniqueItems".into(), json!(true));
        }
        if !properties.is_empty() {
            condensed.insert("properties".into(), Value::Object(properties));
        }
        let patterns = schema["patternProperties"].as_object().into_iter().flatten();
        let mut named = patterns.filter(|(pattern, _)| *pattern != "^x-").map(|(_, values)| values);
        for (keyword, part) in [("additionalProperties", named.next()), ("items", schema.get("items"))] {
            condensed.extend(part.map(|part| (keyword.to_owned(), self.condensed(part))));
        }
        Value::Object(condensed)
    }

    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let definition = schema["$ref"].as_str().and_then(|reference| self.0.pointer(&reference[1..]));
        definition.unwrap_or(schema)
    }
}

fn kinds(schema: &Value) -> Vec<Value> {
    match &schema["type"] {
        Value::Array(kinds) => kinds.clone(),
        Value::Null => Vec::new(),
        kind => vec![kind.clone()],
    }
}

fn said(mut kinds: Vec<Value>) -> Value {
    if kinds.len() == 1 { kinds.remove(0) } else { Value::Array(kinds) }
}

/// What either of two branches takes.
fn merged(one: Value, other: Value) -> Value {
    let (mut both, Value::Object(other)) = (one, other) else { panic!("a schema is a mapping") };
    let mut kinds_of_both = kinds(&both);
    kinds_of_both.extend(other.get("type").map(|_| kinds(&Value::Object(other.clone()))).unwrap_or_default());
    let mut seen = BTreeSet::new();
    kinds_of_both.retain(|kind| seen.insert(kind.to_string()));
    let map = both.as_object_mut().expect("a schema is a mapping");
    for (keyword, value) in other {
        match map.get_mut(&keyword) {
            Some(mine) if ["items", "additionalProperties"].contains(&keyword.as_str()) => {
                *mine = merged(mine.take(), value);
            }
            Some(Value::Object(mine)) if keyword == "properties" => {
                let properties = value.as_object().expect("properties are a mapping");
                for (key, property) in properties {
                    let before = mine.remove(key);
                    mine.insert(
                        key.clone(),
                        before.map_or(property.clone(), |before| merged(before, property.clone())),
                    );
                }
            }
            Some(_) => {}
            None => drop(map.insert(keyword, value)),
        }
    }
    // A word among other things is one of several that will do.
    if let Some(words) = map.remove("enum") {
        map.insert("examples".into(), words);
    }
    map.insert("type".into(), said(kinds_of_both));
    both
}
