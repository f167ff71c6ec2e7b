//! `ci` and `test`: checked in full, although no workflow is made of them yet.

use super::{Scope, did_you_mean};
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::source::{Place, SpecPath};
use crate::spec::When;

/// Checks the names in `ci` and `test`, and says that nothing comes of them yet.
pub(super) fn check(scope: &mut Scope<'_, '_>) {
    tests(scope);
    deployments(scope);
    not_compiled_yet(scope);
}

fn tests(scope: &mut Scope<'_, '_>) {
    for (name, service) in &scope.spec.services {
        let needed = service.test.iter().flat_map(|test| &test.services).enumerate();
        for (index, needed) in needed {
            let path = SpecPath::root().key("services").key(name).key("test").key("services").index(index);
            scope.knows_service(needed, Place::Value(path));
        }
    }
}

fn deployments(scope: &mut Scope<'_, '_>) {
    let github = scope.spec.ci.as_ref().and_then(|ci| ci.github.as_ref());
    let known: Vec<&str> = scope.spec.environments.keys().map(String::as_str).collect();
    for (name, deploy) in github.into_iter().flat_map(|github| &github.deploy) {
        let path = SpecPath::root().key("ci").key("github").key("deploy").key(name);
        if !known.contains(&name.as_str()) {
            let finding = Finding::new(
                Code::UnknownEnvironment,
                Place::Key(path.clone()),
                format!("there is no environment `{name}`"),
                "not an environment of this stack",
            );
            scope.report(finding.help(did_you_mean(name, &known, "environments")));
        }
        if deploy.branch.is_some() && deploy.when != When::Push {
            let finding = Finding::new(
                Code::InvalidValue,
                Place::Key(path.key("branch")),
                "`branch` belongs to `when: push`",
                "no push here",
            );
            scope.report(
                finding
                    .related(Place::Value(path.key("when")), "what starts it")
                    .help("remove `branch`, or write `when: push`"),
            );
        }
    }
}

/// Keys that this version understands and makes nothing of yet: said, so that nothing is dropped in silence.
fn not_compiled_yet(scope: &mut Scope<'_, '_>) {
    let root = SpecPath::root();
    let tests = scope.spec.services.iter().filter(|(_, service)| service.test.is_some());
    let tests = tests.map(|(name, _)| root.key("services").key(name).key("test"));
    let paths: Vec<SpecPath> = scope.spec.ci.iter().map(|_| root.key("ci")).chain(tests).collect();
    let Some((first, rest)) = paths.split_first() else { return };
    let message = "what CI should do is checked, but no workflow is made of it in this version";
    let finding = Finding::new(Code::NotCompiledYet, Place::Key(first.clone()), message, "no output yet");
    let finding = rest.iter().fold(finding, |finding, path| finding.related(Place::Key(path.clone()), "nor of this"));
    scope.report(finding.help("keep the workflows that you have; stackc does not touch them"));
}
