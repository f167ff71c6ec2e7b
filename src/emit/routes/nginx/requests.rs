//! The headers that services get, in nginx's words. nginx forgets all of them where a location says one of its own, so they are said once for the
//! whole table, and what some route says otherwise is a variable, which servers and locations set.

use serde_json::{Value, json};

use super::super::block::CLAIMS;
use super::names::Names;
use super::{Piece, filled, raw, read};
use crate::model::{Action, Proxy, RouteTable, Upstream, fills};

/// The headers of a table's requests.
pub(super) struct Requests<'p>(Vec<Header<'p>>);

struct Header<'p> {
    name: &'p str,
    /// What it says where a route says nothing else.
    usual: Vec<Piece>,
    /// The variable that holds what it says, where some route says something else.
    variable: Option<String>,
}

impl<'p> Requests<'p> {
    pub fn of(table: &'p RouteTable, names: &mut Names) -> Self {
        if table.upstreams().is_empty() {
            return Requests(Vec::new());
        }
        let header = |(name, usual)| Header { name, usual, variable: None };
        let mut all = Requests(usual(super::lets_websockets(table)).into_iter().map(header).collect());
        for proxy in proxies(table) {
            if host(proxy).is_some() {
                all.varies("Host", names);
            }
            for (name, _) in &proxy.request_headers {
                all.varies(name, names);
            }
        }
        all
    }

    fn varies(&mut self, name: &'p str, names: &mut Names) {
        if !self.0.iter().any(|known| known.name.eq_ignore_ascii_case(name)) {
            self.0.push(Header { name, usual: of_client(name), variable: None });
        }
        let header = self.0.iter_mut().find(|known| known.name.eq_ignore_ascii_case(name));
        let header = header.expect("it was added where it was missing");
        header.variable.get_or_insert_with(|| names.name("passed", name, &name.to_ascii_lowercase()).0);
    }

    /// All of them, as the table says them.
    pub fn lines(&self) -> Vec<Value> {
        self.0.iter().map(|header| json!({"name": header.name, "value": header.value()})).collect()
    }

    /// What a server sets for its routes.
    pub fn usual(&self) -> Vec<Value> {
        let set = |header: &Header<'_>| {
            header.variable.as_ref().map(|variable| json!({"variable": variable, "value": header.usual}))
        };
        self.0.iter().filter_map(set).collect()
    }

    /// What the location of a route sets.
    pub fn of_route(&self, proxy: &Proxy) -> Vec<Value> {
        let own = proxy.request_headers.iter().map(|(name, value)| {
            let empty = value.as_literal().as_deref() == Some("");
            (name.as_str(), if empty { Vec::new() } else { filled(&fills(value)) })
        });
        let host = host(proxy).map(|host| ("Host", host));
        let set = |(name, value): (&str, Vec<Piece>)| {
            let header = self.0.iter().find(|known| known.name.eq_ignore_ascii_case(name));
            header.map(|header| json!({"variable": header.variable, "value": value}))
        };
        host.into_iter().chain(own).filter_map(set).collect()
    }

    /// Lines of the user's, in which all headers are said once more where a line says one: they must hold there as well.
    pub fn kept_by(&self, lines: Option<&str>) -> Vec<String> {
        let said: Vec<(&str, Vec<Piece>)> = self.0.iter().map(|header| (header.name, header.value())).collect();
        let lines = lines.map(|lines| if said.is_empty() { lines.to_owned() } else { raw::with_headers(lines, &said) });
        lines.map(|lines| lines.lines().map(str::to_owned).collect()).unwrap_or_default()
    }
}

impl Header<'_> {
    fn value(&self) -> Vec<Piece> {
        self.variable.as_ref().map_or_else(|| self.usual.clone(), |variable| vec![read(format!("${variable}"))])
    }
}

/// Whether some route leads to a server elsewhere that is called by its own name.
pub(super) fn leads_elsewhere(table: &RouteTable) -> bool {
    proxies(table).any(is_called_by_its_name)
}

fn proxies(table: &RouteTable) -> impl Iterator<Item = &Proxy> {
    table.routes().filter_map(|route| match &route.action {
        Action::Proxy(proxy) => Some(proxy.as_ref()),
        Action::Site { .. } | Action::Files { .. } | Action::Redirect { .. } | Action::Respond { .. } => None,
    })
}

fn is_called_by_its_name(proxy: &Proxy) -> bool {
    proxy.host.is_none() && matches!(proxy.upstream, Upstream::Url(_))
}

/// The host that a service is asked for, where it is not the client's.
fn host(proxy: &Proxy) -> Option<Vec<Piece>> {
    let own = || is_called_by_its_name(proxy).then(|| vec![read("$host_of_upstream")]);
    proxy.host.as_ref().map(|host| filled(&fills(host))).or_else(own)
}

/// The headers that every service gets. `websocket` says whether some route of the table lets connections become WebSockets.
fn usual(websocket: bool) -> Vec<(&'static str, Vec<Piece>)> {
    let client = || vec![read("$client_address")];
    let mut all = vec![
        ("Host", vec![read("$requested_host")]),
        ("X-Real-IP", client()),
        ("X-Forwarded-For", client()),
        ("X-Forwarded-Proto", vec![read("$forwarded_proto")]),
        ("X-Forwarded-Host", vec![read("$requested_host")]),
    ];
    all.extend(CLAIMS.iter().map(|name| (*name, vec![])));
    match websocket {
        true => all.extend([("Upgrade", vec![read("$upgrade")]), ("Connection", vec![read("$connection_upgrade")])]),
        false => all.push(("Connection", vec![])),
    }
    all
}

/// What a client says of a header that is passed on. A name with `_` is not, nor is what nginx answers itself.
fn of_client(name: &str) -> Vec<Piece> {
    if name.contains('_') || name.eq_ignore_ascii_case("Expect") {
        return Vec::new();
    }
    vec![read(format!("$http_{}", name.to_ascii_lowercase().replace('-', "_")))]
}
