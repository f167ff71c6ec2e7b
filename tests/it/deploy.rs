//! `deploy/<env>.sh`, run for real against a `docker` that records what it is asked and can be told to fail.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// The program in `folder`.
fn stackc(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_stackc")).args(arguments).current_dir(folder).output().expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

const STACK: &str = r#"
name: shop
registry: ghcr.io/acme/shop
services:
  seed: {uses: api, command: [seed]}
  db: {image: "postgres:17", secrets: [DB_PASSWORD]}
  api:
    build: ./api
    command: [serve]
    depends_on: {db: healthy, seed: completed}
    volumes: {/run/secrets/key.json: {secret: KEY}, /data: uploads}
volumes: {uploads: {}}
secrets:
  DB_PASSWORD: {}
  KEY: {file: "${KEY_FILE:-/dev/null}"}
jobs:
  backup: {backup: {of: db, kind: postgres, to: ./backups, keep: 7, volumes: [uploads]}}
environments:
  dev: {platform: compose, file: docker-compose.yml}
  prod:
    platform: compose
    file: docker-compose.prod.yml
    pull: true
    env_file: .env.prod
    deploy: {ssh: {path: /opt/shop, wait: 2s}}
"#;

/// Records its arguments; answers as the files `state`, `exited` and `fails` beside it say.
const DOCKER: &str = r#"#!/bin/sh
here=$(dirname "$0")
case $1 in compose) shift; while :; do case $1 in --file | --env-file | --profile)
    case $2 in *.back.yml) sed 's/^/    /' "$2" >> "$here/calls"; shift 2 ;; *) kept="$kept $1 $2"; shift 2 ;; esac ;;
    *) break ;; esac; done ;; esac
call="$kept $*"
printf '%s\n' "docker${call}" >> "$here/calls"
while read -r words; do case "$*" in $words*) exit 1 ;; esac; done < "$here/fails"
case "$*" in
    "ps --quiet --all") echo c1; echo c2 ;;
    "ps --quiet"*) echo c1 ;;
    inspect*RestartCount*) cat "$here/restarts"; cat "$here/later" > "$here/restarts" ;;
    inspect*c1) echo "api sha256:old" ;;
    inspect*c2) echo "db sha256:same" ;;
    ps*ExitCode*) cat "$here/exited" ;;
    ps*Health*) cat "$here/state" ;;
    "config --images") echo postgres:17 ;;
    "image inspect"*RepoTags*) echo 0 ;;
    "image inspect"*) echo sha256:saver ;;
    config) printf 'services:\n  api: {}\n  backup:\n    image: postgres:17\nsecrets:\n  KEY:\n    name: x\n    file: %s\n' "$(cat "$here/keyfile")" ;;
    exec*) exec sh -c "$6" ;;
    run*/restore*) cat > "$here/restored" ;;
    run*KEEP_COPIES*) [ ! -e "$here/greedy" ] || rm -f "$here"/../*.gz ;;
    run*) rm -f "$here"/../*.gz ;;
esac
"#;

struct Machine {
    folder: TempDir,
}

impl Machine {
    fn new() -> Self {
        Machine::of(STACK)
    }

    fn of(stack: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let machine = Machine { folder };
        machine.write("stack.yaml", stack);
        fs::create_dir_all(machine.path("api")).expect("it can be made");
        machine.write("api/Dockerfile", "FROM scratch\n");
        let built = stackc(machine.folder.path(), &["build"]);
        assert!(built.status.success(), "{}", text(&built.stderr));
        fs::create_dir_all(machine.path("bin")).expect("it can be made");
        let psql = "#!/bin/sh\nexec cat > \"$(dirname \"$0\")/restored\"\n";
        for (name, program) in [("docker", DOCKER), ("psql", psql), ("sleep", "#!/bin/sh\n")] {
            machine.write(&format!("bin/{name}"), program);
            let path = machine.path(&format!("bin/{name}"));
            fs::set_permissions(path, Permissions::from_mode(0o755)).expect("it is ours");
        }
        for (name, content) in [
            ("state", "running/healthy\n"),
            ("exited", "exited/0\n"),
            ("fails", ""),
            ("keyfile", "/dev/null"),
            ("restarts", "api c1 1\napi c3 1\ndb c2 0\n"),
            ("later", "api c1 1\napi c3 1\ndb c2 0\n"),
            ("calls", ""),
        ] {
            machine.write(&format!("bin/{name}"), content);
        }
        machine
    }

    fn path(&self, path: &str) -> std::path::PathBuf {
        self.folder.path().join(path)
    }

    fn write(&self, path: &str, content: &str) {
        fs::write(self.path(path), content).expect("it can be written");
    }

    fn calls(&self) -> Vec<String> {
        let calls = fs::read_to_string(self.path("bin/calls")).expect("it is there");
        calls.lines().map(str::to_owned).collect()
    }

    /// Runs the script of `environment` from another folder.
    fn run(&self, environment: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
        let path = format!("{}:{}", self.path("bin").display(), std::env::var("PATH").expect("there is one"));
        let mut command = Command::new(self.path(&format!("deploy/{environment}.sh")));
        command.args(arguments).env("PATH", path).envs(variables.iter().copied()).current_dir(Path::new("/"));
        command.output().expect("the script starts")
    }
}

const DEV: &str = "docker --file docker-compose.yml";
const PROD: &str = "docker --env-file .env.prod --file docker-compose.prod.yml";

fn expect(machine: &Machine, prefix: &str, calls: &[&str]) {
    let expected: Vec<String> = calls
        .iter()
        .map(|call| {
            if call.starts_with([' ', '!']) {
                call.trim_start_matches('!').to_owned()
            } else {
                format!("{prefix} {call}")
            }
        })
        .collect();
    let calls = machine.calls();
    let looks = [" ps --all ", " ps --quiet api", "RestartCount"];
    let seen: Vec<&String> = calls.iter().filter(|call| looks.iter().all(|look| !call.contains(look))).collect();
    assert_eq!(seen, expected.iter().collect::<Vec<_>>());
}

#[test]
fn up_builds_starts_and_waits() {
    let machine = Machine::new();
    let output = machine.run("dev", &["up"], &[]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    expect(&machine, DEV, &["config --quiet", "config", "--profile jobs build", "up --detach --remove-orphans", "ps"]);
}

#[test]
fn up_pulls_and_tidies_on_a_server() {
    let machine = Machine::new();
    let output = machine.run("prod", &["up"], &[]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let looks = |call: &String| call.starts_with("docker inspect") && !call.contains("RestartCount");
    assert_eq!(machine.calls().into_iter().filter(looks).count(), 2);
    let calls = machine.calls();
    let position =
        |call: &str| calls.iter().position(|seen| seen == call).unwrap_or_else(|| panic!("{call}: {calls:#?}"));
    let order = ["ps --quiet --all", "config --quiet", "--profile jobs pull --quiet", "up --detach --remove-orphans"];
    let places: Vec<usize> = order.iter().map(|call| position(&format!("{PROD} {call}"))).collect();
    assert!(places.is_sorted() && position("docker image rm sha256:saver") > places[3], "{calls:#?}");
}

#[test]
fn what_does_not_become_healthy_goes_back_to_the_images_of_before() {
    let machine = Machine::new();
    machine.write("bin/state", "running/unhealthy\n");
    let output = machine.run("prod", &["up"], &[]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(said.contains("not healthy after 2 seconds: db api") && said.contains("going back"), "{said}");
    let calls = machine.calls();
    let end: Vec<&str> = calls[calls.len() - 6..].iter().map(String::as_str).collect();
    assert_eq!(
        end,
        [
            &format!("{PROD} logs --tail 50"),
            "    services:",
            "      api: {image: \"sha256:old\", pull_policy: never}",
            "      backup: {image: \"sha256:saver\", pull_policy: never}",
            "      db: {image: \"sha256:same\", pull_policy: never}",
            &format!("{PROD} up --detach --remove-orphans"),
        ]
    );
}

#[test]
fn each_failing_step_ends_it() {
    for (step, later) in [("config --quiet", "pull"), ("pull", "up"), ("up", "image rm")] {
        let machine = Machine::new();
        machine.write("bin/fails", &format!("{step}\n"));
        let output = machine.run("prod", &["up"], &[]);
        assert_eq!(output.status.code(), Some(1), "{step}");
        let calls = machine.calls().join("\n");
        assert!(
            !calls.contains(&format!(" {later}")) || step == "up" && !calls.contains("image rm"),
            "{step}: {calls}"
        );
    }
}

/// Between two of its ends it runs, and nothing else is known of it.
#[test]
fn what_starts_again_and_again_does_not_run() {
    let machine = Machine::new();
    // Both of its containers, in step.
    machine.write("bin/later", "api c1 2\napi c3 2\ndb c2 0\n");
    let output = machine.run("dev", &["up"], &[("WAIT", "0")]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("not healthy after 0 seconds: api\n"), "{}", text(&output.stderr));
    // It may need a few starts until what it needs is there.
    let output = machine.run("dev", &["up"], &[]);
    assert!(output.status.success(), "{}", text(&output.stderr));
}

#[test]
fn what_is_mounted_must_be_there() {
    let stack =
        STACK.replace("/data: uploads", "/data: uploads, /etc/shop: ./config/shop, /etc/motd: {file: motd.txt}");
    let machine = Machine::of(&stack);
    fs::create_dir_all(machine.path("config/shop")).expect("it can be made");
    let output = machine.run("prod", &["check"], &[]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(said.contains("motd.txt is mounted, and there is none; of the repository, what git knows"), "{said}");
    machine.write("motd.txt", "welcome");
    assert!(machine.run("prod", &["check"], &[]).status.success());
    assert!(!machine.path("backups").exists(), "what Compose makes itself is not missing");
}

#[test]
fn what_runs_once_must_have_ended_well() {
    let machine = Machine::new();
    machine.write("bin/exited", "exited/3\n");
    let output = machine.run("dev", &["up"], &[("WAIT", "0")]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("not healthy after 0 seconds: seed"), "{}", text(&output.stderr));
}

#[test]
fn the_file_of_a_secret_is_looked_for_before_anything_changes() {
    let machine = Machine::new();
    machine.write("bin/keyfile", "/nowhere/key.json");
    let output = machine.run("prod", &["up"], &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("the file of the secret KEY is not there: /nowhere/key.json"));
    assert!(!machine.calls().iter().any(|call| call.contains("pull") || call.contains(" up ")));
}

#[test]
fn data_is_deleted_or_replaced_only_after_a_word_and_a_backup() {
    let machine = Machine::new();
    let refused = machine.run("prod", &["down", "--volumes"], &[]);
    assert_eq!((refused.status.code(), machine.calls().len()), (Some(1), 0), "{}", text(&refused.stderr));
    assert!(text(&refused.stderr).contains("CONFIRM=volumes deploy/prod.sh down --volumes"));
    let done = machine.run("prod", &["down", "--volumes"], &[("CONFIRM", "volumes")]);
    assert!(done.status.success(), "{}", text(&done.stderr));
    let saved = "run --rm --env KEEP_COPIES=all backup";
    expect(&machine, PROD, &[saved, &format!("!{PROD} --profile jobs down --remove-orphans --volumes")]);

    let machine = Machine::new();
    machine.write("plain.sql", "select 1;\n");
    assert!(Command::new("gzip").arg(machine.path("plain.sql")).status().expect("gzip is there").success());
    let refused = machine.run("prod", &["restore", "backup", "plain.sql.gz"], &[]);
    assert_eq!((refused.status.code(), machine.calls().len()), (Some(1), 0), "{}", text(&refused.stderr));
    let done = machine.run("prod", &["restore", "backup", "plain.sql.gz"], &[("CONFIRM", "restore")]);
    assert!(done.status.success(), "{}", text(&done.stderr));
    let restored = fs::read_to_string(machine.path("bin/restored")).expect("it was read");
    let (emptied, copy) = restored.split_once("\nEND $$;\n").expect("the database is emptied");
    assert!(emptied.contains("DROP SCHEMA %I CASCADE") && copy == "select 1;\n", "{restored}");
    assert!(machine.calls()[0].ends_with(saved), "{:#?}", machine.calls());
    assert!(machine.path("plain.sql.gz").exists(), "a backup that comes first removes no copy");

    machine.write("bin/greedy", "");
    machine.write("bin/restored", "");
    let done = machine.run("prod", &["restore", "backup", "plain.sql.gz"], &[("CONFIRM", "restore")]);
    assert!(done.status.success(), "{}", text(&done.stderr));
    assert_eq!(fs::read_to_string(machine.path("bin/restored")).expect("it was read"), restored);
}

#[test]
fn volumes_are_deleted_by_no_other_words() {
    for words in [&["down", "-v"][..], &["down", "-v", "--volumes"]] {
        let machine = Machine::new();
        let refused = machine.run("prod", words, &[]);
        assert_eq!((refused.status.code(), machine.calls().len()), (Some(1), 0), "{}", text(&refused.stderr));
    }
    for words in [&["down", "--timeout", "5", "--volumes"][..], &["down", "--rmi", "all", "-v"], &["down", "-tv"]] {
        let machine = Machine::new();
        let refused = machine.run("prod", words, &[("CONFIRM", "volumes")]);
        assert_eq!((refused.status.code(), machine.calls().len()), (Some(2), 0), "{}", text(&refused.stderr));
    }
    let machine = Machine::of(TESTED);
    let refused = machine.run("dev", &["down", "-v"], &[]);
    assert!(text(&refused.stderr).contains("deletes all data, and no job saves it first"));
    assert!(machine.run("dev", &["down", "-v"], &[("CONFIRM", "volumes")]).status.success());
    assert!(machine.calls()[0].ends_with("down --remove-orphans --volumes"), "{:#?}", machine.calls());
}

#[test]
fn a_volume_is_brought_back_while_nobody_uses_it() {
    let machine = Machine::new();
    for name in ["shop-db-1.uploads.tar", "shop-db-1.other.tar"] {
        machine.write(name, "files\n");
        assert!(Command::new("gzip").arg(machine.path(name)).status().expect("gzip is there").success());
    }
    let confirmed = [("CONFIRM", "restore")];
    let wrong = machine.run("prod", &["restore", "backup", "shop-db-1.other.tar.gz"], &confirmed);
    assert_eq!((wrong.status.code(), machine.calls().len()), (Some(1), 0), "{}", text(&wrong.stderr));
    assert!(text(&wrong.stderr).contains("no copy of what backup saves"), "{}", text(&wrong.stderr));
    let copy = ["restore", "backup", "shop-db-1.uploads.tar.gz"];
    let done = machine.run("prod", &copy, &confirmed);
    assert!(done.status.success(), "{}", text(&done.stderr));
    let unpack = "run --rm --no-deps -T --volume uploads:/restore --entrypoint sh backup -c find /restore -mindepth 1 -delete && tar -xzf - -C /restore";
    let calls =
        ["run --rm --env KEEP_COPIES=all backup", "stop api", unpack, "up --detach --no-deps --no-recreate api"];
    expect(&machine, PROD, &calls);
    assert_eq!(
        fs::read(machine.path("bin/restored")).expect("it was read"),
        fs::read(machine.path(copy[2])).expect("it stays")
    );
    machine.write("bin/calls", "");
    machine.write("bin/fails", "run --rm --no-deps\n");
    let failed = machine.run("prod", &copy, &confirmed);
    assert_eq!(failed.status.code(), Some(1));
    assert!(text(&failed.stderr).contains("uploads is not whole; api stays stopped"), "{}", text(&failed.stderr));
    expect(&machine, PROD, &calls[..3]);
}

#[test]
fn the_file_of_a_secret_may_have_any_name() {
    for (name, written) in [
        ("my key.json", "FOLDER/my key.json"),
        ("sa #1.json", "'FOLDER/sa #1.json'"),
        ("it's #1.json", "'FOLDER/it''s #1.json'"),
        ("tab\"\\.json", r#""FOLDER/tab\"\\.json""#),
        ("a$b.json", "FOLDER/a$$b.json"),
    ] {
        let machine = Machine::new();
        machine.write(name, "{}");
        machine.write("bin/keyfile", &written.replace("FOLDER", &machine.path("").display().to_string()));
        let output = machine.run("dev", &["up"], &[]);
        assert!(output.status.success(), "{name}: {}", text(&output.stderr));
    }
}

#[test]
fn an_image_that_stays_decides_nothing() {
    let machine = Machine::new();
    machine.write("bin/fails", "image rm\n");
    let output = machine.run("prod", &["up"], &[]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("sha256:saver was not removed"), "{}", text(&output.stderr));
}

#[test]
fn anything_else_is_a_wrong_use() {
    let machine = Machine::new();
    for arguments in [&[][..], &["reset"], &["restore"], &["restore", "other", "stack.yaml"]] {
        let output = machine.run("prod", arguments, &[]);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text(&output.stderr).contains("usage: deploy/prod.sh COMMAND"), "{arguments:?}");
    }
    assert!(machine.calls().is_empty());
    for (arguments, call) in
        [(&["status"][..], "ps"), (&["logs", "api"], "logs --tail 200 api"), (&["backup"], "run --rm backup")]
    {
        let machine = Machine::new();
        assert!(machine.run("prod", arguments, &[]).status.success());
        expect(&machine, PROD, &[call]);
    }
}

const TESTED: &str = r#"
name: shop
services:
  db: {image: "postgres:17", secrets: [DB_PASSWORD], ports: {postgres: {port: 5432, publish: "${DB_PORT:-5433}"}}}
  api:
    build: ./api
    command: [serve]
    test:
      services: [db]
      env_file: [test.env]
      env: {URL: "postgres://shop:${secrets.DB_PASSWORD}@${services.db.host}:${services.db.port}/shop", NOTE: "it's on"}
      steps: ['printf "%s|" "$URL" "$NOTE" "$QUOTED" "$PLAIN" > seen', '[ ! -e broken ]']
  web: {build: ./api, command: [web], test: {steps: [touch web]}}
secrets: {DB_PASSWORD: {}}
environments: {dev: {platform: compose}}
ci: {github: {}}
"#;

/// The tests see their services as CI shows them, beside the stack that may be running, and nothing stays.
#[test]
fn tests_run_beside_what_runs() {
    let machine = Machine::of(TESTED);
    machine.write("test.env", "# why\nexport QUOTED=\"two # words\"\nPLAIN=x=y # why\nnot a line");
    let output = machine.run("dev", &["test"], &[("DB_PASSWORD", "p 'w"), ("DB_PORT", "")]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let seen = fs::read_to_string(machine.path("api/seen")).expect("the test ran");
    assert_eq!(seen, "postgres://shop:p 'w@127.0.0.1:5433/shop|it's on|two # words|x=y|");
    assert!(machine.path("api/web").exists());
    let beside = "docker compose --project-name shop-test --file docker-compose.yml";
    let calls = [format!("{beside} up --detach --wait db"), format!("{beside} down --volumes --remove-orphans")];
    let raw = |call: &String| call.replace("docker compose", "docker");
    assert_eq!(machine.calls(), calls.iter().map(raw).collect::<Vec<_>>());

    machine.write("bin/calls", "");
    machine.write("api/broken", "");
    fs::remove_file(machine.path("api/web")).expect("it is there");
    let output = machine.run("dev", &["test"], &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("the test of api failed"), "{}", text(&output.stderr));
    let calls = machine.calls();
    assert!(
        calls[1].ends_with("logs --no-color --timestamps") && calls[2].ends_with("down --volumes --remove-orphans")
    );
    assert!(!machine.path("api/web").exists(), "the first failure ends it");
    let seen = fs::read_to_string(machine.path("api/seen")).expect("the test ran");
    assert_eq!(seen.split_once('@').expect("it is a URL").0.len(), "postgres://shop:".len() + 64, "made up: {seen}");

    machine.write("bin/calls", "");
    machine.write("bin/fails", "--project-name shop-test --file docker-compose.yml up\n");
    let output = machine.run("dev", &["test", "api"], &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("stop it first: deploy/dev.sh down"), "{}", text(&output.stderr));
    assert!(machine.calls().last().expect("it was called").ends_with("down --volumes --remove-orphans"));
    assert!(machine.run("dev", &["test", "web"], &[]).status.success());
    assert_eq!(machine.run("dev", &["test", "db"], &[]).status.code(), Some(2));
}

/// What the script calls its own must not be handed over in place of the user's: the compiler refuses each of these names.
#[test]
fn the_scripts_own_names_are_refused() {
    let machine = Machine::new();
    let script = fs::read_to_string(machine.path("deploy/prod.sh")).expect("it was made");
    let mut names: Vec<&str> = Vec::new();
    for line in script.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let set = words.first().and_then(|word| word.split_once('=')).map(|(name, _)| name);
        let read = words.windows(2).position(|pair| pair == ["read", "-r"]).map_or(&[][..], |at| &words[at + 2..]);
        let looped = (words.first() == Some(&"for")).then(|| words[1].trim_end_matches(';'));
        names.extend(set.into_iter().chain(looped).chain(read.iter().map(|word| word.trim_end_matches(';'))));
    }
    let own = |name: &&str| !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase());
    names.retain(|name| own(name) && *name != "do");
    assert!(names.len() > 20, "{names:?}");
    let env: Vec<String> = names.iter().map(|name| format!("{name}: x")).collect();
    let env: std::collections::BTreeSet<String> = env.into_iter().collect();
    let env = env.into_iter().collect::<Vec<_>>().join(", ");
    machine.write(
        "stack.yaml",
        &format!("{STACK}ci: {{github: {{deploy: {{prod: {{when: manual, env: {{{env}}}, after: [ls]}}}}}}}}\n"),
    );
    let refused = text(&stackc(machine.folder.path(), &["build"]).stderr);
    for name in names {
        assert!(refused.contains(&format!("has a variable `{name}` of its own")), "{name}: {refused}");
    }
}

/// Fills the values of a document in as Compose does: from the environment, else from the file of variables of the folder it is told.
const FILLING: &str = r#"#!/bin/sh
here=$(dirname "$0")
printf 'docker %s\n' "$*" >> "$here/calls"
folder=.
[ "$2" != --project-directory ] || folder=$3
case "$*" in
    *"--file - config")
        [ ! -e "$here/broken" ] || exit 1
        . "$folder/.env"
        [ -z "$GIVEN" ] || TOKEN=$GIVEN
        eval "printf '%s\n' \"$(cat)\""
        ;;
    *" build") printf '%s\n' "$BUILD_DIGEST" >> "$here/digests" ;;
esac
"#;

#[test]
fn a_changed_build_secret_changes_the_digest_of_the_build() {
    let machine = Machine::of(
        r#"
name: shop
services:
  api: {path: web, build: {context: web, node: {version: 24, package_manager: npm}, secrets: [TOKEN]}, command: node main.js}
secrets: {TOKEN: {stage: build}}
environments: {dev: {platform: compose, file: run/compose.yml}}
"#,
    );
    machine.write("bin/docker", FILLING);
    machine.write("run/.env", "TOKEN=one\n");
    let up = |given: &str, digest: &str| {
        let variables = [("GIVEN", given), ("BUILD_DIGEST", digest)];
        let output = machine.run("dev", &["up", "--no-smoke"], &variables);
        assert!(output.status.success(), "{}", text(&output.stderr));
        let digests = fs::read_to_string(machine.path("bin/digests")).expect("it was built");
        digests.lines().last().expect("it was built").to_owned()
    };
    let first = up("", "");
    assert!(first.len() > 5 && up("", "") == first, "{first}");
    let second = up("two words'\"", "");
    assert_ne!(first, second);
    machine.write("run/.env", "TOKEN=three\n");
    assert!(![first, second].contains(&up("", "")), "a value of the file of variables counts");
    assert_eq!(up("", "mine"), "mine");
    let read = "docker compose --project-directory run --file - config".to_owned();
    let calls = machine.calls();
    assert!(calls.contains(&read), "{calls:#?}");
    assert!(!calls.iter().any(|call| call.contains("two words")), "no value stands in a command: {calls:#?}");

    machine.write("bin/broken", "");
    let output = machine.run("dev", &["up"], &[("GIVEN", "")]);
    assert!(text(&output.stderr).contains("the build secrets cannot be read"), "{}", text(&output.stderr));
    assert_eq!(output.status.code(), Some(1));
}
