//! Finds the bytes of a place that is named by its path.
//!
//! Every place has a span, also one that the document lacks: that of the last part of its path that is there.

use super::document::{Document, Node};
use super::lex::BLANKS;
use crate::source::{Locate, Place, Span, SpecPath};

impl Locate for Document {
    fn span(&self, place: &Place) -> Span {
        let Some(root) = self.root() else { return 0..0 };
        let (node, whole) = deepest(root, place.path());
        match place {
            Place::Value(_) if whole => self.value_span(node),
            Place::Within(_, needle) if whole => self.within(node, needle).unwrap_or_else(|| self.value_span(node)),
            Place::Key(_) | Place::Value(_) | Place::Within(..) => self.key_span(node),
        }
    }

    fn has(&self, path: &SpecPath) -> bool {
        self.at(path).is_some_and(|node| !node.is_null())
    }
}

impl Document {
    /// The value's span; that of its key, or of its dash in a list, if nothing is written.
    fn value_span(&self, node: Node<'_>) -> Span {
        let span = node.span();
        if !span.is_empty() {
            return span;
        }
        node.key_span().filter(|key| !key.is_empty()).or_else(|| self.dash_before(span.start)).unwrap_or(span)
    }

    /// The key's span; of an item the item's, of the root its first key's, so that no label covers the whole file.
    fn key_span(&self, node: Node<'_>) -> Span {
        let first = || node.entries().next().filter(|_| self.is_root(node)).map(|(_, first)| self.key_span(first));
        node.key_span().filter(|key| !key.is_empty()).or_else(first).unwrap_or_else(|| self.value_span(node))
    }

    /// The first occurrence of `needle` in the text of a scalar.
    fn within(&self, node: Node<'_>, needle: &str) -> Option<Span> {
        let home = node.scalar()?.home.clone();
        let found = self.text.get(home.clone())?.find(needle).filter(|_| !needle.is_empty())?;
        Some(home.start + found..home.start + found + needle.len())
    }

    /// The dash of a list's item that has no value.
    fn dash_before(&self, at: usize) -> Option<Span> {
        let before = self.text[..at].trim_end_matches(BLANKS);
        before.ends_with('-').then(|| before.len() - 1..before.len())
    }

    fn is_root(&self, node: Node<'_>) -> bool {
        self.root.as_ref().is_some_and(|root| std::ptr::eq(root, node.value))
    }
}

/// The last node on `path` that exists, and whether it is the one at its end.
fn deepest<'d>(root: Node<'d>, path: &SpecPath) -> (Node<'d>, bool) {
    let mut node = root;
    for step in &path.0 {
        match node.step(step) {
            Some(next) => node = next,
            None => return (node, false),
        }
    }
    (node, true)
}
