//! `services.<name>.build`.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::form;
use super::{Scalar, ScalarOr};
use crate::recipe::{Node, Python, Recipe};

/// How an image is built: from a hand-written `dockerfile`, or by at most one language's recipe.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct Build {
    /// Folder that the build sees; all its sources lie in it. Default: `.`, the repository's root.
    pub context: Option<String>,
    /// A Dockerfile of your own, relative to `context`, such as `Dockerfile`. Nothing is generated for it.
    pub dockerfile: Option<String>,
    /// The stage to build of your own Dockerfile, such as `runtime`.
    #[schemars(extend("pattern" = "^[A-Za-z0-9._-]+$", "patternErrorMessage" = "a stage's name is letters, digits, `.`, `_` and `-`"))]
    pub target: Option<String>,
    /// What is copied into the image: `SRC` or `SRC:DST`, relative to `context` and to /app; or what else is known of it.
    #[serde(default)]
    pub copy: Vec<ScalarOr<CopySource>>,
    /// Environment variables of the build, and of the image where the program runs in it. Text only: an image is the same in every environment.
    #[serde(default)]
    #[schemars(extend("propertyNames" = form::variable_names()))]
    pub env: IndexMap<String, Scalar>,
    /// Build arguments. A value may hold references; each environment's file gives its own. They are public: never a secret.
    #[serde(default)]
    #[schemars(extend("propertyNames" = form::variable_names()))]
    pub args: IndexMap<String, Scalar>,
    /// Secrets that the build needs. They are mounted while it runs and never enter a layer.
    #[serde(default)]
    #[schemars(schema_with = "form::names")]
    pub secrets: Vec<String>,
    /// A Python application.
    pub python: Option<Python>,
    /// A site that Node builds.
    pub node: Option<Node>,
}

impl Build {
    /// The languages that are asked for, by their keys; a build takes one at most.
    pub fn recipes(&self) -> Vec<(&'static str, Recipe)> {
        let python = self.python.clone().map(|python| ("python", Recipe::Python(python)));
        let node = self.node.clone().map(|node| ("node", Recipe::Node(node)));
        [python, node].into_iter().flatten().collect()
    }
}

/// An image that several services run, or that others are built on. Services run it with `uses`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[schemars(title = "image")]
pub struct Image {
    /// How it is built; a folder means its own Dockerfile.
    pub build: Option<ScalarOr<Build>>,
    /// Folder of its Dockerfile, such as `backend`. Default: its name.
    pub path: Option<String>,
    /// Name of its generated Dockerfile, such as `Dockerfile.base`. Default: `Dockerfile`.
    #[schemars(extend("pattern" = "^[A-Za-z0-9][A-Za-z0-9._-]*$", "patternErrorMessage" = "a file's name is letters, digits, `.`, `_` and `-`, such as Dockerfile.base"))]
    pub file: Option<String>,
    /// Its name in a registry, such as `ghcr.io/acme/base`. Default: the registry and its own name.
    #[schemars(extend("pattern" = "^[a-z0-9$][A-Za-z0-9._/:@${}?-]*$", "patternErrorMessage" = "an image is written NAME:TAG, such as ghcr.io/acme/base"))]
    pub image: Option<String>,
}

/// One thing that is copied into an image.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct CopySource {
    /// File or folder, relative to the build's `context`.
    pub src: String,
    /// Where it goes, relative to /app, such as `main.py`. Default: the same path.
    pub dst: Option<String>,
}
