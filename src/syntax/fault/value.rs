//! Colons: one too many, none at all, or without the blank that makes them colons.

use super::Scene;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::lex::{Lexeme, is_blank};
use crate::syntax::line::{quote, spaces, ticked, typable};

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
        return colon_in_value(scene);
    }
    let word = scene.reached.last.start..above.value_end(scene.reached.last.start);
    let first = above.tokens().find(|token| token.lexeme != Lexeme::Mark);
    if first.is_some_and(|first| first.span.start == word.start) {
        return lone_word(scene, word);
    }
    under_value(scene)
}

/// `a: foo: bar`.
fn colon_in_value(scene: &Scene<'_>) -> Diagnostic {
    let start = scene.reached.last.start;
    let value = scene.slice(&(start..scene.line(scene.at).value_end(scene.at).max(scene.at)));
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
    let column = parent.start - above.start;
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
    let colon = text.find(':').filter(|colon| *colon > 0 && !is_blank(text[colon + 1..].chars().next()));
    if let Some(colon) = colon.filter(|colon| !text[..*colon].contains([' ', '\t'])) {
        let fixed = format!("{}: {}", &text[..colon], &text[colon + 1..]);
        let at = word.start + colon;
        return scene
            .fault(
                at..at + 1,
                format!("a blank is missing after the colon of {}", ticked(text)),
                "followed by no blank",
            )
            .help(format!("write {}", typable(&fixed)));
    }
    let fault =
        scene.fault(word, format!("{} stands where a key is needed, and has no colon", ticked(text)), "no colon");
    if scene.reached.block {
        return fault.help("indent the line if it belongs to the text block above, or give it a colon and a value");
    }
    fault.help(format!("write {} and its value, or remove the line", typable(&format!("{text}:"))))
}

fn long_key(scene: &Scene<'_>, span: Span) -> Diagnostic {
    scene
        .fault(span, format!("a key is longer than {LONGEST_KEY} characters"), "the key, as YAML reads it")
        .help("shorten it; if it is a value, write its key and a colon before it")
}

/// A list that starts on the line of its key.
pub(super) fn item_after_key(scene: &Scene<'_>) -> Diagnostic {
    let span = scene.rest(scene.at);
    let item = scene.slice(&span).trim_start_matches('-').trim();
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
