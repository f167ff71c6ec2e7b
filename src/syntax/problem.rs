//! The faults that the parser accepts and `stack.yaml` does not, in the user's words.
//!
//! Reading goes on after most of them. What the parser refuses is explained in `fault`.

use super::lex::{BLANKS, line_length};
use super::line::{Line, quote, ticked, typable};
use super::{MAX_DEPTH, MAX_PROBLEMS, MAX_VALUES};
use crate::code::Code;
use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// The faults found so far, up to a number that a reader can use.
#[derive(Debug, Default)]
pub(super) struct Problems(Vec<Diagnostic>);

impl Problems {
    /// Adds a fault, while there is room.
    pub fn push(&mut self, problem: Diagnostic) {
        if !self.is_full() {
            self.0.push(problem);
        }
    }

    /// Whether no more faults are taken.
    pub fn is_full(&self) -> bool {
        self.0.len() >= MAX_PROBLEMS
    }

    /// All of them.
    pub fn into_list(self) -> Vec<Diagnostic> {
        self.0
    }
}

/// The document that starts at `span` is not the first.
pub(super) fn second_document(text: &str, span: Span) -> Diagnostic {
    let mark = if span.is_empty() { "..." } else { "---" };
    let span = if span.is_empty() { Line::at(text, span.start).body() } else { span };
    Diagnostic::new(Code::SeveralDocuments, span, "a second YAML document starts here", "only one is read")
        .help(format!("remove the line `{mark}`, or move what follows it into a stack.yaml in a folder of its own"))
}

/// The tag at `span` is not one of YAML's own.
pub(super) fn tag(text: &str, span: Span) -> Diagnostic {
    let tag = &text[span.clone()];
    let rest = text[span.start..][..line_length(&text[span.start..])].trim_end_matches(BLANKS);
    Diagnostic::new(Code::YamlSyntax, span, format!("{} is a YAML tag, which means nothing here", ticked(tag)), "a tag")
        .help(format!("remove it; if it is text, quote it: {}", typable(&quote(rest))))
}

/// The alias at `span` refers to the value that it stands in.
pub(super) fn alias_inside(text: &str, span: Span) -> Diagnostic {
    let name = text[span.clone()].trim_start_matches('*');
    let message = format!("{} stands inside the value that it refers to", ticked(&format!("*{name}")));
    Diagnostic::new(Code::InvalidAlias, span, message, format!("still inside {}", ticked(&format!("&{name}"))))
        .help("write the value out, or refer to an anchor whose value ends above this line")
}

/// No anchor of that name stands above the alias at `span`; `anchors` do.
pub(super) fn unknown_alias(name: &str, span: Span, anchors: &[String]) -> Diagnostic {
    if let Some(key) = name.strip_suffix(':') {
        return starred_key(&format!("*{key}"), span);
    }
    let alias = format!("*{name}");
    let message = format!("the alias {} has no anchor {} above it", ticked(&alias), ticked(&format!("&{name}")));
    let quoted = format!("if it is text, quote it: {}", typable(&quote(&alias)));
    let is_name = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
    let known: Vec<_> =
        anchors.iter().filter(|_| is_name).take(5).map(|anchor| ticked(&format!("*{anchor}"))).collect();
    let help = if known.is_empty() { quoted } else { format!("write {}; {quoted}", known.join(" or ")) };
    Diagnostic::new(Code::InvalidAlias, span, message, "an alias").help(help)
}

/// A key that starts with `*` and was not quoted.
pub(super) fn starred_key(key: &str, span: Span) -> Diagnostic {
    let message = format!("the key {} needs quotes, because it starts with `*`", ticked(key));
    Diagnostic::new(Code::InvalidAlias, span, message, "read as an alias, its colon included")
        .help(format!("write {}", typable(&format!("{}:", quote(key)))))
}

/// A value at byte `at` is nested too deep.
pub(super) fn too_deep(text: &str, at: usize) -> Diagnostic {
    let message = format!("more than {MAX_DEPTH} lists and mappings are nested in each other");
    Diagnostic::new(Code::LimitExceeded, character(text, at), message, "one level too many")
        .help("close the brackets above, or indent less; a deep stack.yaml has some ten levels")
}

/// The value at byte `at` is one too many.
pub(super) fn too_many(text: &str, at: usize) -> Diagnostic {
    let message = format!("the file has more than {MAX_VALUES} keys and values");
    Diagnostic::new(Code::LimitExceeded, character(text, at), message, "reading stopped here")
        .help("keep data in files of their own; a stack.yaml of a few hundred lines describes a large system")
}

/// Aliases and merges lead to `what`, most of it through the value at `span`.
pub(super) fn expanded(span: Span, what: &str) -> Diagnostic {
    let message = format!("the aliases of this value stand for {what}");
    Diagnostic::new(Code::LimitExceeded, span, message, "its largest part")
        .help("write fewer aliases of aliases; one that repeats a few lines is fine")
}

/// The character at byte `at`; the one before it at the end of the text.
pub(super) fn character(text: &str, at: usize) -> Span {
    match text[at..].chars().next() {
        Some(c) => at..at + c.len_utf8(),
        None => character_before(text, at),
    }
}

/// The character that ends at byte `end`; nothing at the start of the text.
pub(super) fn character_before(text: &str, end: usize) -> Span {
    text[..end].char_indices().next_back().map_or(end..end, |(start, _)| start..end)
}
