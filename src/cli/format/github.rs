//! Workflow commands, one a line, which GitHub Actions shows as annotations beside the lines that they are about.
//!
//! Nothing that a command carries can end it, begin another or reach the log's terminal: what has a meaning there is escaped, what acts is
//! made visible.

use super::{Lines, Verdict};
use crate::cli::render::visible;
use crate::diagnostic::{Diagnostic, Severity};
use crate::write::Drift;

/// `verdict` as commands; nothing where nothing was found.
pub fn render(verdict: &Verdict) -> String {
    let lines = Lines::new(verdict.source);
    let findings = verdict.findings.iter().map(|finding| annotation(verdict, &lines, finding));
    findings.chain(verdict.drift().iter().map(|drift| output(verdict, drift))).collect()
}

/// What kept a check from its verdict. It stands at no line.
pub fn trouble(report: &miette::Report) -> String {
    let help = report.help().map(|help| format!("help: {help}"));
    let message: Vec<String> = report.chain().map(ToString::to_string).chain(help).collect();
    command("error", &[("title", "stackc".to_owned())], &message)
}

fn annotation(verdict: &Verdict, lines: &Lines, finding: &Diagnostic) -> String {
    let name = match finding.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Advice => "notice",
    };
    let file = &verdict.source.name;
    let region = lines.region(&finding.span);
    let mut properties = vec![("file", file.clone()), ("line", region.start.line.to_string())];
    // GitHub takes columns only where there is one line.
    let columns = region.start.line == region.end.line;
    properties.extend(columns.then(|| ("col", region.start.column.to_string())));
    properties.push(("endLine", region.end.line.to_string()));
    properties.extend(columns.then(|| ("endColumn", region.end.column.to_string())));
    properties.push(("title", format!("stackc {}", finding.code.name())));
    let mut message = vec![finding.message.clone()];
    for (span, label) in std::iter::once((&finding.span, &finding.label))
        .chain(finding.related.iter().map(|(span, label)| (span, label)))
    {
        let start = lines.region(span).start;
        message.push(format!("{file}:{}:{}: {label}", start.line, start.column));
    }
    message.extend(finding.help.iter().map(|help| format!("help: {help}")));
    command(name, &properties, &message)
}

fn output(verdict: &Verdict, drift: &Drift) -> String {
    let properties = [("file", verdict.file(drift)), ("title", "stackc drift".to_owned())];
    let mut message = vec![format!("{}: {}", drift.path, drift.cause), format!("help: {}", drift.remedy)];
    message.extend(verdict.lines(drift).map(str::to_owned));
    command("error", &properties, &message)
}

fn command(name: &str, properties: &[(&str, String)], message: &[String]) -> String {
    let properties: Vec<String> = properties.iter().map(|(key, value)| format!("{key}={}", property(value))).collect();
    format!("::{name} {}::{}\n", properties.join(","), data(&message.join("\n")))
}

/// `text` as it may stand behind the command.
fn data(text: &str) -> String {
    visible(&text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A"))
}

/// `text` as it may stand in a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{data, property};

    #[test]
    fn what_has_a_meaning_is_escaped() {
        for (text, in_data, in_property) in [
            ("plain", "plain", "plain"),
            ("50%", "50%25", "50%25"),
            ("%0A", "%250A", "%250A"),
            ("a\r\nb", "a%0D%0Ab", "a%0D%0Ab"),
            ("a: b, c", "a: b, c", "a%3A b%2C c"),
            ("x::error::y", "x::error::y", "x%3A%3Aerror%3A%3Ay"),
            ("\u{1b}[31m\u{9b}\u{202e}", "\u{fffd}[31m\u{fffd}\u{fffd}", "\u{fffd}[31m\u{fffd}\u{fffd}"),
        ] {
            assert_eq!((data(text).as_str(), property(text).as_str()), (in_data, in_property));
        }
    }
}
