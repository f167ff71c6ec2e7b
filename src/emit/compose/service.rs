//! One service of a Compose file.

use super::value::Values;
use crate::artifact::yaml::{Mapping, Sequence, Yaml};
use crate::emit::image::{self, beside, within};
use crate::model::{
    Addressing, Condition, Dockerfile, Environment, Flat, Healthcheck, Image, Mount, MountSource, Port, Probe, Program,
    Protocol, Restart, Service, Source, Text,
};
use crate::recipe;

/// The service as a mapping, in the order in which people write one.
pub fn service(program: &Program, environment: &Environment, service: &Service) -> Mapping {
    let emitter = Emitter {
        program,
        environment,
        service,
        values: Values { addressing: Addressing::new(environment), stack: &environment.stack },
    };
    // Of an image made elsewhere nobody knows whether it bears these.
    let built = environment.stack.builder_of(service).and_then(|builder| builder.image());
    let ours = built.is_some_and(|image| image.recipe().is_some()) && service.serve.is_none();
    let mapping = emitter.source(Mapping::new());
    mapping
        .optional("entrypoint", emitter.words(service.entrypoint.as_deref(), |base| base.entrypoint.as_deref()))
        .optional("command", emitter.words(service.command.as_deref(), |base| base.command.as_deref()))
        .optional("init", ours.then_some(true))
        .comment("Passes signals on and reaps what is left behind.")
        .nonempty("environment", emitter.env())
        .nonempty("ports", emitter.ports())
        .nonempty("volumes", emitter.volumes())
        .nonempty("depends_on", emitter.depends_on())
        .optional("healthcheck", service.healthcheck.as_ref().map(|check| emitter.healthcheck(check)))
        .entry("restart", restart(service.restart))
        .optional("stop_signal", service.stop_signal.as_deref())
        .optional("stop_grace_period", service.stop_grace_period.map(|period| period.to_string()))
        .optional("cap_drop", ours.then(|| Yaml::flow(["ALL"])))
        .optional("security_opt", ours.then(|| Yaml::flow(["no-new-privileges:true"])))
        .nonempty("deploy", deploy(service))
}

struct Emitter<'a> {
    program: &'a Program,
    environment: &'a Environment,
    service: &'a Service,
    values: Values<'a>,
}

impl Emitter<'_> {
    fn source(&self, mapping: Mapping) -> Mapping {
        match &self.service.source {
            Source::Image(name) => mapping.entry("image", self.values.print(name)),
            Source::Uses(other) => {
                let image = self.values.addressing.known_reference(crate::model::Reference::Image(other.clone()));
                mapping.entry("image", self.values.flat(&image)).comment(format!("Built by `{other}`."))
            }
            Source::Build(image) => {
                let shared = self
                    .environment
                    .stack
                    .services
                    .values()
                    .any(|other| matches!(&other.source, Source::Uses(name) if *name == self.service.name));
                let name = image.name.as_ref().map(|name| self.values.print(name));
                let name =
                    name.or_else(|| shared.then(|| format!("{}-{}", self.environment.stack.name, self.service.name)));
                mapping.entry("build", self.build(image)).optional("image", name)
            }
        }
    }

    fn build(&self, image: &Image) -> Mapping {
        let (dockerfile, target) = match &image.dockerfile {
            Dockerfile::Own { file, target } => (file.clone(), target.as_deref()),
            Dockerfile::Generated(_) => (within(&image.context, &beside(self.service, "Dockerfile")).to_owned(), None),
        };
        let mut args: Mapping =
            image.args.iter().map(|(name, value)| (name.clone(), self.values.print(value))).collect();
        if !image.secrets.is_empty() && image.recipe().is_some() {
            args = args
                .entry("BUILD_DIGEST", "${BUILD_DIGEST:-}")
                .comment("Changes when a build secret does; .env.example says how.");
        }
        Mapping::new()
            .entry("context", if image.context == "." { ".".to_owned() } else { format!("./{}", image.context) })
            .entry("dockerfile", dockerfile)
            .optional("target", target)
            .nonempty("args", args)
            .nonempty("secrets", Yaml::list(image.secrets.iter()))
    }

    /// The words of a command, unless the image has the very same.
    fn words(&self, words: Option<&[Text]>, of: impl Fn(&Service) -> Option<&[Text]>) -> Option<Yaml> {
        let words = words?;
        let base = self
            .program
            .base
            .services
            .get(&self.service.name)
            .filter(|_| self.service.image().is_some_and(|image| image.recipe().is_some()));
        let baked = base.and_then(|base| image::fixed_words(self.program, of(base)));
        let here: Vec<Vec<Flat>> = words.iter().map(|word| self.values.addressing.known(word)).collect();
        let same = baked
            .is_some_and(|baked| baked.iter().map(|word| vec![Flat::Literal(word.clone())]).eq(here.iter().cloned()));
        (!same).then(|| Yaml::flow(here.iter().map(|word| self.values.flat(word))))
    }

    fn env(&self) -> Mapping {
        let own = self.service.env.iter().map(|(name, value)| (name.clone(), self.values.print(value)));
        let routed = image::settings(self.program, self.environment, self.service);
        let routed: Vec<_> = routed.into_iter().map(|(name, value)| (name, value.replace('$', "$$"))).collect();
        let mut env: Mapping = own.collect();
        for (index, (name, value)) in routed.into_iter().enumerate() {
            env = env.entry(name, value);
            if index == 0 {
                env = env.comment("For nginx: its route table here, and what it cannot know by itself.");
            }
        }
        env
    }

    fn ports(&self) -> Sequence {
        self.service.ports.values().filter_map(|port| self.port(port)).collect()
    }

    fn port(&self, port: &Port) -> Option<String> {
        let publish = port.publish.as_ref()?;
        let address = publish.address.as_ref().map(|address| format!("{address}:")).unwrap_or_default();
        let protocol = if port.protocol == Protocol::Udp { "/udp" } else { "" };
        Some(format!("{address}{}:{}{protocol}", self.values.print(&publish.port), port.number))
    }

    fn volumes(&self) -> Sequence {
        self.service.mounts.iter().map(volume).collect()
    }

    fn depends_on(&self) -> Mapping {
        let condition = |condition| match condition {
            Condition::Started => "service_started",
            Condition::Healthy => "service_healthy",
            Condition::Completed => "service_completed_successfully",
        };
        let dependencies = self.service.depends_on.iter();
        dependencies
            .map(|dependency| {
                (dependency.service.clone(), Mapping::new().entry("condition", condition(dependency.condition)))
            })
            .collect()
    }

    fn healthcheck(&self, check: &Healthcheck) -> Mapping {
        let test: Vec<String> = match &check.probe {
            Probe::Command(words) => {
                std::iter::once("CMD".to_owned()).chain(words.iter().map(|word| self.values.print(word))).collect()
            }
            Probe::Http(request) => self.http_probe(request, check.timeout.0),
        };
        Mapping::new()
            .entry("test", Yaml::flow(test))
            .entry("interval", check.interval.to_string())
            .entry("timeout", check.timeout.to_string())
            .entry("retries", check.retries)
            .entry("start_period", check.start_period.to_string())
    }

    /// A request by the program that the image has. 127.0.0.1, because localhost may mean ::1 alone.
    fn http_probe(&self, request: &str, timeout: u64) -> Vec<String> {
        let port = self.service.main_port().expect("lint refuses a check without a port");
        let secure = port.protocol == Protocol::Https;
        let url = format!("{}://127.0.0.1:{}{request}", if secure { "https" } else { "http" }, port.number)
            .replace('$', "$$");
        let words: Vec<String> =
            match self.environment.stack.http_probe(self.service).expect("lint refuses an unknown program") {
                recipe::Probe::Wget if secure => {
                    vec!["wget".into(), "-q".into(), "--no-check-certificate".into(), "--spider".into(), url]
                }
                recipe::Probe::Wget => vec!["wget".into(), "-q".into(), "--spider".into(), url],
                recipe::Probe::Curl if secure => {
                    vec!["curl".into(), "-kfsS".into(), "-o".into(), "/dev/null".into(), url]
                }
                recipe::Probe::Curl => vec!["curl".into(), "-fsS".into(), "-o".into(), "/dev/null".into(), url],
                recipe::Probe::Python => {
                    let seconds = timeout.div_ceil(1000).max(1);
                    let context = if secure { ", context=__import__('ssl')._create_unverified_context()" } else { "" };
                    vec![
                        "python".into(),
                        "-c".into(),
                        format!("from urllib.request import urlopen; urlopen('{url}', timeout={seconds}{context})"),
                    ]
                }
            };
        std::iter::once("CMD".to_owned()).chain(words).collect()
    }
}

fn volume(mount: &Mount) -> Yaml {
    match &mount.source {
        MountSource::Volume(name) if !mount.read_only && name.len() > 1 => {
            Yaml::text(format!("{name}:{}", mount.target.replace('$', "$$")))
        }
        MountSource::Volume(name) => long_mount("volume", name, mount).into(),
        // A missing source is an error, not an empty folder made by root.
        MountSource::Bind(path) => {
            long_mount("bind", path, mount).entry("bind", Mapping::new().entry("create_host_path", false)).into()
        }
    }
}

fn long_mount(kind: &str, source: &str, mount: &Mount) -> Mapping {
    Mapping::new()
        .entry("type", kind)
        .entry("source", source.replace('$', "$$"))
        .entry("target", mount.target.replace('$', "$$"))
        .optional("read_only", mount.read_only.then_some(true))
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
