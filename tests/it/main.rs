//! One test binary: cases are folders (`specs`, `specs/rejected`), properties are functions.

mod artifact;
mod cli;
mod deploy;
mod deploy_fly;
mod deploy_server;
mod deploy_workflow;
mod dockerfile;
mod doors;
mod entrypoint;
mod formats;
mod hostile;
mod hunks;
mod keys;
mod language;
mod patch;
mod project;
mod properties;
mod readme;
mod reference;
mod rejected;
mod schema;
mod specs;
mod tidy;
mod write;
mod write_faults;
mod write_lock;

use std::path::{Path, PathBuf};

/// The repository's root.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The folders right below `folder` that hold a stack.yaml, by name.
pub fn cases(folder: &Path) -> Vec<(String, PathBuf)> {
    let mut cases: Vec<(String, PathBuf)> = std::fs::read_dir(folder)
        .expect("the folder of the cases exists")
        .map(|entry| entry.expect("it can be read").path())
        .filter(|path| path.join("stack.yaml").is_file())
        .map(|path| (path.file_name().expect("a folder has a name").to_string_lossy().into_owned(), path))
        .collect();
    cases.sort();
    cases
}

/// What the compiler says and makes of the stack.yaml in `folder`, looked at as `stackc` does.
pub fn compile(
    folder: &Path,
) -> (stackc::source::Source, stackc::diagnostic::Diagnostics, Option<stackc::artifact::Tree>) {
    let bytes = std::fs::read(folder.join("stack.yaml")).expect("the case has a stack.yaml");
    let source = stackc::source::Source::new("stack.yaml", bytes);
    let dir = cap_std::fs::Dir::open_ambient_dir(folder, cap_std::ambient_authority()).expect("the folder opens");
    let mut diagnostics = stackc::diagnostic::Diagnostics::default();
    let tree = stackc::compile::compile(
        &source,
        &[],
        &stackc::pins::Pins::default(),
        &|wanted| stackc::cli::gather(&dir, wanted),
        &mut diagnostics,
    );
    (source, diagnostics, tree)
}

/// All findings as a person sees them.
pub fn rendered(source: &stackc::source::Source, diagnostics: &stackc::diagnostic::Diagnostics) -> String {
    diagnostics
        .sorted()
        .into_iter()
        .map(|diagnostic| stackc::cli::render(source, diagnostic, false))
        .collect::<Vec<_>>()
        .join("\n")
}
