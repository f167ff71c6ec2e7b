//! From the program to its outputs, as values: no emitter sees the spec, another emitter, or a file. An output is one function and one line
//! in `EMITTERS`.

mod compose;
mod env_example;
mod fly;
mod image;

use crate::artifact::{Artifact, Tree};
use crate::code::Code;
use crate::diagnostic::{Diagnostics, Finding, Findings};
use crate::model::Program;
use crate::source::{Place, SpecPath};

/// An output and the part of stack.yaml that it is made from.
pub struct Output {
    artifact: Artifact,
    origin: SpecPath,
}

impl Output {
    fn new(artifact: Artifact, origin: &SpecPath) -> Self {
        Output { artifact, origin: origin.clone() }
    }
}

/// An emitter makes its outputs from the whole program.
type Emitter = fn(&Program) -> Vec<Output>;

/// All emitters, in the order in which their outputs are listed.
const EMITTERS: &[Emitter] =
    &[image::dockerfiles, image::ignore_files, image::route_tables, fly::files, compose::files, env_example::file];

/// Runs all emitters. Two outputs at one path are reported with both origins.
pub fn all(program: &Program, diagnostics: &mut Diagnostics) -> Tree {
    let mut tree = Tree::new();
    let mut origins: Vec<(String, SpecPath)> = Vec::new();
    let mut clashes: Vec<SpecPath> = Vec::new();
    for Output { artifact, origin } in EMITTERS.iter().flat_map(|emitter| emitter(program)) {
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
                "writes it",
            );
            let finding = finding.related(Place::Key(first.clone()), "writes it as well");
            let help = "give one of the services another `path`, or one of the environments another `file`";
            clashes.push(origin.clone());
            Findings::new(&*program.locate, diagnostics).report(finding.help(help));
        }
    }
    tree
}
