//! Finds `${…}` that stands without quotes between brackets, where YAML takes its braces for its own.
//!
//! The most frequent fault of a stack.yaml: so all of a file are found in one run, by masking those found and reading again.

use super::MAX_PROBLEMS;
use super::build::{Built, Stop};
use super::flow::{Flow, Text};
use super::lex::{Lexeme, reference_length};
use super::line::{Line, quote, ticked, typable};
use crate::code::Code;
use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// An unquoted text that holds references.
#[derive(Debug)]
pub(super) struct Unquoted {
    text: Span,
    key: Option<Span>,
    bracket: Option<usize>,
}

/// The unquoted references because of which reading may have stopped: all those between the same brackets.
pub(super) fn unquoted(text: &str, built: &Built) -> Vec<Unquoted> {
    let at = match built.stop {
        Some(Stop::Reference(at) | Stop::Refused(_, at)) => at,
        Some(Stop::Said) | None => return Vec::new(),
    };
    let bracket = built.reached.flow.or_else(|| bracket_on_line(text, at));
    let (closed, found) = bracket.map_or((true, Vec::new()), |bracket| between_brackets(text, bracket));
    match built.stop {
        Some(Stop::Reference(at)) if closed && found.is_empty() => vec![outside_brackets(text, at)],
        _ => found,
    }
}

/// The first bracket of the line, which the parser may hold back while it could still be a key.
fn bracket_on_line(text: &str, at: usize) -> Option<usize> {
    Line::at(text, at).tokens().find(|token| token.lexeme == Lexeme::Open).map(|token| token.span.start)
}

/// Whether the bracket is closed, and what stands in it; behind an outdented line only if it is, else the bracket is the fault.
fn between_brackets(text: &str, bracket: usize) -> (bool, Vec<Unquoted>) {
    let flow = Flow::read(text, bracket);
    let end = if flow.closed { text.len() } else { flow.outdent.unwrap_or(text.len()) };
    let holds = |piece: &Text| piece.span.start < end && text[piece.span.clone()].contains("${");
    let found = flow.texts.into_iter().filter(holds);
    let unquoted = |piece: Text| Unquoted { text: piece.span, key: piece.key, bracket: Some(piece.bracket) };
    (flow.closed, found.take(MAX_PROBLEMS).map(unquoted).collect())
}

/// A reference right after an anchor's `&` or an alias's `*`.
fn outside_brackets(text: &str, dollar: usize) -> Unquoted {
    let before = &text[..dollar];
    let start = before.rfind([' ', '\t', '\n', '\r']).map_or(0, |blank| blank + 1);
    let end = Line::at(text, dollar).value_end(dollar).max(dollar + 2);
    Unquoted { text: start..end, key: None, bracket: None }
}

impl Unquoted {
    /// What to say about it.
    pub fn diagnostic(&self, text: &str) -> Diagnostic {
        let value = &text[self.text.clone()];
        let start = self.text.start + value.find("${").unwrap_or(0);
        let span = start..start + reference_length(&text[start..]).unwrap_or(2);
        let inside = match self.bracket.map(|at| text.as_bytes()[at]) {
            Some(b'[') => " inside `[ ]`",
            Some(_) => " inside `{ }`",
            None => "",
        };
        let message = format!("{} needs quotes{inside}", ticked(&text[span.clone()]));
        let fixed = match &self.key {
            Some(key) => format!("{}: {}", &text[key.clone()], quote(value)),
            None => quote(value),
        };
        Diagnostic::new(Code::UnquotedReference, span, message, "YAML takes these braces for its own")
            .help(format!("write {}", typable(&fixed)))
    }

    /// Takes the meaning from all signs of its references, byte for byte, so that what follows can be read.
    pub fn mask(&self, text: &mut String) {
        let piece = &text[self.text.clone()];
        let mut masked = String::with_capacity(piece.len());
        let mut inside = 0;
        for (at, c) in piece.char_indices() {
            inside = reference_length(&piece[at..]).map_or(inside, |length| inside.max(at + length));
            masked.push(if at < inside { masked_sign(c) } else { c });
        }
        text.replace_range(self.text.clone(), &masked);
    }
}

fn masked_sign(c: char) -> char {
    match c {
        '{' => '(',
        '}' => ')',
        _ if c.is_ascii_punctuation() && !matches!(c, '$' | '.' | '-') || c == ' ' || c == '\t' => '_',
        _ => c,
    }
}
