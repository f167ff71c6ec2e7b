//! Finds stack.yaml as cargo finds Cargo.toml: in the folder, or in the nearest one above. Its folder is the project's root.

use std::io::Read;
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use miette::{Context, IntoDiagnostic, Result, miette};

use super::Where;
use super::gather::gather;
use crate::artifact::Tree;
use crate::compile;
use crate::diagnostic::Diagnostics;
use crate::facts::Wanted;
use crate::pins::Pins;
use crate::source::Source;
use crate::write::Lock;

const NAME: &str = "stack.yaml";
/// More than `syntax` takes, so that it can say so; less than would hurt.
const MOST_BYTES: u64 = 2 << 20;

/// A stack.yaml that was read, and its folder.
pub struct Project {
    /// The file.
    pub source: Source,
    /// Its folder, as messages name it.
    pub folder: PathBuf,
    /// The same folder, which nothing that is done through it can leave.
    pub root: Dir,
}

/// Opens the project that `at` names.
pub fn open(at: &Where) -> Result<Project> {
    let start = at.directory.clone().unwrap_or_else(|| PathBuf::from("."));
    match at.file.as_deref() {
        Some(file) if file == Path::new("-") => {
            let mut bytes = Vec::new();
            std::io::stdin()
                .take(MOST_BYTES)
                .read_to_end(&mut bytes)
                .into_diagnostic()
                .wrap_err("cannot read standard input")?;
            Ok(Project { source: Source::new("<stdin>", bytes), root: folder(&start)?, folder: start })
        }
        Some(file) => read(&start.join(file)),
        None => read(&find(&start)?),
    }
}

fn find(start: &Path) -> Result<PathBuf> {
    let absolute = start
        .canonicalize()
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot open the folder {}", start.display()))?;
    let levels = absolute.ancestors().count();
    // Kept relative, so that messages speak of ../stack.yaml and not of where the folder lies on this machine.
    let mut folder = start.to_path_buf();
    for _ in 0..levels {
        if folder.join(NAME).is_file() {
            return Ok(folder.join(NAME));
        }
        folder = if folder == Path::new(".") { PathBuf::from("..") } else { folder.join("..") };
    }
    Err(miette!(help = "write one, or name it with -f FILE", "there is no {NAME} in this folder or above it"))
}

fn read(file: &Path) -> Result<Project> {
    let name = file.strip_prefix(".").unwrap_or(file).display().to_string();
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(file).and_then(|file| file.take(MOST_BYTES).read_to_end(&mut bytes));
    opened.into_diagnostic().wrap_err_with(|| format!("cannot read {name}"))?;
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(Project { source: Source::new(name, bytes), root: folder(parent)?, folder: parent.to_path_buf() })
}

fn folder(path: &Path) -> Result<Dir> {
    Dir::open_ambient_dir(path, ambient_authority())
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot open the folder {}", path.display()))
}

impl Project {
    /// Compiles it: the outputs, if nothing is wrong, and what was found.
    pub fn compile(&self, environments: &[String]) -> Result<(Option<Tree>, Diagnostics)> {
        let pins = Lock::read(&self.root)?.map(|lock| lock.pins()).transpose()?.unwrap_or_default();
        let (tree, diagnostics) = self.compile_with(environments, &pins);
        if tree.is_some() {
            self.knows(environments)?;
        }
        Ok((tree, diagnostics))
    }

    /// What is found in stack.yaml, whatever its lock says.
    pub fn validate(&self) -> Diagnostics {
        self.compile_with(&[], &Pins::default()).1
    }

    fn compile_with(&self, environments: &[String], pins: &Pins) -> (Option<Tree>, Diagnostics) {
        let mut diagnostics = Diagnostics::default();
        let look = |wanted: &Wanted| gather(&self.root, wanted);
        let tree = compile::compile(&self.source, environments, pins, &look, &mut diagnostics);
        (tree, diagnostics)
    }

    /// Whether its folder is one of a repository of git, and not that repository's top.
    pub fn lies_within_a_repository(&self) -> bool {
        let is_top = |folder: &Path| folder.join(".git").exists();
        let Ok(folder) = self.folder.canonicalize() else { return false };
        !is_top(&folder) && folder.ancestors().skip(1).any(is_top)
    }

    fn knows(&self, environments: &[String]) -> Result<()> {
        let known = compile::environments(&self.source);
        match environments.iter().find(|name| !known.contains(name)) {
            None => Ok(()),
            Some(name) => Err(miette!(
                help = format!("the environments are: {}", known.join(", ")),
                "there is no environment `{name}` in {}",
                self.source.name
            )),
        }
    }
}
