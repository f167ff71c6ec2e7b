//! The language that a test needs, by the recipe that builds its service: the same version, and a cache by its lockfile.

use super::job::{Step, run, uses};
use crate::artifact::yaml::Mapping;
use crate::facts::join;
use crate::model::{Image, Program, Test};
use crate::recipe::{Node, Python, Recipe};

/// The version that a matrix chooses.
const CHOSEN: &str = "${{ matrix.version }}";

/// The steps that set up the language of `image` for `test`.
pub fn steps(program: &Program, test: &Test, image: &Image) -> Vec<Step> {
    let version = |stated: &str| if test.versions.is_empty() { stated.to_owned() } else { CHOSEN.to_owned() };
    match image.recipe() {
        Some(Recipe::Python(written)) => python(program, written, image, &version(&written.version.0)),
        Some(Recipe::Node(written)) => node(program, written, image, &version(&written.version.0)),
        Some(Recipe::Edge(_)) | None => Vec::new(),
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
    vec![uses(program, "Set up Python", "actions/setup-python").with(with)]
}

fn node(program: &Program, written: &Node, image: &Image, version: &str) -> Vec<Step> {
    let pnpm = match written.package_manager.split_once('@') {
        Some((_, version)) => Mapping::new().entry("version", version),
        // The manifest says it.
        None => Mapping::new().entry("package_json_file", join(&image.context, "package.json")),
    };
    let with = Mapping::new().entry("node-version", version);
    let with = if super::keeps_caches(program) {
        with.entry("cache", "pnpm").entry("cache-dependency-path", join(&image.context, "pnpm-lock.yaml"))
    } else {
        with.entry("package-manager-cache", false)
    };
    vec![
        uses(program, "Set up pnpm", "pnpm/action-setup").with(pnpm),
        uses(program, "Set up Node", "actions/setup-node").with(with),
    ]
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
