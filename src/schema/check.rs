//! Turns the validator's errors into diagnostics: our words, the span, the allowed values, the nearest known word.

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use serde_json::{Map, Value, json};

use super::meant::{example, foreign_value, said_elsewhere};
use super::wording::{as_map, either, kind_of, plain_message, show, stated};
use super::{TEXT, Validator, words};
use crate::code::Code;
use crate::diagnostic::{Diagnostics, Finding, Findings, nearest};
use crate::facts::join;
use crate::source::{Place, SpecPath, Step};
use crate::syntax::{Document, Kind as NodeKind};

/// Reports everything in which `document` differs from the schema; gives the paths of the parts that do, without which the rest can be read.
pub fn check(document: &Document, diagnostics: &mut Diagnostics) -> Vec<SpecPath> {
    super::removals::check(document, &mut Findings::new(document, diagnostics));
    let instance = document.to_json();
    let compose_files = compose_files(&instance);
    if Validator::is_valid(&instance) && compose_files.iter().all(|(_, file)| Validator::is_valid(file)) {
        return Vec::new();
    }
    let schema: Value = serde_json::from_str(TEXT).expect("the committed schema is JSON; a test holds it fresh");
    let mut findings = Findings::new(document, diagnostics);
    let origin = (String::new(), String::new());
    let mut report = Report { document, schema: &schema, findings: &mut findings, broken: Vec::new(), origin };
    report.all(&instance);
    for (override_of, instance) in &compose_files {
        report.origin = (AS_DOOR.to_owned(), format!("/overrides/{}/merge", pointed(override_of)));
        report.all(instance);
    }
    report.broken
}

/// Where what is merged over a Compose file stands, so that it is looked at as the words of a door are.
const AS_DOOR: &str = "/environments/e/compose";

/// What `overrides` merge over Compose files: the file's path, and a document that says the same in a door.
fn compose_files(instance: &Value) -> Vec<(String, Value)> {
    let environments = instance["environments"].as_object().into_iter().flat_map(Map::values);
    let compose = environments.filter(|environment| environment["platform"] == "compose");
    let file = |environment: &Value| join(environment["file"].as_str().unwrap_or("docker-compose.yml"), "");
    let files: Vec<String> = compose.map(file).collect();
    let overrides = instance["overrides"].as_object().into_iter().flatten();
    let overridden = overrides.filter(|(path, _)| files.contains(&join(path, "")));
    let overridden = overridden.filter_map(|(path, change)| Some((path, change.get("merge")?)));
    let as_door = |merge: &Value| json!({"name": "x", "services": {}, "environments": {"e": {"platform": "compose", "compose": merge}}});
    overridden.map(|(path, merge)| (path.clone(), as_door(merge))).collect()
}

/// A key as a step of a pointer.
fn pointed(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// Whether a key is missing only because it is there with a slip of the pen, which is told as an unknown key.
fn is_misspelt(error: &ValidationError<'_>, errors: &[ValidationError<'_>]) -> bool {
    let Kind::Required { property } = error.kind() else { return false };
    let wanted = property.as_str().unwrap_or_default();
    errors.iter().filter(|other| other.instance_path() == error.instance_path()).any(|other| match other.kind() {
        Kind::AdditionalProperties { unexpected } => unexpected.iter().any(|key| nearest(key, &[wanted]).is_some()),
        _ => false,
    })
}

struct Report<'a, 'f> {
    document: &'a Document,
    schema: &'a Value,
    findings: &'a mut Findings<'f>,
    broken: Vec<SpecPath>,
    /// Where in the instance the part begins that is looked at, and where that stands in the document.
    origin: (String, String),
}

impl<'a> Report<'a, '_> {
    /// Reports a part that the rest can be read without.
    fn report(&mut self, finding: Finding) {
        if !finding.place().path().0.is_empty() {
            self.broken.push(finding.place().path().clone());
        }
        self.findings.report(finding);
    }

    fn all(&mut self, instance: &Value) {
        let errors: Vec<ValidationError<'_>> = Validator::iter_errors(instance).collect();
        for error in errors.iter().filter(|error| !is_misspelt(error, &errors)) {
            self.error(error);
        }
    }

    fn error(&mut self, error: &ValidationError<'_>) {
        let Some(inside) = error.instance_path().as_str().strip_prefix(&self.origin.0) else { return };
        let path = spec_path(self.document, &format!("{}{inside}", self.origin.1));
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
                let key = error.instance().as_str().unwrap_or_default();
                let place = Place::Key(path.key(key));
                let (code, rule) = stated.unwrap_or((Code::InvalidName, "this name is not allowed here".into()));
                let finding =
                    Finding::new(code, place, format!("`{key}` is no name that fits in {}", of(&path)), "this name");
                if let Some(target) = self.turned_mount(&path, key) {
                    self.report(finding.help(format!("write `{target}: {key}`: where it is mounted comes first")));
                    return;
                }
                // The name can be read all the same, and others may refer to it.
                self.findings.report(finding.help(example(code, parent, &path, error.instance(), &rule)));
            }
            Kind::Enum { options } => self.enumeration(&path, error.instance(), options),
            Kind::UniqueItems => self.named_twice(&path, error.instance()),
            Kind::Type { kind } => self.wrong_type(at, error.instance(), kind, parent, &path),
            _ => {
                let (code, rule) = stated.unwrap_or((Code::InvalidValue, plain_message(error)));
                let message = format!("{} does not fit {}", show(error.instance()), of(&path));
                let help = example(code, parent, &path, error.instance(), &rule);
                let finding = Finding::new(code, at, message, "does not fit").help(help);
                match error.kind() {
                    // A name is a name, whatever its form; others may refer to it.
                    Kind::Pattern { .. } if code == Code::InvalidName => self.findings.report(finding),
                    _ => self.report(finding),
                }
            }
        }
    }

    /// The path in the container that a mount has as its value, where its source stands as the key.
    fn turned_mount(&self, path: &SpecPath, key: &str) -> Option<&'a str> {
        let target = self.document.at(&path.key(key))?.text()?;
        (path.last_key() == Some("volumes") && target.starts_with('/') && !key.starts_with('/')).then_some(target)
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
        let help = words::instead_of(key, parent, self.schema)
            .or_else(|| nearest(key, &free).map(|near| format!("did you mean `{near}`?")))
            .or_else(|| nearest(key, &known).map(|near| format!("did you mean `{near}`, which is there already?")))
            .or_else(|| (!free.is_empty()).then(|| format!("beside what is there already: {}", free.join(", "))));
        let place = within(path);
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
        let place = within(path);
        let finding = Finding::new(
            Code::MissingKey,
            Place::Key(path.clone()),
            format!("the key `{key}` is missing {place}"),
            format!("needs `{key}`"),
        );
        let property = &parent["properties"][key];
        let description = property["description"].as_str().unwrap_or_default();
        let help = match &property["examples"][0] {
            Value::String(example) => format!("add `{key}: {example}`. {description}"),
            Value::Number(example) => format!("add `{key}: {example}`. {description}"),
            _ => match self.words_of(property) {
                Some(words) => format!("add `{key}: {}`", words.join(&format!("` or `{key}: "))),
                None => format!("add `{key}: …`. {description}"),
            },
        };
        self.report(finding.help(help));
    }

    /// The words that the value of `property` is one of.
    fn words_of<'v>(&'v self, property: &'v Value) -> Option<Vec<&'v str>> {
        let name = property["$ref"].as_str().and_then(|path| path.strip_prefix("#/$defs/"));
        let schema = name.map_or(property, |name| &self.schema["$defs"][name]);
        schema["enum"].as_array()?.iter().map(Value::as_str).collect()
    }

    fn enumeration(&mut self, path: &SpecPath, instance: &Value, options: &Value) {
        let options: Vec<&str> = options.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let word = instance.as_str().unwrap_or_default();
        let allowed = options.join(", ");
        let near = foreign_value(instance, &options).or_else(|| nearest(word, &options));
        let help = match (said_elsewhere(path, word), near) {
            (Some(elsewhere), _) => format!("{elsewhere}. Allowed: {allowed}"),
            (None, Some(near)) => format!("did you mean `{near}`? Allowed: {allowed}"),
            (None, None) => format!("allowed: {allowed}"),
        };
        let message = format!("{} is not a value of {}", show(instance), of(path));
        let finding =
            Finding::new(Code::UnknownValue, Place::Value(path.clone()), message, "not one of the allowed values");
        self.report(finding.help(help));
    }

    fn named_twice(&mut self, path: &SpecPath, instance: &Value) {
        let items = instance.as_array().map(Vec::as_slice).unwrap_or_default();
        for (index, item) in items.iter().enumerate() {
            let Some(first) = items[..index].iter().position(|other| other == item) else { continue };
            let message = format!("{} stands twice in {}", show(item), of(path));
            let finding = Finding::new(Code::InvalidValue, Place::Value(path.index(index)), message, "named again");
            let finding = finding.related(Place::Value(path.index(first)), "named here already");
            self.report(finding.help("remove one of them"));
        }
    }

    fn wrong_type(&mut self, at: Place, instance: &Value, kind: &TypeKind, parent: &Value, path: &SpecPath) {
        let stated = stated(parent, instance);
        let found = kind_of(instance);
        if let Some((code, message)) = stated.map(|(code, rule)| (code, example(code, parent, path, instance, &rule))) {
            let finding = Finding::new(
                code,
                at,
                format!("{} does not fit {}", show(instance), of(path)),
                format!("this is {found}"),
            );
            self.report(finding.help(message));
            return;
        }
        let kinds: Vec<String> = match kind {
            TypeKind::Single(kind) => vec![kind.to_string()],
            TypeKind::Multiple(kinds) => kinds.iter().map(|kind| kind.to_string()).collect(),
        };
        let wanted = either(&kinds);
        let takes = |kind: &str| kinds.iter().any(|known| known == kind);
        let help = match instance {
            Value::String(word) if takes("array") && !takes("string") => Some(format!("write `[{word}]`")),
            Value::Number(number) if takes("array") && !takes("number") => Some(format!("write `[{number}]`")),
            _ if takes("object") => as_map(path, instance),
            _ => None,
        };
        let finding = Finding::new(
            Code::WrongType,
            at,
            format!("{} takes {wanted}, not {found}", of(path)),
            format!("this is {found}"),
        );
        self.report(match help {
            Some(help) => finding.help(help),
            None => finding,
        });
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

/// The key whose value a path names, for a sentence.
fn of(path: &SpecPath) -> String {
    match path.0.last() {
        Some(Step::Key(key)) => format!("`{key}`"),
        Some(Step::Index(_)) => format!("an item of {}", of(&path.parent())),
        None => "stack.yaml".to_owned(),
    }
}

/// Where a mapping is, for a sentence.
fn within(path: &SpecPath) -> String {
    if path.0.is_empty() { "at the top".to_owned() } else { format!("in `{path}`") }
}
