//! What a test needs before its steps: the language, by the recipe that builds its service, and variables from files.

use super::job::{self, RUNNER, run, uses};
use crate::artifact::yaml::Mapping;
use crate::model::{Image, Program, Test};
use crate::recipe::{Cache, Does, Input, Runner, Step};

/// The version that a matrix chooses.
const CHOSEN: &str = "${{ matrix.version }}";

/// The steps that set up the language of `image`, or of what it stands on, for `test`: the same version, and a cache by its lockfile.
pub fn steps(program: &Program, test: &Test, image: &Image) -> Vec<job::Step> {
    let standing = program.base.standing(image);
    let Some((image, recipe)) = standing.iter().find_map(|image| Some((*image, image.recipe()?))) else {
        return Vec::new();
    };
    let chooses = !test.versions.is_empty();
    let version = if chooses { Some(CHOSEN.to_owned()) } else { program.base.language_version(image) };
    let caches = super::keeps_caches(program);
    let runner = Runner { version: version.as_deref(), chooses, caches, context: &image.context };
    recipe.language().setup(&runner).into_iter().map(|step| written(program, step)).collect()
}

/// A recipe's step as a workflow has it.
fn written(program: &Program, step: Step) -> job::Step {
    let given = |to: Mapping| {
        step.given.into_iter().fold(to, |to, (key, input)| match input {
            Input::Text(text) => to.entry(key, text),
            Input::Flag(flag) => to.entry(key, flag),
        })
    };
    let written = match step.does {
        Does::Uses(action) => uses(program, step.name, action).with(given(Mapping::new())),
        Does::Runs(script) => run(step.name, script).env(given(Mapping::new())),
        Does::Keeps(cache) => uses(program, step.name, "actions/cache").with(given(kept(&cache))),
    };
    match step.id {
        Some(id) => written.id(id),
        None => written,
    }
}

/// Found by its lockfile, or else by the version alone.
fn kept(cache: &Cache) -> Mapping {
    let key = format!("{}-{RUNNER}-${{{{ runner.arch }}}}-{}-", cache.of, cache.version);
    let lockfile = super::value::quoted(&cache.lockfile);
    Mapping::new()
        .entry("path", cache.path)
        .entry("key", format!("{key}${{{{ hashFiles({lockfile}) }}}}"))
        .entry("restore-keys", key)
}

/// Reads files of variables into the environment of the steps that follow, as Compose reads them: by asking it. It doubles dollar signs.
const LOAD: &str = r#"# Compose itself reads them, and doubles dollar signs.
files=$(jq --null-input --compact-output '$ARGS.positional | map(gsub("[$]"; "$$"))' --args "$@")
mark=$(openssl rand -hex 16)
docker compose --file - config --format json <<< "{\"name\": \"test\", \"services\": {\"test\": {\"image\": \"none\", \"env_file\": $files}}}" |
  jq --raw-output --arg mark "$mark" '
    .services.test.environment // {} | to_entries[] | select(.value != null)
    | if .key == "NODE_OPTIONS" then error("NODE_OPTIONS cannot come from a file: set it in the env of the test") else . end
    | "\(.key)<<\($mark)\n\(.value | gsub("[$][$]"; "$"))\n\($mark)"' >> "$GITHUB_ENV"
"#;

/// The step that reads the files of variables, if there are any.
pub fn load(test: &Test) -> Option<job::Step> {
    let files: Vec<String> = test.env_file.iter().map(|file| crate::escape::ScriptWord(file).to_string()).collect();
    let script = || format!("set -- {}\n{LOAD}", files.join(" "));
    (!files.is_empty()).then(|| run("Read variables", script()))
}
