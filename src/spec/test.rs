//! `services.<name>.test`: how CI tests a service.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Scalar, form};

/// How CI tests a service.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
pub struct Test {
    /// Shell lines that are run one after the other; the first that fails ends the test, `a && b` as well.
    #[serde(default)]
    #[schemars(extend("minItems" = 1, "examples" = [["pytest -q"]]))]
    pub steps: Vec<String>,
    /// Services that run beside the tests, such as `[db]`: started from the first Compose environment that has them and builds its images.
    #[serde(default)]
    #[schemars(schema_with = "form::names")]
    pub services: Vec<String>,
    /// Environment variables of the steps. A value may hold references: `${services.db.host}` is how the tests reach the service, from outside
    /// its network.
    #[serde(default)]
    #[schemars(extend("propertyNames" = form::variable_names()))]
    pub env: IndexMap<String, Scalar>,
    /// Files of variables for the steps and for `services`, relative to the repository, such as `.github/test.env`.
    #[serde(default)]
    #[schemars(schema_with = "form::names")]
    pub env_file: Vec<String>,
    /// Folder in which the steps run, relative to the repository. For example `working_dir: backend`. Default: the build's `context`; of a Node workspace, the folder of its
    /// package.
    pub working_dir: Option<String>,
    /// Versions of the service's language that are each tested, such as `[3.12, 3.13]`. Default: the version that its build states.
    #[serde(default)]
    #[schemars(extend("uniqueItems" = true, "examples" = [["3.12", "3.13"]]))]
    pub versions: Vec<Scalar>,
    /// Files and folders, such as `[backend, shared]`; a pull request that touches none of them is not tested. Default: every change is.
    #[serde(default)]
    #[schemars(extend("uniqueItems" = true, "examples" = [["backend", "shared/**/*.json"]]))]
    pub paths: Vec<String>,
    /// Time after which the test counts as failed. Default: 30m.
    #[serde(default)]
    #[schemars(schema_with = "form::duration")]
    pub timeout: Option<String>,
}
