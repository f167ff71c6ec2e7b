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
use super::lex::{BLANKS, Lexeme, Token};
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

    /// The rest of the line from byte `at` on, without a comment; where nothing is left of it, the last line that says something.
    fn rest(&self, at: usize) -> Span {
        let mut line = self.line(at);
        let rest = at..line.value_end(at).max(at);
        if !self.slice(&rest).trim_matches(BLANKS).is_empty() {
            return rest;
        }
        while let Some(above) = line.previous().filter(|_| line.is_blank()) {
            line = above;
        }
        line.body()
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

    /// Whether the parser only stumbles over what `last` already says: over what follows a template, or a key that it took
    /// for an alias.
    pub fn echoes(&self, last: Option<&Diagnostic>) -> bool {
        let Some(last) = last else { return false };
        let Some(between) = self.text.get(last.span.end..self.at) else { return false };
        match last.code {
            Code::InvalidKey => between.trim_matches(['}', ' ']).is_empty(),
            Code::InvalidAlias => self.slice(&last.span).ends_with(':') && between.trim_matches(BLANKS).is_empty(),
            _ => false,
        }
    }

    /// Where the entry that byte `at` stands in ends: at the next comma or closing bracket, or at the end of its line.
    fn entry_end(&self, at: usize) -> usize {
        let line = self.line(at).value_end(at);
        if self.reached.flow.is_none() {
            return line;
        }
        self.text[at..line].find([',', '}', ']']).map_or(line, |found| at + found)
    }

    /// The diagnostic for a merge conflict, if the parser stopped at one.
    fn conflict(&self) -> Option<Diagnostic> {
        let here = self.line(self.at);
        let marks = ["<<<<<<< ", "=======", ">>>>>>> "];
        let is_mark = |line: &Line<'_>| marks.iter().any(|mark| line.content().starts_with(mark));
        let mark = [here.previous(), Some(here), here.next()].into_iter().flatten().find(is_mark)?;
        let fault = self.fault(mark.body(), "a merge conflict is left in the file", "a mark of git's");
        Some(fault.help("keep one of the two versions, and remove the lines of `<<<<<<<`, `=======` and `>>>>>>>`"))
    }

    /// A diagnostic of this fault.
    fn fault(&self, span: Span, message: impl Into<String>, label: impl Into<String>) -> Diagnostic {
        let span = if span.is_empty() { problem::character(self.text, span.start) } else { span };
        Diagnostic::new(Code::YamlSyntax, span, message, label)
    }
}

/// The diagnostic for a text that the parser refused.
pub(super) fn explain(scene: &Scene<'_>, kind: &ErrorKind) -> Diagnostic {
    scene.conflict().unwrap_or_else(|| explain_kind(scene, kind))
}

fn explain_kind(scene: &Scene<'_>, kind: &ErrorKind) -> Diagnostic {
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
        K::InvalidIndentation | K::InvalidFlowScalarIndent => indent::unfit(scene),
        K::InvalidBlockScalarIndent => indent::block_start(scene),
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
