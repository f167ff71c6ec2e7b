//! The form that all jobs and steps share: what a person reads first stands first, the least is permitted, and each ends in time.

use crate::artifact::yaml::{Mapping, Sequence, Yaml};
use crate::model::{Duration, Program};

/// What jobs run on.
const RUNNER: &str = "ubuntu-24.04";

/// One job.
pub struct Job {
    /// Its key among the jobs.
    pub id: String,
    name: String,
    needs: Vec<String>,
    condition: Option<String>,
    why: Option<&'static str>,
    timeout: u64,
    permissions: Mapping,
    strategy: Option<Mapping>,
    outputs: Mapping,
    steps: Sequence,
}

impl Job {
    /// A job that ends after so many minutes at most.
    pub fn new(id: impl Into<String>, name: impl Into<String>, minutes: u64) -> Self {
        Job {
            id: id.into(),
            name: name.into(),
            needs: Vec::new(),
            condition: None,
            why: None,
            timeout: minutes,
            permissions: Mapping::new(),
            strategy: None,
            outputs: Mapping::new(),
            steps: Sequence::new(),
        }
    }

    /// The jobs that come before it.
    pub fn needs(mut self, jobs: impl IntoIterator<Item = String>) -> Self {
        self.needs.extend(jobs);
        self
    }

    /// When it runs, as an expression, and why only then.
    pub fn only_if(mut self, condition: impl Into<String>, why: Option<&'static str>) -> Self {
        self.condition = Some(condition.into());
        self.why = why;
        self
    }

    /// Permits to read the repository.
    pub fn reads(mut self) -> Self {
        self.permissions = self.permissions.entry("contents", "read");
        self
    }

    /// Permits more, and says what for.
    pub fn permits(mut self, scope: &str, access: &str, what_for: &str) -> Self {
        self.permissions = self.permissions.entry(scope, access).note(what_for);
        self
    }

    /// Runs once for each of these values of `matrix.<name>`.
    pub fn for_each(mut self, name: &str, values: &[String]) -> Self {
        let matrix = Mapping::new().entry(name, Yaml::flow(values.iter()));
        self.strategy = Some(Mapping::new().entry("fail-fast", false).entry("matrix", matrix));
        self
    }

    /// Hands a value on to jobs that need it.
    pub fn output(mut self, name: &str, expression: &str) -> Self {
        self.outputs = self.outputs.entry(name, format!("${{{{ {expression} }}}}"));
        self
    }

    /// Adds a step.
    pub fn step(mut self, step: Mapping) -> Self {
        self.steps.push(step);
        self
    }

    /// Adds steps.
    pub fn steps(mut self, steps: impl IntoIterator<Item = Mapping>) -> Self {
        steps.into_iter().for_each(|step| self.steps.push(step));
        self
    }

    /// The job as a workflow holds it.
    pub fn mapping(self) -> Mapping {
        let needs = match self.needs.as_slice() {
            [] => None,
            [only] => Some(Yaml::text(only)),
            several => Some(Yaml::flow(several.iter())),
        };
        let mapping = Mapping::new()
            .entry("name", self.name)
            .optional("needs", needs)
            .optional("if", self.condition.map(|condition| format!("${{{{ {condition} }}}}")));
        let mapping = if let Some(why) = self.why { mapping.comment(why) } else { mapping };
        mapping
            .entry("runs-on", RUNNER)
            .entry("timeout-minutes", self.timeout)
            .entry("permissions", self.permissions)
            .optional("strategy", self.strategy)
            .nonempty("outputs", self.outputs)
            .entry("steps", self.steps)
    }
}

/// A duration in whole minutes, rounded up.
pub fn minutes(duration: Duration) -> u64 {
    duration.0.div_ceil(60_000)
}

/// A step that uses an action of the table, at the version that is in force.
pub fn uses(program: &Program, name: &str, action: &str) -> Mapping {
    let pin = program.pins.of(action);
    Mapping::new().entry("name", name).entry("uses", format!("{action}@{}", pin.commit)).note(pin.version)
}

/// A step that runs a script.
pub fn run(name: &str, script: impl Into<String>) -> Step {
    Step { name: name.to_owned(), script: script.into(), ..Step::default() }
}

/// A step that runs a script, under construction: keys stand in the order in which people write them, whatever is said first.
#[derive(Default)]
pub struct Step {
    name: String,
    id: Option<&'static str>,
    condition: Option<String>,
    folder: Option<String>,
    env: Mapping,
    script: String,
}

impl Step {
    /// Its name for expressions.
    pub fn id(mut self, id: &'static str) -> Self {
        self.id = Some(id);
        self
    }

    /// When it runs, as an expression.
    pub fn only_if(mut self, condition: impl Into<String>) -> Self {
        self.condition = Some(condition.into());
        self
    }

    /// The folder in which it runs; the root says nothing.
    pub fn within(mut self, folder: &str) -> Self {
        self.folder = (folder != ".").then(|| folder.to_owned());
        self
    }

    /// Its variables.
    pub fn env(mut self, env: Mapping) -> Self {
        self.env = env;
        self
    }

    /// The step as a job holds it.
    pub fn mapping(self) -> Mapping {
        let script = if self.script.contains('\n') { format!("{}\n", self.script.trim_end()) } else { self.script };
        Mapping::new()
            .entry("name", self.name)
            .optional("id", self.id)
            .optional("if", self.condition.map(|condition| format!("${{{{ {condition} }}}}")))
            .optional("working-directory", self.folder)
            .nonempty("env", self.env)
            .entry("run", script)
    }
}

/// The first step of most jobs; no later one finds the token that it used.
pub fn checkout(program: &Program) -> Mapping {
    checkout_with(program, Mapping::new())
}

/// The same with more settings.
pub fn checkout_with(program: &Program, with: Mapping) -> Mapping {
    uses(program, "Check out", "actions/checkout").entry("with", with.entry("persist-credentials", false))
}
