//! The script of a Compose environment: start and go back, stop, look, save and restore, the first certificate.

use serde_json::{Value, json};

use super::{output, path};
use crate::emit::Output;
use crate::model::{Database, Environment, GIT_SHA, Job, MountSource, Platform, Restart, Saved, Service, Tls};
use crate::template;

/// Seconds in which services become healthy where nothing else is said.
const WAIT: u64 = 120;
/// The service that gets certificates, which `resolve` adds.
const CERTBOT: &str = "certbot";

pub(super) fn script(environment: &Environment) -> Option<Output> {
    let Platform::Compose { file, pull, env_file, ssh, .. } = &environment.platform else { return None };
    let stack = &environment.stack;
    let always = || stack.services.values().filter(|service| environment.always_runs(service));
    let (once, running): (Vec<&Service>, Vec<&Service>) =
        always().partition(|service| service.restart == Restart::Never);
    let names =
        |services: Vec<&Service>| services.iter().map(|service| service.name.as_str()).collect::<Vec<_>>().join(" ");
    let released =
        always().filter(|service| service.release.is_some()).map(|service| format!("{}-release", service.name));
    let once = once.iter().map(|service| service.name.clone()).chain(released).collect::<Vec<_>>().join(" ");
    let backups: Vec<Value> = stack.jobs.values().filter_map(backup).collect();
    let certificates = certificates(environment);
    let mut options = env_file.iter().flat_map(|file| ["--env-file", file]).collect::<Vec<_>>();
    options.extend(["--file", file]);
    let view = json!({
        "title": format!("{}: what there is to do in the environment `{}`.", stack.name, environment.name),
        "script": path(environment),
        "file": file,
        "options": options,
        "pull": pull,
        "builds": stack.images_in_use().next().is_some(),
        "running": names(running),
        "once": once,
        "wait": ssh.as_ref().map_or(WAIT, |ssh| ssh.wait.0 / 1000).to_string(),
        "secret_files": secret_files(environment),
        "profiles": profiles(environment),
        "commit": stack.texts().any(|text| text.asks_for(GIT_SHA)),
        "usage": usage(*pull, &backups, certificates.is_some()),
        "commands": commands(&backups, certificates.is_some()),
        "backups": backups,
        "certificates": certificates,
    });
    Some(output(environment, template::render("deploy/compose.sh.j2", &view)))
}

fn commands(backups: &[Value], certificates: bool) -> Vec<&'static str> {
    let mut commands = vec!["up", "down", "status", "logs"];
    if !backups.is_empty() {
        commands.extend(["backup", "restore"]);
    }
    commands.extend(certificates.then_some("certificate"));
    commands
}

fn usage(pull: bool, backups: &[Value], certificates: bool) -> Vec<String> {
    let up = if pull {
        "pull the images that IMAGE_TAG chooses and start; go back to those of before if they do not become healthy"
    } else {
        "build and start, and wait until all is healthy"
    };
    let line = |command: &str, text: &str| format!("{command:<20} {text}");
    let mut lines = vec![
        line("up", up),
        line("down [--volumes]", "stop; with --volumes also delete all data, after a word of confirmation"),
        line("status", "what runs, and how healthy it is"),
        line("logs [SERVICE...]", "what they said last; --follow goes on"),
    ];
    if let Some(job) = backups.first().and_then(|backup| backup["job"].as_str()) {
        lines.push(line("backup", "save the data"));
        lines.push(line("restore JOB FILE", &format!("bring back what a backup left, such as that of {job}")));
    }
    lines.extend(
        certificates.then(|| line("certificate", "get the first certificate, and keep it up to date from then on")),
    );
    lines
}

/// Profiles that are not switched on: what they start is to be stopped as well.
fn profiles(environment: &Environment) -> Vec<&str> {
    let mut all: Vec<&str> = Vec::new();
    for service in environment.stack.all().filter(|service| !environment.always_runs(service)) {
        for profile in &service.profiles {
            if !all.contains(&profile.as_str()) {
                all.push(profile);
            }
        }
    }
    all
}

/// Secrets that a file of the host holds, and that always run services take from there.
fn secret_files(environment: &Environment) -> Vec<&str> {
    let stack = &environment.stack;
    let always = stack.services.values().filter(|service| environment.always_runs(service));
    let mut all: Vec<&str> = Vec::new();
    for mount in always.flat_map(|service| &service.mounts) {
        if let MountSource::Secret(name) = &mount.source
            && stack.secrets.get(name).is_some_and(|secret| secret.file.is_some())
            && !all.contains(&name.as_str())
        {
            all.push(name);
        }
    }
    all
}

fn backup(job: &Job) -> Option<Value> {
    let Saved { of, kind } = job.saves.as_ref()?;
    let restore = match kind {
        Database::Postgres => {
            r#"user="${POSTGRES_USER-postgres}"; exec psql --quiet --single-transaction --set ON_ERROR_STOP=1 --username="$user" --dbname="${POSTGRES_DB-$user}" --output=/dev/null"#
        }
        Database::Mysql => {
            r#"MYSQL_PWD="${MYSQL_ROOT_PASSWORD-${MARIADB_ROOT_PASSWORD-}}" exec "$(command -v mariadb || echo mysql)" --user=root"#
        }
        Database::Mongo => {
            r#"exec mongorestore --quiet --username="${MONGO_INITDB_ROOT_USERNAME-}" --password="${MONGO_INITDB_ROOT_PASSWORD-}" --authenticationDatabase=admin --gzip --archive --drop"#
        }
    };
    Some(json!({
        "job": job.service.name,
        "of": of,
        "compressed": *kind != Database::Mongo,
        "restore": restore,
    }))
}

fn certificates(environment: &Environment) -> Option<Value> {
    let table = environment.stack.routes.as_ref().filter(|table| matches!(table.tls, Tls::Certbot { .. }))?;
    let certbot = environment.stack.services.get(CERTBOT)?;
    let once = r#"certbot certonly --webroot --webroot-path /var/www/certbot --cert-name "$CERTBOT_NAME" --domains "$CERTBOT_DOMAINS" --email "$CERTBOT_EMAIL" --agree-tos --no-eff-email --non-interactive --expand"#;
    Some(json!({
        "edge": table.edge,
        "service": certbot.name,
        "profile": certbot.profiles.first()?,
        "once": once,
    }))
}
