//! The JSON document for programs. Its shape is kept by hand and has a version: keys may be added, a change of what is there raises it.

use serde_json::{Value, json};

use super::{Lines, Position, Verdict};
use crate::cli::explain;
use crate::cli::render::acts;
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Span;
use crate::write::Drift;

/// The version of the shape.
const VERSION: u32 = 1;

/// `verdict` as one document.
pub fn render(verdict: &Verdict) -> String {
    let lines = Lines::new(verdict.source);
    let findings: Vec<Value> = verdict.findings.iter().map(|finding| entry(verdict, &lines, finding)).collect();
    let drift: Vec<Value> = verdict.drift().iter().map(|drift| output(verdict, drift)).collect();
    printed(&json!({
        "version": VERSION,
        "findings": findings,
        "drift": drift,
        "summary": {
            "ok": verdict.is_ok(),
            "errors": verdict.count(Severity::Error),
            "warnings": verdict.count(Severity::Warning),
            "advice": verdict.count(Severity::Advice),
            "drift": verdict.drift().len(),
            "outputs": verdict.outputs.as_ref().map(|outputs| outputs.count),
        },
    }))
}

fn entry(verdict: &Verdict, lines: &Lines, finding: &Diagnostic) -> Value {
    let place = |span: &Span, label: &str| {
        let region = lines.region(span);
        json!({
            "file": verdict.source.name,
            "start": position(region.start),
            "end": position(region.end),
            "label": label,
        })
    };
    let mut entry = json!({
        "code": finding.code.name(),
        "severity": super::weight(finding.severity()),
        "message": finding.message,
    });
    let related: Vec<Value> = finding.related.iter().map(|(span, label)| place(span, label)).collect();
    let rest = json!({ "help": finding.help, "related": related, "explain": explain::text(finding.code) });
    for part in [place(&finding.span, &finding.label), rest] {
        if let (Value::Object(entry), Value::Object(part)) = (&mut entry, part) {
            entry.extend(part);
        }
    }
    entry
}

fn position(position: Position) -> Value {
    json!({ "line": position.line, "column": position.column, "byte": position.byte })
}

fn output(verdict: &Verdict, drift: &Drift) -> Value {
    json!({
        "path": drift.path,
        "file": verdict.file(drift),
        "cause": drift.cause.name(),
        "message": drift.cause.to_string(),
        "help": drift.remedy,
        "diff": verdict.lines(drift),
    })
}

/// `value` over several lines. Characters that act on a terminal are escaped, which JSON does for some of them only.
pub fn printed(value: &Value) -> String {
    let mut out = String::new();
    for c in format!("{value:#}").chars() {
        if c != '\n' && acts(c) {
            c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
        } else {
            out.push(c);
        }
    }
    out
}
