//! Health checks: defaults, and those that stackc adds because it knows what answers.

use indexmap::IndexMap;

use super::references::Position;
use super::{Scope, command, did_you_mean};
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::model::{Action, Duration, Healthcheck, HostName, Probe, Request, Service, Stack, Text};
use crate::source::{Place, SpecPath};
use crate::spec::{self, Scalar, ScalarOr};

const INTERVAL: Duration = Duration::seconds(30);
const TIMEOUT: Duration = Duration::seconds(5);
const START_PERIOD: Duration = Duration::seconds(10);
const RETRIES: u32 = 3;
/// Others wait for a datastore, so it is asked more often.
const KNOWN_INTERVAL: Duration = Duration::seconds(10);
const KNOWN_RETRIES: u32 = 5;

pub(super) fn resolve(
    scope: &mut Scope<'_, '_>,
    written: &ScalarOr<spec::Healthcheck>,
    path: &SpecPath,
    service: &str,
    owner: &spec::Service,
) -> Option<Healthcheck> {
    let long = match written {
        ScalarOr::Long(long) => long.clone(),
        ScalarOr::Short(Scalar(request)) => {
            spec::Healthcheck { http: Some(request.clone()), ..spec::Healthcheck::default() }
        }
    };
    let probe = probe(scope, &long, path, service, owner)?;
    let mut duration = |written: &Option<String>, key: &str, default: Duration| {
        scope.duration(written.as_deref(), &path.key(key)).unwrap_or(default)
    };
    Some(Healthcheck {
        probe,
        interval: duration(&long.interval, "interval", INTERVAL),
        timeout: duration(&long.timeout, "timeout", TIMEOUT),
        retries: long.retries.unwrap_or(RETRIES),
        start_period: duration(&long.start_period, "start_period", START_PERIOD),
        start_interval: scope.duration(long.start_interval.as_deref(), &path.key("start_interval")),
        path: path.clone(),
    })
}

/// The one thing that a check tries.
fn probe(
    scope: &mut Scope<'_, '_>,
    long: &spec::Healthcheck,
    path: &SpecPath,
    service: &str,
    owner: &spec::Service,
) -> Option<Probe> {
    belongs_to_requests(scope, long, path);
    let whole = Place::Value(path.clone());
    let mut known =
        |port: &str, key: &str| owner.ports.contains_key(port) || unknown_port(scope, port, &path.key(key), owner);
    match (&long.http, &long.tcp, &long.command) {
        (Some(request), None, None) if is_request(request) => {
            let known = long.port.as_ref().is_none_or(|port| known(port, "port"));
            known.then(|| Probe::Http(self::request(scope, long, request, path)))
        }
        (None, Some(port), None) => known(port, "tcp").then(|| Probe::Tcp(port.clone())),
        (None, None, Some(line)) => Some(Probe::Command(command::resolve(scope, line, &path.key("command"), service))),
        (Some(request), None, None) => {
            let message = format!("`{request}` is not the path of a request");
            let finding = Finding::new(Code::InvalidValue, whole, message, "not a path");
            scope.report(finding.help("write a path such as `/health`, or `{command: […]}`"));
            None
        }
        _ => {
            let finding = Finding::new(Code::InvalidValue, whole, "a health check tries one thing", "none, or two");
            let said =
                [("http", long.http.is_some()), ("tcp", long.tcp.is_some()), ("command", long.command.is_some())];
            let base = scope.environment.and_then(|(_, base)| base.services.get(service)?.healthcheck.as_ref());
            let before = base.and_then(|base| {
                let spec::ScalarOr::Long(base) = base else { return None };
                let had =
                    [("http", base.http.is_some()), ("tcp", base.tcp.is_some()), ("command", base.command.is_some())];
                had.into_iter().find(|(_, had)| *had).map(|(key, _)| key)
            });
            let twice = said.iter().filter(|(_, said)| *said).count() > 1;
            let help = match before.filter(|_| twice) {
                Some(key) => format!("the base's is merged with this one: write `{key}: null` beside it"),
                None => "write `healthcheck: /health`, `{tcp: PORT}`, or `{command: [pg_isready]}`".to_owned(),
            };
            scope.report(finding.help(help));
            None
        }
    }
}

/// Reports keys of a request beside something that is none.
fn belongs_to_requests(scope: &mut Scope<'_, '_>, long: &spec::Healthcheck, path: &SpecPath) {
    let keys =
        [("port", long.port.is_some()), ("method", long.method.is_some()), ("headers", !long.headers.is_empty())];
    for (key, _) in keys.iter().filter(|(_, said)| *said && long.http.is_none()) {
        let message = format!("`{key}` belongs to an `http` check");
        let finding = Finding::new(Code::InvalidValue, Place::Key(path.key(*key)), message, "no request here");
        scope.report(finding.help(format!("remove `{key}`, or write `http: /health`")));
    }
}

fn request(scope: &mut Scope<'_, '_>, long: &spec::Healthcheck, path: &str, at: &SpecPath) -> Request {
    let mut headers = IndexMap::new();
    for (name, value) in &long.headers {
        let at = at.key("headers").key(name);
        match scope.text(&value.0, Position::public(&at, None)).as_literal().filter(|text| is_header(text)) {
            Some(text) => headers.extend([(name.clone(), text)]),
            None => {
                let message = format!("the header `{name}` of a health check is plain text");
                let finding = Finding::new(Code::InvalidValue, Place::Value(at), message, "not plain");
                scope.report(finding.help("write it out, without references, quotes and line breaks"));
            }
        }
    }
    let method = long.method.clone().unwrap_or_else(|| "GET".to_owned());
    Request { path: path.to_owned(), port: long.port.clone(), method, headers }
}

fn is_header(text: &str) -> bool {
    text.bytes().all(|b| (b == b' ' || b.is_ascii_graphic()) && !matches!(b, b'"' | b'\'' | b'\\' | b'`' | b'$'))
}

/// Reports a port that the service does not have; always false.
fn unknown_port(scope: &mut Scope<'_, '_>, port: &str, path: &SpecPath, owner: &spec::Service) -> bool {
    let known: Vec<&str> = owner.ports.keys().map(String::as_str).collect();
    let message = format!("the service has no port `{port}`");
    let finding = Finding::new(Code::NoPort, Place::Value(path.clone()), message, "not a port of this service");
    scope.report(finding.help(did_you_mean(port, &known, "ports")));
    false
}

/// Whether `text` can stand in a request line and in a probe's URL as it is.
fn is_request(text: &str) -> bool {
    text.starts_with('/')
        && text.bytes().all(|b| {
            b.is_ascii_graphic() && !matches!(b, b'"' | b'\'' | b'\\' | b'`' | b'$' | b'<' | b'>' | b'{' | b'}')
        })
}

/// The path on which an edge itself says that it works, where no route says so.
const OWN_PATH: &str = "/healthz";

/// An edge without a check of its own gets one: a site at `/` of any host always answers `/`; where a check's request names no host that is
/// routed, or would be redirected to HTTPS, the edge itself answers.
pub(super) fn add_defaults(stack: &mut Stack) {
    let Some(table) = &stack.routes else { return };
    let Some(edge) = stack.services.get(&table.edge).filter(|edge| edge.healthcheck.is_none()) else { return };
    let Some(port) = edge.main_port() else { return };
    let site_at_root = |route: &crate::model::Route| {
        route.prefix == "/" && route.wildcard && route.auth.is_none() && matches!(route.action, Action::Site { .. })
    };
    let any = table.hosts.iter().find(|host| host.name == HostName::Any);
    let request = match any {
        _ if !table.is_answered_by_routes(port, edge) => OWN_PATH,
        Some(host) if host.routes.iter().any(site_at_root) => "/",
        _ => return,
    };
    let name = table.edge.clone();
    if let Some(service) = stack.services.get_mut(&name) {
        service.healthcheck = Some(Healthcheck {
            probe: Probe::Http(Request {
                path: request.to_owned(),
                port: None,
                method: "GET".to_owned(),
                headers: IndexMap::new(),
            }),
            interval: INTERVAL,
            timeout: TIMEOUT,
            retries: RETRIES,
            start_period: START_PERIOD,
            start_interval: None,
            path: service.path.clone(),
        });
    }
}

/// A well-known datastore that says nothing of its health is asked by its own program. Not on Fly, which runs no commands.
pub(super) fn add_known(scope: &Scope<'_, '_>, services: &mut IndexMap<String, Service>) {
    if scope.platform() == Some(spec::Platform::Fly) {
        return;
    }
    for service in services.values_mut().filter(|service| service.healthcheck.is_none()) {
        let Some(words) = service.own_probe() else { continue };
        let words = words.into_iter().map(|word| Text::literal(word, service.path.clone())).collect();
        service.healthcheck = Some(Healthcheck {
            probe: Probe::Command(words),
            interval: KNOWN_INTERVAL,
            timeout: TIMEOUT,
            retries: KNOWN_RETRIES,
            start_period: START_PERIOD,
            start_interval: None,
            path: service.path.clone(),
        });
    }
}
