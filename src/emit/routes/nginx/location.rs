//! The locations of one route in nginx's words.

use serde_json::{Value, json};

use super::super::block::{self, Block, Does, HSTS, Says, Takes, blocks};
use super::super::plan::{has, inherits, may_be_secure};
use super::super::{Carrier, folder_target, pattern};
use super::names::Names;
use super::requests::Requests;
use super::{Piece, filled, pieces, read, text};
use crate::model::{Action, Proxy, Route, Text, Upstream, fills, upstream_fills};

/// How long nginx itself waits for a service.
const USUAL_TIMEOUT: u64 = 60_000;
/// What a path holds that is not plain, after its first slash: `//`, and steps of `.` and `..`, however a client writes dots and slashes.
const NOT_PLAIN: &str = r"[^?]*(?://|(?:/|%2[fF])(?:\.|%2[eE]){1,2}(?:/|%2[fF]|\?|$))";

/// Headers of answers in nginx's words.
pub(super) fn headers(all: &[block::Header<'_>]) -> Vec<Value> {
    let value = |says: &Says<'_>| match says {
        Says::Text(said) => filled(&fills(said)),
        Says::Words(words) => vec![text(words)],
        Says::Hsts => vec![read("$hsts")],
    };
    all.iter().map(|one| json!({"name": one.name, "value": value(&one.says), "always": one.always})).collect()
}

/// The headers of a table that are not taken over from a service.
pub(super) fn hidden(headers: &[(String, Text)], hsts: bool) -> Vec<String> {
    headers.iter().map(|(name, _)| name.clone()).chain(hsts.then(|| HSTS.to_owned())).collect()
}

/// The locations of `route`, its own last.
pub(super) fn locations(
    carrier: &Carrier<'_>,
    routes: &[&Route],
    route: &Route,
    hsts: bool,
    requests: &Requests<'_>,
    names: &mut Names,
) -> Vec<Value> {
    let page = block::page(route);
    let own_page = has(routes, &page, false).then(|| names.name("page", &route.prefix, &page).0);
    let maker = Maker { carrier, route, hsts, inherits: inherits(routes), requests, own_page };
    let mut all = Vec::new();
    for block in blocks(routes, route) {
        all.push(maker.location(&block, names));
        all.extend(maker.page(&block, names));
    }
    all
}

struct Maker<'a> {
    carrier: &'a Carrier<'a>,
    route: &'a Route,
    hsts: bool,
    inherits: bool,
    requests: &'a Requests<'a>,
    /// The name of a place for its page, where a route of the user's has the page's path.
    own_page: Option<String>,
}

impl Maker<'_> {
    fn location(&self, block: &Block, names: &mut Names) -> Value {
        let (modifier, path) = self.matches(block);
        let mut location = json!({
            "comment": block.comment, "modifier": modifier, "path": path, "denied": [], "allowed": [], "methods": null, "limit": null,
            "passwords": null, "body_limit": null, "headers": [], "hidden": [], "proxy": null, "answer": null, "alias": null, "tries": null,
            "type": null, "lines": [],
        });
        if block.does == Does::Slash {
            if !self.inherits {
                location["headers"] = json!(headers(&block::of_table(self.carrier.table, self.hsts)));
            }
            let place = vec![text(self.route.prefix.clone()), read("$is_args$args")];
            location["answer"] = json!({"status": "308", "text": place, "type": null});
            return location;
        }
        self.guard(&mut location, names);
        let (headers, hidden) = self.headers(block, names);
        location["headers"] = json!(headers);
        location["hidden"] = json!(hidden);
        if matches!(self.route.action, Action::Site { .. } | Action::Files { .. }) {
            location["type"] = json!(self.own_type());
        }
        location["lines"] = json!(self.requests.kept_by(self.route.nginx.as_deref()));
        let tried = |tries: &[&str]| json!(tries.iter().map(|one| [read(*one)]).collect::<Vec<_>>());
        match block.does {
            Does::File => location["tries"] = tried(&["$uri", "=404"]),
            Does::Page => {
                let page = self.own_page.as_ref().map_or_else(|| block::page(self.route), |name| format!("@{name}"));
                location["tries"] = tried(&["$uri", &page]);
            }
            Does::Act | Does::Slash => self.act(&mut location, names),
        }
        location
    }

    /// The page of an application whose path leads elsewhere: it cannot be reached by its path.
    fn page(&self, block: &Block, names: &mut Names) -> Option<Value> {
        let name = self.own_page.as_ref().filter(|_| block.does == Does::Page)?;
        let takes = Takes::Exactly(block::page(self.route));
        let comment = Some("The page itself: its path has a route of its own.");
        let mut location = self.location(
            &Block { takes, does: Does::File, cache: Some(block::cache_of_page(self.route)), comment },
            names,
        );
        location["modifier"] = json!("@");
        location["path"] = json!(name);
        location["tries"] = json!([[text(block::page(self.route))], [read("=404")]]);
        Some(location)
    }

    /// How a location matches, and what.
    fn matches(&self, block: &Block) -> (&'static str, String) {
        match &block.takes {
            Takes::Exactly(path) => ("= ", path.clone()),
            // Below an application nginx also tries the pattern of its files; elsewhere nothing but the longest path counts.
            Takes::Below(path) if path == "/" || block.does == Does::Page => ("", path.clone()),
            Takes::Below(path) => ("^~ ", path.clone()),
            Takes::Files(below) if below == "/" => ("~* ", block::FILES.to_owned()),
            Takes::Files(below) => ("~* ", format!("^{}.*{}", pattern(below), block::FILES)),
        }
    }

    /// What refuses requests.
    fn guard(&self, location: &mut Value, names: &mut Names) {
        let route = self.route;
        let slug = &route.prefix;
        if !route.allow.is_empty() {
            location["allowed"] = json!([names.networks("allowed", slug, &route.allow)]);
        }
        if !route.deny.is_empty() {
            location["denied"] = json!([names.networks("denied", slug, &route.deny)]);
        }
        if !route.methods.is_empty() {
            location["methods"] = json!([read(format!("^(?:{})$", route.methods.join("|")))]);
        }
        if let Some(limit) = route.rate_limit {
            let (zone, new) = names.name("rate", slug, &route.path.to_string());
            if new {
                let rate = format!("{}r/{}", limit.count, if limit.per_minute { "m" } else { "s" });
                names.zones.push(json!({"name": zone, "rate": rate}));
            }
            let burst = (limit.burst > 0).then(|| limit.burst.to_string());
            location["limit"] = json!({"zone": zone, "burst": burst});
        }
        if let Some(name) = &route.auth {
            location["passwords"] = json!([text(format!("/run/secrets/{name}"))]);
        }
        location["body_limit"] = json!(route.body_limit.as_ref().map(super::limit));
    }

    /// The headers of its answers, and those that are not taken over. nginx forgets all of a server's where a location has one of its own, so
    /// either all stand here or none.
    fn headers(&self, block: &Block, names: &mut Names) -> (Vec<Value>, Vec<String>) {
        let route = self.route;
        let mut all = block::of_block(route, block);
        if self.inherits && !route.own_headers && all.is_empty() && route.methods.is_empty() {
            return (Vec::new(), Vec::new());
        }
        // The type of what the server itself hands out is said where that is.
        let typed = !matches!(route.action, Action::Proxy(_));
        let own = block::texts(&route.headers).into_iter();
        all.extend(own.filter(|header| !(typed && header.name.eq_ignore_ascii_case("Content-Type"))));
        let hsts = self.hsts && !route.own_hsts;
        all.extend(hsts.then_some(block::Header { name: HSTS, says: Says::Hsts, always: true }));
        let mut said = headers(&all);
        if !route.methods.is_empty() {
            let methods = text(route.methods.join(", "));
            let comment = "The methods that are answered, said where another was tried.";
            let value = names.map("methods", &route.prefix, comment, "$status", "405".to_owned(), methods);
            said.push(json!({"name": "Allow", "value": [value], "always": true}));
        }
        if !matches!(route.action, Action::Proxy(_)) {
            return (said, Vec::new());
        }
        let common = |name: &&str| self.carrier.table.headers.iter().any(|(known, _)| known == name);
        let of_table = self.carrier.table.headers.iter().map(|(name, _)| name.as_str());
        let replaced = block::replaced(self.carrier.table, route, self.hsts);
        let hides = of_table.chain(replaced.into_iter().filter(|name| !common(name)));
        (said, hides.map(str::to_owned).collect())
    }

    /// The type that the user says.
    fn own_type(&self) -> Option<Vec<Piece>> {
        block::said(self.route, "Content-Type").map(|kind| filled(&fills(kind))).filter(|kind| !kind.is_empty())
    }

    /// The route's own action.
    fn act(&self, location: &mut Value, names: &mut Names) {
        let route = self.route;
        let tries = json!([[read("$uri")], [read("$uri/index.html")], [read("=404")]]);
        match &route.action {
            Action::Proxy(proxy) => location["proxy"] = self.proxied(proxy, names),
            Action::Site { .. } => location["tries"] = tries,
            Action::Files { folder } => {
                location["tries"] = tries;
                location["alias"] = json!([text(format!("{}/", folder_target(folder)))]);
            }
            Action::Redirect { target, below, status } => {
                let mut place = filled(&fills(target));
                if *below {
                    place.push(self.below(names));
                    place.push(read("$is_args$args"));
                }
                location["answer"] = json!({"status": status.to_string(), "text": place, "type": null});
            }
            Action::Respond { text: said, status } => {
                let kind = self.own_type().unwrap_or_else(|| vec![text("text/plain; charset=utf-8")]);
                location["answer"] = json!({"status": status.to_string(), "text": filled(&fills(said)), "type": kind});
            }
        }
    }

    /// What a request has below the route. Slashes are left out at its beginning: after a target's own one, another would lead to another host.
    fn below(&self, names: &mut Names) -> Piece {
        let prefix = &self.route.prefix;
        let said = format!("~^{}/+([^?]*)", pattern(prefix.trim_end_matches('/')));
        let comment = format!("What a request has below {prefix}, as the client wrote it.");
        names.map("below", prefix, &comment, "$request_uri", said, read("$1"))
    }

    fn proxied(&self, proxy: &Proxy, names: &mut Names) -> Value {
        let upstream = upstream_fills(self.carrier.table, &proxy.upstream);
        let mut target = vec![read("$upstream")];
        let mut prefix = None;
        if proxy.strip_prefix {
            let bare = self.route.prefix.trim_end_matches('/');
            let said = pattern(bare);
            let comment = format!(
                "What a request has after {bare}, as the client wrote it: where it is plain, without `//`, `.` and `..`."
            );
            let plain = format!("~^{said}(?!{NOT_PLAIN})(/.*)$");
            target.push(names.map("after", bare, &comment, "$request_uri", plain, read("$1")));
            prefix = Some([read(format!("^{said}(/.*)$"))]);
        }
        let verify = !matches!(proxy.upstream, Upstream::Service { verify: false, .. });
        let timeout = (proxy.timeout.0 != USUAL_TIMEOUT).then(|| proxy.timeout.to_string());
        json!({
            "upstream": pieces(&upstream),
            "target": target,
            "prefix": prefix,
            "passed": self.requests.of_route(proxy),
            "websocket": proxy.websocket,
            "timeout": timeout,
            "stream": proxy.sse,
            "secure": may_be_secure(self.carrier.table, &proxy.upstream),
            "verify": verify,
        })
    }
}
