//! What an image stands on and is filled with: `from`, `packages`, `user`, `steps`, and what is copied from other images.

use super::ci::lines;
use super::pinned::is_pinned;
use super::references::Position;
use super::{Scope, did_you_mean};
use crate::code::Code;
use crate::diagnostic::{Finding, nearest};
use crate::model::{Origin, Package, PackageStage};
use crate::recipe::System;
use crate::source::{Place, SpecPath};
use crate::spec::{self, ListOr, Scalar};

/// What `from` names.
pub(super) fn from(scope: &mut Scope<'_, '_>, written: &spec::Build, path: &SpecPath) -> Option<Origin> {
    let name = written.from.as_ref()?;
    let path = path.key("from");
    if scope.spec.images.contains_key(name) {
        return Some(Origin::Built(name.clone()));
    }
    if scope.spec.services.contains_key(name) {
        let message = format!("`{name}` is a service, and an image stands on an image");
        let finding = Finding::new(Code::InvalidValue, Place::Value(path), message, "a service");
        let at = Place::Key(SpecPath::root().key("services").key(name));
        let help = format!("move the build of `{name}` to `images`, and let the service run it with `uses`");
        scope.report(finding.related(at, "the service").help(help));
        return None;
    }
    foreign(scope, name, &path, "images")
}

/// What `copy: {from}` names.
pub(super) fn copied_from(scope: &mut Scope<'_, '_>, name: &str, path: &SpecPath) -> Option<Origin> {
    if scope.spec.images.contains_key(name) {
        return Some(Origin::Built(name.to_owned()));
    }
    let Some(service) = scope.spec.services.get(name) else { return foreign(scope, name, path, "images and services") };
    match (&service.build, &service.image, &service.uses) {
        (Some(_), _, _) => Some(Origin::Built(name.to_owned())),
        (None, Some(image), _) => foreign(scope, image, path, "images and services"),
        (None, None, Some(other)) if other != name => copied_from(scope, other, path),
        _ => {
            let message = format!("`{name}` has no image here that something could be copied from");
            let finding = Finding::new(Code::LeftOut, Place::Value(path.clone()), message, "has no image");
            scope.report(
                finding.help("name an entry of `images`, a service with `build` or `image`, or an image with its tag"),
            );
            None
        }
    }
}

/// Somebody else's image, pinned by a tag or digest.
fn foreign(scope: &mut Scope<'_, '_>, written: &str, path: &SpecPath, what: &str) -> Option<Origin> {
    let text = scope.text(written, Position::public(path, None));
    let place = || Place::Value(path.clone());
    let Some(name) = text.as_literal() else {
        let message = format!("`{written}` is part of the image and cannot depend on where it runs");
        let finding = Finding::new(Code::BakedDifference, place(), message, "holds a reference");
        scope.report(finding.help("write the image's name and tag out"));
        return None;
    };
    if name != "scratch" && !name.contains(['/', '.', '$', ':', '@']) {
        let known: Vec<&str> = match what {
            "images" => scope.spec.images.keys().map(String::as_str).collect(),
            _ => scope.written.images.keys().chain(scope.written.services.keys()).map(String::as_str).collect(),
        };
        let help = match nearest(&name, &known) {
            Some(near) => {
                format!("did you mean `{near}`? Somebody else's image has a tag, such as `debian:trixie-slim`")
            }
            None if known.is_empty() => {
                format!("write its tag, such as `{name}:1`, or make an entry `{name}` in `images`")
            }
            None => format!("write its tag, such as `{name}:1`; {}", did_you_mean(&name, &known, what)),
        };
        let message =
            format!("there is no entry `{name}` in `images`, and for somebody else's image the tag is missing");
        scope.report(
            Finding::new(Code::UnknownService, place(), message, "names nothing that is built here").help(help),
        );
        return None;
    }
    is_pinned(scope, &name, path, None).then_some(Origin::Image(name))
}

/// A path in the image `origin`: whole, or below /app where it is built here.
pub(super) fn place_in(scope: &mut Scope<'_, '_>, origin: &Origin, src: &str, path: &SpecPath) -> Option<String> {
    let bad = src.is_empty() || src.chars().any(char::is_control) || src.split('/').any(|step| step == "..");
    match origin {
        _ if bad => {
            let message = format!("`{src}` is no place in an image");
            let finding = Finding::new(Code::InvalidValue, Place::Value(path.clone()), message, "not a place");
            scope.report(finding.help("write a whole path, such as /usr/local/bin/tool"));
            None
        }
        _ if src.starts_with('/') => Some(src.to_owned()),
        Origin::Built(_) => Some(format!("/app/{}", crate::facts::join(src, ""))),
        Origin::Image(name) => {
            let message = format!("`{src}` is a whole path in `{name}`, so it begins with a slash");
            let finding = Finding::new(Code::InvalidValue, Place::Value(path.clone()), message, "no whole path");
            scope.report(finding.help(format!("write `src: /{src}`, or where else it lies there")));
            None
        }
    }
}

/// The packages of a build, one by one.
pub(super) fn packages(written: &spec::Build, path: &SpecPath) -> Vec<Package> {
    let path = path.key("packages");
    let mut all = Vec::new();
    let mut add = |names: &[String], stage, system, path: &SpecPath| {
        let package = |name: &String| Package { name: name.clone(), stage, system, path: path.clone() };
        all.extend(names.iter().map(package));
    };
    let long = match &written.packages {
        None => return Vec::new(),
        Some(ListOr::List(names)) => {
            add(names, None, None, &path);
            return all;
        }
        Some(ListOr::Long(long)) => long,
    };
    for (key, stage, list) in [("build", PackageStage::Build, &long.build), ("run", PackageStage::Run, &long.run)] {
        match list {
            None => {}
            Some(ListOr::List(names)) => add(names, Some(stage), None, &path.key(key)),
            Some(ListOr::Long(systems)) => {
                add(&systems.alpine, Some(stage), Some(System::Alpine), &path.key(key).key("alpine"));
                add(&systems.debian, Some(stage), Some(System::Debian), &path.key(key).key("debian"));
            }
        }
    }
    for (key, system, list) in [("alpine", System::Alpine, &long.alpine), ("debian", System::Debian, &long.debian)] {
        match list {
            None => {}
            Some(ListOr::List(names)) => add(names, None, Some(system), &path.key(key)),
            Some(ListOr::Long(stages)) => {
                add(&stages.build, Some(PackageStage::Build), Some(system), &path.key(key).key("build"));
                add(&stages.run, Some(PackageStage::Run), Some(system), &path.key(key).key("run"));
            }
        }
    }
    all
}

/// User and group; a group that is not written has the user's number.
pub(super) fn user(scope: &mut Scope<'_, '_>, written: &spec::Build, path: &SpecPath) -> Option<(u32, u32)> {
    let Scalar(user) = written.user.as_ref()?;
    let (user, group) = user.split_once(':').unwrap_or((user, user));
    let number = |text: &str| if text == "root" { Some(0) } else { text.parse().ok() };
    let place = Place::Value(path.key("user"));
    let Some(ids) = number(user).zip(number(group)) else {
        let message = format!("`{user}` is no user of an image");
        let finding = Finding::new(Code::InvalidValue, place, message, "not a number");
        scope.report(finding.help("write `root`, or a number with or without a group, such as `1000:1000`"));
        return None;
    };
    let owner = path.parent();
    let service = owner.last_key().and_then(|name| scope.spec.services.get(name));
    if ids.0 == 0 && service.is_some_and(|service| !service.supervise.is_empty()) {
        let message = "a supervised process runs as 10001, or as the `user` that it names itself";
        let finding = Finding::new(Code::RootUser, place, message, "runs nothing");
        scope.report(finding.help("leave it out; what only root can do, the entrypoint does"));
    } else if ids.0 == 0 {
        let finding = Finding::new(Code::RootUser, place, "the program runs as root", "root");
        scope.report(finding.help("leave `user` out, and the program runs as 10001"));
    }
    Some(ids)
}

/// Shell lines that a Dockerfile can hold.
pub(super) fn steps(scope: &mut Scope<'_, '_>, written: &spec::Build, path: &SpecPath) -> Vec<String> {
    let mut steps = Vec::new();
    for (index, Scalar(step)) in written.steps.iter().enumerate() {
        let place = Place::Value(path.key("steps").index(index));
        let step = step.trim_end();
        let control = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
        let fault = match () {
            () if step.trim().is_empty() => Some(("the step is empty", "remove it")),
            () if step.ends_with('\\') => {
                Some(("the step ends in a backslash, and nothing follows", "remove the backslash"))
            }
            () if step.contains(control) => Some(("the step holds a control character", "remove it")),
            () => None,
        };
        match fault {
            Some((message, help)) => {
                scope.report(Finding::new(Code::InvalidValue, place, message, "no shell line").help(help));
            }
            None => steps.push(step.to_owned()),
        }
        lines::reference(scope, step, &path.key("steps").index(index), |name, reference| {
            match reference.strip_prefix("${secrets.") {
                Some(_) => format!("write `secrets: [{name}]` in the build, and here `\"${name}\"`"),
                None => format!("write `args: {{{name}: \"{reference}\"}}` in the build, and here `\"${name}\"`"),
            }
        });
    }
    steps
}
