//! What the compiler needs to know of the repository beside stack.yaml. `cli` gathers it; it feeds diagnostics and never an output.

use std::collections::{BTreeMap, BTreeSet};

/// What lies at a path of the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    Missing,
    /// A folder.
    Folder,
    /// A file; its text where it is small and UTF-8.
    File(Option<String>),
    /// Something that a symbolic link leads to outside the repository.
    Outside,
}

/// The answers to the paths that the compiler asked about.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    found: BTreeMap<String, Found>,
}

/// The paths that the compiler asks about, relative to the root.
pub type Wanted = BTreeSet<String>;

impl Facts {
    /// Facts that say nothing about any path.
    pub fn none() -> Self {
        Facts::default()
    }

    /// Facts from pairs of a path and what lies there.
    pub fn new(found: impl IntoIterator<Item = (String, Found)>) -> Self {
        Facts { found: found.into_iter().collect() }
    }

    /// What lies at `path`; none where nobody looked.
    pub fn at(&self, path: &str) -> Option<&Found> {
        self.found.get(path)
    }

    /// The text of the file `name` in the folder `context`.
    pub fn text_in(&self, context: &str, name: &str) -> Option<&str> {
        match self.at(&join(context, name)) {
            Some(Found::File(text)) => text.as_deref(),
            _ => None,
        }
    }
}

/// `name` below the folder `context`, without `.` steps; both relative to the root.
pub fn join(context: &str, name: &str) -> String {
    let steps = context.split('/').chain(name.split('/'));
    let steps: Vec<_> = steps.filter(|step| !step.is_empty() && *step != ".").collect();
    if steps.is_empty() { ".".to_owned() } else { steps.join("/") }
}

/// `path`, which lies in `context`, relative to it; both from the root.
pub fn within<'p>(context: &str, path: &'p str) -> &'p str {
    if context == "." {
        path
    } else if path == context {
        "."
    } else {
        path.strip_prefix(context).and_then(|rest| rest.strip_prefix('/')).unwrap_or(path)
    }
}

/// `path` as seen from `folder`; both from the root.
pub fn relative(folder: &str, path: &str) -> String {
    let steps = |path: &'_ str| {
        path.split('/').filter(|step| !step.is_empty() && *step != ".").map(str::to_owned).collect::<Vec<_>>()
    };
    let (from, to) = (steps(folder), steps(path));
    let common = from.iter().zip(&to).take_while(|(from, to)| from == to).count();
    let up = std::iter::repeat_n("..", from.len() - common);
    up.chain(to[common..].iter().map(String::as_str)).collect::<Vec<_>>().join("/")
}
