//! Explains why the parser refused a text: finds what its author likely meant, and says so in their words.
//!
//! The parser's own wording and position are not used as they are: it names tokens, and often only notices a line later.

mod bracket;
mod indent;
mod quote;
mod sign;
mod value;

pub(super) use bracket::unclosed_bracket;

use granit_parser::ErrorKind;

use super::build::Reached;
use super::lex::{Lexeme, Token};
use super::line::Line;
use super::problem;
use crate::code::Code;
use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// Where the parser stopped.
pub(super) struct Scene<'t> {
    /// The whole text.
    pub text: &'t str,
    /// The byte at which it stopped.
    pub at: usize,
    /// What it had read before.
    pub reached: Reached,
}

impl<'t> Scene<'t> {
    /// The line of byte `at`.
    fn line(&self, at: usize) -> Line<'t> {
        Line::at(self.text, at)
    }

    /// The rest of the line from byte `at` on, without a comment; at least one character.
    fn rest(&self, at: usize) -> Span {
        let end = self.line(at).value_end(at);
        if end > at { at..end } else { problem::character(self.text, at) }
    }

    /// The text of `span`.
    fn slice(&self, span: &Span) -> &'t str {
        &self.text[span.clone()]
    }

    /// `value` as it would stand in place of what starts at byte `at`: with its key or its dash before it.
    fn rewritten(&self, at: usize, value: &str) -> String {
        let before: Vec<Token> = self.line(at).tokens().take_while(|token| token.span.start < at).collect();
        match &before[..] {
            [.., key, colon] if colon.lexeme == Lexeme::Colon => format!("{}: {value}", self.slice(&key.span)),
            [.., mark] if mark.lexeme == Lexeme::Mark => format!("- {value}"),
            _ => value.to_owned(),
        }
    }

    /// Whether the parser only stumbles over what `last` already says: nothing of weight stands between the two.
    pub fn echoes(&self, last: Option<&Diagnostic>) -> bool {
        let between = last.and_then(|last| self.text.get(last.span.end..self.at));
        between.is_some_and(|text| text.trim_matches(['}', ']', ' ', '\t', '\n', '\r']).is_empty())
    }

    /// A diagnostic of this fault.
    fn fault(&self, span: Span, message: impl Into<String>, label: impl Into<String>) -> Diagnostic {
        let span = if span.is_empty() { problem::character(self.text, span.start) } else { span };
        Diagnostic::new(Code::YamlSyntax, span, message, label)
    }
}

/// The diagnostic for a text that the parser refused.
pub(super) fn explain(scene: &Scene<'_>, kind: &ErrorKind) -> Diagnostic {
    use ErrorKind as K;
    match kind {
        K::TabInBlockIndentation
        | K::TabNotAllowed
        | K::TabInIndentation
        | K::TabInPlainScalar
        | K::TabAtBlockScalarStart
        | K::InvalidBlockEntryWhitespace
        | K::InvalidMappingValueWhitespace => indent::tab(scene),
        K::MappingValueNotAllowed | K::InvalidSimpleKey => value::second_colon(scene),
        K::SimpleKeyExpected => value::no_colon(scene),
        K::ExpectedBlockMappingKey => indent::key_expected(scene),
        K::ExpectedBlockSequenceEntry => indent::item_expected(scene),
        K::ExpectedDocumentStart | K::InvalidDocumentEnd => indent::after_end(scene),
        K::InvalidIndentation | K::InvalidBlockScalarIndent | K::InvalidFlowScalarIndent => indent::unfit(scene),
        K::BlockSequenceEntryNotAllowed => value::item_after_key(scene),
        K::UnclosedQuotedScalar | K::InvalidQuotedScalarIndent | K::DocumentIndicatorInQuotedScalar => {
            quote::unclosed(scene)
        }
        K::InvalidTrailingSingleQuotedScalar | K::InvalidTrailingDoubleQuotedScalar => quote::text_after(scene),
        K::UnknownQuotedScalarEscape
        | K::InvalidQuotedScalarHexEscape
        | K::InvalidLowSurrogateHexEscape
        | K::InvalidLowSurrogate
        | K::MissingLowSurrogate
        | K::UnpairedLowSurrogate
        | K::InvalidUnicodeEscape => quote::escape(scene),
        K::UnclosedFlowCollection { .. } => bracket::never_closed(scene),
        K::MismatchedFlowCollectionEnd { close, .. } => bracket::mismatched(scene, *close),
        K::MisplacedFlowCollectionEnd => bracket::extra(scene),
        K::BlockEntryInFlowCollection => bracket::dash(scene),
        K::ExpectedFlowMappingSeparator
        | K::ExpectedFlowSequenceSeparator
        | K::InvalidColonPlacement
        | K::FlowMappingValueAdjacentCollection
        | K::ExpectedNodeContent
        | K::UnexpectedEofFlowSequence
        | K::UnexpectedEofFlowMapping
        | K::UnexpectedEofImplicitFlowMapping => bracket::inside(scene),
        _ => sign::explain(scene, kind),
    }
}
