//! Python: packages are installed into a virtual environment in the build stage, which the final stage copies.

mod installer;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::probe::{Probe, Request, words};
use super::setup::{Runner, Step};
use super::statement::File;
use super::{Copies, CopiesFor, Fault, Language, manifests, mismatch, version};
use crate::code::Code;
use crate::diagnostic::Findings;
use crate::facts::{Facts, join};
use crate::source::SpecPath;
use crate::spec::{Scalar, Switch};
use installer::{Installer, Poetry, Uv};

const RULE: &str = "a version of Python is written 3.12 or 3.12.4";

/// A Python application. It runs in /app, its packages lie in /venv.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
pub struct Python {
    /// Version of Python, such as `3.12`. Needed unless `from` brings it.
    #[schemars(extend("pattern" = "^[0-9]+\\.[0-9]+(\\.[0-9]+)?$", "patternErrorMessage" = "a version of Python is written 3.12 or 3.12.4", "errorMessage" = "a version of Python is written 3.12 or 3.12.4"))]
    pub version: Option<Scalar>,
    /// Variant of the official image: `slim` (the default), `alpine`, or either with its system's name, such as `slim-bookworm`.
    #[schemars(extend("pattern" = "^(slim(-[a-z]+)?|alpine([0-9.]+)?|bullseye|bookworm|trixie)$", "patternErrorMessage" = "the base of a Python image is slim, alpine, or slim with Debian's name, such as slim-bookworm", "examples" = ["slim"]))]
    pub base: Option<String>,
    /// The requirements file, relative to the build's `context`, such as `requirements.txt`. Installed by pip.
    pub requirements: Option<String>,
    /// Installs what poetry.lock states; `true`, or more of it, such as `poetry: {groups: [main]}`.
    pub poetry: Option<Switch<Poetry>>,
    /// Installs what uv.lock states; `true`, or more of it, such as `uv: {groups: [prod]}`.
    pub uv: Option<Switch<Uv>>,
    /// Files and folders that the install reads besides these, relative to the build's `context`, such as `[base.txt]`: what the requirements file names, the
    /// other members of a workspace.
    #[serde(default)]
    pub manifests: Vec<String>,
}

impl Python {
    fn installers(&self) -> Vec<Installer> {
        let pip = self.requirements.clone().map(Installer::Pip);
        let poetry = self.poetry.as_ref().and_then(Switch::on).map(Installer::Poetry);
        let uv = self.uv.as_ref().and_then(Switch::on).map(Installer::Uv);
        [pip, poetry, uv].into_iter().flatten().collect()
    }

    fn installer(&self) -> Option<Installer> {
        self.installers().into_iter().next()
    }

    fn written(&self) -> Option<&str> {
        self.version.as_ref().map(|version| version.0.as_str())
    }

    /// Where pyproject.toml lies, if there is one.
    fn manifest(&self) -> String {
        join(self.installer().as_ref().map_or(".", Installer::folder), "pyproject.toml")
    }

    /// What the requirements file or the lockfile names is copied as well.
    fn check_manifests(&self, path: &SpecPath, context: &str, facts: &Facts, findings: &mut Findings<'_>) {
        let Some(installer) = self.installer() else { return };
        let copied = installer.manifests();
        let text = |file: &String| Some((file.clone(), facts.text_in(context, file)?));
        let read: Vec<String> = match &installer {
            Installer::Pip(_) => {
                let files = copied.iter().cloned().chain(self.manifests.iter().map(|file| join(file, "")));
                let files = files.filter_map(|file| text(&file));
                files.flat_map(|(file, text)| manifests::of_requirements(&file, text)).collect()
            }
            Installer::Poetry(_) | Installer::Uv(_) => {
                let lock = copied.last().and_then(text);
                lock.map(|(_, text)| manifests::of_lockfile(installer.folder(), text)).unwrap_or_default()
            }
        };
        let listed = manifests::Listed { path, tool: installer.name(), manifests: &self.manifests, copied };
        listed.report_others(read, findings);
    }

    /// Where the project lies in the image: its sources are next to its manifest.
    fn project(&self, installer: &Installer, copies: &Copies) -> String {
        let folder = join(installer.folder(), "");
        let copied = copies.pairs.iter().find(|(src, _)| *src == folder);
        copied.map_or_else(|| folder.clone(), |(_, dst)| join(dst, ""))
    }
}

impl Language for Python {
    fn view(&self, folder: &str, _: &Copies) -> Value {
        let Some(installer) = self.installer() else { return json!({"installer": null}) };
        let manifests: Vec<String> = installer.manifests().iter().map(|file| join(folder, file)).collect();
        json!({
            "installer": installer.name(),
            "requirements": manifests[0],
            "manifests": manifests,
            "tool": installer.tool().unwrap_or_default(),
            "command": installer.command(),
            "project": installer.installs_project(),
            "read": match &installer {
                // pip runs in /app, where the file lies as it does in the repository.
                Installer::Pip(_) => self.manifests.iter().map(|path| join(folder, path)).map(|path| [path.clone(), format!("./{path}")]).collect(),
                Installer::Poetry(_) | Installer::Uv(_) => manifests::pairs(&self.manifests, folder, installer.folder()),
            },
        })
    }

    fn place(&self, copies: &Copies) -> String {
        let installer = self.installer().filter(Installer::installs_project);
        installer.map_or_else(|| ".".to_owned(), |installer| self.project(&installer, copies))
    }

    fn image(&self) -> Option<String> {
        Some(format!("python:{}-{}", self.written()?, self.base.as_deref().unwrap_or("slim")))
    }

    fn has_build_stage(&self) -> bool {
        self.installer().is_some()
    }

    fn copies(&self) -> CopiesFor {
        let project = self.installer().is_some_and(|installer| installer.installs_project());
        if project { CopiesFor::Both } else { CopiesFor::Image }
    }

    fn sources(&self, _: &Copies) -> Vec<String> {
        let installs = |installer: Installer| {
            installer.manifests().into_iter().chain(self.manifests.iter().map(|path| join(path, "")))
        };
        self.installer().into_iter().flat_map(installs).collect()
    }

    fn paths(&self, path: &SpecPath) -> Vec<(&str, SpecPath)> {
        let requirements = self.requirements.iter().map(|file| (file.as_str(), path.key("requirements")));
        let poetry = match &self.poetry {
            Some(Switch::Long(Poetry { path: Some(folder), .. })) => {
                Some((folder.as_str(), path.key("poetry").key("path")))
            }
            _ => None,
        };
        let uv = match &self.uv {
            Some(Switch::Long(Uv { path: Some(folder), .. })) => Some((folder.as_str(), path.key("uv").key("path"))),
            _ => None,
        };
        let read = self.manifests.iter().enumerate();
        let read = read.map(|(index, file)| (file.as_str(), path.key("manifests").index(index)));
        requirements.chain(poetry).chain(uv).chain(read).collect()
    }

    fn faults(&self, from: bool) -> Vec<Fault> {
        let mut faults: Vec<Fault> = Fault::of_version(self.written(), from, 2..=3, RULE).into_iter().collect();
        faults.extend(Fault::too_old(self.written(), 3, "Python", "3.13"));
        let installers = self.installers();
        if let [_, second, ..] = installers.as_slice() {
            let key = if second.name() == "uv" { "uv" } else { "poetry" };
            let message = format!("packages are installed once, and {} is another way", second.name());
            let help = "keep one of `requirements`, `poetry` and `uv`";
            faults.push(Fault::new(Code::InvalidValue, key, message, help));
        }
        if installers.is_empty() && !self.manifests.is_empty() {
            let help = "name what installs as well, such as `requirements: requirements.txt`";
            faults.push(Fault::new(
                Code::InvalidValue,
                "manifests",
                "nothing is installed that could read these",
                help,
            ));
        }
        faults.extend(installers.iter().filter_map(Installer::fault));
        faults.extend(Fault::of_base(self.base.as_ref(), from));
        faults
    }

    fn holds_code(&self) -> &'static [&'static str] {
        if self.installer().is_some() { &["/app", "/venv"] } else { &["/app"] }
    }

    fn takes_inputs(&self) -> bool {
        self.installer().is_some()
    }

    fn version(&self) -> Option<&str> {
        self.written()
    }

    fn example_version(&self) -> Option<&'static str> {
        Some("3.13")
    }

    fn probe() -> Option<&'static Probe> {
        Some(&Probe { comes_first: true, http, tcp })
    }

    fn setup(&self, runner: &Runner<'_>) -> Vec<Step> {
        let python = Step::uses("Set up Python", "actions/setup-python").version("python-version", runner);
        let Some(installer) = self.installer() else { return vec![python] };
        let lockfile = installer.manifests().pop().unwrap_or_default();
        let lockfile = runner.file(&lockfile);
        if let Installer::Uv(_) = installer {
            let uv = Step::uses("Set up uv", "astral-sh/setup-uv").version("python-version", runner);
            let uv = uv.with("version", installer.version().unwrap_or_default());
            return vec![match runner.caches {
                true => uv.with("cache-dependency-glob", lockfile),
                false => uv.with("enable-cache", false),
            }];
        }
        let python = match runner.caches {
            true => python.with("cache", installer.name()).with("cache-dependency-path", lockfile),
            false => python,
        };
        // Its cache is found only if it is there first.
        let tool = installer.tool().map(|tool| Step::runs("Install Poetry", format!("pipx install {tool}")));
        tool.into_iter().chain([python]).collect()
    }

    fn wants(&self) -> Vec<String> {
        let own = [".python-version".to_owned(), self.manifest()];
        let read = self.manifests.iter().map(|path| join(path, ""));
        own.into_iter()
            .chain(self.installer().into_iter().flat_map(|installer| installer.manifests()))
            .chain(read)
            .collect()
    }

    fn lockfiles(&self) -> Vec<(String, &'static str)> {
        match self.installer() {
            Some(Installer::Poetry(poetry)) => {
                vec![(join(poetry.path.as_deref().unwrap_or("."), "poetry.lock"), "poetry lock")]
            }
            Some(Installer::Uv(uv)) => vec![(join(uv.path.as_deref().unwrap_or("."), "uv.lock"), "uv lock")],
            _ => Vec::new(),
        }
    }

    fn check(&self, path: &SpecPath, context: &str, facts: &Facts, findings: &mut Findings<'_>) {
        self.check_manifests(path, context, facts, findings);
        let Some(written) = self.written() else { return };
        if let Some(file) = File::read(facts, context, ".python-version") {
            let pinned = version::stated(file.text);
            let pinned = pinned.strip_prefix("cpython-").unwrap_or(pinned);
            if !version::agree(written, pinned) {
                findings.report(mismatch(path, "Python", written, &file.says(pinned, pinned)));
            }
        }
        let Some(project) = File::read(facts, context, &self.manifest()) else { return };
        let range = project.toml(&["project", "requires-python"]);
        let range = range.or_else(|| project.toml(&["tool", "poetry", "dependencies", "python"]));
        if let Some(range) = range.filter(|range| !version::fits_python(written, &range.text)) {
            findings.report(mismatch(path, "Python", written, &range));
        }
    }
}

fn http(request: &Request<'_>) -> Option<Vec<String>> {
    let (url, seconds) = (request.url(), request.seconds);
    let context = if request.secure { ", context=__import__('ssl')._create_unverified_context()" } else { "" };
    let program = if request.is_plain() {
        format!("from urllib.request import urlopen; urlopen('{url}', timeout={seconds}{context})")
    } else {
        let headers: Vec<String> = request.headers.iter().map(|(name, value)| format!("'{name}': '{value}'")).collect();
        format!(
            "from urllib.request import Request, urlopen; urlopen(Request('{url}', method='{}', headers={{{}}}), timeout={seconds}{context})",
            request.method,
            headers.join(", ")
        )
    };
    Some(words(["python", "-c", &program]))
}

fn tcp(port: u16, seconds: u64) -> Option<Vec<String>> {
    let program = format!("import socket; socket.create_connection(('127.0.0.1', {port}), timeout={seconds}).close()");
    Some(words(["python", "-c", &program]))
}
