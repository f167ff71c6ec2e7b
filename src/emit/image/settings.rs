//! What an image that serves takes from its environment: which of its route tables, where the upstreams are, whom to believe.

use super::{tables, upstream_variables};
use crate::model::{Addressing, Environment, Platform, Program, Service};

/// The variables that the environment's file sets for the web server of `service`, with their values.
pub fn settings(program: &Program, environment: &Environment, service: &Service) -> Vec<(String, String)> {
    let stack = &environment.stack;
    let Some(routes) = stack.routes.as_ref().filter(|table| table.edge == service.name && service.serve.is_some())
    else {
        return Vec::new();
    };
    let mut settings = Vec::new();
    if let Some(own) =
        tables(program, service).iter().find(|table| table.environment == Some(environment.name.as_str()))
    {
        settings.push(("NGINX_ENVSUBST_TEMPLATE_DIR".to_owned(), own.folder()));
    }
    let addressing = Addressing::new(environment);
    for (name, upstream, port) in upstream_variables(routes) {
        let upstream = stack.services.get(upstream);
        let port =
            upstream.and_then(|service| port.map_or_else(|| service.main_port(), |port| service.ports.get(port)));
        if let (Some(upstream), Some(port)) = (upstream, port) {
            let scheme = if port.protocol == crate::model::Protocol::Https { "https" } else { "http" };
            settings.push((name, format!("{scheme}://{}:{}", addressing.host(upstream), port.number)));
        }
    }
    if !routes.upstreams().is_empty() {
        settings.extend(network(&environment.platform).map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
    settings
}

/// Who answers names, and where a client's address and scheme are to be had.
fn network(platform: &Platform) -> [(&'static str, &'static str); 3] {
    match platform {
        // Docker's own resolver; the client is the one that connects.
        Platform::Compose { .. } => [
            ("NGINX_RESOLVER", "127.0.0.11 ipv6=off"),
            ("NGINX_CLIENT_ADDRESS", "$remote_addr"),
            ("NGINX_FORWARDED_PROTO", "$scheme"),
        ],
        // Fly's resolver; its proxy ends TLS and names the client.
        Platform::Fly { .. } => [
            ("NGINX_RESOLVER", "[fdaa::3]"),
            ("NGINX_CLIENT_ADDRESS", "$http_fly_client_ip"),
            ("NGINX_FORWARDED_PROTO", "$http_x_forwarded_proto"),
        ],
    }
}
