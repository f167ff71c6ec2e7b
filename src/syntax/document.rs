//! The tree that `parse` makes: values with their spans, and a cursor over them.
//!
//! Parts are shared, never changed: an alias shares the value of its anchor, an overlay shares what it leaves alone.

use std::sync::Arc;

use super::scalar::{self, Core};
use crate::source::{Span, SpecPath, Step};

/// A value at the place where it is used; the place of an alias is the alias.
#[derive(Debug, Clone)]
pub(super) struct Value {
    /// Where it is used.
    pub span: Span,
    /// What it is.
    pub data: Arc<Data>,
}

/// What a value is.
#[derive(Debug)]
pub(super) enum Data {
    /// Text, a number, a bool or null.
    Scalar(Scalar),
    /// A list.
    List(Vec<Value>),
    /// A mapping, in the order of the file; no key stands twice.
    Map(Vec<Entry>),
}

/// A scalar as it was written.
#[derive(Debug)]
pub(super) struct Scalar {
    /// Its text, with quotes, escapes and folding undone.
    pub text: Box<str>,
    /// Whether it stood without quotes, so that it may be a number, a bool or null.
    pub plain: bool,
    /// Where the text itself stands, also when an alias uses it elsewhere.
    pub home: Span,
}

/// A key of a mapping and its value.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// The key.
    pub key: Key,
    /// Its value.
    pub value: Value,
}

/// A key of a mapping.
#[derive(Debug, Clone)]
pub(super) struct Key {
    /// Its text, quotes undone.
    pub text: Arc<str>,
    /// Where it stands.
    pub span: Span,
}

impl Scalar {
    /// What it means in YAML 1.2.
    pub fn core(&self) -> Core<'_> {
        scalar::core(&self.text, self.plain)
    }
}

impl Value {
    /// A value of the given data, used where it stands.
    pub fn new(span: Span, data: Data) -> Self {
        Value { span, data: Arc::new(data) }
    }

    /// The scalar that it is, if it is one.
    pub fn scalar(&self) -> Option<&Scalar> {
        match &*self.data {
            Data::Scalar(scalar) => Some(scalar),
            Data::List(_) | Data::Map(_) => None,
        }
    }

    /// Whether it is `null`, `~` or nothing at all.
    pub fn is_null(&self) -> bool {
        self.scalar().is_some_and(|scalar| scalar.plain && scalar::is_null(&scalar.text))
    }

    /// The entries of a mapping; none for anything else.
    pub fn entries(&self) -> &[Entry] {
        match &*self.data {
            Data::Map(entries) => entries,
            Data::Scalar(_) | Data::List(_) => &[],
        }
    }

    /// The items of a list; none for anything else.
    pub fn items(&self) -> &[Value] {
        match &*self.data {
            Data::List(items) => items,
            Data::Scalar(_) | Data::Map(_) => &[],
        }
    }
}

/// The content of one `stack.yaml`, or of one of its environments; cloning it copies two pointers.
#[derive(Debug, Clone)]
pub struct Document {
    pub(super) text: Arc<str>,
    pub(super) root: Option<Value>,
}

impl Document {
    /// A document over the text that its spans point into.
    pub(super) fn new(text: impl Into<Arc<str>>, root: Option<Value>) -> Self {
        Document { text: text.into(), root }
    }

    /// The same text with another root.
    pub(super) fn with_root(&self, root: Option<Value>) -> Self {
        Document { text: Arc::clone(&self.text), root }
    }

    /// The outermost value; none if the file is empty or could not be read.
    pub fn root(&self) -> Option<Node<'_>> {
        self.root.as_ref().map(|value| Node { value, key: None })
    }

    /// The value at `path`.
    pub fn at(&self, path: &SpecPath) -> Option<Node<'_>> {
        path.0.iter().try_fold(self.root()?, |node, step| node.step(step))
    }
}

/// What sort of value a [`Node`] is, by the rules of YAML 1.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing, `~` or `null`.
    Null,
    /// `true` or `false` without quotes.
    Bool,
    /// A number without quotes.
    Number,
    /// Any other scalar.
    Text,
    /// A list.
    List,
    /// A mapping.
    Map,
}

/// A place in a [`Document`]; aliases are followed without notice.
#[derive(Debug, Clone, Copy)]
pub struct Node<'d> {
    pub(super) value: &'d Value,
    pub(super) key: Option<&'d Key>,
}

impl<'d> Node<'d> {
    /// The value under `key`, if this is a mapping that has it.
    pub fn get(self, key: &str) -> Option<Node<'d>> {
        self.entries().find(|(name, _)| *name == key).map(|(_, node)| node)
    }

    /// The keys and values of a mapping, in the order of the file; none for anything else.
    pub fn entries(self) -> Entries<'d> {
        Entries(self.value.entries().iter())
    }

    /// The items of a list; none for anything else.
    pub fn items(self) -> Items<'d> {
        Items(self.value.items().iter())
    }

    /// The value one step further.
    pub(super) fn step(self, step: &Step) -> Option<Node<'d>> {
        match step {
            Step::Key(key) => self.get(key),
            Step::Index(index) => self.value.items().get(*index).map(|value| Node { value, key: None }),
        }
    }

    /// The scalar itself, if this is one.
    pub(super) fn scalar(self) -> Option<&'d Scalar> {
        self.value.scalar()
    }

    /// A scalar's text: a plain one as written (`1.10`), a quoted or block one with its quotes, escapes and folding undone.
    pub fn text(self) -> Option<&'d str> {
        self.scalar().map(|scalar| &*scalar.text)
    }

    /// Whether it is a scalar without quotes (or tagged as one), which may be a number, a bool or null.
    pub fn is_plain(self) -> bool {
        self.scalar().is_some_and(|scalar| scalar.plain)
    }

    /// Whether it is nothing, `~` or `null`.
    pub fn is_null(self) -> bool {
        self.value.is_null()
    }

    /// What sort of value it is.
    pub fn kind(self) -> Kind {
        match &*self.value.data {
            Data::List(_) => Kind::List,
            Data::Map(_) => Kind::Map,
            Data::Scalar(scalar) => match scalar.core() {
                Core::Null => Kind::Null,
                Core::Bool(_) => Kind::Bool,
                Core::Number(_) => Kind::Number,
                Core::Text(_) => Kind::Text,
            },
        }
    }

    /// Where the value stands; of an alias, where the alias stands. Empty for a value that is not written.
    pub fn span(self) -> Span {
        self.value.span.clone()
    }

    /// Where its key stands; none for the root and for list items.
    pub fn key_span(self) -> Option<Span> {
        self.key.map(|key| key.span.clone())
    }
}

/// The entries of a mapping.
#[derive(Debug, Clone)]
pub struct Entries<'d>(std::slice::Iter<'d, Entry>);

impl<'d> Iterator for Entries<'d> {
    type Item = (&'d str, Node<'d>);

    fn next(&mut self) -> Option<Self::Item> {
        let entry = self.0.next()?;
        Some((&entry.key.text, Node { value: &entry.value, key: Some(&entry.key) }))
    }
}

/// The items of a list.
#[derive(Debug, Clone)]
pub struct Items<'d>(std::slice::Iter<'d, Value>);

impl<'d> Iterator for Items<'d> {
    type Item = Node<'d>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|value| Node { value, key: None })
    }
}
