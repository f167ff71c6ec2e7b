//! A forgiving lexer of YAML's inline syntax: brackets, quotes, commas, colons, text.
//!
//! It only serves to explain text that the parser refused, so it never fails and takes `${…}` for one piece of text,
//! as its author did. Inside brackets it follows the flow rules, outside of them the block rules; it does not know
//! block scalars.

use crate::source::Span;

/// The characters that YAML takes for blanks and line breaks; other white space is text.
pub(super) const BLANKS: [char; 4] = [' ', '\t', '\n', '\r'];

/// What a [`Token`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lexeme {
    /// `{` or `[`.
    Open,
    /// `}` or `]`.
    Close,
    /// `,` between brackets.
    Comma,
    /// A colon that ends a key.
    Colon,
    /// `-` before a list's item, `?` before a key.
    Mark,
    /// Unquoted text, to the end of its line at most.
    Text,
    /// Quoted text with its quotes; the closing one may be missing.
    Quoted,
}

/// One piece of text.
#[derive(Debug, Clone)]
pub(super) struct Token {
    /// What it is.
    pub lexeme: Lexeme,
    /// Where it stands.
    pub span: Span,
}

/// The tokens of a text from some byte on.
pub(super) struct Lexer<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
    last: Option<Lexeme>,
}

impl<'t> Lexer<'t> {
    /// The tokens from byte `at` on, where `depth` brackets are open.
    pub fn new(text: &'t str, at: usize, depth: usize) -> Self {
        Lexer { text, at, depth, last: None }
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    /// Moves to the next byte that is neither blank nor part of a comment.
    fn skip_blank(&mut self) {
        loop {
            let rest = self.rest();
            let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r', '\u{feff}']).len();
            self.at += blank;
            let after_blank = self.at == 0 || self.text[..self.at].ends_with([' ', '\t', '\n', '\r', '\u{feff}']);
            if !after_blank || !self.rest().starts_with('#') {
                return;
            }
            self.at += line_length(self.rest());
        }
    }

    /// The token that starts here, and its length.
    fn measure(&self, first: char) -> (Lexeme, usize) {
        let rest = self.rest();
        match first {
            '{' | '[' => (Lexeme::Open, 1),
            '}' | ']' => (Lexeme::Close, 1),
            ',' if self.depth > 0 => (Lexeme::Comma, 1),
            ':' if self.ends_key(rest) || self.after_json_key() => (Lexeme::Colon, 1),
            '-' | '?' if is_blank(rest[1..].chars().next()) => (Lexeme::Mark, 1),
            '"' | '\'' => (Lexeme::Quoted, quoted_length(rest, first)),
            _ => (Lexeme::Text, self.text_length()),
        }
    }

    /// Whether `rest` starts with a colon that ends a key.
    fn ends_key(&self, rest: &str) -> bool {
        rest.strip_prefix(':').is_some_and(|after| {
            let next = after.chars().next();
            is_blank(next) || self.depth > 0 && next.is_some_and(is_flow)
        })
    }

    /// Whether a colon here may follow a quoted or bracketed key without a blank.
    fn after_json_key(&self) -> bool {
        self.depth > 0 && matches!(self.last, Some(Lexeme::Quoted | Lexeme::Close))
    }

    /// The length of the unquoted text that starts here, without blanks at its end; at least one character.
    fn text_length(&self) -> usize {
        let rest = self.rest();
        let mut end = 0;
        let mut at = 0;
        while let Some(next) = rest[at..].chars().next() {
            let tail = &rest[at..];
            let comment = next == '#' && at > end;
            let stops =
                matches!(next, '\n' | '\r') || comment || self.depth > 0 && is_flow(next) || self.ends_key(tail);
            if at > 0 && stops {
                break;
            }
            at += reference_length(tail).unwrap_or(next.len_utf8());
            if !is_blank(Some(next)) {
                end = at;
            }
        }
        end.max(rest.chars().next().map_or(0, char::len_utf8))
    }
}

impl Iterator for Lexer<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        self.skip_blank();
        let (lexeme, length) = self.measure(self.rest().chars().next()?);
        let token = Token { lexeme, span: self.at..self.at + length };
        match lexeme {
            Lexeme::Open => self.depth += 1,
            Lexeme::Close => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        self.at += length;
        self.last = Some(lexeme);
        Some(token)
    }
}

/// The longest `${…}` that is recognised, in characters; without a bound, a line of nothing but `${` would take quadratic time.
const LONGEST_REFERENCE: usize = 256;
/// The most braces that may be open in it.
const DEEPEST_REFERENCE: usize = 8;

/// The length of the `${…}` that `text` starts with: to its matching brace on the same line, or of `${` alone.
pub(super) fn reference_length(text: &str) -> Option<usize> {
    let inner = text.strip_prefix("${")?;
    let mut open = 1_usize;
    for (at, c) in inner.char_indices().take(LONGEST_REFERENCE) {
        match c {
            '{' => open += 1,
            '}' => open -= 1,
            '\n' | '\r' => break,
            _ => {}
        }
        match open {
            0 => return Some(2 + at + 1),
            1..=DEEPEST_REFERENCE => {}
            _ => break,
        }
    }
    Some(2)
}

/// The length of the quoted text at the start of `text`, to its closing quote or to the end.
pub(super) fn quoted_length(text: &str, quote: char) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        let doubled = quote == '\'' && bytes[at..].starts_with(b"''");
        if doubled || quote == '"' && bytes[at] == b'\\' {
            at += 2;
        } else if bytes[at] == quote as u8 {
            return at + 1;
        } else {
            at += 1;
        }
    }
    text.len()
}

/// The number of bytes before the first line break of `text`.
pub(super) fn line_length(text: &str) -> usize {
    text.find(['\n', '\r']).unwrap_or(text.len())
}

/// Whether a character is blank, or the text ends there.
pub(super) fn is_blank(c: Option<char>) -> bool {
    c.is_none_or(|c| matches!(c, ' ' | '\t' | '\n' | '\r'))
}

fn is_flow(c: char) -> bool {
    matches!(c, ',' | '[' | ']' | '{' | '}')
}
