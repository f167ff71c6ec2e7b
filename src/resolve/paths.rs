//! Paths of the repository: relative, with forward slashes, never leading out of the root.

use super::Scope;
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::facts::join;
use crate::source::{Place, SpecPath};

impl Scope<'_, '_> {
    /// `written` without needless steps, if it stays inside `folder` (the root, or a build's context); reports if not.
    pub(super) fn inside(&mut self, written: &str, what: &str, path: &SpecPath) -> Option<String> {
        match normal(written) {
            Ok(normal) => Some(normal),
            Err(why) => {
                let place = Place::Value(path.clone());
                let finding = Finding::new(
                    Code::PathEscape,
                    place,
                    format!("`{written}` {why}"),
                    format!("not a path inside {what}"),
                );
                // As what was written ends, which is what the key takes.
                let example = match written.rsplit(['/', '\\']).next() {
                    Some(name) if name.contains('.') && !name.contains("..") && !name.contains("${") => name,
                    _ => "./src",
                };
                self.report(finding.help(format!("write a path inside {what}, such as {example}")));
                None
            }
        }
    }
}

/// `written` without `.` steps.
///
/// # Errors
/// Why it cannot stand for something inside the folder that it is relative to.
pub(super) fn normal(written: &str) -> Result<String, &'static str> {
    if written.starts_with('/') || written.starts_with('~') {
        return Err("does not lie in the repository");
    }
    if written.contains('\\') {
        return Err("is no path with forward slashes");
    }
    if written.contains(':') {
        return Err("holds `:`, which not every system can have in a name");
    }
    if written.is_empty() || written.chars().any(char::is_control) {
        return Err("is not the name of a file or folder");
    }
    if written.trim() != written {
        return Err("begins or ends with a blank, which an ignore file cannot name");
    }
    if written.contains("${") {
        return Err("holds a reference, and a path is fixed");
    }
    if written.split('/').any(|step| step == "..") {
        return Err("holds `..`, which could lead out");
    }
    Ok(join(written, ""))
}

#[cfg(test)]
mod tests {
    use super::normal;

    #[test]
    fn only_paths_inside_are_taken() {
        for (written, expected) in [("a/b", "a/b"), ("./a//b/", "a/b"), (".", "."), ("./", ".")] {
            assert_eq!(normal(written).as_deref(), Ok(expected), "{written}");
        }
        for wrong in ["/etc", "~/x", "..", "a/../b", "a\\b", "C:/x", "https://x/y", "", "a\nb", "a/b "] {
            assert!(normal(wrong).is_err(), "{wrong}");
        }
    }
}
