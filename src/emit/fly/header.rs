//! The comment at the head of a fly.toml: how to deploy the app, and what it needs first.

use super::{File, machine, value};
use crate::emit::image::within;
use crate::escape::ShellWord;
use crate::model::{Flat, MountSource, Piece, Platform, Service, Text};

impl File<'_> {
    /// How to deploy it, and which secrets it needs first.
    pub(super) fn header(&self) -> String {
        let mut lines =
            vec!["Deploy from the repository's root:".to_owned(), format!("  fly deploy{}", self.deploy_arguments())];
        if let Platform::Fly { org: Some(org), .. } = &self.environment.platform {
            lines.push("Create it once:".to_owned());
            lines.push(format!("  fly apps create {} --org {}", self.app.name, ShellWord(org)));
        }
        lines.extend(self.machines());
        let secrets = self.secrets();
        if !secrets.is_empty() {
            lines.push("It needs these secrets first:".to_owned());
            let pairs: Vec<String> = secrets.iter().map(|name| format!(" {name}=…")).collect();
            lines.push(format!("  fly secrets set --app {}{}", self.app.name, pairs.join("")));
        }
        for (name, value) in self.composed() {
            lines.push(format!("  {name} is {}", value::outline(&self.addressing.known(value))));
        }
        for secret in self.file_secrets() {
            lines.push(format!("  {} is <{secret}> in base64", machine::encoded(secret)));
        }
        lines.join("\n")
    }

    fn machines(&self) -> Vec<String> {
        let said = |service: &&&Service| service.scale.machines() > 1 || service.scale.max.is_some();
        let said: Vec<&&Service> = self.app.services.iter().filter(said).collect();
        if said.is_empty() {
            return Vec::new();
        }
        let count = |service: &&&Service| {
            let machines = service.scale.machines();
            if self.app.has_groups() { format!("{}={machines}", service.name) } else { machines.to_string() }
        };
        let counts: Vec<String> = said.iter().map(count).collect();
        let Platform::Fly { region, regions, .. } = &self.environment.platform else { return Vec::new() };
        let all: Vec<&str> = region.iter().chain(regions).map(String::as_str).collect();
        let spread = if regions.is_empty() { String::new() } else { format!(" --region {}", all.join(",")) };
        let line = format!("  fly scale count {} --app {}{spread}", counts.join(" "), self.app.name);
        vec!["Have that many machines, once; the number lasts:".to_owned(), line]
    }

    fn deploy_arguments(&self) -> String {
        let context = self.context();
        let config = within(context, &self.path);
        let folder = if context == "." { String::new() } else { format!(" {}", ShellWord(context)) };
        // Fly makes two of each first machine unless told otherwise.
        let single = self.app.services.iter().all(|service| service.scale.max == Some(1));
        let single = if single { " --ha=false" } else { "" };
        let mut arguments = format!("{folder} --config {}{single}", ShellWord(config));
        if let Some(image) = self.image().filter(|image| !image.secrets.is_empty()) {
            let secrets = image.secrets.iter().map(|name| format!(" \\\n    --build-secret {name}=\"${name}\""));
            arguments.extend(secrets);
            if image.is_generated() {
                arguments.push_str(" \\\n    --build-arg BUILD_DIGEST=\"$BUILD_DIGEST\"");
            }
        }
        arguments
    }

    /// Names of the Fly secrets that have to be set: each variable whose value holds a required secret, and each file's.
    fn secrets(&self) -> Vec<String> {
        let declared = &self.environment.stack.secrets;
        let required = |name: &str| declared.get(name).is_none_or(|secret| secret.required);
        let mut names: Vec<String> = Vec::new();
        for (name, value) in self.app.services.iter().flat_map(|service| &service.env) {
            if value.secrets().into_iter().any(required) && !names.contains(name) {
                names.push(name.clone());
            }
        }
        for (name, value) in self.app.services.iter().flat_map(|service| self.routed(service)) {
            let held = value.iter().any(|piece| matches!(piece, Flat::Secret(name) if required(name)));
            if held && !names.contains(&name) {
                names.push(name);
            }
        }
        names.extend(self.file_secrets().into_iter().filter(|name| required(name)).map(machine::encoded));
        names
    }

    /// The secrets that become files, each once.
    fn file_secrets(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for mount in self.app.services.iter().flat_map(|service| &service.mounts) {
            if let MountSource::Secret(name) = &mount.source
                && !names.contains(&name.as_str())
            {
                names.push(name);
            }
        }
        names
    }

    /// The variables whose value is more than one secret of the same name.
    fn composed(&self) -> Vec<(&String, &Text)> {
        let same = |name: &String, value: &Text| value.pieces == [Piece::Secret(name.clone())];
        let mut all: Vec<(&String, &Text)> = Vec::new();
        for (name, value) in self.app.services.iter().flat_map(|service| &service.env) {
            if !value.secrets().is_empty() && !same(name, value) && !all.iter().any(|(known, _)| *known == name) {
                all.push((name, value));
            }
        }
        all
    }
}
