//! What a person is asked who starts a deployment: the answers that there are, their defaults, and the words that confirm them.

use indexmap::IndexMap;

use super::{is_free, variables};
use crate::code::Code;
use crate::diagnostic::{Finding, nearest};
use crate::model::{Answer, Deploy, Input, MOST_INPUTS, ShellLine, When};
use crate::resolve::Scope;
use crate::source::{Place, SpecPath};
use crate::spec::{self, InputKind, Scalar};

/// Words of options that destroy something.
const DESTRUCTIVE: &[&str] =
    &["reset", "delete", "destroy", "drop", "wipe", "purge", "erase", "truncate", "clear", "nuke", "recreate"];

/// Words of options that do nothing, and of names that say that something is left out.
const HARMLESS: &[&str] = &["none", "no", "false", "off", "keep", "skip", "never", "nothing", "without", "dry"];

/// The inputs of one deployment; `path` is theirs.
pub fn resolve(scope: &mut Scope<'_, '_>, written: &spec::Deploy, path: &SpecPath) -> IndexMap<String, Input> {
    let inputs = &written.inputs;
    names(scope, inputs, path);
    let mut resolved = IndexMap::new();
    for (name, written) in inputs {
        let path = path.key(name);
        plain(scope, written, &path);
        let input = Input {
            description: written.description.clone(),
            answer: answer(scope, written, &path),
            required: written.required.unwrap_or(false),
            confirm: written.confirm.iter().map(|(option, word)| (option.clone(), word.0.clone())).collect(),
            path,
        };
        confirmations(scope, name, &input);
        unconfirmed(scope, name, &input);
        resolved.insert(name.clone(), input);
    }
    answered_by_nobody(scope, written, path);
    skip(scope, written, path);
    resolved
}

/// Names that GitHub and the shell can tell apart, and not too many.
fn names(scope: &mut Scope<'_, '_>, inputs: &IndexMap<String, spec::Input>, path: &SpecPath) {
    let asked = |(name, input): (&String, &spec::Input)| {
        let confirmation = (!input.confirm.is_empty()).then(|| Input::confirmation_of(name));
        [Some(name.clone()), confirmation].into_iter().flatten().map(|asked| (asked, name.clone())).collect::<Vec<_>>()
    };
    let all: Vec<(String, String)> = inputs.iter().flat_map(asked).collect();
    for (index, (asked, name)) in all.iter().enumerate() {
        let place = Place::Key(path.key(name));
        if asked == name {
            is_free(scope, name, place.clone());
        }
        let same = |(other, _): &&(String, String)| other.eq_ignore_ascii_case(asked);
        let Some((other, of)) = all[..index].iter().find(same) else { continue };
        let message = format!("the inputs `{other}` and `{asked}` are one and the same to GitHub");
        let finding = Finding::new(Code::InvalidName, place, message, "asked for twice");
        let confirms = other != of || asked != name;
        let label = if confirms { "and for its confirmation" } else { "asked for here" };
        scope.report(finding.related(Place::Key(path.key(of)), label).help("rename one of them"));
    }
    if all.len() > MOST_INPUTS {
        let message =
            format!("{} questions are asked with their confirmations, and GitHub takes {MOST_INPUTS}", all.len());
        let finding = Finding::new(Code::InvalidValue, Place::Key(path.clone()), message, "too many");
        scope.report(finding.help("ask less, or set some of them under `env`"));
    }
}

/// What is asked and answered is fixed text: nothing is filled into it.
fn plain(scope: &mut Scope<'_, '_>, written: &spec::Input, path: &SpecPath) {
    let options = written.options.iter().flatten().enumerate();
    let options = options.map(|(index, Scalar(option))| (option.as_str(), path.key("options").index(index)));
    let default = written.default.iter().map(|Scalar(default)| (default.as_str(), path.key("default")));
    let words = written.confirm.iter().map(|(option, Scalar(word))| (word.as_str(), path.key("confirm").key(option)));
    let description = written.description.iter().map(|text| (text.as_str(), path.key("description")));
    for (text, path) in options.chain(default).chain(words).chain(description) {
        if let Some(start) = text.find("${") {
            let message = "an input is fixed text, and nothing is filled into it";
            let place = Place::Within(path.clone(), text[start..].to_owned());
            let finding = Finding::new(Code::InvalidReference, place, message, "stays as it is");
            scope.report(finding.help("write the text itself; `env` may hold references"));
        }
        if text.chars().any(char::is_control) {
            let message = "an input is one line of text";
            let finding =
                Finding::new(Code::InvalidValue, Place::Value(path), message, "holds a line break or the like");
            scope.report(finding.help("write it in one line"));
        }
    }
}

fn answer(scope: &mut Scope<'_, '_>, written: &spec::Input, path: &SpecPath) -> Answer {
    let default = written.default.as_ref().map(|default| default.0.clone());
    if written.kind == Some(InputKind::Boolean) {
        if written.options.is_some() {
            let place = Place::Key(path.key("options"));
            let message = "a boolean is true or false, and takes no `options`";
            let finding = Finding::new(Code::InvalidValue, place, message, "more than true and false");
            let finding = finding.related(Place::Value(path.key("type")), "says what it is");
            scope.report(finding.help("remove `type: boolean`, or `options`"));
        }
        one_of(scope, default.as_deref(), &["true".to_owned(), "false".to_owned()], path);
        return Answer::Boolean { default: default.as_deref() == Some("true") };
    }
    let Some(options) = &written.options else { return Answer::Text { default: default.unwrap_or_default() } };
    let options: Vec<String> = options.iter().map(|option| option.0.clone()).collect();
    if let Some(index) = options.iter().position(|option| option.trim().is_empty()) {
        let place = Place::Value(path.key("options").index(index));
        let finding = Finding::new(Code::InvalidValue, place, "an option is a word, and this one is empty", "empty");
        scope.report(finding.help("give it a name, such as `none`"));
    }
    one_of(scope, default.as_deref(), &options, path);
    let first = options.first().cloned().unwrap_or_default();
    Answer::Choice { options, default: default.unwrap_or(first) }
}

/// The default is one of the answers.
fn one_of(scope: &mut Scope<'_, '_>, default: Option<&str>, options: &[String], path: &SpecPath) {
    let Some(default) = default.filter(|default| !options.iter().any(|option| option == default)) else { return };
    let message = format!("the default `{default}` is not among the options");
    let finding = Finding::new(Code::UnknownValue, Place::Value(path.key("default")), message, "not an option");
    scope.report(finding.help(choose(default, options)));
}

fn choose(word: &str, options: &[String]) -> String {
    let known: Vec<&str> = options.iter().map(String::as_str).collect();
    match nearest(word, &known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the options are: {}", known.join(", ")),
    }
}

/// Words confirm options that there are, can be typed in, and are not asked for at every run.
fn confirmations(scope: &mut Scope<'_, '_>, name: &str, input: &Input) {
    let path = input.path.key("confirm");
    let options = options_of(input);
    for (option, word) in &input.confirm {
        let path = path.key(option);
        if options.is_empty() {
            let message = format!("`{name}` takes any text, so there is no option `{option}` to confirm");
            let finding = Finding::new(Code::UnknownValue, Place::Key(path.clone()), message, "not an option");
            scope.report(finding.help(format!("list the answers: `options: [none, {option}]`")));
        } else if !options.contains(option) {
            let message = format!("there is no option `{option}` to confirm");
            let finding = Finding::new(Code::UnknownValue, Place::Key(path.clone()), message, "not an option");
            scope.report(finding.help(choose(option, &options)));
        }
        if word.is_empty() || word.contains(char::is_whitespace) {
            let message = "the word that confirms an option is one word";
            let finding = Finding::new(Code::InvalidValue, Place::Value(path.clone()), message, "not a word");
            scope.report(finding.help(format!("write a word such as `{}`", word_for(name, option))));
        }
        if input.answer.default() == option {
            let message = format!("`{option}` is the default of `{name}`, and needs its word at every run");
            let finding = Finding::new(Code::InvalidValue, Place::Key(path), message, "has to be confirmed");
            scope.report(finding.help("make an option the default that destroys nothing, such as `none`"));
        }
    }
}

/// Whether an option sounds as if it destroyed something. A name such as `RESET` says it of all its options but the harmless ones.
fn destroys(name: &str, option: &str) -> bool {
    let said = |text: &str, words: &[&str]| {
        let text = text.to_lowercase();
        text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| words.contains(&word))
    };
    let by_name = said(name, DESTRUCTIVE) && !said(name, HARMLESS);
    (by_name || said(option, DESTRUCTIVE)) && !said(option, HARMLESS)
}

/// Lines that delete volumes and hang on no answer that needs a word, neither by themselves nor by a line before them.
pub fn unasked(scope: &mut Scope<'_, '_>, deploy: &Deploy) {
    // An option that sounds destructive and needs no word is told where it stands.
    let told = |name: &str, input: &Input| options_of(input).iter().any(|option| destroys(name, option));
    let guards = deploy.inputs.iter().filter(|(name, input)| !input.confirm.is_empty() || told(name, input));
    let guards: Vec<&str> = guards.map(|(name, _)| name.as_str()).collect();
    let guarded = |line: &ShellLine| variables::used_in(&line.text).iter().any(|name| guards.contains(&name.as_str()));
    let alone =
        [&deploy.before, &deploy.after].into_iter().flat_map(|lines| lines.iter().take_while(|line| !guarded(line)));
    for line in alone.filter(|line| deletes_volumes(&line.text)) {
        let place = Place::Value(line.path.clone());
        let message = "this line deletes volumes, and nobody is asked for a word before";
        let finding = Finding::new(Code::UnconfirmedOption, place, message, "nobody confirms it");
        scope.report(finding.help(
            "ask for one: `inputs: {RESET: {options: [none, all], confirm: {all: RESET_ALL}}}`, and begin the line with `[ \"$RESET\" != all ] || `",
        ));
    }
}

fn deletes_volumes(line: &str) -> bool {
    line.replace("\\\n", " ").split([';', '&', '|', '(', ')', '\n']).any(|command| {
        let words: Vec<&str> = command.split_whitespace().collect();
        let down = words.contains(&"down") && (words.contains(&"-v") || words.contains(&"--volumes"));
        down || words.windows(2).any(|pair| matches!(pair, ["volume", "rm" | "prune"]))
    })
}

/// An option that sounds as if it destroyed something, and is taken without a word.
fn unconfirmed(scope: &mut Scope<'_, '_>, name: &str, input: &Input) {
    for (index, option) in options_of(input).iter().enumerate() {
        if !destroys(name, option) || input.confirm.contains_key(option) {
            continue;
        }
        let place = match &input.answer {
            Answer::Choice { .. } => Place::Value(input.path.key("options").index(index)),
            Answer::Boolean { .. } | Answer::Text { .. } => Place::Key(input.path.clone()),
        };
        let message =
            format!("`{option}` of `{name}` sounds as if it destroyed something, and one click is enough for it");
        let finding = Finding::new(Code::UnconfirmedOption, place, message, "nobody confirms it");
        scope.report(finding.help(format!("ask for a word: `confirm: {{{option}: {}}}`", word_for(name, option))));
    }
}

/// A word that says what it confirms.
fn word_for(name: &str, option: &str) -> String {
    let text = if option == "true" { name.to_owned() } else { format!("{name}_{option}") };
    text.to_uppercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_")
}

fn options_of(input: &Input) -> Vec<String> {
    match &input.answer {
        Answer::Text { .. } => Vec::new(),
        Answer::Choice { options, .. } => options.clone(),
        Answer::Boolean { .. } => vec!["true".to_owned(), "false".to_owned()],
    }
}

/// The input that leaves the deployment out is a box to tick, and one that nobody has ticked.
fn skip(scope: &mut Scope<'_, '_>, written: &spec::Deploy, path: &SpecPath) {
    let skip = written.inputs.iter().find(|(name, _)| name.eq_ignore_ascii_case(Deploy::SKIP));
    let Some((name, input)) = skip.filter(|_| written.when != When::Manual) else { return };
    let path = path.key(name);
    let help = format!("write `{name}: {{type: boolean}}`");
    if input.kind != Some(InputKind::Boolean) {
        let message = format!("`{name}` leaves the deployment out if it is ticked, and this is a text");
        scope.report(Finding::new(Code::InvalidValue, Place::Key(path), message, "no box to tick").help(help));
    } else if input.default.as_ref().is_some_and(|default| default.0 == "true") {
        let place = Place::Value(path.key("default"));
        let message = "a run that starts by itself would leave the deployment out, and is there for it";
        let finding = Finding::new(Code::InvalidValue, place, message, "never deploys by itself");
        let finding = finding.related(Place::Value(path.parent().parent().key("when")), "starts by itself");
        scope.report(finding.help(format!("{help}, or `when: manual` for the deployment")));
    }
}

/// A push and a release answer no questions, so each that must be answered has a default.
fn answered_by_nobody(scope: &mut Scope<'_, '_>, written: &spec::Deploy, path: &SpecPath) {
    if written.when == When::Manual {
        return;
    }
    let open = |input: &spec::Input| {
        input.required == Some(true)
            && input.default.is_none()
            && input.options.is_none()
            && input.kind != Some(InputKind::Boolean)
    };
    for (name, _) in written.inputs.iter().filter(|(_, input)| open(input)) {
        let message = format!("`{name}` must be answered, and nobody is asked when a run starts by itself");
        let place = Place::Key(path.key(name));
        let finding = Finding::new(Code::MissingKey, place, message, "has no default");
        let finding = finding.related(Place::Value(path.parent().key("when")), "starts by itself");
        scope.report(finding.help("give it a `default`, or write `when: manual`"));
    }
}

#[cfg(test)]
mod tests {
    use super::deletes_volumes;

    #[test]
    fn a_command_deletes_volumes_by_its_own_words() {
        for (line, deletes) in [
            ("docker compose down -v", true),
            ("cd app && docker compose down --remove-orphans --volumes", true),
            ("(docker volume rm data)", true),
            ("docker compose down \\\n  --volumes", true),
            ("docker compose down && docker run -v a:b busybox", false),
            ("docker volume ls; echo rm", false),
        ] {
            assert_eq!(deletes_volumes(line), deletes, "{line}");
        }
    }
}
