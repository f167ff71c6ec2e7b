//! One file on the disk: written wholly or not at all, flushed before it shows.
//!
//! A file is written under a name of its own, flushed, and renamed into its place. What a killed build leaves behind
//! under such a name (`.stackc-*.tmp`) is swept away by a later one.

use cap_std::fs::{Dir, DirEntry, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::time::{Duration, SystemTime};

/// A build takes far less; what is older belongs to no build that still runs.
const ABANDONED_AFTER: Duration = Duration::from_secs(60);

/// Puts a file with this content at `path`, in place of whatever file or link is there; makes its folders.
pub(super) fn write(root: &Dir, path: &str, content: &str, executable: bool) -> io::Result<()> {
    let (folder, name) = match path.rsplit_once('/') {
        Some((folder, name)) => {
            root.create_dir_all(folder)?;
            (root.open_dir(folder)?, name)
        }
        None => (root.try_clone()?, path),
    };
    let (temporary, file) = new_temporary(&folder)?;
    let done = fill(file, content, executable).and_then(|()| folder.rename(&temporary, &folder, name));
    if done.is_err() {
        // The first error is the one to tell; what is left is swept away later.
        let _ = folder.remove_file(&temporary);
    }
    done
}

/// Removes the file; it may be gone already.
pub(super) fn remove(root: &Dir, path: &str) -> io::Result<()> {
    match root.remove_file(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

/// Removes what killed builds left in a folder, as far as that is possible.
pub(super) fn sweep(root: &Dir, folder: &str) {
    let entries = root.read_dir(folder).into_iter().flatten().flatten();
    for entry in entries.filter(is_abandoned) {
        let _ = entry.remove_file();
    }
}

/// Makes the names in a folder last, where the file system can.
#[cfg(unix)]
pub(super) fn flush(root: &Dir, folder: &str) -> io::Result<()> {
    match root.open(folder).and_then(|folder| folder.sync_all()) {
        Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => Ok(()),
        done => done,
    }
}

#[cfg(not(unix))]
pub(super) fn flush(_: &Dir, _: &str) -> io::Result<()> {
    Ok(())
}

fn new_temporary(folder: &Dir) -> io::Result<(String, File)> {
    let mut number = 0;
    loop {
        let name = format!(".stackc-{}-{number}.tmp", std::process::id());
        match folder.open_with(&name, OpenOptions::new().write(true).create_new(true)) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
            opened => return Ok((name, opened?)),
        }
    }
}

fn fill(mut file: File, content: &str, executable: bool) -> io::Result<()> {
    file.write_all(content.as_bytes())?;
    set_mode(&file, executable)?;
    file.sync_all()
}

#[cfg(unix)]
fn set_mode(file: &File, executable: bool) -> io::Result<()> {
    use cap_std::fs::{Permissions, PermissionsExt};
    file.set_permissions(Permissions::from_mode(if executable { 0o755 } else { 0o644 }))
}

#[cfg(not(unix))]
fn set_mode(_: &File, _: bool) -> io::Result<()> {
    Ok(())
}

fn is_abandoned(entry: &DirEntry) -> bool {
    let name = entry.file_name();
    let ours = name.to_str().is_some_and(|name| name.starts_with(".stackc-") && name.ends_with(".tmp"));
    let age = || SystemTime::now().duration_since(entry.metadata().ok()?.modified().ok()?.into_std()).ok();
    ours && age().is_some_and(|age| age > ABANDONED_AFTER)
}
