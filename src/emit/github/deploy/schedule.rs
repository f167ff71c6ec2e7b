//! Scheduled jobs: a workflow for each environment whose platform has no clock of its own for them. It calls the same script, and a person can start
//! each job by hand.

use super::{Gate, MINUTES, deployments, server};
use crate::artifact::Artifact;
use crate::artifact::yaml::{Mapping, Sequence, Yaml};
use crate::emit::Output;
use crate::emit::github::job::{Job, checkout, run, uses};
use crate::emit::github::{all, frame, shell, value};
use crate::model::{Deploy, Environment, GitHub, Platform, Program, Schedule};

/// The workflows.
pub fn workflows(program: &Program, github: &GitHub) -> Vec<Output> {
    let deployments = deployments(program, github, |_| Gate::default());
    deployments.filter_map(|deployment| workflow(program, deployment.environment, deployment.deploy)).collect()
}

/// A job, and when it runs.
struct Scheduled<'a> {
    name: &'a str,
    cron: String,
}

fn workflow(program: &Program, environment: &Environment, deploy: &Deploy) -> Option<Output> {
    let scheduled: Vec<Scheduled<'_>> = scheduled(environment).collect();
    if scheduled.is_empty() {
        return None;
    }
    let mut times: Vec<&str> = scheduled.iter().map(|job| job.cron.as_str()).collect();
    times.sort_unstable();
    times.dedup();
    let times: Sequence = times.into_iter().map(|cron| Mapping::new().entry("cron", cron)).collect();
    let question = Mapping::new()
        .entry("description", "What to run now")
        .entry("type", "choice")
        .entry("options", Yaml::flow(scheduled.iter().map(|job| job.name)));
    let on = Mapping::new()
        .entry("schedule", times)
        .comment("In UTC.")
        .entry("workflow_dispatch", Mapping::new().entry("inputs", Mapping::new().entry("job", question)));
    let name = &environment.name;
    let purpose =
        format!("Runs the scheduled jobs of {name}, as stack.yaml says under `jobs`; a person can start each.");
    let jobs = scheduled.iter().map(|scheduled| job(program, environment, deploy, scheduled)).collect();
    let group = "${{ github.workflow }}-${{ github.event.schedule || inputs.job }}";
    let concurrency = Mapping::new().entry("group", group).entry("cancel-in-progress", false);
    let root = frame(&format!("Jobs of {name}"), &purpose, on)
        .entry("concurrency", concurrency)
        .comment("One run of a schedule after the other.")
        .blank()
        .entry("defaults", shell())
        .blank()
        .entry("jobs", all(jobs))
        .blank();
    Some(Output::of(environment, Artifact::yaml(format!(".github/workflows/jobs-{name}.yml"), root), &deploy.path))
}

/// The jobs that no clock of the platform starts.
fn scheduled(environment: &Environment) -> impl Iterator<Item = Scheduled<'_>> {
    let own_clock = matches!(environment.platform, Platform::Fly { .. });
    environment.stack.jobs.values().filter_map(move |job| {
        let schedule = job.schedule.as_ref().filter(|schedule| !own_clock || matches!(schedule, Schedule::Cron(_)))?;
        Some(Scheduled { name: &job.service.name, cron: cron(schedule) })
    })
}

/// Not at the full hour, when GitHub has most to do and may leave runs out.
fn cron(schedule: &Schedule) -> String {
    match schedule {
        Schedule::Hourly => "23 * * * *".to_owned(),
        Schedule::Daily => "23 3 * * *".to_owned(),
        Schedule::Weekly => "23 3 * * 0".to_owned(),
        Schedule::Monthly => "23 3 1 * *".to_owned(),
        Schedule::Cron(expression) => expression.clone(),
    }
}

fn job(program: &Program, environment: &Environment, deploy: &Deploy, scheduled: &Scheduled<'_>) -> Job {
    let Scheduled { name, cron } = scheduled;
    let condition =
        format!("github.event.schedule == {} || inputs.job == {}", value::quoted(cron), value::quoted(name));
    let job = Job::new(*name, *name, MINUTES).only_if(condition, None).within(&environment.name, None).reads();
    let job = job.step(checkout(program));
    match &environment.platform {
        Platform::Compose { .. } => {
            let env = server::access(program, environment, &deploy.access).into_iter().collect();
            job.step(run("Run it on the server", format!("{} remote job {name}", environment.script())).env(env))
        }
        Platform::Fly { .. } => {
            let token = format!("${{{{ secrets.{} }}}}", deploy.access.fly_token);
            job.step(uses(program, "Set up flyctl", "superfly/flyctl-actions/setup-flyctl")).step(
                run("Run it in a machine of its own", format!("{} job {name}", environment.script()))
                    .env(Mapping::new().entry("FLY_API_TOKEN", token)),
            )
        }
    }
}
