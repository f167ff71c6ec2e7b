//! What `syntax` promises: spans, explanations, overlays, typed values.

mod deserialize;
mod encoding;
mod faults;
mod limits;
mod overlays;
mod spans;
mod values;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{Source, SpecPath};
use crate::syntax::{self, Document};

/// The document and all that is said about it.
fn read(bytes: impl Into<Vec<u8>>) -> (Document, Vec<Diagnostic>) {
    let mut diagnostics = Diagnostics::default();
    let document = syntax::parse(&Source::new("stack.yaml", bytes), &mut diagnostics);
    (document, diagnostics.sorted().into_iter().cloned().collect())
}

/// The document of a text without faults.
fn document(text: &str) -> Document {
    let (document, diagnostics) = read(text);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    document
}

/// The path that is written `services.api.list[0]`.
fn path(text: &str) -> SpecPath {
    let steps = text.split(['.', '[']).filter(|step| !step.is_empty());
    steps.fold(SpecPath::root(), |path, step| match step.strip_suffix(']').and_then(|index| index.parse().ok()) {
        Some(index) => path.index(index),
        None => path.key(step),
    })
}
