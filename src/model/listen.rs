//! On which ports of the edge which hosts are asked.

use super::{Host, HostName, Port, Protocol, RouteTable, Service};

impl RouteTable {
    /// The port of `edge` on which `host` is asked: the one that it names, else the main one for HTTPS or HTTP, as TLS ends here or not.
    pub fn port_of<'s>(&self, host: &Host, edge: &'s Service) -> Option<&'s Port> {
        match host.port {
            Some(number) => edge.ports.values().find(|port| port.number == number && port.protocol != Protocol::Udp),
            None if self.tls.is_ended_by_edge() => self.main_port(edge, "https", Protocol::Https),
            None => self.main_port(edge, "http", Protocol::Http),
        }
    }

    /// The port for plain HTTP beside that for HTTPS: it redirects, and answers what an authority asks.
    pub fn plain_port<'s>(&self, edge: &'s Service) -> Option<&'s Port> {
        if self.tls.is_ended_by_edge() { self.main_port(edge, "http", Protocol::Http) } else { None }
    }

    /// Whether TLS is spoken on `port`.
    pub fn is_secure(&self, port: &Port) -> bool {
        self.tls.is_ended_by_edge() && port.protocol == Protocol::Https
    }

    /// The ports on which it listens, each once, plain ones first.
    pub fn ports<'s>(&self, edge: &'s Service) -> Vec<&'s Port> {
        let mut all: Vec<&Port> = self.plain_port(edge).into_iter().collect();
        for port in self.hosts.iter().filter_map(|host| self.port_of(host, edge)) {
            if !all.iter().any(|known| known.number == port.number) {
                all.push(port);
            }
        }
        all
    }

    /// Whether any host is answered on `port`, so that none is unknown there.
    pub fn answers_any(&self, port: &Port, edge: &Service) -> bool {
        let any = self.hosts.iter().filter(|host| host.name == HostName::Any);
        any.filter_map(|host| self.port_of(host, edge)).any(|asked| asked.number == port.number)
    }

    /// Whether the routes of `"*"` answer on `port`: a health check that names no host reaches them.
    pub fn is_answered_by_routes(&self, port: &Port, edge: &Service) -> bool {
        self.answers_any(port, edge) && self.plain_port(edge).is_none_or(|plain| plain.number != port.number)
    }

    /// The port of that name, else the only one of that protocol that no host names.
    fn main_port<'s>(&self, edge: &'s Service, name: &str, protocol: Protocol) -> Option<&'s Port> {
        let speaks = |port: &&Port| port.protocol == protocol;
        if let Some(port) = edge.ports.get(name).filter(speaks) {
            return Some(port);
        }
        let named = |port: &&Port| self.hosts.iter().any(|host| host.port == Some(port.number));
        let mut free = edge.ports.values().filter(speaks).filter(|port| !named(port));
        free.next().filter(|_| free.next().is_none())
    }
}
