//! What is said only because of another fault: of a declaration that could not be read, that it is missing.

use crate::code::Code;
use crate::diagnostic::{Diagnostic, nearest};
use crate::source::{SpecPath, Step};

/// Whether `found` would not be said if the `broken` parts could be read.
pub fn follows(found: &Diagnostic, broken: &[SpecPath]) -> bool {
    let section = match found.code {
        Code::UndeclaredSecret | Code::SecretStage => "secrets",
        Code::UndeclaredVariable => "variables",
        Code::UndeclaredVolume => "volumes",
        Code::UndeclaredNetwork => "networks",
        Code::UnknownService => "services",
        Code::UnknownEnvironment => "environments",
        _ => return false,
    };
    broken.iter().any(|path| match path.0.as_slice() {
        [Step::Key(key)] => nearest(key, &[section]).is_some(),
        [Step::Key(key), Step::Key(name), ..] => key == section && found.message.contains(&format!("`{name}`")),
        _ => false,
    })
}
