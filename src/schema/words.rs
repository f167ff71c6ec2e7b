//! Words of Compose and Fly that people type as keys of ours, and what to write instead.

use crate::spec::door::{COMPOSE_SERVICE, FLY_FILE};

/// Words that have another name here: the foreign word, and ours.
const RENAMED: &[(&str, &str)] = &[
    ("environment", "env"),
    ("env_vars", "env"),
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

/// Words of the language that this version does not know yet.
const LATER: &[&str] = &["php", "java", "dotnet", "elixir", "deno", "bun"];

/// Words of fly.toml's `[http_service]` that have no key here.
const HTTP_SERVICE: &[&str] = &["auto_start_machines", "force_https", "http_options", "tls_options", "h2_backend"];

/// What to write instead of the unknown key `word` in a mapping with the keys `known_here`, if it is one of another tool's.
pub fn instead_of(word: &str, known_here: &[&str]) -> Option<String> {
    if let Some((_, ours)) = RENAMED.iter().find(|(theirs, ours)| *theirs == word && offers(known_here, ours)) {
        return Some(format!("called `{ours}` here"));
    }
    if LATER.contains(&word) {
        return Some(format!("`{word}` is part of the language, but this version of stackc does not know it yet"));
    }
    if COMPOSE_SERVICE.contains(&word) && known_here.contains(&"compose") {
        return Some(format!("`{word}` is a word of Compose: put it under `compose: {{{word}: …}}`"));
    }
    if HTTP_SERVICE.contains(&word) && known_here.contains(&"fly") {
        return Some(format!("`{word}` is a word of fly.toml: put it under `fly: {{http_service: {{{word}: …}}}}`"));
    }
    if FLY_FILE.contains(&word) && known_here.contains(&"fly") {
        return Some(format!("`{word}` is a word of fly.toml: put it under `fly: {{{word}: …}}`"));
    }
    None
}

fn offers(known_here: &[&str], ours: &str) -> bool {
    let first = ours.split([':', '`']).next().unwrap_or(ours);
    known_here.contains(&first)
}
