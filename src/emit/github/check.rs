//! The job that says whether the outputs fit stack.yaml.

use super::job::{Job, checkout, run, uses};
use crate::artifact::yaml::Mapping;
use crate::model::Program;

/// Reads the version that wrote the outputs, so that no newer one finds fault with them.
const VERSION: &str = r#"version=$(sed -n 's/^stackc = "\([0-9A-Za-z.+-]*\)"$/\1/p' stack.lock)
if [[ -z $version ]]; then
  echo "::error file=stack.lock::it does not say which version of stackc wrote the outputs: run stackc build"
  exit 1
fi
echo "version=$version" >> "$GITHUB_OUTPUT"
"#;

const INSTALL: &str = r#"rustup toolchain install stable --profile minimal --no-self-update
cargo +stable install --locked --git "$REPOSITORY" --tag "v$VERSION" stackc
"#;

/// Where cargo puts the program.
const PROGRAM: &str = "~/.cargo/bin/stackc";

/// The job; `repository` is where stackc comes from.
pub fn job(program: &Program, repository: &str) -> Job {
    let version = "${{ steps.version.outputs.version }}";
    let cached = super::keeps_caches(program);
    let cache = || {
        let with = Mapping::new()
            .entry("path", PROGRAM)
            .entry("key", format!("{repository}-{version}-${{{{ runner.os }}}}-${{{{ runner.arch }}}}"));
        uses(program, "Find stackc in the cache", "actions/cache").id("stackc").with(with)
    };
    let env = Mapping::new().entry("REPOSITORY", repository).entry("VERSION", version);
    let install = run("Install stackc", INSTALL).env(env);
    let install = if cached { install.only_if("steps.stackc.outputs.cache-hit != 'true'") } else { install };
    Job::new("check", "Check outputs", 20)
        .reads()
        .step(checkout(program))
        .step(run("Read which version wrote the outputs", VERSION).id("version"))
        .steps(cached.then(cache))
        .step(install)
        .step(run("Compare the outputs with stack.yaml", "stackc check --format github"))
}
