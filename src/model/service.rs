//! Services.

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::{
    ConcurrencyType, CpuKind, Duration, Healthcheck, Idle, Probe, Protocol, Restart, Server, Size, Supervise, Text,
    WatchAction,
};
use crate::source::SpecPath;

/// One service.
#[derive(Debug, Clone)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// `services.<name>`.
    pub path: SpecPath,
    /// Folder of its own outputs, relative to the root; `.` is the root.
    pub folder: String,
    /// Where its image comes from.
    pub source: Source,
    /// The words to run instead of the image's own.
    pub command: Option<Vec<Text>>,
    /// The words that replace the image's entrypoint.
    pub entrypoint: Option<Vec<Text>>,
    /// The words to run once before a new version takes traffic.
    pub release: Option<Vec<Text>>,
    /// Several processes in place of one command.
    pub supervise: Option<Supervise>,
    /// The web server, where it serves.
    pub serve: Option<Server>,
    /// Values of `routing` that it carries as the edge.
    pub routed: Vec<Text>,
    /// Its ports by name.
    pub ports: IndexMap<String, Port>,
    /// Its environment; secrets handed over by name included.
    pub env: IndexMap<String, Text>,
    /// What is mounted.
    pub mounts: Vec<Mount>,
    /// Files of variables that it is given whole.
    pub env_file: Vec<String>,
    /// The networks that it joins; none is the one that all share.
    pub networks: Vec<String>,
    /// What it waits for.
    pub depends_on: Vec<Dependency>,
    /// How to tell that it works.
    pub healthcheck: Option<Healthcheck>,
    /// Its limits.
    pub resources: Resources,
    /// How many there are.
    pub scale: Scale,
    /// The profiles of which one must be switched on for it to run; none if it always runs.
    pub profiles: Vec<String>,
    /// The user that the process runs as.
    pub user: Option<String>,
    /// The folder that the process starts in.
    pub working_dir: Option<String>,
    /// Whether a small first process stands before its own.
    pub init: Option<bool>,
    /// Labels of its container.
    pub labels: IndexMap<String, Text>,
    /// When it is started again.
    pub restart: Restart,
    /// The signal that asks it to stop.
    pub stop_signal: Option<String>,
    /// How long it may take to stop.
    pub stop_grace_period: Option<Duration>,
    /// What happens when a file changes, while developing.
    pub develop: Option<Develop>,
    /// Raw words for its part of a Compose file.
    pub compose: Map<String, Value>,
    /// Raw words for its fly.toml.
    pub fly: Map<String, Value>,
}

/// What `docker compose watch` does.
#[derive(Debug, Clone)]
pub struct Develop {
    /// What is watched.
    pub watch: Vec<Watch>,
}

/// A watched path and what follows from a change.
#[derive(Debug, Clone)]
pub struct Watch {
    /// Relative to the root.
    pub path: String,
    /// What follows.
    pub action: WatchAction,
    /// Where the files go in the container.
    pub target: Option<String>,
    /// Patterns that are not watched.
    pub ignore: Vec<String>,
    /// Patterns that alone are watched.
    pub include: Vec<String>,
    /// The command to run in the container.
    pub exec: Option<Vec<Text>>,
}

/// Where a service's image comes from.
#[derive(Debug, Clone)]
pub enum Source {
    /// Somebody else's image.
    Image(Text),
    /// An image of this stack, by its name.
    Built(String),
}

impl Source {
    /// Whether it is the same image as `other`.
    pub fn is_same(&self, other: &Source) -> bool {
        match (self, other) {
            (Source::Built(one), Source::Built(other)) => one == other,
            (Source::Image(one), Source::Image(other)) => one.pieces == other.pieces,
            (Source::Built(_), Source::Image(_)) | (Source::Image(_), Source::Built(_)) => false,
        }
    }
}

impl Service {
    /// The main port: `http`, else the only one.
    pub fn main_port(&self) -> Option<&Port> {
        match self.ports.get("http") {
            Some(port) => Some(port),
            None if self.ports.len() == 1 => self.ports.values().next(),
            None => None,
        }
    }

    /// The last step of the name of somebody else's image, without its tag: `postgres` of `docker.io/library/postgres:17`.
    pub fn foreign_image(&self) -> Option<String> {
        let Source::Image(name) = &self.source else { return None };
        let name = name.as_literal()?;
        let last = name.rsplit('/').next().unwrap_or(&name);
        Some(last.split([':', '@']).next().unwrap_or(last).to_owned())
    }

    /// All its values that may hold references, those of its image apart.
    pub fn texts(&self) -> impl Iterator<Item = &Text> {
        let words = self.command.iter().chain(&self.entrypoint).chain(&self.release).flatten();
        let probe = self.healthcheck.iter().filter_map(|check| match &check.probe {
            Probe::Command(words) => Some(words.iter()),
            Probe::Http(_) | Probe::Tcp(_) => None,
        });
        let publish = self.ports.values().filter_map(|port| port.publish.as_ref()).map(|publish| &publish.port);
        let image = match &self.source {
            Source::Image(name) => Some(name),
            Source::Built(_) => None,
        };
        let supervised = self.supervise.iter().flat_map(|set| set.fixed.iter().map(|(_, text)| text));
        let routed = &self.routed;
        words
            .chain(supervised)
            .chain(self.env.values())
            .chain(self.labels.values())
            .chain(probe.flatten())
            .chain(publish)
            .chain(image)
            .chain(routed)
    }
}

/// A port.
#[derive(Debug, Clone)]
pub struct Port {
    /// Its name.
    pub name: String,
    /// `services.<service>.ports.<name>`.
    pub path: SpecPath,
    /// The number that the process listens on.
    pub number: u16,
    /// What it speaks.
    pub protocol: Protocol,
    /// How the outside reaches it.
    pub publish: Option<Publish>,
    /// Whether those who reach it over TLS check its certificate.
    pub verify: bool,
    /// Raw words for it in a Compose file.
    pub compose: Map<String, Value>,
    /// Raw words for its public service in a fly.toml.
    pub fly: Map<String, Value>,
}

/// A port of the host, or its counterpart elsewhere.
#[derive(Debug, Clone)]
pub struct Publish {
    /// The address of the host to listen on; none is all.
    pub address: Option<String>,
    /// The host's port; may be known at deploy time only.
    pub port: Text,
}

/// Something mounted into the container.
#[derive(Debug, Clone)]
pub struct Mount {
    /// Absolute path in the container.
    pub target: String,
    /// What is mounted.
    pub source: MountSource,
    /// The container may only read.
    pub read_only: bool,
    /// A folder of the host that is not there is made.
    pub makes_folder: bool,
    /// `services.<service>.volumes.<target>`.
    pub path: SpecPath,
}

/// What is mounted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MountSource {
    /// A named volume.
    Volume(String),
    /// A volume without a name, gone with the container.
    Anonymous,
    /// A folder or file of the host.
    Bind(String),
    /// A file system in memory, with its size if it has a limit.
    Tmpfs(Option<Size>),
    /// The value of a secret, as a file.
    Secret(String),
    /// A file of the repository.
    File(String),
}

/// A service that starts first.
#[derive(Debug, Clone)]
pub struct Dependency {
    /// Its name.
    pub service: String,
    /// What is waited for.
    pub condition: Condition,
    /// Where it is said.
    pub path: SpecPath,
}

pub use crate::spec::Condition;

/// Limits of a container or machine.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Resources {
    /// Memory.
    pub memory: Option<Size>,
    /// Processors.
    pub cpus: Option<f64>,
    /// Fly's kind of processor.
    pub cpu_kind: CpuKind,
}

impl Resources {
    /// The least memory that Fly sells for each processor of this kind, in mebibytes.
    pub fn least_megabytes(&self) -> u64 {
        match self.cpu_kind {
            CpuKind::Shared => 256,
            CpuKind::Performance => 2048,
        }
    }
}

/// How many containers or machines there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale {
    /// How many run when idle.
    pub min: u32,
    /// How many machines exist on Fly, if that is said.
    pub max: Option<u32>,
    /// What happens to an idle one on Fly.
    pub idle: Idle,
    /// How much one machine of Fly takes before the next is started.
    pub concurrency: Option<Concurrency>,
}

impl Default for Scale {
    /// One, which stays on.
    fn default() -> Self {
        Scale { min: 1, max: None, idle: Idle::default(), concurrency: None }
    }
}

impl Scale {
    /// How many machines exist on Fly.
    pub fn machines(self) -> u32 {
        self.max.unwrap_or(self.min).max(1)
    }
}

/// How much one machine of Fly takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Concurrency {
    /// What is counted; none is what the port's protocol suggests.
    pub kind: Option<ConcurrencyType>,
    /// How many before others are preferred.
    pub soft: Option<u32>,
    /// How many at most.
    pub hard: Option<u32>,
}
