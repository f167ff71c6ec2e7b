//! The packages of a repository as its package manager knows them, and the files that it reads of them, against what stack.yaml lists.

use serde_json::Value;

use super::Node;
use super::manager::Kind;
use crate::code::Code;
use crate::diagnostic::{Finding, Findings};
use crate::escape::FlowWord;
use crate::facts::{Facts, Found, join};
use crate::recipe::manifests::{Listed, of_patches};
use crate::source::{Place, SpecPath};

/// What pnpm runs while it resolves packages.
pub const PNPM_FILE: &str = ".pnpmfile.cjs";
/// The settings of yarn from 2 on.
pub const RC: &str = ".yarnrc.yml";
/// Where yarn from 2 on keeps what its settings and package.json name.
pub const YARN_FOLDERS: [&str; 2] = [".yarn/patches", ".yarn/plugins"];

/// Reports packages and files that the install would lack.
pub fn check(node: &Node, path: &SpecPath, context: &str, facts: &Facts, findings: &mut Findings<'_>) {
    package_name(node, path, context, facts, findings);
    match node.kind() {
        Kind::Npm => npm_members(node, path, context, facts, findings),
        Kind::Pnpm => pnpm_files(node, path, context, facts, findings),
        Kind::Classic => {}
        Kind::Berry | Kind::Yarn => {
            yarn_members(node, path, context, facts, findings);
            let there = YARN_FOLDERS.into_iter().filter(|folder| is_there(context, folder, facts));
            listed(node, path).report_others(there.map(str::to_owned), findings);
        }
    }
}

/// A package that is called otherwise: pnpm would find none of that name, and install nothing.
fn package_name(node: &Node, path: &SpecPath, context: &str, facts: &Facts, findings: &mut Findings<'_>) {
    let Some(workspace) = &node.workspace else { return };
    let Some((folder, written)) = workspace.path.as_ref().zip(workspace.package.as_ref()) else { return };
    let file = join(folder, "package.json");
    let manifest = json(facts, context, &file).unwrap_or_default();
    let Some(name) = manifest.get("name").and_then(Value::as_str).filter(|name| name != written) else { return };
    let place = Place::Value(path.key("workspace").key("package"));
    let message = format!("`{written}` is not the name in {file}");
    let finding = Finding::new(Code::InvalidValue, place, message, "no such package");
    findings.report(finding.help(format!("write `package: {}`", FlowWord(name))));
}

fn listed<'a>(node: &'a Node, path: &'a SpecPath) -> Listed<'a> {
    Listed { path, tool: node.manager(), manifests: &node.manifests, copied: node.own_manifests() }
}

fn is_there(context: &str, path: &str, facts: &Facts) -> bool {
    matches!(facts.at(&join(context, path)), Some(Found::File(_) | Found::Folder))
}

fn json(facts: &Facts, context: &str, file: &str) -> Option<Value> {
    serde_json::from_str(facts.text_in(context, file)?).ok()
}

fn pnpm_files(node: &Node, path: &SpecPath, context: &str, facts: &Facts, findings: &mut Findings<'_>) {
    let settings = "pnpm-workspace.yaml";
    let there = [PNPM_FILE, settings].into_iter().filter(|file| is_there(context, file, facts)).map(str::to_owned);
    let manifest = json(facts, context, "package.json").unwrap_or_default();
    let patches = of_patches(&manifest, facts.text_in(context, settings).unwrap_or_default());
    listed(node, path).report_others(there.chain(patches), findings);
}

/// Where no package is listed, npm finds none of their folders, installs nothing for them, and says nothing.
fn npm_members(node: &Node, path: &SpecPath, context: &str, facts: &Facts, findings: &mut Findings<'_>) {
    let root = json(facts, context, "package.json").unwrap_or_default();
    if node.shares_lockfile() || root.get("workspaces").is_none() {
        return;
    }
    let own = node.workspace.as_ref().and_then(|workspace| workspace.path.as_deref());
    // A folder that has a lockfile of its own is no member.
    if own.is_some_and(|own| is_there(context, &join(own, "package-lock.json"), facts)) {
        return;
    }
    let lock = json(facts, context, "package-lock.json").unwrap_or_default();
    let known = lock.get("packages").and_then(Value::as_object);
    let member = |folder: &&String| !folder.is_empty() && !folder.split('/').any(|step| step == "node_modules");
    let folders: Vec<&str> =
        known.into_iter().flat_map(|known| known.keys()).filter(member).map(String::as_str).collect();
    let help = match own {
        Some(own) => {
            let manifest = json(facts, context, &join(own, "package.json")).unwrap_or_default();
            let name = manifest.get("name").and_then(Value::as_str).unwrap_or("NAME").to_owned();
            let name = FlowWord(&name);
            format!(
                "write `workspace: {{path: {own}, package: {name}}}`, and under `packages` the folders of those that it needs"
            )
        }
        None if folders.is_empty() => {
            "write `workspace: {packages: [FOLDER, …]}`, with the packages that are needed".to_owned()
        }
        None => format!("write `workspace: {{packages: [{}]}}`, or those of them that are needed", folders.join(", ")),
    };
    let message =
        "package.json has `workspaces`, and npm would install nothing for them: none of their folders is listed";
    unlisted(path, message.to_owned(), help, findings);
}

/// yarn's lockfile has all packages of the workspace, and must not change while it installs.
fn yarn_members(node: &Node, path: &SpecPath, context: &str, facts: &Facts, findings: &mut Findings<'_>) {
    let lock = facts.text_in(context, "yarn.lock").unwrap_or_default();
    let folders = lock.lines().filter_map(|line| {
        let resolution = line.trim().strip_prefix("resolution: ")?.trim_matches('"');
        resolution.rsplit_once("@workspace:").map(|(_, folder)| folder)
    });
    let known = node.packages();
    let missing: Vec<&str> =
        folders.filter(|folder| *folder != "." && !known.iter().any(|known| known == folder)).collect();
    let Some(first) = missing.first() else { return };
    let message =
        format!("yarn.lock has the package in `{first}`, and yarn refuses to install without its package.json");
    let stated = node.workspace.as_ref().map(|workspace| workspace.packages.clone()).unwrap_or_default();
    let all: Vec<&str> = stated.iter().map(String::as_str).chain(missing).collect();
    unlisted(path, message, format!("in `workspace`, write `packages: [{}]`", all.join(", ")), findings);
}

fn unlisted(path: &SpecPath, message: String, help: String, findings: &mut Findings<'_>) {
    let finding = Finding::new(Code::UnlistedManifest, Place::Key(path.clone()), message, "not listed");
    findings.report(finding.help(help));
}
