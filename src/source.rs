//! A text that was read and the places in it: byte spans, and paths through its structure.

use std::fmt;
use std::ops::Range;

/// A half-open range of byte offsets into [`Source::text`].
pub type Span = Range<usize>;

/// The bytes of one `stack.yaml` and the name under which messages speak of it.
#[derive(Debug, Clone)]
pub struct Source {
    /// The name as the user knows it: a path, or `<stdin>`.
    pub name: String,
    /// The content as read, before any decoding.
    pub bytes: Vec<u8>,
}

impl Source {
    /// A source of the given name and content.
    pub fn new(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Source { name: name.into(), bytes: bytes.into() }
    }

    /// The content as text, for showing it; bytes that are not UTF-8 become U+FFFD.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.bytes)
    }
}

/// One step of a [`SpecPath`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// Into a mapping.
    Key(String),
    /// Into a list.
    Index(usize),
}

/// A path through the structure of a document, such as `services.api.ports`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SpecPath(pub Vec<Step>);

impl SpecPath {
    /// The document itself.
    pub fn root() -> Self {
        SpecPath::default()
    }

    /// This path and one key more.
    #[must_use]
    pub fn key(&self, key: impl Into<String>) -> Self {
        let mut steps = self.0.clone();
        steps.push(Step::Key(key.into()));
        SpecPath(steps)
    }

    /// This path and one list index more.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        let mut steps = self.0.clone();
        steps.push(Step::Index(index));
        SpecPath(steps)
    }

    /// The path without its last step; the root's parent is the root.
    #[must_use]
    pub fn parent(&self) -> Self {
        SpecPath(self.0[..self.0.len().saturating_sub(1)].to_vec())
    }

    /// The last key of the path, if its last step is one.
    pub fn last_key(&self) -> Option<&str> {
        match self.0.last() {
            Some(Step::Key(key)) => Some(key),
            _ => None,
        }
    }
}

impl fmt::Display for SpecPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if at == 0 => write!(f, "{key}")?,
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// What a diagnostic points at, named by structure; the span is found last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The key at a path, or the value where there is no key (a list item).
    Key(SpecPath),
    /// The value at a path; an empty value is shown at its key.
    Value(SpecPath),
    /// The first occurrence of a text inside the scalar at a path, else the whole value.
    Within(SpecPath, String),
}

impl Place {
    /// The path that the place stands on.
    pub fn path(&self) -> &SpecPath {
        match self {
            Place::Key(path) | Place::Value(path) | Place::Within(path, _) => path,
        }
    }
}

/// Something that knows where in the source a [`Place`] is.
pub trait Locate {
    /// The span of `place`; of its nearest enclosing value where the path leads further than the document.
    fn span(&self, place: &Place) -> Span;

    /// Whether the path leads to a value that is not null.
    fn has(&self, path: &SpecPath) -> bool;
}
