//! What of an app the outside reaches: `[http_service]` and `[[services]]`.

use super::{File, check};
use crate::artifact::toml::{self, Section};
use crate::model::{Concurrency, ConcurrencyType, Flat, Idle, Port, Protocol, Scale, Service};

/// The soft limit of a service that says none.
const USUAL_SOFT_LIMIT: u32 = 20;

impl File<'_> {
    /// The public service, which Fly's proxy answers on 80 and 443.
    pub(super) fn http_service(&self) -> Option<Section> {
        let (service, port) = self.app.public()?;
        let section = Section::new().entry("internal_port", i64::from(port.number)).entry("force_https", true);
        let section = self.grouped(machines(section, service.scale), service);
        let section = match service.scale.concurrency {
            Some(limits) => section.table("concurrency", concurrency(limits, ConcurrencyType::Requests)),
            None => section,
        };
        let grpc = port.protocol == Protocol::Grpc;
        let section = if grpc { section.table("http_options", h2()) } else { section };
        let check = service.healthcheck.as_ref().filter(|check| check::is_request_to(check, service, port));
        Some(section.tables("checks", check.and_then(|check| check::of_service(check, port))))
    }

    /// The other published ports, each on the number that it is published on.
    pub(super) fn services(&self) -> Vec<Section> {
        self.app.further().into_iter().map(|(service, port)| self.service(service, port)).collect()
    }

    fn service(&self, service: &Service, port: &Port) -> Section {
        let datagrams = port.protocol == Protocol::Udp;
        let section = Section::new()
            .entry("protocol", if datagrams { "udp" } else { "tcp" })
            .entry("internal_port", i64::from(port.number));
        // Datagrams do not pass the proxy that starts and stops machines.
        let section = if datagrams { section } else { machines(section, service.scale) };
        let section = self.grouped(section, service).tables("ports", [self.external(port)]);
        let web = matches!(port.protocol, Protocol::Http | Protocol::Grpc);
        let counted = if web { ConcurrencyType::Requests } else { ConcurrencyType::Connections };
        let section = match service.scale.concurrency.filter(|_| !datagrams) {
            Some(limits) => section.table("concurrency", concurrency(limits, counted)),
            None => section,
        };
        let check = service.healthcheck.as_ref().filter(|check| check::tells_of(check, service, port));
        let kind = if check.is_some_and(check::is_request) { "http_checks" } else { "tcp_checks" };
        section.tables(kind, check.and_then(|check| check::of_service(check, port)))
    }

    /// The number that the outside asks, and what Fly's proxy does with what comes in there.
    fn external(&self, port: &Port) -> Section {
        let number = port.publish.as_ref().map(|publish| Flat::known(&self.addressing.known(&publish.port)));
        let number = number.and_then(|number| number.parse().ok()).unwrap_or(port.number);
        let section = Section::new().entry("port", i64::from(number));
        let handlers: &[&str] = match port.protocol {
            Protocol::Http if number == 80 => &["http"],
            Protocol::Http | Protocol::Grpc => &["tls", "http"],
            // Passed on as it comes: whoever listens there ends TLS itself, if there is any.
            Protocol::Https | Protocol::Tcp | Protocol::Udp => &[],
        };
        if handlers.is_empty() {
            return section;
        }
        let section = section.entry("handlers", toml::list(handlers.iter().copied()));
        if port.protocol == Protocol::Grpc { section.table("http_options", h2()) } else { section }
    }
}

/// HTTP/2 to the service as well, which gRPC needs.
fn h2() -> Section {
    Section::new().entry("h2_backend", true)
}

fn machines(section: Section, scale: Scale) -> Section {
    let idle = match scale.idle {
        Idle::Keep => "off",
        Idle::Stop => "stop",
        Idle::Suspend => "suspend",
    };
    section
        .entry("auto_stop_machines", idle)
        .entry("auto_start_machines", true)
        .entry("min_machines_running", i64::from(scale.min))
}

fn concurrency(limits: Concurrency, usual: ConcurrencyType) -> Section {
    let kind = match limits.kind.unwrap_or(usual) {
        ConcurrencyType::Connections => "connections",
        ConcurrencyType::Requests => "requests",
    };
    // Fly's own soft limit, which may not be above the hard one.
    let soft = limits.soft.or(limits.hard.filter(|hard| *hard < USUAL_SOFT_LIMIT));
    Section::new()
        .entry("type", kind)
        .optional("soft_limit", soft.map(i64::from))
        .optional("hard_limit", limits.hard.map(i64::from))
}
