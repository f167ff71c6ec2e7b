//! Signs that YAML keeps for itself, and characters that no text may hold.
//!
//! Nearly always they start a value that was meant as text, so the help line shows that value in quotes.

use granit_parser::ErrorKind;

use super::Scene;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::lex::{Lexeme, Lexer};
use crate::syntax::line::{quote, ticked, typable};
use crate::syntax::problem::character;

/// Faults of single characters, tags, anchors, comments and directives; and all that have no text of their own.
pub(super) fn explain(scene: &Scene<'_>, kind: &ErrorKind) -> Diagnostic {
    use ErrorKind as K;
    match kind {
        K::UnexpectedCharacter { character } if character.is_control() => control(scene, *character),
        K::UnexpectedCharacter { character } => reserved(scene, &character.to_string()),
        K::PlainScalarStartsWithDashFlowIndicator => reserved(scene, "-"),
        K::MappingKeyNotAllowed => reserved(scene, "?"),
        K::MissingAnchorOrAliasName => reserved(scene, scene.slice(&character(scene.text, scene.at))),
        K::BomInsideDocument => byte_order_mark(scene),
        K::CommentInterceptedScalar => comment_inside(scene),
        K::CommentNotSeparated | K::ExpectedWhitespace => comment_adjacent(scene),
        K::InvalidBlockScalarHeader | K::ZeroBlockScalarIndent => block_header(scene),
        _ if scene.text[scene.at..].starts_with('!') => tag(scene),
        _ if scene.text[scene.at..].starts_with(',') => reserved(scene, ","),
        _ if scene.line(scene.at).content().starts_with('%') => directive(scene, scene.line(scene.at).body()),
        _ => other(scene),
    }
}

/// A value or a key that starts with a sign that needs quotes.
fn reserved(scene: &Scene<'_>, sign: &str) -> Diagnostic {
    let (span, is_key) = unquoted(scene);
    let quoted = quote(scene.slice(&span));
    let fixed = if is_key { format!("{quoted}:") } else { scene.rewritten(span.start, &quoted) };
    let message = format!("{} starts with {}, which needs quotes in YAML", ticked(scene.slice(&span)), ticked(sign));
    scene.fault(span, message, "needs quotes").help(format!("write {}", typable(&fixed)))
}

/// The unquoted text that starts where the parser stopped, and whether it is a key.
fn unquoted(scene: &Scene<'_>) -> (Span, bool) {
    let depth = usize::from(scene.reached.flow.is_some());
    let mut tokens = Lexer::new(scene.text, scene.at, depth);
    let Some(first) = tokens.next().filter(|first| first.lexeme == Lexeme::Text) else {
        return (scene.rest(scene.at), false);
    };
    let colon = tokens.next().is_some_and(|next| next.lexeme == Lexeme::Colon);
    let before = scene.line(scene.at).tokens().take_while(|token| token.span.start < scene.at).last();
    let is_key = colon && before.is_none_or(|before| before.lexeme != Lexeme::Colon);
    if is_key || depth > 0 { (first.span, is_key) } else { (scene.rest(scene.at), false) }
}

fn control(scene: &Scene<'_>, sign: char) -> Diagnostic {
    let at = scene.text[scene.at..].find(sign).map_or(scene.at, |found| scene.at + found);
    let code = u32::from(sign);
    scene
        .fault(
            character(scene.text, at),
            format!("the text holds the control character U+{code:04X}"),
            "control character",
        )
        .help(format!("remove it; in double quotes it can be written `\\x{code:02x}`"))
}

fn byte_order_mark(scene: &Scene<'_>) -> Diagnostic {
    scene
        .fault(
            character(scene.text, scene.at),
            "a byte order mark stands inside the file",
            "U+FEFF, which is not visible",
        )
        .help("remove it; it may stand at the start of the file only")
}

fn comment_inside(scene: &Scene<'_>) -> Diagnostic {
    scene
        .fault(
            scene.line(scene.at).body().start.max(scene.at)..scene.line(scene.at).body().end,
            "a comment interrupts a text of several lines",
            "the text goes on below",
        )
        .help("move the comment above the text, or put the text in quotes if `#` belongs to it")
}

fn comment_adjacent(scene: &Scene<'_>) -> Diagnostic {
    let span = scene.at..scene.line(scene.at).body().end.max(scene.at);
    let fixed = format!(" {}", scene.slice(&span));
    scene
        .fault(span, "a space is missing before this `#`", "neither a comment nor part of the value")
        .help(format!("write {} for a comment, or put the whole value in quotes", typable(&fixed)))
}

fn block_header(scene: &Scene<'_>) -> Diagnostic {
    let span = scene.rest(scene.at);
    let (sign, fixed) =
        (scene.slice(&character(scene.text, scene.at)), scene.rewritten(scene.at, &quote(scene.slice(&span))));
    scene
        .fault(span, format!("text follows {} on its line", ticked(sign)), "the text block starts on the next line")
        .help(format!("put the text on the lines below, indented; or write {}", typable(&fixed)))
}

fn tag(scene: &Scene<'_>) -> Diagnostic {
    let (span, _) = unquoted(scene);
    let fixed = scene.rewritten(span.start, &quote(scene.slice(&span)));
    let message = format!("{} starts with `!`, which marks a YAML tag", ticked(scene.slice(&span)));
    scene.fault(span, message, "no known tag").help(format!("if it is text, quote it: {}", typable(&fixed)))
}

/// A line that starts with `%`.
pub(super) fn directive(scene: &Scene<'_>, span: Span) -> Diagnostic {
    let message =
        format!("{} is read as a YAML directive, because its line starts with `%`", ticked(scene.slice(&span)));
    scene.fault(span, message, "no directive has a use here").help("remove the line; if it is a key, quote it")
}

fn other(scene: &Scene<'_>) -> Diagnostic {
    let span = scene.rest(scene.at);
    let message = format!("nothing can be read from {} on", ticked(scene.slice(&span)));
    scene
        .fault(span, message, "reading stopped here")
        .help("put text that holds signs of YAML in quotes, and check the line above")
}
