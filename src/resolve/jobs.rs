//! Jobs: each becomes a service that runs when asked for. What a request or a backup takes is made up here.

use indexmap::IndexMap;

use super::environment::project;
use super::references::Position;
use super::schedule::schedule;
use super::{Scope, service};
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::model::{
    Condition, Dependency, Image, Job, Mount, Piece, Protocol, Reference, Saved, Service, Source, Text,
};
use crate::source::{Place, SpecPath};
use crate::spec::{self, Database, Restart};
use crate::syntax::Typed;

/// What makes the request of a job that says no image of its own.
const CURL: &str = "curlimages/curl:8.11.1";
/// How long a request may take.
const LONGEST_REQUEST: &str = "300";
/// The profile of jobs that name none.
pub(super) const PROFILE: &str = "jobs";
/// Where a backup job sees the volumes that it saves.
const VOLUMES: &str = "/volumes";

/// All jobs by name; `services` are those resolved before.
pub(super) fn resolve(
    scope: &mut Scope<'_, '_>,
    images: &IndexMap<String, Image>,
    services: &IndexMap<String, Service>,
) -> IndexMap<String, Job> {
    let mut jobs = IndexMap::new();
    for (name, written) in &scope.spec.jobs {
        let path = SpecPath::root().key("jobs").key(name);
        name_is_free(scope, name, &path);
        jobs.extend(job(scope, name, written, &path, images, services).map(|job| (name.clone(), job)));
    }
    jobs
}

fn job(
    scope: &mut Scope<'_, '_>,
    name: &str,
    written: &spec::Job,
    path: &SpecPath,
    images: &IndexMap<String, Image>,
    services: &IndexMap<String, Service>,
) -> Option<Job> {
    let schedule = written.words.schedule.as_deref().and_then(|text| schedule(scope, text, &path.key("schedule")));
    only_one_source(scope, name, written, path)?;
    let written = &without_a_services_own(scope, name, written, path);
    let mut service = match (&written.words.http, &written.words.backup) {
        (None, None) => service::resolve(scope, name, &written.service, path, images)?,
        (Some(request), _) => {
            let mut service =
                service::with_source(scope, name, &written.service, path, Source::Image(fixed(CURL, path)));
            service.entrypoint = Some(vec![fixed("curl", path)]);
            service.command = Some(curl(scope, request, &path.key("http"), name, services, &mut service)?);
            service
        }
        (None, Some(backup)) => {
            let of = known_database(scope, backup, path, services)?;
            let mut service = service::with_source(scope, name, &written.service, path, of.source.clone());
            save(scope, backup, of, &path.key("backup"), &mut service);
            service
        }
    };
    if written.service.restart.is_none() {
        service.restart = Restart::Never;
    }
    // Compose starts what has a profile only when it is asked for.
    if service.profiles.is_empty() {
        service.profiles = vec![PROFILE.to_owned()];
    }
    let saves = written.words.backup.as_ref().map(|backup| Saved {
        of: backup.of.clone(),
        kind: backup.kind,
        volumes: backup.volumes.clone(),
    });
    Some(Job { service, schedule, saves })
}

/// In one Compose file a job stands among the services.
fn name_is_free(scope: &mut Scope<'_, '_>, name: &str, path: &SpecPath) {
    if scope.spec.services.contains_key(name) {
        let message = format!("a service and a job are both called `{name}`");
        let finding = Finding::new(Code::InvalidName, Place::Key(path.clone()), message, "taken");
        let finding = finding.related(Place::Key(SpecPath::root().key("services").key(name)), "the service");
        scope.report(finding.help("rename one of them"));
    }
}

/// The job without the keys of what stays up, which are reported.
fn without_a_services_own(scope: &mut Scope<'_, '_>, name: &str, written: &spec::Job, path: &SpecPath) -> spec::Job {
    let nothing_made = written.service.path.is_some() && written.service.build.is_none();
    let keys = [
        ("path", nothing_made, "has no `build`, so nothing of it is written to a folder", "remove `path`"),
        ("serve", written.service.serve.is_some(), "runs to its end, and a web server goes on", "make it a service"),
        (
            "release",
            written.service.release.is_some(),
            "runs when asked for, and no new version of it takes traffic",
            "give the job one `command`; `[sh, -c, \"first && second\"]` runs several, one after the other",
        ),
    ];
    for (key, _, why, help) in keys.into_iter().filter(|(_, said, ..)| *said) {
        let message = format!("the job `{name}` {why}");
        let finding = Finding::new(Code::InvalidValue, Place::Key(path.key(key)), message, "not for this job");
        scope.report(finding.help(help));
    }
    let service = spec::Service { serve: None, release: None, ..written.service.clone() };
    spec::Job { service, ..written.clone() }
}

fn only_one_source(scope: &mut Scope<'_, '_>, name: &str, written: &spec::Job, path: &SpecPath) -> Option<()> {
    let service = &written.service;
    if service.external.is_some() {
        let message = format!("the job `{name}` runs here, so it cannot be external");
        let finding = Finding::new(Code::ServiceSource, Place::Key(path.key("external")), message, "runs elsewhere");
        scope.report(finding.help("remove `external`, or the job"));
    }
    let made_up = [("http", written.words.http.is_some()), ("backup", written.words.backup.is_some())];
    let own = [
        ("image", service.image.is_some()),
        ("build", service.build.is_some()),
        ("uses", service.uses.is_some()),
        ("command", service.command.is_some()),
        ("entrypoint", service.entrypoint.is_some()),
    ];
    let said =
        |keys: &[(&'static str, bool)]| keys.iter().filter(|(_, said)| *said).map(|(key, _)| *key).collect::<Vec<_>>();
    let (made_up, own) = (said(&made_up), said(&own));
    let (first, second) = match (made_up.as_slice(), own.as_slice()) {
        ([first, second], _) | ([first], [second, ..]) => (*first, *second),
        ([], own) if !own.iter().any(|key| ["image", "build", "uses"].contains(key)) => {
            let message = format!("the job `{name}` does not say what it runs");
            let finding = Finding::new(Code::ServiceSource, Place::Key(path.clone()), message, "runs nothing");
            scope.report(finding.help("add `uses: SERVICE` and `command: …`, `http: {post: URL}`, or `backup: {…}`"));
            return None;
        }
        _ => return Some(()),
    };
    let message = format!("the job `{name}` says in two ways what it does");
    let finding = Finding::new(Code::ServiceSource, Place::Key(path.key(second)), message, "and another");
    let finding = finding.related(Place::Key(path.key(first)), "one way");
    scope.report(finding.help(format!("keep `{first}` or `{second}`")));
    None
}

fn fixed(text: &str, path: &SpecPath) -> Text {
    Text::literal(text, path.clone())
}

/// The arguments of curl; what the request needs is waited for.
fn curl(
    scope: &mut Scope<'_, '_>,
    request: &spec::JobRequest,
    path: &SpecPath,
    name: &str,
    services: &IndexMap<String, Service>,
    job: &mut Service,
) -> Option<Vec<Text>> {
    let Some(url) = &request.post else {
        let finding =
            Finding::new(Code::MissingKey, Place::Value(path.clone()), "the request has no URL", "needs `post`");
        scope.report(finding.help("add `post: ${services.NAME.url}/path`"));
        return None;
    };
    let mut words: Vec<Text> =
        ["--fail-with-body", "--silent", "--show-error", "--max-time", LONGEST_REQUEST, "--request", "POST"]
            .map(|word| fixed(word, path))
            .to_vec();
    for (header, value) in &request.headers {
        let at = path.key("headers").key(header);
        let mut text = scope.text(&value.0, Position::running(&at, name));
        text.pieces.insert(0, Piece::Literal(format!("{header}: ")));
        words.extend([fixed("--header", path), text]);
    }
    if let Some(Typed(json)) = &request.json {
        let json = serde_json::to_string(json).expect("a mapping always prints as JSON");
        words.extend([fixed("--json", path), scope.text(&json, Position::running(&path.key("json"), name))]);
    }
    let mut url = scope.text(url, Position::running(&path.key("post"), name));
    if scope.platform() == Some(spec::Platform::Compose) {
        inside(&mut url);
    }
    asks_http(scope, &url, services, &path.key("post"));
    words.push(url);
    let asked = words.iter().flat_map(|word| &word.pieces).filter_map(|piece| match piece {
        Piece::Reference(reference) => reference.service().and_then(|name| services.get(name)),
        _ => None,
    });
    let asked: Vec<&Service> = asked.collect();
    for service in &asked {
        wait_for(job, service, path);
    }
    meet(job, &asked);
    Some(words)
}

/// Reports an address that no request can be posted to.
fn asks_http(scope: &mut Scope<'_, '_>, url: &Text, services: &IndexMap<String, Service>, path: &SpecPath) {
    let why = match url.pieces.first() {
        Some(Piece::Literal(text)) if text.starts_with("http://") || text.starts_with("https://") => return,
        Some(Piece::Literal(text)) => format!("`{text}` does not begin as the address of a request does"),
        Some(Piece::Reference(Reference::Url(name) | Reference::Address(name))) => {
            let port = services.get(name).and_then(Service::main_port);
            match port.filter(|port| !matches!(port.protocol, Protocol::Http | Protocol::Https)) {
                Some(port) => format!("the port `{}` of `{name}` speaks no http", port.name),
                None => return,
            }
        }
        _ => return,
    };
    let finding = Finding::new(Code::InvalidValue, Place::Value(path.clone()), why, "no request");
    scope.report(finding.help("write `https://…`, or `${services.NAME.address}/path` of a service with an http port"));
}

/// In the network of the containers a service is reached by its address: `localhost` would be the job itself.
fn inside(url: &mut Text) {
    for piece in &mut url.pieces {
        if let Piece::Reference(Reference::Url(service)) = piece {
            *piece = Piece::Reference(Reference::Address(service.clone()));
        }
    }
}

/// A job that says nothing about networks joins those of the services that it asks.
fn meet(job: &mut Service, asked: &[&Service]) {
    if job.networks.is_empty() {
        job.networks = service::networks_of(asked.iter().map(|service| service.networks.as_slice()));
    }
}

fn wait_for(job: &mut Service, service: &Service, path: &SpecPath) {
    if job.depends_on.iter().any(|dependency| dependency.service == service.name) {
        return;
    }
    let condition = if service.healthcheck.is_some() { Condition::Healthy } else { Condition::Started };
    job.depends_on.push(Dependency { service: service.name.clone(), condition, path: path.clone() });
}

fn known_database<'s>(
    scope: &mut Scope<'_, '_>,
    backup: &spec::Backup,
    path: &SpecPath,
    services: &'s IndexMap<String, Service>,
) -> Option<&'s Service> {
    let place = Place::Value(path.key("backup").key("of"));
    if !scope.knows_service(&backup.of, place.clone()) {
        return None;
    }
    let found = services.get(&backup.of);
    if found.is_none() && scope.spec.services[&backup.of].external.is_some() {
        let message = format!("`{}` runs elsewhere, so there is no image of it to save it with", backup.of);
        let finding = Finding::new(Code::LeftOut, place, message, "not here");
        let job = path.last_key().unwrap_or_default();
        scope.report(finding.help(format!("in this environment, write `jobs: {{{job}: null}}`")));
    }
    found
}

/// Turns `job` into one that saves `of`: its image, which has the right program in the right version, and its settings.
fn save(scope: &mut Scope<'_, '_>, backup: &spec::Backup, of: &Service, path: &SpecPath, job: &mut Service) {
    for (name, value) in &of.env {
        job.env.entry(name.clone()).or_insert_with(|| value.clone());
    }
    // Environments that share a server may share the folder, and none may take the copies of another for its own.
    let project = scope.environment.map_or_else(|| scope.spec.name.clone(), |(name, base)| project(base, name));
    let mut lines = vec![
        "set -eu".to_owned(),
        // All data is in a copy: it is for the owner of the folder alone.
        "umask 077".to_owned(),
        format!("copy=/backups/{project}-{}-$(date -u +%Y%m%d-%H%M%S)", of.name),
        "whole() { [ \"$(id -u)\" != 0 ] || chown \"$(stat -c %u:%g /backups)\" \"$1.part\" || :; mv \"$1.part\" \"$1\"; }"
            .to_owned(),
    ];
    let dump = match backup.kind {
        Database::Postgres => format!(
            r#"export PGPASSWORD="${{POSTGRES_PASSWORD-$(cat "${{POSTGRES_PASSWORD_FILE-/dev/null}}")}}"
user="${{POSTGRES_USER-postgres}}"
pg_dump --host={} --username="$user" --dbname="${{POSTGRES_DB-$user}}" --clean --if-exists --compress=9 --file="$copy.sql.gz.part""#,
            of.name
        ),
        Database::Mysql => format!(
            "MYSQL_PWD=\"${{MYSQL_ROOT_PASSWORD-${{MARIADB_ROOT_PASSWORD-}}}}\" \"$(command -v mariadb-dump || echo mysqldump)\" --host={} --user=root --all-databases --single-transaction --result-file=\"$copy.sql\"\ngzip -c \"$copy.sql\" > \"$copy.sql.gz.part\"\nrm \"$copy.sql\"",
            of.name
        ),
        Database::Mongo => format!(
            "mongodump --quiet --host={} --username=\"${{MONGO_INITDB_ROOT_USERNAME-}}\" --password=\"${{MONGO_INITDB_ROOT_PASSWORD-}}\" --authenticationDatabase=admin --gzip --archive=\"$copy.archive.gz.part\"",
            of.name
        ),
    };
    let ending = if backup.kind == Database::Mongo { "archive.gz" } else { "sql.gz" };
    lines.push(dump);
    // A copy bears its name only when it is whole.
    lines.push(format!("whole \"$copy.{ending}\""));
    for (index, volume) in backup.volumes.iter().enumerate() {
        if let Some(source) = super::mounts::named_volume(scope, volume, &path.key("volumes").index(index)) {
            let copy = format!("\"$copy.{volume}.tar.gz");
            // GNU tar says by 1 that a file has changed while it was read; others have it for any failure.
            lines.push(format!(
                "tar -czf {copy}.part\" -C {VOLUMES}/{volume} . || {{ [ $? -eq 1 ] && tar --version | grep -q GNU; }}"
            ));
            lines.push(format!("whole {copy}\""));
            let target = format!("{VOLUMES}/{volume}");
            job.mounts.push(Mount { target, source, read_only: true, makes_folder: false, path: path.key("volumes") });
        }
    }
    if let Some(days) = backup.keep {
        // What is saved before data is replaced must not cost a copy that may be the one to bring back.
        lines.push(format!(
            "[ -n \"${{KEEP_COPIES-}}\" ] || find /backups -maxdepth 1 -name '{project}-{}-[0-9]*' -mtime +{days} -delete",
            of.name
        ));
    }
    let script = lines.join("\n") + "\n";
    job.entrypoint = Some(["sh", "-c"].map(|word| fixed(word, path)).to_vec());
    job.command = Some(vec![fixed(&script, path)]);
    if let Some(source) = super::mounts::host_path(scope, &backup.to, &path.key("to")) {
        let target = "/backups".to_owned();
        job.mounts.push(Mount { target, source, read_only: false, makes_folder: true, path: path.key("to") });
    }
    wait_for(job, of, path);
    meet(job, &[of]);
}
