//! The user's own .dockerignore, where BuildKit reads ours instead of it.

use crate::code::Code;
use crate::diagnostic::{Diagnostics, Finding, Findings};
use crate::facts::{Facts, Found, join, within};
use crate::model::{Image, Program};
use crate::recipe::NEVER_COPIED;
use crate::source::Place;

const OWN: &str = ".dockerignore";

/// Lines that would keep something out of what is copied, and that nobody reads.
pub fn unread(program: &Program, facts: &Facts, diagnostics: &mut Diagnostics) {
    let mut findings = Findings::new(&*program.locate, diagnostics);
    for image in program.base.images.values().filter(|image| image.is_generated()) {
        let ours = format!("{}{OWN}", image.dockerfile());
        let Some(text) = facts.text_in(&image.context, OWN).filter(|_| !program.overridden.contains(&ours)) else {
            continue;
        };
        let Some(folders) = folders(program, image, facts) else { continue };
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let lines: Vec<&str> = lines.collect();
        let unread = |line: &&&str| !line.starts_with('!') && !is_kept_out(image, line) && concerns(line, &folders);
        let unread: Vec<&str> = lines.iter().filter(unread).copied().collect();
        let Some(first) = unread.first() else { continue };
        let own = join(&image.context, OWN);
        let message = format!("{own} keeps `{first}` out, but the build of `{}` reads {ours} in its place", image.name);
        let finding = Finding::new(Code::UnreadIgnore, Place::Key(image.path.clone()), message, "does not read it");
        // What is let in again depends on all that stands before it.
        let all = if lines.iter().any(|line| line.starts_with('!')) { &lines } else { &unread };
        let append = crate::escape::json(&all.iter().map(|line| format!("{line}\n")).collect::<String>());
        findings.report(finding.help(format!("write `overrides: {{{ours}: {{append: {append}}}}}`")));
    }
}

/// The folders of its context that the Dockerfile of `image` copies, each as its steps; none where the user copies all of it, and no ignore file
/// is made.
fn folders(program: &Program, image: &Image, facts: &Facts) -> Option<Vec<Vec<String>>> {
    let mut copied = program.base.copied(image)?;
    copied.retain(|path| path == &image.context || facts.at(path) == Some(&Found::Folder));
    let steps = |path: &String| {
        within(&image.context, path).split('/').filter(|step| *step != ".").map(str::to_owned).collect()
    };
    Some(copied.iter().map(steps).collect())
}

/// Whether our own file keeps out what `line` does.
fn is_kept_out(image: &Image, line: &str) -> bool {
    let language = image.recipe().map(|recipe| recipe.language().never_copied()).unwrap_or_default();
    let line = line.trim_matches('/');
    NEVER_COPIED.iter().chain(language).any(|never| {
        let never = never.trim_start_matches("**/");
        line.strip_suffix(never).is_some_and(|before| before.is_empty() || before.ends_with('/'))
    })
}

/// Whether `line` can name something below one of `folders`. One that names a folder itself is at odds with stack.yaml, which names it too.
fn concerns(line: &str, folders: &[Vec<String>]) -> bool {
    let pattern: Vec<&str> = line.split('/').filter(|step| !matches!(*step, "" | ".")).collect();
    folders.iter().any(|folder| reaches(&pattern, folder))
}

fn reaches(pattern: &[&str], folder: &[String]) -> bool {
    match (pattern, folder) {
        ([], _) => false,
        (_, []) => true,
        (["**", rest @ ..], [_, below @ ..]) => reaches(rest, folder) || reaches(pattern, below),
        ([step, rest @ ..], [name, below @ ..]) => matches(step.as_bytes(), name.as_bytes()) && reaches(rest, below),
    }
}

/// Whether one step of a pattern means `name`; sets of characters are taken to.
fn matches(step: &[u8], name: &[u8]) -> bool {
    match (step, name) {
        ([], []) => true,
        ([b'*', rest @ ..], _) => matches(rest, name) || (!name.is_empty() && matches(step, &name[1..])),
        ([b'[', ..], _) => true,
        ([b'?', rest @ ..], [_, after @ ..]) => matches(rest, after),
        ([one, rest @ ..], [other, after @ ..]) => one == other && matches(rest, after),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_concerns_what_lies_in_a_folder() {
        let folders = [vec!["app".to_owned(), "web".to_owned()]];
        for (line, concerned) in [
            ("/app/web/drafts", true),
            ("app/web/", false),
            ("app", false),
            ("*", false),
            ("*/*/x", true),
            ("**/*.log", true),
            ("*.log", false),
            ("a?p/w*/x", true),
            ("docs/x", false),
        ] {
            assert_eq!(concerns(line, &folders), concerned, "{line}");
        }
        assert!(concerns("*.log", &[Vec::new()]));
    }
}
