//! Images that are built here, against the repository and against the environments.

use super::each_environment;
use crate::code::Code;
use crate::diagnostic::{Diagnostics, Finding, Findings};
use crate::facts::{Facts, Found, Wanted, join};
use crate::model::{Addressing, Dockerfile, Environment, Image, MountSource, Platform, Program, Service, Text};
use crate::recipe::{Recipe, System, missing_lockfile};
use crate::source::{Place, SpecPath};

/// The paths of the repository that the rules of this file look at.
pub fn wanted(program: &Program) -> Wanted {
    let images = program.base.images.values();
    let mut wanted = Wanted::new();
    for image in images {
        wanted.extend([image.context.clone(), join(&image.context, ".dockerignore")]);
        wanted.extend(sources_of(image).into_iter().map(|source| source.path));
        if let Some(recipe) = image.recipe() {
            wanted.extend(recipe.language().wants().iter().map(|file| join(&image.context, file)));
        }
    }
    wanted
}

/// A path that an image takes from the repository.
struct Source {
    /// From the root.
    path: String,
    /// Where it is said.
    said: SpecPath,
    /// Whether the key says it alone.
    own: bool,
    /// How it is made, if it is a lockfile.
    made_by: Option<&'static str>,
}

fn sources_of(image: &Image) -> Vec<Source> {
    let source =
        |path: &str, said: SpecPath, own| Source { path: join(&image.context, path), said, own, made_by: None };
    let copies = image.copy.iter().filter(|copy| copy.from.is_none());
    let mut sources: Vec<_> = copies.map(|copy| source(&copy.src, copy.path.clone(), true)).collect();
    if let Dockerfile::Own { file, .. } = &image.dockerfile {
        sources.push(source(file, image.path.key("dockerfile"), true));
    }
    if let Some(recipe) = image.recipe() {
        let (key, language) = (image.path.key(recipe.key()), recipe.language());
        let (optional, lockfiles) = (language.optional_sources(), language.lockfiles());
        // What leads upwards has been refused already.
        let inside = |path: &String| !path.split('/').any(|step| step == "..") && !optional.contains(path);
        let written = language.paths(&key);
        for path in language.sources(&image.copies()).into_iter().filter(inside) {
            let made_by = lockfiles.iter().find(|(lockfile, _)| *lockfile == path).map(|(_, made_by)| *made_by);
            let own = written.iter().find(|(written, _)| join(written, "") == path);
            let said = own.map_or(&key, |(_, said)| said).clone();
            sources.push(Source { made_by, ..source(&path, said, own.is_some()) });
        }
        // Those of a folder that is copied whole.
        for (path, made_by) in &lockfiles {
            if !sources.iter().any(|known| known.path == join(&image.context, path)) {
                sources.push(Source { made_by: Some(made_by), ..source(path, key.clone(), false) });
            }
        }
    }
    sources
}

/// Sources that do not exist, or that a symbolic link leads out of the repository.
pub fn sources(program: &Program, facts: &Facts, diagnostics: &mut Diagnostics) {
    let mut findings = Findings::new(&*program.locate, diagnostics);
    for image in program.base.images.values() {
        if facts.at(&image.context) == Some(&Found::Outside) {
            let message = format!("a symbolic link leads `{}` out of the repository", image.context);
            let finding =
                Finding::new(Code::PathEscape, Place::Value(image.path.key("context")), message, "leads outside");
            findings.report(finding.help("name a folder of the repository"));
        }
        for Source { path: source, said, own, made_by } in sources_of(image) {
            let place = if own { Place::Value(said) } else { Place::Key(said) };
            match facts.at(&source) {
                Some(Found::Missing) => findings.report(missing(&source, made_by, place)),
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

fn missing(source: &str, made_by: Option<&str>, place: Place) -> Finding {
    if let Some(made_by) = made_by {
        return missing_lockfile(source, made_by, place);
    }
    let message = format!("`{source}` is not in the repository");
    let help = format!("add `{source}`, or correct the path; paths are relative to the build's context");
    Finding::new(Code::MissingSource, place, message, "the build would fail").help(help)
}

/// A volume of Fly's in an image without a shell: it is mounted as root's own, and nothing there could hand it over.
pub fn shell_for_volumes(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_environment(program, diagnostics, |environment, findings| {
        let stack = &environment.stack;
        for service in stack.all().filter(|_| matches!(environment.platform, Platform::Fly { .. })) {
            let Some(image) = stack.image_of(service).filter(|image| image.is_generated()) else { continue };
            let bare = stack.system(image) == System::Bare && service.serve.is_none() && stack.user(image).0 != 0;
            let volume = service.mounts.iter().find(|mount| matches!(mount.source, MountSource::Volume(_)));
            if let (true, Some(volume)) = (bare, volume) {
                let message = format!(
                    "Fly mounts a volume as root's own, and the image of `{}` has no shell that could hand it over",
                    service.name
                );
                let place = Place::Key(volume.path.clone());
                let finding = Finding::new(Code::UnsupportedOnPlatform, place, message, "could not be written to");
                let finding = finding.related(Place::Value(environment.path.key("platform")), "on Fly");
                findings.report(finding.help("give its build a system with a shell, `from: debian:trixie-slim`"));
            }
        }
    });
}

/// Machines that an image is built for, where the platform alone knows them.
pub fn machines(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_environment(program, diagnostics, |environment, findings| {
        let built = environment.stack.images_in_use().filter(|image| !image.platforms.is_empty());
        for image in built.filter(|_| matches!(environment.platform, Platform::Fly { .. })) {
            let place = Place::Key(image.path.key("platforms"));
            let message = "Fly builds an image for its own machines, whatever `platforms` says";
            let finding = Finding::new(Code::NoEffectOnPlatform, place, message, "no effect on Fly");
            let finding = finding.related(Place::Value(environment.path.key("platform")), "on Fly");
            findings.report(finding.help("nothing needs to be done"));
        }
    });
}

/// Entries of `images` that nobody runs, stands on or copies from.
pub fn unused(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    let stacks =
        || std::iter::once(&program.base).chain(program.environments.iter().map(|environment| &environment.stack));
    let used = |name: &str| {
        stacks().any(|stack| {
            let needed = stack.images.values().flat_map(|image| image.origins()).any(|(origin, _)| origin == name);
            needed || stack.runners(name).next().is_some()
        })
    };
    let mut findings = Findings::new(&*program.locate, diagnostics);
    for image in program.base.images.values().filter(|image| image.owner.is_none() && !used(&image.name)) {
        let place = Place::Key(image.path.parent());
        let message = format!("nothing runs the image `{}`, and nothing is built on it", image.name);
        let finding = Finding::new(Code::UnusedImage, place, message, "not used");
        findings.report(finding.help(format!(
            "write `uses: {}` in a service, `from: {}` in a build, or remove it",
            image.name, image.name
        )));
    }
}

/// What each language finds wrong when it compares what was written with its files.
pub fn languages(program: &Program, facts: &Facts, diagnostics: &mut Diagnostics) {
    let mut findings = Findings::new(&*program.locate, diagnostics);
    for image in program.base.images.values() {
        if let Some(recipe) = image.recipe() {
            recipe.language().check(&image.path.key(recipe.key()), &image.context, facts, &mut findings);
        }
    }
}

/// Packages that yarn from 2 on leaves in archives, where Node alone does not find them.
pub fn archived_packages(program: &Program, facts: &Facts, diagnostics: &mut Diagnostics) {
    let mut findings = Findings::new(&*program.locate, diagnostics);
    for image in program.base.images.values() {
        let Some(Recipe::Node(node)) = image.recipe() else { continue };
        let text = |file: &str| facts.text_in(&image.context, file).unwrap_or_default();
        let linker = text(".yarnrc.yml").lines().find_map(|line| line.strip_prefix("nodeLinker:"));
        let linker = linker.map_or("pnp", |linker| linker.trim().trim_matches(['"', '\'']));
        let installs = linker != "pnp" || image.env.contains_key("YARN_NODE_LINKER");
        if node.manager() != "yarn" || installs || !text("yarn.lock").contains("\n__metadata:\n") {
            continue;
        }
        let literal = |text: &Text| text.as_literal().unwrap_or_default();
        let alone = |service: &&Service| {
            let first = service.command.as_ref().and_then(|command| command.first()).map(literal);
            first.as_deref() == Some("node") && !service.texts().any(|text| literal(text).contains(".pnp."))
        };
        let Some(service) = program.base.runners(&image.name).find(alone) else { continue };
        let message = "yarn leaves packages in archives here, and `node` by itself finds none of them";
        let place = Place::Value(service.path.key("command"));
        let finding = Finding::new(Code::NoNodeModules, place, message, "would find no package");
        let finding = finding.related(Place::Value(image.path.key("node").key("package_manager")), "installs them");
        findings.report(finding.help("write `nodeLinker: node-modules` into .yarnrc.yml, beside package.json"));
    }
}

/// An environment that changes what is baked into an image, or adds an image.
pub fn baked_differences(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_environment(program, diagnostics, |environment, findings| {
        for (name, image) in &environment.stack.images {
            let base = program.base.images.get(name);
            let above = environment.path.0.iter().chain(&image.path.parent().0).cloned().collect();
            let above = SpecPath(above);
            let place = |key: &str| Place::Key(above.key(key));
            let differences = [
                ("build", base.is_some_and(|base| bakes_the_same(base, image))),
                ("path", base.is_none_or(|base| base.folder == image.folder)),
                ("file", base.is_none_or(|base| base.file == image.file)),
            ];
            for (key, _) in differences.into_iter().filter(|(_, same)| !same) {
                findings.report(difference(environment, name, key, base.is_some(), place(key)));
            }
        }
        for (name, service) in &environment.stack.services {
            let Some(base) = program.base.services.get(name) else { continue };
            if environment.stack.own_image(service).is_none() {
                continue;
            }
            let generated = program.base.own_image(base).is_some_and(|image| image.is_generated());
            let number = |service: &Service| service.main_port().map(|port| port.number);
            let differences = [
                ("serve", base.serve == service.serve),
                ("supervise", supervises_the_same(base, service)),
                ("ports", service.serve.is_none() || number(base) == number(service)),
                ("command", !generated || base.command.is_none() || service.command.is_some()),
                ("entrypoint", !generated || base.entrypoint.is_none() || service.entrypoint.is_some()),
            ];
            for (key, _) in differences.into_iter().filter(|(_, same)| !same) {
                let place = Place::Key(environment.path.key("services").key(name).key(key));
                findings.report(difference(environment, name, key, true, place));
            }
        }
    });
}

fn difference(environment: &Environment, name: &str, key: &str, changes: bool, place: Place) -> Finding {
    let verb = if changes { "changes" } else { "adds" };
    let message = format!(
        "the environment `{}` {verb} the `{key}` of `{name}`, but an image is the same everywhere",
        environment.name
    );
    let help =
        "let what differs arrive at run time, through `env`, `command` or `routing`; or make it a service of the base";
    Finding::new(Code::BakedDifference, place, message, "only here").help(help)
}

/// An image that several environments pull is built once, so its arguments are the same in all of them.
pub fn pulled_arguments(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    let pulls = |environment: &&Environment| matches!(environment.platform, Platform::Compose { pull: true, .. });
    let mut first: Vec<(&Environment, &Image)> = Vec::new();
    for environment in program.environments.iter().filter(pulls) {
        for image in environment.stack.images_in_use() {
            let Some((other, before)) = first.iter().find(|(_, before)| before.name == image.name) else {
                first.push((environment, image));
                continue;
            };
            let value = |environment: &Environment, image: &Image, name: &str| {
                Addressing::new(environment).resolve(&image.args[name]).ok()
            };
            let differs = |name: &&String| {
                before.args.contains_key(*name) && value(other, before, name) != value(environment, image, name)
            };
            if let Some(name) = image.args.keys().find(differs) {
                let message = format!(
                    "`{name}` has other values in `{}` and `{}`, which pull the same image",
                    other.name, environment.name
                );
                let place = Place::Value(image.args[name].path.clone());
                let finding = Finding::new(Code::BakedDifference, place, message, "baked in once");
                let finding = finding
                    .related(Place::Key(other.path.clone()), "pulls it")
                    .related(Place::Key(environment.path.clone()), "and this one");
                let help = "hand the value over at run time, through `env`, or let one of them build (`pull: false`)";
                Findings::new(&*program.locate, diagnostics).report(finding.help(help));
            }
        }
    }
}

fn supervises_the_same(one: &Service, other: &Service) -> bool {
    match (&one.supervise, &other.supervise) {
        (Some(one), Some(other)) => one.same_script(other),
        (one, other) => one.is_none() && other.is_none(),
    }
}

fn bakes_the_same(one: &Image, other: &Image) -> bool {
    let copies = |image: &Image| -> Vec<_> {
        image.copy.iter().map(|copy| (copy.from.clone(), copy.src.clone(), copy.dst.clone())).collect()
    };
    let packages = |image: &Image| -> Vec<_> {
        image.packages.iter().map(|package| (package.name.clone(), package.stage, package.system)).collect()
    };
    one.context == other.context
        && one.dockerfile == other.dockerfile
        && one.from == other.from
        && packages(one) == packages(other)
        && one.env == other.env
        && one.inputs == other.inputs
        && one.user == other.user
        && one.steps == other.steps
        && one.labels == other.labels
        && copies(one) == copies(other)
}
