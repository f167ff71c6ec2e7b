//! What a machine of an app is and has: volumes, files, size, restart.

use super::File;
use crate::artifact::toml::{self, Section};
use crate::facts::relative;
use crate::model::{CpuKind, MountSource, Restart, Service, Size};

impl File<'_> {
    pub(super) fn mounts(&self) -> Vec<Section> {
        let mount = |service: &Service, name: &str, target: &str| {
            let size = self.environment.stack.volumes.get(name).and_then(|volume| volume.size);
            let section = Section::new()
                // Fly's names of volumes have no hyphen.
                .entry("source", name.replace('-', "_"))
                .entry("destination", target)
                .entry("initial_size", format!("{}gb", size.unwrap_or(Size(1 << 30)).gigabytes_up()));
            self.grouped(section, service)
        };
        let mounts = self.app.services.iter().flat_map(|service| service.mounts.iter().map(move |m| (*service, m)));
        let volumes = mounts.filter_map(|(service, of)| match &of.source {
            MountSource::Volume(name) => Some(mount(service, name, &of.target)),
            MountSource::Anonymous
            | MountSource::Bind(_)
            | MountSource::Tmpfs(_)
            | MountSource::Secret(_)
            | MountSource::File(_) => None,
        });
        volumes.collect()
    }

    /// Single files, each once for the groups that have it.
    pub(super) fn files(&self) -> Vec<Section> {
        let mut files: Vec<(&str, &MountSource, Vec<&str>)> = Vec::new();
        for service in &self.app.services {
            let group = self.app.group(service);
            for mount in &service.mounts {
                match &mount.source {
                    MountSource::Secret(_) | MountSource::File(_) => {}
                    MountSource::Volume(_) | MountSource::Anonymous | MountSource::Bind(_) | MountSource::Tmpfs(_) => {
                        continue;
                    }
                }
                match files.iter_mut().find(|(target, ..)| *target == mount.target) {
                    Some((.., groups)) => groups.push(group),
                    None => files.push((&mount.target, &mount.source, vec![group])),
                }
            }
        }
        let section = |(target, source, groups): (&str, &MountSource, Vec<&str>)| {
            let section = Section::new().entry("guest_path", target);
            let section = match source {
                MountSource::Secret(name) => section.entry("secret_name", Service::file_secret(name)),
                MountSource::File(file) => section.entry("local_path", relative(self.context(), file)),
                MountSource::Volume(_) | MountSource::Anonymous | MountSource::Bind(_) | MountSource::Tmpfs(_) => {
                    section
                }
            };
            if self.has_groups { section.entry("processes", toml::list(groups)) } else { section }
        };
        files.into_iter().map(section).collect()
    }

    pub(super) fn restart(&self) -> Vec<Section> {
        let policy = |service: &Service| match service.restart {
            Restart::UnlessStopped => None,
            Restart::Always => Some("always"),
            Restart::OnFailure => Some("on-failure"),
            Restart::Never => Some("never"),
        };
        let restarts = self.app.services.iter().filter_map(|service| {
            policy(service).map(|policy| self.grouped(Section::new().entry("policy", policy), service))
        });
        restarts.collect()
    }

    pub(super) fn vm(&self) -> Vec<Section> {
        let sizes = self.app.services.iter().filter_map(|service| Some(self.grouped(size(service)?, service)));
        sizes.collect()
    }

    pub(super) fn statics(&self) -> Vec<Section> {
        let served = self.app.services.iter().filter_map(|service| {
            let (server, prefix) = (service.serve.as_ref()?, self.statics.get(&service.name)?);
            Some(Section::new().entry("guest_path", server.site_root()).entry("url_prefix", prefix.as_str()))
        });
        served.collect()
    }
}

fn size(service: &Service) -> Option<Section> {
    let resources = service.resources;
    let kind = match resources.cpu_kind {
        CpuKind::Shared => "shared",
        CpuKind::Performance => "performance",
    };
    if resources.memory.is_none() && resources.cpus.is_none() && resources.cpu_kind == CpuKind::Shared {
        return None;
    }
    let cpus = (resources.cpus.unwrap_or(1.0) as i64).max(1);
    let least = resources.least_megabytes() * cpus as u64;
    let memory = resources.memory.map_or_else(|| format!("{least}mb"), |memory| memory.to_string());
    Some(Section::new().entry("memory", memory).entry("cpu_kind", kind).entry("cpus", cpus))
}
