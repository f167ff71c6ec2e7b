//! Health checks that nobody can make.

use super::each_environment;
use crate::code::Code;
use crate::diagnostic::{Diagnostics, Finding};
use crate::facts::Facts;
use crate::model::{Platform, Probe, Program};
use crate::recipe::System;
use crate::source::{Place, SpecPath};

/// Compose asks from inside the container, so the image needs a program that can.
pub fn usable(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_environment(program, diagnostics, |environment, findings| {
        if !matches!(environment.platform, Platform::Compose { .. }) {
            return;
        }
        for service in environment.stack.services.values() {
            let Some(check) = service.healthcheck.as_ref().filter(|check| matches!(check.probe, Probe::Http(_))) else {
                continue;
            };
            if service.main_port().is_none() {
                findings.report(no_port(&check.path, &service.name));
            }
            if environment.stack.http_probe(service).is_none() {
                let message = format!(
                    "stackc does not know a program in the image of `{}` that can make an HTTP request",
                    service.name
                );
                let finding = Finding::new(
                    Code::UnusableHealthcheck,
                    Place::Value(check.path.clone()),
                    message,
                    "asks with an unknown program",
                );
                let image = environment.stack.image_of(service);
                if image.is_some_and(|image| environment.stack.system(image) == System::Bare) {
                    let help = "let the program check itself, `healthcheck: {command: [PROGRAM, health]}`; or give its build `from: debian:trixie-slim` and `packages: {run: [curl]}`";
                    findings.report(finding.help(help));
                    continue;
                }
                let port = service.main_port().map_or(80, |port| port.number);
                let request = if let Probe::Http(request) = &check.probe { request } else { "/" };
                findings.report(finding.help(format!(
                    "name a program that it has: `healthcheck: {{command: [curl, -fsS, \"http://127.0.0.1:{port}{request}\"]}}`"
                )));
            }
        }
    });
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
