//! A plan as a unified diff, in the form that `patch` and `git apply` take.

use super::{Change, Kind, Plan};
use similar::TextDiff;

impl Plan {
    /// What writing would change, refused changes included. Holds the files' text as it is, control characters too.
    pub fn diff(&self) -> String {
        self.changes.iter().filter(|change| change.kind != Kind::Unchanged).map(Change::diff).collect()
    }
}

impl Change {
    /// What the change would do to the file.
    pub fn diff(&self) -> String {
        let side = |mark: &str, text: &Option<String>| match text {
            Some(_) => format!("{mark}/{}", self.path),
            None => "/dev/null".to_owned(),
        };
        let (old, new) = (self.old.as_deref().unwrap_or_default(), self.new.as_deref().unwrap_or_default());
        if old == new {
            return format!("diff --git a/{0} b/{0}\nold mode 100644\nnew mode 100755\n", self.path);
        }
        let diff = TextDiff::from_lines(old, new);
        diff.unified_diff().header(&side("a", &self.old), &side("b", &self.new)).to_string()
    }
}
