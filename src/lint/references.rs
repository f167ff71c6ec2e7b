//! Every reference has a value in every environment.

use super::{each_environment, each_stack};
use crate::code::Code;
use crate::diagnostic::{Diagnostics, Finding, nearest};
use crate::facts::Facts;
use crate::model::{Addressing, Environment, GIT_SHA, IMAGE_TAG, Program, Reference, Stack, Text, Unaddressable};
use crate::source::{Place, SpecPath};

/// References that have no value somewhere: no URL, no port, left out, in a circle.
pub fn resolvable(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_environment(program, diagnostics, |environment, findings| {
        let addressing = Addressing::new(environment);
        for text in environment.stack.texts() {
            if let Err((reference, why)) = addressing.resolve(text) {
                findings.report(finding(environment, text, &reference, &why));
            }
        }
    });
}

/// Variables that no value refers to. A file of variables reaches the application whole, so all may be meant for it.
pub fn unused(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    let stacks =
        || std::iter::once(&program.base).chain(program.environments.iter().map(|environment| &environment.stack));
    if stacks().flat_map(|stack| stack.all()).any(|service| !service.env_file.is_empty()) {
        return;
    }
    let asks = |text: &Text, name: &str| text.asks_for(name);
    let used = |name: &str| {
        let defaults =
            |stack: &Stack| stack.variables.values().any(|other| other.default.iter().any(|it| asks(it, name)));
        [IMAGE_TAG, GIT_SHA].contains(&name)
            || program.ci.texts().any(|text| asks(text, name))
            || stacks().any(|stack| defaults(stack) || stack.texts().any(|text| asks(text, name)))
    };
    let known: Vec<&str> = program.base.variables.keys().map(String::as_str).collect();
    each_stack(program, diagnostics, |stack, findings| {
        for name in stack.variables.keys().filter(|name| !used(name)) {
            let place = Place::Key(SpecPath::root().key("variables").key(name));
            let message = format!("nothing refers to the variable `{name}`");
            let finding = Finding::new(Code::UnusedVariable, place, message, "not used");
            let near = if known.contains(&name.as_str()) { None } else { nearest(name, &known) };
            findings.report(match near {
                Some(near) => finding.help(format!("did you mean `{near}`?")),
                None => {
                    finding.help(format!("refer to it: `env: {{{name}: \"${{{name}}}\"}}` in a service, or remove it"))
                }
            });
        }
    });
}

/// What is wrong with `reference` in `text`.
pub(super) fn finding(environment: &Environment, text: &Text, reference: &Reference, why: &Unaddressable) -> Finding {
    let written = format!("${{{}}}", reference.written());
    let place = Place::Within(text.path.clone(), written.clone());
    let service = reference.service().unwrap_or_default();
    let other = environment.stack.services.get(service).map(|service| Place::Key(service.path.clone()));
    match why {
        Unaddressable::LeftOut(name) => Finding::new(
            Code::LeftOut,
            place,
            format!("`{name}` does not run in the environment `{}`", environment.name),
            "refers to it",
        )
        .related(Place::Key(environment.path.clone()), "this environment leaves it out")
        .help(format!("{}, or set another value there", environment.let_in(name))),
        Unaddressable::NoPort(name) if environment.stack.external.contains_key(name) => {
            let port = written.trim_end_matches('}').rsplit('.').next().unwrap_or_default();
            let message = format!("`{name}` runs elsewhere, and its address says nothing of the port `{port}`");
            let external = Place::Value(SpecPath::root().key("services").key(name).key("external"));
            let finding = Finding::new(Code::NoPort, place, message, "no such port");
            finding.related(external, "one port alone").help(format!(
                "make that port a service of its own, `{name}-{port}: {{external: \"HOST:PORT\"}}`, or write the number"
            ))
        }
        Unaddressable::NoPort(name) => {
            let finding = Finding::new(
                Code::NoPort,
                place,
                format!("`{name}` has no main port that `{written}` could mean"),
                "no such port",
            );
            let finding = finding.help(format!("under `services.{name}`, write `ports: {{http: 3000}}`, or name the port: `${{services.{name}.ports.NAME}}`"));
            other.into_iter().fold(finding, |finding, other| finding.related(other, "declares no main port"))
        }
        Unaddressable::NoUrl(name) => {
            let message = format!(
                "the outside cannot reach `{name}` in the environment `{}`, so it has no url",
                environment.name
            );
            let finding = Finding::new(Code::NoUrl, place, message, "has no url");
            let port = environment.stack.services.get(name).and_then(|service| service.main_port());
            let number = port.map_or(3000, |port| port.number);
            let finding = finding.help(format!(
                "under `services.{name}`, write `ports: {{http: {{port: {number}, publish: true}}}}`; or, inside the private network, `${{services.{name}.address}}`"
            ));
            let closed = environment.stack.services.get(name).map(|service| Place::Key(service.path.clone()));
            closed
                .or(other)
                .into_iter()
                .fold(finding, |finding, closed| finding.related(closed, "publishes no http port"))
        }
        Unaddressable::Cycle => Finding::new(
            Code::ReferenceCycle,
            place,
            format!("`{written}` leads back to itself, or to more than a value can hold"),
            "never becomes a value",
        )
        .help("write one of the values out"),
    }
}
