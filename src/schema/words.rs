//! Words of Compose and Fly that people type as keys of ours, and what to write instead.

use crate::source::{SpecPath, Step};

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
const LATER: &[&str] = &[
    "images",
    "jobs",
    "supervise",
    "develop",
    "release",
    "compose",
    "fly",
    "nginx",
    "caddy",
    "external",
    "deploy",
    "regions",
    "strategy",
    "hosts",
    "tls",
    "redirect",
    "respond",
    "strip_prefix",
    "websocket",
    "sse",
    "body_limit",
    "headers",
    "request_headers",
    "auth",
    "rate_limit",
    "verify",
    "tcp",
    "from",
    "packages",
    "steps",
    "poetry",
    "uv",
    "go",
    "rust",
    "static",
    "ruby",
    "php",
    "java",
    "dotnet",
    "elixir",
    "deno",
    "bun",
    "concurrency",
];

/// Words of a service in the Compose Specification that have no key here.
const COMPOSE: &[&str] = &[
    "annotations",
    "attach",
    "blkio_config",
    "cap_add",
    "cap_drop",
    "cgroup",
    "cgroup_parent",
    "configs",
    "container_name",
    "cpu_count",
    "cpu_percent",
    "cpu_period",
    "cpu_quota",
    "cpu_shares",
    "cpuset",
    "credential_spec",
    "device_cgroup_rules",
    "devices",
    "dns",
    "dns_opt",
    "dns_search",
    "domainname",
    "extends",
    "external_links",
    "extra_hosts",
    "gpus",
    "group_add",
    "hostname",
    "ipc",
    "isolation",
    "links",
    "logging",
    "mac_address",
    "mem_reservation",
    "mem_swappiness",
    "memswap_limit",
    "network_mode",
    "oom_kill_disable",
    "oom_score_adj",
    "pid",
    "pids_limit",
    "post_start",
    "pre_stop",
    "privileged",
    "provider",
    "pull_policy",
    "read_only",
    "runtime",
    "security_opt",
    "shm_size",
    "stdin_open",
    "storage_opt",
    "sysctls",
    "tty",
    "ulimits",
    "userns_mode",
    "uts",
    "volumes_from",
    "additional_contexts",
    "cache_from",
    "cache_to",
    "dockerfile_inline",
    "no_cache",
    "ssh",
    "entitlements",
];

/// Words of fly.toml that have no key here.
const FLY: &[&str] = &[
    "auto_start_machines",
    "force_https",
    "processes",
    "metrics",
    "experimental",
    "swap_size_mb",
    "console_command",
    "concurrency",
    "http_options",
    "tls_options",
    "build-target",
    "host_dedication_id",
];

/// What to write instead of the unknown key `word` in the mapping at `path`, if it is one of another tool's.
pub fn instead_of(word: &str, known_here: &[&str], path: &SpecPath) -> Option<String> {
    let service = match path.0.as_slice() {
        [Step::Key(services), Step::Key(service)] if services == "services" => service.as_str(),
        _ => "SERVICE",
    };
    if let Some((_, ours)) = RENAMED.iter().find(|(theirs, ours)| *theirs == word && offers(known_here, ours)) {
        return Some(format!("called `{ours}` here"));
    }
    if LATER.contains(&word) {
        return Some(format!("`{word}` is part of the language, but this version of stackc does not know it yet"));
    }
    if COMPOSE.contains(&word) {
        return Some(format!(
            "a word of Compose without a key here; write it into the output: `overrides: {{docker-compose.yml: {{merge: {{services: {{{service}: {{{word}: …}}}}}}}}}}`"
        ));
    }
    if FLY.contains(&word) {
        return Some(format!(
            "a word of fly.toml without a key here; write it into the output: `overrides: {{{service}/fly.toml: {{merge: {{{word}: …}}}}}}`"
        ));
    }
    None
}

fn offers(known_here: &[&str], ours: &str) -> bool {
    let first = ours.split([':', '`']).next().unwrap_or(ours);
    known_here.contains(&first)
}
