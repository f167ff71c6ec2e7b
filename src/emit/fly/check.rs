//! Health checks of a fly.toml.

use crate::artifact::toml::Section;
use crate::model::{Duration, Healthcheck, Port, Probe, Protocol, Request, Service};

/// Whether the check is one of the public service on `port`: a request there.
pub fn is_public(check: &Healthcheck, service: &Service, port: &Port) -> bool {
    let asked = check.port(service).is_some_and(|asked| asked.number == port.number);
    asked && matches!(check.probe, Probe::Http(_))
}

/// A check of a public service, which knows the port.
pub fn of_service(check: &Healthcheck) -> Option<Section> {
    match &check.probe {
        Probe::Http(request) => Some(http(times(Section::new(), check), request, false)),
        Probe::Tcp(_) | Probe::Command(_) => None,
    }
}

/// A check of a machine, which says what it asks and where.
pub fn of_machine(check: &Healthcheck, port: &Port) -> Option<Section> {
    let head = |kind: &str| Section::new().entry("type", kind).entry("port", i64::from(port.number));
    match &check.probe {
        Probe::Http(request) => Some(http(times(head("http"), check), request, port.protocol == Protocol::Https)),
        Probe::Tcp(_) => Some(times(head("tcp"), check)),
        Probe::Command(_) => None,
    }
}

fn http(section: Section, request: &Request, secure: bool) -> Section {
    let section = section.entry("method", request.method.as_str()).entry("path", request.path.as_str());
    let section =
        section.optional("protocol", secure.then_some("https")).optional("tls_skip_verify", secure.then_some(true));
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
