//! How the machine that runs tests gets a language: steps as data, with the inputs of GitHub's actions and the files of its runner. `emit` writes
//! them into a workflow.

use crate::facts::join;

/// The machine, and what is wanted of it.
#[derive(Debug, Clone, Copy)]
pub struct Runner<'a> {
    /// The version of the language, if it is known.
    pub version: Option<&'a str>,
    /// Whether the tests choose among several versions. Then `version` is an expression, which an action takes and no script may hold.
    pub chooses: bool,
    /// Whether what is installed is kept for the next run.
    pub caches: bool,
    /// The build's context.
    pub context: &'a str,
}

impl Runner<'_> {
    /// A path of the build's context as the workflow says it, from the root of the repository.
    pub fn file(&self, path: &str) -> String {
        join(self.context, path)
    }
}

/// One step.
#[derive(Debug, Clone)]
pub struct Step {
    /// What it is called.
    pub name: &'static str,
    /// Its name for expressions of later steps.
    pub id: Option<&'static str>,
    /// What it does.
    pub does: Does,
    /// Inputs of its action, or variables of its script.
    pub given: Vec<(&'static str, Input)>,
}

/// What a step does.
#[derive(Debug, Clone)]
pub enum Does {
    /// Uses this action, whose commit stands in the table of pins.
    Uses(&'static str),
    /// Runs a script, in which no expression stands.
    Runs(String),
    /// Keeps a folder for the next run.
    Keeps(Cache),
}

/// What a step is given.
#[derive(Debug, Clone)]
pub enum Input {
    /// A text, which may hold expressions.
    Text(String),
    /// Yes or no.
    Flag(bool),
}

/// A folder that is kept between runs, one for each kind of runner and each version of the language.
#[derive(Debug, Clone)]
pub struct Cache {
    /// What it holds, in one word.
    pub of: &'static str,
    /// The folder on the runner.
    pub path: &'static str,
    /// The version that it is for.
    pub version: String,
    /// The file of the repository that states what lies in it.
    pub lockfile: String,
}

impl Step {
    /// A step that uses an action.
    pub fn uses(name: &'static str, action: &'static str) -> Self {
        Self::new(name, Does::Uses(action))
    }

    /// A step that runs a script.
    pub fn runs(name: &'static str, script: impl Into<String>) -> Self {
        Self::new(name, Does::Runs(script.into()))
    }

    /// A step that keeps a folder.
    pub fn keeps(name: &'static str, cache: Cache) -> Self {
        Self::new(name, Does::Keeps(cache))
    }

    fn new(name: &'static str, does: Does) -> Self {
        Step { name, id: None, does, given: Vec::new() }
    }

    /// Its name for expressions.
    pub fn id(mut self, id: &'static str) -> Self {
        self.id = Some(id);
        self
    }

    /// Gives its action an input, or its script a variable.
    pub fn with(mut self, key: &'static str, value: impl Into<Input>) -> Self {
        self.given.push((key, value.into()));
        self
    }

    /// Gives it the version of the language, if that is known.
    pub fn version(self, key: &'static str, runner: &Runner<'_>) -> Self {
        match runner.version {
            Some(version) => self.with(key, version),
            None => self,
        }
    }
}

impl From<&str> for Input {
    fn from(text: &str) -> Self {
        Input::Text(text.to_owned())
    }
}

impl From<String> for Input {
    fn from(text: String) -> Self {
        Input::Text(text)
    }
}

impl From<bool> for Input {
    fn from(flag: bool) -> Self {
        Input::Flag(flag)
    }
}
