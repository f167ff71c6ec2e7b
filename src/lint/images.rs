//! Images that are built here, against the repository and against the environments.

use super::each_environment;
use crate::code::Code;
use crate::diagnostic::{Diagnostics, Finding, Findings};
use crate::facts::{Facts, Found, Wanted, join};
use crate::model::{Dockerfile, Image, Program, Service};
use crate::source::{Place, SpecPath};

/// The paths of the repository that the rules of this file look at.
pub fn wanted(program: &Program) -> Wanted {
    let images = program.base.services.values().filter_map(|service| service.image());
    let mut wanted = Wanted::new();
    for image in images {
        wanted.extend([image.context.clone(), join(&image.context, ".dockerignore")]);
        wanted.extend(sources_of(image).into_iter().map(|(source, _, _)| source));
        if let Some(recipe) = image.recipe() {
            wanted.extend(recipe.language().wants().iter().map(|file| join(&image.context, file)));
        }
    }
    wanted
}

/// What an image takes from the repository: the path from the root, where it is said, and whether the key says it alone.
fn sources_of(image: &Image) -> Vec<(String, SpecPath, bool)> {
    let copies = image.copy.iter().map(|copy| (join(&image.context, &copy.src), copy.path.clone(), true));
    let mut sources: Vec<_> = copies.collect();
    match &image.dockerfile {
        Dockerfile::Own { file, .. } => sources.push((join(&image.context, file), image.path.key("dockerfile"), true)),
        Dockerfile::Generated(recipe) => {
            let key = image.path.key(recipe.key());
            // What leads upwards has been refused already.
            let inside =
                recipe.language().sources().into_iter().filter(|source| !source.split('/').any(|step| step == ".."));
            sources.extend(inside.map(|source| (join(&image.context, &source), key.clone(), false)));
        }
    }
    sources
}

/// Sources that do not exist, or that a symbolic link leads out of the repository.
pub fn sources(program: &Program, facts: &Facts, diagnostics: &mut Diagnostics) {
    let mut findings = Findings::new(&*program.locate, diagnostics);
    for image in program.base.services.values().filter_map(|service| service.image()) {
        if facts.at(&image.context) == Some(&Found::Outside) {
            let message = format!("a symbolic link leads `{}` out of the repository", image.context);
            let finding =
                Finding::new(Code::PathEscape, Place::Value(image.path.key("context")), message, "leads outside");
            findings.report(finding.help("name a folder of the repository"));
        }
        let whole = image.copy.iter().find(|copy| copy.src == "." && image.recipe().is_some());
        if let Some(copy) = whole.filter(|_| facts.at(&join(&image.context, ".dockerignore")) == Some(&Found::Missing))
        {
            let message = "the whole folder is copied, and no .dockerignore keeps .env and .git out";
            let finding =
                Finding::new(Code::MissingSource, Place::Value(copy.path.clone()), message, "copies everything");
            findings.report(finding.help("write a .dockerignore with `.env*` and `.git`, or list what is copied"));
        }
        for (source, path, own) in sources_of(image) {
            let place = if own { Place::Value(path) } else { Place::Key(path) };
            match facts.at(&source) {
                Some(Found::Missing) => findings.report(missing(&source, place)),
                Some(Found::Outside) => {
                    let finding = Finding::new(
                        Code::PathEscape,
                        place,
                        format!("a symbolic link leads `{source}` out of the repository"),
                        "leads outside",
                    );
                    findings.report(finding.help("copy what it points to into the repository"));
                }
                _ => {}
            }
        }
    }
}

fn missing(source: &str, place: Place) -> Finding {
    let message = format!("`{source}` is not in the repository");
    let label = "the build would fail";
    if source.ends_with("pnpm-lock.yaml") {
        return Finding::new(Code::MissingLockfile, place, message, label)
            .help("run `pnpm install` and commit the lockfile");
    }
    let help = format!("add `{source}`, or correct the path; paths are relative to the build's context");
    Finding::new(Code::MissingSource, place, message, label).help(help)
}

/// What each language finds wrong when it compares what was written with its files.
pub fn languages(program: &Program, facts: &Facts, diagnostics: &mut Diagnostics) {
    let mut findings = Findings::new(&*program.locate, diagnostics);
    for image in program.base.services.values().filter_map(|service| service.image()) {
        if let Some(recipe) = image.recipe() {
            recipe.language().check(&image.path.key(recipe.key()), &image.context, facts, &mut findings);
        }
    }
}

/// An environment that changes what is baked into an image, or adds a service that builds one.
pub fn baked_differences(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_environment(program, diagnostics, |environment, findings| {
        for (name, service) in &environment.stack.services {
            let base = program.base.services.get(name);
            let same_build = match (base.and_then(|base| base.image()), service.image()) {
                (Some(base), Some(image)) => bakes_the_same(base, image),
                (None, Some(_)) => false,
                // An environment may take an image from elsewhere instead of building it.
                (_, None) => true,
            };
            let same_server = service.image().is_none() || base.is_none_or(|base| base.serve == service.serve);
            let number = |service: &Service| service.main_port().map(|port| port.number);
            let same_port = service.serve.is_none() || base.is_none_or(|base| number(base) == number(service));
            let generated = base.and_then(|base| base.image()).is_some_and(|image| image.recipe().is_some())
                && service.image().is_some();
            let kept =
                |words: fn(&Service) -> bool| !generated || base.is_none_or(|base| !words(base) || words(service));
            let same_folder = service.image().is_none() || base.is_none_or(|base| base.folder == service.folder);
            let differences = [
                ("build", same_build),
                ("serve", same_server),
                ("ports", same_port),
                ("path", same_folder),
                ("command", kept(|service| service.command.is_some())),
                ("entrypoint", kept(|service| service.entrypoint.is_some())),
            ];
            for (key, same) in differences {
                if !same {
                    let verb = if base.is_some() { "changes" } else { "adds" };
                    let message = format!(
                        "the environment `{}` {verb} the `{key}` of `{name}`, but an image is the same everywhere",
                        environment.name
                    );
                    let path = environment.path.key("services").key(name).key(key);
                    let finding = Finding::new(Code::BakedDifference, Place::Key(path), message, "only here");
                    findings.report(finding.help("let what differs arrive at run time, through `env`, `command` or `routing`; or make it a service of the base"));
                }
            }
        }
    });
}

fn bakes_the_same(one: &Image, other: &Image) -> bool {
    let copies = |image: &Image| -> Vec<(String, String)> {
        image.copy.iter().map(|copy| (copy.src.clone(), copy.dst.clone())).collect()
    };
    one.context == other.context
        && one.dockerfile == other.dockerfile
        && one.env == other.env
        && one.secrets == other.secrets
        && one.args.keys().eq(other.args.keys())
        && copies(one) == copies(other)
}
