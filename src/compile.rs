//! The stages in their order, and nothing else: each takes what the one before made. After an error the later ones still look at what could
//! be read, so that all faults are told in one run; but nothing is emitted.

use crate::artifact::{LOCK, Tree};
use crate::code::Code;
use crate::diagnostic::{Diagnostics, Finding, Findings};
use crate::emit;
use crate::facts::{Facts, Wanted};
use crate::lint;
use crate::model::Program;
use crate::patch;
use crate::pins::Pins;
use crate::resolve;
use crate::schema;
use crate::source::{Place, Source, SpecPath};
use crate::spec::{self, Stack};
use crate::syntax::{self, Document};

/// Compiles `source` into its outputs, of the environments named in `only` or of all.
///
/// `pins` are the versions of what workflows use; `gather` looks up the paths of the repository that the compiler asks about. There are
/// outputs only where there is no error.
pub fn compile(
    source: &Source,
    only: &[String],
    pins: &Pins,
    gather: &dyn Fn(&Wanted) -> Facts,
    diagnostics: &mut Diagnostics,
) -> Option<Tree> {
    let document = syntax::parse(source, diagnostics);
    if diagnostics.has_errors() {
        return None;
    }
    let broken = schema::check(&document, diagnostics);
    let document = readable(document.without(&broken), diagnostics);
    let (program, written) = analyze(&document, &broken, pins, diagnostics)?;
    let facts = gather(&lint::wanted(&program));
    let mut found = Diagnostics::default();
    lint::run(&program, &facts, &mut found);
    let found = found.without(|found| schema::follows(found, &broken));
    diagnostics.add_later(found, |errors| document.entries_around(errors));
    if diagnostics.has_errors() {
        return None;
    }
    let mut tree = emit::all(&program, only, diagnostics);
    spare_the_source(source, &tree, &program, diagnostics);
    patch::doors(&mut tree, &program, diagnostics);
    let mut overrides = written.overrides.clone();
    overrides.retain(|path, _| only.is_empty() || tree.get(path).is_some());
    patch::apply(&mut tree, &overrides, &mut Findings::new(&document, diagnostics));
    (!diagnostics.has_errors()).then_some(tree)
}

/// No output takes the place of stack.yaml itself, or of the lock.
fn spare_the_source(source: &Source, tree: &Tree, program: &Program, diagnostics: &mut Diagnostics) {
    let own = source.name.rsplit(['/', '\\']).next().unwrap_or(&source.name);
    for own in [own, LOCK].into_iter().filter(|own| tree.get(own).is_some()) {
        let place = Place::Key(SpecPath::root().key("environments"));
        let finding =
            Finding::new(Code::OutputConflict, place, format!("an output would be written over {own}"), "writes it");
        Findings::new(&*program.locate, diagnostics).report(finding.help("give the environment another `file`"));
    }
}

/// Most parts that are taken out so that the rest can be read.
const MOST_REPAIRS: usize = 50;

/// After errors: the document without the parts that lack what the errors took out of them.
fn readable(mut document: Document, diagnostics: &Diagnostics) -> Document {
    for _ in 0..MOST_REPAIRS {
        match document.deserialize::<Stack>() {
            Err(error) if diagnostics.has_errors() && !error.path.0.is_empty() => {
                document = document.without(&[error.path])
            }
            _ => break,
        }
    }
    document
}

/// The names of the environments of `source`, as far as it can be read.
pub fn environments(source: &Source) -> Vec<String> {
    let document = syntax::parse(source, &mut Diagnostics::default());
    let environments = document.at(&SpecPath::root().key("environments"));
    environments.map(|node| node.entries().map(|(name, _)| name.to_owned()).collect()).unwrap_or_default()
}

/// From the document to the program, environments included; of a document with errors, what could be read.
fn analyze(
    document: &Document,
    broken: &[SpecPath],
    pins: &Pins,
    diagnostics: &mut Diagnostics,
) -> Option<(Program, Stack)> {
    let mut found = Diagnostics::default();
    let program = (|| {
        let written = spec::load(document, &mut Findings::new(document, &mut found))?;
        let base = resolve::stack(&written, &mut Findings::new(document, &mut found));
        let ci = resolve::ci(&written, &base, &mut Findings::new(document, &mut found));
        let mut environments = Vec::new();
        for name in written.environments.keys() {
            let overlaid = spec::overlaid(document, name);
            let findings = &mut Findings::new(&overlaid, &mut found);
            let Some(stack) = spec::load(&overlaid, findings) else { continue };
            environments.extend(resolve::environment(&written, &stack, name, resolve::locate(&overlaid), findings));
        }
        let overridden = written.overrides.keys().cloned().collect();
        let locate = resolve::locate(document);
        Some((Program { base, locate, environments, ci, pins: pins.clone(), overridden }, written))
    })();
    let found = found.without(|found| schema::follows(found, broken));
    diagnostics.add_later(found, |errors| document.entries_around(errors));
    program
}
