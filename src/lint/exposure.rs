//! What of an app the outside reaches: which numbers its ports have on Fly.

use super::fly::{each_app, on_fly, unsupported};
use crate::code::Code;
use crate::diagnostic::{Diagnostics, Finding};
use crate::facts::Facts;
use crate::model::{Addressing, App, Environment, Flat, Idle, Port, Probe, Program, Protocol, Service};
use crate::source::Place;

/// Each published port has a number of its own, and datagrams keep theirs.
pub fn ports(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_app(program, diagnostics, |environment, app, report| {
        let addressing = Addressing::new(environment);
        let mut taken: Vec<(bool, u16, &Port)> = Vec::new();
        if let Some((_, public)) = app.public() {
            taken.extend([80, 443].map(|number| (false, number, public)));
        }
        for (service, port) in app.further() {
            let Some(number) = number(&addressing, port, report) else { continue };
            let datagrams = port.protocol == Protocol::Udp;
            if datagrams && number != port.number {
                report(moved_datagrams(environment, service, port, number));
            }
            match taken.iter().find(|(other, known, _)| *other == datagrams && *known == number) {
                Some((_, _, first)) => report(clash(environment, app, port, first, number)),
                None => taken.push((datagrams, number, port)),
            }
        }
    });
    on_fly(program, diagnostics, |_, service, report| {
        let asks = service.healthcheck.as_ref().filter(|check| !matches!(check.probe, Probe::Command(_)));
        if let Some(check) = asks.filter(|check| check.port(service).is_none()) {
            report(super::probes::no_port(&check.path, &service.name));
        }
    });
}

/// The number that a port is published on; reports what is none. What has no value is reported elsewhere.
fn number(addressing: &Addressing<'_>, port: &Port, report: &mut dyn FnMut(Finding)) -> Option<u16> {
    let publish = &port.publish.as_ref()?.port;
    let value = Flat::settled(&addressing.resolve(publish).ok()?)?;
    let number = value.parse().ok().filter(|number: &u16| *number > 0);
    if number.is_none() {
        let place = Place::Value(publish.path.clone());
        let finding = Finding::new(Code::InvalidPort, place, format!("`{value}` is no port to publish"), "not a port");
        report(finding.help("a port is a whole number from 1 to 65535, such as 8443"));
    }
    number
}

fn moved_datagrams(environment: &Environment, service: &Service, port: &Port, number: u16) -> Finding {
    let path = port.publish.as_ref().map_or(&port.path, |publish| &publish.port.path);
    let message = format!(
        "Fly delivers datagrams on the number that they were sent to, so `{}` would not hear {number}",
        service.name
    );
    unsupported(environment, path, message, "write `publish: true`, and let the process listen on the public number")
}

fn clash(environment: &Environment, app: &App<'_>, port: &Port, first: &Port, number: u16) -> Finding {
    let public = app.public().is_some_and(|(_, public)| public.path == first.path);
    let message = if public {
        format!("Fly answers {number} of the app `{}` itself, for the port `{}`", app.name, first.name)
    } else {
        format!("the app `{}` would be asked for two things on port {number}", app.name)
    };
    let help =
        "publish it on another number in this environment, such as `publish: 8443`, or not at all, `publish: false`";
    unsupported(environment, &port.path, message, help).related(Place::Value(first.path.clone()), "has it already")
}

/// Only what Fly's proxy passes on wakes a machine and counts.
pub fn woken(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    on_fly(program, diagnostics, |environment, service, report| {
        let proxied = |port: &Port| port.publish.is_some() && port.protocol != Protocol::Udp;
        if service.ports.values().any(proxied) {
            return;
        }
        let path = service.path.key("scale");
        let datagrams = service.ports.values().any(|port| port.publish.is_some());
        let help = if datagrams {
            "publish a port that is not `udp`, or leave it out"
        } else {
            "publish one of its ports, or leave it out"
        };
        let unheard = [
            ("idle", service.scale.idle != Idle::Keep, "nothing stops its machines, and nothing would wake them"),
            ("concurrency", service.scale.concurrency.is_some(), "nothing counts what reaches it"),
        ];
        for (key, _, why) in unheard.into_iter().filter(|(_, said, _)| *said) {
            let message = format!("Fly's proxy passes nothing on to `{}`: {why}", service.name);
            let finding =
                Finding::new(Code::NoEffectOnPlatform, Place::Key(path.key(key)), message, "no effect on Fly");
            let platform = Place::Value(environment.path.key("platform"));
            report(finding.related(platform, format!("the environment `{}`", environment.name)).help(help));
        }
    });
}
