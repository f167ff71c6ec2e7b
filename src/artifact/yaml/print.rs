//! Prints YAML: two spaces a level, lists indented below their key, comments on lines of their own, nothing folded.
//!
//! Text of several lines becomes a literal block (`|`) where every reader gives it back unchanged, else one line in
//! double quotes.

use super::scalar::{fits_literal, push_quoted, push_scalar};
use super::{Entry, Item, Yaml};
use crate::artifact::comment;

/// Readers take a key for one up to 1,024 characters; a longer one needs the explicit form `? key`.
const LONGEST_PLAIN_KEY: usize = 1000;

/// The document as text, with one final newline.
pub fn write(root: &Yaml) -> String {
    let mut out = String::new();
    match root {
        Yaml::Map(entries) if !entries.is_empty() => push_map(&mut out, entries, 0, false),
        Yaml::List(items) if !items.is_empty() => push_list(&mut out, items, 0, false),
        scalar => push_line(&mut out, scalar, 0),
    }
    out
}

/// The entries, each on lines of its own; after a dash the first one stands on the dash's line, which has its comment.
fn push_map(out: &mut String, entries: &[Entry], indent: usize, after_dash: bool) {
    for (at, entry) in entries.iter().enumerate() {
        if at > 0 || !after_dash {
            push_lead(out, indent, at > 0 && entry.blank_before, entry.comment.as_slice());
            push_indent(out, indent);
        }
        push_key(out, entry, indent);
        match &entry.value {
            Yaml::Map(entries) if !entries.is_empty() => {
                push_end(out, entry);
                push_map(out, entries, indent + 2, false);
            }
            Yaml::List(items) if !items.is_empty() => {
                push_end(out, entry);
                push_list(out, items, indent + 2, false);
            }
            Yaml::Null => push_end(out, entry),
            Yaml::Text(text) if text.contains('\n') && fits_literal(text) => {
                out.push(' ');
                push_line(out, &entry.value, indent);
            }
            scalar => {
                out.push(' ');
                push_scalar_or_flow(out, scalar);
                push_end(out, entry);
            }
        }
    }
}

/// The end of an entry's first line, with its note.
fn push_end(out: &mut String, entry: &Entry) {
    if let Some(note) = entry.note.iter().flat_map(|note| comment::lines(note)).next() {
        out.push(' ');
        out.push_str(&note);
    }
    out.push('\n');
}

fn push_list(out: &mut String, items: &[Item], indent: usize, after_dash: bool) {
    for (at, item) in items.iter().enumerate() {
        if at > 0 || !after_dash {
            push_lead(out, indent, at > 0 && item.blank_before, comments(item));
            push_indent(out, indent);
        }
        out.push_str("- ");
        match &item.value {
            Yaml::Map(entries) if !entries.is_empty() => push_map(out, entries, indent + 2, true),
            Yaml::List(items) if !items.is_empty() => push_list(out, items, indent + 2, true),
            scalar => push_line(out, scalar, indent),
        }
    }
}

/// The comments that belong in front of an item's dash: its own, and those of what follows on the dash's line.
fn comments(item: &Item) -> Vec<&String> {
    let mut all: Vec<_> = item.comment.iter().collect();
    match &item.value {
        Yaml::Map(entries) => all.extend(entries.first().and_then(|first| first.comment.as_ref())),
        Yaml::List(items) => all.extend(items.first().into_iter().flat_map(comments)),
        Yaml::Null | Yaml::Bool(_) | Yaml::Number(_) | Yaml::Text(_) | Yaml::Flow(_) => {}
    }
    all
}

fn push_lead<'a>(out: &mut String, indent: usize, blank: bool, comments: impl IntoIterator<Item = &'a String>) {
    if blank {
        out.push('\n');
    }
    for line in comments.into_iter().flat_map(|text| comment::lines(text)) {
        push_indent(out, indent);
        out.push_str(&line);
        out.push('\n');
    }
}

fn push_key(out: &mut String, entry: &Entry, indent: usize) {
    if entry.bare_key {
        out.push_str(&entry.key);
    } else {
        let start = out.len();
        push_scalar(out, &entry.key);
        if out.len() - start > LONGEST_PLAIN_KEY {
            out.insert_str(start, "? ");
            out.push('\n');
            push_indent(out, indent);
        }
    }
    out.push(':');
}

/// Whatever stands behind a key or a dash on the same line, and the line's end.
fn push_line(out: &mut String, value: &Yaml, indent: usize) {
    match value {
        Yaml::Text(text) if text.contains('\n') && fits_literal(text) => push_literal(out, text, indent + 2),
        other => push_scalar_or_flow(out, other),
    }
    out.push('\n');
}

fn push_scalar_or_flow(out: &mut String, value: &Yaml) {
    match value {
        Yaml::Text(text) => push_scalar(out, text),
        other => push_flow(out, other),
    }
}

fn push_literal(out: &mut String, text: &str, indent: usize) {
    out.push('|');
    if text.starts_with(' ') {
        out.push('2');
    }
    if !text.ends_with('\n') {
        out.push('-');
    }
    for line in text.lines() {
        out.push('\n');
        if !line.is_empty() {
            push_indent(out, indent);
            out.push_str(line);
        }
    }
}

/// A value on one line, as it stands in a flow list; texts are in double quotes.
fn push_flow(out: &mut String, value: &Yaml) {
    match value {
        Yaml::Null => out.push_str("null"),
        Yaml::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Yaml::Number(number) => out.push_str(&readable_number(number)),
        Yaml::Text(text) => push_quoted(out, text),
        Yaml::List(items) => push_between(out, ['[', ']'], items, |out, item| push_flow(out, &item.value)),
        Yaml::Flow(items) => push_between(out, ['[', ']'], items, push_flow),
        Yaml::Map(entries) => push_between(out, ['{', '}'], entries, |out, entry| {
            push_quoted(out, &entry.key);
            out.push_str(": ");
            push_flow(out, &entry.value);
        }),
    }
}

fn push_between<T>(out: &mut String, [open, close]: [char; 2], all: &[T], push: impl Fn(&mut String, &T)) {
    out.push(open);
    for (at, one) in all.iter().enumerate() {
        if at > 0 {
            out.push_str(", ");
        }
        push(out, one);
    }
    out.push(close);
}

/// YAML 1.1 takes `1e9` for text: an exponent needs a sign there, and the digits before it a point.
fn readable_number(number: &str) -> String {
    let Some((digits, exponent)) = number.split_once(['e', 'E']) else { return number.to_owned() };
    let point = if digits.contains('.') { "" } else { ".0" };
    let sign = if exponent.starts_with(['+', '-']) { "" } else { "+" };
    format!("{digits}{point}e{sign}{exponent}")
}

fn push_indent(out: &mut String, width: usize) {
    out.extend(std::iter::repeat_n(' ', width));
}
