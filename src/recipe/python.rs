//! Python: packages are installed into a virtual environment in the build stage, which the final stage copies.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Language, Probe};
use crate::code::Code;
use crate::diagnostic::{Finding, Findings};
use crate::facts::{Facts, join};
use crate::source::{Place, SpecPath};
use crate::spec::Scalar;

/// A Python application. It runs in /app, its packages lie in /venv.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
pub struct Python {
    /// Version of Python, such as `3.12`.
    #[schemars(extend("pattern" = "^[0-9]+\\.[0-9]+(\\.[0-9]+)?$", "patternErrorMessage" = "a version of Python is written 3.12 or 3.12.4", "errorMessage" = "a version of Python is written 3.12 or 3.12.4"))]
    pub version: Scalar,
    /// Variant of the official image: `slim` (the default), `slim-bookworm`, …
    #[schemars(extend("pattern" = "^slim(-[a-z]+)?$", "patternErrorMessage" = "the base of a Python image is slim, or slim with Debian's name, such as slim-bookworm", "examples" = ["slim"]))]
    pub base: Option<String>,
    /// The requirements file, relative to the build's `context`, such as `requirements.txt`.
    pub requirements: Option<String>,
}

impl Language for Python {
    fn template(&self) -> &'static str {
        "python"
    }

    fn view(&self) -> Value {
        json!({
            "image": format!("python:{}-{}", self.version.0, self.base.as_deref().unwrap_or("slim")),
            "requirements": self.requirements.as_ref().map(|file| join(file, "")),
        })
    }

    fn sources(&self) -> Vec<String> {
        self.requirements.iter().map(|file| join(file, "")).collect()
    }

    fn paths(&self, path: &SpecPath) -> Vec<(&str, SpecPath)> {
        self.requirements.iter().map(|file| (file.as_str(), path.key("requirements"))).collect()
    }

    fn faults(&self) -> Vec<(&'static str, &str, &'static str)> {
        let parts: Vec<&str> = self.version.0.split('.').collect();
        let fits = (2..=3).contains(&parts.len())
            && parts.iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
        let rule = "a version of Python is written 3.12 or 3.12.4";
        if fits { Vec::new() } else { vec![("version", &self.version.0, rule)] }
    }

    fn output(&self) -> Option<&str> {
        None
    }

    fn takes_inputs(&self) -> bool {
        self.requirements.is_some()
    }

    fn probe(&self) -> Probe {
        Probe::Python
    }

    fn wants(&self) -> Vec<String> {
        vec![".python-version".to_owned()]
    }

    fn check(&self, path: &SpecPath, context: &str, facts: &Facts, findings: &mut Findings<'_>) {
        let Some(pinned) = facts.text_in(context, ".python-version") else { return };
        let pinned = pinned.trim();
        let (written, pinned_parts) = (self.version.0.split('.'), pinned.split('.'));
        if !pinned.is_empty() && written.zip(pinned_parts).any(|(written, pinned)| written != pinned) {
            findings.report(
                Finding::new(
                    Code::VersionMismatch,
                    Place::Value(path.key("version")),
                    format!("the image has Python {}, but .python-version says {pinned}", self.version.0),
                    "differs from .python-version",
                )
                .help(format!("write `version: {pinned}` here, or change .python-version")),
            );
        }
    }
}
