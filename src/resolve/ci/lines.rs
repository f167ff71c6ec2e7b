//! Lines of shell. They belong to the user; what would be filled into them as text before the shell reads it is refused.

use super::Scope;
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::model::ShellLine;
use crate::source::{Place, SpecPath};

/// Words that a reference of ours begins with.
pub(super) const REFERENCES: &[&str] = &["services.", "secrets.", "volumes.", "stack.", "environment.", "git."];

/// Values that GitHub has as an expression and as a variable.
const AS_VARIABLE: &[(&str, &str)] = &[
    ("github.sha", "GITHUB_SHA"),
    ("github.ref", "GITHUB_REF"),
    ("github.ref_name", "GITHUB_REF_NAME"),
    ("github.head_ref", "GITHUB_HEAD_REF"),
    ("github.actor", "GITHUB_ACTOR"),
    ("github.repository", "GITHUB_REPOSITORY"),
    ("github.event_name", "GITHUB_EVENT_NAME"),
    ("github.run_id", "GITHUB_RUN_ID"),
    ("github.run_number", "GITHUB_RUN_NUMBER"),
    ("github.workspace", "GITHUB_WORKSPACE"),
];

/// The lines as meant, each with its place.
pub fn resolve(scope: &mut Scope<'_, '_>, written: &[String], path: &SpecPath) -> Vec<ShellLine> {
    let mut lines = Vec::new();
    for (index, text) in written.iter().enumerate() {
        let path = path.index(index);
        expression(scope, text, &path);
        reference(scope, text, &path, |name, written| {
            format!("beside the lines, write `env: {{{name}: \"{written}\"}}`, and here `\"${name}\"`")
        });
        unprintable(scope, text, &path);
        lines.push(ShellLine { text: text.clone(), path });
    }
    lines
}

/// `${{ … }}` is replaced by GitHub before the shell sees the line: a branch or a title can then be a command.
fn expression(scope: &mut Scope<'_, '_>, text: &str, path: &SpecPath) {
    let mut told: Vec<&str> = Vec::new();
    for (start, _) in text.match_indices("${{") {
        let end = text[start..].find("}}").map_or(text.len(), |end| start + end + 2);
        let written = &text[start..end];
        if !told.contains(&written) {
            told.push(written);
            filled_in(scope, written, path);
        }
    }
}

fn filled_in(scope: &mut Scope<'_, '_>, written: &str, path: &SpecPath) {
    let inner = written.trim_start_matches("${{").trim_end_matches("}}").trim();
    let message = format!("`{written}` would be filled into this line before the shell reads it");
    let place = Place::Within(path.clone(), written.to_owned());
    let finding = Finding::new(Code::ExpressionInScript, place, message, "becomes part of the script");
    let variable = AS_VARIABLE.iter().find(|(expression, _)| *expression == inner);
    let help = match (inner.split_once('.'), variable) {
        (_, Some((_, variable))) => format!("write `\"${variable}\"`"),
        (Some(("inputs" | "env", name)), _) => format!("write `\"${name}\"`"),
        (Some(("secrets", name)), _) => {
            format!("write `\"${name}\"` here, and beside the lines `env: {{{name}: \"${{secrets.{name}}}\"}}`")
        }
        (Some(("github", event)), _) if event.starts_with("event.") => {
            format!("write `\"$(jq -r {} \"$GITHUB_EVENT_PATH\")\"`", &event["event".len()..])
        }
        (Some(("matrix", _)), _) => "ask the language itself, such as `python --version`".to_owned(),
        _ => "use a variable of the runner, such as `\"$GITHUB_SHA\"`".to_owned(),
    };
    scope.report(finding.help(help));
}

/// A reference of ours is resolved beside the lines, where its value stays one word: `help` says how, by a variable's name and what is written.
pub(in crate::resolve) fn reference(
    scope: &mut Scope<'_, '_>,
    text: &str,
    path: &SpecPath,
    help: impl Fn(&str, &str) -> String,
) {
    for (start, _) in text.match_indices("${") {
        let inner = &text[start + 2..];
        let Some(end) = inner.find('}').filter(|_| REFERENCES.iter().any(|word| inner.starts_with(word))) else {
            continue;
        };
        let written = format!("${{{}}}", &inner[..end]);
        let name = variable_for(&inner[..end]);
        let message = format!("`{written}` is a reference, and a line of shell holds none");
        let place = Place::Within(path.clone(), written.clone());
        let finding = Finding::new(Code::InvalidReference, place, message, "the shell would read it");
        scope.report(finding.help(help(&name, &written)));
    }
}

/// A name for the variable that holds a reference: `DB_HOST` for `services.db.host`, a secret's own for a secret.
fn variable_for(reference: &str) -> String {
    let last_two = reference.rsplit('.').take(2).collect::<Vec<_>>();
    let own = reference.starts_with("secrets.");
    let name = if own { last_two[0].to_owned() } else { last_two.into_iter().rev().collect::<Vec<_>>().join("_") };
    let name = if own { name } else { name.to_uppercase() };
    name.replace(|c: char| !c.is_ascii_alphanumeric(), "_")
}

fn unprintable(scope: &mut Scope<'_, '_>, text: &str, path: &SpecPath) {
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
        let message = "a line of shell cannot hold control characters";
        let finding = Finding::new(Code::UnrepresentableValue, Place::Value(path.clone()), message, "holds one");
        scope.report(finding.help("write it with `printf '\\033'` or the like"));
    }
    if text.trim().is_empty() {
        let finding =
            Finding::new(Code::InvalidValue, Place::Value(path.clone()), "this line is empty", "does nothing");
        scope.report(finding.help("remove it"));
    }
}
