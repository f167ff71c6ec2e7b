//! SARIF 2.1.0, which code scanning reads. Codes are rules, with their explanations; a file that drifted is a result of the rule `drift`.
//! A log holds the rules that it uses, no others.

use serde_json::{Value, json};

use super::json::printed;
use super::{Lines, Verdict};
use crate::cli::explain;
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Span;
use crate::write::{DRIFT, Drift};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// `verdict` as a log with one run.
pub fn render(verdict: &Verdict) -> String {
    let lines = Lines::new(verdict.source);
    let used = |code: &Code| verdict.findings.iter().any(|finding| finding.code == *code);
    let codes = Code::all().filter(used);
    let mut rules: Vec<Value> =
        codes.map(|code| rule(code.name(), level(code.severity()), &explain::text(code))).collect();
    if !verdict.drift().is_empty() {
        rules.push(rule(DRIFT, "error", explain::DRIFT_TEXT));
    }
    let index = |id: &str| rules.iter().position(|rule| rule["id"] == id);
    let findings = verdict.findings.iter().map(|finding| result(verdict, &lines, finding, index(finding.code.name())));
    let drift = verdict.drift().iter().map(|drift| output(verdict, drift, index(DRIFT)));
    let results: Vec<Value> = findings.chain(drift).collect();
    let version = env!("CARGO_PKG_VERSION");
    let driver = json!({ "name": "stackc", "version": version, "semanticVersion": version, "rules": rules });
    printed(&json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": driver },
            "columnKind": "unicodeCodePoints",
            "newlineSequences": ["\r\n", "\n", "\r"],
            "results": results,
        }],
    }))
}

fn rule(id: &str, level: &str, explanation: &str) -> Value {
    json!({
        "id": id,
        "shortDescription": { "text": explanation.lines().next().unwrap_or(id) },
        "fullDescription": { "text": explanation },
        "help": { "text": explanation },
        "defaultConfiguration": { "level": level },
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Advice => "note",
    }
}

fn result(verdict: &Verdict, lines: &Lines, finding: &Diagnostic, rule: Option<usize>) -> Value {
    let location = |span: &Span, label: &str| {
        let region = lines.region(span);
        let region = json!({
            "startLine": region.start.line,
            "startColumn": region.start.column,
            "endLine": region.end.line,
            "endColumn": region.end.column,
        });
        json!({ "physicalLocation": physical(&verdict.source.name, &region), "message": { "text": label } })
    };
    let related: Vec<Value> = finding.related.iter().map(|(span, label)| location(span, label)).collect();
    let help = finding.help.as_ref().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
    json!({
        "ruleId": finding.code.name(),
        "ruleIndex": rule,
        "level": level(finding.severity()),
        "message": { "text": format!("{}{help}", finding.message) },
        "locations": [location(&finding.span, &finding.label)],
        "relatedLocations": related,
    })
}

fn output(verdict: &Verdict, drift: &Drift, rule: Option<usize>) -> Value {
    // Code scanning shows only what has a line.
    let place = physical(&verdict.file(drift), &json!({ "startLine": 1 }));
    let diff = verdict.lines(drift).map(|diff| format!("\n{diff}")).unwrap_or_default();
    json!({
        "ruleId": DRIFT,
        "ruleIndex": rule,
        "level": "error",
        "message": { "text": format!("{}: {}\nhelp: {}{diff}", drift.path, drift.cause, drift.remedy) },
        "locations": [{ "physicalLocation": place }],
        "properties": { "cause": drift.cause.name() },
    })
}

fn physical(file: &str, region: &Value) -> Value {
    json!({ "artifactLocation": { "uri": uri(file) }, "region": region })
}

/// A path as a URI; a relative path stays relative.
fn uri(path: &str) -> String {
    let path = path.replace(std::path::MAIN_SEPARATOR, "/");
    let mut uri = String::from(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => uri.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => uri.push(char::from(byte)),
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}
