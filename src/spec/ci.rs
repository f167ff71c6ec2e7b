//! `ci`: read and checked; its workflows are still to come.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// What the repository's continuous integration does.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct Ci {
    /// GitHub Actions.
    pub github: Option<GitHub>,
}

/// The workflows of GitHub Actions.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[schemars(title = "github")]
pub struct GitHub {
    /// Check that the outputs fit stack.yaml. Default: true.
    pub check: Option<bool>,
    /// Run the services' tests. Default: true.
    pub test: Option<bool>,
    /// Deployments by environment.
    #[serde(default)]
    pub deploy: IndexMap<String, Deploy>,
}

/// How an environment is deployed by CI.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Deploy {
    /// What starts it.
    pub when: When,
    /// With `when: push`: the branch, such as `main`.
    pub branch: Option<String>,
    /// Deploy a service only if its files changed. Default: false.
    pub paths: Option<bool>,
    /// Ask the deployed service for its health afterwards. Default: false.
    pub smoke: Option<bool>,
    /// Go back to the release before if a later step fails. Default: false.
    pub rollback: Option<bool>,
}

/// What starts a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum When {
    /// A push to the branch.
    Push,
    /// A person.
    Manual,
    /// A release.
    Release,
}
