//! One service of a Compose file.

use super::value::{Values, fixed};
use super::{in_start_order, mounts, seen_from};
use crate::artifact::yaml::{Mapping, Sequence, Yaml};
use crate::emit::image;
use crate::emit::routes;
use crate::facts::within;
use crate::model::{
    Addressing, Condition, Dockerfile, Environment, Flat, Healthcheck, Image, Port, Probe, Program, Protocol, Restart,
    Scale, Service, Text, Watch, WatchAction, datastore_at,
};

/// The service as a mapping, in the order in which people write one, for the file at `file`.
pub fn service(program: &Program, environment: &Environment, service: &Service, file: &str, pull: bool) -> Mapping {
    let optional = !environment.always_runs(service);
    let values = Values { addressing: Addressing::new(environment), stack: &environment.stack, optional };
    let emitter = Emitter { program, environment, service, file, pull, values };
    // Of an image made elsewhere nobody knows whether it bears these.
    let built = environment.stack.image_of(service);
    let ours =
        built.is_some_and(|image| image.is_generated()) && (service.serve.is_none() || service.supervise.is_some());
    let capabilities = built.filter(|_| ours).map(|image| program.capabilities(image)).unwrap_or_default();
    let why = match capabilities.as_slice() {
        ["NET_BIND_SERVICE"] => "Caddy's program carries it, and would not start without.",
        all if all.contains(&"NET_BIND_SERVICE") => {
            "What entrypoint.sh needs until it has become another user, init to hand signals on to that, and Caddy to start."
        }
        _ => "What entrypoint.sh needs until it has become another user, and init to hand signals on to that.",
    };
    let entrypoint = emitter.entrypoint();
    let init = ours && !starts_by_own_init(program, built, entrypoint.as_deref());
    let profiles = service.profiles.iter().filter(|_| optional);
    let mapping = emitter.source(Mapping::new());
    let mapping = mapping
        .nonempty("profiles", Yaml::flow(profiles))
        .optional("entrypoint", entrypoint.map(Yaml::words))
        .optional("command", emitter.words(service.command.as_deref(), |base| base.command.as_deref()).map(Yaml::words))
        .optional("user", service.user.as_deref())
        .optional("working_dir", service.working_dir.as_deref())
        .optional("init", service.init.or(init.then_some(true)))
        .nonempty("env_file", emitter.env_files())
        .nonempty("environment", emitter.env())
        .nonempty("ports", emitter.ports())
        .nonempty("volumes", mounts::volumes(service, file))
        .nonempty("tmpfs", mounts::tmpfs(service))
        .nonempty("secrets", mounts::secrets(service))
        .nonempty("configs", mounts::files(&environment.stack, service))
        .nonempty("networks", Yaml::list(service.networks.iter()))
        .nonempty("depends_on", emitter.depends_on());
    let mapping = mapping.optional("healthcheck", service.healthcheck.as_ref().map(|check| emitter.healthcheck(check)));
    mapping
        .entry("restart", restart(service.restart))
        .optional("stop_signal", service.stop_signal.as_deref())
        .optional("stop_grace_period", service.stop_grace_period.map(|period| period.to_string()))
        .nonempty("labels", emitter.labels())
        .optional("cap_drop", ours.then(|| Yaml::flow(["ALL"])))
        .nonempty("cap_add", Yaml::flow(capabilities))
        .comment(why)
        .optional("security_opt", ours.then(|| Yaml::flow(["no-new-privileges:true"])))
        .entry("logging", logging())
        .nonempty("deploy", deploy(service))
        .nonempty("develop", emitter.develop())
}

/// Whether a container of `image` starts by the init that lies in it, so that Docker's own would be a second one.
fn starts_by_own_init(program: &Program, image: Option<&Image>, entrypoint: Option<&[String]>) -> bool {
    let init = image.and_then(|image| program.init(image));
    init.is_some_and(|init| entrypoint.is_none_or(|words| words.first().is_some_and(|word| word == init.program())))
}

/// The service that runs the release command of `service`: the same image and environment, once.
pub fn release(
    program: &Program,
    environment: &Environment,
    service: &Service,
    file: &str,
    pull: bool,
) -> Option<Mapping> {
    let words = service.release.clone()?;
    let once = Service {
        name: release_of(service),
        command: Some(words),
        release: None,
        supervise: None,
        serve: None,
        ports: indexmap::IndexMap::new(),
        healthcheck: None,
        restart: Restart::Never,
        develop: None,
        scale: Scale { min: 1, ..service.scale },
        ..service.clone()
    };
    Some(self::service(program, environment, &once, file, pull))
}

fn release_of(service: &Service) -> String {
    format!("{}-release", service.name)
}

/// The service beside `service` whose entry says how the `image` of both is built: its namesake, else the first that starts. None where
/// a profile could start `service` without it.
fn builder<'e>(environment: &'e Environment, image: &'e Image, service: &Service) -> Option<&'e Service> {
    let stack = &environment.stack;
    let runners: Vec<&Service> = in_start_order(stack)
        .into_iter()
        .filter(|service| stack.image_of(service).is_some_and(|of| of.name == image.name))
        .collect();
    let started = || runners.iter().filter(|runner| environment.always_runs(runner));
    let named = |runner: &&&Service| image.name == runner.name;
    // The owner of an image has its name; of a shared one, where nobody has, it is whoever starts first.
    let always = started().find(named).or_else(|| started().next());
    let builder = always.or_else(|| runners.iter().find(named)).or_else(|| runners.first()).copied()?;
    let along = service.profiles.iter().all(|profile| builder.profiles.contains(profile));
    (environment.always_runs(builder) || along).then_some(builder)
}

/// Images of databases, caches and queues, by the last step of their name.
const DATASTORES: &[&str] = &[
    "postgres",
    "postgis",
    "timescaledb",
    "pgvector",
    "mysql",
    "mariadb",
    "mongo",
    "redis",
    "valkey",
    "memcached",
    "rabbitmq",
    "kafka",
    "cp-kafka",
    "elasticsearch",
    "opensearch",
    "clickhouse-server",
    "cassandra",
    "influxdb",
    "postgresql",
    "mongodb",
    "redis-stack",
    "redis-stack-server",
    "keydb",
    "dragonfly",
    "couchdb",
    "cockroach",
    "scylla",
    "neo4j",
    "etcd",
    "qdrant",
    "nats",
];

struct Emitter<'a> {
    program: &'a Program,
    environment: &'a Environment,
    service: &'a Service,
    file: &'a str,
    pull: bool,
    values: Values<'a>,
}

impl Emitter<'_> {
    fn source(&self, mapping: Mapping) -> Mapping {
        let stack = &self.environment.stack;
        let name = || self.values.flat(&self.values.addressing.known_image(self.service));
        let Some(image) = stack.image_of(self.service).filter(|_| !self.pull) else {
            return mapping.entry("image", name());
        };
        match builder(self.environment, image, self.service).filter(|builder| builder.name != self.service.name) {
            Some(other) => mapping.entry("image", name()).comment(format!("Built by `{}`.", other.name)),
            None => {
                let shared = self.service.release.is_some() || stack.runners(&image.name).count() > 1;
                let named = image.tag.is_some() || shared || stack.registry.is_some();
                mapping.entry("build", self.build(image)).optional("image", named.then(name))
            }
        }
    }

    fn env_files(&self) -> Sequence {
        let files = self.service.env_file.iter().map(|file| seen_from(self.file, file));
        // A fresh clone has no .env yet; what is needed of it fails by name.
        files.map(|file| Mapping::new().entry("path", fixed(&file)).entry("required", false)).collect()
    }

    fn labels(&self) -> Mapping {
        self.service.labels.iter().map(|(name, value)| (name.clone(), self.values.print(value))).collect()
    }

    fn build(&self, image: &Image) -> Mapping {
        let (dockerfile, target) = match &image.dockerfile {
            Dockerfile::Own { file, target } => (file.clone(), target.as_deref()),
            Dockerfile::Generated(_) => (within(&image.context, &image.dockerfile()).to_owned(), None),
        };
        let mut args: Mapping =
            image.args.iter().map(|(name, value)| (name.clone(), self.values.print(value))).collect();
        if !image.secrets.is_empty() && image.is_generated() {
            args = args
                .entry("BUILD_DIGEST", "${BUILD_DIGEST:-}")
                .comment("Changes when a build secret does; .env.example says how.");
        }
        Mapping::new()
            .entry("context", fixed(&seen_from(self.file, &image.context)))
            .entry("dockerfile", fixed(&dockerfile))
            .optional("target", target)
            .nonempty("args", args)
            .nonempty("secrets", Yaml::list(image.secrets.iter()))
            .nonempty("platforms", Yaml::list(image.platforms.iter()))
    }

    /// The entrypoint, unless the image has the very same.
    fn entrypoint(&self) -> Option<Vec<String>> {
        let words = self.words(self.service.entrypoint.as_deref(), |base| base.entrypoint.as_deref())?;
        let image = self.environment.stack.image_of(self.service);
        let before = image::before_entrypoint(self.program, image);
        Some(before.into_iter().chain(words).collect())
    }

    /// The words of a command, unless the image has the very same.
    fn words(&self, words: Option<&[Text]>, of: impl Fn(&Service) -> Option<&[Text]>) -> Option<Vec<String>> {
        let words = words?;
        let base = self
            .program
            .base
            .services
            .get(&self.service.name)
            .filter(|_| self.environment.stack.own_image(self.service).is_some_and(|image| image.is_generated()));
        let baked = base.and_then(|base| image::fixed_words(self.program, of(base)));
        let here: Vec<Vec<Flat>> = words.iter().map(|word| self.values.addressing.known(word)).collect();
        let same = baked
            .is_some_and(|baked| baked.iter().map(|word| vec![Flat::Literal(word.clone())]).eq(here.iter().cloned()));
        (!same).then(|| here.iter().map(|word| self.values.flat(word)).collect())
    }

    fn env(&self) -> Mapping {
        let own = self.service.env.iter().map(|(name, value)| (name.clone(), self.values.print(value)));
        let routed = routes::settings(self.program, self.environment, self.service);
        let routed: Vec<_> = routed.into_iter().map(|(name, value)| (name, self.values.flat(&value))).collect();
        let server = self.service.serve.as_ref().map_or("", |server| server.title());
        let mut env: Mapping = own.collect();
        for (index, (name, value)) in routed.into_iter().enumerate() {
            env = env.entry(name, value);
            if index == 0 {
                env = env.comment(format!("For {server}: its routes here, and what it cannot know by itself."));
            }
        }
        if let Some((name, seconds)) = image::grace(self.environment, self.service) {
            env = env.entry(name, seconds).comment("For entrypoint.sh: the time to stop all processes in.");
        }
        env
    }

    fn ports(&self) -> Sequence {
        self.service.ports.values().filter_map(|port| self.port(port)).collect()
    }

    fn port(&self, port: &Port) -> Option<Yaml> {
        let publish = port.publish.as_ref()?;
        let own = publish.address.as_deref().or_else(|| self.is_datastore(port).then_some("127.0.0.1"));
        let address = own.map(|address| format!("{address}:")).unwrap_or_default();
        let published = self.values.print(&publish.port);
        let udp = port.protocol == Protocol::Udp;
        if port.compose.is_empty() {
            let protocol = if udp { "/udp" } else { "" };
            return Some(Yaml::text(format!("{address}{published}:{}{protocol}", port.number)));
        }
        // Raw words are merged into the long form.
        let long = Mapping::new()
            .entry("name", port.name.as_str())
            .entry("target", u32::from(port.number))
            .entry("published", published)
            .optional("host_ip", own)
            .entry("protocol", if udp { "udp" } else { "tcp" });
        Some(long.into())
    }

    /// Whether the service keeps data for others, so that its ports are nobody's business outside this machine unless an address says so.
    fn is_datastore(&self, port: &Port) -> bool {
        let http = matches!(port.protocol, Protocol::Http | Protocol::Https);
        let known = !http && datastore_at(port.number).is_some();
        self.service.foreign_image().is_some_and(|name| known || DATASTORES.contains(&name.as_str()))
    }

    fn depends_on(&self) -> Mapping {
        let condition = |condition| match condition {
            Condition::Started => "service_started",
            Condition::Healthy => "service_healthy",
            Condition::Completed => "service_completed_successfully",
        };
        let entry = |name: &str, when| (name.to_owned(), Mapping::new().entry("condition", condition(when)));
        let dependencies =
            self.service.depends_on.iter().map(|dependency| entry(&dependency.service, dependency.condition));
        let release = self.service.release.iter().map(|_| entry(&release_of(self.service), Condition::Completed));
        dependencies.chain(release).collect()
    }

    fn healthcheck(&self, check: &Healthcheck) -> Mapping {
        let test: Vec<String> = match &check.probe {
            Probe::Command(words) => words.iter().map(|word| self.values.print(word)).collect(),
            Probe::Http(_) | Probe::Tcp(_) => {
                let program = self.environment.stack.http_probe(self.service);
                let port = check.port(self.service).expect("lint refuses a check without a port");
                let words = program.and_then(|program| check.words(program, port));
                words.expect("lint refuses a check that no program can make").iter().map(|word| fixed(word)).collect()
            }
        };
        Mapping::new()
            .entry("test", Yaml::words(std::iter::once("CMD".to_owned()).chain(test)))
            .entry("interval", check.interval.to_string())
            .entry("timeout", check.timeout.to_string())
            .entry("retries", check.retries)
            .entry("start_period", check.start_period.to_string())
            .optional("start_interval", check.start_interval.map(|interval| interval.to_string()))
    }

    fn develop(&self) -> Mapping {
        let watch = |watch: &Watch| {
            let exec = watch.exec.as_ref().map(|words| {
                let words = words.iter().map(|word| self.values.print(word));
                Mapping::new().entry("command", Yaml::words(words))
            });
            Mapping::new()
                .entry("path", fixed(&seen_from(self.file, &watch.path)))
                .entry("action", action(watch.action))
                .optional("target", watch.target.as_deref().map(fixed))
                .nonempty("ignore", Yaml::flow(watch.ignore.iter().map(|pattern| fixed(pattern))))
                .nonempty("include", Yaml::flow(watch.include.iter().map(|pattern| fixed(pattern))))
                .optional("exec", exec)
        };
        // What is pulled is not built anew for a changed file.
        let develop = self.service.develop.iter().filter(|_| !self.environment.pulls());
        let watched: Sequence = develop.flat_map(|develop| &develop.watch).map(watch).collect();
        Mapping::new().nonempty("watch", watched)
    }
}

fn action(action: WatchAction) -> &'static str {
    match action {
        WatchAction::Rebuild => "rebuild",
        WatchAction::Sync => "sync",
        WatchAction::Restart => "restart",
        WatchAction::SyncRestart => "sync+restart",
        WatchAction::SyncExec => "sync+exec",
    }
}

/// Without a limit a log fills the disk in the end.
fn logging() -> Mapping {
    let options = Mapping::new().entry("max-size", "10m").entry("max-file", "3");
    Mapping::new().entry("driver", "json-file").entry("options", options)
}

fn restart(restart: Restart) -> &'static str {
    match restart {
        Restart::Always => "always",
        Restart::UnlessStopped => "unless-stopped",
        Restart::OnFailure => "on-failure",
        Restart::Never => "no",
    }
}

fn deploy(service: &Service) -> Mapping {
    let limits = Mapping::new()
        .optional("cpus", service.resources.cpus.map(|cpus| cpus.to_string()))
        .optional("memory", service.resources.memory.map(|memory| memory.to_string()));
    let resources = if limits.is_empty() { Mapping::new() } else { Mapping::new().entry("limits", limits) };
    Mapping::new()
        .optional("replicas", (service.scale.min > 1).then_some(service.scale.min))
        .nonempty("resources", resources)
}
