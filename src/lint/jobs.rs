//! Jobs on Fly: machines of an app, without its volumes.

use super::each_environment;
use super::fly::{each_app, refused_keys, reserved_names, unsupported};
use super::machines::sold;
use crate::code::Code;
use crate::diagnostic::{Diagnostics, Finding};
use crate::facts::Facts;
use crate::model::{
    Addressing, App, Dependency, Environment, Flat, Job, MountSource, Platform, Program, Restart, Scale, Service,
    Source,
};
use crate::source::{Place, SpecPath};

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
            let report = &mut |finding| findings.report(finding);
            refused_keys(environment, &job.service, report);
            reserved_names(&job.service, report);
            sold(environment, &job.service, report);
            if matches!(job.service.restart, Restart::Always | Restart::UnlessStopped) {
                let message =
                    format!("on Fly the machine of the job `{name}` would be started again and never be done");
                let help = "write `restart: on-failure`, or leave it out";
                report(unsupported(environment, &job.service.path.key("restart"), message, help));
            }
        }
    });
}

/// What is handed over under a name in an app.
struct Handed<'t> {
    name: String,
    /// What it holds; none where that is not known.
    value: Option<Vec<Flat>>,
    secret: bool,
    /// Whether a service has it in its `env`.
    of_service: bool,
    path: &'t SpecPath,
}

/// The secrets of an app are one value each for all its machines, those of its jobs as well, and win over what is plain.
pub fn secrets(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_app(program, diagnostics, |environment, app, report| {
        let all = handed_over(environment, app);
        for (index, one) in all.iter().enumerate() {
            let clashes = |other: &&Handed<'_>| {
                // What services say of each other is looked at elsewhere.
                let apart = one.of_service && other.of_service;
                other.name == one.name && (one.secret || other.secret) && one.value != other.value && !apart
            };
            let Some(other) = all[..index].iter().find(clashes) else { continue };
            let message =
                format!("`{}` holds a secret, and so is one value for the app `{}` and its jobs", one.name, app.name);
            let help = "give the variable another name in one of the two";
            let finding = unsupported(environment, one.path, message, help);
            report(finding.related(Place::Value(other.path.clone()), "another value"));
        }
    });
}

fn handed_over<'e>(environment: &'e Environment, app: &App<'e>) -> Vec<Handed<'e>> {
    let addressing = Addressing::new(environment);
    let own = |job: &&Job| environment.app_of_job(job).is_some_and(|of| of.name == app.name);
    let jobs: Vec<&Service> = environment.stack.jobs.values().filter(own).map(|job| &job.service).collect();
    let of_services = app.services.iter().map(|service| (*service, true));
    let mut all = Vec::new();
    for (service, of_service) in of_services.chain(jobs.iter().map(|job| (*job, false))) {
        for (name, text) in &service.env {
            let (value, secret) = (addressing.resolve(text).ok(), !text.secrets().is_empty());
            all.push(Handed { name: name.clone(), value, secret, of_service, path: &text.path });
        }
    }
    for mount in app.services.iter().flat_map(|service| &service.mounts) {
        if let MountSource::Secret(of) = &mount.source {
            let value = Some(vec![Flat::Literal("base64 of ".to_owned()), Flat::Secret(of.clone())]);
            let name = Service::file_secret(of);
            all.push(Handed { name, value, secret: true, of_service: false, path: &mount.path });
        }
    }
    for text in jobs.iter().flat_map(|job| job.command.iter().chain(&job.entrypoint).flatten()) {
        for name in text.secrets() {
            let value = Some(vec![Flat::Secret(name.to_owned())]);
            all.push(Handed { name: name.to_owned(), value, secret: true, of_service: false, path: &text.path });
        }
    }
    all
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
        ("networks", !job.networks.is_empty()),
        ("depends_on", job.depends_on.iter().any(waits)),
        ("healthcheck", job.healthcheck.as_ref().is_some_and(|check| check.path != job.path)),
        ("scale", job.scale != Scale::default()),
        ("init", job.init.is_some()),
        ("labels", !job.labels.is_empty()),
        ("stop_signal", job.stop_signal.is_some()),
        ("stop_grace_period", job.stop_grace_period.is_some()),
        ("develop", job.develop.is_some()),
        ("fly", !job.fly.is_empty()),
    ];
    said.into_iter().filter(|(_, said)| *said).map(|(key, _)| key).collect()
}
