//! The job that compares a commit with the one that was deployed last, and says what has to be deployed.

use super::Deployment;
use crate::artifact::yaml::Mapping;
use crate::emit::github::job::{Job, checkout_with, run};
use crate::escape::ShellWord;

/// What is compared: the key of the job's output, and paths from the root.
pub struct Compared {
    /// The key of the output.
    pub key: String,
    /// The paths that it is made from.
    pub paths: Vec<String>,
}

/// The output that says whether anything has to be deployed.
pub const ANY: &str = "any";

/// A run in which all went well has deployed its commit; of several the one that ended last, because an older one may have been run again. A run after it
/// that failed, or that a person started, may have deployed its commit as well.
const OF_PUSHES: &str = r#"# What a person starts is deployed in full. What differs from the last commit that is known to run, or from one tried since, has changed.
commits=
if [[ $GITHUB_EVENT_NAME == push ]]; then
  commits=$(gh run list --repo "$GITHUB_REPOSITORY" --workflow "$WORKFLOW" --branch "$GITHUB_REF_NAME" \
    --status completed --limit 100 --json headSha,updatedAt,event,conclusion --jq '
      map(select(.event == "push" or .event == "workflow_dispatch")) | sort_by(.updatedAt) | reverse
      | .[0:((map(.event == "push" and .conclusion == "success") | index(true)) // -1) + 1] | map(.headSha) | unique[]')
fi
"#;

/// The same of runs that a person started, on any branch.
const BY_HAND: &str = r#"# What differs from the last commit that is known to run, or from one tried since, has changed.
commits=$(gh run list --repo "$GITHUB_REPOSITORY" --workflow "$WORKFLOW" \
  --status completed --limit 100 --json headSha,updatedAt,conclusion --jq '
    sort_by(.updatedAt) | reverse
    | .[0:((map(.conclusion == "success") | index(true)) // -1) + 1] | map(.headSha) | unique[]')
"#;

const CHANGED: &str = r#"changed() {
  [[ -n $commits ]] || return 0
  while read -r commit; do
    git cat-file -e "$commit^{commit}" 2> /dev/null || return 0
    git diff --quiet "$commit" HEAD -- "$@" || return 0
  done <<< "$commits"
  return 1
}
"#;

/// The key of the job.
pub fn id(deployment: &Deployment<'_>) -> String {
    format!("changes-{}", deployment.name())
}

/// The job.
pub fn job(deployment: &Deployment<'_>, compared: &[Compared]) -> Job {
    let mut script = if deployment.by_hand() { BY_HAND } else { OF_PUSHES }.to_owned() + CHANGED;
    let mut job = deployment.job("changes", "Find changes for", 10).needs(deployment.gate.needs.iter().cloned());
    if let Some(condition) = deployment.condition(None) {
        job = job.only_if(condition, None);
    }
    job = job.reads().permits("actions", "read", "find the run that deployed last");
    let workflow = format!(".github/workflows/{}", deployment.workflow());
    for Compared { key, paths } in compared {
        let own = [deployment.script(), workflow.clone()];
        let paths = paths.iter().chain(&own).map(|path| format!(":(literal){path}"));
        let paths: Vec<String> = paths.map(|path| ShellWord(&path).to_string()).collect();
        script.push_str(&format!(
            "if changed {}; then\n  echo \"{key}=true\" >> \"$GITHUB_OUTPUT\"\n  any=true\nfi\n",
            paths.join(" ")
        ));
        job = job.output(key, &format!("steps.changes.outputs.{key}"));
    }
    if compared.len() > 1 || compared[0].key != ANY {
        script.push_str("echo \"any=${any:-}\" >> \"$GITHUB_OUTPUT\"\n");
        job = job.output(ANY, &format!("steps.changes.outputs.{ANY}"));
    }
    let env = Mapping::new().entry("GH_TOKEN", "${{ github.token }}").entry("WORKFLOW", deployment.workflow());
    // The commit that was deployed last may be any older one.
    let depth = Mapping::new().entry("fetch-depth", 0);
    job.step(checkout_with(deployment.program, depth))
        .step(run("Compare with what was deployed last", script).id("changes").env(env))
}
