//! How the machine that runs tests gets Node and its package manager.

use super::Node;
use super::manager::Kind;
use crate::facts::join;
use crate::recipe::setup::{Runner, Step};

/// The package manager first, where it does not come with Node: the cache of setup-node asks it for its folder.
pub(super) fn steps(node: &Node, runner: &Runner<'_>) -> Vec<Step> {
    let action = Step::uses("Set up Node", "actions/setup-node").version("node-version", runner);
    let lockfile = runner.file(&join(&node.folder(), node.lockfile().0));
    let action = match runner.caches {
        true => action.with("cache", node.manager()).with("cache-dependency-path", lockfile),
        false => action.with("package-manager-cache", false),
    };
    let manager = match node.kind() {
        Kind::Npm | Kind::Classic => Vec::new(),
        Kind::Pnpm => pnpm(node, runner),
        Kind::Berry | Kind::Yarn => vec![Step::runs("Set up Yarn", yarn(node))],
    };
    manager.into_iter().chain([action]).collect()
}

/// The action takes a version from its input or from package.json, and none where both state one.
fn pnpm(node: &Node, runner: &Runner<'_>) -> Vec<Step> {
    let manifest = runner.file("package.json");
    let action = Step::uses("Set up pnpm", "pnpm/action-setup");
    let Some(version) = node.manager_version() else {
        return vec![action.with("package_json_file", manifest)];
    };
    let look = Step::runs("Find out whether package.json states a version of pnpm", STATED)
        .id("pnpm")
        .with("MANIFEST", manifest.as_str())
        .with("VERSION", version);
    vec![look, action.with("version", "${{ steps.pnpm.outputs.version }}").with("package_json_file", manifest)]
}

/// The version of stack.yaml, unless package.json has its own.
const STATED: &str = r#"if ! jq --exit-status '.packageManager // .devEngines.packageManager' "$MANIFEST" > /dev/null; then
  echo "version=$VERSION" >> "$GITHUB_OUTPUT"
fi
"#;

/// Corepack takes the version that package.json states, else the one that is made ready here.
fn yarn(node: &Node) -> String {
    let ready = node.manager_version().map(|version| format!("corepack prepare yarn@{version} --activate"));
    ["corepack enable".to_owned()].into_iter().chain(ready).collect::<Vec<_>>().join("\n")
}
