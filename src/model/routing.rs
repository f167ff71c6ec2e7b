//! Routes of the edge.

use crate::source::SpecPath;

/// What the edge answers, for any host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteTable {
    /// The service that carries it.
    pub edge: String,
    /// `routing`.
    pub path: SpecPath,
    /// The routes, in the order written.
    pub routes: Vec<Route>,
}

/// One route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Its path without the final `*`: `/x` or `/x/`.
    pub prefix: String,
    /// Whether it covers all below.
    pub wildcard: bool,
    /// What answers.
    pub action: Action,
    /// Where it is said.
    pub path: SpecPath,
}

/// What answers a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// A service.
    Proxy {
        /// Its name.
        service: String,
        /// The name of its port; none is the main one.
        port: Option<String>,
    },
    /// The built site of a service.
    Site {
        /// Its name.
        service: String,
        /// Paths that are no file show index.html.
        spa: bool,
    },
}

impl RouteTable {
    /// Whether some request reaches the built site of `service`.
    pub fn serves_site_of(&self, service: &str) -> bool {
        self.routes.iter().any(|route| matches!(&route.action, Action::Site { service: of, .. } if of == service))
    }

    /// The services that it passes requests on to, each once.
    pub fn upstreams(&self) -> Vec<(&str, Option<&str>)> {
        let mut all = Vec::new();
        for route in &self.routes {
            if let Action::Proxy { service, port } = &route.action {
                let upstream = (service.as_str(), port.as_deref());
                if !all.contains(&upstream) {
                    all.push(upstream);
                }
            }
        }
        all
    }

    /// Whether it answers every request in the same way as `other`.
    pub fn same_answers(&self, other: &RouteTable) -> bool {
        let key = |table: &RouteTable| {
            let mut routes: Vec<_> =
                table.routes.iter().map(|r| (r.prefix.clone(), r.wildcard, r.action.clone())).collect();
            routes.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
            routes
        };
        self.edge == other.edge && key(self) == key(other)
    }
}
