//! A folder that is served as it is: nothing is built.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::setup::{Runner, Step};
use super::{Copies, Fault, Language};
use crate::diagnostic::Findings;
use crate::facts::{Facts, join};
use crate::source::SpecPath;
use crate::spec::{Scalar, ScalarOr};

/// A folder that is served as it is; it may be written alone.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct Static(ScalarOr<Folder>);

/// A folder that is served as it is.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[schemars(rename = "Static")]
struct Folder {
    /// The folder, relative to the build's `context`, such as `public`.
    folder: String,
}

impl Static {
    fn folder(&self) -> &str {
        match &self.0 {
            ScalarOr::Short(Scalar(folder)) | ScalarOr::Long(Folder { folder }) => folder,
        }
    }
}

impl Language for Static {
    fn view(&self, folder: &str, _: &Copies) -> Value {
        json!({"folder": join(folder, self.folder()), "place": join(self.folder(), "")})
    }

    fn version(&self) -> Option<&str> {
        None
    }

    fn image(&self) -> Option<String> {
        None
    }

    fn has_build_stage(&self) -> bool {
        false
    }

    fn sources(&self, _: &Copies) -> Vec<String> {
        vec![join(self.folder(), "")]
    }

    fn paths(&self, path: &SpecPath) -> Vec<(&str, SpecPath)> {
        vec![(self.folder(), path.clone())]
    }

    fn faults(&self, _: bool) -> Vec<Fault> {
        Vec::new()
    }

    fn output(&self) -> Option<&str> {
        Some(self.folder())
    }

    fn holds_code(&self) -> &'static [&'static str] {
        &[]
    }

    fn takes_inputs(&self) -> bool {
        false
    }

    fn setup(&self, _: &Runner<'_>) -> Vec<Step> {
        Vec::new()
    }

    fn wants(&self) -> Vec<String> {
        Vec::new()
    }

    fn check(&self, _: &SpecPath, _: &str, _: &Facts, _: &mut Findings<'_>) {}
}
