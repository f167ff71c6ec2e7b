//! Health checks, and how a program inside a container makes one.

use indexmap::IndexMap;

use super::{Duration, Port, Protocol, Service, Text};
use crate::recipe;
use crate::source::SpecPath;

/// How to tell that a service works.
#[derive(Debug, Clone)]
pub struct Healthcheck {
    /// What is tried.
    pub probe: Probe,
    /// Time between two checks.
    pub interval: Duration,
    /// Time after which one counts as failed.
    pub timeout: Duration,
    /// Failures in a row that make it unhealthy.
    pub retries: u32,
    /// Time after the start in which failures do not count.
    pub start_period: Duration,
    /// Time between two checks while the start period lasts.
    pub start_interval: Option<Duration>,
    /// Where it is said; the service itself where the check is stackc's own.
    pub path: SpecPath,
}

/// What a health check tries.
#[derive(Debug, Clone)]
pub enum Probe {
    /// An HTTP request.
    Http(Request),
    /// A connection to the port of this name.
    Tcp(String),
    /// A command in the container.
    Command(Vec<Text>),
}

/// A request that must be answered with 2xx.
#[derive(Debug, Clone)]
pub struct Request {
    /// What is asked for.
    pub path: String,
    /// The name of the port; none is the main one.
    pub port: Option<String>,
    /// `GET`, `HEAD`, …
    pub method: String,
    /// Its headers.
    pub headers: IndexMap<String, String>,
}

impl Healthcheck {
    /// The port of `service` that is asked, if something is asked over the network and there is such a port.
    pub fn port<'s>(&self, service: &'s Service) -> Option<&'s Port> {
        match &self.probe {
            Probe::Http(Request { port: None, .. }) => service.main_port(),
            Probe::Http(Request { port: Some(name), .. }) | Probe::Tcp(name) => service.ports.get(name),
            Probe::Command(_) => None,
        }
    }
}

impl Healthcheck {
    /// The words that let `program` ask `port` inside the container; none where it cannot ask that.
    pub fn words(&self, program: &recipe::Probe, port: &Port) -> Option<Vec<String>> {
        let seconds = self.timeout.0.div_ceil(1000).max(1);
        match &self.probe {
            Probe::Command(_) => None,
            Probe::Tcp(_) => (program.tcp)(port.number, seconds),
            Probe::Http(Request { path, method, headers, .. }) => {
                let (secure, port) = (port.protocol == Protocol::Https, port.number);
                (program.http)(&recipe::Request { method, secure, port, path, headers, seconds })
            }
        }
    }
}

/// Programs of well-known images that tell whether their server answers, by the last step of the image's name.
const KNOWN: &[(&str, &[&str])] = &[
    // Over TCP: while the data folder is made, the server answers on its socket alone.
    ("postgres", &["pg_isready", "-h", "127.0.0.1"]),
    ("postgis", &["pg_isready", "-h", "127.0.0.1"]),
    ("pgvector", &["pg_isready", "-h", "127.0.0.1"]),
    ("timescaledb", &["pg_isready", "-h", "127.0.0.1"]),
    ("redis", &["redis-cli", "ping"]),
    ("valkey", &["valkey-cli", "ping"]),
    ("mysql", &["mysqladmin", "ping", "-h", "127.0.0.1"]),
    ("mariadb", &["healthcheck.sh", "--connect", "--innodb_initialized"]),
    ("mongo", &["mongosh", "--quiet", "--eval", "db.adminCommand('ping').ok"]),
    ("rabbitmq", &["rabbitmq-diagnostics", "-q", "ping"]),
];

/// The port that a program asks unless an option says another.
const PORTS: &[(&str, u16, &str)] = &[
    ("pg_isready", 5432, "-p"),
    ("redis-cli", 6379, "-p"),
    ("valkey-cli", 6379, "-p"),
    ("mysqladmin", 3306, "-P"),
    ("mongosh", 27017, "--port"),
];

impl Service {
    /// The words that ask its server, where its image is a well-known one with a program for that: at the port that the service declares.
    pub fn own_probe(&self) -> Option<Vec<String>> {
        let image = self.foreign_image()?;
        let (_, words) = KNOWN.iter().find(|(name, _)| *name == image)?;
        let mut words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let option = PORTS.iter().find(|(program, ..)| words[0] == *program);
        if let (Some((_, usual, option)), [port]) = (option, self.ports.values().collect::<Vec<_>>().as_slice())
            && port.number != *usual
        {
            words.splice(1..1, [(*option).to_owned(), port.number.to_string()]);
        }
        Some(words)
    }
}
