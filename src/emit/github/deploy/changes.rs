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

/// The runs of the branch, and whether what one deployed is its commit: a person may have asked for something else.
const OF_PUSHES: &str = r#"# What a person starts is deployed in full.
runs=
if [[ $GITHUB_EVENT_NAME == push ]]; then
  runs=$(gh run list --repo "$GITHUB_REPOSITORY" --workflow "$WORKFLOW" --branch "$GITHUB_REF_NAME" \
    --status completed --limit 100 --json databaseId,headSha,updatedAt,event --jq '
      map(select(.event == "push" or .event == "workflow_dispatch")) | sort_by(.updatedAt) | reverse[]
      | "\(.updatedAt) \(.databaseId) \(.event == "push") \(.headSha)"')
fi
"#;

/// The runs that a person started, on any branch.
const BY_HAND: &str = r#"runs=$(gh run list --repo "$GITHUB_REPOSITORY" --workflow "$WORKFLOW" \
  --status completed --limit 100 --json databaseId,headSha,updatedAt --jq '
    sort_by(.updatedAt) | reverse[] | "\(.updatedAt) \(.databaseId) true \(.headSha)"')
"#;

/// Runs are looked at by their jobs, since one that failed elsewhere may have deployed here, and one that went well may have skipped this. GitHub's own
/// list of deployments does not tell the jobs of an environment from each other. A job counts when it ended, because an older run may have been run again.
const LAST: &str = r#"# What differs from the commit that was deployed last in this environment, or from one tried since, has changed.
known=
tried=
while read -r updated run whole commit; do
  # No earlier run has done anything since.
  [[ -n $updated && ! $updated < $known ]] || break
  ended=$(gh api --paginate "repos/$GITHUB_REPOSITORY/actions/runs/$run/jobs?filter=all&per_page=100" --jq '
    .jobs[] | select(.conclusion != "skipped" and (.name | IN(JOBS)))
    | "\(.completed_at) \(if .conclusion == "success" and .name != "BACK" then "well" else "badly" end)"' | sort)
  [[ -n $ended ]] || continue
  last=$(tail -n 1 <<< "$ended" | cut -d ' ' -f 1)
  if [[ $whole == true && $ended != *badly* ]]; then
    tried+="$last deployed $commit"$'\n'
    [[ $last < $known ]] || known=$last
  else
    tried+="$last tried $commit"$'\n'
  fi
done <<< "$runs"
commits=
if [[ -n $known ]]; then
  commits=$(sort --reverse <<< "$tried" | awk '!found { print $3 } $2 == "deployed" { found = 1 }' | sort --unique)
fi
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

/// The job; `deploying` are the names of those that deploy or fail with what they deploy.
pub fn job(deployment: &Deployment<'_>, compared: &[Compared], deploying: Vec<String>) -> Job {
    let back = deployment.title(super::ROLL_BACK);
    let names = deploying.into_iter().chain([back.clone()]).map(|name| format!("\"{name}\""));
    let last = LAST.replace("JOBS", &names.collect::<Vec<_>>().join(", ")).replace("BACK", &back);
    let mut script = if deployment.by_hand() { BY_HAND } else { OF_PUSHES }.to_owned() + &last + CHANGED;
    let mut job = deployment.job("changes", "Find changes for", 10).needs(deployment.gate.needs.iter().cloned());
    if let Some(condition) = deployment.condition(None) {
        job = job.only_if(condition, None);
    }
    job = job.reads().permits("actions", "read", "find what was deployed last");
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
