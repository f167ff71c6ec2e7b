//! `deploy/<env>.sh`: what a person, or CI, does with an environment.

mod compose;
mod fly;
mod jobs;
mod tests;

use crate::artifact::Artifact;
use crate::emit::Output;
use crate::model::{Environment, Program};

/// The script of each Compose environment.
pub fn compose_scripts(program: &Program) -> Vec<Output> {
    program.environments.iter().filter_map(|environment| compose::script(program, environment)).collect()
}

/// The script of each environment on Fly.
pub fn fly_scripts(program: &Program) -> Vec<Output> {
    program.environments.iter().filter_map(|environment| fly::script(program, environment)).collect()
}

/// The script of `environment` with `text`, as an output.
fn output(environment: &Environment, text: String) -> Output {
    Output::of(environment, Artifact::text(environment.script(), text).executable(), &environment.path)
}
