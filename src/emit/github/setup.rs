//! The language that a test needs, by the recipe that builds its service: the same version, and a cache by its lockfile.

use super::job::{Step, run, uses};
use crate::artifact::yaml::Mapping;
use crate::facts::join;
use crate::model::{Image, Program, Test};
use crate::recipe::{Go, Manager, Node, Python, Recipe};

/// The version that a matrix chooses.
const CHOSEN: &str = "${{ matrix.version }}";

/// The steps that set up the language of `image`, or of what it stands on, for `test`.
pub fn steps(program: &Program, test: &Test, image: &Image) -> Vec<Step> {
    let standing = program.base.standing(image);
    let Some((image, recipe)) = standing.iter().find_map(|image| Some((*image, image.recipe()?))) else {
        return Vec::new();
    };
    let version = |stated: Option<&str>| match stated {
        _ if !test.versions.is_empty() => Some(CHOSEN.to_owned()),
        stated => stated.map(str::to_owned),
    };
    let place = Place { program, context: &image.context };
    match recipe {
        Recipe::Python(written) => {
            place.python(written, version(written.version.as_ref().map(|version| version.0.as_str())))
        }
        Recipe::Node(written) => {
            place.node(written, version(written.version.as_ref().map(|version| version.0.as_str())))
        }
        Recipe::Go(written) => place.go(written, version(Some(&written.version.0))),
        Recipe::Rust(written) => rust(version(Some(&written.version.0))),
        Recipe::Ruby(written) => ruby(version(written.version.as_ref().map(|version| version.0.as_str()))),
        Recipe::Static(_) => Vec::new(),
    }
}

/// Where the sources of a language lie.
struct Place<'a> {
    program: &'a Program,
    context: &'a str,
}

impl Place<'_> {
    fn file(&self, folder: Option<&str>, name: &str) -> String {
        join(self.context, &join(folder.unwrap_or("."), name))
    }

    /// What an action is told of its cache: by which key, and which files it depends on. Where none is kept it is told `without`.
    fn cache(&self, with: Mapping, kept: (&str, &str), files: (&str, String), without: Option<&str>) -> Mapping {
        match (super::keeps_caches(self.program), without) {
            (true, _) => with.entry(kept.0, kept.1).entry(files.0, files.1),
            (false, Some(key)) => with.entry(key, false),
            (false, None) => with,
        }
    }

    fn python(&self, written: &Python, version: Option<String>) -> Vec<Step> {
        let chosen = Mapping::new().optional("python-version", version);
        if let Some((path, version)) = written.uv_project() {
            let with = chosen.entry("version", version);
            let with = match super::keeps_caches(self.program) {
                true => with.entry("cache-dependency-glob", self.file(path.as_deref(), "uv.lock")),
                false => with.entry("enable-cache", false),
            };
            return vec![uses(self.program, "Set up uv", "astral-sh/setup-uv").with(with)];
        }
        let poetry = written.poetry_project();
        let with = match (&poetry, &written.requirements) {
            (Some((path, _)), _) => {
                let files = ("cache-dependency-path", self.file(path.as_deref(), "poetry.lock"));
                self.cache(chosen, ("cache", "poetry"), files, None)
            }
            (None, Some(file)) => {
                self.cache(chosen, ("cache", "pip"), ("cache-dependency-path", self.file(None, file)), None)
            }
            (None, None) => chosen,
        };
        let python = uses(self.program, "Set up Python", "actions/setup-python").with(with);
        // Its cache is found only if it is there first.
        let poetry = poetry.map(|(_, version)| run("Install Poetry", format!("pipx install poetry=={version}")));
        poetry.into_iter().chain([python]).collect()
    }

    fn node(&self, written: &Node, version: Option<String>) -> Vec<Step> {
        let folder = written.workspace.as_ref().and_then(|workspace| workspace.path.as_deref());
        // Of npm's the lockfile lies beside the package, of the others at the root of the workspace.
        let folder = folder.filter(|_| written.kind() == Manager::Npm);
        let lockfile = self.file(folder, written.lockfile().0);
        let with = Mapping::new().optional("node-version", version);
        let files = ("cache-dependency-path", lockfile);
        let with = self.cache(with, ("cache", written.manager()), files, Some("package-manager-cache"));
        let node = uses(self.program, "Set up Node", "actions/setup-node").with(with);
        let manager = match written.kind() {
            Manager::Npm | Manager::Classic => None,
            Manager::Pnpm => Some(self.pnpm(written)),
            Manager::Berry | Manager::Yarn => Some(run("Set up Yarn", "corepack enable".to_owned())),
        };
        manager.into_iter().chain([node]).collect()
    }

    fn pnpm(&self, written: &Node) -> Step {
        let with = match written.manager_version() {
            Some(version) => Mapping::new().entry("version", version),
            // The manifest says it.
            None => Mapping::new().entry("package_json_file", self.file(None, "package.json")),
        };
        uses(self.program, "Set up pnpm", "pnpm/action-setup").with(with)
    }

    fn go(&self, written: &Go, version: Option<String>) -> Vec<Step> {
        let with = Mapping::new().optional("go-version", version);
        let with = match super::keeps_caches(self.program) {
            true => with.entry("cache-dependency-path", self.file(written.path.as_deref(), "go.sum")),
            false => with.entry("cache", false),
        };
        vec![uses(self.program, "Set up Go", "actions/setup-go").with(with)]
    }
}

/// The runner has rustup.
fn rust(version: Option<String>) -> Vec<Step> {
    let step = |version: String| {
        let (word, env) = match version == CHOSEN {
            // No expression stands in a script.
            true => ("\"$VERSION\"".to_owned(), Mapping::new().entry("VERSION", version)),
            false => (version, Mapping::new()),
        };
        let line = format!(
            "rustup toolchain install {word} --profile minimal --component clippy,rustfmt\nrustup default {word}"
        );
        run("Set up Rust", line).env(env)
    };
    version.map(step).into_iter().collect()
}

/// Puts the newest Ruby of the version that is wanted first in the path.
const RUBY: &str = r#"shopt -s nullglob
found=("$RUNNER_TOOL_CACHE"/Ruby/"$VERSION"{,.*}/*/bin)
if ((${#found[@]} == 0)); then
  has=("$RUNNER_TOOL_CACHE"/Ruby/*)
  echo "::error::this runner has no Ruby $VERSION; it has: ${has[*]##*/}"
  exit 1
fi
printf '%s\n' "${found[@]}" | sort --version-sort | tail --lines=1 >> "$GITHUB_PATH"
"#;

/// The runner has the Rubies that are maintained, each in a folder of its own.
fn ruby(version: Option<String>) -> Vec<Step> {
    let step = |version| run("Set up Ruby", RUBY).env(Mapping::new().entry("VERSION", version));
    version.map(step).into_iter().collect()
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
