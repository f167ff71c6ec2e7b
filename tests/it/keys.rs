//! Every key of the language, on every platform: with it the outputs are others than without it, or something is said at it. What a key
//! needs beside it, and what a platform says instead of heeding it, stands in `tests/data/keys.yaml`, a line a key.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use stackc::diagnostic::{Diagnostic, Diagnostics};
use stackc::facts::Facts;
use stackc::pins::Pins;
use stackc::source::{Source, Span, SpecPath, Step};

use crate::language::{Key, Language, Node};

const PLATFORMS: [&str; 2] = ["compose", "fly"];

#[test]
fn every_key_has_an_effect_or_is_spoken_of() {
    let language = Language::new();
    let table = Table::read(&language);
    let mut faults = Vec::new();
    let mut keys = language.keys();
    // A build is the same wherever it stands, so what lies in its languages is tried in services alone.
    keys.retain(|key| {
        let elsewhere = ["images.*.build.", "jobs.*.build."].iter().find_map(|build| key.pattern.strip_prefix(build));
        elsewhere.is_none_or(|key| !key.contains(['.', '[']))
    });
    assert!(keys.len() > 200, "{} keys", keys.len());
    for key in &keys {
        faults.extend(table.faults(&language, key));
    }
    faults.extend(table.unknown(&keys));
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// A new key cannot slip in: one that nobody reads is found.
#[test]
fn a_key_without_effect_is_found() {
    let table = Table::read(&Language::new());
    let without = table.stack("compose", "services.*.x-note", None);
    let mut with = without.clone();
    with["services"]["api"]["x-note"] = json!("nobody reads this");
    let path = table.path("services.*.x-note", "compose", None);
    assert_eq!(outcome(&compile(&without), &with, &path), Outcome::Silent);
}

/// `tests/data/keys.yaml`.
struct Table(Value);

/// What a key does on one platform.
#[derive(Debug, PartialEq, Eq, Clone)]
enum Outcome {
    /// The outputs differ; by their digest those of two values can be told apart.
    Changes(BTreeMap<String, String>),
    /// Without it there is an error; this is made with it.
    Needed(BTreeMap<String, String>),
    /// Something is said at it.
    Says(BTreeSet<String>),
    /// Nothing at all.
    Silent,
    /// The stack is refused for something else: the entry in the table lacks something.
    Broken(String),
}

impl Table {
    /// The table; where it says nothing of a language, that stands in place of the stack's own as the schema's example has it.
    fn read(language: &Language) -> Self {
        let text = std::fs::read_to_string(crate::root().join("tests/data/keys.yaml")).expect("the table exists");
        let mut diagnostics = Diagnostics::default();
        let document = stackc::syntax::parse(&Source::new("keys.yaml", text), &mut diagnostics);
        assert!(!diagnostics.has_errors(), "{:?}", diagnostics.sorted());
        let mut table = Table(document.to_json());
        let own = table.0["stack"]["services"]["api"]["build"].clone();
        let near = table.0["near"].as_object_mut().expect("the table says what is near");
        for (key, example) in language.languages().into_iter().filter(|(key, _)| own.get(key).is_none()) {
            let build = json!({"python": null, key.as_str(): example});
            near.entry(format!("services.*.build.{key}")).or_insert_with(|| json!({"self": {"build": build}}));
        }
        table
    }

    /// The entry of a key. A job has the keys of a service, and an image its build.
    fn entry(&self, pattern: &str) -> &Value {
        let same = pattern.replacen("jobs.*", "services.*", 1).replacen("images.*.build", "services.*.build", 1);
        let keys = self.0["keys"].as_object().expect("the table has keys");
        let all = keys.iter().find(|(entry, _)| below(entry, pattern)).map(|(_, value)| value);
        keys.get(pattern).or(all).or_else(|| keys.get(&same)).unwrap_or(&Value::Null)
    }

    /// What a platform answers with at all keys below a place.
    fn answer(&self, pattern: &str, platform: &str) -> Option<&Value> {
        let answers = self.0["answers"][platform].as_object();
        answers.into_iter().flatten().find(|(place, _)| within(place, pattern)).map(|(_, code)| code)
    }

    /// Entries of keys that do not exist.
    fn unknown(&self, keys: &[Key]) -> Vec<String> {
        let known = |entry: &&String| !keys.iter().any(|key| key.pattern == **entry || below(entry, &key.pattern));
        let entries = self.0["keys"].as_object().expect("the table has keys");
        entries.keys().filter(known).map(|entry| format!("{entry}: has an entry, but is no key")).collect()
    }

    /// What is wrong with a key, on any platform.
    fn faults(&self, language: &Language, key: &Key) -> Vec<String> {
        let mut faults = Vec::new();
        let entry = self.entry(&key.pattern);
        let values = values(language, key, entry);
        let mut seen: Vec<Vec<Outcome>> = vec![Vec::new(); values.len()];
        for platform in PLATFORMS {
            let around = self.stack(platform, &key.pattern, Some(entry));
            let path = self.path(&key.pattern, platform, Some(entry));
            let mut bare = around.clone();
            put(&mut bare, &path, Value::Null);
            remove(&mut bare, &path);
            let without = compile(&bare);
            let mut outcomes = Vec::new();
            for (value, seen) in values.iter().zip(&mut seen) {
                let mut with = around.clone();
                put(&mut with, &path, value.clone());
                let outcome = outcome(&without, &with, &path);
                seen.push(outcome.clone());
                outcomes.push(outcome);
            }
            let overlaid = self.in_overlay(&outcomes, &bare, &without, &path, &values);
            faults.extend(overlaid.map(|fault| format!("{} on {platform}: {fault}", key.pattern)));
            let fault = verdict(&outcomes, self.answer(&key.pattern, platform).unwrap_or(&entry[platform]));
            let silent = outcomes.iter().all(|outcome| *outcome == Outcome::Silent);
            match entry["awaits"].as_str() {
                Some(_) if silent => return Vec::new(),
                Some(awaited) => faults.push(format!("{} is heeded now: it no longer awaits {awaited}", key.pattern)),
                None => faults.extend(fault.map(|fault| format!("{} on {platform}: {fault}", key.pattern))),
            }
        }
        if !key.node.choices().is_empty() || key.node.types() == ["boolean"] {
            faults.extend(alike(&values, &seen).map(|fault| format!("{}: {fault}", key.pattern)));
        }
        faults
    }

    /// The same key in an environment's overlay is no more silent than in the base.
    fn in_overlay(
        &self,
        base: &[Outcome],
        bare: &Value,
        without: &Compiled,
        path: &[Step],
        values: &[Value],
    ) -> Option<String> {
        let Step::Key(section) = &path[0] else { return None };
        let overlays = !["name", "environments", "ci", "overrides"].contains(&section.as_str());
        let heard = |outcome: &Outcome| matches!(outcome, Outcome::Changes(_) | Outcome::Says(_));
        if !overlays || without.made.is_none() || path.iter().any(|step| matches!(step, Step::Index(_))) {
            return None;
        }
        let value = base.iter().position(heard).map(|index| &values[index])?;
        let mut there = vec![Step::Key("environments".into()), Step::Key(self.name("environments"))];
        there.extend(path.iter().cloned());
        let mut with = bare.clone();
        put(&mut with, &there, value.clone());
        match outcome(without, &with, &there) {
            Outcome::Silent => Some(format!("{value} does nothing in an environment's overlay, in silence")),
            Outcome::Broken(said) => Some(format!("in an overlay:\n{said}")),
            _ => None,
        }
    }

    /// The name that stands for `*` below a key.
    fn name(&self, parent: &str) -> String {
        self.0["names"][parent].as_str().unwrap_or("NAME").to_owned()
    }

    /// The place of a key in the stack.
    fn path(&self, pattern: &str, platform: &str, entry: Option<&Value>) -> Vec<Step> {
        if let Some(at) = entry.and_then(|entry| entry["at"].as_str()) {
            return steps(at);
        }
        let mut path: Vec<Step> = Vec::new();
        for word in pattern.split('.') {
            let (word, items) = word.strip_suffix("[]").map_or((word, false), |word| (word, true));
            let parent = path.last().and_then(|step| if let Step::Key(key) = step { Some(key.clone()) } else { None });
            let key = match (word, parent) {
                ("*", Some(parent)) if parent == "overrides" => self.name(&format!("overrides.{platform}")),
                ("*", Some(parent)) if parent == "volumes" && path.len() > 1 => self.name("mounts"),
                ("*", Some(parent)) => self.name(&parent),
                (word, _) => word.to_owned(),
            };
            path.push(Step::Key(key));
            if items {
                path.push(Step::Index(0));
            }
        }
        path
    }

    /// The stack that a key is put into.
    fn stack(&self, platform: &str, pattern: &str, entry: Option<&Value>) -> Value {
        let mut stack = self.0["stack"].clone();
        let own = self.path(pattern, platform, None).into_iter().take(2).collect::<Vec<_>>();
        merge(&mut stack, &self.0["platforms"][platform], &own);
        let near = self.0["near"].as_object().expect("the table says what is near");
        let same = pattern.replacen("jobs.*", "services.*", 1);
        let mut patches: Vec<(&String, &Value)> =
            near.iter().filter(|(prefix, _)| within(prefix, pattern) || within(prefix, &same)).collect();
        patches.sort_by_key(|(prefix, _)| (prefix.split('.').count(), prefix.starts_with("jobs")));
        for (_, patch) in patches {
            merge(&mut stack, patch, &own);
            merge(&mut stack, &patch[platform], &own);
        }
        if let Some(entry) = entry {
            merge(&mut stack, &entry["with"], &own);
            merge(&mut stack, &entry["with"][platform], &own);
        }
        stack
    }
}

/// Whether an entry such as `jobs.*.test.**` is for all keys below a place, and for this one.
fn below(entry: &str, pattern: &str) -> bool {
    entry.strip_suffix("**").is_some_and(|place| pattern.starts_with(place))
}

/// Whether a key is the one at a place, or below it.
fn within(place: &str, pattern: &str) -> bool {
    pattern.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// `overrides.Dockerfile.replace[].find` without stars.
fn steps(at: &str) -> Vec<Step> {
    let words = at.split('.').flat_map(|word| {
        let (word, item) = word.strip_suffix("[]").map_or((word, false), |word| (word, true));
        [Some(Step::Key(word.to_owned())), item.then_some(Step::Index(0))]
    });
    words.flatten().collect()
}

/// Whether the outcomes of a key's values are what the table expects of the platform.
fn verdict(outcomes: &[Outcome], expected: &Value) -> Option<String> {
    if let Some(Outcome::Broken(said)) = outcomes.iter().find(|outcome| matches!(outcome, Outcome::Broken(_))) {
        return Some(format!("the stack around it is refused:\n{said}"));
    }
    let heeded = outcomes.iter().any(|outcome| matches!(outcome, Outcome::Changes(_) | Outcome::Needed(_)));
    let said: BTreeSet<String> = outcomes
        .iter()
        .flat_map(|outcome| if let Outcome::Says(codes) = outcome { codes.clone() } else { BTreeSet::new() })
        .collect();
    match (heeded, expected.as_str()) {
        (true, None) => None,
        (true, Some(code)) => Some(format!("is heeded; the table says `{code}`")),
        (false, None) if said.is_empty() => Some("does nothing, in silence".to_owned()),
        (false, None) => Some(format!("says {said:?} and does nothing; if that is right, the table says so")),
        (false, Some(code)) if said.contains(code) => None,
        (false, Some(code)) => Some(format!("says {said:?}; the table says `{code}`")),
    }
}

/// Two of a key's choices that no output and no word tells apart. One of them may be the default.
fn alike(values: &[Value], seen: &[Vec<Outcome>]) -> Option<String> {
    let open = |outcomes: &[Outcome]| {
        outcomes.iter().any(|outcome| matches!(outcome, Outcome::Broken(_)))
            || outcomes.iter().all(|outcome| matches!(outcome, Outcome::Says(_)))
    };
    for (index, (value, outcomes)) in values.iter().zip(seen).enumerate() {
        let twin = seen[..index].iter().position(|other| other == outcomes && !open(other));
        if let Some(twin) = twin {
            return Some(format!("{} and {value} come to the same", values[twin]));
        }
    }
    None
}

/// The values that a key is tried with: those of the table, else of the schema.
fn values(language: &Language, key: &Key, entry: &Value) -> Vec<Value> {
    match (&entry["value"], &entry["values"]) {
        (Value::Null, Value::Null) => usual(language, &key.node),
        (Value::Null, several) => several.as_array().expect("values are a list").clone(),
        (one, _) => vec![one.clone()],
    }
}

fn usual(language: &Language, node: &Node) -> Vec<Value> {
    let choices = node.choices();
    if !choices.is_empty() {
        return choices;
    }
    let examples = node.examples();
    if !examples.is_empty() {
        return examples;
    }
    let types = node.types();
    let first = types.first().copied().unwrap_or("string");
    match first {
        "boolean" => vec![json!(false), json!(true)],
        "integer" | "number" => vec![json!(node.minimum().unwrap_or(1).max(2))],
        "array" => {
            let item = language.items(node).and_then(|item| usual(language, &item).into_iter().next());
            vec![json!([item.unwrap_or(json!("text"))])]
        }
        "object" => vec![json!({"NAME": "text"})],
        _ => vec![json!("text")],
    }
}

fn outcome(bare: &Compiled, with: &Value, path: &[Step]) -> Outcome {
    let full = compile(with);
    let at = full.spans(path);
    // An overlay may be spoken of where the base has the same.
    let base = path.get(2..).filter(|_| overlaid(path)).unwrap_or_default();
    // Below the name of a thing, a key speaks for all that stands in it.
    let things = |path: &[Step]| if path.first() == Some(&Step::Key("routing".into())) { 1 } else { 2 };
    let depth = if base.is_empty() { things(path) } else { 2 + things(base) };
    let parts = full.parts(path, depth).into_iter().chain(full.parts(base, things(base)));
    let parts: Vec<Span> = parts.collect();
    let here = |span: &Span| (span.start >= at.start && span.end <= at.end) || parts.contains(span);
    let said: BTreeSet<String> = full
        .diagnostics
        .iter()
        .filter(|diagnostic| spans(diagnostic).any(here))
        .map(|diagnostic| diagnostic.code.name().to_owned())
        .collect();
    // What is said of something that the key brings with it; the table calls it `<code> elsewhere`.
    let elsewhere = full.diagnostics.iter().map(|found| format!("{} elsewhere", found.code.name())).collect();
    match (&full.made, &bare.made) {
        (None, _) if !said.is_empty() => Outcome::Says(said),
        (None, Some(_)) => Outcome::Says(elsewhere),
        (None, _) => Outcome::Broken(full.said),
        (Some(made), Some(before)) if made != before => Outcome::Changes(made.clone()),
        (Some(made), None) if said.is_empty() => Outcome::Needed(made.clone()),
        _ if !said.is_empty() => Outcome::Says(said),
        _ => Outcome::Silent,
    }
}

/// Whether a path leads into what an environment lays over the base.
fn overlaid(path: &[Step]) -> bool {
    let sections = ["services", "images", "jobs", "volumes", "networks", "secrets", "variables", "routing", "registry"];
    path[0] == Step::Key("environments".into())
        && matches!(path.get(2), Some(Step::Key(section)) if sections.contains(&section.as_str()))
}

/// All places that a finding points at.
fn spans(diagnostic: &Diagnostic) -> impl Iterator<Item = &Span> {
    std::iter::once(&diagnostic.span).chain(diagnostic.related.iter().map(|(span, _)| span))
}

/// A stack and what the compiler says and makes of it.
struct Compiled {
    document: stackc::syntax::Document,
    diagnostics: Diagnostics,
    made: Option<BTreeMap<String, String>>,
    said: String,
}

fn compile(stack: &Value) -> Compiled {
    let text = serde_json::to_string_pretty(stack).expect("JSON prints");
    let source = Source::new("stack.yaml", text);
    let mut diagnostics = Diagnostics::default();
    let tree = stackc::compile::compile(&source, &[], &Pins::default(), &|_| Facts::none(), &mut diagnostics);
    let made = tree.map(|tree| tree.iter().map(|artifact| (artifact.path.clone(), artifact.content())).collect());
    let said = if made.is_none() { crate::rendered(&source, &diagnostics) } else { String::new() };
    let document = stackc::syntax::parse(&source, &mut Diagnostics::default());
    Compiled { document, diagnostics, made, said }
}

impl Compiled {
    /// From the key at a path to the end of its value.
    fn spans(&self, path: &[Step]) -> Span {
        let node = self.document.at(&SpecPath(path.to_vec())).expect("the key was put there");
        node.key_span().unwrap_or(node.span()).start..node.span().end
    }

    /// Keys and values on the way to a path, from some depth on.
    fn parts(&self, path: &[Step], depth: usize) -> Vec<Span> {
        let above = (depth + 1..path.len()).map(|length| &path[..length]);
        let value = |path: &[Step]| self.document.at(&SpecPath(path.to_vec())).map_or(0..0, |node| node.span());
        above.flat_map(|path| [self.key_span(path), value(path)]).collect()
    }

    fn key_span(&self, path: &[Step]) -> Span {
        self.document.at(&SpecPath(path.to_vec())).map_or(0..0, |node| node.key_span().unwrap_or(node.span()))
    }
}

/// RFC 7396, but for the key `self`: what it holds is merged into the thing that the key under test belongs to.
fn merge(stack: &mut Value, patch: &Value, own: &[Step]) {
    for (key, value) in patch.as_object().into_iter().flatten() {
        match key.as_str() {
            "self" => {
                let mut here = at(stack, own).cloned().unwrap_or_else(|| json!({}));
                merge(&mut here, value, &[]);
                put(stack, own, here);
            }
            key if PLATFORMS.contains(&key) && !own.is_empty() => {}
            key if value.is_null() => {
                stack.as_object_mut().map(|map| map.remove(key));
            }
            key if value.is_object() => {
                let map = stack.as_object_mut().expect("a mapping is merged into a mapping");
                let below = map.entry(key).or_insert_with(|| Value::Object(Map::new()));
                if !below.is_object() {
                    *below = Value::Object(Map::new());
                }
                merge(below, value, &[]);
            }
            key => stack[key] = value.clone(),
        }
    }
}

fn at<'a>(value: &'a Value, path: &[Step]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, step| match step {
        Step::Key(key) => value.get(key),
        Step::Index(index) => value.get(index),
    })
}

fn put(value: &mut Value, path: &[Step], new: Value) {
    match path {
        [] => *value = new,
        [Step::Key(key), rest @ ..] => {
            if !value.is_object() {
                *value = json!({});
            }
            put(&mut value[key.as_str()], rest, new);
        }
        [Step::Index(index), rest @ ..] => {
            if !value.is_array() {
                *value = json!([]);
            }
            let items = value.as_array_mut().expect("it is a list now");
            while items.len() <= *index {
                items.push(Value::Null);
            }
            put(&mut items[*index], rest, new);
        }
    }
}

fn remove(value: &mut Value, path: &[Step]) {
    let (last, above) = path.split_last().expect("a key has a path");
    let mut place = value;
    for step in above {
        place = match step {
            Step::Key(key) => &mut place[key.as_str()],
            Step::Index(index) => &mut place[*index],
        };
    }
    match last {
        Step::Key(key) => {
            place.as_object_mut().map(|map| map.remove(key));
        }
        Step::Index(index) => {
            place.as_array_mut().map(|items| items.remove(*index));
        }
    }
}
