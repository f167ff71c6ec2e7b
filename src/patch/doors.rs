//! The doors: raw words of a tool, merged over what they stand beside.

use indexmap::IndexMap;
use serde_json::{Map, Value as Json};
use toml_edit::{ArrayOfTables, Item, Table, TableLike};

use super::{Site, compose};
use crate::artifact::yaml::{Item as YamlItem, Yaml};
use crate::artifact::{Body, Tree, toml};
use crate::code::Code;
use crate::diagnostic::{Diagnostics, Finding, Findings};
use crate::facts::join;
use crate::model::{App, Environment, Platform, Port, Program, Service};
use crate::source::{Locate, Place, SpecPath};

/// Merges the raw words of `compose:` and `fly:` over what they stand beside; reports a `null` that removes nothing.
pub fn doors(tree: &mut Tree, program: &Program, diagnostics: &mut Diagnostics) {
    let mut opened = IndexMap::new();
    for environment in &program.environments {
        let findings = &mut Findings::new(&*environment.locate, diagnostics);
        let opened = &mut opened;
        let base = &*program.locate;
        match &environment.platform {
            Platform::Compose { file, .. } => {
                Doors { tree, output: file, findings, opened, environment, base }.compose();
                names(tree, file, environment, findings);
            }
            Platform::Fly { file, .. } => {
                for app in environment.apps() {
                    let file = join(&app.first().folder, file);
                    Doors { tree, output: &file, findings, opened, environment, base }.fly(&app);
                }
            }
        }
    }
    for (at, (output, environment)) in opened.into_iter().filter_map(|(at, closed)| Some((at, closed?))) {
        let findings = &mut Findings::new(&*environment.locate, diagnostics);
        let message = format!("these words are merged over nothing: {output} says nothing of what they stand beside");
        let finding = Finding::new(Code::OverrideUnmatched, Place::Key(at), message, "no effect");
        findings.report(finding.help("publish the port, or mount the volume, that they are about; or remove them"));
    }
}

/// What raw words name in a Compose file is there.
fn names(tree: &Tree, file: &str, environment: &Environment, findings: &mut Findings<'_>) {
    let of = |name: &str| environment.stack.all().find(|service| service.name == name);
    let spoken = environment.stack.all().any(|service| !service.compose.is_empty());
    let Some(Body::Yaml(root)) = tree.get(file).map(|artifact| &artifact.body) else { return };
    if spoken || !environment.words.is_empty() {
        let place = |name: &str| match of(name).filter(|service| !service.compose.is_empty()) {
            Some(service) => Some(service.path.key("compose")),
            None => (!environment.words.is_empty()).then(|| environment.path.key("compose")),
        };
        compose::check_names(root, file, &place, findings);
    }
}

/// The doors of one output.
struct Doors<'a, 'e, 'f> {
    tree: &'a mut Tree,
    output: &'a str,
    findings: &'a mut Findings<'f>,
    /// The doors so far: none where there was something to merge over, else an output that had nothing, and its environment.
    opened: &'a mut IndexMap<SpecPath, Option<(String, &'e Environment)>>,
    environment: &'e Environment,
    /// Where the base has its words.
    base: &'a dyn Locate,
}

/// One step to what is merged over.
enum Step<'s> {
    /// The entry of that key.
    Key(&'s str),
    /// The item of a list whose entry of that key is that value.
    Where(&'s str, &'s str),
    /// The item of a list at that place.
    At(usize),
}

impl Doors<'_, '_, '_> {
    fn compose(&mut self) {
        let environment = self.environment;
        for service in environment.stack.all() {
            let name = service.name.as_str();
            self.open(&[Step::Key("services"), Step::Key(name)], &service.compose, &service.path.key("compose"));
            for port in service.ports.values() {
                let steps =
                    [Step::Key("services"), Step::Key(name), Step::Key("ports"), Step::Where("name", &port.name)];
                self.open(&steps, &port.compose, &port.path.key("compose"));
            }
        }
        for (name, volume) in &environment.stack.volumes {
            let at = SpecPath::root().key("volumes").key(name).key("compose");
            self.open(&[Step::Key("volumes"), Step::Key(name)], &volume.compose, &at);
        }
        self.open(&[], &environment.words, &environment.path.key("compose"));
    }

    fn fly(&mut self, app: &App<'_>) {
        let environment = self.environment;
        let (public, further) = (app.public(), app.further());
        for port in app.services.iter().flat_map(|service| service.ports.values()) {
            let is = |other: &Port| other.path == port.path;
            // A port that nobody publishes has no part of the file.
            let index = further.iter().position(|(_, other)| is(other)).unwrap_or(further.len());
            let public = public.is_some_and(|(_, public)| is(public));
            let steps: &[_] =
                if public { &[Step::Key("http_service")] } else { &[Step::Key("services"), Step::At(index)] };
            self.open(steps, &port.fly, &port.path.key("fly"));
        }
        for (name, volume) in &environment.stack.volumes {
            let at = SpecPath::root().key("volumes").key(name).key("fly");
            let source = name.replace('-', "_");
            self.open(&[Step::Key("mounts"), Step::Where("source", &source)], &volume.fly, &at);
        }
        for service in &app.services {
            let at = service.path.key("fly");
            let mut words = service.fly.clone();
            self.lists(&mut words, app, service, &at);
            self.open(&[], &words, &at);
        }
        self.open(&[], &environment.words, &environment.path.key("fly"));
    }

    /// Takes the lists out of the words of a service of which each process group has its own part, and puts their entries in place of what the file
    /// said of the same groups. An entry that names no group is for the service's.
    fn lists(&mut self, words: &mut Map<String, Json>, app: &App<'_>, service: &Service, at: &SpecPath) {
        let Some(Body::Toml(document)) = self.tree.get_mut(self.output).map(|artifact| &mut artifact.body) else {
            return;
        };
        if !document.contains_key("processes") {
            return;
        }
        let group = app.group(service);
        for key in OF_GROUPS {
            let Some(Json::Array(entries)) = words.get_mut(*key) else { continue };
            for entry in entries.iter_mut().filter_map(Json::as_object_mut) {
                entry.entry("processes").or_insert_with(|| Json::from(vec![group]));
            }
            let named = entries.iter().filter_map(|entry| entry["processes"].as_array()).flatten();
            let mut groups: Vec<&str> = named.filter_map(Json::as_str).collect();
            groups.push(group);
            let added = match toml::from_json(&Json::Array(entries.clone())) {
                Ok(Item::ArrayOfTables(added)) => added,
                Ok(_) if entries.is_empty() => ArrayOfTables::new(),
                _ => continue,
            };
            match document.get_mut(key) {
                Some(Item::ArrayOfTables(known)) => {
                    known.iter_mut().for_each(|table| without_groups(table, &groups));
                    known.retain(|table| {
                        table.get("processes").and_then(Item::as_array).is_none_or(|of| !of.is_empty())
                    });
                    known.extend(added);
                }
                _ => drop(document.insert(key, Item::ArrayOfTables(added))),
            }
            words.remove(*key);
            self.opened.insert(at.clone(), None);
        }
    }

    /// Merges `words` over what `steps` lead to; whether there was such a thing. What one environment's file does not have, such as a volume that
    /// nothing mounts there, another's may.
    fn open(&mut self, steps: &[Step<'_>], words: &Map<String, Json>, at: &SpecPath) -> bool {
        if words.is_empty() {
            return false;
        }
        let Some(artifact) = self.tree.get_mut(self.output) else {
            // Another environment's, which is not made in this run.
            self.opened.insert(at.clone(), None);
            return false;
        };
        let mut site = Site { output: self.output, findings: self.findings, base: Some(self.base), reported: false };
        let merged = match &mut artifact.body {
            Body::Yaml(root) => in_yaml(root, steps).map(|target| site.merge_yaml(target, words, at)).is_some(),
            Body::Toml(document) => {
                in_toml(document.as_table_mut(), steps).map(|target| site.merge_toml(target, words, at)).is_some()
            }
            Body::Text { .. } => false,
        };
        let closed = self.opened.entry(at.clone()).or_insert_with(|| Some((self.output.to_owned(), self.environment)));
        if merged {
            *closed = None;
        }
        merged
    }
}

/// The lists of a fly.toml whose entries are for process groups each.
const OF_GROUPS: &[&str] = &["files", "restart", "vm", "metrics"];

/// Takes `groups` out of those that an entry is for.
fn without_groups(table: &mut Table, groups: &[&str]) {
    if let Some(of) = table.get_mut("processes").and_then(Item::as_array_mut) {
        of.retain(|group| !group.as_str().is_some_and(|group| groups.contains(&group)));
    }
}

fn in_yaml<'y>(root: &'y mut Yaml, steps: &[Step<'_>]) -> Option<&'y mut Yaml> {
    let Some((step, rest)) = steps.split_first() else { return Some(root) };
    let next = match (step, root) {
        (Step::Key(key), Yaml::Map(entries)) => &mut entries.iter_mut().find(|entry| entry.key == *key)?.value,
        (Step::Where(key, value), Yaml::List(items)) => {
            let fits = |item: &&mut YamlItem| match &item.value {
                Yaml::Map(entries) => {
                    entries.iter().any(|entry| entry.key == *key && entry.value == Yaml::text(*value))
                }
                _ => false,
            };
            &mut items.iter_mut().find(fits)?.value
        }
        _ => return None,
    };
    in_yaml(next, rest)
}

fn in_toml<'t>(table: &'t mut dyn TableLike, steps: &[Step<'_>]) -> Option<&'t mut dyn TableLike> {
    let Some((step, rest)) = steps.split_first() else { return Some(table) };
    let Step::Key(key) = step else { return None };
    match (table.get_mut(key)?, rest.split_first()) {
        (Item::ArrayOfTables(tables), Some((Step::Where(key, value), rest))) => {
            let says = |table: &&mut Table| table.get(key).and_then(Item::as_str) == Some(*value);
            in_toml(tables.iter_mut().find(says)?, rest)
        }
        (Item::ArrayOfTables(tables), Some((Step::At(index), rest))) => in_toml(tables.get_mut(*index)?, rest),
        (item, _) => in_toml(item.as_table_like_mut()?, rest),
    }
}
