//! What a service mounts.

use super::Scope;
use crate::code::Code;
use crate::diagnostic::{Finding, nearest};
use crate::model::{Mount, MountSource};
use crate::source::{Place, SpecPath};
use crate::spec::{self, Scalar, ScalarOr, Stage};

/// The volume that a mount names, if it is one.
pub(super) fn volume_of(mount: &ScalarOr<spec::Mount>) -> Option<&str> {
    match mount {
        ScalarOr::Long(long) => long.volume.as_deref(),
        ScalarOr::Short(Scalar(text)) => {
            let (source, _) = spec::Mount::access(text);
            (!source.starts_with(['.', '/', '~'])).then_some(source)
        }
    }
}

/// The mounts of the service at `path`.
pub(super) fn resolve(scope: &mut Scope<'_, '_>, written: &spec::Service, path: &SpecPath) -> Vec<Mount> {
    let mut mounts = Vec::new();
    for (target, mount) in &written.volumes {
        // A file of passwords is mounted because a route asks for them.
        let asked = super::routing::wants_passwords(scope.spec, target);
        let path = asked.unwrap_or_else(|| path.key("volumes").key(target));
        let (long, read_only) = match mount {
            ScalarOr::Long(long) => (long.clone(), long.read_only.unwrap_or(false)),
            ScalarOr::Short(Scalar(text)) => {
                let (source, read_only) = spec::Mount::access(text);
                let volume = volume_of(mount).map(str::to_owned);
                let bind = volume.is_none().then(|| source.to_owned());
                (spec::Mount { volume, bind, ..spec::Mount::default() }, read_only.unwrap_or(false))
            }
        };
        let source = mount_source(scope, target, &long, &path);
        mounts.extend(source.map(|source| Mount {
            target: target.clone(),
            source,
            read_only,
            makes_folder: false,
            path,
        }));
    }
    one_place_each(scope, &mounts);
    mounts
}

fn mount_source(scope: &mut Scope<'_, '_>, target: &str, mount: &spec::Mount, path: &SpecPath) -> Option<MountSource> {
    let spec::Mount { volume, bind, tmpfs, secret, file, read_only } = mount;
    let nothing = [volume, bind, secret, file].iter().all(|source| source.is_none());
    if nothing && *read_only == Some(true) {
        let (what, help) = match tmpfs {
            Some(_) => ("a file system in memory", "remove `read_only`"),
            None => ("a volume without a name", "name what is mounted, such as `volume: data`; or remove `read_only`"),
        };
        let message = format!("{what} that nobody can write to stays empty");
        let finding = Finding::new(Code::InvalidValue, Place::Key(path.key("read_only")), message, "of no use");
        scope.report(finding.help(help));
    }
    match (volume, bind, tmpfs, secret, file) {
        (Some(volume), None, None, None, None) => named_volume(scope, volume, path),
        (None, Some(bind), None, None, None) => host_path(scope, bind, path),
        (None, None, Some(size), None, None) => tmpfs_of(scope, &size.0, &path.key("tmpfs")),
        (None, None, None, Some(secret), None) => {
            let asked = super::routing::wants_passwords(scope.spec, target).is_some();
            let place = Place::Value(if asked { path.clone() } else { path.key("secret") });
            let known = scope.knows_secret(secret, Stage::Run, place);
            known.then(|| MountSource::Secret(secret.clone()))
        }
        (None, None, None, None, None) => Some(MountSource::Anonymous),
        (None, None, None, None, Some(file)) => {
            scope.inside(file, "the repository", &path.key("file")).map(MountSource::File)
        }
        _ => {
            let message = format!("what is mounted at `{target}` is said twice");
            let finding = Finding::new(Code::InvalidValue, Place::Value(path.clone()), message, "needs one source");
            scope.report(
                finding.help(
                    "write one of `volume: NAME`, `bind: ./folder`, `tmpfs: true`, `secret: NAME`, `file: ./file`",
                ),
            );
            None
        }
    }
}

fn tmpfs_of(scope: &mut Scope<'_, '_>, size: &str, path: &SpecPath) -> Option<MountSource> {
    if size == "true" {
        return Some(MountSource::Tmpfs(None));
    }
    scope.size(Some(size), path).map(|size| MountSource::Tmpfs(Some(size)))
}

/// Whether a volume can be called so.
fn is_volume_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c);
    name.starts_with(|c: char| c.is_ascii_lowercase()) && name.len() <= 30 && name.chars().all(plain)
}

pub(super) fn named_volume(scope: &mut Scope<'_, '_>, volume: &str, path: &SpecPath) -> Option<MountSource> {
    if scope.spec.volumes.contains_key(volume) {
        return Some(MountSource::Volume(volume.to_owned()));
    }
    if volume.contains("${") {
        scope.report(moving(volume, path));
        return None;
    }
    let known: Vec<&str> = scope.spec.volumes.keys().map(String::as_str).collect();
    let help = match nearest(volume, &known) {
        Some(near) => format!("did you mean `{near}`? A folder of the repository is written `./{volume}`"),
        None if is_volume_name(volume) => {
            format!("declare it: `volumes: {{{volume}: {{}}}}`; a folder of the repository is written `./{volume}`")
        }
        None => {
            format!("a folder of the repository is written `./{volume}`; a volume has a plain name, such as `data`")
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

/// A source that is not the same wherever it runs.
fn moving(source: &str, path: &SpecPath) -> Finding {
    let message = format!("`{source}` holds a reference, and what is mounted is fixed");
    let finding = Finding::new(Code::InvalidValue, Place::Value(path.clone()), message, "not a fixed path");
    finding.help(format!(
        "write the path itself, such as `/srv/data`; a file whose path the deployment knows is a secret, `secrets: {{NAME: {{file: \"{source}\"}}}}`, and mounted with `{{secret: NAME}}`"
    ))
}

/// Two mounts at one place of the container: one would hide the other, and Docker refuses them.
fn one_place_each(scope: &mut Scope<'_, '_>, mounts: &[Mount]) {
    let steps = |mount: &Mount| {
        mount.target.split('/').filter(|step| !step.is_empty() && *step != ".").map(str::to_owned).collect::<Vec<_>>()
    };
    for (index, mount) in mounts.iter().enumerate() {
        if let Some(first) = mounts[..index].iter().find(|other| steps(other) == steps(mount)) {
            let message = format!("`{}` and `{}` are one place in the container", first.target, mount.target);
            let finding = Finding::new(Code::InvalidValue, Place::Key(mount.path.clone()), message, "mounted again");
            let finding = finding.related(Place::Key(first.path.clone()), "mounted here already");
            scope.report(finding.help("mount one of them elsewhere, or remove it"));
        }
    }
}

pub(super) fn host_path(scope: &mut Scope<'_, '_>, bind: &str, path: &SpecPath) -> Option<MountSource> {
    if bind.contains("${") {
        scope.report(moving(bind, path));
        return None;
    }
    if bind.starts_with('/') || bind.starts_with("~/") {
        return Some(MountSource::Bind(bind.to_owned()));
    }
    let inside = scope.inside(bind, "the repository", path)?;
    Some(MountSource::Bind(if inside == "." { inside } else { format!("./{inside}") }))
}
