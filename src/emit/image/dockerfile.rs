//! Generated Dockerfiles.

use serde_json::{Value, json};

use super::within;
use crate::artifact::Artifact;
use crate::emit::{Output, routes};
use crate::model::{Image, MountSource, Piece, Program, Reference, Server, Service, Text};
use crate::recipe::Recipe;
use crate::template;

/// The Dockerfile of each image that a recipe builds.
pub fn dockerfiles(program: &Program) -> Vec<Output> {
    let generated = program.base.images.values().filter_map(|image| Some((image, image.recipe()?)));
    generated.map(|(image, recipe)| Output::shared(dockerfile(program, image, recipe), &image.path)).collect()
}

fn dockerfile(program: &Program, image: &Image, recipe: &Recipe) -> Artifact {
    let file = image.dockerfile();
    // What the service that builds it for itself runs is baked into it; others say what they run.
    let owner = image.owner.as_ref().and_then(|owner| program.base.services.get(owner));
    let runners = || program.base.runners(&image.name);
    let language = recipe.language();
    let view = json!({
        "title": format!("{}: the image of `{}`.", program.base.name, image.name),
        "file": file,
        "context": image.context,
        "language": language.view(),
        "image": {
            "args": image.args.keys().collect::<Vec<_>>(),
            "secrets": image.secrets,
            "env": image.env.iter().collect::<Vec<_>>(),
            "copies": image.copy.iter().map(|copy| vec![copy.src.clone(), destination(&copy.src, &copy.dst)]).collect::<Vec<_>>(),
            "ports": each_once(runners().flat_map(|service| service.ports.values().map(|port| port.number.to_string()))),
            "volumes": each_once(runners().flat_map(volumes)),
            "command": fixed_words(program, owner.and_then(|owner| owner.command.as_deref())),
            "entrypoint": fixed_words(program, owner.and_then(|owner| owner.entrypoint.as_deref())),
        },
        "site": owner.and_then(|owner| site(program, owner, image, language.output())),
    });
    Artifact::text(file, template::render(&format!("dockerfile/{}.j2", language.template()), &view))
}

/// The words of a command that are the same wherever it runs; none if some differ between environments, whose files then state them.
/// A port's number is part of the image, so a reference to one is as good as its number.
pub fn fixed_words(program: &Program, command: Option<&[Text]>) -> Option<Vec<String>> {
    let piece = |piece: &Piece| match piece {
        Piece::Literal(text) => Some(text.clone()),
        Piece::Reference(Reference::Port(service, port)) => {
            let service = program.base.services.get(service)?;
            let port = port.as_ref().map_or_else(|| service.main_port(), |port| service.ports.get(port))?;
            Some(port.number.to_string())
        }
        Piece::Reference(_) | Piece::Variable(_) | Piece::Secret(_) => None,
    };
    command?.iter().map(|word| word.pieces.iter().map(piece).collect()).collect()
}

/// What is in `all`, each once, in the order of its first.
fn each_once<T: PartialEq>(all: impl Iterator<Item = T>) -> Vec<T> {
    all.fold(Vec::new(), |mut seen, item| {
        if !seen.contains(&item) {
            seen.push(item);
        }
        seen
    })
}

/// Where named volumes are mounted: Docker gives a new one the owner of the image's own folder.
fn volumes(service: &Service) -> Vec<&str> {
    let named = service.mounts.iter().filter(|mount| matches!(mount.source, MountSource::Volume(_)));
    named.map(|mount| mount.target.as_str()).collect()
}

fn destination(src: &str, dst: &str) -> String {
    match dst {
        _ if dst.starts_with('/') => dst.to_owned(),
        "." if src == "." => ".".to_owned(),
        "." => "./".to_owned(),
        "./" => "./".to_owned(),
        _ => format!("./{dst}"),
    }
}

/// What the final stage of an image that serves is made of.
fn site(program: &Program, service: &Service, image: &Image, output: Option<&str>) -> Option<Value> {
    let server = service.serve.as_ref()?;
    let seen = |path: &str| within(&image.context, path).to_owned();
    let variables = routes::variables_of(program, service);
    let tables = routes::tables(program, service);
    let mut copies: Vec<[String; 2]> = tables.iter().map(|table| [seen(&table.file), table.target.clone()]).collect();
    copies.extend(routes::folders(program, service).into_iter().map(|(folder, target)| [seen(&folder), target]));
    let script = routes::certificate_script(program, service);
    let openssl: Option<&[&str]> = script.as_ref().map(|_| match server.is_alpine() {
        true => &["apk", "add", "--no-cache", "openssl"][..],
        false => &[
            "sh",
            "-c",
            "apt-get update && apt-get install -y --no-install-recommends openssl && rm -rf /var/lib/apt/lists/*",
        ],
    });
    Some(json!({
        "server": server.image(),
        "output": output.map(|output| [format!("/app/{}", crate::facts::join(output, "")), server.site_root().to_owned()]),
        "filter": match server {
            // Without any, a pattern that no name matches: otherwise every variable of the container would be filled in.
            Server::Nginx { .. } if variables.is_empty() => Some("^$".to_owned()),
            Server::Nginx { .. } => Some(format!("^({})$", variables.join("|"))),
            Server::Caddy { .. } => None,
        },
        "openssl": openssl,
        "ignored": if server.is_alpine() { "DL3018" } else { "DL3008" },
        "script": script.map(|script| [seen(&script), "/docker-entrypoint.d/15-certificates.sh".to_owned()]),
        "copies": copies,
    }))
}
