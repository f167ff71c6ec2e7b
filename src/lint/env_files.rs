//! Files of variables that services are handed whole.

use super::each_environment;
use crate::code::Code;
use crate::diagnostic::{Diagnostics, Finding, nearest};
use crate::facts::{Facts, Found, Wanted};
use crate::model::{Platform, Program};
use crate::source::Place;

/// Paths of the repository that services read variables from.
pub fn wanted(program: &Program) -> Wanted {
    let services = program.environments.iter().flat_map(|environment| environment.stack.all());
    services.flat_map(|service| &service.env_file).filter(|file| !is_private(file)).cloned().collect()
}

/// Whether a file has a name under which people keep what they do not commit: `.env`, `.env.local`, `api.env`.
fn is_private(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.starts_with(".env.") || name.ends_with(".env")
}

/// Files that are not in the repository, and that nobody would leave out of it on purpose. On a server they may be put there by hand.
pub fn missing(program: &Program, facts: &Facts, diagnostics: &mut Diagnostics) {
    each_environment(program, diagnostics, |environment, findings| {
        let Platform::Compose { ssh: None, .. } = &environment.platform else { return };
        for service in environment.stack.all() {
            let files = service.env_file.iter().enumerate();
            for (index, file) in files.filter(|(_, file)| facts.at(file) == Some(&Found::Missing)) {
                let place = Place::Value(service.path.key("env_file").index(index));
                let message =
                    format!("`{file}` is not in the repository, and Compose passes over a file that is not there");
                let finding = Finding::new(Code::MissingSource, place, message, "sets nothing");
                let (folder, name) = file.rsplit_once('/').map_or(("", file.as_str()), |(folder, name)| (folder, name));
                let slash = if folder.is_empty() { "" } else { "/" };
                findings.report(finding.help(match nearest(name, &[".env"]) {
                    Some(near) => format!("did you mean `{folder}{slash}{near}`?"),
                    None => format!("add `{file}`, or correct the path; paths are relative to stack.yaml"),
                }));
            }
        }
    });
}
