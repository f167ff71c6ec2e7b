//! The part of `stack.lock` that pins actions: what workflows of a tree use is written there once, and from then on what stands there counts.

use std::collections::BTreeMap;

use toml_edit::{DocumentMut, Item, Table, value};

use crate::artifact::yaml::{Entry, Yaml};
use crate::artifact::{Body, Tree};
use crate::diagnostic::nearest;
use crate::pins::{Pins, Unpinned};

/// The table of the lock.
pub(super) const TABLE: &str = "actions";

const HEAD: &str = "
# The actions that workflows use. What stands here counts: a bot may raise a version, and the next build takes it over.
# Without its line an action gets the version that stackc knows.
";

/// The actions that the workflows of `tree` use, each with its pin.
pub(super) fn used(tree: &Tree) -> BTreeMap<String, String> {
    let mut used = BTreeMap::new();
    for artifact in tree.iter().filter(|artifact| artifact.path.starts_with(".github/workflows/")) {
        if let Body::Yaml(root) = &artifact.body {
            collect(root, &mut used);
        }
    }
    used
}

fn collect(value: &Yaml, used: &mut BTreeMap<String, String>) {
    match value {
        Yaml::Map(entries) => entries.iter().for_each(|entry| {
            used.extend(action(entry));
            collect(&entry.value, used);
        }),
        Yaml::List(items) => items.iter().for_each(|item| collect(&item.value, used)),
        Yaml::Null | Yaml::Bool(_) | Yaml::Number(_) | Yaml::Text(_) | Yaml::Flow(_) => {}
    }
}

/// The action and its pin, where `entry` uses one that stackc knows.
fn action(entry: &Entry) -> Option<(String, String)> {
    let (Yaml::Text(uses), "uses", Some(version)) = (&entry.value, entry.key.as_str(), &entry.note) else {
        return None;
    };
    let (name, commit) = uses.split_once('@')?;
    let known = Pins::known().any(|known| known == name);
    known.then(|| (name.to_owned(), format!("{commit} # {version}")))
}

/// Writes what is used and not pinned yet; takes out what is used no more, unless only a part of the outputs was made.
pub(super) fn update(lock: &mut DocumentMut, used: &BTreeMap<String, String>, partial: bool) {
    let known = |name: &str| Pins::known().any(|known| known == name);
    if !used.is_empty() && !lock.contains_key(TABLE) {
        let mut table = Table::new();
        table.decor_mut().set_prefix(HEAD);
        lock.insert(TABLE, Item::Table(table));
    }
    let Some(table) = lock.get_mut(TABLE).and_then(Item::as_table_like_mut) else { return };
    for (name, pin) in used {
        if !table.contains_key(name) {
            table.insert(name, value(pin));
        }
    }
    let stale: Vec<String> = table.iter().map(|(name, _)| name.to_owned()).collect();
    for name in stale.iter().filter(|name| !partial && known(name) && !used.contains_key(*name)) {
        table.remove(name);
    }
    if table.is_empty() {
        lock.remove(TABLE);
    }
}

/// The pins that the table of the lock chooses, if it has one.
///
/// # Errors
/// The entry that pins nothing, and how to mend it.
pub(super) fn pins(lock: &DocumentMut) -> miette::Result<Pins> {
    let mut pins = Pins::default();
    let Some(item) = lock.get(TABLE) else { return Ok(pins) };
    let Some(table) = item.as_table_like() else {
        return Err(miette::miette!(
            help = "write `[actions]` in a line of its own",
            "`actions` in stack.lock is no table"
        ));
    };
    for (action, item) in table.iter() {
        // What is no text pins nothing, whatever it says.
        let written = item.as_str().map_or_else(|| item.to_string().trim().to_owned(), str::to_owned);
        let text = if item.is_str() { written.as_str() } else { "" };
        let place = || place(lock, action);
        match pins.choose(action, text) {
            Ok(()) => {}
            Err(Unpinned::UnknownAction) => {
                let known: Vec<&str> = Pins::known().collect();
                let help = match nearest(action, &known) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("remove its line; the actions are: {}", known.join(", ")),
                };
                return Err(miette::miette!(
                    help = help,
                    "{} pins `{action}`, which no workflow of stackc uses",
                    place()
                ));
            }
            Err(Unpinned::NoCommit) => {
                let help = format!("write `\"{action}\" = \"{}\"`, or remove the line", Pins::default().of(action));
                return Err(miette::miette!(
                    help = help,
                    "{} does not pin `{action}`: `{written}` is not a commit of 40 digits with its version behind `#`",
                    place()
                ));
            }
        }
    }
    Ok(pins)
}

/// Where the entry of `action` stands: `stack.lock:12`.
fn place(lock: &DocumentMut, action: &str) -> String {
    let text = lock.to_string();
    let key = |line: &str| line.split_once('=').map(|(key, _)| key.trim().trim_matches('"').to_owned());
    let line = text.lines().position(|line| key(line).is_some_and(|key| key == action));
    line.map_or_else(|| "stack.lock".to_owned(), |line| format!("stack.lock:{}", line + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::Artifact;
    use crate::artifact::yaml::{Mapping, Sequence};

    const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

    fn workflow(action: &str) -> Tree {
        let step = Mapping::new().entry("uses", format!("{action}@{COMMIT}")).note("v9");
        let root = Mapping::new().entry("steps", Sequence::new().item(step));
        let mut tree = Tree::new();
        tree.insert(Artifact::yaml(".github/workflows/ci.yml", root)).expect("the first one");
        tree
    }

    #[test]
    fn what_is_used_is_written_once_and_then_kept() {
        let mut lock: DocumentMut = "version = 1\n".parse().expect("TOML");
        update(&mut lock, &used(&workflow("actions/checkout")), false);
        let text = lock.to_string();
        assert!(text.ends_with(&format!("[actions]\n\"actions/checkout\" = \"{COMMIT} # v9\"\n")), "{text}");
        let mut raised: DocumentMut = text.replace("# v9", "# v10").parse().expect("TOML");
        update(&mut raised, &used(&workflow("actions/checkout")), false);
        assert_eq!(raised.to_string(), text.replace("# v9", "# v10"));
    }

    #[test]
    fn what_is_used_no_more_goes_and_strangers_are_no_business_of_ours() {
        let mut lock: DocumentMut =
            format!("[actions]\n\"actions/cache\" = \"{COMMIT} # v1\"\n\"acme/x\" = \"y\"\n").parse().expect("TOML");
        update(&mut lock, &used(&workflow("acme/other")), true);
        assert!(lock.to_string().contains("actions/cache"), "a partial build takes nothing out");
        update(&mut lock, &used(&workflow("acme/other")), false);
        assert_eq!(lock.to_string(), "[actions]\n\"acme/x\" = \"y\"\n");
    }

    #[test]
    fn entries_that_pin_nothing_are_refused_by_name() {
        let said = |lock: &str| {
            let lock: DocumentMut = lock.parse().expect("TOML");
            pins(&lock).expect_err("refused").to_string()
        };
        assert!(said("[actions]\n\"actions/checkuot\" = \"x\"").contains("`actions/checkuot`, which no workflow"));
        assert!(
            said("[actions]\n\"actions/checkout\" = \"v7\"")
                .contains("stack.lock:2 does not pin `actions/checkout`: `v7`")
        );
        assert!(said("[actions]\n\"actions/checkout\" = 3").contains("does not pin `actions/checkout`: `3`"));
        let table = format!("[actions]\n\"actions/checkout\" = {{ sha = \"{COMMIT} # v9\" }}");
        assert!(said(&table).contains("does not pin `actions/checkout`"));
        assert!(said("actions = \"actions/checkout\"").contains("is no table"));
        assert!(pins(&DocumentMut::new()).is_ok());
    }
}
