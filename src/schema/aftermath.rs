//! What is said only because of another fault: of a declaration that could not be read, that it is missing.

use crate::code::Code;
use crate::diagnostic::{Diagnostic, nearest};
use crate::source::{SpecPath, Step};

/// Whether `found` would not be said if the `broken` parts could be read.
pub fn follows(found: &Diagnostic, broken: &[SpecPath]) -> bool {
    let section: &[&str] = match found.code {
        Code::UndeclaredSecret | Code::SecretStage => &["secrets"],
        Code::UndeclaredVariable => &["variables"],
        Code::UndeclaredVolume => &["volumes"],
        Code::UndeclaredNetwork => &["networks"],
        Code::UnknownService | Code::OverrideUnmatched => &["services"],
        Code::UnknownEnvironment => &["environments"],
        Code::UnknownHost => &["routing", "hosts"],
        _ => return false,
    };
    broken.iter().any(|path| {
        // An environment may add to the section.
        let steps = match path.0.as_slice() {
            [Step::Key(first), Step::Key(_), rest @ ..]
                if first == "environments" && section != [first] && !rest.is_empty() =>
            {
                rest
            }
            steps => steps,
        };
        hides(steps, section, &found.message)
    })
}

/// Whether the part at `steps`, which could not be read, is the `section`, as written or misspelt, or what `message` names of it.
fn hides(steps: &[Step], section: &[&str], message: &str) -> bool {
    let is = |step: &Step, wanted: &str| matches!(step, Step::Key(key) if key == wanted);
    match steps.get(section.len()) {
        Some(Step::Key(name)) => {
            steps.iter().zip(section).all(|(step, wanted)| is(step, wanted)) && message.contains(&format!("`{name}`"))
        }
        Some(Step::Index(_)) => false,
        None => match (steps.split_last(), section.get(steps.len().saturating_sub(1))) {
            (Some((Step::Key(last), above)), Some(wanted)) => {
                above.iter().zip(section).all(|(step, wanted)| is(step, wanted)) && nearest(last, &[wanted]).is_some()
            }
            _ => false,
        },
    }
}
