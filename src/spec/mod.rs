//! stack.yaml as it is written: sugar and optionality kept. These types make the JSON schema (their doc comments are its
//! descriptions) and read the file; what it means is `resolve`'s business.

mod build;
mod ci;
mod datastore;
mod declared;
pub mod door;
mod environment;
mod form;
mod job;
mod overlaid;
mod routing;
mod service;
mod sugar;
mod supervise;
mod test;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

pub use build::{Build, ByStage, BySystem, CopySource, Image, Packages};
pub use ci::{AccessSecrets, Cache, Ci, CiImages, Deploy, GitHub, Input, InputKind, Release, Scanner, Tag, When};
pub use datastore::datastore_at;
pub use declared::{Network, Secret, Stage, Variable, Volume};
pub use environment::{Deployment, Environment, OWN_KEYS, Platform, Ssh, Strategy};
pub use form::group_names;
pub use job::{Backup, Database, Job, JobRequest, JobWords};
pub use overlaid::overlaid;
pub use routing::{Defaults, Host, RateLimit, Route, Routing, SecurityHeaders, Tls, TlsSource};
pub use service::{
    Concurrency, ConcurrencyType, Condition, CpuKind, Develop, Healthcheck, Idle, Mount, Port, Protocol, Resources,
    Restart, Scale, Service, Watch, WatchAction,
};
pub use sugar::{Command, ListOr, NamesOr, Overlay, Scalar, ScalarOr, Switch};
pub use supervise::{FirstRun, Process, Ready};
pub use test::Test;

use crate::diagnostic::Findings;
use crate::syntax::{Document, Typed};

/// What an application is made of and where it runs. `stackc build` compiles it into the files that Docker, Compose, Fly and
/// nginx read.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(title = "stack.yaml", extend("required" = ["name", "services"], "patternProperties" = {"^x-": {"description": "Ignored; a place for YAML anchors."}}))]
pub struct Stack {
    /// Name of the stack: the Compose project and the prefix of images and Fly apps.
    // The schema requires it; without it the rest can still be looked at.
    #[serde(default)]
    #[schemars(schema_with = "form::dns_label", example = &"shop")]
    pub name: String,
    /// Where images are pushed and pulled, such as `ghcr.io/acme/shop`: a built image is called `<registry>/<service>`.
    pub registry: Option<String>,
    /// What runs, by name, such as `api: {image: "acme/api:1"}`. A service's name is its host name in the private network.
    #[serde(default)]
    #[schemars(extend("propertyNames" = form::dns_label_names(), "minProperties" = 1))]
    pub services: IndexMap<String, Service>,
    /// Images that are built for more than one service, by name. Run by a service's `uses`. For example `images: {base: {build: {python: {version: 3.13, requirements: requirements.txt}}}}`.
    #[serde(default)]
    #[schemars(extend("propertyNames" = form::dns_label_names()))]
    pub images: IndexMap<String, Image>,
    /// What must survive a restart, by name. Mounted by a service's `volumes`. For example `volumes: {data: {size: 1gb}}`.
    #[serde(default)]
    #[schemars(extend("propertyNames" = form::volume_names()))]
    pub volumes: IndexMap<String, Volume>,
    /// Who sees whom: networks by name, joined by a service's `networks`. Compose only. For example `networks: {inner: {internal: true}}`.
    #[serde(default)]
    #[schemars(extend("propertyNames" = form::dns_label_names()))]
    pub networks: IndexMap<String, Network>,
    /// Values that are kept elsewhere, by the name of their environment variable, such as `DB_PASSWORD: {generate: 32}`. A value never stands in this file.
    #[serde(default)]
    #[schemars(extend("propertyNames" = form::variable_names()))]
    pub secrets: IndexMap<String, Secret>,
    /// Deploy-time values that are no secret: `NAME: default`, or what is known of it.
    #[serde(default)]
    #[schemars(extend("propertyNames" = form::variable_names()))]
    pub variables: IndexMap<String, ScalarOr<Variable>>,
    /// What the outside reaches, by host and path. For example `routing: {hosts: {shop.example.com: {routes: {/*: {to: api}}}}}`.
    pub routing: Option<Routing>,
    /// What runs once or on a schedule, by name, such as `clean: {uses: api, command: clean, schedule: daily}`. Services' keys, and some of its own.
    #[serde(default)]
    #[schemars(extend("propertyNames" = form::dns_label_names()))]
    pub jobs: IndexMap<String, Job>,
    /// Where the stack runs, by name, such as `dev: {platform: compose}`. Anything that differs from the sections above stands here and is merged over them.
    #[serde(default)]
    #[schemars(extend("propertyNames" = form::dns_label_names()))]
    pub environments: IndexMap<String, Environment>,
    /// What the repository's continuous integration does. For example `ci: {github: {images: {tags: [main, sha]}}}`.
    pub ci: Option<Ci>,
    /// The last word on any output, by its path, such as `Dockerfile: {append: LABEL team=a}`.
    #[serde(default)]
    pub overrides: IndexMap<String, Override>,
}

/// A change to one output, made after all else.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct Override {
    /// For YAML and TOML: values merged over the output (RFC 7396: `null` removes a key). For example `merge: {services: {api: {read_only: true}}}`.
    #[schemars(with = "Option<Value>", extend("type" = "object"))]
    pub merge: Option<Typed<Map<String, Value>>>,
    /// For text: lines added at the end, such as `LABEL team=shop`.
    pub append: Option<String>,
    /// For text: lines added at the beginning, such as `# Reviewed by the platform team`.
    pub prepend: Option<String>,
    /// For text: pieces replaced, such as `[{find: a, with: b}]`. Each must occur.
    #[serde(default)]
    pub replace: Vec<Replacement>,
}

/// One replacement in a text output.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Replacement {
    /// The text to find, such as `EXPOSE 80`; as a part of a longer word or number it is not found.
    pub find: String,
    /// The text that takes its place, such as `EXPOSE 8080`.
    pub with: String,
}

/// Reads the typed stack from a document that the schema accepts.
///
/// The schema has already said all that is wrong with types; a failure here is a gap between it and these types, so it is reported as
/// one finding at its place rather than hidden.
pub fn load(document: &Document, findings: &mut Findings<'_>) -> Option<Stack> {
    match document.deserialize::<Stack>() {
        Ok(stack) => Some(stack),
        Err(error) => {
            findings.report(crate::diagnostic::Finding::new(
                crate::code::Code::WrongType,
                crate::source::Place::Value(error.path.clone()),
                "this value could not be read",
                error.message.clone(),
            ));
            None
        }
    }
}
