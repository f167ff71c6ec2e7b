//! What belongs to an app of Fly and its deployment: which app stands before which, and the secrets that are handed over.
//! Shared by the script that deploys and the workflow that calls it.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use super::routes;
use crate::model::{
    Action, Addressing, App, AppSecret, Environment, Flat, Host, HostName, Job, Piece, Probe, Program, Reference,
    Route, RouteTable, Service, Text, Upstream,
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
        Piece::Reference(_) | Piece::Literal(_) | Piece::Variable(_) | Piece::Secret(_) => None,
    };
    let waits = |service: &'e Service| {
        let texts = service.texts().flat_map(|text| text.walk()).filter_map(reached);
        texts.chain(service.depends_on.iter().map(|dependency| dependency.service.as_str()))
    };
    let upstreams = table_of(environment, app).into_iter().flat_map(|table| table.upstreams());
    let routed = upstreams.filter_map(|upstream| match upstream {
        Upstream::Service { service, .. } => Some(service.as_str()),
        Upstream::Url(_) => None,
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

/// The routes that the app carries.
fn table_of<'e>(environment: &'e Environment, app: &App<'_>) -> Option<&'e RouteTable> {
    let table = environment.stack.routes.as_ref();
    table.filter(|table| app.services.iter().any(|service| service.name == table.edge))
}

/// The hosts that the outside asks the app for, each with the address of its name; none is any name.
fn hosts<'e>(environment: &'e Environment, app: &App<'_>) -> impl Iterator<Item = (&'e Host, Option<String>)> {
    let hosts = table_of(environment, app).into_iter().flat_map(|table| &table.hosts);
    let url = |name| https(environment, name);
    hosts.filter(|host| host.port.is_none()).map(move |host| (host, host.name.text().map(url)))
}

fn https(environment: &Environment, name: &Text) -> String {
    format!("https://{}", Flat::known(&Addressing::new(environment).known(name)))
}

/// The name that Fly itself gives an app.
fn fly_url(app: &App<'_>) -> String {
    format!("https://{}.fly.dev", app.name)
}

/// Where the outside finds the app, if it does: at the first host of its routes, else by the name that Fly gives it.
pub fn public_url(environment: &Environment, app: &App<'_>) -> Option<String> {
    app.public()?;
    Some(hosts(environment, app).find_map(|(_, url)| url).unwrap_or_else(|| fly_url(app)))
}

/// What is asked after a deployment.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// The address.
    pub url: String,
    /// Where it has to lead; none has to answer itself.
    pub to: Option<String>,
}

/// The addresses that have to answer after a deployment. What the app's own health check asks is asked by Fly's name, as Fly asks it: without the
/// name of a host. What lies behind its routes is asked by each of its hosts, and their other names have to lead there.
pub fn probes(environment: &Environment, app: &App<'_>) -> Vec<Asked> {
    let Some((service, port)) = app.public() else { return Vec::new() };
    let any = hosts(environment, app).map(|(host, _)| host).find(|host| host.name == HostName::Any);
    let own = health(service).filter(|path| {
        let check = service.healthcheck.as_ref().and_then(|check| check.port(service));
        let answered = any.is_none_or(|any| open_to_all(&any.routes, path));
        check.is_some_and(|check| check.path == port.path) && answered
    });
    let mut all: Vec<Asked> = Vec::new();
    let mut add = |url: String, to: Option<String>| {
        if all.iter().all(|known| known.url != url) {
            all.push(Asked { url, to });
        }
    };
    if let Some(path) = own {
        add(format!("{}{path}", fly_url(app)), None);
    }
    for (host, url) in hosts(environment, app) {
        let url = url.unwrap_or_else(|| fly_url(app));
        for path in host.routes.iter().filter_map(|route| healthy_path(environment, host, route)) {
            add(format!("{url}{path}"), None);
        }
        for alias in &host.aliases {
            add(format!("{}/", https(environment, alias)), Some(format!("{url}/")));
        }
    }
    all
}

/// A path that a route answers well if what is behind it works: its application's page, or the health of its service.
fn healthy_path(environment: &Environment, host: &Host, route: &Route) -> Option<String> {
    let path = match &route.action {
        Action::Site { spa: true, .. } => route.prefix.clone(),
        Action::Proxy(proxy) => {
            let Upstream::Service { service, port, .. } = &proxy.upstream else { return None };
            let service = environment.stack.services.get(service)?;
            let routed = port.as_ref().map_or_else(|| service.main_port(), |port| service.ports.get(port))?;
            let checked = service.healthcheck.as_ref()?.port(service)?;
            let path = health(service).filter(|_| checked.path == routed.path)?;
            let before = if proxy.strip_prefix { route.prefix.trim_end_matches('/') } else { "" };
            format!("{before}{path}")
        }
        Action::Site { .. } | Action::Files { .. } | Action::Redirect { .. } | Action::Respond { .. } => return None,
    };
    let asked = path.split(['?', '#']).next().unwrap_or(&path);
    let answers = answering(&host.routes, asked).is_some_and(|answers| std::ptr::eq(answers, route));
    (answers && is_open(route)).then_some(path)
}

/// Whether anybody gets the answer of the route, with a request that says nothing but its path.
fn is_open(route: &Route) -> bool {
    let methods = route.methods.is_empty() || route.methods.iter().any(|method| method == "GET");
    route.auth.is_none() && route.allow.is_empty() && route.deny.is_empty() && methods
}

/// The route that answers `path`.
fn answering<'r>(routes: &'r [Route], path: &str) -> Option<&'r Route> {
    let covers = |route: &&Route| {
        if route.wildcard { path.starts_with(route.prefix.as_str()) } else { route.prefix == path }
    };
    routes.iter().filter(covers).max_by_key(|route| (!route.wildcard, route.prefix.len()))
}

/// Whether what answers `path` is a site or a service that anybody may ask.
fn open_to_all(routes: &[Route], path: &str) -> bool {
    let answers = answering(routes, path);
    answers.is_some_and(|route| is_open(route) && matches!(route.action, Action::Site { .. } | Action::Proxy(_)))
}

/// The path that the health check of `service` asks for, if anybody could ask for it.
fn health(service: &Service) -> Option<&str> {
    let Probe::Http(request) = &service.healthcheck.as_ref()?.probe else { return None };
    (request.method == "GET" && request.headers.is_empty()).then_some(request.path.as_str())
}
