//! An environment: its platform's own settings, and which services run there.

use indexmap::IndexMap;

use super::jobs::PROFILE;
use super::{Scope, routing};
use crate::code::Code;
use crate::diagnostic::{Finding, Findings};
use crate::model::{Environment, Job, Platform, Service, Ssh, Stack};
use crate::source::{Locate, Place, SpecPath};
use crate::spec;
use std::rc::Rc;

/// Resolves the environment `name` of `base`; `overlaid` is the stack with the environment's overlay applied, found in `locate`.
pub fn environment(
    base: &spec::Stack,
    overlaid: &spec::Stack,
    name: &str,
    locate: Rc<dyn Locate>,
    findings: &mut Findings<'_>,
) -> Option<Environment> {
    let written = base.environments.get(name)?;
    let path = SpecPath::root().key("environments").key(name);
    let (base, completed) = (&*routing::complete(base, None), &*routing::complete(overlaid, Some(written.platform)));
    let mut scope = Scope { spec: completed, written: overlaid, environment: Some((name, base)), findings };
    let mut stack = super::resolve(&mut scope);
    leave_out(&mut scope, written, base, &mut stack, &path);
    foreign_keys(&mut scope, written, &path);
    let platform = match written.platform {
        spec::Platform::Compose => compose(&mut scope, base, written, name, &path),
        spec::Platform::Fly => super::fly::fly(&mut scope, base, written, &stack, name, &path),
    };
    let words = match written.platform {
        spec::Platform::Compose => written.compose.words(),
        spec::Platform::Fly => written.fly.words(),
    };
    Some(Environment {
        name: name.to_owned(),
        path,
        platform,
        profiles: written.profiles.clone(),
        words,
        stack,
        locate,
    })
}

fn leave_out(
    scope: &mut Scope<'_, '_>,
    written: &spec::Environment,
    base: &spec::Stack,
    stack: &mut Stack,
    path: &SpecPath,
) {
    let removed =
        base.services.keys().filter(|name| !stack.services.contains_key(*name) && !stack.external.contains_key(*name));
    stack.left_out = removed.map(|name| (name.clone(), None)).collect();
    for (index, name) in written.only.iter().flatten().enumerate() {
        scope.knows_service(name, Place::Value(path.key("only").index(index)));
    }
    profiles(scope, written, path);
    let on = |service: &Service| {
        service.profiles.is_empty() || service.profiles.iter().any(|profile| written.profiles.contains(profile))
    };
    // Compose has profiles of its own; Fly has none.
    let routes = stack.routes.as_ref().map(|table| table.edge.clone());
    let made = |name: &String| routing::serves_edge(stack, name);
    let runs = |name: &String, service: &Service| {
        let along = made(name).then_some(routes.as_ref()).flatten();
        written.only.as_ref().is_none_or(|only| only.contains(along.unwrap_or(name)))
            && (written.platform == spec::Platform::Compose || on(service))
    };
    let (kept, out): (IndexMap<_, _>, IndexMap<_, _>) =
        stack.services.clone().into_iter().partition(|(name, service)| runs(name, service));
    stack.services = kept;
    let gone = scope.spec.services.iter().all(|(name, one)| one.external.is_some() || out.contains_key(name));
    let named = |name: &String| written.only.as_ref().is_none_or(|only| only.contains(name));
    stack.left_out.extend(out.into_iter().map(|(name, service)| {
        let profile = service.profiles.into_iter().next().filter(|_| named(&name));
        (name, profile)
    }));
    // Nobody who names the services that run here means a job that needs others.
    let runs = |job: &Job| {
        let mut needed = job.service.depends_on.iter().map(|dependency| dependency.service.as_str());
        needed.all(|name| stack.services.contains_key(name))
    };
    let had_jobs = !stack.jobs.is_empty();
    if written.only.is_some() {
        let jobs = std::mem::take(&mut stack.jobs);
        stack.jobs = jobs.into_iter().filter(|(_, job)| runs(job)).collect();
    }
    if written.platform == spec::Platform::Fly {
        stack.jobs.retain(|_, job| job.service.profiles.iter().any(|profile| profile == PROFILE) || on(&job.service));
    }
    if gone && stack.jobs.is_empty() && (had_jobs || scope.spec.jobs.is_empty()) {
        nothing_runs(scope, path);
    }
    // An edge that does not run here routes nothing.
    let runs = |table: &crate::model::RouteTable| stack.services.contains_key(&table.edge);
    stack.routes = stack.routes.take().filter(runs);
}

/// An environment that leaves out all there is, or has it run elsewhere.
fn nothing_runs(scope: &mut Scope<'_, '_>, path: &SpecPath) {
    let message = format!("nothing runs in the environment `{}`", path.last_key().unwrap_or_default());
    let finding = Finding::new(Code::InvalidValue, Place::Key(path.clone()), message, "without a service or job");
    scope.report(finding.help("leave a service in it, or remove the environment"));
}

/// A profile that is switched on belongs to some service.
fn profiles(scope: &mut Scope<'_, '_>, written: &spec::Environment, path: &SpecPath) {
    let jobs = scope.spec.jobs.values().map(|job| &job.service);
    let services = scope.spec.services.values().chain(jobs);
    let known: Vec<&str> = services.flat_map(|service| &service.profiles).map(String::as_str).collect();
    for (index, profile) in written.profiles.iter().enumerate() {
        if !known.contains(&profile.as_str()) {
            let place = Place::Value(path.key("profiles").index(index));
            let finding = Finding::new(
                Code::UnknownValue,
                place,
                format!("no service has the profile `{profile}`"),
                "switches on nothing",
            );
            scope.report(finding.help(super::did_you_mean(profile, &known, "profiles")));
        }
    }
}

/// Keys of the other platform have no meaning here.
fn foreign_keys(scope: &mut Scope<'_, '_>, written: &spec::Environment, path: &SpecPath) {
    let fly = [
        ("org", written.org.is_some()),
        ("region", written.region.is_some()),
        ("regions", !written.regions.is_empty()),
        ("strategy", written.strategy.is_some()),
        ("apps", !written.apps.is_empty()),
        ("statics", !written.statics.is_empty()),
        ("fly", !written.fly.words().is_empty()),
    ];
    let compose = [
        ("file", written.file.is_some()),
        ("pull", written.pull.is_some()),
        ("memory_budget", written.memory_budget.is_some()),
        ("env_file", written.env_file.is_some()),
        ("deploy", written.deploy.is_some()),
        ("compose", !written.compose.words().is_empty()),
    ];
    let (foreign, here): (&[(&str, bool)], _) = match written.platform {
        spec::Platform::Compose => (&fly, "Compose"),
        spec::Platform::Fly => (&compose, "Fly"),
    };
    for (key, _) in foreign.iter().filter(|(_, present)| *present) {
        let finding = Finding::new(
            Code::UnsupportedOnPlatform,
            Place::Key(path.key(*key)),
            format!("`{key}` means nothing on {here}"),
            "another platform's key",
        );
        scope.report(
            finding.related(Place::Value(path.key("platform")), "the platform").help(format!("remove `{key}`")),
        );
    }
}

fn compose(
    scope: &mut Scope<'_, '_>,
    base: &spec::Stack,
    written: &spec::Environment,
    name: &str,
    path: &SpecPath,
) -> Platform {
    let others =
        base.environments.values().filter(|environment| environment.platform == spec::Platform::Compose).count() > 1;
    if others && written.file.is_none() {
        let finding = Finding::new(
            Code::EnvironmentClash,
            Place::Key(path.clone()),
            "several environments use Compose, so each needs a `file`",
            "needs `file`",
        );
        scope.report(finding.help(format!("add `file: docker-compose.{name}.yml`")));
    }
    let file = written.file.as_ref().and_then(|file| scope.inside(file, "the repository", &path.key("file")));
    let file = file.unwrap_or_else(|| "docker-compose.yml".to_owned());
    super::overrides::services(scope, base, written, &file, path);
    let ssh = ssh(scope, written, path);
    let pull = written.pull.unwrap_or(false);
    if pull && base.registry.is_none() {
        let finding = Finding::new(
            Code::NoRegistry,
            Place::Key(path.key("pull")),
            "there is no registry to pull from",
            "pulls from nowhere",
        );
        scope.report(finding.help("at the top, write `registry: ghcr.io/OWNER/NAME`"));
    }
    Platform::Compose {
        file,
        project: project(base, name),
        pull,
        memory_budget: scope.size(written.memory_budget.as_deref(), &path.key("memory_budget")),
        env_file: written
            .env_file
            .as_ref()
            .and_then(|file| scope.inside(file, "the folder of the Compose file", &path.key("env_file"))),
        ssh,
    }
}

/// The name of the Compose project. Beside others on one machine it must not take their containers for its own; alone on a server it has the stack's name.
pub(super) fn project(base: &spec::Stack, name: &str) -> String {
    let served =
        |environment: &spec::Environment| environment.deploy.as_ref().is_some_and(|deploy| deploy.ssh.is_some());
    let compose = |environment: &&spec::Environment| environment.platform == spec::Platform::Compose;
    let on_server = base.environments.get(name).is_some_and(served);
    let beside = base.environments.values().filter(compose).filter(|other| !on_server || served(other)).count() > 1;
    if beside { format!("{}-{name}", base.name) } else { base.name.clone() }
}

fn ssh(scope: &mut Scope<'_, '_>, written: &spec::Environment, path: &SpecPath) -> Option<Ssh> {
    let deploy = written.deploy.as_ref()?;
    let path = path.key("deploy");
    let Some(ssh) = &deploy.ssh else {
        let message = "`deploy` does not say how the environment gets to where it runs";
        let finding = Finding::new(Code::MissingKey, Place::Value(path), message, "needs `ssh`");
        scope.report(finding.help("write `deploy: {ssh: {path: /opt/NAME}}`"));
        return None;
    };
    let wait = scope.duration(ssh.wait.as_deref(), &path.key("ssh").key("wait")).unwrap_or(Ssh::WAIT);
    Some(Ssh { path: ssh.path.clone(), wait })
}
