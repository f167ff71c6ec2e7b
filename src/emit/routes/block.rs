//! What a route amounts to: blocks of requests that are answered alike, and the headers of their answers. The same for each kind of web server.

use super::plan::has;
use crate::model::{Action, Caching, Route, RouteTable, Text};

/// The header that binds a browser to HTTPS.
pub const HSTS: &str = "Strict-Transport-Security";
/// Its value.
pub const HSTS_VALUE: &str = "max-age=31536000; includeSubDomains";
/// Endings of files that are never paths of an application, as a pattern.
pub const FILES: &str = r"\.(?:aac|apng|avif|bin|bmp|cjs|css|csv|eot|flac|gif|glb|gltf|gz|html?|ico|jpe?g|js|json|jsx|m4a|map|mjs|mov|mp3|mp4|ogg|otf|pdf|png|svg|tar|tsx?|ttf|txt|wasm|wav|webm|webmanifest|webp|woff2?|xml|zip)$";
/// The header that says how long clients may keep an answer.
pub const CACHE_CONTROL: &str = "Cache-Control";
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
    let mut add = |takes, cache, comment| all.push(Block { takes, does: Does::File, cache, comment });
    let hashed = matches!(route.action, Action::Site { hashed: true, .. });
    let own = said(route, CACHE_CONTROL).is_some();
    let assets = format!("{}assets/", route.prefix);
    if !has(routes, &assets, true) {
        let cache = route.cache.unwrap_or(if hashed { Caching::Immutable } else { Caching::NoCache });
        let comment = match cache {
            Caching::Immutable if hashed => Some("Files with a hash in their name never change."),
            Caching::NoCache => Some("Files that keep their names are asked for each time."),
            Caching::Immutable | Caching::NoStore | Caching::For(_) => None,
        };
        add(Takes::Below(assets), Some(cache), comment.filter(|_| !own));
    }
    let page = page(route);
    if !has(routes, &page, false) {
        let cache = cache_of_page(route);
        let comment = match cache {
            Caching::NoCache if hashed => {
                Some("The page names the hashed files of its version, so it is asked for each time.")
            }
            Caching::NoCache => Some("The page is asked for each time."),
            Caching::Immutable | Caching::NoStore | Caching::For(_) => None,
        };
        add(Takes::Exactly(page), Some(cache), comment.filter(|_| !own));
    }
    let comment = "A missing file is missing; only other paths are the application's own.";
    add(Takes::Files(route.prefix.clone()), route.cache, Some(comment));
    all
}

/// How long clients may keep the page of an application, whatever the route says of its files.
pub fn cache_of_page(route: &Route) -> Caching {
    match route.cache {
        Some(Caching::NoStore) => Caching::NoStore,
        Some(Caching::Immutable | Caching::NoCache | Caching::For(_)) | None => Caching::NoCache,
    }
}

/// What the user says of a header in `route`.
pub fn said<'p>(route: &'p Route, name: &str) -> Option<&'p Text> {
    route.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
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
    let mut all = Vec::new();
    all.extend(block.cache.filter(|_| block.does != Does::Slash).and_then(|cache| keeping(route, cache)));
    let serves = matches!(route.action, Action::Site { .. } | Action::Files { .. });
    if serves && said(route, "X-Content-Type-Options").is_none() {
        all.push(Header { name: "X-Content-Type-Options", says: Says::Words("nosniff".to_owned()), always: true });
    }
    all
}

/// How long clients may keep an answer of `route`, where the user does not say it in words of HTTP.
pub fn keeping(route: &Route, cache: Caching) -> Option<Header<'static>> {
    let says = Says::Words(cache.control());
    let header = Header { name: CACHE_CONTROL, says, always: cache.covers_errors() };
    said(route, CACHE_CONTROL).is_none().then_some(header)
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
        route.cache.filter(|_| !all.iter().any(|name| name.eq_ignore_ascii_case(CACHE_CONTROL))).map(|_| CACHE_CONTROL),
    );
    all
}
