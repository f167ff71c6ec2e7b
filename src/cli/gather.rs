//! Looks up what the compiler asks about the repository.

use cap_std::fs::Dir;

use crate::facts::{Facts, Found, Wanted};

/// Files above this size are not read: those that matter are manifests.
const MOST_BYTES: u64 = 1 << 20;

/// What lies at each path that is asked about, below `root`.
pub fn gather(root: &Dir, wanted: &Wanted) -> Facts {
    Facts::new(wanted.iter().map(|path| (path.clone(), look(root, path))))
}

fn look(root: &Dir, path: &str) -> Found {
    // A pattern such as `*.json` names no single file; the build tool expands it.
    if path.contains(['*', '?', '[']) {
        return Found::File(None);
    }
    match root.metadata(path) {
        Ok(metadata) if metadata.is_dir() => Found::Folder,
        Ok(metadata) if metadata.len() <= MOST_BYTES => Found::File(root.read_to_string(path).ok()),
        Ok(_) => Found::File(None),
        // cap-std refuses a link that leads out of the root; what lies there is no business of ours.
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied && leads_away(root, path) => Found::Outside,
        Err(_) => Found::Missing,
    }
}

/// Whether some step of the path is a symbolic link.
fn leads_away(root: &Dir, path: &str) -> bool {
    let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
    ends.map(|end| &path[..end]).any(|step| root.symlink_metadata(step).is_ok_and(|metadata| metadata.is_symlink()))
}
