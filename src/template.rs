//! The templates of text outputs. A value that no escaping filter has passed does not print: it is an error, so that no template
//! author has to remember. Undefined names are errors too.

use minijinja::value::{Kwargs, Serde, Value};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, escape_formatter, syntax::SyntaxConfig};
use serde::Serialize;

use crate::escape::{CopyPaths, DockerfileWord, ExecForm, Install, NginxToken, QuotedWord, Run, ScriptWord, ShellWord};
use crate::languages::each_language;

macro_rules! templates {
    ($list:ident: $($name:expr),+ $(,)?) => {
        const $list: &[(&str, &str)] = &[$(($name, include_str!(concat!("../templates/", $name)))),+];
    };
}

macro_rules! of_languages {
    ($($(#[$text:meta])+ $key:literal: $file:ident::$Language:ident,)+) => {
        templates![OF_LANGUAGES: $(concat!("dockerfile/", $key, ".j2")),+];
    };
}

each_language!(of_languages);

templates![
    SHARED:
    "deploy/compose.sh.j2",
    "deploy/fly.sh.j2",
    "dockerfile/base.j2",
    "dockerfile/copies.j2",
    "dockerfile/entrypoint.j2",
    "dockerfile/env.j2",
    "dockerfile/inputs.j2",
    "dockerfile/labels.j2",
    "dockerfile/plain.j2",
    "dockerfile/site.j2",
    "entrypoint/as.j2",
    "entrypoint/engine.j2",
    "entrypoint/needs.j2",
    "entrypoint/own.j2",
    "entrypoint/supervise.j2",
    "entrypoint/volume.j2",
    "nginx/certificates.j2",
    "nginx/location.j2",
    "nginx/table.j2",
];

/// Renders the template `name` with `view`.
///
/// The templates are ours and each is rendered by the snapshot tests, so a failure is a fault of this program.
pub fn render(name: &str, view: &impl Serialize) -> String {
    let environment = environment();
    let template = environment.get_template(name).expect("the templates are compiled in");
    match template.render(Serde(view)) {
        Ok(text) => tidy(&text),
        Err(error) => unreachable!("template {name} does not fit its view: {error:#}"),
    }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_syntax(
        SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .keep_trailing_newline(true)
            .build()
            .expect("the default delimiters are valid"),
    );
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_formatter(|out, state, value| {
        if !value.is_safe() && !value.is_number() {
            return Err(Error::new(ErrorKind::InvalidOperation, "a value is printed without an escaping filter"));
        }
        escape_formatter(out, state, value)
    });
    environment.remove_filter("safe");
    environment.add_filter("word", |text: &str| safe(DockerfileWord(text)));
    environment.add_filter("sh", |text: &str| safe(ShellWord(text)));
    environment.add_filter("list", |names: &str| safe(QuotedWord(names)));
    environment.add_filter("words", words);
    environment.add_filter("arguments", arguments);
    environment.add_filter("exec", |words: Vec<String>| safe(ExecForm(&words)));
    environment.add_filter("copy", |paths: Vec<String>| safe(CopyPaths(&paths)));
    environment.add_filter("name", name);
    environment.add_filter("comment", comment);
    environment.add_filter("location", location);
    environment.add_filter("modifier", modifier);
    environment.add_filter("token", token);
    environment.add_filter("raw_line", raw_line);
    environment.add_filter("variable", |name: &str| self::name(name).map(|name| safe(format!("${{{name}}}"))));
    environment.add_test("sounds_secret", |name: &str| sounds_secret(name));
    environment.add_function("run", run);
    environment.add_function("script", script);
    environment.add_function("install", install);
    environment.set_loader(|name| {
        let mut templates = SHARED.iter().chain(OF_LANGUAGES);
        Ok(templates.find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned()))
    });
    environment
}

fn safe(text: impl ToString) -> Value {
    Value::from_safe_string(text.to_string())
}

/// Words for a POSIX shell, with blanks between.
fn words(words: Vec<String>) -> Value {
    let words: Vec<String> = words.iter().map(|word| ScriptWord(word).to_string()).collect();
    safe(words.join(" "))
}

/// Words for a POSIX shell of which some are what a variable holds: each is `{text: …}` or `{variable: …}`.
fn arguments(words: Vec<Value>) -> Result<Value, Error> {
    let word = |word: &Value| {
        let text = word.get_attr("text")?;
        match text.as_str() {
            Some(text) => Ok(ScriptWord(text).to_string()),
            None => name(&word.get_attr("variable")?.to_string()).map(|name| format!("\"${name}\"")),
        }
    };
    Ok(safe(words.iter().map(word).collect::<Result<Vec<_>, Error>>()?.join(" ")))
}

/// `run(words, then=[words, …], caches=[…], inputs=…)`: a `RUN` instruction, with the arguments and secrets of `inputs` if they are given.
fn run(command: Vec<String>, options: Kwargs) -> Result<Value, Error> {
    let then: Option<Vec<Vec<String>>> = options.get("then")?;
    let caches: Option<Vec<String>> = options.get("caches")?;
    let (args, secrets) = inputs(&options)?;
    options.assert_all_used()?;
    let commands = std::iter::once(command).chain(then.into_iter().flatten()).collect();
    Ok(safe(Run { caches: caches.unwrap_or_default(), args, secrets, commands, script: None }))
}

/// `script(lines, inputs=…)`: a `RUN` instruction of lines for the shell.
fn script(lines: Vec<String>, options: Kwargs) -> Result<Value, Error> {
    let (args, secrets) = inputs(&options)?;
    options.assert_all_used()?;
    Ok(safe(Run { args, secrets, script: Some(lines.join("\n")), ..Run::default() }))
}

/// The names of the arguments and of the secrets in `inputs`.
fn inputs(options: &Kwargs) -> Result<(Vec<String>, Vec<String>), Error> {
    let inputs: Option<Value> = options.get("inputs")?;
    let names = |key: &str| -> Result<Vec<String>, Error> {
        let Some(inputs) = &inputs else { return Ok(Vec::new()) };
        Ok(inputs.get_attr(key)?.try_iter()?.map(|name| name.to_string()).collect())
    };
    Ok((names("args")?, names("secrets")?))
}

/// `install(packages, system, then=words)`: a `RUN` instruction that installs packages by the system's own package manager.
fn install(packages: Vec<String>, system: &str, options: Kwargs) -> Result<Value, Error> {
    let then: Option<Vec<String>> = options.get("then")?;
    options.assert_all_used()?;
    Ok(safe(Install { apk: system == "alpine", packages: &packages, then: &then.unwrap_or_default() }))
}

/// Whether the name of a variable is one for which hadolint suspects a secret in its value.
fn sounds_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["api_key", "client_key", "password", "private", "secret", "token", "username"]
        .iter()
        .any(|word| name.contains(word))
}

/// A name that means the same in every grammar: of a variable, of an image with its tag, a number, a type.
fn name(text: &str) -> Result<Value, Error> {
    let fits = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-.:/@|+".contains(c));
    if fits { Ok(safe(text)) } else { Err(Error::new(ErrorKind::InvalidOperation, format!("`{text}` is not a name"))) }
}

/// Text of one comment line.
fn comment(text: &str) -> Value {
    safe(text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>())
}

/// A comment of one line, with its end.
pub fn comment_line(text: &str) -> String {
    format!("# {}\n", comment(text))
}

/// Pieces, each with its kind, as a token of nginx.
fn token(pieces: Vec<Vec<String>>) -> Result<Value, Error> {
    let pair = |piece: Vec<String>| <[String; 2]>::try_from(piece).ok().map(|[kind, text]| (kind, text));
    match pieces.into_iter().map(pair).collect::<Option<Vec<_>>>() {
        Some(pieces) => Ok(safe(NginxToken(&pieces))),
        None => Err(Error::new(ErrorKind::InvalidOperation, "a piece of a token is its kind and its text")),
    }
}

/// One line of what the user wrote for a server in its own words.
fn raw_line(text: &str) -> Result<Value, Error> {
    if text.contains(|c: char| c.is_control() && c != '\t') {
        return Err(Error::new(ErrorKind::InvalidOperation, "a line ends in the middle"));
    }
    Ok(safe(text))
}

/// A route's path as an nginx token; the schema admits no character that would need quotes.
fn location(path: &str) -> Result<Value, Error> {
    let plain = path.chars().all(|c| c.is_ascii_alphanumeric() || "/-_.~@:+,=!&".contains(c));
    // Our own pattern for the endings of files.
    let pattern = path.ends_with(")$") && !path.contains([' ', ';', '{', '"']);
    if plain || pattern {
        Ok(safe(path))
    } else {
        Err(Error::new(ErrorKind::InvalidOperation, format!("`{path}` needs quotes")))
    }
}

/// How an nginx location matches: a prefix, exactly, or a prefix that ends the search.
fn modifier(text: &str) -> Result<Value, Error> {
    if matches!(text, "" | "= " | "^~ " | "~* " | "@") {
        Ok(safe(text))
    } else {
        Err(Error::new(ErrorKind::InvalidOperation, "not a modifier"))
    }
}

/// Blank lines of unfilled blocks closed up; one newline at the end.
fn tidy(text: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines().map(str::trim_end) {
        let doubled = line.is_empty() && lines.last().is_none_or(|before| before.is_empty());
        if !doubled {
            lines.push(line);
        }
    }
    lines.join("\n").trim_end().to_owned() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_unescaped_string_does_not_print() {
        let environment = environment();
        let view = json!({"x": "a; b"});
        assert!(environment.render_str("{{ x }}", Serde(&view)).is_err());
        assert!(environment.render_str("{{ [x] }}", Serde(&view)).is_err());
        assert!(environment.render_str("{{ x | safe }}", Serde(&view)).is_err());
        assert!(environment.render_str("{{ y }}", Serde(&view)).is_err());
        assert!(environment.render_str("{{ x | name }}", Serde(&view)).is_err());
        assert_eq!(environment.render_str("{{ x | sh }}", Serde(&view)).as_deref().ok(), Some("'a; b'"));
    }

    #[test]
    fn every_template_parses() {
        let environment = environment();
        for (name, _) in SHARED.iter().chain(OF_LANGUAGES) {
            assert!(environment.get_template(name).is_ok(), "{name}");
        }
    }
}
