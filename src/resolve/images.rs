//! The images that are built here: entries of `images`, and those that services build for themselves; and which one a service runs.

use indexmap::IndexMap;

use super::build::{self, Unbuilt};
use super::references::Position;
use super::{Scope, did_you_mean, layers};
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::facts::join;
use crate::model::{Image, Source};
use crate::source::{Place, SpecPath};
use crate::spec::{self, ScalarOr};

/// All images by name, those of `images` first.
pub(super) fn resolve(scope: &mut Scope<'_, '_>) -> IndexMap<String, Image> {
    let mut images = IndexMap::new();
    for (name, written) in &scope.spec.images {
        images.extend(shared(scope, name, written).map(|image| (name.clone(), image)));
    }
    let services = scope.spec.services.iter().map(|(name, service)| ("services", name, service));
    let jobs = scope.spec.jobs.iter().map(|(name, job)| ("jobs", name, &job.service));
    for (section, name, written) in services.chain(jobs) {
        let path = SpecPath::root().key(section).key(name);
        let served = written.serve.is_some() && written.image.is_none();
        if !(written.build.is_some() || served) || written.uses.is_some() || written.external.is_some() {
            continue;
        }
        if scope.spec.images.contains_key(name) {
            scope.report(two_of_a_name(name, &path));
            continue;
        }
        images.extend(own(scope, name, written, path).map(|image| (name.clone(), image)));
    }
    layers::resolve(scope, &mut images);
    images
}

fn shared(scope: &mut Scope<'_, '_>, name: &str, written: &spec::Image) -> Option<Image> {
    let path = SpecPath::root().key("images").key(name);
    let Some(build) = &written.build else {
        let message = format!("the image `{name}` does not say how it is built");
        let finding = Finding::new(Code::MissingKey, Place::Key(path), message, "needs `build`");
        scope.report(
            finding.help("add `build: {…}`; an image of somebody else is named by the service, `image: NAME:TAG`"),
        );
        return None;
    };
    let tag = written.image.as_ref().map(|tag| scope.text(tag, Position::public(&path.key("image"), None)));
    let folder = match &written.path {
        Some(folder) => scope.inside(folder, "the repository", &path.key("path"))?,
        None => within_context(scope, name, name, Some(build)),
    };
    let file = written.file.clone().unwrap_or_else(|| DOCKERFILE.to_owned());
    build::resolve(scope, build, Unbuilt { name, owner: None, path, folder, file, tag })
}

fn own(scope: &mut Scope<'_, '_>, name: &str, written: &spec::Service, path: SpecPath) -> Option<Image> {
    let tag = written.image.as_ref().map(|tag| scope.text(tag, Position::public(&path.key("image"), Some(name))));
    // A folder that leads out is told where the service itself is looked at.
    let folder = written.path.as_deref().map(|folder| super::paths::normal(folder).unwrap_or_else(|_| name.to_owned()));
    let folder = folder.unwrap_or_else(|| default_folder(scope, name, written.build.as_ref()));
    let unbuilt = Unbuilt { name, owner: Some(name), path, folder, file: DOCKERFILE.to_owned(), tag };
    match &written.build {
        Some(build) => build::resolve(scope, build, unbuilt),
        None => Some(build::of_server(unbuilt)),
    }
}

/// The name of a Dockerfile that says nothing else.
const DOCKERFILE: &str = "Dockerfile";

fn two_of_a_name(name: &str, path: &SpecPath) -> Finding {
    let place = Place::Key(path.key("build"));
    let message = format!("two images would be called `{name}`");
    Finding::new(Code::ServiceSource, place, message, "builds one of its own")
        .related(Place::Key(SpecPath::root().key("images").key(name)), "and this is another")
        .help(format!("write `uses: {name}` in the service in place of `build`, or rename one of them"))
}

/// Where a service's own outputs go.
pub(super) fn folder(
    scope: &mut Scope<'_, '_>,
    name: &str,
    written: Option<&str>,
    build: Option<&ScalarOr<spec::Build>>,
    path: &SpecPath,
) -> String {
    match written {
        Some(folder) => scope.inside(folder, "the repository", &path.key("path")).unwrap_or_else(|| name.to_owned()),
        None => default_folder(scope, name, build),
    }
}

/// Beside the root's files for the only image that is built, else in a folder of the service's name.
fn default_folder(scope: &Scope<'_, '_>, name: &str, build: Option<&ScalarOr<spec::Build>>) -> String {
    let usual = if build.is_some() && builds(scope).count() == 1 { "." } else { name };
    within_context(scope, name, usual, build)
}

/// The `usual` folder of an image's outputs, if its build can see it; else the build's context, or where that is several images' a folder of it.
fn within_context(scope: &Scope<'_, '_>, name: &str, usual: &str, build: Option<&ScalarOr<spec::Build>>) -> String {
    match build.and_then(context_of) {
        Some(context) if !build::lies_in(usual, &context) => {
            let of_several = builds(scope).filter(|other| context_of(other).as_ref() == Some(&context)).count() > 1;
            if of_several { join(&context, name) } else { context }
        }
        _ => usual.to_owned(),
    }
}

/// The context of a build for which a Dockerfile is generated.
fn context_of(build: &ScalarOr<spec::Build>) -> Option<String> {
    let ScalarOr::Long(build) = build else { return None };
    let context = build.context.as_ref().filter(|_| build.dockerfile.is_none())?;
    super::paths::normal(context).ok()
}

/// Each `build` of the stack.
fn builds<'s>(scope: &'s Scope<'_, '_>) -> impl Iterator<Item = &'s ScalarOr<spec::Build>> {
    let jobs = scope.spec.jobs.values().map(|job| &job.service);
    let services = scope.spec.services.values().chain(jobs).filter_map(|service| service.build.as_ref());
    services.chain(scope.spec.images.values().filter_map(|image| image.build.as_ref()))
}

/// What `uses: other` of the service `user` amounts to: an entry of `images`, else what that service runs.
pub(super) fn used(
    scope: &mut Scope<'_, '_>,
    user: &str,
    other: &str,
    images: &IndexMap<String, Image>,
) -> Option<Source> {
    let place = Place::Value(SpecPath::root().key("services").key(user).key("uses"));
    let mut name = other;
    for _ in 0..=scope.spec.services.len() {
        if scope.spec.images.contains_key(name) {
            return images.contains_key(name).then(|| Source::Built(name.to_owned()));
        }
        let Some(service) = scope.spec.services.get(name) else {
            unknown(scope, name, place);
            return None;
        };
        match (&service.build, &service.image, &service.uses) {
            _ if service.external.is_some() => {
                nothing_to_use(scope, name, place);
                return None;
            }
            (Some(_), _, _) => return images.contains_key(name).then(|| Source::Built(name.to_owned())),
            (None, Some(image), _) => {
                let path = SpecPath::root().key("services").key(name).key("image");
                let image = scope.text(image, Position::public(&path, Some(name)));
                super::service::pinned(scope, &image);
                return Some(Source::Image(image));
            }
            (None, None, Some(next)) => name = next,
            (None, None, None) => {
                nothing_to_use(scope, name, place);
                return None;
            }
        }
    }
    let message = format!("`{user}` takes its own image in a circle");
    let finding = Finding::new(Code::DependencyCycle, place, message, "leads back");
    scope.report(finding.help("one of the services needs `build` or `image`"));
    None
}

fn unknown(scope: &mut Scope<'_, '_>, name: &str, place: Place) {
    if scope.environment.is_some_and(|(_, base)| base.services.contains_key(name)) || scope.spec.images.is_empty() {
        scope.knows_service(name, place);
        return;
    }
    let known: Vec<&str> =
        scope.written.images.keys().chain(scope.written.services.keys()).map(String::as_str).collect();
    let message = format!("there is no image and no service `{name}`");
    let finding = Finding::new(Code::UnknownService, place, message, "names nothing that is built here");
    scope.report(finding.help(did_you_mean(name, &known, "images and services")));
}

/// A service that runs elsewhere has no image here; one without a source is told by itself.
fn nothing_to_use(scope: &mut Scope<'_, '_>, name: &str, place: Place) {
    if scope.spec.services[name].external.is_none() {
        return;
    }
    let message = format!("`{name}` runs elsewhere, so there is no image of it to use");
    let finding = Finding::new(Code::LeftOut, place, message, "uses it");
    let at = Place::Key(SpecPath::root().key("services").key(name).key("external"));
    scope.report(finding.related(at, "runs elsewhere").help("give this service `image` or `build` of its own"));
}
