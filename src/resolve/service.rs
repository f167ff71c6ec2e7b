//! One service.

use indexmap::IndexMap;

use super::references::Position;
use super::{Scope, build, command, health};
use crate::code::Code;
use crate::diagnostic::{Finding, nearest};
use crate::model::{
    Condition, Dependency, Mount, MountSource, Piece, Port, Publish, Resources, Scale, Service, Source, Text,
};
use crate::source::{Place, SpecPath};
use crate::spec::{self, NamesOr, Protocol, Restart, Scalar, ScalarOr, Stage};

pub(super) fn resolve(scope: &mut Scope<'_, '_>, name: &str, written: &spec::Service) -> Option<Service> {
    let path = SpecPath::root().key("services").key(name);
    super::serving::check(scope, name, written, &path);
    let folder = folder(scope, name, written, &path);
    let source = source(scope, name, written, &path, &folder);
    let line = |scope: &mut Scope<'_, '_>, words: &Option<spec::Command>, key: &str| {
        words.as_ref().map(|words| command::resolve(scope, words, &path.key(key), name))
    };
    let service = Service {
        name: name.to_owned(),
        // A service without a source is refused; what else is wrong with it is told all the same.
        source: source.clone().unwrap_or(Source::Uses(name.to_owned())),
        command: line(scope, &written.command, "command"),
        entrypoint: line(scope, &written.entrypoint, "entrypoint"),
        serve: written.serve.clone(),
        ports: ports(scope, name, written, &path),
        env: env(scope, name, written, &path),
        mounts: mounts(scope, written, &path),
        depends_on: depends_on(scope, written, &path),
        healthcheck: written
            .healthcheck
            .as_ref()
            .and_then(|check| health::resolve(scope, check, &path.key("healthcheck"), name)),
        resources: resources(scope, written, &path),
        scale: scale(scope, written, &path),
        restart: written.restart.unwrap_or_else(|| default_restart(scope.spec, name)),
        stop_signal: written.stop_signal.clone(),
        stop_grace_period: scope.duration(written.stop_grace_period.as_deref(), &path.key("stop_grace_period")),
        folder,
        path,
    };
    source.map(|_| service)
}

/// Where the service's own outputs go: beside the root's files if it is the only one built, else in a folder of its name.
fn folder(scope: &mut Scope<'_, '_>, name: &str, written: &spec::Service, path: &SpecPath) -> String {
    match &written.path {
        Some(folder) => scope.inside(folder, "the repository", &path.key("path")).unwrap_or_else(|| name.to_owned()),
        None if written.build.is_some()
            && scope.spec.services.values().filter(|service| service.build.is_some()).count() == 1 =>
        {
            ".".to_owned()
        }
        None => name.to_owned(),
    }
}

fn source(
    scope: &mut Scope<'_, '_>,
    name: &str,
    written: &spec::Service,
    path: &SpecPath,
    folder: &str,
) -> Option<Source> {
    let image = written.image.as_ref().map(|image| (image, path.key("image")));
    match (&written.build, image, &written.uses) {
        (Some(build), image, None) => {
            let image = image.map(|(image, path)| scope.text(image, Position { path: &path, service: Some(name) }));
            build::resolve(scope, build, image, path, folder).map(|image| Source::Build(Box::new(image)))
        }
        (None, Some((image, path)), None) => {
            Some(Source::Image(scope.text(image, Position { path: &path, service: Some(name) })))
        }
        (None, None, Some(other)) => {
            let known = scope.knows_service(other, Place::Value(path.key("uses")));
            known.then(|| Source::Uses(other.clone()))
        }
        (None, None, None) => {
            let finding = Finding::new(
                Code::ServiceSource,
                Place::Key(path.clone()),
                format!("the service `{name}` has no source"),
                "needs one source",
            );
            scope.report(finding.help("add `image: NAME:TAG` (somebody else's) or `build: {…}` (yours)"));
            None
        }
        (build, _, Some(_)) => {
            let other = if build.is_some() { "build" } else { "image" };
            let finding = Finding::new(
                Code::ServiceSource,
                Place::Key(path.key("uses")),
                format!("the service `{name}` has two sources"),
                "one source",
            );
            let finding = finding.related(Place::Key(path.key(other)), "and another");
            scope.report(finding.help(format!("keep `uses` or `{other}`, not both")));
            None
        }
    }
}

fn ports(scope: &mut Scope<'_, '_>, service: &str, written: &spec::Service, path: &SpecPath) -> IndexMap<String, Port> {
    let mut ports = IndexMap::new();
    for (name, port) in &written.ports {
        let path = path.key("ports").key(name);
        let (number, publish, protocol) = match port {
            ScalarOr::Short(Scalar(text)) => (whole_number(text), None, None),
            ScalarOr::Long(long) => (long.port, long.publish.as_ref(), long.protocol),
        };
        let Some(number) = number.filter(|number| *number > 0) else {
            scope.report(no_number(name, port, &path));
            continue;
        };
        let protocol = protocol.unwrap_or(match name.as_str() {
            "http" => Protocol::Http,
            "https" => Protocol::Https,
            _ => Protocol::Tcp,
        });
        let publish =
            publish.and_then(|publish| self::publish(scope, service, &publish.0, number, &path.key("publish")));
        ports.insert(name.clone(), Port { name: name.clone(), path, number, protocol, publish });
    }
    ports
}

fn no_number(name: &str, port: &ScalarOr<spec::Port>, path: &SpecPath) -> Finding {
    let place = Place::Value(path.clone());
    match port {
        ScalarOr::Short(Scalar(text)) => {
            let message = format!("`{text}` is no port for `{name}` to listen on");
            let help = match text.rsplit_once(':') {
                Some((host, port)) => format!("write `{name}: {{port: {port}, publish: {host}}}`"),
                None => format!("write a number from 1 to 65535, such as `{name}: 3000`"),
            };
            Finding::new(Code::InvalidPort, place, message, "not a port").help(help)
        }
        ScalarOr::Long(_) => {
            let message = format!("the key `port` is missing in `{path}`");
            let finding = Finding::new(Code::MissingKey, place, message, "needs `port`");
            finding.help("add the number that the process listens on: `port: 3000`")
        }
    }
}

fn publish(scope: &mut Scope<'_, '_>, service: &str, written: &str, number: u16, path: &SpecPath) -> Option<Publish> {
    if written == "false" {
        return None;
    }
    if written == "true" {
        return Some(Publish { address: None, port: Text::literal(number.to_string(), path.clone()) });
    }
    let (address, port) = split_address(written);
    let text = scope.text(port, Position { path, service: Some(service) });
    let literal = text.as_literal();
    let digits = |piece: &Piece| !matches!(piece, Piece::Literal(text) if !text.bytes().all(|b| b.is_ascii_digit()));
    let port_fits = text.pieces.iter().all(digits)
        && literal.as_deref().is_none_or(|port| whole_number::<u16>(port).is_some_and(|port| port > 0));
    let address_fits = address.is_none_or(is_address);
    if port_fits && address_fits {
        return Some(Publish { address: address.map(str::to_owned), port: text });
    }
    let finding = Finding::new(
        Code::InvalidPort,
        Place::Value(path.clone()),
        format!("`{written}` cannot be published"),
        "not a port of the host",
    );
    scope.report(
        finding.help("write `publish: true`, a port such as `publish: 8080`, or an address and port such as `publish: \"127.0.0.1:8080\"`"),
    );
    None
}

/// An address as Compose writes it before a port: IPv4, or IPv6 in brackets.
fn is_address(text: &str) -> bool {
    match text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
        Some(v6) => v6.parse::<std::net::Ipv6Addr>().is_ok(),
        None => text.parse::<std::net::Ipv4Addr>().is_ok(),
    }
}

/// Splits `127.0.0.1:8080` at its last colon outside `${…}`.
fn split_address(written: &str) -> (Option<&str>, &str) {
    let outside = written.find("${").unwrap_or(written.len());
    match written[..outside].rfind(':') {
        Some(colon) => (Some(&written[..colon]), &written[colon + 1..]),
        None => (None, written),
    }
}

fn env(scope: &mut Scope<'_, '_>, service: &str, written: &spec::Service, path: &SpecPath) -> IndexMap<String, Text> {
    let mut env = IndexMap::new();
    for (name, value) in &written.env {
        let path = path.key("env").key(name);
        env.insert(name.clone(), scope.text(&value.0, Position { path: &path, service: Some(service) }));
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

/// As many as the schema admits in the long form.
const MOST_MACHINES: u32 = 1000;

/// Digits alone; what a number's own reader takes beside them (`+80`) other programs do not.
fn whole_number<N: std::str::FromStr>(text: &str) -> Option<N> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// The volume that a mount names, if it is one.
pub(super) fn volume_of(mount: &ScalarOr<spec::Mount>) -> Option<&str> {
    match mount {
        ScalarOr::Long(long) => long.volume.as_deref(),
        ScalarOr::Short(Scalar(text)) => {
            let (source, _) = access(text);
            (!source.starts_with(['.', '/', '~'])).then_some(source)
        }
    }
}

/// Splits `SOURCE:ro` into the source and whether it is read only.
fn access(text: &str) -> (&str, bool) {
    match text.strip_suffix(":ro") {
        Some(source) => (source, true),
        None => (text.strip_suffix(":rw").unwrap_or(text), false),
    }
}

fn mounts(scope: &mut Scope<'_, '_>, written: &spec::Service, path: &SpecPath) -> Vec<Mount> {
    let mut mounts = Vec::new();
    for (target, mount) in &written.volumes {
        let path = path.key("volumes").key(target);
        let (volume, bind, read_only) = match mount {
            ScalarOr::Short(Scalar(text)) => {
                let (source, read_only) = access(text);
                let volume = volume_of(mount);
                (volume, volume.is_none().then_some(source), read_only)
            }
            ScalarOr::Long(long) => (long.volume.as_deref(), long.bind.as_deref(), long.read_only.unwrap_or(false)),
        };
        let source = match (volume, bind) {
            (Some(volume), None) => named_volume(scope, volume, &path),
            (None, Some(bind)) => host_path(scope, bind, &path),
            _ => {
                let finding = Finding::new(
                    Code::InvalidValue,
                    Place::Value(path.clone()),
                    format!("what is mounted at `{target}` is not said, or said twice"),
                    "needs one source",
                );
                scope.report(finding.help("write `volume: NAME`, or `bind: ./folder`"));
                None
            }
        };
        mounts.extend(source.map(|source| Mount { target: target.clone(), source, read_only, path }));
    }
    mounts
}

fn named_volume(scope: &mut Scope<'_, '_>, volume: &str, path: &SpecPath) -> Option<MountSource> {
    if scope.spec.volumes.contains_key(volume) {
        return Some(MountSource::Volume(volume.to_owned()));
    }
    let known: Vec<&str> = scope.spec.volumes.keys().map(String::as_str).collect();
    let help = match nearest(volume, &known) {
        Some(near) => format!("did you mean `{near}`? A folder of the repository is written `./{volume}`"),
        None => {
            format!("declare it: `volumes: {{{volume}: {{}}}}`; a folder of the repository is written `./{volume}`")
        }
    };
    let finding = Finding::new(
        Code::UndeclaredVolume,
        Place::Value(path.clone()),
        format!("the volume `{volume}` is not declared"),
        "not declared under `volumes`",
    );
    scope.report(finding.help(help));
    None
}

fn host_path(scope: &mut Scope<'_, '_>, bind: &str, path: &SpecPath) -> Option<MountSource> {
    if bind.starts_with('/') || bind.starts_with("~/") {
        return Some(MountSource::Bind(bind.to_owned()));
    }
    let inside = scope.inside(bind, "the repository", path)?;
    Some(MountSource::Bind(if inside == "." { inside } else { format!("./{inside}") }))
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

fn scale(scope: &mut Scope<'_, '_>, written: &spec::Service, path: &SpecPath) -> Scale {
    let default = Scale { min: 1, idle: spec::Idle::default() };
    match &written.scale {
        None => default,
        Some(ScalarOr::Long(long)) => Scale { min: long.min.unwrap_or(1), idle: long.idle.unwrap_or_default() },
        Some(ScalarOr::Short(Scalar(text))) => match whole_number(text).filter(|number| *number <= MOST_MACHINES) {
            Some(min) => Scale { min, ..default },
            None => {
                let finding = Finding::new(
                    Code::InvalidValue,
                    Place::Value(path.key("scale")),
                    format!("`{text}` is not a number of machines"),
                    "not a whole number",
                );
                scope.report(finding.help("write `scale: 2`, or `scale: {min: 0, idle: stop}`"));
                default
            }
        },
    }
}
