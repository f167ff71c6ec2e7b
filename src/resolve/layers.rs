//! Images that stand on others and copy from them: no circles, one context, and what their Dockerfiles need from outside.

use indexmap::IndexMap;

use super::Scope;
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::model::{Image, PackageStage, Stack};
use crate::recipe::System;
use crate::source::{Place, SpecPath};

/// Checks how images stand on each other, and hands the inputs of those below to those above.
pub(super) fn resolve(scope: &mut Scope<'_, '_>, images: &mut IndexMap<String, Image>) {
    drop_broken(images);
    circles(scope, images);
    drop_broken(images);
    let stack = Stack { images: std::mem::take(images), ..Stack::default() };
    let mut inherited = Vec::new();
    for image in stack.images.values() {
        stages(scope, &stack, image);
        packages(scope, &stack, image);
        steps(scope, &stack, image);
        let below: Vec<&Image> = stack.stages(image).into_iter().filter(|below| below.name != image.name).collect();
        inherited.push(below.into_iter().map(|below| (below.args.clone(), below.secrets.clone())).collect::<Vec<_>>());
    }
    *images = stack.images;
    for (image, inherited) in images.values_mut().zip(inherited) {
        for (args, secrets) in inherited {
            for (name, value) in args {
                image.args.entry(name).or_insert(value);
            }
            let more: Vec<String> = secrets.into_iter().filter(|secret| !image.secrets.contains(secret)).collect();
            image.secrets.extend(more);
        }
    }
}

/// Takes out the images that need one which is not there; why it is not has been told.
fn drop_broken(images: &mut IndexMap<String, Image>) {
    loop {
        let broken = images.values().find(|image| image.origins().any(|(name, _)| !images.contains_key(name)));
        let Some(name) = broken.map(|image| image.name.clone()) else { break };
        images.shift_remove(&name);
    }
}

/// An image that needs itself; it is taken out of the way.
fn circles(scope: &mut Scope<'_, '_>, images: &mut IndexMap<String, Image>) {
    let needs = |images: &IndexMap<String, Image>, from: &str| -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        let mut next = vec![from.to_owned()];
        while let Some(name) = next.pop() {
            for (origin, _) in images.get(&name).into_iter().flat_map(|image| image.origins()) {
                if !found.iter().any(|known| known == origin) {
                    found.push(origin.to_owned());
                    next.push(origin.to_owned());
                }
            }
        }
        found
    };
    let own: Vec<String> = images.keys().filter(|name| needs(images, name).contains(name)).cloned().collect();
    for (index, name) in own.iter().enumerate() {
        if let (0, Some((_, path))) =
            (index, images[name].origins().find(|(origin, _)| own.iter().any(|own| own == origin)))
        {
            let chain = own.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" and ");
            let message =
                format!("{chain} would be built from {}", if own.len() > 1 { "each other" } else { "itself" });
            let finding = Finding::new(Code::DependencyCycle, Place::Value(path), message, "leads back");
            scope.report(finding.help("one of them stands on an image with a tag, such as `from: debian:trixie-slim`"));
        }
    }
    images.retain(|name, _| !own.contains(name));
}

/// Whether the images that `image` needs can be stages of its Dockerfile.
fn stages(scope: &mut Scope<'_, '_>, stack: &Stack, image: &Image) {
    if !image.is_generated() {
        return;
    }
    for (origin, path) in image.origins() {
        let below = &stack.images[origin];
        let place = Place::Value(path);
        if !below.is_generated() {
            let message = format!("`{origin}` has a Dockerfile of your own, which cannot be a part of this one");
            let finding = Finding::new(Code::InvalidValue, place, message, "not generated");
            let finding = finding.related(Place::Key(below.path.key("dockerfile")), "its Dockerfile");
            scope.report(finding.help("push that image, and name it here with its tag; or let a language build it"));
            continue;
        }
        let inside = image.context == "." || below.context == image.context;
        if !inside && !below.context.starts_with(&format!("{}/", image.context)) {
            let message = format!(
                "`{origin}` is built in `{}`, outside the context `{}` of this build",
                below.context, image.context
            );
            let finding = Finding::new(Code::PathOutsideContext, place, message, "not in the context");
            scope.report(finding.help(format!("write `context: {}` here, or `.`", below.context)));
        }
    }
}

/// Whether the packages have a package manager, and a stage.
fn packages(scope: &mut Scope<'_, '_>, stack: &Stack, image: &Image) {
    let (system, build_system) = (stack.system(image), stack.build_system(image));
    let mut told: Vec<&SpecPath> = Vec::new();
    for package in &image.packages {
        if told.contains(&&package.path) {
            continue;
        }
        let build = package.stage != Some(PackageStage::Run) && image.has_build_stage();
        let run = package.stage != Some(PackageStage::Build);
        let place = Place::Value(package.path.clone());
        let system = if run { system } else { build_system };
        let other = package.system.is_some_and(|of| !(run && of == system || build && of == build_system));
        let elsewhere = package
            .system
            .is_some_and(|of| image.packages.iter().any(|other| other.system.is_some_and(|other| other != of)));
        let finding = if !build && !run {
            let message = "packages for building need a stage that builds, and this image has none";
            Finding::new(Code::InvalidValue, place, message, "nothing is built")
                .help("write them under `run`, or give the build a language that installs something")
        } else if other && !elsewhere {
            let message = format!(
                "these packages are {}'s, but the image has {}",
                package.system.map_or("", System::title),
                system.title()
            );
            let key = system.key().unwrap_or("debian");
            Finding::new(Code::InvalidValue, place, message, "for another system")
                .help(format!("name the packages of the image that there is, `{key}: […]`, or choose another `base`"))
        } else if package.system.is_none() && matches!(system, System::Bare | System::Unknown) {
            let message = match system {
                System::Bare => {
                    "the image holds nothing but the program, so no package can be installed in it".to_owned()
                }
                _ => "stackc does not know the package manager of this image".to_owned(),
            };
            let help = match system {
                System::Bare => {
                    "write them under `build`, or choose another image with `from`, such as `from: debian:trixie-slim`"
                }
                _ => "say whose packages they are: `{debian: […]}` or `{alpine: […]}`",
            };
            Finding::new(Code::InvalidValue, place, message, "who installs them?").help(help)
        } else {
            continue;
        };
        told.push(&package.path);
        scope.report(finding);
    }
}

/// Whether there is a shell for the steps.
fn steps(scope: &mut Scope<'_, '_>, stack: &Stack, image: &Image) {
    if !image.steps.is_empty() && !image.has_build_stage() && stack.system(image) == System::Bare {
        let message = "the image holds nothing but the program, so no step can run in it";
        let finding = Finding::new(Code::InvalidValue, Place::Key(image.path.key("steps")), message, "no shell");
        scope.report(finding.help("choose another image with `from`, such as `from: debian:trixie-slim`"));
    }
}
