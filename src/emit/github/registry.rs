//! Where images are pushed: which host it is, and how a job signs in there.

use super::job::{Job, Step, uses};
use super::value;
use crate::artifact::yaml::Mapping;
use crate::model::{Addressing, Environment, Flat, Program};

/// GitHub's own registry, which takes the token of the run.
const GITHUB: &str = "ghcr.io";

/// The place of an image.
pub struct Registry {
    /// The image's name, without a tag.
    pub repository: Vec<Flat>,
    /// The host; none is the one that Docker takes by itself.
    pub host: Option<Vec<Flat>>,
}

/// The registry of the image of that name.
pub fn of(repository: &[Flat]) -> Registry {
    let registry = Registry { repository: repository.to_vec(), host: host(repository) };
    // The token of the run is for GitHub's own, whatever a variable says.
    let host = if registry.is_github() { Some(vec![Flat::Literal(GITHUB.to_owned())]) } else { registry.host };
    Registry { host, ..registry }
}

/// The first step of an image's name, if it is a host: it has a dot, a port, or is known at deploy time only.
fn host(repository: &[Flat]) -> Option<Vec<Flat>> {
    let mut host = Vec::new();
    for piece in repository {
        match piece {
            Flat::Literal(text) => {
                let Some((step, _)) = text.split_once('/') else {
                    host.push(piece.clone());
                    continue;
                };
                if !step.is_empty() {
                    host.push(Flat::Literal(step.to_owned()));
                }
                let open = host.iter().any(|piece| !matches!(piece, Flat::Literal(_)));
                let text = usual(&host);
                return (open || text.contains(['.', ':']) || text == "localhost").then_some(host);
            }
            Flat::Variable { .. } | Flat::Secret(_) => host.push(piece.clone()),
        }
    }
    None
}

/// The text that a value has where nobody sets a variable.
fn usual(flat: &[Flat]) -> String {
    let piece = |piece: &Flat| match piece {
        Flat::Literal(text) => text.clone(),
        Flat::Variable { default, .. } => usual(default.as_deref().unwrap_or_default()),
        Flat::Secret(_) => String::new(),
    };
    flat.iter().map(piece).collect()
}

impl Registry {
    /// Whether it is GitHub's own.
    pub fn is_github(&self) -> bool {
        // A variable may hold the owner as well.
        self.host.as_ref().is_some_and(|host| usual(host).split('/').next() == Some(GITHUB))
    }

    /// What a job must be permitted for it.
    pub fn permission(&self, job: Job, access: &str, what_for: &str) -> Job {
        if self.is_github() { job.permits("packages", access, what_for) } else { job }
    }

    /// Who signs in, and with which password, as expressions.
    pub fn credentials(&self) -> (&'static str, &'static str) {
        if self.is_github() {
            ("github.actor", "secrets.GITHUB_TOKEN")
        } else {
            ("secrets.REGISTRY_USERNAME", "secrets.REGISTRY_PASSWORD")
        }
    }

    /// The step that signs in.
    pub fn login(&self, program: &Program) -> Step {
        let (user, password) = self.credentials();
        let with = Mapping::new()
            .optional("registry", self.host.as_ref().map(|host| value::text(host, value::KEPT)))
            .entry("username", format!("${{{{ {user} }}}}"))
            .entry("password", format!("${{{{ {password} }}}}"));
        uses(program, "Sign in to the registry", "docker/login-action").with(with)
    }
}

/// The registries of all images, each once.
pub fn all(program: &Program, environment: &Environment) -> Vec<Registry> {
    let mut registries: Vec<Registry> = Vec::new();
    for image in program.base.images_in_use() {
        let registry = of(&Addressing::new(environment).known_repository(image));
        if registries.iter().all(|other| other.host != registry.host) {
            registries.push(registry);
        }
    }
    registries
}
