//! What a deployment carries to a server: files of the repository, and values that no file of the server holds. Shared by the script that carries
//! them and the workflow that calls it.

use super::routes;
use crate::model::{Addressing, Environment, Flat, GIT_SHA, IMAGE_TAG, MountSource, Platform, Program, Tag};

/// Paths from the root, of which only what git knows is carried: the Compose file and the script, what is mounted from the repository, and all of it
/// where the server builds.
pub fn files(environment: &Environment) -> Vec<String> {
    let Platform::Compose { file, pull, env_file, .. } = &environment.platform else { return Vec::new() };
    if !pull && environment.stack.images_in_use().next().is_some() {
        return vec![".".to_owned()];
    }
    let mut files = vec![file.clone(), environment.script()];
    for service in environment.stack.all() {
        let mounted = service.mounts.iter().filter_map(|mount| match &mount.source {
            MountSource::Bind(path) if path == "." => Some(path.as_str()),
            MountSource::Bind(path) => path.strip_prefix("./"),
            MountSource::File(path) => Some(path.as_str()),
            _ => None,
        });
        for path in mounted.chain(service.env_file.iter().map(String::as_str)) {
            let path = path.trim_end_matches('/');
            // The values there are the server's own.
            if env_file.as_deref() != Some(path) && !files.iter().any(|file| file == path) {
                files.push(path.to_owned());
            }
        }
    }
    files
}

/// The secrets and variables that Compose reads there, each once; none where a file of the server holds them.
pub fn values(program: &Program, environment: &Environment) -> Vec<Flat> {
    let Platform::Compose { env_file: None, .. } = &environment.platform else { return Vec::new() };
    let addressing = Addressing::new(environment);
    let stack = &environment.stack;
    let mut values: Vec<Flat> = Vec::new();
    let texts = stack.texts().map(|text| addressing.known(text));
    let images = stack.all().map(|service| addressing.known_image(service));
    let routed = stack.all().flat_map(|service| routes::settings(program, environment, service));
    for value in texts.chain(images).chain(routed.map(|(_, value)| value)) {
        add(&value, &mut values);
    }
    for mount in stack.all().flat_map(|service| &service.mounts) {
        if let MountSource::Secret(name) = &mount.source
            && stack.secrets.get(name).is_none_or(|secret| secret.file.is_none())
        {
            add(&[Flat::Secret(name.clone())], &mut values);
        }
    }
    let built = stack.images_in_use().filter(|_| !environment.pulls());
    for name in built.flat_map(|image| &image.secrets) {
        add(&[Flat::Secret(name.clone())], &mut values);
    }
    values
}

/// What IMAGE_TAG is to name an older version, by the tags that CI gives; none where it gives only such as move.
pub fn older(program: &Program) -> Option<&'static str> {
    let images = program.ci.github.as_ref().and_then(|github| github.images.as_ref());
    // Who else pushes images has a name for each.
    let Some(images) = images else { return Some("VERSION") };
    let versions = images.tags.iter().any(|tag| matches!(tag, Tag::Calver | Tag::Semver));
    let commits = images.tags.contains(&Tag::Sha).then_some("sha-COMMIT");
    if versions { Some("VERSION") } else { commits }
}

/// The name of a value.
pub fn name(value: &Flat) -> &str {
    match value {
        Flat::Secret(name) | Flat::Variable { name, .. } => name,
        Flat::Literal(_) => "",
    }
}

fn add(value: &[Flat], values: &mut Vec<Flat>) {
    for piece in value {
        if let Flat::Variable { default: Some(default), .. } = piece {
            add(default, values);
        }
        let own = ["", IMAGE_TAG, GIT_SHA].contains(&name(piece));
        if !own && !values.iter().any(|known| name(known) == name(piece)) {
            values.push(piece.clone());
        }
    }
}
