//! Health checks that nobody can make.

use super::{each_environment, each_stack};
use crate::code::Code;
use crate::diagnostic::{Diagnostics, Finding};
use crate::escape::FlowWord;
use crate::facts::Facts;
use crate::model::{Healthcheck, Platform, Port, Probe, Program, Protocol, Service};
use crate::recipe::{self, System};
use crate::source::{Place, SpecPath};

/// Compose asks from inside the container, so the image needs a program that can.
pub fn usable(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    let beside_fly = program.environments.iter().any(|other| matches!(other.platform, Platform::Fly { .. }));
    each_environment(program, diagnostics, |environment, findings| {
        if !matches!(environment.platform, Platform::Compose { .. }) {
            return;
        }
        for service in environment.stack.all() {
            let check = service.healthcheck.as_ref().filter(|check| !matches!(check.probe, Probe::Command(_)));
            let Some(check) = check else { continue };
            let Some(port) = check.port(service) else {
                findings.report(no_port(&check.path, &service.name));
                continue;
            };
            if port.protocol == Protocol::Udp {
                continue;
            }
            let program = environment.stack.http_probe(service);
            if program.and_then(|program| check.words(program, port)).is_none() {
                let finding = no_program(service, check, port, program, beside_fly.then_some(&*environment.name));
                let image = environment.stack.image_of(service);
                let bare = image.is_some_and(|image| environment.stack.system(image) == System::Bare);
                findings.report(if bare { finding.help(CHECKS_ITSELF) } else { finding });
            }
        }
    });
}

/// Both kinds of request need a connection.
pub fn datagrams(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_stack(program, diagnostics, |stack, findings| {
        for service in stack.all() {
            let Some(check) = &service.healthcheck else { continue };
            let Some(port) = check.port(service).filter(|port| port.protocol == Protocol::Udp) else { continue };
            let message = format!("the port `{}` takes datagrams, and a check needs a connection", port.name);
            let finding =
                Finding::new(Code::UnusableHealthcheck, Place::Value(check.path.clone()), message, "cannot connect");
            let finding = finding.related(Place::Value(port.path.clone()), "speaks udp");
            findings.report(
                finding
                    .help("ask another port, or let a program of the image look: `healthcheck: {command: [PROGRAM]}`"),
            );
        }
    });
}

/// What helps where an image holds nothing but the program.
const CHECKS_ITSELF: &str = "let the program check itself, `healthcheck: {command: [PROGRAM, health]}`; or give its build `from: debian:trixie-slim` and `packages: {run: [curl]}`";

fn no_program(
    service: &Service,
    check: &Healthcheck,
    port: &Port,
    program: Option<&recipe::Probe>,
    beside_fly: Option<&str>,
) -> Finding {
    let what = match &check.probe {
        Probe::Http(request) if program.is_some() => {
            format!("make a request with {} in the image of `{}`", request.method, service.name)
        }
        Probe::Http(_) => format!("make an HTTP request in the image of `{}`", service.name),
        _ => format!("try a connection in the image of `{}`", service.name),
    };
    let message = format!("stackc knows no program that can {what}");
    let place = Place::Value(check.path.clone());
    let finding = Finding::new(Code::UnusableHealthcheck, place, message, "asks with an unknown program");
    let example = match (&check.probe, service.own_probe()) {
        (_, Some(words)) => {
            format!("[{}]", words.iter().map(|word| FlowWord(word).to_string()).collect::<Vec<_>>().join(", "))
        }
        (Probe::Http(request), None) => format!("[curl, -fsS, \"http://127.0.0.1:{}{}\"]", port.number, request.path),
        (_, None) => format!("[nc, -z, 127.0.0.1, \"{}\"]", port.number),
    };
    let other = if let Probe::Http(_) = &check.probe { "http: null" } else { "tcp: null" };
    finding.help(match beside_fly {
        // Fly runs no commands, and asks from outside.
        Some(environment) => format!(
            "under `environments.{environment}.services.{}`, name a program that it has: `healthcheck: {{{other}, command: {example}}}`",
            service.name
        ),
        None => format!("name a program that it has: `healthcheck: {{command: {example}}}`"),
    })
}

/// A check that asks a service without a port.
pub(super) fn no_port(path: &SpecPath, service: &str) -> Finding {
    Finding::new(
        Code::UnusableHealthcheck,
        Place::Value(path.clone()),
        format!("`{service}` has no main port to ask for its health"),
        "asks nobody",
    )
    .help("declare `ports: {http: 3000}`")
}
