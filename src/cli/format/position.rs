//! From byte spans to what people and programs count: lines, columns, bytes.
//!
//! Lines and columns count from 1. A column is one character (a Unicode code point), a tab too; a byte order mark is none. A line ends with
//! LF, CRLF or CR, as in YAML. Bytes count from 0.

use std::borrow::Cow;

use crate::source::{Source, Span};

/// A place between two characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The character in its line, from 1.
    pub column: usize,
    /// The byte in the file, from 0.
    pub byte: usize,
}

/// A piece of the text; its end lies behind its last character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region {
    /// Before its first character.
    pub start: Position,
    /// Behind its last one.
    pub end: Position,
}

/// A text and where its lines start.
pub struct Lines<'a> {
    text: Cow<'a, str>,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    /// The lines of `source`.
    pub fn new(source: &'a Source) -> Self {
        let text = source.text();
        let bytes = text.as_bytes();
        let ends = (0..bytes.len()).filter(|&at| match bytes[at] {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        });
        let starts = std::iter::once(0).chain(ends.map(|end| end + 1)).collect();
        Lines { text, starts }
    }

    /// Where `span` is, as far as it can be shown.
    pub fn region(&self, span: &Span) -> Region {
        let span = shown(&self.text, span);
        Region { start: self.position(span.start), end: self.position(span.end) }
    }

    fn position(&self, byte: usize) -> Position {
        let line = self.starts.partition_point(|start| *start <= byte);
        let before = &self.text[self.starts[line - 1]..byte];
        let before = if line == 1 { before.trim_start_matches('\u{FEFF}') } else { before };
        Position { line, column: before.chars().count() + 1, byte }
    }
}

/// What may stand behind the last thing that is worth pointing at.
const BLANK: [char; 4] = [' ', '\t', '\n', '\r'];

/// The part of `span` that can be shown: within the text, on character boundaries, one character at least. Where it has several lines, it
/// ends with the last one that is not blank.
pub fn shown(text: &str, span: &Span) -> Span {
    let last = text.trim_end_matches(BLANK).len();
    let mut start = text.floor_char_boundary(span.start.min(last));
    if start == last {
        start = text[..last].char_indices().next_back().map_or(0, |(at, _)| at);
    }
    let mut end = text.ceil_char_boundary(span.end.clamp(start, text.len()));
    if text[start..end].contains(['\n', '\r']) {
        end = start + text[start..end].trim_end_matches(BLANK).len();
    }
    let one = text[start..].chars().next().map_or(start, |c| start + c.len_utf8());
    start..end.max(one)
}

#[cfg(test)]
mod tests {
    use super::{Lines, Position};
    use crate::source::Source;

    #[track_caller]
    fn is_at(text: &str, span: std::ops::Range<usize>, start: (usize, usize), end: (usize, usize)) {
        let source = Source::new("stack.yaml", text);
        let region = Lines::new(&source).region(&span);
        let place = |position: Position| (position.line, position.column);
        assert_eq!((place(region.start), place(region.end)), (start, end), "{text:?} {span:?}");
    }

    #[test]
    fn columns_are_characters() {
        is_at("a: b\nc: d\n", 8..9, (2, 4), (2, 5));
        is_at("a: é😀b\n", 9..10, (1, 6), (1, 7));
        is_at("a:\tb\n", 3..4, (1, 4), (1, 5));
        is_at("\u{FEFF}a: b\n", 6..7, (1, 4), (1, 5));
    }

    #[test]
    fn lines_end_as_in_yaml() {
        is_at("a: b\r\nc: d\r\n", 6..7, (2, 1), (2, 2));
        is_at("a: b\rc: d\r", 5..6, (2, 1), (2, 2));
        is_at("a: b\r\nc: d\r\ne: f\r\n", 0..12, (1, 1), (2, 5));
    }

    #[test]
    fn spans_that_lead_nowhere_are_moved_into_the_text() {
        is_at("", 0..0, (1, 1), (1, 1));
        is_at("\n\n", 0..9, (1, 1), (2, 1));
        is_at("a: b\n\n", 6..6, (1, 4), (1, 5));
        is_at("a: é\n", 4..4, (1, 4), (1, 5));
    }
}
