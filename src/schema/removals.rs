//! What an environment removes with `null` is there to be removed: a misspelt name would change nothing, and say nothing.

use crate::code::Code;
use crate::diagnostic::{Finding, Findings, nearest};
use crate::source::{Place, SpecPath};
use crate::spec::OWN_KEYS;
use crate::syntax::{Document, Kind, Node};

/// Reports each name that an environment sets to `null` and that the base does not have.
pub fn check(document: &Document, findings: &mut Findings<'_>) {
    let path = SpecPath::root().key("environments");
    for (name, environment) in document.at(&path).into_iter().flat_map(Node::entries) {
        for (section, over) in environment.entries().filter(|(key, _)| !OWN_KEYS.contains(key)) {
            let base = document.root().and_then(|root| root.get(section));
            removals(base, over, &[section], &path.key(name).key(section), findings);
        }
    }
}

/// Those of `over`, to which `steps` lead within the environment, and which is merged over `base`.
fn removals(base: Option<Node<'_>>, over: Node<'_>, steps: &[&str], at: &SpecPath, findings: &mut Findings<'_>) {
    // A mapping takes the place of a list, whole.
    if base.is_some_and(|base| base.kind() == Kind::List) {
        let nulls = over.entries().filter(|(_, value)| value.is_null());
        nulls.for_each(|(key, _)| findings.report(removes_of_list(key, steps, at)));
        return;
    }
    // A short form has no names.
    if base.is_some_and(|base| !matches!(base.kind(), Kind::Map | Kind::Null)) {
        return;
    }
    for (key, value) in over.entries() {
        let below = base.and_then(|base| base.get(key));
        if !value.is_null() {
            removals(below, value, &[steps, &[key]].concat(), &at.key(key), findings);
        } else if below.is_none() && holds_names(steps) {
            findings.report(removes_nothing(base, key, steps, at));
        }
    }
}

/// Whether the keys there are names that people choose; a key of the language is known to the schema.
fn holds_names(steps: &[&str]) -> bool {
    matches!(
        steps,
        ["services" | "jobs" | "images" | "volumes" | "secrets" | "variables" | "networks"]
            | ["routing", "hosts"]
            | ["routing", "hosts", _, "routes"]
            | ["services" | "jobs", _, "env" | "ports" | "volumes" | "labels"]
    )
}

fn removes_of_list(key: &str, steps: &[&str], at: &SpecPath) -> Finding {
    let message = format!("`null` removes nothing: the base has a list under `{}`", steps.join("."));
    let finding = Finding::new(Code::OverrideUnmatched, Place::Key(at.key(key)), message, "nothing to remove");
    finding.help("write the whole list that is meant here")
}

fn removes_nothing(base: Option<Node<'_>>, key: &str, steps: &[&str], at: &SpecPath) -> Finding {
    let known: Vec<&str> = base.into_iter().flat_map(Node::entries).map(|(name, _)| name).collect();
    let help = match nearest(key, &known) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "remove this line".to_owned(),
        None => format!("remove this line; what can be removed here: {}", known.join(", ")),
    };
    let message = format!("`null` removes nothing: the base has no `{key}` under `{}`", steps.join("."));
    Finding::new(Code::OverrideUnmatched, Place::Key(at.key(key)), message, "nothing to remove").help(help)
}
