//! Opens the doors: puts the words of Compose and fly.toml, down to the last key, into the schema, each with a link to the tool's own page.
//! Takes the condensed definitions of `spec::door`; `null`, which removes, is allowed at every key, so a door needs no twin for environments.

use std::collections::VecDeque;

use serde_json::{Map, Value, json};

use super::overlay::allow_null;
use super::wording::{alternatives, either};
use crate::spec::door::{COMPOSE, DOORS, FLY, Tool};

/// Adds the definitions of both tools; those that are doors keep their descriptions.
pub fn open(schema: &mut Value) {
    for tool in [COMPOSE, FLY] {
        let definitions = serde_json::from_str(tool.definitions).expect("a test holds the definitions to be JSON");
        for (name, mut opened) in Opening::new(&tool, definitions).all() {
            if let Some(description) = schema["$defs"][&name].get("description").cloned() {
                opened["markdownDescription"] = description.clone();
                opened["description"] = description;
            }
            schema["$defs"][name] = opened;
        }
    }
}

struct Opening<'a> {
    tool: &'a Tool,
    definitions: Map<String, Value>,
    /// What is done, or about to be, by its name in the schema.
    opened: Map<String, Value>,
    /// Definitions that were met, and where each is documented. Those that are nearer to a door come first, so that what several keys share is
    /// told at the plainest of them.
    met: VecDeque<(String, String)>,
}

impl<'a> Opening<'a> {
    fn new(tool: &'a Tool, definitions: Map<String, Value>) -> Self {
        Opening { tool, definitions, opened: Map::new(), met: VecDeque::new() }
    }

    fn all(mut self) -> Map<String, Value> {
        let mut doors: Vec<String> = self.definitions.keys().cloned().collect();
        doors.retain(|name| DOORS.contains(&self.named(name).as_str()));
        doors.iter().for_each(|name| drop(self.meet(name, self.tool.documentation)));
        while let Some((name, link)) = self.met.pop_front() {
            let raw = self.definitions[&name].clone();
            let opened = self.written(&raw, &link);
            self.opened.insert(self.named(&name), opened);
        }
        self.opened
    }

    /// The name in the schema, such as `ComposeListOrDict`.
    fn named(&self, name: &str) -> String {
        let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
        self.tool.name.to_owned() + &name.split('_').map(capital).collect::<String>()
    }

    /// A reference to a definition, which is documented at `link`, unless it has a page.
    fn meet(&mut self, name: &str, link: &str) -> Value {
        let named = self.named(name);
        let reference = refer(&named);
        if !self.opened.contains_key(&named) {
            self.opened.insert(named, Value::Null);
            let page = self.tool.pages.iter().find(|(of, _)| *of == name);
            let at = page.map_or(link.to_owned(), |(_, page)| format!("{}{page}", self.tool.documentation));
            self.met.push_back((name.to_owned(), at));
        }
        reference
    }

    /// A part of the schema. A plain one is a definition, as it stands at many places.
    fn part(&mut self, raw: &Value, link: &str) -> Value {
        if let Some(name) = raw["$ref"].as_str() {
            return self.meet(name, link);
        }
        let Some(name) = plain(raw) else { return self.written(raw, link) };
        let named = self.named(&name);
        if !self.opened.contains_key(&named) {
            let opened = self.written(raw, link);
            self.opened.insert(named.clone(), opened);
        }
        refer(&named)
    }

    fn written(&mut self, raw: &Value, link: &str) -> Value {
        let mut opened = raw.clone();
        let kinds = kinds(raw);
        if !kinds.is_empty() {
            opened["type"] = json!(kinds);
        }
        if let Some(values) = raw.get("enum") {
            opened = one_of(values, self.tool);
        } else if self.tool.interpolates {
            interpolate(&mut opened, &kinds);
        }
        allow_null(&mut opened);
        if matches!(kinds.iter().map(String::as_str).collect::<Vec<_>>()[..], ["boolean"] | ["boolean", "string"]) {
            opened["examples"] = json!([true, false]);
        }
        if let Some(properties) = raw["properties"].as_object() {
            let open = |(key, raw): (&String, &Value)| (key.clone(), self.key(key, raw, link));
            opened["properties"] = Value::Object(properties.iter().map(open).collect());
            opened["additionalProperties"] = json!(false);
            if self.tool.extends {
                opened["patternProperties"] = json!({"^x-": true});
            }
        }
        for keyword in ["additionalProperties", "items"] {
            if let Some(values) = raw.get(keyword) {
                opened[keyword] = self.part(values, link);
            }
        }
        opened
    }

    fn key(&mut self, key: &str, raw: &Value, link: &str) -> Value {
        let paged = !self.tool.pages.is_empty();
        let link = match key {
            _ if !paged || link.contains('#') => link.to_owned(),
            // The page of the whole file leads to those of its parts.
            "name" if link == self.tool.documentation => format!("{link}version-and-name/"),
            key if link == self.tool.documentation => format!("{link}{key}/"),
            key => format!("{link}#{key}"),
        };
        let mut opened = self.part(raw, &link);
        let file = self.tool.file;
        opened["description"] = json!(format!("{file}'s `{key}`."));
        opened["markdownDescription"] = json!(format!("{file}'s `{key}`: <{link}>"));
        opened
    }
}

/// Text that a tool fills in before it looks at a value.
const VARIABLE: &str = "[$]";

/// One of a few words, nothing, or text with a variable. Editors offer the examples, and would offer `null` beside an `enum`.
fn one_of(values: &Value, tool: &Tool) -> Value {
    let words: Vec<&str> = values.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let message = format!("this takes {}", alternatives(&words));
    let open = if tool.interpolates {
        json!({"type": ["string", "null"], "pattern": VARIABLE})
    } else {
        json!({"type": "null"})
    };
    json!({"examples": values, "if": open, "else": {"enum": values, "errorMessage": message}})
}

/// Lets text with a variable stand for a value of any form.
fn interpolate(schema: &mut Value, kinds: &[String]) {
    if let Some(pattern) = schema["pattern"].as_str().map(str::to_owned) {
        schema["pattern"] = json!(format!("{pattern}|{VARIABLE}"));
        schema["patternErrorMessage"] = json!(format!("Compose takes what fits `{pattern}`"));
    } else if let [kind] = kinds
        && ["boolean", "integer", "number"].contains(&kind.as_str())
    {
        schema["type"] = json!([kind, "string"]);
        schema["pattern"] = json!(VARIABLE);
        schema["patternErrorMessage"] = json!(format!("this takes {}", either(kinds)));
    }
}

/// The name of a part that says no more than its type, or that it is a list of such.
fn plain(raw: &Value) -> Option<String> {
    let kinds = kinds(raw);
    let says = |keyword: &str| raw.get(keyword).is_some();
    let said = raw.as_object().map_or(0, Map::len);
    match kinds.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["array"] if said == 2 && says("items") => Some(format!("list_of_{}", plain(&raw["items"])?)),
        ["array"] if said == 3 && says("items") && says("uniqueItems") => {
            Some(format!("set_of_{}", plain(&raw["items"])?))
        }
        ["array"] | [] => None,
        _ if said > 1 || kinds.iter().any(|kind| kind == "object") => None,
        _ => Some(kinds.join("_or_")),
    }
}

fn refer(name: &str) -> Value {
    json!({"$ref": format!("#/$defs/{name}")})
}

/// The types, the plainest first.
const KINDS: [&str; 6] = ["boolean", "integer", "number", "string", "array", "object"];

/// The types that a schema allows, in one order, so that those who allow the same say the same.
fn kinds(schema: &Value) -> Vec<String> {
    let mut kinds = match &schema["type"] {
        Value::String(kind) => vec![kind.clone()],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    kinds.sort_by_key(|kind| KINDS.iter().position(|known| known == kind));
    kinds
}
