//! Health checks of a fly.toml.

use crate::artifact::toml::Section;
use crate::model::{Duration, Healthcheck, Port, Probe, Protocol, Request, Service};

/// Whether the check asks `port`.
pub fn tells_of(check: &Healthcheck, service: &Service, port: &Port) -> bool {
    check.port(service).is_some_and(|asked| asked.path == port.path)
}

/// Whether the check is a request, and not a mere connection.
pub fn is_request(check: &Healthcheck) -> bool {
    matches!(check.probe, Probe::Http(_))
}

/// Whether the check is a request to `port`: the only one that the public service can make.
pub fn is_request_to(check: &Healthcheck, service: &Service, port: &Port) -> bool {
    is_request(check) && tells_of(check, service, port)
}

/// A check of a public service, which knows the port.
pub fn of_service(check: &Healthcheck, port: &Port) -> Option<Section> {
    match &check.probe {
        Probe::Http(request) => Some(http(times(Section::new(), check), request, port)),
        Probe::Tcp(_) => Some(times(Section::new(), check)),
        Probe::Command(_) => None,
    }
}

/// A check of a machine, which says what it asks and where.
pub fn of_machine(check: &Healthcheck, port: &Port) -> Option<Section> {
    let head = |kind: &str| Section::new().entry("type", kind).entry("port", i64::from(port.number));
    match &check.probe {
        Probe::Http(request) => Some(http(times(head("http"), check), request, port)),
        Probe::Tcp(_) => Some(times(head("tcp"), check)),
        Probe::Command(_) => None,
    }
}

fn http(section: Section, request: &Request, port: &Port) -> Section {
    let secure = (port.protocol == Protocol::Https).then_some(true);
    let section = section.entry("method", request.method.as_str()).entry("path", request.path.as_str());
    let section = section.optional("protocol", secure.map(|_| "https")).optional("tls_skip_verify", secure);
    let headers: Section = request.headers.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    if headers.is_empty() { section } else { section.table("headers", headers) }
}

/// Fly takes 1s to 1m, and asks every 2s at most.
fn times(section: Section, check: &Healthcheck) -> Section {
    let bounded = |duration: Duration| duration.0.clamp(1000, 60_000);
    let print = |milliseconds: u64| Duration(milliseconds).to_string();
    section
        .entry("grace_period", print(bounded(check.start_period)))
        .entry("interval", print(bounded(check.interval).max(2000)))
        .entry("timeout", print(bounded(check.timeout)))
}
