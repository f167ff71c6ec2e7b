//! What a person is asked who starts a deployment, how the answers become variables, and the words that confirm them.

use super::Deployment;
use super::server::Variables;
use crate::artifact::yaml::{Mapping, Yaml};
use crate::emit::github::job::{Step, run};
use crate::emit::github::value;
use crate::escape::ShellWord;
use crate::model::{Answer, Input};

/// The questions, each behind the one that it confirms.
pub fn asked(deployment: &Deployment<'_>) -> Vec<(String, Mapping)> {
    let mut all = Vec::new();
    for (name, input) in &deployment.deploy.inputs {
        all.push((name.clone(), question(input)));
        if !input.confirm.is_empty() {
            all.push((Input::confirmation_of(name), confirmation(name, input)));
        }
    }
    all
}

fn question(input: &Input) -> Mapping {
    let question = Mapping::new().optional("description", input.description.as_deref().map(value::fixed));
    let question = if input.required { question.entry("required", true) } else { question };
    match &input.answer {
        Answer::Text { default } if default.is_empty() => question.entry("type", "string"),
        Answer::Text { default } => question.entry("type", "string").entry("default", default.clone()),
        Answer::Choice { options, default } => question
            .entry("type", "choice")
            .entry("options", Yaml::flow(options.iter()))
            .entry("default", default.clone()),
        Answer::Boolean { default } => question.entry("type", "boolean").entry("default", *default),
    }
}

fn confirmation(name: &str, input: &Input) -> Mapping {
    let words = input.confirm.iter().map(|(option, word)| format!("{word} for {option}"));
    let words = words.collect::<Vec<_>>().join(", ");
    Mapping::new().entry("description", format!("To confirm {name}, type {words}")).entry("type", "string")
}

/// The answers as variables. Where a run starts without a person they are the defaults.
pub fn answers(deployment: &Deployment<'_>) -> Variables {
    let mut variables = Variables::new();
    let skip = deployment.deploy.skip();
    for (name, input) in deployment.deploy.inputs.iter().filter(|(name, _)| Some(name.as_str()) != skip) {
        variables.push((name.clone(), answer(deployment, name, input)));
        if !input.confirm.is_empty() {
            let confirmation = Input::confirmation_of(name);
            variables.push((confirmation.clone(), format!("${{{{ inputs.{confirmation} }}}}")));
        }
    }
    variables
}

fn answer(deployment: &Deployment<'_>, name: &str, input: &Input) -> String {
    if deployment.by_hand() {
        return format!("${{{{ inputs.{name} }}}}");
    }
    match &input.answer {
        Answer::Boolean { default: true } => {
            format!("${{{{ github.event_name != 'workflow_dispatch' || inputs.{name} }}}}")
        }
        Answer::Boolean { default: false } => format!("${{{{ inputs.{name} || false }}}}"),
        Answer::Text { default } if default.is_empty() => format!("${{{{ inputs.{name} }}}}"),
        Answer::Text { default } | Answer::Choice { default, .. } => {
            format!("${{{{ inputs.{name} || {} }}}}", value::quoted(default))
        }
    }
}

/// The step that stops unless each word is there.
pub fn confirm(deployment: &Deployment<'_>) -> Option<Step> {
    let mut script = String::new();
    let mut env = Mapping::new();
    for (name, input) in deployment.deploy.inputs.iter().filter(|(_, input)| !input.confirm.is_empty()) {
        let confirmation = Input::confirmation_of(name);
        env.push(name.clone(), answer(deployment, name, input));
        env.push(confirmation.clone(), format!("${{{{ inputs.{confirmation} }}}}"));
        for (option, word) in &input.confirm {
            script.push_str(&format!(
                "if [[ ${name} == {} && ${confirmation} != {} ]]; then\n  echo \"::error::{name} was not confirmed, so nothing was done\"\n  exit 1\nfi\n",
                ShellWord(option),
                ShellWord(word)
            ));
        }
    }
    (!script.is_empty()).then(|| run("Look for the words that confirm", script).env(env))
}
