//! What the words of the doors ask for: Compose fills in variables there too, and takes names of what the stack declares.

use serde_json::{Map, Value};

use super::references::closing_brace;
use super::variables::default_of;
use super::{Scope, did_you_mean};
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::model::{Operator, Piece, Text, Variable};
use crate::source::{Place, SpecPath};
use crate::spec::{self, Platform};

/// What Compose puts between a variable's name and the rest, longest first (Compose file reference, "Interpolation").
const OPERATORS: [&str; 6] = [":-", ":?", ":+", "-", "?", "+"];

/// The variables that the words for the platform ask for; names and references in them that lead to nothing are reported.
pub(super) fn resolve(scope: &mut Scope<'_, '_>) -> Vec<Text> {
    let spec = scope.spec;
    let root = SpecPath::root();
    let platform = scope.platform().unwrap_or(Platform::Compose);
    let key = if platform == Platform::Compose { "compose" } else { "fly" };
    let of = |compose: Map<String, Value>, fly: Map<String, Value>| match platform {
        Platform::Compose => compose,
        Platform::Fly => fly,
    };
    let mut doors = Vec::new();
    let services = spec.services.iter().map(|(name, service)| (root.key("services").key(name), service));
    let jobs = spec.jobs.iter().map(|(name, job)| (root.key("jobs").key(name), &job.service));
    for (path, service) in services.chain(jobs) {
        let words = of(service.compose.words(), service.fly.words());
        if platform == Platform::Compose {
            names(scope, &words, &path.key(key));
        }
        doors.push((path.key(key), words));
        for (name, port) in &service.ports {
            let spec::ScalarOr::Long(port) = port else { continue };
            doors.push((path.key("ports").key(name).key(key), of(port.compose.words(), port.fly.words())));
        }
    }
    for (name, volume) in &spec.volumes {
        doors.push((root.key("volumes").key(name).key(key), of(volume.compose.words(), volume.fly.words())));
    }
    if let Some((name, base)) = scope.environment
        && let Some(environment) = base.environments.get(name)
    {
        let words = of(environment.compose.words(), environment.fly.words());
        doors.push((root.key("environments").key(name).key(key), words));
    }
    let mut found = Vec::new();
    for (path, words) in doors {
        walk(&Value::Object(words), &path, &mut |text, path| found.extend(scope.raw(text, path, platform)));
    }
    found
}

/// Calls `look` for each text in `value`.
fn walk(value: &Value, path: &SpecPath, look: &mut dyn FnMut(&str, &SpecPath)) {
    match value {
        Value::String(text) => look(text, path),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| walk(item, &path.index(index), look));
        }
        Value::Object(entries) => entries.iter().for_each(|(key, value)| walk(value, &path.key(key), look)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Services and networks that the words of a service name exist, or are made by words for the whole file.
fn names(scope: &mut Scope<'_, '_>, words: &Map<String, Value>, path: &SpecPath) {
    let spec = scope.spec;
    let base = scope.environment.map_or(spec, |(_, base)| base);
    let made = |name: &str, kind: &str| {
        let words = base.environments.values().map(|environment| environment.compose.words());
        words.into_iter().any(|words| words.get(kind).and_then(|kind| kind.get(name)).is_some())
    };
    for (name, place) in named(words, "networks", path) {
        if !made(name, "networks") {
            scope.knows_network(name, place);
        }
    }
    let mut services = named(words, "depends_on", path);
    for key in ["network_mode", "pid", "ipc"] {
        let of = words.get(key).and_then(Value::as_str).and_then(|mode| mode.strip_prefix("service:"));
        services.extend(of.map(|name| (name, Place::Value(path.key(key)))));
    }
    for key in ["links", "volumes_from"] {
        // `NAME:ALIAS`, `NAME:ro`; `container:NAME` is none of this file's.
        let entries = named(words, key, path).into_iter().filter(|(entry, _)| !entry.starts_with("container:"));
        services.extend(entries.map(|(entry, place)| (entry.split(':').next().unwrap_or(entry), place)));
    }
    for (name, place) in services {
        let runs = spec.services.contains_key(name) || spec.jobs.contains_key(name);
        if !runs && !made(name, "services") {
            scope.knows_service(name, place);
        }
    }
    for (name, place) in named(words, "secrets", path) {
        if !made(name, "secrets") {
            scope.report(instead(&format!("secret `{name}`"), "volumes: {/run/secrets/NAME: {secret: NAME}}", place));
        }
    }
    for (name, place) in named(words, "configs", path) {
        if !made(name, "configs") {
            scope.report(instead(&format!("config `{name}`"), "volumes: {/etc/NAME: {file: ./NAME}}", place));
        }
    }
    for (entry, place) in named(words, "volumes", path) {
        let source =
            entry.split(':').next().filter(|source| entry.contains(':') && !source.starts_with(['.', '/', '~', '$']));
        if let Some(name) = source.filter(|name| !made(name, "volumes") && !spec.volumes.contains_key(*name)) {
            scope.report(instead(&format!("volume `{name}`"), &format!("volumes: {{/data: {name}}}"), place));
        }
    }
}

/// A name of Compose's file that nothing puts there.
fn instead(what: &str, key: &str, place: Place) -> Finding {
    let message = format!("the Compose file has no {what}: nothing of stack.yaml puts it there");
    let finding = Finding::new(Code::InvalidReference, place, message, "leads nowhere");
    finding.help(format!("say it in the service, `{key}`; or add it to the file with the environment's own `compose`"))
}

/// The names below `key`, which is a list or a mapping, each with its place.
fn named<'w>(words: &'w Map<String, Value>, key: &str, path: &SpecPath) -> Vec<(&'w str, Place)> {
    let path = path.key(key);
    match words.get(key) {
        Some(Value::Array(items)) => {
            let items = items.iter().enumerate();
            items.filter_map(|(index, item)| Some((item.as_str()?, Place::Value(path.index(index))))).collect()
        }
        Some(Value::Object(entries)) => {
            entries.keys().map(|name| (name.as_str(), Place::Key(path.key(name)))).collect()
        }
        _ => Vec::new(),
    }
}

impl Scope<'_, '_> {
    /// What `written` asks Compose for, if anything. Fly fills in nothing, but a reference is none of its words either.
    fn raw(&mut self, written: &str, path: &SpecPath, platform: Platform) -> Option<Text> {
        let mut pieces = Vec::new();
        let mut rest = written;
        while let Some(dollar) = rest.find('$') {
            rest = &rest[dollar..];
            let length = if rest.starts_with("$$") && platform == Platform::Compose {
                2
            } else if rest.starts_with("${") {
                let end = closing_brace(rest).map_or(rest.len(), |end| end + 1);
                pieces.extend(self.raw_braced(&rest[..end], path, platform));
                end
            } else {
                let name = leading_name(&rest[1..]);
                if platform == Platform::Compose && !name.is_empty() {
                    pieces.extend(self.raw_variable(name, "", &rest[..=name.len()], path));
                }
                1 + name.len()
            };
            rest = &rest[length..];
        }
        (!pieces.is_empty()).then(|| Text { pieces, path: path.clone() })
    }

    fn raw_braced(&mut self, written: &str, path: &SpecPath, platform: Platform) -> Vec<Piece> {
        let inner = written[2..].trim_end_matches('}');
        let name = leading_name(inner);
        let rest = &inner[name.len()..];
        let kinds = ["services", "volumes", "secrets", "stack", "environment", "git"];
        if rest.starts_with('.') && kinds.contains(&name) || inner == "registry" {
            let tool = if platform == Platform::Compose { "Compose" } else { "Fly" };
            let message = format!("`{written}` stands among raw words of {tool}, which knows no references");
            let place = Place::Within(path.clone(), written.to_owned());
            let finding = Finding::new(Code::InvalidReference, place, message, "is not filled in here");
            self.report(finding.help("write the value out, or say it with a key of stack.yaml, beside the door"));
            return Vec::new();
        }
        if platform == Platform::Fly {
            return Vec::new();
        }
        let operator = OPERATORS.iter().find(|operator| rest.starts_with(**operator));
        let closed = written.ends_with('}');
        if !closed || name.is_empty() || (operator.is_none() && !rest.is_empty()) {
            let message = format!("`{written}` is nothing that Compose can fill in");
            let place = Place::Within(path.clone(), written.to_owned());
            let finding = Finding::new(Code::InvalidReference, place, message, "no variable of Compose");
            self.report(finding.help("write `${NAME}` or `${NAME:-default}`; or `$${` for the text itself"));
            return Vec::new();
        }
        let mut pieces: Vec<Piece> = self.raw_variable(name, &rest[..operator.map_or(0, |it| it.len())], written, path);
        let inside = operator.map_or("", |operator| &rest[operator.len()..]);
        pieces.extend(self.raw(inside, path, platform).into_iter().flat_map(|text| text.pieces));
        pieces
    }

    /// The variable or secret `name`, which is declared, unless `operator` says what to do without it.
    fn raw_variable(&mut self, name: &str, operator: &str, written: &str, path: &SpecPath) -> Vec<Piece> {
        if operator.is_empty() {
            self.keeps_default(name, written, path);
        }
        if self.spec.secrets.contains_key(name) {
            let place = Place::Within(path.clone(), written.to_owned());
            let known = self.knows_secret(name, spec::Stage::Run, place);
            return known.then(|| Piece::Secret(name.to_owned())).into_iter().collect();
        }
        if operator.is_empty() && !self.spec.variables.contains_key(name) {
            let place = Place::Within(path.clone(), written.to_owned());
            let message = format!("the variable `{name}` is not declared");
            let finding = Finding::new(Code::UndeclaredVariable, place, message, "not declared under `variables`");
            let known: Vec<&str> = self.spec.variables.keys().map(String::as_str).collect();
            let near = if known.is_empty() { String::new() } else { did_you_mean(name, &known, "variables") + "; or " };
            self.report(finding.help(format!(
                "{near}declare it: `variables: {{{name}: default}}`, or give a default here: `${{{name}:-default}}`"
            )));
            return Vec::new();
        }
        let none = Text::literal("", path.clone());
        let operator = match operator {
            "" => Operator::None,
            ":?" | "?" => Operator::Required(none),
            _ => Operator::Default(none),
        };
        vec![Piece::Variable(Variable { name: name.to_owned(), operator })]
    }
}

impl Scope<'_, '_> {
    /// Reports a variable whose default would not be taken, since Compose does not know of it here.
    fn keeps_default(&mut self, name: &str, written: &str, path: &SpecPath) {
        let secret = self.spec.secrets.get(name).and_then(|secret| secret.default.as_ref());
        let default = self.spec.variables.get(name).and_then(default_of).or(secret.map(|default| default.0.as_str()));
        let Some(default) = default else { return };
        let message = format!("among raw words, the default of `{name}` is unknown to Compose");
        let place = Place::Within(path.clone(), written.to_owned());
        let finding = Finding::new(Code::InvalidReference, place, message, "would be empty");
        self.report(finding.help(format!("write it here too: `${{{name}:-{default}}}`")));
    }
}

/// The name of a variable with which `text` begins.
fn leading_name(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    if text.starts_with(|c: char| c.is_ascii_digit()) { "" } else { &text[..end] }
}
