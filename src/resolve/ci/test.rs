//! `services.<name>.test`.

use super::lines;
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::facts::join;
use crate::model::{Duration, Image, Stack, Test};
use crate::resolve::Scope;
use crate::source::{Place, SpecPath};
use crate::spec::{self, Scalar};

/// Time after which a test has failed where nothing else is said.
const TIMEOUT: Duration = Duration::seconds(30 * 60);
/// The least that a job can have.
const SHORTEST: Duration = Duration::seconds(60);
/// What GitHub gives a job at most.
const LONGEST: Duration = Duration::seconds(6 * 60 * 60);

/// The tests of all services.
pub fn resolve(scope: &mut Scope<'_, '_>, base: &Stack) -> Vec<Test> {
    let spec = scope.spec;
    let tests = spec.services.iter().filter_map(|(name, service)| Some((name, service.test.as_ref()?)));
    let image = |name: &String| base.services.get(name).and_then(|service| base.image_of(service));
    tests.map(|(name, test)| self::test(scope, name, image(name), test)).collect()
}

/// Tests are those of the base; an environment that changes one would change nothing.
pub fn tests_of_environment(scope: &mut Scope<'_, '_>) {
    let Some((environment, base)) = scope.environment else { return };
    for (name, service) in &scope.spec.services {
        let before = base.services.get(name).and_then(|service| service.test.as_ref());
        if service.test.as_ref() == before || service.test.is_none() {
            continue;
        }
        let overlay = SpecPath::root().key("environments").key(environment).key("services");
        let place = Place::Key(overlay.key(name).key("test"));
        let message = format!("`{environment}` changes how `{name}` is tested, but tests belong to no environment");
        let finding = Finding::new(Code::InvalidValue, place, message, "only here");
        scope.report(finding.help(format!("move it to `services.{name}.test` of the base")));
    }
}

/// The test of the service `name`, which runs `image` if that is built here.
fn test(scope: &mut Scope<'_, '_>, name: &str, image: Option<&Image>, written: &spec::Test) -> Test {
    let path = SpecPath::root().key("services").key(name).key("test");
    if written.steps.is_empty() {
        let message = format!("the test of `{name}` has no `steps`");
        let finding = Finding::new(Code::MissingKey, Place::Key(path.clone()), message, "does nothing");
        scope.report(finding.help("write the lines that test it, such as `steps: [pytest -q]`"));
    }
    for (index, needed) in written.services.iter().enumerate() {
        scope.knows_service(needed, Place::Value(path.key("services").index(index)));
    }
    versions(scope, image, written, &path);
    let files = written.env_file.iter().enumerate();
    Test {
        service: name.to_owned(),
        steps: lines::resolve(scope, &written.steps, &path.key("steps")),
        services: written.services.clone(),
        env: super::env(scope, &written.env, &path.key("env")),
        env_file: files
            .filter_map(|(index, file)| scope.inside(file, "the repository", &path.key("env_file").index(index)))
            .collect(),
        working_dir: working_dir(scope, image, written, &path),
        versions: written.versions.iter().map(|version| version.0.clone()).collect(),
        paths: paths(scope, written, &path),
        timeout: timeout(scope, written, &path),
        path,
    }
}

fn timeout(scope: &mut Scope<'_, '_>, written: &spec::Test, path: &SpecPath) -> Duration {
    let path = path.key("timeout");
    let Some(timeout) = scope.duration(written.timeout.as_deref(), &path) else { return TIMEOUT };
    if !(SHORTEST..=LONGEST).contains(&timeout) {
        let message =
            format!("`{timeout}` is not between a minute and six hours, the least and most that a job can have");
        let finding = Finding::new(Code::InvalidDuration, Place::Value(path), message, "out of range");
        scope.report(finding.help("write a time such as `45m`"));
    }
    timeout
}

/// Where the steps run: as written, else where the build looks from, and of a Node workspace its package.
fn working_dir(scope: &mut Scope<'_, '_>, image: Option<&Image>, written: &spec::Test, path: &SpecPath) -> String {
    if let Some(folder) = &written.working_dir {
        return scope.inside(folder, "the repository", &path.key("working_dir")).unwrap_or_else(|| ".".to_owned());
    }
    let Some(image) = image else { return ".".to_owned() };
    let package = image.recipe().and_then(|recipe| recipe.language().tested_in());
    join(&image.context, package.unwrap_or("."))
}

/// A version is one of the language of the service's own build.
fn versions(scope: &mut Scope<'_, '_>, image: Option<&Image>, written: &spec::Test, path: &SpecPath) {
    let path = path.key("versions");
    if !written.versions.is_empty() && image.and_then(|image| image.recipe()).is_none() {
        let message = "`versions` are those of the language that builds the service, and none does";
        let finding = Finding::new(Code::InvalidValue, Place::Key(path.clone()), message, "versions of what?");
        scope.report(finding.help("set up the versions in `steps`, or build the service by its language"));
    }
    for (index, Scalar(version)) in written.versions.iter().enumerate() {
        let fits = version.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
        if !fits {
            let place = Place::Value(path.index(index));
            let finding =
                Finding::new(Code::InvalidValue, place, format!("`{version}` is no version"), "not a version");
            scope.report(finding.help("a version is numbers and dots, such as `3.12`"));
        }
    }
}

/// Patterns of paths; `!` in front takes files out.
fn paths(scope: &mut Scope<'_, '_>, written: &spec::Test, path: &SpecPath) -> Vec<String> {
    let mut patterns = Vec::new();
    for (index, pattern) in written.paths.iter().enumerate() {
        let path = path.key("paths").index(index);
        let (not, files) = pattern.strip_prefix('!').map_or(("", pattern.as_str()), |files| ("!", files));
        patterns.extend(scope.inside(files, "the repository", &path).map(|files| format!("{not}{files}")));
    }
    patterns
}
