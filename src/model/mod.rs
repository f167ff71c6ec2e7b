//! stack.yaml as it is meant: no sugar, no open default, references typed. Made by `resolve`, read by `lint` and `emit`; nobody
//! changes it. Every part keeps the path in stack.yaml that it came from.

mod addressing;
mod app;
pub mod certbot;
mod ci;
mod entrypoint;
mod health;
mod image;
mod job;
mod layers;
mod listen;
mod outside;
mod routing;
mod server;
mod service;
mod settings;
mod supervise;
mod tag;
mod text;
mod units;

use std::rc::Rc;

use indexmap::IndexMap;
use serde_json::{Map, Value};

pub use addressing::{Addressing, GIT_SHA, IMAGE_TAG, Unaddressable};
pub use app::{App, AppSecret, SCRIPT_VARIABLES};
pub use ci::{
    Access, Answer, Cache, Ci, Deploy, GitHub, Input, Publishing, Release, Scanner, ShellLine, Tag, Test, When,
};
pub use entrypoint::Entrypoint;
pub use health::{Healthcheck, Probe, Request};
pub use image::{Copy, Dockerfile, Image, Inputs, Origin, Package, PackageStage, steers_docker};
pub use job::{Database, Job, Saved, Schedule};
pub use layers::UNPRIVILEGED;
pub use outside::{Outside, Unreachable};
pub use routing::{
    Action, Caching, Host, HostName, Limit, Proxy, RateLimit, Route, RouteTable, Tls, TlsSource, Upstream,
    is_authority, is_host,
};
pub use server::Server;
pub use service::{
    Concurrency, Condition, Dependency, Develop, Mount, MountSource, Port, Publish, Resources, Scale, Service, Source,
    Watch,
};
pub use settings::{Fill, fills, upstream_fills};
pub use supervise::{FirstRun, Process, Ready, ReadyProbe, Runs, Supervise, Word};
pub use text::{Flat, Operator, Piece, Reference, Text, Variable};
pub use units::{Duration, Size};

pub use crate::spec::{ConcurrencyType, CpuKind, Idle, Protocol, Restart, Stage, Strategy, WatchAction, datastore_at};

use crate::pins::Pins;
use crate::source::{Locate, SpecPath};

/// The whole of a stack.yaml: what images are made from, and each environment.
#[derive(Clone)]
pub struct Program {
    /// The stack without any environment: what is baked into images is made from it.
    pub base: Stack,
    /// Where the base's paths are found in the source.
    pub locate: Rc<dyn Locate>,
    /// The environments, in the order written.
    pub environments: Vec<Environment>,
    /// What continuous integration does.
    pub ci: Ci,
    /// The versions of what workflows use of others.
    pub pins: Pins,
    /// The paths of the outputs of which the user has the last word, in `overrides`.
    pub overridden: Vec<String>,
}

/// One environment with its overlay applied.
#[derive(Clone)]
pub struct Environment {
    /// Its name.
    pub name: String,
    /// `environments.<name>`.
    pub path: SpecPath,
    /// What runs it.
    pub platform: Platform,
    /// The profiles that are switched on.
    pub profiles: Vec<String>,
    /// Raw words for its platform's files.
    pub words: Map<String, Value>,
    /// The stack as it is here, without the services that are left out.
    pub stack: Stack,
    /// Where this environment's paths are found in the source: where the overlay won, in the overlay.
    pub locate: Rc<dyn Locate>,
}

/// What runs an environment, with that platform's own settings.
#[derive(Debug, Clone, PartialEq)]
pub enum Platform {
    /// Docker Compose.
    Compose {
        /// Path of its file.
        file: String,
        /// The project's name.
        project: String,
        /// Whether images come from the registry, and nothing is built.
        pull: bool,
        /// Memory of the machine.
        memory_budget: Option<Size>,
        /// The file in which the values lie where it is deployed.
        env_file: Option<String>,
        /// The server that it is deployed to.
        ssh: Option<Ssh>,
    },
    /// Fly.io.
    Fly {
        /// The organization that owns the apps.
        org: Option<String>,
        /// The region of the machines.
        region: Option<String>,
        /// Further regions that machines are spread over.
        regions: Vec<String>,
        /// How a new version takes the place of the old one.
        strategy: Option<Strategy>,
        /// The app of each service.
        apps: IndexMap<String, String>,
        /// The URL prefix of each service whose files Fly's proxy serves.
        statics: IndexMap<String, String>,
        /// Name of its files: `fly.toml`, or `fly.<env>.toml` for a second Fly environment.
        file: String,
    },
}

/// A server that is reached over SSH.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ssh {
    /// Folder on it that holds the Compose file.
    pub path: String,
    /// How long the services may take to become healthy.
    pub wait: Duration,
}

impl Ssh {
    /// How long services may take to become healthy, where nothing is said.
    pub const WAIT: Duration = Duration::seconds(120);
}

impl Platform {
    /// The platform's name as a person writes it.
    pub fn title(&self) -> &'static str {
        match self {
            Platform::Compose { .. } => "Compose",
            Platform::Fly { .. } => "Fly",
        }
    }
}

/// A stack, of the base or of one environment.
#[derive(Debug, Clone, Default)]
pub struct Stack {
    /// Its name.
    pub name: String,
    /// The services by name, in the order written.
    pub services: IndexMap<String, Service>,
    /// The images that are built here, by name: those of services, and those that several share.
    pub images: IndexMap<String, Image>,
    /// What runs when asked for or on a schedule, by name.
    pub jobs: IndexMap<String, Job>,
    /// Services that run elsewhere, by name.
    pub external: IndexMap<String, External>,
    /// Services that exist and do not run here.
    pub left_out: Vec<String>,
    /// The volumes by name.
    pub volumes: IndexMap<String, Volume>,
    /// The networks by name, with whether nothing in them reaches the outside.
    pub networks: IndexMap<String, bool>,
    /// Where images are pushed and pulled.
    pub registry: Option<Text>,
    /// The tag of pulled images where the deployment chooses none: one that CI moves.
    pub image_tag: String,
    /// The secrets by name.
    pub secrets: IndexMap<String, Secret>,
    /// The deploy-time variables by name.
    pub variables: IndexMap<String, Declared>,
    /// The variables and secrets that raw words of the platform ask for.
    pub words: Vec<Text>,
    /// The routes of the edge, if any.
    pub routes: Option<RouteTable>,
}

/// A service that runs elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct External {
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Which of the service's ports that is.
    pub name: Option<String>,
    /// What it speaks.
    pub protocol: Protocol,
}

/// A declared volume.
#[derive(Debug, Clone, PartialEq)]
pub struct Volume {
    /// Its size where it is a disk of one machine.
    pub size: Option<Size>,
    /// Raw words for its part of a Compose file.
    pub compose: Map<String, Value>,
    /// Raw words for its mount in a fly.toml.
    pub fly: Map<String, Value>,
}

/// A declared secret.
#[derive(Debug, Clone, PartialEq)]
pub struct Secret {
    /// What it is.
    pub description: Option<String>,
    /// Whether the stack refuses to start without it.
    pub required: bool,
    /// When it is needed.
    pub stage: Stage,
    /// Characters that a value must have at least.
    pub min_length: Option<u32>,
    /// The file on the host that holds the value, where it is handed over as a file.
    pub file: Option<Text>,
    /// Bytes of the random value to make.
    pub generate: Option<u32>,
    /// A development value, in a local Compose environment.
    pub default: Option<String>,
}

/// A declared deploy-time variable.
#[derive(Debug, Clone, PartialEq)]
pub struct Declared {
    /// The value it has when nobody sets it.
    pub default: Option<Text>,
    /// Whether the environment says so, and not the base: that is meant more than what stands in place.
    pub of_environment: bool,
    /// Whether the stack refuses to start without it.
    pub required: bool,
    /// What it is.
    pub description: Option<String>,
}

impl Environment {
    /// Whether images come from the registry, and nothing is built.
    pub fn pulls(&self) -> bool {
        matches!(self.platform, Platform::Compose { pull: true, .. })
    }

    /// Path of the script that deploys it, from the root.
    pub fn script(&self) -> String {
        format!("deploy/{}.sh", self.name)
    }

    /// Whether `service` runs here without being asked for: it is no job, and has no profile, or one that is switched on.
    pub fn always_runs(&self, service: &Service) -> bool {
        let on = service.profiles.is_empty() || service.profiles.iter().any(|profile| self.profiles.contains(profile));
        on && !self.stack.jobs.contains_key(&service.name)
    }

    /// All values that may hold references, of what is built only where something is built.
    pub fn texts(&self) -> impl Iterator<Item = &Text> {
        self.stack.values(!self.pulls())
    }
}

impl Stack {
    /// The image that `service` runs, if it is built here.
    pub fn image_of(&self, service: &Service) -> Option<&Image> {
        match &service.source {
            Source::Built(image) => self.images.get(image),
            Source::Image(_) => None,
        }
    }

    /// The image that `service` builds for itself.
    pub fn own_image(&self, service: &Service) -> Option<&Image> {
        self.image_of(service).filter(|image| image.owner.as_ref() == Some(&service.name))
    }

    /// The services, then what jobs run.
    pub fn all(&self) -> impl Iterator<Item = &Service> {
        self.services.values().chain(self.jobs.values().map(|job| &job.service))
    }

    /// The services and jobs that run the image of that name, in the order written.
    pub fn runners<'s>(&'s self, image: &'s str) -> impl Iterator<Item = &'s Service> {
        self.all().filter(move |service| matches!(&service.source, Source::Built(built) if built == image))
    }

    /// The images that some service runs.
    pub fn images_in_use(&self) -> impl Iterator<Item = &Image> {
        self.images.values().filter(|image| self.runners(&image.name).next().is_some())
    }

    /// All values of its services and of the images that they run that may hold references.
    pub fn texts(&self) -> impl Iterator<Item = &Text> {
        self.values(true)
    }

    fn values(&self, built: bool) -> impl Iterator<Item = &Text> {
        let services = self.all().flat_map(|service| service.texts());
        let files = self.secrets.values().filter_map(|secret| secret.file.as_ref());
        let images = self.images_in_use().filter(move |_| built).flat_map(|image| image.texts());
        services.chain(images).chain(files).chain(&self.words).chain(&self.registry)
    }
}
