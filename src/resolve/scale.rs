//! How many containers or machines a service has.

use super::{Scope, ports};
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::model::{Concurrency, Scale};
use crate::source::{Place, SpecPath};
use crate::spec::{self, Scalar, ScalarOr};

/// As many as the schema admits in the long form.
const MOST_MACHINES: u32 = 1000;

/// The `scale` of the service at `path`.
pub(super) fn scale(scope: &mut Scope<'_, '_>, written: &spec::Service, path: &SpecPath) -> Scale {
    let default = Scale::default();
    let path = path.key("scale");
    match &written.scale {
        None => default,
        Some(ScalarOr::Long(long)) => long_form(scope, long, &path),
        Some(ScalarOr::Short(text)) => Scale { min: least(scope, text, path).unwrap_or(default.min), ..default },
    }
}

/// How many run when idle.
fn least(scope: &mut Scope<'_, '_>, Scalar(text): &Scalar, path: SpecPath) -> Option<u32> {
    let number = ports::whole_number(text).filter(|number| *number <= MOST_MACHINES);
    if number.is_none() {
        let message = format!("`{text}` is not a number of machines");
        let finding = Finding::new(Code::InvalidValue, Place::Value(path), message, "not a whole number");
        scope.report(finding.help("write `scale: 2`, or `scale: {min: 0, idle: stop}`"));
    }
    number
}

fn long_form(scope: &mut Scope<'_, '_>, long: &spec::Scale, path: &SpecPath) -> Scale {
    let min = long.min.as_ref().and_then(|min| least(scope, min, path.key("min"))).unwrap_or(1);
    if long.max.is_some_and(|max| max < min) {
        in_order(scope, &path.key("max"), "max", &path.key("min"), "min");
    }
    let concurrency = long.concurrency.as_ref().map(|written| {
        let path = path.key("concurrency");
        if matches!((written.soft, written.hard), (Some(soft), Some(hard)) if hard < soft) {
            in_order(scope, &path.key("hard"), "hard", &path.key("soft"), "soft");
        }
        Concurrency { kind: written.kind, soft: written.soft, hard: written.hard }
    });
    Scale { min, max: long.max, idle: long.idle.unwrap_or_default(), concurrency }
}

fn in_order(scope: &mut Scope<'_, '_>, more: &SpecPath, most: &str, less: &SpecPath, least: &str) {
    let message = format!("`{most}` is less than `{least}`");
    let finding = Finding::new(Code::InvalidValue, Place::Value(more.clone()), message, "less");
    let finding = finding.related(Place::Value(less.clone()), "more");
    scope.report(finding.help(format!("let `{most}` be at least `{least}`")));
}
