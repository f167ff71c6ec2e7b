//! What installs Python's packages: pip, Poetry or uv, what each reads, and the words that make it install.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::code::Code;
use crate::facts::join;
use crate::recipe::Fault;
use crate::spec::Scalar;

/// The Poetry that installs where none is stated.
const POETRY: &str = "2.5.1";
/// The uv that installs where none is stated.
const UV: &str = "0.13.8";

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
pub(super) enum Installer {
    Pip(String),
    Poetry(Poetry),
    Uv(Uv),
}

impl Installer {
    /// Folder of the project, relative to the context.
    pub fn folder(&self) -> &str {
        match self {
            Installer::Pip(_) => ".",
            Installer::Poetry(poetry) => poetry.path.as_deref().unwrap_or("."),
            Installer::Uv(uv) => uv.path.as_deref().unwrap_or("."),
        }
    }

    /// Its name, which is that of its cache as well.
    pub fn name(&self) -> &'static str {
        match self {
            Installer::Pip(_) => "pip",
            Installer::Poetry(_) => "poetry",
            Installer::Uv(_) => "uv",
        }
    }

    /// What it reads, relative to the context.
    pub fn manifests(&self) -> Vec<String> {
        match self {
            Installer::Pip(file) => vec![join(file, "")],
            Installer::Poetry(_) => vec![join(self.folder(), "pyproject.toml"), join(self.folder(), "poetry.lock")],
            Installer::Uv(_) => vec![join(self.folder(), "pyproject.toml"), join(self.folder(), "uv.lock")],
        }
    }

    /// The version of itself; pip's is that which comes with Python.
    pub fn version(&self) -> Option<&str> {
        let (written, default) = match self {
            Installer::Pip(_) => return None,
            Installer::Poetry(poetry) => (&poetry.version, POETRY),
            Installer::Uv(uv) => (&uv.version, UV),
        };
        Some(written.as_ref().map_or(default, |version| &version.0))
    }

    /// Its package, with its version, if it does not come with Python.
    pub fn tool(&self) -> Option<String> {
        self.version().map(|version| format!("{}=={version}", self.name()))
    }

    /// A fault where the version of the tool has not three parts. YAML may take what was written for a number, which the schema lets pass.
    pub fn fault(&self) -> Option<Fault> {
        let (key, version, example) = match self {
            Installer::Pip(_) => return None,
            Installer::Poetry(poetry) => ("poetry", poetry.version.as_ref()?, POETRY),
            Installer::Uv(uv) => ("uv", uv.version.as_ref()?, UV),
        };
        let message = format!("`{}` is no version of {key}", version.0);
        let help = format!("write all three parts, such as `version: {example}`");
        (version.0.split('.').count() != 3).then(|| Fault::new(Code::InvalidValue, key, message, help))
    }

    /// Whether the project is a package as well.
    pub fn installs_project(&self) -> bool {
        match self {
            Installer::Pip(_) => false,
            Installer::Poetry(poetry) => poetry.install_project == Some(true),
            Installer::Uv(uv) => uv.install_project == Some(true),
        }
    }

    /// The words that install the packages, without the project.
    pub fn command(&self) -> Vec<String> {
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
