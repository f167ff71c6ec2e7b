//! The languages that stackc can build: what a user writes of each, what its Dockerfile template is given, which files of the
//! repository it reads, how tests get it, and which program of the final image can ask a server.

mod manifests;
mod probe;
mod setup;
mod statement;
mod system;
mod version;

use serde_json::Value;

pub use probe::{CURL, Probe, Request, WGET, probe_of};
pub use setup::{Cache, Does, Input, Runner, Step};
pub use system::{Init, System, init_of, is_official, split};

use crate::code::Code;
use crate::diagnostic::{Finding, Findings};
use crate::facts::Facts;
use crate::languages::each_language;
use crate::source::{Place, SpecPath};
use statement::Statement;

macro_rules! recipes {
    ($($(#[$text:meta])+ $key:literal: $file:ident::$Language:ident,)+) => {
        $(mod $file;)+
        $(pub use $file::$Language;)+

        /// A language with what the user wrote of it.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Recipe {
            $(#[doc = concat!("`build.", $key, "`")] $Language($Language),)+
        }

        impl Recipe {
            /// Its key in `build`, which is the name of its template below `templates/dockerfile/` as well.
            pub fn key(&self) -> &'static str {
                match self {
                    $(Recipe::$Language(_) => $key,)+
                }
            }

            /// The language's own part.
            pub fn language(&self) -> &dyn Language {
                match self {
                    $(Recipe::$Language(written) => written,)+
                }
            }

            /// The program that comes with the language and can ask a server in the final image.
            pub fn probe(&self) -> Option<&'static Probe> {
                match self {
                    $(Recipe::$Language(_) => $Language::probe(),)+
                }
            }
        }

        /// The program in the official image of the language `key`.
        fn probe_of_language(key: &str) -> Option<&'static Probe> {
            match key {
                $($key => $Language::probe(),)+
                _ => None,
            }
        }
    };
}

each_language!(recipes);

/// What each language has to say; one implementation a file.
pub trait Language {
    /// What the template sees as `language`. Paths of the repository are relative to the language's own context, which lies in `folder` of the
    /// build's.
    fn view(&self, folder: &str, copies: &Copies) -> Value;
    /// The folder below /app in which it builds; `.` is /app itself.
    fn place(&self, _: &Copies) -> String {
        ".".to_owned()
    }
    /// The version, if it is stated here and not by an image that is stood on.
    fn version(&self) -> Option<&str>;
    /// A version to name as an example where an image that is stood on brings one that nobody knows; none where the version is always stated.
    fn example_version(&self) -> Option<&'static str> {
        None
    }
    /// The image that has the language's tools; none where that is `from`, or nothing is built.
    fn image(&self) -> Option<String>;
    /// The image that the program runs in; none where it is the one with the tools.
    fn runs_in(&self) -> Option<String> {
        None
    }
    /// Whether there is a stage that builds, before the final one.
    fn has_build_stage(&self) -> bool;
    /// What the user's `copy` is for.
    fn copies(&self) -> CopiesFor {
        CopiesFor::Image
    }
    /// Files and folders of the build context that the Dockerfile copies, beside the user's `copy`; `.` is all but what never enters an image.
    fn sources(&self, copies: &Copies) -> Vec<String>;
    /// Of those, the ones that may be missing.
    fn optional_sources(&self) -> Vec<String> {
        Vec::new()
    }
    /// Patterns of files that never enter an image, although a folder that is copied holds them.
    fn never_copied(&self) -> &'static [&'static str] {
        &[]
    }
    /// The paths that the user wrote, relative to the build context, each with its place below `path`.
    fn paths(&self, path: &SpecPath) -> Vec<(&str, SpecPath)>;
    /// Values that cannot be, each with its key and the rule, which can be typed in.
    fn faults(&self, from: bool) -> Vec<Fault>;
    /// Where the build leaves a static site, relative to /app; none for a language whose program runs.
    fn output(&self) -> Option<&str> {
        None
    }
    /// What the image runs where nobody says it.
    fn command(&self) -> Option<Vec<String>> {
        None
    }
    /// The folder of the context in which its tests run; none is the context itself.
    fn tested_in(&self) -> Option<&str> {
        None
    }
    /// Whether a command of its own in the build can use arguments and secrets.
    fn takes_inputs(&self) -> bool;
    /// Variables of the build that are the language's own, each with why no other value can be.
    fn own_variables(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }
    /// Folders of the image that hold the program and its packages.
    fn holds_code(&self) -> &'static [&'static str] {
        &["/app"]
    }
    /// The program that comes with the language and can ask a server in the final image.
    fn probe() -> Option<&'static Probe>
    where
        Self: Sized,
    {
        None
    }
    /// How the machine that runs tests gets the language.
    fn setup(&self, runner: &Runner<'_>) -> Vec<Step>;
    /// The files that [`Language::check`] wants to read, relative to the build context.
    fn wants(&self) -> Vec<String>;
    /// How a lockfile is made, by its name.
    fn lockfiles(&self) -> Vec<(String, &'static str)> {
        Vec::new()
    }
    /// Compares what was written with what the repository holds. `path` is the language's own, `context` the build's folder.
    fn check(&self, path: &SpecPath, context: &str, facts: &Facts, findings: &mut Findings<'_>);
}

/// What the user's `copy` says of the build context, as far as languages want to know.
#[derive(Debug, Clone, Default)]
pub struct Copies {
    /// Source and destination of each thing that goes below /app.
    pub pairs: Vec<(String, String)>,
}

impl Copies {
    /// Whether the whole context is among them.
    pub fn whole(&self) -> bool {
        self.pairs.iter().any(|(src, _)| src == ".")
    }
}

/// Which stage the user's `copy` is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopiesFor {
    /// The image alone: sources that run as they are, or what a program reads.
    Image,
    /// The build stage, whose result is the image.
    Build,
    /// Both.
    Both,
}

/// Never part of an image, wherever it lies: what tools leave behind, and values.
pub const NEVER_COPIED: &[&str] = &[
    "**/.env",
    "**/.env.local",
    "**/.env.*.local",
    "**/.git",
    "**/.venv",
    "**/__pycache__",
    "**/*.pyc",
    "**/node_modules",
    "**/.DS_Store",
];

/// A value that cannot be.
#[derive(Debug, Clone)]
pub struct Fault {
    /// Its code.
    pub code: Code,
    /// Its key below the language.
    pub key: &'static str,
    /// One clause in the user's words.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl Fault {
    fn new(code: Code, key: &'static str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Fault { code, key, message: message.into(), help: help.into() }
    }

    /// A variant of the official image where `from` names another.
    fn of_base(base: Option<&String>, from: bool) -> Option<Self> {
        let help = "remove `base`, or `from`";
        (from && base.is_some())
            .then(|| Fault::new(Code::InvalidValue, "base", "the base is the image in `from`", help))
    }

    /// A language of that version which nothing here builds any more; `first` is the one from which on it does.
    fn too_old(version: Option<&str>, first: u32, title: &str, newest: &str) -> Option<Self> {
        let version = version?;
        let old = version.split('.').next()?.parse::<u32>().is_ok_and(|major| major < first);
        let message =
            format!("version {version} of {title} is too old: what installs packages here needs {first} or newer");
        let help = format!("write `version: {newest}`, or the one from {first} on that your program runs on");
        old.then(|| Fault::new(Code::InvalidValue, "version", message, help))
    }

    /// A version that is none, or that is said where `from` has it.
    fn of_version(
        version: Option<&str>,
        from: bool,
        parts: std::ops::RangeInclusive<usize>,
        rule: &str,
    ) -> Option<Self> {
        match (version, from) {
            (Some(version), false) => {
                let written: Vec<&str> = version.split('.').collect();
                let number = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
                let fits = parts.contains(&written.len()) && written.iter().all(number);
                (!fits).then(|| {
                    Fault::new(Code::InvalidValue, "version", format!("`{version}` does not fit `version`"), rule)
                })
            }
            (None, true) => None,
            (Some(_), true) => Some(Fault::new(
                Code::InvalidValue,
                "version",
                "the version is that of the image in `from`",
                "remove `version`, or `from`",
            )),
            (None, false) => Some(Fault::new(
                Code::MissingKey,
                "version",
                "the version is missing",
                format!("add `version: {}`, or `from` in the build", rule.split(' ').rev().nth(2).unwrap_or_default()),
            )),
        }
    }
}

/// A lockfile that is not there, and how it is made.
pub fn missing_lockfile(file: &str, made_by: &str, place: Place) -> Finding {
    let message = format!("`{file}` is not in the repository");
    let finding = Finding::new(Code::MissingLockfile, place, message, "the build would fail");
    finding.help(format!("run `{made_by}` and commit the lockfile"))
}

/// A disagreement between the image's version and what a file says.
fn mismatch(path: &SpecPath, tool: &str, version: &str, said: &Statement) -> Finding {
    let Statement { name, place, text } = said;
    let message = format!("the image has {tool} {version}, but {place} says {text}");
    let finding =
        Finding::new(Code::VersionMismatch, Place::Value(path.key("version")), message, format!("differs from {name}"));
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let here = if plain { format!("write `version: {text}`") } else { "choose a `version` that fits".to_owned() };
    finding.help(format!("{here} here, or change {name}"))
}

/// Where `path` of the context goes in an image, from the folder `place` below /app.
pub fn below(place: &str, path: &str) -> String {
    match (place, path) {
        (".", ".") => ".".to_owned(),
        (".", path) => format!("./{path}"),
        (place, path) if place == path => "./".to_owned(),
        (_, ".") => "/app".to_owned(),
        (_, path) => format!("/app/{path}"),
    }
}
