//! What is known of an image by its name: its package manager, whether anything runs in it as root, which small init it has.

/// The kind of system that an image holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum System {
    /// Alpine, with apk.
    Alpine,
    /// Debian or Ubuntu, with apt.
    Debian,
    /// Nothing but a program: no shell.
    Bare,
    /// Nobody knows.
    Unknown,
}

/// Docker's own images that stand on Debian or Ubuntu unless their tag says otherwise.
const ON_DEBIAN: &[&str] = &[
    "debian",
    "ubuntu",
    "python",
    "node",
    "golang",
    "rust",
    "ruby",
    "php",
    "perl",
    "nginx",
    "httpd",
    "postgres",
    "redis",
    "eclipse-temurin",
    "buildpack-deps",
];

/// What the tag of an image on Debian or Ubuntu has in it.
const TAGS_ON_DEBIAN: &[&str] =
    &["slim", "bullseye", "bookworm", "trixie", "focal", "jammy", "noble", "debian", "ubuntu"];

impl System {
    /// The system of the image of that name.
    pub fn of(image: &str) -> Self {
        let (repository, tag) = split(image);
        let last = repository.rsplit('/').next().unwrap_or(repository);
        match () {
            () if last == "scratch" || repository.contains("distroless") => System::Bare,
            () if tag.contains("alpine") || matches!(last, "alpine" | "caddy") => System::Alpine,
            () if ON_DEBIAN.contains(&last) || TAGS_ON_DEBIAN.iter().any(|name| tag.contains(name)) => System::Debian,
            () => System::Unknown,
        }
    }

    /// What a person calls it.
    pub fn title(self) -> &'static str {
        match self {
            System::Alpine => "Alpine",
            System::Debian => "Debian",
            System::Bare => "nothing but a program",
            System::Unknown => "a system that stackc does not know",
        }
    }

    /// Its key under `packages`.
    pub fn key(self) -> Option<&'static str> {
        match self {
            System::Alpine => Some("alpine"),
            System::Debian => Some("debian"),
            System::Bare | System::Unknown => None,
        }
    }
}

/// Whether the image of that name is one of Docker's own: those begin as root and have no user 10001.
pub fn is_official(image: &str) -> bool {
    let (repository, _) = split(image);
    !repository.contains('/') && matches!(System::of(image), System::Alpine | System::Debian)
}

/// A small init: the first process of a container, which hands signals on to the one that it starts and reaps what others leave behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Init {
    /// `tini`
    Tini,
    /// `dumb-init`
    DumbInit,
}

impl Init {
    /// All of them.
    pub const ALL: [Init; 2] = [Init::Tini, Init::DumbInit];

    /// Its program, and the package that brings it, in the search path of Debian and of Alpine.
    pub fn program(self) -> &'static str {
        match self {
            Init::Tini => "tini",
            Init::DumbInit => "dumb-init",
        }
    }

    /// The words before the command that it starts. A signal goes to that one alone; tini reaps below an init of the platform's as well.
    pub fn words(self) -> [&'static str; 3] {
        match self {
            Init::Tini => [self.program(), "-s", "--"],
            Init::DumbInit => [self.program(), "-c", "--"],
        }
    }
}

/// The init that the image of that name starts with itself, as far as it is known.
pub fn init_of(image: &str) -> Option<Init> {
    let (repository, _) = split(image);
    match repository.strip_prefix("quay.io/").unwrap_or(repository) {
        "jenkins/jenkins" => Some(Init::Tini),
        name if name.starts_with("jupyter/") => Some(Init::Tini),
        "apache/airflow" => Some(Init::DumbInit),
        _ => None,
    }
}

/// The name of an image without its tag and digest, and its tag.
pub fn split(image: &str) -> (&str, &str) {
    let name = image.split('@').next().unwrap_or(image);
    match name.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository, tag),
        _ => (name, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_is_known_by_its_image() {
        for (image, system) in [
            ("python:3.12-slim", System::Debian),
            ("python:3.12-alpine3.22", System::Alpine),
            ("localhost:5000/acme/base", System::Unknown),
            ("example.com/acme/base:1-bookworm", System::Debian),
            ("alpine:3.22@sha256:00", System::Alpine),
            ("example.com/distroless/static-debian13:nonroot", System::Bare),
            ("scratch", System::Bare),
        ] {
            assert_eq!(System::of(image), system, "{image}");
        }
        for (image, init) in [
            ("quay.io/jupyter/minimal-notebook:2026-01-05", Some(Init::Tini)),
            ("apache/airflow:3.1.0", Some(Init::DumbInit)),
            ("python:3.13-slim", None),
            ("acme/jupyter:1", None),
        ] {
            assert_eq!(init_of(image), init, "{image}");
        }
        assert!(is_official("debian:trixie-slim") && !is_official("acme/base:alpine"));
    }
}
