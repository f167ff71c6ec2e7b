//! What the repository's continuous integration does, of the base: environments do not change it.

use indexmap::IndexMap;

use super::{Duration, Environment, Platform, Program, Text};
use crate::source::SpecPath;

pub use crate::spec::{Cache, Scanner, Tag, When};

/// What continuous integration is to do.
#[derive(Debug, Clone, Default)]
pub struct Ci {
    /// How services are tested.
    pub tests: Vec<Test>,
    /// The workflows of a repository at GitHub.
    pub github: Option<GitHub>,
}

/// The workflows of a repository at GitHub.
#[derive(Debug, Clone)]
pub struct GitHub {
    /// `ci.github`.
    pub path: SpecPath,
    /// The repository of the stackc that checks whether the outputs fit stack.yaml; none checks nothing.
    pub check: Option<String>,
    /// Whether the tests are run.
    pub test: bool,
    /// The branch that is published.
    pub branch: String,
    /// How images are published.
    pub images: Option<Publishing>,
    /// The deployments by environment, each of which exists.
    pub deploys: IndexMap<String, Deploy>,
    /// How versions are made.
    pub release: Option<Release>,
}

/// A line of shell, run by the workflow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShellLine {
    /// The line.
    pub text: String,
    /// Where it stands.
    pub path: SpecPath,
}

impl ShellLine {
    /// The lines as one script for bash, which `-e` ends at the first line that fails.
    pub fn script(lines: &[ShellLine]) -> String {
        let mut script = Vec::new();
        for (index, line) in lines.iter().enumerate() {
            script.push(line.text.trim_end());
            if index + 1 < lines.len() && line.fails_unseen() {
                script.push("(exit $?) # A list that fails does not end a script by itself.");
            }
        }
        script.join("\n")
    }

    /// Whether it may fail without ending the script: of `a && b`, `-e` looks at `b` alone, and at nothing of `! a`.
    fn fails_unseen(&self) -> bool {
        let opens = |word: &str| word.ends_with([';', '&', '|', '(', '{']) || ["do", "then", "else"].contains(&word);
        let negates = |line: &str| {
            let words: Vec<&str> = line.split_whitespace().collect();
            (0..words.len()).any(|at| words[at] == "!" && (at == 0 || opens(words[at - 1])))
        };
        self.text.contains("&&") || self.text.lines().any(negates)
    }
}

/// How a service is tested.
#[derive(Debug, Clone)]
pub struct Test {
    /// The service.
    pub service: String,
    /// `services.<name>.test`.
    pub path: SpecPath,
    /// The lines that test it.
    pub steps: Vec<ShellLine>,
    /// Services that run beside it.
    pub services: Vec<String>,
    /// Its variables, as seen from outside the services' network.
    pub env: IndexMap<String, Text>,
    /// Files of variables, relative to the root.
    pub env_file: Vec<String>,
    /// Folder in which it runs, relative to the root.
    pub working_dir: String,
    /// Versions of the language that are tested; none is the one that the build states.
    pub versions: Vec<String>,
    /// Patterns of the files whose change needs a test; none is every file.
    pub paths: Vec<String>,
    /// Time after which it has failed.
    pub timeout: Duration,
}

impl Test {
    /// The part of one of the `paths` before its first pattern: a file or a folder, empty where it begins with a pattern. All of it where there is none.
    pub fn fixed_part(path: &str) -> &str {
        match path.find(['*', '?', '[']) {
            Some(first) => path[..first].rfind('/').map_or("", |end| &path[..end]),
            None => path,
        }
    }
}

/// How images are published.
#[derive(Debug, Clone)]
pub struct Publishing {
    /// `ci.github.images`.
    pub path: SpecPath,
    /// The tags of a pushed image.
    pub tags: Vec<Tag>,
    /// What looks for vulnerabilities.
    pub scan: Option<Scanner>,
    /// The tag that moves at the end.
    pub promote: Option<String>,
    /// Where layers are kept.
    pub cache: Option<Cache>,
    /// Platforms to build for; none is the runner's.
    pub platforms: Vec<String>,
    /// What runs before a build.
    pub before: Vec<ShellLine>,
    /// The variables of `before`.
    pub env: IndexMap<String, Text>,
}

/// How an environment is deployed.
#[derive(Debug, Clone)]
pub struct Deploy {
    /// `ci.github.deploy.<environment>`.
    pub path: SpecPath,
    /// What starts it.
    pub when: When,
    /// The branch that it follows.
    pub branch: String,
    /// Whether only what changed is deployed.
    pub paths: bool,
    /// Whether it is looked whether what was deployed works.
    pub smoke: bool,
    /// Whether it goes back if a step fails.
    pub rollback: bool,
    /// The names of the secrets that let CI in.
    pub access: Access,
    /// What a person is asked, by variable.
    pub inputs: IndexMap<String, Input>,
    /// The variables of `before` and `after`.
    pub env: IndexMap<String, Text>,
    /// What runs before.
    pub before: Vec<ShellLine>,
    /// What runs after it went well.
    pub after: Vec<ShellLine>,
}

/// The names of the secrets at GitHub that let CI in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// The token of Fly.
    pub fly_token: String,
    /// The server's name.
    pub host: String,
    /// The port of SSH.
    pub port: String,
    /// Who signs in there.
    pub user: String,
    /// The private key.
    pub key: String,
    /// The server's own keys.
    pub known_hosts: String,
    /// Who pulls images; none is whoever the registry takes by itself.
    pub registry_username: Option<String>,
    /// The password that pulls images; none is the token that the registry takes by itself.
    pub registry_password: Option<String>,
}

/// A question to the person who starts a deployment.
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    /// `ci.github.deploy.<environment>.inputs.<name>`.
    pub path: SpecPath,
    /// What is asked.
    pub description: Option<String>,
    /// What may be answered.
    pub answer: Answer,
    /// Whether there must be an answer.
    pub required: bool,
    /// The word that confirms an answer, by the answer.
    pub confirm: IndexMap<String, String>,
}

/// What may be answered to an [`Input`], with the answer of a run without a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Any text.
    Text {
        /// The default; empty where none is given.
        default: String,
    },
    /// One of these.
    Choice {
        /// The options, in the order written.
        options: Vec<String>,
        /// The default: the first where none is given.
        default: String,
    },
    /// `true` or `false`.
    Boolean {
        /// The default.
        default: bool,
    },
}

/// How versions are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// `ci.github.release`.
    pub path: SpecPath,
}

impl Ci {
    /// All its values that may hold references.
    pub fn texts(&self) -> impl Iterator<Item = &Text> {
        let tests = self.tests.iter().flat_map(|test| test.env.values());
        let images = self.github.iter().flat_map(|github| &github.images).flat_map(|images| images.env.values());
        let deploys = self.github.iter().flat_map(|github| github.deploys.values());
        tests.chain(images).chain(deploys.flat_map(|deploy| deploy.env.values()))
    }

    /// All its lines of shell.
    pub fn lines(&self) -> impl Iterator<Item = &ShellLine> {
        let tests = self.tests.iter().flat_map(|test| &test.steps);
        let images = self.github.iter().flat_map(|github| &github.images).flat_map(|images| &images.before);
        let deploys = self.github.iter().flat_map(|github| github.deploys.values());
        tests.chain(images).chain(deploys.flat_map(Deploy::lines))
    }
}

/// As many questions as one workflow may ask.
pub const MOST_INPUTS: usize = 25;

/// The tag that images of a branch get; a tag holds no `/`.
pub fn branch_tag(branch: &str) -> String {
    branch.replace('/', "-")
}

impl Program {
    /// The environment for which images are published: the first that pulls them, else the first on Compose, else the first.
    pub fn published_from(&self) -> Option<&Environment> {
        let rank = |environment: &&Environment| match &environment.platform {
            Platform::Compose { pull: true, .. } => 0,
            Platform::Compose { .. } => 1,
            Platform::Fly { .. } => 2,
        };
        self.environments.iter().min_by_key(rank)
    }
}

impl GitHub {
    /// The deployments that start by themselves, all in one workflow.
    pub fn by_itself(&self) -> impl Iterator<Item = &Deploy> {
        self.deploys.values().filter(|deploy| deploy.when != When::Manual)
    }

    /// The input that leaves deployments out which start by themselves: one form asks for all of them.
    pub fn skip(&self) -> Option<&str> {
        self.by_itself().find_map(Deploy::skip)
    }
}

impl Deploy {
    /// The name of the input that leaves the deployment out.
    pub const SKIP: &'static str = "skip_deploy";

    /// The input that is the folder on the server.
    pub const PATH: &'static str = "DEPLOY_PATH";

    /// The input that leaves the deployment out, if there is one: its name as written.
    pub fn skip(&self) -> Option<&str> {
        let skip = self.inputs.iter().find(|(name, _)| name.eq_ignore_ascii_case(Self::SKIP));
        skip.filter(|(_, input)| matches!(input.answer, Answer::Boolean { .. })).map(|(name, _)| name.as_str())
    }

    /// The names of all questions, each behind the one that it confirms.
    pub fn questions(&self) -> impl Iterator<Item = String> {
        self.inputs.iter().flat_map(|(name, input)| {
            let confirmation = (!input.confirm.is_empty()).then(|| Input::confirmation_of(name));
            std::iter::once(name.clone()).chain(confirmation)
        })
    }

    /// The lines that run before and after.
    pub fn lines(&self) -> impl Iterator<Item = &ShellLine> {
        self.before.iter().chain(&self.after)
    }
}

impl Answer {
    /// The answer of a run without a person.
    pub fn default(&self) -> &str {
        match self {
            Answer::Text { default } | Answer::Choice { default, .. } => default,
            Answer::Boolean { default: true } => "true",
            Answer::Boolean { default: false } => "false",
        }
    }
}

impl Input {
    /// The name of the second question, which asks for the word that confirms.
    pub fn confirmation_of(name: &str) -> String {
        format!("{name}_CONFIRM")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_may_fail_unseen_is_looked_at() {
        let unseen = |text: &str| ShellLine { text: text.to_owned(), path: SpecPath::root() }.fails_unseen();
        for text in
            ["cd a && b", "! grep a b", "true; ! a", "if a; then ! b; fi", "a\n  ! b", "for x in a; do b && c; done"]
        {
            assert!(unseen(text), "{text}");
        }
        for text in ["pytest -q", "a | b", "a || b", "[ ! -f a ] || b", "echo wow !", "[ a != b ] || c"] {
            assert!(!unseen(text), "{text}");
        }
    }
}
