//! In which order the processes of a container start.

use indexmap::IndexMap;

use super::super::{Scope, did_you_mean};
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::source::{Place, SpecPath};
use crate::spec::Process;

/// The names of all processes: each after those that it starts after, otherwise as written. Reports names that are none, and circles.
pub(super) fn of(scope: &mut Scope<'_, '_>, written: &IndexMap<String, Process>, path: &SpecPath) -> Vec<String> {
    for (name, process) in written {
        for (index, other) in process.after.iter().enumerate().filter(|(_, other)| !written.contains_key(*other)) {
            let place = Place::Value(path.key(name).key("after").index(index));
            let message = format!("there is no process `{other}` in this container");
            let finding = Finding::new(Code::UnknownReference, place, message, "not a process of this service");
            let known: Vec<&str> = written.keys().filter(|known| *known != name).map(String::as_str).collect();
            scope.report(finding.help(did_you_mean(other, &known, "other processes")));
        }
    }
    let mut ordered: Vec<String> = Vec::new();
    let mut rest: Vec<&String> = written.keys().collect();
    while !rest.is_empty() {
        let placed = |other: &String| ordered.contains(other) || !written.contains_key(other);
        let Some(next) = rest.iter().position(|name| written[*name].after.iter().all(placed)) else {
            circle(scope, written, &rest, path);
            ordered.extend(rest.into_iter().cloned());
            break;
        };
        ordered.push(rest.remove(next).clone());
    }
    ordered
}

/// Reports a circle among the processes that are `stuck`.
fn circle(scope: &mut Scope<'_, '_>, written: &IndexMap<String, Process>, stuck: &[&String], path: &SpecPath) {
    // Each of them starts after another of them, so a walk comes round.
    let mut walk: Vec<(&str, usize)> = Vec::new();
    let mut at = stuck[0].as_str();
    while !walk.iter().any(|(name, _)| *name == at) {
        let Some(index) = written[at].after.iter().position(|other| stuck.contains(&other)) else { return };
        walk.push((at, index));
        at = &written[at].after[index];
    }
    let start = walk.iter().position(|(name, _)| *name == at).unwrap_or(0);
    let circle = &walk[start..];
    let place = |(name, index): &(&str, usize)| Place::Value(path.key(*name).key("after").index(*index));
    let names: Vec<&str> = circle.iter().map(|(name, _)| *name).chain([at]).collect();
    let message = format!("processes start after each other in a circle: {}", names.join(" → "));
    let label = |(name, index): &(&str, usize)| format!("after `{}`", written[*name].after[*index]);
    let mut finding = Finding::new(Code::DependencyCycle, place(&circle[0]), message, label(&circle[0]));
    for step in &circle[1..] {
        finding = finding.related(place(step), label(step));
    }
    scope.report(finding.help("remove one of them from `after`"));
}
