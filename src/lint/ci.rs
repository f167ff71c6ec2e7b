//! Continuous integration, against the environments and the repository: what tests start and reach, what scripts are handed, which files they
//! read.

use crate::code::Code;
use crate::diagnostic::{Diagnostics, Finding, Findings};
use crate::facts::{Facts, Found, Wanted};
use crate::model::{Addressing, Environment, GitHub, Outside, Platform, Program, Reference, Test, Text, Unreachable};
use crate::source::{Place, SpecPath};

/// Services that no Compose environment could start for a test.
pub fn services(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    let mut findings = Findings::new(&*program.locate, diagnostics);
    let on_compose = |environment: &&Environment| matches!(environment.platform, Platform::Compose { .. });
    for test in program.ci.tests.iter().filter(|test| program.environment_of(test).is_none()) {
        let path = test.path.key("services");
        let runs = |service: &String| {
            program.environments.iter().filter(on_compose).any(|other| other.stack.services.contains_key(service))
        };
        // A name that is nobody's has been told already.
        let known = |service: &String| {
            program.base.services.contains_key(service) || program.base.external.contains_key(service)
        };
        let lost = test.services.iter().enumerate().filter(|(_, service)| known(service) && !runs(service));
        let lost: Vec<_> = lost.collect();
        for (index, service) in &lost {
            let message =
                format!("`{service}` runs in no Compose environment, and tests start their services from one");
            let finding = Finding::new(Code::LeftOut, Place::Value(path.index(*index)), message, "cannot be started");
            findings.report(
                finding.help("add `environments: {dev: {platform: compose}}`, or let one that there is run it"),
            );
        }
        if lost.is_empty() && test.services.iter().all(known) {
            let message = "no Compose environment runs all of these services, and a test starts them from one";
            let finding = Finding::new(Code::LeftOut, Place::Key(path), message, "not together anywhere");
            findings.report(finding.help("let one Compose environment run them all"));
        }
    }
}

/// Services of a test whose image is ours, where no environment builds it: the registry has that of another commit.
pub fn pulled(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    let mut findings = Findings::new(&*program.locate, diagnostics);
    for test in &program.ci.tests {
        let Some(environment) = program.environment_of(test).filter(|environment| environment.pulls()) else {
            continue;
        };
        let started = Outside::new(environment, test).started();
        let Some(own) = started.iter().find(|service| environment.stack.image_of(service).is_some()) else { continue };
        let name = &environment.name;
        let message = format!(
            "the test of `{}` starts `{}` from `{name}`, which pulls its image: that of an earlier commit, if there is one",
            test.service, own.name
        );
        let finding =
            Finding::new(Code::InvalidValue, Place::Key(test.path.key("services")), message, "not of this commit");
        let finding = finding.related(Place::Key(environment.path.key("pull")), "pulls");
        findings.report(finding.help(builds(program, environment)));
    }
}

/// What to write for an environment that builds, beside `pulling`: where there are several on Compose, each says its file.
fn builds(program: &Program, pulling: &Environment) -> String {
    let files = program.environments.iter().filter_map(|environment| match &environment.platform {
        Platform::Compose { file, .. } => Some(file.as_str()),
        Platform::Fly { .. } => None,
    });
    let files: Vec<&str> = files.collect();
    let free = |name: &&str| program.environments.iter().all(|environment| environment.name != *name);
    let name = ["dev", "test", "ci"].into_iter().find(free).unwrap_or("building");
    let added = format!("under `environments`, write `{name}: {{platform: compose, file: docker-compose.{name}.yml}}`");
    match files.as_slice() {
        [only] => format!("{added}, and under `{}` `file: {only}`", pulling.name),
        _ => added,
    }
}

/// References of tests, of scripts and of published images that have no value where they stand.
pub fn references(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    for test in &program.ci.tests {
        let Some(environment) = program.environment_of(test) else { continue };
        let outside = Outside::new(environment, test);
        let mut findings = Findings::new(&*program.locate, diagnostics);
        for text in test.env.values() {
            if let Err((reference, why)) = outside.resolve(text) {
                findings.report(unreachable(environment, test, text, &reference, &why));
            }
        }
    }
    let Some(github) = &program.ci.github else { return };
    let mut texts: Vec<(&Environment, &Text)> = Vec::new();
    if let (Some(environment), Some(images)) = (program.published_from(), &github.images) {
        let built = program.base.images_in_use().flat_map(|image| image.texts());
        texts.extend(
            images.env.values().chain(built).chain(&environment.stack.registry).map(|text| (environment, text)),
        );
    }
    for (name, deploy) in &github.deploys {
        let environment = program.environments.iter().find(|environment| environment.name == *name);
        texts.extend(
            environment.iter().flat_map(|environment| deploy.env.values().map(move |text| (*environment, text))),
        );
    }
    let mut findings = Findings::new(&*program.locate, diagnostics);
    for (environment, text) in texts {
        if let Err((reference, why)) = Addressing::new(environment).resolve(text) {
            findings.report(super::references::finding(environment, text, &reference, &why));
        }
    }
}

fn unreachable(
    environment: &Environment,
    test: &Test,
    text: &Text,
    reference: &Reference,
    why: &Unreachable,
) -> Finding {
    let written = format!("${{{}}}", reference.written());
    let place = Place::Within(text.path.clone(), written);
    match why {
        Unreachable::NotStarted(service) => {
            let message = format!("the test of `{}` refers to `{service}` and does not start it", test.service);
            let finding = Finding::new(Code::LeftOut, place, message, "does not run beside the test");
            let all: Vec<&str> = test.services.iter().map(String::as_str).chain([service.as_str()]).collect();
            finding.help(format!("under `test`, write `services: [{}]`", all.join(", ")))
        }
        Unreachable::Unpublished(service) => {
            let message = format!(
                "tests reach `{service}` from outside its network, and it publishes no such port in the environment `{}`",
                environment.name
            );
            let port = match reference {
                Reference::Port(_, Some(port)) => Some(port.as_str()),
                _ => environment
                    .stack
                    .services
                    .get(service)
                    .and_then(|service| service.main_port())
                    .map(|port| port.name.as_str()),
            };
            let finding = Finding::new(Code::NoPort, place, message, "not reached from outside");
            finding.help(format!(
                "under `environments.{}.services`, write `{service}: {{ports: {{{}: {{publish: true}}}}}}`",
                environment.name,
                port.unwrap_or("http")
            ))
        }
        Unreachable::Unaddressable(why) => super::references::finding(environment, text, reference, why),
    }
}

/// Variables that a test needs and that nothing gives a value there. A file of variables may.
pub fn values(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    for test in program.ci.tests.iter().filter(|test| test.env_file.is_empty()) {
        let Some(environment) = program.environment_of(test) else { continue };
        let mut findings = Findings::new(&*environment.locate, diagnostics);
        for needed in Outside::new(environment, test).needed() {
            let name = needed.name;
            let place = Place::Within(needed.text.path.clone(), format!("${{{name}"));
            let message = format!("nothing gives `{name}` a value where `{}` is tested", test.service);
            let label = if needed.port.is_some() { "has to be a number there" } else { "empty there" };
            let finding = Finding::new(Code::VariableWithoutValue, place, message, label);
            let value = needed.port.map_or_else(|| "…".to_owned(), |port| port.to_string());
            let help = format!("in `services.{}.test`, write `env: {{{name}: {value}}}`", test.service);
            findings.report(finding.related(Place::Key(test.path.clone()), "this test").help(help));
        }
    }
}

/// Secrets that GitHub would have to keep, and cannot by that name.
pub fn secrets(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    let Some(github) = &program.ci.github else { return };
    let mut names: Vec<&str> = program.ci.texts().flat_map(|text| text.secrets()).collect();
    if github.images.is_some() {
        names.extend(program.base.images_in_use().flat_map(|image| &image.secrets).map(String::as_str));
    }
    for name in github.deploys.keys() {
        let environment = program.environments.iter().find(|environment| environment.name == *name);
        names.extend(environment.iter().flat_map(|environment| handed_over(environment)));
    }
    names.sort_unstable();
    names.dedup();
    let mut findings = Findings::new(&*program.locate, diagnostics);
    // One there is, which GitHub makes itself for each run.
    for name in names.into_iter().filter(|name| name.starts_with("GITHUB_") && *name != "GITHUB_TOKEN") {
        let place = Place::Key(SpecPath::root().key("secrets").key(name));
        let message = format!("the secret `{name}` cannot be kept at GitHub, whose own names begin with GITHUB_");
        let finding = Finding::new(Code::InvalidName, place, message, "used by a workflow");
        findings.report(finding.help(format!("call it `{}`", name.replacen("GITHUB_", "GH_", 1))));
    }
}

/// The secrets that a deployment takes from GitHub and nowhere else. Fly keeps those of running services itself, and so does a server with a file of
/// values.
fn handed_over(environment: &Environment) -> Vec<&str> {
    let building = environment.stack.images_in_use().flat_map(|image| image.secrets.iter().map(String::as_str));
    match &environment.platform {
        Platform::Fly { .. } => building.collect(),
        Platform::Compose { env_file: None, .. } => environment.stack.texts().flat_map(|text| text.secrets()).collect(),
        Platform::Compose { .. } => Vec::new(),
    }
}

/// The paths of the repository that the rules of this file look at.
pub fn wanted(program: &Program) -> Wanted {
    files_of(program).into_iter().map(|(file, _, _)| file).collect()
}

/// Files and folders that tests need, each with the place where it is said and what would come of it. Where the build looks from is the
/// build's own affair.
fn files_of(program: &Program) -> Vec<(String, SpecPath, &'static str)> {
    let mut files = Vec::new();
    for test in &program.ci.tests {
        let written = test.env_file.iter().enumerate();
        files.extend(
            written.map(|(index, file)| {
                (file.clone(), test.path.key("env_file").index(index), "the test could not read it")
            }),
        );
        for (index, path) in test.paths.iter().enumerate() {
            let (path, label) = match path.strip_prefix('!') {
                Some(path) => (path, "leaves nothing out"),
                None => (path.as_str(), "no change asks for the test"),
            };
            let fixed = Test::fixed_part(path).trim_end_matches('/');
            if !fixed.is_empty() {
                files.push((fixed.to_owned(), test.path.key("paths").index(index), label));
            }
        }
        let service = program.base.services.get(&test.service);
        let image = service.and_then(|service| program.base.image_of(service));
        if image.is_none_or(|image| image.context != test.working_dir) {
            files.push((test.working_dir.clone(), test.path.key("working_dir"), "the test could not run there"));
        }
    }
    files
}

/// Files and folders that tests need and that are not there.
pub fn files(program: &Program, facts: &Facts, diagnostics: &mut Diagnostics) {
    let mut findings = Findings::new(&*program.locate, diagnostics);
    for (file, path, label) in files_of(program) {
        if facts.at(&file) == Some(&Found::Missing) {
            let message = format!("`{file}` is not in the repository");
            let finding = Finding::new(Code::MissingSource, Place::Value(path), message, label);
            findings.report(
                finding.help(format!("add `{file}`, or correct the path; paths are relative to the repository")),
            );
        }
    }
}

/// Languages that come with an image whose name says no version: tests run beside containers, and take the runner's.
pub fn languages(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    let mut findings = Findings::new(&*program.locate, diagnostics);
    let runs = program.ci.github.as_ref().is_some_and(|github| github.test);
    for test in program.ci.tests.iter().filter(|test| runs && test.versions.is_empty()) {
        let service = program.base.services.get(&test.service);
        let standing =
            service.and_then(|service| program.base.image_of(service)).map(|image| program.base.standing(image));
        let mut written = standing.into_iter().flatten().filter_map(|image| Some((image, image.recipe()?)));
        let Some((image, recipe)) = written.next() else { continue };
        let Some(example) = recipe.language().example_version() else { continue };
        if program.base.language_version(image).is_some() {
            continue;
        }
        let place = Place::Key(test.path.clone());
        let message =
            format!("the image of `{}` brings a {} of its own, and CI does not know which", test.service, recipe.key());
        let finding = Finding::new(Code::VersionMismatch, place, message, "tested with what the runner has");
        let finding = finding.related(Place::Key(image.path.key("from")), "brings it");
        findings.report(finding.help(format!("write the version, such as `versions: [{example}]`")));
    }
}

/// Tests that nothing runs, and workflows without anything to do.
pub fn workflows(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    if let Some(github) = program.ci.github.as_ref().filter(|github| does_nothing(program, github)) {
        let place = Place::Key(github.path.clone());
        let message = "nothing is said that workflows would do, so there are none";
        let finding = Finding::new(Code::TestWithoutCi, place, message, "does nothing");
        let finding = match program.ci.tests.first() {
            Some(test) => finding.related(Place::Key(test.path.clone()), "run by nothing"),
            None => finding,
        };
        let help = match program.ci.tests.first() {
            Some(_) => "remove `test: false`, or all of `github`",
            None => {
                "give a service a `test`, or write `check: {git: https://github.com/OWNER/stackc}` with the repository that you have stackc from"
            }
        };
        findings_of(program, diagnostics).report(finding.help(help));
    }
    let Some((first, rest)) = program.ci.tests.split_first().filter(|_| program.ci.github.is_none()) else { return };
    let message = "tests are described, and there is no workflow that would run them";
    let finding = Finding::new(Code::TestWithoutCi, Place::Key(first.path.clone()), message, "run by nothing");
    let finding =
        rest.iter().fold(finding, |finding, test| finding.related(Place::Key(test.path.clone()), "nor is this"));
    findings_of(program, diagnostics).report(finding.help("at the top, write `ci: {github: {}}`"));
}

fn findings_of<'a>(program: &'a Program, diagnostics: &'a mut Diagnostics) -> Findings<'a> {
    Findings::new(&*program.locate, diagnostics)
}

fn does_nothing(program: &Program, github: &GitHub) -> bool {
    let tests = github.test && !program.ci.tests.is_empty();
    let publishes = github.images.is_some() || github.release.is_some() || !github.deploys.is_empty();
    github.check.is_none() && !tests && !publishes
}
