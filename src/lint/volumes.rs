//! Volumes and networks.

use super::fly::on_fly;
use super::{each_environment, each_stack};
use crate::code::Code;
use crate::diagnostic::{Diagnostics, Finding, Findings, nearest};
use crate::facts::{Facts, Found, Wanted, join};
use crate::model::{Addressing, Flat, Mount, MountSource, Platform, Program, Source, Stack};
use crate::source::{Place, SpecPath};

/// A volume that nothing mounts, in the base or in any environment.
pub fn unused(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    let mut findings = Findings::new(&*program.locate, diagnostics);
    let stacks =
        || std::iter::once(&program.base).chain(program.environments.iter().map(|environment| &environment.stack));
    let mounts = |stack: &Stack, name: &str| {
        let sources = stack.all().flat_map(|service| &service.mounts).map(|mount| &mount.source);
        sources.into_iter().any(|source| *source == MountSource::Volume(name.to_owned()))
    };
    for name in program.base.volumes.keys().filter(|name| !stacks().any(|stack| mounts(stack, name))) {
        let place = Place::Key(SpecPath::root().key("volumes").key(name));
        findings.report(unmounted(place, name, None));
    }
    each_environment(program, diagnostics, |environment, findings| {
        let base = &program.base.volumes;
        for name in environment.stack.volumes.keys().filter(|name| !base.contains_key(*name)) {
            let path = SpecPath::root().key("volumes").key(name);
            // Some are made for certificates, and nobody wrote those.
            if environment.locate.has(&path) && !mounts(&environment.stack, name) {
                let known: Vec<&str> = base.keys().map(String::as_str).collect();
                findings.report(unmounted(Place::Key(path), name, nearest(name, &known)));
            }
        }
    });
}

/// A volume that nothing mounts; `near` is the one of the base that an environment may have meant.
fn unmounted(place: Place, name: &str, near: Option<&str>) -> Finding {
    let finding = Finding::new(Code::UnusedVolume, place, format!("nothing mounts the volume `{name}`"), "not used");
    finding.help(match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("mount it: `volumes: {{/data: {name}}}` in a service, or remove it"),
    })
}

/// A volume in the place of the program, or of its packages.
pub fn over_code(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_stack(program, diagnostics, |stack, findings| {
        for service in stack.all() {
            let Some(image) = stack.image_of(service).filter(|image| image.is_generated()) else { continue };
            let languages = stack.standing(image).into_iter().filter_map(|image| image.recipe());
            let code: Vec<&str> = languages.flat_map(|recipe| recipe.language().holds_code()).copied().collect();
            for mount in service.mounts.iter().filter(|mount| matches!(mount.source, MountSource::Volume(_))) {
                let target = mount.target.trim_end_matches('/');
                let over = |folder: &&str| {
                    folder.strip_prefix(target).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                };
                let Some(folder) = code.iter().copied().find(over) else { continue };
                let message = format!("a volume over `{folder}` hides what the image of `{}` has there", service.name);
                let finding = Finding::new(
                    Code::HiddenCode,
                    Place::Key(mount.path.clone()),
                    message,
                    "holds the program or its packages",
                );
                findings.report(finding.help("mount it where the program keeps its data, such as `/data`"));
            }
        }
    });
}

/// PostgreSQL in the top folder of a new disk of Fly's, which is not empty.
pub fn new_disks(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    on_fly(program, diagnostics, |environment, service, report| {
        let addressing = Addressing::new(environment);
        let Source::Image(image) = &service.source else { return };
        let image = addressing.resolve(image).map(|flat| Flat::known(&flat)).unwrap_or_default();
        let is_postgres =
            ["postgres", "postgis", "pgvector", "timescaledb", "timescaledb-ha"].contains(&program_of(&image));
        if !is_postgres || service.entrypoint.is_some() {
            return;
        }
        let told = service.env.get("PGDATA").and_then(|text| Flat::settled(&addressing.resolve(text).ok()?));
        let data = told.as_deref().unwrap_or(PGDATA).trim_end_matches('/');
        for mount in service.mounts.iter().filter(|mount| mount.target.trim_end_matches('/') == data) {
            let MountSource::Volume(name) = &mount.source else { continue };
            let message =
                "a new disk of Fly holds `lost+found`, and PostgreSQL begins in an empty folder alone".to_owned();
            let finding = Finding::new(Code::DiskNotEmpty, Place::Key(mount.path.clone()), message, "not empty there");
            let platform = Place::Value(environment.path.key("platform"));
            let finding = finding.related(platform, format!("the environment `{}`", environment.name));
            let help = format!(
                "under `services.{}`, write `env: {{PGDATA: \"${{volumes.{name}.path}}/data\"}}`",
                service.name
            );
            report(finding.help(help));
        }
    });
}

/// Where the images of PostgreSQL keep their data unless told otherwise.
const PGDATA: &str = "/var/lib/postgresql/data";

/// The last step of an image's name, without its tag and digest.
fn program_of(image: &str) -> &str {
    let name = image.split('@').next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
    name.split(':').next().unwrap_or_default()
}

/// Paths of the repository that services mount.
pub fn wanted(program: &Program) -> Wanted {
    let mounts = program.environments.iter().flat_map(|environment| environment.stack.all());
    mounts.flat_map(|service| &service.mounts).filter_map(|mount| source(mount)).map(|path| join(path, "")).collect()
}

/// What a mount takes from the repository.
fn source(mount: &Mount) -> Option<&str> {
    match &mount.source {
        MountSource::Bind(path) if path == "." => Some(path),
        MountSource::Bind(path) => path.strip_prefix("./"),
        MountSource::File(path) => Some(path),
        MountSource::Volume(_) | MountSource::Anonymous | MountSource::Tmpfs(_) | MountSource::Secret(_) => None,
    }
}

/// Folders and files that are mounted from the repository and are not there. On a server they may be put there by hand.
pub fn sources(program: &Program, facts: &Facts, diagnostics: &mut Diagnostics) {
    each_environment(program, diagnostics, |environment, findings| {
        let (on_fly, tool) = match &environment.platform {
            Platform::Compose { ssh: None, .. } => (false, "Compose mounts nothing that is missing"),
            Platform::Compose { .. } => return,
            Platform::Fly { .. } => (true, "flyctl reads it when it deploys"),
        };
        for mount in environment.stack.all().flat_map(|service| &service.mounts).filter(|mount| !mount.makes_folder) {
            let taken = !on_fly || matches!(mount.source, MountSource::File(_));
            let Some(path) = source(mount).filter(|_| taken).map(|path| join(path, "")) else { continue };
            if facts.at(&path) == Some(&Found::Missing) {
                let message = format!("`{path}` is not in the repository, and {tool}");
                let finding =
                    Finding::new(Code::MissingSource, Place::Value(mount.path.clone()), message, "would not start");
                findings.report(
                    finding.help(format!("add `{path}`, or correct the path; paths are relative to stack.yaml")),
                );
            }
        }
    });
}

/// A network that no service joins, in the base or in any environment.
pub fn unused_networks(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    let mut findings = Findings::new(&*program.locate, diagnostics);
    let stacks =
        || std::iter::once(&program.base).chain(program.environments.iter().map(|environment| &environment.stack));
    let joined = |name: &String| stacks().flat_map(|stack| stack.all()).any(|service| service.networks.contains(name));
    for name in program.base.networks.keys().filter(|name| !joined(name)) {
        let place = Place::Key(SpecPath::root().key("networks").key(name));
        findings.report(unjoined(place, name, None));
    }
    each_environment(program, diagnostics, |environment, findings| {
        let (base, stack) = (&program.base.networks, &environment.stack);
        let joins = |name: &String| stack.all().any(|service| service.networks.contains(name));
        for name in stack.networks.keys().filter(|name| !base.contains_key(*name) && !joins(name)) {
            let known: Vec<&str> = base.keys().map(String::as_str).collect();
            let place = Place::Key(SpecPath::root().key("networks").key(name));
            findings.report(unjoined(place, name, nearest(name, &known)));
        }
    });
}

/// A network that no service joins; `near` is the one of the base that an environment may have meant.
fn unjoined(place: Place, name: &str, near: Option<&str>) -> Finding {
    let finding =
        Finding::new(Code::UnusedNetwork, place, format!("no service joins the network `{name}`"), "not used");
    finding.help(match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("join it: `networks: [{name}]` in a service, or remove it"),
    })
}
