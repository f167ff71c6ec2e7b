//! Variables that lines of shell use and nobody sets. What a shell makes of a line is not parsed in full: it is read as far as it takes to tell
//! a use from a setting, and in doubt nothing is said.

use super::RESERVED;
use super::lines::REFERENCES;
use crate::code::Code;
use crate::diagnostic::{Finding, nearest};
use crate::model::{Deploy, IMAGE_TAG, Input, ShellLine};
use crate::resolve::Scope;
use crate::source::Place;

/// Variables that the shell sets itself.
const SHELL: &[&str] = &[
    "OLDPWD",
    "HOSTNAME",
    "RANDOM",
    "SRANDOM",
    "SECONDS",
    "EPOCHSECONDS",
    "EPOCHREALTIME",
    "LINENO",
    "PPID",
    "UID",
    "EUID",
    "OPTARG",
    "OPTIND",
    "REPLY",
    "PIPESTATUS",
    "FUNCNAME",
    "LANG",
    "TERM",
    "LOGNAME",
    "OSTYPE",
    "HOSTTYPE",
    "MACHTYPE",
    "SHLVL",
];

/// Words after which names of variables stand that they set.
const SETTERS: &[&str] =
    &["for", "read", "export", "local", "declare", "typeset", "readonly", "mapfile", "readarray", "getopts", "select"];

/// Reports each variable that `lines` use and that neither `deploy`, the stack, the runner nor a line sets.
pub fn check(scope: &mut Scope<'_, '_>, lines: &[ShellLine], deploy: &Deploy) {
    let text = lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n");
    if sources_a_file(&text) {
        return;
    }
    let set = set_in(&text);
    let confirmations = deploy.inputs.iter().filter(|(_, input)| !input.confirm.is_empty());
    let confirmations: Vec<String> = confirmations.map(|(name, _)| Input::confirmation_of(name)).collect();
    let mut known: Vec<&str> =
        deploy.inputs.keys().chain(deploy.env.keys()).chain(&confirmations).map(String::as_str).collect();
    known.extend(scope.spec.variables.keys().map(String::as_str));
    // The workflow says which version of the images it pushed is deployed.
    known.extend(scope.spec.registry.as_ref().map(|_| IMAGE_TAG));
    for line in lines {
        let mut told: Vec<String> = Vec::new();
        for name in used_in(&line.text) {
            let given = known.contains(&name.as_str())
                || set.contains(&name)
                || SHELL.contains(&name.as_str())
                || RESERVED.contains(&name.as_str())
                || ["GITHUB_", "RUNNER_", "BASH", "LC_", "XDG_", "DOCKER_"].iter().any(|start| name.starts_with(start));
            if given || told.contains(&name) {
                continue;
            }
            report(scope, line, &name, &known);
            told.push(name);
        }
    }
}

fn report(scope: &mut Scope<'_, '_>, line: &ShellLine, name: &str, known: &[&str]) {
    let written = if line.text.contains(&format!("${{{name}")) { format!("${{{name}") } else { format!("${name}") };
    let message = format!("nothing sets the variable `{name}` that this line uses");
    let finding =
        Finding::new(Code::UndeclaredVariable, Place::Within(line.path.clone(), written), message, "never set");
    let help = match nearest(name, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None if scope.spec.secrets.contains_key(name) => {
            format!("hand the secret over, beside the lines: `env: {{{name}: \"${{secrets.{name}}}\"}}`")
        }
        None => format!(
            "ask for it, `inputs: {{{name}: {{default: …}}}}`, or set it, `env: {{{name}: …}}`; if something else does, write `${{{name}:-}}`"
        ),
    };
    scope.report(finding.help(help));
}

/// Whether the lines read another file into the shell, which may set anything.
fn sources_a_file(text: &str) -> bool {
    let starts = |line: &str| {
        let commands = line.split([';', '&', '|', '(', '{']);
        commands.map(str::trim_start).any(|command| {
            command.starts_with(". ") || ["source ", "eval ", "set -a"].iter().any(|word| command.starts_with(word))
        })
    };
    text.lines().any(starts)
}

/// The variables that a line takes for set, in order: `$NAME` and `${NAME}`, outside single quotes and without a default.
pub fn used_in(line: &str) -> Vec<String> {
    let mut names = Vec::new();
    let (mut single, mut double) = (false, false);
    let mut at = 0;
    while let Some(c) = line[at..].chars().next() {
        let rest = &line[at + c.len_utf8()..];
        at += c.len_utf8();
        match c {
            '\'' if !double => single = !single,
            '"' if !single => double = !double,
            '\\' if !single => at += rest.chars().next().map_or(0, char::len_utf8),
            '$' if !single => names.extend(use_at(rest)),
            _ => {}
        }
    }
    names
}

/// The variable used by what follows a dollar sign.
fn use_at(rest: &str) -> Option<String> {
    let Some(inner) = rest.strip_prefix('{') else { return name_at(rest) };
    // A reference in a line is told as one.
    if REFERENCES.iter().any(|word| inner.starts_with(word)) {
        return None;
    }
    let inner = inner.strip_prefix(['#', '!']).unwrap_or(inner);
    let name = name_at(inner)?;
    // `:-`, `-`, `:+`, `+`, `:=`, `=`: what happens without a value is thought of.
    let after = inner[name.len()..].trim_start_matches(':');
    (!after.starts_with(['-', '+', '='])).then_some(name)
}

fn name_at(text: &str) -> Option<String> {
    let name: String = text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.len() > 1;
    is_name.then_some(name)
}

/// The variables that the lines set.
fn set_in(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for command in text.split(['\n', ';', '&', '|', '(', '`']) {
        let mut after_setter = false;
        for word in command.split_whitespace() {
            let name = name_at(word).unwrap_or_default();
            let assigns = word[name.len()..].starts_with('=') || word[name.len()..].starts_with("+=");
            if !name.is_empty() && (after_setter || assigns) {
                names.push(name);
            }
            after_setter = SETTERS.contains(&word) || word == "-v" || after_setter;
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uses_are_told_from_text_and_defaults() {
        for (line, names) in [
            ("echo \"$TAG\" ${TAG} '$NOT' \\$NOT", vec!["TAG", "TAG"]),
            ("echo ${A_B:-x} ${A_B-} ${A_B:?message} ${#LIST} $1 $? $$ $(date)", vec!["A_B", "LIST"]),
            ("awk '{print $NF}' <<< \"it's $HERE\"", vec!["HERE"]),
            ("echo \"\\\"$IN\\\"\"", vec!["IN"]),
            ("écho $É $", vec![]),
        ] {
            assert_eq!(used_in(line), names, "{line}");
        }
    }

    #[test]
    fn what_a_line_sets_is_set() {
        let text = "TAG=1; export BB=2 CC\nfor x in 1 2; do read -r LINE; done && (DIR+=y cmd) | mapfile -t LIST";
        for name in ["TAG", "BB", "CC", "LINE", "DIR", "LIST"] {
            assert!(set_in(text).contains(&name.to_owned()), "{name}");
        }
        assert!(!set_in("echo TAG ==").contains(&"TAG".to_owned()));
        assert!(sources_a_file("cd x && . ./env.sh") && sources_a_file("set -a; x") && !sources_a_file("./a.sh . b"));
    }
}
