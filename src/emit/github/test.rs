//! A job for each service that says how it is tested: its language, the services that run beside it, its lines.

use super::job::{Job, Step, checkout, minutes, run};
use super::{HAS_SECRETS, changes, setup, value};
use crate::artifact::yaml::Mapping;
use crate::escape::ScriptWord;
use crate::model::{Environment, GIT_SHA, Outside, Platform, Program, ShellLine, Stage, Test};

/// The key of a test's job.
pub fn id(test: &Test) -> String {
    format!("test-{}", test.service)
}

/// The job of `test`.
pub fn job(program: &Program, test: &Test) -> Option<Job> {
    let environment = program.environment_of(test)?;
    let service = program.base.services.get(&test.service)?;
    let several = !test.versions.is_empty();
    let name = if several {
        format!("Test {} (${{{{ matrix.version }}}})", test.service)
    } else {
        format!("Test {}", test.service)
    };
    let outside = Outside::new(environment, test);
    let builds = outside.building().iter().any(|name| !test.env.contains_key(*name));
    let mut job = when_needed(Job::new(id(test), name, minutes(test.timeout)), test, builds).reads();
    if several {
        job = job.for_each("version", &test.versions);
    }
    let language = program.base.image_of(service).map(|image| setup::steps(program, test, image)).unwrap_or_default();
    let job = job.step(checkout(program)).steps(language).steps(setup::load(test));
    let lines = run("Test", ShellLine::script(&test.steps)).within(&test.working_dir).env(env(
        program,
        environment,
        test,
        |_| true,
    ));
    let started = compose_file(environment).filter(|_| !test.services.is_empty());
    let job = job.steps(make_up(&outside.made_up())).steps(make_up_files(&outside.secret_files()));
    Some(match started {
        Some(file) => {
            let mut env = env(program, environment, test, |name| outside.shared().contains(&name));
            for name in outside.building().into_iter().filter(|name| !test.env.contains_key(*name)) {
                env.push(name, format!("${{{{ {} }}}}", value::kept(name)));
            }
            if environment.stack.texts().any(|text| text.asks_for(GIT_SHA)) {
                env.push(GIT_SHA, format!("${{{{ {} }}}}", value::kept_variable(GIT_SHA)));
            }
            job.step(start(&outside, file, env.clone())).step(lines).step(logs(file, env))
        }
        None => job.step(lines),
    })
}

/// The job where the test has to run; where it `builds` with secrets, only where there are some.
fn when_needed(job: Job, test: &Test, builds: bool) -> Job {
    let changed = (!test.paths.is_empty()).then(|| changes::condition(test));
    let job = job.needs(changed.iter().map(|_| changes::ID.to_owned()));
    let conditions: Vec<String> = changed.into_iter().chain(builds.then(|| HAS_SECRETS.to_owned())).collect();
    let why = "It builds with secrets, which a pull request from elsewhere or by Dependabot does not get.";
    if conditions.is_empty() { job } else { job.only_if(conditions.join(" && "), builds.then_some(why)) }
}

fn compose_file(environment: &Environment) -> Option<&str> {
    match &environment.platform {
        Platform::Compose { file, .. } => Some(file),
        Platform::Fly { .. } => None,
    }
}

/// Those variables of the test that are `wanted`. What Compose reads as well is where it finds it; a secret that only CI or a build has is that
/// of GitHub.
fn env(program: &Program, environment: &Environment, test: &Test, wanted: impl Fn(&str) -> bool) -> Mapping {
    let outside = Outside::new(environment, test);
    let secret = |name: &str| match environment.stack.secrets.get(name).and_then(|secret| secret.default.as_ref()) {
        Some(default) => format!("env.{name} || {}", value::quoted(default)),
        None if value::stage(program, name) == Stage::Run => format!("env.{name}"),
        None => value::kept(name),
    };
    let variable = |name: &str| if name == GIT_SHA { value::kept_variable(name) } else { format!("env.{name}") };
    let names = value::Names { secret: &secret, variable: &variable };
    let wanted = test.env.iter().filter(|(name, _)| wanted(name));
    wanted.map(|(name, text)| (name.clone(), value::text(&outside.known(text), names))).collect()
}

/// Values that nothing sets, for this run alone.
fn make_up(names: &[&str]) -> Option<Step> {
    if names.is_empty() {
        return None;
    }
    let script = format!(
        r#"set -- {}
for name; do
  if [[ -z ${{!name:-}} ]]; then
    value=$(openssl rand -hex 32)
    echo "::add-mask::$value"
    echo "$name=$value" >> "$GITHUB_ENV"
  fi
done
"#,
        names.join(" ")
    );
    Some(run("Make up values that nothing else sets, for this run alone", script))
}

/// Files of secrets, which no repository holds, for this run alone.
fn make_up_files(files: &[String]) -> Option<Step> {
    let words: Vec<String> = files.iter().map(|file| ScriptWord(file).to_string()).collect();
    let script = format!(
        r#"set -- {}
for file; do
  if [[ ! -e $file ]]; then
    mkdir -p "$(dirname "$file")"
    openssl rand -hex 32 > "$file"
  fi
done
"#,
        words.join(" ")
    );
    (!files.is_empty()).then(|| run("Make up files of secrets that are not there, for this run alone", script))
}

/// Starts the services that the test names, and what they wait for.
fn start(outside: &Outside<'_>, file: &str, env: Mapping) -> Step {
    let names: Vec<&str> = outside.named().collect();
    // Otherwise the registry's image would do, which another commit made.
    let build = if outside.builds() { " --build" } else { "" };
    let wait = if outside.can_wait() { " --wait" } else { "" };
    let command = format!("docker compose --file {} up{build} --detach{wait} {}", ScriptWord(file), names.join(" "));
    run(&format!("Start {}", names.join(", ")), command).env(env)
}

/// What the services said, where the test failed.
fn logs(file: &str, env: Mapping) -> Step {
    let command = format!("docker compose --file {} logs --no-color --timestamps", ScriptWord(file));
    run("Show what the services said", command).only_if("failure()").env(env)
}
