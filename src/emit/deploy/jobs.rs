//! Jobs on Fly: machines of the app that they belong to, which see its secrets.

use serde_json::{Value, json};

use crate::escape::ShellWord;
use crate::model::{Addressing, CpuKind, Environment, Flat, Job, Restart, Schedule, Service, Text};

/// A job as the script sees it.
pub(super) fn view(environment: &Environment, job: &Job) -> Option<Value> {
    let addressing = Addressing::new(environment);
    let app = environment.app_of_job(job)?;
    let service = &job.service;
    let own = environment.stack.image_of(service).is_some();
    let variables = service.env.iter().filter(|(_, value)| value.secrets().is_empty());
    let variables: Vec<String> =
        variables.map(|(name, value)| format!("{name}={}", settled(&addressing, value))).collect();
    let (entrypoint, words) = words(&addressing, service);
    Some(json!({
        "name": service.name,
        "id": service.name.replace('-', "_"),
        "app": app.name,
        "restart": match service.restart {
            Restart::Never => "no",
            Restart::OnFailure => "on-fail",
            Restart::Always | Restart::UnlessStopped => "always",
        },
        // What the app runs is known when it is deployed.
        "image": (!own).then(|| Flat::known(&addressing.known_image(service))),
        "schedule": job.schedule.as_ref().and_then(schedule),
        "entrypoint": entrypoint,
        "words": words,
        "env": variables,
        "vm": size(service),
    }))
}

/// The entrypoint, if it is not the image's, and the words after it. A secret is read in the machine, by a shell, so that it stands in no text.
fn words(addressing: &Addressing<'_>, service: &Service) -> (Option<String>, Vec<String>) {
    let all: Vec<&Text> = service.entrypoint.iter().chain(&service.command).flatten().collect();
    if all.iter().any(|word| !word.secrets().is_empty()) {
        let words: Vec<String> = all.iter().map(|word| shell_word(&addressing.known(word))).collect();
        return (Some("sh".to_owned()), vec!["-c".to_owned(), format!("exec {}", words.join(" "))]);
    }
    let plain =
        |words: &Option<Vec<Text>>| words.iter().flatten().map(|word| settled(addressing, word)).collect::<Vec<_>>();
    let entrypoint = plain(&service.entrypoint);
    let line = || entrypoint.iter().map(|word| ShellWord(word).to_string()).collect::<Vec<_>>().join(" ");
    ((!entrypoint.is_empty()).then(line), plain(&service.command))
}

fn shell_word(flat: &[Flat]) -> String {
    let piece = |piece: &Flat| match piece {
        Flat::Secret(name) => format!("\"${{{name}}}\""),
        other => ShellWord(&Flat::known(std::slice::from_ref(other))).to_string(),
    };
    flat.iter().map(piece).collect()
}

fn settled(addressing: &Addressing<'_>, text: &Text) -> String {
    Flat::known(&addressing.known(text))
}

/// Whether Fly itself starts the job.
pub(super) fn on_schedule(job: &Job) -> bool {
    job.schedule.as_ref().and_then(schedule).is_some()
}

/// Fly's word for the schedule; none for a cron expression, which it does not know.
fn schedule(schedule: &Schedule) -> Option<&'static str> {
    match schedule {
        Schedule::Hourly => Some("hourly"),
        Schedule::Daily => Some("daily"),
        Schedule::Weekly => Some("weekly"),
        Schedule::Monthly => Some("monthly"),
        Schedule::Cron(_) => None,
    }
}

fn size(service: &Service) -> Vec<String> {
    let resources = service.resources;
    let memory = resources.memory.map(|memory| format!("--vm-memory={}", memory.megabytes()));
    let cpus = resources.cpus.map(|cpus| format!("--vm-cpus={}", cpus as i64));
    let kind = (resources.cpu_kind == CpuKind::Performance).then(|| "--vm-cpu-kind=performance".to_owned());
    memory.into_iter().chain(cpus).chain(kind).collect()
}
