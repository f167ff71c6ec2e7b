//! `Dockerfile.dockerignore`: admits just what the Dockerfile copies. BuildKit reads it instead of the context's own `.dockerignore`, so none is
//! made for a build that copies the whole context; there the user's own counts.

use super::within;
use crate::artifact::Artifact;
use crate::emit::{Output, routes};
use crate::model::{Image, Program};
use crate::recipe::Recipe;

/// Never part of an image, wherever it lies: what tools leave behind, and values.
const NEVER: &[&str] = &[
    "**/.env",
    "**/.env.local",
    "**/.env.*.local",
    "**/.git",
    "**/.venv",
    "**/__pycache__",
    "**/*.pyc",
    "**/node_modules",
    "**/.DS_Store",
];

/// The ignore file of each generated Dockerfile.
pub fn ignore_files(program: &Program) -> Vec<Output> {
    let generated = program.base.images.values().filter_map(|image| Some((image, image.recipe()?)));
    let files =
        generated.filter_map(|(image, recipe)| Some(Output::shared(ignore_file(program, image, recipe)?, &image.path)));
    files.collect()
}

fn ignore_file(program: &Program, image: &Image, recipe: &Recipe) -> Option<Artifact> {
    let mut admitted = recipe.language().sources();
    admitted.extend(image.copy.iter().map(|copy| copy.src.clone()));
    let owner = image.owner.as_ref().and_then(|owner| program.base.services.get(owner));
    if let Some(service) = owner.filter(|service| service.serve.is_some()) {
        let before = admitted.len();
        admitted.extend(routes::tables(program, service).into_iter().map(|table| table.file));
        admitted.extend(routes::certificate_script(program, service));
        admitted.extend(routes::folders(program, service).into_iter().map(|(folder, _)| folder));
        for source in &mut admitted[before..] {
            *source = within(&image.context, source).to_owned();
        }
    }
    if admitted.iter().any(|source| source == ".") {
        return None;
    }
    let mut text = String::from("# Only what the Dockerfile copies enters the build.\n**\n");
    let mut seen: Vec<String> = Vec::new();
    for source in admitted.into_iter().map(|source| pattern(&source)) {
        if !seen.contains(&source) {
            text.push_str(&format!("!{source}\n"));
            seen.push(source);
        }
    }
    text.push_str("\n# And of that, never these.\n");
    // What is copied by name is meant to be there.
    let meant = |never: &&&str| seen.iter().any(|source| source.rsplit('/').next() == never.strip_prefix("**/"));
    for never in NEVER.iter().filter(|never| !meant(never)) {
        text.push_str(never);
        text.push('\n');
    }
    Some(Artifact::text(format!("{}.dockerignore", image.dockerfile()), text))
}

/// A path as a pattern: `[` and `\` mean themselves only after a backslash.
fn pattern(path: &str) -> String {
    path.replace('\\', r"\\").replace('[', r"\[")
}
