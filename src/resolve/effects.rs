//! What is understood and has no effect: keys of a platform that no environment uses, and keys of which this version makes nothing yet.

use super::Scope;
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::source::{Place, SpecPath};
use crate::spec::{Platform, ScalarOr};

/// Reports them, once for the whole stack.
pub(super) fn check(scope: &mut Scope<'_, '_>) {
    if scope.environment.is_some() || scope.spec.environments.is_empty() {
        return;
    }
    let fly = scope.spec.environments.values().any(|environment| environment.platform == Platform::Fly);
    if !fly {
        only_on_fly(scope);
    }
    schedules(scope, fly);
    deployments(scope);
}

fn only_on_fly(scope: &mut Scope<'_, '_>) {
    let root = SpecPath::root();
    let mut idle: Vec<SpecPath> = Vec::new();
    let sizes = scope.spec.volumes.iter().filter(|(_, volume)| volume.size.is_some());
    idle.extend(sizes.map(|(name, _)| root.key("volumes").key(name).key("size")));
    for (name, service) in &scope.spec.services {
        let path = root.key("services").key(name);
        if service.resources.as_ref().is_some_and(|resources| resources.cpu_kind.is_some()) {
            idle.push(path.key("resources").key("cpu_kind"));
        }
        let Some(ScalarOr::Long(scale)) = &service.scale else { continue };
        let keys = [
            ("max", scale.max.is_some()),
            ("idle", scale.idle.is_some()),
            ("concurrency", scale.concurrency.is_some()),
        ];
        idle.extend(keys.iter().filter(|(_, said)| *said).map(|(key, _)| path.key("scale").key(*key)));
    }
    for path in idle {
        let key = path.last_key().unwrap_or_default();
        let message = format!("`{key}` has an effect on Fly only, and no environment of this stack runs there");
        let finding = Finding::new(Code::NoEffectOnPlatform, Place::Key(path), message, "no effect here");
        scope.report(finding.help("nothing needs to be done; remove it if the stack will never run on Fly"));
    }
}

/// Jobs: under Compose they run when asked for, on Fly not at all in this version.
fn schedules(scope: &mut Scope<'_, '_>, fly: bool) {
    let jobs = SpecPath::root().key("jobs");
    let scheduled = scope.spec.jobs.iter().filter(|(_, job)| job.words.schedule.is_some());
    let scheduled: Vec<SpecPath> = scheduled.map(|(name, _)| jobs.key(name).key("schedule")).collect();
    let message = "nothing runs this by itself in this version: a job runs when asked for";
    not_yet(
        scope,
        &scheduled,
        message,
        "let cron or CI call `docker compose run --rm JOB`; the head of each job says how",
    );
    if fly {
        let all: Vec<SpecPath> = scope.spec.jobs.keys().map(|name| jobs.key(name)).collect();
        not_yet(
            scope,
            &all,
            "in this version jobs run under Compose, and not on Fly",
            "run it with `fly machine run` until then",
        );
    }
}

/// Servers, to which nothing is carried in this version.
fn deployments(scope: &mut Scope<'_, '_>) {
    let root = SpecPath::root().key("environments");
    let on_server = scope.spec.environments.iter().filter(|(_, environment)| environment.deploy.is_some());
    let paths: Vec<SpecPath> = on_server.map(|(name, _)| root.key(name).key("deploy")).collect();
    let message = "nothing is copied to the server in this version";
    not_yet(scope, &paths, message, "copy the Compose file and its script there, and run `deploy/ENVIRONMENT.sh up`");
}

fn not_yet(scope: &mut Scope<'_, '_>, paths: &[SpecPath], message: &str, help: &str) {
    let Some((first, rest)) = paths.split_first() else { return };
    let finding = Finding::new(Code::NotCompiledYet, Place::Key(first.clone()), message, "no output yet");
    let finding = rest.iter().fold(finding, |finding, path| finding.related(Place::Key(path.clone()), "nor of this"));
    scope.report(finding.help(help));
}
