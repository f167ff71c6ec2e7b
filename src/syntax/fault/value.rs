//! Colons: one too many, none at all, or without the blank that makes them colons.
//!
//! What YAML reads over several lines as one text is taken apart again, since each line was meant as an entry.

use super::Scene;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::lex::{BLANKS, Lexeme, is_blank};
use crate::syntax::line::{quote, spaces, ticked, typable};
use crate::syntax::problem;

/// The longest key that YAML allows without `?`.
const LONGEST_KEY: usize = 1024;

/// A colon where the line already has a value, or where a line above does.
pub(super) fn second_colon(scene: &Scene<'_>) -> Diagnostic {
    let above = scene.line(scene.reached.last.start);
    let here = scene.line(scene.at);
    let body = here.body();
    if scene.at.saturating_sub(body.start.max(scene.reached.last.start)) > LONGEST_KEY {
        return long_key(scene, body);
    }
    if above.start == here.start {
        return colon_in_value(scene, scene.reached.last.start);
    }
    let word = scene.reached.last.start..above.value_end(scene.reached.last.start);
    let first = above.tokens().find(|token| token.lexeme != Lexeme::Mark);
    if first.is_some_and(|first| first.span.start == word.start) {
        return lone_word(scene, word);
    }
    under_value(scene)
}

/// `a: foo: bar`, where the value starts at byte `start`.
pub(super) fn colon_in_value(scene: &Scene<'_>, start: usize) -> Diagnostic {
    let value = scene.slice(&(start..scene.entry_end(scene.at).max(scene.at)));
    let fixed = scene.rewritten(start, &quote(value));
    let colon = scene.at..scene.at + scene.text[scene.at..].chars().next().map_or(0, char::len_utf8);
    scene
        .fault(
            colon,
            format!("the value {} holds a colon and needs quotes", ticked(value)),
            "a second colon on this line",
        )
        .help(format!("write {}", typable(&fixed)))
}

/// A key that is indented under a key that has a value on its own line.
pub(super) fn under_value(scene: &Scene<'_>) -> Diagnostic {
    let (here, above) = (scene.line(scene.at), scene.line(scene.reached.last.start));
    let child = here.key().unwrap_or_else(|| here.body());
    let Some(parent) = above.key() else { return super::indent::unfit(scene) };
    let column = parent.start - above.margin().start;
    let message = format!(
        "{} is indented under {}, which already has a value",
        ticked(scene.slice(&child)),
        ticked(scene.slice(&parent))
    );
    let fixed = format!("{}{}", " ".repeat(column), scene.slice(&here.body()));
    scene
        .fault(child, message, format!("indented by {}", spaces(here.indent())))
        .help(format!("write {} to put it beside {}", typable(&fixed), typable(scene.slice(&parent))))
        .related(parent, "has its value on this line")
}

/// A word where a key and its colon are needed.
pub(super) fn no_colon(scene: &Scene<'_>) -> Diagnostic {
    let body = scene.at..scene.line(scene.at).value_end(scene.at).max(scene.at);
    if body.len() > LONGEST_KEY {
        return long_key(scene, body);
    }
    lone_word(scene, body)
}

/// A word alone on its line; it may hold a colon that lacks its blank.
fn lone_word(scene: &Scene<'_>, word: Span) -> Diagnostic {
    let text = scene.slice(&word);
    if text.starts_with('*')
        && let Some(key) = scene.line(word.start).key()
    {
        return problem::starred_key(scene.slice(&key), key);
    }
    let colon = text.find(':').filter(|colon| *colon > 0 && !is_blank(text[colon + 1..].chars().next()));
    if let Some(colon) = colon.filter(|colon| !text[..*colon].contains([' ', '\t'])) {
        let fixed = format!("{}: {}", &text[..colon], &text[colon + 1..]);
        let at = word.start + colon;
        return scene
            .fault(at..at + 1, format!("a space is missing after the colon of {}", ticked(text)), "no space after it")
            .help(format!("write {}", typable(&fixed)));
    }
    let fault =
        scene.fault(word, format!("{} stands where a key is needed, and has no colon", ticked(text)), "no colon");
    if scene.reached.block {
        return fault.help("indent the line if it belongs to the text block above, or give it a colon and a value");
    }
    match text.split_once(' ').filter(|(key, _)| is_name(key)) {
        Some((key, value)) => {
            fault.help(format!("write {}", typable(&format!("{key}: {}", value.trim_matches(BLANKS)))))
        }
        None => fault.help(format!("write {}, and its value after or below it", typable(&format!("{text}:")))),
    }
}

/// Whether a word looks like a key of the language or of an environment.
fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_alphabetic())
        && word.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

fn long_key(scene: &Scene<'_>, span: Span) -> Diagnostic {
    scene
        .fault(span, format!("a key is longer than {LONGEST_KEY} characters"), "the key, as YAML reads it")
        .help("shorten it; if it is a value, write its key and a colon before it")
}

/// A list that starts on the line of its key.
pub(super) fn item_after_key(scene: &Scene<'_>) -> Diagnostic {
    let span = scene.rest(scene.at);
    let item = scene.slice(&span).trim_start_matches('-').trim_matches(BLANKS);
    let fixed = scene.rewritten(scene.at, &format!("[{item}]"));
    scene
        .fault(span, "a list cannot start on the line of its key", "belongs on a line of its own")
        .help(format!("write {}, or put each item on a line of its own", typable(&fixed)))
}

/// A place where a value should stand and something else does.
pub(super) fn no_value(scene: &Scene<'_>) -> Diagnostic {
    let span = scene.rest(scene.at);
    let message = format!("no value can start with {}", ticked(scene.slice(&span)));
    scene.fault(span, message, "reading stopped here").help("put text that holds signs of YAML in quotes")
}
