//! Hosts: their names, their other names, and what they are called in an environment.

use indexmap::IndexMap;

use super::super::Scope;
use super::super::references::Position;
use super::route;
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::model::{Host, HostName, RouteTable, Server, Text, Tls, is_host, is_port};
use crate::source::{Place, SpecPath};
use crate::spec;

pub(super) fn resolve(scope: &mut Scope<'_, '_>, routing: &spec::Routing, server: &Server, table: &mut RouteTable) {
    let renamed = renamed(scope, routing);
    let mut taken: IndexMap<(String, Option<u16>), SpecPath> = IndexMap::new();
    for (key, written) in &routing.hosts {
        let path = table.path.key("hosts").key(key);
        let (name, port) = split_port(key);
        let Some(name) = self::name(scope, name, &renamed, &path) else { continue };
        let Ok(port) = self::port(scope, port, &path) else { continue };
        let aliases: Vec<Text> = written
            .aliases
            .iter()
            .enumerate()
            .map(|(index, alias)| self::alias(scope, alias, &name, &renamed, &path.key("aliases").index(index)))
            .collect();
        let own = name.text().map(|text| (spelled(text), text.path.clone()));
        let own = own.unwrap_or_else(|| ("*".to_owned(), path.clone()));
        let (itself, others): (Vec<_>, Vec<_>) =
            aliases.iter().map(|text| (spelled(text), text.path.clone())).partition(|(alias, _)| *alias == own.0);
        for (alias, place) in &itself {
            alias_of_itself(scope, alias, place);
        }
        for (spelled, place) in std::iter::once(own).chain(others) {
            if let Some(first) = taken.insert((spelled.clone(), port), place.clone()) {
                clash(scope, &spelled, &place, &first);
            }
        }
        let mut host = Host {
            port,
            aliases,
            routes: Vec::new(),
            nginx: route::lines(scope, written.nginx.as_deref(), &path.key("nginx")),
            caddy: route::lines(scope, written.caddy.as_deref(), &path.key("caddy")),
            path: path.clone(),
            name,
        };
        for (pattern, route) in &written.routes {
            let at = path.key("routes").key(pattern);
            let place = route::Place { table, server, pattern, path: &at };
            host.routes.extend(route::resolve(scope, &place, route));
        }
        certifiable(scope, table, &host);
        table.hosts.push(host);
    }
}

/// `app.example.com:8002` in its two parts; a colon within `${…}` is none.
fn split_port(key: &str) -> (&str, Option<&str>) {
    let outside = key.rfind('}').map_or(0, |at| at + 1);
    match key[outside..].rfind(':') {
        Some(colon) => (&key[..outside + colon], Some(&key[outside + colon + 1..])),
        None => (key, None),
    }
}

/// The port in a host's key, if one stands there.
///
/// # Errors
/// What stands there is no port, and that is reported.
fn port(scope: &mut Scope<'_, '_>, written: Option<&str>, path: &SpecPath) -> Result<Option<u16>, ()> {
    let Some(number) = written else { return Ok(None) };
    if is_port(number) {
        return Ok(number.parse().ok());
    }
    // A colon alone the schema reports.
    if number.is_empty() {
        return Err(());
    }
    let message = format!("`{number}` is no port that a host could be asked on");
    let finding = Finding::new(Code::InvalidPort, Place::Key(path.clone()), message, "not a port");
    scope.report(finding.help("a port is a whole number from 1 to 65535, as in `app.example.com:8002`"));
    Err(())
}

/// What the environment calls the base's hosts; names that no host has are reported.
fn renamed<'a>(scope: &mut Scope<'a, '_>, routing: &spec::Routing) -> IndexMap<&'a str, (&'a str, SpecPath)> {
    let Some((environment, base)) = scope.environment else { return IndexMap::new() };
    let Some(written) = base.environments.get(environment) else { return IndexMap::new() };
    let at = SpecPath::root().key("environments").key(environment).key("hosts");
    let names = routing.hosts.keys().map(|key| split_port(key).0);
    let aliases = routing.hosts.values().flat_map(|host| host.aliases.iter().map(String::as_str));
    let known: Vec<&str> = names.chain(aliases).collect();
    for name in written.hosts.keys().filter(|name| !known.contains(&name.as_str())) {
        let message = format!("`routing` has no host `{name}`");
        let finding = Finding::new(Code::UnknownHost, Place::Key(at.key(name)), message, "not a host");
        scope.report(finding.help(super::super::did_you_mean(name, &known, "hosts")));
    }
    written.hosts.iter().map(|(name, here)| (name.as_str(), (here.as_str(), at.key(name)))).collect()
}

fn name(
    scope: &mut Scope<'_, '_>,
    written: &str,
    renamed: &IndexMap<&str, (&str, SpecPath)>,
    path: &SpecPath,
) -> Option<HostName> {
    if written == "*" {
        return Some(HostName::Any);
    }
    let text = host_text(scope, written, path, Place::Key(path.clone()))?;
    let here = renamed.get(written).and_then(|(here, at)| host_text(scope, here, at, Place::Value(at.clone())));
    Some(HostName::Named { written: text, here })
}

/// The name of a host, in lower case; reports what is none.
fn host_text(scope: &mut Scope<'_, '_>, written: &str, path: &SpecPath, place: Place) -> Option<Text> {
    let mut text = scope.text(written, Position::public(path, None));
    for piece in &mut text.pieces {
        if let crate::model::Piece::Literal(literal) = piece {
            *literal = literal.to_ascii_lowercase();
        }
    }
    let part = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    let parts = text.pieces.iter().all(|piece| !matches!(piece, crate::model::Piece::Literal(text) if !part(text)));
    if parts && text.as_literal().is_none_or(|name| is_host(&name)) {
        return Some(text);
    }
    let message = format!("`{written}` is not the name of a host");
    let help = if written.starts_with("*.") {
        "write each name, or `\"*\"` for any other host"
    } else if !written.is_ascii() {
        "write it in its ASCII form, such as `xn--bcher-kva.example`"
    } else {
        "write a name such as `app.example.com`, or `\"*\"` for any other host"
    };
    scope.report(Finding::new(Code::InvalidValue, place, message, "not a host").help(help));
    None
}

fn alias(
    scope: &mut Scope<'_, '_>,
    written: &str,
    name: &HostName,
    renamed: &IndexMap<&str, (&str, SpecPath)>,
    path: &SpecPath,
) -> Text {
    let place = Place::Value(path.clone());
    if *name == HostName::Any {
        let finding =
            Finding::new(Code::InvalidRoute, place.clone(), "`\"*\"` has no name to redirect to", "redirected nowhere");
        scope.report(finding.help("remove the alias: any host is answered already"));
    }
    let here = renamed.get(written).and_then(|(here, at)| host_text(scope, here, at, Place::Value(at.clone())));
    here.or_else(|| host_text(scope, written, path, place)).unwrap_or_else(|| Text::literal("", path.clone()))
}

fn alias_of_itself(scope: &mut Scope<'_, '_>, alias: &str, path: &SpecPath) {
    let finding = Finding::new(
        Code::HostClash,
        Place::Value(path.clone()),
        format!("`{alias}` would be redirected to itself"),
        "its own alias",
    );
    scope.report(finding.help("remove the alias"));
}

/// The name as it would be compared: variables by their names.
fn spelled(text: &Text) -> String {
    let piece = |piece: &crate::model::Piece| match piece {
        crate::model::Piece::Literal(text) => text.clone(),
        crate::model::Piece::Variable(variable) => format!("${{{}}}", variable.name),
        crate::model::Piece::Reference(reference) => format!("${{{}}}", reference.written()),
        crate::model::Piece::Secret(name) => format!("${{secrets.{name}}}"),
    };
    text.pieces.iter().map(piece).collect()
}

fn clash(scope: &mut Scope<'_, '_>, name: &str, place: &SpecPath, first: &SpecPath) {
    let finding =
        Finding::new(Code::HostClash, Place::Key(place.clone()), format!("the host `{name}` stands twice"), "again");
    let finding = finding.related(Place::Key(first.clone()), "stands here already");
    scope.report(finding.help("put the routes of both under one host, or give one of them another name"));
}

/// An authority certifies names, and asks for them on the usual ports.
fn certifiable(scope: &mut Scope<'_, '_>, table: &RouteTable, host: &Host) {
    let word = match &table.tls {
        Tls::Certbot { .. } => "certbot",
        Tls::Acme { .. } => "acme",
        Tls::Unsaid | Tls::None | Tls::Platform | Tls::Files { .. } => return,
    };
    if host.name == HostName::Any {
        let message = format!("{word} gets certificates for names, and `\"*\"` is none");
        let finding = Finding::new(Code::InvalidRoute, Place::Key(host.path.clone()), message, "cannot be certified");
        let finding = finding.related(Place::Key(table.path.key("tls")), "certificates come from there");
        scope.report(finding.help("name the host, such as `${SERVER_NAME}`, or take certificates from files"));
    }
}
