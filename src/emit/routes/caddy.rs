//! A table in Caddy's words.

mod handle;

use super::Carrier;
use super::caddyfile::{Item, Token, block, line, print, read, snippet, text, with, words};
use super::plan::{Does, Site};
use crate::model::{Action, Fill, Host, HostName, Limit, Route, RouteTable, Tls};

/// Where passwords lie in the container, in the form that Caddy reads.
pub(super) const PASSWORDS: &str = "/tmp/passwords";

/// The variables about the network that a table holds.
pub(super) fn network_variables(table: &RouteTable) -> Vec<&'static str> {
    let proxies = !table.upstreams().is_empty();
    let guarded = table.routes().any(|route| !route.allow.is_empty() || !route.deny.is_empty());
    let aliases = table.hosts.iter().any(|host| !host.aliases.is_empty()) && table.tls == Tls::Unsaid;
    let mut all = Vec::new();
    all.extend((proxies || guarded).then_some("CADDY_TRUSTED_PROXIES"));
    // Where Caddy ends TLS itself, it knows the scheme of its own answers, but for hosts that have a port of their own.
    let told = !table.tls.is_ended_by_edge() || table.hosts.iter().any(|host| host.port.is_some());
    all.extend((proxies || table.hsts && told || aliases).then_some("CADDY_FORWARDED_PROTO"));
    all
}

/// Fills where Caddy takes placeholders.
fn run(fills: &[Fill]) -> Token {
    pieces(fills, "run")
}

/// Fills where it takes none.
fn parsed(fills: &[Fill]) -> Token {
    pieces(fills, "parse")
}

fn pieces(fills: &[Fill], kind: &'static str) -> Token {
    let piece = |fill: &Fill| match fill {
        Fill::Literal(literal) => ("text", literal.clone()),
        Fill::Variable { name, .. } => (kind, name.clone()),
    };
    fills.iter().map(piece).collect()
}

impl Carrier<'_> {
    pub(super) fn caddy(&self) -> String {
        let table = self.table;
        let mut items = vec![self.globals(), Item::Blank];
        if network_variables(table).contains(&"CADDY_FORWARDED_PROTO") {
            items.push(Item::Comment("The scheme that the client used.".to_owned()));
            items.push(block("(scheme)", vec![handle::scheme()]));
            items.push(Item::Blank);
        }
        if !table.upstreams().is_empty() {
            items.push(Item::Comment("What a service is told of the client: replaced, not appended to.".to_owned()));
            items.push(block("(forwarded)", handle::forwarded(&table.headers)));
            items.push(Item::Blank);
            items.push(Item::Comment("How long a service may be silent.".to_owned()));
            items.push(block("(patience)", vec![handle::transport("{args[0]}", true)]));
            items.push(Item::Blank);
        }
        let words_of_errors = with("respond", read("{err.status_code} {err.status_text}"));
        if !table.headers.is_empty() {
            items.push(snippet("(headers)", handle::headers(&super::block::texts(&table.headers))));
            items.push(Item::Blank);
        }
        let is_text = |route: &Route| !matches!(route.action, Action::Redirect { .. } | Action::Respond { .. });
        if table.compress && table.routes().any(is_text) {
            items.push(block("(compressed)", handle::compressed()));
            items.push(Item::Blank);
        }
        items.push(block("(errors)", vec![block("handle_errors", vec![words_of_errors])]));
        items.push(Item::Blank);
        for site in &self.sites() {
            if let Does::Refuse = site.does {
                items.push(Item::Comment("Hosts that nobody knows.".to_owned()));
            }
            items.push(Item::Block(vec![self.address(site)], self.site(site)));
            items.push(Item::Blank);
        }
        print(&items).trim_end().to_owned() + "\n"
    }

    fn globals(&self) -> Item {
        let acme = matches!(self.table.tls, Tls::Acme { .. });
        // Its own redirects would go before the routes that are answered over plain HTTP.
        let mut items = vec![line("admin off"), line("persist_config off"), line("grace_period 10s")];
        items.push(line(if acme { "auto_https disable_redirects" } else { "auto_https off" }));
        if let Tls::Acme { email } = &self.table.tls {
            items.extend(email.as_ref().map(|email| with("email", parsed(&crate::model::fills(email)))));
            let plain = self.table.plain_port(self.edge).map(|port| port.number);
            items.extend(plain.filter(|port| *port != 80).map(|port| with("http_port", text(port.to_string()))));
            let secure = self.table.ports(self.edge).into_iter().find(|port| self.table.is_secure(port));
            let secure = secure.map(|port| port.number).filter(|port| *port != 443);
            items.extend(secure.map(|port| with("https_port", text(port.to_string()))));
        }
        if network_variables(self.table).contains(&"CADDY_TRUSTED_PROXIES") {
            items.push(block(
                "servers",
                vec![
                    Item::Comment("Whose word is taken for who the client is.".to_owned()),
                    line("trusted_proxies static {$CADDY_TRUSTED_PROXIES}"),
                    line("client_ip_headers Fly-Client-IP"),
                ],
            ));
        }
        Item::Block(Vec::new(), items)
    }

    /// Scheme, host and port of a site.
    fn address(&self, site: &Site<'_>) -> Token {
        let mut address = text(if site.secure { "https://" } else { "http://" });
        match (&site.does, site.host) {
            (Does::Alias(alias), _) => address.extend(parsed(&crate::model::fills(alias))),
            (Does::Refuse, _) | (_, None) => {}
            (_, Some(host)) => address.extend(parsed(&self.program.host_fills(host))),
        }
        address.extend(text(format!(":{}", site.port.number)));
        address
    }

    fn site(&self, site: &Site<'_>) -> Vec<Item> {
        let mut items: Vec<Item> = Vec::new();
        let routes = match &site.does {
            Does::Answer(routes) | Does::Upgrade(routes) => routes.clone(),
            Does::Refuse | Does::Alias(_) => Vec::new(),
        };
        if let (Tls::Files { cert, key }, true) = (&self.table.tls, site.secure) {
            items.push(Item::Line(vec![read("tls"), text(cert), text(key)]));
        }
        items.push(line("import errors"));
        let told = network_variables(self.table).contains(&"CADDY_FORWARDED_PROTO");
        let asks = !routes.is_empty() || matches!(site.does, Does::Alias(_));
        items.extend((told && asks).then(|| line("import scheme")));
        let named = site.host.is_some_and(|host| host.name != HostName::Any);
        let answers = matches!(site.does, Does::Answer(_));
        let hsts = self.table.hsts && named && answers;
        let inherits = super::plan::inherits(&routes);
        if !routes.is_empty() {
            items.push(block("header", vec![line("-Server"), line("-Via")]));
            // Caddy warns of it where the others are: it sets this header itself, but for those whose word it takes.
            if routes.iter().any(|route| matches!(route.action, Action::Proxy(_))) {
                items.push(line("request_header X-Forwarded-Host {http.request.hostport}"));
                // As nginx does: a service may take `X_Forwarded_User` for the name with hyphens.
                items.push(line("request_header -*_*"));
            }
            items.extend(handle::headers_of_table(self.table).filter(|_| inherits));
            if hsts {
                items.extend(handle::secure_matcher(site.secure));
            }
            items.extend((hsts && inherits).then(handle::hsts));
        }
        if let Some(path) = self.own_health(site).filter(|path| !super::plan::has(&routes, path, false)) {
            items.push(Item::Blank);
            items.push(Item::Block(vec![read("handle"), text(path)], vec![line("respond ok")]));
        }
        let mut names = handle::Names::default();
        for route in &routes {
            items.extend(handle::handles(self, &routes, route, hsts, &mut names));
        }
        if !super::plan::has(&routes, "/", true) {
            items.push(Item::Blank);
            let mut rest = Vec::new();
            if !routes.is_empty() && !inherits {
                rest.extend(handle::headers_of_table(self.table));
                rest.extend(hsts.then(handle::hsts));
            }
            rest.extend(self.rest(site));
            items.push(block("handle", rest));
        }
        let lines = site.host.filter(|_| answers).and_then(|host| host.caddy.as_deref());
        items.extend(raw(lines));
        items
    }

    /// What is done with what no route answers.
    fn rest(&self, site: &Site<'_>) -> Vec<Item> {
        let redirect = |mut place: Token| {
            place.push(("read", "{uri}".to_owned()));
            vec![Item::Line(vec![read("redir"), read("*"), place, read("308")])]
        };
        match (&site.does, site.host) {
            (Does::Answer(_), _) => vec![line("error 404")],
            (Does::Upgrade(_), Some(host)) => {
                let mut place = read("https://{host}");
                let port = self.table.port_of(host, self.edge);
                place.extend(run(&self.public_port(host, port, true)));
                redirect(place)
            }
            (Does::Alias(_), Some(host)) => redirect(self.origin_of(host)),
            _ => vec![line("error 421")],
        }
    }

    /// Where clients of another name are sent.
    fn origin_of(&self, host: &Host) -> Token {
        let (scheme, authority) = self.origin(host);
        let mut place = scheme.map_or_else(|| read("{forwarded_proto}"), text);
        place.extend(text("://"));
        place.extend(run(&authority));
        place
    }
}

/// The user's own lines.
fn raw(lines: Option<&str>) -> Vec<Item> {
    let Some(lines) = lines else { return Vec::new() };
    let mut depth = 0usize;
    let mut items = vec![Item::Blank];
    for line in lines.lines().map(str::trim) {
        depth = depth.saturating_sub(usize::from(line.starts_with('}')));
        match line.is_empty() {
            true => items.push(Item::Blank),
            false => items.push(Item::Raw(format!("{}{line}", "\t".repeat(depth)))),
        }
        depth += usize::from(line.ends_with('{'));
    }
    items
}

/// A matcher by its name.
fn matcher(name: &str, said: &str, more: Vec<Token>) -> Item {
    let mut tokens = vec![read(format!("@{name}"))];
    tokens.extend(words(said));
    tokens.extend(more);
    Item::Line(tokens)
}

/// A limit in binary units, which nginx means as well.
fn size(limit: &Limit) -> Token {
    match limit {
        Limit::Size(size) => text(match size.0 {
            bytes if bytes % (1 << 20) == 0 => format!("{}MiB", bytes >> 20),
            bytes => format!("{}KiB", bytes >> 10),
        }),
        Limit::Variable(said) => {
            let mut token = parsed(&crate::model::fills(said));
            token.extend(text("iB"));
            token
        }
    }
}
