//! What belongs to an app of Fly and its deployment: which app stands before which, which job is whose, and the secrets that are handed over.
//! Shared by the script that deploys and the workflow that calls it.

use super::routes;
use crate::model::{
    Action, Addressing, App, AppSecret, Environment, Flat, HostName, Job, Piece, Probe, Program, Reference, Service,
    Text, Upstream,
};

/// The apps so that each stands after those whose services its own wait for or reach, otherwise in the order written.
pub fn in_order(environment: &Environment) -> Vec<App<'_>> {
    let mut rest = environment.apps();
    let mut ordered: Vec<App<'_>> = Vec::new();
    while !rest.is_empty() {
        let ready = rest.iter().position(|app| !rest.iter().any(|other| needs(app, other)));
        // In a circle nobody can be last.
        ordered.push(rest.remove(ready.unwrap_or(0)));
    }
    ordered
}

/// Whether a service of `app` waits for one of `other`, or reaches it.
pub fn needs(app: &App<'_>, other: &App<'_>) -> bool {
    other.name != app.name
        && app.services.iter().any(|service| other.services.iter().any(|of| waits_for(service, &of.name)))
}

fn waits_for(service: &Service, other: &str) -> bool {
    let reaches = |text: &Text| {
        text.walk().into_iter().any(|piece| {
            matches!(piece, Piece::Reference(Reference::Host(name) | Reference::Address(name)) if name == other)
        })
    };
    service.depends_on.iter().any(|dependency| dependency.service == other) || service.texts().any(reaches)
}

/// The app that a job belongs to: the one that runs its image, else the first that it names, else the first of all.
pub fn of_job<'e>(environment: &'e Environment, job: &Job) -> Option<App<'e>> {
    let apps = environment.apps();
    let runs = |app: &&App<'_>| app.services.iter().any(|service| service.source.is_same(&job.service.source));
    let named: Vec<&str> = job
        .service
        .texts()
        .flat_map(|text| text.walk())
        .filter_map(|piece| if let Piece::Reference(reference) = piece { reference.service() } else { None })
        .collect();
    let names = |app: &&App<'_>| app.services.iter().any(|service| named.contains(&service.name.as_str()));
    apps.iter().find(runs).or_else(|| apps.iter().find(names)).or_else(|| apps.first()).cloned()
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
    let own = |job: &&Job| of_job(environment, job).is_some_and(|of| of.name == app.name);
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
/// routes. None where its server knows hosts by other names than Fly's own.
pub fn probes(environment: &Environment, app: &App<'_>) -> Vec<String> {
    let table = environment.stack.routes.as_ref();
    let table = table.filter(|table| app.services.iter().any(|service| service.name == table.edge));
    let mut hosts = table.iter().flat_map(|table| &table.hosts);
    let Some((service, port)) = app.public().filter(|_| hosts.all(|host| matches!(host.name, HostName::Any))) else {
        return Vec::new();
    };
    let own = health(service).filter(|_| {
        let check = service.healthcheck.as_ref().and_then(|check| check.port(service));
        check.is_some_and(|check| check.path == port.path)
    });
    let routes = table.iter().flat_map(|table| &table.hosts).flat_map(|host| &host.routes);
    let behind = routes.filter(|route| !route.wildcard && route.auth.is_none()).filter_map(|route| {
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
    paths.iter().map(|path| format!("https://{}.fly.dev{path}", app.name)).collect()
}

/// The path that the health check of `service` asks for, if anybody could ask for it.
fn health(service: &Service) -> Option<&str> {
    let Probe::Http(request) = &service.healthcheck.as_ref()?.probe else { return None };
    (request.method == "GET" && request.headers.is_empty()).then_some(request.path.as_str())
}
