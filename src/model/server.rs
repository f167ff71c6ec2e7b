//! The web servers that carry routes. What is different between the two stands here and in their templates, and nowhere else.

use crate::recipe::{CURL, Probe, WGET};

/// A web server, by its image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Server {
    /// nginx.
    Nginx {
        /// Its image.
        image: String,
    },
    /// Caddy.
    Caddy {
        /// Its image.
        image: String,
    },
}

impl Server {
    /// The server whose image is called so; nginx where the name is neither's, which the schema refuses.
    pub fn of(image: &str) -> Self {
        let image = image.to_owned();
        if image.starts_with("caddy") { Server::Caddy { image } } else { Server::Nginx { image } }
    }

    /// Its image.
    pub fn image(&self) -> &str {
        match self {
            Server::Nginx { image } | Server::Caddy { image } => image,
        }
    }

    /// Its name as a person writes it.
    pub fn title(&self) -> &'static str {
        match self {
            Server::Nginx { .. } => "nginx",
            Server::Caddy { .. } => "Caddy",
        }
    }

    /// Whether its image is made on Alpine.
    pub fn is_alpine(&self) -> bool {
        match self {
            Server::Nginx { image } => image.contains("alpine"),
            // All of Caddy's own images for Linux are.
            Server::Caddy { .. } => true,
        }
    }

    /// The program of its image that can make an HTTP request: Alpine has busybox; nginx on Debian has curl, and no wget.
    pub fn probe(&self) -> &'static Probe {
        if self.is_alpine() { &WGET } else { &CURL }
    }

    /// The signal on which it ends its connections gracefully.
    pub fn stop_signal(&self) -> &'static str {
        match self {
            Server::Nginx { .. } => "SIGQUIT",
            Server::Caddy { .. } => "SIGTERM",
        }
    }

    /// Name of the file that holds its routes, of the base or of an environment.
    pub fn table_file(&self, environment: Option<&str>) -> String {
        match (self, environment) {
            (Server::Nginx { .. }, None) => "nginx.conf.template".to_owned(),
            (Server::Nginx { .. }, Some(environment)) => format!("nginx.{environment}.conf.template"),
            (Server::Caddy { .. }, None) => "Caddyfile".to_owned(),
            (Server::Caddy { .. }, Some(environment)) => format!("{environment}.Caddyfile"),
        }
    }

    /// Path of that file in the image.
    pub fn table_target(&self, environment: Option<&str>) -> String {
        match (self, environment) {
            // It replaces the stock configuration.
            (Server::Nginx { .. }, _) => format!("{}/default.conf.template", self.table_choice(environment).1),
            (Server::Caddy { .. }, _) => self.table_choice(environment).1,
        }
    }

    /// The variable that picks a table at run time, and its value.
    pub fn table_choice(&self, environment: Option<&str>) -> (&'static str, String) {
        match (self, environment) {
            (Server::Nginx { .. }, None) => ("NGINX_ENVSUBST_TEMPLATE_DIR", "/etc/nginx/templates".to_owned()),
            (Server::Nginx { .. }, Some(environment)) => {
                ("NGINX_ENVSUBST_TEMPLATE_DIR", format!("/etc/nginx/templates.{environment}"))
            }
            (Server::Caddy { .. }, None) => ("CADDYFILE", "/etc/caddy/Caddyfile".to_owned()),
            (Server::Caddy { .. }, Some(environment)) => ("CADDYFILE", format!("/etc/caddy/{environment}.Caddyfile")),
        }
    }

    /// The words that run it in a container. `passwords` says whether routes ask for some: Caddy reads each pair with a blank between name and
    /// password, where htpasswd has a colon.
    pub fn command(&self, passwords: bool) -> Vec<String> {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        match self {
            Server::Nginx { .. } => words(&["nginx", "-g", "daemon off;"]),
            Server::Caddy { .. } => {
                let run = "exec caddy run --config \"${CADDYFILE:-/etc/caddy/Caddyfile}\" --adapter caddyfile";
                let convert = "umask 077; mkdir -p /tmp/passwords; for file in /run/secrets/*; do \
                               sed -n 's/^\\([^#:]*\\):\\(.*\\)$/\\1 \\2/p' \"$file\" >\"/tmp/passwords/${file##*/}\"; done; ";
                let line = if passwords { format!("{convert}{run}") } else { run.to_owned() };
                words(&["sh", "-c", &line])
            }
        }
    }

    /// The program that the image of a service with another language needs beside it, and where it lies in the server's own image.
    pub fn program(&self) -> Option<&'static str> {
        match self {
            // Not one file: it belongs to its distribution.
            Server::Nginx { .. } => None,
            Server::Caddy { .. } => Some("/usr/bin/caddy"),
        }
    }

    /// The folder in the image that holds the built site.
    pub fn site_root(&self) -> &'static str {
        match self {
            Server::Nginx { .. } => "/usr/share/nginx/html",
            Server::Caddy { .. } => "/usr/share/caddy",
        }
    }
}
