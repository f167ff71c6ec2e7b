//! One service.

use indexmap::IndexMap;

use super::pinned::is_pinned;
use super::references::Position;
use super::scale::scale;
use super::{Scope, command, develop, health, images, mounts, ports, supervise};
use crate::code::Code;
use crate::diagnostic::{Finding, nearest};
use crate::model::{Condition, Dependency, External, Image, Piece, Resources, Server, Service, Source, Text};
use crate::source::{Place, SpecPath};
use crate::spec::{self, NamesOr, Protocol, Restart, Stage};

/// The service `name` of the spec, whose place is `path`.
pub(super) fn resolve(
    scope: &mut Scope<'_, '_>,
    name: &str,
    written: &spec::Service,
    path: &SpecPath,
    images: &IndexMap<String, Image>,
) -> Option<Service> {
    super::serving::check(scope, name, written, path);
    if let Some(index) = written.profiles.iter().position(|profile| profile == super::jobs::PROFILE) {
        let message = "the profile `jobs` is that of jobs, and would start them all";
        let place = Place::Value(path.key("profiles").index(index));
        let finding = Finding::new(Code::InvalidName, place, message, "taken");
        scope.report(finding.help("name the profile otherwise, or move the service to `jobs`"));
    }
    release_name_is_free(scope, name, written, path);
    let source = source(scope, name, written, path, images);
    // A service without a source is refused; what else is wrong with it is told all the same.
    let service = with_source(scope, name, written, path, source.clone().unwrap_or(Source::Built(name.to_owned())));
    source.map(|_| service)
}

/// The service `name`, whose source is known.
pub(super) fn with_source(
    scope: &mut Scope<'_, '_>,
    name: &str,
    written: &spec::Service,
    path: &SpecPath,
    source: Source,
) -> Service {
    let line = |scope: &mut Scope<'_, '_>, words: &Option<spec::Command>, key: &str| {
        words.as_ref().map(|words| command::resolve(scope, words, &path.key(key), name))
    };
    let mut env = env(scope, name, written, path);
    let supervise = supervise::resolve(scope, name, written, path, &mut env);
    Service {
        name: name.to_owned(),
        source,
        // Beside a web server the command is a process of its own.
        command: if supervise.is_some() { None } else { line(scope, &written.command, "command") },
        entrypoint: line(scope, &written.entrypoint, "entrypoint"),
        release: line(scope, &written.release, "release"),
        supervise,
        serve: written.serve.as_deref().map(Server::of),
        routed: Vec::new(),
        ports: ports::resolve(scope, name, written, path),
        env,
        mounts: mounts::resolve(scope, written, path),
        env_file: env_files(scope, written, path),
        networks: networks(scope, written, path),
        profiles: written.profiles.clone(),
        user: user(scope, written, path),
        working_dir: written.working_dir.clone(),
        init: written.init,
        labels: labels(scope, name, written, path),
        depends_on: depends_on(scope, written, path),
        healthcheck: written
            .healthcheck
            .as_ref()
            .and_then(|check| health::resolve(scope, check, &path.key("healthcheck"), name, written)),
        resources: resources(scope, written, path),
        scale: scale(scope, written, path),
        restart: restart(scope, name, written),
        stop_signal: written.stop_signal.clone(),
        stop_grace_period: scope.duration(written.stop_grace_period.as_deref(), &path.key("stop_grace_period")),
        develop: develop::resolve(scope, name, written, path),
        compose: written.compose.words(),
        fly: written.fly.words(),
        folder: images::folder(scope, name, written.path.as_deref(), written.build.as_ref(), path),
        path: path.clone(),
    }
}

/// A service that runs elsewhere, at `address`.
pub(super) fn external(
    scope: &mut Scope<'_, '_>,
    name: &str,
    written: &spec::Service,
    address: &str,
) -> Option<External> {
    let path = SpecPath::root().key("services").key(name);
    let ports = ports::resolve(scope, name, written, &path);
    no_other_source(scope, name, written, &path);
    let (host, port) = address.rsplit_once(':')?;
    match ports::whole_number::<u16>(port).filter(|port| *port > 0) {
        Some(number) => {
            let same = ports.iter().find(|(_, port)| port.number == number);
            let main = same.or_else(|| ports.get_key_value("http")).or_else(|| ports.first());
            let protocol = main.map_or(Protocol::Tcp, |(_, port)| port.protocol);
            let name = main.map(|(name, _)| name.clone());
            Some(External { host: host.to_owned(), port: number, name, protocol })
        }
        None => {
            let place = Place::Value(path.key("external"));
            let finding = Finding::new(Code::InvalidPort, place, format!("`{port}` is no port"), "not a port");
            scope.report(finding.help("a port is a whole number from 1 to 65535, such as `db.example.com:5432`"));
            None
        }
    }
}

/// What runs elsewhere is not made here as well. An environment may have elsewhere what the base makes.
fn no_other_source(scope: &mut Scope<'_, '_>, name: &str, written: &spec::Service, path: &SpecPath) {
    let before = scope.environment.and_then(|(_, base)| base.services.get(name));
    if before.is_some_and(|before| before.external.is_none()) {
        return;
    }
    let sources = [
        ("image", written.image.is_some()),
        ("build", written.build.is_some()),
        ("uses", written.uses.is_some()),
        ("serve", written.serve.is_some()),
    ];
    let others = [
        ("command", written.command.is_some()),
        ("entrypoint", written.entrypoint.is_some()),
        ("env", !written.env.is_empty()),
        ("env_file", !written.env_file.is_empty()),
        ("secrets", !written.secrets.is_empty()),
        ("volumes", !written.volumes.is_empty()),
        ("networks", !written.networks.is_empty()),
        ("profiles", !written.profiles.is_empty()),
        ("depends_on", written.depends_on.is_some()),
        ("healthcheck", written.healthcheck.is_some()),
        ("resources", written.resources.is_some()),
        ("scale", written.scale.is_some()),
        ("restart", written.restart.is_some()),
        ("labels", !written.labels.is_empty()),
        ("develop", written.develop.is_some()),
        ("compose", !written.compose.words().is_empty()),
        ("fly", !written.fly.words().is_empty()),
    ];
    for (key, _) in others.into_iter().filter(|(_, said)| *said) {
        let message = format!("the service `{name}` runs elsewhere, so its `{key}` is never used");
        let finding = Finding::new(Code::InvalidValue, Place::Key(path.key(key)), message, "never used");
        let finding = finding.related(Place::Key(path.key("external")), "runs elsewhere");
        scope.report(finding.help(format!("remove `{key}`")));
    }
    for (key, _) in sources.into_iter().filter(|(_, said)| *said) {
        let message = format!("the service `{name}` runs elsewhere, so its `{key}` is never used");
        let finding = Finding::new(Code::ServiceSource, Place::Key(path.key(key)), message, "never used");
        let finding = finding.related(Place::Key(path.key("external")), "runs elsewhere");
        scope.report(finding.help(format!(
            "remove one of the two; what runs elsewhere in one environment alone is written there: `services: {{{name}: {{external: …}}}}`"
        )));
    }
}

/// Under Compose the release command runs in a service of its own, whose name must be free.
fn release_name_is_free(scope: &mut Scope<'_, '_>, name: &str, written: &spec::Service, path: &SpecPath) {
    let taken = format!("{name}-release");
    if written.release.is_some() && scope.spec.services.contains_key(&taken) {
        let message = format!("the release of `{name}` runs in a service `{taken}`, and there is one");
        let finding = Finding::new(Code::InvalidValue, Place::Key(path.key("release")), message, "needs that name");
        let finding = finding.related(Place::Key(SpecPath::root().key("services").key(&taken)), "has that name");
        scope.report(finding.help(format!("rename `{taken}`")));
    }
}

fn source(
    scope: &mut Scope<'_, '_>,
    name: &str,
    written: &spec::Service,
    path: &SpecPath,
    images: &IndexMap<String, Image>,
) -> Option<Source> {
    let source = match (&written.build, &written.image, &written.uses) {
        (Some(_), _, None) => return images.contains_key(name).then(|| Source::Built(name.to_owned())),
        (None, Some(image), None) => {
            let image = scope.text(image, Position::public(&path.key("image"), Some(name)));
            pinned(scope, &image);
            return Some(Source::Image(image));
        }
        (None, None, None) if written.serve.is_some() => {
            return images.contains_key(name).then(|| Source::Built(name.to_owned()));
        }
        (None, None, Some(other)) => return images::used(scope, name, other, images),
        (None, None, None) => Finding::new(
            Code::ServiceSource,
            Place::Key(path.clone()),
            format!("the service `{name}` has no source"),
            "needs one source",
        )
        .help(without_source(scope, name)),
        (build, _, Some(_)) => {
            let other = if build.is_some() { "build" } else { "image" };
            let finding = Finding::new(
                Code::ServiceSource,
                Place::Key(path.key("uses")),
                format!("the service `{name}` has two sources"),
                "one source",
            );
            let finding = finding.related(Place::Key(path.key(other)), "and another");
            finding.help(format!("keep `uses` or `{other}`, not both"))
        }
    };
    scope.report(source);
    None
}

/// What to do about a service without a source: a name that only an environment knows is often a slip.
fn without_source(scope: &Scope<'_, '_>, name: &str) -> String {
    let base = scope.environment.map(|(_, base)| &base.services).filter(|services| !services.contains_key(name));
    let known: Vec<&str> = base.into_iter().flat_map(|services| services.keys()).map(String::as_str).collect();
    match nearest(name, &known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "add `image: NAME:TAG` (somebody else's) or `build: {…}` (yours)".to_owned(),
    }
}

fn env(scope: &mut Scope<'_, '_>, service: &str, written: &spec::Service, path: &SpecPath) -> IndexMap<String, Text> {
    let mut env = IndexMap::new();
    for (name, value) in &written.env {
        let path = path.key("env").key(name);
        env.insert(name.clone(), scope.text(&value.0, Position::running(&path, service)));
    }
    for (index, name) in written.secrets.iter().enumerate() {
        let path = path.key("secrets").index(index);
        if !scope.knows_secret(name, Stage::Run, Place::Value(path.clone())) {
            continue;
        }
        let secret = Text { pieces: vec![Piece::Secret(name.clone())], path: path.clone() };
        if let Some(before) = env.get(name) {
            let related = Place::Key(before.path.clone());
            let finding = Finding::new(
                Code::InvalidValue,
                Place::Value(path),
                format!("the variable `{name}` is set twice"),
                "handed over here",
            );
            scope.report(finding.related(related, "and here").help("remove one of the two"));
            continue;
        }
        env.insert(name.clone(), secret);
    }
    env
}

fn env_files(scope: &mut Scope<'_, '_>, written: &spec::Service, path: &SpecPath) -> Vec<String> {
    let files = written.env_file.iter().enumerate();
    files.filter_map(|(index, file)| scope.inside(file, "the repository", &path.key("env_file").index(index))).collect()
}

/// Compose's name of the network that all share who name none.
pub(super) const SHARED_NETWORK: &str = "default";

/// What somebody who asks services in these networks has to join; nothing where the shared one is enough.
pub(super) fn networks_of<'a>(networks: impl Iterator<Item = &'a [String]>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for joined in networks {
        let shared = [SHARED_NETWORK.to_owned()];
        for network in if joined.is_empty() { &shared } else { joined } {
            if !all.contains(network) {
                all.push(network.clone());
            }
        }
    }
    if all == [SHARED_NETWORK] { Vec::new() } else { all }
}

fn networks(scope: &mut Scope<'_, '_>, written: &spec::Service, path: &SpecPath) -> Vec<String> {
    for (index, network) in written.networks.iter().enumerate() {
        scope.knows_network(network, Place::Value(path.key("networks").index(index)));
    }
    written.networks.clone()
}

impl Scope<'_, '_> {
    /// Whether the stack has a network of that name; reports at `place` if not.
    pub(super) fn knows_network(&mut self, network: &str, place: Place) -> bool {
        let declared = self.spec.networks.keys().map(String::as_str);
        let known: Vec<&str> = declared.chain([SHARED_NETWORK]).collect();
        if known.contains(&network) {
            return true;
        }
        let message = format!("the network `{network}` is not declared");
        let finding = Finding::new(Code::UndeclaredNetwork, place, message, "not declared under `networks`");
        let help = match nearest(network, &known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("under the stack's `networks`, write `{network}: {{}}`"),
        };
        self.report(finding.help(help));
        false
    }
}

fn labels(
    scope: &mut Scope<'_, '_>,
    service: &str,
    written: &spec::Service,
    path: &SpecPath,
) -> IndexMap<String, Text> {
    let mut labels = IndexMap::new();
    for (name, value) in &written.labels {
        let path = path.key("labels").key(name);
        labels.insert(name.clone(), scope.text(&value.0, Position::public(&path, Some(service))));
    }
    labels
}

fn depends_on(scope: &mut Scope<'_, '_>, written: &spec::Service, path: &SpecPath) -> Vec<Dependency> {
    let path = path.key("depends_on");
    let named: Vec<(String, Condition, Place)> = match &written.depends_on {
        None => Vec::new(),
        Some(NamesOr::Names(names)) => {
            let at = |index| Place::Value(path.index(index));
            names.iter().enumerate().map(|(index, name)| (name.clone(), Condition::Started, at(index))).collect()
        }
        Some(NamesOr::Map(map)) => {
            map.iter().map(|(name, condition)| (name.clone(), *condition, Place::Key(path.key(name)))).collect()
        }
    };
    let known = named.into_iter().filter(|(name, _, place)| scope.knows_service(name, place.clone()));
    let known: Vec<_> = known.collect();
    known
        .into_iter()
        .map(|(service, condition, place)| Dependency { service, condition, path: place.path().clone() })
        .collect()
}

/// What is written; a machine of Fly that somebody stopped stays stopped in any case.
fn restart(scope: &Scope<'_, '_>, name: &str, written: &spec::Service) -> Restart {
    match written.restart {
        Some(Restart::UnlessStopped) if scope.platform() == Some(spec::Platform::Fly) => Restart::Always,
        Some(restart) => restart,
        None => default_restart(scope.spec, name),
    }
}

/// Who the container runs as, in place of the image's own user.
fn user(scope: &mut Scope<'_, '_>, written: &spec::Service, path: &SpecPath) -> Option<String> {
    let user = written.user.as_ref()?;
    if is_root(user) && (written.build.is_some() || written.uses.is_some()) {
        let place = Place::Value(path.key("user"));
        let finding = Finding::new(Code::RootUser, place, "the program runs as root", "root");
        scope.report(
            finding.help("leave `user` out, and the program runs as the image's user, 10001 unless it says another"),
        );
    }
    Some(user.clone())
}

/// Whether `USER` or `USER:GROUP` is root.
pub(super) fn is_root(user: &str) -> bool {
    matches!(user.split(':').next(), Some("root" | "0"))
}

/// A service that another waits for with `completed` runs once; all others stay up.
fn default_restart(spec: &spec::Stack, name: &str) -> Restart {
    let waits = |service: &spec::Service| match &service.depends_on {
        Some(NamesOr::Map(map)) => map.get(name) == Some(&Condition::Completed),
        _ => false,
    };
    if spec.services.values().any(waits) { Restart::Never } else { Restart::UnlessStopped }
}

fn resources(scope: &mut Scope<'_, '_>, written: &spec::Service, path: &SpecPath) -> Resources {
    let Some(resources) = &written.resources else { return Resources::default() };
    Resources {
        memory: scope.size(resources.memory.as_deref(), &path.key("resources").key("memory")),
        cpus: resources.cpus,
        cpu_kind: resources.cpu_kind.unwrap_or_default(),
    }
}

/// Reports an image that may be another tomorrow, where its name can be read.
pub(super) fn pinned(scope: &mut Scope<'_, '_>, image: &Text) {
    if let Some(name) = image.as_literal() {
        is_pinned(scope, &name, &image.path, None);
    }
}
