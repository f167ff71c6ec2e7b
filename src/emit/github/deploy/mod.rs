//! Deployments: jobs that call `deploy/<env>.sh`. What a push or a release starts stands behind the tests in the workflow that checks; what a person
//! starts has a workflow of its own, with questions.

mod changes;
mod fly;
mod questions;
mod schedule;
mod server;

use super::job::{Job, Step, checkout, run};
use super::{all, frame, shell, value};
use crate::artifact::Artifact;
use crate::artifact::yaml::{Mapping, Yaml};
use crate::emit::{Output, server as server_side};
use crate::model::{Addressing, Deploy, Environment, GitHub, IMAGE_TAG, Platform, Program, ShellLine, When};

pub use schedule::workflows as schedules;
use server::Variables;

/// What a job may take that deploys.
const MINUTES: u64 = 60;

/// What the job does that brings back what others have deployed.
const ROLL_BACK: &str = "Roll back";

/// What has to be there before the first job of a deployment.
#[derive(Default)]
pub struct Gate {
    /// The jobs that it waits for.
    pub needs: Vec<String>,
    /// What else has to hold.
    pub condition: Option<String>,
    /// The version of the images, as an expression; none is the usual one.
    pub version: Option<String>,
}

/// One deployment, and the workflow that it stands in.
struct Deployment<'a> {
    program: &'a Program,
    github: &'a GitHub,
    environment: &'a Environment,
    deploy: &'a Deploy,
    gate: Gate,
}

impl Deployment<'_> {
    fn name(&self) -> &str {
        &self.environment.name
    }

    /// The script of the environment.
    fn script(&self) -> String {
        self.environment.script()
    }

    /// Whether a person starts it, in a workflow of its own.
    fn by_hand(&self) -> bool {
        self.deploy.when == When::Manual
    }

    /// The file of its workflow.
    fn workflow(&self) -> String {
        if self.by_hand() { format!("deploy-{}.yml", self.name()) } else { super::FILE.to_owned() }
    }

    /// A job of it; the first ones stand behind the gate.
    fn job(&self, kind: &str, title: &str, minutes: u64) -> Job {
        Job::new(format!("{kind}-{}", self.name()), self.title(title), minutes)
    }

    /// The name of a job of it.
    fn title(&self, title: &str) -> String {
        format!("{title} {}", self.name())
    }

    /// The condition of a job: nothing before it failed, the gate is open, and `more`.
    fn condition(&self, more: Option<String>) -> Option<String> {
        let healthy = (!self.gate.needs.is_empty() || more.is_some()).then(|| "!failure() && !cancelled()".to_owned());
        let all: Vec<String> = healthy.into_iter().chain(self.gate.condition.clone()).chain(more).collect();
        (!all.is_empty()).then(|| all.join(" && "))
    }

    /// The jobs, in the order in which they run.
    fn jobs(&self) -> Vec<Job> {
        match &self.environment.platform {
            Platform::Fly { .. } => fly::jobs(self),
            Platform::Compose { .. } => server::jobs(self),
        }
    }

    /// The options of the script's command `up`.
    fn options(&self) -> String {
        let smoke = if self.deploy.smoke { "" } else { " --no-smoke" };
        let rollback = if self.deploy.rollback { "" } else { " --no-rollback" };
        format!("{smoke}{rollback}")
    }

    /// The variables of the user's lines: the answers, then what `env` sets.
    fn variables(&self) -> Variables {
        let addressing = Addressing::new(self.environment);
        let set = self.deploy.env.iter();
        let set = set.map(|(name, text)| (name.clone(), value::text(&addressing.known(text), value::KEPT)));
        questions::answers(self).into_iter().chain(set).collect()
    }

    /// Whether the source is what is deployed, so that its tests have to have passed; images are pushed only after theirs.
    fn builds(&self) -> bool {
        !self.environment.pulls()
    }

    /// The steps that stop a run by hand before it changes anything.
    fn first(&self, job: Job) -> Job {
        let job = job.reads();
        let tested = self.by_hand() && self.builds() && super::checks(self.program, self.github);
        let job = if tested { job.permits("actions", "read", "see whether the tests passed") } else { job };
        job.steps(questions::confirm(self)).steps(tested.then(passed)).step(checkout(self.program))
    }
}

/// The user's lines as one script.
fn lines(lines: &[ShellLine]) -> Option<String> {
    (!lines.is_empty()).then(|| ShellLine::script(lines))
}

/// The job and not its run, in which a deployment elsewhere may have failed; of this workflow alone, since others may have a job of that name.
const PASSED: &str = r#"runs=$(gh run list --repo "$GITHUB_REPOSITORY" --workflow "$WORKFLOW" --commit "$GITHUB_SHA" \
  --limit 100 --json databaseId --jq '.[].databaseId')
ended=
for run in $runs; do
  ended+=$(gh api --paginate "repos/$GITHUB_REPOSITORY/actions/runs/$run/jobs?filter=all&per_page=100" --jq '
    .jobs[] | select(.name == env.CHECK and .status == "completed") | "\(.completed_at) \(.conclusion)"')$'\n'
done
passed=$(sort <<< "$ended" | tail -n 1)
if [[ $passed != *' success' ]]; then
  echo "::error::the check $CHECK of $GITHUB_SHA has not gone well: see the workflow CI"
  exit 1
fi
"#;

fn passed() -> Step {
    let env = Mapping::new()
        .entry("GH_TOKEN", "${{ github.token }}")
        .entry("WORKFLOW", super::FILE)
        .entry("CHECK", super::PASSED_NAME);
    run("Look whether the tests of this commit passed", PASSED).env(env)
}

/// The jobs of all deployments that start by themselves, behind the jobs of the workflow that checks.
pub fn jobs(program: &Program, github: &GitHub, gate: impl Fn(&Deploy) -> Gate) -> Vec<Job> {
    let deployments = deployments(program, github, gate).filter(|deployment| !deployment.by_hand());
    deployments.flat_map(|deployment| deployment.jobs()).collect()
}

fn deployments<'a>(
    program: &'a Program,
    github: &'a GitHub,
    gate: impl Fn(&Deploy) -> Gate,
) -> impl Iterator<Item = Deployment<'a>> {
    let found = github.deploys.iter().filter_map(|(name, deploy)| {
        let environment = program.environments.iter().find(|environment| environment.name == *name)?;
        Some((environment, deploy))
    });
    found.map(move |(environment, deploy)| Deployment { program, github, environment, deploy, gate: gate(deploy) })
}

/// The questions of a run by hand of the workflow that checks.
pub fn asked(program: &Program, github: &GitHub) -> Mapping {
    let deployments = deployments(program, github, |_| Gate::default()).filter(|deployment| !deployment.by_hand());
    let mut all = Mapping::new();
    let mut seen: Vec<String> = Vec::new();
    for (name, question) in deployments.flat_map(|deployment| questions::asked(&deployment)) {
        // Several deployments may ask the same; then it is asked once.
        if !seen.contains(&name) {
            all.push(name.clone(), question);
            seen.push(name);
        }
    }
    all
}

/// The workflows that a person starts.
pub fn workflows(program: &Program, github: &GitHub) -> Vec<Output> {
    let by_hand = deployments(program, github, |_| Gate::default()).filter(Deployment::by_hand);
    by_hand.map(|deployment| workflow(&deployment)).collect()
}

fn workflow(deployment: &Deployment<'_>) -> Output {
    let name = deployment.name();
    let purpose = format!("Deploys {name} when a person says so, as stack.yaml says under `ci.github.deploy.{name}`.");
    let questions: Mapping = questions::asked(deployment).into_iter().collect();
    let by_hand = if questions.is_empty() { Mapping::new() } else { Mapping::new().entry("inputs", questions) };
    let by_hand: Yaml = if by_hand.is_empty() { Yaml::Null } else { by_hand.into() };
    let on = Mapping::new().entry("workflow_dispatch", by_hand);
    let concurrency = Mapping::new().entry("group", format!("deploy-{name}")).entry("cancel-in-progress", false);
    let root = frame(&format!("Deploy {name}"), &(purpose + &going_back(deployment)), on)
        .entry("concurrency", concurrency)
        .comment("A deployment that runs is never cut off; the next one waits.")
        .blank()
        .entry("defaults", shell())
        .blank()
        .entry("jobs", all(deployment.jobs()))
        .blank();
    let path = format!(".github/workflows/{}", deployment.workflow());
    Output::of(deployment.environment, Artifact::yaml(path, root), &deployment.deploy.path)
}

/// How a person gets an older version back.
fn going_back(deployment: &Deployment<'_>) -> String {
    let script = deployment.script();
    match &deployment.environment.platform {
        Platform::Compose { pull: true, .. } if deployment.deploy.inputs.contains_key(IMAGE_TAG) => {
            "\nTo go back, run it with the IMAGE_TAG of an older version.".to_owned()
        }
        Platform::Compose { pull: true, .. } => server_side::older(deployment.program)
            .map_or_else(String::new, |older| format!("\nTo go back, on the server: IMAGE_TAG={older} {script} up")),
        Platform::Compose { .. } | Platform::Fly { .. } => "\nTo go back, run it on an older tag or branch.".to_owned(),
    }
}
