//! Renders a diagnostic with the lines it points at. miette prints what it is given, so a guard stands in front: control characters
//! are made visible, spans are clamped to the text, long lines are cut to a window. Lines and columns are counted as in all formats.

use std::fmt;
use std::ops::Range;

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, NamedSource, SourceCode,
    SourceSpan, SpanContents,
};

use super::format::{Lines, Position, shown, weight};
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Source;

/// Bytes of a line that are shown around a span when the line is longer.
const WINDOW: usize = 160;

/// `diagnostic` as text for a person, in colour if `color`.
pub fn render(source: &Source, diagnostic: &Diagnostic, color: bool) -> String {
    let text = same_length_visible(&source.text());
    let labels = std::iter::once((&diagnostic.span, &diagnostic.label))
        .chain(diagnostic.related.iter().map(|(span, label)| (span, label)));
    let labels: Vec<(Range<usize>, String)> =
        labels.map(|(span, label)| (clamp(&text, span), visible(label))).collect();
    let lines = Lines::new(source);
    let places: Vec<Position> = labels.iter().map(|(span, _)| lines.region(span).start).collect();
    let (text, labels) = window(text, labels);
    let labels: Vec<(Range<usize>, String)> =
        labels.into_iter().map(|(span, label)| (clamp(&text, &span), label)).collect();
    let places = labels.iter().map(|(span, _)| span.start).zip(places).collect();
    let shown = Shown {
        code: format!("{}[{}]", weight(diagnostic.severity()), diagnostic.code.name()),
        message: visible(&diagnostic.message),
        help: diagnostic.help.as_deref().map(visible),
        severity: diagnostic.severity(),
        labels,
        source: Excerpt { text: NamedSource::new(visible(&source.name), text), places },
    };
    let theme = if color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler =
        GraphicalReportHandler::new_themed(theme).with_wrap_lines(false).with_context_lines(1).with_links(false);
    let mut rendered = String::new();
    match handler.render_report(&mut rendered, &shown) {
        Ok(()) => rendered.trim_end().to_owned() + "\n",
        Err(_) => format!("{}: {}\n", shown.code, shown.message),
    }
}

/// `text` with characters that would act on a terminal replaced by a sign for them.
pub fn visible(text: &str) -> String {
    text.chars().map(|c| if acts(c) { '\u{FFFD}' } else { c }).collect()
}

/// The same with replacements of the same length in bytes, so that spans stay true. A CR alone ends a line and would take a terminal back
/// to its start.
fn same_length_visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\r' if rest.peek() != Some(&'\n') => out.push('\n'),
            '\n' | '\t' | '\r' => out.push(c),
            c if acts(c) => out.extend(std::iter::repeat_n('?', c.len_utf8())),
            c => out.push(c),
        }
    }
    out
}

/// Control characters, and those that change the direction of text or take no room.
pub fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// The part of `span` that can be shown, no further than the end of its first line.
fn clamp(text: &str, span: &Range<usize>) -> Range<usize> {
    let span = shown(text, span);
    let line_end = text[span.start..].find(['\n', '\r']).map_or(text.len(), |at| span.start + at);
    let one = text[span.start..].chars().next().map_or(span.start, |c| span.start + c.len_utf8());
    span.start..span.end.min(line_end).max(one)
}

/// Cuts lines that are too long to show to a window around the labels in them.
fn window(text: String, mut labels: Vec<(Range<usize>, String)>) -> (String, Vec<(Range<usize>, String)>) {
    if text.lines().all(|line| line.len() <= 2 * WINDOW) {
        return (text, labels);
    }
    let mut out = String::with_capacity(text.len().min(1 << 16));
    let mut line_start = 0;
    let old = labels.clone();
    for line in text.split_inclusive('\n') {
        let range = line_start..line_start + line.len();
        let kept = keep(line, &range, &old);
        for ((span, _), (was, _)) in labels.iter_mut().zip(&old) {
            if range.contains(&was.start) {
                // A label outside the window points at its nearest end.
                let inside =
                    |at: usize| at.saturating_sub(range.start).clamp(kept.start, kept.end.max(kept.start)) - kept.start;
                *span = out.len() + inside(was.start)..out.len() + inside(was.end);
            }
        }
        out.push_str(&line[kept.clone()]);
        if kept.end < line.len() && line.ends_with('\n') {
            out.push('\n');
        }
        line_start = range.end;
    }
    (out, labels)
}

/// The part of a line that is shown.
fn keep(line: &str, range: &Range<usize>, labels: &[(Range<usize>, String)]) -> Range<usize> {
    if line.len() <= 2 * WINDOW {
        return 0..line.len();
    }
    let first = labels
        .iter()
        .filter(|(span, _)| range.contains(&span.start))
        .map(|(span, _)| span.start - range.start)
        .min()
        .unwrap_or(0);
    let boundary = |mut at: usize| {
        while !line.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    boundary(first.saturating_sub(WINDOW / 2))..boundary((first + WINDOW).min(line.len()))
}

/// What miette is given.
struct Shown {
    code: String,
    message: String,
    help: Option<String>,
    severity: Severity,
    labels: Vec<(Range<usize>, String)>,
    source: Excerpt,
}

/// The text that is shown, and where its labels are in the file: miette would count bytes, from the start of the window.
struct Excerpt {
    text: NamedSource<String>,
    places: Vec<(usize, Position)>,
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let contents = self.text.read_span(span, before, after)?;
        // miette counts from the start of the text, and takes labels that are far apart for neighbours.
        let count = contents.data().iter().filter(|byte| **byte == b'\n').count();
        // Without context asks only the header, which says where a label is.
        let header = before == 0 && after == 0;
        match self.places.iter().find(|(start, _)| header && *start == span.offset()) {
            None => Ok(Box::new(MietteSpanContents::new_named(
                self.text.name().to_owned(),
                contents.data(),
                *contents.span(),
                contents.line(),
                contents.column(),
                count,
            ))),
            Some((_, place)) => Ok(Box::new(MietteSpanContents::new_named(
                self.text.name().to_owned(),
                contents.data(),
                *contents.span(),
                place.line - 1,
                place.column - 1,
                count,
            ))),
        }
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Shown {}

impl miette::Diagnostic for Shown {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Advice => miette::Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let labels = self.labels.iter().enumerate().map(|(index, (span, label))| match index {
            0 => LabeledSpan::new_primary_with_span(Some(label.clone()), span.clone()),
            _ => LabeledSpan::new_with_span(Some(label.clone()), span.clone()),
        });
        Some(Box::new(labels))
    }
}
