//! The blocks of one route in Caddy's words.

use super::super::caddyfile::{Item, Token, block, line, read, text, with};
use super::super::plan::has;
use super::super::{Carrier, folder_target, pattern};
use super::{PASSWORDS, matcher, parsed, raw, run};
use crate::model::{Action, Caching, Limit, Proxy, Route, Text, Upstream, fills, upstream_fills};

const HSTS: &str = "Strict-Transport-Security";
/// Endings of files that are never paths of an application.
const FILES: &str =
    r"(?i)\.(avif|css|gif|ico|jpe?g|js|json|map|mjs|mp4|pdf|png|svg|txt|wasm|webm|webmanifest|webp|woff2?|xml)$";
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

/// What every service is told.
pub(super) fn forwarded(replaced: &[(String, Text)]) -> Vec<Item> {
    let mut items = vec![
        line("header_up -Via"),
        line("header_up Host {http.request.hostport}"),
        line("header_up X-Real-IP {client_ip}"),
        line("header_up X-Forwarded-For {client_ip}"),
    ];
    items.extend(replaced.iter().map(|(name, _)| line(&format!("header_down -{name}"))));
    items
}

/// Requests that came over HTTPS to a name that does not end in localhost.
pub(super) fn secure_matcher(secure: bool) -> Vec<Item> {
    let mut items = vec![line("not host localhost *.localhost")];
    if !secure {
        items.push(line("vars {$CADDY_FORWARDED_PROTO} https"));
    }
    vec![
        Item::Blank,
        Item::Comment("Names that end in localhost are never bound to HTTPS.".to_owned()),
        block("@secure", items),
    ]
}

/// Headers of all answers.
pub(super) fn headers(headers: &[(String, Text)], hsts: bool) -> Vec<Item> {
    let said = headers.iter().filter(|(_, value)| value.as_literal().as_deref() != Some(""));
    let mut items: Vec<Item> = said.map(|(name, value)| header(name, run(&fills(value)))).collect();
    if hsts {
        items.push(Item::Line(vec![
            read("header"),
            read("@secure"),
            text(HSTS),
            text("max-age=31536000; includeSubDomains"),
        ]));
    }
    items
}

fn header(name: &str, value: Token) -> Item {
    Item::Line(vec![read("header"), text(name), value])
}

/// The blocks of `route`, the most special first.
pub(super) fn handles(
    carrier: &Carrier<'_>,
    routes: &[&Route],
    route: &Route,
    hsts: bool,
    inherits: bool,
    names: &mut Names,
) -> Vec<Item> {
    let maker = Maker { carrier, route, hsts, inherits };
    let mut items = maker.bare(routes, names);
    let (kept, body) = match &route.action {
        Action::Site { spa: true, .. } => {
            items.extend(maker.spa(routes, names));
            return items;
        }
        Action::Site { spa: false, .. } => {
            let kept =
                maker.kept(Some(route.cache.unwrap_or(Caching::NoCache)), "file {path} {path}/index.html", names);
            (kept, files(carrier.server.site_root(), &["{path}", "{path}/index.html", "=404"]))
        }
        Action::Files { folder } => {
            let mut body = maker.strip();
            body.extend(files(&folder_target(folder), &["{path}", "{path}/index.html", "=404"]));
            (maker.kept(Some(route.cache.unwrap_or(Caching::NoCache)), "", names), body)
        }
        Action::Proxy(proxy) => (maker.kept(route.cache, "", names), maker.proxied(proxy)),
        Action::Redirect { target, below, status } => {
            (maker.kept(route.cache, "", names), maker.redirect(target, *below, *status))
        }
        Action::Respond { text: said, status } => {
            let answer = Item::Line(vec![read("respond"), run(&fills(said)), text(status.to_string())]);
            (maker.kept(route.cache, "", names), vec![answer])
        }
    };
    items.extend(maker.handle(&maker.path(), "", kept, body, names));
    items
}

struct Maker<'a> {
    carrier: &'a Carrier<'a>,
    route: &'a Route,
    hsts: bool,
    inherits: bool,
}

impl Maker<'_> {
    /// The pattern of its path. Caddy's own matcher of paths knows no case.
    fn path(&self) -> String {
        let end = if self.route.wildcard { "" } else { "$" };
        format!("^{}{end}", pattern(&self.route.prefix))
    }

    /// A block for the requests whose path has the pattern.
    fn handle(&self, path: &str, kind: &str, mut kept: Vec<Item>, body: Vec<Item>, names: &mut Names) -> Vec<Item> {
        if self.carrier.table.compress && matches!(self.route.action, Action::Site { .. } | Action::Files { .. }) {
            kept.push(encode());
        }
        let guards = self.guards(names);
        let guarded = !guards.is_empty();
        kept.extend(guards);
        kept.extend(body);
        kept.extend(raw(self.route.caddy.as_deref()));
        // In the order written, where something may be refused: with the headers, and before anything else is done.
        let body = if guarded { vec![block("route", kept)] } else { kept };
        if path == "^/" && kind.is_empty() {
            return vec![Item::Blank, block("handle", body)];
        }
        let name = names.name(kind, &self.route.prefix);
        vec![Item::Blank, matcher(&name, "path_regexp", vec![read(path)]), block(&format!("handle @{name}"), body)]
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
            items.push(block("basic_auth bcrypt Restricted", vec![line(&format!("import {PASSWORDS}/{secret}"))]));
        }
        items
    }

    /// `/x` of `/x/*`, unless a route answers it.
    fn bare(&self, routes: &[&Route], names: &mut Names) -> Vec<Item> {
        let bare = self.route.prefix.trim_end_matches('/');
        if !self.route.wildcard || bare.is_empty() || has(routes, bare, false) {
            return Vec::new();
        }
        let name = names.name("bare", bare);
        let place = vec![("text", self.route.prefix.clone()), ("read", "{http.request.uri.prefixed_query}".to_owned())];
        let redirect = Item::Line(vec![read("redir"), read("*"), place, read("308")]);
        vec![
            Item::Blank,
            matcher(&name, "path_regexp", vec![read(format!("^{}$", pattern(bare)))]),
            block(&format!("handle @{name}"), vec![redirect]),
        ]
    }

    /// Its own headers, and how long answers are kept. `found` matches the requests that are answered well; none where the answer tells.
    fn kept(&self, cache: Option<Caching>, found: &str, names: &mut Names) -> Vec<Item> {
        let route = self.route;
        let said = |name: &str| route.headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
        let mut items = Vec::new();
        if route.own_headers || !self.inherits {
            items.extend(headers(&route.headers, self.hsts && !route.own_hsts));
            if self.hsts && route.own_hsts && self.inherits {
                items.insert(0, line(&format!("header -{HSTS}")));
            }
        }
        if matches!(route.action, Action::Site { .. } | Action::Files { .. }) && !said("X-Content-Type-Options") {
            items.push(line("header X-Content-Type-Options nosniff"));
        }
        let Some(cache) = cache.filter(|_| !said("Cache-Control")) else { return items };
        let control = text(cache.control());
        if cache.covers_errors() {
            items.push(header("Cache-Control", control));
        } else if found.is_empty() {
            items.push(block("header", vec![with(">Cache-Control", control), line(GOOD)]));
        } else {
            let name = names.name("found", &route.prefix);
            items.push(matcher(&name, found, Vec::new()));
            items.push(Item::Line(vec![read("header"), read(format!("@{name}")), read("Cache-Control"), control]));
        }
        items
    }

    fn strip(&self) -> Vec<Item> {
        let bare = self.route.prefix.trim_end_matches('/');
        if bare.is_empty() { Vec::new() } else { vec![Item::Line(vec![read("uri"), read("strip_prefix"), text(bare)])] }
    }

    fn spa(&self, routes: &[&Route], names: &mut Names) -> Vec<Item> {
        let page = format!("{}index.html", self.route.prefix);
        let root = self.carrier.server.site_root();
        let mut all = Vec::new();
        if self.route.prefix == "/" && self.route.wildcard {
            // A route of the user's takes the place of what a site brings with it.
            if !has(routes, "/assets/", true) {
                let cache = Some(self.route.cache.unwrap_or(Caching::Immutable));
                let kept = self.kept(cache, "file {path}", names);
                let handle = self.handle("^/assets/", "assets", kept, files(root, &["{path}", "=404"]), names);
                all.extend(commented("Files with a hash in their name never change.", handle));
            }
            let kept = self.kept(self.route.cache, "file {path}", names);
            let handle = self.handle(FILES, "files", kept, files(root, &["{path}", "=404"]), names);
            let comment = "A missing file is missing; only other paths are the application's own.";
            let handle = commented(comment, handle);
            // The page itself is one of them, and is asked for each time.
            if !has(routes, &page, false) {
                let kept = self.kept(Some(Caching::NoCache), "", names);
                let body = files(root, &["{path}", "=404"]);
                let page = self.handle(&format!("^{}$", pattern(&page)), "page", kept, body, names);
                all.extend(commented(
                    "The page names the hashed files of its version, so it is asked for each time.",
                    page,
                ));
            }
            all.extend(handle);
        }
        let mut kept = self.kept(self.route.cache, "file {path}", names);
        let name = names.name("application", &self.route.prefix);
        kept.push(matcher(&name, "not file {path}", Vec::new()));
        kept.push(line(&format!("header @{name} Cache-Control no-cache")));
        all.extend(self.handle(&self.path(), "", kept, files(root, &["{path}", &page]), names));
        all
    }

    fn redirect(&self, target: &Text, below: bool, status: u16) -> Vec<Item> {
        let mut place = run(&fills(target));
        let mut body = Vec::new();
        if below {
            body.extend(self.strip());
            if let Some((_, last)) = place.last_mut().filter(|(kind, _)| *kind == "text") {
                *last = last.strip_suffix('/').unwrap_or(last).to_owned();
            }
            place.push(("read", "{uri}".to_owned()));
        }
        body.push(Item::Line(vec![read("redir"), read("*"), place, text(status.to_string())]));
        vec![block("route", body)]
    }

    fn proxied(&self, proxy: &Proxy) -> Vec<Item> {
        let mut items = Vec::new();
        let route = self.route;
        let limit = route.body_limit.as_ref().unwrap_or(&self.carrier.table.body_limit);
        items.push(block("request_body", vec![with("max_size", size(limit))]));
        if !proxy.websocket {
            items.push(line("request_header -Upgrade"));
        }
        if self.carrier.table.compress && !proxy.sse {
            items.push(encode());
        }
        if proxy.strip_prefix {
            items.extend(self.strip());
        }
        let upstream = upstream_fills(self.carrier.table, &proxy.upstream);
        let mut head = vec![read("reverse_proxy")];
        head.push(parsed(&upstream));
        items.push(Item::Block(head, self.passing(proxy)));
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
        let common = |name: &str| self.carrier.table.headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
        let own = self.route.headers.iter().map(|(name, _)| name.as_str()).filter(|name| !common(name));
        let mut replaced: Vec<&str> = own.collect();
        replaced.extend(self.hsts.then_some(HSTS));
        replaced.extend(self.route.cache.map(|_| "Cache-Control"));
        items.extend(replaced.iter().map(|name| line(&format!("header_down -{name}"))));
        if proxy.sse {
            items.push(Item::Comment("As it comes: an event must not wait for the next.".to_owned()));
            items.push(line("flush_interval -1"));
        }
        let timeout = proxy.timeout.to_string();
        let mut transport = vec![
            line("compression off"),
            line("dial_timeout 5s"),
            line(&format!("response_header_timeout {timeout}")),
            line(&format!("read_timeout {timeout}")),
        ];
        if let Upstream::Service { verify: false, .. } = proxy.upstream {
            transport.push(line("tls_insecure_skip_verify"));
        }
        items.push(block("transport http", transport));
        items
    }
}

fn encode() -> Item {
    block("encode gzip", vec![line("minimum_length 1024")])
}

fn commented(comment: &str, mut items: Vec<Item>) -> Vec<Item> {
    items.insert(1, Item::Comment(comment.to_owned()));
    items
}

/// Files below `root`, the first of `tries` that is there.
fn files(root: &str, tries: &[&str]) -> Vec<Item> {
    let mut said = vec![read("try_files")];
    said.extend(tries.iter().map(|try_| read(*try_)));
    vec![
        Item::Line(vec![read("root"), read("*"), text(root)]),
        Item::Line(said),
        block("file_server", vec![line("disable_canonical_uris")]),
    ]
}

/// A limit in binary units, which nginx means as well.
fn size(limit: &Limit) -> Token {
    match limit {
        Limit::Size(size) => text(match size.0 {
            bytes if bytes % (1 << 20) == 0 => format!("{}MiB", bytes >> 20),
            bytes => format!("{}KiB", bytes >> 10),
        }),
        Limit::Variable(said) => {
            let mut token = parsed(&fills(said));
            token.extend(text("iB"));
            token
        }
    }
}
