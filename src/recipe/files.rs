//! A folder that is served as it is: nothing is built.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Copies, Fault, Language};
use crate::diagnostic::Findings;
use crate::facts::{Facts, join};
use crate::source::SpecPath;

/// A folder that is served as it is.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
pub struct Static {
    /// The folder, relative to the build's `context`, such as `public`.
    pub folder: String,
}

impl Language for Static {
    fn view(&self, folder: &str, _: &Copies) -> Value {
        json!({"folder": join(folder, &self.folder), "place": join(&self.folder, "")})
    }

    fn image(&self) -> Option<String> {
        None
    }

    fn has_build_stage(&self) -> bool {
        false
    }

    fn sources(&self, _: &Copies) -> Vec<String> {
        vec![join(&self.folder, "")]
    }

    fn paths(&self, path: &SpecPath) -> Vec<(&str, SpecPath)> {
        vec![(&self.folder, path.clone())]
    }

    fn faults(&self, _: bool) -> Vec<Fault> {
        Vec::new()
    }

    fn output(&self) -> Option<&str> {
        Some(&self.folder)
    }

    fn holds_code(&self) -> &'static [&'static str] {
        &[]
    }

    fn takes_inputs(&self) -> bool {
        false
    }

    fn wants(&self) -> Vec<String> {
        Vec::new()
    }

    fn check(&self, _: &SpecPath, _: &str, _: &Facts, _: &mut Findings<'_>) {}
}
