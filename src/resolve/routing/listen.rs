//! Whether the edge has the ports that its hosts are asked on.

use super::super::Scope;
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::model::{Host, Port, Protocol, RouteTable, Service, Stack, Tls};
use crate::source::Place;

/// Reports hosts that nobody could ask.
pub(in super::super) fn check(scope: &mut Scope<'_, '_>, stack: &Stack) {
    let Some(table) = &stack.routes else { return };
    let Some(edge) = stack.services.get(&table.edge) else { return };
    let mut told = false;
    for host in table.hosts.iter().filter(|host| table.port_of(host, edge).is_none()) {
        match host.port {
            Some(number) => unheard(scope, host, number, edge),
            None if !told => {
                told = true;
                no_main_port(scope, table, edge);
            }
            None => {}
        }
    }
    match table.tls {
        Tls::Certbot { .. } => asked_by_authority(scope, table, edge, "certbot", "80"),
        Tls::Acme { .. } => asked_by_authority(scope, table, edge, "acme", "80 or 443"),
        Tls::Unsaid | Tls::None | Tls::Platform | Tls::Files { .. } => {}
    }
}

fn unheard(scope: &mut Scope<'_, '_>, host: &Host, number: u16, edge: &Service) {
    let message = format!("`{}` does not listen on port {number}", edge.name);
    let finding = Finding::new(Code::NoPort, Place::Key(host.path.clone()), message, "nobody would answer");
    let finding = finding.related(Place::Key(edge.path.clone()), "carries the routes");
    scope.report(finding.help(format!(
        "under `services.{}.ports`, add `web-{number}: {{port: {number}, publish: true, protocol: http}}`",
        edge.name
    )));
}

fn no_main_port(scope: &mut Scope<'_, '_>, table: &RouteTable, edge: &Service) {
    let has = |protocol| edge.ports.values().any(|port| port.protocol == protocol);
    let ports = Place::Key(edge.path.key("ports"));
    if table.tls.is_ended_by_edge() {
        let message = format!("nobody listens for HTTPS at `{}`, where TLS ends", edge.name);
        let finding = Finding::new(Code::NoPort, ports, message, "no port `https`");
        let finding = finding.related(Place::Key(table.path.key("tls")), "TLS ends in the edge");
        scope.report(finding.help("add `https: {port: 443, publish: true}`"));
    } else if has(Protocol::Https) && !has(Protocol::Http) {
        let message = format!("`{}` listens for HTTPS, but nobody ends TLS there", edge.name);
        let finding = Finding::new(Code::NoPort, ports, message, "no port `http`");
        scope.report(finding.help(
            "add `http: {port: 80, publish: true}`, or say where certificates come from: `routing: {tls: {from: files, cert: …, key: …}}`",
        ));
    } else {
        let message = format!("which port of `{}` carries the routes is not clear", edge.name);
        let finding = Finding::new(Code::NoPort, ports, message, "needs one port `http`");
        scope.report(finding.help("write `ports: {http: {port: 80, publish: 8080}}`"));
    }
}

/// An authority asks on the usual ports: certbot is asked on port 80 alone, Caddy on either.
fn asked_by_authority(scope: &mut Scope<'_, '_>, table: &RouteTable, edge: &Service, word: &str, ports: &str) {
    let open = |port: &&Port, usual: &str| {
        port.publish.as_ref().is_some_and(|publish| publish.port.as_literal().is_none_or(|port| port == usual))
    };
    let plain = table.plain_port(edge).filter(|port| open(port, "80"));
    let mut secure = edge.ports.values().filter(|port| table.is_secure(port) && open(port, "443"));
    if plain.is_some() || ports != "80" && secure.next().is_some() {
        return;
    }
    let message = format!("{word} is asked on port {ports}, which `{}` does not publish", edge.name);
    let finding = Finding::new(Code::NoPort, Place::Key(edge.path.key("ports")), message, "nobody would answer");
    let finding = finding.related(Place::Key(table.path.key("tls")), "certificates come from there");
    let whose = match scope.environment {
        Some((name, _)) => format!("under `environments.{name}.services.{}`, ", edge.name),
        None => String::new(),
    };
    scope.report(finding.help(format!(
        "{whose}write `ports: {{http: {{port: 80, publish: true}}, https: {{port: 443, publish: true}}}}`"
    )));
}
