//! Node: a site that a pnpm workspace builds. Manifests are copied and installed before the sources, so that a changed source
//! does not install again.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Language, Probe};
use crate::code::Code;
use crate::diagnostic::{Finding, Findings};
use crate::facts::{Facts, join};
use crate::source::{Place, SpecPath};
use crate::spec::Scalar;

/// Node images from this major version on come without corepack.
const FIRST_WITHOUT_COREPACK: u32 = 25;

/// A site that Node builds with pnpm.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
pub struct Node {
    /// Version of Node, such as `22`.
    #[schemars(extend("pattern" = "^[0-9]+(\\.[0-9]+){0,2}$", "patternErrorMessage" = "a version of Node is written 22 or 22.11.0", "errorMessage" = "a version of Node is written 22 or 22.11.0"))]
    pub version: Scalar,
    /// Variant of the official image. Default: `alpine`.
    #[schemars(extend("pattern" = "^(alpine|slim|bookworm|bookworm-slim|trixie|trixie-slim)$", "patternErrorMessage" = "the base of a Node image is alpine, slim, bookworm, bookworm-slim, trixie or trixie-slim"))]
    pub base: Option<String>,
    /// The package manager with its exact version, `pnpm@10.15.0`; or `pnpm`, where package.json states the version in `packageManager`.
    #[schemars(extend("pattern" = "^pnpm(@[0-9]+\\.[0-9]+\\.[0-9]+)?$", "patternErrorMessage" = "the package manager is pnpm with an exact version, such as pnpm@10.15.0", "examples" = ["pnpm@10.15.0"]))]
    pub package_manager: String,
    /// The package to build, where the repository is a workspace.
    pub workspace: Option<Workspace>,
    /// The script of package.json that builds the site. Default: `build`.
    #[schemars(extend("pattern" = "^[A-Za-z0-9._:/-]+$", "patternErrorMessage" = "a script is named as in package.json, such as build"))]
    pub script: Option<String>,
    /// Folder in which the script leaves the site, relative to the build's `context`.
    pub output: String,
}

/// A package of a workspace.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
pub struct Workspace {
    /// Folder of the package, relative to the build's `context`.
    pub path: String,
    /// Its name in package.json.
    #[schemars(extend("pattern" = "^@?[A-Za-z0-9._/-]+$", "patternErrorMessage" = "a package's name is written as in package.json, such as @acme/web"))]
    pub package: String,
    /// Folders of the workspace's packages that it depends on.
    #[serde(default)]
    pub packages: Vec<String>,
}

impl Node {
    fn pnpm_version(&self) -> Option<&str> {
        self.package_manager.strip_prefix("pnpm@")
    }

    /// Folders that hold a package: the workspace's own and those it depends on.
    fn packages(&self) -> Vec<String> {
        let workspace = self.workspace.iter();
        workspace.flat_map(|w| std::iter::once(&w.path).chain(&w.packages)).map(|folder| join(folder, "")).collect()
    }

    fn manifests(&self) -> Vec<String> {
        let workspace = self.workspace.as_ref().map(|_| "pnpm-workspace.yaml".to_owned());
        ["package.json".to_owned(), "pnpm-lock.yaml".to_owned()].into_iter().chain(workspace).collect()
    }

    fn has_corepack(&self) -> bool {
        let major = self.version.0.split('.').next().and_then(|major| major.parse::<u32>().ok());
        major.is_some_and(|major| major < FIRST_WITHOUT_COREPACK)
    }

    fn check_version(&self, path: &SpecPath, stated: Option<&str>, findings: &mut Findings<'_>) {
        let place = Place::Value(path.key("package_manager"));
        if let Some(other) = stated.filter(|stated| !stated.starts_with("pnpm@")) {
            let message =
                format!("package.json says {other} in `packageManager`, and corepack would refuse to run pnpm");
            let finding = Finding::new(Code::VersionMismatch, place, message, "another package manager");
            findings.report(
                finding.help("in package.json, write `\"packageManager\": \"pnpm@10.15.0\"`, with your version"),
            );
            return;
        }
        match (self.pnpm_version(), stated) {
            (Some(written), Some(stated)) if stated != format!("pnpm@{written}") => findings.report(
                Finding::new(
                    Code::VersionMismatch,
                    place,
                    format!("this says pnpm@{written}, but `packageManager` in package.json says {stated}, and pnpm obeys that"),
                    "differs from package.json",
                )
                .help(format!("write `package_manager: {stated}` here, or change package.json")),
            ),
            (None, None) => findings.report(
                Finding::new(
                    Code::MissingVersion,
                    place,
                    "the version of pnpm is stated neither here nor by `packageManager` in package.json",
                    "no version",
                )
                .help("write the version that you use, such as `package_manager: pnpm@10.15.0`"),
            ),
            (None, Some(_)) if !self.has_corepack() => findings.report(
                Finding::new(
                    Code::MissingVersion,
                    place,
                    format!("the image of Node {} has no corepack that could read the version from package.json", self.version.0),
                    "no version",
                )
                .help("write it here as well, such as `package_manager: pnpm@10.15.0`"),
            ),
            _ => {}
        }
    }
}

impl Language for Node {
    fn template(&self) -> &'static str {
        "node"
    }

    fn view(&self) -> Value {
        let packages = self.packages();
        json!({
            "image": format!("node:{}-{}", self.version.0, self.base.as_deref().unwrap_or("alpine")),
            "corepack": self.has_corepack(),
            "pnpm": self.pnpm_version(),
            "manifests": self.manifests(),
            "package_manifests": packages.iter().map(|path| format!("{path}/package.json")).collect::<Vec<_>>(),
            "packages": packages,
            "package": self.workspace.as_ref().map(|workspace| &workspace.package),
            "script": self.script.as_deref().unwrap_or("build"),
        })
    }

    fn sources(&self) -> Vec<String> {
        self.manifests().into_iter().chain(self.packages()).collect()
    }

    fn paths(&self, path: &SpecPath) -> Vec<(&str, SpecPath)> {
        let mut paths = vec![(self.output.as_str(), path.key("output"))];
        if let Some(workspace) = &self.workspace {
            let path = path.key("workspace");
            paths.push((&workspace.path, path.key("path")));
            let packages = workspace.packages.iter().enumerate();
            paths.extend(packages.map(|(index, folder)| (folder.as_str(), path.key("packages").index(index))));
        }
        paths
    }

    fn faults(&self) -> Vec<(&'static str, &str, &'static str)> {
        let fits = self.version.0.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
        let rule = "a version of Node is written 22 or 22.11.0";
        if fits { Vec::new() } else { vec![("version", &self.version.0, rule)] }
    }

    fn output(&self) -> Option<&str> {
        Some(&self.output)
    }

    fn takes_inputs(&self) -> bool {
        true
    }

    fn probe(&self) -> Probe {
        Probe::Wget
    }

    fn wants(&self) -> Vec<String> {
        self.manifests()
    }

    fn check(&self, path: &SpecPath, context: &str, facts: &Facts, findings: &mut Findings<'_>) {
        let manifest = facts.text_in(context, "package.json");
        let manifest = manifest.and_then(|text| serde_json::from_str::<Value>(text).ok());
        let stated = manifest.as_ref().and_then(|manifest| manifest["packageManager"].as_str());
        // corepack's form may carry a hash: pnpm@10.15.0+sha512.…
        let stated = stated.and_then(|stated| stated.split('+').next());
        self.check_version(path, stated, findings);
    }
}
