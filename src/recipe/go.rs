//! Go: one program without cgo, alone in an image that holds nothing else but certificates and time zones.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::setup::{Runner, Step};
use super::statement::File;
use super::{Copies, Fault, Language, below, mismatch, missing_lockfile, version};
use crate::diagnostic::Findings;
use crate::facts::{Facts, Found, join};
use crate::source::{Place, SpecPath};
use crate::spec::Scalar;

/// The image that a program runs in if `from` names no other.
const BARE: &str = "gcr.io/distroless/static-debian13:nonroot";
const RULE: &str = "a version of Go is written 1.27 or 1.27.1";

/// A program in Go, built without cgo. It lies in /usr/local/bin, in an image that holds nothing else but certificates and time zones.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
pub struct Go {
    /// Version of Go, such as `1.27`.
    #[schemars(extend("pattern" = "^[0-9]+\\.[0-9]+(\\.[0-9]+)?$", "patternErrorMessage" = "a version of Go is written 1.27 or 1.27.1", "errorMessage" = "a version of Go is written 1.27 or 1.27.1"))]
    pub version: Scalar,
    /// Variant of the official image that builds. Default: `alpine`.
    #[schemars(extend("pattern" = "^(alpine([0-9.]+)?|bookworm|trixie)$", "patternErrorMessage" = "the base of a Go image is alpine, bookworm or trixie"))]
    pub base: Option<String>,
    /// Folder of go.mod, relative to the build's `context`. Default: `.`.
    pub path: Option<String>,
    /// The package to build, relative to go.mod, such as `./cmd/api`. Default: `.`.
    #[schemars(extend("pattern" = "^[A-Za-z0-9./_-]+$", "patternErrorMessage" = "a package is the path of its folder, such as ./cmd/api"))]
    pub package: Option<String>,
    /// Name of the program, such as `api`. Default: that of the package's folder, else `app`.
    #[schemars(extend("pattern" = "^[A-Za-z0-9][A-Za-z0-9._-]*$", "patternErrorMessage" = "a program's name is letters, digits, `.`, `_` and `-`"))]
    pub bin: Option<String>,
    /// What the compiler reads besides go.mod and go.sum, relative to the build's `context`, such as `[cmd, internal]`. Default: the whole context.
    #[serde(default)]
    pub sources: Vec<String>,
}

impl Go {
    fn folder(&self) -> String {
        join(self.path.as_deref().unwrap_or("."), "")
    }

    fn package(&self) -> String {
        let package = join(self.package.as_deref().unwrap_or("."), "");
        if package == "." { package } else { format!("./{package}") }
    }

    fn bin(&self) -> String {
        let package = self.package();
        let last = package.rsplit('/').next().unwrap_or_default().to_owned();
        self.bin.clone().unwrap_or(if last == "." { "app".to_owned() } else { last })
    }

    fn compiled(&self) -> Vec<String> {
        let written = self.sources.iter().map(|source| join(source, "")).collect::<Vec<_>>();
        if written.is_empty() { vec![self.folder()] } else { written }
    }
}

impl Language for Go {
    fn view(&self, folder: &str, _: &Copies) -> Value {
        let compiled = self.compiled();
        let pair = |source: &String| vec![join(folder, source), below(&self.folder(), source)];
        json!({
            // go.sum is missing where nothing is required; a pattern may match nothing.
            "manifests": [join(folder, &join(&self.folder(), "go.mod")), join(folder, &join(&self.folder(), "go.su?"))],
            "sources": compiled.iter().map(pair).collect::<Vec<_>>(),
            "package": self.package(),
            "bin": self.bin(),
        })
    }

    fn version(&self) -> Option<&str> {
        Some(&self.version.0)
    }

    fn place(&self, _: &Copies) -> String {
        self.folder()
    }

    fn image(&self) -> Option<String> {
        Some(format!("golang:{}-{}", self.version.0, self.base.as_deref().unwrap_or("alpine")))
    }

    fn runs_in(&self) -> Option<String> {
        Some(BARE.to_owned())
    }

    fn has_build_stage(&self) -> bool {
        true
    }

    fn sources(&self, _: &Copies) -> Vec<String> {
        [join(&self.folder(), "go.mod"), join(&self.folder(), "go.sum")].into_iter().chain(self.compiled()).collect()
    }

    fn optional_sources(&self) -> Vec<String> {
        vec![join(&self.folder(), "go.sum")]
    }

    fn paths(&self, path: &SpecPath) -> Vec<(&str, SpecPath)> {
        let folder = self.path.iter().map(|folder| (folder.as_str(), path.key("path")));
        let package = self.package.iter().map(|package| (package.as_str(), path.key("package")));
        let sources = self.sources.iter().enumerate();
        let sources = sources.map(|(index, source)| (source.as_str(), path.key("sources").index(index)));
        folder.chain(package).chain(sources).collect()
    }

    fn faults(&self, _: bool) -> Vec<Fault> {
        Fault::of_version(Some(&self.version.0), false, 2..=3, RULE).into_iter().collect()
    }

    fn command(&self) -> Option<Vec<String>> {
        Some(vec![self.bin()])
    }

    fn tested_in(&self) -> Option<&str> {
        self.path.as_deref()
    }

    fn own_variables(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("CGO_ENABLED", "a program in Go is built without cgo"),
            ("GOOS", "a program in Go is built for the machine that runs it"),
            ("GOARCH", "a program in Go is built for the machine that runs it"),
        ]
    }

    fn holds_code(&self) -> &'static [&'static str] {
        &["/usr/local/bin"]
    }

    fn takes_inputs(&self) -> bool {
        true
    }

    fn setup(&self, runner: &Runner<'_>) -> Vec<Step> {
        let go = Step::uses("Set up Go", "actions/setup-go").version("go-version", runner);
        vec![match runner.caches {
            true => go.with("cache-dependency-path", runner.file(&join(&self.folder(), "go.sum"))),
            false => go.with("cache", false),
        }]
    }

    fn wants(&self) -> Vec<String> {
        ["go.mod", "go.sum"].iter().map(|file| join(&self.folder(), file)).collect()
    }

    fn check(&self, path: &SpecPath, context: &str, facts: &Facts, findings: &mut Findings<'_>) {
        let manifest = join(&self.folder(), "go.mod");
        let Some(file) = File::read(facts, context, &manifest) else { return };
        let text = file.text;
        let stated = |key: &str| text.lines().find_map(|line| line.trim().strip_prefix(key));
        let stated = stated("toolchain go").or_else(|| stated("go "));
        let stated = stated.map(|stated| stated.split("//").next().unwrap_or_default().trim());
        if let Some(stated) = stated.filter(|stated| !version::at_least(&self.version.0, stated)) {
            findings.report(mismatch(path, "Go", &self.version.0, &file.says(stated, stated)));
        }
        // Only what is fetched has a sum; what is replaced may lie in the repository.
        let has = |word: &str| text.lines().any(|line| line.trim_start().starts_with(word));
        let sums = join(context, &join(&self.folder(), "go.sum"));
        if has("require ") && !has("replace ") && facts.at(&sums) == Some(&Found::Missing) {
            findings.report(missing_lockfile(&sums, "go mod tidy", Place::Key(path.clone())));
        }
    }
}
