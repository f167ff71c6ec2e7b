//! Several processes in one container: what fits together, in which order they start, and which of their words lie in the image.

mod order;
mod process;

use indexmap::IndexMap;

use super::Scope;
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::model::{Supervise, Text};
use crate::source::{Place, SpecPath, Step};
use crate::spec::{self, ScalarOr};

/// The variable by which the environment's file tells the entrypoint how long it may take to stop.
const GRACE: &str = "STOP_GRACE_SECONDS";

/// The signals that ask a container to stop, unless the service names another.
const SIGNALS: [&str; 4] = ["TERM", "INT", "QUIT", "HUP"];

/// Signals that every shell knows by name.
const KNOWN: [&str; 10] = ["TERM", "INT", "QUIT", "HUP", "USR1", "USR2", "KILL", "ALRM", "ABRT", "WINCH"];

/// The processes of the service `name`. What differs between environments goes into `env`, under names of its own.
pub(super) fn resolve(
    scope: &mut Scope<'_, '_>,
    name: &str,
    written: &spec::Service,
    service: &SpecPath,
    env: &mut IndexMap<String, Text>,
) -> Option<Supervise> {
    if written.supervise.is_empty() {
        return None;
    }
    let path = service.key("supervise");
    belongs(scope, name, written, service);
    let mut fixed = Vec::new();
    let mut processes = IndexMap::new();
    for (process, of) in &written.supervise {
        let mut at = process::Reader { scope, service: name, written, process, env, fixed: &mut fixed };
        processes.insert(process.clone(), at.read(of, &path.key(process)));
    }
    if let Some(text) = env.get(GRACE) {
        let place = Place::Key(text.path.clone());
        scope.report(taken(GRACE, place));
    }
    goes_on(scope, name, written, &path);
    let order = order::of(scope, &written.supervise, &path);
    let processes = order.iter().filter_map(|name| processes.swap_remove(name.as_str()).flatten()).collect();
    let mut signals: Vec<String> = SIGNALS.map(str::to_owned).to_vec();
    let own = written.stop_signal.as_deref().and_then(|signal| signal_name(scope, signal, service));
    signals.extend(own.filter(|own| !signals.contains(own)));
    Some(Supervise { processes, signals, fixed, path })
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
    let place = Place::Key(path.key("supervise"));
    if path.0.first() == Some(&Step::Key("jobs".to_owned())) {
        let message = format!("the job `{name}` runs to its end, and supervised processes go on");
        let finding = Finding::new(Code::InvalidValue, place, message, "never ends");
        scope.report(
            finding.help("give the job a `command`; `[sh, -c, \"first && second\"]` runs several, one after the other"),
        );
        return;
    }
    let own_dockerfile = match &written.build {
        Some(ScalarOr::Long(build)) => build.dockerfile.is_some(),
        Some(ScalarOr::Short(_)) => true,
        None => false,
    };
    let (message, help) = if written.build.is_none() {
        let help = "give the service a `build` of its own; or make each process a service";
        (format!("`{name}` supervises processes, but its image is not built here"), help)
    } else if own_dockerfile {
        let help = "let stackc write the Dockerfile, with a language in place of `dockerfile`; or start the processes yourself";
        (format!("`{name}` supervises processes, but its Dockerfile is your own and does not start them"), help)
    } else {
        return;
    };
    let finding = Finding::new(Code::InvalidValue, place, message, "nothing starts them");
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
