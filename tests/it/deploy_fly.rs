//! `deploy/<env>.sh` of Fly, run for real against a `flyctl` that records what it is asked and can be told to fail.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output};

use tempfile::TempDir;

const STACK: &str = r#"
name: shop
services:
  web:
    build: {dockerfile: Dockerfile, secrets: [NPM_TOKEN]}
    path: .
    command: [serve]
    ports: {http: {port: 3000, publish: true}, events: {port: 8002, publish: true, protocol: http}}
    env: {API: "${services.api.address}", DSN: "postgres://shop:${secrets.PASSWORD}@db.example.net/shop"}
    secrets: [TOKEN]
    healthcheck: /health
    scale: {min: 2, max: 2}
  worker: {uses: web, command: [work], volumes: {/data: data, /run/key.pem: {secret: KEY}}, env: {API: "${services.api.address}"}, scale: {min: 1, max: 1}}
  api: {image: "ghcr.io/acme/api:1.2", ports: {http: 8080}}
volumes: {data: {size: 10gb, fly: {snapshot_retention: 14, scheduled_snapshots: false}}}
secrets: {PASSWORD: {}, TOKEN: {}, KEY: {required: false}, NPM_TOKEN: {stage: build}, CRON_TOKEN: {}}
jobs:
  scan: {schedule: hourly, http: {post: "${services.web.url}/scan", headers: {Authorization: "Bearer ${secrets.CRON_TOKEN}"}, json: {most: 50}}}
  prune: {uses: web, command: [prune, --older, "it's old"]}
environments:
  production:
    platform: fly
    region: fra
    org: acme
    apps: {web: shop, worker: shop, api: shop-api}
"#;

/// Records its arguments, and what it is handed on stdin; answers with the files beside it; fails where `fails` says, and where there is no such
/// configuration in the folder that it is told to work in.
const FLYCTL: &str = r#"#!/bin/sh
here=$(dirname "$0")
label=$(printf '%s\n' "$*" | sed 's/deploy-[0-9]\{14\}/LABEL/g; s/job-\([a-z]*\)-[0-9][0-9]*/job-\1-DIGEST/g; s/once-\([a-z]*\)-[0-9]*/once-\1-TIME/g')
case "$*" in "secrets set"*) printf 'flyctl %s <%s>\n' "$label" "$(cat)" >> "$here/calls" ;; *) printf 'flyctl %s\n' "$label" >> "$here/calls" ;; esac
case "$*" in "machine run"*--name*) shift; for word; do case $word in job-*) printf '%s' "$word" > "$here/job" ;; once-*) printf '%s' "$word" > "$here/once" ;; esac; done; set -- machine run "$@" ;; esac
while read -r words; do case "$*" in $words*) [ ! -e "$here/why" ] || cat "$here/why" >&2; exit 1 ;; esac; done < "$here/fails"
if [ "$1" = deploy ]; then
    (
        case $2 in --*) ;; *) cd "$2" && shift ;; esac
        while [ "$1" != --config ]; do shift; done
        [ -f "$2" ] || { echo "there is no $2" >&2; exit 1; }
    ) || exit 1
fi
if [ "$1 $2" = "machine list" ] && [ -e "$here/once" ]; then
    printf '[\n    {\n        "id": "m9",\n        "name": "%s",\n' "$(cat "$here/once")"
    cat "$here/end"
    printf '        "image_ref": {\n            "tag": "old"\n        }\n    }\n]\n'
    [ ! -e "$here/end.next" ] || mv "$here/end.next" "$here/end"
    exit 0
fi
case "$*" in
    "secrets list --app shop "*) cat "$here/secrets" ;;
    "volumes list"*) cat "$here/volumes" ;;
    "ips list"*) cat "$here/ips" ;;
    "releases --app shop "*) printf '[\n    {\n        "Status": "failed",\n        "ImageRef": "registry.fly.io/shop:broken"\n    },\n    {\n        "Status": "complete",\n        "ImageRef": "registry.fly.io/shop:old@sha256:1f2e"\n    }\n]\n' ;;
    "scale show --app shop "* | "scale show --app clawtriage "*) cat "$here/scale" ;;
    "scale show"*) printf '[\n    {\n        "Process": "app",\n        "Count": 1\n    }\n]\n' ;;
    "machine list --app shop-api"*) ;;
    "machine list"*) printf '[\n    {\n        "id": "m1",\n        "name": "%s",\n        "state": "stopped"\n    },\n    {\n        "id": "m2",\n        "name": "bold-sun-1",\n        "state": "started"\n    },\n    {\n        "id": "m3",\n        "name": "%s",\n        "state": "stopped"\n    }\n]\n' "$(cat "$here/job")" "$(cat "$here/further")" ;;
esac
exit 0
"#;

const CURL: &str =
    "#!/bin/sh\nhere=$(dirname \"$0\")\nprintf 'curl %s\\n' \"$*\" >> \"$here/calls\"\n[ ! -e \"$here/deaf\" ]\n";

const ALL: &[(&str, &str)] = &[("PASSWORD", "p w'd"), ("NPM_TOKEN", "npm-value"), ("CRON_TOKEN", "cron-value")];

struct Machine(TempDir);

impl Machine {
    fn new() -> Self {
        Self::of(STACK)
    }

    fn of(stack: &str) -> Self {
        let machine = Machine(TempDir::new().expect("there is room"));
        machine.write("stack.yaml", stack);
        machine.write("Dockerfile", "FROM scratch\n");
        machine.build();
        machine
    }

    /// A copy of a case of `specs`.
    fn of_case(case: &str) -> Self {
        let machine = Machine(TempDir::new().expect("there is room"));
        copy(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("specs").join(case), machine.0.path());
        machine.build();
        machine
    }

    fn build(&self) {
        let machine = self;
        let built = Command::new(env!("CARGO_BIN_EXE_stackc")).arg("build").current_dir(machine.0.path()).output();
        let built = built.expect("the program starts");
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        fs::create_dir(machine.0.path().join("bin")).expect("there is room");
        for (name, program) in [("flyctl", FLYCTL), ("curl", CURL)] {
            machine.write(&format!("bin/{name}"), program);
            let path = machine.0.path().join("bin").join(name);
            fs::set_permissions(path, Permissions::from_mode(0o755)).expect("it is ours");
        }
        machine.write("bin/fails", "");
        machine.write("bin/calls", "");
        machine.write("bin/job", "job-other-tool");
        machine.write("bin/further", "quiet-sea-7");
        machine.write("bin/secrets", "[\n    {\n        \"name\": \"TOKEN\",\n        \"digest\": \"abc\"\n    }\n]\n");
        machine.write("bin/ips", "[\n    {\n        \"Type\": \"v4\",\n        \"Address\": \"192.0.2.1\"\n    }\n]\n");
        machine.write("bin/end", &ended("stopped", ""));
        machine.volumes(&["fra"]);
        machine.scale(2, 1);
    }

    /// What `fails` begins with is no more: Fly says so.
    fn missing(&self, fails: &str) {
        self.write("bin/fails", fails);
        self.write("bin/why", "Error: failed to get app: Could not find App\n");
    }

    fn volumes(&self, regions: &[&str]) {
        let entry = |region: &&str| {
            format!(
                "    {{\n        \"id\": \"vol\",\n        \"name\": \"data\",\n        \"region\": \"{region}\",\n        \"attached_machine_id\": null\n    }}"
            )
        };
        let all: Vec<String> = regions.iter().map(entry).collect();
        self.write("bin/volumes", &format!("[\n{}\n]\n", all.join(",\n")));
    }

    fn scale(&self, web: u32, worker: u32) {
        let group = |name: &str, count: u32| {
            format!("    {{\n        \"Process\": \"{name}\",\n        \"Count\": {count}\n    }}")
        };
        self.write("bin/scale", &format!("[\n{},\n{}\n]\n", group("web", web), group("worker", worker)));
    }

    /// How many machines there are of an app with one group.
    fn count_app(&self, count: u32) {
        self.write(
            "bin/scale",
            &format!("[\n    {{\n        \"Process\": \"app\",\n        \"Count\": {count}\n    }}\n]\n"),
        );
    }

    fn write(&self, path: &str, content: &str) {
        fs::write(self.0.path().join(path), content).expect("it can be written");
    }

    fn run(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
        let path = format!("{}:{}", self.0.path().join("bin").display(), std::env::var("PATH").expect("there is one"));
        let mut command = Command::new(self.0.path().join("deploy/production.sh"));
        for name in ["GIT_SHA", "IMAGES", "TOKEN", "KEY", "PASSWORD", "NPM_TOKEN", "CRON_TOKEN"] {
            command.env_remove(name);
        }
        let command = command.args(arguments).env("PATH", path).env("PAUSE", "0").envs(variables.iter().copied());
        command.current_dir("/").output().expect("the script starts")
    }

    /// What was asked for, what was said, and how it ended.
    fn told(&self, output: &Output) -> String {
        let calls = fs::read_to_string(self.0.path().join("bin/calls")).expect("it is there");
        let said = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned()).concat();
        let said = said.lines().map(mask).collect::<Vec<_>>().join("\n");
        format!("{calls}---\n{said}\n---\nexit {}\n", output.status.code().unwrap_or(-1))
    }
}

/// What flyctl lists of a machine that has exited: the newest event first, and in it nothing that is zero or false.
fn ended(state: &str, exit: &str) -> String {
    format!(
        "        \"state\": \"{state}\",
        \"events\": [
            {{
                \"type\": \"exit\",
                \"request\": {{
                    \"exit_event\": {{{exit}
                        \"exited_at\": \"2026-01-01T00:00:00Z\"
                    }}
                }}
            }},
            {{
                \"type\": \"exit\",
                \"request\": {{
                    \"exit_event\": {{
                        \"exit_code\": 9,
                        \"restarting\": true
                    }}
                }}
            }}
        ],
"
    )
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    for entry in fs::read_dir(from).expect("it is there") {
        let entry = entry.expect("it can be read");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("it has one").is_dir() {
            fs::create_dir(&target).expect("there is room");
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("there is room");
        }
    }
}

/// The line without what differs from run to run.
fn mask(line: &str) -> String {
    let words = line.split(' ').map(|word| match (word.find("deploy-2"), word.strip_prefix("job-")) {
        _ if word.starts_with("once-") => word.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned() + "TIME",
        (Some(at), _) => format!("{}LABEL", &word[..at]),
        (None, Some(name)) if name.ends_with(|c: char| c.is_ascii_digit()) => {
            format!("job-{}-DIGEST", name.rsplit_once('-').map_or(name, |(name, _)| name))
        }
        _ => word.to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

/// A case: its name, what is prepared, the arguments, and the variables that are set.
type Case<'c> = (&'c str, fn(&Machine), &'c [&'c str], &'c [(&'c str, &'c str)]);

const CASES: &[Case<'static>] = &[
    ("up", |_| {}, &["up"], ALL),
    ("dry-run", |_| {}, &["--dry-run", "up"], ALL),
    ("check", |_| {}, &["check"], ALL),
    (
        "bootstrap",
        |machine| {
            machine.missing("status\n");
            machine.volumes(&[]);
            machine.write("bin/ips", "[]\n");
        },
        &["bootstrap"],
        &[],
    ),
    ("bootstrap-again", |_| {}, &["--bootstrap"], &[]),
    ("bootstrap-dry-run", |machine| machine.volumes(&[]), &["--bootstrap", "--dry-run"], &[]),
    ("bootstrap-with-app", |_| {}, &["bootstrap", "shop"], &[]),
    ("job", |_| {}, &["job", "prune"], &[]),
    (
        "job-again",
        |machine| {
            machine.write(
                "bin/end",
                &ended(
                    "stopped",
                    "\n                        \"exit_code\": 4,\n                        \"restarting\": true,",
                ),
            );
            machine.write("bin/end.next", &ended("stopped", ""));
        },
        &["job", "prune"],
        &[],
    ),
    (
        "job-ends-badly",
        |machine| machine.write("bin/end", &ended("stopped", "\n                        \"exit_code\": 3,")),
        &["job", "prune"],
        &[],
    ),
    (
        "job-unknown",
        |machine| machine.write("bin/end", "        \"state\": \"stopped\",\n        \"events\": [],\n"),
        &["job", "prune"],
        &[],
    ),
    ("job-not-started", |machine| machine.write("bin/fails", "machine run\n"), &["job", "prune"], &[]),
    ("job-dry-run", |_| {}, &["job", "prune", "--dry-run"], &[]),
    ("status", |_| {}, &["status"], &[]),
    ("status-fails", |machine| machine.write("bin/fails", "status --app shop-api\n"), &["status"], &[]),
    (
        "nothing-there",
        |machine| {
            machine.write("bin/secrets", "[]\n");
            machine.volumes(&["ams"]);
            machine.write("bin/ips", "[\n    {\n        \"Type\": \"shared_v4\"\n    }\n]\n");
        },
        &["up"],
        &[],
    ),
    ("no-app", |machine| machine.missing("status --app shop\n"), &["up"], ALL),
    (
        "app-unknown",
        |machine| {
            machine.missing("status --app shop\n");
            machine.write("bin/why", "Error: no route to host\n");
        },
        &["bootstrap"],
        ALL,
    ),
    ("addresses-fail", |machine| machine.write("bin/fails", "ips list\n"), &["bootstrap"], ALL),
    ("addresses-unlisted", |machine| machine.write("bin/fails", "ips list\n"), &["up"], ALL),
    ("signed-out", |machine| machine.write("bin/fails", "auth whoami\n"), &["up"], ALL),
    ("secret-fails", |machine| machine.write("bin/fails", "secrets set\n"), &["up"], ALL),
    ("first-deploy-fails", |machine| machine.write("bin/fails", "deploy --app shop-api\n"), &["up"], ALL),
    (
        "deploy-fails",
        |machine| machine.write("bin/fails", "deploy --app shop --config fly.toml --dockerfile\n"),
        &["up"],
        ALL,
    ),
    ("scale-fails", |machine| machine.write("bin/fails", "scale count worker\n"), &["up"], ALL),
    ("too-many", |machine| machine.scale(3, 1), &["up"], ALL),
    ("deaf", |machine| machine.write("bin/deaf", ""), &["up"], ALL),
    ("releases-fail", |machine| machine.write("bin/fails", "releases --app shop --image\n"), &["up"], ALL),
    ("volumes-fail", |machine| machine.write("bin/fails", "volumes list\n"), &["bootstrap"], ALL),
    ("secrets-fail", |machine| machine.write("bin/fails", "secrets list\n"), &["up"], ALL),
    ("uncounted", |machine| machine.write("bin/fails", "scale show --app shop-api\n"), &["up"], ALL),
    ("unlisted", |machine| machine.write("bin/fails", "machine list\n"), &["up"], ALL),
    ("job-fails", |machine| machine.write("bin/fails", "machine run\n"), &["up"], ALL),
    ("one-app", |_| {}, &["up", "shop-api"], ALL),
    (
        "stays",
        |machine| {
            machine.write("bin/deaf", "");
            machine.write("bin/fails", "scale count worker\n");
        },
        &["up", "--no-smoke", "--no-rollback", "shop"],
        ALL,
    ),
    ("images", |_| {}, &["images"], &[]),
    ("back", |_| {}, &["back"], &[("IMAGES", "shop registry.fly.io/shop:old\nshop-api -\nother registry.fly.io/x:1")]),
    (
        "back-fails",
        |machine| machine.write("bin/fails", "deploy --app shop --config\n"),
        &["back"],
        &[("IMAGES", "shop registry.fly.io/shop:old\nshop-api registry.fly.io/shop-api:old")],
    ),
    ("back-to-nothing", |_| {}, &["back"], &[]),
    ("unknown-app", |_| {}, &["up", "shop-web"], ALL),
    ("wrong-use", |_| {}, &["deploy"], &[]),
];

#[test]
fn each_sequence_is_as_reviewed() {
    for (name, prepare, arguments, variables) in CASES {
        let machine = Machine::new();
        prepare(&machine);
        let output = machine.run(arguments, variables);
        let told = machine.told(&output);
        let goes = ["up", "dry-run", "check", "bootstrap", "bootstrap-again", "bootstrap-dry-run", "job", "job-again"];
        let goes = [&goes[..], &["job-dry-run", "status", "one-app", "images", "back"]].concat();
        let fails = !goes.contains(name);
        assert_eq!(!output.status.success(), fails, "{name}: {told}");
        insta::with_settings!({snapshot_path => "../../snapshots/deploy-fly", prepend_module_to_snapshot => false, omit_expression => true}, {
            insta::assert_snapshot!(*name, told);
        });
    }
}

/// Nothing is changed, wherever the option stands.
#[test]
fn a_dry_run_changes_nothing() {
    for words in [&["up"][..], &["bootstrap"], &["job", "prune"], &["back"], &["images"], &["status"]] {
        for place in 0..=words.len() {
            let machine = Machine::new();
            machine.volumes(&["fra"]);
            let arguments = [&words[..place], &["--dry-run"], &words[place..]].concat();
            let variables = [ALL, &[("IMAGES", "shop registry.fly.io/shop:old")]].concat();
            let output = machine.run(&arguments, &variables);
            let told = machine.told(&output);
            assert!(output.status.success(), "{arguments:?}: {told}");
            let changes = [" set ", " create ", " run ", " deploy", " allocate", " add ", " count ", " destroy "];
            let called = told.lines().take_while(|line| *line != "---");
            let changed: Vec<&str> = called.filter(|line| changes.iter().any(|word| line.contains(word))).collect();
            assert!(changed.is_empty(), "{arguments:?}: {changed:?}");
        }
    }
}

/// An app whose image is built in another folder than its fly.toml lies in: flyctl works in the one, and finds the other.
#[test]
fn the_configuration_is_found_from_the_folder_of_the_build() {
    let machine = Machine::of(APART);
    machine.count_app(1);
    let output = machine.run(&["up"], &[]);
    let told = machine.told(&output);
    assert!(output.status.success(), "{told}");
    assert!(told.contains("deploy backend --app shop-api --config fly.toml --dockerfile Dockerfile"), "{told}");
    assert!(
        told.contains("deploy backend --app shop-worker --config ../worker/fly.toml --dockerfile Dockerfile"),
        "{told}"
    );
    let back = machine.run(&["back"], &[("IMAGES", "shop-worker registry.fly.io/shop-worker:old")]);
    assert!(back.status.success(), "{}", machine.told(&back));
}

const APART: &str = r#"
name: shop
services:
  api: {path: backend, build: {context: backend, dockerfile: Dockerfile}, ports: {http: 8000}}
  worker: {uses: api, command: [work]}
environments:
  production: {platform: fly, region: fra}
"#;

/// A way in of raw words needs an address, as one of the language does; the usual numbers do not.
#[test]
fn raw_ports_need_an_address() {
    for (port, needed) in [("port: 25", true), ("start_port: 5000, end_port: 5010", true), ("port: 443", false)] {
        let door = format!("fly: {{services: [{{protocol: tcp, internal_port: 25, ports: [{{{port}}}]}}]}}");
        let machine = Machine::of(&RAW.replace("DOOR", &door));
        machine.write("bin/ips", "[]\n");
        let told = machine.told(&machine.run(&["check"], &[]));
        assert_eq!(told.contains("has no dedicated IPv4 address"), needed, "{port}: {told}");
    }
}

const RAW: &str = r#"
name: shop
services:
  mail: {image: "ghcr.io/acme/mail:1.2", DOOR}
environments:
  production: {platform: fly, region: fra}
"#;

/// A job that is on its schedule already stays; one that does something else now takes its place.
#[test]
fn jobs_are_replaced_only_where_they_changed() {
    let machine = Machine::new();
    assert!(machine.run(&["up"], ALL).status.success());
    machine.write("bin/calls", "");
    let again = machine.told(&machine.run(&["up"], ALL));
    assert!(!again.contains("machine run") && !again.contains("machine destroy"), "{again}");
    machine.write("bin/job", "job-scan-0000000001");
    machine.write("bin/calls", "");
    let changed = machine.told(&machine.run(&["up"], ALL));
    assert!(changed.contains("flyctl machine destroy m1 --app shop --force"), "{changed}");
    assert!(!changed.contains("destroy m2"), "{changed}");
}

/// A job that is no more leaves no machine behind, and what is not a job's stays.
#[test]
fn jobs_that_are_no_more_are_removed() {
    for (name, removed) in [
        ("job-gone-0000000042", true),
        ("job-sc-an-0000000007", true),
        ("job-gone-tool", false),
        ("job-gone-42", false),
        ("my-job-0000000007", false),
    ] {
        let machine = Machine::new();
        machine.write("bin/further", name);
        let output = machine.run(&["up"], ALL);
        let told = machine.told(&output);
        assert!(output.status.success(), "{name}: {told}");
        assert_eq!(told.contains("flyctl machine destroy m3 --app shop --force"), removed, "{name}: {told}");
    }
}

const REGIONS: &str = r#"
name: shop
services:
  store: {image: "ghcr.io/acme/store:1.2", volumes: {/data: data}, scale: {min: 3, max: 3}}
volumes: {data: {size: 5gb}}
environments:
  production: {platform: fly, region: fra, regions: [ams]}
"#;

/// Each machine has its volume where it is, and the regions have about as many.
#[test]
fn regions_share_machines_and_volumes() {
    let machine = Machine::of(REGIONS);
    machine.volumes(&["fra", "fra", "fra"]);
    let told = machine.told(&machine.run(&["check"], &[]));
    assert!(told.contains("the app shop needs 1 of the volume data in ams, and has 0"), "{told}");
    assert!(!told.contains("in fra, and has"), "{told}");
    machine.volumes(&["fra", "ams"]);
    let told = machine.told(&machine.run(&["bootstrap"], &[]));
    let created = told.lines().filter(|line| line.contains("volumes create")).collect::<Vec<_>>();
    assert_eq!(created, ["flyctl volumes create data --app shop --region fra --size 5 --yes"], "{told}");
    machine.volumes(&["fra", "fra", "ams"]);
    machine.count_app(3);
    let output = machine.run(&["up"], &[]);
    let told = machine.told(&output);
    assert!(output.status.success(), "{told}");
    assert!(told.contains("scale count app=3 --app shop --region fra,ams --max-per-region 2 --yes"), "{told}");
}

const COMMIT: &str = r#"
name: shop
services:
  web: {image: "ghcr.io/acme/web:1.2", command: [serve], env: {RELEASE: "v-${git.sha}"}}
  worker: {uses: web, command: [work], scale: {min: 1, max: 1}}
environments:
  production: {platform: fly, region: fra, apps: {web: shop, worker: shop}}
"#;

/// The commit reaches all groups, and an older image is told its own.
#[test]
fn the_commit_is_that_of_the_image() {
    let machine = Machine::of(COMMIT);
    let file = fs::read_to_string(machine.0.path().join("web/fly.toml")).expect("it was made");
    assert!(file.contains("web = 'serve'"), "{file}");
    let told = machine.told(&machine.run(&["up"], &[("GIT_SHA", "4f2a")]));
    assert!(told.contains("--image-label LABEL-4f2a --ha=false --env RELEASE=v-4f2a --yes"), "{told}");
    let images = "shop registry.fly.io/shop:deploy-20260101000000-77b1@sha256:1f2e";
    let told = machine.told(&machine.run(&["back"], &[("IMAGES", images), ("GIT_SHA", "4f2a")]));
    assert!(told.contains("--ha=false --env RELEASE=v-77b1 --yes"), "{told}");
}

/// The acceptance criteria of ClawTriage that a deployment has to meet: one command, one machine, a scan on schedule. Its third and fourth are those
/// of `tests/e2e`, and the others are about the application itself.
#[test]
fn clawtriage_is_deployed_by_one_command_as_one_machine_with_its_scan() {
    let machine = Machine::of_case("clawtriage");
    machine.volumes(&["ord"]);
    machine.count_app(1);
    let secrets =
        [("DASHBOARD_TOKEN", "d"), ("OPS_TRIGGER_TOKEN", "t"), ("PUBLIC_SCAN_ALLOWED_REPOS", "bgits/ClawTriage")];
    let output = machine.run(&["up"], &secrets);
    let told = machine.told(&output);
    assert!(output.status.success(), "{told}");
    insta::with_settings!({snapshot_path => "../../snapshots/deploy-fly", prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!("clawtriage", told);
    });
    for count in [0, 2] {
        machine.count_app(count);
        let told = machine.run(&["up"], &secrets);
        let said = String::from_utf8_lossy(&told.stderr).into_owned();
        assert!(said.contains(&format!("clawtriage should have 1 machines of app, and has {count}")), "{said}");
        assert!(!told.status.success(), "{said}");
    }
}

const OPTIONAL: &str = r#"
name: shop
services:
  web: {image: "ghcr.io/acme/web:1.2", env: {LINE: "${secrets.TOKEN}-${secrets.KEY}"}}
secrets: {TOKEN: {}, KEY: {required: false}}
environments:
  production: {platform: fly, region: fra}
"#;

/// What may be left out of a value is empty in it, as under Compose; what may not is named.
#[test]
fn a_part_that_may_be_missing_is_empty() {
    let machine = Machine::of(OPTIONAL);
    machine.count_app(1);
    let told = machine.told(&machine.run(&["up"], &[("TOKEN", "t")]));
    assert!(told.contains("flyctl secrets set --app shop --stage LINE=- <t->"), "{told}");
    let told = machine.told(&machine.run(&["up"], &[("KEY", "k")]));
    assert!(told.contains("the app shop has no secret LINE, and here is no TOKEN\n"), "{told}");
}

const NAMED: &str = r#"
name: shop
services:
  web: {image: "ghcr.io/acme/web:1.2", ports: {http: {port: 80, publish: true}}, healthcheck: /health}
jobs:
  scan: {uses: web, command: scan, schedule: daily, profiles: [debug]}
environments:
  production: {platform: fly, region: fra}
"#;

/// A job whose profile is off is on no schedule, and the machine of one that was is removed although the stack has no job any more.
#[test]
fn a_job_whose_profile_is_off_is_not_scheduled() {
    let machine = Machine::of(NAMED);
    machine.write("bin/job", "job-scan-0000000001");
    machine.count_app(1);
    let told = machine.told(&machine.run(&["up"], &[]));
    assert!(!told.contains("machine run") && told.contains("machine destroy m1 --app shop --force"), "{told}");
}

/// A secret is handed over in a variable of its name, so the script's own have names that stack.yaml refuses for secrets.
#[test]
fn the_variables_of_the_script_are_no_secrets() {
    let script = fs::read_to_string(crate::root().join("templates/deploy/fly.sh.j2")).expect("it is there");
    let name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut assigned: Vec<&str> = Vec::new();
    for line in script.lines().map(str::trim) {
        let word = &line[..line.find(|c| !name(c)).unwrap_or(line.len())];
        if line[word.len()..].starts_with('=') && !word.is_empty() {
            assigned.push(word);
        }
        assigned.extend(line.strip_prefix("for ").and_then(|rest| rest.split([' ', ';']).next()));
    }
    // `key`, `text` and `line` of awk are its own.
    assigned.retain(|word| !["key", "text", "("].contains(word) && word.chars().all(name));
    assert!(assigned.len() > 20, "{assigned:?}");
    let free: Vec<_> = assigned.iter().filter(|name| !stackc::model::SCRIPT_VARIABLES.contains(name)).collect();
    assert!(free.is_empty(), "{free:?}");
}

/// No value of a secret is said, or stands in the script.
#[test]
fn no_secret_is_said() {
    let machine = Machine::new();
    let output = machine.run(&["--dry-run", "up"], ALL);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    for value in ALL.iter().map(|(_, value)| value) {
        assert!(!said.contains(value), "{said}");
    }
}
