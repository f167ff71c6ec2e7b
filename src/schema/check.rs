//! Turns the validator's errors into diagnostics: our words, the span, the allowed values, the nearest known word.

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use serde_json::Value;

use super::{TEXT, Validator, words};
use crate::code::Code;
use crate::diagnostic::{Diagnostics, Finding, Findings, nearest};
use crate::source::{Place, SpecPath};
use crate::syntax::{Document, Kind as NodeKind};

/// Reports everything in which `document` differs from the schema; gives the paths of the parts that do, without which the rest can be read.
pub fn check(document: &Document, diagnostics: &mut Diagnostics) -> Vec<SpecPath> {
    let instance = document.to_json();
    if Validator::is_valid(&instance) {
        return Vec::new();
    }
    let schema: Value = serde_json::from_str(TEXT).expect("the committed schema is JSON; a test holds it fresh");
    let mut findings = Findings::new(document, diagnostics);
    let mut report = Report { document, schema: &schema, findings: &mut findings, broken: Vec::new() };
    for error in Validator::iter_errors(&instance) {
        report.error(&error);
    }
    report.broken
}

struct Report<'a, 'f> {
    document: &'a Document,
    schema: &'a Value,
    findings: &'a mut Findings<'f>,
    broken: Vec<SpecPath>,
}

impl<'a> Report<'a, '_> {
    /// Reports a part that the rest can be read without.
    fn report(&mut self, finding: Finding) {
        if !finding.place().path().0.is_empty() {
            self.broken.push(finding.place().path().clone());
        }
        self.findings.report(finding);
    }

    fn error(&mut self, error: &ValidationError<'_>) {
        let path = spec_path(self.document, error.instance_path().as_str());
        let (parent, keyword) = self.parent_schema(error);
        let at = Place::Value(path.clone());
        let stated = stated(parent, error.instance());
        match error.kind() {
            Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
                for key in unexpected {
                    self.unknown_key(&path, key, parent, error.instance());
                }
            }
            Kind::Required { property } => self.missing_key(&path, property.as_str().unwrap_or_default(), parent),
            // A key's name: the error stands at the mapping, its instance is the key.
            _ if keyword == "propertyNames" => {
                let key = error.instance().as_str().unwrap_or_default().to_owned();
                let (code, message) = stated.unwrap_or((Code::InvalidName, "this name is not allowed here".into()));
                // The name can be read all the same, and others may refer to it.
                self.findings.report(Finding::new(
                    code,
                    Place::Key(path.key(key.clone())),
                    format!("`{key}`: {message}"),
                    "not a name that fits here",
                ));
            }
            Kind::Enum { options } => self.enumeration(at, error.instance(), options),
            Kind::Type { kind } => self.wrong_type(at, error.instance(), kind, stated, &path),
            _ => {
                let (code, message) = stated.unwrap_or((Code::InvalidValue, plain_message(error)));
                let value = show(error.instance());
                let finding = Finding::new(code, at, format!("{value}: {message}"), "not a value that fits here");
                match error.kind() {
                    // Text is text, whatever its form.
                    Kind::Pattern { .. } => self.findings.report(finding),
                    _ => self.report(finding),
                }
            }
        }
    }

    /// The schema object that holds the failed keyword; and that keyword, or `propertyNames` where it stands in one.
    fn parent_schema(&self, error: &ValidationError<'_>) -> (&'a Value, String) {
        let pointer = error.schema_path().as_str().to_owned();
        let (parent, keyword) = pointer.rsplit_once('/').unwrap_or(("", ""));
        let in_names = parent.ends_with("/propertyNames");
        let keyword = if in_names { "propertyNames" } else { keyword };
        let parent = if keyword == "propertyNames" && !in_names { pointer.as_str() } else { parent };
        (self.schema.pointer(parent).unwrap_or(&Value::Null), keyword.to_owned())
    }

    fn unknown_key(&mut self, path: &SpecPath, key: &str, parent: &Value, instance: &Value) {
        let known: Vec<&str> =
            parent["properties"].as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect();
        let free: Vec<&str> = known.iter().copied().filter(|known| instance.get(*known).is_none()).collect();
        let help = words::instead_of(key, &known)
            .or_else(|| nearest(key, &free).map(|near| format!("did you mean `{near}`?")))
            .or_else(|| (!free.is_empty()).then(|| format!("allowed here: {}", free.join(", "))));
        let place = if path.0.is_empty() { "at the top".to_owned() } else { format!("in `{path}`") };
        let finding = Finding::new(
            Code::UnknownKey,
            Place::Key(path.key(key)),
            format!("unknown key `{key}` {place}"),
            "not a key that is known here",
        );
        self.report(match help {
            Some(help) => finding.help(help),
            None => finding,
        });
    }

    fn missing_key(&mut self, path: &SpecPath, key: &str, parent: &Value) {
        let place = if path.0.is_empty() { "at the top".to_owned() } else { format!("in `{path}`") };
        let finding = Finding::new(
            Code::MissingKey,
            Place::Key(path.clone()),
            format!("the key `{key}` is missing {place}"),
            format!("needs `{key}`"),
        );
        let description = parent["properties"][key]["description"].as_str();
        self.report(match description {
            Some(description) => finding.help(format!("`{key}`: {description}")),
            None => finding,
        });
    }

    fn enumeration(&mut self, at: Place, instance: &Value, options: &Value) {
        let options: Vec<&str> = options.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let word = instance.as_str().map_or_else(|| instance.to_string(), str::to_owned);
        let allowed = options.join(", ");
        let help = match nearest(&word, &options) {
            Some(near) => format!("did you mean `{near}`? Allowed: {allowed}"),
            None => format!("allowed: {allowed}"),
        };
        self.report(
            Finding::new(
                Code::UnknownValue,
                at,
                format!("`{word}` is not one of the allowed values"),
                "not allowed here",
            )
            .help(help),
        );
    }

    fn wrong_type(
        &mut self,
        at: Place,
        instance: &Value,
        kind: &TypeKind,
        stated: Option<(Code, String)>,
        path: &SpecPath,
    ) {
        let found = kind_of(instance);
        if let Some((code, message)) = stated {
            self.report(Finding::new(code, at, format!("{}: {message}", show(instance)), format!("this is {found}")));
            return;
        }
        let takes_map = match kind {
            TypeKind::Single(kind) => kind.to_string() == "object",
            TypeKind::Multiple(kinds) => kinds.iter().any(|kind| kind.to_string() == "object"),
        };
        let wanted = match kind {
            TypeKind::Single(kind) => noun(&kind.to_string()).to_owned(),
            TypeKind::Multiple(kinds) => either(kinds.iter().map(|kind| noun(&kind.to_string()).to_owned()).collect()),
        };
        let key = path.last_key().map_or("stack.yaml".to_owned(), |key| format!("`{key}`"));
        let finding =
            Finding::new(Code::WrongType, at, format!("{key} takes {wanted}, not {found}"), format!("this is {found}"));
        self.report(match takes_map.then(|| as_map(path, instance)).flatten() {
            Some(help) => finding.help(help),
            None => finding,
        });
    }
}

/// The code and message that the schema itself gives for this value, if it does. An empty value is better told as such.
fn stated(parent: &Value, instance: &Value) -> Option<(Code, String)> {
    if instance.is_null() {
        return None;
    }
    let message = ["patternErrorMessage", "errorMessage"].iter().find_map(|key| parent[key].as_str())?;
    let code = parent["x-code"].as_str().and_then(Code::by_name).unwrap_or(Code::InvalidValue);
    Some((code, message.to_owned()))
}

/// How to write as a mapping what was written as a list or left empty.
fn as_map(path: &SpecPath, instance: &Value) -> Option<String> {
    let key = path.last_key()?;
    if instance.is_null() {
        return Some(format!("write `{key}: {{}}` if there is nothing to say, or leave the key out"));
    }
    let items = instance.as_array()?;
    let first = items.first().and_then(Value::as_str).unwrap_or_default();
    let (name, value) = match key {
        "secrets" | "volumes" if path.0.len() == 1 => (if first.is_empty() { "NAME" } else { first }, "{}"),
        "volumes" => first.split_once(':').map(|(source, target)| (target, source)).unwrap_or(("/data", "data")),
        "ports" => ("http", first.rsplit(':').next().filter(|port| !port.is_empty()).unwrap_or("3000")),
        "env" | "args" | "variables" => first.split_once('=').unwrap_or(("NAME", "value")),
        _ => return None,
    };
    Some(format!("`{key}` is a mapping here: `{key}: {{{name}: {value}}}`"))
}

fn plain_message(error: &ValidationError<'_>) -> String {
    match error.kind() {
        Kind::Minimum { limit } => format!("must be at least {limit}"),
        Kind::Maximum { limit } => format!("must be at most {limit}"),
        Kind::MinItems { .. } => "must not be an empty list".to_owned(),
        Kind::MinLength { .. } => "must not be empty".to_owned(),
        Kind::MinProperties { .. } => "must have at least one entry".to_owned(),
        _ => "does not fit here".to_owned(),
    }
}

/// The validator's pointer as a path; a number is an index only in a list.
fn spec_path(document: &Document, pointer: &str) -> SpecPath {
    let steps = pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~"));
    steps.fold(SpecPath::root(), |path, step| {
        let in_list = document.at(&path).is_some_and(|node| node.kind() == NodeKind::List);
        match step.parse::<usize>() {
            Ok(index) if in_list => path.index(index),
            _ => path.key(step),
        }
    })
}

fn show(value: &Value) -> String {
    match value {
        Value::String(text) => format!("`{text}`"),
        Value::Array(_) | Value::Object(_) | Value::Null => kind_of(value).to_owned(),
        other => format!("`{other}`"),
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "an empty value",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
    }
}

fn noun(kind: &str) -> &str {
    match kind {
        "object" => "a mapping",
        "array" => "a list",
        "string" => "text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        _ => "an empty value",
    }
}

fn either(mut nouns: Vec<String>) -> String {
    nouns.retain(|noun| noun != "an empty value");
    match nouns.pop() {
        Some(last) if !nouns.is_empty() => format!("{} or {last}", nouns.join(", ")),
        Some(only) => only,
        None => "an empty value".to_owned(),
    }
}
