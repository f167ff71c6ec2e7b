//! How tests reach services: from outside their network, on the machine where Compose has started them. A host is the machine itself, a port
//! the one that is published.

use std::cell::Cell;

use super::addressing::scheme;
use super::{
    Addressing, Condition, Environment, Flat, MountSource, Operator, Piece, Platform, Port, Program, Reference,
    Restart, Secret, Service, Stage, Test, Text, Unaddressable,
};

/// The machine itself.
const HERE: &str = "127.0.0.1";
/// More names than any sensible test fills in: values that double at each step.
const MOST_FILLED: usize = 100;

/// Resolves the references of one test.
#[derive(Clone, Copy)]
pub struct Outside<'a> {
    environment: &'a Environment,
    test: &'a Test,
}

/// Why a test cannot reach what it refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreachable {
    /// The test does not start the service.
    NotStarted(String),
    /// The service publishes no port that is meant.
    Unpublished(String),
    /// It has no value in the environment at all.
    Unaddressable(Unaddressable),
}

impl Program {
    /// The environment from which the services of `test` are started: the first on Compose that runs them all, rather one that builds its
    /// images. A test that starts none takes the first environment there is.
    pub fn environment_of(&self, test: &Test) -> Option<&Environment> {
        let runs = |environment: &&Environment| {
            test.services.iter().all(|service| environment.stack.services.contains_key(service))
        };
        let compose = |pulled: bool| {
            let on = |environment: &&Environment| match &environment.platform {
                Platform::Compose { pull, .. } => *pull == pulled,
                Platform::Fly { .. } => false,
            };
            self.environments.iter().filter(on).find(runs)
        };
        let any = || self.environments.first().filter(|_| test.services.is_empty());
        compose(false).or_else(|| compose(true)).or_else(any)
    }
}

impl<'a> Outside<'a> {
    /// The view of `test` on `environment`.
    pub fn new(environment: &'a Environment, test: &'a Test) -> Self {
        Outside { environment, test }
    }

    /// The services that run beside the test: those it names, and what they wait for.
    pub fn started(&self) -> Vec<&'a Service> {
        let services = &self.environment.stack.services;
        let mut started: Vec<&Service> = Vec::new();
        let mut next: Vec<&str> = self.test.services.iter().map(String::as_str).collect();
        while let Some(name) = next.pop() {
            let Some(service) =
                services.get(name).filter(|service| started.iter().all(|other| other.name != service.name))
            else {
                continue;
            };
            started.push(service);
            next.extend(service.depends_on.iter().map(|dependency| dependency.service.as_str()));
        }
        started
    }

    /// Whether Compose can be asked to wait until all of them are up: one that ends, and that nobody waits for, would look like a failure.
    pub fn can_wait(&self) -> bool {
        let started = self.started();
        let ends = |service: &Service| matches!(service.restart, Restart::Never | Restart::OnFailure);
        let waited_for = |name: &str| {
            let dependencies = started.iter().flat_map(|service| &service.depends_on);
            dependencies.into_iter().any(|other| other.service == name && other.condition == Condition::Completed)
        };
        started.iter().all(|service| !ends(service) || waited_for(&service.name))
    }

    /// Whether one of them is built here.
    pub fn builds(&self) -> bool {
        let built = |service: &&Service| self.environment.stack.image_of(service).is_some();
        let pulls = matches!(self.environment.platform, Platform::Compose { pull: true, .. });
        !pulls && self.started().iter().any(built)
    }

    /// `text` with all references resolved. What the test sets itself stands in place of its name, for service and test alike.
    ///
    /// # Errors
    /// The reference that has no value here, and why.
    pub fn resolve(&self, text: &Text) -> Result<Vec<Flat>, (Reference, Unreachable)> {
        let own = self.test.env.iter().find(|(_, other)| other.path == text.path);
        let own: Vec<&str> = own.iter().map(|(name, _)| name.as_str()).collect();
        self.within(text, &own, &Cell::new(MOST_FILLED))
    }

    /// `text` as it stands in the variables of the test that are `open`.
    fn within(&self, text: &Text, open: &[&str], left: &Cell<usize>) -> Result<Vec<Flat>, (Reference, Unreachable)> {
        self.filled(self.pieces(text)?, open, left)
    }

    fn filled(
        &self,
        flat: Vec<Flat>,
        open: &[&str],
        left: &Cell<usize>,
    ) -> Result<Vec<Flat>, (Reference, Unreachable)> {
        let mut filled: Vec<Flat> = Vec::new();
        for piece in flat {
            let set = match &piece {
                Flat::Literal(_) => None,
                Flat::Variable { name, .. } | Flat::Secret(name) => self.set(name, open, left),
            };
            match (set, piece) {
                (Some((name, text)), _) => filled.extend(self.within(text, &[open, &[name]].concat(), left)?),
                (None, Flat::Variable { name, default, required }) => {
                    let default = default.map(|default| self.filled(default, open, left)).transpose()?;
                    filled.push(Flat::Variable { name, default, required });
                }
                (None, piece) => filled.push(piece),
            }
        }
        Ok(filled)
    }

    /// What the test sets `name` to, unless that is where it stands; a secret of CI is GitHub's, whatever a variable is called.
    fn set(&self, name: &str, open: &[&str], left: &Cell<usize>) -> Option<(&'a str, &'a Text)> {
        let ci = self.environment.stack.secrets.get(name).is_some_and(|secret| secret.stage == Stage::Ci);
        let (name, text) = self.test.env.get_key_value(name).filter(|_| !ci && !open.contains(&name))?;
        left.set(left.get().checked_sub(1)?);
        Some((name, text))
    }

    fn pieces(&self, text: &Text) -> Result<Vec<Flat>, (Reference, Unreachable)> {
        let mut flat = Vec::new();
        for piece in &text.pieces {
            let piece = match piece {
                Piece::Reference(reference) => self.reference(reference).map_err(|why| (reference.clone(), why))?,
                other => self.addressed(other)?,
            };
            flat.extend(piece);
        }
        Ok(flat)
    }

    /// `text`, all of whose references `lint` has found resolvable.
    pub fn known(&self, text: &Text) -> Vec<Flat> {
        self.resolve(text).expect("lint refuses a test that refers to what it cannot reach")
    }

    fn addressed(&self, piece: &Piece) -> Result<Vec<Flat>, (Reference, Unreachable)> {
        let text = Text { pieces: vec![piece.clone()], ..Text::default() };
        let resolved = Addressing::new(self.environment).resolve(&text);
        resolved.map_err(|(reference, why)| (reference, Unreachable::Unaddressable(why)))
    }

    fn reference(&self, reference: &Reference) -> Result<Vec<Flat>, Unreachable> {
        let addressed = || self.addressed(&Piece::Reference(reference.clone())).map_err(|(_, why)| why);
        let Some(service) = reference.service().and_then(|name| self.environment.stack.services.get(name)) else {
            return addressed();
        };
        match reference {
            Reference::Host(_) => self.is_there(service).map(|()| vec![Flat::Literal(HERE.to_owned())]),
            Reference::Port(_, name) => self.port(service, name.as_deref()),
            Reference::Address(_) => {
                let scheme = service.main_port().map_or("tcp", |port| scheme(port.protocol));
                let port = self.port(service, None)?;
                Ok(std::iter::once(Flat::Literal(format!("{scheme}://{HERE}:"))).chain(port).collect())
            }
            Reference::Url(_) | Reference::Image(_) | Reference::EnvironmentName => addressed(),
        }
    }

    fn is_there(&self, service: &Service) -> Result<(), Unreachable> {
        let there = service.name == self.test.service || self.started().iter().any(|other| other.name == service.name);
        if there { Ok(()) } else { Err(Unreachable::NotStarted(service.name.clone())) }
    }

    /// The number under which the port is reached: of what is tested itself and runs in no container, its own.
    fn port(&self, service: &Service, name: Option<&str>) -> Result<Vec<Flat>, Unreachable> {
        self.is_there(service)?;
        let port: Option<&Port> = name.map_or_else(|| service.main_port(), |name| service.ports.get(name));
        let port = port.ok_or_else(|| Unreachable::Unaddressable(Unaddressable::NoPort(service.name.clone())))?;
        if self.started().iter().all(|other| other.name != service.name) {
            return Ok(vec![Flat::Literal(port.number.to_string())]);
        }
        let publish = port.publish.as_ref().ok_or_else(|| Unreachable::Unpublished(service.name.clone()))?;
        let resolved = Addressing::new(self.environment).resolve(&publish.port);
        resolved.map_err(|(_, why)| Unreachable::Unaddressable(why))
    }

    /// The services that the test names.
    pub fn named(&self) -> impl Iterator<Item = &'a str> {
        self.test.services.iter().map(String::as_str)
    }

    /// The variables of the test that the Compose file reads as well.
    pub fn shared(&self) -> Vec<&'a str> {
        let stack = &self.environment.stack;
        let reads = |name: &&str| {
            let mut pieces = stack.texts().flat_map(|text| text.walk());
            pieces.any(|piece| match piece {
                Piece::Variable(variable) => variable.name == **name,
                Piece::Secret(secret) => secret == name,
                Piece::Literal(_) | Piece::Reference(_) => false,
            })
        };
        self.test.env.keys().map(String::as_str).filter(reads).collect()
    }

    /// The secrets with which the images of the started services are built.
    pub fn building(&self) -> Vec<&'a str> {
        let mut names: Vec<&str> = Vec::new();
        let stack = &self.environment.stack;
        for image in self.started().into_iter().filter(|_| self.builds()).filter_map(|service| stack.image_of(service))
        {
            names.extend(image.secrets.iter().map(String::as_str));
        }
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The secrets that the started services find in files, and that no file of the machine holds.
    fn mounted(&self) -> impl Iterator<Item = &'a str> {
        let secrets = &self.environment.stack.secrets;
        let mounts = self.started().into_iter().flat_map(|service| &service.mounts);
        let names = mounts.filter_map(|mount| {
            let MountSource::Secret(name) = &mount.source else { return None };
            Some(name.as_str())
        });
        let open =
            |name: &&str| secrets.get(*name).is_some_and(|secret| secret.file.is_none() && secret.default.is_none());
        names.filter(open)
    }

    /// What must have a value that nothing gives it, and for which any will do: secrets of running services, and variables that are wanted only
    /// because Compose reads its whole file.
    pub fn made_up(&self) -> Vec<&'a str> {
        let stack = &self.environment.stack;
        let mut names: Vec<&str> = Vec::new();
        let mut add = |name: &'a str| {
            if !names.contains(&name) {
                names.push(name);
            }
        };
        let secret = |name: &str| stack.secrets.get_key_value(name).filter(|(_, secret)| needs_value(secret));
        let own = self.test.env.values().flat_map(|text| self.resolve(text).unwrap_or_default());
        for piece in own.collect::<Vec<_>>() {
            for name in secrets_of(&piece) {
                secret(name).into_iter().for_each(|(name, _)| add(name));
            }
        }
        let needed: Vec<&str> = self.needed().into_iter().map(|needed| needed.name).collect();
        let open = |name: &str| !self.test.env.contains_key(name) && !needed.contains(&name);
        let file = stack.texts().filter(|_| !self.test.services.is_empty()).flat_map(|text| text.walk());
        for piece in file {
            let name = match piece {
                Piece::Secret(name) => secret(name).map(|(name, _)| name.as_str()),
                Piece::Variable(_) => self.required_variable(piece),
                Piece::Literal(_) | Piece::Reference(_) => None,
            };
            name.filter(|name| open(name)).into_iter().for_each(&mut add);
        }
        self.mounted().filter(|name| open(name)).for_each(&mut add);
        names
    }

    /// The variables that nothing gives a value, and for which not any will do: of the test itself, of the services that it starts, and numbers of
    /// ports.
    pub fn needed(&self) -> Vec<Needed<'a>> {
        let stack = &self.environment.stack;
        let own = self.test.env.values().map(|text| (text, None));
        let started = self.started();
        let images = started.iter().filter_map(|service| stack.image_of(service)).filter(|_| self.builds());
        let arguments = images.flat_map(|image| image.args.values()).map(|text| (text, None));
        let texts = started.iter().flat_map(|service| service.texts()).map(|text| (text, None));
        let ports = stack.services.values().filter(|_| !started.is_empty()).flat_map(|service| service.ports.values());
        let ports = ports.filter_map(|port| Some((&port.publish.as_ref()?.port, Some(port.number))));
        let mut needed: Vec<Needed<'a>> = Vec::new();
        for (text, port) in ports.chain(own).chain(texts).chain(arguments) {
            for piece in text.walk() {
                let Some(name) = self.required_variable(piece) else { continue };
                let known = self.test.env.contains_key(name) || needed.iter().any(|other| other.name == name);
                if !known {
                    needed.push(Needed { name, text, port });
                }
            }
        }
        needed
    }

    /// The files of secrets that the started services find mounted, relative to the root; a fresh checkout has none of them.
    pub fn secret_files(&self) -> Vec<String> {
        let secrets = &self.environment.stack.secrets;
        let mounts = self.started().into_iter().flat_map(|service| &service.mounts);
        let files = mounts.filter_map(|mount| {
            let MountSource::Secret(name) = &mount.source else { return None };
            secrets.get(name)?.file.as_ref()?.as_literal()
        });
        let mut files: Vec<String> = files.filter(|file| !file.starts_with(['/', '~'])).collect();
        files.sort_unstable();
        files.dedup();
        files
    }

    /// The variable that `piece` is, if it has no value unless somebody sets it.
    fn required_variable<'p>(&self, piece: &'p Piece) -> Option<&'p str> {
        let Piece::Variable(variable) = piece else { return None };
        let declared = self.environment.stack.variables.get(&variable.name);
        let required = match &variable.operator {
            Operator::Required(_) => declared.is_none_or(|declared| declared.default.is_none()),
            Operator::None => declared.is_some_and(|declared| declared.required && declared.default.is_none()),
            Operator::Default(_) => false,
        };
        required.then_some(variable.name.as_str())
    }
}

/// A variable that nothing gives a value.
#[derive(Debug, Clone, Copy)]
pub struct Needed<'a> {
    /// Its name.
    pub name: &'a str,
    /// The value in which it stands.
    pub text: &'a Text,
    /// The port whose number outside it is.
    pub port: Option<u16>,
}

/// The secrets in a piece, those of its default among them.
fn secrets_of(piece: &Flat) -> Vec<&str> {
    match piece {
        Flat::Literal(_) => Vec::new(),
        Flat::Secret(name) => vec![name],
        Flat::Variable { default, .. } => default.iter().flatten().flat_map(secrets_of).collect(),
    }
}

fn needs_value(secret: &Secret) -> bool {
    secret.stage == Stage::Run && secret.default.is_none() && secret.required
}
