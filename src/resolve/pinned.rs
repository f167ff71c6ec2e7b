//! Images made elsewhere are named with a tag that says a version, or by a digest: whatever was pushed last is none.

use super::Scope;
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::recipe::split;
use crate::source::{Place, SpecPath};

/// Whether the image that `path` names is pinned; reports it if not. `example` is a name that is.
pub(super) fn is_pinned(scope: &mut Scope<'_, '_>, name: &str, path: &SpecPath, example: Option<&str>) -> bool {
    let (repository, tag) = split(name);
    if name == "scratch" || name.contains('@') || says_a_version(tag) {
        return true;
    }
    let why = if tag.is_empty() { "has no tag, so it " } else { "" };
    let message = format!("`{name}` {why}may be another image tomorrow");
    let finding = Finding::new(Code::InvalidValue, Place::Value(path.clone()), message, "not pinned to a version");
    let example = example.map_or_else(|| format!("`{repository}:1`"), str::to_owned);
    scope.report(finding.help(format!("write the version's tag, such as {example}")));
    false
}

/// `latest-alpine` is as good as `latest`.
fn says_a_version(tag: &str) -> bool {
    !tag.is_empty() && !tag.split('-').any(|word| word == "latest")
}
