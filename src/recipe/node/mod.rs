//! Node: a program that runs in it, or a site that it builds. Manifests are copied and installed before the sources, so that a changed
//! source does not install again.

mod check;
mod manager;
mod packages;
mod setup;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::probe::{Probe, Request, words};
use super::setup::{Runner, Step};
use super::{Copies, CopiesFor, Fault, Language, below};
use crate::code::Code;
use crate::diagnostic::Findings;
use crate::facts::{Facts, join};
use crate::source::SpecPath;
use crate::spec::Scalar;
use manager::Kind;

const RULE: &str = "a version of Node is written 22 or 22.11.0";

/// A Node application: a program that Node runs, or, with `output`, a site that Node builds.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
pub struct Node {
    /// Version of Node, such as `22`. Needed unless `from` brings it.
    #[schemars(extend("pattern" = "^[0-9]+(\\.[0-9]+){0,2}$", "patternErrorMessage" = "a version of Node is written 22 or 22.11.0", "errorMessage" = "a version of Node is written 22 or 22.11.0"))]
    pub version: Option<Scalar>,
    /// Variant of the official image. Default: `alpine`.
    #[schemars(extend("pattern" = "^(alpine([0-9.]+)?|slim|bookworm|bookworm-slim|trixie|trixie-slim)$", "patternErrorMessage" = "the base of a Node image is alpine, slim, bookworm, bookworm-slim, trixie or trixie-slim"))]
    pub base: Option<String>,
    /// The package manager with its exact version, such as `pnpm@10.15.0`; `npm`, which comes with Node; or `pnpm` or `yarn` alone, where package.json
    /// states the version in `packageManager`.
    #[schemars(extend("pattern" = "^(npm|(pnpm|yarn)(@[0-9]+\\.[0-9]+\\.[0-9]+)?)$", "patternErrorMessage" = "the package manager is npm, or pnpm or yarn with an exact version, such as pnpm@10.15.0", "examples" = ["pnpm@10.15.0"]))]
    pub package_manager: String,
    /// Where the packages lie, if not one in the build's `context`. For example `workspace: {path: apps/web, package: "@acme/web"}`.
    pub workspace: Option<Workspace>,
    /// The script of package.json that builds. Default: `build` where there is an `output`, else nothing is built.
    #[schemars(extend("pattern" = "^[A-Za-z0-9._:/-]+$", "patternErrorMessage" = "a script is named as in package.json, such as build"))]
    pub script: Option<String>,
    /// Folder in which the script leaves a site, relative to the build's `context`, such as `dist`. Without it the image runs a program in Node.
    pub output: Option<String>,
    /// Files and folders that the install reads besides package.json, the lockfile and the package manager's settings, relative to the build's `context`, such as
    /// `[patches]`.
    #[serde(default)]
    pub manifests: Vec<String>,
}

/// The packages of a repository.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
pub struct Workspace {
    /// Folder of the package that is built, relative to the build's `context`, such as `apps/web`.
    pub path: Option<String>,
    /// Its name in package.json, such as `@acme/web`. With npm, a `path` alone means a package with a lockfile of its own.
    #[schemars(extend("pattern" = "^@?[A-Za-z0-9._/-]+$", "patternErrorMessage" = "a package's name is written as in package.json, such as @acme/web"))]
    pub package: Option<String>,
    /// Folders of the other packages that are needed, such as `[packages/core]`.
    #[serde(default)]
    pub packages: Vec<String>,
}

impl Node {
    fn written(&self) -> Option<&str> {
        self.version.as_ref().map(|version| version.0.as_str())
    }

    fn package(&self) -> Option<&str> {
        self.workspace.as_ref()?.package.as_deref()
    }

    /// Folders that hold a package: the one that is built and those it needs.
    fn packages(&self) -> Vec<String> {
        let workspace = self.workspace.iter();
        workspace.flat_map(|w| w.path.iter().chain(&w.packages)).map(|folder| join(folder, "")).collect()
    }

    /// Whether one lockfile at the top is that of all packages. npm is also used in a folder that knows of no others.
    fn shares_lockfile(&self) -> bool {
        let named = |workspace: &Workspace| workspace.package.is_some() || !workspace.packages.is_empty();
        self.kind() != Kind::Npm || self.workspace.as_ref().is_some_and(named)
    }

    /// Folder of the lockfile.
    pub fn folder(&self) -> String {
        let own = self.workspace.as_ref().and_then(|workspace| workspace.path.as_deref());
        let own = own.filter(|_| !self.shares_lockfile()).unwrap_or(".");
        join(own, "")
    }

    /// The manifests of the packages that share the lockfile.
    fn package_manifests(&self) -> Vec<String> {
        let packages = self.packages().into_iter().filter(|_| self.shares_lockfile());
        packages.map(|folder| join(&folder, "package.json")).collect()
    }

    /// What is copied before the install because the user says so.
    fn read(&self) -> Vec<String> {
        self.manifests.iter().map(|path| join(path, "")).collect()
    }

    /// What is copied before the sources; patterns may match nothing.
    fn own_manifests(&self) -> Vec<String> {
        let folder = self.folder();
        let workspace = self.workspace.is_some() && self.kind() == Kind::Pnpm;
        let names = ["package.json", self.lockfile().0].into_iter().chain(workspace.then_some("pnpm-workspace.yaml"));
        names.map(|name| join(&folder, name)).collect()
    }

    /// What runs in the build: a script that was asked for, or the one that makes the site.
    fn script(&self) -> Option<&str> {
        self.script.as_deref().or(self.output.as_ref().map(|_| "build"))
    }

    /// The sources that are copied besides the user's own `copy`.
    fn own_sources(&self, copies: &Copies) -> Vec<String> {
        if copies.whole() {
            return Vec::new();
        }
        let packages = self.packages();
        if packages.is_empty() && copies.pairs.is_empty() { vec![".".to_owned()] } else { packages }
    }
}

impl Language for Node {
    fn view(&self, folder: &str, copies: &Copies) -> Value {
        let place = self.folder();
        let before: Vec<String> = self.package_manifests().into_iter().chain(self.read()).collect();
        let pair = |source: &String| vec![join(folder, source), below(&place, source)];
        let in_folder = |name: &str| join(folder, &join(&place, name));
        let manifests = self.own_manifests().iter().map(|file| join(folder, file)).collect::<Vec<_>>();
        json!({
            "manager": self.manager(),
            "corepack": self.manager_version().is_none() && self.kind() != Kind::Npm,
            "tool": self.manager_package(),
            "settings": self.settings(),
            "manifests": manifests.into_iter().chain([in_folder(self.settings_file().1)]).collect::<Vec<_>>(),
            "package_manifests": before.iter().map(pair).collect::<Vec<_>>(),
            "sources": self.own_sources(copies).iter().map(pair).collect::<Vec<_>>(),
            "cache": self.cache(),
            "install": self.install(false),
            "with_dev": self.with_dev(),
            "install_production": self.install(true),
            "then_production": self.prune().filter(|_| self.kind() == Kind::Berry).into_iter().collect::<Vec<_>>(),
            "prune": self.prune(),
            "script": self.script().map(|script| self.run_script(script)),
            "output": self.output,
        })
    }

    fn version(&self) -> Option<&str> {
        self.written()
    }

    fn example_version(&self) -> Option<&'static str> {
        Some("22")
    }

    fn place(&self, _: &Copies) -> String {
        self.folder()
    }

    fn image(&self) -> Option<String> {
        Some(format!("node:{}-{}", self.written()?, self.base.as_deref().unwrap_or("alpine")))
    }

    fn has_build_stage(&self) -> bool {
        true
    }

    fn copies(&self) -> CopiesFor {
        if self.script().is_some() { CopiesFor::Build } else { CopiesFor::Image }
    }

    fn sources(&self, copies: &Copies) -> Vec<String> {
        let packages = self.package_manifests().into_iter().chain(self.read());
        let sources = self.own_sources(copies);
        // A folder that is copied whole brings its manifest.
        let brought = |file: &String| sources.iter().any(|source| file.starts_with(&format!("{source}/")));
        let manifests: Vec<String> = self.own_manifests().into_iter().chain(packages).collect();
        let settings = join(&self.folder(), self.settings_file().0);
        let mut all: Vec<String> = manifests.into_iter().filter(|file| !brought(file)).collect();
        all.extend(Some(settings).filter(|file| !brought(file)));
        all.into_iter().chain(sources.iter().cloned()).collect()
    }

    fn optional_sources(&self) -> Vec<String> {
        vec![join(&self.folder(), self.settings_file().0)]
    }

    fn paths(&self, path: &SpecPath) -> Vec<(&str, SpecPath)> {
        let mut paths: Vec<_> = self.output.iter().map(|output| (output.as_str(), path.key("output"))).collect();
        let read = self.manifests.iter().enumerate();
        paths.extend(read.map(|(index, file)| (file.as_str(), path.key("manifests").index(index))));
        if let Some(workspace) = &self.workspace {
            let path = path.key("workspace");
            paths.extend(workspace.path.iter().map(|folder| (folder.as_str(), path.key("path"))));
            let packages = workspace.packages.iter().enumerate();
            paths.extend(packages.map(|(index, folder)| (folder.as_str(), path.key("packages").index(index))));
        }
        paths
    }

    fn faults(&self, from: bool) -> Vec<Fault> {
        let mut faults: Vec<Fault> = Fault::of_version(self.written(), from, 1..=3, RULE).into_iter().collect();
        // From 8 on npm knows `npm ci`.
        faults.extend(Fault::too_old(self.written(), 8, "Node", "24"));
        let workspace = self.workspace.clone().unwrap_or_default();
        if let (true, Workspace { path: Some(path), package: None, .. }) = (self.shares_lockfile(), workspace) {
            let message =
                format!("{} picks a package by its name, and `workspace` says only its folder", self.manager());
            let help = format!("add `package: NAME` beside `path: {path}`, with the name in its package.json");
            faults.push(Fault::new(Code::MissingKey, "workspace", message, help));
        }
        faults.extend(Fault::of_base(self.base.as_ref(), from));
        faults
    }

    fn output(&self) -> Option<&str> {
        self.output.as_deref()
    }

    fn tested_in(&self) -> Option<&str> {
        self.workspace.as_ref()?.path.as_deref()
    }

    fn holds_code(&self) -> &'static [&'static str] {
        &["/app", "/app/node_modules"]
    }

    fn takes_inputs(&self) -> bool {
        true
    }

    /// From Node 18 on.
    fn probe() -> Option<&'static Probe> {
        Some(&Probe { comes_first: false, http, tcp })
    }

    fn setup(&self, runner: &Runner<'_>) -> Vec<Step> {
        setup::steps(self, runner)
    }

    fn wants(&self) -> Vec<String> {
        check::wants(self)
    }

    fn lockfiles(&self) -> Vec<(String, &'static str)> {
        let (name, made_by) = self.lockfile();
        vec![(join(&self.folder(), name), made_by)]
    }

    fn check(&self, path: &SpecPath, context: &str, facts: &Facts, findings: &mut Findings<'_>) {
        check::check(self, path, context, facts, findings);
    }
}

fn http(request: &Request<'_>) -> Option<Vec<String>> {
    let trust = if request.secure { "process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'; " } else { "" };
    let options = if request.is_plain() {
        String::new()
    } else {
        let headers: Vec<String> = request.headers.iter().map(|(name, value)| format!("'{name}': '{value}'")).collect();
        format!(", {{method: '{}', headers: {{{}}}}}", request.method, headers.join(", "))
    };
    let url = request.url();
    let script = format!("{trust}fetch('{url}'{options}).then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))");
    Some(words(["node", "-e", &script]))
}

/// The time is that of the whole check, which Docker ends.
fn tcp(port: u16, _: u64) -> Option<Vec<String>> {
    let script = format!(
        "require('net').connect({port}, '127.0.0.1', () => process.exit(0)).on('error', () => process.exit(1))"
    );
    Some(words(["node", "-e", &script]))
}
