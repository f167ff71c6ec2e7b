//! How each platform names things: the one place that turns a reference into text.
//!
//! Rules: Compose's DNS answers a service's name; Fly's answers `<app>.internal`, and `<group>.process.<app>.internal` where services share an
//! app. A URL is the service's host in `routing`, else `https://<app>.fly.dev` on Fly and `http://localhost:<published>` under Compose. What the
//! outside cannot reach has no URL.

use std::cell::Cell;

use super::{
    Environment, External, Flat, Host, Image, Operator, Piece, Platform, Port, Protocol, Publish, Reference,
    RouteTable, Service, Source, Text, Tls,
};

/// Resolves references for one environment.
#[derive(Clone, Copy)]
pub struct Addressing<'a> {
    environment: &'a Environment,
}

/// Why a reference has no value in an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unaddressable {
    /// The service does not run here.
    LeftOut(String),
    /// The service declares no port that was meant.
    NoPort(String),
    /// The outside cannot reach the service.
    NoUrl(String),
    /// References lead back to themselves.
    Cycle,
}

/// More references in a chain than any sensible stack has: a circle.
const LONGEST_CHAIN: usize = 32;
/// More pieces than any sensible value has: references that double at each step.
const MOST_PIECES: usize = 10_000;

/// How far the resolving of one text has come.
#[derive(Clone, Copy)]
struct Walk<'w> {
    depth: usize,
    left: &'w Cell<usize>,
}

impl Walk<'_> {
    fn deeper(self) -> Self {
        Walk { depth: self.depth + 1, ..self }
    }

    /// Takes one step; whether there was one left.
    fn goes_on(self) -> bool {
        self.left.set(self.left.get().saturating_sub(1));
        self.depth < LONGEST_CHAIN && self.left.get() > 0
    }
}

impl<'a> Addressing<'a> {
    /// The addressing of `environment`.
    pub fn new(environment: &'a Environment) -> Self {
        Addressing { environment }
    }

    /// `text` with all references resolved.
    ///
    /// # Errors
    /// The reference that has no value here, and why.
    pub fn resolve(&self, text: &Text) -> Result<Vec<Flat>, (Reference, Unaddressable)> {
        self.pieces(text, Walk { depth: 0, left: &Cell::new(MOST_PIECES) })
    }

    /// `text`, all of whose references `lint` has found resolvable.
    pub fn known(&self, text: &Text) -> Vec<Flat> {
        self.resolve(text).expect("lint refuses a stack with an unresolvable reference")
    }

    /// The name of the image that `service` runs, which `lint` has found resolvable.
    pub fn known_image(&self, service: &Service) -> Vec<Flat> {
        let left = Cell::new(MOST_PIECES);
        self.image(service, Walk { depth: 0, left: &left }).expect("lint refuses an image whose name leads nowhere")
    }

    fn pieces(&self, text: &Text, walk: Walk<'_>) -> Result<Vec<Flat>, (Reference, Unaddressable)> {
        let mut flat = Vec::new();
        for piece in &text.pieces {
            match piece {
                Piece::Literal(text) => flat.push(Flat::Literal(text.clone())),
                Piece::Secret(name) => flat.push(Flat::Secret(name.clone())),
                Piece::Variable(variable) => flat.push(self.variable(&variable.name, &variable.operator, walk)?),
                Piece::Reference(reference) => {
                    let value =
                        if walk.goes_on() { self.reference(reference, walk) } else { Err(Unaddressable::Cycle) };
                    flat.extend(value.map_err(|why| (reference.clone(), why))?);
                }
            }
        }
        Ok(join(flat))
    }

    fn variable(&self, name: &str, operator: &Operator, walk: Walk<'_>) -> Result<Flat, (Reference, Unaddressable)> {
        let declared = self.environment.stack.variables.get(name);
        let here = declared.is_some_and(|declared| declared.of_environment);
        let default = match (operator, declared.and_then(|declared| declared.default.as_ref())) {
            (Operator::Default(default), declared) if declared.is_none() || !here => {
                Some(self.pieces(default, walk.deeper())?)
            }
            (_, Some(default)) if walk.goes_on() => Some(self.pieces(default, walk.deeper())?),
            _ => None,
        };
        let required = match operator {
            Operator::Required(message) if default.is_none() => Some(message.as_literal().unwrap_or_default()),
            Operator::None if default.is_none() => declared.filter(|declared| declared.required).map(|declared| {
                declared.description.clone().unwrap_or_else(|| "set it in .env, see .env.example".to_owned())
            }),
            _ => None,
        };
        Ok(Flat::Variable { name: name.to_owned(), default, required })
    }

    fn reference(&self, reference: &Reference, walk: Walk<'_>) -> Result<Vec<Flat>, Unaddressable> {
        let external = reference.service().and_then(|name| self.environment.stack.external.get(name));
        if let Some(external) = external {
            return elsewhere(reference, external);
        }
        match reference {
            Reference::EnvironmentName => Ok(literal(&self.environment.name)),
            Reference::Host(name) => Ok(literal(self.host(self.service(name)?))),
            Reference::Port(name, None) => {
                let port = self.service(name)?.main_port().ok_or_else(|| Unaddressable::NoPort(name.clone()))?;
                Ok(literal(port.number))
            }
            Reference::Port(name, Some(port)) => {
                let port = self.service(name)?.ports.get(port).ok_or_else(|| Unaddressable::NoPort(name.clone()))?;
                Ok(literal(port.number))
            }
            Reference::Address(name) => {
                let service = self.service(name)?;
                let port = service.main_port().ok_or_else(|| Unaddressable::NoPort(name.clone()))?;
                Ok(literal(self.address(service, port)))
            }
            Reference::Url(name) => self.url(self.service(name)?, walk),
            Reference::Image(name) => self.image(self.service(name)?, walk),
        }
    }

    fn service(&self, name: &str) -> Result<&'a Service, Unaddressable> {
        self.environment.stack.services.get(name).ok_or_else(|| Unaddressable::LeftOut(name.to_owned()))
    }

    /// The name of `service` in the private network.
    pub fn host(&self, service: &Service) -> String {
        match &self.environment.platform {
            Platform::Compose { .. } => service.name.clone(),
            Platform::Fly { apps, .. } => {
                let app = apps.get(&service.name).unwrap_or(&service.name);
                let shared = apps.values().filter(|other| *other == app).count() > 1;
                // The name of the app alone leads to any of its groups.
                if shared { format!("{}.process.{app}.internal", service.name) } else { format!("{app}.internal") }
            }
        }
    }

    /// Scheme, host and number of `port` in the private network.
    pub fn address(&self, service: &Service, port: &Port) -> String {
        format!("{}://{}:{}", scheme(port.protocol), self.host(service), port.number)
    }

    /// How the outside reaches `service`: its host in `routing`, else its own published port, else the edge that any host reaches.
    fn url(&self, service: &Service, walk: Walk<'_>) -> Result<Vec<Flat>, Unaddressable> {
        let table = self.environment.stack.routes.as_ref();
        let host = table.and_then(|table| Some((table, table.host_of(&service.name)?)));
        if let Some((table, host)) = host
            && let Some(name) = host.name.text()
        {
            return self.routed_url(table, host, name, walk);
        }
        match (self.own_url(service, walk), host) {
            (Err(_), Some((table, _))) => self.own_url(self.service(&table.edge)?, walk),
            (own, _) => own,
        }
    }

    /// The address of a host of `routing`.
    fn routed_url(
        &self,
        table: &RouteTable,
        host: &Host,
        name: &Text,
        walk: Walk<'_>,
    ) -> Result<Vec<Flat>, Unaddressable> {
        let edge = self.service(&table.edge)?;
        let port = table.port_of(host, edge);
        let fly = matches!(self.environment.platform, Platform::Fly { .. });
        let secure = table.tls == Tls::Platform || fly || port.is_some_and(|port| table.is_secure(port));
        let (scheme, usual) = if secure { ("https", "443") } else { ("http", "80") };
        let mut url = literal(format!("{scheme}://"));
        url.extend(self.pieces(name, walk.deeper()).map_err(|(_, why)| why)?);
        // What stands in front of the service listens on the usual port, unless the host says otherwise.
        let behind = fly || table.tls == Tls::Platform;
        let published = port.and_then(|port| port.publish.as_ref()).filter(|_| !behind);
        let number = match (published, host.port) {
            (Some(publish), _) => self.pieces(&publish.port, walk.deeper()).map_err(|(_, why)| why)?,
            (None, Some(number)) => literal(number),
            (None, None) => literal(usual),
        };
        if number != literal(usual) {
            url.extend(literal(":"));
            url.extend(number);
        }
        Ok(join(url))
    }

    fn own_url(&self, service: &Service, walk: Walk<'_>) -> Result<Vec<Flat>, Unaddressable> {
        let published = service.main_port().into_iter().chain(service.ports.values());
        let mut web = published.filter(|port| matches!(port.protocol, Protocol::Http | Protocol::Https));
        let open = web.find_map(|port| port.publish.as_ref().map(|publish| (port, publish)));
        let Some((port, publish)) = open else { return Err(Unaddressable::NoUrl(service.name.clone())) };
        match &self.environment.platform {
            Platform::Fly { .. } => self.fly_url(service, port, publish, walk),
            Platform::Compose { .. } => self.published_url(port, publish, walk),
        }
    }

    /// The app's public port is the usual one; each other has the number that it is published on.
    fn fly_url(
        &self,
        service: &Service,
        port: &Port,
        publish: &Publish,
        walk: Walk<'_>,
    ) -> Result<Vec<Flat>, Unaddressable> {
        let app = self.environment.app_of(&service.name);
        let url = format!("https://{}.fly.dev", app.as_ref().map_or(service.name.as_str(), |app| app.name));
        let public = app.and_then(|app| app.public()).is_some_and(|(_, public)| public.path == port.path);
        let number = self.pieces(&publish.port, walk.deeper()).map_err(|(_, why)| why)?;
        if public || number == literal(443) {
            return Ok(literal(url));
        }
        Ok(join(literal(format!("{url}:")).into_iter().chain(number).collect()))
    }

    fn published_url(&self, port: &Port, publish: &Publish, walk: Walk<'_>) -> Result<Vec<Flat>, Unaddressable> {
        let (scheme, usual) = match port.protocol {
            Protocol::Https => ("https", "443"),
            _ => ("http", "80"),
        };
        let host = publish.address.as_deref().filter(|address| *address != "0.0.0.0").unwrap_or("localhost");
        let number = self.pieces(&publish.port, walk.deeper()).map_err(|(_, why)| why)?;
        if number == literal(usual) {
            return Ok(literal(format!("{scheme}://{host}")));
        }
        Ok(join(literal(format!("{scheme}://{host}:")).into_iter().chain(number).collect()))
    }

    fn image(&self, service: &Service, walk: Walk<'_>) -> Result<Vec<Flat>, Unaddressable> {
        if !walk.goes_on() {
            return Err(Unaddressable::Cycle);
        }
        match &service.source {
            Source::Image(name) => self.pieces(name, walk.deeper()).map_err(|(_, why)| why),
            Source::Built(name) => match self.environment.stack.images.get(name) {
                Some(image) => self.built_image(image, walk),
                None => Err(Unaddressable::LeftOut(name.clone())),
            },
        }
    }
}

impl Addressing<'_> {
    /// The name of an image that is built here, without a tag unless it is written: as written, else below the registry, else local to the
    /// machine.
    fn repository(&self, image: &Image, walk: Walk<'_>) -> Result<Vec<Flat>, Unaddressable> {
        let stack = &self.environment.stack;
        Ok(match (&image.tag, &stack.registry) {
            (Some(written), _) => self.pieces(written, walk.deeper()).map_err(|(_, why)| why)?,
            (None, Some(registry)) => {
                let mut name = self.pieces(registry, walk.deeper()).map_err(|(_, why)| why)?;
                name.extend(literal(format!("/{}", image.name)));
                join(name)
            }
            (None, None) => literal(format!("{}-{}", stack.name, image.name)),
        })
    }

    /// The name of an image that is built here, to which whoever pushes it adds tags. `lint` has found it resolvable.
    pub fn known_repository(&self, image: &Image) -> Vec<Flat> {
        let left = Cell::new(MOST_PIECES);
        self.repository(image, Walk { depth: 0, left: &left }).expect("lint refuses an image whose name leads nowhere")
    }

    /// The same, if it has a value here.
    pub fn repository_of(&self, image: &Image) -> Option<Vec<Flat>> {
        let left = Cell::new(MOST_PIECES);
        self.repository(image, Walk { depth: 0, left: &left }).ok()
    }

    /// The same with its tag: in a registry it has one, which the deployment chooses.
    fn built_image(&self, image: &Image, walk: Walk<'_>) -> Result<Vec<Flat>, Unaddressable> {
        let stack = &self.environment.stack;
        let mut name = self.repository(image, walk)?;
        if stack.registry.is_some() && !super::tag::has_tag(&name) {
            let tag = self.variable(IMAGE_TAG, &Operator::None, walk).map_err(|(_, why)| why)?;
            let tag = match tag {
                Flat::Variable { name, default: None, required: None } => {
                    Flat::Variable { name, default: Some(literal(&stack.image_tag)), required: None }
                }
                tag => tag,
            };
            name.extend(literal(":").into_iter().chain([tag]));
        }
        Ok(join(name))
    }
}

/// What is known of a service that runs elsewhere: its host and port, which are also how the outside reaches it.
fn elsewhere(reference: &Reference, external: &External) -> Result<Vec<Flat>, Unaddressable> {
    let External { host, port, name, protocol } = external;
    match reference {
        Reference::Port(service, Some(asked)) if name.as_ref().is_some_and(|name| name != asked) => {
            Err(Unaddressable::NoPort(service.clone()))
        }
        Reference::Host(_) => Ok(literal(host)),
        Reference::Port(..) => Ok(literal(port)),
        Reference::Address(_) | Reference::Url(_) => Ok(literal(format!("{}://{host}:{port}", scheme(*protocol)))),
        Reference::Image(name) => Err(Unaddressable::LeftOut(name.clone())),
        Reference::EnvironmentName => Ok(Vec::new()),
    }
}

/// The scheme of an address where that is spoken.
pub(super) fn scheme(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Http => "http",
        Protocol::Https => "https",
        Protocol::Grpc => "grpc",
        Protocol::Tcp => "tcp",
        Protocol::Udp => "udp",
    }
}

/// The variable that chooses the version of all images of a stack.
pub const IMAGE_TAG: &str = "IMAGE_TAG";

/// The variable that holds the commit which is deployed, for `${git.sha}`.
pub const GIT_SHA: &str = "GIT_SHA";

pub(super) fn literal(text: impl ToString) -> Vec<Flat> {
    vec![Flat::Literal(text.to_string())]
}

/// Neighbouring literals made one.
fn join(flat: Vec<Flat>) -> Vec<Flat> {
    let mut joined: Vec<Flat> = Vec::with_capacity(flat.len());
    for piece in flat {
        match (joined.last_mut(), piece) {
            (Some(Flat::Literal(before)), Flat::Literal(text)) => before.push_str(&text),
            (_, piece) => joined.push(piece),
        }
    }
    joined
}
