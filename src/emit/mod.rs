//! From the program to its outputs, as values: no emitter sees the spec, another emitter, or a file. An output is one function and one line
//! in `EMITTERS`.

mod apps;
mod compose;
mod deploy;
mod env_example;
mod fly;
mod github;
mod image;
mod routes;
mod server;

use crate::artifact::{Artifact, Tree};
use crate::code::Code;
use crate::diagnostic::{Diagnostics, Finding, Findings};
use crate::model::{Environment, Program};
use crate::source::{Place, SpecPath};

/// An output and the part of stack.yaml that it is made from.
pub struct Output {
    artifact: Artifact,
    origin: SpecPath,
    /// The environment that alone it belongs to; none where several share it.
    environment: Option<String>,
}

impl Output {
    /// An output that all environments share, made from the part of stack.yaml at `origin`.
    fn shared(artifact: Artifact, origin: &SpecPath) -> Self {
        Output { artifact, origin: origin.clone(), environment: None }
    }

    /// An output of one environment.
    fn of(environment: &Environment, artifact: Artifact, origin: &SpecPath) -> Self {
        Output { environment: Some(environment.name.clone()), ..Output::shared(artifact, origin) }
    }
}

/// An emitter makes its outputs from the whole program.
type Emitter = fn(&Program) -> Vec<Output>;

/// All emitters, in the order in which their outputs are listed.
const EMITTERS: &[Emitter] = &[
    image::dockerfiles,
    image::ignore_files,
    image::entrypoints,
    routes::route_tables,
    routes::certificate_scripts,
    fly::files,
    compose::files,
    deploy::compose_scripts,
    deploy::fly_scripts,
    github::files,
    env_example::file,
];

/// Runs all emitters, and keeps the outputs of the environments in `only` (or of all) and those that all share. Two outputs at one path are
/// reported with both origins.
pub fn all(program: &Program, only: &[String], diagnostics: &mut Diagnostics) -> Tree {
    let mut tree = Tree::new();
    let mut origins: Vec<(String, SpecPath)> = Vec::new();
    let mut clashes: Vec<SpecPath> = Vec::new();
    for Output { artifact, origin, environment } in EMITTERS.iter().flat_map(|emitter| emitter(program)) {
        if environment.is_some_and(|environment| !only.is_empty() && !only.contains(&environment)) {
            continue;
        }
        let path = artifact.path.clone();
        if tree.insert(artifact).is_ok() {
            origins.push((path, origin));
        } else if clashes.contains(&origin) {
            // The first file of two that clash says it for all.
        } else if let Some((_, first)) = origins.iter().find(|(taken, _)| *taken == path) {
            let finding = Finding::new(
                Code::OutputConflict,
                Place::Key(origin.clone()),
                format!("two outputs would be written to {path}"),
                "and this one too",
            );
            let finding = finding.related(Place::Key(first.clone()), "writes it first");
            let help = "give one of the services another `path`, or one of the environments another `file`";
            clashes.push(origin.clone());
            Findings::new(&*program.locate, diagnostics).report(finding.help(help));
        }
    }
    tree
}
