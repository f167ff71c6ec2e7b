//! Takes parts out of a document.
//!
//! So that what is wrong in one part does not keep later stages from reading the others.

use std::collections::HashMap;

use super::document::{Data, Document, Entry, Value};
use crate::source::{SpecPath, Step};

impl Document {
    /// The same document without the keys and items at `paths`, which all name places of this document.
    #[must_use]
    pub fn without(&self, paths: &[SpecPath]) -> Document {
        let mut cuts = Cuts::default();
        for path in paths {
            cuts.add(&path.0);
        }
        self.with_root(self.root.as_ref().and_then(|root| cuts.apply(root)))
    }
}

/// What is taken out at a place and below it.
#[derive(Default)]
struct Cuts<'p> {
    all: bool,
    below: HashMap<&'p Step, Cuts<'p>>,
}

impl<'p> Cuts<'p> {
    fn add(&mut self, path: &'p [Step]) {
        match path {
            [] => self.all = true,
            [step, rest @ ..] => self.below.entry(step).or_default().add(rest),
        }
    }

    /// What is left of `value`.
    fn apply(&self, value: &Value) -> Option<Value> {
        if self.all {
            return None;
        }
        let data = match &*value.data {
            Data::Map(entries) if !self.below.is_empty() => Data::Map(self.entries(entries)),
            Data::List(items) if !self.below.is_empty() => Data::List(self.items(items)),
            Data::Map(_) | Data::List(_) | Data::Scalar(_) => return Some(value.clone()),
        };
        Some(Value::new(value.span.clone(), data))
    }

    fn entries(&self, entries: &[Entry]) -> Vec<Entry> {
        let left = |entry: &Entry| {
            let value = self.left(Step::Key(entry.key.text.to_string()), &entry.value)?;
            Some(Entry { key: entry.key.clone(), value })
        };
        entries.iter().filter_map(left).collect()
    }

    fn items(&self, items: &[Value]) -> Vec<Value> {
        items.iter().enumerate().filter_map(|(index, item)| self.left(Step::Index(index), item)).collect()
    }

    fn left(&self, step: Step, value: &Value) -> Option<Value> {
        self.below.get(&step).map_or_else(|| Some(value.clone()), |cuts| cuts.apply(value))
    }
}
