//! The script of a Compose environment: start and go back, stop, look, save and restore, the first certificate.

use serde_json::{Value, json};

use super::{output, tests};
use crate::emit::{Output, server};
use crate::model::{
    Database, Environment, GIT_SHA, Job, MountSource, Platform, Program, Restart, Saved, Service, Ssh, Tls, certbot,
};
use crate::template;

/// What the server is told of a deployment, beside the values of its services.
const HANDED: [&str; 7] =
    ["IMAGE_TAG", "IMAGES", "CONFIRM", "WAIT", "REGISTRY_HOST", "REGISTRY_USERNAME", "REGISTRY_PASSWORD"];

pub(super) fn script(program: &Program, environment: &Environment) -> Option<Output> {
    let Platform::Compose { file, project, pull, env_file, ssh, .. } = &environment.platform else { return None };
    let stack = &environment.stack;
    let Watched { running, once, unchecked } = watched(environment);
    let backups: Vec<Value> = stack.jobs.values().filter_map(|job| backup(environment, job)).collect();
    let certificates = certificates(environment);
    let jobs: Vec<&String> = stack.jobs.keys().collect();
    let tests = tests::view(program, environment);
    let offers = Offers {
        pull: *pull,
        returns: *pull || ssh.is_some(),
        backup: backups.first().and_then(|backup| backup["job"].as_str()),
        certificates: certificates.is_some(),
        jobs: !jobs.is_empty(),
        tests: !tests.is_empty(),
        server: ssh.is_some(),
    };
    let commit = stack.texts().any(|text| text.asks_for(GIT_SHA));
    let env_file = env_file.iter().flat_map(|file| ["--env-file", file]).collect::<Vec<_>>();
    let options = [env_file.as_slice(), &["--file", file]].concat();
    // Compose reads .env in the folder of its file.
    let folder = file.rsplit_once('/').map(|(folder, _)| ["--project-directory", folder]);
    let view = json!({
        "title": format!("{}: what there is to do in the environment `{}`.", stack.name, environment.name),
        "script": environment.script(),
        "file": file,
        "options": options,
        "read_from": env_file.into_iter().chain(folder.into_iter().flatten()).collect::<Vec<_>>(),
        "build_secrets": build_secrets(environment),
        "pull": pull,
        "builds": stack.images_in_use().next().is_some(),
        "running": running.join(" "),
        "once": once.join(" "),
        "unchecked": unchecked,
        "wait": (ssh.as_ref().map_or(Ssh::WAIT, |ssh| ssh.wait).0 / 1000).to_string(),
        "secret_files": secret_files(environment),
        "profiles": profiles(environment),
        "job_profiles": job_profiles(environment),
        "job_names": jobs.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(" "),
        "all": services(environment),
        "older": pull.then(|| server::older(program)).flatten(),
        "commit": commit,
        "usage": offers.usage(),
        "commands": offers.commands(),
        "returns": offers.returns,
        "tag": format!("deploy/{}.tag", environment.name),
        "kept": format!("deploy/{}.back.yml", environment.name),
        "archive": format!("deploy/{}", environment.name),
        "mounted": mounted(environment),
        "project": project,
        "server": ssh.as_ref().map(|ssh| handed(program, environment, ssh)),
        "jobs": jobs,
        "tests": tests,
        "backups": backups,
        "certificates": certificates,
    });
    Some(output(environment, template::render("deploy/compose.sh.j2", &view)))
}

/// The secrets of the builds that take a digest of them.
fn build_secrets(environment: &Environment) -> Vec<&str> {
    let built = environment.stack.images_in_use().filter(|image| image.is_generated() && !environment.pulls());
    let mut all: Vec<&str> = built.flat_map(|image| &image.secrets).map(String::as_str).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// What a server is told, and what is carried there.
fn handed(program: &Program, environment: &Environment, ssh: &Ssh) -> Value {
    let commit = environment.stack.texts().any(|text| text.asks_for(GIT_SHA));
    let values = server::values(program, environment);
    let names = HANDED.into_iter().chain(commit.then_some(GIT_SHA)).chain(values.iter().map(server::name));
    let names = names.collect::<Vec<_>>().join(" ");
    let values: Vec<&str> = values.iter().map(server::name).collect();
    json!({"handed": names, "values": values, "path": ssh.path, "files": server::files(environment)})
}

/// Services whose state says whether a start went well.
struct Watched<'a> {
    running: Vec<&'a str>,
    once: Vec<String>,
    /// Those that run and have no health check.
    unchecked: Vec<&'a str>,
}

fn watched(environment: &Environment) -> Watched<'_> {
    let always = || environment.stack.services.values().filter(|service| environment.always_runs(service));
    let (once, running): (Vec<&Service>, Vec<&Service>) =
        always().partition(|service| service.restart == Restart::Never);
    let released =
        always().filter(|service| service.release.is_some()).map(|service| format!("{}-release", service.name));
    let unchecked = |service: &&&Service| service.healthcheck.is_none() && !service.compose.contains_key("healthcheck");
    Watched {
        unchecked: running.iter().filter(unchecked).map(|service| service.name.as_str()).collect(),
        running: running.iter().map(|service| service.name.as_str()).collect(),
        once: once.iter().map(|service| service.name.clone()).chain(released).collect(),
    }
}

/// What services mount from the repository and Compose does not make.
fn mounted(environment: &Environment) -> Vec<&str> {
    let always = environment.stack.services.values().filter(|service| environment.always_runs(service));
    let mut all: Vec<&str> = Vec::new();
    for mount in always.flat_map(|service| &service.mounts).filter(|mount| !mount.makes_folder) {
        let path = match &mount.source {
            MountSource::Bind(path) => path.strip_prefix("./"),
            MountSource::File(path) => Some(path.as_str()),
            MountSource::Volume(_) | MountSource::Anonymous | MountSource::Tmpfs(_) | MountSource::Secret(_) => None,
        };
        all.extend(path.filter(|path| !all.contains(path)));
    }
    all
}

/// All that the Compose file holds, by name.
fn services(environment: &Environment) -> String {
    let services = environment.stack.all().flat_map(|service| {
        let before = service.release.is_some().then(|| format!("{}-release", service.name));
        before.into_iter().chain([service.name.clone()])
    });
    services.collect::<Vec<_>>().join(" ")
}

/// What there is to do in an environment.
struct Offers<'a> {
    pull: bool,
    returns: bool,
    backup: Option<&'a str>,
    certificates: bool,
    jobs: bool,
    tests: bool,
    server: bool,
}

impl Offers<'_> {
    /// The commands that are functions of the same name.
    fn commands(&self) -> Vec<&'static str> {
        let all = [
            ("up", true),
            ("check", true),
            ("down", true),
            ("status", true),
            ("logs", true),
            ("images", self.returns),
            ("back", self.returns),
            ("job", self.jobs),
            ("backup", self.backup.is_some()),
            ("restore", self.backup.is_some()),
            ("certificate", self.certificates),
            ("leave", self.server),
            ("remote", self.server),
        ];
        all.into_iter().filter(|(_, offered)| *offered).map(|(command, _)| command).collect()
    }

    fn usage(&self) -> Vec<String> {
        let up = if self.pull {
            "pull the images that IMAGE_TAG chooses and start; go back to those of before if they do not become healthy"
        } else {
            "build and start, and wait until all is healthy"
        };
        let restore = self.backup.map(|job| format!("bring back what a backup left, such as that of {job}"));
        let check = if self.pull {
            "look whether values, files of secrets and images are there, and change nothing that runs"
        } else {
            "look whether values and files of secrets are there"
        };
        let lines = [
            ("up", Some(up)),
            ("check", Some(check)),
            ("down [--volumes]", Some("stop; with --volumes also delete all data, after a word of confirmation")),
            ("status", Some("what runs, and how healthy it is")),
            ("logs [SERVICE...]", Some("what they said last; --follow goes on")),
            ("images", self.returns.then_some("the image that each service runs, a line each")),
            (
                "back",
                self.returns
                    .then_some("start the images that the variable IMAGES names, in the lines of the command images"),
            ),
            ("job NAME", self.jobs.then_some("run a job now")),
            ("backup", self.backup.map(|_| "save the data")),
            ("restore JOB FILE", restore.as_deref()),
            (
                "certificate",
                self.certificates.then_some("get the first certificate, and keep it up to date from then on"),
            ),
            (
                "test [SERVICE...]",
                self.tests.then_some("test services as CI does, with the languages of this machine (first `down`, if what runs holds their ports)"),
            ),
            (
                "remote COMMAND...",
                self.server
                    .then_some("do it on the server SSH_HOST; up and check carry the files over that it is about"),
            ),
            ("remote lines", self.server.then_some("the same with a script on the input")),
        ];
        let line = |(command, text): (&str, Option<&str>)| text.map(|text| format!("{command:<20} {text}"));
        let options = [
            format!("{:<20} do not wait until all is healthy", "up --no-smoke"),
            format!("{:<20} stay with what was started, even where it fails", "up --no-rollback"),
        ];
        let options = options.into_iter().take(if self.returns { 2 } else { 1 });
        lines.into_iter().filter_map(line).chain(std::iter::once(String::new())).chain(options).collect()
    }
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

/// Profiles of jobs, whose images are fetched with those of the services.
fn job_profiles(environment: &Environment) -> Vec<&str> {
    let mut all: Vec<&str> = Vec::new();
    let jobs = environment.stack.jobs.values().map(|job| &job.service);
    for profile in jobs.filter_map(|job| job.profiles.first()) {
        if !all.contains(&profile.as_str()) {
            all.push(profile);
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

/// What a later version has added goes as well, in the same transaction: the copy does not know it, and may not drop what it depends on.
const POSTGRES: &str = r#"user="${POSTGRES_USER-postgres}"
{
    cat <<"END"
SET client_min_messages = warning;
DO $$
DECLARE schema_name text;
BEGIN
    FOR schema_name IN
        SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
            AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_namespace'::regclass AND objid = pg_namespace.oid AND deptype = 'e')
    LOOP
        EXECUTE format('DROP SCHEMA %I CASCADE', schema_name);
    END LOOP;
    CREATE SCHEMA IF NOT EXISTS public;
    GRANT USAGE ON SCHEMA public TO PUBLIC;
    IF current_setting('server_version_num')::int >= 150000 THEN
        ALTER SCHEMA public OWNER TO pg_database_owner;
    ELSE
        GRANT CREATE ON SCHEMA public TO PUBLIC;
    END IF;
    COMMENT ON SCHEMA public IS 'standard public schema';
END $$;
END
    cat
} | psql --quiet --single-transaction --set ON_ERROR_STOP=1 --username="$user" --dbname="${POSTGRES_DB-$user}" --output=/dev/null"#;

/// What a later version has added goes here too, though in no transaction: there is none for databases and tables.
const MYSQL: &str = r#"export MYSQL_PWD="${MYSQL_ROOT_PASSWORD-${MARIADB_ROOT_PASSWORD-}}"
client="$(command -v mariadb || echo mysql)"
drop=$("$client" --user=root --batch --raw --skip-column-names <<"END"
SELECT CONCAT('DROP DATABASE `', REPLACE(schema_name, '`', '``'), '`;') FROM information_schema.schemata
    WHERE schema_name NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys');
END
) || exit 1
{
    echo 'SET FOREIGN_KEY_CHECKS = 0;'
    printf '%s\n' "$drop"
    cat
} | "$client" --user=root"#;

fn backup(environment: &Environment, job: &Job) -> Option<Value> {
    let Saved { of, kind, volumes } = job.saves.as_ref()?;
    let volumes: Vec<Value> = volumes.iter().map(|name| volume(environment, name)).collect();
    let restore = match kind {
        Database::Postgres => POSTGRES,
        Database::Mysql => MYSQL,
        Database::Mongo => {
            r#"exec mongorestore --quiet --username="${MONGO_INITDB_ROOT_USERNAME-}" --password="${MONGO_INITDB_ROOT_PASSWORD-}" --authenticationDatabase=admin --gzip --archive --drop"#
        }
    };
    Some(json!({
        "job": job.service.name,
        "of": of,
        "volumes": volumes,
        "compressed": *kind != Database::Mongo,
        "restore": restore,
    }))
}

/// A volume, and the services that stop while it is brought back.
fn volume(environment: &Environment, name: &str) -> Value {
    let uses = |service: &&Service| {
        let mut sources = service.mounts.iter().map(|mount| &mount.source);
        sources.any(|source| matches!(source, MountSource::Volume(used) if used == name))
    };
    let running = environment.stack.services.values().filter(|service| environment.always_runs(service));
    let users: Vec<&String> = running.filter(uses).map(|service| &service.name).collect();
    json!({"name": name, "users": users})
}

fn certificates(environment: &Environment) -> Option<Value> {
    let table = environment.stack.routes.as_ref().filter(|table| matches!(table.tls, Tls::Certbot { .. }))?;
    let service = environment.stack.services.get(certbot::SERVICE)?;
    Some(json!({
        "edge": table.edge,
        "service": service.name,
        "profile": service.profiles.first()?,
        "once": certbot::LINE,
    }))
}
