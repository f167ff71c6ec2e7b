//! One service.

use indexmap::IndexMap;

use super::references::Position;
use super::{Scope, build, command, health};
use crate::code::Code;
use crate::diagnostic::{Finding, nearest};
use crate::model::{Condition, Dependency, Mount, MountSource, Port, Publish, Resources, Scale, Service, Source, Text};
use crate::source::{Place, SpecPath};
use crate::spec::{self, NamesOr, Protocol, Restart, Scalar, ScalarOr, Stage};

pub(super) fn resolve(scope: &mut Scope<'_, '_>, name: &str, written: &spec::Service) -> Option<Service> {
    let path = SpecPath::root().key("services").key(name);
    super::serving::check(scope, name, written, &path);
    let folder = folder(scope, name, written, &path);
    let source = source(scope, name, written, &path, &folder)?;
    let line = |scope: &mut Scope<'_, '_>, words: &Option<spec::Command>, key: &str| {
        words.as_ref().map(|words| command::resolve(scope, words, &path.key(key), name))
    };
    Some(Service {
        name: name.to_owned(),
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
        resources: resources(written),
        scale: scale(scope, written, &path),
        restart: written.restart.unwrap_or_else(|| default_restart(scope.spec, name)),
        stop_signal: written.stop_signal.clone(),
        stop_grace_period: written.stop_grace_period.as_ref().and_then(|period| period.parse().ok()),
        folder,
        source,
        path,
    })
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
            ScalarOr::Short(Scalar(text)) => (text.parse().ok(), None, None),
            ScalarOr::Long(long) => (long.port, long.publish.as_ref(), long.protocol),
        };
        let Some(number) = number.filter(|number| *number > 0) else {
            let finding = Finding::new(
                Code::InvalidPort,
                Place::Value(path.clone()),
                format!("the port `{name}` has no number from 1 to 65535"),
                "needs a number",
            );
            scope.report(finding.help(format!("write `{name}: 3000`, or `{name}: {{port: 3000, publish: true}}`")));
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
    let port_fits = literal.as_deref().is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
    let bare = address.map(|address| address.trim_start_matches('[').trim_end_matches(']'));
    let address_fits = bare.is_none_or(|address| address.parse::<std::net::IpAddr>().is_ok());
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
        let secret = Text { pieces: vec![crate::model::Piece::Secret(name.clone())], path: path.clone() };
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

/// The volume that a mount names, if it is one.
pub(super) fn volume_of(mount: &ScalarOr<spec::Mount>) -> Option<&str> {
    match mount {
        ScalarOr::Long(long) => long.volume.as_deref(),
        ScalarOr::Short(Scalar(text)) => {
            let source = text.strip_suffix(":ro").unwrap_or(text);
            (!source.starts_with(['.', '/', '~'])).then_some(source)
        }
    }
}

fn mounts(scope: &mut Scope<'_, '_>, written: &spec::Service, path: &SpecPath) -> Vec<Mount> {
    let mut mounts = Vec::new();
    for (target, mount) in &written.volumes {
        let path = path.key("volumes").key(target);
        let (volume, bind, read_only) = match mount {
            ScalarOr::Short(Scalar(text)) => {
                let source = text.strip_suffix(":ro").unwrap_or(text);
                let volume = volume_of(mount);
                (volume, volume.is_none().then_some(source), text.ends_with(":ro"))
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

fn resources(written: &spec::Service) -> Resources {
    let Some(resources) = &written.resources else { return Resources::default() };
    Resources {
        memory: resources.memory.as_ref().and_then(|memory| memory.parse().ok()),
        cpus: resources.cpus,
        cpu_kind: resources.cpu_kind.unwrap_or_default(),
    }
}

fn scale(scope: &mut Scope<'_, '_>, written: &spec::Service, path: &SpecPath) -> Scale {
    let default = Scale { min: 1, idle: spec::Idle::default() };
    match &written.scale {
        None => default,
        Some(ScalarOr::Long(long)) => Scale { min: long.min.unwrap_or(1), idle: long.idle.unwrap_or_default() },
        Some(ScalarOr::Short(Scalar(text))) => match text.parse() {
            Ok(min) => Scale { min, ..default },
            Err(_) => {
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
