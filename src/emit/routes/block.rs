//! What a route amounts to: blocks of requests that are answered alike, and the headers of their answers. The same for each kind of web server.

use super::plan::has;
use crate::model::{Action, Caching, Route, RouteTable, Text};

/// The header that binds a browser to HTTPS.
pub const HSTS: &str = "Strict-Transport-Security";
/// Its value.
pub const HSTS_VALUE: &str = "max-age=31536000; includeSubDomains";
/// Endings of files that are never paths of an application, as a pattern.
pub const FILES: &str =
    r"\.(?:avif|css|gif|ico|jpe?g|js|json|map|mjs|mp4|pdf|png|svg|txt|wasm|webm|webmanifest|webp|woff2?|xml)$";
/// Types of answers that are compressed, HTML beside them.
pub const COMPRESSED: &[&str] = &[
    "text/css",
    "text/javascript",
    "text/plain",
    "text/xml",
    "application/javascript",
    "application/json",
    "application/manifest+json",
    "application/wasm",
    "application/xml",
    "image/svg+xml",
];
/// Headers by which a client could claim to be another, or to have asked for something else: what proxies say of a client to those behind them. No
/// service gets them.
pub const CLAIMS: &[&str] = &[
    "Forwarded",
    "Proxy",
    "Remote-User",
    "X-Auth-Request-Access-Token",
    "X-Auth-Request-Email",
    "X-Auth-Request-Groups",
    "X-Auth-Request-Preferred-Username",
    "X-Auth-Request-User",
    "X-Forwarded-Access-Token",
    "X-Forwarded-Client-Cert",
    "X-Forwarded-Email",
    "X-Forwarded-Groups",
    "X-Forwarded-Method",
    "X-Forwarded-Path",
    "X-Forwarded-Port",
    "X-Forwarded-Preferred-Username",
    "X-Forwarded-Prefix",
    "X-Forwarded-Protocol",
    "X-Forwarded-Scheme",
    "X-Forwarded-Server",
    "X-Forwarded-Ssl",
    "X-Forwarded-Uri",
    "X-Forwarded-User",
    "X-Original-URL",
    "X-Remote-User",
    "X-Rewrite-URL",
];

/// Requests of a route that are answered alike.
pub struct Block {
    /// Which.
    pub takes: Takes,
    /// How.
    pub does: Does,
    /// How long clients may keep the answer.
    pub cache: Option<Caching>,
    /// Why it is a block of its own.
    pub comment: Option<&'static str>,
}

/// Which requests a block takes.
pub enum Takes {
    /// Those of one path.
    Exactly(String),
    /// Those of all paths that begin so.
    Below(String),
    /// Those for files below it, by their endings.
    Files(String),
}

/// What a block does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Does {
    /// Sends clients to the same path with a slash at its end.
    Slash,
    /// The route's action.
    Act,
    /// Serves the file of a site, or none.
    File,
    /// Serves the file of a site, or else its page.
    Page,
}

/// The blocks of `route`, the most special first.
pub fn blocks(routes: &[&Route], route: &Route) -> Vec<Block> {
    let prefix = &route.prefix;
    let mut all = Vec::new();
    let bare = prefix.trim_end_matches('/');
    if prefix.ends_with('/') && !bare.is_empty() && !has(routes, bare, false) {
        all.push(Block { takes: Takes::Exactly(bare.to_owned()), does: Does::Slash, cache: None, comment: None });
    }
    let takes = if route.wildcard { Takes::Below(prefix.clone()) } else { Takes::Exactly(prefix.clone()) };
    let (does, cache) = match &route.action {
        Action::Site { spa: true, .. } => {
            all.extend(of_application(routes, route));
            (Does::Page, route.cache)
        }
        Action::Site { .. } | Action::Files { .. } => (Does::Act, Some(route.cache.unwrap_or(Caching::NoCache))),
        Action::Proxy(_) | Action::Redirect { .. } | Action::Respond { .. } => (Does::Act, route.cache),
    };
    all.push(Block { takes, does, cache, comment: None });
    all
}

/// What the site of an application brings with it. A route of the user's takes its place.
fn of_application(routes: &[&Route], route: &Route) -> Vec<Block> {
    let mut all = Vec::new();
    let mut add = |takes, cache, comment| all.push(Block { takes, does: Does::File, cache, comment: Some(comment) });
    let assets = format!("{}assets/", route.prefix);
    if !has(routes, &assets, true) {
        let cache = Some(route.cache.unwrap_or(Caching::Immutable));
        add(Takes::Below(assets), cache, "Files with a hash in their name never change.");
    }
    let page = page(route);
    if !has(routes, &page, false) {
        let comment = "The page names the hashed files of its version, so it is asked for each time.";
        add(Takes::Exactly(page), Some(Caching::NoCache), comment);
    }
    let comment = "A missing file is missing; only other paths are the application's own.";
    add(Takes::Files(route.prefix.clone()), route.cache, comment);
    all
}

/// The page of an application.
pub fn page(route: &Route) -> String {
    format!("{}index.html", route.prefix)
}

/// A header of answers.
pub struct Header<'p> {
    /// Its name.
    pub name: &'p str,
    /// What it says.
    pub says: Says<'p>,
    /// Whether it is said with errors as well.
    pub always: bool,
}

/// What a header says.
pub enum Says<'p> {
    /// The user's text.
    Text(&'p Text),
    /// Words of ours.
    Words(String),
    /// That a host is asked over HTTPS only, where it is.
    Hsts,
}

/// The headers that all answers of a server have.
pub fn of_table(table: &RouteTable, hsts: bool) -> Vec<Header<'_>> {
    let mut all = texts(&table.headers);
    all.extend(hsts.then_some(Header { name: HSTS, says: Says::Hsts, always: true }));
    all
}

/// What a block says beside the headers that the user wrote.
pub fn of_block<'p>(route: &'p Route, block: &Block) -> Vec<Header<'p>> {
    let said = |name: &str| route.headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
    let mut all = Vec::new();
    if let Some(cache) = block.cache.filter(|_| block.does != Does::Slash && !said("Cache-Control")) {
        let says = Says::Words(cache.control());
        all.push(Header { name: "Cache-Control", says, always: cache.covers_errors() });
    }
    let serves = matches!(route.action, Action::Site { .. } | Action::Files { .. });
    if serves && !said("X-Content-Type-Options") {
        all.push(Header { name: "X-Content-Type-Options", says: Says::Words("nosniff".to_owned()), always: true });
    }
    all
}

/// Headers that the user wrote; those without a value are none.
pub fn texts(headers: &[(String, Text)]) -> Vec<Header<'_>> {
    let said = headers.iter().filter(|(_, value)| value.as_literal().as_deref() != Some(""));
    said.map(|(name, value)| Header { name, says: Says::Text(value), always: true }).collect()
}

/// The headers that are not taken over from a service, because the route says them itself, beside those of the table.
pub fn replaced<'p>(table: &'p RouteTable, route: &'p Route, hsts: bool) -> Vec<&'p str> {
    let common = |name: &str| table.headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
    let own = route.headers.iter().map(|(name, _)| name.as_str()).filter(|name| !common(name));
    let mut all: Vec<&str> = own.collect();
    all.extend((hsts && !route.own_hsts).then_some(HSTS));
    all.extend(
        route
            .cache
            .filter(|_| !all.iter().any(|name| name.eq_ignore_ascii_case("Cache-Control")))
            .map(|_| "Cache-Control"),
    );
    all
}
