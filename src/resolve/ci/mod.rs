//! `ci` and `test`: what the workflows are meant to do, and what in it does not fit together.

mod deploy;
mod inputs;
pub(super) mod lines;
mod test;
mod variables;

use indexmap::IndexMap;

use super::references::Position;
use super::{Scope, did_you_mean};
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::model::{Ci, GitHub, Piece, Publishing, Release, Stack, Tag, Text, branch_tag};
use crate::source::{Place, SpecPath};
use crate::spec::{self, Scalar};

pub(super) use test::tests_of_environment;

/// The branch that is published where none is named.
pub(super) const BRANCH: &str = "main";

/// Letters that an image's tag has at most.
const LONGEST_TAG: usize = 128;

/// Names of variables that the runner sets, or that the shell and every program read.
const RESERVED: &[&str] =
    &["PATH", "HOME", "SHELL", "IFS", "PWD", "USER", "CI", "ENV", "BASH_ENV", "LD_PRELOAD", "TMPDIR"];

/// Resolves the tests, and the workflows of GitHub if there are to be any.
pub(super) fn resolve(scope: &mut Scope<'_, '_>, base: &Stack) -> Ci {
    let tests = test::resolve(scope, base);
    let written = scope.spec.ci.as_ref().and_then(|ci| ci.github.as_ref());
    Ci { tests, github: written.map(|written| github(scope, base, written)) }
}

fn github(scope: &mut Scope<'_, '_>, base: &Stack, written: &spec::GitHub) -> GitHub {
    let path = SpecPath::root().key("ci").key("github");
    let branch = written.branch.clone().unwrap_or_else(|| BRANCH.to_owned());
    bare_branches(scope, written, &path);
    let release = written.release.as_ref().and_then(|release| self::release(scope, release, &path.key("release")));
    let images = written.images.as_ref().map(|images| self::images(scope, base, images, &branch, &path.key("images")));
    let mut deploys = IndexMap::new();
    for (name, deploy) in &written.deploy {
        let path = path.key("deploy").key(name);
        deploys.extend(deploy::resolve(scope, name, deploy, &branch, &path).map(|deploy| (name.clone(), deploy)));
    }
    GitHub {
        check: written.check.as_ref().map(|check| check.git.clone()),
        test: written.test.unwrap_or(true),
        path,
        branch,
        images,
        deploys,
        release,
    }
}

/// A branch is called by its name alone, and that of the images' tag fits into one.
fn bare_branches(scope: &mut Scope<'_, '_>, written: &spec::GitHub, path: &SpecPath) {
    let own = written.branch.iter().map(|branch| (branch, path.key("branch")));
    let deploys = written.deploy.iter();
    let deploys = deploys
        .filter_map(|(name, deploy)| Some((deploy.branch.as_ref()?, path.key("deploy").key(name).key("branch"))));
    for (branch, path) in own.chain(deploys) {
        let Some(name) = branch.strip_prefix("refs/heads/") else { continue };
        let message = format!("`{branch}` is where git keeps the branch, and `{name}` is its name");
        let finding = Finding::new(Code::InvalidValue, Place::Value(path), message, "never pushed by this name");
        scope.report(finding.help(format!("write `branch: {name}`")));
    }
    if let Some(branch) = written.branch.as_ref().filter(|branch| branch.len() > LONGEST_TAG) {
        let message = format!("a branch whose name has {} letters gives no tag to an image", branch.len());
        let finding = Finding::new(Code::InvalidValue, Place::Value(path.key("branch")), message, "too long");
        scope.report(finding.help(format!("publish a branch whose name has {LONGEST_TAG} letters at most")));
    }
}

fn release(scope: &mut Scope<'_, '_>, written: &spec::Release, path: &SpecPath) -> Option<Release> {
    if written.calver == Some(true) {
        return Some(Release { path: path.clone() });
    }
    let message = "`release` does not say how versions are made";
    let finding = Finding::new(Code::MissingKey, Place::Key(path.clone()), message, "makes no version");
    scope.report(finding.help("write `release: {calver: true}`, or leave `release` out"));
    None
}

fn images(
    scope: &mut Scope<'_, '_>,
    base: &Stack,
    written: &spec::CiImages,
    branch: &str,
    path: &SpecPath,
) -> Publishing {
    if base.registry.is_none() {
        let message = "there is no registry to push images to";
        let finding = Finding::new(Code::NoRegistry, Place::Key(path.clone()), message, "pushes to nowhere");
        scope.report(finding.help("at the top, write `registry: ghcr.io/OWNER/NAME`"));
    }
    if base.images_in_use().next().is_none() {
        let message = "no service runs an image that is built here, so there is none to push";
        let finding = Finding::new(Code::InvalidValue, Place::Key(path.clone()), message, "nothing to push");
        scope.report(finding.help("give a service a `build`, or leave `images` out"));
    }
    named_versions(scope, base, path);
    let tags = written.tags.clone().unwrap_or_else(|| vec![Tag::Main, Tag::Sha]);
    needs_release(scope, &tags, path);
    needs_commit(scope, &tags, path);
    promoted(scope, written, &tags, branch, path);
    Publishing {
        scan: written.scan,
        promote: written.promote.clone(),
        cache: written.cache,
        platforms: written.platforms.clone(),
        before: lines::resolve(scope, &written.before, &path.key("before")),
        env: env(scope, &written.env, &path.key("env")),
        path: path.clone(),
        tags,
    }
}

/// A version of the calendar comes from a release.
fn needs_release(scope: &mut Scope<'_, '_>, tags: &[Tag], path: &SpecPath) {
    let github = scope.spec.ci.as_ref().and_then(|ci| ci.github.as_ref());
    let Some(index) = tags.iter().position(|tag| *tag == Tag::Calver) else { return };
    if github.is_some_and(|github| github.release.is_some()) {
        return;
    }
    let place = Place::Value(path.key("tags").index(index));
    let message = "the tag `calver` is given by a release, and `ci.github` has no `release`";
    let finding = Finding::new(Code::MissingKey, place, message, "nothing gives this tag");
    scope.report(finding.help("under `ci.github`, write `release: {calver: true}`"));
}

/// A version is given to the image of its commit, which is found by its tag `sha`.
fn needs_commit(scope: &mut Scope<'_, '_>, tags: &[Tag], path: &SpecPath) {
    let Some(index) = tags.iter().position(|tag| matches!(tag, Tag::Calver | Tag::Semver)) else { return };
    if tags.contains(&Tag::Sha) {
        return;
    }
    let place = Place::Value(path.key("tags").index(index));
    let message = "a version is given to the image of its commit, and `tags` has no `sha` to find that by";
    let finding = Finding::new(Code::MissingKey, place, message, "needs `sha`");
    scope.report(finding.help("add `sha` to `tags`"));
}

/// The tag that moves after the tests must not be one that is pushed before them.
fn promoted(scope: &mut Scope<'_, '_>, written: &spec::CiImages, tags: &[Tag], branch: &str, path: &SpecPath) {
    let Some(promote) = &written.promote else { return };
    let pushed = (tags.contains(&Tag::Main) && *promote == branch_tag(branch)) || promote.starts_with("sha-");
    if pushed {
        let message = format!("`{promote}` is pushed with the image, so it cannot wait for tests and scans");
        let place = Place::Value(path.key("promote"));
        let finding = Finding::new(Code::InvalidValue, place, message, "there before it is promoted");
        let other = if promote == "latest" { "stable" } else { "latest" };
        scope.report(finding.help(format!("promote another tag, such as `promote: {other}`")));
    }
}

/// CI gives the tags, so the name of an image that it pushes holds none.
fn named_versions(scope: &mut Scope<'_, '_>, base: &Stack, path: &SpecPath) {
    let named = base.images.values().filter_map(|image| Some((&image.name, image.tag.as_ref()?)));
    for (name, tag) in named {
        let Some(Piece::Literal(end)) = tag.pieces.last() else { continue };
        let last = end.rsplit('/').next().unwrap_or(end);
        let Some((_, version)) = last.split_once([':', '@']) else { continue };
        let message = format!("the image `{name}` names its tag, `{version}`, and CI gives others");
        let finding = Finding::new(Code::InvalidValue, Place::Value(tag.path.clone()), message, "has a tag already");
        let finding = finding.related(Place::Key(path.clone()), "gives tags");
        scope.report(finding.help(format!("leave `:{version}` out")));
    }
}

/// Variables of a script that CI runs.
fn env(scope: &mut Scope<'_, '_>, written: &IndexMap<String, Scalar>, path: &SpecPath) -> IndexMap<String, Text> {
    let mut env = IndexMap::new();
    for (name, value) in written {
        let path = path.key(name);
        is_free(scope, name, Place::Key(path.clone()));
        env.insert(name.clone(), scope.text(&value.0, Position::in_ci(&path)));
    }
    env
}

/// Whether a variable of that name is the user's to set; reports at `place` if not.
fn is_free(scope: &mut Scope<'_, '_>, name: &str, place: Place) -> bool {
    let taken = RESERVED.contains(&name) || name.starts_with("GITHUB_") || name.starts_with("RUNNER_");
    if taken {
        let message = format!("the variable `{name}` has a meaning of its own where workflows run");
        let finding = Finding::new(Code::InvalidName, place, message, "not free");
        scope.report(finding.help(format!("write another name, such as `APP_{name}`")));
    }
    !taken
}
