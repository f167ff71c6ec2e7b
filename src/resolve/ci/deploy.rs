//! `ci.github.deploy.<environment>`.

use super::{did_you_mean, env, inputs, lines, variables};
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::model::{Deploy, When};
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
    branch_belongs_to_push(scope, written, path);
    needs_release(scope, written, path);
    let deploy = Deploy {
        when: written.when,
        branch: written.branch.clone().unwrap_or_else(|| branch.to_owned()),
        paths: written.paths.unwrap_or(false),
        smoke: written.smoke.unwrap_or(false),
        rollback: written.rollback.unwrap_or(false),
        inputs: inputs::resolve(scope, written, &path.key("inputs")),
        env: env(scope, &written.env, &path.key("env")),
        before: lines::resolve(scope, &written.before, &path.key("before")),
        after: lines::resolve(scope, &written.after, &path.key("after")),
        path: path.clone(),
    };
    set_twice(scope, written, path);
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
