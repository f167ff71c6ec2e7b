//! What is understood and has no effect: keys of a platform that no environment uses, and keys of which this version makes nothing yet.

use serde_json::{Map, Value};

use super::Scope;
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::source::{Place, SpecPath};
use crate::spec::{Platform, ScalarOr, Service, Stack};

/// Reports them: once for the whole stack, and for an environment what it adds to it.
pub(super) fn check(scope: &mut Scope<'_, '_>) {
    if let Some((name, base)) = scope.environment {
        in_environment(scope, name, base);
        return;
    }
    tests_of_jobs(scope);
    if scope.spec.environments.is_empty() {
        return;
    }
    let runs = |platform| scope.spec.environments.values().any(|environment| environment.platform == platform);
    let (fly, compose) = (runs(Platform::Fly), runs(Platform::Compose));
    for (platform, runs) in [(Platform::Fly, fly), (Platform::Compose, compose)] {
        if !runs {
            let why = format!("{}, and no environment of this stack runs there", heard(platform));
            idle(scope, keys_for(scope.spec, platform), &why);
        }
    }
}

/// What an environment says to the other platform, which is not there.
fn in_environment(scope: &mut Scope<'_, '_>, name: &str, base: &Stack) {
    let Some(environment) = base.environments.get(name) else { return };
    let other = match environment.platform {
        Platform::Compose => Platform::Fly,
        Platform::Fly => Platform::Compose,
    };
    let known = keys_for(base, other);
    let own = keys_for(scope.spec, other).into_iter().filter(|key| !known.contains(key)).collect();
    idle(scope, own, &format!("{}, and `{name}` does not run there", heard(other)));
}

fn heard(platform: Platform) -> &'static str {
    match platform {
        Platform::Fly => "has an effect on Fly only",
        Platform::Compose => "has an effect under Compose only",
    }
}

fn idle(scope: &mut Scope<'_, '_>, keys: Vec<(SpecPath, String)>, why: &str) {
    for (path, _) in keys {
        let message = format!("`{}` {why}", path.last_key().unwrap_or_default());
        let finding = Finding::new(Code::NoEffectOnPlatform, Place::Key(path), message, "no effect here");
        scope.report(finding.help("nothing needs to be done; remove it if the stack will never run there"));
    }
}

/// The keys that are meant for one platform, with what they say.
fn keys_for(spec: &Stack, platform: Platform) -> Vec<(SpecPath, String)> {
    let root = SpecPath::root();
    let mut keys = Vec::new();
    let mut add = |path: SpecPath, said: Option<String>| keys.extend(said.map(|said| (path, said)));
    let door = |compose: Map<String, Value>, fly: Map<String, Value>| match platform {
        Platform::Compose => ("compose", (!compose.is_empty()).then(|| format!("{compose:?}"))),
        Platform::Fly => ("fly", (!fly.is_empty()).then(|| format!("{fly:?}"))),
    };
    for (name, volume) in &spec.volumes {
        let path = root.key("volumes").key(name);
        let (key, words) = door(volume.compose.words(), volume.fly.words());
        add(path.key(key), words);
        add(path.key("size"), volume.size.clone().filter(|_| platform == Platform::Fly));
    }
    // CI pushes to the registry wherever the stack runs, and a value may name it.
    let pushed = spec.ci.as_ref().and_then(|ci| ci.github.as_ref()).is_some_and(|github| github.images.is_some());
    if platform == Platform::Compose && !pushed && !format!("{spec:?}").contains("${registry}") {
        // Images of ghcr.io bear the label of their repository.
        add(root.key("registry"), spec.registry.clone().filter(|registry| !registry.starts_with("ghcr.io/")));
    }
    for (name, secret) in spec.secrets.iter().filter(|_| platform == Platform::Compose) {
        add(root.key("secrets").key(name).key("file"), secret.file.clone());
    }
    for (name, network) in spec.networks.iter().filter(|_| platform == Platform::Compose) {
        add(root.key("networks").key(name).key("internal"), network.internal.map(|internal| internal.to_string()));
    }
    let services = spec.services.iter().map(|(name, service)| (root.key("services").key(name), service));
    let jobs = spec.jobs.iter().map(|(name, job)| (root.key("jobs").key(name), &job.service));
    for (path, service) in services.chain(jobs) {
        let (key, words) = door(service.compose.words(), service.fly.words());
        add(path.key(key), words);
        for (name, port) in &service.ports {
            let ScalarOr::Long(port) = port else { continue };
            let (key, words) = door(port.compose.words(), port.fly.words());
            add(path.key("ports").key(name).key(key), words);
        }
        if platform == Platform::Fly {
            machine(service, &path).into_iter().for_each(|(path, said)| add(path, said));
        }
    }
    keys
}

/// What a machine of Fly is, and when it runs.
fn machine(service: &Service, path: &SpecPath) -> Vec<(SpecPath, Option<String>)> {
    let kind = service.resources.as_ref().and_then(|resources| resources.cpu_kind);
    let mut keys = vec![(path.key("resources").key("cpu_kind"), kind.map(|kind| format!("{kind:?}")))];
    // What is built lies there on every platform.
    let folder = service.path.clone().filter(|_| service.build.is_none() && service.serve.is_none());
    keys.push((path.key("path"), folder));
    if let Some(ScalarOr::Long(scale)) = &service.scale {
        let path = path.key("scale");
        keys.push((path.key("max"), scale.max.map(|max| max.to_string())));
        keys.push((path.key("idle"), scale.idle.map(|idle| format!("{idle:?}"))));
        keys.push((path.key("concurrency"), scale.concurrency.as_ref().map(|said| format!("{said:?}"))));
    }
    keys
}

/// CI tests services.
fn tests_of_jobs(scope: &mut Scope<'_, '_>) {
    for (name, _) in scope.spec.jobs.iter().filter(|(_, job)| job.service.test.is_some()) {
        let path = SpecPath::root().key("jobs").key(name).key("test");
        let message = format!("the job `{name}` has a test of its own, but CI tests services");
        let finding = Finding::new(Code::InvalidValue, Place::Key(path), message, "never run");
        scope.report(finding.help("move it to the service whose code the job runs"));
    }
}
