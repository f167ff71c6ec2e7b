//! The final stage of an image that serves: the web server, its routes and what they serve, and who it starts as.

use serde_json::{Value, json};

use crate::emit::routes;
use crate::facts::{join, within};
use crate::model::{Image, Program, Server, Service, Tls};

/// The tables of routes of `service` and the folders that they serve, with their places in the image.
pub fn tables_and_folders(program: &Program, service: &Service, image: &Image) -> Vec<[String; 2]> {
    let tables = routes::tables(program, service).into_iter().map(|table| (table.file, table.target));
    let all = tables.chain(routes::folders(program, service));
    all.map(|(path, target)| [within(&image.context, &path).to_owned(), target]).collect()
}

/// Why a web server alone in its image starts as root, if it does.
fn root_of_server(program: &Program, server: &Server, image: &Image) -> Option<&'static str> {
    let stacks =
        std::iter::once(&program.base).chain(program.environments.iter().map(|environment| &environment.stack));
    let mut tables = stacks.filter_map(|stack| stack.routes.as_ref());
    match server {
        Server::Nginx { .. } => Some(
            "The master process stays root, as the official image has it; it hands every request to unprivileged workers.",
        ),
        Server::Caddy { .. } if tables.any(|table| matches!(table.tls, Tls::Files { .. })) => {
            Some("Caddy stays root: the key of a certificate may be readable by nobody else.")
        }
        Server::Caddy { .. } if !program.handed_over(image).is_empty() => {
            Some("Caddy stays root: Fly mounts a volume as root's own.")
        }
        Server::Caddy { .. } => None,
    }
}

/// What the final stage of an image that serves is made of.
pub fn view(program: &Program, service: &Service, image: &Image, output: Option<&str>) -> Option<Value> {
    let server = service.serve.as_ref()?;
    let seen = |path: &str| within(&image.context, path).to_owned();
    let variables = routes::variables_of(program, service);
    let copies = tables_and_folders(program, service, image);
    let script = routes::certificate_script(program, service);
    Some(json!({
        "server": server.image(),
        "output": output.map(|output| match image.has_build_stage() {
            true => [format!("/app/{}", join(output, "")), server.site_root().to_owned()],
            false => [join(output, ""), server.site_root().to_owned()],
        }),
        "filter": match server {
            // Without any, a pattern that no name matches: otherwise every variable of the container would be filled in.
            Server::Nginx { .. } if variables.is_empty() => Some("^$".to_owned()),
            Server::Nginx { .. } => Some(format!("^({})$", variables.join("|"))),
            Server::Caddy { .. } => None,
        },
        "root": root_of_server(program, server, image),
        "openssl": script.is_some(),
        "script": script.map(|script| [seen(&script), "/docker-entrypoint.d/15-certificates.sh".to_owned()]),
        "copies": copies,
        // nginx's own image knows how it is started.
        "command": match server {
            Server::Nginx { .. } => None,
            Server::Caddy { .. } => Some(server.command(routes::asks_for_passwords(program, service))),
        },
    }))
}
