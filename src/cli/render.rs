//! Renders a diagnostic with the lines it points at. miette prints what it is given, so a guard stands in front: control characters
//! are made visible, spans are clamped to the text, long lines are cut to a window.

use std::fmt;
use std::ops::Range;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode};

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
    let (text, labels) = window(text, labels);
    let labels = labels.into_iter().map(|(span, label)| (clamp(&text, &span), label)).collect();
    let shown = Shown {
        code: format!("{}[{}]", word(diagnostic.severity()), diagnostic.code.name()),
        message: visible(&diagnostic.message),
        help: diagnostic.help.as_deref().map(visible),
        severity: diagnostic.severity(),
        labels,
        source: NamedSource::new(visible(&source.name), text),
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

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Advice => "advice",
    }
}

/// `text` with characters that would act on a terminal replaced by a sign for them.
pub fn visible(text: &str) -> String {
    text.chars().map(|c| if acts(c) { '\u{FFFD}' } else { c }).collect()
}

/// The same with replacements of the same length in bytes, so that spans stay true.
fn same_length_visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' | '\r' => out.push(c),
            c if acts(c) => out.extend(std::iter::repeat_n('?', c.len_utf8())),
            c => out.push(c),
        }
    }
    out
}

/// Control characters, and those that change the direction of text or take no room.
fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// A span that lies in `text`, on character boundaries, shows at least one character, and ends with its first line if it has many.
fn clamp(text: &str, span: &Range<usize>) -> Range<usize> {
    let last = text.trim_end().len();
    let mut start = span.start.min(last);
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    if start == last && last > 0 {
        start = text[..last].char_indices().next_back().map_or(0, |(at, _)| at);
    }
    let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
    let mut end = span.end.clamp(start, line_end.max(start));
    while !text.is_char_boundary(end) {
        end += 1;
    }
    let one = text[start..].chars().next().map_or(start, |c| start + c.len_utf8());
    start..end.max(one)
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
    source: NamedSource<String>,
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
