//! fly.toml, one for each app of each Fly environment, in flyctl's own order and style.

mod check;
mod machine;
mod process;
mod services;

use indexmap::IndexMap;

use crate::artifact::Artifact;
use crate::artifact::toml::{self, Section};
use crate::emit::Output;
use crate::emit::image::beside;
use crate::facts::relative;
use crate::model::{
    Addressing, App, Dockerfile, Environment, Flat, Image, Origin, Platform, Program, Service, Strategy,
};

/// The name of the check of an app that runs one service.
const ONLY_CHECK: &str = "health";

/// The file of each app.
pub fn files(program: &Program) -> Vec<Output> {
    let mut outputs = Vec::new();
    for environment in &program.environments {
        let Platform::Fly { region, strategy, statics, file, .. } = &environment.platform else { continue };
        for app in environment.apps() {
            let first = app.first();
            let mut emitter = File {
                program,
                environment,
                region: region.as_deref(),
                strategy: *strategy,
                statics,
                path: beside(first, file),
                addressing: Addressing::new(environment),
                has_groups: app.has_groups(),
                app,
            };
            emitter.has_groups |= emitter.processes().is_some();
            outputs.push(Output::of(environment, emitter.artifact(), &first.path));
        }
    }
    outputs
}

/// The file of one app, in the making.
struct File<'a> {
    program: &'a Program,
    environment: &'a Environment,
    app: App<'a>,
    region: Option<&'a str>,
    strategy: Option<Strategy>,
    statics: &'a IndexMap<String, String>,
    path: String,
    addressing: Addressing<'a>,
    /// Whether the file names its process groups, and so each section the groups that it is for.
    has_groups: bool,
}

impl File<'_> {
    fn artifact(&self) -> Artifact {
        let services = &self.app.services;
        let signal = services.iter().find_map(|service| service.stop_signal.as_deref());
        // Fly's own is SIGINT, on which a web server drops its connections.
        let of_server = services.iter().find_map(|service| service.serve.as_ref()).map(|server| server.stop_signal());
        let of_image = self.is_stopped_by_term().then_some("SIGTERM");
        let root = Section::new()
            .entry("app", self.app.name)
            .comment(&format!("Deployed by {}.", self.environment.script()))
            .optional("primary_region", self.region)
            .optional("kill_signal", signal.or(of_server).or(of_image))
            .optional(
                "kill_timeout",
                services.iter().find_map(|service| service.stop_grace_period).map(|p| p.to_string()),
            );
        let entrypoint = self.entrypoint().map(|words| Section::new().entry("entrypoint", toml::list(words)));
        let root = some_table(root, "experimental", entrypoint).table("build", self.build());
        let deploy = Section::new()
            .optional("release_command", self.release())
            .optional("strategy", self.strategy.map(strategy));
        let root = some_table(root, "deploy", (!deploy.is_empty()).then_some(deploy));
        let root = some_table(root, "env", self.env());
        let root = some_table(root, "processes", self.processes()).tables("mounts", self.mounts());
        let root = some_table(root, "http_service", self.http_service()).tables("services", self.services());
        let root = some_table(root, "checks", self.machine_checks());
        let root = root.tables("files", self.files()).tables("restart", self.restart()).tables("vm", self.vm());
        Artifact::toml(self.path.clone(), root.tables("statics", self.statics()))
    }

    /// `section` with the group that it is for, where the file has groups.
    fn grouped(&self, section: Section, service: &Service) -> Section {
        if self.has_groups { section.entry("processes", toml::list([self.app.group(service)])) } else { section }
    }

    /// The image that the app runs, if it is built here.
    pub(super) fn image(&self) -> Option<&Image> {
        self.environment.stack.image_of(self.app.first())
    }

    /// Whether the image names no signal of its own, so that it is stopped as anywhere else.
    fn is_stopped_by_term(&self) -> bool {
        let Some(image) = self.image() else { return false };
        let ours = |image: &&Image| image.is_generated() && !matches!(image.from, Some(Origin::Image(_)));
        self.environment.stack.standing(image).iter().all(ours)
    }

    /// The folder that the build sees, which is also where flyctl works.
    fn context(&self) -> &str {
        self.image().map_or(".", |image| image.context.as_str())
    }

    fn build(&self) -> Section {
        let Some(image) = self.image() else {
            return Section::new().entry("image", Flat::known(&self.addressing.known_image(self.app.first())));
        };
        let folder = std::path::Path::new(&self.path).parent().and_then(|folder| folder.to_str()).unwrap_or_default();
        let target = match &image.dockerfile {
            Dockerfile::Generated(_) => None,
            Dockerfile::Own { target, .. } => target.as_deref(),
        };
        let args: Section = image.args.iter().map(|(name, value)| (name.clone(), self.print(value))).collect();
        let build =
            Section::new().entry("dockerfile", relative(folder, &image.dockerfile())).optional("build-target", target);
        if args.is_empty() { build } else { build.table("args", args) }
    }

    /// The checks of what the outside does not reach, or no request can tell; a failing one shows in `fly checks`.
    fn machine_checks(&self) -> Option<Section> {
        let public = self.app.public();
        let further = self.app.further();
        let mut checks = Section::new();
        for service in &self.app.services {
            let Some(check) = &service.healthcheck else { continue };
            let Some(port) = check.port(service) else { continue };
            let told = public.is_some_and(|(_, public)| check::is_request_to(check, service, public))
                || further.iter().any(|(_, port)| check::tells_of(check, service, port));
            let Some(section) = check::of_machine(check, port).filter(|_| !told) else { continue };
            let name = if self.app.has_groups() { self.app.group(service) } else { ONLY_CHECK };
            checks = checks.table(name, self.grouped(section, service));
        }
        (!checks.is_empty()).then_some(checks)
    }
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
