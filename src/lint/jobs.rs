//! Jobs on Fly: machines of an app, without its volumes.

use super::each_environment;
use super::fly::unsupported;
use crate::code::Code;
use crate::diagnostic::{Diagnostics, Finding};
use crate::facts::Facts;
use crate::model::{Dependency, Environment, Job, Platform, Program, Scale, Service, Source};
use crate::source::Place;

/// What a job asks for that a machine of its own does not have.
pub fn on_fly(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_environment(program, diagnostics, |environment, findings| {
        if !matches!(environment.platform, Platform::Fly { .. }) {
            return;
        }
        for job in environment.stack.jobs.values() {
            let name = &job.service.name;
            let help = format!("under `environments.{}`, write `jobs: {{{name}: null}}`", environment.name);
            if job.saves.is_some() {
                let message = format!("`{name}` leaves its copies in a folder of the host, and Fly has none");
                findings.report(unsupported(environment, &job.service.path.key("backup"), message, &help));
            } else if let Some(mount) = job.service.mounts.first() {
                let message = format!("on Fly the job `{name}` runs in a machine of its own, with nothing mounted");
                findings.report(unsupported(environment, &mount.path, message, &help));
            } else if !belongs(environment, job) {
                let message =
                    format!("no app on Fly runs the image of `{name}`, so none is built that the job could run");
                let help = format!("let it use the image of a service, or {help}");
                let own = environment.stack.own_image(&job.service);
                let source = own.map_or_else(|| job.service.path.key("uses"), |image| image.path.clone());
                findings.report(unsupported(environment, &source, message, &help));
            }
        }
    });
}

/// Whether there is an app to run the job in, with the image that the job needs.
fn belongs(environment: &Environment, job: &Job) -> bool {
    let mut services = environment.stack.services.values();
    match &job.service.source {
        Source::Image(_) => services.next().is_some(),
        Source::Built(_) => services.any(|service| service.source.is_same(&job.service.source)),
    }
}

/// Keys of a service that mean nothing for a machine that runs once.
pub fn idle_on_fly(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_environment(program, diagnostics, |environment, findings| {
        if !matches!(environment.platform, Platform::Fly { .. }) {
            return;
        }
        for job in environment.stack.jobs.values().map(|job| &job.service) {
            for key in idle_keys(job) {
                let message = format!(
                    "`{key}` has no effect on a job in the environment `{}`: on Fly it is a machine that runs once",
                    environment.name
                );
                let finding =
                    Finding::new(Code::NoEffectOnPlatform, Place::Key(job.path.key(key)), message, "no effect on Fly");
                findings.report(finding.help("nothing needs to be done"));
            }
        }
    });
}

/// The keys of `job` that are written and have no counterpart there.
fn idle_keys(job: &Service) -> Vec<&'static str> {
    let waits = |dependency: &Dependency| dependency.path.0.starts_with(&job.path.key("depends_on").0);
    let said = [
        ("ports", !job.ports.is_empty()),
        ("env_file", !job.env_file.is_empty()),
        ("networks", !job.networks.is_empty()),
        ("depends_on", job.depends_on.iter().any(waits)),
        ("healthcheck", job.healthcheck.as_ref().is_some_and(|check| check.path != job.path)),
        ("scale", job.scale != Scale::default()),
        ("profiles", job.profiles.iter().any(|profile| profile != "jobs")),
        ("user", job.user.is_some()),
        ("working_dir", job.working_dir.is_some()),
        ("init", job.init.is_some()),
        ("labels", !job.labels.is_empty()),
        ("stop_signal", job.stop_signal.is_some()),
        ("stop_grace_period", job.stop_grace_period.is_some()),
        ("develop", job.develop.is_some()),
        ("fly", !job.fly.is_empty()),
    ];
    said.into_iter().filter(|(_, said)| *said).map(|(key, _)| key).collect()
}
