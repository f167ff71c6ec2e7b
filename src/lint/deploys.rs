//! Deployments and schedules that CI carries out, against what it publishes and what GitHub can do.

use crate::code::Code;
use crate::diagnostic::{Diagnostics, Finding, Findings};
use crate::facts::Facts;
use crate::model::{
    Deploy, Environment, GitHub, IMAGE_TAG, Input, Job, MOST_INPUTS, Platform, Program, Schedule, Tag, When, branch_tag,
};
use crate::source::{Place, SpecPath};

/// The least number of minutes between two runs of a workflow.
const LEAST: u32 = 5;

fn deployed(program: &Program) -> impl Iterator<Item = (&Environment, &Deploy)> {
    let deploys = program.ci.github.iter().flat_map(|github| &github.deploys);
    deploys.filter_map(|(name, deploy)| {
        let environment = program.environments.iter().find(|environment| environment.name == *name)?;
        Some((environment, deploy))
    })
}

/// Whether the environment's platform starts the job by itself.
fn has_clock(environment: &Environment, job: &Job) -> bool {
    let on_fly = matches!(environment.platform, Platform::Fly { .. });
    on_fly && !matches!(job.schedule, Some(Schedule::Cron(_)))
}

/// Jobs whose schedule nothing keeps: neither the platform nor a workflow.
pub fn unscheduled(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    let by_ci = |environment: &Environment| deployed(program).any(|(other, _)| other.name == environment.name);
    let keeps = |environment: &Environment, name: &str| {
        let job = environment.stack.jobs.get(name);
        job.is_some_and(|job| job.schedule.is_some() && (has_clock(environment, job) || by_ci(environment)))
    };
    let elsewhere = |environment: &Environment| match &environment.platform {
        Platform::Compose { ssh, .. } => ssh.is_some(),
        Platform::Fly { .. } => true,
    };
    let mut told: Vec<&str> = Vec::new();
    for environment in &program.environments {
        for (name, job) in environment.stack.jobs.iter().filter(|(_, job)| job.schedule.is_some()) {
            let kept = program.environments.iter().any(|other| keeps(other, name));
            // On a person's own machine a job waits until it is asked for.
            if keeps(environment, name) || (kept && !elsewhere(environment)) || told.contains(&name.as_str()) {
                continue;
            }
            told.push(name);
            let place = Place::Key(job.service.path.key("schedule"));
            let message = format!("nothing starts `{name}` by itself in the environment `{}`", environment.name);
            let finding = Finding::new(Code::UnscheduledJob, place, message, "runs when asked for");
            let script = format!("{} job {name}", environment.script());
            let help = if elsewhere(environment) {
                format!(
                    "let CI do it, `ci: {{github: {{deploy: {{{}: {{when: manual}}}}}}}}`, or let cron there call `{script}`",
                    environment.name
                )
            } else {
                format!("let cron call `{script}`, or leave `schedule` out")
            };
            Findings::new(&*environment.locate, diagnostics).report(finding.help(help));
        }
    }
}

/// Jobs of Fly whose schedule Fly does not know, and a workflow keeps.
pub fn by_workflow(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    for (environment, _) in deployed(program) {
        let on_fly = matches!(environment.platform, Platform::Fly { .. });
        for job in environment.stack.jobs.values().filter(|_| on_fly) {
            let Some(Schedule::Cron(cron)) = &job.schedule else { continue };
            let message = format!("Fly has no cron, so a workflow starts `{}` at `{cron}`", job.service.name);
            let place = Place::Value(job.service.path.key("schedule"));
            let finding = Finding::new(Code::NoEffectOnPlatform, place, message, "kept by GitHub, in UTC");
            let help = "nothing needs to be done; `hourly`, `daily`, `weekly` and `monthly` are Fly's own";
            Findings::new(&*environment.locate, diagnostics).report(finding.help(help));
        }
    }
}

/// Schedules that are closer than workflows can be.
pub fn too_frequent(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    for (environment, deploy) in deployed(program) {
        for job in environment.stack.jobs.values().filter(|job| !has_clock(environment, job)) {
            let Some(Schedule::Cron(cron)) = &job.schedule else { continue };
            let Some(minutes) = closest(cron).filter(|minutes| *minutes < LEAST) else { continue };
            let place = Place::Value(job.service.path.key("schedule"));
            let message = format!(
                "`{cron}` comes every {minutes} minutes, and GitHub starts no workflow more often than every {LEAST}"
            );
            let finding = Finding::new(Code::UnsupportedOnPlatform, place, message, "too often for a workflow");
            let finding = finding.related(Place::Key(deploy.path.clone()), "CI starts its jobs");
            let help = "write `\"*/5 * * * *\"`, or run it as a service that waits between its rounds";
            Findings::new(&*environment.locate, diagnostics).report(finding.help(help));
        }
    }
}

/// The least distance of two runs within an hour, by the minutes of a cron expression.
fn closest(cron: &str) -> Option<u32> {
    let field = cron.split_whitespace().next()?;
    let minutes: Vec<u32> = (0..60).filter(|minute| field.split(',').any(|part| covers(part, *minute))).collect();
    let within = minutes.windows(2).map(|pair| pair[1] - pair[0]);
    let around = (minutes.len() > 1).then(|| minutes[0] + 60 - minutes[minutes.len() - 1]);
    within.chain(around).min()
}

fn covers(part: &str, minute: u32) -> bool {
    let (range, step) = part.split_once('/').unwrap_or((part, "1"));
    let step: u32 = step.parse().unwrap_or(1);
    let number = |text: &str| text.parse::<u32>().ok();
    let (from, to) = match range.split_once('-') {
        _ if range == "*" => (0, 59),
        Some((from, to)) => (number(from).unwrap_or(0), number(to).unwrap_or(59)),
        None => {
            let from = number(range).unwrap_or(0);
            (from, if part.contains('/') { 59 } else { from })
        }
    };
    (from..=to).contains(&minute) && (minute - from).is_multiple_of(step.max(1))
}

/// A server pulls what CI pushed, and CI pushes from one branch.
pub fn images_of_branch(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    let Some(github) = program.ci.github.as_ref().filter(|github| github.images.is_some()) else { return };
    for (environment, deploy) in deployed(program) {
        if !environment.pulls() || deploy.branch == github.branch {
            continue;
        }
        let message = format!(
            "`{}` pulls images, and CI pushes those of `{}` and none of `{}`",
            environment.name, github.branch, deploy.branch
        );
        let place = Place::Value(deploy.path.key("branch"));
        let finding = Finding::new(Code::InvalidValue, place, message, "no images of this branch");
        let finding = finding.help("remove `branch`, or name the same one under `ci.github`");
        Findings::new(&*program.locate, diagnostics).report(finding);
    }
}

/// Questions of one workflow: of the same name they are the same question.
pub fn questions(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    let Some(github) = &program.ci.github else { return };
    let mut findings = Findings::new(&*program.locate, diagnostics);
    let all: Vec<(&String, &Input)> = github.by_itself().flat_map(|deploy| &deploy.inputs).collect();
    for (index, (name, input)) in all.iter().enumerate() {
        let same = |asked: &Input| Input { path: input.path.clone(), ..asked.clone() } == **input;
        let other = all[..index]
            .iter()
            .find(|(other, asked)| other.eq_ignore_ascii_case(name) && !(other == name && same(asked)));
        let Some((_, other)) = other else { continue };
        let message = format!(
            "`{name}` is asked once for all deployments that start by themselves, and here it is another question"
        );
        let finding = Finding::new(Code::InvalidName, Place::Key(input.path.clone()), message, "another question");
        let finding = finding.related(Place::Key(other.path.clone()), "asked here");
        findings.report(finding.help("write the same in both, or rename one of them"));
    }
    too_many(github, &mut findings);
    for deploy in github.deploys.values().filter(|deploy| deploy.when == When::Manual) {
        let Some(input) = deploy.skip().and_then(|name| deploy.inputs.get(name)) else { continue };
        let message = format!("`{}` leaves the deployment out, and a run by hand is for nothing else", Deploy::SKIP);
        let finding =
            Finding::new(Code::InvalidValue, Place::Key(input.path.clone()), message, "nothing would be left");
        let finding = finding.related(Place::Value(deploy.path.key("when")), "started by hand");
        findings.report(finding.help("remove it"));
    }
}

/// More questions than one form takes, of deployments none of which asks too many by itself.
fn too_many(github: &GitHub, findings: &mut Findings<'_>) {
    let mut asked: Vec<String> = Vec::new();
    for deploy in github.by_itself() {
        let before = asked.len();
        for name in deploy.questions().map(|name| name.to_ascii_lowercase()) {
            if !asked.contains(&name) {
                asked.push(name);
            }
        }
        if before > MOST_INPUTS || asked.len() <= MOST_INPUTS || deploy.questions().count() > MOST_INPUTS {
            continue;
        }
        let message = format!(
            "deployments that start by themselves ask {} questions with their confirmations, and GitHub takes {MOST_INPUTS} in a workflow",
            asked.len()
        );
        let place = Place::Key(deploy.path.key("inputs"));
        let finding = Finding::new(Code::InvalidValue, place, message, "too many with those before");
        findings
            .report(finding.help("ask less, set some of them under `env`, or write `when: manual` for one deployment"));
    }
}

/// Keys about pulled images where none are pulled.
pub fn nothing_pulled(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    let mut findings = Findings::new(&*program.locate, diagnostics);
    let on_server = |environment: &Environment| matches!(environment.platform, Platform::Compose { .. });
    for (environment, deploy) in deployed(program).filter(|(other, _)| on_server(other) && !other.pulls()) {
        let secrets = deploy.path.key("secrets");
        let user = deploy.access.registry_username.as_ref().map(|_| secrets.key("registry_username"));
        let password = deploy.access.registry_password.as_ref().map(|_| secrets.key("registry_password"));
        let tag = deploy.inputs.get(IMAGE_TAG).map(|input| input.path.clone());
        for path in [user, password, tag].into_iter().flatten() {
            idle(&mut findings, environment, path);
        }
    }
}

/// Answers that nothing on a server reads. What lines call may read any, so where there are some, only a word of ours in other letters is told.
pub fn unread(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    let mut findings = Findings::new(&*program.locate, diagnostics);
    let on_server = |environment: &Environment| matches!(environment.platform, Platform::Compose { .. });
    let words = [IMAGE_TAG, Deploy::PATH, Deploy::SKIP];
    for (environment, deploy) in deployed(program).filter(|(other, _)| on_server(other)) {
        let lines = || deploy.before.iter().chain(&deploy.after);
        for (name, input) in &deploy.inputs {
            let meant = words.into_iter().find(|word| word.eq_ignore_ascii_case(name));
            let read = lines().any(|line| line.text.contains(name.as_str()))
                || environment.stack.texts().any(|text| text.asks_for(name))
                || meant.is_some_and(|word| word == name || word == Deploy::SKIP)
                || (meant.is_none() && lines().next().is_some());
            if read {
                continue;
            }
            let message = format!("nothing reads the answer to `{name}`");
            let finding =
                Finding::new(Code::UnusedVariable, Place::Key(input.path.clone()), message, "changes nothing");
            findings.report(finding.help(match meant {
                Some(word) => format!("did you mean `{word}`?"),
                None => format!("use it, such as `before: ['echo \"${name}\"']`, or remove it"),
            }));
        }
    }
}

/// A version that is taken where nobody chooses one, and that CI gives to no image.
pub fn unpushed(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    let Some(github) = &program.ci.github else { return };
    let Some(images) = &github.images else { return };
    let mut moving: Vec<String> = images.promote.iter().cloned().collect();
    moving.extend(images.tags.contains(&Tag::Main).then(|| branch_tag(&github.branch)));
    let versions = images.tags.iter().any(|tag| matches!(tag, Tag::Calver | Tag::Semver));
    let pushed = |tag: &str| {
        let version = versions && tag.starts_with(|first: char| first.is_ascii_digit());
        let commit = images.tags.contains(&Tag::Sha) && tag.starts_with("sha-");
        tag.is_empty() || version || commit || moving.iter().any(|known| known == tag)
    };
    let mut findings = Findings::new(&*program.locate, diagnostics);
    for (_, deploy) in deployed(program).filter(|(environment, _)| environment.pulls()) {
        let Some(input) = deploy.inputs.get(IMAGE_TAG) else { continue };
        let default = input.answer.default();
        if pushed(default) {
            continue;
        }
        let message = format!("no image is pushed with the tag `{default}`, so this default can never be pulled");
        let place = Place::Key(input.path.clone());
        let finding = Finding::new(Code::UnknownValue, place, message, "defaults to no tag of CI");
        let finding = finding.related(Place::Key(images.path.clone()), "gives the tags");
        let help = match moving.first() {
            Some(tag) => format!("write `default: {tag}`"),
            None => "leave `default` out: then it is the image of the commit".to_owned(),
        };
        findings.report(finding.help(help));
    }
}

/// Questions about a server, where there is none.
pub fn no_server(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    let mut findings = Findings::new(&*program.locate, diagnostics);
    for (environment, deploy) in deployed(program) {
        if !matches!(environment.platform, Platform::Fly { .. }) {
            continue;
        }
        for (name, why) in [(IMAGE_TAG, "Fly builds the images of the commit"), ("DEPLOY_PATH", "Fly has no folders")] {
            let lines = deploy.lines().any(|line| line.text.contains(name));
            let Some(input) = deploy.inputs.get(name).filter(|_| !lines) else { continue };
            let message = format!("nothing reads the answer to `{name}`: {why}");
            let finding = Finding::new(Code::InvalidValue, Place::Key(input.path.clone()), message, "has no effect");
            let finding = finding.related(Place::Value(environment.path.key("platform")), "deployed here");
            findings.report(finding.help("remove it, or read it in a line of `before` or `after`"));
        }
    }
}

fn idle(findings: &mut Findings<'_>, environment: &Environment, path: SpecPath) {
    let key = path.last_key().unwrap_or_default().to_owned();
    let message = format!("`{key}` is about pulled images, and `{}` builds its own", environment.name);
    let finding = Finding::new(Code::InvalidValue, Place::Key(path), message, "nothing is pulled");
    let finding = finding.related(Place::Key(environment.path.clone()), "has no `pull`");
    findings
        .report(finding.help(format!("remove it, or write `pull: true` under `environments.{}`", environment.name)));
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn the_distance_of_runs_is_read_from_the_minutes() {
        for (cron, minutes) in [
            ("* * * * *", Some(1)),
            ("*/2 * * * *", Some(2)),
            ("*/5 * * * *", Some(5)),
            ("0,58 * * * *", Some(2)),
            ("1-10/3 3 * * *", Some(3)),
            ("30 3 * * *", None),
            ("7/20 * * * *", Some(20)),
        ] {
            assert_eq!(closest(cron), minutes, "{cron}");
        }
    }
}
