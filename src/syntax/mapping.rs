//! A mapping under construction: pairs its keys with their values, finds keys that stand twice, and merges `<<`.
//!
//! Keys that cannot be used are reported and left out; the rest of the mapping stays.

use std::collections::HashMap;
use std::sync::Arc;

use super::MAX_EXPANDED;
use super::document::{Data, Entry, Key, Value};
use super::lex::BLANKS;
use super::line::{Line, quote, ticked, typable};
use super::problem::{self, Problems};
use crate::code::Code;
use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// The keys and values read so far.
pub(super) struct Mapping {
    /// How many brackets it stands in, its own counted.
    brackets: usize,
    key: Option<Value>,
    pairs: Vec<(Value, Value)>,
}

impl Mapping {
    /// An empty mapping that stands in that many brackets, its own counted.
    pub fn new(brackets: usize) -> Self {
        Mapping { brackets, key: None, pairs: Vec::new() }
    }

    /// By how many levels `value` moves up because the key before it is `<<`.
    pub fn raised(&self, value: &Value) -> usize {
        match (&self.key, &*value.data) {
            (Some(key), Data::Map(_)) if is_merge(key) => 1,
            (Some(key), Data::List(_)) if is_merge(key) => 2,
            _ => 0,
        }
    }

    /// Adds the next key or the next value.
    pub fn push(&mut self, value: Value, text: &str, problems: &mut Problems) {
        match self.key.take() {
            None => {
                if let Some(problem) = invalid_key(&value, text, self.brackets) {
                    problems.push(problem);
                }
                self.key = Some(value);
            }
            Some(key) => {
                if self.brackets > 0
                    && let Some(problem) = no_blank(&key, &value)
                {
                    problems.push(problem);
                }
                self.pairs.push((key, value));
            }
        }
    }

    /// The entries, `<<` resolved: explicit keys win over merged ones, earlier merges over later ones.
    ///
    /// `merged` counts the entries that all merges of the file have made; none if they become too many.
    pub fn finish(self, merged: &mut usize, problems: &mut Problems) -> Option<Vec<Entry>> {
        let mut seen = HashMap::with_capacity(self.pairs.len());
        let parts: Vec<_> = self.pairs.into_iter().filter_map(|pair| part(pair, &mut seen, problems)).collect();
        let mut entries = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                Part::Entry(entry) => entries.push(entry),
                Part::Merge(key, value) => {
                    let fresh = entries.len();
                    merge(&key, &value, &mut seen, &mut entries, problems);
                    *merged += entries.len() - fresh;
                    if *merged > MAX_EXPANDED {
                        problems.push(problem::expanded(value.span, &format!("more than {MAX_EXPANDED} merged keys")));
                        return None;
                    }
                }
            }
        }
        Some(entries)
    }
}

/// A key of its own, or what `<<` brings.
enum Part {
    Entry(Entry),
    Merge(Span, Value),
}

/// What a pair is, unless its key is invalid or stands above already.
fn part((key, value): (Value, Value), seen: &mut HashMap<Arc<str>, Span>, problems: &mut Problems) -> Option<Part> {
    let text: Arc<str> = key.scalar().filter(|_| !key.span.is_empty())?.text.as_ref().into();
    if let Some(first) = seen.get(&text) {
        problems.push(duplicate(&text, key.span, first.clone()));
        return None;
    }
    seen.insert(Arc::clone(&text), key.span.clone());
    if is_merge(&key) {
        return Some(Part::Merge(key.span, value));
    }
    Some(Part::Entry(Entry { key: Key { text, span: key.span }, value }))
}

/// Adds the entries of a mapping, or of a list of mappings, whose keys are not there yet.
fn merge(
    key: &Span,
    value: &Value,
    seen: &mut HashMap<Arc<str>, Span>,
    entries: &mut Vec<Entry>,
    problems: &mut Problems,
) {
    let sources = match &*value.data {
        Data::List(sources) => &sources[..],
        Data::Map(_) | Data::Scalar(_) => std::slice::from_ref(value),
    };
    for source in sources {
        match &*source.data {
            Data::Map(merged) => merged.iter().for_each(|entry| add_new(entry, seen, entries)),
            // An alias that was reported already stands as a null that has a span.
            _ if source.is_null() && !source.span.is_empty() => {}
            Data::List(_) | Data::Scalar(_) => problems.push(invalid_merge(key, source)),
        }
    }
}

fn add_new(entry: &Entry, seen: &mut HashMap<Arc<str>, Span>, entries: &mut Vec<Entry>) {
    if !seen.contains_key(&entry.key.text) {
        seen.insert(Arc::clone(&entry.key.text), entry.key.span.clone());
        entries.push(entry.clone());
    }
}

fn is_merge(key: &Value) -> bool {
    key.scalar().is_some_and(|key| key.plain && &*key.text == "<<")
}

fn duplicate(key: &str, span: Span, first: Span) -> Diagnostic {
    let help = match key {
        "<<" => "merge several with one list: `<<: [*first, *second]`",
        _ => "remove one of the two, or merge their values",
    };
    let shown = if key.is_empty() { "\"\"" } else { key };
    Diagnostic::new(Code::DuplicateKey, span, format!("{} stands twice in this mapping", ticked(shown)), "again")
        .help(help)
        .related(first, "first here")
}

fn invalid_merge(key: &Span, source: &Value) -> Diagnostic {
    let span = if source.span.is_empty() { key } else { &source.span };
    let label = if matches!(&*source.data, Data::List(_)) { "a list inside a list" } else { "not a mapping" };
    Diagnostic::new(Code::InvalidMerge, span.clone(), "`<<` takes mappings, and this is none", label)
        .help("write `<<: *worker` or `<<: [*worker, *kube]`, where each anchor stands at a mapping")
}

/// What is wrong with a value as a key.
fn invalid_key(key: &Value, text: &str, brackets: usize) -> Option<Diagnostic> {
    match &*key.data {
        _ if key.span.is_empty() => Some(missing_key(key.span.start, text)),
        Data::Scalar(_) => None,
        Data::Map(_) if text[..key.span.start].ends_with('{') => Some(template(key.span.clone(), text, brackets == 1)),
        Data::Map(_) => Some(compound_key(key, "a mapping", text)),
        Data::List(_) => Some(compound_key(key, "a list", text)),
    }
}

fn missing_key(at: usize, text: &str) -> Diagnostic {
    let span = problem::character(text, at);
    Diagnostic::new(Code::InvalidKey, span, "a key is missing before the colon", "no key here")
        .help("write a key, such as `name: value`; if the colon is text, quote it: `\":\"`")
}

fn compound_key(key: &Value, what: &str, text: &str) -> Diagnostic {
    let written = &text[key.span.clone()];
    Diagnostic::new(Code::InvalidKey, key.span.clone(), format!("a key must be text, and this is {what}"), what)
        .help(format!("if it is text, quote it: {}", typable(&quote(written))))
}

/// A template such as `{{ x }}`, where YAML reads two mappings, the inner one as a key; `outermost` if no bracket is around it.
fn template(inner: Span, text: &str, outermost: bool) -> Diagnostic {
    let line = Line::at(text, inner.start);
    let rest = text.get(inner.end..line.end).unwrap_or_default();
    let span = inner.start - 1..inner.end + rest.find('}').map_or(0, |at| at + 1);
    // Outside of brackets the value is all that follows on the line.
    let value = if outermost { span.start..line.value_end(span.start).max(span.end) } else { span.clone() };
    let message = format!("{} is read as a mapping whose key is a mapping", ticked(&text[span.clone()]));
    Diagnostic::new(Code::InvalidKey, span, message, "needs quotes")
        .help(format!("quote it: {}", typable(&quote(text[value].trim_end_matches(BLANKS)))))
}

/// A key such as `port:80` between braces, which lacks the blank that makes it a key and a value.
fn no_blank(key: &Value, value: &Value) -> Option<Diagnostic> {
    let written = key.scalar().filter(|key| key.plain && value.span.is_empty() && key.text.contains(':'))?;
    let fixed = written.text.replacen(':', ": ", 1);
    let message = format!("a space is missing after the colon of {}", ticked(&written.text));
    Some(
        Diagnostic::new(Code::YamlSyntax, key.span.clone(), message, "read as a key without a value")
            .help(format!("write {}; if it is a key, quote it", typable(&fixed))),
    )
}
