//! Several processes in one container, as they lie in its image.

use super::{Duration, Server, Text};
use crate::source::SpecPath;

/// The processes of one container.
#[derive(Debug, Clone)]
pub struct Supervise {
    /// Its processes, each after those that it starts after.
    pub processes: Vec<Process>,
    /// The signals that ask the whole to stop.
    pub signals: Vec<String>,
    /// What lies in the image as text, with the variable that it becomes, if it does.
    pub fixed: Vec<(Option<String>, Text)>,
    /// `services.<name>.supervise`, or the key that it comes of.
    pub path: SpecPath,
}

/// One process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Its name.
    pub name: String,
    /// What it runs.
    pub runs: Runs,
    /// The user that it runs as; none is the image's own.
    pub user: Option<String>,
    /// The variables that it alone gets.
    pub env: Vec<(String, Word)>,
    /// Whether it runs to its end before those after it start.
    pub once: bool,
    /// How to tell that it is ready.
    pub ready: Option<Ready>,
    /// What is done before it starts for the first time.
    pub first_run: Option<FirstRun>,
    /// Folders that are made for it, with their owners.
    pub dirs: Vec<(String, String)>,
    /// The signal that asks it to stop.
    pub stop_signal: String,
}

/// What a process runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Runs {
    /// Words.
    Command(Vec<Word>),
    /// The web server of the service.
    Server(Server),
}

/// A word of a process: the same wherever it runs, or what the environment's file hands over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// Text that lies in the image.
    Fixed(String),
    /// The name of the variable that hands it over.
    Variable(String),
}

/// How to tell that a process is ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ready {
    /// What is tried.
    pub probe: ReadyProbe,
    /// Time after which the container gives up.
    pub timeout: Duration,
}

/// What is tried to see whether a process is ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadyProbe {
    /// A command that succeeds.
    Command(Vec<Word>),
    /// A port that something listens on.
    Tcp(u16),
}

/// What is done once in the life of a process's data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstRun {
    /// The path that is there once it has been done.
    pub unless: String,
    /// Shell lines.
    pub steps: Vec<String>,
    /// The folder of the process that `unless` lies in, if it has one.
    pub folder: Option<String>,
    /// The file that is there while it is being done.
    pub mark: String,
}

impl Process {
    /// Whether its signal is one that a shell makes what it leaves in the background ignore.
    pub fn ignores_its_signal(&self) -> bool {
        matches!(self.stop_signal.as_str(), "INT" | "QUIT")
    }
}

impl Supervise {
    /// The web server among its processes.
    pub fn server(&self) -> Option<&Server> {
        self.processes.iter().find_map(|process| match &process.runs {
            Runs::Server(server) => Some(server),
            Runs::Command(_) => None,
        })
    }

    /// Whether both come to the same script.
    pub fn same_script(&self, other: &Supervise) -> bool {
        self.processes == other.processes && self.signals == other.signals
    }

    /// Whether something in it only root can do: to run a process as a user of its own, or to make folders that belong to others.
    pub fn needs_root(&self) -> bool {
        self.processes.iter().any(|process| process.user.is_some() || !process.dirs.is_empty())
    }
}
