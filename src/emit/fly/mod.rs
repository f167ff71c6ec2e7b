//! fly.toml, one for each app of each Fly environment, in flyctl's own order and style.

mod check;
mod value;

use crate::artifact::Artifact;
use crate::artifact::toml::{self, Section};
use crate::emit::Output;
use crate::emit::image::{self, beside, within};
use crate::emit::routes;
use crate::escape::ShellWord;
use crate::model::{
    Addressing, Concurrency, ConcurrencyType, CpuKind, Dockerfile, Environment, Idle, Image, MountSource, Piece,
    Platform, Program, Restart, Service, Size, Strategy, Text,
};

/// The processes of an app without groups of its own.
const GROUP: &str = "app";

/// The file of each app.
pub fn files(program: &Program) -> Vec<Output> {
    let mut outputs = Vec::new();
    for environment in &program.environments {
        let Platform::Fly { region, regions, strategy, apps, statics, file, .. } = &environment.platform else {
            continue;
        };
        for service in environment.stack.services.values() {
            let app = App {
                program,
                environment,
                service,
                name: apps.get(&service.name).map_or("", String::as_str),
                region: region.as_deref(),
                regions,
                strategy: *strategy,
                statics: statics.get(&service.name).map(String::as_str),
                file: beside(service, file),
                addressing: Addressing::new(environment),
            };
            outputs.push(Output::of(environment, app.file(), &service.path));
        }
    }
    outputs
}

struct App<'a> {
    program: &'a Program,
    environment: &'a Environment,
    service: &'a Service,
    name: &'a str,
    region: Option<&'a str>,
    regions: &'a [String],
    strategy: Option<Strategy>,
    statics: Option<&'a str>,
    file: String,
    addressing: Addressing<'a>,
}

impl App<'_> {
    fn file(&self) -> Artifact {
        // Fly's own is SIGINT, on which a web server drops its connections.
        let of_server = self.service.serve.as_ref().map(|server| server.stop_signal());
        let signal = self.service.stop_signal.as_deref().or(of_server);
        let (processes, entrypoint) = (self.processes(), self.entrypoint());
        let grouped = processes.is_some();
        let groups = |section: Section| if grouped { section.entry("processes", toml::list([GROUP])) } else { section };
        let root = Section::new()
            .entry("app", self.name)
            .comment(&self.header())
            .optional("primary_region", self.region)
            .optional("kill_signal", signal)
            .optional("kill_timeout", self.service.stop_grace_period.map(|period| period.to_string()));
        let root = some_table(
            root,
            "experimental",
            entrypoint.map(|words| Section::new().entry("entrypoint", toml::list(words))),
        );
        let deploy = Section::new()
            .optional("release_command", self.service.release.as_ref().map(|words| self.line(words)))
            .optional("strategy", self.strategy.map(strategy));
        let deploy = (!deploy.is_empty()).then_some(deploy);
        let root = some_table(root.table("build", self.build()), "deploy", deploy);
        let root = some_table(root, "env", self.env());
        let root = some_table(root, "processes", processes.map(|command| Section::new().entry(GROUP, command)));
        let root = root.tables("mounts", self.mounts().into_iter().map(groups));
        let root = some_table(
            root,
            "http_service",
            self.http_service().map(|(service, checks)| groups(service).tables("checks", checks)),
        );
        let root =
            some_table(root, "checks", self.private_check().map(|check| Section::new().table("health", groups(check))));
        let root = root.tables("restart", self.restart().map(groups)).tables("vm", self.vm().map(groups));
        Artifact::toml(self.file.clone(), root.tables("statics", self.statics()))
    }

    /// How to deploy it, and which secrets it needs first.
    fn header(&self) -> String {
        let mut lines =
            vec!["Deploy from the repository's root:".to_owned(), format!("  fly deploy{}", self.deploy_arguments())];
        if let Platform::Fly { org: Some(org), .. } = &self.environment.platform {
            lines.push("Create it once:".to_owned());
            lines.push(format!("  fly apps create {} --org {}", self.name, ShellWord(org)));
        }
        let machines = self.service.scale.machines();
        if machines > 1 || self.service.scale.max.is_some() {
            let regions: Vec<&str> = self.region.into_iter().chain(self.regions.iter().map(String::as_str)).collect();
            let spread =
                if self.regions.is_empty() { String::new() } else { format!(" --region {}", regions.join(",")) };
            lines.push("Have that many machines, once; the number lasts:".to_owned());
            lines.push(format!("  fly scale count {machines} --app {}{spread}", self.name));
        }
        let secrets = self.secrets();
        if !secrets.is_empty() {
            lines.push("It needs these secrets first:".to_owned());
            let pairs: Vec<String> = secrets.iter().map(|name| format!(" {name}=…")).collect();
            lines.push(format!("  fly secrets set --app {}{}", self.name, pairs.join("")));
        }
        let same = |name: &String, value: &Text| value.pieces == [Piece::Secret(name.clone())];
        let composed =
            self.service.env.iter().filter(|(name, value)| !value.secrets().is_empty() && !same(name, value));
        for (name, value) in composed {
            lines.push(format!("  {name} is {}", value::outline(&self.addressing.known(value))));
        }
        lines.join("\n")
    }

    fn deploy_arguments(&self) -> String {
        let context = self.image().map_or(".", |image| image.context.as_str());
        let config = within(context, &self.file);
        let folder = if context == "." { String::new() } else { format!(" {}", ShellWord(context)) };
        // Fly makes two of each first machine unless told otherwise.
        let single = if self.service.scale.max == Some(1) { " --ha=false" } else { "" };
        let mut arguments = format!("{folder} --config {}{single}", ShellWord(config));
        if let Some(image) = self.image().filter(|image| !image.secrets.is_empty()) {
            let secrets = image.secrets.iter().map(|name| format!(" \\\n    --build-secret {name}=\"${name}\""));
            arguments.extend(secrets);
            if image.recipe().is_some() {
                arguments.push_str(" \\\n    --build-arg BUILD_DIGEST=\"$BUILD_DIGEST\"");
            }
        }
        arguments
    }

    /// Names of the Fly secrets: each variable whose value holds a secret.
    fn secrets(&self) -> Vec<&str> {
        let declared = &self.environment.stack.secrets;
        let secret = |(name, value): (&'_ String, &Text)| {
            let held = value.secrets();
            let required = held.iter().any(|name| declared.get(*name).is_none_or(|secret| secret.required));
            (!held.is_empty()).then_some((name.clone(), required))
        };
        let held: Vec<(String, bool)> = self.service.env.iter().filter_map(secret).collect();
        let names =
            self.service.env.keys().filter(|name| held.iter().any(|(held, required)| held == *name && *required));
        names.map(String::as_str).collect()
    }

    /// The image that it runs, if it is built here.
    fn image(&self) -> Option<&Image> {
        self.environment.stack.image_of(self.service)
    }

    fn build(&self) -> Section {
        let Some(image) = self.image() else {
            return Section::new().entry("image", value::print(&self.addressing.known_image(self.service)));
        };
        let folder = std::path::Path::new(&self.file).parent().and_then(|folder| folder.to_str()).unwrap_or_default();
        let target = match &image.dockerfile {
            Dockerfile::Generated(_) => None,
            Dockerfile::Own { target, .. } => target.as_deref(),
        };
        let args: Section = image.args.iter().map(|(name, value)| (name.clone(), self.print(value))).collect();
        let build =
            Section::new().entry("dockerfile", relative(folder, &image.dockerfile())).optional("build-target", target);
        if args.is_empty() { build } else { build.table("args", args) }
    }

    fn env(&self) -> Option<Section> {
        let plain = self.service.env.iter().filter(|(_, value)| value.secrets().is_empty());
        let own = plain.map(|(name, value)| (name.clone(), self.print(value)));
        let routed = routes::settings(self.program, self.environment, self.service).into_iter();
        let routed = routed.map(|(name, value)| (name, value::print(&value)));
        let env: Section = own.chain(routed).chain(image::grace(self.environment, self.service)).collect();
        (!env.is_empty()).then_some(env)
    }

    fn print(&self, text: &Text) -> String {
        value::print(&self.addressing.known(text))
    }

    /// The command, unless the image has the very same. Fly splits the text as a POSIX shell does.
    fn processes(&self) -> Option<String> {
        let words = self.changed_words(self.service.command.as_deref(), |base| base.command.as_deref())?;
        let quoted: Vec<String> = words.iter().map(|word| ShellWord(word).to_string()).collect();
        Some(quoted.join(" "))
    }

    /// Words as one line, which Fly splits as a POSIX shell does.
    fn line(&self, words: &[Text]) -> String {
        let words = words.iter().map(|word| ShellWord(&self.print(word)).to_string());
        words.collect::<Vec<_>>().join(" ")
    }

    fn entrypoint(&self) -> Option<Vec<String>> {
        let words = self.changed_words(self.service.entrypoint.as_deref(), |base| base.entrypoint.as_deref())?;
        let before = image::before_entrypoint(self.program, self.image()).map(str::to_owned);
        Some(before.into_iter().chain(words).collect())
    }

    fn changed_words(&self, words: Option<&[Text]>, of: impl Fn(&Service) -> Option<&[Text]>) -> Option<Vec<String>> {
        let here: Vec<String> = words?.iter().map(|word| self.print(word)).collect();
        let own = self.environment.stack.own_image(self.service);
        let generated = own.is_some_and(|image| image.recipe().is_some());
        let base = self.program.base.services.get(&self.service.name).filter(|_| generated);
        let baked = base.and_then(|base| image::fixed_words(self.program, of(base)));
        (baked.as_ref() != Some(&here)).then_some(here)
    }

    fn mounts(&self) -> Vec<Section> {
        let volumes = self.service.mounts.iter().filter_map(|mount| match &mount.source {
            MountSource::Volume(name) => Some((name, mount)),
            MountSource::Anonymous
            | MountSource::Bind(_)
            | MountSource::Tmpfs(_)
            | MountSource::Secret(_)
            | MountSource::File(_) => None,
        });
        let size = |name: &String| {
            self.environment.stack.volumes.get(name).and_then(|volume| volume.size).unwrap_or(Size(1 << 30))
        };
        let section = |(name, mount): (&String, &crate::model::Mount)| {
            Section::new()
                // Fly's names of volumes have no hyphen.
                .entry("source", name.replace('-', "_"))
                .entry("destination", mount.target.as_str())
                .entry("initial_size", format!("{}gb", size(name).gigabytes_up()))
        };
        volumes.map(section).collect()
    }

    fn http_service(&self) -> Option<(Section, Vec<Section>)> {
        let port = self.service.ports.values().find(|port| port.publish.is_some())?;
        let scale = self.service.scale;
        let idle = match scale.idle {
            Idle::Keep => "off",
            Idle::Stop => "stop",
            Idle::Suspend => "suspend",
        };
        let section = Section::new()
            .entry("internal_port", i64::from(port.number))
            .entry("force_https", true)
            .entry("auto_stop_machines", idle)
            .entry("auto_start_machines", true)
            .entry("min_machines_running", i64::from(scale.min));
        let section = some_table(section, "concurrency", scale.concurrency.map(concurrency));
        let check = self.service.healthcheck.as_ref().filter(|check| check::is_public(check, self.service, port));
        Some((section, check.and_then(check::of_service).into_iter().collect()))
    }

    /// The check of what the outside does not reach, or no request can tell; a failing one shows in `fly checks`.
    fn private_check(&self) -> Option<Section> {
        let check = self.service.healthcheck.as_ref()?;
        let port = check.port(self.service)?;
        let public = self.service.ports.values().find(|port| port.publish.is_some());
        let told = public.is_some_and(|public| check::is_public(check, self.service, public));
        if told { None } else { check::of_machine(check, port) }
    }

    fn restart(&self) -> Option<Section> {
        let policy = match self.service.restart {
            Restart::UnlessStopped => return None,
            Restart::Always => "always",
            Restart::OnFailure => "on-failure",
            Restart::Never => "never",
        };
        Some(Section::new().entry("policy", policy))
    }

    fn vm(&self) -> Option<Section> {
        let resources = self.service.resources;
        let kind = match resources.cpu_kind {
            CpuKind::Shared => "shared",
            CpuKind::Performance => "performance",
        };
        if resources.memory.is_none() && resources.cpus.is_none() {
            return None;
        }
        let cpus = (resources.cpus.unwrap_or(1.0) as i64).max(1);
        // The least that Fly sells with so many.
        let least = if resources.cpu_kind == CpuKind::Shared { 256 } else { 2048 };
        let memory = resources.memory.map_or_else(|| format!("{}mb", least * cpus), |memory| memory.to_string());
        Some(Section::new().entry("memory", memory).entry("cpu_kind", kind).entry("cpus", cpus))
    }

    fn statics(&self) -> Option<Section> {
        Some(
            Section::new()
                .entry("guest_path", self.service.serve.as_ref().map_or("", |server| server.site_root()))
                .entry("url_prefix", self.statics?),
        )
    }
}

/// HTTP is counted in requests unless something else is said.
fn concurrency(limits: Concurrency) -> Section {
    let kind = match limits.kind {
        Some(ConcurrencyType::Connections) => "connections",
        Some(ConcurrencyType::Requests) | None => "requests",
    };
    Section::new()
        .entry("type", kind)
        .optional("soft_limit", limits.soft.map(i64::from))
        .optional("hard_limit", limits.hard.map(i64::from))
}

fn strategy(strategy: Strategy) -> &'static str {
    match strategy {
        Strategy::Rolling => "rolling",
        Strategy::Immediate => "immediate",
        Strategy::Canary => "canary",
        Strategy::Bluegreen => "bluegreen",
    }
}

fn some_table(section: Section, key: &str, table: Option<Section>) -> Section {
    match table {
        Some(table) => section.table(key, table),
        None => section,
    }
}

/// `path` as seen from `folder`; both from the root.
fn relative(folder: &str, path: &str) -> String {
    let (mut from, mut to) = (folder.split('/').filter(|step| !step.is_empty()).peekable(), path.split('/').peekable());
    while from.peek().is_some() && from.peek() == to.peek() {
        from.next();
        to.next();
    }
    from.map(|_| "..").chain(to).collect::<Vec<_>>().join("/")
}
