//! Python: packages are installed into a virtual environment in the build stage, which the final stage copies.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Copies, CopiesFor, Fault, Language, Probe, manifests, mismatch, version};
use crate::code::Code;
use crate::diagnostic::Findings;
use crate::facts::{Facts, join};
use crate::source::SpecPath;
use crate::spec::{Scalar, Switch};

/// The Poetry that installs where none is stated.
const POETRY: &str = "2.5.1";
/// The uv that installs where none is stated.
const UV: &str = "0.13.8";
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

/// How Poetry installs.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
pub struct Poetry {
    /// Folder of pyproject.toml and poetry.lock, relative to the build's `context`. Default: `.`.
    pub path: Option<String>,
    /// Version of Poetry, such as `2.5.1`. Default: one that this stackc was tried with.
    #[schemars(extend("pattern" = "^[0-9]+(\\.[0-9]+){2}$", "patternErrorMessage" = "a version of Poetry is written 2.5.1"))]
    pub version: Option<Scalar>,
    /// Groups that are installed besides the main one, such as `[postgres]`.
    #[serde(default)]
    #[schemars(schema_with = "crate::spec::group_names")]
    pub groups: Vec<String>,
    /// Whether the project itself is installed as a package as well. Default: false, it runs from its sources in /app.
    pub install_project: Option<bool>,
}

/// How uv installs.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
pub struct Uv {
    /// Folder of pyproject.toml and uv.lock, relative to the build's `context`. Default: `.`.
    pub path: Option<String>,
    /// Version of uv, such as `0.13.8`. Default: one that this stackc was tried with.
    #[schemars(extend("pattern" = "^[0-9]+(\\.[0-9]+){2}$", "patternErrorMessage" = "a version of uv is written 0.13.8"))]
    pub version: Option<Scalar>,
    /// Whether the build fails where uv.lock does not fit pyproject.toml. Default: true; false takes the lockfile as it is.
    pub locked: Option<bool>,
    /// Groups that are installed besides the project's dependencies, such as `[postgres]`.
    #[serde(default)]
    #[schemars(schema_with = "crate::spec::group_names")]
    pub groups: Vec<String>,
    /// Whether the project itself is installed as a package as well. Default: false, it runs from its sources in /app.
    pub install_project: Option<bool>,
}

/// What installs the packages.
enum Installer {
    Pip(String),
    Poetry(Poetry),
    Uv(Uv),
}

impl Python {
    /// The folder of the project and the version of Poetry, where that installs.
    pub fn poetry_project(&self) -> Option<(Option<String>, String)> {
        let poetry = self.poetry.as_ref().and_then(Switch::on)?;
        Some((poetry.path, poetry.version.map_or_else(|| POETRY.to_owned(), |version| version.0)))
    }

    /// The folder of the project and the version of uv, where that installs.
    pub fn uv_project(&self) -> Option<(Option<String>, String)> {
        let uv = self.uv.as_ref().and_then(Switch::on)?;
        Some((uv.path, uv.version.map_or_else(|| UV.to_owned(), |version| version.0)))
    }
}

impl Installer {
    /// Folder of the project, relative to the context.
    fn folder(&self) -> &str {
        match self {
            Installer::Pip(_) => ".",
            Installer::Poetry(poetry) => poetry.path.as_deref().unwrap_or("."),
            Installer::Uv(uv) => uv.path.as_deref().unwrap_or("."),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Installer::Pip(_) => "pip",
            Installer::Poetry(_) => "poetry",
            Installer::Uv(_) => "uv",
        }
    }

    /// What it reads, relative to the context.
    fn manifests(&self) -> Vec<String> {
        match self {
            Installer::Pip(file) => vec![join(file, "")],
            Installer::Poetry(_) => vec![join(self.folder(), "pyproject.toml"), join(self.folder(), "poetry.lock")],
            Installer::Uv(_) => vec![join(self.folder(), "pyproject.toml"), join(self.folder(), "uv.lock")],
        }
    }

    fn tool(&self) -> String {
        let of =
            |version: &Option<Scalar>, default: &str| version.as_ref().map_or(default, |version| &version.0).to_owned();
        match self {
            Installer::Pip(_) => String::new(),
            Installer::Poetry(poetry) => format!("poetry=={}", of(&poetry.version, POETRY)),
            Installer::Uv(uv) => format!("uv=={}", of(&uv.version, UV)),
        }
    }

    /// A fault where the version of the tool has not three parts. YAML may take what was written for a number, which the schema lets pass.
    fn fault(&self) -> Option<Fault> {
        let (key, version, example) = match self {
            Installer::Pip(_) => return None,
            Installer::Poetry(poetry) => ("poetry", poetry.version.as_ref()?, POETRY),
            Installer::Uv(uv) => ("uv", uv.version.as_ref()?, UV),
        };
        let message = format!("`{}` is no version of {key}", version.0);
        let help = format!("write all three parts, such as `version: {example}`");
        (version.0.split('.').count() != 3).then(|| Fault::new(Code::InvalidValue, key, message, help))
    }

    fn installs_project(&self) -> bool {
        match self {
            Installer::Pip(_) => false,
            Installer::Poetry(poetry) => poetry.install_project == Some(true),
            Installer::Uv(uv) => uv.install_project == Some(true),
        }
    }

    /// The words that install the packages, without the project.
    fn command(&self) -> Vec<String> {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<String>>();
        match self {
            Installer::Pip(_) => Vec::new(),
            Installer::Poetry(poetry) => {
                let only: Vec<&str> = std::iter::once("main").chain(poetry.groups.iter().map(String::as_str)).collect();
                words(&["poetry", "install", "--only", &only.join(",")])
            }
            Installer::Uv(uv) => {
                let lock = if uv.locked == Some(false) { "--frozen" } else { "--locked" };
                let groups = uv.groups.iter().flat_map(|group| ["--group".to_owned(), group.clone()]);
                words(&["uv", "sync", lock, "--no-dev"]).into_iter().chain(groups).collect()
            }
        }
    }
}

impl Python {
    /// The package, with its version, of what installs the others, if that does not come with Python.
    pub fn tool(&self) -> Option<String> {
        self.installer().map(|installer| installer.tool()).filter(|tool| !tool.is_empty())
    }

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
            "tool": installer.tool(),
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

    fn probe(&self) -> Option<Probe> {
        Some(Probe::Python)
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
        if let Some(pinned) = facts.text_in(context, ".python-version") {
            let pinned = version::stated(pinned);
            let pinned = pinned.strip_prefix("cpython-").unwrap_or(pinned);
            if !version::agree(written, pinned) {
                findings.report(mismatch(path, "Python", written, ".python-version", pinned));
            }
        }
        let manifest = self.manifest();
        let text = facts.text_in(context, &manifest).unwrap_or_default();
        let Ok(project) = text.parse::<toml_edit::DocumentMut>() else { return };
        let stated = |section: &[&str], key: &str| {
            let table = section.iter().try_fold(project.as_item(), |item, key| item.get(key))?;
            Some(table.get(key)?.as_str()?.to_owned())
        };
        let range =
            stated(&["project"], "requires-python").or_else(|| stated(&["tool", "poetry", "dependencies"], "python"));
        if let Some(range) = range.filter(|range| !version::fits_python(written, range)) {
            findings.report(mismatch(path, "Python", written, &manifest, &range));
        }
    }
}
