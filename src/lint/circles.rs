//! Routes that lead back to themselves.

use super::each_stack;
use crate::code::Code;
use crate::diagnostic::{Diagnostics, Finding};
use crate::facts::Facts;
use crate::model::{Action, Host, Program, Route, Text, Tls, Upstream};
use crate::source::Place;

/// What a request has below a route: nothing that somebody would write.
const REST: &str = "a-page-of-theirs";

/// Routes to the port on which the web server itself listens: one request would take all of its connections.
pub fn edge_to_itself(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_stack(program, diagnostics, |stack, findings| {
        let Some(table) = &stack.routes else { return };
        let Some(edge) = stack.services.get(&table.edge) else { return };
        let listened: Vec<u16> = table.ports(edge).iter().map(|port| port.number).collect();
        for route in table.routes() {
            let Action::Proxy(proxy) = &route.action else { continue };
            let Upstream::Service { service, port: Some(port), .. } = &proxy.upstream else { continue };
            let number = edge.ports.get(port).map(|port| port.number).filter(|_| *service == table.edge);
            if number.is_none_or(|number| !listened.contains(&number)) {
                continue;
            }
            let message = format!("the web server of `{service}` itself listens on its port `{port}`");
            let place = Place::Value(route.path.key("to"));
            let finding = Finding::new(Code::InvalidRoute, place, message, "leads in a circle");
            findings.report(finding.help(format!(
                "name the port of another process in the same container, such as `to: {service}:api`, or another service"
            )));
        }
    });
}

/// Redirects that send a client from one to the next for ever.
pub fn redirects(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_stack(program, diagnostics, |stack, findings| {
        let hosts = stack.routes.iter().flat_map(|table| table.hosts.iter().map(move |host| (&table.tls, host)));
        for (tls, host) in hosts {
            for route in host.routes.iter().filter(|route| is_circle(tls, host, route)) {
                let place = Place::Value(route.path.key("redirect"));
                let message = "whoever is sent there is sent back to this route";
                let finding = Finding::new(Code::InvalidRoute, place, message, "leads in a circle");
                findings.report(finding.help("send clients to a path that another kind of route answers"));
            }
        }
    });
}

/// Whether a request of `route` comes to it again, by redirects alone.
fn is_circle(tls: &Tls, host: &Host, route: &Route) -> bool {
    let mut path = if route.wildcard { format!("{}{REST}", route.prefix) } else { route.prefix.clone() };
    let mut at = route;
    for _ in 0..=host.routes.len() {
        let Some(next) = target(tls, host, at, &path) else { return false };
        path = next;
        let Some(next) = answers(host, &path) else { return false };
        if std::ptr::eq(next, route) {
            return true;
        }
        at = next;
    }
    false
}

/// Where a route sends the request of a path, if that is a path of the same host.
fn target(tls: &Tls, host: &Host, route: &Route, path: &str) -> Option<String> {
    let Action::Redirect { target, below, .. } = &route.action else { return None };
    let target = own_path(tls, host, &target.as_literal()?)?;
    let target = target.split(['?', '#']).next().unwrap_or_default().to_owned();
    let rest = path.strip_prefix(&route.prefix).unwrap_or_default();
    Some(if *below { target + rest } else { target })
}

/// The path of a target, where that leads to the host itself or to another name of it.
fn own_path(tls: &Tls, host: &Host, target: &str) -> Option<String> {
    if target.starts_with('/') {
        return Some(target.to_owned());
    }
    let (scheme, rest) = target.split_once("://")?;
    // Where nobody ends TLS for it, another server may have the same name over HTTPS.
    if scheme == "https" && *tls == Tls::None {
        return None;
    }
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let port = host.port.map_or_else(String::new, |port| format!(":{port}"));
    let mut names = host.name.text().into_iter().chain(&host.aliases).filter_map(Text::as_literal);
    let own = names.any(|name| authority.eq_ignore_ascii_case(&format!("{name}{port}")));
    own.then(|| if path.is_empty() { "/".to_owned() } else { path.to_owned() })
}

/// The route that answers a path: the exact one, else the longest. A path that lacks a route's last slash is sent there.
fn answers<'h>(host: &'h Host, path: &str) -> Option<&'h Route> {
    let exact = |path: &str| host.routes.iter().find(|route| !route.wildcard && route.prefix == path);
    let with_slash = format!("{path}/");
    let slash = || host.routes.iter().find(|route| route.prefix == with_slash);
    let below = || {
        let routes = host.routes.iter().filter(|route| route.wildcard && path.starts_with(&route.prefix));
        routes.max_by_key(|route| route.prefix.len())
    };
    exact(path).or_else(|| slash().map(|found| exact(&with_slash).unwrap_or(found))).or_else(below)
}
