//! Every fault as it is told: `faults.txt` holds broken texts, each with what is said about it.
//!
//! A line of a text starts with `| `; a tab in it is written `→`, a space at its end `·`. To change what is said, run the test and copy what it prints.

use std::fmt::Write;

use super::read;
use crate::diagnostic::Diagnostic;
use crate::source::Span;

const FAULTS: &str = include_str!("faults.txt");

#[test]
fn each_fault_is_explained() {
    for case in FAULTS.trim_end().split("\n\n") {
        let told = told(case);
        assert!(told == case, "told is:\n\n{told}\n\nbut expected is:\n\n{case}\n");
    }
}

/// The heading and the text of `case` with what is said about the text.
fn told(case: &str) -> String {
    let lines: Vec<_> = case.lines().take_while(|line| line.starts_with(['#', '|'])).collect();
    let text: Vec<_> = lines.iter().filter_map(|line| line.strip_prefix('|')).collect();
    let text: String = text
        .iter()
        .map(|line| line.strip_prefix(' ').unwrap_or(line).replace('→', "\t").replace('·', " ") + "\n")
        .collect();
    let (document, diagnostics) = read(text.as_str());
    assert!(document.root().is_none() || !diagnostics.is_empty(), "no fault in {text}");
    let said: String = diagnostics.iter().map(|diagnostic| shown(&text, diagnostic)).collect();
    format!("{}\n{}", lines.join("\n"), said.trim_end())
}

fn shown(text: &str, diagnostic: &Diagnostic) -> String {
    let mut said = format!("{}: {}\n", diagnostic.code.name(), diagnostic.message);
    let labels = std::iter::once((&diagnostic.span, &diagnostic.label));
    for (span, label) in labels.chain(diagnostic.related.iter().map(|(span, label)| (span, label))) {
        let (line, column) = position(text, span);
        let slice: String = text[span.clone()].chars().take(40).collect();
        writeln!(said, "    {line}:{column} «{}» {label}", slice.replace('\t', "→").replace('\n', "⏎")).unwrap();
    }
    writeln!(said, "    help: {}", diagnostic.help.as_deref().unwrap_or("none")).unwrap();
    said
}

fn position(text: &str, span: &Span) -> (usize, usize) {
    let before = &text[..span.start];
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[line..].chars().count() + 1)
}
