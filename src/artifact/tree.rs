//! The ordered set of all artifacts of a run. One path holds one artifact; the second is handed back as a conflict.

use super::Artifact;
use indexmap::IndexMap;
use indexmap::map::Entry;

/// All artifacts by path, in the order in which they were inserted.
#[derive(Debug, Clone, Default)]
pub struct Tree(IndexMap<String, Artifact>);

impl Tree {
    /// A tree without artifacts.
    pub fn new() -> Self {
        Tree::default()
    }

    /// Adds an artifact; where its path is taken, the tree stays as it was and the one that holds the path is returned.
    pub fn insert(&mut self, artifact: Artifact) -> Result<(), &Artifact> {
        match self.0.entry(artifact.path.clone()) {
            Entry::Vacant(free) => {
                free.insert(artifact);
                Ok(())
            }
            Entry::Occupied(taken) => Err(taken.into_mut()),
        }
    }

    /// All artifacts in order.
    pub fn iter(&self) -> impl Iterator<Item = &Artifact> {
        self.0.values()
    }

    /// The paths of all artifacts in order.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The artifact at `path`.
    pub fn get(&self, path: &str) -> Option<&Artifact> {
        self.0.get(path)
    }

    /// The artifact at `path`, to be changed; its `path` must stay.
    pub fn get_mut(&mut self, path: &str) -> Option<&mut Artifact> {
        self.0.get_mut(path)
    }

    /// How many artifacts there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_order_and_hands_back_the_holder_of_a_path() {
        let mut tree = Tree::new();
        for (path, text) in [("b", "1"), ("a", "2")] {
            assert!(tree.insert(Artifact::text(path, text)).is_ok());
        }
        let holder = tree.insert(Artifact::text("b", "3")).expect_err("b is taken");
        assert_eq!(holder.body.print(), "1");
        assert_eq!(tree.paths().collect::<Vec<_>>(), ["b", "a"]);
        assert_eq!((tree.len(), tree.is_empty()), (2, false));
    }
}
