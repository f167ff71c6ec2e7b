//! The language that a test needs, by the recipe that builds its service: the same version, and a cache by its lockfile.

use super::job::{RUNNER, Step, run, uses};
use crate::artifact::yaml::Mapping;
use crate::facts::join;
use crate::model::{Image, Program, Test};
use crate::recipe::{Go, Manager, Node, Python, Recipe, Rust};

/// The version that a matrix chooses.
const CHOSEN: &str = "${{ matrix.version }}";

/// The steps that set up the language of `image`, or of what it stands on, for `test`.
pub fn steps(program: &Program, test: &Test, image: &Image) -> Vec<Step> {
    let standing = program.base.standing(image);
    let Some((image, recipe)) = standing.iter().find_map(|image| Some((*image, image.recipe()?))) else {
        return Vec::new();
    };
    let several = !test.versions.is_empty();
    let version = if several { Some(CHOSEN.to_owned()) } else { program.base.language_version(image) };
    let place = Place { program, context: &image.context };
    match recipe {
        Recipe::Python(written) => place.python(written, version),
        Recipe::Node(written) => place.node(written, version),
        Recipe::Go(written) => place.go(written, version),
        Recipe::Rust(written) => place.rust(written, version),
        Recipe::Ruby(_) => place.ruby(version),
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
        let lockfile = self.file(Some(&written.folder()), written.lockfile().0);
        let with = Mapping::new().optional("node-version", version);
        let files = ("cache-dependency-path", lockfile);
        let with = self.cache(with, ("cache", written.manager()), files, Some("package-manager-cache"));
        let node = uses(self.program, "Set up Node", "actions/setup-node").with(with);
        let manager = match written.kind() {
            Manager::Npm | Manager::Classic => Vec::new(),
            Manager::Pnpm => self.pnpm(written),
            Manager::Berry | Manager::Yarn => vec![run("Set up Yarn", yarn(written))],
        };
        manager.into_iter().chain([node]).collect()
    }

    /// The action takes a version from its input or from package.json, and none where both state one.
    fn pnpm(&self, written: &Node) -> Vec<Step> {
        let manifest = self.file(None, "package.json");
        let action = uses(self.program, "Set up pnpm", "pnpm/action-setup");
        let Some(version) = written.manager_version() else {
            return vec![action.with(Mapping::new().entry("package_json_file", manifest))];
        };
        let env = Mapping::new().entry("MANIFEST", &manifest).entry("VERSION", version);
        let look = run("Find out whether package.json states a version of pnpm", PNPM).id("pnpm").env(env);
        let with = Mapping::new().entry("version", "${{ steps.pnpm.outputs.version }}");
        vec![look, action.with(with.entry("package_json_file", manifest))]
    }

    fn go(&self, written: &Go, version: Option<String>) -> Vec<Step> {
        let with = Mapping::new().optional("go-version", version);
        let with = match super::keeps_caches(self.program) {
            true => with.entry("cache-dependency-path", self.file(written.path.as_deref(), "go.sum")),
            false => with.entry("cache", false),
        };
        vec![uses(self.program, "Set up Go", "actions/setup-go").with(with)]
    }

    /// The runner has rustup.
    fn rust(&self, written: &Rust, version: Option<String>) -> Vec<Step> {
        let step = |version: String| {
            // No expression stands in a script.
            let env = Mapping::new().entry("VERSION", &version);
            let install =
                |word: &str| format!("rustup toolchain install {word} --profile minimal --component clippy,rustfmt");
            match version == CHOSEN {
                true => run("Set up Rust", format!("{}\n{CHOOSE_RUST}", install("\"$VERSION\""))).env(env),
                false => run("Set up Rust", format!("{}\nrustup default {version}", install(&version))),
            }
        };
        let folder = self.file(written.path.as_deref(), ".");
        let with = Mapping::new().optional("workspaces", (folder != ".").then_some(folder));
        let cache = || uses(self.program, "Find what is compiled in the cache", "Swatinem/rust-cache").with(with);
        let cache = super::keeps_caches(self.program).then(cache);
        version.map(step).into_iter().chain(cache).collect()
    }

    /// The runner has the Rubies that are maintained, each in a folder of its own.
    fn ruby(&self, version: Option<String>) -> Vec<Step> {
        let Some(version) = version else { return Vec::new() };
        let env = Mapping::new().entry("VERSION", &version);
        if !super::keeps_caches(self.program) {
            return vec![run("Set up Ruby", RUBY).env(env)];
        }
        let lockfile = super::value::quoted(&self.file(None, "Gemfile.lock"));
        let key = format!("gems-{RUNNER}-${{{{ runner.arch }}}}-{version}-");
        let with = Mapping::new()
            .entry("path", "~/gems")
            .entry("key", format!("{key}${{{{ hashFiles({lockfile}) }}}}"))
            .entry("restore-keys", key);
        let cache = uses(self.program, "Find gems in the cache", "actions/cache").with(with);
        vec![run("Set up Ruby", format!("{RUBY}{GEMS}")).env(env), cache]
    }
}

/// The version of stack.yaml, unless package.json has its own.
const PNPM: &str = r#"if ! jq --exit-status '.packageManager // .devEngines.packageManager' "$MANIFEST" > /dev/null; then
  echo "version=$VERSION" >> "$GITHUB_OUTPUT"
fi
"#;

/// Corepack takes the version that package.json states, else the one that is made ready here.
fn yarn(written: &Node) -> String {
    let ready = written.manager_version().map(|version| format!("corepack prepare yarn@{version} --activate"));
    ["corepack enable".to_owned()].into_iter().chain(ready).collect::<Vec<_>>().join("\n")
}

/// A rust-toolchain.toml names one version, and here each has its turn.
const CHOOSE_RUST: &str = "echo \"RUSTUP_TOOLCHAIN=$VERSION\" >> \"$GITHUB_ENV\"";

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

/// Gems go where the cache finds them, and their programs are found as well.
const GEMS: &str = r#"echo "GEM_HOME=$HOME/gems" >> "$GITHUB_ENV"
echo "$HOME/gems/bin" >> "$GITHUB_PATH"
"#;

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
pub fn load(test: &Test) -> Option<Step> {
    let files: Vec<String> = test.env_file.iter().map(|file| crate::escape::ScriptWord(file).to_string()).collect();
    let script = || format!("set -- {}\n{LOAD}", files.join(" "));
    (!files.is_empty()).then(|| run("Read variables", script()))
}
