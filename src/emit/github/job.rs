//! The form that all jobs and steps share: what a person reads first stands first, the least is permitted, and each ends in time.

use crate::artifact::yaml::{Mapping, Sequence, Yaml};
use crate::model::{Duration, Program};

/// What jobs run on.
pub const RUNNER: &str = "ubuntu-24.04";

/// One job.
pub struct Job {
    /// Its key among the jobs.
    pub id: String,
    name: String,
    needs: Vec<String>,
    condition: Option<String>,
    why: Option<String>,
    timeout: u64,
    environment: Option<Yaml>,
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
            environment: None,
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
    pub fn only_if(mut self, condition: impl Into<String>, why: Option<&str>) -> Self {
        self.condition = Some(condition.into());
        self.why = why.map(str::to_owned);
        self
    }

    /// The environment of GitHub whose rules and values it is under, and the address that it brings up to date.
    pub fn within(mut self, environment: &str, url: Option<String>) -> Self {
        self.environment = Some(match url {
            Some(url) => Mapping::new().entry("name", environment).entry("url", url).into(),
            None => Yaml::text(environment),
        });
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
    pub fn step(self, step: Step) -> Self {
        self.steps([step])
    }

    /// Adds steps.
    pub fn steps(mut self, steps: impl IntoIterator<Item = Step>) -> Self {
        steps.into_iter().for_each(|step| self.steps.push(step.mapping()));
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
            .optional("environment", self.environment)
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
pub fn uses(program: &Program, name: &str, action: &str) -> Step {
    let pin = program.pins.of(action);
    let what = What::Action { reference: format!("{action}@{}", pin.commit), version: pin.version };
    Step { name: name.to_owned(), what, ..Step::default() }
}

/// A step that runs a script.
pub fn run(name: &str, script: impl Into<String>) -> Step {
    Step { name: name.to_owned(), what: What::Script(script.into()), ..Step::default() }
}

/// A step under construction: its keys stand in the order in which people write them, whatever is said first.
#[derive(Default)]
pub struct Step {
    name: String,
    id: Option<&'static str>,
    condition: Option<String>,
    forgiven: Option<&'static str>,
    folder: Option<String>,
    env: Mapping,
    what: What,
    with: Mapping,
}

/// What a step does.
enum What {
    Script(String),
    Action { reference: String, version: String },
}

impl Default for What {
    fn default() -> Self {
        What::Script(String::new())
    }
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

    /// The job goes on if it fails, and why.
    pub fn forgiven(mut self, why: &'static str) -> Self {
        self.forgiven = Some(why);
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

    /// What its action is told.
    pub fn with(mut self, with: Mapping) -> Self {
        self.with = with;
        self
    }

    fn mapping(self) -> Mapping {
        let mapping = Mapping::new()
            .entry("name", self.name)
            .optional("id", self.id)
            .optional("if", self.condition.map(|condition| format!("${{{{ {condition} }}}}")))
            .optional("continue-on-error", self.forgiven.map(|_| true));
        let mapping = match self.forgiven {
            Some(why) => mapping.comment(why),
            None => mapping,
        };
        let mapping = mapping.optional("working-directory", self.folder).nonempty("env", self.env);
        match self.what {
            What::Script(script) if script.contains('\n') => mapping.entry("run", format!("{}\n", script.trim_end())),
            What::Script(script) => mapping.entry("run", script),
            What::Action { reference, version } => {
                mapping.entry("uses", reference).note(version).nonempty("with", self.with)
            }
        }
    }
}

/// The first step of most jobs; no later one finds the token that it used.
pub fn checkout(program: &Program) -> Step {
    checkout_with(program, Mapping::new())
}

/// The same with more settings.
pub fn checkout_with(program: &Program, with: Mapping) -> Step {
    uses(program, "Check out", "actions/checkout").with(with.entry("persist-credentials", false))
}
