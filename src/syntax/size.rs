//! How large a value is once its aliases and merges are expanded, found without expanding them.
//!
//! Nine lists of nine aliases each stand for hundreds of millions of values in a file of one kilobyte.

use super::{MAX_DEPTH, MAX_EXPANDED, MAX_EXPANDED_BYTES};
use crate::source::Span;

/// The expanded size of a value.
#[derive(Debug, Clone)]
pub(super) struct Size {
    values: usize,
    bytes: usize,
    depth: usize,
    /// The weight of its heaviest part, and where that stands.
    heaviest: (usize, Span),
}

impl Size {
    /// The size of a scalar.
    pub fn scalar(text: &str) -> Self {
        Size { values: 1, bytes: text.len(), depth: 0, heaviest: (0, 0..0) }
    }

    /// The size of an empty list or mapping.
    pub fn container() -> Self {
        Size { values: 1, bytes: 0, depth: 1, heaviest: (0, 0..0) }
    }

    /// Adds a part that stands at `span`; a merge puts the entries of its mapping `raised` levels higher than they stand.
    pub fn add(&mut self, part: &Size, span: &Span, raised: usize) {
        self.values = self.values.saturating_add(part.values);
        self.bytes = self.bytes.saturating_add(part.bytes);
        self.depth = self.depth.max((part.depth + 1).saturating_sub(raised));
        let weight = part.values.saturating_add(part.bytes);
        if weight > self.heaviest.0 {
            self.heaviest = (weight, span.clone());
        }
    }

    /// Which limit it exceeds.
    pub fn exceeded(&self) -> Option<String> {
        if self.depth > MAX_DEPTH {
            Some(format!("more than {MAX_DEPTH} levels of nesting"))
        } else if self.values > MAX_EXPANDED {
            Some(format!("more than {MAX_EXPANDED} values"))
        } else if self.bytes > MAX_EXPANDED_BYTES {
            Some(format!("more than {MAX_EXPANDED_BYTES} bytes of text"))
        } else {
            None
        }
    }

    /// Where its heaviest part stands.
    pub fn heaviest(&self) -> Span {
        self.heaviest.1.clone()
    }
}
