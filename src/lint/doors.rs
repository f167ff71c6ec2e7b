//! Raw words for fly.toml, looked at together with what the app is: what the language has a key for is no better for being said raw.

use serde_json::{Map, Value};

use super::fly::{each_app, on_fly, unsupported};
use super::machines::{LONGEST_KILL_TIMEOUT, MOST_SUSPENDED, megabytes, replaceable, unsold};
use crate::diagnostic::{Diagnostics, Finding};
use crate::escape::ShellWord;
use crate::facts::Facts;
use crate::model::{
    App, CpuKind, Duration, Environment, Idle, MountSource, Program, Resources, Service, Size, Strategy,
};
use crate::source::{Place, SpecPath};

/// The sections whose entries are for process groups each.
const OF_GROUPS: &[&str] = &["http_service", "services", "checks", "files", "restart", "vm", "metrics"];
/// The lists of which each process group has its own part.
const LISTS: &[&str] = &["files", "restart", "vm", "metrics"];

type Report<'r> = &'r mut dyn FnMut(Finding);

/// The words of one door.
struct Door<'e> {
    words: &'e Map<String, Value>,
    path: SpecPath,
    /// The service that it belongs to; none for that of the environment.
    service: Option<&'e Service>,
}

/// The doors of services and of the environment.
pub fn of_apps(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_app(program, diagnostics, |environment, app, report| {
        let mut doors: Vec<Door<'_>> = Vec::new();
        for service in app.services.iter().filter(|service| !service.fly.is_empty()) {
            doors.push(Door { words: &service.fly, path: service.path.key("fly"), service: Some(service) });
        }
        doors.push(Door { words: &environment.words, path: environment.path.key("fly"), service: None });
        let groups = groups(app, &doors);
        for door in &doors {
            own_keys(environment, app, door, report);
            volumes(environment, app, door, report);
            values(environment, door, report);
            parts(environment, door, report);
            named_groups(environment, &groups, door.words, &door.path, report);
            machines(environment, app, door, report);
            strategy(environment, app, door, report);
        }
        for port in app.services.iter().flat_map(|service| service.ports.values()) {
            let path = port.path.key("fly");
            in_groups(environment, &groups, port.fly.get("processes"), &path.key("processes"), report);
        }
        agreed(environment, app, &doors, report);
    });
}

/// A volume grows in steps, and from some point on.
pub fn of_volumes(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    on_fly(program, diagnostics, |environment, service, report| {
        for mount in &service.mounts {
            let MountSource::Volume(name) = &mount.source else { continue };
            let Some(volume) = environment.stack.volumes.get(name) else { continue };
            let path = SpecPath::root().key("volumes").key(name).key("fly");
            let grows = volume.fly.keys().find(|key| key.starts_with("auto_extend_size_"));
            let missing = [("auto_extend_size_threshold", "80"), ("auto_extend_size_increment", "1GB")];
            let missing = missing.into_iter().filter(|(key, _)| !volume.fly.contains_key(*key));
            for (grows, (key, value)) in
                grows.into_iter().flat_map(|grows| missing.clone().map(move |one| (grows, one)))
            {
                let message = format!("Fly takes `{grows}` with `{key}` only");
                report(unsupported(environment, &path.key(grows), message, &format!("add `{key}: {value}`")));
            }
        }
    });
}

/// The process groups that the file has in the end.
fn groups<'e>(app: &App<'e>, doors: &[Door<'e>]) -> Vec<&'e str> {
    let added = doors.iter().filter_map(|door| door.words.get("processes")?.as_object()).flat_map(Map::keys);
    app.services.iter().map(|service| app.group(service)).chain(added.map(String::as_str)).collect()
}

/// What the script goes by as well, and so is said by keys of the environment.
fn own_keys(environment: &Environment, app: &App<'_>, door: &Door<'_>, report: Report<'_>) {
    for key in ["app", "primary_region"].into_iter().filter(|key| door.words.contains_key(*key)) {
        let value = door.words[key].as_str().unwrap_or("NAME");
        let written = match key {
            "app" => format!("apps: {{{}: {value}}}", door.service.unwrap_or(app.first()).name),
            _ => format!("region: {value}"),
        };
        let message = format!("`{key}` is not for fly.toml alone: the script that deploys goes by it too");
        let help = format!("under `environments.{}`, write `{written}` instead", environment.name);
        report(unsupported(environment, &door.path.key(key), message, &help));
    }
}

/// A list of raw words takes the place of what is there, and the script makes volumes and counts them.
fn volumes(environment: &Environment, app: &App<'_>, door: &Door<'_>, report: Report<'_>) {
    let Some(mounts) = door.words.get("mounts") else { return };
    let said = |key: &str, usual: &str| {
        let said = mounts.get(0).and_then(|mount| mount.get(key)).and_then(Value::as_str);
        said.unwrap_or(usual).to_owned()
    };
    let (name, target) = (said("source", "data"), said("destination", "/data"));
    let message = "`mounts` is not for fly.toml alone: the script makes volumes, and looks whether they are there";
    let help = format!(
        "under `services.{}`, write `volumes: {{{target}: {name}}}`, and at the top `volumes: {{{name}: {{size: 1gb}}}}`; snapshots and growth stand there under `fly`",
        door.service.unwrap_or(app.first()).name
    );
    report(unsupported(environment, &door.path.key("mounts"), message.to_owned(), &help));
}

/// Values that are wrong whatever the app is.
fn values(environment: &Environment, door: &Door<'_>, report: Report<'_>) {
    let words = door.words;
    let patience = words.get("kill_timeout").and_then(duration).filter(|patience| *patience > LONGEST_KILL_TIMEOUT);
    if let Some(patience) = patience {
        let message = format!("Fly waits at most 5m for a machine to stop, not {patience}");
        report(unsupported(environment, &door.path.key("kill_timeout"), message, "write `kill_timeout: 5m` or less"));
    }
    let entries = |key: &str| words.get(key).and_then(Value::as_object).into_iter().flatten();
    for (name, _) in entries("env").filter(|(name, _)| name.starts_with("FLY_") || *name == "PRIMARY_REGION") {
        let message = format!("`{name}` is a variable that Fly sets itself, as all that start with FLY_");
        report(unsupported(environment, &door.path.key("env").key(name), message, "choose another name"));
    }
    for (name, line) in entries("processes") {
        line_of_words(environment, name, line, &door.path.key("processes").key(name), report);
    }
    for (name, line) in entries("deploy").filter(|(name, _)| *name == "release_command") {
        line_of_words(environment, name, line, &door.path.key("deploy").key(name), report);
    }
    let metrics = words.get("metrics").and_then(Value::as_array).into_iter().flatten().enumerate();
    for (index, _) in metrics.filter(|(_, entry)| entry.get("path").is_none()) {
        let message = "Fly asks for metrics at a `path`, and has none of its own".to_owned();
        report(unsupported(environment, &door.path.key("metrics").index(index), message, "add `path: /metrics`"));
    }
}

fn duration(value: &Value) -> Option<Duration> {
    value.as_str().map_or_else(|| value.as_u64().map(Duration::seconds), |text| text.parse().ok())
}

/// A command, which Fly splits into words and starts without a shell.
fn line_of_words(environment: &Environment, key: &str, value: &Value, path: &SpecPath, report: Report<'_>) {
    let Some(line) = value.as_str() else { return };
    match operator(line) {
        Err(()) => {
            let message = format!("a quote is left open in {value}");
            let help = "close it; Fly splits the line into words as a shell does";
            report(unsupported(environment, path, message, help));
        }
        Ok(Some(sign)) => {
            let message = format!("`{sign}` needs a shell, and Fly starts a command without one");
            let shell = format!("sh -c {}", ShellWord(line));
            let help = format!("write `{key}: {}`", crate::escape::json(&shell));
            report(unsupported(environment, path, message, &help));
        }
        Ok(None) => {}
    }
}

/// What only a shell understands in a line, outside quotes.
///
/// # Errors
/// A quote has no end.
fn operator(line: &str) -> Result<Option<char>, ()> {
    let (mut open, mut found, mut chars) = (None, None, line.chars());
    while let Some(c) = chars.next() {
        match (open, c) {
            (Some('\''), '\'') | (Some('"'), '"') => open = None,
            (None, '\'' | '"') => open = Some(c),
            (None | Some('"'), '\\') if chars.next().is_none() => return Err(()),
            (None, '&' | '|' | ';' | '<' | '>' | '`') => found = found.or(Some(c)),
            _ => {}
        }
    }
    if open.is_some() { Err(()) } else { Ok(found) }
}

/// Parts of an entry that Fly does not take together.
fn parts(environment: &Environment, door: &Door<'_>, report: Report<'_>) {
    let files = door.words.get("files").and_then(Value::as_array).into_iter().flatten();
    for (index, file) in files.enumerate() {
        let sources = ["local_path", "secret_name", "raw_value"];
        let said = sources.iter().filter(|key| file.get(**key).is_some()).count();
        if said != 1 {
            let message = format!("a file of Fly has one source, and this one has {said}");
            let help = "write one of `local_path`, `secret_name` and `raw_value`";
            report(unsupported(environment, &door.path.key("files").index(index), message, help));
        }
    }
    let Some(service) = door.words.get("http_service") else { return };
    let limit = |key: &str| service.get("concurrency")?.get(key)?.as_u64();
    if let (Some(soft), Some(hard)) = (limit("soft_limit"), limit("hard_limit"))
        && soft > hard
    {
        let message = format!("a machine would be full at {hard}, before it has the {soft} that it may have");
        let at = door.path.key("http_service").key("concurrency").key("soft_limit");
        report(unsupported(environment, &at, message, &format!("write `soft_limit: {hard}` or less")));
    }
    let stops = service.get("auto_stop_machines").and_then(Value::as_str).is_some_and(|stop| stop != "off");
    if stops && service.get("auto_start_machines") == Some(&Value::Bool(false)) {
        let message = "a machine that is stopped would never be started again".to_owned();
        let at = door.path.key("http_service").key("auto_start_machines");
        report(unsupported(
            environment,
            &at,
            message,
            "write `auto_start_machines: true`, or `auto_stop_machines: off`",
        ));
    }
}

/// The groups that entries are for exist.
fn named_groups(
    environment: &Environment,
    groups: &[&str],
    words: &Map<String, Value>,
    path: &SpecPath,
    report: Report<'_>,
) {
    for key in OF_GROUPS {
        let at = path.key(*key);
        match words.get(*key) {
            Some(Value::Array(entries)) => {
                for (index, entry) in entries.iter().enumerate() {
                    let at = at.index(index).key("processes");
                    in_groups(environment, groups, entry.get("processes"), &at, report);
                }
            }
            Some(Value::Object(entries)) if *key == "checks" => {
                for (name, entry) in entries {
                    let at = at.key(name).key("processes");
                    in_groups(environment, groups, entry.get("processes"), &at, report);
                }
            }
            Some(entry) => in_groups(environment, groups, entry.get("processes"), &at.key("processes"), report),
            None => {}
        }
    }
}

fn in_groups(environment: &Environment, groups: &[&str], named: Option<&Value>, path: &SpecPath, report: Report<'_>) {
    for (index, name) in named.and_then(Value::as_array).into_iter().flatten().enumerate() {
        let Some(name) = name.as_str().filter(|name| !groups.contains(name)) else { continue };
        let message = format!("the app has no process group `{name}`");
        let help = format!("its groups are: {}", groups.join(", "));
        report(unsupported(environment, &path.index(index), message, &help));
    }
}

/// Machines that Fly does not sell, or that cannot be suspended.
fn machines(environment: &Environment, app: &App<'_>, door: &Door<'_>, report: Report<'_>) {
    let asleep = |service: &&&Service| service.scale.idle == Idle::Suspend;
    if let Some(service) = app.services.iter().find(asleep).filter(|_| door.words.contains_key("swap_size_mb")) {
        let message = "Fly suspends no machine that swaps".to_owned();
        let finding =
            unsupported(environment, &door.path.key("swap_size_mb"), message, "remove it, or write `idle: stop`");
        report(finding.related(Place::Value(service.path.key("scale").key("idle")), "suspended"));
    }
    for (index, entry) in door.words.get("vm").and_then(Value::as_array).into_iter().flatten().enumerate() {
        let path = door.path.key("vm").index(index);
        let Some(resources) = resources(entry) else { continue };
        if let Some((key, message, help)) = unsold(resources) {
            let key = if entry.get(key).is_some() { key } else { "size" };
            report(unsupported(environment, &path.key(key), message, &help));
        }
        let named = |service: &Service| match entry.get("processes").and_then(Value::as_array) {
            Some(named) => named.iter().any(|name| name.as_str() == Some(app.group(service))),
            None => door.service.is_none_or(|of| of.name == service.name),
        };
        let of = app.services.iter().filter(asleep).find(|service| named(service));
        if let Some(service) = of.filter(|_| megabytes(resources) > MOST_SUSPENDED) {
            let message =
                format!("Fly suspends machines of at most 2gb of memory, and one of `{}` has more", service.name);
            let finding = unsupported(environment, &path, message, "write `idle: stop`, or a smaller machine");
            report(finding.related(Place::Value(service.path.key("scale").key("idle")), "suspended"));
        }
    }
}

/// What an entry of `vm` is: its preset, and what is said beside it; none where it is something else, such as a GPU.
fn resources(entry: &Value) -> Option<Resources> {
    let text = |key: &str| entry.get(key).and_then(Value::as_str);
    let size = text("size").unwrap_or("shared-cpu-1x");
    let (kind, count) = size.strip_suffix('x')?.rsplit_once('-')?;
    let preset = match kind {
        "shared-cpu" => CpuKind::Shared,
        "performance" => CpuKind::Performance,
        _ => return None,
    };
    let cpu_kind = match text("cpu_kind") {
        Some("performance") => CpuKind::Performance,
        Some(_) => CpuKind::Shared,
        None => preset,
    };
    let cpus = entry.get("cpus").and_then(Value::as_f64).or(count.parse().ok());
    let number = |key: &str| entry.get(key).and_then(Value::as_u64).map(|megabytes| Size(megabytes << 20));
    let memory = text("memory").and_then(|size| size.parse().ok()).or(number("memory")).or(number("memory_mb"));
    Some(Resources { memory, cpus, cpu_kind })
}

/// A strategy by which the machines of a service cannot be replaced.
fn strategy(environment: &Environment, app: &App<'_>, door: &Door<'_>, report: Report<'_>) {
    let strategy = match door.words.get("deploy").and_then(|deploy| deploy.get("strategy")).and_then(Value::as_str) {
        Some("canary") => Strategy::Canary,
        Some("bluegreen") => Strategy::Bluegreen,
        _ => return,
    };
    for service in &app.services {
        replaceable(environment, service, strategy, &door.path.key("deploy").key("strategy"), report);
    }
}

/// What an app has one of, its services do not say differently.
fn agreed(environment: &Environment, app: &App<'_>, doors: &[Door<'_>], report: Report<'_>) {
    let of_services: Vec<(&Door<'_>, &Service)> = doors.iter().filter_map(|door| Some((door, door.service?))).collect();
    for (index, (door, service)) in of_services.iter().enumerate() {
        for (other, first) in &of_services[..index] {
            let words = door.words.iter().filter(|(key, _)| !LISTS.contains(&key.as_str()));
            let both = words.filter_map(|(key, value)| Some((key, value, other.words.get(key)?)));
            for steps in both.filter_map(|(key, value, known)| differing(known, value, vec![key.clone()])) {
                let at = |door: &Door<'_>| steps.iter().fold(door.path.clone(), |path, step| path.key(step));
                let key = steps.join(".");
                let message = format!(
                    "`{}` and `{}` share the app `{}`, which has one `{key}` for both",
                    first.name, service.name, app.name
                );
                let help = format!("write the same in both, or under `apps` give `{}` an app of its own", service.name);
                let finding = unsupported(environment, &at(door), message, &help);
                report(finding.related(Place::Value(at(other)), "another one"));
            }
        }
    }
}

/// The keys that lead to what differs, if anything does that is in both.
fn differing(one: &Value, other: &Value, steps: Vec<String>) -> Option<Vec<String>> {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => one
            .iter()
            .find_map(|(key, value)| differing(value, other.get(key)?, steps.iter().chain([key]).cloned().collect())),
        _ => (one != other).then_some(steps),
    }
}
