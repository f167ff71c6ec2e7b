//! What Compose knows of the names that raw words and overrides write into its file.

use crate::artifact::yaml::Yaml;
use crate::code::Code;
use crate::diagnostic::{Finding, Findings, nearest};
use crate::source::{Place, SpecPath};

/// Where a service names things, and under which key of the file they are declared.
const NAMES: [(&str, &str); 8] = [
    ("networks", "networks"),
    ("secrets", "secrets"),
    ("configs", "configs"),
    ("volumes", "volumes"),
    ("depends_on", "services"),
    ("extends", "services"),
    ("links", "services"),
    ("volumes_from", "services"),
];

/// Reports what the services of the file `root` name and the file does not declare; `place` says which words of the user's are about a service, if any.
pub(super) fn check_names(
    root: &Yaml,
    output: &str,
    place: &dyn Fn(&str) -> Option<SpecPath>,
    findings: &mut Findings<'_>,
) {
    // Other files may declare what this one names.
    if get(root, "include").is_some() {
        return;
    }
    for (service, words) in entries(get(root, "services")) {
        let Some(place) = place(service) else { continue };
        for (key, section) in NAMES {
            let declared: Vec<&str> = entries(get(root, section)).map(|(name, _)| name).collect();
            let named = get(words, key).map(|value| named(key, value)).unwrap_or_default();
            let odd = |name: &&str| {
                !declared.contains(name) && !name.contains('$') && (key != "networks" || *name != "default")
            };
            for name in named.into_iter().filter(odd) {
                let message =
                    format!("`{service}` in {output} has `{name}` under `{key}`, and the file has no such thing");
                let finding =
                    Finding::new(Code::OverrideUnmatched, Place::Key(place.clone()), message, "leads nowhere");
                findings.report(match nearest(name, &declared) {
                    Some(near) => finding.help(format!("did you mean `{near}`?")),
                    None => finding.help(format!("declare `{name}` under `{section}` of the file as well")),
                });
            }
        }
    }
}

fn get<'y>(yaml: &'y Yaml, key: &str) -> Option<&'y Yaml> {
    match yaml {
        Yaml::Map(entries) => entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value),
        _ => None,
    }
}

fn entries(yaml: Option<&Yaml>) -> impl Iterator<Item = (&str, &Yaml)> {
    let entries = if let Some(Yaml::Map(entries)) = yaml { entries.as_slice() } else { &[] };
    entries.iter().map(|entry| (entry.key.as_str(), &entry.value))
}

/// The names that stand under `key` of a service, in all forms that Compose takes.
fn named<'y>(key: &str, value: &'y Yaml) -> Vec<&'y str> {
    let items: Vec<&Yaml> = match value {
        Yaml::List(items) => items.iter().map(|item| &item.value).collect(),
        Yaml::Flow(items) => items.iter().collect(),
        Yaml::Map(_) if key == "extends" => {
            // A service of another file is none of this one's.
            let own = get(value, "file").is_none();
            return get(value, "service").filter(|_| own).and_then(text).into_iter().collect();
        }
        Yaml::Map(entries) => return entries.iter().map(|entry| entry.key.as_str()).collect(),
        other => vec![other],
    };
    let short = |text: &'y str| match key {
        "volumes" => {
            text.split_once(':').map(|(source, _)| source).filter(|source| !source.starts_with(['.', '/', '~']))
        }
        "links" | "volumes_from" if text.starts_with("container:") => None,
        "links" | "volumes_from" => text.split(':').next(),
        _ => Some(text),
    };
    let name = |item: &'y Yaml| match item {
        Yaml::Map(_) if key == "volumes" && get(item, "type").and_then(text) != Some("volume") => None,
        Yaml::Map(_) => get(item, "source").and_then(text),
        other => text(other).and_then(short),
    };
    items.into_iter().filter_map(name).collect()
}

fn text(yaml: &Yaml) -> Option<&str> {
    if let Yaml::Text(text) = yaml { Some(text) } else { None }
}
