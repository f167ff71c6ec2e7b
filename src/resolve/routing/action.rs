//! What answers a route.

use super::super::Scope;
use super::super::references::Position;
use super::headers;
use super::route::{Place as Route, Resolved, one_action};
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::facts::join;
use crate::model::{Action, Duration, Piece, Protocol, Proxy, Text, Upstream, is_authority};
use crate::source::{Place, SpecPath};
use crate::spec::{self, Scalar, ScalarOr};

/// How long a service may be silent, where nothing is said.
const TIMEOUT: Duration = Duration::seconds(60);
/// The same for connections that are meant to be silent.
const STREAM_TIMEOUT: Duration = Duration::seconds(3600);
/// The longest that anybody would wait.
const LONGEST_TIMEOUT: Duration = Duration::seconds(7 * 24 * 3600);

pub(super) fn resolve(scope: &mut Scope<'_, '_>, at: &Route<'_>, wildcard: bool, written: &spec::Route) -> Resolved {
    match (&written.to, &written.site, &written.files, &written.redirect, &written.respond) {
        (Some(to), None, None, None, None) => proxy(scope, at, wildcard, to, written),
        (None, Some(site), None, None, None) => self::site(scope, at, wildcard, site, written.spa.unwrap_or(false)),
        (None, None, Some(folder), None, None) => files(scope, at, wildcard, folder),
        (None, None, None, Some(target), None) => redirect(scope, at, wildcard, target, written.status),
        (None, None, None, None, Some(Scalar(text))) => respond(scope, at, text, written.status),
        (to, site, files, redirect, respond) => {
            let count = [to.is_some(), site.is_some(), files.is_some(), redirect.is_some(), respond.is_some()];
            one_action(scope, at, count.iter().filter(|said| **said).count());
            None
        }
    }
}

fn proxy(scope: &mut Scope<'_, '_>, at: &Route<'_>, wildcard: bool, to: &str, written: &spec::Route) -> Resolved {
    let path = at.path;
    let upstream = if to.contains("://") || to.contains("${") {
        url(scope, to, &path.key("to"))
    } else {
        service(scope, at, to, &path.key("to"))
    };
    let strip_prefix = written.strip_prefix.unwrap_or(false);
    if strip_prefix && (!wildcard || at.pattern == "/*") {
        let message = format!("the route `{}` has no prefix to strip", at.pattern);
        let finding = Finding::new(Code::InvalidRoute, Place::Key(path.key("strip_prefix")), message, "strips nothing");
        scope.report(finding.help("remove `strip_prefix`, or write a route such as `/api/*`"));
    }
    let (websocket, sse) = (written.websocket.unwrap_or(false), written.sse.unwrap_or(false));
    let usual = if websocket || sse { STREAM_TIMEOUT } else { TIMEOUT };
    let host = written.host.as_ref().map(|host| scope.text(host, Position::public(&path.key("host"), None)));
    if let Some(host) = host.as_ref().and_then(Text::as_literal).filter(|host| !is_authority(host)) {
        let place = Place::Value(path.key("host"));
        let finding =
            Finding::new(Code::InvalidValue, place, format!("`{host}` is not the name of a host"), "not a host");
        scope.report(finding.help("write a name such as `api.internal`"));
    }
    Some(Action::Proxy(Box::new(Proxy {
        upstream: upstream?,
        strip_prefix: strip_prefix && wildcard && at.pattern != "/*",
        websocket,
        sse,
        timeout: timeout(scope, written, &path.key("timeout")).unwrap_or(usual),
        host,
        request_headers: headers::requests(scope, &written.request_headers, &path.key("request_headers")),
    })))
}

/// How long a service may be silent: to one server no time is none at all, to the other for ever.
fn timeout(scope: &mut Scope<'_, '_>, written: &spec::Route, path: &SpecPath) -> Option<Duration> {
    let said = written.timeout.as_deref()?;
    let duration = scope.duration(Some(said), path)?;
    if duration.0 > 0 && duration.0 <= LONGEST_TIMEOUT.0 {
        return Some(duration);
    }
    let message = format!("`{said}` is no time to wait for a service");
    let finding = Finding::new(Code::InvalidDuration, Place::Value(path.clone()), message, "not a sensible time");
    scope.report(finding.help("write a time of up to a week, such as `5m`, or `168h`"));
    None
}

/// Scheme and host; what follows belongs to the request.
fn url(scope: &mut Scope<'_, '_>, to: &str, path: &SpecPath) -> Option<Upstream> {
    let text = scope.text(to, Position::public(path, None));
    let whole: String =
        text.pieces.iter().map(|piece| if let Piece::Literal(text) = piece { text } else { "1" }).collect();
    let starts_open = !matches!(text.pieces.first(), Some(Piece::Literal(_)));
    let authority = whole.strip_prefix("http://").or_else(|| whole.strip_prefix("https://"));
    let authority = if starts_open { authority.or(Some(whole.as_str())) } else { authority };
    if authority.is_some_and(is_authority) {
        return Some(Upstream::Url(text));
    }
    let message = format!("`{to}` is not the address of a server");
    let finding =
        Finding::new(Code::InvalidRoute, Place::Value(path.clone()), message, "more, or less, than scheme and host");
    scope.report(
        finding.help("write scheme and host alone, such as `https://api.example.com`; the request brings the path"),
    );
    None
}

fn service(scope: &mut Scope<'_, '_>, at: &Route<'_>, to: &str, path: &SpecPath) -> Option<Upstream> {
    let place = Place::Value(path.clone());
    let (service, port) = match to.split_once(':') {
        Some((service, port)) => (service, Some(port)),
        None => (to, None),
    };
    if !scope.knows_service(service, place.clone()) {
        return None;
    }
    if let Some(port) = port
        && !scope.knows_port(service, port, place.clone())
    {
        return None;
    }
    let ports = &scope.spec.services[service].ports;
    let main = port.map(str::to_owned).or_else(|| {
        let only = if ports.len() == 1 { ports.keys().next().cloned() } else { None };
        ports.contains_key("http").then(|| "http".to_owned()).or(only)
    });
    let Some(name) = main else {
        let finding = match ports.keys().next() {
            None => Finding::new(Code::NoPort, place, format!("`{service}` has no port"), "nobody listens")
                .help(format!("under `services.{service}`, write `ports: {{http: 3000}}`")),
            Some(first) => {
                let message = format!("which port of `{service}` is meant is not clear");
                Finding::new(Code::NoPort, place, message, "no main port")
                    .help(format!("name it: `to: {service}:{first}`, or declare `ports: {{http: 3000}}`"))
            }
        };
        scope.report(finding);
        return None;
    };
    let (protocol, verify) = match &ports[&name] {
        ScalarOr::Long(spec::Port { protocol: Some(protocol), verify, .. }) => (*protocol, verify.unwrap_or(true)),
        ScalarOr::Long(spec::Port { verify, .. }) => (speaks(&name), verify.unwrap_or(true)),
        ScalarOr::Short(_) => (speaks(&name), true),
    };
    if !carried(scope, service, &name, protocol, &place) {
        return None;
    }
    if service == at.table.edge && port.is_none() {
        let message = format!("`{service}` carries this route, which leads back to it");
        let finding = Finding::new(Code::InvalidRoute, place, message, "leads in a circle");
        scope.report(
            finding
                .help(format!("name the port of another process in the same container, such as `to: {service}:api`")),
        );
        return None;
    }
    Some(Upstream::Service { service: service.to_owned(), port: port.map(str::to_owned), protocol, verify })
}

/// Whether routes carry what a port speaks; reports if not.
fn carried(scope: &mut Scope<'_, '_>, service: &str, port: &str, protocol: Protocol, place: &Place) -> bool {
    let finding = match protocol {
        Protocol::Udp => {
            let message = format!("the port `{port}` of `{service}` takes datagrams, and routes carry HTTP");
            let finding = Finding::new(Code::NoPort, place.clone(), message, "speaks no HTTP");
            finding.help(format!("route to a port that speaks HTTP: `to: {service}:PORT`"))
        }
        Protocol::Grpc => {
            let message = format!("the port `{port}` of `{service}` speaks gRPC, and routes carry HTTP/1.1");
            let finding = Finding::new(Code::UnsupportedByServer, place.clone(), message, "speaks HTTP/2 alone");
            finding.help(format!(
                "route to a port that speaks HTTP/1.1: `to: {service}:PORT`, or let clients ask the port itself: `publish: true` beside `protocol: grpc`"
            ))
        }
        Protocol::Http | Protocol::Https | Protocol::Tcp => return true,
    };
    scope.report(finding);
    false
}

/// What a port speaks by its name alone; one that requests are routed to speaks HTTP.
fn speaks(name: &str) -> Protocol {
    if name == "https" { Protocol::Https } else { Protocol::Http }
}

fn site(scope: &mut Scope<'_, '_>, at: &Route<'_>, wildcard: bool, site: &str, spa: bool) -> Resolved {
    let edge = &at.table.edge;
    if spa && !wildcard {
        let message = format!("`{}` is one path, and an application has many", at.pattern);
        let finding = Finding::new(Code::InvalidRoute, Place::Key(at.path.key("spa")), message, "needs `/*`");
        scope.report(finding.help(format!("write `{}/*`, or remove `spa`", at.pattern.trim_end_matches('/'))));
    }
    let place = Place::Value(at.path.key("site"));
    if !scope.knows_service(site, place.clone()) {
        return None;
    }
    let (built, build) = match &scope.spec.services[site].build {
        Some(ScalarOr::Long(build)) => (true, build.recipes()),
        Some(ScalarOr::Short(_)) => (true, Vec::new()),
        None => (false, Vec::new()),
    };
    if !build.iter().any(|(_, recipe)| recipe.language().output().is_some()) {
        let finding = Finding::new(
            Code::SiteWithoutOutput,
            place,
            format!("the service `{site}` builds no site"),
            "puts nothing out",
        );
        let finding = finding.related(Place::Key(SpecPath::root().key("services").key(site)), "this service");
        scope.report(match built || site == edge {
            true => finding.help("give its build an output, such as `node: {script: build, output: dist, …}`"),
            false => finding.help(format!("write `to: {site}`: what it has of a site, it serves itself")),
        });
        return None;
    }
    if site != edge {
        let finding = Finding::new(
            Code::InvalidRoute,
            place,
            format!("`{edge}` carries the routes, but `{site}` builds the site"),
            "lies in another image",
        );
        scope.report(finding.help(format!(
            "a site is served by the service that builds it: write `edge: {site}`, or `to: {site}` if that has a web server of its own"
        )));
        return None;
    }
    let hashed = build.iter().all(|(key, _)| *key != "static");
    Some(Action::Site { service: site.to_owned(), spa, hashed })
}

/// A folder of the repository that the edge's build sees.
fn files(scope: &mut Scope<'_, '_>, at: &Route<'_>, wildcard: bool, folder: &str) -> Resolved {
    let path = at.path.key("files");
    if !wildcard {
        let message = format!("`{}` is one path, and a folder has many", at.pattern);
        let finding = Finding::new(Code::InvalidRoute, Place::Key(at.path.clone()), message, "needs `/*`");
        scope.report(finding.help(format!("write `{}/*`", at.pattern.trim_end_matches('/'))));
        return None;
    }
    let folder = scope.inside(folder, "the repository", &path)?;
    let context = match &scope.spec.services[&at.table.edge].build {
        Some(ScalarOr::Long(build)) => {
            build.context.as_deref().map_or_else(|| ".".to_owned(), |context| join(context, ""))
        }
        _ => ".".to_owned(),
    };
    if context != "." && folder != context && !folder.starts_with(&format!("{context}/")) {
        let message = format!(
            "`{folder}` lies outside the folder `{context}` that the image of `{}` is built from",
            at.table.edge
        );
        let finding = Finding::new(Code::PathOutsideContext, Place::Value(path), message, "not seen by the build");
        scope.report(finding.help(format!("move it below `{context}`, or choose a larger `context`, such as `.`")));
        return None;
    }
    Some(Action::Files { folder })
}

fn redirect(scope: &mut Scope<'_, '_>, at: &Route<'_>, wildcard: bool, target: &str, status: Option<u16>) -> Resolved {
    let path = at.path.key("redirect");
    let status = status.unwrap_or(308);
    if !matches!(status, 301 | 302 | 303 | 307 | 308) {
        let message = format!("{status} sends nobody anywhere");
        let finding = Finding::new(Code::InvalidRoute, Place::Value(at.path.key("status")), message, "not a redirect");
        scope.report(finding.help("a redirect's status is 301, 302, 303, 307 or 308"));
    }
    let (written, below) = match target.strip_suffix('*') {
        Some(target) => (target, true),
        None => (target, false),
    };
    let text = scope.text(written, Position::public(&path, None));
    let whole: String =
        text.pieces.iter().map(|piece| if let Piece::Literal(text) = piece { text } else { "x" }).collect();
    let open = !matches!(text.pieces.first(), Some(Piece::Literal(_)));
    let placed = open
        || whole.starts_with("http://")
        || whole.starts_with("https://")
        || whole.starts_with('/') && !whole.starts_with("//");
    let plain = whole.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'\\' | b'<' | b'>' | b'{' | b'}'));
    let (message, help) = match () {
        () if placed && !plain => (
            format!("`{target}` holds what no address may hold as it is"),
            "encode what is not plain ASCII, for instance a blank as `%20` and `ü` as `%C3%BC`",
        ),
        () if !placed => (
            format!("`{target}` is no place to send a client to"),
            "write a path such as `/new/*`, or a URL such as `https://example.com/new`",
        ),
        () if whole.contains('*') => (
            format!("the `*` of `{target}` stands where no rest of a path can be put in"),
            "put it at the end, as in `/new/*`, or write `%2A` for a star that means itself",
        ),
        () if below && !wildcard => (
            format!("`{}` has nothing below it that `*` could be", at.pattern),
            "write the route as `/old/*`, or the target without `*`",
        ),
        () if below && !written.ends_with('/') => (
            format!("`{target}` does not say where the rest of the path goes"),
            "put a slash before `*`, as in `/new/*`",
        ),
        () => return Some(Action::Redirect { target: text, below, status }),
    };
    scope.report(Finding::new(Code::InvalidRoute, Place::Value(path), message, "leads nowhere").help(help));
    None
}

fn respond(scope: &mut Scope<'_, '_>, at: &Route<'_>, text: &str, status: Option<u16>) -> Resolved {
    let path = at.path.key("respond");
    let status = status.unwrap_or(200);
    if matches!(status, 301 | 302 | 303 | 307 | 308) {
        let finding = Finding::new(
            Code::InvalidRoute,
            Place::Value(at.path.key("status")),
            format!("{status} is a redirect"),
            "needs a target",
        );
        scope.report(finding.help("write `redirect: /PATH` instead of `respond`"));
    }
    if matches!(status, 304 | 444 | 499) {
        let message = format!("{status} answers nothing");
        let finding = Finding::new(Code::InvalidRoute, Place::Value(at.path.key("status")), message, "no answer");
        scope.report(finding.help("write a status that says something, such as 404 or 410"));
    }
    if matches!(status, 204 | 205) && !text.is_empty() {
        let message = format!("an answer with the status {status} has no text");
        let finding = Finding::new(Code::InvalidRoute, Place::Value(path.clone()), message, "never sent");
        scope.report(finding.help("write `respond: \"\"`, or a status such as 200"));
    }
    let text = scope.text(text, Position::public(&path, None));
    let control = |piece: &Piece| matches!(piece, Piece::Literal(text) if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t'));
    if text.pieces.iter().any(control) {
        let finding = Finding::new(
            Code::UnrepresentableValue,
            Place::Value(path),
            "the text holds a control character",
            "holds one",
        );
        scope.report(finding.help("leave it out, or let a service answer"));
        return None;
    }
    Some(Action::Respond { text, status })
}
