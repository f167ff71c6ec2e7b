//! A table in nginx's words.

mod location;
mod names;
mod raw;
mod requests;

use serde_json::{Value, json};

use super::Carrier;
use super::block;
use super::plan::{Does, Site};
use crate::model::{Action, Fill, Host, HostName, Limit, RouteTable, Tls};
use crate::template;
use names::Names;
use requests::Requests;

/// Where the certificates of certbot are put for nginx.
const CERTIFICATE: &str = "/etc/nginx/certificate";

/// The variables about the network that a table holds.
pub(super) fn network_variables(table: &RouteTable) -> Vec<&'static str> {
    let proxies = !table.upstreams().is_empty();
    let guarded =
        table.routes().any(|route| route.rate_limit.is_some() || !route.allow.is_empty() || !route.deny.is_empty());
    let aliases = table.hosts.iter().any(|host| !host.aliases.is_empty()) && table.tls == Tls::Unsaid;
    let mut all = Vec::new();
    all.extend(proxies.then_some("NGINX_RESOLVER"));
    all.extend((proxies || guarded).then_some("NGINX_CLIENT_ADDRESS"));
    all.extend((proxies || table.hsts || aliases).then_some("NGINX_FORWARDED_PROTO"));
    all
}

/// A piece of a token, as the filter `token` takes it.
type Piece = (&'static str, String);

/// Text that means itself.
fn text(text: impl Into<String>) -> Piece {
    ("text", text.into())
}

/// nginx's own variables and such, which it reads.
fn read(text: impl Into<String>) -> Piece {
    ("read", text.into())
}

/// What the environment's file sets.
fn variable(name: &str) -> Piece {
    ("variable", name.to_owned())
}

fn pieces(fills: &[Fill]) -> Vec<Piece> {
    let piece = |fill: &Fill| match fill {
        Fill::Literal(literal) => text(literal),
        Fill::Variable { name, .. } => variable(name),
    };
    fills.iter().map(piece).collect()
}

/// Fills within free text: what a deployment says there may hold blanks.
fn filled(fills: &[Fill]) -> Vec<Piece> {
    let quoted = |(kind, said): Piece| if kind == "variable" { ("words", said) } else { (kind, said) };
    pieces(fills).into_iter().map(quoted).collect()
}

/// Whether some route lets connections become WebSockets.
fn lets_websockets(table: &RouteTable) -> bool {
    table.routes().any(|route| matches!(&route.action, Action::Proxy(proxy) if proxy.websocket))
}

fn limit(limit: &Limit) -> Vec<Piece> {
    match limit {
        Limit::Size(size) => vec![text(match size.0 {
            bytes if bytes % (1 << 20) == 0 => format!("{}m", bytes >> 20),
            bytes => format!("{}k", bytes >> 10),
        })],
        Limit::Variable(text) => pieces(&crate::model::fills(text)),
    }
}

impl Carrier<'_> {
    pub(super) fn nginx(&self) -> String {
        let table = self.table;
        let mut names = Names::default();
        let requests = Requests::of(table, &mut names);
        let sites = self.sites();
        let mut seen: Vec<u16> = Vec::new();
        let mut servers = Vec::new();
        for site in &sites {
            let first = !seen.contains(&site.port.number);
            seen.push(site.port.number);
            servers.push(self.server(site, first, &requests, &mut names));
        }
        let certificate = match &table.tls {
            Tls::Files { cert, key } => (cert.clone(), key.clone()),
            _ => (format!("{CERTIFICATE}/fullchain.pem"), format!("{CERTIFICATE}/privkey.pem")),
        };
        let serves = table.routes().any(|route| matches!(route.action, Action::Site { .. } | Action::Files { .. }));
        let hsts = servers.iter().any(|server| server["hsts"] == json!(true));
        let network = network_variables(table);
        let filled = !self.program.settings(table).is_empty() || !network.is_empty();
        let mut view = json!({
            "filled": filled,
            "dollar": false,
            "proxies": !table.upstreams().is_empty(),
            "websocket": lets_websockets(table),
            "serves": serves,
            "hsts": hsts,
            "proto": network.contains(&"NGINX_FORWARDED_PROTO"),
            "client": network.contains(&"NGINX_CLIENT_ADDRESS"),
            "maps": names.maps,
            "networks": names.networks,
            "zones": names.zones,
            "body_limit": limit(&table.body_limit),
            "compressed": table.compress.then_some(block::COMPRESSED),
            "secure": sites.iter().any(|site| site.secure),
            "certificate": {"cert": [text(certificate.0)], "key": [text(certificate.1)]},
            "elsewhere": requests::leads_elsewhere(table),
            "request_headers": requests.lines(),
            "servers": servers,
        });
        let text = template::render("nginx/table.j2", &view);
        if !text.contains("${dollar}") {
            return text;
        }
        view["dollar"] = json!(true);
        template::render("nginx/table.j2", &view)
    }

    fn server(&self, site: &Site<'_>, first: bool, requests: &Requests<'_>, names: &mut Names) -> Value {
        let host = site.host;
        let name = match (host, &site.does) {
            (_, Does::Alias(alias)) => pieces(&crate::model::fills(alias)),
            (Some(host), _) if host.name != HostName::Any => pieces(&self.program.host_fills(host)),
            _ => vec![text("_")],
        };
        let (comment, routes) = match &site.does {
            Does::Refuse => (Some("Hosts that nobody knows."), Vec::new()),
            Does::Answer(routes) => (None, routes.clone()),
            Does::Upgrade(routes) => (Some("Everything else goes over HTTPS."), routes.clone()),
            Does::Alias(_) => (None, Vec::new()),
        };
        let answers = matches!(site.does, Does::Answer(_));
        let named = host.is_some_and(|host| host.name != HostName::Any);
        let hsts = self.table.hsts && named && answers;
        let headers = location::headers(&block::of_table(self.table, hsts));
        let sited = routes.iter().any(|route| matches!(route.action, Action::Site { .. }));
        let locations: Vec<Value> =
            routes.iter().flat_map(|route| location::locations(self, &routes, route, hsts, requests, names)).collect();
        let whole = super::plan::has(&routes, "/", true);
        let inherits = !routes.is_empty() && super::plan::inherits(&routes);
        let certbot = matches!(self.table.tls, Tls::Certbot { .. });
        let lines = host.filter(|_| answers).and_then(|host| host.nginx.as_deref());
        json!({
            "comment": comment,
            "port": site.port.number.to_string(),
            "secure": site.secure,
            "first": first,
            "name": name,
            "root": sited.then(|| [text(self.server.site_root())]),
            "hsts": hsts,
            "headers": if inherits { headers.clone() } else { Vec::new() },
            "hidden": if proxied(&routes) && inherits { location::hidden(&self.table.headers, hsts) } else { Vec::new() },
            "challenge": certbot && !site.secure && !matches!(site.does, Does::Refuse),
            "websocket": routes.iter().any(|route| matches!(route.action, Action::Proxy(_))) && lets_websockets(self.table),
            "passed": if passes(&routes, lines) { requests.usual() } else { Vec::new() },
            "health": self.own_health(site).filter(|path| !super::plan::has(&routes, path, false)),
            "locations": locations,
            "otherwise": if whole { None } else { self.otherwise(site) },
            "otherwise_headers": if inherits || routes.is_empty() { Vec::new() } else { headers },
            "lines": requests.kept_by(lines),
        })
    }

    /// What a server does with what no route answers.
    fn otherwise(&self, site: &Site<'_>) -> Option<Value> {
        match (&site.does, site.host) {
            (Does::Answer(_), _) => Some(json!({"status": "404", "target": null})),
            (Does::Upgrade(_), Some(host)) => {
                let secure = self.table.port_of(host, self.edge);
                let mut target = vec![text("https://"), read("$host")];
                target.extend(pieces(&self.public_port(host, secure, true)));
                target.push(read("$request_uri"));
                Some(json!({"status": "308", "target": target}))
            }
            (Does::Alias(_), Some(host)) => Some(json!({"status": "308", "target": self.home(host)})),
            _ => Some(json!({"status": "421", "target": null})),
        }
    }

    /// Where clients of another name are sent.
    fn home(&self, host: &Host) -> Vec<Piece> {
        let (scheme, authority) = self.origin(host);
        let mut target = vec![scheme.map_or_else(|| read("$forwarded_proto"), text), text("://")];
        target.extend(pieces(&authority));
        target.push(read("$request_uri"));
        target
    }
}

fn proxied(routes: &[&crate::model::Route]) -> bool {
    routes.iter().any(|route| matches!(route.action, Action::Proxy(_)))
}

/// Whether a server may pass requests on, by its routes or by lines of the user's.
fn passes(routes: &[&crate::model::Route], lines: Option<&str>) -> bool {
    proxied(routes) || lines.is_some() || routes.iter().any(|route| route.nginx.is_some())
}
