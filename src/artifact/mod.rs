//! What the compiler makes: artifacts, each a path and a body, in a tree ordered by insertion.
//!
//! Bodies stay values (YAML, TOML, text) until [`Artifact::content`] prints them, so that a patch can still change
//! them; the marker line that tells ours from theirs is stamped over the final text. Nothing here touches a file.

mod comment;
pub mod marker;
mod reread;
pub mod toml;
mod tree;
pub mod yaml;

pub use reread::reread;
pub use tree::Tree;

use toml_edit::DocumentMut;
use yaml::Yaml;

/// Path of the lock, which `write` keeps beside the outputs.
pub const LOCK: &str = "stack.lock";

/// One file that stack.yaml compiles into.
#[derive(Debug, Clone)]
pub struct Artifact {
    /// Where it lies: relative to the project's root, with forward slashes.
    pub path: String,
    /// Whether it is a program.
    pub executable: bool,
    /// What it holds, without the marker line.
    pub body: Body,
}

/// The content of an artifact before it is printed.
#[derive(Debug, Clone)]
pub enum Body {
    /// A YAML document; its root is a map.
    Yaml(Yaml),
    /// A TOML document.
    Toml(DocumentMut),
    /// Any other format in which `#` starts a comment.
    Text {
        /// The text as it will stand in the file.
        text: String,
    },
}

impl Artifact {
    /// A YAML file.
    pub fn yaml(path: impl Into<String>, root: impl Into<Yaml>) -> Self {
        Artifact::new(path, Body::Yaml(root.into()))
    }

    /// A TOML file.
    pub fn toml(path: impl Into<String>, document: impl Into<DocumentMut>) -> Self {
        Artifact::new(path, Body::Toml(document.into()))
    }

    /// A text file.
    pub fn text(path: impl Into<String>, text: impl Into<String>) -> Self {
        Artifact::new(path, Body::Text { text: text.into() })
    }

    /// The same as a program, with the executable bit.
    #[must_use]
    pub fn executable(mut self) -> Self {
        self.executable = true;
        self
    }

    /// The bytes of the file: the body with its marker line and exactly one final newline.
    pub fn content(&self) -> String {
        marker::stamp(&self.path, &self.body.print())
    }

    fn new(path: impl Into<String>, body: Body) -> Self {
        Artifact { path: path.into(), executable: false, body }
    }
}

impl Body {
    /// The body as text, without the marker line.
    pub fn print(&self) -> String {
        match self {
            Body::Yaml(root) => yaml::write(root),
            Body::Toml(document) => toml::write(document),
            Body::Text { text } => text.clone(),
        }
    }
}
