//! What stack.yaml says of Node and its package manager, against package.json, .nvmrc and .node-version.

use serde_json::Value;

use super::Node;
use super::manager::Kind;
use super::packages::{self, PNPM_FILE, RC, YARN_FOLDERS};
use crate::code::Code;
use crate::diagnostic::{Finding, Findings};
use crate::facts::{Facts, join};
use crate::recipe::{mismatch, version};
use crate::source::{Place, SpecPath};

/// The files that state a version of Node, beside package.json.
pub const VERSION_FILES: [&str; 2] = [".nvmrc", ".node-version"];

/// The lines of long-term support, as .nvmrc calls them, with their major versions.
const LTS: [(&str, &str); 7] = [
    ("erbium", "12"),
    ("fermium", "14"),
    ("gallium", "16"),
    ("hydrogen", "18"),
    ("iron", "20"),
    ("jod", "22"),
    ("krypton", "24"),
];

/// What [`check`] reads, and what a package manager would read besides.
pub fn wants(node: &Node) -> Vec<String> {
    let read = ["pnpm-workspace.yaml", PNPM_FILE, RC, "package.json", "package-lock.json", "yarn.lock"];
    let folders =
        std::iter::once(node.folder()).chain(node.workspace.iter().filter_map(|workspace| workspace.path.clone()));
    let manifests = folders.flat_map(|folder| ["package.json", "package-lock.json"].map(|file| join(&folder, file)));
    manifests.chain(read.iter().chain(&YARN_FOLDERS).chain(&VERSION_FILES).map(|file| (*file).to_owned())).collect()
}

/// Compares with the files in the folder `context`.
pub fn check(node: &Node, path: &SpecPath, context: &str, facts: &Facts, findings: &mut Findings<'_>) {
    let json = |file: &str| {
        let text = facts.text_in(context, file)?;
        serde_json::from_str::<Value>(text).ok()
    };
    let manifest = join(&node.folder(), "package.json");
    let parsed = json(&manifest);
    // corepack's form may carry a hash: pnpm@10.15.0+sha512.…
    let stated = parsed.as_ref().and_then(|parsed| parsed.get("packageManager")?.as_str());
    check_manager(node, path, &manifest, stated.and_then(|stated| stated.split('+').next()), findings);
    packages::check(node, path, context, facts, findings);
    let Some(written) = node.written() else { return };
    let own = node.workspace.as_ref().and_then(|workspace| workspace.path.as_ref());
    let own = own.map(|folder| join(folder, "package.json")).filter(|own| *own != manifest);
    let own = own.and_then(|own| Some((json(&own)?, own)));
    for (parsed, file) in parsed.map(|parsed| (parsed, manifest)).into_iter().chain(own) {
        let range = parsed.pointer("/engines/node").and_then(Value::as_str);
        if let Some(range) = range.filter(|range| !version::fits_npm(written, range)) {
            findings.report(mismatch(path, "Node", written, &format!("`engines` in {file}"), range));
        }
    }
    for file in VERSION_FILES {
        let pinned = facts.text_in(context, file).map(version::stated).unwrap_or_default();
        let lts = LTS.iter().find(|(name, _)| pinned.strip_prefix("lts/") == Some(name));
        let pinned = lts.map_or(pinned, |(_, major)| major);
        if !version::agree(written, pinned) {
            findings.report(mismatch(path, "Node", written, file, pinned.trim_start_matches('v')));
        }
    }
}

fn check_manager(node: &Node, path: &SpecPath, manifest: &str, stated: Option<&str>, findings: &mut Findings<'_>) {
    let manager = node.manager();
    let place = Place::Value(path.key("package_manager"));
    let example = match node.kind() {
        Kind::Npm => {
            if let Some(other) = stated.filter(|stated| !stated.starts_with("npm@")) {
                let message = format!("{manifest} says {other} in `packageManager`, and this says npm");
                let finding = Finding::new(Code::VersionMismatch, place, message, "another package manager");
                findings.report(finding.help(format!("write `package_manager: {other}` here, or change {manifest}")));
            }
            return;
        }
        Kind::Pnpm => "pnpm@10.15.0",
        Kind::Classic | Kind::Berry | Kind::Yarn => "yarn@4.10.3",
    };
    if let Some(other) = stated.filter(|stated| !stated.starts_with(&format!("{manager}@"))) {
        let message =
            format!("{manifest} says {other} in `packageManager`, and corepack would refuse to run {manager}");
        let finding = Finding::new(Code::VersionMismatch, place, message, "another package manager");
        let help = format!("in {manifest}, write `\"packageManager\": \"{example}\"`, with your version");
        findings.report(finding.help(help));
        return;
    }
    let missing = |message: String, help: String| {
        Finding::new(Code::MissingVersion, place.clone(), message, "no version").help(help)
    };
    match (node.manager_version(), stated) {
        (Some(written), Some(stated)) if stated != format!("{manager}@{written}") => {
            let message = format!("this says {manager}@{written}, but `packageManager` in {manifest} says {stated}");
            let finding = Finding::new(Code::VersionMismatch, place, message, format!("differs from {manifest}"));
            findings.report(finding.help(format!("write `package_manager: {stated}` here, or change {manifest}")));
        }
        (None, None) => findings.report(missing(
            format!("the version of {manager} is stated neither here nor by `packageManager` in {manifest}"),
            format!("write the version that you use, such as `package_manager: {example}`"),
        )),
        (None, Some(stated)) if !node.has_corepack() => {
            let version = node.written().unwrap_or_default();
            findings.report(missing(
                format!("the image of Node {version} has no corepack that could read the version from {manifest}"),
                format!("write it here as well, `package_manager: {stated}`"),
            ));
        }
        _ => {}
    }
}
