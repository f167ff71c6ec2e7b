//! Images that are pushed: each to a place of its own, which its registry can take, and with values that its build can be told.

use crate::code::Code;
use crate::diagnostic::{Diagnostics, Finding, Findings};
use crate::facts::Facts;
use crate::model::{Addressing, Environment, Flat, Image, Program, steers_docker};
use crate::source::{Place, SpecPath};

/// What each image in use is called in `environment`, as far as that has a value; registries take no upper case.
fn names<'p>(program: &'p Program, environment: &Environment) -> Vec<(&'p Image, Vec<Flat>)> {
    let addressing = Addressing::new(environment);
    let lower = |piece: Flat| match piece {
        Flat::Literal(text) => Flat::Literal(text.to_ascii_lowercase()),
        other => other,
    };
    let named = program.base.images_in_use().filter_map(|image| Some((image, addressing.repository_of(image)?)));
    named.map(|(image, name)| (image, name.into_iter().map(lower).collect())).collect()
}

fn said_of(image: &Image) -> Place {
    image.tag.as_ref().map_or_else(|| Place::Key(image.path.clone()), |tag| Place::Value(tag.path.clone()))
}

/// Two images of one name: the one that is pushed last would be both.
pub fn places(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    let published = program.ci.github.as_ref().is_some_and(|github| github.images.is_some());
    let Some(environment) = program.published_from().filter(|_| published) else { return };
    let mut findings = Findings::new(&*program.locate, diagnostics);
    let names = names(program, environment);
    for (index, (image, name)) in names.iter().enumerate() {
        let Some((first, _)) = names[..index].iter().find(|(_, other)| other == name) else { continue };
        let called = Flat::settled(name).map_or_else(String::new, |name| format!(", `{name}`"));
        let message = format!("the images `{}` and `{}` are pushed to one place{called}", first.name, image.name);
        let finding = Finding::new(Code::OutputConflict, said_of(image), message, "pushed there as well");
        let help = format!(
            "give one of them another `image`; where both are meant to be the same, write `uses: {}` in place of `build`",
            first.name
        );
        findings.report(finding.related(said_of(first), "pushed there").help(help));
    }
}

/// GitHub's registry keeps the images of an owner, and has none of its own.
pub fn owners(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    let mut findings = Findings::new(&*program.locate, diagnostics);
    for environment in &program.environments {
        for (image, name) in names(program, environment) {
            let owner =
                Flat::settled(&name).filter(|name| name.starts_with("ghcr.io/") && name.matches('/').count() == 1);
            let Some(name) = owner else { continue };
            let (place, written, help) = match &image.tag {
                Some(_) => (said_of(image), name.as_str(), name.replacen("ghcr.io", "image: ghcr.io/OWNER", 1)),
                None => {
                    (Place::Value(SpecPath::root().key("registry")), "ghcr.io", "registry: ghcr.io/OWNER".to_owned())
                }
            };
            let message = format!("`{written}` names no owner, and ghcr.io keeps images by their owner");
            let finding = Finding::new(Code::InvalidValue, place, message, "whose?");
            findings.report(finding.help(format!("write `{help}`")));
        }
    }
}

/// Arguments that Docker would take for its own reach it as text, one a line.
pub fn arguments(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    if program.ci.github.as_ref().is_none_or(|github| github.images.is_none()) {
        return;
    }
    let mut findings = Findings::new(&*program.locate, diagnostics);
    let arguments = program.base.images_in_use().flat_map(|image| &image.args);
    for (name, text) in arguments.filter(|(name, text)| steers_docker(name) && text.has_line_break()) {
        let place = Place::Value(text.path.clone());
        let message = format!("`{name}` means something to Docker itself, so CI hands it over in one line");
        let finding = Finding::new(Code::UnrepresentableValue, place, message, "holds a line break");
        findings.report(
            finding.help(format!("write it in one line, or call the argument otherwise, such as `APP_{name}`")),
        );
    }
}
