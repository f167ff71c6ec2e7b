//! Lays an environment over the base document.
//!
//! The result shares all parts that did not change; nothing of the base is changed, also where an alias uses a part twice.

use std::collections::HashMap;
use std::sync::Arc;

use super::document::{Data, Document, Entry, Key, Value};
use crate::source::{Span, SpecPath};

/// The base document with the mapping at `over` merged over it: mappings deep, lists and scalars replaced, null deletes.
///
/// Of the keys of that mapping only those are merged for which `merges` is true; the others are the environment's own.
/// Sugar does not get in the way: `expand` names, for a path in the base, the key under which a short scalar form stands
/// in its long form, so that `{publish: true}` over `3000` is `{port: 3000, publish: true}`.
///
/// Every part keeps its own span: that of the overlay where the overlay put it, that of the base where both have a mapping.
pub fn overlay(
    base: &Document,
    over: &SpecPath,
    merges: &dyn Fn(&str) -> bool,
    expand: &dyn Fn(&SpecPath) -> Option<&'static str>,
) -> Document {
    let (Some(root), Some(over)) = (&base.root, base.at(over)) else { return base.clone() };
    let entries: Vec<_> = over.value.entries().iter().filter(|entry| merges(&entry.key.text)).collect();
    let Data::Map(under) = &*root.data else { return base.clone() };
    let merged = Merge { expand }.entries(under, &entries, &SpecPath::root());
    base.with_root(Some(Value::new(root.span.clone(), Data::Map(merged))))
}

struct Merge<'f> {
    expand: &'f dyn Fn(&SpecPath) -> Option<&'static str>,
}

impl Merge<'_> {
    /// The entries of a mapping with those of another over them, in the order of the first.
    fn entries(&self, base: &[Entry], over: &[&Entry], path: &SpecPath) -> Vec<Entry> {
        let mut rest: HashMap<&str, &Entry> = over.iter().map(|entry| (&*entry.key.text, *entry)).collect();
        let mut merged = Vec::with_capacity(base.len() + over.len());
        for entry in base {
            match rest.remove(&*entry.key.text) {
                None => merged.push(entry.clone()),
                Some(over) => merged.extend(self.entry(entry, over, path)),
            }
        }
        let new = over.iter().filter(|entry| rest.contains_key(&*entry.key.text));
        merged.extend(new.filter(|entry| !entry.value.is_null()).map(|entry| added(entry)));
        merged
    }

    /// One entry that both mappings have; none if the upper one is null.
    fn entry(&self, base: &Entry, over: &Entry, path: &SpecPath) -> Option<Entry> {
        if over.value.is_null() {
            return None;
        }
        let path = path.key(&*base.key.text);
        let (below, above) = self.same_kind(&base.value, &over.value, &path);
        match (&*below.data, &*above.data) {
            (Data::Map(under), Data::Map(upper)) => {
                let upper: Vec<_> = upper.iter().collect();
                let data = Data::Map(self.entries(under, &upper, &path));
                Some(Entry { key: base.key.clone(), value: Value::new(below.span, data) })
            }
            _ => Some(added(over)),
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

    fn expanded(&self, value: &Value, path: &SpecPath) -> Value {
        match (self.expand)(path) {
            Some(key) if !value.is_null() => long_form(key, value),
            _ => value.clone(),
        }
    }
}

/// The mapping for which a scalar is the short form; the key that nobody wrote stands where the scalar does.
fn long_form(key: &'static str, value: &Value) -> Value {
    let span: Span = value.span.clone();
    let key = Key { text: key.into(), span: span.clone() };
    Value::new(span, Data::Map(vec![Entry { key, value: value.clone() }]))
}

/// An entry that only the overlay has: as it is, without the keys that are null.
fn added(entry: &Entry) -> Entry {
    Entry { key: entry.key.clone(), value: stripped(&entry.value) }
}

fn stripped(value: &Value) -> Value {
    match &*value.data {
        Data::Map(entries) if entries.iter().any(|entry| holds_null(&entry.value)) => {
            let kept = entries.iter().filter(|entry| !entry.value.is_null());
            Value::new(value.span.clone(), Data::Map(kept.map(added).collect()))
        }
        Data::Map(_) | Data::List(_) | Data::Scalar(_) => {
            Value { span: value.span.clone(), data: Arc::clone(&value.data) }
        }
    }
}

fn holds_null(value: &Value) -> bool {
    value.is_null() || value.entries().iter().any(|entry| holds_null(&entry.value))
}
