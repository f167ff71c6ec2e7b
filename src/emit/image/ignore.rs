//! `Dockerfile.dockerignore`: admits just what the Dockerfile copies. BuildKit reads it instead of the context's own `.dockerignore`, so none is
//! made where the user copies the whole context; there the user's own counts.

use crate::artifact::Artifact;
use crate::emit::{Output, routes};
use crate::facts::{join, within};
use crate::model::{Image, Program};
use crate::recipe::NEVER_COPIED;

/// The ignore file of each generated Dockerfile.
pub fn ignore_files(program: &Program) -> Vec<Output> {
    let generated = program.base.images.values().filter(|image| image.is_generated());
    generated.filter_map(|image| Some(Output::shared(ignore_file(program, image)?, &image.path))).collect()
}

/// What the Dockerfile of `image` takes from its context, generated files among it, as paths from the root; none where the user copies all of it.
fn admitted(program: &Program, image: &Image) -> Option<Vec<String>> {
    let mut admitted = program.base.copied(image)?;
    let owner = image.owner.as_ref().and_then(|owner| program.base.services.get(owner));
    if let Some(service) = owner.filter(|service| service.serve.is_some()) {
        admitted.extend(routes::tables(program, service).into_iter().map(|table| table.file));
        admitted.extend(routes::certificate_script(program, service));
        admitted.extend(routes::folders(program, service).into_iter().map(|(folder, _)| folder));
    }
    if program.entrypoint(image).is_some() {
        admitted.push(join(&image.folder, super::entrypoint::FILE));
    }
    Some(admitted)
}

/// What `image` is made from, as paths from the root: what its Dockerfile copies, and the Dockerfile.
pub fn sources(program: &Program, image: &Image) -> Vec<String> {
    let admitted = admitted(program, image).filter(|_| image.is_generated());
    let Some(admitted) = admitted else {
        return vec![image.context.clone(), image.dockerfile()];
    };
    let mut paths: Vec<String> = Vec::new();
    let own = [image.dockerfile(), format!("{}.dockerignore", image.dockerfile())];
    for path in admitted.into_iter().chain(own) {
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    paths
}

fn ignore_file(program: &Program, image: &Image) -> Option<Artifact> {
    let admitted: Vec<String> =
        admitted(program, image)?.iter().map(|path| within(&image.context, path).to_owned()).collect();
    let languages = program.base.stages(image).into_iter().filter_map(|layer| layer.recipe());
    let of_languages = languages.flat_map(|recipe| recipe.language().never_copied());
    let never: Vec<&str> = NEVER_COPIED.iter().chain(of_languages).copied().collect();
    let whole = |source: &String| source == ".";
    if admitted.iter().any(whole) {
        let text = format!("# All but what never belongs in an image.\n{}\n", never.join("\n"));
        return Some(Artifact::text(format!("{}.dockerignore", image.dockerfile()), text));
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
    for never in never.iter().filter(|never| !meant(never)) {
        text.push_str(never);
        text.push('\n');
    }
    Some(Artifact::text(format!("{}.dockerignore", image.dockerfile()), text))
}

/// A path as a pattern: `[` and `\` mean themselves only after a backslash.
fn pattern(path: &str) -> String {
    path.replace('\\', r"\\").replace('[', r"\[")
}
