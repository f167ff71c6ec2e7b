//! Rust: one program of a package or workspace, built with cargo's folders in caches, on a Debian of the same release.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::setup::{Runner, Step};
use super::statement::File;
use super::{Copies, Fault, Language, below, mismatch, version};
use crate::diagnostic::Findings;
use crate::facts::{Facts, join};
use crate::source::SpecPath;
use crate::spec::Scalar;

const RULE: &str = "a version of Rust is written 1.95 or 1.95.0";
/// Where cargo compiles: outside of the sources.
const TARGET: &str = "/target";
/// The Debian that builds and runs if none is stated.
const RELEASE: &str = "trixie";

/// A rust-toolchain.toml names one version, and where there are several each has its turn.
const CHOOSE: &str = "echo \"RUSTUP_TOOLCHAIN=$VERSION\" >> \"$GITHUB_ENV\"";

/// A program in Rust. It lies in /usr/local/bin, on the Debian release that built it.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
pub struct Rust {
    /// Version of Rust, such as `1.95`.
    #[schemars(extend("pattern" = "^[0-9]+\\.[0-9]+(\\.[0-9]+)?$", "patternErrorMessage" = "a version of Rust is written 1.95 or 1.95.0", "errorMessage" = "a version of Rust is written 1.95 or 1.95.0"))]
    pub version: Scalar,
    /// Variant of the official image that builds; the program runs on the same Debian release. Default: `slim-trixie`.
    #[schemars(extend("pattern" = "^(slim-)?(bullseye|bookworm|trixie)$", "patternErrorMessage" = "the base of a Rust image is Debian's name, with or without slim-, such as slim-trixie"))]
    pub base: Option<String>,
    /// Folder of Cargo.toml and Cargo.lock, relative to the build's `context`. Default: `.`.
    pub path: Option<String>,
    /// The program to build, by its name in cargo, such as `api`.
    #[schemars(extend("pattern" = "^[A-Za-z0-9][A-Za-z0-9_-]*$", "patternErrorMessage" = "a program's name is letters, digits, `_` and `-`"))]
    pub bin: String,
    /// The package of the workspace that it belongs to, such as `acme-api`.
    #[schemars(extend("pattern" = "^[A-Za-z0-9][A-Za-z0-9_-]*$", "patternErrorMessage" = "a package's name is letters, digits, `_` and `-`"))]
    pub package: Option<String>,
    /// Features that are switched on, such as `[postgres]`.
    #[serde(default)]
    #[schemars(schema_with = "crate::spec::group_names")]
    pub features: Vec<String>,
    /// What the compiler reads besides Cargo.toml, Cargo.lock and build.rs, relative to the build's `context`, such as `[crates]`. Default: `src`, beside Cargo.toml.
    #[serde(default)]
    pub sources: Vec<String>,
}

impl Rust {
    fn folder(&self) -> String {
        join(self.path.as_deref().unwrap_or("."), "")
    }

    fn base(&self) -> String {
        self.base.clone().unwrap_or_else(|| format!("slim-{RELEASE}"))
    }

    fn compiled(&self) -> Vec<String> {
        let written = self.sources.iter().map(|source| join(source, "")).collect::<Vec<_>>();
        if written.is_empty() { vec![join(&self.folder(), "src")] } else { written }
    }

    fn manifests(&self) -> Vec<String> {
        ["Cargo.toml", "Cargo.lock"].iter().map(|file| self.beside(file)).collect()
    }

    /// A file beside Cargo.toml.
    fn beside(&self, file: &str) -> String {
        join(&self.folder(), file)
    }

    fn command_line(&self) -> Vec<String> {
        let mut words: Vec<String> = ["cargo", "build", "--release", "--locked"].map(str::to_owned).to_vec();
        words.extend(self.package.iter().flat_map(|package| ["--package".to_owned(), package.clone()]));
        words.extend(["--bin".to_owned(), self.bin.clone()]);
        if !self.features.is_empty() {
            words.extend(["--features".to_owned(), self.features.join(",")]);
        }
        words
    }
}

impl Language for Rust {
    fn view(&self, folder: &str, _: &Copies) -> Value {
        let pair = |source: &String| vec![join(folder, source), below(&self.folder(), source)];
        json!({
            // Most packages have no build.rs; a pattern may match nothing.
            "manifests": self.manifests().iter().chain([&self.beside("build.r?")]).map(|file| join(folder, file)).collect::<Vec<_>>(),
            "target": TARGET,
            "sources": self.compiled().iter().map(pair).collect::<Vec<_>>(),
            "command": self.command_line(),
            "bin": self.bin,
        })
    }

    fn version(&self) -> Option<&str> {
        Some(&self.version.0)
    }

    fn place(&self, _: &Copies) -> String {
        self.folder()
    }

    fn image(&self) -> Option<String> {
        Some(format!("rust:{}-{}", self.version.0, self.base()))
    }

    fn runs_in(&self) -> Option<String> {
        let base = self.base();
        Some(format!("debian:{}-slim", base.strip_prefix("slim-").unwrap_or(&base)))
    }

    fn has_build_stage(&self) -> bool {
        true
    }

    fn sources(&self, _: &Copies) -> Vec<String> {
        self.manifests().into_iter().chain([self.beside("build.rs")]).chain(self.compiled()).collect()
    }

    fn optional_sources(&self) -> Vec<String> {
        vec![self.beside("build.rs")]
    }

    fn paths(&self, path: &SpecPath) -> Vec<(&str, SpecPath)> {
        let folder = self.path.iter().map(|folder| (folder.as_str(), path.key("path")));
        let sources = self.sources.iter().enumerate();
        let sources = sources.map(|(index, source)| (source.as_str(), path.key("sources").index(index)));
        folder.chain(sources).collect()
    }

    fn faults(&self, _: bool) -> Vec<Fault> {
        Fault::of_version(Some(&self.version.0), false, 2..=3, RULE).into_iter().collect()
    }

    fn command(&self) -> Option<Vec<String>> {
        Some(vec![self.bin.clone()])
    }

    fn tested_in(&self) -> Option<&str> {
        self.path.as_deref()
    }

    fn own_variables(&self) -> &'static [(&'static str, &'static str)] {
        &[("CARGO_TARGET_DIR", "what cargo compiles is kept in a cache")]
    }

    fn holds_code(&self) -> &'static [&'static str] {
        &["/usr/local/bin"]
    }

    fn takes_inputs(&self) -> bool {
        true
    }

    /// The runner has rustup.
    fn setup(&self, runner: &Runner<'_>) -> Vec<Step> {
        let install =
            |word: &str| format!("rustup toolchain install {word} --profile minimal --component clippy,rustfmt\n");
        let step = |version: &str| match runner.chooses {
            true => Step::runs("Set up Rust", install("\"$VERSION\"") + CHOOSE).with("VERSION", version),
            false => Step::runs("Set up Rust", install(version) + &format!("rustup default {version}")),
        };
        let cache = Step::uses("Find what is compiled in the cache", "Swatinem/rust-cache");
        let cache = match runner.file(&self.folder()) {
            folder if folder == "." => cache,
            folder => cache.with("workspaces", folder),
        };
        runner.version.map(step).into_iter().chain(runner.caches.then_some(cache)).collect()
    }

    fn wants(&self) -> Vec<String> {
        ["rust-toolchain.toml", "rust-toolchain", "Cargo.toml"].iter().map(|file| join(&self.folder(), file)).collect()
    }

    fn lockfiles(&self) -> Vec<(String, &'static str)> {
        vec![(join(&self.folder(), "Cargo.lock"), "cargo generate-lockfile")]
    }

    fn check(&self, path: &SpecPath, context: &str, facts: &Facts, findings: &mut Findings<'_>) {
        let written = &self.version.0;
        let [toolchain, plain, manifest] = &self.wants()[..] else { return };
        // The file of the older name may hold a version alone, or what the newer one holds.
        for file in [toolchain, plain].into_iter().filter_map(|file| File::read(facts, context, file)) {
            let alone = file.text.parse::<toml_edit::DocumentMut>().is_err().then(|| version::stated(file.text));
            let channel = file.toml(&["toolchain", "channel"]).or_else(|| Some(file.says(alone?, alone?)));
            let Some(channel) = channel else { continue };
            let unstable = ["nightly", "beta"].iter().any(|name| channel.text.starts_with(name));
            if unstable || !version::agree(written, &channel.text) {
                findings.report(mismatch(path, "Rust", written, &channel));
            }
        }
        let least = File::read(facts, context, manifest).and_then(|file| file.toml(&["package", "rust-version"]));
        if let Some(least) = least.filter(|least| !version::at_least(written, &least.text)) {
            findings.report(mismatch(path, "Rust", written, &least));
        }
    }
}
