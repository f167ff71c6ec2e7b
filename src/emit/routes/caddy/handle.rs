//! The blocks of one route in Caddy's words.

use super::super::block::{self, Block, CLAIMS, Does, HSTS, HSTS_VALUE, Header, Says, Takes, blocks};
use super::super::caddyfile::{Item, Token, block as lines, line, read, text, with};
use super::super::plan::inherits;
use super::super::{Carrier, folder_target, pattern};
use super::{PASSWORDS, matcher, parsed, raw, run, size};
use crate::model::{Action, Piece, Proxy, Route, RouteTable, Text, Upstream, fills, upstream_fills};

/// The answers that nginx, too, takes for good ones.
const GOOD: &str = "match status 200 201 204 206 301 302 303 304 307 308";

/// The names of a site's matchers.
#[derive(Default)]
pub(super) struct Names(Vec<String>);

impl Names {
    fn name(&mut self, prefix: &str, path: &str) -> String {
        let words: Vec<&str> =
            path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let base = if words.is_empty() { "all".to_owned() } else { words.join("_").to_ascii_lowercase() };
        let base = if prefix.is_empty() { base } else { format!("{base}_{prefix}") };
        let numbered = (2..).map(|number| format!("{base}_{number}"));
        let free = |name: &String| !self.0.contains(name);
        let name = std::iter::once(base.clone()).chain(numbered).find(free).expect("numbers do not end");
        self.0.push(name.clone());
        name
    }
}

/// The scheme that the client used, as the platform says it; who reaches the port past the platform says none.
pub(super) fn scheme() -> Item {
    lines("map {$CADDY_FORWARDED_PROTO} {forwarded_proto}", vec![line("https https"), line("default http")])
}

/// What every service is told.
pub(super) fn forwarded(replaced: &[(String, Text)]) -> Vec<Item> {
    let mut items = vec![
        line("header_up -Via"),
        line("header_up Host {http.request.hostport}"),
        line("header_up X-Real-IP {client_ip}"),
        line("header_up X-Forwarded-For {client_ip}"),
        line("header_up X-Forwarded-Proto {forwarded_proto}"),
        line("header_down -X-Accel-*"),
    ];
    items.extend(CLAIMS.iter().map(|name| line(&format!("header_up -{name}"))));
    items.extend(replaced.iter().map(|(name, _)| line(&format!("header_down -{name}"))));
    items
}

/// What is compressed: what nginx, too, takes for text.
pub(super) fn compressed() -> Vec<Item> {
    let html = std::iter::once(&"text/html");
    let mut types: Vec<Item> =
        html.chain(block::COMPRESSED).map(|kind| line(&format!("header Content-Type {kind}*"))).collect();
    types.insert(0, line("status 200 403 404"));
    vec![lines("encode gzip", vec![line("minimum_length 1024"), lines("match", types)])]
}

/// Requests that came over HTTPS to a name that does not end in localhost.
pub(super) fn secure_matcher(secure: bool) -> Vec<Item> {
    let mut items = vec![line("not host localhost *.localhost")];
    if !secure {
        items.push(line("vars {forwarded_proto} https"));
    }
    vec![
        Item::Blank,
        Item::Comment("Names that end in localhost are never bound to HTTPS.".to_owned()),
        lines("@secure", items),
    ]
}

/// Headers of answers.
pub(super) fn headers(all: &[Header<'_>]) -> Vec<Item> {
    all.iter().map(header).collect()
}

fn header(one: &Header<'_>) -> Item {
    let said = match &one.says {
        Says::Text(said) => run(&fills(said)),
        Says::Words(words) => text(words),
        Says::Hsts => return Item::Line(vec![read("header"), read("@secure"), text(HSTS), text(HSTS_VALUE)]),
    };
    match one.always {
        true => Item::Line(vec![read("header"), text(one.name), said]),
        false => lines("header", vec![with(&format!(">{}", one.name), said), line(GOOD)]),
    }
}

/// The same for the requests of a matcher alone.
fn header_for(matcher: &str, one: &Header<'_>) -> Item {
    match header(one) {
        Item::Line(mut tokens) => {
            tokens.insert(1, read(format!("@{matcher}")));
            Item::Line(tokens)
        }
        Item::Block(mut tokens, items) => {
            tokens.push(read(format!("@{matcher}")));
            Item::Block(tokens, items)
        }
        other => other,
    }
}

/// The header that binds a browser to HTTPS.
pub(super) fn hsts() -> Item {
    header(&Header { name: HSTS, says: Says::Hsts, always: true })
}

/// The headers of a table, where a site or a route says them.
pub(super) fn headers_of_table(table: &RouteTable) -> Option<Item> {
    (!table.headers.is_empty()).then(|| line("import headers"))
}

/// The blocks of `route`, the most special first.
pub(super) fn handles(
    carrier: &Carrier<'_>,
    routes: &[&Route],
    route: &Route,
    hsts: bool,
    names: &mut Names,
) -> Vec<Item> {
    let maker = Maker { carrier, route, hsts, inherits: inherits(routes) };
    blocks(routes, route).iter().flat_map(|block| maker.handle(block, names)).collect()
}

struct Maker<'a> {
    carrier: &'a Carrier<'a>,
    route: &'a Route,
    hsts: bool,
    inherits: bool,
}

impl Maker<'_> {
    /// A block for its requests. Caddy's own matcher of paths knows no case, so that a pattern stands for it.
    fn handle(&self, block: &Block, names: &mut Names) -> Vec<Item> {
        let (kind, path, said) = match &block.takes {
            Takes::Exactly(path) if block.does == Does::Slash => ("bare", path, format!("^{}$", pattern(path))),
            Takes::Exactly(path) => ("", path, format!("^{}$", pattern(path))),
            Takes::Below(path) => ("", path, format!("^{}", pattern(path))),
            Takes::Files(below) if below == "/" => ("files", below, format!("(?i){}", block::FILES)),
            Takes::Files(below) => ("files", below, format!("(?i)^{}.*{}", pattern(below), block::FILES)),
        };
        let mut items = vec![Item::Blank];
        items.extend(block.comment.map(|comment| Item::Comment(comment.to_owned())));
        if said == "^/" {
            items.push(lines("handle", self.body(block, names)));
            return items;
        }
        let name = names.name(kind, path);
        items.push(matcher(&name, "path_regexp", vec![read(said)]));
        items.push(lines(&format!("handle @{name}"), self.body(block, names)));
        items
    }

    fn body(&self, block: &Block, names: &mut Names) -> Vec<Item> {
        if block.does == Does::Slash {
            let mut all = Vec::new();
            if !self.inherits {
                all.extend(headers_of_table(self.carrier.table));
                all.extend(self.hsts.then(hsts));
            }
            let place = [text(self.route.prefix.clone()), read("{http.request.uri.prefixed_query}")];
            all.push(redirect(&place, 308));
            return all;
        }
        let mut all = self.headers(block);
        let serves = matches!(self.route.action, Action::Site { .. } | Action::Files { .. });
        all.extend((serves && self.carrier.table.compress).then(|| line("import compressed")));
        let guards = self.guards(names);
        let guarded = !guards.is_empty();
        all.extend(guards);
        all.extend(match block.does {
            Does::File => files(self.carrier.server.site_root(), Slashed::Nothing, &["{path}", "=404"]),
            Does::Page => self.page(block, names),
            Does::Act | Does::Slash => self.act(names),
        });
        all.extend(raw(self.route.caddy.as_deref()));
        // In the order written, where something may be refused: with the headers, and before anything else is done.
        if guarded { vec![lines("route", all)] } else { all }
    }

    /// Its own headers, and how long answers are kept.
    fn headers(&self, block: &Block) -> Vec<Item> {
        let route = self.route;
        let table = &self.carrier.table.headers;
        let of_table = |(name, said): &(String, Text)| {
            table.iter().any(|(known, same)| known == name && same.pieces == said.pieces)
        };
        let mut items = Vec::new();
        let own: Vec<(String, Text)> = route.headers.iter().filter(|header| !of_table(header)).cloned().collect();
        match (self.inherits, route.own_headers) {
            (true, _) => items.extend(headers(&block::texts(&own))),
            (false, true) => items.extend(headers(&block::texts(&route.headers))),
            (false, false) => items.extend(headers_of_table(self.carrier.table)),
        }
        items.extend((!self.inherits && self.hsts && !route.own_hsts).then(hsts));
        // How long files and the page of an application are kept is said where they are told apart.
        let apart = |header: &Header<'_>| block.does == Does::Page && header.name == block::CACHE_CONTROL;
        let of_block = block::of_block(route, block);
        items.extend(of_block.iter().filter(|header| !apart(header)).map(header));
        items
    }

    /// What refuses requests.
    fn guards(&self, names: &mut Names) -> Vec<Item> {
        let route = self.route;
        let mut items = Vec::new();
        let mut refuse = |kind: &str, said: String, names: &mut Names| {
            let name = names.name(kind, &route.prefix);
            items.push(matcher(&name, &said, Vec::new()));
            items.push(line(&format!("error @{name} 403")));
        };
        if !route.deny.is_empty() {
            refuse("denied", format!("client_ip {}", route.deny.join(" ")), names);
        }
        if !route.allow.is_empty() {
            refuse("foreign", format!("not client_ip {}", route.allow.join(" ")), names);
        }
        if !route.methods.is_empty() {
            let name = names.name("method", &route.prefix);
            items.push(matcher(&name, &format!("not method {}", route.methods.join(" ")), Vec::new()));
            items.push(Item::Line(vec![
                read("header"),
                read(format!("@{name}")),
                read("Allow"),
                text(route.methods.join(", ")),
            ]));
            items.push(line(&format!("error @{name} 405")));
        }
        if let Some(secret) = &route.auth {
            items.push(lines("basic_auth bcrypt Restricted", vec![line(&format!("import {PASSWORDS}/{secret}"))]));
        }
        items
    }

    fn strip(&self) -> Option<Item> {
        let bare = self.route.prefix.trim_end_matches('/');
        (!bare.is_empty()).then(|| Item::Line(vec![read("uri"), read("strip_prefix"), text(bare)]))
    }

    /// The file that is asked for, or else the page of the application.
    fn page(&self, block: &Block, names: &mut Names) -> Vec<Item> {
        let route = self.route;
        let page = block::page(route);
        let root = self.carrier.server.site_root();
        let file = || {
            let found = lines("file", vec![with("root", text(root)), line("try_files {path}")]);
            vec![found, line("path_regexp [^/]$")]
        };
        let mut all = Vec::new();
        let mut keep = |kind: &str, which: Vec<Item>, kept: Header<'_>| {
            let name = names.name(kind, &route.prefix);
            all.push(lines(&format!("@{name}"), which));
            all.push(header_for(&name, &kept));
        };
        if let Some(kept) = block.cache.and_then(|cache| block::keeping(route, cache)) {
            keep("file", file(), kept);
        }
        if let Some(kept) = block::keeping(route, block::cache_of_page(route)) {
            keep("application", vec![lines("not", file())], kept);
        }
        all.extend(files(root, Slashed::Page(&page), &["{path}", &page]));
        all
    }

    /// The route's own action.
    fn act(&self, names: &mut Names) -> Vec<Item> {
        let tries = ["{path}", "{path}/index.html", "=404"];
        match &self.route.action {
            Action::Site { .. } => files(self.carrier.server.site_root(), Slashed::Index, &tries),
            Action::Files { folder } => {
                self.strip().into_iter().chain(files(&folder_target(folder), Slashed::Index, &tries)).collect()
            }
            Action::Proxy(proxy) => self.proxied(proxy, names),
            Action::Redirect { target, below, status } => {
                let mut place = run(&fills(target));
                if !below {
                    return vec![redirect(&[place], *status)];
                }
                if let Some((_, last)) = place.last_mut().filter(|(kind, _)| *kind == "text") {
                    *last = last.strip_suffix('/').unwrap_or(last).to_owned();
                }
                let redirect = redirect(&[place, read("{uri}")], *status);
                vec![lines("route", self.strip().into_iter().chain([redirect]).collect())]
            }
            Action::Respond { text: said, status } => {
                let mut words = vec![read("respond")];
                // What begins like a matcher would be taken for one.
                let first = said.pieces.first();
                let matches = matches!(first, Some(Piece::Literal(first)) if first.starts_with(['/', '@', '*']));
                words.extend(matches.then(|| read("*")));
                words.extend([run(&fills(said)), text(status.to_string())]);
                vec![Item::Line(words)]
            }
        }
    }

    fn proxied(&self, proxy: &Proxy, names: &mut Names) -> Vec<Item> {
        let mut items = Vec::new();
        let limit = self.route.body_limit.as_ref().unwrap_or(&self.carrier.table.body_limit);
        items.push(lines("request_body", vec![with("max_size", size(limit))]));
        if proxy.websocket {
            let name = names.name("other", &self.route.prefix);
            items.push(matcher(&name, "not header_regexp Upgrade (?i)^websocket$", Vec::new()));
            items.push(line(&format!("request_header @{name} -Upgrade")));
        } else {
            items.push(line("request_header -Upgrade"));
        }
        if self.carrier.table.compress && !proxy.sse {
            items.push(line("import compressed"));
        }
        items.extend(self.strip().filter(|_| proxy.strip_prefix));
        let upstream = upstream_fills(self.carrier.table, &proxy.upstream);
        items.push(Item::Block(vec![read("reverse_proxy"), parsed(&upstream)], self.passing(proxy)));
        items
    }

    /// How requests are passed on.
    fn passing(&self, proxy: &Proxy) -> Vec<Item> {
        let mut items = vec![line("import forwarded")];
        let elsewhere = matches!(proxy.upstream, Upstream::Url(_));
        match (&proxy.host, elsewhere) {
            (Some(host), _) => items.push(with("header_up Host", run(&fills(host)))),
            (None, true) => items.push(line("header_up Host {http.reverse_proxy.upstream.host}")),
            (None, false) => {}
        }
        for (name, value) in &proxy.request_headers {
            match value.as_literal().as_deref() {
                Some("") => items.push(line(&format!("header_up -{name}"))),
                _ => items.push(Item::Line(vec![read("header_up"), text(name), run(&fills(value))])),
            }
        }
        let replaced = block::replaced(self.carrier.table, self.route, self.hsts);
        items.extend(replaced.iter().map(|name| line(&format!("header_down -{name}"))));
        if proxy.sse {
            items.push(Item::Comment("As it comes: an event must not wait for the next.".to_owned()));
            items.push(line("flush_interval -1"));
        }
        let timeout = proxy.timeout.to_string();
        items.push(match proxy.upstream {
            Upstream::Service { verify: false, .. } => transport(&timeout, false),
            Upstream::Service { .. } | Upstream::Url(_) => line(&format!("import patience {timeout}")),
        });
        items
    }
}

/// How an upstream is spoken to: how long it may be silent, and whether its certificate is asked for.
pub(super) fn transport(timeout: &str, verify: bool) -> Item {
    let mut items = vec![
        line("compression off"),
        line("dial_timeout 5s"),
        line(&format!("response_header_timeout {timeout}")),
        line(&format!("read_timeout {timeout}")),
    ];
    items.extend((!verify).then(|| line("tls_insecure_skip_verify")));
    lines("transport http", items)
}

/// Sends a client to a place, made of parts.
fn redirect(place: &[Token], status: u16) -> Item {
    Item::Line(vec![read("redir"), read("*"), place.concat(), read(status.to_string())])
}

/// What a path with a slash at its end leads to. Caddy itself would take the slash away, and find a file.
enum Slashed<'a> {
    /// To the index of that folder.
    Index,
    /// To the page of the application.
    Page(&'a str),
    /// To no file.
    Nothing,
}

/// Files below `root`, the first of `tries` that is there.
fn files(root: &str, slashed: Slashed<'_>, tries: &[&str]) -> Vec<Item> {
    let (found, target) = match slashed {
        Slashed::Index => ("/$", "/index.html"),
        Slashed::Page(page) => ("^.*/$", page),
        Slashed::Nothing => ("/$", "/.no-file"),
    };
    let mut said = vec![read("try_files")];
    said.extend(tries.iter().map(|try_| read(*try_)));
    vec![
        Item::Line(vec![read("root"), read("*"), text(root)]),
        Item::Line(vec![read("uri"), read("path_regexp"), read(found), text(target)]),
        Item::Line(said),
        lines("file_server", vec![line("disable_canonical_uris")]),
    ]
}
