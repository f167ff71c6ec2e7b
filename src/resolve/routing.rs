//! Routes.

use super::Scope;
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::model::{Action, Route, RouteTable};
use crate::source::{Place, SpecPath};
use crate::spec;

pub(super) fn resolve(scope: &mut Scope<'_, '_>) -> Option<RouteTable> {
    let routing = scope.spec.routing.as_ref()?;
    let path = SpecPath::root().key("routing");
    let edge = edge(scope, routing, &path)?;
    let mut routes = Vec::new();
    for (host, written) in &routing.hosts {
        let path = path.key("hosts").key(host).key("routes");
        for (pattern, route) in &written.routes {
            routes.extend(self::route(scope, &edge, pattern, route, &path.key(pattern)));
        }
    }
    Some(RouteTable { edge, path, routes })
}

fn edge(scope: &mut Scope<'_, '_>, routing: &spec::Routing, path: &SpecPath) -> Option<String> {
    let serving: Vec<&String> =
        scope.spec.services.iter().filter(|(_, service)| service.serve.is_some()).map(|(name, _)| name).collect();
    let name = match (&routing.edge, serving.as_slice()) {
        (Some(edge), _) => {
            if !scope.knows_service(edge, Place::Value(path.key("edge"))) {
                return None;
            }
            edge.clone()
        }
        (None, [only]) => (*only).clone(),
        (None, _) => {
            let finding = Finding::new(
                Code::InvalidRoute,
                Place::Key(path.clone()),
                "no service carries these routes",
                "needs `edge`",
            );
            scope.report(finding.help(
                "name the service with `serve` as `edge`; in this version that is one whose build puts out a site",
            ));
            return None;
        }
    };
    if scope.spec.services[&name].serve.is_none() {
        let finding = Finding::new(
            Code::InvalidRoute,
            Place::Value(path.key("edge")),
            format!("the service `{name}` serves nothing"),
            "has no `serve`",
        );
        let finding = finding.related(Place::Key(SpecPath::root().key("services").key(&name)), "this service");
        scope.report(
            finding.help(format!("give it a web server: `services: {{{name}: {{serve: \"nginx:stable-alpine\"}}}}`")),
        );
        return None;
    }
    Some(name)
}

fn route(
    scope: &mut Scope<'_, '_>,
    edge: &str,
    pattern: &str,
    written: &spec::Route,
    path: &SpecPath,
) -> Option<Route> {
    let (prefix, wildcard) = match pattern.strip_suffix('*') {
        Some(prefix) => (prefix.to_owned(), true),
        None => (pattern.to_owned(), false),
    };
    let action = match (&written.to, &written.site) {
        (Some(to), None) => proxy(scope, to, path)?,
        (None, Some(site)) => self::site(scope, edge, site, written.spa.unwrap_or(false), path)?,
        (to, _) => {
            let number = if to.is_some() { "two actions" } else { "no action" };
            let message = format!("the route `{pattern}` has {number}");
            let finding = Finding::new(Code::InvalidRoute, Place::Key(path.clone()), message, "needs one action");
            scope.report(finding.help("write `{to: SERVICE}` or `{site: SERVICE}`"));
            return None;
        }
    };
    if written.spa.is_some() && written.site.is_none() {
        let finding =
            Finding::new(Code::InvalidRoute, Place::Key(path.key("spa")), "`spa` belongs to a `site`", "no site here");
        scope.report(finding.help("remove it, or serve a `site`"));
    }
    Some(Route { prefix, wildcard, action, path: path.clone() })
}

fn proxy(scope: &mut Scope<'_, '_>, to: &str, path: &SpecPath) -> Option<Action> {
    let place = Place::Value(path.key("to"));
    let (service, port) = match to.split_once(':') {
        Some((service, port)) => (service, Some(port)),
        None => (to, None),
    };
    if !scope.knows_service(service, place.clone()) {
        return None;
    }
    if let Some(port) = port
        && !scope.knows_port(service, port, place.clone())
    {
        return None;
    }
    let ports = &scope.spec.services[service].ports;
    if port.is_none() && !ports.contains_key("http") && ports.len() != 1 {
        let finding = Finding::new(
            Code::NoPort,
            place,
            format!("which port of `{service}` is meant is not clear"),
            "no main port",
        );
        let first = ports.keys().next().map_or("http", String::as_str);
        scope.report(finding.help(format!("name it: `to: {service}:{first}`, or declare `ports: {{http: 3000}}`")));
        return None;
    }
    Some(Action::Proxy { service: service.to_owned(), port: port.map(str::to_owned) })
}

fn site(scope: &mut Scope<'_, '_>, edge: &str, site: &str, spa: bool, path: &SpecPath) -> Option<Action> {
    let place = Place::Value(path.key("site"));
    if !scope.knows_service(site, place.clone()) {
        return None;
    }
    if site != edge {
        let finding = Finding::new(
            Code::InvalidRoute,
            place,
            format!("`{edge}` carries the routes, but `{site}` builds the site"),
            "lies in another image",
        );
        scope.report(finding.help(format!(
            "in this version a site is served by the service that builds it: write `edge: {site}`, or `to: {site}`"
        )));
        return None;
    }
    let build = match &scope.spec.services[site].build {
        Some(spec::ScalarOr::Long(build)) => build.recipes(),
        _ => Vec::new(),
    };
    if !build.iter().any(|(_, recipe)| recipe.language().output().is_some()) {
        let finding = Finding::new(
            Code::SiteWithoutOutput,
            place,
            format!("the service `{site}` builds no site"),
            "puts nothing out",
        );
        let finding = finding.related(Place::Key(SpecPath::root().key("services").key(site)), "this service");
        scope.report(finding.help("give its build an output, such as `node: {script: build, output: dist, …}`"));
        return None;
    }
    Some(Action::Site { service: site.to_owned(), spa })
}
