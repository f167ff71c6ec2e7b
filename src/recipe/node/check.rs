//! What stack.yaml says of Node and its package manager, against package.json, .nvmrc and .node-version.

use super::Node;
use super::manager::Kind;
use super::packages::{self, PNPM_FILE, RC, YARN_FOLDERS};
use crate::code::Code;
use crate::diagnostic::{Finding, Findings};
use crate::facts::{Facts, join};
use crate::recipe::statement::{File, Statement};
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
    let manifest = File::read(facts, context, &join(&node.folder(), "package.json"));
    check_manager(node, path, &join(context, &join(&node.folder(), "package.json")), manifest.as_ref(), findings);
    packages::check(node, path, context, facts, findings);
    let own = node.workspace.as_ref().and_then(|workspace| workspace.path.as_ref());
    let own = own.filter(|folder| join(folder, "") != node.folder()).map(|folder| join(folder, "package.json"));
    let own = own.and_then(|own| File::read(facts, context, &own));
    for file in manifest.iter().chain(&own) {
        check_engines(node, path, file, findings);
    }
    let Some(written) = node.written() else { return };
    for file in VERSION_FILES.iter().filter_map(|file| File::read(facts, context, file)) {
        let stated = version::stated(file.text);
        let lts = LTS.iter().find(|(name, _)| stated.strip_prefix("lts/") == Some(name));
        let pinned = lts.map_or(stated, |(_, major)| major);
        if !version::agree(written, pinned) {
            findings.report(mismatch(path, "Node", written, &file.says(stated, pinned.trim_start_matches('v'))));
        }
    }
}

/// The versions of Node and of the package manager that a package asks for.
fn check_engines(node: &Node, path: &SpecPath, manifest: &File<'_>, findings: &mut Findings<'_>) {
    let unfit = |tool: &str, version: &str| {
        manifest.json(&["engines", tool]).filter(|range| !version::fits_npm(version, &range.text))
    };
    if let Some((written, range)) = node.written().and_then(|written| Some((written, unfit("node", written)?))) {
        findings.report(mismatch(path, "Node", written, &range));
    }
    let manager = node.manager();
    if let Some((written, range)) = node.manager_version().and_then(|written| Some((written, unfit(manager, written)?)))
    {
        let message = format!("this says {manager}@{written}, but {} says {} for {manager}", range.place, range.text);
        let place = Place::Value(path.key("package_manager"));
        let finding = Finding::new(Code::VersionMismatch, place, message, format!("differs from {}", range.name));
        findings
            .report(finding.help(format!("choose a version of {manager} that fits here, or change {}", range.name)));
    }
}

/// The package manager, against the one that `packageManager` in the manifest says.
fn check_manager(node: &Node, path: &SpecPath, manifest: &str, file: Option<&File<'_>>, findings: &mut Findings<'_>) {
    let manager = node.manager();
    let place = || Place::Value(path.key("package_manager"));
    let said = file.and_then(|file| file.json(&["packageManager"]));
    // corepack's form may carry a hash: pnpm@10.15.0+sha512.…
    let stated = said.as_ref().map(|said| (said, said.text.split('+').next().unwrap_or_default()));
    if let Some((said, other)) = stated.filter(|(_, stated)| !stated.starts_with(&format!("{manager}@"))) {
        findings.report(other_manager(node, place(), said, other));
        return;
    }
    if node.kind() == Kind::Npm {
        return;
    }
    let missing =
        |message: String, help: String| Finding::new(Code::MissingVersion, place(), message, "no version").help(help);
    match (node.manager_version(), stated) {
        (Some(written), Some((said, stated))) if stated != format!("{manager}@{written}") => {
            let Statement { name, place: there, .. } = said;
            let message = format!("this says {manager}@{written}, but {there} says {stated}");
            let finding = Finding::new(Code::VersionMismatch, place(), message, format!("differs from {name}"));
            findings.report(finding.help(format!("write `package_manager: {stated}` here, or change {name}")));
        }
        (None, None) => findings.report(missing(
            format!("the version of {manager} is stated neither here nor by `packageManager` in {manifest}"),
            format!("write the version that you use, such as `package_manager: {}`", example(node)),
        )),
        (None, Some((said, stated))) if !node.has_corepack() => {
            let version = node.written().unwrap_or_default();
            findings.report(missing(
                format!("the image of Node {version} has no corepack that could read the version from {}", said.place),
                format!("write it here as well, `package_manager: {stated}`"),
            ));
        }
        _ => {}
    }
}

/// A manifest that says another package manager.
fn other_manager(node: &Node, place: Place, said: &Statement, other: &str) -> Finding {
    let Statement { name, place: there, .. } = said;
    let manager = node.manager();
    let (then, help) = match node.kind() {
        Kind::Npm => (String::new(), format!("write `package_manager: {other}` here, or change {name}")),
        _ => (
            format!(", and corepack would refuse to run {manager}"),
            format!("write `\"packageManager\": \"{}\"` there, with your version", example(node)),
        ),
    };
    let message = format!("this says {manager}, but {there} says {other}{then}");
    Finding::new(Code::VersionMismatch, place, message, format!("differs from {name}")).help(help)
}

/// A package manager with a version.
fn example(node: &Node) -> &'static str {
    if node.kind() == Kind::Pnpm { "pnpm@10.15.0" } else { "yarn@4.10.3" }
}
