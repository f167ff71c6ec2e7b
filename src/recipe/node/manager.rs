//! The package managers of Node: how each is had, and how it installs, runs a script and drops what only the build needed.

use super::Node;

/// Node images from this major version on come without corepack and yarn.
const FIRST_WITHOUT_COREPACK: u32 = 25;
/// Where yarn keeps what it downloads, old and new.
const YARN_CACHE: &str = "/usr/local/share/.cache/yarn";

/// Which one it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Comes with Node.
    Npm,
    /// Keeps one store for all packages.
    Pnpm,
    /// Yarn 1.
    Classic,
    /// Yarn from 2 on.
    Berry,
    /// A yarn whose version package.json states.
    Yarn,
}

impl Node {
    /// The package manager.
    pub fn kind(&self) -> Kind {
        match self.package_manager.split('@').next() {
            Some("pnpm") => Kind::Pnpm,
            Some("yarn") => match self.manager_version() {
                Some(version) if version.starts_with("1.") => Kind::Classic,
                Some(_) => Kind::Berry,
                None => Kind::Yarn,
            },
            _ => Kind::Npm,
        }
    }

    /// Its name.
    pub fn manager(&self) -> &'static str {
        match self.kind() {
            Kind::Npm => "npm",
            Kind::Pnpm => "pnpm",
            Kind::Classic | Kind::Berry | Kind::Yarn => "yarn",
        }
    }

    /// Its version, if stack.yaml states it.
    pub fn manager_version(&self) -> Option<&str> {
        self.package_manager.split_once('@').map(|(_, version)| version)
    }

    /// Whether the image has corepack.
    pub fn has_corepack(&self) -> bool {
        self.major().is_none_or(|major| major < FIRST_WITHOUT_COREPACK)
    }

    /// The first number of Node's version.
    pub fn major(&self) -> Option<u32> {
        self.written()?.split('.').next()?.parse().ok()
    }

    /// The package that brings the manager, where it is installed by npm.
    pub fn manager_package(&self) -> Option<Vec<String>> {
        let version = self.manager_version()?;
        let words = |words: &[&str]| Some(words.iter().map(|word| (*word).to_owned()).collect());
        let install = ["npm", "install", "--global"];
        // The image has a yarn of its own, which it replaces.
        match (self.kind(), self.has_corepack()) {
            (Kind::Npm | Kind::Yarn, _) => None,
            (Kind::Pnpm, _) => words(&[&install[..], &[&format!("pnpm@{version}")]].concat()),
            (Kind::Classic, true) => words(&[&install[..], &["--force", &format!("yarn@{version}")]].concat()),
            (Kind::Classic, false) => words(&[&install[..], &[&format!("yarn@{version}")]].concat()),
            (Kind::Berry, true) => {
                words(&[&install[..], &["--force", &format!("@yarnpkg/cli-dist@{version}")]].concat())
            }
            (Kind::Berry, false) => words(&[&install[..], &[&format!("@yarnpkg/cli-dist@{version}")]].concat()),
        }
    }

    /// The folder that it keeps between builds, and its name where what it has compiled lies there too.
    pub fn cache(&self) -> (Option<&'static str>, &'static str) {
        match self.kind() {
            Kind::Npm => (None, "/root/.npm"),
            Kind::Pnpm => (Some("pnpm"), "/pnpm/store"),
            Kind::Classic | Kind::Berry | Kind::Yarn => (None, YARN_CACHE),
        }
    }

    /// Variables that its cache needs.
    pub fn settings(&self) -> Vec<(&'static str, &'static str)> {
        match self.kind() {
            Kind::Npm | Kind::Classic => Vec::new(),
            Kind::Pnpm => vec![("PNPM_HOME", "/pnpm")],
            // What is installed may refer to the packages' archives, which therefore lie in the project.
            // The release that `yarnPath` names stays in the repository; the one of that version is installed.
            Kind::Berry | Kind::Yarn => vec![
                ("YARN_GLOBAL_FOLDER", YARN_CACHE),
                ("YARN_ENABLE_GLOBAL_CACHE", "false"),
                ("YARN_IGNORE_PATH", "1"),
            ],
        }
    }

    /// Its lockfile, and how that is made.
    pub fn lockfile(&self) -> (&'static str, &'static str) {
        match self.kind() {
            Kind::Npm => ("package-lock.json", "npm install"),
            Kind::Pnpm => ("pnpm-lock.yaml", "pnpm install"),
            Kind::Classic | Kind::Berry | Kind::Yarn => ("yarn.lock", "yarn install"),
        }
    }

    /// Its settings' file, which a repository may have: its name, and a pattern that also matches nothing.
    pub fn settings_file(&self) -> (&'static str, &'static str) {
        match self.kind() {
            Kind::Npm | Kind::Pnpm => (".npmrc", ".npmr?"),
            Kind::Classic => (".yarnrc", ".yarnr?"),
            Kind::Berry | Kind::Yarn => (".yarnrc.yml", ".yarnrc.ym?"),
        }
    }

    /// The words that install what the lockfile says; `production` leaves out what only the build needs.
    pub fn install(&self, production: bool) -> Vec<String> {
        let package = self.package();
        let mut words: Vec<&str> = match self.kind() {
            Kind::Npm => vec!["npm", "ci"],
            Kind::Pnpm => vec!["pnpm", "install", "--frozen-lockfile"],
            Kind::Classic | Kind::Yarn => vec!["yarn", "install", "--frozen-lockfile"],
            Kind::Berry => vec!["yarn", "install", "--immutable"],
        };
        match self.kind() {
            Kind::Npm if production => words.push("--omit=dev"),
            Kind::Pnpm if production => words.push("--prod"),
            Kind::Classic if production => words.push("--production"),
            _ => {}
        }
        let filter = package.map(|package| format!("{package}..."));
        if let (Kind::Pnpm, Some(filter)) = (self.kind(), &filter) {
            words.extend(["--filter", filter]);
        }
        words.into_iter().map(str::to_owned).collect()
    }

    /// The words that install what only the build needs even where NODE_ENV says `production`, which yarn from 2 on does not ask.
    pub fn with_dev(&self) -> Vec<&'static str> {
        match self.kind() {
            Kind::Npm => vec!["--include=dev"],
            Kind::Pnpm => vec!["--prod=false"],
            Kind::Classic => vec!["--production=false"],
            Kind::Berry | Kind::Yarn => Vec::new(),
        }
    }

    /// The words that drop what only the build needed; none where yarn's version is not known.
    pub fn prune(&self) -> Option<Vec<String>> {
        let mut words: Vec<String> = match self.kind() {
            Kind::Npm => vec!["npm".into(), "prune".into(), "--omit=dev".into()],
            Kind::Pnpm => {
                let mut words = self.install(true);
                words.extend(["--offline".to_owned(), "--config.confirm-modules-purge=false".to_owned()]);
                words
            }
            Kind::Classic => [self.install(true), vec!["--ignore-scripts".into(), "--prefer-offline".into()]].concat(),
            Kind::Berry => ["yarn", "workspaces", "focus", "--production"].map(str::to_owned).to_vec(),
            Kind::Yarn => return None,
        };
        if self.kind() == Kind::Berry {
            words.push(self.package().map_or_else(|| "--all".to_owned(), str::to_owned));
        }
        Some(words)
    }

    /// The words that run a script of package.json.
    pub fn run_script(&self, script: &str) -> Vec<String> {
        let words: Vec<&str> = match (self.kind(), self.package()) {
            (Kind::Npm, Some(package)) => vec!["npm", "run", script, "--workspace", package],
            (Kind::Npm, None) => vec!["npm", "run", script],
            (Kind::Pnpm, Some(package)) => vec!["pnpm", "--filter", package, "run", script],
            (Kind::Pnpm, None) => vec!["pnpm", "run", script],
            (_, Some(package)) => vec!["yarn", "workspace", package, "run", script],
            (_, None) => vec!["yarn", "run", script],
        };
        words.into_iter().map(str::to_owned).collect()
    }
}
