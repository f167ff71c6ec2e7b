//! The job that finds out which tests a pull request needs. It always runs, and what need not be tested is skipped by it, so no required check
//! waits for ever, as it would behind a filter of the whole workflow.

use super::PATH;
use super::job::{Job, checkout_with, run};
use crate::artifact::yaml::Mapping;
use crate::escape::ScriptWord;
use crate::model::{Program, Test};

/// The job's key.
pub const ID: &str = "changes";

const CHANGED: &str = r#"# Only a pull request is compared, with the branch that it is meant for; everything else is tested in full.
changed() {
  [[ $GITHUB_EVENT_NAME != pull_request ]] || ! git diff --quiet HEAD^1 HEAD -- "$@"
}
"#;

/// The job, if any of the tests depends on what was changed.
pub fn job(program: &Program, tests: &[&Test]) -> Option<Job> {
    let filtered: Vec<&&Test> = tests.iter().filter(|test| !test.paths.is_empty()).collect();
    if filtered.is_empty() {
        return None;
    }
    let mut script = CHANGED.to_owned();
    let mut job = Job::new(ID, "Find changes", 5).reads();
    for test in filtered {
        let paths: Vec<String> = pathspecs(test).iter().map(|path| ScriptWord(path).to_string()).collect();
        let name = &test.service;
        script.push_str(&format!(
            "if changed {}; then\n  echo \"{name}=true\" >> \"$GITHUB_OUTPUT\"\nfi\n",
            paths.join(" ")
        ));
        job = job.output(name, &format!("steps.changes.outputs.{name}"));
    }
    // A pull request is checked out as its merge, whose first parent is the branch that it is meant for.
    let depth = Mapping::new().entry("fetch-depth", 2);
    Some(job.step(checkout_with(program, depth)).step(run("Compare", script).id("changes")))
}

/// The condition under which a test with paths runs.
pub fn condition(test: &Test) -> String {
    format!("needs.{ID}.outputs.{} == 'true'", test.service)
}

/// What git compares: the user's patterns, and the files that decide how the test runs.
fn pathspecs(test: &Test) -> Vec<String> {
    let specs = |path: &String| match path.strip_prefix('!') {
        Some(path) => matching(path, "exclude,"),
        None => matching(path, ""),
    };
    let all = test.paths.iter().all(|path| path.starts_with('!')).then(|| ":(glob)**".to_owned());
    let own = test.env_file.iter().map(|file| format!(":(literal){file}"));
    let own = own.chain([PATH.to_owned(), "stack.yaml".to_owned()]);
    all.into_iter().chain(test.paths.iter().flat_map(specs)).chain(own).collect()
}

/// What matches `path` and all that is in it, if it is a folder. Git looks into folders by itself where a path holds no pattern.
fn matching(path: &str, magic: &str) -> Vec<String> {
    if Test::fixed_part(path) == path {
        return vec![format!(":({magic}literal){path}")];
    }
    let path = path.trim_end_matches('/');
    let inside = (!path.ends_with("**")).then(|| format!(":({magic}glob){path}/**"));
    std::iter::once(format!(":({magic}glob){path}")).chain(inside).collect()
}
