//! Images that are built here.

use indexmap::IndexMap;

use super::Text;
use crate::facts::join;
use crate::recipe::{Copies, Recipe, System};
use crate::source::SpecPath;

/// An image that is built here.
#[derive(Debug, Clone)]
pub struct Image {
    /// Its name: an entry of `images`, or the service that builds it for itself.
    pub name: String,
    /// The service that builds it for itself: what that one runs is baked into it. None for an entry of `images`.
    pub owner: Option<String>,
    /// `services.<name>.build` or `images.<name>.build`.
    pub path: SpecPath,
    /// Folder of its outputs, relative to the root; `.` is the root.
    pub folder: String,
    /// Name of its generated Dockerfile in that folder.
    pub file: String,
    /// The name, with or without a tag, under which it is stored; none is made up from the registry and its own name.
    pub tag: Option<Text>,
    /// Folder that the build sees, relative to the root.
    pub context: String,
    /// Its Dockerfile.
    pub dockerfile: Dockerfile,
    /// What it stands on; none is the language's own image.
    pub from: Option<Origin>,
    /// Packages of the system.
    pub packages: Vec<Package>,
    /// What is copied into it beside the language's own files.
    pub copy: Vec<Copy>,
    /// Environment variables that are part of it, as fixed text.
    pub env: IndexMap<String, String>,
    /// Build arguments, those of the images in its Dockerfile among them; each environment's file gives the values.
    pub args: IndexMap<String, Text>,
    /// Names of the secrets that the build needs, those of the images in its Dockerfile among them.
    pub secrets: Vec<String>,
    /// The arguments and secrets of its own steps alone.
    pub inputs: Inputs,
    /// Who the program runs as: user and group. None is the unprivileged one.
    pub user: Option<(u32, u32)>,
    /// Shell lines at the end of the build stage, or of the image.
    pub steps: Vec<String>,
    /// Labels, as fixed text.
    pub labels: IndexMap<String, String>,
    /// Machines that it is built for.
    pub platforms: Vec<String>,
}

/// An image that another is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Somebody else's, with its tag.
    Image(String),
    /// One of this stack, by its name.
    Built(String),
}

/// A package of the system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Its name, perhaps with a version, as its package manager takes it.
    pub name: String,
    /// What it is for; none is both.
    pub stage: Option<PackageStage>,
    /// The system that has it by this name; none is any.
    pub system: Option<System>,
    /// Where it is said: the list that it stands in.
    pub path: SpecPath,
}

/// What a package is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PackageStage {
    /// For building alone.
    Build,
    /// For the program.
    Run,
}

/// What the steps of a build need from outside.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inputs {
    /// Names of build arguments.
    pub args: Vec<String>,
    /// Names of build secrets.
    pub secrets: Vec<String>,
}

/// Where an image's Dockerfile comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum Dockerfile {
    /// Generated, by a language's recipe if there is one.
    Generated(Option<Box<Recipe>>),
    /// Written by hand, relative to the context.
    Own {
        /// Its path, relative to the context.
        file: String,
        /// The stage to build.
        target: Option<String>,
    },
}

/// One thing that is copied into an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    /// The image that it comes from; none is the context.
    pub from: Option<Origin>,
    /// Relative to the context, or, with `from`, a whole path in that image.
    pub src: String,
    /// Relative to /app, or a whole path.
    pub dst: String,
    /// Where it is said.
    pub path: SpecPath,
}

impl Image {
    /// Path of its Dockerfile, from the root.
    pub fn dockerfile(&self) -> String {
        match &self.dockerfile {
            Dockerfile::Own { file, .. } => join(&self.context, file),
            Dockerfile::Generated(_) => join(&self.folder, &self.file),
        }
    }

    /// Its values that may hold references.
    pub fn texts(&self) -> impl Iterator<Item = &Text> {
        self.tag.iter().chain(self.args.values())
    }

    /// The recipe of a generated Dockerfile.
    pub fn recipe(&self) -> Option<&Recipe> {
        match &self.dockerfile {
            Dockerfile::Generated(recipe) => recipe.as_deref(),
            Dockerfile::Own { .. } => None,
        }
    }

    /// Whether its Dockerfile is generated.
    pub fn is_generated(&self) -> bool {
        matches!(self.dockerfile, Dockerfile::Generated(_))
    }

    /// What is copied from the context to below /app.
    pub fn copies(&self) -> Copies {
        let own = self.copy.iter().filter(|copy| copy.from.is_none() && !copy.dst.starts_with('/'));
        Copies { pairs: own.map(|copy| (copy.src.clone(), copy.dst.clone())).collect() }
    }

    /// Its packages for a stage on that system, each once, in the order written.
    pub fn packages_for(&self, stage: PackageStage, system: System) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for package in &self.packages {
            let meant = package.stage.is_none_or(|of| of == stage) && package.system.is_none_or(|of| of == system);
            if meant && !names.contains(&package.name) {
                names.push(package.name.clone());
            }
        }
        names
    }

    /// Whether a stage before the final one builds.
    pub fn has_build_stage(&self) -> bool {
        self.recipe().is_some_and(|recipe| recipe.language().has_build_stage())
    }

    /// The images of this stack that its Dockerfile begins with or copies from, each with where that is said.
    pub fn origins(&self) -> impl Iterator<Item = (&str, SpecPath)> {
        let from = self.from.iter().map(|origin| (origin, self.path.key("from")));
        let copied = self.copy.iter().filter_map(|copy| Some((copy.from.as_ref()?, copy.path.key("from"))));
        from.chain(copied).filter_map(|(origin, path)| match origin {
            Origin::Built(name) => Some((name.as_str(), path)),
            Origin::Image(_) => None,
        })
    }
}

/// Whether a variable of that name changes what Docker or the runner's own programs do: a build argument of that name must not be one.
pub fn steers_docker(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let begins = [
        "DOCKER_",
        "BUILDX_",
        "BUILDKIT_",
        "COMPOSE_",
        "GITHUB_",
        "RUNNER_",
        "ACTIONS_",
        "INPUT_",
        "NODE_",
        "LD_",
        "OTEL_",
    ];
    ["PATH", "HOME", "SHELL", "TMPDIR", "SSH_AUTH_SOCK"].contains(&name)
        || begins.iter().any(|begin| name.starts_with(begin))
        || upper.ends_with("_PROXY")
}
