//! Images whose entrypoint is generated: who else runs them, and what they need to have.

use super::each_stack;
use crate::code::Code;
use crate::diagnostic::{Diagnostics, Finding};
use crate::facts::Facts;
use crate::model::Program;
use crate::source::Place;

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
