//! Where values start and end, in the few places where the parser's events say it otherwise than a reader would.
//!
//! Diagnostics underline these spans, so they hold what was written and no blanks around it.

use super::lex::{BLANKS, is_blank};
use crate::source::Span;

/// The span without blanks at its end; an empty one moves back to the text before it, which it belongs to.
pub(super) fn trimmed(text: &str, span: &Span) -> Span {
    let end = text[..span.end].trim_end_matches(BLANKS).len();
    span.start.min(end)..end
}

/// Where a list without brackets starts: the parser leaves out the first dash if it is not indented more than its key.
pub(super) fn list_start(text: &str, start: usize) -> usize {
    let is_dash = text[start..].strip_prefix('-').is_some_and(|rest| is_blank(rest.chars().next()));
    let before = text[..start].trim_end_matches([' ', '\t']);
    if !is_dash && before.ends_with('-') { before.len() - 1 } else { start }
}
