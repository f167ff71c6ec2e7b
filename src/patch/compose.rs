//! What Compose knows of the keys that an override writes into its file.

use serde_json::{Map, Value};

use crate::code::Code;
use crate::diagnostic::{Finding, Findings, nearest};
use crate::source::{Place, SpecPath};
use crate::spec::door::COMPOSE;

/// Reports the keys of `merge`, which stands at `at`, that a Compose file or one of its services does not have.
pub(super) fn check_keys(merge: &Map<String, Value>, at: &SpecPath, findings: &mut Findings<'_>) {
    let definitions: Value =
        serde_json::from_str(COMPOSE.definitions).expect("the definitions are JSON; a test says so");
    let known = |kind: &str| -> Vec<&str> {
        definitions[kind]["properties"].as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect()
    };
    let mut check = |words: &Map<String, Value>, known: &[&str], at: &SpecPath, what: &str| {
        for key in words.keys().filter(|key| !key.starts_with("x-") && !known.contains(&key.as_str())) {
            let message = format!("{what} of Compose has no key `{key}`");
            let finding = Finding::new(Code::UnknownKey, Place::Key(at.key(key)), message, "not a key of Compose");
            findings.report(match nearest(key, known) {
                Some(near) => finding.help(format!("did you mean `{near}`?")),
                None => finding.help(format!("see {}; what is yours alone begins with `x-`", COMPOSE.documentation)),
            });
        }
    };
    check(merge, &known("file"), at, "a file");
    let service = known("service");
    for (name, words) in merge.get("services").and_then(Value::as_object).into_iter().flatten() {
        if let Some(words) = words.as_object() {
            check(words, &service, &at.key("services").key(name), "a service");
        }
    }
}
