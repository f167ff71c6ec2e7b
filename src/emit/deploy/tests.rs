//! The tests that the script of a Compose environment runs: those that CI starts from it.

use serde_json::{Value, json};

use crate::model::{Environment, Flat, Outside, Platform, Program, ShellLine, Test};

/// The tests of `environment`, if it builds what they test.
pub(super) fn view(program: &Program, environment: &Environment) -> Vec<Value> {
    let Platform::Compose { pull: false, ssh: None, .. } = &environment.platform else { return Vec::new() };
    let own = |test: &&Test| program.environment_of(test).is_some_and(|of| of.name == environment.name);
    program.ci.tests.iter().filter(own).map(|test| one(environment, test)).collect()
}

fn one(environment: &Environment, test: &Test) -> Value {
    let outside = Outside::new(environment, test);
    let env: Vec<(&String, Vec<Flat>)> = test.env.iter().map(|(name, text)| (name, outside.known(text))).collect();
    let made_up = outside.made_up();
    let mut defaults: Vec<Value> = Vec::new();
    for piece in env.iter().flat_map(|(_, value)| value) {
        if let Some((name, text)) = default(environment, piece)
            && !made_up.contains(&name.as_str())
            && defaults.iter().all(|known| known["name"] != name)
        {
            defaults.push(json!({"name": name, "text": text}));
        }
    }
    json!({
        "name": test.service,
        "id": test.service.replace('-', "_"),
        "files": test.env_file,
        "made_up": made_up,
        "defaults": defaults,
        "env": env.iter().map(|(name, value)| json!({"name": name, "parts": parts(name, value)})).collect::<Vec<_>>(),
        "start": start(&outside),
        "folder": test.working_dir,
        "lines": ShellLine::script(&test.steps),
    })
}

/// The pieces of a variable's value: fixed text, or what another variable holds. None where it is its own.
fn parts(name: &str, value: &[Flat]) -> Vec<Value> {
    let mut parts: Vec<(Option<&str>, String)> = Vec::new();
    for piece in value {
        match (piece, parts.last_mut()) {
            (Flat::Literal(text), Some((None, before))) => before.push_str(text),
            (Flat::Literal(text), _) => parts.push((None, text.clone())),
            (Flat::Secret(of) | Flat::Variable { name: of, .. }, _) => parts.push((Some(of), String::new())),
        }
    }
    match parts.as_slice() {
        [(Some(own), _)] if *own == name => Vec::new(),
        [] => vec![json!({"name": null, "text": ""})],
        several => several.iter().map(|(name, text)| json!({"name": name, "text": text})).collect(),
    }
}

/// The value that a name has where nobody sets it.
fn default(environment: &Environment, piece: &Flat) -> Option<(String, String)> {
    match piece {
        Flat::Literal(_) => None,
        Flat::Secret(name) => {
            let default = environment.stack.secrets.get(name).and_then(|secret| secret.default.clone());
            Some((name.clone(), default.unwrap_or_default()))
        }
        Flat::Variable { name, default, .. } => {
            let settled = default.as_ref().and_then(|default| Flat::settled(default));
            Some((name.clone(), settled.unwrap_or_default()))
        }
    }
}

/// The words that start the services beside the test; none where there are none.
fn start(outside: &Outside<'_>) -> Vec<String> {
    let services: Vec<String> = outside.named().map(str::to_owned).collect();
    if services.is_empty() {
        return Vec::new();
    }
    let options = [("--build", outside.builds()), ("--detach", true), ("--wait", outside.can_wait())];
    let options = options.into_iter().filter(|(_, wanted)| *wanted).map(|(option, _)| option.to_owned());
    options.chain(services).collect()
}
