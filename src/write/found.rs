//! What lies at an output's path. Follows links to folders inside the root, never one that leads out of it, and never
//! a link in the place of the file itself.

use super::Refusal;
use cap_std::fs::{Dir, Metadata};
use std::io::{self, ErrorKind};

/// What lies at a path.
#[derive(Debug)]
pub(super) enum Found {
    /// Nothing; its folders may be missing too.
    Missing,
    /// A file that may be read.
    File {
        /// All it holds.
        content: Vec<u8>,
        /// Whether it has an executable bit (always, where the system knows none).
        executable: bool,
    },
    /// Something that no output may replace as it is.
    Blocked(Refusal),
}

/// Looks at `path` below `root`.
pub(super) fn look(root: &Dir, path: &str) -> miette::Result<Found> {
    if !stays_below(path) {
        return Ok(Found::Blocked(Refusal::Outside));
    }
    let looked = match folders(root, path) {
        Ok(None) => file(root, path),
        Ok(Some(obstacle)) => Ok(obstacle),
        Err(error) => Err(error),
    };
    looked.or_else(obstacle).map_err(|error| miette::miette!("cannot read {path}: {error}"))
}

/// The folders above `path`, from the root down: `a`, `a/b` for `a/b/c`.
pub(super) fn parents(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| &path[..at])
}

fn stays_below(path: &str) -> bool {
    let plain = |step: &str| !matches!(step, "" | "." | "..") && !step.contains(['\\', ':']);
    path.split('/').all(plain) && !path.contains(char::is_control)
}

/// What keeps the path from being reached: a folder that is missing, or something else in its place.
fn folders(root: &Dir, path: &str) -> io::Result<Option<Found>> {
    for folder in parents(path) {
        match root.metadata(folder) {
            Ok(metadata) if metadata.is_dir() => {}
            Ok(_) => return Ok(Some(Found::Blocked(Refusal::NotAFile))),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let dangling = root.symlink_metadata(folder).is_ok();
                return Ok(Some(if dangling { Found::Blocked(Refusal::NotAFile) } else { Found::Missing }));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

fn file(root: &Dir, path: &str) -> io::Result<Found> {
    let metadata = root.symlink_metadata(path)?;
    Ok(if metadata.is_symlink() {
        Found::Blocked(Refusal::Link)
    } else if metadata.is_file() {
        Found::File { content: root.read(path)?, executable: is_executable(&metadata) }
    } else {
        Found::Blocked(Refusal::NotAFile)
    })
}

/// What an error says about the path, where it says something about it and not about the machine.
fn obstacle(error: io::Error) -> io::Result<Found> {
    match error.kind() {
        ErrorKind::NotFound => Ok(Found::Missing),
        ErrorKind::NotADirectory => Ok(Found::Blocked(Refusal::NotAFile)),
        // What cap_std refuses by itself carries no code of the system's.
        ErrorKind::PermissionDenied if error.raw_os_error().is_none() => Ok(Found::Blocked(Refusal::Outside)),
        _ => Err(error),
    }
}

#[cfg(unix)]
fn is_executable(metadata: &Metadata) -> bool {
    use cap_std::fs::PermissionsExt;
    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &Metadata) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_paths_below_the_root_pass() {
        for path in ["Dockerfile", "a/b c/.env.example", ".github/workflows/ci.yml", "..a/b..", "日本/x"] {
            assert!(stays_below(path), "{path}");
        }
        for path in ["", "/etc/x", "../x", "a/../x", "a//x", "a/", "./x", "a\\..\\x", "C:/x", "a\nb"] {
            assert!(!stays_below(path), "{path:?}");
        }
    }

    #[test]
    fn parents_go_from_the_root_down() {
        assert_eq!(parents("a/b/c").collect::<Vec<_>>(), ["a", "a/b"]);
        assert_eq!(parents("a").count(), 0);
    }
}
