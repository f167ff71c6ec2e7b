//! `ci`: what the repository's continuous integration does.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Scalar, form};

/// What the repository's continuous integration does.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct Ci {
    /// GitHub Actions. For example `github: {images: {tags: [main, sha]}}`.
    pub github: Option<GitHub>,
}

/// The workflows of GitHub Actions.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[schemars(title = "github")]
pub struct GitHub {
    /// Check that the outputs fit stack.yaml. Without it nothing is checked, as nothing says where stackc comes from. For example `check: {git: https://github.com/acme/stackc}`.
    pub check: Option<Check>,
    /// Run the services' tests. Default: true.
    pub test: Option<bool>,
    /// The branch whose pushes are tested and published. Default: main.
    #[schemars(schema_with = "form::branch")]
    #[serde(default)]
    pub branch: Option<String>,
    /// Build the images and push them to `registry`. For example `images: {tags: [main, sha], scan: trivy, promote: latest}`.
    pub images: Option<CiImages>,
    /// Deployments by environment, such as `production: {when: push, branch: main}`.
    #[serde(default)]
    pub deploy: IndexMap<String, Deploy>,
    /// Give the branch's state a version, and publish it as a release of GitHub. For example `release: {calver: true}`.
    pub release: Option<Release>,
}

/// How it is checked that the outputs fit stack.yaml.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(title = "check")]
pub struct Check {
    /// The git repository that stackc is installed from, at the tag of the version in stack.lock, such as `https://github.com/acme/stackc`; the tag is
    /// called such as v0.1.0.
    #[schemars(schema_with = "form::repository")]
    pub git: String,
}

/// How images are built and published.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[schemars(title = "images")]
pub struct CiImages {
    /// Tags that a pushed image gets. Default: `[main, sha]`.
    #[schemars(extend("minItems" = 1, "uniqueItems" = true))]
    pub tags: Option<Vec<Tag>>,
    /// Looks for known vulnerabilities in each pushed image; what is found stands in the repository's security tab, and one that is critical and
    /// can be mended stops what follows.
    pub scan: Option<Scanner>,
    /// Tag that moves to an image only after all tests and scans have passed, such as `latest`; nothing is built again.
    #[schemars(extend("pattern" = "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$", "patternErrorMessage" = "a tag is letters, digits, `_`, `.` and `-`, such as latest"))]
    pub promote: Option<String>,
    /// Where layers are kept between runs. Default: nowhere.
    pub cache: Option<Cache>,
    /// Platforms of the images whose `build` names none, such as `[linux/amd64, linux/arm64]`. Default: the runner's, `linux/amd64`.
    #[serde(default)]
    #[schemars(extend("uniqueItems" = true, "examples" = [["linux/amd64", "linux/arm64"]], "items" = {"type": "string", "pattern": "^linux/[a-z0-9]+(/v[0-9]+)?$", "patternErrorMessage": "a platform is written such as linux/arm64", "examples": ["linux/arm64"]}))]
    pub platforms: Vec<String>,
    /// Shell lines that run in the repository's root before each image is built, such as `bash scripts/docs.sh`.
    #[serde(default)]
    pub before: Vec<String>,
    /// Environment variables of the lines in `before`. A value may be `${secrets.NAME}`.
    #[serde(default)]
    #[schemars(extend("propertyNames" = form::variable_names()))]
    pub env: IndexMap<String, Scalar>,
}

/// A form of a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Tag {
    /// The name of `branch`, such as `main`: the newest image of the branch.
    Main,
    /// `sha-` and the commit's first seven digits, such as `sha-abc1234`: never moves.
    Sha,
    /// The year, the month and a number, such as `2026.2.0`; given by `release: {calver: true}`.
    Calver,
    /// The version of a git tag such as `v1.2.3`: `1.2.3` and `1.2`.
    Semver,
}

/// What looks for vulnerabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Scanner {
    /// Trivy, by Aqua Security.
    Trivy,
}

/// Where layers are kept between runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Cache {
    /// In GitHub's cache, apart for each image.
    Gha,
}

/// How an environment is deployed by CI.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(title = "deploy")]
pub struct Deploy {
    /// What starts it.
    pub when: When,
    /// With `when: push`: the branch. Default: that of `ci.github`.
    #[schemars(schema_with = "form::branch")]
    #[serde(default)]
    pub branch: Option<String>,
    /// Deploy only what changed since the last run of the workflow that went well: on Fly an app, on a server the whole stack. Default: false.
    pub paths: Option<bool>,
    /// Look afterwards whether what was deployed works: on Fly its public health checks are asked, on a server all has to become healthy. Default:
    /// true.
    pub smoke: Option<bool>,
    /// Go back to what ran before if a step fails. Default: true.
    pub rollback: Option<bool>,
    /// Names of the secrets at GitHub that let CI in. For example `secrets: {host: DEPLOY_HOST}`.
    #[serde(default)]
    pub secrets: AccessSecrets,
    /// What a person is asked who starts it, by the name of the variable that holds the answer, such as `IMAGE_TAG: {default: main}`. Three names have a meaning: `IMAGE_TAG` is the
    /// version of pulled images, `DEPLOY_PATH` the folder on the server, and a boolean `skip_deploy` leaves the deployment out, so that a run by hand
    /// tests, publishes and releases only; asked by one, it counts for all deployments that start by themselves.
    #[serde(default)]
    #[schemars(extend("propertyNames" = form::variable_names()))]
    pub inputs: IndexMap<String, Input>,
    /// Environment variables of the lines in `before` and `after`. A value may be `${secrets.NAME}`.
    #[serde(default)]
    #[schemars(extend("propertyNames" = form::variable_names()))]
    pub env: IndexMap<String, Scalar>,
    /// Shell lines that run before the deployment, such as `npx supabase db push`; inputs and `env` are variables there.
    #[serde(default)]
    pub before: Vec<String>,
    /// Shell lines that run after it went well; inputs and `env` are variables there. For example `after: [curl -fsS https://shop.example.com/health]`.
    #[serde(default)]
    pub after: Vec<String>,
}

/// Names of the secrets at GitHub that let CI in.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[schemars(title = "secrets")]
pub struct AccessSecrets {
    /// Fly: the token. Default: `FLY_API_TOKEN`.
    #[schemars(schema_with = "form::secret_name")]
    #[serde(default)]
    pub fly_token: Option<String>,
    /// Server: its name or address. Default: `SSH_HOST`.
    #[schemars(schema_with = "form::secret_name")]
    #[serde(default)]
    pub host: Option<String>,
    /// Server: the port of SSH; 22 where the secret is not set. Default: `SSH_PORT`.
    #[schemars(schema_with = "form::secret_name")]
    #[serde(default)]
    pub port: Option<String>,
    /// Server: who signs in. Default: `SSH_USER`.
    #[schemars(schema_with = "form::secret_name")]
    #[serde(default)]
    pub user: Option<String>,
    /// Server: the private key. Default: `SSH_PRIVATE_KEY`.
    #[schemars(schema_with = "form::secret_name")]
    #[serde(default)]
    pub key: Option<String>,
    /// Server: its own keys, in the lines of `ssh-keyscan HOST`. Default: `SSH_KNOWN_HOSTS`.
    #[schemars(schema_with = "form::secret_name")]
    #[serde(default)]
    pub known_hosts: Option<String>,
    /// Server: who pulls images. Default: who started the run at `ghcr.io`, else `REGISTRY_USERNAME`.
    #[schemars(schema_with = "form::secret_name")]
    #[serde(default)]
    pub registry_username: Option<String>,
    /// Server: the password or token that pulls images. Default: the token of the run at `ghcr.io`, else `REGISTRY_PASSWORD`.
    #[schemars(schema_with = "form::secret_name")]
    #[serde(default)]
    pub registry_password: Option<String>,
}

/// One question to the person who starts a deployment.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[schemars(title = "input")]
pub struct Input {
    /// What is asked, such as `The images' tag`.
    pub description: Option<String>,
    /// The answer if there is none; what a run without a person takes, such as `main`.
    pub default: Option<Scalar>,
    /// The answers to choose from, such as `[none, all]`. Default: any text.
    #[serde(default)]
    #[schemars(extend("minItems" = 1, "uniqueItems" = true, "examples" = [["none", "all"]]))]
    pub options: Option<Vec<Scalar>>,
    /// What an answer is. Default: `string`.
    #[serde(rename = "type")]
    pub kind: Option<InputKind>,
    /// There must be an answer. Default: false.
    pub required: Option<bool>,
    /// Words that must be typed in to confirm an option that destroys something: `{all: RESET_ALL}`. Without its word the run stops before it
    /// does anything.
    #[serde(default)]
    pub confirm: IndexMap<String, Scalar>,
}

/// What an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum InputKind {
    /// Text, or one of the `options`.
    String,
    /// A box to tick: `true` or `false`.
    Boolean,
}

/// What starts a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum When {
    /// A push to the branch.
    Push,
    /// A person.
    Manual,
    /// A release, as `ci.github.release` makes it.
    Release,
}

/// How versions are made.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[schemars(title = "release")]
pub struct Release {
    /// Versions are the year, the month and a number that starts at 0 each month, such as `2026.2.0`. Default: false.
    // That is how it is written; the example is no boolean.
    #[schemars(example = true)]
    pub calver: Option<bool>,
}
