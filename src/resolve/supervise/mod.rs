//! Several processes in one container: what fits together, in which order they start, and which of their words lie in the image.

mod order;
mod process;

use indexmap::IndexMap;

use super::Scope;
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::model::{Process, Runs, Server, Supervise, Text};
use crate::source::{Place, SpecPath, Step};
use crate::spec::{self, ScalarOr};

/// The variable by which the environment's file tells the entrypoint how long it may take to stop.
const GRACE: &str = "STOP_GRACE_SECONDS";

/// The signals that ask a container to stop, unless the service names another.
const SIGNALS: [&str; 4] = ["TERM", "INT", "QUIT", "HUP"];

/// What the process of the web server is called.
const SERVER: &str = "caddy";

/// Signals that every shell knows by name.
const KNOWN: [&str; 10] = ["TERM", "INT", "QUIT", "HUP", "USR1", "USR2", "KILL", "ALRM", "ABRT", "WINCH"];

/// The processes of the service `name`: those it names, and its web server where that stands beside another program. What differs between
/// environments goes into `env`, under names of its own.
pub(super) fn resolve(
    scope: &mut Scope<'_, '_>,
    name: &str,
    written: &spec::Service,
    service: &SpecPath,
    env: &mut IndexMap<String, Text>,
) -> Option<Supervise> {
    let named = written.supervise.clone();
    let (named, path) = match (&written.command, beside_server(written)) {
        (Some(command), true) if named.is_empty() => (alone(name, command), service.key("command")),
        _ => (named, service.key("supervise")),
    };
    if named.is_empty() {
        return None;
    }
    if written.supervise.is_empty() {
        is_built_here(scope, name, written, service, "serve");
    } else {
        belongs(scope, name, written, service);
        goes_on(scope, name, written, &path);
    }
    let mut fixed = Vec::new();
    let mut processes = IndexMap::new();
    for (process, of) in &named {
        let at = if written.supervise.is_empty() { service.clone() } else { path.key(process) };
        let mut reader = process::Reader { scope, service: name, written, process, env, fixed: &mut fixed };
        processes.insert(process.clone(), reader.read(of, &at));
    }
    if let Some(text) = env.get(GRACE) {
        let place = Place::Key(text.path.clone());
        scope.report(taken(GRACE, place));
    }
    let order = order::of(scope, &named, &path);
    let mut processes: Vec<Process> =
        order.iter().filter_map(|name| processes.swap_remove(name.as_str()).flatten()).collect();
    processes.extend(server(scope, written, service));
    let mut signals: Vec<String> = SIGNALS.map(str::to_owned).to_vec();
    let own = written.stop_signal.as_deref().and_then(|signal| signal_name(scope, signal, service));
    signals.extend(own.filter(|own| !signals.contains(own)));
    Some(Supervise { processes, signals, fixed, path })
}

/// Whether the service has a web server that can be copied into the image of another program.
pub(super) fn beside_server(written: &spec::Service) -> bool {
    written.serve.as_deref().is_some_and(|server| Server::of(server).program().is_some())
}

/// The one process of a service that says a command and nothing of several.
fn alone(name: &str, command: &spec::Command) -> IndexMap<String, spec::Process> {
    let name = if name == SERVER { "app" } else { name };
    let process = spec::Process { command: Some(command.clone()), ..spec::Process::default() };
    IndexMap::from([(name.to_owned(), process)])
}

/// The web server as the last process: it starts when all it could hand requests to has started, and is the first to stop.
fn server(scope: &mut Scope<'_, '_>, written: &spec::Service, path: &SpecPath) -> Option<Process> {
    let server = Server::of(written.serve.as_deref()?);
    server.program()?;
    if written.supervise.contains_key(SERVER) {
        let place = Place::Key(path.key("supervise").key(SERVER));
        let message = format!("the process `{SERVER}` would be called as the web server");
        let finding = Finding::new(Code::InvalidValue, place, message, "taken");
        let finding = finding.related(Place::Key(path.key("serve")), "the web server");
        scope.report(finding.help("give the process another name; `serve` starts the web server already"));
    }
    Some(Process {
        name: SERVER.to_owned(),
        runs: Runs::Server(server),
        user: None,
        env: Vec::new(),
        once: false,
        ready: None,
        first_run: None,
        dirs: Vec::new(),
        stop_signal: "TERM".to_owned(),
    })
}

/// What cannot stand beside `supervise`, and which images can have it.
fn belongs(scope: &mut Scope<'_, '_>, name: &str, written: &spec::Service, path: &SpecPath) {
    let beside = [
        ("command", written.command.is_some(), "make it one more process: `supervise: {NAME: {command: …}}`"),
        (
            "entrypoint",
            written.entrypoint.is_some(),
            "remove it: stackc makes the entrypoint that starts the processes",
        ),
        ("user", written.user.is_some(), "say it of each process: `supervise: {NAME: {user: …}}`"),
    ];
    for (key, _, help) in beside.into_iter().filter(|(_, said, _)| *said) {
        let message = format!("`{name}` supervises several processes, and its `{key}` would be none of them");
        let finding = Finding::new(Code::InvalidValue, Place::Key(path.key(key)), message, "beside `supervise`");
        scope.report(finding.related(Place::Key(path.key("supervise")), "the processes").help(help));
    }
    if path.0.first() == Some(&Step::Key("jobs".to_owned())) {
        let message = format!("the job `{name}` runs to its end, and supervised processes go on");
        let place = Place::Key(path.key("supervise"));
        let finding = Finding::new(Code::InvalidValue, place, message, "never ends");
        let help = "give the job a `command`; `[sh, -c, \"first && second\"]` runs several, one after the other";
        scope.report(finding.help(help));
        return;
    }
    is_built_here(scope, name, written, path, "supervise");
}

/// Only an image that stackc writes the Dockerfile of can start several processes.
fn is_built_here(scope: &mut Scope<'_, '_>, name: &str, written: &spec::Service, path: &SpecPath, key: &str) {
    let own_dockerfile = match &written.build {
        Some(ScalarOr::Long(build)) => build.dockerfile.is_some(),
        Some(ScalarOr::Short(_)) => true,
        None => false,
    };
    let (message, help) = if written.build.is_none() {
        let help = "give the service a `build` of its own; or make each process a service";
        (format!("`{name}` is to run several processes, but its image is not built here"), help)
    } else if own_dockerfile {
        let help =
            "let stackc write the Dockerfile, with a language in place of `dockerfile`; or make each process a service";
        (format!("`{name}` is to run several processes, but its Dockerfile is your own and does not start them"), help)
    } else {
        return;
    };
    let finding = Finding::new(Code::InvalidValue, Place::Key(path.key(key)), message, "nothing starts them");
    scope.report(finding.help(help));
}

/// A container that only does things once would end, and be started again.
fn goes_on(scope: &mut Scope<'_, '_>, name: &str, written: &spec::Service, path: &SpecPath) {
    if written.supervise.values().all(|process| process.once == Some(true)) {
        let message = format!("each process of `{name}` runs once, so nothing would be left to run");
        let finding = Finding::new(Code::InvalidValue, Place::Key(path.clone()), message, "ends at once");
        scope.report(finding.help("leave `once` out for the process that goes on"));
    }
}

/// The name of a signal as shells know it; reports one that they do not.
fn signal_name(scope: &mut Scope<'_, '_>, written: &str, path: &SpecPath) -> Option<String> {
    let name = written.strip_prefix("SIG").unwrap_or(written);
    if KNOWN.contains(&name) {
        return Some(name.to_owned());
    }
    let place = Place::Value(path.key("stop_signal"));
    let finding = Finding::new(Code::InvalidValue, place, format!("no shell can send `{written}`"), "not known");
    scope.report(finding.help("write one of SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2, SIGWINCH, SIGKILL"));
    None
}

/// A variable that has the name of one of stackc's own.
fn taken(name: &str, place: Place) -> Finding {
    let message = format!("`{name}` is a variable that stackc sets for the entrypoint");
    Finding::new(Code::InvalidValue, place, message, "taken").help("choose another name")
}
