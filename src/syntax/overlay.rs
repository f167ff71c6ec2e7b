//! Lays an environment over the base document.
//!
//! The result shares all parts that did not change; nothing of the base is changed, also where an alias uses a part twice.

use std::collections::HashMap;
use std::sync::Arc;

use super::document::{Data, Document, Entry, Key, Scalar, Value};
use crate::source::SpecPath;

/// What the language says of its mappings, by which an overlay is merged over them.
pub struct Rules {
    /// Whether that key of the overlay is merged; the others are the environment's own.
    pub merges: fn(&str) -> bool,
    /// The keys that a short form, the text, stands for at a path of the base, each with its value, so that `{publish: true}` over `3000` is
    /// `{port: 3000, publish: true}`.
    pub long_form: fn(&SpecPath, &str) -> Vec<(&'static str, String)>,
    /// The keys at a path of which one takes the place of the other.
    pub one_of: fn(&SpecPath) -> &'static [&'static str],
    /// Whether `null` at a path is an instruction to another tool, and so is kept.
    pub keeps_null: fn(&SpecPath) -> bool,
}

/// The base document with the mapping at `over` merged over it: mappings deep, lists and scalars replaced, null deletes.
///
/// Every part keeps its own span: that of the overlay where the overlay put it, that of the base where both have a mapping.
pub fn overlay(base: &Document, over: &SpecPath, rules: &Rules) -> Document {
    let (Some(root), Some(over)) = (&base.root, base.at(over)) else { return base.clone() };
    let entries: Vec<_> = over.value.entries().iter().filter(|entry| (rules.merges)(&entry.key.text)).collect();
    let Data::Map(under) = &*root.data else { return base.clone() };
    let merged = rules.entries(under, &entries, &SpecPath::root());
    base.with_root(Some(Value::new(root.span.clone(), Data::Map(merged))))
}

impl Rules {
    /// The entries of a mapping with those of another over them, in the order of the first.
    fn entries(&self, base: &[Entry], over: &[&Entry], path: &SpecPath) -> Vec<Entry> {
        let mut rest: HashMap<&str, &Entry> = over.iter().map(|entry| (&*entry.key.text, *entry)).collect();
        let mut merged = Vec::with_capacity(base.len() + over.len());
        let one_of = (self.one_of)(path);
        let chosen = over.iter().any(|entry| one_of.contains(&&*entry.key.text) && !entry.value.is_null());
        for entry in base {
            match rest.remove(&*entry.key.text) {
                None if chosen && one_of.contains(&&*entry.key.text) => {}
                None => merged.push(entry.clone()),
                Some(over) => merged.extend(self.entry(entry, over, path)),
            }
        }
        let new = over.iter().filter(|entry| rest.contains_key(&*entry.key.text));
        merged.extend(new.filter_map(|entry| self.added(entry, path)));
        merged
    }

    /// One entry that both mappings have; none if the upper one is null.
    fn entry(&self, base: &Entry, over: &Entry, path: &SpecPath) -> Option<Entry> {
        if over.value.is_null() {
            return self.added(over, path);
        }
        let at = path.key(&*base.key.text);
        let (below, above) = self.same_kind(&base.value, &over.value, &at);
        match (&*below.data, &*above.data) {
            (Data::Map(under), Data::Map(upper)) => {
                let upper: Vec<_> = upper.iter().collect();
                let data = Data::Map(self.entries(under, &upper, &at));
                Some(Entry { key: base.key.clone(), value: Value::new(below.span, data) })
            }
            _ => self.added(over, path),
        }
    }

    /// Both values, a short form in its long form where the other is a mapping.
    fn same_kind(&self, base: &Value, over: &Value, path: &SpecPath) -> (Value, Value) {
        match (&*base.data, &*over.data) {
            (Data::Scalar(_), Data::Map(_)) => (self.expanded(base, path), over.clone()),
            (Data::Map(_), Data::Scalar(_)) => (base.clone(), self.expanded(over, path)),
            _ => (base.clone(), over.clone()),
        }
    }

    /// The mapping for which a scalar is the short form; a key that nobody wrote stands where the scalar does.
    fn expanded(&self, value: &Value, path: &SpecPath) -> Value {
        let Some(scalar) = value.scalar().filter(|_| !value.is_null()) else { return value.clone() };
        let keys = (self.long_form)(path, &scalar.text);
        if keys.is_empty() {
            return value.clone();
        }
        let entry = |(key, text): (&'static str, String)| Entry {
            key: Key { text: key.into(), span: value.span.clone() },
            value: if *text == *scalar.text { value.clone() } else { part(value, scalar, text) },
        };
        Value::new(value.span.clone(), Data::Map(keys.into_iter().map(entry).collect()))
    }

    /// An entry of the mapping at `path` that only the overlay has: as it is, without the keys that are null; none if it is null itself.
    fn added(&self, entry: &Entry, path: &SpecPath) -> Option<Entry> {
        if entry.value.is_null() && !(self.keeps_null)(path) {
            return None;
        }
        Some(Entry { key: entry.key.clone(), value: self.stripped(&entry.value, &path.key(&*entry.key.text)) })
    }

    fn stripped(&self, value: &Value, path: &SpecPath) -> Value {
        match &*value.data {
            Data::Map(entries) if entries.iter().any(|entry| holds_null(&entry.value)) => {
                let kept = entries.iter().filter_map(|entry| self.added(entry, path));
                Value::new(value.span.clone(), Data::Map(kept.collect()))
            }
            Data::Map(_) | Data::List(_) | Data::Scalar(_) => {
                Value { span: value.span.clone(), data: Arc::clone(&value.data) }
            }
        }
    }
}

/// A part of what a scalar says.
fn part(value: &Value, scalar: &Scalar, text: String) -> Value {
    let data = Scalar { text: text.into(), plain: true, home: scalar.home.clone() };
    Value::new(value.span.clone(), Data::Scalar(data))
}

fn holds_null(value: &Value) -> bool {
    value.is_null() || value.entries().iter().any(|entry| holds_null(&entry.value))
}
