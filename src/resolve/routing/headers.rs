//! Headers: which may be said, what they may hold, and the sets that the language knows.

use indexmap::IndexMap;

use super::super::Scope;
use super::super::references::Position;
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::model::{Piece, Size, Text};
use crate::source::{Place, SpecPath};
use crate::spec::Scalar;

/// Largest body where nothing is said.
pub(super) const BODY_LIMIT: Size = Size(16 << 20);
/// The header that binds a browser to HTTPS.
pub(super) const HSTS: &str = "Strict-Transport-Security";

/// Headers that belong to a connection or to the message itself, so that the server sets them.
const THE_SERVERS: &[&str] = &[
    "Connection",
    "Content-Length",
    "Date",
    "Keep-Alive",
    "Proxy-Connection",
    "Server",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
];

/// Whether two names mean one header.
pub(super) fn is(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// `security_headers: strict`, but for HSTS, which depends on the host.
pub(super) fn strict(path: &SpecPath) -> Vec<(String, Text)> {
    let path = path.key("security_headers");
    let header = |name: &str, value: &str| (name.to_owned(), Text::literal(value, path.clone()));
    vec![
        header("X-Content-Type-Options", "nosniff"),
        header("X-Frame-Options", "DENY"),
        header("Referrer-Policy", "strict-origin-when-cross-origin"),
        header("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
    ]
}

/// The headers of `own` over those of `base`.
pub(super) fn over(base: Vec<(String, Text)>, own: Vec<(String, Text)>) -> Vec<(String, Text)> {
    let kept = base.into_iter().filter(|(name, _)| !own.iter().any(|(other, _)| is(name, other)));
    let mut all: Vec<_> = kept.collect();
    all.extend(own);
    all
}

/// Headers of answers.
pub(super) fn responses(
    scope: &mut Scope<'_, '_>,
    written: &IndexMap<String, Scalar>,
    path: &SpecPath,
) -> Vec<(String, Text)> {
    headers(scope, written, path, None)
}

/// Headers of requests on their way to a service.
pub(super) fn requests(
    scope: &mut Scope<'_, '_>,
    written: &IndexMap<String, Scalar>,
    path: &SpecPath,
) -> Vec<(String, Text)> {
    headers(scope, written, path, Some("Host"))
}

fn headers(
    scope: &mut Scope<'_, '_>,
    written: &IndexMap<String, Scalar>,
    path: &SpecPath,
    also_refused: Option<&str>,
) -> Vec<(String, Text)> {
    let mut all: Vec<(String, Text)> = Vec::new();
    for (name, value) in written {
        let path = path.key(name);
        if also_refused.is_some_and(|refused| is(name, refused)) {
            let message = "the host that a service sees has a key of its own";
            let finding = Finding::new(Code::InvalidValue, Place::Key(path), message, "not a header like others");
            scope.report(finding.help("write `host: api.internal` in the route"));
            continue;
        }
        if THE_SERVERS.iter().any(|known| is(name, known)) {
            let message = format!("`{name}` is the web server's own business");
            let finding = Finding::new(Code::InvalidValue, Place::Key(path), message, "cannot be set");
            scope.report(finding.help(format!("remove `{name}`")));
            continue;
        }
        if let Some((other, _)) = all.iter().find(|(other, _)| is(name, other)) {
            let message = format!("`{name}` and `{other}` are one header");
            let finding = Finding::new(Code::InvalidValue, Place::Key(path), message, "stands twice");
            scope.report(finding.help("remove one of the two"));
            continue;
        }
        let text = scope.text(&value.0, Position::public(&path, None));
        carries(scope, &text, &path);
        all.push((name.clone(), text));
    }
    all
}

/// A header's value is one line of visible ASCII.
fn carries(scope: &mut Scope<'_, '_>, text: &Text, path: &SpecPath) {
    let plain = |piece: &Piece| match piece {
        Piece::Literal(text) => text.bytes().all(|b| b == b' ' || b.is_ascii_graphic()),
        Piece::Reference(_) | Piece::Variable(_) | Piece::Secret(_) => true,
    };
    if !text.pieces.iter().all(plain) {
        let message = "a header holds one line of visible ASCII characters";
        let finding = Finding::new(Code::UnrepresentableValue, Place::Value(path.clone()), message, "holds others");
        scope.report(finding.help("encode what is not ASCII, for instance as `%C3%BC`"));
    }
}
