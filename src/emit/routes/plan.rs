//! What a table amounts to, server by server: who is asked on which port, and what is answered there. The same for each kind of web server.

use super::Carrier;
use crate::model::{
    Addressing, Fill, Flat, Host, HostName, Platform, Port, Probe, Protocol, Route, RouteTable, Text, Tls, fills,
};

/// Those that are asked for by one name on one port.
pub struct Site<'p> {
    /// The port in the container.
    pub port: &'p Port,
    /// Whether TLS is spoken on it.
    pub secure: bool,
    /// Its host; none for unknown ones.
    pub host: Option<&'p Host>,
    /// What it does.
    pub does: Does<'p>,
}

/// What a site does.
pub enum Does<'p> {
    /// Says that the host is unknown.
    Refuse,
    /// Answers the routes of its host.
    Answer(Vec<&'p Route>),
    /// Sends clients to HTTPS, but for some routes.
    Upgrade(Vec<&'p Route>),
    /// Sends clients of another name to the host's own.
    Alias(&'p Text),
}

impl<'p> Carrier<'p> {
    /// All sites, port by port, the host that is answered where none is known first.
    pub fn sites(&self) -> Vec<Site<'p>> {
        let table = self.table;
        let mut sites = Vec::new();
        for port in table.ports(self.edge) {
            let secure = table.is_secure(port);
            let site = |host, does| Site { port, secure, host, does };
            let plain = table.plain_port(self.edge).is_some_and(|plain| plain.number == port.number);
            let asked = |host: &&Host| table.port_of(host, self.edge).is_some_and(|asked| asked.number == port.number);
            // Hosts that are asked on the port for HTTPS are sent there from the plain one.
            let sent = |host: &&Host| plain && host.port.is_none();
            let hosts = || table.hosts.iter().filter(|host| asked(host) || sent(host));
            let any = hosts().any(|host| host.name == HostName::Any);
            if !any {
                sites.push(site(None, Does::Refuse));
            }
            let mut ordered: Vec<&Host> = hosts().collect();
            ordered.sort_by_key(|host| host.name != HostName::Any);
            for host in ordered {
                let does = if asked(&host) {
                    Does::Answer(by_precedence(host.routes.iter()))
                } else {
                    Does::Upgrade(by_precedence(host.routes.iter().filter(|route| route.http)))
                };
                sites.push(site(Some(host), does));
                sites.extend(host.aliases.iter().map(|alias| site(Some(host), Does::Alias(alias))));
            }
        }
        sites
    }

    /// The path on which the edge itself says that it works, where `site` is the one that a check without a host name reaches.
    pub fn own_health(&self, site: &Site<'_>) -> Option<&'p str> {
        let checked = self.edge.main_port().is_some_and(|main| main.number == site.port.number);
        let Some(Probe::Http(request)) = self.edge.healthcheck.as_ref().map(|check| &check.probe) else { return None };
        let reached = match site.does {
            Does::Refuse => true,
            Does::Upgrade(_) => site.host.is_some_and(|host| host.name == HostName::Any),
            Does::Answer(_) | Does::Alias(_) => false,
        };
        let path = request.path.split(['?', '#']).next().unwrap_or(&request.path);
        (checked && reached && request.port.is_none()).then_some(path)
    }

    /// Where clients are sent for `host`, as far as is said: scheme and host with its port. The scheme is open where nobody said who ends TLS.
    pub fn origin(&self, host: &'p Host) -> (Option<&'static str>, Vec<Fill>) {
        let port = self.table.port_of(host, self.edge);
        let secure = port.is_some_and(|port| self.table.is_secure(port));
        let scheme = match &self.table.tls {
            _ if secure => Some("https"),
            Tls::Platform => Some("https"),
            Tls::None => Some("http"),
            Tls::Unsaid | Tls::Certbot { .. } | Tls::Acme { .. } | Tls::Files { .. } => None,
        };
        let mut authority = self.program.host_fills(host);
        authority.extend(self.public_port(host, port, secure));
        (scheme, authority)
    }

    /// The port that clients name, with its colon; nothing where it is the usual one.
    pub fn public_port(&self, host: &Host, port: Option<&Port>, secure: bool) -> Vec<Fill> {
        let usual = if secure { "443" } else { "80" };
        let platform = self.environment.map(|environment| &environment.platform);
        // What stands in front of the edge listens on ports of its own.
        let behind = matches!(platform, Some(Platform::Fly { .. })) || self.table.tls == Tls::Platform;
        let number =
            match port.and_then(|port| port.publish.as_ref()).filter(|_| !behind && (secure || platform.is_some())) {
                Some(publish) => self.printed(&publish.port),
                None => host.port.map(|port| vec![Fill::Literal(port.to_string())]).unwrap_or_default(),
            };
        if number.is_empty() || number == [Fill::Literal(usual.to_owned())] {
            return Vec::new();
        }
        std::iter::once(Fill::Literal(":".to_owned())).chain(number).collect()
    }

    /// A text of the environment without references, where it has no variable; else nothing, and the usual port is taken.
    fn printed(&self, text: &Text) -> Vec<Fill> {
        let resolved = self.environment.and_then(|environment| Addressing::new(environment).resolve(text).ok());
        match resolved.as_deref() {
            Some([Flat::Literal(number)]) => vec![Fill::Literal(number.clone())],
            _ => text.as_literal().map(|_| fills(text)).unwrap_or_default(),
        }
    }
}

/// Longest first, as they are tried.
fn by_precedence<'p>(routes: impl Iterator<Item = &'p Route>) -> Vec<&'p Route> {
    let mut routes: Vec<&Route> = routes.collect();
    routes.sort_by(|a, b| {
        b.prefix.len().cmp(&a.prefix.len()).then_with(|| a.prefix.cmp(&b.prefix)).then(a.wildcard.cmp(&b.wildcard))
    });
    routes
}

/// Whether headers that all answers have can stand in the server: not where a route removes one.
pub fn inherits(routes: &[&Route]) -> bool {
    let removes = |(_, value): &(String, Text)| value.as_literal().as_deref() == Some("");
    !routes.iter().any(|route| route.own_headers && route.headers.iter().any(removes))
}

/// Whether a host with these routes answers `path` exactly, or all below it.
pub fn has(routes: &[&Route], path: &str, wildcard: bool) -> bool {
    routes.iter().any(|route| route.prefix == path && route.wildcard == wildcard)
}

/// Whether an upstream is spoken to over TLS; for one that the deployment names, nobody knows.
pub fn may_be_secure(table: &RouteTable, upstream: &crate::model::Upstream) -> bool {
    match upstream {
        crate::model::Upstream::Service { protocol, .. } => *protocol == Protocol::Https,
        crate::model::Upstream::Url(_) => match crate::model::upstream_fills(table, upstream).first() {
            Some(Fill::Literal(text)) => text.starts_with("https://"),
            _ => true,
        },
    }
}
