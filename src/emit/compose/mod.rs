//! docker-compose.yml, one for each Compose environment: dependencies first, then as written.

mod mounts;
mod service;
mod value;

use crate::artifact::Artifact;
use crate::artifact::yaml::{Mapping, Yaml};
use crate::emit::Output;
use crate::escape::ShellWord;
use crate::model::{Addressing, Environment, Job, MountSource, Platform, Program, Service, Stack};
use value::Values;

/// The file of each Compose environment.
pub fn files(program: &Program) -> Vec<Output> {
    let files = program.environments.iter().filter_map(|environment| match &environment.platform {
        Platform::Compose { file, project, pull, .. } => {
            let artifact = Artifact::yaml(file, root(program, environment, file, project, *pull));
            Some(Output::of(environment, artifact, &environment.path))
        }
        Platform::Fly { .. } => None,
    });
    files.collect()
}

fn root(program: &Program, environment: &Environment, file: &str, project: &str, pull: bool) -> Mapping {
    let stack = &environment.stack;
    let services = in_start_order(stack).into_iter().enumerate();
    let services = services.fold(Mapping::new(), |all, (index, service)| {
        let release = service::release(program, environment, service, file, pull);
        let has_release = release.is_some();
        let all = all.optional(format!("{}-release", service.name), release);
        let all = if index > 0 { all.blank() } else { all };
        let all = all.comment(format!("Runs once before `{}` starts.", service.name));
        let index = index + usize::from(has_release);
        let all = all.entry(&service.name, service::service(program, environment, service, file, pull));
        if index > 0 { all.blank() } else { all }
    });
    let services = stack.jobs.values().fold(services, |all, job| {
        let all = all.entry(&job.service.name, service::service(program, environment, &job.service, file, pull));
        all.blank().comment(run_by_hand(job, file))
    });
    Mapping::new()
        .entry("name", project)
        .entry("services", services)
        .blank()
        .nonempty("volumes", volumes(stack))
        .blank()
        .nonempty("networks", networks(stack))
        .blank()
        .nonempty("configs", mounts::configs(stack, file))
        .blank()
        .nonempty("secrets", secrets(environment, file, pull))
        .blank()
}

/// How a job is started.
fn run_by_hand(job: &Job, file: &str) -> String {
    let folder_and_name = file.rsplit_once('/').unwrap_or(("", file));
    let found = folder_and_name.0.is_empty() && matches!(folder_and_name.1, "docker-compose.yml" | "compose.yaml");
    let chosen = if found { String::new() } else { format!(" -f {}", ShellWord(file)) };
    format!("A job, run when asked for: docker compose{chosen} run --rm {}", job.service.name)
}

/// The services so that each stands after those it waits for, otherwise in the order written.
pub(super) fn in_start_order(stack: &Stack) -> Vec<&Service> {
    let mut ordered: Vec<&Service> = Vec::new();
    let mut rest: Vec<&Service> = stack.services.values().collect();
    while !rest.is_empty() {
        let ready = |service: &&Service| {
            service.depends_on.iter().all(|dependency| ordered.iter().any(|before| before.name == dependency.service))
        };
        // `lint` refuses circles; the first one left keeps this total all the same.
        let next = rest.iter().position(ready).unwrap_or(0);
        ordered.push(rest.remove(next));
    }
    ordered
}

/// The named volumes that are mounted here.
fn volumes(stack: &Stack) -> Mapping {
    let mounted = |name: &&String| {
        let sources = stack.all().flat_map(|service| &service.mounts).map(|mount| &mount.source);
        sources.into_iter().any(|source| *source == MountSource::Volume((*name).clone()))
    };
    stack.volumes.keys().filter(mounted).map(|name| (name.clone(), Yaml::from(Mapping::new()))).collect()
}

fn networks(stack: &Stack) -> Mapping {
    let joined = |name: &String| stack.all().any(|service| service.networks.contains(name));
    let network = |internal: bool| Mapping::new().optional("internal", internal.then_some(true));
    stack
        .networks
        .iter()
        .filter(|(name, _)| joined(name))
        .map(|(name, internal)| (name.clone(), network(*internal)))
        .collect()
}

/// Secrets that Compose hands over itself: to a build, or as a file.
fn secrets(environment: &Environment, file: &str, pull: bool) -> Mapping {
    let stack = &environment.stack;
    let builds = |name: &String| stack.images_in_use().any(|image| image.secrets.contains(name));
    let mounts = |service: &Service, name: &String| {
        service.mounts.iter().any(|mount| mount.source == MountSource::Secret(name.clone()))
    };
    let mut all = Mapping::new();
    let mut explained = false;
    for (name, secret) in &stack.secrets {
        let mut mounting = stack.all().filter(|service| mounts(service, name)).peekable();
        let (builds, mounted) = (builds(name) && !pull, mounting.peek().is_some());
        let optional = !mounting.any(|service| environment.always_runs(service));
        let values = Values { addressing: Addressing::new(environment), stack, optional };
        if builds || mounted {
            let source = match secret.file.as_ref().filter(|_| mounted) {
                Some(path) => Mapping::new().entry("file", from_folder(file, values.print(path))),
                None => Mapping::new().entry("environment", name),
            };
            all = all.entry(name, source);
            if builds && !explained {
                all = all.comment("What images are built with is mounted meanwhile, and enters no layer.");
                explained = true;
            }
        }
    }
    all
}

/// A path of the host, which begins at the repository where it is not whole, for the Compose file at `file`, whose folder Compose starts from.
fn from_folder(file: &str, path: String) -> String {
    let whole = path.starts_with(['/', '~', '$']) || !file.contains('/');
    if whole { path } else { seen_from(file, path.trim_start_matches("./")) }
}

/// A path of the repository as seen from the folder of the Compose file.
fn seen_from(file: &str, path: &str) -> String {
    let up = "../".repeat(file.matches('/').count());
    match (up.is_empty(), path) {
        (true, ".") => ".".to_owned(),
        (true, path) => format!("./{path}"),
        (false, ".") => up.trim_end_matches('/').to_owned(),
        (false, path) => format!("{up}{path}"),
    }
}
