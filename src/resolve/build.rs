//! How an image is built.

use indexmap::IndexMap;

use super::references::Position;
use super::{Scope, foundation};
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::facts::join;
use crate::model::{Copy, Dockerfile, Image, Inputs, Text};
use crate::recipe::Recipe;
use crate::source::{Place, SpecPath, Step};
use crate::spec::{self, Scalar, ScalarOr, Stage};

/// An image as far as it is known before its `build` is looked at.
pub(super) struct Unbuilt<'a> {
    /// Its name.
    pub name: &'a str,
    /// The service that it belongs to.
    pub owner: Option<&'a str>,
    /// The service or the entry of `images`.
    pub path: SpecPath,
    /// Where its outputs go.
    pub folder: String,
    /// Name of its Dockerfile.
    pub file: String,
    /// Its name in a registry.
    pub tag: Option<Text>,
}

/// Resolves the `build` of an image.
pub(super) fn resolve(scope: &mut Scope<'_, '_>, build: &ScalarOr<spec::Build>, unbuilt: Unbuilt<'_>) -> Option<Image> {
    let path = unbuilt.path.key("build");
    let written = match build {
        ScalarOr::Long(long) => long.clone(),
        ScalarOr::Short(Scalar(context)) => spec::Build {
            context: Some(context.clone()),
            dockerfile: Some("Dockerfile".to_owned()),
            ..spec::Build::default()
        },
    };
    let context = match &written.context {
        Some(context) => scope.inside(context, "the repository", &path.key("context"))?,
        None => ".".to_owned(),
    };
    let dockerfile = dockerfile(scope, &written, &path)?;
    if matches!(dockerfile, Dockerfile::Generated(_)) {
        lies_in_context(scope, &unbuilt.folder, &context, &unbuilt.path);
    }
    let args = args(scope, &written, &path, unbuilt.owner);
    let secrets = secrets(scope, &written, &path);
    Some(Image {
        from: foundation::from(scope, &written, &path),
        packages: foundation::packages(&written, &path),
        copy: copies(scope, &written, &path),
        env: fixed(scope, &written.env, &path.key("env"), "env"),
        labels: fixed(scope, &written.labels, &path.key("labels"), "labels"),
        inputs: Inputs { args: args.keys().cloned().collect(), secrets: secrets.clone() },
        args,
        secrets,
        user: foundation::user(scope, &written, &path),
        steps: foundation::steps(scope, &written, &path),
        platforms: written.platforms.clone(),
        name: unbuilt.name.to_owned(),
        owner: unbuilt.owner.map(str::to_owned),
        folder: unbuilt.folder,
        file: unbuilt.file,
        tag: unbuilt.tag,
        context,
        dockerfile,
        path,
    })
}

/// The image of a service that only serves: the web server with its routes, built from the repository's root.
pub(super) fn of_server(unbuilt: Unbuilt<'_>) -> Image {
    Image {
        path: unbuilt.path.key("serve"),
        name: unbuilt.name.to_owned(),
        owner: unbuilt.owner.map(str::to_owned),
        folder: unbuilt.folder,
        file: unbuilt.file,
        tag: unbuilt.tag,
        context: ".".to_owned(),
        dockerfile: Dockerfile::Generated(None),
        from: None,
        packages: Vec::new(),
        copy: Vec::new(),
        env: IndexMap::new(),
        args: IndexMap::new(),
        secrets: Vec::new(),
        inputs: Inputs::default(),
        user: None,
        steps: Vec::new(),
        labels: IndexMap::new(),
        platforms: Vec::new(),
    }
}

fn dockerfile(scope: &mut Scope<'_, '_>, written: &spec::Build, path: &SpecPath) -> Option<Dockerfile> {
    let mut recipes = written.recipes();
    match (&written.dockerfile, recipes.len()) {
        (Some(file), 0) => {
            let file = scope.inside(file, "the build's context", &path.key("dockerfile"))?;
            generated_only(scope, written, path);
            Some(Dockerfile::Own { file, target: written.target.clone() })
        }
        (None, 1) => {
            let (_, recipe) = recipes.remove(0);
            checked_recipe(scope, &recipe, written, path);
            generated_builds(scope, Some(&recipe), written, path);
            Some(Dockerfile::Generated(Some(Box::new(recipe))))
        }
        (None, 0) if written.from.is_some() => {
            generated_builds(scope, None, written, path);
            Some(Dockerfile::Generated(None))
        }
        (None, 0) => {
            let finding = Finding::new(
                Code::ServiceSource,
                Place::Key(path.clone()),
                "this build says neither a language nor what it stands on nor a Dockerfile",
                "how is it built?",
            );
            scope.report(finding.help(
                "add `python: {version: 3.12}` or another language, `from: NAME:TAG`, or `dockerfile: Dockerfile` for one of your own",
            ));
            None
        }
        (own, _) => {
            let first = Place::Key(path.key(if own.is_some() { "dockerfile" } else { recipes[1].0 }));
            let finding = Finding::new(Code::ServiceSource, first, "this build is said in two ways", "one way");
            let finding = finding.related(Place::Key(path.key(recipes[0].0)), "and another");
            scope.report(
                finding
                    .help("one build has one language; make two services or images and copy from one to the other (`copy: [{from: NAME, src: …}]`)"),
            );
            None
        }
    }
}

/// What only a Dockerfile of one's own can obey, and what nothing uses.
fn generated_builds(scope: &mut Scope<'_, '_>, recipe: Option<&Recipe>, written: &spec::Build, path: &SpecPath) {
    target_needs_dockerfile(scope, written, path);
    let uses = !written.steps.is_empty() || recipe.is_some_and(|recipe| recipe.language().takes_inputs());
    for (key, empty) in [("args", written.args.is_empty()), ("secrets", written.secrets.is_empty())] {
        if !uses && !empty {
            let message = format!("nothing in this build uses its `{key}`");
            let finding = Finding::new(Code::InvalidValue, Place::Key(path.key(key)), message, "not used");
            scope.report(
                finding.help("remove it; or name what needs it, the `requirements` of Python or a line of `steps`"),
            );
        }
    }
}

/// Keys that only a generated Dockerfile can obey.
fn generated_only(scope: &mut Scope<'_, '_>, written: &spec::Build, path: &SpecPath) {
    let present = [
        ("from", written.from.is_some()),
        ("packages", written.packages.is_some()),
        ("copy", !written.copy.is_empty()),
        ("env", !written.env.is_empty()),
        ("user", written.user.is_some()),
        ("steps", !written.steps.is_empty()),
        ("labels", !written.labels.is_empty()),
    ];
    for (key, present) in present {
        if present {
            let finding = Finding::new(
                Code::InvalidValue,
                Place::Key(path.key(key)),
                format!("`{key}` has no effect on a Dockerfile of your own"),
                "not obeyed",
            );
            scope.report(finding.help(format!("remove `{key}` and say it in the Dockerfile")));
        }
    }
}

fn target_needs_dockerfile(scope: &mut Scope<'_, '_>, written: &spec::Build, path: &SpecPath) {
    if written.target.is_some() {
        let finding = Finding::new(
            Code::InvalidValue,
            Place::Key(path.key("target")),
            "`target` names a stage of a Dockerfile of your own",
            "no such Dockerfile here",
        );
        scope.report(finding.help("remove it; a generated image is the stage `final`"));
    }
}

/// The argument that makes a changed build secret rebuild.
const OWN_ARGUMENT: &str = "BUILD_DIGEST";

/// The recipe's own values are ones that can be, and its paths lie inside the context.
fn checked_recipe(scope: &mut Scope<'_, '_>, recipe: &Recipe, written: &spec::Build, above: &SpecPath) {
    let path = &above.key(recipe.key());
    for fault in recipe.language().faults(written.from.is_some()) {
        let (place, label) = match fault.code {
            Code::MissingKey if fault.key == "version" => (Place::Key(path.clone()), "needs `version`"),
            _ => (Place::Value(path.key(fault.key)), "does not fit"),
        };
        scope.report(Finding::new(fault.code, place, fault.message, label).help(fault.help));
    }
    for (name, why) in recipe.language().own_variables() {
        for (key, names) in [("env", &written.env), ("args", &written.args)] {
            if names.contains_key(*name) {
                let place = Place::Key(above.key(key).key(*name));
                let message = format!("{why}, and `{name}` is set for that");
                let finding = Finding::new(Code::InvalidValue, place, message, "would not be obeyed");
                scope.report(finding.help("remove it; what needs another value needs a Dockerfile of its own"));
            }
        }
    }
    for (written, path) in recipe.language().paths(path) {
        if written.contains(['*', '?', '[']) {
            let finding = Finding::new(
                Code::InvalidValue,
                Place::Value(path.clone()),
                format!("`{written}` is a pattern"),
                "not one path",
            );
            scope.report(finding.help("write each path out"));
        }
        scope.inside(written, "the build's context", &path);
    }
}

/// Whether a folder is the build's context, or lies in it.
pub(super) fn lies_in(folder: &str, context: &str) -> bool {
    context == "." || folder == context || folder.starts_with(&format!("{context}/"))
}

fn lies_in_context(scope: &mut Scope<'_, '_>, folder: &str, context: &str, owner: &SpecPath) {
    if !lies_in(folder, context) {
        let name = owner.last_key().unwrap_or_default();
        let stated = match owner.0.first() {
            Some(Step::Key(section)) if section == "images" => scope.spec.images.get(name).map(|image| &image.path),
            _ => scope.spec.services.get(name).map(|service| &service.path),
        };
        let place = match stated {
            Some(Some(_)) => Place::Value(owner.key("path")),
            _ => Place::Key(owner.clone()),
        };
        let finding = Finding::new(
            Code::PathOutsideContext,
            place,
            format!("the Dockerfile would lie in `{folder}`, outside the build's context `{context}`"),
            "not in the context",
        );
        let finding = finding.related(Place::Value(owner.key("build").key("context")), "the context");
        scope.report(finding.help(format!("write `path: {context}`, or a larger `context`")));
    }
}

fn copies(scope: &mut Scope<'_, '_>, written: &spec::Build, path: &SpecPath) -> Vec<Copy> {
    let copies = written.copy.iter().enumerate();
    copies.filter_map(|(index, copied)| copy(scope, copied, path.key("copy").index(index))).collect()
}

fn copy(scope: &mut Scope<'_, '_>, written: &ScalarOr<spec::CopySource>, path: SpecPath) -> Option<Copy> {
    let (from, src, dst) = match written {
        ScalarOr::Short(Scalar(text)) => match text.split_once(':') {
            Some((src, dst)) => (None, src, Some(dst)),
            None => (None, text.as_str(), None),
        },
        ScalarOr::Long(long) => (long.from.as_deref(), long.src.as_str(), long.dst.as_deref()),
    };
    let (from, src, default) = match from {
        None => {
            let src = scope.inside(src, "the build's context", &path)?;
            let default = same_place(&src);
            (None, src, default)
        }
        Some(from) => {
            let origin = foundation::copied_from(scope, from, &path.key("from"))?;
            let src = foundation::place_in(scope, &origin, src, &path.key("src"))?;
            let default = src.strip_prefix("/app/").unwrap_or(&src).to_owned();
            (Some(origin), src, default)
        }
    };
    let dst = dst.map_or(default, str::to_owned);
    if dst.split('/').any(|step| step == "..") || dst.is_empty() || dst.chars().any(char::is_control) {
        let message = format!("`{dst}` is no place in an image");
        let finding = Finding::new(Code::InvalidValue, Place::Value(path), message, "not a place");
        scope.report(finding.help("write a path relative to /app, or an absolute one"));
        return None;
    }
    // A slash at the end says that it is a folder, which Docker cannot know otherwise.
    let folder = if dst.ends_with('/') && dst.len() > 1 { "/" } else { "" };
    let dst = if dst.starts_with('/') { dst } else { join(&dst, "") + folder };
    Some(Copy { from, src, dst, path })
}

/// Where a source goes that says nothing else: the same path; for a pattern, the folder that it stands in.
fn same_place(src: &str) -> String {
    let Some(pattern) = src.find(['*', '?']) else { return src.to_owned() };
    match src[..pattern].rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/"),
        None => "./".to_owned(),
    }
}

/// `env` and `labels`: fixed text, because what is baked into an image is the same in every environment.
fn fixed(
    scope: &mut Scope<'_, '_>,
    written: &IndexMap<String, Scalar>,
    path: &SpecPath,
    key: &str,
) -> IndexMap<String, String> {
    let mut fixed = IndexMap::new();
    let elsewhere = if key == "env" { "it under the service's `env`" } else { "a label under the service's `labels`" };
    for (name, value) in written {
        let path = path.key(name);
        let text = scope.text(&value.0, Position::public(&path, None));
        match text.as_literal() {
            Some(literal) if literal.contains(['\n', '\r', '\0']) => {
                let message = format!("a line break in `{name}` cannot stand in a Dockerfile");
                let finding = Finding::new(Code::UnrepresentableValue, Place::Value(path), message, "has a line break");
                scope.report(finding.help(format!("set {elsewhere}, which may hold any text")));
            }
            Some(literal) => {
                fixed.insert(name.clone(), literal);
            }
            None => {
                let message = format!("`{name}` is part of the image and cannot depend on where it runs");
                let finding = Finding::new(Code::BakedDifference, Place::Value(path), message, "holds a reference");
                let at_build =
                    if key == "env" { " (at run time) or the build's `args` (while it is built)" } else { "" };
                scope.report(finding.help(format!("set {elsewhere}{at_build}")));
            }
        }
    }
    fixed
}

fn args(
    scope: &mut Scope<'_, '_>,
    written: &spec::Build,
    path: &SpecPath,
    service: Option<&str>,
) -> IndexMap<String, Text> {
    let mut args = IndexMap::new();
    for name in written.args.keys().filter(|name| *name == OWN_ARGUMENT) {
        let finding = Finding::new(
            Code::InvalidValue,
            Place::Key(path.key("args").key(name)),
            format!("`{name}` is stackc's own argument"),
            "taken",
        );
        scope.report(finding.help("choose another name"));
    }
    for (name, value) in &written.args {
        let path = path.key("args").key(name);
        if let Some((_, rest)) = value.0.split_once("${secrets.") {
            let secret = rest.split('}').next().unwrap_or(rest);
            let finding = Finding::new(
                Code::SecretStage,
                Place::Within(path, format!("${{secrets.{secret}}}")),
                format!("a build argument is public, but `{secret}` is a secret"),
                "stays in the image's history",
            );
            scope
                .report(finding.help(format!(
                    "hand it over with the build's `secrets: [{secret}]`, declared with `stage: build`"
                )));
            continue;
        }
        let text = scope.text(&value.0, Position::public(&path, service));
        args.insert(name.clone(), text);
    }
    args
}

fn secrets(scope: &mut Scope<'_, '_>, written: &spec::Build, path: &SpecPath) -> Vec<String> {
    let named = written.secrets.iter().enumerate();
    let known = named.filter(|(index, name)| {
        scope.knows_secret(name, Stage::Build, Place::Value(path.key("secrets").index(*index)))
    });
    known.map(|(_, name)| name.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::same_place;

    #[test]
    fn what_a_pattern_finds_goes_where_its_fixed_part_lies() {
        for (src, dst) in [("a/b", "a/b"), ("a/*.py", "a/"), ("*.py", "./"), ("**/*.py", "./"), ("a/*/b/x?", "a/")] {
            assert_eq!(same_place(src), dst, "{src}");
        }
    }
}
