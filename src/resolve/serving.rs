//! `serve` and what there is to serve belong together.

use super::Scope;
use super::pinned::is_pinned;
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
    if let Some(server) = &written.serve {
        let example = "`serve: nginx:stable-alpine` or `serve: caddy:2-alpine`";
        is_pinned(scope, server, &path.key("serve"), Some(example));
        beside(scope, name, written, server, builds_site, path);
    }
}

/// What a service runs beside its web server. Caddy is one file, which the image of another program can hold as well; nginx is not.
fn beside(
    scope: &mut Scope<'_, '_>,
    name: &str,
    written: &spec::Service,
    server: &str,
    builds_site: bool,
    path: &SpecPath,
) {
    let caddy = super::supervise::beside_server(written);
    let several = !written.supervise.is_empty();
    let said = [
        ("supervise", several && (!caddy || builds_site)),
        ("command", written.command.is_some() && !several && (!caddy || builds_site)),
        ("entrypoint", written.entrypoint.is_some() && !several),
    ];
    for (key, _) in said.into_iter().filter(|(_, said)| *said) {
        let message = format!("`{name}` runs the web server of {server}, so its `{key}` would replace that");
        let finding = Finding::new(Code::InvalidValue, Place::Key(path.key(key)), message, "replaces the server");
        let finding = finding.related(Place::Key(path.key("serve")), "the web server");
        let help = match key {
            _ if builds_site => format!("remove `{key}`: the site is all that there is to run here"),
            "entrypoint" => "remove `entrypoint`, or say all of it in `command`".to_owned(),
            _ => "write `serve: caddy:2-alpine`, which is copied into this image; or serve in a service of its own, `edge: {serve: …}`".to_owned(),
        };
        scope.report(finding.help(help));
    }
}
