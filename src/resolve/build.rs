//! How an image is built.

use indexmap::IndexMap;

use super::Scope;
use super::references::Position;
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::facts::join;
use crate::model::{Copy, Dockerfile, Image, Text};
use crate::recipe::{Edge, Recipe};
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
    Some(Image {
        copy: copies(scope, &written, &path),
        env: baked(scope, &written, &path),
        args: args(scope, &written, &path, unbuilt.owner),
        secrets: secrets(scope, &written, &path),
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
        dockerfile: Dockerfile::Generated(Recipe::Edge(Edge)),
        copy: Vec::new(),
        env: IndexMap::new(),
        args: IndexMap::new(),
        secrets: Vec::new(),
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
            let (key, recipe) = recipes.remove(0);
            checked_recipe(scope, &recipe, &path.key(key));
            has_use_for_inputs(scope, &recipe, written, path);
            target_needs_dockerfile(scope, written, path);
            Some(Dockerfile::Generated(recipe))
        }
        (None, 0) => {
            let finding = Finding::new(
                Code::ServiceSource,
                Place::Key(path.clone()),
                "this build says neither a language nor a Dockerfile",
                "how is it built?",
            );
            scope.report(finding.help(
                "add `python: {version: 3.12}` or another language, or `dockerfile: Dockerfile` for one of your own",
            ));
            None
        }
        (own, _) => {
            let first = Place::Key(path.key(if own.is_some() { "dockerfile" } else { recipes[1].0 }));
            let finding = Finding::new(Code::ServiceSource, first, "this build is said in two ways", "one way");
            let finding = finding.related(Place::Key(path.key(recipes[0].0)), "and another");
            scope.report(
                finding
                    .help("one build has one language; make two services, or write a Dockerfile of your own and name it in `dockerfile`"),
            );
            None
        }
    }
}

/// Keys that only a generated Dockerfile can obey.
fn generated_only(scope: &mut Scope<'_, '_>, written: &spec::Build, path: &SpecPath) {
    for (key, present) in [("copy", !written.copy.is_empty()), ("env", !written.env.is_empty())] {
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

/// A Python build without packages has no step that could use arguments or secrets.
fn has_use_for_inputs(scope: &mut Scope<'_, '_>, recipe: &Recipe, written: &spec::Build, path: &SpecPath) {
    if recipe.language().takes_inputs() {
        return;
    }
    for (key, _) in
        [("args", written.args.is_empty()), ("secrets", written.secrets.is_empty())].iter().filter(|(_, empty)| !empty)
    {
        let finding = Finding::new(
            Code::InvalidValue,
            Place::Key(path.key(*key)),
            format!("nothing in this build uses its `{key}`"),
            "not used",
        );
        scope.report(finding.help("remove it; or name the `requirements` whose installation needs it"));
    }
}

/// The recipe's own paths lie inside the context.
fn checked_recipe(scope: &mut Scope<'_, '_>, recipe: &Recipe, path: &SpecPath) {
    for (key, written, rule) in recipe.language().faults() {
        let message = format!("`{written}` does not fit `{key}`");
        let finding = Finding::new(Code::InvalidValue, Place::Value(path.key(key)), message, "does not fit");
        scope.report(finding.help(rule));
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

fn lies_in_context(scope: &mut Scope<'_, '_>, folder: &str, context: &str, owner: &SpecPath) {
    let inside = context == "." || folder == context || folder.starts_with(&format!("{context}/"));
    if !inside {
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
    let mut copies = Vec::new();
    for (index, copy) in written.copy.iter().enumerate() {
        let path = path.key("copy").index(index);
        let (src, dst) = match copy {
            ScalarOr::Short(Scalar(text)) => match text.split_once(':') {
                Some((src, dst)) => (src, Some(dst)),
                None => (text.as_str(), None),
            },
            ScalarOr::Long(long) => (long.src.as_str(), long.dst.as_deref()),
        };
        let Some(inside) = scope.inside(src, "the build's context", &path) else { continue };
        let dst = dst.map_or_else(|| same_place(&inside), str::to_owned);
        if dst.split('/').any(|step| step == "..") || dst.is_empty() || dst.chars().any(char::is_control) {
            let finding = Finding::new(
                Code::InvalidValue,
                Place::Value(path),
                format!("`{dst}` is no place in an image"),
                "not a place",
            );
            scope.report(finding.help("write a path relative to /app, or an absolute one"));
            continue;
        }
        // A slash at the end says that it is a folder, which Docker cannot know otherwise.
        let folder = if dst.ends_with('/') && dst.len() > 1 { "/" } else { "" };
        let dst = if dst.starts_with('/') { dst } else { join(&dst, "") + folder };
        copies.push(Copy { src: inside, dst, path });
    }
    copies
}

/// Where a source goes that says nothing else: the same path; for a pattern, the folder that it stands in.
fn same_place(src: &str) -> String {
    match src.rsplit_once('/') {
        _ if !src.contains(['*', '?']) => src.to_owned(),
        Some((folder, _)) => format!("{folder}/"),
        None => "./".to_owned(),
    }
}

/// `env`: fixed text, because what is baked into an image is the same in every environment.
fn baked(scope: &mut Scope<'_, '_>, written: &spec::Build, path: &SpecPath) -> indexmap::IndexMap<String, String> {
    let mut env = indexmap::IndexMap::new();
    for (name, value) in &written.env {
        let path = path.key("env").key(name);
        let text = scope.text(&value.0, Position::public(&path, None));
        match text.as_literal() {
            Some(literal) if literal.contains(['\n', '\r', '\0']) => {
                let finding = Finding::new(
                    Code::UnrepresentableValue,
                    Place::Value(path),
                    format!("a line break in `{name}` cannot stand in a Dockerfile"),
                    "has a line break",
                );
                scope.report(finding.help("set it under the service's `env`, which may hold any text"));
            }
            Some(literal) => {
                env.insert(name.clone(), literal);
            }
            None => {
                let finding = Finding::new(
                    Code::BakedDifference,
                    Place::Value(path),
                    format!("`{name}` is part of the image and cannot depend on where it runs"),
                    "holds a reference",
                );
                scope.report(
                    finding.help(
                        "set it under the service's `env` (at run time) or the build's `args` (while it is built)",
                    ),
                );
            }
        }
    }
    env
}

fn args(
    scope: &mut Scope<'_, '_>,
    written: &spec::Build,
    path: &SpecPath,
    service: Option<&str>,
) -> indexmap::IndexMap<String, Text> {
    let mut args = indexmap::IndexMap::new();
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
