//! `services.<name>`.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::door::{ComposePort, ComposeService, FlyFile, FlyService};
use super::form;
use super::{Build, Command, NamesOr, Process, Scalar, ScalarOr, Test};

/// One service: a container of its own. It has exactly one source: `build` (ours), `image` (somebody else's) or `uses`
/// (an entry of `images`, or another service's image).
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[schemars(extend("patternProperties" = {"^x-": {"description": "Ignored; a place for YAML anchors."}}))]
pub struct Service {
    /// Folder of the service's own outputs (`Dockerfile`, `fly.toml`), such as `api`. Default: `.` if it is the only built service, else its
    /// name; where that lies outside the build's `context`, the context, or a folder of it where several are built of that.
    pub path: Option<String>,
    /// Image to run, with its tag, such as `postgres:17`. Beside `build`: the name of what is built.
    #[schemars(extend("pattern" = "^[a-z0-9$][A-Za-z0-9._/:@${}?-]*$", "patternErrorMessage" = "an image is written NAME:TAG, such as postgres:17"))]
    pub image: Option<String>,
    /// How the image is built; a folder means its own Dockerfile: `./api`.
    pub build: Option<ScalarOr<Build>>,
    /// The image to run, by name: an entry of `images`, or another service whose image this one runs, such as `api`.
    pub uses: Option<String>,
    /// Where it runs instead, as `HOST:PORT`, such as a managed database: nothing is started for it, and references lead there. Usually in an
    /// environment's overlay.
    #[schemars(extend("pattern" = "^[A-Za-z0-9.-]+:[0-9]{1,5}$", "patternErrorMessage" = "write HOST:PORT, such as db.example.com:5432"))]
    pub external: Option<String>,
    /// What the container runs: a list of words, or a line that is split into words. No shell is involved.
    pub command: Option<Command>,
    /// Replaces the image's own entrypoint; in the same forms as `command`.
    pub entrypoint: Option<Command>,
    /// Several processes in this one container, by name: a generated entrypoint starts, watches and stops them. In place of `command`. For example `supervise: {api: {command: python -m api}, worker: {command: python -m worker}}`.
    #[serde(default)]
    #[schemars(extend("propertyNames" = form::dns_label_names(), "minProperties" = 1))]
    pub supervise: IndexMap<String, Process>,
    /// The image of a web server, nginx or Caddy, that serves the built site and carries the routes in this container: `nginx:stable-alpine`.
    #[schemars(extend("pattern" = "^(nginx|caddy):[A-Za-z0-9._-]+(@sha256:[0-9a-f]+)?$", "patternErrorMessage" = "`serve` takes an image of nginx or Caddy with its tag, such as nginx:stable-alpine", "examples" = ["nginx:stable-alpine"]))]
    pub serve: Option<String>,
    /// Ports by name: `http: 3000`, or what else is known of it. `http`, else the only one, is the main port.
    #[serde(default)]
    #[schemars(extend("propertyNames" = form::dns_label_names()))]
    pub ports: IndexMap<String, ScalarOr<Port>>,
    /// Environment variables. A value may hold references such as `${services.db.host}` or `${secrets.NAME}`.
    #[serde(default)]
    #[schemars(extend("propertyNames" = form::variable_names()))]
    pub env: IndexMap<String, Scalar>,
    /// Secrets that are handed over as environment variables of the same name, such as `[API_TOKEN]`.
    #[serde(default)]
    #[schemars(schema_with = "form::names")]
    pub secrets: Vec<String>,
    /// What is mounted, by path in the container: a volume's name, a folder such as `./src`, or what else is known of it; `:ro` makes it
    /// read-only.
    #[serde(default)]
    #[schemars(extend("propertyNames" = {"pattern": "^/[^:$]+$", "patternErrorMessage": "the key is an absolute path in the container, such as /data, without a colon"}))]
    pub volumes: IndexMap<String, ScalarOr<Mount>>,
    /// Files of variables that are handed over whole, relative to the repository, such as `[.env]`. Compose only.
    #[serde(default)]
    #[schemars(schema_with = "form::names")]
    pub env_file: Vec<String>,
    /// Networks that the service joins, declared under `networks`. For example `networks: [inner]`. Default: one that all share. Compose only.
    #[serde(default)]
    #[schemars(schema_with = "form::names")]
    pub networks: Vec<String>,
    /// Services that start before this one: their names, or what is waited for, such as `{db: healthy}`.
    pub depends_on: Option<NamesOr<Condition>>,
    /// How to tell that the service works: `/path` (HTTP on the main port), or more.
    pub healthcheck: Option<ScalarOr<Healthcheck>>,
    /// Memory and processors that the service may use. For example `resources: {memory: 512mb, cpus: 0.5}`.
    pub resources: Option<Resources>,
    /// How many run: a number, or what happens when idle, such as `2`.
    pub scale: Option<ScalarOr<Scale>>,
    /// Runs only where one of these profiles is switched on, such as `[debug]`.
    #[serde(default)]
    #[schemars(extend("uniqueItems" = true, "items" = {"type": "string", "pattern": "^[a-zA-Z0-9][a-zA-Z0-9_.-]+$", "patternErrorMessage": "a profile's name is letters, digits, `_`, `.` and `-`, at least two"}))]
    pub profiles: Vec<String>,
    /// The user that the process runs as, such as `1000:1000`. Default: the image's. Compose only.
    #[schemars(extend("pattern" = "^[A-Za-z0-9_.-]+(:[A-Za-z0-9_.-]+)?$", "patternErrorMessage" = "a user is written UID:GID, such as 1000:1000", "errorMessage" = "a user is written UID:GID, such as \"1000:1000\""))]
    pub user: Option<String>,
    /// Folder in the container that the process starts in. Default: the image's. Compose only.
    #[schemars(extend("pattern" = "^/[^$]*$", "patternErrorMessage" = "the folder is an absolute path in the container, such as /app"))]
    pub working_dir: Option<String>,
    /// A small first process that passes signals on and reaps what is left behind. Default: true for images
    /// that stackc builds, unless their own script is started by a package of theirs, `tini` or `dumb-init`. Compose only,
    /// Fly has one of its own.
    pub init: Option<bool>,
    /// Labels of the container, such as `{team: shop}`. Compose only.
    #[serde(default)]
    #[schemars(extend("propertyNames" = {"pattern": "^.+$", "patternErrorMessage": "the name of a label is one line of text, such as com.example.team", "x-code": "invalid-name"}))]
    pub labels: IndexMap<String, Scalar>,
    /// When the container is started again after it ended. Default: `unless-stopped`.
    pub restart: Option<Restart>,
    /// The signal that asks the main process to stop, such as `SIGTERM`.
    #[schemars(extend("pattern" = "^SIG[A-Z0-9]+$", "patternErrorMessage" = "a signal is written by its name, such as SIGTERM"))]
    pub stop_signal: Option<String>,
    /// How long it may take to stop before it is killed, such as `30s`.
    #[serde(default)]
    #[schemars(schema_with = "form::duration")]
    pub stop_grace_period: Option<String>,
    /// A command that runs once before a new version takes traffic, such as a migration; in the same forms as `command`. On Fly it is the
    /// release command, under Compose a service of its own that must succeed first.
    pub release: Option<Command>,
    /// What `docker compose watch` does when a file changes, while developing. Compose only.
    pub develop: Option<Develop>,
    /// How CI tests the service. For example `test: {steps: [pytest -q]}`.
    pub test: Option<Test>,
    /// Raw words of Compose for this service, merged last. Other platforms ignore them. For example `compose: {ulimits: {nofile: 65536}}`.
    #[serde(default)]
    pub compose: ComposeService,
    /// Raw words of fly.toml, merged last. Other platforms ignore them. For example `fly: {swap_size_mb: 512}`.
    #[serde(default)]
    pub fly: FlyFile,
}

/// A port that the service listens on.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct Port {
    /// The number that the process listens on.
    #[serde(default)]
    #[schemars(schema_with = "form::port")]
    // As text, because the short form may be laid over the long one.
    pub port: Option<Scalar>,
    /// Opens it to the outside: `true` (the same number), a number, or an address and number such as `"127.0.0.1:8080"`. On Fly the first HTTP port
    /// answers on 80 and 443; each other port on its own number, over TLS if it speaks HTTP. Under Compose the port of somebody else's database, cache or queue
    /// opens on this machine alone unless an address is said: `"0.0.0.0:5432"`.
    #[schemars(example = true)]
    pub publish: Option<Scalar>,
    /// What it speaks. Default: the port's name if that is `http` or `https`, else `tcp`.
    pub protocol: Option<Protocol>,
    /// Whether those who reach it over `https` check its certificate; `false` where it is self-signed. Default: true.
    pub verify: Option<bool>,
    /// Raw words of Compose for this port, merged last. Other platforms ignore them. For example `compose: {mode: host}`.
    #[serde(default)]
    pub compose: ComposePort,
    /// Raw words of fly.toml for the public service of this port, merged last. Other platforms ignore them. For example `fly: {concurrency: {type: requests, soft_limit: 200}}`.
    #[serde(default)]
    pub fly: FlyService,
}

/// What a port speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// HTTP/1.1 or HTTP/2.
    Http,
    /// HTTP over TLS, ended by the service itself.
    Https,
    /// gRPC, which is HTTP/2 without TLS.
    Grpc,
    /// Any other stream.
    Tcp,
    /// Datagrams.
    Udp,
}

/// What is mounted at a path.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct Mount {
    /// Name of a volume declared under `volumes`, such as `data`.
    pub volume: Option<String>,
    /// A folder or file of the host, such as `./src` (of the repository) or `/abs`. Compose only.
    pub bind: Option<String>,
    /// A file system in memory: `true`, or its size such as `64mb`. Compose only.
    pub tmpfs: Option<Scalar>,
    /// Name of a secret whose value becomes a file at this path, such as `DB_PASSWORD`.
    pub secret: Option<String>,
    /// A file of the repository that is placed at this path, such as `config/app.yaml`.
    pub file: Option<String>,
    /// The container may read and not write. Default: false.
    pub read_only: Option<bool>,
}

impl Mount {
    /// The keys that the short form `SOURCE[:ro|:rw]` stands for.
    pub fn long_form(text: &str) -> Vec<(&'static str, String)> {
        let (source, read_only) = Mount::access(text);
        let kind = if source.starts_with(['.', '/', '~']) { "bind" } else { "volume" };
        let mut keys = vec![(kind, source.to_owned())];
        keys.extend(read_only.map(|read_only| ("read_only", read_only.to_string())));
        keys
    }

    /// Splits `SOURCE:ro` into the source and whether it is read only, where that is said.
    pub fn access(text: &str) -> (&str, Option<bool>) {
        let said = [(":ro", true), (":rw", false)];
        let said = said.into_iter().find_map(|(end, read_only)| Some((text.strip_suffix(end)?, Some(read_only))));
        said.unwrap_or((text, None))
    }
}

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Condition {
    /// Its container runs.
    Started,
    /// Its health check passes.
    Healthy,
    /// It ran to its end without an error.
    Completed,
}

/// How to tell that a service works.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct Healthcheck {
    /// Path to ask for on the main port, such as `/health`. 2xx is healthy.
    #[schemars(extend("pattern" = "^/", "patternErrorMessage" = "the path of a health check starts with a slash, such as /health"))]
    pub http: Option<String>,
    /// Name of a port that must accept a connection, such as `postgres`.
    pub tcp: Option<String>,
    /// A command to run in the container; exit code 0 is healthy.
    #[schemars(example = "pg_isready -U app")]
    pub command: Option<Command>,
    /// With `http`: name of the port to ask. For example `port: admin`. Default: the main port.
    pub port: Option<String>,
    /// With `http`: the method of the request. Default: `GET`.
    #[schemars(extend("pattern" = "^(GET|HEAD|POST|PUT|OPTIONS)$", "patternErrorMessage" = "the method is GET, HEAD, POST, PUT or OPTIONS", "examples" = ["HEAD"]))]
    pub method: Option<String>,
    /// With `http`: headers of the request, such as `Host: app.example.com`. Plain text: a check is no secret.
    #[serde(default)]
    #[schemars(extend("propertyNames" = {"pattern": "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$", "patternErrorMessage": "the name of a header is letters, digits and hyphens, such as X-Probe", "x-code": "invalid-name"}))]
    pub headers: IndexMap<String, Scalar>,
    /// Time between two checks. Default: 30s.
    #[serde(default)]
    #[schemars(schema_with = "form::duration")]
    pub interval: Option<String>,
    /// Time after which a check counts as failed. Default: 5s.
    #[serde(default)]
    #[schemars(schema_with = "form::duration")]
    pub timeout: Option<String>,
    /// Failures in a row that make it unhealthy. Default: 3.
    #[schemars(range(min = 1, max = 1000))]
    pub retries: Option<u32>,
    /// Time after the start in which failures do not count. Default: 10s.
    #[serde(default)]
    #[schemars(schema_with = "form::duration")]
    pub start_period: Option<String>,
    /// Time between two checks while the start period lasts. Compose only.
    #[serde(default)]
    #[schemars(schema_with = "form::duration")]
    pub start_interval: Option<String>,
}

/// Limits of one container or machine.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct Resources {
    /// Memory, such as `512mb`.
    #[serde(default)]
    #[schemars(schema_with = "form::size")]
    pub memory: Option<String>,
    /// Processors, such as `1`; a fraction is possible under Compose.
    #[schemars(range(min = 0.01, max = 128.0))]
    pub cpus: Option<f64>,
    /// Fly's kind of processor. Default: `shared`.
    pub cpu_kind: Option<CpuKind>,
}

/// Fly's kinds of processors.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CpuKind {
    /// Shared with other machines.
    #[default]
    Shared,
    /// Reserved.
    Performance,
}

/// How many containers or machines there are.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct Scale {
    /// How many run when idle. Default: 1. Compose runs at least 1.
    #[schemars(with = "Option<u32>", range(max = 1000))]
    // As text, because the short form may be laid over the long one.
    pub min: Option<Scalar>,
    /// How many machines exist on Fly, such as `2`. Default: as many as run when idle, at least 1.
    #[schemars(range(min = 1, max = 1000))]
    pub max: Option<u32>,
    /// What Fly does with a machine that no request needs. Default: `keep`.
    pub idle: Option<Idle>,
    /// How much of it one machine of Fly takes before the next one is started. For example `concurrency: {type: requests, soft: 200, hard: 250}`.
    pub concurrency: Option<Concurrency>,
}

/// How much one machine of Fly takes.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct Concurrency {
    /// What is counted. Default: `requests` for HTTP, else `connections`.
    #[serde(rename = "type")]
    pub kind: Option<ConcurrencyType>,
    /// How many before others are preferred, such as `20`.
    #[schemars(range(min = 1, max = 100_000))]
    pub soft: Option<u32>,
    /// How many at most, such as `25`.
    #[schemars(range(min = 1, max = 100_000))]
    pub hard: Option<u32>,
}

/// What Fly counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ConcurrencyType {
    /// Open connections.
    Connections,
    /// Requests in progress.
    Requests,
}

/// What happens while developing.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct Develop {
    /// What is watched, such as `[{path: ./src, action: rebuild}]`.
    #[serde(default)]
    pub watch: Vec<Watch>,
}

/// A watched path and what follows from a change.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Watch {
    /// File or folder of the repository, such as `./src`.
    pub path: String,
    /// What follows from a change.
    pub action: WatchAction,
    /// With an action that copies: where the files go in the container, such as `/app/src`.
    #[schemars(extend("pattern" = "^/[^$]*$", "patternErrorMessage" = "the target is an absolute path in the container, such as /app/src"))]
    pub target: Option<String>,
    /// Patterns below `path` that are not watched, such as `node_modules/`.
    #[serde(default)]
    pub ignore: Vec<String>,
    /// Patterns below `path` that alone are watched, such as `*.py`.
    #[serde(default)]
    pub include: Vec<String>,
    /// With `sync+exec`: the command to run in the container; in the same forms as `command`.
    pub exec: Option<Command>,
}

/// What follows from a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum WatchAction {
    /// The image is built again, and the container replaced.
    #[serde(rename = "rebuild")]
    Rebuild,
    /// The file is copied into the container.
    #[serde(rename = "sync")]
    Sync,
    /// The container is restarted.
    #[serde(rename = "restart")]
    Restart,
    /// The file is copied, and the container restarted.
    #[serde(rename = "sync+restart")]
    SyncRestart,
    /// The file is copied, and a command run in the container.
    #[serde(rename = "sync+exec")]
    SyncExec,
}

/// What happens to an idle machine on Fly.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Idle {
    /// It stays on.
    #[default]
    Keep,
    /// It is stopped, and started by the next request (a cold start).
    Stop,
    /// It is suspended to disk and resumed by the next request.
    Suspend,
}

/// When a container is started again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Restart {
    /// Whenever it ends.
    Always,
    /// Whenever it ends, unless a person stopped it.
    UnlessStopped,
    /// When it ends with an error.
    OnFailure,
    /// Never.
    Never,
}
