//! Route tables: the base's, and one for each environment that changes it. All lie in the image, and the environment's file picks one.

use serde_json::{Value, json};

use super::beside;
use crate::artifact::Artifact;
use crate::emit::Output;
use crate::model::{Action, Program, Route, RouteTable, Service};
use crate::template;

/// A route table as it lies in an image.
pub struct Table<'p> {
    /// The environment whose table it is; none for the base's.
    pub environment: Option<&'p str>,
    /// Path of its template in the repository.
    pub file: String,
    /// The routes.
    pub routes: &'p RouteTable,
}

impl Table<'_> {
    /// The folder in the image that holds it, which `NGINX_ENVSUBST_TEMPLATE_DIR` picks.
    pub fn folder(&self) -> String {
        match self.environment {
            None => "/etc/nginx/templates".to_owned(),
            Some(environment) => format!("/etc/nginx/templates.{environment}"),
        }
    }

    /// Path of its template in the image; it replaces the stock configuration.
    pub fn target(&self) -> String {
        format!("{}/default.conf.template", self.folder())
    }
}

/// The tables that lie in the image of `service`: the base's, then those of environments that differ from it.
pub fn tables<'p>(program: &'p Program, service: &Service) -> Vec<Table<'p>> {
    let of_service = |routes: &'p Option<RouteTable>| routes.as_ref().filter(|table| table.edge == service.name);
    let base = of_service(&program.base.routes);
    let mut tables: Vec<Table<'_>> = Vec::new();
    tables.extend(base.map(|routes| Table { environment: None, file: beside(service, "nginx.conf.template"), routes }));
    for environment in &program.environments {
        if let Some(routes) =
            of_service(&environment.stack.routes).filter(|routes| base.is_none_or(|base| !base.same_answers(routes)))
        {
            let file = beside(service, &format!("nginx.{}.conf.template", environment.name));
            tables.push(Table { environment: Some(&environment.name), file, routes });
        }
    }
    tables
}

/// The variables that the tables of `service` take from the environment, each once.
pub fn variables_of(program: &Program, service: &Service) -> Vec<String> {
    let mut all = Vec::new();
    for table in tables(program, service) {
        for (name, _, _) in upstream_variables(table.routes) {
            if !all.contains(&name) {
                all.push(name);
            }
        }
    }
    if !all.is_empty() {
        all.extend(["NGINX_RESOLVER", "NGINX_CLIENT_ADDRESS", "NGINX_FORWARDED_PROTO"].map(str::to_owned));
    }
    all
}

/// The variable of each upstream, with the service and port that it stands for.
pub fn upstream_variables(table: &RouteTable) -> Vec<(String, &str, Option<&str>)> {
    table.upstreams().into_iter().map(|(service, port)| (upstream_variable(service, port), service, port)).collect()
}

fn upstream_variable(service: &str, port: Option<&str>) -> String {
    let name = |name: &str| name.to_ascii_uppercase().replace('-', "_");
    match port {
        None => format!("{}_UPSTREAM", name(service)),
        Some(port) => format!("{}__{}_UPSTREAM", name(service), name(port)),
    }
}

/// The template of each route table.
pub fn route_tables(program: &Program) -> Vec<Output> {
    let serving = program.base.services.values().filter(|service| service.serve.is_some());
    serving
        .flat_map(|service| {
            tables(program, service).into_iter().map(|table| route_table(program, service, &table)).collect::<Vec<_>>()
        })
        .collect()
}

fn route_table(program: &Program, service: &Service, table: &Table<'_>) -> Output {
    let whose = match table.environment {
        None => format!("{}: the routes of `{}`.", program.base.name, service.name),
        Some(environment) => {
            format!("{}: the routes of `{}` in the environment `{environment}`.", program.base.name, service.name)
        }
    };
    let view = json!({
        "title": whose,
        "port": service.main_port().map_or(80, |port| port.number).to_string(),
        "proxies": !table.routes.upstreams().is_empty(),
        "routes": by_precedence(table.routes).into_iter().map(|route| route_view(table.routes, route)).collect::<Vec<_>>(),
    });
    Output::shared(Artifact::text(table.file.clone(), template::render("nginx/site.j2", &view)), &table.routes.path)
}

/// Longest first, as they are tried; nginx itself would not care.
fn by_precedence(table: &RouteTable) -> Vec<&Route> {
    let mut routes: Vec<&Route> = table.routes.iter().collect();
    routes.sort_by(|a, b| {
        b.prefix.len().cmp(&a.prefix.len()).then_with(|| a.prefix.cmp(&b.prefix)).then(a.wildcard.cmp(&b.wildcard))
    });
    routes
}

fn route_view(table: &RouteTable, route: &Route) -> Value {
    let bare = route.wildcard.then(|| route.prefix.trim_end_matches('/')).filter(|bare| !bare.is_empty());
    let answered = |bare: &&str| table.routes.iter().any(|other| other.prefix == **bare && !other.wildcard);
    let taken = |path: &str, wildcard: bool| {
        table.routes.iter().any(|other| other.prefix == path && other.wildcard == wildcard)
    };
    let (upstream, fallback) = match &route.action {
        Action::Proxy { service, port } => (Some(upstream_variable(service, port.as_deref())), None),
        Action::Site { spa, .. } => (None, spa.then(|| format!("{}index.html", route.prefix))),
    };
    json!({
        "prefix": route.prefix,
        // At `/` nginx may still try the patterns; below, nothing but the longest path counts.
        "modifier": match (route.wildcard, route.prefix.as_str()) {
            (false, _) => "= ",
            (true, "/") => "",
            (true, _) => "^~ ",
        },
        "bare": bare.filter(|bare| !answered(bare)),
        "upstream": upstream,
        "fallback": fallback,
        // A route of the user's takes the place of a location that a site brings with it.
        "assets": !taken("/assets/", true),
        "index": fallback.as_deref().is_some_and(|fallback| !taken(fallback, false)),
    })
}
