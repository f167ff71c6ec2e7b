//! Ports of a service: what it listens on, and how the outside reaches that.

use indexmap::IndexMap;

use super::Scope;
use super::references::Position;
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::model::{Piece, Port, Publish, Text};
use crate::source::{Place, SpecPath, Step};
use crate::spec::{self, Protocol, Scalar, ScalarOr};

/// The ports of `service` by name.
pub(super) fn resolve(
    scope: &mut Scope<'_, '_>,
    service: &str,
    written: &spec::Service,
    path: &SpecPath,
) -> IndexMap<String, Port> {
    let mut ports = IndexMap::new();
    for (name, port) in &written.ports {
        let path = path.key("ports").key(name);
        let long = match port {
            ScalarOr::Short(text) => spec::Port { port: Some(text.clone()), ..spec::Port::default() },
            ScalarOr::Long(long) => long.clone(),
        };
        let number = long.port.as_ref().and_then(|Scalar(text)| whole_number::<u16>(text));
        let Some(number) = number.filter(|number| *number > 0) else {
            scope.report(no_number(name, long.port.as_ref(), port, &path));
            continue;
        };
        let protocol = long.protocol.unwrap_or(match name.as_str() {
            "http" => Protocol::Http,
            "https" => Protocol::Https,
            _ => Protocol::Tcp,
        });
        let publish = long.publish.as_ref();
        let publish =
            publish.and_then(|publish| self::publish(scope, service, &publish.0, number, &path.key("publish")));
        verify_needs_https(scope, long.verify, protocol, &path);
        let port = Port {
            name: name.clone(),
            number,
            protocol,
            publish,
            verify: long.verify.unwrap_or(true),
            compose: long.compose.words(),
            fly: long.fly.words(),
            path,
        };
        ports.insert(name.clone(), port);
    }
    ports
}

fn verify_needs_https(scope: &mut Scope<'_, '_>, verify: Option<bool>, protocol: Protocol, path: &SpecPath) {
    if verify.is_some() && protocol != Protocol::Https {
        let message = "`verify` is about the certificate of a port that speaks https";
        let finding = Finding::new(Code::InvalidValue, Place::Key(path.key("verify")), message, "no certificate here");
        scope.report(finding.help("remove `verify`, or write `protocol: https`"));
    } else if verify.is_some() && path.0.first() == Some(&Step::Key("jobs".to_owned())) {
        let message = "no route leads to a job, so nobody looks at the certificate of its port";
        let finding = Finding::new(Code::InvalidValue, Place::Key(path.key("verify")), message, "no route here");
        scope.report(finding.help("remove `verify`"));
    }
}

fn no_number(name: &str, said: Option<&Scalar>, port: &ScalarOr<spec::Port>, path: &SpecPath) -> Finding {
    match said {
        Some(Scalar(text)) => {
            let place = Place::Value(if matches!(port, ScalarOr::Long(_)) { path.key("port") } else { path.clone() });
            let message = format!("`{text}` is no port for `{name}` to listen on");
            let help = match text.rsplit_once(':') {
                Some((host, port)) => format!("write `{name}: {{port: {port}, publish: {host}}}`"),
                None => format!("write a number from 1 to 65535, such as `{name}: 3000`"),
            };
            Finding::new(Code::InvalidPort, place, message, "not a port").help(help)
        }
        None => {
            let place = Place::Value(path.clone());
            let message = format!("the key `port` is missing in `{path}`");
            let finding = Finding::new(Code::MissingKey, place, message, "needs `port`");
            finding.help("add the number that the process listens on: `port: 3000`")
        }
    }
}

fn publish(scope: &mut Scope<'_, '_>, service: &str, written: &str, number: u16, path: &SpecPath) -> Option<Publish> {
    if written == "false" {
        return None;
    }
    if written == "true" {
        return Some(Publish { address: None, port: Text::literal(number.to_string(), path.clone()) });
    }
    let (address, port) = split_address(written);
    let text = scope.text(port, Position::public(path, Some(service)));
    let literal = text.as_literal();
    let digits = |piece: &Piece| !matches!(piece, Piece::Literal(text) if !text.bytes().all(|b| b.is_ascii_digit()));
    let port_fits = text.pieces.iter().all(digits)
        && literal.as_deref().is_none_or(|port| whole_number::<u16>(port).is_some_and(|port| port > 0));
    let address_fits = address.is_none_or(is_address);
    if port_fits && address_fits {
        return Some(Publish { address: address.map(str::to_owned), port: text });
    }
    let finding = Finding::new(
        Code::InvalidPort,
        Place::Value(path.clone()),
        format!("`{written}` cannot be published"),
        "not a port of the host",
    );
    scope.report(
        finding.help("write `publish: true`, a port such as `publish: 8080`, or an address and port such as `publish: \"127.0.0.1:8080\"`"),
    );
    None
}

/// An address as Compose writes it before a port: IPv4, or IPv6 in brackets.
fn is_address(text: &str) -> bool {
    match text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
        Some(v6) => v6.parse::<std::net::Ipv6Addr>().is_ok(),
        None => text.parse::<std::net::Ipv4Addr>().is_ok(),
    }
}

/// Splits `127.0.0.1:8080` at its last colon outside `${…}`.
fn split_address(written: &str) -> (Option<&str>, &str) {
    let outside = written.find("${").unwrap_or(written.len());
    match written[..outside].rfind(':') {
        Some(colon) => (Some(&written[..colon]), &written[colon + 1..]),
        None => (None, written),
    }
}

/// Digits alone; what a number's own reader takes beside them (`+80`) other programs do not.
pub(super) fn whole_number<N: std::str::FromStr>(text: &str) -> Option<N> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}
