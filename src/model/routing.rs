//! What the edge answers, by host and path.

use super::{Duration, Protocol, Size, Text};
use crate::source::SpecPath;

pub use crate::spec::TlsSource;

/// The routes of one edge.
#[derive(Debug, Clone)]
pub struct RouteTable {
    /// The service that carries it.
    pub edge: String,
    /// `routing`.
    pub path: SpecPath,
    /// Who ends TLS.
    pub tls: Tls,
    /// Whether text is compressed.
    pub compress: bool,
    /// Largest body of a request, where a route says nothing else.
    pub body_limit: Limit,
    /// Headers of all answers, HSTS not among them.
    pub headers: Vec<(String, Text)>,
    /// Whether browsers are told to use HTTPS only, for named hosts.
    pub hsts: bool,
    /// The hosts, in the order written.
    pub hosts: Vec<Host>,
}

/// Who ends TLS.
#[derive(Debug, Clone, PartialEq)]
pub enum Tls {
    /// Nobody, or whoever stands in front, as far as anybody said.
    Unsaid,
    /// Nobody.
    None,
    /// What stands in front.
    Platform,
    /// The edge, with certificates that certbot gets.
    Certbot {
        /// Whom the authority writes to.
        email: Text,
    },
    /// The edge, which gets certificates itself.
    Acme {
        /// Whom the authority writes to.
        email: Option<Text>,
    },
    /// The edge, with files.
    Files {
        /// The certificate and its chain.
        cert: String,
        /// The private key.
        key: String,
    },
}

/// One host.
#[derive(Debug, Clone)]
pub struct Host {
    /// What it is called.
    pub name: HostName,
    /// The port in the container that it is asked on; none is the main one.
    pub port: Option<u16>,
    /// Other names that are redirected to it.
    pub aliases: Vec<Text>,
    /// Its routes, in the order written.
    pub routes: Vec<Route>,
    /// Lines for nginx.
    pub nginx: Option<String>,
    /// Lines for Caddy.
    pub caddy: Option<String>,
    /// `routing.hosts.<host>`.
    pub path: SpecPath,
}

/// What a host is called.
#[derive(Debug, Clone, PartialEq)]
pub enum HostName {
    /// `"*"`
    Any,
    /// By name.
    Named {
        /// As in the base.
        written: Text,
        /// As the environment calls it, if it has another name there.
        here: Option<Text>,
    },
}

/// Whether a text is the name of a host.
pub fn is_host(name: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= 253 && name.split('.').all(label)
}

/// Whether a text is a host, with a port or without.
pub fn is_authority(text: &str) -> bool {
    if let Some((address, rest)) = text.strip_prefix('[').and_then(|text| text.split_once(']')) {
        let address = address.bytes().all(|b| b.is_ascii_hexdigit() || b == b':' || b == b'.');
        return address && (rest.is_empty() || rest.strip_prefix(':').is_some_and(is_port));
    }
    let (host, port) = text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)));
    is_host(host.strip_suffix('.').unwrap_or(host)) && port.is_none_or(is_port)
}

/// Whether a text is the number of a port.
pub fn is_port(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit()) && text.parse::<u16>().is_ok_and(|port| port > 0)
}

impl HostName {
    /// Its name here; none for any host.
    pub fn text(&self) -> Option<&Text> {
        match self {
            HostName::Any => None,
            HostName::Named { written, here } => Some(here.as_ref().unwrap_or(written)),
        }
    }
}

/// One route.
#[derive(Debug, Clone)]
pub struct Route {
    /// Its path without the final `*`: `/x` or `/x/`.
    pub prefix: String,
    /// Whether it covers all below.
    pub wildcard: bool,
    /// What answers.
    pub action: Action,
    /// The largest body of a request, if it is another than the table's.
    pub body_limit: Option<Limit>,
    /// All headers of its answers, those of the table included where they are not replaced; empty ones are removed.
    pub headers: Vec<(String, Text)>,
    /// Whether it has headers that the table does not have.
    pub own_headers: bool,
    /// Whether it says itself what HSTS is.
    pub own_hsts: bool,
    /// How long clients may keep answers.
    pub cache: Option<Caching>,
    /// The secret that says who may enter.
    pub auth: Option<String>,
    /// How often one client may ask.
    pub rate_limit: Option<RateLimit>,
    /// Networks that alone may enter; none is all.
    pub allow: Vec<String>,
    /// Networks that may not.
    pub deny: Vec<String>,
    /// The methods that are answered; none is all.
    pub methods: Vec<String>,
    /// Whether it is answered over plain HTTP as well.
    pub http: bool,
    /// Lines for nginx.
    pub nginx: Option<String>,
    /// Lines for Caddy.
    pub caddy: Option<String>,
    /// Where it is said.
    pub path: SpecPath,
}

/// What answers a route.
#[derive(Debug, Clone)]
pub enum Action {
    /// A service, or somebody elsewhere.
    Proxy(Box<Proxy>),
    /// The built site of a service.
    Site {
        /// Its name.
        service: String,
        /// Paths that are no file show index.html.
        spa: bool,
        /// Whether a build named its files: what changes has another name then.
        hashed: bool,
    },
    /// A folder of the repository, relative to the root.
    Files {
        /// The folder.
        folder: String,
    },
    /// Another place.
    Redirect {
        /// Where, without a final `*`.
        target: Text,
        /// Whether what the request has below the route is added.
        below: bool,
        /// 301, 302, 303, 307 or 308.
        status: u16,
    },
    /// A text.
    Respond {
        /// The text.
        text: Text,
        /// Its status.
        status: u16,
    },
}

/// How requests are passed on.
#[derive(Debug, Clone)]
pub struct Proxy {
    /// To whom.
    pub upstream: Upstream,
    /// Whether the upstream sees the path without the route's prefix.
    pub strip_prefix: bool,
    /// Whether connections may become WebSockets.
    pub websocket: bool,
    /// Whether answers are passed on as they come.
    pub sse: bool,
    /// How long the upstream may be silent.
    pub timeout: Duration,
    /// The host name that the upstream sees, if it is not the client's.
    pub host: Option<Text>,
    /// Headers that the upstream gets.
    pub request_headers: Vec<(String, Text)>,
}

/// To whom requests are passed on.
#[derive(Debug, Clone, PartialEq)]
pub enum Upstream {
    /// A service.
    Service {
        /// Its name.
        service: String,
        /// The name of its port; none is the main one.
        port: Option<String>,
        /// What the port speaks: `Https` or anything else, which is taken for HTTP.
        protocol: Protocol,
        /// Whether its certificate is asked for.
        verify: bool,
    },
    /// Scheme and host of somebody elsewhere.
    Url(Text),
}

/// The largest body of a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Limit {
    /// So much.
    Size(Size),
    /// As the deployment says.
    Variable(Text),
}

/// How long clients may keep an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caching {
    /// For ever: its name changes with it.
    Immutable,
    /// Not at all.
    NoStore,
    /// Only after asking again.
    NoCache,
    /// For a time.
    For(Duration),
}

/// How often one client may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// Requests.
    pub count: u32,
    /// Whether in a minute; else in a second.
    pub per_minute: bool,
    /// Requests beyond the rate that are let through at once.
    pub burst: u32,
}

impl Tls {
    /// Whether the edge itself ends TLS.
    pub fn is_ended_by_edge(&self) -> bool {
        match self {
            Tls::Certbot { .. } | Tls::Acme { .. } | Tls::Files { .. } => true,
            Tls::Unsaid | Tls::None | Tls::Platform => false,
        }
    }
}

impl Caching {
    /// The value of `Cache-Control`.
    pub fn control(self) -> String {
        match self {
            Caching::Immutable => "public, max-age=31536000, immutable".to_owned(),
            Caching::NoStore => "no-store".to_owned(),
            Caching::NoCache => "no-cache".to_owned(),
            Caching::For(time) => format!("public, max-age={}", time.0 / 1000),
        }
    }

    /// Whether it says something about errors too: a missing file must not be kept for long.
    pub fn covers_errors(self) -> bool {
        matches!(self, Caching::NoStore | Caching::NoCache)
    }
}

impl RouteTable {
    /// All routes of all hosts.
    pub fn routes(&self) -> impl Iterator<Item = &Route> {
        self.hosts.iter().flat_map(|host| &host.routes)
    }

    /// Whether some request reaches the built site of `service`.
    pub fn serves_site_of(&self, service: &str) -> bool {
        self.routes().any(|route| matches!(&route.action, Action::Site { service: of, .. } if of == service))
    }

    /// Those that it passes requests on to, each once.
    pub fn upstreams(&self) -> Vec<&Upstream> {
        let mut all: Vec<&Upstream> = Vec::new();
        for route in self.routes() {
            if let Action::Proxy(proxy) = &route.action
                && !all.contains(&&proxy.upstream)
            {
                all.push(&proxy.upstream);
            }
        }
        all
    }

    /// The folders of the repository that it serves, each once.
    pub fn folders(&self) -> Vec<&str> {
        let mut all: Vec<&str> = Vec::new();
        for route in self.routes() {
            if let Action::Files { folder } = &route.action
                && !all.contains(&folder.as_str())
            {
                all.push(folder);
            }
        }
        all
    }

    /// All its values that may hold references.
    pub fn texts(&self) -> Vec<&Text> {
        let mut all: Vec<&Text> = self.headers.iter().map(|(_, value)| value).collect();
        all.extend(self.body_limit.text());
        match &self.tls {
            Tls::Certbot { email } => all.push(email),
            Tls::Acme { email } => all.extend(email),
            Tls::Unsaid | Tls::None | Tls::Platform | Tls::Files { .. } => {}
        }
        for host in &self.hosts {
            if let HostName::Named { written, here } = &host.name {
                all.extend(here.as_ref().or(Some(written)));
            }
            all.extend(&host.aliases);
            host.routes.iter().for_each(|route| all.extend(route.texts()));
        }
        all
    }

    /// The host that leads to `service`, as the outside calls it: one whose `/*` does, else the first with any route there.
    pub fn host_of(&self, service: &str) -> Option<&Host> {
        let leads = |route: &Route| match &route.action {
            Action::Proxy(proxy) => matches!(&proxy.upstream, Upstream::Service { service: to, .. } if to == service),
            Action::Site { service: of, .. } => of == service,
            Action::Files { .. } | Action::Redirect { .. } | Action::Respond { .. } => false,
        };
        let all = |route: &&Route| route.wildcard && route.prefix == "/";
        let named = |host: &&Host| host.name != HostName::Any;
        let whole = self.hosts.iter().filter(named).find(|host| host.routes.iter().filter(all).any(leads));
        let part = || self.hosts.iter().find(|host| host.routes.iter().any(leads));
        whole.or_else(part)
    }
}

impl Limit {
    /// The text of one that the deployment says.
    pub fn text(&self) -> Option<&Text> {
        match self {
            Limit::Size(_) => None,
            Limit::Variable(text) => Some(text),
        }
    }
}

impl Route {
    /// All its values that may hold references.
    pub fn texts(&self) -> Vec<&Text> {
        let mut all: Vec<&Text> = self.headers.iter().map(|(_, value)| value).collect();
        all.extend(self.body_limit.as_ref().and_then(Limit::text));
        match &self.action {
            Action::Proxy(proxy) => {
                if let Upstream::Url(url) = &proxy.upstream {
                    all.push(url);
                }
                all.extend(&proxy.host);
                all.extend(proxy.request_headers.iter().map(|(_, value)| value));
            }
            Action::Redirect { target: text, .. } | Action::Respond { text, .. } => all.push(text),
            Action::Site { .. } | Action::Files { .. } => {}
        }
        all
    }
}
