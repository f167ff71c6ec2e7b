//! What an image that serves takes from its environment: which of its tables, names and limits, where the upstreams are, whom to believe.

use super::tables;
use crate::model::{Addressing, Environment, Flat, Platform, Program, Service, Tls};

/// The variables that the environment's file sets for the web server of `service`, with their values.
pub fn settings(program: &Program, environment: &Environment, service: &Service) -> Vec<(String, Vec<Flat>)> {
    let stack = &environment.stack;
    let Some(routes) = stack.routes.as_ref().filter(|table| table.edge == service.name) else { return Vec::new() };
    let Some(server) = &service.serve else { return Vec::new() };
    let literal = |text: &str| vec![Flat::Literal(text.to_owned())];
    let mut settings = Vec::new();
    let of_base = program.base.services.get(&service.name).unwrap_or(service);
    if let Some(own) =
        tables(program, of_base).iter().find(|table| table.environment == Some(environment.name.as_str()))
    {
        let (name, value) = server.table_choice(own.environment);
        settings.push((name.to_owned(), literal(&value)));
    }
    let addressing = Addressing::new(environment);
    // What the service's own `env` already says is not said again.
    let own = |name: &String| service.env.contains_key(name);
    for (name, value) in program.settings(routes).into_iter().filter(|(name, _)| !own(name)) {
        settings.push((name, addressing.known(&value)));
    }
    let said = super::network_variables(server, routes);
    let network = network(&environment.platform, &routes.tls);
    let network = network.iter().filter(|(name, _)| said.contains(name));
    settings.extend(network.map(|(name, value)| ((*name).to_owned(), literal(value))));
    if let Tls::Certbot { .. } = routes.tls {
        settings.push(("CERTBOT_NAME".to_owned(), literal(&stack.name)));
    }
    settings
}

/// The variables that the tables of `service` hold, each once: those that its start fills in.
pub fn variables_of(program: &Program, service: &Service) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let server = service.serve.as_ref();
    for table in super::carried(program, service) {
        let settings = program.settings(table).into_iter().map(|(name, _)| name);
        let network = server.iter().flat_map(|server| super::network_variables(server, table)).map(str::to_owned);
        for name in settings.chain(network) {
            if !all.contains(&name) {
                all.push(name);
            }
        }
    }
    // Those of the network last, as a person would look for them.
    all.sort_by_key(|name| name.starts_with("NGINX_"));
    all
}

/// Who answers names, and where a client's address and scheme are to be had.
fn network(platform: &Platform, tls: &Tls) -> [(&'static str, &'static str); 5] {
    match platform {
        // Who is in front ends TLS, and is the one that connects.
        Platform::Compose { .. } if *tls == Tls::Platform => [
            ("NGINX_RESOLVER", "127.0.0.11 ipv6=off"),
            ("NGINX_CLIENT_ADDRESS", "$remote_addr"),
            ("NGINX_FORWARDED_PROTO", "https"),
            ("CADDY_TRUSTED_PROXIES", "255.255.255.255/32"),
            ("CADDY_FORWARDED_PROTO", "https"),
        ],
        // Docker's own resolver; the client is the one that connects.
        Platform::Compose { .. } => [
            ("NGINX_RESOLVER", "127.0.0.11 ipv6=off"),
            ("NGINX_CLIENT_ADDRESS", "$remote_addr"),
            ("NGINX_FORWARDED_PROTO", "$scheme"),
            // An address that nobody has.
            ("CADDY_TRUSTED_PROXIES", "255.255.255.255/32"),
            ("CADDY_FORWARDED_PROTO", "{http.request.scheme}"),
        ],
        // Fly's resolver; its proxy ends TLS and names the client.
        Platform::Fly { .. } => [
            ("NGINX_RESOLVER", "[fdaa::3]"),
            ("NGINX_CLIENT_ADDRESS", "$http_fly_client_ip"),
            ("NGINX_FORWARDED_PROTO", "$http_x_forwarded_proto"),
            ("CADDY_TRUSTED_PROXIES", "private_ranges"),
            ("CADDY_FORWARDED_PROTO", "{http.request.header.X-Forwarded-Proto}"),
        ],
    }
}
