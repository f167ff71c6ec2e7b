//! Jobs on Fly: machines of an app, without its volumes.

use super::each_environment;
use super::fly::unsupported;
use crate::diagnostic::Diagnostics;
use crate::facts::Facts;
use crate::model::{Environment, Job, Platform, Program, Source};

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
                findings.report(unsupported(environment, &job.service.path, message, &help));
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
