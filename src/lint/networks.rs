//! Networks of a Compose environment: who can reach whom.

use super::each_environment;
use crate::code::Code;
use crate::diagnostic::{Diagnostics, Finding};
use crate::facts::Facts;
use crate::model::{Action, Environment, Piece, Platform, Program, Reference, Service, Upstream};
use crate::source::{Place, SpecPath};

/// Services that ask one with which they share no network.
pub fn shared(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_environment(program, diagnostics, |environment, findings| {
        if !matches!(environment.platform, Platform::Compose { .. }) {
            return;
        }
        for service in environment.stack.all().filter(|service| is_plain(service)) {
            let mut told: Vec<&str> = Vec::new();
            for (other, path) in asked(environment, service) {
                let Some(other) = environment.stack.services.get(other).filter(|other| is_plain(other)) else {
                    continue;
                };
                if other.name == service.name || told.contains(&other.name.as_str()) || meet(service, other) {
                    continue;
                }
                told.push(&other.name);
                let message = format!("`{}` asks `{}`, and they share no network", service.name, other.name);
                let finding = Finding::new(Code::SeparateNetworks, Place::Value(path.clone()), message, "not reached");
                let finding = finding.related(Place::Key(other.path.clone()), "in other networks");
                let own = networks(service);
                let join = networks(other)[0];
                let all = own.iter().chain([&join]).copied().collect::<Vec<_>>().join(", ");
                findings.report(finding.help(format!("in `{}`, write `networks: [{all}]`", service.name)));
            }
        }
    });
}

/// Ports that are published from internal networks alone, which Docker does not do.
pub fn published(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_environment(program, diagnostics, |environment, findings| {
        if !matches!(environment.platform, Platform::Compose { .. }) {
            return;
        }
        let internal = |name: &&str| environment.stack.networks.get(*name).copied().unwrap_or(false);
        for service in environment.stack.services.values().filter(|service| is_plain(service)) {
            let Some(port) = service.ports.values().find(|port| port.publish.is_some()) else { continue };
            if !networks(service).iter().all(internal) {
                continue;
            }
            let message = format!("`{}` is in internal networks alone, from which no port is published", service.name);
            let finding = Finding::new(Code::SeparateNetworks, Place::Value(port.path.clone()), message, "not reached");
            let finding = finding.related(Place::Value(service.path.key("networks")), "internal");
            let all = [networks(service), vec!["default"]].concat().join(", ");
            findings.report(finding.help(format!("write `networks: [{all}]`, or do not publish the port")));
        }
    });
}

/// The services that `service` asks inside the network, each with where that is said.
fn asked<'e>(environment: &'e Environment, service: &'e Service) -> Vec<(&'e str, &'e SpecPath)> {
    let mut all = Vec::new();
    for text in service.texts() {
        for piece in text.walk() {
            if let Piece::Reference(Reference::Host(other) | Reference::Address(other)) = piece {
                all.push((other.as_str(), &text.path));
            }
        }
    }
    let table = environment.stack.routes.iter().filter(|table| table.edge == service.name);
    for route in table.flat_map(|table| table.routes()) {
        if let Action::Proxy(proxy) = &route.action
            && let Upstream::Service { service: other, .. } = &proxy.upstream
        {
            all.push((other.as_str(), &route.path));
        }
    }
    all
}

/// Whether its networks are those that stack.yaml says, and no raw words of Compose's.
fn is_plain(service: &Service) -> bool {
    !service.compose.contains_key("networks") && !service.compose.contains_key("network_mode")
}

fn networks(service: &Service) -> Vec<&str> {
    if service.networks.is_empty() { vec!["default"] } else { service.networks.iter().map(String::as_str).collect() }
}

fn meet(one: &Service, other: &Service) -> bool {
    networks(one).iter().any(|network| networks(other).contains(network))
}
