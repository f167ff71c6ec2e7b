//! Ports of the host.

use std::collections::BTreeMap;

use super::{each_environment, each_stack};
use crate::code::Code;
use crate::diagnostic::{Diagnostics, Finding};
use crate::facts::Facts;
use crate::model::{Addressing, Flat, Platform, Port, Program, Protocol, Service, Source};
use crate::source::Place;

/// Two services that publish the same port of the host.
pub fn published_twice(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_environment(program, diagnostics, |environment, findings| {
        if !matches!(environment.platform, Platform::Compose { .. }) {
            return;
        }
        for service in environment.stack.services.values().filter(|service| service.scale.min > 1) {
            if let Some(port) = service.ports.values().find(|port| port.publish.is_some()) {
                let message = format!(
                    "{} containers of `{}` would publish the same port of the host",
                    service.scale.min, service.name
                );
                let finding = Finding::new(Code::PortConflict, place(port), message, "one port of the host");
                let finding = finding.related(Place::Key(service.path.key("scale")), "several containers");
                let help = format!(
                    "under `environments.{}.services.{}`, write `scale: 1`, or `publish: false`",
                    environment.name, service.name
                );
                findings.report(finding.help(help));
            }
        }
        let mut taken: BTreeMap<(bool, String), Vec<(&str, &Port)>> = BTreeMap::new();
        for service in environment.stack.services.values() {
            for port in service.ports.values() {
                let Some(number) = port.publish.as_ref().and_then(|publish| publish.port.as_literal()) else {
                    continue;
                };
                let udp = port.protocol == Protocol::Udp;
                let before = taken.entry((udp, number.clone())).or_default();
                if let Some((other, first)) = before.iter().find(|(_, before)| overlap(before, port)) {
                    let message =
                        format!("`{}` publishes port {number} of the host, which `{other}` has already", service.name);
                    let finding = Finding::new(Code::PortConflict, place(port), message, "published again");
                    let finding = finding.related(place(first), format!("`{other}` publishes it"));
                    findings.report(finding.help("publish another port: `publish: 8081`"));
                }
                before.push((&service.name, port));
            }
        }
    });
}

/// A program that is told to listen on a port that its service does not have.
pub fn told(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_stack(program, diagnostics, |stack, findings| {
        // Where there are several processes, it may be one behind another.
        let alone = |service: &&Service| service.serve.is_none() && service.supervise.is_none();
        for service in stack.services.values().filter(alone) {
            let (Some(text), Some(main)) = (service.env.get("PORT"), service.main_port()) else { continue };
            let number = text.as_literal().and_then(|number| number.parse::<u16>().ok());
            let Some(number) = number.filter(|number| service.ports.values().all(|port| port.number != *number)) else {
                continue;
            };
            let message = format!("`PORT` is {number}, and `{}` has the port {}", service.name, main.number);
            let finding = Finding::new(Code::PortDiffers, Place::Value(text.path.clone()), message, "another number");
            let finding = finding.related(Place::Value(main.path.clone()), "its port");
            findings.report(finding.help(format!("write `PORT: \"${{services.{}.port}}\"`", service.name)));
        }
    });
}

/// What is published is a number of the host, whatever it was put together from.
pub fn numbers(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_environment(program, diagnostics, |environment, findings| {
        if !matches!(environment.platform, Platform::Compose { .. }) {
            return;
        }
        let addressing = Addressing::new(environment);
        for port in environment.stack.all().flat_map(|service| service.ports.values()) {
            let Some(publish) = &port.publish else { continue };
            let Some(text) = addressing.resolve(&publish.port).ok().and_then(|flat| Flat::settled(&flat)) else {
                continue;
            };
            let number = text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<u16>().ok()).flatten();
            if number.is_none_or(|number| number == 0) {
                let message = format!("`{text}` is no port of the host, and that is what would be published");
                let finding = Finding::new(Code::InvalidPort, place(port), message, "not a port of the host");
                findings.report(finding.help("let it come to a number from 1 to 65535, such as `${PORT:-8080}`"));
            }
        }
    });
}

/// A published port and the name of an image cannot be empty, and so neither can a variable that is all there is of them.
pub fn valued(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_environment(program, diagnostics, |environment, findings| {
        if !matches!(environment.platform, Platform::Compose { .. }) {
            return;
        }
        let addressing = Addressing::new(environment);
        let ports = environment.stack.all().flat_map(|service| service.ports.values());
        let published = ports.filter_map(|port| Some(&port.publish.as_ref()?.port));
        let images = environment.stack.all().filter_map(|service| match &service.source {
            Source::Image(image) => Some(image),
            Source::Built(_) => None,
        });
        for text in published.chain(images) {
            for piece in addressing.resolve(text).unwrap_or_default() {
                let Flat::Variable { name, default: None, required: None } = piece else { continue };
                let place = Place::Within(text.path.clone(), format!("${{{name}"));
                let message = format!("`{name}` may have no value in the environment `{}`", environment.name);
                let finding = Finding::new(Code::VariableWithoutValue, place, message, "may be empty");
                findings.report(finding.help(format!(
                    "ask for it, `variables: {{{name}: {{required: true}}}}`, or give it a value there"
                )));
            }
        }
    });
}

/// Whether two published ports of one number listen on a common address.
fn overlap(one: &Port, other: &Port) -> bool {
    let address = |port: &Port| {
        port.publish
            .as_ref()
            .and_then(|publish| publish.address.clone())
            .filter(|address| address != "0.0.0.0" && address != "[::]")
    };
    match (address(one), address(other)) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    }
}

fn place(port: &Port) -> Place {
    Place::Value(port.publish.as_ref().map_or(&port.path, |publish| &publish.port.path).clone())
}
