//! What the machine of a Compose environment has room for.

use super::each_environment;
use crate::code::Code;
use crate::diagnostic::{Diagnostics, Finding};
use crate::facts::Facts;
use crate::model::{Platform, Program, Size};
use crate::source::Place;

/// Memory limits that add up to more than the environment's `memory_budget`, services of profiles included.
pub fn memory(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_environment(program, diagnostics, |environment, findings| {
        let Platform::Compose { memory_budget: Some(budget), .. } = &environment.platform else { return };
        let limit = |service: &crate::model::Service| {
            let count = u64::from(service.scale.min.max(1));
            service.resources.memory.map_or(0, |memory| memory.0.saturating_mul(count))
        };
        let total = Size(environment.stack.services.values().map(limit).fold(0, u64::saturating_add));
        if total > *budget {
            let place = Place::Value(environment.path.key("memory_budget"));
            let message =
                format!("the services of `{}` may use {total} of memory, more than its {budget}", environment.name);
            let without =
                environment.stack.services.values().filter(|service| service.resources.memory.is_none()).count();
            let rest = if without == 0 { String::new() } else { format!("; {without} more have no limit at all") };
            let finding = Finding::new(Code::MemoryBudget, place, message, "too small");
            findings.report(
                finding.help(format!("lower some `resources: {{memory: …}}`, or state the machine's real size{rest}")),
            );
        }
    });
}
