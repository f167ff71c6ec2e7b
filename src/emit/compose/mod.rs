//! docker-compose.yml, one for each Compose environment: dependencies first, then as written.

mod service;
mod value;

use crate::artifact::Artifact;
use crate::artifact::yaml::{Mapping, Yaml};
use crate::emit::Output;
use crate::model::{Environment, MountSource, Platform, Program, Service, Stack};

/// The file of each Compose environment.
pub fn files(program: &Program) -> Vec<Output> {
    let files = program.environments.iter().filter_map(|environment| match &environment.platform {
        Platform::Compose { file, project } => {
            Some(Output::of(environment, self::file(program, environment, file, project), &environment.path))
        }
        Platform::Fly { .. } => None,
    });
    files.collect()
}

fn file(program: &Program, environment: &Environment, file: &str, project: &str) -> Artifact {
    let stack = &environment.stack;
    let services = in_start_order(stack).into_iter().enumerate();
    let services = services.fold(Mapping::new(), |all, (index, service)| {
        let all = all.entry(&service.name, service::service(program, environment, service));
        if index > 0 { all.blank() } else { all }
    });
    let root = Mapping::new()
        .entry("name", project)
        .entry("services", services)
        .blank()
        .nonempty("volumes", volumes(stack))
        .blank()
        .nonempty("secrets", build_secrets(stack))
        .blank()
        .comment("Mounted while images are built; they enter no layer.");
    Artifact::yaml(file, root)
}

/// The services so that each stands after those it waits for, otherwise in the order written.
fn in_start_order(stack: &Stack) -> Vec<&Service> {
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
        let sources = stack.services.values().flat_map(|service| &service.mounts).map(|mount| &mount.source);
        sources.into_iter().any(|source| *source == MountSource::Volume((*name).clone()))
    };
    stack.volumes.keys().filter(mounted).map(|name| (name.clone(), Yaml::from(Mapping::new()))).collect()
}

fn build_secrets(stack: &Stack) -> Mapping {
    let needed = |name: &&String| {
        stack.services.values().filter_map(|service| service.image()).any(|image| image.secrets.contains(name))
    };
    stack.secrets.keys().filter(needed).map(|name| (name.clone(), Mapping::new().entry("environment", name))).collect()
}
