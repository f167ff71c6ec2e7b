//! The locations of one route in nginx's words.

use serde_json::{Value, json};

use super::super::plan::{has, may_be_secure};
use super::super::{Carrier, pattern};
use super::{Piece, pieces, read, text, variable};
use crate::model::{Action, Caching, Proxy, Route, RouteTable, Text, Upstream, fills, upstream_fills};

/// How long nginx itself waits for a service.
const USUAL_TIMEOUT: u64 = 60_000;
/// A dot as a client may write it.
const DOT: &str = r"(?:\.|%2[eE])";
/// The header that binds a browser to HTTPS.
const HSTS: &str = "Strict-Transport-Security";

/// What the locations of a table declare before its servers, under names that are given once.
#[derive(Default)]
pub(super) struct Names {
    pub maps: Vec<Value>,
    pub networks: Vec<Value>,
    pub zones: Vec<Value>,
    taken: Vec<(String, String)>,
}

impl Names {
    /// A name made of `kind` and a path; the same one for the same `meaning`.
    fn name(&mut self, kind: &str, path: &str, meaning: &str) -> (String, bool) {
        let words: Vec<&str> =
            path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let base =
            if words.is_empty() { kind.to_owned() } else { format!("{kind}_{}", words.join("_").to_ascii_lowercase()) };
        if let Some((name, _)) = self.taken.iter().find(|(name, known)| known == meaning && name.starts_with(kind)) {
            return (name.clone(), false);
        }
        let free = |name: &String| !self.taken.iter().any(|(taken, _)| taken == name);
        let numbered = (2..).map(|number| format!("{base}_{number}"));
        let name = std::iter::once(base.clone()).chain(numbered).find(free).expect("numbers do not end");
        self.taken.push((name.clone(), meaning.to_owned()));
        (name, true)
    }

    fn map(&mut self, kind: &str, path: &str, comment: &str, from: &str, pattern: String, value: Piece) -> Piece {
        let (name, new) = self.name(kind, path, &format!("{pattern} {}", value.1));
        if new {
            self.maps.push(json!({
                "comment": comment, "from": [read(from)], "name": name, "pattern": [read(pattern)], "value": [value],
            }));
        }
        read(format!("${name}"))
    }

    fn networks(&mut self, kind: &str, path: &str, networks: &[String]) -> Vec<Piece> {
        let (name, new) = self.name(kind, path, &networks.join(" "));
        if new {
            self.networks.push(json!({"name": name, "networks": networks}));
        }
        vec![read(format!("${name}"))]
    }
}

/// The headers that every service gets.
pub(super) fn usual_headers() -> Vec<Value> {
    let client = || vec![variable("NGINX_CLIENT_ADDRESS")];
    [
        ("Connection", vec![]),
        ("Host", vec![read("$requested_host")]),
        ("X-Real-IP", client()),
        ("X-Forwarded-For", client()),
        ("X-Forwarded-Proto", vec![variable("NGINX_FORWARDED_PROTO")]),
        ("X-Forwarded-Host", vec![read("$requested_host")]),
    ]
    .map(|(name, value): (&str, Vec<Piece>)| json!({"name": name, "value": value}))
    .to_vec()
}

/// The headers of all answers of a server.
pub(super) fn server_headers(table: &RouteTable, hsts: bool) -> Vec<Value> {
    let mut all = answer_headers(&table.headers);
    if hsts {
        all.push(header(HSTS, vec![read("$hsts")], true));
    }
    all
}

/// The headers that are not taken over from a service.
pub(super) fn hidden(headers: &[(String, Text)], hsts: bool) -> Vec<String> {
    headers.iter().map(|(name, _)| name.clone()).chain(hsts.then(|| HSTS.to_owned())).collect()
}

fn header(name: &str, value: Vec<Piece>, always: bool) -> Value {
    json!({"name": name, "value": value, "always": always})
}

fn answer_headers(headers: &[(String, Text)]) -> Vec<Value> {
    let said = headers.iter().filter(|(_, value)| value.as_literal().as_deref() != Some(""));
    said.map(|(name, value)| header(name, pieces(&fills(value)), true)).collect()
}

/// The locations of `route`, its own last.
pub(super) fn locations(
    carrier: &Carrier<'_>,
    routes: &[&Route],
    route: &Route,
    hsts: bool,
    names: &mut Names,
) -> Vec<Value> {
    let maker = Maker { carrier, route, hsts, inherits: super::super::plan::inherits(routes) };
    let mut all: Vec<Value> = maker.bare(routes).into_iter().collect();
    match &route.action {
        Action::Proxy(proxy) => all.push(maker.proxied(proxy, names)),
        Action::Site { spa: true, .. } => all.extend(maker.spa(routes, names)),
        Action::Site { spa: false, .. } => {
            all.push(maker.files(
                route.prefix.as_str(),
                &["$uri", "$uri/index.html", "=404"],
                None,
                Caching::NoCache,
                names,
            ));
        }
        Action::Files { folder } => {
            let alias = format!("{}/", super::super::folder_target(folder));
            let tries = ["$uri", "$uri/index.html", "=404"];
            all.push(maker.files(route.prefix.as_str(), &tries, Some(alias), Caching::NoCache, names));
        }
        Action::Redirect { target, below, status } => {
            let mut place = pieces(&fills(target));
            if *below {
                let said = format!("~^{}([^?]*)", pattern(&route.prefix));
                let comment = format!("What a request has below {}, as the client wrote it.", route.prefix);
                place.push(names.map("below", &route.prefix, &comment, "$request_uri", said, read("$1")));
                place.push(read("$is_args$args"));
            }
            all.push(maker.answer(*status, place, None, names));
        }
        Action::Respond { text: said, status } => {
            let kind = route.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("Content-Type"));
            let kind = kind.map_or_else(|| vec![text("text/plain; charset=utf-8")], |(_, kind)| pieces(&fills(kind)));
            all.push(maker.answer(*status, pieces(&fills(said)), Some(kind), names));
        }
    }
    all
}

struct Maker<'a> {
    carrier: &'a Carrier<'a>,
    route: &'a Route,
    hsts: bool,
    inherits: bool,
}

impl Maker<'_> {
    /// `/x` of `/x/*`, unless a route answers it.
    fn bare(&self, routes: &[&Route]) -> Option<Value> {
        let bare =
            self.route.wildcard.then(|| self.route.prefix.trim_end_matches('/')).filter(|bare| !bare.is_empty())?;
        if has(routes, bare, false) {
            return None;
        }
        let place = vec![text(self.route.prefix.clone()), read("$is_args$args")];
        let answer = json!({"status": "308", "text": place, "type": null});
        Some(
            json!({"modifier": "= ", "path": bare, "answer": answer, "denied": [], "allowed": [], "headers": [], "hidden": [],
            "lines": [], "comment": null, "methods": null, "limit": null, "passwords": null, "body_limit": null, "proxy": null}),
        )
    }

    /// A location with what holds for all of the route.
    fn location(&self, modifier: &str, path: &str, cache: Option<Caching>, names: &mut Names) -> Value {
        let route = self.route;
        let slug = &route.prefix;
        let methods = (!route.methods.is_empty()).then(|| format!("^(?:{})$", route.methods.join("|")));
        let limit = route.rate_limit.map(|limit| {
            let meaning = route.path.to_string();
            let (zone, new) = names.name("rate", slug, &meaning);
            if new {
                let rate = format!("{}r/{}", limit.count, if limit.per_minute { "m" } else { "s" });
                names.zones.push(json!({"name": zone, "rate": rate}));
            }
            json!({"zone": zone, "burst": (limit.burst > 0).then(|| limit.burst.to_string())})
        });
        let mut allowed: Vec<Vec<Piece>> = Vec::new();
        if !route.allow.is_empty() {
            allowed.push(names.networks("allowed", slug, &route.allow));
        }
        let mut denied: Vec<Vec<Piece>> = Vec::new();
        if !route.deny.is_empty() {
            denied.push(names.networks("denied", slug, &route.deny));
        }
        let (headers, hidden) = self.headers(cache, names);
        json!({
            "comment": null,
            "modifier": modifier,
            "path": path,
            "denied": denied,
            "allowed": allowed,
            "methods": methods.map(|methods| [read(methods)]),
            "limit": limit,
            "passwords": route.auth.as_ref().map(|name| [text(format!("/run/secrets/{name}"))]),
            "body_limit": route.body_limit.as_ref().map(super::limit),
            "headers": headers,
            "hidden": hidden,
            "proxy": null,
            "answer": null,
            "alias": null,
            "tries": null,
            "lines": route.nginx.as_deref().map(|lines| lines.lines().collect::<Vec<_>>()).unwrap_or_default(),
        })
    }

    /// The headers of its answers, and those that are not taken over. nginx forgets all of a server's where a location has one of its own, so
    /// either all stand here or none.
    fn headers(&self, cache: Option<Caching>, names: &mut Names) -> (Vec<Value>, Vec<String>) {
        let route = self.route;
        let is_proxy = matches!(route.action, Action::Proxy(_));
        let said = |name: &str| route.headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
        let cache = cache.filter(|_| !said("Cache-Control"));
        let sniffs = !is_proxy
            && matches!(route.action, Action::Site { .. } | Action::Files { .. })
            && !said("X-Content-Type-Options");
        if self.inherits && !route.own_headers && cache.is_none() && route.methods.is_empty() && !sniffs {
            return (Vec::new(), Vec::new());
        }
        let mut all: Vec<Value> = Vec::new();
        if let Some(cache) = cache {
            all.push(header("Cache-Control", vec![text(cache.control())], cache.covers_errors()));
        }
        if sniffs {
            all.push(header("X-Content-Type-Options", vec![text("nosniff")], true));
        }
        let typed = matches!(route.action, Action::Respond { .. });
        let own = route.headers.iter().filter(|(name, _)| !(typed && name.eq_ignore_ascii_case("Content-Type")));
        all.extend(answer_headers(&own.cloned().collect::<Vec<_>>()));
        let hsts = self.hsts && !route.own_hsts;
        if hsts {
            all.push(header(HSTS, vec![read("$hsts")], true));
        }
        if !route.methods.is_empty() {
            let methods = route.methods.join(", ");
            let comment = "The methods that are answered, said where another was tried.";
            let value = names.map("methods", &route.prefix, comment, "$status", "405".to_owned(), text(methods));
            all.push(header("Allow", vec![value], true));
        }
        let mut hides = hidden(&route.headers, hsts);
        hides.extend(cache.map(|_| "Cache-Control".to_owned()));
        (all, if is_proxy { hides } else { Vec::new() })
    }

    fn modifier(&self) -> &'static str {
        // At `/` nginx may still try the patterns; below, nothing but the longest path counts.
        match (self.route.wildcard, self.route.prefix.as_str()) {
            (false, _) => "= ",
            (true, "/") => "",
            (true, _) => "^~ ",
        }
    }

    fn answer(&self, status: u16, said: Vec<Piece>, kind: Option<Vec<Piece>>, names: &mut Names) -> Value {
        let mut location = self.location(self.modifier(), &self.route.prefix, self.route.cache, names);
        location["answer"] = json!({"status": status.to_string(), "text": said, "type": kind});
        location
    }

    fn files(&self, path: &str, tries: &[&str], alias: Option<String>, usual: Caching, names: &mut Names) -> Value {
        let mut location = self.location(self.modifier(), path, self.route.cache.or(Some(usual)), names);
        location["tries"] = json!(tries.iter().map(|try_| [read(*try_)]).collect::<Vec<_>>());
        location["alias"] = json!(alias.map(|alias| [text(alias)]));
        location
    }

    /// A site whose other paths are the application's own.
    fn spa(&self, routes: &[&Route], names: &mut Names) -> Vec<Value> {
        let page = format!("{}index.html", self.route.prefix);
        let mut all = Vec::new();
        let missing = json!([[read("$uri")], [read("=404")]]);
        if self.route.prefix == "/" && self.route.wildcard {
            // A route of the user's takes the place of a location that a site brings with it.
            if !has(routes, "/assets/", true) {
                let mut assets =
                    self.location("^~ ", "/assets/", Some(self.route.cache.unwrap_or(Caching::Immutable)), names);
                assets["comment"] = json!("Files with a hash in their name never change.");
                assets["tries"] = missing.clone();
                all.push(assets);
            }
            let mut files = self.location("~* ", FILES, self.route.cache, names);
            files["comment"] = json!("A missing file is missing; only other paths are the application's own.");
            files["tries"] = missing;
            all.push(files);
        }
        if !has(routes, &page, false) {
            let mut index = self.location("= ", &page, Some(Caching::NoCache), names);
            index["comment"] = json!("The page names the hashed files of its version, so it is asked for each time.");
            all.push(index);
        }
        let mut rest = self.location(self.modifier(), &self.route.prefix, self.route.cache, names);
        rest["tries"] = json!([[read("$uri")], [text(page)]]);
        all.push(rest);
        all
    }

    fn proxied(&self, proxy: &Proxy, names: &mut Names) -> Value {
        let mut location = self.location(self.modifier(), &self.route.prefix, self.route.cache, names);
        let upstream = upstream_fills(self.carrier.table, &proxy.upstream);
        let mut target = vec![read("$upstream")];
        let mut prefix = None;
        if proxy.strip_prefix {
            let bare = self.route.prefix.trim_end_matches('/');
            let bare_pattern = pattern(bare);
            let comment = format!(
                "What a request has after {bare}, as the client wrote it: where it is plain, without `//`, `.` and `..`."
            );
            let plain = format!("~^{bare_pattern}(?![^?]*/(?:{DOT}{{0,2}}/|{DOT}{{1,2}}(?:\\?|$)))(/.*)$");
            target.push(names.map("after", bare, &comment, "$request_uri", plain, read("$1")));
            prefix = Some([read(format!("^{bare_pattern}(/.*)$"))]);
        }
        let (secure, verify) = match &proxy.upstream {
            Upstream::Service { verify, .. } => (may_be_secure(self.carrier.table, &proxy.upstream), *verify),
            Upstream::Url(_) => (may_be_secure(self.carrier.table, &proxy.upstream), true),
        };
        let timeout = (proxy.timeout.0 != USUAL_TIMEOUT).then(|| proxy.timeout.to_string());
        location["proxy"] = json!({
            "upstream": pieces(&upstream),
            "target": target,
            "prefix": prefix,
            "headers": self.request_headers(proxy),
            "timeout": timeout,
            "stream": proxy.sse,
            "secure": secure,
            "verify": verify,
        });
        location
    }

    /// The headers that the service gets, where they are not the usual ones: all, or nginx forgets the rest.
    fn request_headers(&self, proxy: &Proxy) -> Vec<Value> {
        let elsewhere = matches!(proxy.upstream, Upstream::Url(_));
        let host = match (&proxy.host, elsewhere) {
            (Some(host), _) => Some(pieces(&fills(host))),
            (None, true) => Some(vec![read("$proxy_host")]),
            (None, false) => None,
        };
        if host.is_none() && !proxy.websocket && proxy.request_headers.is_empty() {
            return Vec::new();
        }
        let own = |name: &str| proxy.request_headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
        let mut all: Vec<Value> = Vec::new();
        if proxy.websocket {
            all.push(json!({"name": "Upgrade", "value": [read("$http_upgrade")]}));
        }
        for mut header in usual_headers() {
            match (header["name"].as_str(), &host) {
                (Some("Connection"), _) if proxy.websocket => header["value"] = json!([read("$connection_upgrade")]),
                (Some("Host"), Some(host)) => header["value"] = json!(host),
                (Some(name), _) if own(name) => continue,
                _ => {}
            }
            all.push(header);
        }
        all.extend(proxy.request_headers.iter().map(|(name, value)| {
            let empty = value.as_literal().as_deref() == Some("");
            let value = if empty { Vec::<Piece>::new() } else { pieces(&fills(value)) };
            json!({"name": name, "value": value})
        }));
        all
    }
}

/// Endings of files, as a pattern.
const FILES: &str =
    r"\.(?:avif|css|gif|ico|jpe?g|js|json|map|mjs|mp4|pdf|png|svg|txt|wasm|webm|webmanifest|webp|woff2?|xml)$";
