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
    /// The words that let `program` ask `port` inside the container; none where it cannot ask that. 127.0.0.1, because localhost may mean ::1 alone.
    pub fn words(&self, program: recipe::Probe, port: &Port) -> Option<Vec<String>> {
        let seconds = self.timeout.0.div_ceil(1000).max(1);
        match &self.probe {
            Probe::Command(_) => None,
            Probe::Tcp(_) => connection(program, port.number, seconds),
            Probe::Http(request) => {
                let secure = port.protocol == Protocol::Https;
                let url =
                    format!("{}://127.0.0.1:{}{}", if secure { "https" } else { "http" }, port.number, request.path);
                match program {
                    recipe::Probe::Wget => wget(request, secure, url),
                    recipe::Probe::Curl => Some(curl(request, secure, url)),
                    recipe::Probe::Python => Some(python(request, secure, &url, seconds)),
                    recipe::Probe::Node => Some(node(request, secure, &url)),
                    recipe::Probe::Ruby => Some(ruby(request, secure, port.number, &url)),
                }
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

fn connection(program: recipe::Probe, port: u16, seconds: u64) -> Option<Vec<String>> {
    let words = match program {
        recipe::Probe::Wget => {
            let (seconds, port) = (seconds.to_string(), port.to_string());
            return Some(["nc", "-z", "-w", &seconds, "127.0.0.1", &port].map(str::to_owned).to_vec());
        }
        recipe::Probe::Curl => return None,
        recipe::Probe::Node => {
            let script = format!(
                "require('net').connect({port}, '127.0.0.1', () => process.exit(0)).on('error', () => process.exit(1))"
            );
            return Some(vec!["node".to_owned(), "-e".to_owned(), script]);
        }
        recipe::Probe::Ruby => {
            let script = format!("Socket.tcp('127.0.0.1', {port}, connect_timeout: {seconds}).close");
            return Some(["ruby", "-rsocket", "-e", &script].map(str::to_owned).to_vec());
        }
        recipe::Probe::Python => {
            format!("import socket; socket.create_connection(('127.0.0.1', {port}), timeout={seconds}).close()")
        }
    };
    Some(vec!["python".to_owned(), "-c".to_owned(), words])
}

/// Busybox's wget asks with GET, and knows no other method.
fn wget(request: &Request, secure: bool, url: String) -> Option<Vec<String>> {
    let flags = ["wget", "-q"].into_iter().chain(secure.then_some("--no-check-certificate")).chain(["--spider"]);
    let headers = request.headers.iter().flat_map(|(name, value)| ["--header".to_owned(), format!("{name}: {value}")]);
    (request.method == "GET").then(|| flags.map(str::to_owned).chain(headers).chain([url]).collect())
}

fn curl(request: &Request, secure: bool, url: String) -> Vec<String> {
    let flags = if secure { "-kfsS" } else { "-fsS" };
    let mut words: Vec<String> = ["curl", flags, "-o", "/dev/null"].map(str::to_owned).to_vec();
    match request.method.as_str() {
        "GET" => {}
        "HEAD" => words.push("--head".to_owned()),
        method => words.extend(["-X".to_owned(), method.to_owned()]),
    }
    words.extend(request.headers.iter().flat_map(|(name, value)| ["-H".to_owned(), format!("{name}: {value}")]));
    words.push(url);
    words
}

fn python(request: &Request, secure: bool, url: &str, seconds: u64) -> Vec<String> {
    let context = if secure { ", context=__import__('ssl')._create_unverified_context()" } else { "" };
    let plain = request.method == "GET" && request.headers.is_empty();
    let program = if plain {
        format!("from urllib.request import urlopen; urlopen('{url}', timeout={seconds}{context})")
    } else {
        let headers: Vec<String> = request.headers.iter().map(|(name, value)| format!("'{name}': '{value}'")).collect();
        format!(
            "from urllib.request import Request, urlopen; urlopen(Request('{url}', method='{}', headers={{{}}}), timeout={seconds}{context})",
            request.method,
            headers.join(", ")
        )
    };
    vec!["python".to_owned(), "-c".to_owned(), program]
}

fn node(request: &Request, secure: bool, url: &str) -> Vec<String> {
    let trust = if secure { "process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'; " } else { "" };
    let headers: Vec<String> = request.headers.iter().map(|(name, value)| format!("'{name}': '{value}'")).collect();
    let options = match (request.method.as_str(), headers.is_empty()) {
        ("GET", true) => String::new(),
        (method, _) => format!(", {{method: '{method}', headers: {{{}}}}}", headers.join(", ")),
    };
    let script = format!("{trust}fetch('{url}'{options}).then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))");
    vec!["node".to_owned(), "-e".to_owned(), script]
}

fn ruby(request: &Request, secure: bool, port: u16, url: &str) -> Vec<String> {
    let answer = if request.method == "GET" && request.headers.is_empty() && !secure {
        format!("Net::HTTP.get_response(URI('{url}'))")
    } else {
        let tls = if secure { ", use_ssl: true, verify_mode: OpenSSL::SSL::VERIFY_NONE" } else { "" };
        let headers: Vec<String> =
            request.headers.iter().map(|(name, value)| format!(", '{name}' => '{value}'")).collect();
        format!(
            "Net::HTTP.start('127.0.0.1', {port}, nil{tls}) {{ |http| http.send_request('{}', '{}', nil, {{{}}}) }}",
            request.method,
            request.path,
            headers.concat().trim_start_matches(", ")
        )
    };
    let script = format!("exit {answer}.is_a?(Net::HTTPSuccess)");
    ["ruby", "-rnet/http", "-e", &script].map(str::to_owned).to_vec()
}
