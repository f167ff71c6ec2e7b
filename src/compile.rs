//! The stages in their order, and nothing else: each takes what the one before made, and none starts after one that found an error.

use crate::artifact::Tree;
use crate::diagnostic::{Diagnostics, Findings};
use crate::facts::{Facts, Wanted};
use crate::model::Program;
use crate::source::{Source, SpecPath, Step};
use crate::spec::{OWN_KEYS, Stack};
use crate::syntax::{self, Document};
use crate::{emit, lint, patch, resolve, schema, spec};

/// Compiles `source` into its outputs, of the environments named in `only` or of all.
///
/// `gather` looks up the paths of the repository that the compiler asks about. There are outputs only where there is no error.
pub fn compile(source: &Source, only: &[String], gather: &dyn Fn(&Wanted) -> Facts, diagnostics: &mut Diagnostics) -> Option<Tree> {
    let document = syntax::parse(source, diagnostics);
    let (mut program, written) = analyze(&document, diagnostics)?;
    let facts = gather(&lint::wanted(&program));
    lint::run(&program, &facts, diagnostics);
    not_compiled_yet(&written, &document, diagnostics);
    if diagnostics.has_errors() {
        return None;
    }
    program.environments.retain(|environment| only.is_empty() || only.contains(&environment.name));
    let mut tree = emit::all(&program, diagnostics);
    let mut overrides = written.overrides.clone();
    if !only.is_empty() {
        overrides.retain(|path, _| tree.get(path).is_some());
    }
    patch::apply(&mut tree, &overrides, &mut Findings::new(&document, diagnostics));
    (!diagnostics.has_errors()).then_some(tree)
}

/// The names of the environments of `source`, as far as it can be read.
pub fn environments(source: &Source) -> Vec<String> {
    let document = syntax::parse(source, &mut Diagnostics::default());
    let environments = document.at(&SpecPath::root().key("environments"));
    environments.map(|node| node.entries().map(|(name, _)| name.to_owned()).collect()).unwrap_or_default()
}

/// From the document to the program, environments included.
fn analyze(document: &Document, diagnostics: &mut Diagnostics) -> Option<(Program, Stack)> {
    if diagnostics.has_errors() {
        return None;
    }
    schema::check(document, diagnostics);
    if diagnostics.has_errors() {
        return None;
    }
    let written = spec::load(document, &mut Findings::new(document, diagnostics))?;
    let base = resolve::stack(&written, &mut Findings::new(document, diagnostics));
    let mut environments = Vec::new();
    for name in written.environments.keys() {
        let overlaid = overlay(document, name);
        let findings = &mut Findings::new(&overlaid, diagnostics);
        let Some(stack) = spec::load(&overlaid, findings) else { continue };
        environments.extend(resolve::environment(&written, &stack, name, resolve::locate(&overlaid), findings));
    }
    let program = Program { base, locate: resolve::locate(document), environments };
    (!diagnostics.has_errors()).then_some((program, written))
}

/// The document as it is in the environment `name`.
fn overlay(document: &Document, name: &str) -> Document {
    let path = SpecPath::root().key("environments").key(name);
    syntax::overlay(document, &path, &|key| !OWN_KEYS.contains(&key), &long_form)
}

/// Under which key the short form of the value at a path stands in its long form.
fn long_form(path: &SpecPath) -> Option<&'static str> {
    let keys: Vec<&str> = path.0.iter().map(|step| if let Step::Key(key) = step { key.as_str() } else { "" }).collect();
    match keys.as_slice() {
        ["services", _, "ports", _] => Some("port"),
        ["services", _, "build"] => Some("context"),
        ["services", _, "healthcheck"] => Some("http"),
        ["services", _, "scale"] => Some("min"),
        ["variables", _] => Some("default"),
        _ => None,
    }
}

/// Sections that this version understands and makes nothing of yet: said, so that nothing is dropped in silence.
fn not_compiled_yet(written: &Stack, document: &Document, diagnostics: &mut Diagnostics) {
    use crate::code::Code;
    use crate::diagnostic::Finding;
    use crate::source::Place;
    let findings = &mut Findings::new(document, diagnostics);
    let root = SpecPath::root();
    let tests = written.services.iter().filter(|(_, service)| service.test.is_some());
    let tests = tests.map(|(name, _)| root.key("services").key(name).key("test"));
    for path in tests.chain(written.ci.is_some().then(|| root.key("ci"))) {
        let message = format!("`{path}` is checked, but no workflow is made of it in this version");
        findings.report(Finding::new(Code::NotCompiledYet, Place::Key(path), message, "no output yet"));
    }
}
