//! `routing`: the edge, who ends TLS there, and the table of its hosts.

mod action;
mod complete;
mod headers;
mod host;
mod listen;
mod network;
mod route;

use super::Scope;
use super::references::Position;
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::model::{Limit, RouteTable, Server, Text, Tls};
use crate::source::{Place, SpecPath};
use crate::spec::{self, Scalar, ScalarOr, SecurityHeaders, TlsSource};

use complete::{EDGE, EDGE_SERVER};
pub(super) use complete::{complete, hand_over, serves_edge, wants_passwords};
pub(super) use listen::check as check_ports;

/// Where certificates come from, as far as it is said.
fn source(routing: &spec::Routing) -> Option<TlsSource> {
    let word = said(routing.tls.as_ref()?)?;
    SOURCES.iter().find(|(known, _)| *known == word).map(|(_, source)| *source)
}

/// The word for it.
fn said(tls: &ScalarOr<spec::Tls>) -> Option<&str> {
    let word = match tls {
        ScalarOr::Long(long) => long.from.as_ref(),
        ScalarOr::Short(word) => Some(word),
    };
    word.map(|Scalar(word)| word.as_str())
}

const SOURCES: &[(&str, TlsSource)] = &[
    ("certbot", TlsSource::Certbot),
    ("acme", TlsSource::Acme),
    ("files", TlsSource::Files),
    ("platform", TlsSource::Platform),
    ("none", TlsSource::None),
];

pub(super) fn resolve(scope: &mut Scope<'_, '_>) -> Option<RouteTable> {
    let spec = scope.spec;
    let routing = spec.routing.as_ref()?;
    let path = SpecPath::root().key("routing");
    let edge = edge(scope, routing, &path)?;
    let server = Server::of(spec.services[&edge].serve.as_deref().unwrap_or_default());
    let tls = tls(scope, routing, &server, &path.key("tls"));
    let defaults = routing.defaults.clone().unwrap_or_default();
    let at = path.key("defaults");
    let hsts_said = defaults.headers.keys().any(|name| headers::is(name, headers::HSTS));
    let strict = defaults.security_headers == Some(SecurityHeaders::Strict);
    let own = headers::responses(scope, &defaults.headers, &at.key("headers"));
    let mut table = RouteTable {
        edge,
        tls,
        compress: defaults.compress.unwrap_or(true),
        body_limit: scope
            .limit(defaults.body_limit.as_deref(), &at.key("body_limit"))
            .unwrap_or(Limit::Size(headers::BODY_LIMIT)),
        headers: headers::over(if strict { headers::strict(&at) } else { Vec::new() }, own),
        hsts: strict && !hsts_said,
        hosts: Vec::new(),
        path,
    };
    host::resolve(scope, routing, &server, &mut table);
    Some(table)
}

fn edge(scope: &mut Scope<'_, '_>, routing: &spec::Routing, path: &SpecPath) -> Option<String> {
    let serving: Vec<&String> =
        scope.spec.services.iter().filter(|(_, service)| service.serve.is_some()).map(|(name, _)| name).collect();
    let name = match (&routing.edge, serving.as_slice()) {
        (Some(edge), _) => {
            if !scope.knows_service(edge, Place::Value(path.key("edge"))) {
                return None;
            }
            edge.clone()
        }
        (None, [only]) => (*only).clone(),
        (None, []) if routing.hosts.is_empty() => return None,
        (None, _) => {
            let message = "which service carries these routes is not clear";
            let finding = Finding::new(Code::InvalidRoute, Place::Key(path.clone()), message, "needs `edge`");
            let help = match serving.first() {
                Some(first) => format!("name one of those with `serve`: `edge: {first}`"),
                None => format!("rename the service `{EDGE}`, or give it a web server: `serve: \"{EDGE_SERVER}\"`"),
            };
            scope.report(finding.help(help));
            return None;
        }
    };
    if scope.spec.services[&name].serve.is_none() {
        let finding = Finding::new(
            Code::InvalidRoute,
            Place::Value(path.key("edge")),
            format!("the service `{name}` serves nothing"),
            "has no `serve`",
        );
        let finding = finding.related(Place::Key(SpecPath::root().key("services").key(&name)), "this service");
        scope.report(
            finding.help(format!("give it a web server: `services: {{{name}: {{serve: \"nginx:stable-alpine\"}}}}`")),
        );
        return None;
    }
    Some(name)
}

fn tls(scope: &mut Scope<'_, '_>, routing: &spec::Routing, server: &Server, path: &SpecPath) -> Tls {
    let Some(written) = &routing.tls else { return Tls::Unsaid };
    let Some(source) = source(routing) else {
        let finding = match said(written) {
            Some(word) => {
                let message = format!("`{word}` is no source of certificates");
                let place = if matches!(written, ScalarOr::Long(_)) { path.key("from") } else { path.clone() };
                Finding::new(Code::UnknownValue, Place::Value(place), message, "not known")
            }
            None => {
                Finding::new(Code::MissingKey, Place::Key(path.clone()), "`tls` does not say `from`", "needs `from`")
            }
        };
        // Let's Encrypt is the authority that both ask.
        let usual = match server {
            Server::Caddy { .. } => "acme",
            Server::Nginx { .. } => "certbot",
        };
        let others = ["acme", "certbot", "files", "platform", "none"].into_iter().filter(|word| *word != usual);
        let others: Vec<&str> = others.collect();
        scope.report(
            finding.help(format!(
                "write `tls: {{from: {usual}, email: ops@example.com}}`, or one of {}",
                others.join(", ")
            )),
        );
        return Tls::Unsaid;
    };
    let long = match written {
        ScalarOr::Long(long) => long.clone(),
        ScalarOr::Short(_) => spec::Tls::default(),
    };
    belong(scope, source, &long, path);
    let email = long.email.as_ref().map(|email| email_text(scope, email, &path.key("email")));
    fits_server(scope, source, server, path);
    match (source, email) {
        (TlsSource::None, _) => Tls::None,
        (TlsSource::Platform, _) => Tls::Platform,
        (TlsSource::Acme, email) => Tls::Acme { email },
        (TlsSource::Certbot, Some(email)) => Tls::Certbot { email },
        (TlsSource::Certbot, None) => {
            let message = "certbot needs an address that the authority can write to";
            let finding = Finding::new(Code::MissingKey, Place::Key(path.clone()), message, "needs `email`");
            scope.report(finding.help("write `tls: {from: certbot, email: ops@example.com}`"));
            Tls::Certbot { email: Text::literal("", path.clone()) }
        }
        (TlsSource::Files, _) => {
            let (Some(cert), Some(key)) = (long.cert, long.key) else {
                let message = "certificates from files need `cert` and `key`";
                let finding = Finding::new(Code::MissingKey, Place::Key(path.clone()), message, "which files?");
                scope.report(finding.help(
                    "write `tls: {from: files, cert: /etc/certs/fullchain.pem, key: /etc/certs/privkey.pem}`, and mount them with the edge's `volumes`",
                ));
                return Tls::Unsaid;
            };
            Tls::Files { cert, key }
        }
    }
}

/// Keys that are for another source of certificates.
fn belong(scope: &mut Scope<'_, '_>, source: TlsSource, long: &spec::Tls, path: &SpecPath) {
    let files = source == TlsSource::Files;
    let asks = matches!(source, TlsSource::Certbot | TlsSource::Acme);
    let strays = [
        ("email", long.email.is_some() && !asks, "certbot and acme"),
        ("cert", long.cert.is_some() && !files, "files"),
        ("key", long.key.is_some() && !files, "files"),
    ];
    for (key, _, owner) in strays.iter().filter(|(_, stray, _)| *stray) {
        // An environment that takes its certificates elsewhere still has the base's keys.
        if scope.environment.is_some() {
            continue;
        }
        let message = format!("`{key}` belongs to {owner}");
        let finding = Finding::new(Code::InvalidValue, Place::Key(path.key(*key)), message, "has no meaning here");
        scope.report(finding.help(format!("remove `{key}`")));
    }
}

fn email_text(scope: &mut Scope<'_, '_>, email: &str, path: &SpecPath) -> Text {
    let text = scope.text(email, Position::public(path, None));
    let fits = text.as_literal().is_none_or(|literal| {
        let (name, host) = literal.split_once('@').unwrap_or_default();
        let plain =
            |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "._+-".contains(c));
        plain(name) && plain(host)
    });
    if !fits {
        let message = format!("`{email}` is no e-mail address");
        let finding = Finding::new(Code::InvalidValue, Place::Value(path.clone()), message, "not an address");
        scope.report(finding.help("write an address such as `ops@example.com`"));
    }
    text
}

/// certbot is nginx's, and Caddy gets certificates itself.
fn fits_server(scope: &mut Scope<'_, '_>, source: TlsSource, server: &Server, path: &SpecPath) {
    let (word, help) = match (source, server) {
        (TlsSource::Certbot, Server::Caddy { .. }) => {
            ("certbot", "write `tls: {from: acme}`: Caddy gets its certificates itself")
        }
        (TlsSource::Acme, Server::Nginx { .. }) => {
            ("acme", "write `tls: {from: certbot, email: ops@example.com}`, or `serve: \"caddy:2.11-alpine\"`")
        }
        _ => return,
    };
    let message = format!("there is no `{word}` with {}", server.title());
    let finding = Finding::new(Code::UnsupportedByServer, Place::Value(path.clone()), message, "another server's");
    scope.report(finding.help(help));
}

impl Scope<'_, '_> {
    /// A limit on bodies: a size, or a variable of the deployment.
    fn limit(&mut self, written: Option<&str>, path: &SpecPath) -> Option<Limit> {
        let written = written?;
        if written.contains("${") {
            return Some(Limit::Variable(self.text(written, Position::public(path, None))));
        }
        self.size(Some(written), path).map(Limit::Size)
    }
}
