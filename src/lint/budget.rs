//! What the machine of a Compose environment has room for.

use super::each_environment;
use crate::code::Code;
use crate::diagnostic::{Diagnostics, Finding};
use crate::facts::Facts;
use crate::model::{Platform, Program, Service, Size};
use crate::source::Place;

/// Memory limits that add up to more than the environment's `memory_budget`, services of profiles included.
pub fn memory(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_environment(program, diagnostics, |environment, findings| {
        let Platform::Compose { memory_budget: Some(budget), .. } = &environment.platform else { return };
        let limit = |service: &Service| {
            let count = u64::from(service.scale.min.max(1));
            limit_of(service).map_or(0, |memory| memory.0.saturating_mul(count))
        };
        let total = Size(environment.stack.services.values().map(limit).fold(0, u64::saturating_add));
        if total > *budget {
            let place = Place::Value(environment.path.key("memory_budget"));
            let message = format!(
                "the services of `{}` may use {total} of memory, more than its `memory_budget`",
                environment.name
            );
            let without = environment.stack.services.values().filter(|service| limit_of(service).is_none()).count();
            let rest = if without == 0 { String::new() } else { format!("; {without} more have no limit at all") };
            let finding = Finding::new(Code::MemoryBudget, place, message, "too small");
            findings.report(
                finding.help(format!("lower some `resources: {{memory: …}}`, or state the machine's real size{rest}")),
            );
        }
    });
}

/// The most memory that a service may use, which its raw words may say as well.
fn limit_of(service: &Service) -> Option<Size> {
    let words = service.compose.get("mem_limit");
    let raw = words.or_else(|| service.compose.get("deploy")?.get("resources")?.get("limits")?.get("memory"));
    let size = |text: &str| {
        let text = text.to_ascii_lowercase();
        text.parse().ok().or_else(|| format!("{text}b").parse().ok())
    };
    raw.and_then(|raw| size(raw.as_str()?)).or(service.resources.memory)
}
