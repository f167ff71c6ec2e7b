//! What is mounted into a container: volumes, folders, memory, files.

use super::seen_from;
use super::value::fixed;
use crate::artifact::yaml::{Mapping, Sequence, Yaml};
use crate::model::{Mount, MountSource, Service, Stack};

/// Volumes and folders of `service`, in the file at `file`.
pub fn volumes(service: &Service, file: &str) -> Sequence {
    service.mounts.iter().filter_map(|mount| volume(mount, file)).collect()
}

fn volume(mount: &Mount, file: &str) -> Option<Yaml> {
    let target = fixed(&mount.target);
    match &mount.source {
        // A name of one letter would be read as a drive of Windows.
        MountSource::Volume(name) if !mount.read_only && name.len() > 1 => Some(Yaml::text(format!("{name}:{target}"))),
        MountSource::Volume(name) => Some(long("volume", name, mount).into()),
        MountSource::Bind(path) => {
            let inside = path.strip_prefix("./").or((path == ".").then_some("."));
            let path = inside.map_or_else(|| path.clone(), |path| seen_from(file, path));
            // A missing source is an error, not an empty folder made by root.
            let bind = Mapping::new().entry("create_host_path", mount.makes_folder);
            Some(long("bind", &path, mount).entry("bind", bind).into())
        }
        MountSource::Anonymous => Some(Yaml::text(target)),
        MountSource::Tmpfs(_) | MountSource::Secret(_) | MountSource::File(_) => None,
    }
}

fn long(kind: &str, source: &str, mount: &Mount) -> Mapping {
    Mapping::new()
        .entry("type", kind)
        .entry("source", fixed(source))
        .entry("target", fixed(&mount.target))
        .optional("read_only", mount.read_only.then_some(true))
}

/// File systems in memory.
pub fn tmpfs(service: &Service) -> Sequence {
    let entry = |mount: &Mount| match &mount.source {
        MountSource::Tmpfs(None) => Some(fixed(&mount.target)),
        MountSource::Tmpfs(Some(size)) => Some(format!("{}:size={}", fixed(&mount.target), size.0)),
        _ => None,
    };
    service.mounts.iter().filter_map(entry).collect()
}

/// Secrets that are handed over as files.
pub fn secrets(service: &Service) -> Sequence {
    let entry = |mount: &Mount| match &mount.source {
        MountSource::Secret(name) => Some(Mapping::new().entry("source", name).entry("target", fixed(&mount.target))),
        _ => None,
    };
    service.mounts.iter().filter_map(entry).collect()
}

/// Files of the repository that are placed in the container.
pub fn files(stack: &Stack, service: &Service) -> Sequence {
    let entry = |mount: &Mount| match &mount.source {
        MountSource::File(path) => {
            Some(Mapping::new().entry("source", config_name(stack, path)).entry("target", fixed(&mount.target)))
        }
        _ => None,
    };
    service.mounts.iter().filter_map(entry).collect()
}

/// The files that [`files`] refers to, declared once each.
pub fn configs(stack: &Stack, file: &str) -> Mapping {
    let mut all = Mapping::new();
    let mut seen: Vec<String> = Vec::new();
    for mount in stack.all().flat_map(|service| &service.mounts) {
        if let MountSource::File(path) = &mount.source
            && !seen.contains(path)
        {
            all = all.entry(config_name(stack, path), Mapping::new().entry("file", fixed(&seen_from(file, path))));
            seen.push(path.clone());
        }
    }
    all
}

/// A name for the config that holds a file: its path, in the letters that a name may have. Where that is another file's name too, what was
/// replaced is told apart.
fn config_name(stack: &Stack, path: &str) -> String {
    let plain = |path: &str| path.replace(|c: char| !c.is_ascii_alphanumeric() && !"._-".contains(c), "-");
    let name = plain(path);
    let mounted = stack.all().flat_map(|service| &service.mounts);
    let clash =
        |mount: &Mount| matches!(&mount.source, MountSource::File(other) if other != path && plain(other) == name);
    if !mounted.into_iter().any(clash) {
        return name;
    }
    let told = |c: char| match c {
        _ if c.is_ascii_alphanumeric() || c == '.' => c.to_string(),
        _ => format!("_{:x}_", u32::from(c)),
    };
    path.chars().map(told).collect()
}
