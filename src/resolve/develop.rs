//! `develop`: what happens while somebody works on a service.

use indexmap::IndexSet;

use super::{Scope, command};
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::model::{Develop, Watch};
use crate::source::{Place, SpecPath};
use crate::spec::{self, WatchAction};

/// The `develop` of the service at `path`.
pub(super) fn resolve(
    scope: &mut Scope<'_, '_>,
    service: &str,
    written: &spec::Service,
    path: &SpecPath,
) -> Option<Develop> {
    let develop = written.develop.as_ref()?;
    let path = path.key("develop");
    let shared = written.uses.as_ref().is_some_and(|image| scope.spec.images.contains_key(image));
    if written.build.is_none() && !shared {
        let message = format!("`{service}` is not built here, and Compose watches only what it builds");
        let finding = Finding::new(Code::InvalidValue, Place::Key(path.clone()), message, "nothing to watch for");
        scope.report(finding.help("move `develop` to the service with `build`, or remove it"));
    }
    let mut watch = Vec::new();
    for (index, written) in develop.watch.iter().enumerate() {
        watch.extend(self::watch(scope, service, written, &path.key("watch").index(index)));
    }
    Some(Develop { watch })
}

fn watch(scope: &mut Scope<'_, '_>, service: &str, written: &spec::Watch, path: &SpecPath) -> Option<Watch> {
    let copies = matches!(written.action, WatchAction::Sync | WatchAction::SyncRestart | WatchAction::SyncExec);
    let runs = written.action == WatchAction::SyncExec;
    belongs(scope, "target", written.target.is_some(), copies, "an action that copies, such as `sync`", path);
    belongs(scope, "exec", written.exec.is_some(), runs, "`action: sync+exec`", path);
    let exec = written.exec.as_ref().map(|words| command::resolve(scope, words, &path.key("exec"), service));
    Some(Watch {
        path: scope.inside(&written.path, "the repository", &path.key("path"))?,
        action: written.action,
        target: written.target.clone(),
        ignore: once(&written.ignore),
        include: once(&written.include),
        exec,
    })
}

/// Patterns, each once: Compose refuses a list that says one twice.
fn once(patterns: &[String]) -> Vec<String> {
    let once: IndexSet<&String> = patterns.iter().collect();
    once.into_iter().cloned().collect()
}

/// Reports a key that its action needs and lacks, or has and does not use.
fn belongs(scope: &mut Scope<'_, '_>, key: &str, said: bool, needed: bool, action: &str, path: &SpecPath) {
    if needed && !said {
        let message = format!("this action needs `{key}`");
        let finding =
            Finding::new(Code::MissingKey, Place::Value(path.key("action")), message, format!("needs `{key}`"));
        let example = if key == "target" { "target: /app/src" } else { "exec: kill -HUP 1" };
        scope.report(finding.help(format!("add `{example}`")));
    }
    if said && !needed {
        let message = format!("`{key}` belongs to {action}");
        let finding = Finding::new(Code::InvalidValue, Place::Key(path.key(key)), message, "not used");
        scope.report(finding.help(format!("remove `{key}`, or write {action}")));
    }
}

#[cfg(test)]
mod tests {
    use super::once;

    #[test]
    fn a_pattern_counts_once_and_where_it_was_first() {
        assert_eq!(once(&["b", "a", "b"].map(str::to_owned)), ["b", "a"]);
    }
}
