//! Words of Compose and Fly that people type as keys of ours, and what to write instead.

use serde_json::Value;

use crate::languages::KEYS;

/// Words that have another name here: the foreign word, and ours.
const RENAMED: &[(&str, &str)] = &[
    ("environment", "env"),
    ("env_vars", "env"),
    ("published", "publish"),
    ("health_check", "healthcheck"),
    ("health", "healthcheck"),
    ("deploy", "resources` and `scale"),
    ("mem_limit", "resources: {memory: …}"),
    ("replicas", "scale"),
    ("platforms", "platform"),
    ("app", "apps"),
    ("primary_region", "region"),
    ("internal_port", "ports"),
    ("http_service", "ports: {http: {port: …, publish: true}}"),
    ("mounts", "volumes"),
    ("vm", "resources"),
    ("checks", "healthcheck"),
    ("kill_signal", "stop_signal"),
    ("kill_timeout", "stop_grace_period"),
    ("expose", "ports"),
    ("cmd", "command"),
    ("test", "command"),
    ("auto_stop_machines", "scale: {idle: stop}"),
    ("min_machines_running", "scale: {min: …}"),
    ("size", "resources"),
    ("build_args", "args"),
    ("dockerfile_path", "dockerfile"),
];

/// Languages of `build` that are planned; one that is there is no longer of these.
const LATER: &[&str] = &["php", "java", "dotnet", "elixir", "deno", "bun"];

/// How the way to the server of an environment is said.
const SERVER: &str = "the way to the server is no part of the file: CI takes it from the secrets `SSH_HOST`, `SSH_USER`, `SSH_PRIVATE_KEY` and \
    `SSH_KNOWN_HOSTS`, and a person writes `SSH_HOST=… deploy/ENVIRONMENT.sh remote up`";

/// Where that stands which `word` says of the server, if the mapping that `parent` describes says how an environment is deployed.
fn of_the_server(word: &str, parent: &Value) -> Option<String> {
    let offers_all = |keys: [&str; 2]| keys.iter().all(|key| offers(parent, key));
    match word {
        "ssh" if offers_all(["platform", "deploy"]) => {
            Some(format!("write `deploy: {{ssh: {{path: /opt/shop}}}}`; {SERVER}"))
        }
        "host" | "hostname" | "address" | "server" | "user" | "username" | "port" | "key" | "private_key"
            if offers_all(["path", "wait"]) =>
        {
            Some(SERVER.to_owned())
        }
        _ => None,
    }
}

/// What to write instead of the unknown key `word` in the mapping that `parent` describes, if it is one of another tool's, as `schema` knows
/// them.
pub fn instead_of(word: &str, parent: &Value, schema: &Value) -> Option<String> {
    if let Some((_, ours)) = RENAMED.iter().find(|(theirs, ours)| *theirs == word && offers(parent, ours)) {
        return Some(format!("called `{ours}` here"));
    }
    if let Some(server) = of_the_server(word, parent) {
        return Some(server);
    }
    if LATER.contains(&word) && !KEYS.contains(&word) {
        return Some(format!("`{word}` is part of the language, but this version of stackc does not know it yet"));
    }
    let words = |definition: &Value| definition["properties"].get(word).is_some();
    let of_http_service =
        |door: &Value| door["properties"].get("http_service").is_some() && words(&schema["$defs"]["FlyHttpService"]);
    if of_http_service(parent) {
        return Some(format!("put it under `http_service: {{{word}: …}}`"));
    }
    for (key, tool) in [("compose", "Compose"), ("fly", "fly.toml")] {
        let reference = parent["properties"][key]["$ref"].as_str().unwrap_or_default();
        let Some(door) = schema.pointer(reference.trim_start_matches('#')).filter(|_| !reference.is_empty()) else {
            continue;
        };
        if words(door) {
            return Some(format!("`{word}` is a word of {tool}: put it under `{key}: {{{word}: …}}`"));
        }
        if of_http_service(door) {
            return Some(format!(
                "`{word}` is a word of {tool}: put it under `{key}: {{http_service: {{{word}: …}}}}`"
            ));
        }
    }
    None
}

fn offers(parent: &Value, ours: &str) -> bool {
    let first = ours.split([':', '`']).next().unwrap_or(ours);
    parent["properties"].get(first).is_some()
}
