//! Images whose entrypoint is generated: who else runs them, and what they need to have.

use super::each_stack;
use crate::code::Code;
use crate::diagnostic::{Diagnostics, Finding, Findings};
use crate::facts::Facts;
use crate::model::{Entrypoint, PackageStage, Program};
use crate::recipe::System;
use crate::source::Place;

/// The package, and the program, by which root becomes another user on Alpine.
const SU_EXEC: &str = "su-exec";

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
        let standing = program.base.standing(image);
        let packages = standing.iter().flat_map(|image| image.packages_for(PackageStage::Run, system));
        let has_su_exec =
            packages.into_iter().any(|package| package.split(['=', '~', '<', '>']).next() == Some(SU_EXEC));
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
