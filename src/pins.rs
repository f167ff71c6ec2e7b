//! What workflows use of others, pinned: the actions of GitHub, each at the commit of a released version. The table is what this version of
//! stackc was tried with; a project's `stack.lock` may say otherwise, and bots keep it fresh there.

use std::collections::BTreeMap;
use std::fmt;

/// The actions that workflows use, with a released version of each and that version's commit.
const TABLE: &[(&str, &str, &str)] = &[
    ("Swatinem/rust-cache", "v2.9.2", "6323deb102c322ba6fcbdcafc7e3dddab59af2b6"),
    ("actions/cache", "v6.1.0", "55cc8345863c7cc4c66a329aec7e433d2d1c52a9"),
    ("actions/checkout", "v7.0.1", "3d3c42e5aac5ba805825da76410c181273ba90b1"),
    ("actions/setup-go", "v7.0.0", "b7ad1dad31e06c5925ef5d2fc7ad053ef454303e"),
    ("actions/setup-node", "v7.0.0", "820762786026740c76f36085b0efc47a31fe5020"),
    ("actions/setup-python", "v7.0.0", "5fda3b95a4ea91299a34e894583c3862153e4b97"),
    ("aquasecurity/trivy-action", "v0.36.0", "ed142fd0673e97e23eac54620cfb913e5ce36c25"),
    ("astral-sh/setup-uv", "v10.0.1", "20cfd1bf945f4377ade1205e4dbc17946fc9a30d"),
    ("docker/build-push-action", "v7.4.0", "c3c9e263c25d99ce0380d002d59b67737d91b0dc"),
    ("docker/login-action", "v4.6.0", "dbcb813823bdd20940b903addbd779551569679f"),
    ("docker/setup-buildx-action", "v4.4.1", "f87e5991a6d7451dcb8d9637bfbc97413f497069"),
    ("docker/setup-qemu-action", "v4.4.0", "99012661954931238ded8c8b007157a8430204e1"),
    ("github/codeql-action/upload-sarif", "v4.38.1", "1c5b675653bb5c22dbe9b12b556ec555138e09fd"),
    ("pnpm/action-setup", "v6.0.10", "0977fd99725f1db4007ccb2928dbb4e90d06cc86"),
    ("superfly/flyctl-actions/setup-flyctl", "1.6", "ed8efb33836e8b2096c7fd3ba1c8afe303ebbff1"),
];

/// One released version of an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// Its commit, 40 hexadecimal digits.
    pub commit: String,
    /// The version's name, for people and bots.
    pub version: String,
}

impl fmt::Display for Pin {
    /// As it stands behind the `@` of a workflow: `3d3c…90b1 # v7.0.1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} # {}", self.commit, self.version)
    }
}

/// Why an entry pins nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unpinned {
    /// No workflow uses an action of that name.
    UnknownAction,
    /// It is not a commit and a version.
    NoCommit,
}

/// The versions that are in force.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pins {
    chosen: BTreeMap<String, Pin>,
}

impl Pins {
    /// The names of all actions that workflows may use.
    pub fn known() -> impl Iterator<Item = &'static str> {
        TABLE.iter().map(|(name, _, _)| *name)
    }

    /// Pins `action` as `written`: `COMMIT # VERSION`.
    ///
    /// # Errors
    /// Why that pins nothing.
    pub fn choose(&mut self, action: &str, written: &str) -> Result<(), Unpinned> {
        if !Pins::known().any(|known| known == action) {
            return Err(Unpinned::UnknownAction);
        }
        let (commit, version) = written.split_once('#').ok_or(Unpinned::NoCommit)?;
        let (commit, version) = (commit.trim(), version.trim());
        let is_commit = commit.len() == 40 && commit.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let is_version = version.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'+'));
        if !is_commit || version.is_empty() || !is_version {
            return Err(Unpinned::NoCommit);
        }
        self.chosen.insert(action.to_owned(), Pin { commit: commit.to_owned(), version: version.to_owned() });
        Ok(())
    }

    /// The version of `action` that is in force. `action` is one of [`Pins::known`].
    pub fn of(&self, action: &str) -> Pin {
        let stated = || {
            let (_, version, commit) = TABLE.iter().find(|(name, _, _)| *name == action)?;
            Some(Pin { commit: (*commit).to_owned(), version: (*version).to_owned() })
        };
        self.chosen.get(action).cloned().or_else(stated).expect("workflows use the actions of the table")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_pins_each_action_once() {
        let names: Vec<&str> = Pins::known().collect();
        assert!(names.is_sorted_by(|one, next| one < next));
        for name in names {
            let stated = Pins::default().of(name);
            Pins::default().choose(name, &stated.to_string()).expect("the table's own pins are pins");
        }
    }

    #[test]
    fn a_choice_holds_and_anything_else_is_refused() {
        let mut pins = Pins::default();
        let commit = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(pins.choose("actions/checkout", &format!("{commit} # v9.1.0")), Ok(()));
        assert_eq!(pins.of("actions/checkout").to_string(), format!("{commit} # v9.1.0"));
        assert_eq!(pins.choose("actions/checkuot", &format!("{commit} # v1")), Err(Unpinned::UnknownAction));
        for wrong in ["v7", commit, &format!("{commit} #"), &format!("{commit}0 # v1"), &format!("{commit} # v1\nx")] {
            assert_eq!(pins.choose("actions/checkout", wrong), Err(Unpinned::NoCommit), "{wrong}");
        }
    }
}
