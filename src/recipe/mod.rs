//! The languages that stackc can build: what a user writes of each, what its Dockerfile template is given, which files of the
//! repository it reads, and which program of the final image can make an HTTP request.

mod edge;
mod node;
mod python;

use serde_json::Value;

pub use edge::Edge;
pub use node::{Node, Workspace};
pub use python::Python;

use crate::diagnostic::Findings;
use crate::facts::Facts;
use crate::source::SpecPath;

/// A language with what the user wrote of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Recipe {
    /// `build.python`
    Python(Python),
    /// `build.node`
    Node(Node),
    /// `serve` alone
    Edge(Edge),
}

/// What each language has to say; one implementation a file.
pub trait Language {
    /// Name of its template below `templates/dockerfile/`, without the ending.
    fn template(&self) -> &'static str;
    /// What the template sees as `language`.
    fn view(&self) -> Value;
    /// Files and folders of the build context that the Dockerfile copies, beside the user's `copy`.
    fn sources(&self) -> Vec<String>;
    /// The paths that the user wrote, relative to the build context, each with its place below `path`.
    fn paths(&self, path: &SpecPath) -> Vec<(&str, SpecPath)>;
    /// Values whose form the schema cannot check, because a number is text here too: the key, the value, the rule.
    fn faults(&self) -> Vec<(&'static str, &str, &'static str)>;
    /// Where the build leaves a static site, relative to /app; none for a language whose program runs.
    fn output(&self) -> Option<&str>;
    /// Whether a step of the build can use arguments and secrets.
    fn takes_inputs(&self) -> bool;
    /// The program of the final image that can make an HTTP request.
    fn probe(&self) -> Probe;
    /// The files that [`Language::check`] wants to read, relative to the build context.
    fn wants(&self) -> Vec<String>;
    /// Compares what was written with what the repository holds. `path` is the language's own, `context` the build's folder.
    fn check(&self, path: &SpecPath, context: &str, facts: &Facts, findings: &mut Findings<'_>);
}

/// A program that can make an HTTP request inside a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probe {
    /// `python`
    Python,
    /// `wget`, busybox's or GNU's.
    Wget,
    /// `curl`
    Curl,
}

impl Recipe {
    /// Its key in `build`.
    pub fn key(&self) -> &'static str {
        match self {
            Recipe::Python(_) => "python",
            Recipe::Node(_) => "node",
            Recipe::Edge(_) => "serve",
        }
    }

    /// The language's own part.
    pub fn language(&self) -> &dyn Language {
        match self {
            Recipe::Python(python) => python,
            Recipe::Node(node) => node,
            Recipe::Edge(edge) => edge,
        }
    }
}
