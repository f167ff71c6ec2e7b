//! Quotes that are not closed, closed too early, or that hold an escape they do not know.
//!
//! The parser notices a quote that is not closed on a line below it at best; the diagnostic is about the quote that opens.

use super::{Scene, bracket};
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::lex::{BLANKS, Lexeme, Lexer, quoted_length};
use crate::syntax::line::{quote, ticked, typable};
use crate::syntax::problem::{character, character_before};

/// The quoted text that the parser was in when it stopped, from its opening quote to the end of that line.
fn opening(scene: &Scene<'_>) -> Span {
    let depth = usize::from(scene.reached.flow.is_some());
    let tokens = Lexer::new(scene.text, scene.reached.last.end, depth);
    let quoted = tokens
        .take_while(|token| token.span.start <= scene.at)
        .filter(|token| token.lexeme == Lexeme::Quoted && token.span.end >= scene.at)
        .last();
    let nearest = || scene.text[..scene.at].rfind(['"', '\'']);
    let start = quoted.map(|token| token.span.start).or_else(nearest).unwrap_or(scene.at);
    start..scene.line(start).body().end.max(start)
}

/// A quote without its partner, or a text of several lines whose lines are not indented.
pub(super) fn unclosed(scene: &Scene<'_>) -> Diagnostic {
    let span = opening(scene);
    if goes_on(scene, span.start) {
        return not_indented(scene, span);
    }
    let opening = character(scene.text, span.start);
    let value = scene.slice(&(span.start..scene.entry_end(span.start))).trim_end_matches(BLANKS);
    let fixed = scene.rewritten(span.start, &format!("{value}{}", scene.slice(&opening)));
    scene.fault(opening, "this quote is never closed", "opens here").help(format!("write {}", typable(&fixed)))
}

/// Whether the line where the parser stopped seems to belong to the quoted text: it starts no entry, and the text is closed below.
fn goes_on(scene: &Scene<'_>, start: usize) -> bool {
    let line = scene.line(scene.at);
    let entry = line.key().is_some() || line.content().trim_start_matches(BLANKS).starts_with("- ");
    let text = &scene.text[start..];
    let closed = |sign| text.len() > 1 && text[..quoted_length(text, sign)].ends_with(sign);
    line.start > start && !entry && text.chars().next().is_some_and(closed)
}

fn not_indented(scene: &Scene<'_>, opening: Span) -> Diagnostic {
    let line = scene.rest(scene.line(scene.at).body().start);
    let indent = " ".repeat(scene.line(opening.start).indent() + 2);
    scene
        .fault(line.clone(), "a line of quoted text is not indented", "indented less than its key allows")
        .help(format!("write {}", typable(&format!("{indent}{}", scene.slice(&line)))))
        .related(character(scene.text, opening.start), "the text starts here")
}

/// Text after the closing quote, most often because the text itself holds that quote.
pub(super) fn text_after(scene: &Scene<'_>) -> Diagnostic {
    let before = scene.text[..scene.at].trim_end_matches([' ', '\t']);
    let sign = before.chars().next_back().unwrap_or('"');
    let start = start_of_quoted(scene, before.len());
    if let Some(entry) = next_entry(scene) {
        return bracket::before_entry(scene, start..before.len(), entry);
    }
    let whole = start..scene.entry_end(scene.at).max(before.len());
    let written = scene.slice(&whole);
    let meant = match written.strip_prefix(sign).and_then(|inner| inner.strip_suffix(sign)) {
        Some(inner) if scene.at == before.len() => inner.replace("''", "'"),
        _ => written.to_owned(),
    };
    let fixed = scene.rewritten(start, &quote(&meant));
    scene
        .fault(
            scene.at..whole.end,
            format!("text follows the closing quote of {}", ticked(&before[start..])),
            "not part of the quoted text",
        )
        .help(format!("write {}", typable(&fixed)))
        .related(before.len() - sign.len_utf8()..before.len(), "closes the text")
}

/// The text behind a quoted one between brackets, if it looks like an entry of its own.
fn next_entry(scene: &Scene<'_>) -> Option<Span> {
    let mut tokens = Lexer::new(scene.text, scene.at, 1);
    let entry = tokens.next().filter(|_| scene.reached.flow.is_some())?;
    let is_key = tokens.next().is_some_and(|next| next.lexeme == Lexeme::Colon);
    (entry.lexeme == Lexeme::Quoted || is_key).then_some(entry.span)
}

/// Where the quoted text starts that ends at byte `end`.
fn start_of_quoted(scene: &Scene<'_>, end: usize) -> usize {
    let depth = usize::from(scene.reached.flow.is_some());
    let tokens = Lexer::new(scene.text, scene.reached.last.end, depth).take_while(|token| token.span.start < end);
    let quoted = tokens.filter(|token| token.lexeme == Lexeme::Quoted && token.span.end == end).last();
    quoted.map_or(character_before(scene.text, end).start, |token| token.span.start)
}

/// A backslash before something that double quotes give no meaning.
pub(super) fn escape(scene: &Scene<'_>) -> Diagnostic {
    let text = &scene.text[scene.at..];
    let whole = &text[..quoted_length(text, '"')];
    let escapes = escapes(whole);
    let bad: Vec<_> = escapes.iter().filter(|escape| !is_valid(escape, whole)).cloned().collect();
    let first = bad.first().cloned().unwrap_or(0..1);
    let span = scene.at + first.start..scene.at + first.end;
    let inner = whole.trim_matches('"');
    let fixed = if bad.len() == escapes.len() && !inner.contains(['\'', '\n', '\r']) {
        format!("'{inner}'")
    } else {
        bad.iter().rev().fold(whole.to_owned(), |mut text, escape| {
            text.insert(escape.start, '\\');
            text
        })
    };
    let message = format!("{} is no escape that double quotes know", ticked(scene.slice(&span)));
    let help = format!("write {}", typable(&scene.rewritten(scene.at, &fixed)));
    scene.fault(span, message, "in double quotes a backslash starts an escape").help(help)
}

/// The escapes in a double-quoted text, each with the digits that belong to it.
fn escapes(quoted: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = quoted[at..].find('\\').map(|next| at + next) {
        let Some(sign) = quoted[start + 1..].chars().next() else { break };
        let digits =
            quoted[start + 1 + sign.len_utf8()..].bytes().take(digits(sign)).take_while(u8::is_ascii_alphanumeric);
        at = start + 1 + sign.len_utf8() + digits.count();
        found.push(start..at);
    }
    found
}

/// How many hexadecimal digits follow the sign of an escape.
fn digits(sign: char) -> usize {
    match sign {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        _ => 0,
    }
}

/// Whether an escape has a meaning, half of a surrogate pair counted as one if another half stands beside it.
fn is_valid(escape: &Span, quoted: &str) -> bool {
    const SIGNS: &str = "0abtnvfre \"/\\N_LP\t\n\r";
    let sign = quoted[escape.start + 1..].chars().next().unwrap_or_default();
    if digits(sign) == 0 {
        return SIGNS.contains(sign);
    }
    let digits = &quoted[escape.start + 2..escape.end];
    let Some(code) = u32::from_str_radix(digits, 16).ok().filter(|_| digits.len() == self::digits(sign)) else {
        return false;
    };
    let beside = quoted[escape.end..].starts_with("\\u") || quoted[..escape.start].len() >= 6 && code >= 0xDC00;
    char::from_u32(code).is_some() || (0xD800..0xE000).contains(&code) && beside
}
