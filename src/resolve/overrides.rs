//! The services of Compose files that `overrides` and an environment's `compose` speak of: whether there are such services can be told before any
//! file is made, and so beside every other fault.

use serde_json::{Map, Value};

use super::Scope;
use crate::code::Code;
use crate::diagnostic::{Finding, nearest};
use crate::source::{Place, SpecPath};
use crate::spec;

/// Reports the services that are spoken of in the Compose file `file`, and that neither are there nor become one by what is said of them.
pub(super) fn services(
    scope: &mut Scope<'_, '_>,
    base: &spec::Stack,
    written: &spec::Environment,
    file: &str,
    path: &SpecPath,
) {
    services_of(scope, written.compose.words().get("services"), file, &path.key("compose").key("services"));
    let merge = base.overrides.get(file).and_then(|one| one.merge.as_ref());
    let at = SpecPath::root().key("overrides").key(file).key("merge").key("services");
    services_of(scope, merge.and_then(|merge| merge.0.get("services")), file, &at);
}

fn services_of(scope: &mut Scope<'_, '_>, services: Option<&Value>, file: &str, at: &SpecPath) {
    for (name, words) in services.and_then(Value::as_object).into_iter().flatten() {
        let starts =
            |words: &Map<String, Value>| spec::door::COMPOSE_STARTS.iter().any(|word| words.contains_key(*word));
        // A service that a command runs before it is called after it.
        let owner = name.strip_suffix("-release").unwrap_or(name);
        let known = |name: &str| scope.spec.services.contains_key(name) || scope.spec.jobs.contains_key(name);
        if known(name) || known(owner) || words.as_object().is_none_or(starts) {
            continue;
        }
        let known: Vec<&str> = scope.spec.services.keys().chain(scope.spec.jobs.keys()).map(String::as_str).collect();
        let finding = no_service(file, name, &known, at.key(name));
        scope.report(finding);
    }
}

/// That `file` has no service `name`, but those that are `known`.
fn no_service(file: &str, name: &str, known: &[&str], at: SpecPath) -> Finding {
    let help = match nearest(name, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the services there are: {}; a new one needs an `image`", known.join(", ")),
    };
    let message = format!("{file} has no service `{name}`, and these words alone do not make one");
    Finding::new(Code::OverrideUnmatched, Place::Key(at), message, "no such service").help(help)
}
