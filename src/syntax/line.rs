//! Lines of a text and short pieces of it, as messages show them.
//!
//! A line ends at a line feed, a carriage return, or both, as in YAML.

use super::lex::{BLANKS, Lexeme, Lexer, Token, line_length};
use crate::source::Span;

/// One line, without its line break.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'t> {
    text: &'t str,
    /// The byte at which it starts.
    pub start: usize,
    /// The byte at which it ends.
    pub end: usize,
}

impl<'t> Line<'t> {
    /// The line of `text` that byte `at` stands on.
    pub fn at(text: &'t str, at: usize) -> Self {
        let start = text[..at].rfind(['\n', '\r']).map_or(0, |found| found + 1);
        Line { text, start, end: start + line_length(&text[start..]) }
    }

    /// The line after this one.
    pub fn next(self) -> Option<Self> {
        let rest = &self.text[self.end..];
        let length = if rest.starts_with("\r\n") { 2 } else { 1 };
        (length <= rest.len()).then(|| Line::at(self.text, self.end + length))
    }

    /// The line before this one.
    pub fn previous(self) -> Option<Self> {
        let before = &self.text[..self.start];
        let before = before.strip_suffix('\n').or_else(|| before.strip_suffix('\r'))?;
        Some(Line::at(self.text, before.strip_suffix('\r').unwrap_or(before).len()))
    }

    /// All of it but a byte order mark.
    pub fn content(self) -> &'t str {
        let line = &self.text[self.start..self.end];
        line.strip_prefix('\u{feff}').unwrap_or(line)
    }

    /// The blanks that it starts with.
    pub fn margin(self) -> Span {
        let content = self.content();
        let start = self.end - content.len();
        start..self.end - content.trim_start_matches([' ', '\t']).len()
    }

    /// The number of blanks that it starts with.
    pub fn indent(self) -> usize {
        self.margin().len()
    }

    /// Its part without blanks at both ends.
    pub fn body(self) -> Span {
        let start = self.margin().end;
        start..start + self.text[start..self.end].trim_end_matches(BLANKS).len()
    }

    /// Where the text that starts at `from` ends on this line, before a comment.
    pub fn value_end(self, from: usize) -> usize {
        let rest = &self.text[from..self.end.max(from)];
        let comment = rest.find(" #").or_else(|| rest.find("\t#")).unwrap_or(rest.len());
        from + rest[..comment].trim_end_matches(BLANKS).len()
    }

    /// Whether it holds nothing but blanks or a comment.
    pub fn is_blank(self) -> bool {
        self.body().is_empty() || self.content().trim_start_matches(BLANKS).starts_with('#')
    }

    /// Its tokens, read by the block rules.
    pub fn tokens(self) -> impl Iterator<Item = Token> {
        let end = self.end;
        Lexer::new(self.text, self.start, 0).take_while(move |token| token.span.start < end)
    }

    /// Where its first key stands, after any list marks.
    pub fn key(self) -> Option<Span> {
        let mut tokens = self.tokens().skip_while(|token| token.lexeme == Lexeme::Mark);
        let key = tokens.next().filter(|token| matches!(token.lexeme, Lexeme::Text | Lexeme::Quoted))?;
        tokens.next().filter(|token| token.lexeme == Lexeme::Colon).map(|_| key.span)
    }
}

/// `text` as a message shows it: in back quotes, its first line, cut to a few words.
pub(super) fn ticked(text: &str) -> String {
    shown(text, 60)
}

/// `text` as a help line shows it, to be typed in: as `ticked`, but cut only where no line would hold it.
pub(super) fn typable(text: &str) -> String {
    shown(text, 240)
}

/// `text` in back quotes, or in single ones if it holds such; its first line, and no more than `longest` characters of it.
fn shown(text: &str, longest: usize) -> String {
    let sign = if text.contains('`') { '\'' } else { '`' };
    let line = text[..line_length(text)].trim_end_matches(BLANKS);
    match line.char_indices().nth(longest) {
        Some((at, _)) => format!("{sign}{}…{sign}", &line[..at]),
        None if line.len() < text.trim_end_matches(BLANKS).len() => format!("{sign}{line} …{sign}"),
        None => format!("{sign}{line}{sign}"),
    }
}

/// `text` as a quoted scalar: in double quotes where nothing in it needs escaping, else in single ones, else escaped.
pub(super) fn quote(text: &str) -> String {
    if !text.contains(['"', '\\']) {
        format!("\"{text}\"")
    } else if !text.contains('\'') {
        format!("'{text}'")
    } else {
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
    }
}

/// `1 space`, `2 spaces`.
pub(super) fn spaces(count: usize) -> String {
    if count == 1 { "1 space".to_owned() } else { format!("{count} spaces") }
}
