//! The language that a test needs, by the recipe that builds its service: the same version, and a cache by its lockfile.

use super::job::{Step, run, uses};
use crate::artifact::yaml::Mapping;
use crate::facts::join;
use crate::model::{Image, Program, Test};
use crate::recipe::{Go, Language, Node, Python, Recipe, Rust};

/// The version that a matrix chooses.
const CHOSEN: &str = "${{ matrix.version }}";

/// The steps that set up the language of `image` for `test`; where the image only brings sources, that of the image it stands on.
pub fn steps(program: &Program, test: &Test, image: &Image) -> Vec<Step> {
    let version = |stated: &str| if test.versions.is_empty() { stated.to_owned() } else { CHOSEN.to_owned() };
    let standing = program.base.standing(image);
    let stated = |recipe: &Recipe| match recipe {
        Recipe::Python(Python { version, .. }) | Recipe::Node(Node { version, .. }) => version.clone(),
        Recipe::Go(Go { version, .. }) | Recipe::Rust(Rust { version, .. }) => Some(version.clone()),
        Recipe::Static(_) => None,
    };
    let recipes = || standing.iter().filter_map(|image| Some((*image, image.recipe()?)));
    let Some((image, recipe)) = recipes().next() else { return Vec::new() };
    let known = recipes().filter(|(_, other)| other.key() == recipe.key()).find_map(|(_, other)| stated(other));
    let Some(known) = known.map(|known| version(&known.0)) else { return Vec::new() };
    match recipe {
        Recipe::Python(written) => python(program, written, image, &known),
        Recipe::Node(written) => node(program, written, image, &known),
        Recipe::Go(_) => vec![go(&known)],
        Recipe::Rust(_) => vec![rust(&known)],
        Recipe::Static(_) => Vec::new(),
    }
}

fn python(program: &Program, written: &Python, image: &Image, version: &str) -> Vec<Step> {
    let with = Mapping::new().entry("python-version", version);
    let with = match &written.requirements {
        Some(file) if super::keeps_caches(program) => {
            with.entry("cache", "pip").entry("cache-dependency-path", join(&image.context, file))
        }
        _ => with,
    };
    let tool = written.tool().map(|tool| {
        let script = "pip install --disable-pip-version-check \"$TOOL\"";
        run(&format!("Set up {}", tool.split('=').next().unwrap_or_default()), script)
            .env(Mapping::new().entry("TOOL", tool.as_str()))
    });
    [uses(program, "Set up Python", "actions/setup-python").with(with)].into_iter().chain(tool).collect()
}

fn node(program: &Program, written: &Node, image: &Image, version: &str) -> Vec<Step> {
    let lockfile = |(lockfile, _): &(String, &'static str)| join(&image.context, lockfile);
    let lockfile = written.lockfiles().first().map(lockfile).unwrap_or_default();
    let with = Mapping::new().entry("node-version", version);
    let with = if super::keeps_caches(program) {
        with.entry("cache", written.manager()).entry("cache-dependency-path", lockfile)
    } else {
        with.entry("package-manager-cache", false)
    };
    let node = uses(program, "Set up Node", "actions/setup-node").with(with);
    match written.manager() {
        "pnpm" => {
            let pnpm = match written.manager_version() {
                Some(version) => Mapping::new().entry("version", version),
                // The manifest says it.
                None => Mapping::new().entry("package_json_file", join(&image.context, "package.json")),
            };
            vec![uses(program, "Set up pnpm", "pnpm/action-setup").with(pnpm), node]
        }
        "yarn" => vec![run("Set up corepack", "corepack enable"), node],
        _ => vec![node],
    }
}

/// The runner has a Go, which fetches the version that go.mod asks for, or this one.
fn go(version: &str) -> Step {
    let script = "echo \"GOTOOLCHAIN=go$VERSION+auto\" >> \"$GITHUB_ENV\"";
    let full = if version.matches('.').count() == 1 && version != CHOSEN {
        format!("{version}.0")
    } else {
        version.to_owned()
    };
    run("Set up Go", script).env(Mapping::new().entry("VERSION", full))
}

/// The runner has rustup.
fn rust(version: &str) -> Step {
    let script = "rustup toolchain install \"$VERSION\" --profile minimal --component clippy,rustfmt\nrustup default \"$VERSION\"";
    run("Set up Rust", script).env(Mapping::new().entry("VERSION", version))
}

/// Reads files of variables into the environment of the steps that follow.
const LOAD: &str = r##"for file in "$@"; do
  while IFS= read -r line || [[ -n $line ]]; do
    line=${line%$'\r'}
    [[ $line =~ ^[[:blank:]]*(export[[:blank:]]+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$ ]] || continue
    name=${BASH_REMATCH[2]} value=${BASH_REMATCH[3]}
    value=${value#"${value%%[![:blank:]]*}"}
    value=${value%"${value##*[![:blank:]]}"}
    [[ $value == [\"\']*[\"\'] ]] || value=${value%%[[:blank:]]#*}
    value=${value%"${value##*[![:blank:]]}"}
    case $value in
      \"*\" | \'*\') value=${value:1:-1} ;;
    esac
    echo "$name=$value" >> "$GITHUB_ENV"
  done < "$file"
done
"##;

/// The step that reads the files of variables, if there are any.
pub fn load(test: &Test) -> Option<Step> {
    let files: Vec<String> = test.env_file.iter().map(|file| crate::escape::ShellWord(file).to_string()).collect();
    let script = || format!("set -- {}\n{LOAD}", files.join(" "));
    (!files.is_empty()).then(|| run("Read variables", script()))
}
