//! What a reference that nothing answers to was probably meant to say.

use super::Scope;
use crate::diagnostic::nearest;

/// What stands first in a reference, and other words for it.
const FIRST: &[(&str, &[&str])] = &[
    ("services", &["service", "svc"]),
    ("secrets", &["secret"]),
    ("volumes", &["volume"]),
    ("stack", &["project"]),
    ("environment", &["environments"]),
    ("git", &["github"]),
];

/// Words that others put before the name of a variable.
const OF_VARIABLES: &[&str] = &["env", "environ", "var", "vars", "variable", "variables", "inputs", "args"];

/// What can be asked of a service.
const FIELDS: &[&str] = &["host", "port", "address", "url", "image"];

impl Scope<'_, '_> {
    /// The reference that the `steps` of an unknown one come near to, dollar and braces included.
    pub(super) fn meant(&self, steps: &[&str]) -> Option<String> {
        let (first, rest) = steps.split_first()?;
        if let ([name], true) = (rest, OF_VARIABLES.contains(first)) {
            return Some(if self.spec.secrets.contains_key(*name) {
                format!("${{secrets.{name}}}")
            } else {
                format!("${{{name}}}")
            });
        }
        if let ([field], true) = (rest, self.spec.services.contains_key(*first)) {
            return nearest(field, FIELDS).map(|field| format!("${{services.{first}.{field}}}"));
        }
        let alias = FIRST.iter().find(|(ours, theirs)| ours == first || theirs.contains(first)).map(|(ours, _)| *ours);
        let known: Vec<&str> = FIRST.iter().map(|(ours, _)| *ours).collect();
        let path = match (alias.or_else(|| nearest(first, &known))?, rest) {
            ("services", [name]) if self.spec.services.contains_key(*name) => format!("services.{name}.host"),
            ("services", [name, field]) => format!("services.{name}.{}", nearest(field, FIELDS)?),
            ("services", [name, "ports", port]) => format!("services.{name}.ports.{port}"),
            ("secrets", [name, ..]) => format!("secrets.{name}"),
            ("volumes", [name, ..]) => format!("volumes.{name}.path"),
            (first @ ("stack" | "environment"), [field]) => format!("{first}.{}", nearest(field, &["name"])?),
            ("git", ["commit" | "hash" | "revision" | "sha"]) => "git.sha".to_owned(),
            _ => return None,
        };
        Some(format!("${{{path}}}"))
    }
}
