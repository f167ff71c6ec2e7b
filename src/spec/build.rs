//! `services.<name>.build` and `images.<name>`.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::form;
use super::{ListOr, Scalar, ScalarOr};
use crate::languages::each_language;
use crate::recipe::{self, Recipe};

macro_rules! build {
    ($($(#[$text:meta])+ $key:literal: $file:ident::$Language:ident,)+) => {
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
            /// What the image stands on: an entry of `images`, which is built along with it, or somebody else's image with its tag, such as `debian:trixie-slim`.
            #[schemars(extend("pattern" = "^[A-Za-z0-9$][A-Za-z0-9._/:@${}-]*$", "patternErrorMessage" = "an image stands on an entry of images, or on an image with its tag, such as debian:trixie-slim"))]
            pub from: Option<String>,
            /// Packages of the system, by apt or apk as the base has it: `[libpq5]` for building and running, or `{build: […], run: […]}`; `{alpine: […], debian: […]}`
            /// where names differ.
            pub packages: Option<ListOr<Packages>>,
            /// What is copied into the image: `SRC` or `SRC:DST`, relative to `context` and to /app; or what else is known of it. `.` is the whole context without
            /// what your own .dockerignore names, which counts there alone: what else is copied is kept short by `overrides` of Dockerfile.dockerignore.
            #[serde(default)]
            pub copy: Vec<ScalarOr<CopySource>>,
            /// Environment variables of the build, and of the image where the program runs in it, such as `{NODE_ENV: production}`. Text only: an image is the same in every environment.
            #[serde(default)]
            #[schemars(extend("propertyNames" = form::variable_names()))]
            pub env: IndexMap<String, Scalar>,
            /// Build arguments, such as `{API_URL: "${services.api.url}"}`. A value may hold references; each environment's file gives its own. They are public: never a secret.
            #[serde(default)]
            #[schemars(extend("propertyNames" = form::variable_names()))]
            pub args: IndexMap<String, Scalar>,
            /// Secrets that the build needs, such as `[NPM_TOKEN]`. They are mounted while it runs and never enter a layer.
            #[serde(default)]
            #[schemars(schema_with = "form::names")]
            pub secrets: Vec<String>,
            /// Who the program runs as: `UID:GID`, `UID`, or `root`. Default: `10001:10001`.
            #[schemars(extend("pattern" = "^(root|[0-9]{1,9}(:[0-9]{1,9})?)$", "patternErrorMessage" = "the user of an image is root, or a number with or without a group, such as 1000:1000", "examples" = ["1000:1000"]))]
            pub user: Option<Scalar>,
            /// Shell lines that are run at the end of the build stage, or of the image where nothing is built, such as `python manage.py collectstatic`. What
            /// Go and Rust have compiled lies in /out there: `strip /out/api`.
            #[serde(default)]
            pub steps: Vec<Scalar>,
            /// Labels of the image, such as `org.opencontainers.image.licenses: MIT`. Text only, as in `env`.
            #[serde(default)]
            #[schemars(extend("propertyNames" = form::label_names()))]
            pub labels: IndexMap<String, Scalar>,
            /// Machines that the image is built for, such as `linux/amd64`. Default: the one that builds it.
            #[serde(default)]
            #[schemars(schema_with = "form::machines")]
            pub platforms: Vec<String>,
            $(
                $(#[$text])+
                #[serde(rename = $key)]
                pub $file: Option<recipe::$Language>,
            )+
        }

        impl Build {
            /// The languages that are asked for, by their keys; a build takes one at most.
            pub fn recipes(&self) -> Vec<(&'static str, Recipe)> {
                let recipes = [$(self.$file.clone().map(Recipe::$Language),)+];
                recipes.into_iter().flatten().map(|recipe| (recipe.key(), recipe)).collect()
            }
        }
    };
}

each_language!(build);

/// An image that several services run, or that others are built on. Services run it with `uses`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[schemars(title = "image")]
pub struct Image {
    /// How it is built; a folder means its own Dockerfile: `./api`.
    pub build: Option<ScalarOr<Build>>,
    /// Folder of its Dockerfile, such as `backend`. Default: its name; where that lies outside the build's `context`, the context, or a folder of it
    /// where several are built of that.
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
    /// Where it comes from, if not from `context`: an entry of `images`, a service, or somebody else's image with its tag, such as `caddy:2.11-alpine`.
    pub from: Option<String>,
    /// File or folder, relative to the build's `context`; with `from`, relative to /app there, or a whole path. For example `src: conf/app.toml`.
    pub src: String,
    /// Where it goes, relative to /app, such as `main.py`. Default: the same path.
    pub dst: Option<String>,
}

/// Packages of the system, by what they are for and by the system that has them.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
pub struct Packages {
    /// For building alone, such as `[gcc, libpq-dev]`: they do not enter the image.
    pub build: Option<ListOr<BySystem>>,
    /// For the program, such as `[libpq5]`.
    pub run: Option<ListOr<BySystem>>,
    /// Those of an image with Alpine, such as `[libpq]`.
    pub alpine: Option<ListOr<ByStage>>,
    /// Those of an image with Debian or Ubuntu, such as `[libpq5]`.
    pub debian: Option<ListOr<ByStage>>,
}

/// Packages by the system that has them.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
pub struct BySystem {
    /// Alpine's names, such as `[curl]`.
    #[serde(default)]
    #[schemars(schema_with = "form::packages")]
    pub alpine: Vec<String>,
    /// Debian's and Ubuntu's names, such as `[curl]`.
    #[serde(default)]
    #[schemars(schema_with = "form::packages")]
    pub debian: Vec<String>,
}

/// Packages by what they are for.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
pub struct ByStage {
    /// For building alone, such as `[gcc]`.
    #[serde(default)]
    #[schemars(schema_with = "form::packages")]
    pub build: Vec<String>,
    /// For the program, such as `[libpq5]`.
    #[serde(default)]
    #[schemars(schema_with = "form::packages")]
    pub run: Vec<String>,
}
