//! What an environment changes, laid over what the stack says for all.

use super::{Mount, OWN_KEYS};
use crate::source::{SpecPath, Step};
use crate::syntax::{self, Document, Rules};

/// The document as it is in the environment `name`.
pub fn overlaid(document: &Document, name: &str) -> Document {
    let path = SpecPath::root().key("environments").key(name);
    let merges = |key: &str| !OWN_KEYS.contains(&key);
    syntax::overlay(document, &path, &Rules { merges, long_form, one_of, keeps_null })
}

/// The keys that the short form of the value at a path stands for in its long form.
fn long_form(path: &SpecPath, text: &str) -> Vec<(&'static str, String)> {
    let key = match keys(path).as_slice() {
        ["services" | "jobs", _, "volumes", _] => return Mount::long_form(text),
        ["services" | "jobs", _, "ports", _] => "port",
        ["services" | "jobs", _, "healthcheck"] => "http",
        ["services" | "jobs", _, "scale"] => "min",
        ["variables", _] => "default",
        ["routing", "tls"] => "from",
        ["routing", "hosts", _, "routes", _, "rate_limit"] => "rate",
        _ => return Vec::new(),
    };
    vec![(key, text.to_owned())]
}

/// The sources of a mount: an environment's takes the place of the base's.
fn one_of(path: &SpecPath) -> &'static [&'static str] {
    match keys(path).as_slice() {
        ["services" | "jobs", _, "volumes", _] => &["volume", "bind", "tmpfs", "secret", "file"],
        _ => &[],
    }
}

/// Whether a path lies within raw words of a tool, where `null` takes something out of the output.
fn keeps_null(path: &SpecPath) -> bool {
    matches!(
        keys(path).as_slice(),
        ["services" | "jobs" | "volumes", _, "compose" | "fly", ..]
            | ["services" | "jobs", _, "ports", _, "compose" | "fly", ..]
    )
}

fn keys(path: &SpecPath) -> Vec<&str> {
    path.0.iter().map(|step| if let Step::Key(key) = step { key.as_str() } else { "" }).collect()
}
