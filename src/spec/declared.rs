//! `volumes`, `secrets` and `variables`: what services refer to by name.

use schemars::JsonSchema;
use serde::Deserialize;

use super::door::{ComposeVolume, FlyMount};
use super::{Scalar, form};

/// A place for data that must survive a restart.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct Volume {
    /// Its size on Fly, where it is a disk of one machine. Default: 1gb.
    #[serde(default)]
    #[schemars(schema_with = "form::size")]
    pub size: Option<String>,
    /// Raw words of Compose for this volume, merged last. Other platforms ignore them. For example `compose: {driver: local}`.
    #[serde(default)]
    pub compose: ComposeVolume,
    /// Raw words of fly.toml for the mount of this volume, merged last. Other platforms ignore them. For example `fly: {snapshot_retention: 14}`.
    #[serde(default)]
    pub fly: FlyMount,
}

/// A network of containers.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct Network {
    /// Nothing in it reaches the outside. Default: false.
    pub internal: Option<bool>,
}

/// A value that is kept elsewhere: in a `.env` file, in Fly's secrets, in GitHub's.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct Secret {
    /// What it is, for `.env.example`, such as `Password of the database`.
    pub description: Option<String>,
    /// Whether the stack refuses to start without it. Default: true.
    pub required: Option<bool>,
    /// When it is needed. Default: `run`.
    pub stage: Option<Stage>,
    /// Length in bytes of the random value that `.env.example` says how to make, such as `32`.
    #[schemars(range(min = 8, max = 256))]
    pub generate: Option<u32>,
    /// Length in characters that a value must have at least, such as `16`.
    #[schemars(range(min = 1, max = 4096))]
    pub min_length: Option<u32>,
    /// The file on the host that holds the value, where it is handed over as a file. May hold `${VAR}`. Default: the environment variable of the
    /// secret's name holds it.
    pub file: Option<String>,
    /// A development value, such as `postgres`. Only in the overlay of a Compose environment.
    pub default: Option<Scalar>,
}

/// When a secret is needed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// By the running service.
    #[default]
    Run,
    /// While an image is built.
    Build,
    /// By CI.
    Ci,
}

/// A deploy-time value that is no secret.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct Variable {
    /// The value it has when nobody sets it, such as `info`.
    pub default: Option<Scalar>,
    /// Whether the stack refuses to start without it. Default: false.
    pub required: Option<bool>,
    /// What it is, for `.env.example`, such as `Region of the data`.
    pub description: Option<String>,
}
