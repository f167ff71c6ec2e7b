//! Who waits for whom.

use std::collections::{HashMap, VecDeque};

use super::{each_environment, each_stack};
use crate::code::Code;
use crate::diagnostic::{Diagnostics, Finding, Findings};
use crate::facts::Facts;
use crate::model::{Action, Condition, Dependency, Program, Restart, Service, Stack, Upstream};
use crate::source::Place;

/// Services that wait for each other in a circle.
pub fn circles(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_stack(program, diagnostics, |stack, findings| {
        let mut told: Vec<String> = Vec::new();
        for service in stack.all() {
            if !told.contains(&service.name)
                && let Some(circle) = circle_from(stack, service)
                && !circle.iter().any(|dependency| told.contains(&dependency.service))
            {
                told.extend(circle.iter().map(|dependency| dependency.service.clone()));
                report_circle(service, &circle, findings);
            }
        }
    });
}

fn report_circle(service: &Service, circle: &[&Dependency], findings: &mut Findings<'_>) {
    let names: Vec<&str> =
        std::iter::once(service.name.as_str()).chain(circle.iter().map(|d| d.service.as_str())).collect();
    let place = |dependency: &Dependency| Place::Value(dependency.path.clone());
    let message = format!("services wait for each other in a circle: {}", names.join(" → "));
    let mut finding =
        Finding::new(Code::DependencyCycle, place(circle[0]), message, format!("waits for `{}`", circle[0].service));
    for dependency in &circle[1..] {
        finding = finding.related(place(dependency), format!("waits for `{}`", dependency.service));
    }
    findings.report(finding.help("remove one of these dependencies"));
}

/// The dependencies that lead from `start` back to it, shortest first.
fn circle_from<'s>(stack: &'s Stack, start: &'s Service) -> Option<Vec<&'s Dependency>> {
    // The dependency by which each service was reached first, and the service that has it.
    let mut reached: HashMap<&str, (&Dependency, &Service)> = HashMap::new();
    let mut next = VecDeque::from([start]);
    while let Some(service) = next.pop_front() {
        for dependency in &service.depends_on {
            let name = dependency.service.as_str();
            if reached.contains_key(name) {
                continue;
            }
            reached.insert(name, (dependency, service));
            if name == start.name {
                return Some(way_back(&reached, start));
            }
            next.extend(stack.services.get(name));
        }
    }
    None
}

/// The way by which `start` was reached, from its first dependency on.
fn way_back<'s>(reached: &HashMap<&str, (&'s Dependency, &'s Service)>, start: &Service) -> Vec<&'s Dependency> {
    let mut way = Vec::new();
    let mut at = start.name.as_str();
    while let Some((dependency, from)) = reached.get(at) {
        way.insert(0, *dependency);
        at = &from.name;
        if at == start.name {
            break;
        }
    }
    way
}

/// `healthy` of a service that cannot say so.
pub fn unhealthy(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_stack(program, diagnostics, |stack, findings| {
        for dependency in stack.all().flat_map(|service| &service.depends_on) {
            let Some(other) = stack.services.get(&dependency.service) else { continue };
            if dependency.condition == Condition::Healthy && other.healthcheck.is_none() {
                let message = format!("`{}` has no health check, so it never becomes healthy", other.name);
                let finding =
                    Finding::new(Code::NoHealthcheck, Place::Value(dependency.path.clone()), message, "waits for ever");
                let finding = finding.related(Place::Key(other.path.clone()), "has no `healthcheck`");
                let check = if other.ports.contains_key("http") { "/health" } else { "{command: [PROGRAM, ARGUMENT]}" };
                let help =
                    format!("under `services.{}`, write `healthcheck: {check}`; or wait for `started`", other.name);
                findings.report(finding.help(help));
            }
        }
    });
}

/// `completed` of a service that is started again when it ends.
pub fn endless(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_stack(program, diagnostics, |stack, findings| {
        for dependency in stack.all().flat_map(|service| &service.depends_on) {
            let Some(other) = stack.services.get(&dependency.service) else { continue };
            let again = matches!(other.restart, Restart::Always | Restart::UnlessStopped);
            if dependency.condition == Condition::Completed && again {
                let message = format!("`{}` is started again when it ends, so it never completes", other.name);
                let place = Place::Value(dependency.path.clone());
                let finding = Finding::new(Code::InvalidValue, place, message, "waits for ever");
                let finding = finding.related(Place::Value(other.path.key("restart")), "started again");
                findings.report(finding.help(format!("under `services.{}`, write `restart: never`", other.name)));
            }
        }
    });
}

/// Dependencies that run only where a profile is switched on, of services that run without it.
pub fn profiles(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_environment(program, diagnostics, |environment, findings| {
        for service in environment.stack.all() {
            for dependency in &service.depends_on {
                let Some(other) = environment.stack.services.get(&dependency.service) else { continue };
                if environment.always_runs(other) {
                    continue;
                }
                let mut alone = service.profiles.iter().filter(|profile| !other.profiles.contains(profile));
                let optional = !environment.always_runs(service);
                let (why, help) = match alone.next() {
                    None if optional => continue,
                    Some(profile)
                        if optional && other.profiles.iter().any(|known| service.profiles.contains(known)) =>
                    {
                        (
                            format!("which the profile `{profile}` does not start"),
                            format!("give `{}` the profile `{profile}` as well", other.name),
                        )
                    }
                    _ => {
                        let profile = other.profiles.first().map_or("", String::as_str);
                        let help = format!(
                            "under `environments.{}`, write `profiles: [{profile}]`, or give `{}` the profile as well",
                            environment.name, service.name
                        );
                        ("which only a profile starts".to_owned(), help)
                    }
                };
                let message = format!("`{}` waits for `{}`, {why}", service.name, other.name);
                let finding = Finding::new(
                    Code::ProfileDependency,
                    Place::Value(dependency.path.clone()),
                    message,
                    "may not be there",
                );
                let finding = finding.related(Place::Key(other.path.key("profiles")), "its profiles");
                findings.report(finding.help(help));
            }
        }
    });
}

/// Dependencies and routes that lead to a service that does not run in the environment.
pub fn left_out(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_environment(program, diagnostics, |environment, findings| {
        let stack = &environment.stack;
        let mut needed: Vec<(&str, Place)> = Vec::new();
        for service in stack.all() {
            needed.extend(service.depends_on.iter().map(|d| (d.service.as_str(), Place::Value(d.path.clone()))));
        }
        for route in stack.routes.iter().flat_map(|table| table.routes()) {
            match &route.action {
                Action::Proxy(proxy) => {
                    if let Upstream::Service { service, .. } = &proxy.upstream {
                        needed.push((service, Place::Value(route.path.key("to"))));
                    }
                }
                Action::Site { service, .. } => needed.push((service, Place::Value(route.path.key("site")))),
                Action::Files { .. } | Action::Redirect { .. } | Action::Respond { .. } => {}
            }
        }
        let runs = |name: &str| stack.services.contains_key(name) || stack.external.contains_key(name);
        for (name, place) in needed.into_iter().filter(|(name, _)| !runs(name)) {
            let message = format!("`{name}` does not run in the environment `{}`", environment.name);
            let finding = Finding::new(Code::LeftOut, place, message, "needs it here");
            let finding = finding.related(Place::Key(environment.path.clone()), "this environment leaves it out");
            // What the base has, and no profile that is on here starts.
            let profiles = program.base.services.get(name).map(|service| service.profiles.as_slice());
            let way = match profiles.and_then(<[String]>::first) {
                Some(profile) => format!("write `profiles: [{profile}]` under `environments.{}`", environment.name),
                None => format!("add `{name}` to the environment's `only`"),
            };
            findings.report(finding.help(format!("{way}, or let `{}` say something else here", environment.name)));
        }
    });
}
