//! The workflows of GitHub Actions, as values: one file a concern. What is permitted is the least that works, what others wrote is pinned to a
//! commit, and nothing is filled into a script but by its variables.

mod changes;
mod check;
mod deploy;
mod images;
mod job;
mod registry;
mod release;
mod setup;
mod test;
mod value;
mod version;

use crate::artifact::Artifact;
use crate::artifact::yaml::{Mapping, Yaml};
use crate::emit::Output;
use crate::model::{Deploy, GitHub, Program, Tag, Test, When};
use deploy::Gate;
use job::{Job, run};

/// Where the workflow lies that checks, tests and publishes.
pub const PATH: &str = ".github/workflows/ci.yml";
/// By this name GitHub is asked for its runs.
const FILE: &str = "ci.yml";

/// The workflows.
pub fn files(program: &Program) -> Vec<Output> {
    let Some(github) = &program.ci.github else { return Vec::new() };
    let version = github.images.as_ref().filter(|images| images.tags.contains(&Tag::Semver));
    let version = version.and_then(|_| version::workflow(program));
    let version = version.map(|root| Output::shared(Artifact::yaml(version::PATH, root), &github.path));
    let jobs = jobs(program, github);
    let ci =
        (!jobs.is_empty()).then(|| Output::shared(Artifact::yaml(PATH, workflow(program, github, jobs)), &github.path));
    let deployments = deploy::workflows(program, github).into_iter().chain(deploy::schedules(program, github));
    ci.into_iter().chain(version).chain(deployments).collect()
}

/// The jobs that check, test and publish, then those that release and deploy what has passed.
fn jobs(program: &Program, github: &GitHub) -> Vec<Job> {
    let mut jobs = checked(program, github);
    let passed = (!jobs.is_empty()).then(|| PASSED_ID.to_owned());
    jobs.extend(release::job(program, github, passed.clone()));
    jobs.extend(deploy::jobs(program, github, |deploy| gate(github, deploy, passed.clone())));
    jobs
}

/// What a deployment waits for.
fn gate(github: &GitHub, deploy: &Deploy, passed: Option<String>) -> Gate {
    let not_skipped = github.skip().map(|name| format!("!inputs.{name}"));
    let and = |first: String| [first].into_iter().chain(not_skipped.clone()).collect::<Vec<_>>().join(" && ");
    match deploy.when {
        When::Manual => Gate::default(),
        When::Push => Gate {
            condition: Some(and(on_branch(&deploy.branch, passed.is_some()))),
            needs: passed.into_iter().collect(),
            version: None,
        },
        When::Release => {
            let tagged = github.images.as_ref().is_some_and(|images| images.tags.contains(&Tag::Calver));
            let version = tagged.then(|| release::VERSION.to_owned());
            let condition = and(format!("needs.{}.result == 'success'", release::ID));
            Gate { needs: vec![release::ID.to_owned()], condition: Some(condition), version }
        }
    }
}

/// Whether there is a job to wait for before anything is deployed.
fn checks(program: &Program, github: &GitHub) -> bool {
    github.check.is_some() || github.images.is_some() || (github.test && !program.ci.tests.is_empty())
}

/// All jobs that check in the order in which they run; the last one waits for all others.
fn checked(program: &Program, github: &GitHub) -> Vec<Job> {
    let tests: Vec<&Test> = program.ci.tests.iter().filter(|_| github.test).collect();
    let mut jobs: Vec<Job> = Vec::new();
    jobs.extend(github.check.iter().map(|repository| check::job(program, repository)));
    jobs.extend(changes::job(program, &tests));
    jobs.extend(tests.iter().filter_map(|tested| test::job(program, tested)));
    let before: Vec<String> = jobs.iter().map(|job| job.id.clone()).filter(|id| id != changes::ID).collect();
    jobs.extend(github.images.iter().flat_map(|images| images::jobs(program, images, &github.branch, &before)));
    if !jobs.is_empty() {
        let all: Vec<String> = jobs.iter().map(|job| job.id.clone()).collect();
        jobs.push(passed(all, &followed(github)));
    }
    jobs
}

/// Whether jobs keep what they install for the next run. What is released comes from no cache, which another run may have filled.
fn keeps_caches(program: &Program) -> bool {
    let release = |github: &GitHub| github.branch.to_ascii_lowercase().contains("release");
    !program.ci.github.as_ref().is_some_and(release)
}

/// The key of the job that says whether all went well.
const PASSED_ID: &str = "passed";

/// Its name, which is that of the check.
const PASSED_NAME: &str = "Passed";

/// Fails unless each job went well or was not needed.
const PASSED: &str = r#"echo "$RESULTS"
case " $RESULTS " in
  *" failure "* | *" cancelled "*) exit 1 ;;
esac
"#;

/// The job to require of a pull request: it always ends, whichever of the others are needed. It says as well which of `branches` this is.
fn passed(all: Vec<String>, branches: &[&str]) -> Job {
    let env = Mapping::new().entry("RESULTS", "${{ join(needs.*.result, ' ') }}");
    let job = Job::new(PASSED_ID, PASSED_NAME, 5)
        .needs(all)
        .only_if("always()", Some("The check to require: it ends whichever of the others were needed."));
    let job = job.step(run("Look at the results of all jobs", PASSED).env(env));
    if branches.is_empty() {
        return job;
    }
    let all: Vec<String> = branches.iter().map(|branch| format!("refs/heads/{branch}")).collect();
    let script = format!(
        r#"# Case counts here, as it does not in an expression.
case $GITHUB_REF in
  {}) echo "branch=${{GITHUB_REF#refs/heads/}}" >> "$GITHUB_OUTPUT" ;;
esac
"#,
        all.join(" | ")
    );
    job.output("branch", "steps.branch.outputs.branch").step(run("Say which branch this is", script).id("branch"))
}

/// The branches of which something is released or deployed.
fn followed(github: &GitHub) -> Vec<&str> {
    let released = github.release.iter().map(|_| github.branch.as_str());
    let deployed = github.deploys.values().filter(|deploy| deploy.when == When::Push);
    let mut branches: Vec<&str> = Vec::new();
    for branch in released.chain(deployed.map(|deploy| deploy.branch.as_str())) {
        if !branches.contains(&branch) {
            branches.push(branch);
        }
    }
    branches
}

/// Whether a run is one of the branch, as an expression: by what `passed` says, where there is something to pass.
fn on_branch(branch: &str, passed: bool) -> String {
    match passed {
        true => format!("needs.{PASSED_ID}.outputs.branch == {}", value::quoted(branch)),
        false => format!("github.ref == {}", value::quoted(&format!("refs/heads/{branch}"))),
    }
}

/// Whether a run is given secrets, as an expression: a pull request from elsewhere has none, nor has one by Dependabot.
const HAS_SECRETS: &str = "(github.event_name != 'pull_request' || github.event.pull_request.head.repo.full_name == github.repository) && !startsWith(github.head_ref, 'dependabot')";

fn workflow(program: &Program, github: &GitHub, jobs: Vec<Job>) -> Mapping {
    let mut branches = vec![&github.branch];
    let deployed = github.deploys.values().filter(|deploy| deploy.when == When::Push);
    for deploy in deployed {
        if !branches.contains(&&deploy.branch) {
            branches.push(&deploy.branch);
        }
    }
    let push = Mapping::new().entry("branches", Yaml::flow(branches));
    let asked = deploy::asked(program, github);
    let by_hand: Yaml = if asked.is_empty() { Yaml::Null } else { Mapping::new().entry("inputs", asked).into() };
    let on = Mapping::new()
        .entry("push", push)
        .entry("pull_request", Yaml::Null)
        .entry("merge_group", Yaml::Null)
        .entry("workflow_dispatch", by_hand);
    let does = match (&github.release, github.by_itself().next().is_some()) {
        (None, false) => "Checks, tests and publishes",
        (None, true) => "Checks, tests, publishes and deploys",
        (Some(_), false) => "Checks, tests, publishes and releases",
        (Some(_), true) => "Checks, tests, publishes, releases and deploys",
    };
    frame("CI", &format!("{does}, as stack.yaml says under `ci.github`."), on)
        .entry("concurrency", concurrency())
        .comment(
            "Runs of a branch wait for each other, so that no tag goes back; of those that wait only the newest stays.",
        )
        .blank()
        .entry("defaults", shell())
        .blank()
        .entry("jobs", all(jobs))
        .blank()
}

fn concurrency() -> Mapping {
    Mapping::new()
        .entry("group", "${{ github.workflow }}-${{ github.ref }}")
        .entry("cancel-in-progress", "${{ github.event_name == 'pull_request' }}")
}

/// The head of a workflow: what it is, what starts it, and that nothing is permitted which a job does not ask for.
fn frame(name: &str, purpose: &str, on: Mapping) -> Mapping {
    Mapping::new()
        .entry("name", name)
        .comment(purpose)
        .entry("on", on)
        .bare()
        .blank()
        .entry("permissions", Mapping::new())
        .comment("Each job says what it needs.")
        .blank()
}

/// The shell of all scripts: it ends at the first command that fails, in a pipe as well.
fn shell() -> Mapping {
    Mapping::new().entry("run", Mapping::new().entry("shell", "bash"))
}

fn all(jobs: Vec<Job>) -> Mapping {
    let jobs = jobs.into_iter().enumerate();
    jobs.fold(Mapping::new(), |all, (index, job)| {
        let all = all.entry(job.id.clone(), job.mapping());
        if index > 0 { all.blank() } else { all }
    })
}
