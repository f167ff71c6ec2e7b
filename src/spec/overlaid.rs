//! What an environment changes, laid over what the stack says for all.

use super::OWN_KEYS;
use crate::source::{SpecPath, Step};
use crate::syntax::{self, Document};

/// The document as it is in the environment `name`.
pub fn overlaid(document: &Document, name: &str) -> Document {
    let path = SpecPath::root().key("environments").key(name);
    syntax::overlay(document, &path, &|key| !OWN_KEYS.contains(&key), &long_form)
}

/// Under which key the short form of the value at a path stands in its long form.
fn long_form(path: &SpecPath) -> Option<&'static str> {
    let keys: Vec<&str> = path.0.iter().map(|step| if let Step::Key(key) = step { key.as_str() } else { "" }).collect();
    match keys.as_slice() {
        ["services" | "jobs", _, "ports", _] => Some("port"),
        ["services" | "jobs", _, "healthcheck"] => Some("http"),
        ["services" | "jobs", _, "scale"] => Some("min"),
        ["variables", _] => Some("default"),
        ["routing", "tls"] => Some("from"),
        ["routing", "hosts", _, "routes", _, "rate_limit"] => Some("rate"),
        _ => None,
    }
}
