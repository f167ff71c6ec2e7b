//! One `{ }` or `[ ]` of a text that the parser refused: where it ends, or seems to have been meant to end.
//!
//! YAML lets a bracket run on to the end of the file; people close it before the next line that is not indented more.

use super::lex::{Lexeme, Lexer, Token};
use super::line::Line;
use crate::source::Span;

/// What stands between an opening bracket and the place where it is closed.
#[derive(Debug)]
pub(super) struct Flow {
    /// Whether a bracket closes it.
    pub closed: bool,
    /// Where the first line starts that is not indented more than the line of the bracket, if no bracket opens it.
    pub outdent: Option<usize>,
    /// The last bracket that is open there, or at the end of the text.
    pub open: usize,
    /// The unquoted texts in it.
    pub texts: Vec<Text>,
}

/// An unquoted text between brackets.
#[derive(Debug)]
pub(super) struct Text {
    /// Where it stands, to the end of its line at most.
    pub span: Span,
    /// The key that it is the value of.
    pub key: Option<Span>,
    /// The bracket around it.
    pub bracket: usize,
}

impl Flow {
    /// Reads from the opening bracket at byte `start` on.
    pub fn read(text: &str, start: usize) -> Self {
        let indent = Line::at(text, start).indent();
        let mut flow = Flow { closed: false, outdent: None, open: start, texts: Vec::new() };
        let mut open = Vec::new();
        let mut before: [Option<Token>; 2] = [None, None];
        for token in Lexer::new(text, start, 0) {
            let end = before[1].as_ref().map_or(start, |last| last.span.end);
            if flow.outdent.is_none() && is_outdented(text, end..token.span.start, &token, indent) {
                flow.outdent = Some(token.span.start);
                flow.open = open.last().copied().unwrap_or(start);
            }
            match token.lexeme {
                Lexeme::Open => open.push(token.span.start),
                Lexeme::Close => _ = open.pop(),
                Lexeme::Text => flow.texts.extend(open.last().map(|bracket| text_at(&token, *bracket, &before))),
                Lexeme::Comma | Lexeme::Colon | Lexeme::Mark | Lexeme::Quoted => {}
            }
            if open.is_empty() {
                flow.closed = true;
                return flow;
            }
            before = [before[1].take(), Some(token)];
        }
        if flow.outdent.is_none() {
            flow.open = open.last().copied().unwrap_or(start);
        }
        flow
    }
}

/// Whether a token starts a line that is indented by no more than `indent`; brackets close there by custom.
fn is_outdented(text: &str, between: Span, token: &Token, indent: usize) -> bool {
    token.lexeme != Lexeme::Close
        && text[between].contains(['\n', '\r'])
        && Line::at(text, token.span.start).indent() <= indent
}

fn text_at(token: &Token, bracket: usize, before: &[Option<Token>; 2]) -> Text {
    let key = match before {
        [Some(key), Some(colon)] if colon.lexeme == Lexeme::Colon => {
            matches!(key.lexeme, Lexeme::Text | Lexeme::Quoted).then(|| key.span.clone())
        }
        _ => None,
    };
    Text { span: token.span.clone(), key, bracket }
}
