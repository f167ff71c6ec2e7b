//! What package managers read besides a manifest and its lockfile: it has to be copied before they install, as `manifests` lists it.

use serde_json::Value;

use crate::code::Code;
use crate::diagnostic::{Finding, Findings};
use crate::escape::FlowWord;
use crate::facts::{join, relative};
use crate::source::{Place, SpecPath};

/// What is listed of one language.
pub struct Listed<'a> {
    /// The language's own path in stack.yaml.
    pub path: &'a SpecPath,
    /// The program that installs.
    pub tool: &'a str,
    /// What `manifests` lists.
    pub manifests: &'a [String],
    /// What is copied before the install anyway.
    pub copied: Vec<String>,
}

impl Listed<'_> {
    /// Reports what is in `read`, paths relative to the context, and not copied before the install.
    pub fn report_others(&self, read: impl IntoIterator<Item = String>, findings: &mut Findings<'_>) {
        let listed = self.manifests.iter().map(|path| join(path, ""));
        let mut all: Vec<String> = listed.collect();
        let written = all.len();
        for path in read {
            let brings = |known: &String| known == "." || path == *known || path.starts_with(&format!("{known}/"));
            if !all.iter().chain(&self.copied).any(brings) {
                all.push(path);
            }
        }
        let Some(first) = all.get(written) else { return };
        let message = format!("{} reads `{first}`, which is not copied before it installs", self.tool);
        let place = Place::Key(self.path.clone());
        let finding = Finding::new(Code::UnlistedManifest, place, message, "installs without it");
        let words: Vec<String> = all.iter().map(|path| FlowWord(path).to_string()).collect();
        let language = self.path.last_key().unwrap_or_default();
        findings.report(finding.help(format!("in `{language}`, write `manifests: [{}]`", words.join(", "))));
    }
}

/// Source and destination of what `manifests` lists, seen from the `project` whose manifest names it; `folder` is the language's context in the build's.
pub fn pairs(manifests: &[String], folder: &str, project: &str) -> Value {
    manifests.iter().map(|path| [join(folder, path), beside(project, path)]).collect()
}

/// `path` as it is written in the folder `from`, both of the context.
fn beside(from: &str, path: &str) -> String {
    match relative(from, path) {
        path if path.is_empty() => ".".to_owned(),
        path if path == ".." || path.starts_with("../") => path,
        path => format!("./{path}"),
    }
}

/// `path` as it is seen from the folder `from`; none if it leads out of the context.
pub fn resolve(from: &str, path: &str) -> Option<String> {
    let mut steps: Vec<&str> = Vec::new();
    for step in from.split('/').chain(path.split('/')).filter(|step| !matches!(*step, "" | ".")) {
        match step {
            ".." => drop(steps.pop()?),
            step => steps.push(step),
        }
    }
    (!steps.is_empty()).then(|| steps.join("/"))
}

/// The files and folders that a requirements file names: other such files, seen from its own folder, and packages, seen from where pip runs.
pub fn of_requirements(file: &str, text: &str) -> Vec<String> {
    let folder = file.rsplit_once('/').map_or(".", |(folder, _)| folder);
    let named = text.lines().filter_map(|line| {
        let line = line.split(" #").next().unwrap_or_default().trim();
        let option = |names: &[&str]| {
            let rest = names.iter().find_map(|name| line.strip_prefix(name))?;
            Some(rest.trim_start_matches([' ', '=', '\t']).trim())
        };
        let local = |path: &&str| path.starts_with("./") || path.starts_with("../");
        let package = |path: &str| path.split(['[', ' ', ';']).next().map(str::to_owned);
        match option(&["--requirement", "--constraint", "-r", "-c"]) {
            Some(other) if other.contains("://") => None,
            Some(other) => resolve(folder, other),
            None => option(&["--editable", "-e"])
                .or(Some(line))
                .filter(local)
                .and_then(package)
                .and_then(|path| resolve(".", &path)),
        }
    });
    named.collect()
}

/// The folders and files that a lockfile of uv or Poetry takes packages from, seen from its own `folder`.
pub fn of_lockfile(folder: &str, text: &str) -> Vec<String> {
    let Ok(lock) = text.parse::<toml_edit::DocumentMut>() else { return Vec::new() };
    let packages = lock.get("package").and_then(|packages| packages.as_array_of_tables());
    let sources = packages.into_iter().flatten().filter_map(|package| package.get("source"));
    let named = sources.filter_map(|source| {
        let text = |key: &str| source.get(key).and_then(|value| value.as_str());
        match text("type") {
            Some("directory" | "file") => text("url"),
            Some(_) => None,
            None => ["editable", "virtual", "directory", "path"].into_iter().find_map(text),
        }
    });
    named.filter(|path| *path != ".").filter_map(|path| resolve(folder, path)).collect()
}

/// The folders of the patches that package.json or pnpm-workspace.yaml names.
pub fn of_patches(manifest: &Value, workspace: &str) -> Vec<String> {
    let stated = manifest.pointer("/pnpm/patchedDependencies").and_then(Value::as_object);
    let stated = stated.into_iter().flatten().filter_map(|(_, path)| path.as_str());
    let section = workspace.lines().skip_while(|line| !line.starts_with("patchedDependencies:")).skip(1);
    let lines = section.take_while(|line| line.starts_with(' ') || line.trim().is_empty());
    let written = lines.filter_map(|line| Some(line.rsplit_once(": ")?.1.trim().trim_matches(['"', '\''])));
    let folders =
        stated.chain(written).filter_map(|path| resolve(".", path.rsplit_once('/').map_or(path, |(folder, _)| folder)));
    folders.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_requirements_file_names_others() {
        let text = "-r base.txt\n--constraint=../c.txt # pins\n-cd.txt\n-r https://example.com/x.txt\n-e ./libs/core[fast] ; python_version > '3'\n./libs/b\n-e git+https://x\nrequests==2\n# -r no.txt\n-e .\n";
        assert_eq!(
            of_requirements("req/prod.txt", text),
            ["req/base.txt", "c.txt", "req/d.txt", "libs/core", "libs/b"]
        );
        assert_eq!(of_requirements("prod.txt", "-r ../out.txt\n"), [""; 0]);
    }

    #[test]
    fn a_lockfile_names_members_and_folders() {
        let uv = "[[package]]\nname = 'a'\nsource = { virtual = '.' }\n[[package]]\nname = 'b'\nsource = { editable = 'packages/b' }\n[[package]]\nname = 'c'\nsource = { registry = 'https://pypi.org/simple' }\n";
        assert_eq!(of_lockfile("back", uv), ["back/packages/b"]);
        let poetry = "[[package]]\nname = 'a'\n[package.source]\ntype = 'directory'\nurl = '../shared'\n[[package]]\nname = 'b'\n[package.source]\ntype = 'git'\nurl = 'https://x'\n";
        assert_eq!(of_lockfile("back", poetry), ["shared"]);
    }

    #[test]
    fn what_is_listed_lies_beside_the_project_as_in_the_repository() {
        for (from, path, written) in [
            (".", "a/b", "./a/b"),
            ("back", "back/lib", "./lib"),
            ("back", "shared", "../shared"),
            ("a/b", "a/c", "../c"),
        ] {
            assert_eq!(beside(from, path), written, "{from} {path}");
        }
    }

    #[test]
    fn patches_lie_where_they_are_named() {
        let manifest = serde_json::json!({"pnpm": {"patchedDependencies": {"a@1": "patches/a@1.patch"}}});
        let workspace = "packages: [a]\npatchedDependencies:\n  'b@1': 'more/patches/b.patch'\nother:\n  x: y/z\n";
        assert_eq!(of_patches(&manifest, workspace), ["patches", "more/patches"]);
        assert_eq!(of_patches(&Value::Null, ""), [""; 0]);
    }
}
