//! Images whose entrypoint is generated: who else runs them, and what they need to have.

use super::each_stack;
use crate::code::Code;
use crate::diagnostic::{Diagnostics, Finding, Findings};
use crate::facts::Facts;
use crate::model::{Duration, Entrypoint, Image, Program};
use crate::recipe::System;
use crate::source::Place;

/// The package, and the program, by which root becomes another user on Alpine.
const SU_EXEC: &str = "su-exec";
/// The package of Alpine whose `env` can undo that a signal is ignored.
const COREUTILS: &str = "coreutils";
/// In less time than this the processes could not be stopped one after the other.
const SHORTEST_GRACE: Duration = Duration::seconds(2);

/// A service that runs the image of a supervised one, and does not say what of it: all processes would start, without what is handed over to
/// them.
pub fn borrowed(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_stack(program, diagnostics, |stack, findings| {
        for service in stack.services.values().filter(|service| service.command.is_none()) {
            let owner = stack.image_of(service).and_then(|image| stack.services.get(image.owner.as_ref()?));
            let Some(owner) = owner.filter(|owner| owner.supervise.is_some() && owner.name != service.name) else {
                continue;
            };
            let message = format!("`{}` would run all processes of `{}` a second time", service.name, owner.name);
            let place = Place::Value(service.path.key("uses"));
            let finding = Finding::new(Code::InvalidValue, place, message, "does not say what it runs");
            let finding = finding.related(Place::Key(owner.path.key("supervise")), "its processes");
            findings
                .report(finding.help(format!("under `{}`, write the `command` that it runs of them", service.path)));
        }
    });
}

/// Images that lack what their entrypoint is run by: a shell, or on Alpine the program by which root becomes another user.
pub fn tools(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    let mut findings = Findings::new(&*program.locate, diagnostics);
    for image in program.base.images.values() {
        let Some(entrypoint) = program.entrypoint(image) else { continue };
        let system = program.base.system(image);
        let has_su_exec = program.base.has_package(image, SU_EXEC);
        let place = Place::Key(image.path.clone());
        let why = match entrypoint {
            Entrypoint::Supervise(_) => "starts several processes",
            Entrypoint::Volumes => "hands over a volume that Fly mounts as root's",
        };
        if system == System::Bare {
            let message = format!("the image of `{}` has no shell for the script that {why}", image.name);
            let finding = Finding::new(Code::InvalidValue, place, message, "nothing but a program");
            findings.report(finding.help("let it stand on a system: `from: debian:trixie-slim`, or another one"));
        } else if system == System::Alpine && program.starts_as_root(image) && !has_su_exec {
            let message = format!("the script that {why} needs `su-exec` in the image of `{}`", image.name);
            let finding = Finding::new(Code::MissingKey, place, message, "stands on Alpine, which has none");
            findings.report(finding.help(format!("in `{}`, write `packages: {{run: [{SU_EXEC}]}}`", image.path)));
        }
    }
}

/// Signals that a shell makes what it leaves in the background ignore, on Alpine, where only GNU's `env` undoes that.
pub fn ignored_signals(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    let mut findings = Findings::new(&*program.locate, diagnostics);
    for image in program.base.images.values() {
        let Some(Entrypoint::Supervise(set)) = program.entrypoint(image) else { continue };
        if program.base.system(image) != System::Alpine || program.base.has_package(image, COREUTILS) {
            continue;
        }
        for process in set.processes.iter().filter(|process| process.ignores_its_signal()) {
            let place = Place::Value(set.path.key(&process.name).key("stop_signal"));
            let message = format!(
                "`{}` would start with SIG{} ignored, and on Alpine only `env` of {COREUTILS} can undo that",
                process.name, process.stop_signal
            );
            let finding = Finding::new(Code::MissingKey, place, message, "may not reach it");
            let help =
                format!("in `{}`, write `packages: {{run: [{COREUTILS}]}}`; or leave it out for SIGTERM", image.path);
            findings.report(finding.help(help));
        }
    }
}

/// Less time than it takes to stop several processes one after the other.
pub fn time_to_stop(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_stack(program, diagnostics, |stack, findings| {
        for service in stack.services.values().filter(|service| service.supervise.is_some()) {
            if service.stop_grace_period.is_some_and(|period| period < SHORTEST_GRACE) {
                let place = Place::Value(service.path.key("stop_grace_period"));
                let message =
                    format!("`{}` could not stop its processes one after the other in that time", service.name);
                let finding = Finding::new(Code::InvalidDuration, place, message, "too short");
                findings.report(finding.help("write `stop_grace_period: 2s` or more"));
            }
        }
    });
}

/// A program that nobody names, in an image whose entrypoint takes the place of the one that came with it.
pub fn programs(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    let entrypoint = |image: &Image| matches!(program.entrypoint(image), Some(Entrypoint::Volumes));
    each_stack(program, diagnostics, |stack, findings| {
        for service in stack.all().filter(|service| service.command.is_none() && service.entrypoint.is_none()) {
            let Some(image) = stack.image_of(service).filter(|image| entrypoint(image)) else { continue };
            let standing = program.base.standing(image);
            let mut languages = standing.iter().filter_map(|image| image.recipe());
            if languages.any(|recipe| recipe.language().command().is_some()) {
                continue;
            }
            let message = format!(
                "`{}` says no `command`, and the script that hands over its volume on Fly would have nothing to start",
                service.name
            );
            let finding = Finding::new(Code::MissingKey, Place::Key(service.path.clone()), message, "needs `command`");
            findings.report(finding.help("write the `command` that it runs, that of the image it stands on included"));
        }
    });
}
