//! Tables of routes as the configuration of a web server: the base's, and one for each environment in which it is another. All lie in the image,
//! and the environment's file picks one and sets what it takes from outside.

mod block;
mod caddy;
mod caddyfile;
mod nginx;
mod plan;
mod settings;

use crate::artifact::Artifact;
use crate::emit::Output;
use crate::emit::image::beside;
use crate::model::{Environment, Program, RouteTable, Server, Service, Stack, Tls};
use crate::template;

pub use settings::{settings, variables_of};

/// A table as it lies in an image.
pub struct Table<'p> {
    /// The environment whose table it is; none for the base's.
    pub environment: Option<&'p str>,
    /// Path of its file in the repository.
    pub file: String,
    /// Path of its file in the image.
    pub target: String,
    /// What it says, in the words of its server.
    text: String,
    /// The table.
    pub routes: &'p RouteTable,
}

/// Where a table is carried.
struct Carrier<'p> {
    program: &'p Program,
    server: &'p Server,
    edge: &'p Service,
    table: &'p RouteTable,
    /// None for the base.
    environment: Option<&'p Environment>,
}

impl Carrier<'_> {
    /// The table in the words of its server, without its first line.
    fn text(&self) -> String {
        match self.server {
            Server::Nginx { .. } => self.nginx(),
            Server::Caddy { .. } => self.caddy(),
        }
    }
}

/// The variables about the network that a table holds.
fn network_variables(server: &Server, table: &RouteTable) -> Vec<&'static str> {
    match server {
        Server::Nginx { .. } => nginx::network_variables(table),
        Server::Caddy { .. } => caddy::network_variables(table),
    }
}

/// The tables that lie in the image of `service`: the base's, then those of environments in which it is another.
pub fn tables<'p>(program: &'p Program, service: &'p Service) -> Vec<Table<'p>> {
    let Some(server) = &service.serve else { return Vec::new() };
    let of = |stack: &'p Stack, environment: Option<&'p Environment>| {
        let table = stack.routes.as_ref().filter(|table| table.edge == service.name)?;
        let edge = stack.services.get(&service.name)?;
        let text = Carrier { program, server, edge, table, environment }.text();
        let name = environment.map(|environment| environment.name.as_str());
        let (file, target) = (beside(service, &server.table_file(name)), server.table_target(name));
        Some(Table { environment: name, file, target, text, routes: table })
    };
    let base = of(&program.base, None);
    let other = |table: &Table<'_>| base.as_ref().is_none_or(|base| base.text != table.text);
    let mut tables: Vec<Table<'_>> = Vec::new();
    let of_environments =
        program.environments.iter().filter_map(|environment| of(&environment.stack, Some(environment)));
    tables.extend(of_environments.filter(other));
    tables.splice(0..0, base);
    tables
}

/// The tables that `service` carries, of the base and of all environments, alike or not.
fn carried<'p>(program: &'p Program, service: &'p Service) -> impl Iterator<Item = &'p RouteTable> {
    let stacks =
        std::iter::once(&program.base).chain(program.environments.iter().map(|environment| &environment.stack));
    stacks.filter_map(|stack| stack.routes.as_ref()).filter(|table| table.edge == service.name)
}

/// The file of each table.
pub fn route_tables(program: &Program) -> Vec<Output> {
    let serving = program.base.services.values().filter(|service| service.serve.is_some());
    let tables = serving.flat_map(|service| tables(program, service).into_iter().map(move |table| (service, table)));
    tables.map(|(service, table)| file(program, service, &table)).collect()
}

fn file(program: &Program, service: &Service, table: &Table<'_>) -> Output {
    let whose = match table.environment {
        None => format!("{}: the routes of `{}`.", program.base.name, service.name),
        Some(environment) => {
            format!("{}: the routes of `{}` in the environment `{environment}`.", program.base.name, service.name)
        }
    };
    let title = template::comment_line(&whose);
    Output::shared(Artifact::text(table.file.clone(), format!("{title}{}", table.text)), &table.routes.path)
}

/// The folders of the repository that some table of `service` serves, with their paths in the image.
pub fn folders(program: &Program, service: &Service) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    for table in carried(program, service) {
        for folder in table.folders() {
            if !all.iter().any(|(known, _)| known == folder) {
                all.push((folder.to_owned(), folder_target(folder)));
            }
        }
    }
    all
}

/// Whether some table of `service` asks who somebody is.
pub fn asks_for_passwords(program: &Program, service: &Service) -> bool {
    carried(program, service).any(|table| table.routes().any(|route| route.auth.is_some()))
}

/// A path as a pattern that matches it and nothing else.
fn pattern(path: &str) -> String {
    path.chars().map(|c| if ".+".contains(c) { format!("\\{c}") } else { c.to_string() }).collect()
}

/// Where a folder of the repository lies in the image.
fn folder_target(folder: &str) -> String {
    if folder == "." { "/srv".to_owned() } else { format!("/srv/{folder}") }
}

/// Name of the script that keeps nginx supplied with certificates.
const CERTIFICATES: &str = "certificates.sh";

/// Path of that script in the repository, where a table of `service` takes certificates from certbot.
pub fn certificate_script(program: &Program, service: &Service) -> Option<String> {
    let asked = |table: &RouteTable| matches!(table.tls, Tls::Certbot { .. });
    carried(program, service).any(asked).then(|| beside(service, CERTIFICATES))
}

/// The script of each service that takes certificates from certbot.
pub fn certificate_scripts(program: &Program) -> Vec<Output> {
    let scripts =
        program.base.services.values().filter_map(|service| Some((certificate_script(program, service)?, service)));
    scripts
        .map(|(path, service)| {
            let text = template::render("nginx/certificates.j2", &serde_json::json!({}));
            Output::shared(Artifact::text(path, text).executable(), &service.path)
        })
        .collect()
}
