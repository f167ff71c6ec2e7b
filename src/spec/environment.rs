//! `environments.<name>`: the platform's own keys, and an overlay of the base sections.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::door::{ComposeFile, FlyFile};
use super::form;
use super::{Image, Job, Network, Overlay, Routing, ScalarOr, Secret, Service, Variable, Volume};

/// Where the stack runs. Besides its own keys it holds what differs from the base: maps are merged, lists and values replaced, `null`
/// removes.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Environment {
    /// What runs it.
    pub platform: Platform,
    /// Compose: the output's path. Default: `docker-compose.yml`; needed where several environments use Compose.
    #[schemars(extend("pattern" = "\\.ya?ml$", "patternErrorMessage" = "a Compose file is named *.yml or *.yaml"))]
    pub file: Option<String>,
    /// The services that run here, such as `[db, api]`. Default: all.
    #[schemars(extend("minItems" = 1, "uniqueItems" = true))]
    pub only: Option<Vec<String>>,
    /// Profiles that are switched on here, such as `[debug]`. On Fly a service of another profile is left out.
    #[serde(default)]
    #[schemars(schema_with = "form::names")]
    pub profiles: Vec<String>,
    /// Compose: images come from the registry, and nothing is built. Default: false.
    pub pull: Option<bool>,
    /// Compose: memory of the machine, such as `8gb`; a warning says if the services' limits exceed it.
    #[serde(default)]
    #[schemars(schema_with = "form::size")]
    pub memory_budget: Option<String>,
    /// Names that hosts of `routing` and their aliases have here, such as `app.example.com: localhost`. A Compose environment without `tls` maps each one.
    #[serde(default)]
    pub hosts: IndexMap<String, String>,
    /// File in which the values lie where it is deployed, such as `.env`. Default: CI hands over those of the GitHub environment of this name.
    pub env_file: Option<String>,
    /// How it gets to where it runs. For example `deploy: {ssh: {path: /opt/shop}}`. Default: a person runs it here.
    pub deploy: Option<Deployment>,
    /// Fly: organization that owns the apps, such as `acme`.
    #[schemars(extend("pattern" = "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", "patternErrorMessage" = "an organization is named as `fly orgs list` has it: lower-case letters, digits and inner hyphens"))]
    pub org: Option<String>,
    /// Fly: region of the machines, such as `iad`.
    #[schemars(extend("pattern" = "^[A-Za-z][A-Za-z -]+$", "patternErrorMessage" = "a region is three lower-case letters, such as iad"))]
    pub region: Option<String>,
    /// Fly: further regions that machines are spread over, such as `[lhr, nrt]`.
    #[serde(default)]
    #[schemars(extend("uniqueItems" = true, "items" = {"type": "string", "pattern": "^[A-Za-z][A-Za-z -]+$", "patternErrorMessage": "a region is three lower-case letters, such as lhr"}))]
    pub regions: Vec<String>,
    /// Fly: how a new version takes the place of the old one. Default: `rolling`.
    pub strategy: Option<Strategy>,
    /// Fly: app of each service. Services of one image may share an app, each as a process group of it. Default: the stack's name if there is one
    /// service, else `<stack>-<service>`.
    #[serde(default)]
    pub apps: IndexMap<String, String>,
    /// Fly: URL prefix under which Fly's proxy itself serves a service's built site, such as `{web: /assets}`.
    #[serde(default)]
    #[schemars(extend("additionalProperties" = {"type": "string", "pattern": "^/", "patternErrorMessage": "a URL prefix starts with a slash, such as /assets"}))]
    pub statics: IndexMap<String, String>,
    /// Raw words of Compose for the whole file, merged last. For example `compose: {networks: {default: {driver: bridge}}}`.
    #[serde(default)]
    pub compose: ComposeFile,
    /// Raw words of fly.toml for every app of the environment, merged last. For example `fly: {kill_timeout: 60s}`.
    #[serde(default)]
    pub fly: FlyFile,
    /// Where images are pushed and pulled here, such as `ghcr.io/acme/shop`.
    pub registry: Option<String>,
    /// Merged over the base.
    #[serde(default)]
    pub services: Overlay<IndexMap<String, Service>>,
    /// Merged over the base.
    #[serde(default)]
    pub images: Overlay<IndexMap<String, Image>>,
    /// Merged over the base.
    #[serde(default)]
    pub volumes: Overlay<IndexMap<String, Volume>>,
    /// Merged over the base.
    #[serde(default)]
    pub secrets: Overlay<IndexMap<String, Secret>>,
    /// Merged over the base.
    #[serde(default)]
    pub networks: Overlay<IndexMap<String, Network>>,
    /// Merged over the base: fixes deploy-time values here.
    #[serde(default)]
    pub variables: Overlay<IndexMap<String, ScalarOr<Variable>>>,
    /// Merged over the base.
    #[serde(default)]
    pub routing: Overlay<Routing>,
    /// Merged over the base.
    #[serde(default)]
    pub jobs: Overlay<IndexMap<String, Job>>,
}

/// How an environment gets to where it runs.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct Deployment {
    /// To a server, over SSH. For example `ssh: {path: /opt/shop}`.
    pub ssh: Option<Ssh>,
}

/// A server that is reached over SSH; its address and key are secrets of CI.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Ssh {
    /// Folder on the server that holds the Compose file and its `.env`, such as `/opt/shop`.
    #[schemars(extend("pattern" = "^/[A-Za-z0-9._/-]+$", "patternErrorMessage" = "the folder is an absolute path on the server, such as /opt/shop"))]
    pub path: String,
    /// How long the services may take to become healthy, such as `180s`. Default: 120s.
    #[serde(default)]
    #[schemars(schema_with = "form::duration")]
    pub wait: Option<String>,
}

/// How a new version takes the place of the old one on Fly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Strategy {
    /// One machine after the other.
    Rolling,
    /// All at once.
    Immediate,
    /// One new machine first; the others if it is healthy.
    Canary,
    /// New machines beside the old ones, which are removed when all are healthy.
    Bluegreen,
}

/// What runs an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Platform {
    /// Docker Compose on one machine.
    Compose,
    /// Fly.io.
    Fly,
}

/// Keys of an environment that are its own and are not merged over the base.
pub const OWN_KEYS: &[&str] = &[
    "platform",
    "file",
    "only",
    "profiles",
    "pull",
    "memory_budget",
    "hosts",
    "env_file",
    "deploy",
    "regions",
    "strategy",
    "compose",
    "fly",
    "org",
    "region",
    "apps",
    "statics",
];
