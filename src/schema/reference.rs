//! The reference of the language, a page for people: every key by section, in the order of the language. Made from the schema before
//! overlays and editors add to it, so it says what `spec` says. Writes Markdown; decides nothing.

use std::collections::BTreeMap;

use serde_json::Value;

use super::overlay::SECTIONS;
use super::prose;
use super::wording::noun;
use crate::spec::door::{COMPOSE, DOORS, FLY, Tool};

const INTRODUCTION: &str = "# Reference of stack.yaml

Every key of the language, in its order. Made from the types that read the file, and kept fresh by a test; `stackc schema --reference` prints
it. `NAME` stands for a name of your own. **needed** marks a key that cannot be left out. A value of text may also be written as a number or
as `true`, which are taken as they are written.
";

/// What an environment may hold besides its own keys; `{}` is the list of sections.
const OVERLAYS: &str = "Besides these, an environment may hold the sections {}: what differs there from the base. They take the same keys as \
the sections of that name, but nothing is needed. Mappings are merged key by key, lists and values are replaced, and `null` removes what the \
base says, as in `services: {api: {healthcheck: null}}`. A value in its short form is merged as its long form.";

/// Writes the page.
pub fn page(schema: &Value) -> String {
    let mut page = Page { schema, places: BTreeMap::new(), sections: Vec::new() };
    page.section("", "stack.yaml", schema);
    let mut text = INTRODUCTION.to_owned() + "\n";
    for section in &page.sections {
        text +=
            &format!("{}- [`{}`](#{})\n", "  ".repeat(depth(&section.title)), section.title, anchor(&section.title));
    }
    page.sections.iter().for_each(|section| text += &section.text);
    text
}

struct Section {
    title: String,
    text: String,
}

struct Page<'a> {
    schema: &'a Value,
    /// The section of each shared definition.
    places: BTreeMap<&'a str, String>,
    sections: Vec<Section>,
}

impl<'a> Page<'a> {
    /// Adds the section of the mapping at `path`, and those of the mappings in it.
    fn section(&mut self, path: &str, title: &str, schema: &'a Value) {
        let level = if depth(title) < 2 { "##" } else { "###" };
        let mut text =
            format!("\n<a id=\"{}\"></a>\n\n{level} `{title}`\n\n{}\n\n", anchor(title), description(schema));
        let at = self.sections.len();
        self.sections.push(Section { title: title.to_owned(), text: String::new() });
        let needed: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let keys = self.keys(schema);
        if let Some(tool) = self.door(schema) {
            let words: Vec<String> = keys.iter().map(|(key, _)| format!("`{key}`")).collect();
            text += &format!("Its keys, each as that tool has it: {}.\n", words.join(", "));
            text += &format!(
                "\nWhat each takes, and what lies below it, [its own reference]({}) tells.\n",
                tool.documentation
            );
        } else {
            text += "| key | takes | default | what it is |\n| --- | --- | --- | --- |\n";
            for (key, property) in &keys {
                text += &self.row(&joined(path, key), key, property, needed.contains(&key.as_str()));
            }
        }
        self.notes(schema, &mut text);
        self.sections[at].text = text;
    }

    /// The keys of a mapping; those that hold an environment's overlays are told apart.
    fn keys(&self, schema: &'a Value) -> Vec<(&'a String, &'a Value)> {
        let environment = std::ptr::eq(schema, &self.schema["$defs"]["Environment"]);
        let keys = schema["properties"].as_object().into_iter().flatten();
        keys.filter(|(key, _)| !(environment && SECTIONS.contains(&key.as_str()))).collect()
    }

    fn notes(&self, schema: &Value, text: &mut String) {
        if let Some(free) = schema["patternProperties"].get("^x-") {
            let free = free["description"].as_str().unwrap_or("an extension of that tool's file.");
            *text += &format!("\nA key that begins with `x-`: {free}\n");
        }
        if std::ptr::eq(schema, &self.schema["$defs"]["Environment"]) {
            let sections: Vec<String> = SECTIONS.iter().map(|section| format!("[`{section}`](#{section})")).collect();
            *text += &format!("\n{}\n", OVERLAYS.replace("{}", &sections.join(", ")));
        }
    }

    fn row(&mut self, path: &str, key: &str, property: &'a Value, needed: bool) -> String {
        let said = description(property);
        let (before, default, after) = prose::default(&said).unwrap_or((&said, "", ""));
        let mut about = vec![before.to_owned(), after.to_owned()];
        let resolved = self.resolved(property);
        about.extend(forms(property, resolved, &said));
        about.push(example(property, resolved, &about.join(" "), default));
        about.retain(|sentence| !sentence.is_empty());
        let mut about = about.join(" ");
        for (value, what) in choices(resolved) {
            about += &format!("<br>`{value}`: {what}");
        }
        let default = if needed { "**needed**" } else { default };
        let cells = [self.takes(path, property), default.to_owned(), about].map(|cell| cell.replace('|', "\\|"));
        // The section of a key has its anchor.
        let own = self.sections.iter().any(|section| section.title == path);
        let place = if own { String::new() } else { format!("<a id=\"{}\"></a>", anchor(path)) };
        format!("| {place}`{key}` | {} | {} | {} |\n", cells[0], cells[1], cells[2])
    }

    /// What a value may be, in words; a mapping of known keys gets its section, or is led to it.
    fn takes(&mut self, path: &str, schema: &'a Value) -> String {
        let resolved = self.resolved(schema);
        if resolved.get("enum").is_some() {
            let values: Vec<String> = choices(resolved).iter().map(|(value, _)| format!("`{value}`")).collect();
            return values.join(", ");
        }
        let kinds: Vec<&str> = match &resolved["type"] {
            Value::String(kind) => vec![kind],
            Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
            _ => return "anything".to_owned(),
        };
        let text = kinds.contains(&"string");
        let mut takes = Vec::new();
        for kind in kinds {
            match kind {
                "number" | "boolean" | "integer" if text => {}
                // What removes, in a door.
                "null" => {}
                "integer" | "number" => takes.push(format!("{}{}", noun(kind), range(resolved))),
                "array" => takes.push(format!("a list of {}", plural(&self.takes(path, &resolved["items"])))),
                "object" => takes.push(self.mapping(path, schema, resolved)),
                kind => takes.push(noun(kind).to_owned()),
            }
        }
        takes.join(" or ")
    }

    fn mapping(&mut self, path: &str, schema: &'a Value, resolved: &'a Value) -> String {
        if resolved.get("properties").is_some() {
            let place = self.place(path, schema, resolved);
            return format!("[a mapping](#{})", anchor(&place));
        }
        match &resolved["additionalProperties"] {
            Value::Object(_) => {
                let values = self.takes(&joined(path, "NAME"), &resolved["additionalProperties"]);
                format!("a mapping of NAME: {values}")
            }
            _ => "a mapping".to_owned(),
        }
    }

    /// The section of a mapping, which is made when it is first met.
    fn place(&mut self, path: &str, schema: &'a Value, resolved: &'a Value) -> String {
        let definition = schema["$ref"].as_str();
        if let Some(place) = definition.and_then(|definition| self.places.get(definition)) {
            return place.clone();
        }
        if let Some(definition) = definition {
            self.places.insert(definition, path.to_owned());
        }
        self.section(path, path, resolved);
        path.to_owned()
    }

    /// The tool whose words a mapping holds, if it is a door.
    fn door(&self, schema: &Value) -> Option<Tool> {
        let door = DOORS.iter().find(|door| std::ptr::eq(schema, &self.schema["$defs"][door]))?;
        [COMPOSE, FLY].into_iter().find(|tool| door.starts_with(tool.name))
    }

    fn resolved(&self, schema: &'a Value) -> &'a Value {
        let definition = schema["$ref"].as_str().and_then(|reference| self.schema.pointer(&reference[1..]));
        definition.unwrap_or(schema)
    }
}

fn joined(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// How many keys lead to a section.
fn depth(title: &str) -> usize {
    if title == "stack.yaml" { 0 } else { title.split('.').filter(|key| *key != "NAME").count() }
}

fn anchor(path: &str) -> String {
    path.to_lowercase().replace(['.', '_'], "-")
}

fn description(schema: &Value) -> String {
    schema["description"].as_str().unwrap_or_default().to_owned()
}

/// The forms that a value, its names and its items have to have, as sentences. Where the description names an example, theirs is left out.
fn forms(property: &Value, resolved: &Value, said: &str) -> Vec<String> {
    let parts = [property, resolved, &resolved["propertyNames"], &resolved["additionalProperties"], &resolved["items"]];
    let stated = |part: &&Value| {
        // The range is told with the type.
        if part["type"] == "integer" {
            return None;
        }
        let message = ["patternErrorMessage", "errorMessage"].iter().find_map(|key| part[key].as_str())?;
        let message = match message.split_once(", such as ") {
            Some((form, example)) if said.contains("such as ") && !example.contains(',') => form,
            _ => message,
        };
        let (first, rest) = message.split_at(message.chars().next().map_or(0, char::len_utf8));
        Some(format!("{}{rest}.", first.to_uppercase()))
    };
    let mut forms: Vec<String> = parts.iter().filter_map(stated).collect();
    forms.dedup();
    forms
}

/// The example, unless the text has one already or the default is one.
fn example(property: &Value, resolved: &Value, said: &str, default: &str) -> String {
    let example = property["examples"].get(0).or_else(|| resolved["examples"].get(0));
    let text = match example {
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => return String::new(),
    };
    let known = said.contains(&format!("`{text}`")) || said.contains(&format!("such as {text}"));
    if known || default.trim_start_matches('`').starts_with(&text) {
        String::new()
    } else {
        format!("Example: `{text}`.")
    }
}

/// The allowed values, each with its description.
fn choices(schema: &Value) -> Vec<(&str, &str)> {
    let values = schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let texts = schema["enumDescriptions"].as_array().into_iter().flatten().filter_map(Value::as_str);
    values.zip(texts).collect()
}

fn range(schema: &Value) -> String {
    match (schema.get("minimum"), schema.get("maximum")) {
        (Some(least), Some(most)) => format!(" from {least} to {most}"),
        (Some(least), None) => format!(" from {least}"),
        (None, Some(most)) => format!(" up to {most}"),
        (None, None) => String::new(),
    }
}

/// What a list holds.
fn plural(item: &str) -> String {
    item.replace("[a mapping]", "[mappings]")
        .replace("a mapping", "mappings")
        .replace("a whole number", "whole numbers")
}
