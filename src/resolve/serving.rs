//! `serve` and what there is to serve belong together.

use super::Scope;
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::source::{Place, SpecPath};
use crate::spec::{self, ScalarOr};

/// Reports a service that serves nothing, or that builds a site which nobody serves.
pub(super) fn check(scope: &mut Scope<'_, '_>, name: &str, written: &spec::Service, path: &SpecPath) {
    let recipes = match &written.build {
        Some(ScalarOr::Long(build)) => build.recipes(),
        _ => Vec::new(),
    };
    // Two languages are one fault, told elsewhere.
    if recipes.len() > 1 {
        return;
    }
    let builds_site = recipes.iter().any(|(_, recipe)| recipe.language().output().is_some());
    let routing = scope.spec.routing.as_ref();
    let routed = routing
        .is_some_and(|routing| routing.edge.as_deref().is_none_or(|edge| edge == name) && !routing.hosts.is_empty());
    match (&written.serve, builds_site) {
        (Some(_), false) if !routed => {
            let finding = Finding::new(
                Code::SiteWithoutOutput,
                Place::Key(path.key("serve")),
                format!("`{name}` serves, but no route leads to it and its build leaves no site"),
                "nothing to serve",
            );
            scope.report(finding.help(format!(
                "route to it, `routing: {{edge: {name}, hosts: {{\"*\": {{routes: {{/*: {{to: SERVICE}}}}}}}}}}`, or remove `serve`"
            )));
        }
        (None, true) => {
            let finding = Finding::new(
                Code::SiteWithoutOutput,
                Place::Key(path.key("build")),
                format!("`{name}` builds a site, but nothing serves it"),
                "no `serve`",
            );
            scope.report(finding.help("add `serve: nginx:stable-alpine`"));
        }
        (Some(_), true) if !routed => {
            let finding = Finding::new(
                Code::InvalidRoute,
                Place::Key(path.key("serve")),
                format!("`{name}` serves, but no route leads to it"),
                "answers nothing",
            );
            scope.report(finding.help(format!(
                "add `routing: {{edge: {name}, hosts: {{\"*\": {{routes: {{/*: {{site: {name}}}}}}}}}}}`"
            )));
        }
        _ => {}
    }
    if let (Some(_), Some(key)) = (
        &written.serve,
        written.command.as_ref().map(|_| "command").or(written.entrypoint.as_ref().map(|_| "entrypoint")),
    ) {
        let finding = Finding::new(
            Code::InvalidValue,
            Place::Key(path.key(key)),
            format!("`{name}` runs the web server, so its `{key}` would replace that"),
            "replaces the server",
        );
        scope.report(
            finding.help(format!("remove `{key}`; a second process needs a service of its own in this version")),
        );
    }
}
