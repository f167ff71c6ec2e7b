//! Environments as a whole: where their machines are.

use super::each_environment;
use crate::code::Code;
use crate::diagnostic::{Diagnostics, Finding, Findings};
use crate::facts::Facts;
use crate::model::{Environment, MountSource, Platform, Program};
use crate::source::{Place, SpecPath};

/// A stack that no environment runs.
pub fn none(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    if program.environments.is_empty() {
        let place = Place::Key(SpecPath::root().key("name"));
        let message = "this stack runs nowhere: it has no environment";
        let finding = Finding::new(Code::NoEnvironment, place, message, "no environment");
        Findings::new(&*program.locate, diagnostics)
            .report(finding.help("add `environments: {dev: {platform: compose}}`"));
    }
}

/// Regions of Fly for which no machine is left.
pub fn regions(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_environment(program, diagnostics, |environment, findings| {
        let Platform::Fly { regions, .. } = &environment.platform else { return };
        let machines = environment.stack.services.values().map(|service| service.scale.machines() as usize);
        let most = machines.max().unwrap_or(0);
        // The first machine is in `region`.
        let Some(empty) = regions.get(most.saturating_sub(1)..).filter(|empty| !empty.is_empty()) else { return };
        let path = environment.path.key("regions");
        let (place, message) = match most {
            0 | 1 => (
                Place::Key(path),
                format!("no service of `{}` has a second machine that could stand in another region", environment.name),
            ),
            _ => (
                Place::Value(path.index(most - 1)),
                format!("no service of `{}` has a machine left for `{}`", environment.name, empty[0]),
            ),
        };
        let finding = Finding::new(Code::NoEffectOnPlatform, place, message, "no effect on Fly");
        findings.report(
            finding.help(format!("give a service more machines, `scale: {}`, or remove it", regions.len() + 1)),
        );
    });
}

/// A volume is made where its machine is, which has to be said.
pub fn region_of_volumes(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_environment(program, diagnostics, |environment, findings| {
        let Platform::Fly { region: None, .. } = &environment.platform else { return };
        let mut mounts = environment.stack.services.values().flat_map(|service| &service.mounts);
        let Some(mount) = mounts.find(|mount| matches!(mount.source, MountSource::Volume(_))) else { return };
        let message = format!("a volume is made in a region, and `{}` does not say in which one", environment.name);
        let place = Place::Key(environment.path.clone());
        let finding = Finding::new(Code::MissingKey, place, message, "needs `region`");
        let finding = finding.related(Place::Value(mount.path.clone()), "mounts a volume");
        findings.report(finding.help("add `region: iad`, or another one that `fly platform regions` lists"));
    });
}

/// What is watched while somebody works on it, where every Compose environment pulls its images.
pub fn unwatched(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    let compose = |environment: &&Environment| matches!(environment.platform, Platform::Compose { .. });
    if program.environments.iter().filter(compose).any(|environment| !environment.pulls()) {
        return;
    }
    each_environment(program, diagnostics, |environment, findings| {
        for service in environment.stack.all().filter(|service| environment.pulls() && service.develop.is_some()) {
            let message = format!("`{}` builds nothing, so nothing is watched", environment.name);
            let place = Place::Key(service.path.key("develop"));
            let finding = Finding::new(Code::NoEffectOnPlatform, place, message, "no effect here");
            let finding = finding.related(Place::Value(environment.path.key("pull")), "images come from the registry");
            findings.report(finding.help("add an environment for development: `dev: {platform: compose}`"));
        }
    });
}
