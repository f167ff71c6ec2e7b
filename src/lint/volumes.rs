//! Volumes and networks.

use crate::code::Code;
use crate::diagnostic::{Diagnostics, Finding, Findings};
use crate::facts::Facts;
use crate::model::{MountSource, Program, Stack};
use crate::source::{Place, SpecPath};

/// A volume that nothing mounts, in the base or in any environment.
pub fn unused(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    let mut findings = Findings::new(&*program.locate, diagnostics);
    let stacks =
        || std::iter::once(&program.base).chain(program.environments.iter().map(|environment| &environment.stack));
    let mounts = |stack: &Stack, name: &str| {
        let sources = stack.all().flat_map(|service| &service.mounts).map(|mount| &mount.source);
        sources.into_iter().any(|source| *source == MountSource::Volume(name.to_owned()))
    };
    for name in program.base.volumes.keys().filter(|name| !stacks().any(|stack| mounts(stack, name))) {
        let place = Place::Key(SpecPath::root().key("volumes").key(name));
        let finding =
            Finding::new(Code::UnusedVolume, place, format!("nothing mounts the volume `{name}`"), "not used");
        findings.report(finding.help(format!("mount it: `volumes: {{/data: {name}}}` in a service, or remove it")));
    }
}

/// A network that no service joins, in the base or in any environment.
pub fn unused_networks(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    let mut findings = Findings::new(&*program.locate, diagnostics);
    let stacks =
        || std::iter::once(&program.base).chain(program.environments.iter().map(|environment| &environment.stack));
    let joined = |name: &String| stacks().flat_map(|stack| stack.all()).any(|service| service.networks.contains(name));
    for name in program.base.networks.keys().filter(|name| !joined(name)) {
        let place = Place::Key(SpecPath::root().key("networks").key(name));
        let finding =
            Finding::new(Code::UnusedNetwork, place, format!("no service joins the network `{name}`"), "not used");
        findings.report(finding.help(format!("join it: `networks: [{name}]` in a service, or remove it")));
    }
}
