//! Reads the text of a `stack.yaml` into a tree that knows the bytes of each of its parts.
//!
//! In goes a [`Source`], out come a [`Document`] and diagnostics in the user's words, never an error: broken YAML is an
//! empty document. [`overlay`] lays an environment over the base. Nothing here knows what the keys mean.

mod build;
mod de;
mod decode;
mod document;
mod entries;
mod extent;
mod fault;
mod flow;
mod json;
mod lex;
mod line;
mod locate;
mod mapping;
mod overlay;
mod problem;
mod prune;
mod reference;
mod scalar;
mod size;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

pub use de::{DeserializeError, Typed};
pub use document::{Document, Entries, Items, Kind, Node};
pub use overlay::{Rules, overlay};

use crate::code::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::Source;
use build::{Built, Stop};
use document::Value;
use fault::Scene;
use line::Line;

/// The most bytes that a file may have.
pub const MAX_BYTES: usize = 1 << 20;
/// The most keys and values that a file may have as written.
pub const MAX_VALUES: usize = 100_000;
/// The most values that it may have once aliases and `<<` are expanded.
pub const MAX_EXPANDED: usize = 100_000;
/// The most bytes of text in those values.
pub const MAX_EXPANDED_BYTES: usize = 4 << 20;
/// The most levels of nesting, as written and expanded.
pub const MAX_DEPTH: usize = 64;
/// The most problems that one [`parse`] reports.
pub const MAX_PROBLEMS: usize = 50;

/// How often a text is read again after its unquoted references were masked; each round finds all of one bracket.
const MAX_ROUNDS: usize = 20;

/// Reads `source` and reports what is wrong with it as YAML.
///
/// Never fails: a text that cannot be read to its end is an empty document plus diagnostics. Faults that leave the
/// structure whole (a key twice, an unknown alias) are all reported, and the document holds the rest.
pub fn parse(source: &Source, diagnostics: &mut Diagnostics) -> Document {
    let (root, mut problems) = match decode::decode(source) {
        Ok(text) => read(text),
        Err(problem) => (None, vec![problem]),
    };
    problems.truncate(MAX_PROBLEMS);
    for problem in problems {
        diagnostics.push(problem);
    }
    let text = if root.is_some() { source.text() } else { Cow::default() };
    Document::new(text, root)
}

/// Reads `text`, and again with its unquoted references masked, so that all of them are found in one run.
fn read(text: &str) -> (Option<Value>, Vec<Diagnostic>) {
    let mut masked = Cow::Borrowed(text);
    let mut problems = Vec::new();
    for _ in 0..MAX_ROUNDS {
        let built = build::build(&masked);
        let found = reference::unquoted(&masked, &built);
        if found.is_empty() {
            return finish(text, built, problems);
        }
        problems.extend(found.iter().map(|reference| reference.diagnostic(text)));
        if problems.len() >= MAX_PROBLEMS {
            break;
        }
        for reference in found {
            reference.mask(masked.to_mut());
        }
    }
    (None, problems)
}

/// The root, unless the text is broken, and all problems, `problems` first.
fn finish(text: &str, built: Built, mut problems: Vec<Diagnostic>) -> (Option<Value>, Vec<Diagnostic>) {
    let whole = problems.is_empty() && built.stop.is_none();
    problems.extend(built.problems);
    match built.stop {
        Some(Stop::Refused(kind, at)) => {
            let scene = Scene { text, at, reached: built.reached };
            if !scene.echoes(problems.last()) {
                problems.push(fault::explain(&scene, &kind));
            }
        }
        Some(Stop::Reference(at)) => {
            let scene = Scene { text, at, reached: built.reached };
            problems.push(fault::unclosed_bracket(&scene));
        }
        None if problems.is_empty() && built.root.as_ref().is_none_or(Value::is_null) => problems.push(empty(text)),
        Some(Stop::Said) | None => {}
    }
    (built.root.filter(|_| whole), problems)
}

fn empty(text: &str) -> Diagnostic {
    let said = text.trim_start_matches(['\u{feff}', ' ', '\t', '\n', '\r']);
    let span = if said.is_empty() { 0..0 } else { Line::at(text, text.len() - said.len()).body() };
    Diagnostic::new(Code::EmptyFile, span, "the file says nothing", "no `key: value` anywhere")
        .help("the smallest stack.yaml has two lines: `name: shop` and `services: {web: {image: nginx:1.30-alpine}}`")
}
