//! The user's own .dockerignore, where BuildKit reads ours instead of it.

use crate::code::Code;
use crate::diagnostic::{Diagnostics, Finding, Findings};
use crate::facts::{Facts, Found, join, within};
use crate::model::{ENTRYPOINT_FILE, Image, Program};
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

/// What the user's own file does where the whole context is copied, and nothing else counts.
pub fn whole(program: &Program, facts: &Facts, diagnostics: &mut Diagnostics) {
    let mut findings = Findings::new(&*program.locate, diagnostics);
    for image in program.base.images.values().filter(|image| image.is_generated()) {
        let whole = image.copy.iter().find(|copy| copy.src == "." && copy.from.is_none());
        let Some(place) = whole.map(|copy| Place::Value(copy.path.clone())) else { continue };
        let own = join(&image.context, OWN);
        let text = match facts.at(&own) {
            Some(Found::Missing) => "",
            Some(Found::File(Some(text))) => text,
            _ => continue,
        };
        let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.starts_with('#')).collect();
        let private: Vec<&str> = [".env", ".git"].into_iter().filter(|path| !keeps_out(&lines, path)).collect();
        if facts.at(&own) == Some(&Found::Missing) {
            let message = "the whole folder is copied, and no .dockerignore keeps .env and .git out";
            let finding = Finding::new(Code::MissingSource, place.clone(), message, "copies everything");
            findings.report(finding.help("write a .dockerignore with `.env*` and `.git`, or list what is copied"));
        } else if !private.is_empty() {
            let message = format!("the whole folder is copied, and {own} lets {} in", private.join(" and "));
            let finding = Finding::new(Code::MissingSource, place.clone(), message, "copies what is private");
            let add = private.iter().map(|path| if *path == ".env" { "`.env*`" } else { "`.git`" });
            findings.report(finding.help(format!("add {} to {own}", add.collect::<Vec<_>>().join(" and "))));
        }
        for path in needed(program, image) {
            let steps: Vec<String> = path.split('/').map(str::to_owned).collect();
            let let_in =
                |line: &&str| line.strip_prefix('!').is_some_and(|line| concerns(line, std::slice::from_ref(&steps)));
            if keeps_out(&lines, &path) && !lines.iter().any(let_in) {
                let message = format!("{own} keeps `{path}` out, and the Dockerfile copies it");
                let finding = Finding::new(Code::MissingSource, place.clone(), message, "the build would fail");
                findings.report(finding.help(format!("add `!{path}` at the end of {own}")));
            }
        }
    }
}

/// What the Dockerfile of `image` copies by name although the whole context is copied, relative to that.
fn needed(program: &Program, image: &Image) -> Vec<String> {
    let language = image.recipe().map(|recipe| recipe.language());
    let optional = language.map(|language| language.optional_sources()).unwrap_or_default();
    let sources = language.map(|language| language.sources(&image.copies())).unwrap_or_default();
    let named = image.copy.iter().filter(|copy| copy.from.is_none()).map(|copy| copy.src.clone());
    let script = program.entrypoint(image).map(|_| join(&image.folder, ENTRYPOINT_FILE));
    let script = script.map(|script| within(&image.context, &script).to_owned());
    let all = sources.into_iter().chain(named).chain(script);
    all.filter(|path| path != "." && !optional.contains(path) && !path.contains(['*', '?', '['])).collect()
}

/// Whether an ignore file of these lines keeps `path` out: the last line counts that means it, or a folder that it lies in.
fn keeps_out(lines: &[&str], path: &str) -> bool {
    let path: Vec<&str> = path.split('/').collect();
    let means = |line: &str| {
        let pattern: Vec<&str> = line.split('/').filter(|step| !matches!(*step, "" | ".")).collect();
        (1..=path.len()).any(|length| fits(&pattern, &path[..length]))
    };
    let last = lines.iter().rfind(|line| means(line.trim_start_matches('!').trim()));
    last.is_some_and(|line| !line.starts_with('!'))
}

fn fits(pattern: &[&str], path: &[&str]) -> bool {
    match (pattern, path) {
        ([], _) => false,
        (["**"], [_, ..]) => true,
        (["**", rest @ ..], _) => fits(rest, path) || (!path.is_empty() && fits(pattern, &path[1..])),
        ([step], [name]) => matches(step.as_bytes(), name.as_bytes()),
        ([step, rest @ ..], [name, below @ ..]) => matches(step.as_bytes(), name.as_bytes()) && fits(rest, below),
        _ => false,
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
    #[test]
    fn the_last_line_that_means_a_path_counts() {
        for (lines, path, kept) in [
            (&["**", "!app"][..], "app/x.py", false),
            (&["**", "!app"], "entrypoint.sh", true),
            (&["*.txt"], "requirements.txt", true),
            (&["*.txt"], "app/requirements.txt", false),
            (&["**/*.txt"], "app/requirements.txt", true),
            (&["app", "!app/x"], "app/x", false),
            (&["!app", "app/"], "app/x", true),
            (&[".env*", "!.env.example"], ".env", true),
            (&[], ".env", false),
        ] {
            assert_eq!(keeps_out(lines, path), kept, "{lines:?} {path}");
        }
    }
}
