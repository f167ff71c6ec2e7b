//! Apps of Fly: which services share one as its process groups, and what of it the outside reaches.

use super::{Addressing, Environment, Flat, GIT_SHA, Job, MountSource, Piece, Platform, Port, Protocol, Service, Text};

/// The process group of an app that runs one service.
const ONLY_GROUP: &str = "app";

/// The variables of the script that deploys to Fly, and those that it is told things by: no secret has their names.
pub const SCRIPT_VARIABLES: &[&str] = &[
    "GIT_SHA", "HOME", "IFS", "IMAGES", "OLDPWD", "PATH", "PAUSE", "PWD", "app", "apps", "chosen", "command", "count",
    "created", "deployed", "digest", "dry_run", "hide", "image", "known", "label", "line", "list", "machine",
    "missing", "name", "now", "region", "regions", "rollback", "said", "secret", "selected", "smoke", "stuck", "to",
    "tries", "word",
];

/// An app of Fly. It runs one image; each of its services is a process group with machines of its own.
#[derive(Debug, Clone)]
pub struct App<'e> {
    /// Its name.
    pub name: &'e str,
    /// The services that it runs, in the order written; at least one.
    pub services: Vec<&'e Service>,
}

impl Environment {
    /// The apps of an environment on Fly, in the order of the first service of each; none elsewhere.
    pub fn apps(&self) -> Vec<App<'_>> {
        let Platform::Fly { apps: names, .. } = &self.platform else { return Vec::new() };
        let mut apps: Vec<App<'_>> = Vec::new();
        for service in self.stack.services.values() {
            let name = names.get(&service.name).map_or(service.name.as_str(), String::as_str);
            match apps.iter_mut().find(|app| app.name == name) {
                Some(app) => app.services.push(service),
                None => apps.push(App { name, services: vec![service] }),
            }
        }
        apps
    }

    /// The app that a job belongs to: the one that runs its image, else the first that it names, else the first of all.
    pub fn app_of_job(&self, job: &Job) -> Option<App<'_>> {
        let apps = self.apps();
        let runs = |app: &&App<'_>| app.services.iter().any(|service| service.source.is_same(&job.service.source));
        let pieces = job.service.texts().flat_map(|text| text.walk());
        let named: Vec<&str> = pieces
            .filter_map(|piece| if let Piece::Reference(reference) = piece { reference.service() } else { None })
            .collect();
        let names = |app: &&App<'_>| app.services.iter().any(|service| named.contains(&service.name.as_str()));
        apps.iter().find(runs).or_else(|| apps.iter().find(names)).or_else(|| apps.first()).cloned()
    }

    /// The app that runs the service of that name.
    pub fn app_of(&self, service: &str) -> Option<App<'_>> {
        self.apps().into_iter().find(|app| app.services.iter().any(|other| other.name == service))
    }
}

impl<'e> App<'e> {
    /// The service that is written first: the app's file lies in its folder.
    pub fn first(&self) -> &'e Service {
        self.services[0]
    }

    /// Whether several services share it.
    pub fn has_groups(&self) -> bool {
        self.services.len() > 1
    }

    /// The process group of `service`.
    pub fn group<'s>(&self, service: &'s Service) -> &'s str {
        if self.has_groups() { &service.name } else { ONLY_GROUP }
    }

    /// What answers on 80 and 443 for the whole app: the first published port that speaks HTTP or gRPC, a service's main port before its
    /// others.
    pub fn public(&self) -> Option<(&'e Service, &'e Port)> {
        let speaks = |port: &&Port| matches!(port.protocol, Protocol::Http | Protocol::Grpc) && port.publish.is_some();
        self.services.iter().find_map(|service| {
            let mut ports = service.main_port().into_iter().chain(service.ports.values());
            ports.find(speaks).map(|port| (*service, port))
        })
    }

    /// The published ports beside the public one, each of which the outside reaches on a number of its own.
    pub fn further(&self) -> Vec<(&'e Service, &'e Port)> {
        let public = self.public().map(|(_, port)| &port.path);
        let all = self.services.iter().flat_map(|service| service.ports.values().map(|port| (*service, port)));
        all.filter(|(_, port)| port.publish.is_some() && public != Some(&port.path)).collect()
    }

    /// Whether all its services hand the variable to their processes with the same value, so that it can be the app's.
    pub fn shares(&self, name: &str, addressing: &Addressing<'_>) -> bool {
        let value = |service: &Service| service.env.get(name).and_then(|value| addressing.resolve(value).ok());
        let first = value(self.first());
        first.is_some() && self.services.iter().all(|service| value(service) == first)
    }

    /// The variables that `service` alone sets, or sets to another value than its neighbours; those with a secret or the commit
    /// apart, which are the app's in any case.
    pub fn own_env<'s>(&self, service: &'s Service, addressing: &Addressing<'_>) -> Vec<&'s str> {
        // The commit is the app's as well: the deployment says it to all groups at once.
        let fixed = |value: &Text| value.secrets().is_empty() && !value.asks_for(GIT_SHA);
        let plain = service.env.iter().filter(|(_, value)| fixed(value));
        plain.map(|(name, _)| name.as_str()).filter(|name| !self.shares(name, addressing)).collect()
    }
}

/// A secret of an app, under the name that its machines see it by.
#[derive(Debug, Clone, PartialEq)]
pub struct AppSecret {
    /// Its name on Fly.
    pub name: String,
    /// Its value: text and the secrets of the stack.
    pub value: Vec<Flat>,
    /// Whether the app does not work without it.
    pub required: bool,
    /// Whether Fly wants it in base64, because it becomes a file.
    pub encoded: bool,
}

impl Service {
    /// The Fly secret of a secret that becomes a file; its value has to be in base64, so it is not the one that becomes a variable.
    pub fn file_secret(secret: &str) -> String {
        format!("{secret}_BASE64")
    }
}

impl App<'_> {
    /// The secrets of the app: each variable whose value holds one, then each file's. Every machine of the app sees them all.
    pub fn secrets(&self, environment: &Environment) -> Vec<AppSecret> {
        let addressing = Addressing::new(environment);
        let required = |name: &str| environment.stack.secrets.get(name).is_none_or(|secret| secret.required);
        let mut all: Vec<AppSecret> = Vec::new();
        let mut add = |name: String, value: Vec<Flat>, encoded: bool| {
            let held = value.iter().filter_map(|piece| if let Flat::Secret(name) = piece { Some(name) } else { None });
            let required = held.into_iter().any(|name| required(name));
            if !all.iter().any(|known| known.name == name) {
                all.push(AppSecret { name, value, required, encoded });
            }
        };
        for (name, value) in self.services.iter().flat_map(|service| &service.env) {
            if !value.secrets().is_empty() {
                add(name.clone(), addressing.known(value), false);
            }
        }
        for mount in self.services.iter().flat_map(|service| &service.mounts) {
            if let MountSource::Secret(name) = &mount.source {
                add(Service::file_secret(name), vec![Flat::Secret(name.clone())], true);
            }
        }
        all
    }
}
