//! `ci.github.deploy.<environment>`.

use super::{did_you_mean, env, inputs, lines, variables};
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::model::{Access, Deploy, Duration, When};
use crate::resolve::Scope;
use crate::source::{Place, SpecPath};
use crate::spec;

/// The deployment, if its environment exists; what else is wrong with it is told all the same.
pub fn resolve(
    scope: &mut Scope<'_, '_>,
    name: &str,
    written: &spec::Deploy,
    branch: &str,
    path: &SpecPath,
) -> Option<Deploy> {
    let known = knows_environment(scope, name, path);
    way_in(scope, name, written, path);
    branch_belongs_to_push(scope, written, path);
    needs_release(scope, written, path);
    let deploy = Deploy {
        when: written.when,
        branch: written.branch.clone().unwrap_or_else(|| branch.to_owned()),
        paths: written.paths.unwrap_or(false),
        smoke: written.smoke.unwrap_or(true),
        rollback: written.rollback.unwrap_or(true),
        access: access(&written.secrets),
        inputs: inputs::resolve(scope, written, &path.key("inputs")),
        env: env(scope, &written.env, &path.key("env")),
        before: lines::resolve(scope, &written.before, &path.key("before")),
        after: lines::resolve(scope, &written.after, &path.key("after")),
        path: path.clone(),
    };
    set_twice(scope, written, path);
    names_of_the_script(scope, name, written, path);
    ends_in_time(scope, name, path);
    inputs::unasked(scope, &deploy);
    one_folder(scope, name, &deploy);
    for lines in [&deploy.before, &deploy.after] {
        variables::check(scope, lines, &deploy);
    }
    known.then_some(deploy)
}

fn knows_environment(scope: &mut Scope<'_, '_>, name: &str, path: &SpecPath) -> bool {
    let known: Vec<&str> = scope.spec.environments.keys().map(String::as_str).collect();
    if known.contains(&name) {
        return true;
    }
    let message = format!("there is no environment `{name}`");
    let finding =
        Finding::new(Code::UnknownEnvironment, Place::Key(path.clone()), message, "not an environment of this stack");
    scope.report(finding.help(did_you_mean(name, &known, "environments")));
    false
}

/// A secret's name, or the one that it has where nothing is said.
fn access(written: &spec::AccessSecrets) -> Access {
    let named = |name: &Option<String>, default: &str| name.clone().unwrap_or_else(|| default.to_owned());
    Access {
        fly_token: named(&written.fly_token, "FLY_API_TOKEN"),
        host: named(&written.host, "SSH_HOST"),
        port: named(&written.port, "SSH_PORT"),
        user: named(&written.user, "SSH_USER"),
        key: named(&written.key, "SSH_PRIVATE_KEY"),
        known_hosts: named(&written.known_hosts, "SSH_KNOWN_HOSTS"),
        registry_username: written.registry_username.clone(),
        registry_password: written.registry_password.clone(),
    }
}

/// A server is reached over SSH, Fly by its token; a secret of the other one opens nothing.
fn way_in(scope: &mut Scope<'_, '_>, name: &str, written: &spec::Deploy, path: &SpecPath) {
    let Some(environment) = scope.spec.environments.get(name) else { return };
    let on_server = environment.platform == spec::Platform::Compose;
    if on_server && environment.deploy.as_ref().is_none_or(|deploy| deploy.ssh.is_none()) {
        let place = Place::Key(path.clone());
        let message = format!("nothing says where `{name}` runs, so CI cannot deploy it");
        let finding = Finding::new(Code::MissingKey, place, message, "deployed to nowhere");
        let there = SpecPath::root().key("environments").key(name);
        let finding = finding.related(Place::Key(there), "has no `deploy`");
        scope.report(
            finding.help(format!(
                "under `environments.{name}`, write `deploy: {{ssh: {{path: /opt/{}}}}}`",
                scope.spec.name
            )),
        );
    }
    let secrets = &written.secrets;
    let of_server = [
        ("host", &secrets.host),
        ("port", &secrets.port),
        ("user", &secrets.user),
        ("key", &secrets.key),
        ("known_hosts", &secrets.known_hosts),
        ("registry_username", &secrets.registry_username),
        ("registry_password", &secrets.registry_password),
    ];
    let of_fly = [("fly_token", &secrets.fly_token)];
    kept_secrets(scope, &of_server, path);
    kept_secrets(scope, &of_fly, path);
    let (foreign, title): (&[_], _) = if on_server { (&of_fly, "Compose") } else { (&of_server, "Fly") };
    for (key, _) in foreign.iter().filter(|(_, name)| name.is_some()) {
        let place = Place::Key(path.key("secrets").key(*key));
        let message = format!("`{key}` opens nothing here: `{name}` runs on {title}");
        let finding = Finding::new(Code::UnsupportedOnPlatform, place, message, "for another platform");
        scope.report(finding.help(format!("remove `{key}`")));
    }
}

/// GitHub keeps no secret whose name begins so; the token of the run is one that it makes.
fn kept_secrets(scope: &mut Scope<'_, '_>, secrets: &[(&str, &Option<String>)], path: &SpecPath) {
    for (key, name) in secrets {
        let Some(name) = name.as_ref().filter(|name| name.to_ascii_uppercase().starts_with("GITHUB_")) else {
            continue;
        };
        if *key == "registry_password" && name == "GITHUB_TOKEN" {
            continue;
        }
        let place = Place::Value(path.key("secrets").key(*key));
        let message = format!("no secret can be called `{name}`: names that begin with `GITHUB_` are those of GitHub");
        let finding = Finding::new(Code::InvalidName, place, message, "always empty");
        scope.report(finding.help(format!("keep it by another name, such as `DEPLOY_{}`", &name["GITHUB_".len()..])));
    }
}

/// What the script that deploys, or the step that calls it, takes from variables by itself.
const SCRIPT: &[&str] = &[
    "CONFIRM",
    "WAIT",
    "IMAGES",
    "GIT_SHA",
    "HAND_OVER",
    "KEEP_COPIES",
    "SSH_HOST",
    "SSH_PORT",
    "SSH_USER",
    "SSH_PRIVATE_KEY",
    "SSH_KNOWN_HOSTS",
    "REGISTRY_HOST",
    "REGISTRY_USERNAME",
    "REGISTRY_PASSWORD",
    "FLY_API_TOKEN",
];

/// What the script for a server calls its own variables, which would be handed over in place of the user's.
const OWN: &[&str] = &[
    "before",
    "chosen",
    "code",
    "command",
    "config",
    "container",
    "containers",
    "counted",
    "deadline",
    "file",
    "folder",
    "found",
    "handed",
    "image",
    "kept",
    "late",
    "line",
    "lines",
    "missing",
    "name",
    "needed",
    "older",
    "once",
    "path",
    "plugins",
    "program",
    "pulled",
    "rollback",
    "running",
    "service",
    "services",
    "smoke",
    "stale",
    "tag",
    "test",
    "torn",
    "value",
    "values",
    "volumes",
    "word",
];

/// A variable of the user's that would take the place of one of the script's, or of a secret that the deployment hands over.
fn names_of_the_script(scope: &mut Scope<'_, '_>, name: &str, written: &spec::Deploy, path: &SpecPath) {
    let environment = scope.spec.environments.get(name);
    let server = environment.is_some_and(|environment| environment.platform == spec::Platform::Compose);
    let inputs = written.inputs.keys().map(|name| (name, path.key("inputs").key(name), true));
    let env = written.env.keys().map(|name| (name, path.key("env").key(name), false));
    for (name, path, asked) in inputs.chain(env) {
        let why = if SCRIPT.contains(&name.as_str()) || (server && OWN.contains(&name.as_str())) {
            format!("the script that deploys has a variable `{name}` of its own")
        } else if asked && scope.spec.secrets.contains_key(name) {
            format!("`{name}` is a secret, and an answer would take its place")
        } else {
            continue;
        };
        let finding = Finding::new(Code::InvalidName, Place::Key(path), why, "not free");
        scope.report(finding.help(format!("write another name, such as `APP_{}`", name.to_uppercase())));
    }
}

/// A run that takes longer than GitHub lets one run is cut off in the middle.
fn ends_in_time(scope: &mut Scope<'_, '_>, name: &str, path: &SpecPath) {
    let Some(environment) = scope.spec.environments.get(name) else { return };
    let ssh = environment.deploy.as_ref().and_then(|deploy| deploy.ssh.as_ref());
    let Some(wait) = ssh.and_then(|ssh| ssh.wait.as_deref()) else { return };
    let at = SpecPath::root().key("environments").key(name).key("deploy").key("ssh").key("wait");
    let longest = Duration::seconds(LONGEST_WAIT * 60);
    if scope.duration(Some(wait), &at).is_none_or(|wait| wait.0 <= longest.0) {
        return;
    }
    let message = format!("services may take {wait} here, perhaps twice, and GitHub ends a job after six hours");
    let finding = Finding::new(Code::InvalidValue, Place::Value(at), message, "too long for CI");
    let finding = finding.related(Place::Key(path.clone()), "deployed by CI");
    scope.report(finding.help(format!("write at most `{LONGEST_WAIT}m`")));
}

/// Where nobody answers otherwise, a deployment goes to where scheduled jobs and people look for it.
fn one_folder(scope: &mut Scope<'_, '_>, name: &str, deploy: &Deploy) {
    let Some(input) = deploy.inputs.get(Deploy::PATH) else { return };
    let environment = scope.spec.environments.get(name).and_then(|environment| environment.deploy.as_ref());
    let Some(folder) = environment.and_then(|deploy| deploy.ssh.as_ref()).map(|ssh| ssh.path.clone()) else {
        return;
    };
    let default = input.answer.default();
    if default.is_empty() || default == folder {
        return;
    }
    let message = format!("this deploys to `{default}` by default, and jobs and people look in `{folder}`");
    let finding = Finding::new(Code::InvalidValue, Place::Key(input.path.clone()), message, "another folder");
    let there = SpecPath::root().key("environments").key(name).key("deploy").key("ssh").key("path");
    let finding = finding.related(Place::Value(there), "the folder");
    scope.report(finding.help(format!("write `default: {folder}`, or leave `default` out")));
}

/// Minutes that a deployment may wait: twice, with an hour for the rest, they are the six that a job may take.
const LONGEST_WAIT: u64 = 150;

fn branch_belongs_to_push(scope: &mut Scope<'_, '_>, written: &spec::Deploy, path: &SpecPath) {
    if written.branch.is_none() || written.when == When::Push {
        return;
    }
    let place = Place::Key(path.key("branch"));
    let finding = Finding::new(Code::InvalidValue, place, "`branch` belongs to `when: push`", "no push here");
    let finding = finding.related(Place::Value(path.key("when")), "what starts it");
    scope.report(finding.help("remove `branch`, or write `when: push`"));
}

fn needs_release(scope: &mut Scope<'_, '_>, written: &spec::Deploy, path: &SpecPath) {
    let github = scope.spec.ci.as_ref().and_then(|ci| ci.github.as_ref());
    if written.when != When::Release || github.is_some_and(|github| github.release.is_some()) {
        return;
    }
    let place = Place::Value(path.key("when"));
    let message = "a release starts this deployment, and `ci.github` has no `release`";
    let finding = Finding::new(Code::MissingKey, place, message, "nothing starts it");
    scope.report(
        finding
            .help("under `ci.github`, write `release: {calver: true}`; or start it by `when: push` or `when: manual`"),
    );
}

/// An answer and a variable of the same name would be one variable.
fn set_twice(scope: &mut Scope<'_, '_>, written: &spec::Deploy, path: &SpecPath) {
    for name in written.env.keys().filter(|name| written.inputs.contains_key(*name)) {
        let message = format!("the variable `{name}` is set twice");
        let place = Place::Key(path.key("env").key(name));
        let finding = Finding::new(Code::InvalidValue, place, message, "set here");
        let finding = finding.related(Place::Key(path.key("inputs").key(name)), "and asked for here");
        scope.report(finding.help("remove one of the two"));
    }
}
