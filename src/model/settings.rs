//! What a table of routes takes from its environment: names of hosts, addresses of upstreams, limits. In the image they are variables, which the
//! environment's file sets.

use super::{Environment, Host, HostName, Limit, Piece, Program, Reference, RouteTable, Text, Upstream};

/// A piece of a text as the configuration of a web server holds it.
#[derive(Debug, Clone, PartialEq)]
pub enum Fill {
    /// Text that means itself.
    Literal(String),
    /// A variable that the environment's file sets.
    Variable {
        /// Its name.
        name: String,
        /// Its value.
        value: Text,
    },
}

/// `text` as the configuration of a web server holds it.
pub fn fills(text: &Text) -> Vec<Fill> {
    let fill = |piece: &Piece| match piece {
        Piece::Literal(text) => Fill::Literal(text.clone()),
        Piece::Variable(variable) => Fill::Variable { name: variable.name.clone(), value: alone(piece, text) },
        Piece::Reference(reference) => {
            Fill::Variable { name: constant(&reference.written()), value: alone(piece, text) }
        }
        Piece::Secret(name) => Fill::Variable { name: constant(name), value: alone(piece, text) },
    };
    text.pieces.iter().map(fill).collect()
}

fn alone(piece: &Piece, text: &Text) -> Text {
    Text { pieces: vec![piece.clone()], path: text.path.clone() }
}

/// A name in capitals, for a variable.
fn constant(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect()
}

impl Program {
    /// The name of `host` in a configuration: a variable if some environment calls it otherwise. Nothing for any host.
    pub fn host_fills(&self, host: &Host) -> Vec<Fill> {
        let (HostName::Named { written, .. }, Some(here)) = (&host.name, host.name.text()) else { return Vec::new() };
        let renames = |environment: &Environment| {
            let hosts = environment.stack.routes.iter().flat_map(|table| &table.hosts);
            hosts.into_iter().any(|other| matches!(&other.name, HostName::Named { written: same, here: Some(_) } if same.pieces == written.pieces))
        };
        match written.as_literal().filter(|_| self.environments.iter().any(renames)) {
            Some(name) => vec![Fill::Variable { name: self.host_variable(&name), value: here.clone() }],
            None => fills(here),
        }
    }

    /// The variable for a host of that name. Names that come to the same in capitals are numbered.
    fn host_variable(&self, name: &str) -> String {
        let stacks = std::iter::once(&self.base).chain(self.environments.iter().map(|environment| &environment.stack));
        let mut alike: Vec<String> = Vec::new();
        for host in stacks.filter_map(|stack| stack.routes.as_ref()).flat_map(|table| &table.hosts) {
            let HostName::Named { written, .. } = &host.name else { continue };
            let other = written.as_literal().filter(|other| constant(other) == constant(name));
            alike.extend(other.filter(|other| !alike.contains(other)));
        }
        match alike.iter().position(|other| other == name) {
            None | Some(0) => format!("{}_HOST", constant(name)),
            Some(before) => format!("{}_HOST_{}", constant(name), before + 1),
        }
    }

    /// The variables of a table, each once, with their values.
    pub fn settings(&self, table: &RouteTable) -> Vec<(String, Text)> {
        let mut all: Vec<(String, Text)> = Vec::new();
        for (name, value) in self.every_setting(table) {
            if !all.iter().any(|(known, _)| *known == name) {
                all.push((name, value));
            }
        }
        all
    }

    /// The variables of a table wherever it holds one, with their values.
    pub fn every_setting(&self, table: &RouteTable) -> Vec<(String, Text)> {
        let mut all: Vec<(String, Text)> = Vec::new();
        let mut add = |fills: Vec<Fill>| {
            for fill in fills {
                if let Fill::Variable { name, value } = fill {
                    all.push((name, value));
                }
            }
        };
        for host in &table.hosts {
            add(self.host_fills(host));
            host.aliases.iter().for_each(|alias| add(fills(alias)));
        }
        table.upstreams().into_iter().for_each(|upstream| add(upstream_fills(table, upstream)));
        if let super::Tls::Acme { email: Some(email) } = &table.tls {
            add(fills(email));
        }
        table.body_limit.text().into_iter().for_each(|text| add(fills(text)));
        table.headers.iter().for_each(|(_, value)| add(fills(value)));
        for route in table.routes() {
            let url = |text: &&Text| match &route.action {
                super::Action::Proxy(proxy) => proxy.upstream != Upstream::Url((*text).clone()),
                _ => true,
            };
            route.texts().into_iter().filter(url).for_each(|text| add(fills(text)));
        }
        all
    }
}

/// Scheme, host and port of an upstream.
pub fn upstream_fills(table: &RouteTable, upstream: &Upstream) -> Vec<Fill> {
    match upstream {
        Upstream::Url(text) => fills(text),
        Upstream::Service { service, port, protocol, .. } => {
            let scheme = if *protocol == super::Protocol::Https { "https" } else { "http" };
            let host = match service == &table.edge {
                // Another process of the same container.
                true => Piece::Literal("127.0.0.1".to_owned()),
                false => Piece::Reference(Reference::Host(service.clone())),
            };
            let port_reference = Piece::Reference(Reference::Port(service.clone(), port.clone()));
            let literal = |text: &str| Piece::Literal(text.to_owned());
            let pieces = vec![literal(scheme), literal("://"), host, literal(":"), port_reference];
            let value = Text { pieces, path: table.path.clone() };
            vec![Fill::Variable { name: upstream_variable(service, port.as_deref()), value }]
        }
    }
}

fn upstream_variable(service: &str, port: Option<&str>) -> String {
    match port {
        None => format!("{}_UPSTREAM", constant(service)),
        Some(port) => format!("{}__{}_UPSTREAM", constant(service), constant(port)),
    }
}

impl Limit {
    /// The limit in bytes, where it is known.
    pub fn bytes(&self) -> Option<u64> {
        match self {
            Limit::Size(size) => Some(size.0),
            Limit::Variable(_) => None,
        }
    }
}
