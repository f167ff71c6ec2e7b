//! Commands: a line is split into words as a POSIX shell would, but what only a shell can do is refused, because none will run it.

use super::Scope;
use super::references::{Position, closing_brace};
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::model::Text;
use crate::source::{Place, SpecPath};
use crate::spec::Command;

/// Resolves a command of `service` into its words.
pub(super) fn resolve(scope: &mut Scope<'_, '_>, command: &Command, path: &SpecPath, service: &str) -> Vec<Text> {
    match command {
        Command::Words(words) => {
            let word = |(index, word): (usize, &crate::spec::Scalar)| (path.index(index), word.0.clone());
            let words: Vec<_> = words.iter().enumerate().map(word).collect();
            words.iter().map(|(path, word)| scope.text(word, Position::running(path, service))).collect()
        }
        Command::Line(line) => match split(line) {
            Ok(words) => words.iter().map(|word| scope.text(word, Position::running(path, service))).collect(),
            Err(fault) => {
                report(scope, line, path, &fault);
                Vec::new()
            }
        },
    }
}

/// Why a line cannot be split into words.
enum Fault {
    /// Shell syntax: this piece of it.
    Shell(String),
    /// A variable that is set before the program's name.
    Variable(String, String),
    /// A quote that is never closed.
    Quote(char),
    /// Nothing in it.
    Empty,
}

fn report(scope: &mut Scope<'_, '_>, line: &str, path: &SpecPath, fault: &Fault) {
    let key = path.last_key().unwrap_or("command");
    let quoted = serde_json::to_string(line).expect("text always prints as JSON");
    let finding = match fault {
        Fault::Shell(syntax) => Finding::new(
            Code::ShellInCommand,
            Place::Within(path.clone(), syntax.clone()),
            format!("`{syntax}` needs a shell, but a command runs without one"),
            "shell syntax",
        )
        .help(format!("write `{key}: [sh, -c, {quoted}]`")),
        Fault::Variable(name, value) => Finding::new(
            Code::ShellInCommand,
            Place::Within(path.clone(), format!("{name}={value}")),
            format!("`{name}={value}` needs a shell, but a command runs without one"),
            "the program's name",
        )
        .help(format!(
            "set it apart, `env: {{{name}: {}}}`, and leave it out here; or write `{key}: [sh, -c, {quoted}]`",
            serde_json::to_string(value).expect("text always prints as JSON")
        )),
        Fault::Quote(quote) => Finding::new(
            Code::InvalidValue,
            Place::Value(path.clone()),
            format!("a quote {quote} is never closed"),
            "unclosed quote",
        )
        .help(format!("write the words as a list: `{key}: [\"…\", \"…\"]`")),
        Fault::Empty => Finding::new(Code::InvalidValue, Place::Value(path.clone()), "the command is empty", "no word")
            .help("leave the key out to run what the image runs"),
    };
    scope.report(finding);
}

/// Splits at blanks outside quotes and outside `${…}`; quotes and backslashes as in a POSIX shell.
fn split(line: &str) -> Result<Vec<String>, Fault> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        rest = match c {
            ' ' | '\t' | '\n' => {
                words.extend(word.take());
                after
            }
            '\'' => quoted(after, '\'', word.get_or_insert_default())?,
            '"' => quoted(after, '"', word.get_or_insert_default())?,
            '\\' => {
                let escaped = after.chars().next().unwrap_or('\\');
                word.get_or_insert_default().push(escaped);
                after.get(escaped.len_utf8()..).unwrap_or_default()
            }
            '$' => dollar(rest, word.get_or_insert_default())?,
            '&' | '|' | ';' | '<' | '>' | '`' | '(' | ')' => return Err(Fault::Shell(operator(rest))),
            c => {
                word.get_or_insert_default().push(c);
                after
            }
        };
    }
    words.extend(word);
    match words.first().map(|first| assignment(first)) {
        None => Err(Fault::Empty),
        Some(Some((name, value))) => Err(Fault::Variable(name.to_owned(), value.to_owned())),
        Some(None) => Ok(words),
    }
}

/// The name and the value, if the word sets a variable.
fn assignment(word: &str) -> Option<(&str, &str)> {
    let (name, value) = word.split_once('=')?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_name = !name.starts_with(|c: char| c.is_ascii_digit()) && !name.is_empty() && name.chars().all(plain);
    is_name.then_some((name, value))
}

/// Takes a quoted part up to its end; in double quotes a backslash escapes `"`, `\`, `$` and `` ` ``.
fn quoted<'l>(mut rest: &'l str, quote: char, word: &mut String) -> Result<&'l str, Fault> {
    loop {
        let c = rest.chars().next().ok_or(Fault::Quote(quote))?;
        let after = &rest[c.len_utf8()..];
        if c == quote {
            return Ok(after);
        }
        if quote == '"' && (rest.starts_with("$$") || rest.starts_with("$(")) {
            rest = dollar(rest, word)?;
            continue;
        }
        let escape = quote == '"' && c == '\\' && after.starts_with(['"', '\\', '`']);
        if escape {
            word.push_str(&after[..1]);
            rest = &after[1..];
        } else {
            word.push(c);
            rest = after;
        }
    }
}

/// Takes `${…}` whole; `$$NAME` and `$(` are a shell's business.
fn dollar<'l>(rest: &'l str, word: &mut String) -> Result<&'l str, Fault> {
    if rest.starts_with("${") {
        let end = closing_brace(rest).map_or(rest.len(), |end| end + 1);
        word.push_str(&rest[..end]);
        return Ok(&rest[end..]);
    }
    if rest.starts_with("$(") {
        return Err(Fault::Shell("$(".to_owned()));
    }
    if let Some(after) = rest.strip_prefix("$$") {
        let name: String = after.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        if !name.is_empty() {
            return Err(Fault::Shell(format!("$${name}")));
        }
        word.push_str("$$");
        return Ok(after);
    }
    word.push('$');
    Ok(&rest[1..])
}

fn operator(rest: &str) -> String {
    let doubled = ["&&", "||", ">>", "<<", ";;"];
    let found = doubled.iter().find(|operator| rest.starts_with(**operator));
    found.map_or_else(|| rest.chars().take(1).collect(), |operator| (*operator).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Result<Vec<String>, String> {
        split(line).map_err(|fault| match fault {
            Fault::Shell(syntax) => syntax,
            Fault::Variable(name, value) => format!("{name}={value}"),
            Fault::Quote(quote) => format!("unclosed {quote}"),
            Fault::Empty => "empty".to_owned(),
        })
    }

    #[test]
    fn lines_split_as_in_a_shell() {
        for (line, expected) in [
            ("python main.py", vec!["python", "main.py"]),
            (r#"a "b c" 'd "e' f\ g"#, vec!["a", "b c", "d \"e", "f g"]),
            ("run --port ${services.api.port} ${X:-a b}", vec!["run", "--port", "${services.api.port}", "${X:-a b}"]),
            (r#"echo "say \"hi\"" ''"#, vec!["echo", "say \"hi\"", ""]),
            ("env A=1 b", vec!["env", "A=1", "b"]),
            ("psql -c 'select 1; select 2'", vec!["psql", "-c", "select 1; select 2"]),
        ] {
            assert_eq!(words(line), Ok(expected.into_iter().map(str::to_owned).collect()), "{line}");
        }
    }

    #[test]
    fn what_needs_a_shell_is_refused() {
        for (line, syntax) in [
            ("a && b", "&&"),
            ("a | b", "|"),
            ("a; b", ";"),
            ("a > b", ">"),
            ("echo $$HOME", "$$HOME"),
            ("echo $(date)", "$("),
            ("echo `date`", "`"),
            ("echo \"$$HOME\"", "$$HOME"),
            ("A=1 b", "A=1"),
            ("A='1 2' b", "A=1 2"),
            ("a 'b", "unclosed '"),
            ("  ", "empty"),
        ] {
            assert_eq!(words(line), Err(syntax.to_owned()), "{line}");
        }
    }
}
