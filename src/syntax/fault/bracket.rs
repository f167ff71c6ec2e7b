//! Brackets that are not closed, closed twice or by the wrong sign, and what may not stand inside of them.
//!
//! The parser stops where a bracket's content makes no sense any more; the diagnostic is about the bracket, if it was forgotten.

use super::{Scene, value};
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::flow::Flow;
use crate::syntax::lex::{BLANKS, Lexeme, Lexer, Token};
use crate::syntax::line::{Line, quote, ticked, typable};
use crate::syntax::problem::character;

fn closing(open: &str) -> char {
    if open == "[" { ']' } else { '}' }
}

/// A bracket that is open when its mapping or list must have ended.
pub(in crate::syntax) fn unclosed_bracket(scene: &Scene<'_>) -> Diagnostic {
    let start = scene.reached.flow.unwrap_or(scene.at);
    open_bracket(scene, Flow::read(scene.text, start).open)
}

/// A bracket that is open at the end of the file.
pub(super) fn never_closed(scene: &Scene<'_>) -> Diagnostic {
    let start = scene.reached.flow.unwrap_or(scene.at);
    let flow = Flow::read(scene.text, start);
    open_bracket(scene, if flow.closed { scene.at } else { flow.open })
}

fn open_bracket(scene: &Scene<'_>, at: usize) -> Diagnostic {
    let span = character(scene.text, at);
    let sign = scene.slice(&span).to_owned();
    let close = closing(&sign);
    let line = scene.rest(at);
    let rest = scene.slice(&line).trim_end_matches(',');
    let help = match rest.len() {
        0 | 1 => format!("write `{close}` on the line after its last entry"),
        _ if rest.contains("${") => format!("write `{close}` after its last entry"),
        _ => format!("write {}", typable(&scene.rewritten(at, &format!("{rest}{close}")))),
    };
    scene.fault(span, format!("this {} is never closed", ticked(&sign)), "opens here").help(help)
}

/// A bracket closed by the sign of the other kind.
pub(super) fn mismatched(scene: &Scene<'_>, close: char) -> Diagnostic {
    let span = character(scene.text, scene.at);
    let sign = scene.slice(&span).to_owned();
    let wrong = scene.text[scene.at..].find(close).map(|found| scene.at + found);
    let message = format!("this {} is closed by `{close}`", ticked(&sign));
    let fault = scene.fault(span, message, "opens here").help(format!("close it with `{}` first", closing(&sign)));
    match wrong {
        Some(at) => fault.related(at..at + close.len_utf8(), format!("`{}` is missing before this", closing(&sign))),
        None => fault,
    }
}

/// A closing bracket without an opening one.
pub(super) fn extra(scene: &Scene<'_>) -> Diagnostic {
    let span = character(scene.text, scene.at);
    let line = scene.line(scene.at);
    let colon = line.tokens().find(|token| token.lexeme == Lexeme::Colon && token.span.start < scene.at);
    let value = colon.map_or(line.body().start, |colon| colon.span.end);
    let start = scene.at - scene.text[value..scene.at].trim_start_matches(BLANKS).len();
    let whole = scene.slice(&(start..line.value_end(scene.at).max(span.end)));
    let message = format!("{} closes nothing", ticked(scene.slice(&span)));
    let fixed = scene.rewritten(start, &quote(whole));
    scene
        .fault(span, message, "no bracket is open here")
        .help(format!("remove it; if it is text, write {}", typable(&fixed)))
}

/// A list's dash between brackets.
pub(super) fn dash(scene: &Scene<'_>) -> Diagnostic {
    let flow = scene.reached.flow.map(|start| Flow::read(scene.text, start));
    if let Some(flow) = flow.filter(|flow| flow.outdent.is_some_and(|outdent| outdent <= scene.at)) {
        return open_bracket(scene, flow.open);
    }
    scene
        .fault(character(scene.text, scene.at), "a dash stands inside brackets", "not part of a list in brackets")
        .help(
            "separate the items by commas: `[first, second]`; or write the list without brackets, one `- item` a line",
        )
}

/// Any other fault between brackets: a comma is missing or superfluous, or the bracket should have ended before.
pub(super) fn inside(scene: &Scene<'_>) -> Diagnostic {
    let Some(start) = scene.reached.flow.or_else(|| bracket_before(scene)) else {
        return value::no_value(scene);
    };
    let flow = Flow::read(scene.text, start);
    let outdented = flow.outdent.is_some_and(|outdent| Line::at(scene.text, outdent).start <= scene.at);
    if outdented || scene.at >= scene.text.trim_end_matches(BLANKS).len() {
        return open_bracket(scene, flow.open);
    }
    if scene.text[scene.at..].starts_with(',') {
        return scene
            .fault(character(scene.text, scene.at), "nothing stands before this comma", "a second comma")
            .help("remove it");
    }
    missing_comma(scene, start)
}

fn bracket_before(scene: &Scene<'_>) -> Option<usize> {
    let tokens = scene.line(scene.at).tokens().take_while(|token| token.span.start < scene.at);
    tokens.filter(|token| token.lexeme == Lexeme::Open).map(|token| token.span.start).next()
}

/// Two entries without a comma between them, or a colon inside a value.
fn missing_comma(scene: &Scene<'_>, start: usize) -> Diagnostic {
    let before: Vec<Token> = Lexer::new(scene.text, start, 0).take_while(|token| token.span.start < scene.at).collect();
    if !scene.text[scene.at..].starts_with(':') {
        let next = Lexer::new(scene.text, scene.at, 1).next().map_or(scene.rest(scene.at), |token| token.span);
        return before_entry(scene, before.last().map_or(start..start + 1, |token| token.span.clone()), next);
    }
    match &before[..] {
        [.., colon, last] if colon.lexeme == Lexeme::Colon => match scene.slice(&last.span).rfind([' ', '\t']) {
            None => value::colon_in_value(scene, last.span.start),
            Some(blank) => {
                let blank = last.span.start + blank;
                before_entry(scene, last.span.start..blank, blank + 1..last.span.end)
            }
        },
        [.., last, key] => before_entry(scene, last.span.clone(), key.span.clone()),
        _ => before_entry(scene, start..start + 1, scene.rest(scene.at)),
    }
}

/// The entry at `entry` follows what stands at `last` without a comma.
pub(super) fn before_entry(scene: &Scene<'_>, last: Span, entry: Span) -> Diagnostic {
    let (before, text) = (scene.slice(&last).trim_end_matches(BLANKS), scene.slice(&entry));
    let help = format!(
        "write a comma after {}; if {} belongs to the text before it, put both in quotes",
        typable(before),
        typable(text)
    );
    scene.fault(entry.clone(), format!("a comma is missing before {}", ticked(text)), "starts another entry").help(help)
}
