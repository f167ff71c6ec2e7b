//! Images that hold a site: who serves it, and what a build says that would not be part of it.

use crate::code::Code;
use crate::diagnostic::{Diagnostics, Finding, Findings};
use crate::facts::Facts;
use crate::model::{Image, Program, Server};
use crate::source::Place;

/// A site that no web server takes over: one that a service builds for itself has its own words.
pub fn unserved(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    let mut findings = Findings::new(&*program.locate, diagnostics);
    for image in program.base.images.values() {
        let Some(recipe) = image.recipe().filter(|recipe| recipe.language().output().is_some()) else { continue };
        let copied = |other: &Image| other.origins().any(|(origin, _)| origin == image.name);
        if image.owner.as_ref().is_some_and(|owner| program.base.services.contains_key(owner))
            || program.base.images.values().any(copied)
        {
            continue;
        }
        let message = format!("`{}` builds a site, but nothing serves it", image.name);
        let place = Place::Key(image.path.key(recipe.key()));
        let finding = Finding::new(Code::SiteWithoutOutput, place, message, "served by nothing");
        findings.report(finding.help("build it in a service that serves it: `serve: nginx:stable-alpine`"));
    }
}

/// What is said of a site and nothing would obey: a folder that is served as it is has nowhere to run anything, and what serves is the
/// server's own image.
pub fn ignored(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    let mut findings = Findings::new(&*program.locate, diagnostics);
    for image in program.base.images.values() {
        let Some(recipe) = image.recipe().filter(|recipe| recipe.language().output().is_some()) else { continue };
        let owner = image.owner.as_ref().and_then(|owner| program.base.services.get(owner));
        let server = owner.filter(|owner| owner.supervise.is_none()).and_then(|owner| owner.serve.as_ref());
        let mut ignored = Vec::new();
        if !image.has_build_stage() {
            let folder = "nothing is built from a folder that is served as it is";
            let built = "make it with a language, such as `node`, in place of `static`";
            let said =
                [("from", image.from.is_some()), ("steps", !image.steps.is_empty()), ("env", !image.env.is_empty())];
            let said = said.into_iter().filter(|(_, said)| *said);
            ignored.extend(said.map(|(key, _)| (Place::Key(image.path.key(key)), folder, built)));
        }
        if server.is_some() {
            let served = "the web server hands out what the site's folder holds, and nothing else";
            let apart = |dst: &str| !image.has_build_stage() || dst.starts_with('/');
            let copies = image.copy.iter().filter(|copy| apart(&copy.dst));
            let inside = "put it into the folder that is served, or route to it: `files: FOLDER`";
            ignored.extend(copies.map(|copy| (Place::Value(copy.path.clone()), served, inside)));
        }
        if matches!(server, Some(Server::Nginx { .. })) && image.user.is_some() {
            let official = "nginx starts as root, as its own image has it, and answers as an unprivileged user";
            ignored.push((Place::Value(image.path.key("user")), official, "remove it"));
        }
        for (place, why, help) in ignored {
            let key = match &place {
                Place::Value(path) if image.copy.iter().any(|copy| copy.path == *path) => "copy",
                Place::Key(path) | Place::Value(path) => path.last_key().unwrap_or_default(),
                Place::Within(..) => recipe.key(),
            };
            let message = format!("`{key}` has no effect here: {why}");
            findings.report(Finding::new(Code::InvalidValue, place.clone(), message, "not obeyed").help(help));
        }
    }
}
