//! What belongs to an app of Fly and its deployment: which app stands before which, and the secrets that are handed over.
//! Shared by the script that deploys and the workflow that calls it.

use std::collections::{HashMap, HashSet};

use super::routes;
use crate::model::{
    Action, Addressing, App, AppSecret, Environment, Flat, Job, Piece, Probe, Program, Reference, Route, Service, Text,
    Upstream,
};

/// The apps so that each stands after those whose services its own wait for or reach, otherwise in the order written.
pub fn in_order(environment: &Environment) -> Vec<App<'_>> {
    let mut rest: Vec<(App<'_>, HashSet<&str>)> =
        environment.apps().into_iter().map(|app| (app, HashSet::new())).collect();
    let of: HashMap<&str, &str> =
        rest.iter().flat_map(|(app, _)| app.services.iter().map(|service| (service.name.as_str(), app.name))).collect();
    for (app, needed) in &mut rest {
        needed
            .extend(named(environment, app).iter().filter_map(|name| of.get(name)).filter(|other| **other != app.name));
    }
    let mut ordered: Vec<App<'_>> = Vec::new();
    while !rest.is_empty() {
        let ready = rest.iter().position(|(_, needed)| needed.is_empty());
        // In a circle nobody can be last.
        let (app, _) = rest.remove(ready.unwrap_or(0));
        rest.iter_mut().for_each(|(_, needed)| needed.retain(|other| *other != app.name));
        ordered.push(app);
    }
    ordered
}

/// Whether a service of `app` waits for one of `other`, or reaches it.
pub fn needs(environment: &Environment, app: &App<'_>, other: &App<'_>) -> bool {
    let named = named(environment, app);
    other.name != app.name && other.services.iter().any(|of| named.contains(of.name.as_str()))
}

/// The services that those of `app` wait for or reach, by a route as well.
fn named<'e>(environment: &'e Environment, app: &App<'e>) -> HashSet<&'e str> {
    let reached = |piece: &'e Piece| match piece {
        Piece::Reference(Reference::Host(name) | Reference::Address(name)) => Some(name.as_str()),
        _ => None,
    };
    let waits = |service: &'e Service| {
        let texts = service.texts().flat_map(|text| text.walk()).filter_map(reached);
        texts.chain(service.depends_on.iter().map(|dependency| dependency.service.as_str()))
    };
    let table = environment.stack.routes.as_ref();
    let table = table.filter(|table| app.services.iter().any(|service| service.name == table.edge));
    let routed = table.into_iter().flat_map(|table| table.upstreams()).filter_map(|upstream| match upstream {
        Upstream::Service { service, .. } => Some(service.as_str()),
        _ => None,
    });
    app.services.iter().copied().flat_map(waits).chain(routed).collect()
}

/// The secrets of the app on Fly: those of its services, of the routes that it serves, and of its jobs.
pub fn secrets(program: &Program, environment: &Environment, app: &App<'_>) -> Vec<AppSecret> {
    let addressing = Addressing::new(environment);
    let mut all = app.secrets(environment);
    let declared = &environment.stack.secrets;
    let mut add = |name: &str, value: Vec<Flat>| {
        let required = of(&value).any(|name| declared.get(name).is_none_or(|secret| secret.required));
        if !all.iter().any(|known| known.name == name) {
            all.push(AppSecret { name: name.to_owned(), value, required, encoded: false });
        }
    };
    for service in &app.services {
        for (name, value) in routes::settings(program, environment, service) {
            if value.iter().any(Flat::is_secret) {
                add(&name, value);
            }
        }
    }
    let own = |job: &&Job| environment.app_of_job(job).is_some_and(|of| of.name == app.name);
    for job in environment.stack.jobs.values().filter(own) {
        for (name, value) in job.service.env.iter().filter(|(_, value)| !value.secrets().is_empty()) {
            add(name, addressing.known(value));
        }
        // What its words hold it reads from its app, under the secret's own name.
        for name in job.service.command.iter().chain(&job.service.entrypoint).flatten().flat_map(Text::secrets) {
            add(name, vec![Flat::Secret(name.to_owned())]);
        }
    }
    all
}

/// The secrets of the stack that a value holds.
pub fn of(value: &[Flat]) -> impl Iterator<Item = &str> {
    value.iter().filter_map(|piece| if let Flat::Secret(name) = piece { Some(name.as_str()) } else { None })
}

/// The secrets with which the image of the app is built.
pub fn build_secrets<'e>(environment: &'e Environment, app: &App<'_>) -> Vec<&'e str> {
    let image = environment.stack.image_of(app.first());
    image.iter().flat_map(|image| image.secrets.iter().map(String::as_str)).collect()
}

/// The addresses that have to answer after a deployment: what the app's own health check asks, and the health of the services behind its
/// routes. Where its server knows hosts by other names than Fly's own, the first of them is asked.
pub fn probes(environment: &Environment, app: &App<'_>) -> Vec<String> {
    let table = environment.stack.routes.as_ref();
    let table = table.filter(|table| app.services.iter().any(|service| service.name == table.edge));
    let Some((service, port)) = app.public() else { return Vec::new() };
    let named = table.iter().flat_map(|table| &table.hosts).filter(|host| host.port.is_none());
    let named = named.into_iter().find_map(|host| Some((host, host.name.text()?)));
    let asked = named.map(|(host, _)| host);
    let name = match named {
        Some((_, name)) => Flat::known(&Addressing::new(environment).known(name)),
        None => format!("{}.fly.dev", app.name),
    };
    let routes = || match asked {
        Some(host) => host.routes.iter().collect::<Vec<_>>(),
        None => table.iter().flat_map(|table| &table.hosts).flat_map(|host| &host.routes).collect(),
    };
    let own = health(service).filter(|path| {
        let check = service.healthcheck.as_ref().and_then(|check| check.port(service));
        check.is_some_and(|check| check.path == port.path) && (asked.is_none() || open_to_all(&routes(), path))
    });
    let behind = routes().into_iter().filter(|route| !route.wildcard && is_open(route)).filter_map(|route| {
        let Action::Proxy(proxy) = &route.action else { return None };
        let Upstream::Service { service, .. } = &proxy.upstream else { return None };
        health(environment.stack.services.get(service)?).filter(|path| *path == route.prefix)
    });
    let mut paths: Vec<&str> = own.into_iter().chain(behind).collect();
    let mut seen: Vec<&str> = Vec::new();
    paths.retain(|path| {
        !seen.contains(path) && {
            seen.push(path);
            true
        }
    });
    paths.iter().map(|path| format!("https://{name}{path}")).collect()
}

/// Whether anybody gets the answer of the route, with a request that says nothing but its path.
fn is_open(route: &Route) -> bool {
    let methods = route.methods.is_empty() || route.methods.iter().any(|method| method == "GET");
    route.auth.is_none() && route.allow.is_empty() && route.deny.is_empty() && methods
}

/// Whether what answers `path` is a site or a service that anybody may ask.
fn open_to_all(routes: &[&Route], path: &str) -> bool {
    let covers = |route: &&&Route| {
        if route.wildcard { path.starts_with(route.prefix.as_str()) } else { route.prefix == path }
    };
    let longest = routes.iter().filter(covers).max_by_key(|route| (!route.wildcard, route.prefix.len()));
    longest.is_some_and(|route| is_open(route) && matches!(route.action, Action::Site { .. } | Action::Proxy(_)))
}

/// The path that the health check of `service` asks for, if anybody could ask for it.
fn health(service: &Service) -> Option<&str> {
    let Probe::Http(request) = &service.healthcheck.as_ref()?.probe else { return None };
    (request.method == "GET" && request.headers.is_empty()).then_some(request.path.as_str())
}
