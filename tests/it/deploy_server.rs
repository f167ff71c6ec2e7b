//! `deploy/<env>.sh remote`, run for real: from a repository of git, over an `ssh` that is a shell of its own in an empty environment, to a `docker`
//! that keeps which image runs.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

const STACK: &str = r#"
name: shop
registry: ghcr.io/acme/shop
services:
  api:
    build: {context: ., dockerfile: Dockerfile}
    env: {GREETING: "${GREETING:-hello}", TOKEN: "${secrets.TOKEN}"}
    volumes: {/etc/shop: "./config:ro", /etc/motd: {file: motd.txt}}
    env_file: [.env]
secrets: {TOKEN: {}}
jobs: {report: {uses: api, command: [report], schedule: daily}}
environments:
  prod:
    platform: compose
    pull: true
    deploy: {ssh: {path: /opt/shop, wait: 2s}}
ci:
  github:
    images: {tags: [main, sha]}
    deploy: {prod: {when: push}}
"#;

/// Writes down its words, the key and the hosts that it was given, and what it would tell a server.
const SSH: &str = r#"#!/bin/sh
here=$(dirname "$0")
printf 'ssh' >> "$here/calls"
while [ "$1" != -- ]; do
    case $1 in
        -i) cp "$2" "$here/key" && stat -c %a "$2" > "$here/key.mode" && shift ;;
        *UserKnownHostsFile=*) cp "${1#*=}" "$here/known_hosts" ;;
        *) printf ' %s' "$1" >> "$here/calls" ;;
    esac
    shift
done
printf ' %s\n' "$2" >> "$here/calls"
shift 2
[ ! -e "$here/unreachable" ] || exit 255
[ ! -e "$here/cut" ] || [ "$*" != "sh -s" ] || exit 255
cd / && exec env -i PATH="$PATH" HOME="$here/home" sh -c "$*"
"#;

/// An engine with one service, and a job of the same image. `registry/TAG` is the image that a tag names there, `tags/NAME` that it names here,
/// `have/IMAGE` an image that is here, and `healthy/IMAGE` one that works. What a container runs cannot be removed. Files with
/// `config/broken` cannot be started, and those with `config/needy` cannot be read without NEEDED.
const DOCKER: &str = r#"#!/bin/sh
here=$(dirname "$0")
[ "$1" != compose ] || shift
while :; do case $1 in
    --file) case $2 in *.back.yml)
        given=$(sed -n 's/.* api: {image: "\([^"]*\)".*/\1/p' "$2")
        job=$(sed -n 's/.* report: {image: "\([^"]*\)".*/\1/p' "$2") ;;
    esac; shift 2 ;;
    --env-file | --profile) shift 2 ;;
    *) break ;;
esac; done
printf 'docker %s [%s]\n' "$*" "${IMAGE_TAG-}" >> "$here/calls"
while read -r words; do case "$*" in $words*) exit 1 ;; esac; done < "$here/fails"
case "$*" in config* | up* | ps | logs* | down*) [ ! -e config/needy ] || [ -n "${NEEDED-}" ] || exit 15 ;; esac
case "$*" in
    login*) cat > "$here/password"; printf '%s' "$DOCKER_CONFIG" > "$here/config" ;;
    pull*) [ -e "$here/registry/${IMAGE_TAG:-main}" ] && cp "$here/registry/${IMAGE_TAG:-main}" "$here/tags/api:${IMAGE_TAG:-main}" \
        && touch "$here/have/$(cat "$here/registry/${IMAGE_TAG:-main}")" ;;
    config) printf 'services:\n  report:\n    image: %s\n' "${job:-api:${IMAGE_TAG:-main}}" ;;
    "config --images") echo "api:${IMAGE_TAG:-main}" ;;
    "image ls"*) cd "$here/tags" && ls | grep "^$5:" ;;
    "image inspect"*RepoTags*) [ -e "$here/have/$5" ] && grep -lrx "$5" "$here/tags" | wc -l ;;
    "image inspect"*) name=${5}; if [ -e "$here/tags/$name" ]; then cat "$here/tags/$name"; else [ -e "$here/have/$name" ] && echo "$name"; fi ;;
    "image tag"*) echo "$3" > "$here/tags/$4" ;;
    "image rm"*) ! grep -qx "$3" "$here/running" && rm "$here/have/$3" ;;
    "run --rm report") if [ -n "${job-}" ]; then echo "$job"; else cat "$here/tags/api:${IMAGE_TAG:-main}"; fi > "$here/ran" ;;
    up*) [ ! -e config/broken ] || { rm -f "$here/running"; exit 1; }
        if [ -n "${given-}" ]; then [ -e "$here/have/$given" ] && echo "$given" > "$here/running"; else cp "$here/tags/api:${IMAGE_TAG:-main}" "$here/running"; fi || exit 1
        printf '%s|%s' "${TOKEN-}" "${GREETING-}" > "$here/values" ;;
    "ps --quiet --all") [ ! -e "$here/running" ] || echo c1 ;;
    inspect*RestartCount*) echo "api c1 0" ;;
    inspect*) echo "api $(cat "$here/running")" ;;
    ps*Health*) if [ -e "$here/healthy/$(cat "$here/running")" ]; then echo running/healthy; else echo running/unhealthy; fi ;;
esac
"#;

const ACCESS: &[(&str, &str)] = &[
    ("CI", "true"),
    ("SSH_HOST", "shop.example.com"),
    ("SSH_PORT", "2222"),
    ("SSH_USER", "deployer"),
    ("SSH_PRIVATE_KEY", "-----BEGIN KEY-----\r\nabc\r\n-----END KEY-----"),
    ("SSH_KNOWN_HOSTS", "shop.example.com ssh-ed25519 AAAA"),
    ("TOKEN", "it's a \"token\" $HOME\nof `two` lines\\"),
];

struct World(TempDir);

impl World {
    fn new() -> Self {
        let world = World(TempDir::new().expect("there is room"));
        for folder in ["repo/config", "server", "bin/registry", "bin/healthy", "bin/home", "bin/tags", "bin/have"] {
            fs::create_dir_all(world.path(folder)).expect("there is room");
        }
        for (path, text) in [
            ("repo/stack.yaml", STACK),
            ("repo/Dockerfile", "FROM scratch\n"),
            ("repo/config/a b.toml", "level = 1\n"),
            ("repo/motd.txt", "welcome\n"),
            ("repo/.gitignore", ".env\nconfig/local.toml\n"),
            ("repo/.env", "X=mine\n"),
            ("repo/config/local.toml", "mine\n"),
            ("bin/fails", ""),
            ("bin/calls", ""),
        ] {
            world.write(path, text);
        }
        for (name, program) in [("ssh", SSH), ("docker", DOCKER), ("sleep", "#!/bin/sh\n")] {
            world.write(&format!("bin/{name}"), program);
            let path = world.path(&format!("bin/{name}"));
            fs::set_permissions(path, Permissions::from_mode(0o755)).expect("it is ours");
        }
        let built = Command::new(env!("CARGO_BIN_EXE_stackc")).arg("build").current_dir(world.path("repo")).output();
        let built = built.expect("the program starts");
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        world.git(&["init", "--quiet"]);
        world.commit();
        world
    }

    fn path(&self, path: &str) -> std::path::PathBuf {
        self.0.path().join(path)
    }

    fn write(&self, path: &str, content: &str) {
        fs::write(self.path(path), content).expect("it can be written");
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_default()
    }

    fn git(&self, words: &[&str]) {
        let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
        let run = Command::new("git").args(identity).args(words).current_dir(self.path("repo")).status();
        assert!(run.expect("git is there").success(), "git {words:?}");
    }

    fn commit(&self) {
        self.git(&["add", "."]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", "a"]);
    }

    /// The image that a tag names from now on.
    fn publish(&self, tag: &str, image: &str, healthy: bool) {
        self.write(&format!("bin/registry/{tag}"), &format!("{image}\n"));
        if healthy {
            self.write(&format!("bin/healthy/{image}"), "");
        }
    }

    fn run(&self, words: &[&str], more: &[(&str, &str)], input: &str) -> Output {
        let path = format!("{}:{}", self.path("bin").display(), std::env::var("PATH").expect("there is one"));
        let mut command = Command::new(self.path("repo/deploy/prod.sh"));
        command.args(words).env_clear().envs(ACCESS.iter().copied()).env("PATH", path);
        command.env("DEPLOY_PATH", self.path("server/o'ne").display().to_string()).envs(more.iter().copied());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the script starts");
        std::io::Write::write_all(&mut child.stdin.take().expect("it is piped"), input.as_bytes()).expect("it reads");
        child.wait_with_output().expect("it ends")
    }

    fn remote(&self, words: &[&str], more: &[(&str, &str)]) -> (Option<i32>, String) {
        let output = self.run(&[&["remote"], words].concat(), more, "");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// Deploys another version of the files with that image of `main`.
    fn deploy(&self, image: &str, files: &[(&str, &str)], more: &[(&str, &str)]) -> (Option<i32>, String) {
        self.publish("main", image, true);
        for (path, text) in files {
            self.write(&format!("repo/{path}"), text);
        }
        self.commit();
        self.remote(&["up"], &[MAIN, more].concat())
    }

    /// What lies on the server, without what the script keeps there.
    fn there(&self) -> Vec<String> {
        let list = "find . -type f ! -path './deploy/prod.[!s]*' | sort";
        let found = Command::new("sh").args(["-c", list]).current_dir(self.path("server/o'ne")).output();
        let found = String::from_utf8_lossy(&found.expect("there is a shell").stdout).into_owned();
        found.lines().map(|line| line.trim_start_matches("./").to_owned()).collect()
    }

    fn running(&self) -> String {
        self.read("bin/running").trim().to_owned()
    }
}

const MAIN: &[(&str, &str)] = &[("IMAGE_TAG", "main")];

#[test]
fn a_deployment_carries_what_git_knows_and_starts_it() {
    let world = World::new();
    world.publish("main", "sha256:one", true);
    let (code, said) = world.remote(
        &["up"],
        &[
            ("IMAGE_TAG", "main"),
            ("REGISTRY_HOST", "ghcr.io"),
            ("REGISTRY_USERNAME", "bot"),
            ("REGISTRY_PASSWORD", "pass 'word'"),
        ],
    );
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(world.running(), "sha256:one");
    let there = "server/o'ne";
    assert_eq!(world.read(&format!("{there}/config/a b.toml")), "level = 1\n");
    assert_eq!(world.read(&format!("{there}/motd.txt")), "welcome\n");
    assert!(world.path(&format!("{there}/deploy/prod.sh")).exists());
    for own in [".env", "config/local.toml", "stack.yaml", "Dockerfile"] {
        assert!(!world.path(&format!("{there}/{own}")).exists(), "{own}");
    }
    let calls = world.read("bin/calls");
    assert!(calls.contains("ssh -o StrictHostKeyChecking=yes -o ConnectTimeout=30 -o ServerAliveInterval=30 -p 2222 -o BatchMode=yes -o IdentitiesOnly=yes -o GlobalKnownHostsFile=/dev/null -o deployer@shop.example.com\n"), "{calls}");
    assert_eq!(world.read("bin/key"), "-----BEGIN KEY-----\nabc\n-----END KEY-----\n");
    assert_eq!(world.read("bin/key.mode"), "600\n");
    assert_eq!(world.read("bin/known_hosts"), "shop.example.com ssh-ed25519 AAAA\n");
    assert!(calls.contains("docker login ghcr.io --username bot --password-stdin [main]"), "{calls}");
    assert_eq!(world.read("bin/password"), "pass 'word'");
    assert!(!std::path::Path::new(&world.read("bin/config")).exists(), "the server keeps no password");
    assert_eq!(
        world.read("bin/values"),
        format!("{}|", ACCESS[6].1),
        "a value arrives as it is, and one that nobody set does not"
    );
    assert!(!said.contains("token"), "{said}");
}

#[test]
fn the_second_of_two_deployments_fails_and_the_first_image_runs() {
    let world = World::new();
    world.publish("main", "sha256:one", true);
    assert_eq!(world.remote(&["up"], MAIN).0, Some(0));
    world.publish("main", "sha256:two", false);
    let (code, said) = world.remote(&["up"], MAIN);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("not healthy after 2 seconds: api") && said.contains("going back"), "{said}");
    assert_eq!(world.running(), "sha256:one");
    let (code, _) = world.remote(&["up", "--no-rollback"], MAIN);
    assert_eq!((code, world.running().as_str()), (Some(1), "sha256:two"));
    let (code, _) = world.remote(&["up", "--no-smoke"], MAIN);
    assert_eq!((code, world.running().as_str()), (Some(0), "sha256:two"));
}

#[test]
fn the_first_deployment_has_nothing_to_go_back_to() {
    let world = World::new();
    world.publish("main", "sha256:one", false);
    let (code, said) = world.remote(&["up"], MAIN);
    assert_eq!(code, Some(1));
    assert!(said.contains("there was nothing before it to go back to"), "{said}");
}

#[test]
fn each_step_that_fails_ends_it_before_the_next() {
    for (step, later) in [("config", "pull"), ("login", "pull"), ("pull", "up")] {
        let world = World::new();
        world.publish("main", "sha256:one", true);
        assert_eq!(world.remote(&["up"], MAIN).0, Some(0));
        world.publish("main", "sha256:two", true);
        world.write("bin/fails", &format!("{step}\n"));
        world.write("bin/calls", "");
        let (code, said) = world.remote(&["up"], &[("IMAGE_TAG", "main"), ("REGISTRY_PASSWORD", "x")]);
        assert_ne!(code, Some(0), "{step}: {said}");
        assert_eq!(world.running(), "sha256:one", "{step}");
        let calls = world.read("bin/calls");
        assert!(!calls.contains(&format!("docker {later}")), "{step}: {calls}");
    }
    let world = World::new();
    let (code, _) = world.remote(&["up"], &[("IMAGE_TAG", "sha-absent")]);
    assert_eq!((code, world.running().as_str()), (Some(1), ""));
}

#[test]
fn what_is_missing_is_told_before_anybody_is_asked() {
    let world = World::new();
    let (code, said) = world.remote(&["up"], &[("SSH_HOST", ""), ("SSH_KNOWN_HOSTS", "")]);
    assert_eq!(code, Some(1));
    assert!(said.contains("not set: SSH_HOST SSH_KNOWN_HOSTS (") && said.contains("ssh-keyscan"), "{said}");
    let (code, said) = world.remote(&["up"], &[("DEPLOY_PATH", "opt/shop")]);
    assert_eq!(code, Some(1));
    assert!(said.contains("an absolute path"), "{said}");
    world.git(&["rm", "--quiet", "--cached", "deploy/prod.sh"]);
    let (code, said) = world.remote(&["up"], MAIN);
    assert_eq!(code, Some(1));
    assert!(said.contains("commit docker-compose.yml and deploy/prod.sh first"), "{said}");
    assert_eq!(world.read("bin/calls"), "");
    world.commit();
    world.write("bin/unreachable", "");
    let (code, said) = world.remote(&["up"], MAIN);
    assert_eq!(code, Some(1));
    assert!(said.contains("the files could not be carried over"), "{said}");
    for words in [&["remote"][..], &["remote", "remote", "up"]] {
        assert_eq!(world.run(words, &[], "").status.code(), Some(2));
    }
}

#[test]
fn lines_see_what_was_handed_over_and_end_at_the_first_failure() {
    let world = World::new();
    let lines = "printf '%s' \"$NOTE\" > note\ncat > input\nfalse | cat\necho on > later\n";
    world.publish("main", "sha256:one", true);
    assert_eq!(world.remote(&["up"], MAIN).0, Some(0));
    world.write("bin/calls", "");
    let note = "a 'b' \"c\" $(id) `id` ; \\ é\nd";
    let output = world.run(&["remote", "lines"], &[("HAND_OVER", "NOTE"), ("NOTE", note), ("OTHER", "x")], lines);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(world.read("server/o'ne/note"), note);
    assert_eq!(world.read("server/o'ne/input"), "");
    assert_eq!(world.read("server/o'ne/later"), "");
    let (code, said) = world.remote(&["up"], &[("HAND_OVER", "A;id")]);
    assert_ne!(code, Some(0), "{said}");
    assert!(!world.read("bin/calls").contains("docker"), "nothing is done with a broken script");
}

#[test]
fn what_runs_is_what_later_commands_are_about() {
    let world = World::new();
    world.publish("sha-1", "sha256:one", true);
    world.publish("sha-2", "sha256:two", true);
    assert_eq!(world.remote(&["up"], &[("IMAGE_TAG", "sha-1")]).0, Some(0));
    let images = world.run(&["remote", "images"], &[], "");
    let images = String::from_utf8_lossy(&images.stdout).into_owned();
    assert_eq!(images, "api sha256:one\nreport sha256:one\n");
    assert_eq!(world.remote(&["up"], &[("IMAGE_TAG", "sha-2")]).0, Some(0));
    assert_eq!(world.remote(&["job", "report"], &[]).0, Some(0));
    assert!(world.read("bin/calls").ends_with("docker run --rm report [sha-2]\n"));
    assert_eq!(world.remote(&["back"], &[("IMAGES", &images)]).0, Some(0));
    assert_eq!(world.running(), "sha256:one");
    assert_eq!(world.remote(&["job", "report"], &[]).0, Some(0));
    assert!(world.read("bin/calls").ends_with("docker run --rm report [sha-1]\n"));
    assert_eq!(world.remote(&["back"], &[]).0, Some(1));
    assert_eq!(world.remote(&["job", "other"], &[]).0, Some(2));
}

impl World {
    fn images(&self) -> String {
        let output = self.run(&["remote", "images"], &[], "");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn job(&self) -> String {
        assert_eq!(self.remote(&["job", "report"], &[]).0, Some(0));
        self.read("bin/ran").trim().to_owned()
    }
}

/// A tag that moves, and lines after the deployment that fail: the image of before has no tag and no container any more.
#[test]
fn what_ran_before_is_kept_and_what_is_older_goes() {
    let world = World::new();
    world.write("bin/have/sha256:other", "");
    for (image, before) in [("sha256:zero", ""), ("sha256:one", "sha256:zero"), ("sha256:two", "sha256:one")] {
        world.publish("main", image, true);
        let images = world.images();
        assert!(images.contains(before), "{images}");
        assert_eq!(world.remote(&["up"], MAIN).0, Some(0));
    }
    assert!(!world.path("bin/have/sha256:zero").exists(), "what is older than that goes");
    assert!(world.path("bin/have/sha256:other").exists(), "what another stack has left is no business of this one");
    assert_eq!(world.job(), "sha256:two");
    let (code, said) = world.remote(&["back"], &[("IMAGES", "api sha256:one\nreport sha256:one\n")]);
    assert_eq!((code, world.running().as_str()), (Some(0), "sha256:one"), "{said}");
    assert_eq!(world.job(), "sha256:one", "jobs are of the version that runs");
    assert_eq!(world.images(), "api sha256:one\nreport sha256:one\n");
    assert_eq!(world.remote(&["up"], MAIN).0, Some(0));
    assert_eq!((world.running(), world.job()), ("sha256:two".to_owned(), "sha256:two".to_owned()));
}

#[test]
fn a_start_that_fails_takes_jobs_back_too() {
    let world = World::new();
    world.publish("main", "sha256:one", true);
    assert_eq!(world.remote(&["up"], MAIN).0, Some(0));
    world.publish("main", "sha256:two", false);
    assert_eq!(world.remote(&["up"], MAIN).0, Some(1));
    assert_eq!((world.running(), world.job()), ("sha256:one".to_owned(), "sha256:one".to_owned()));
    // What lines before the deployment have removed is known to who looked before them.
    fs::remove_file(world.path("bin/running")).expect("it runs");
    let (code, said) = world.remote(&["up"], &[MAIN[0], ("IMAGES", "api sha256:one\ngone sha256:x\n")]);
    assert_eq!((code, world.running().as_str()), (Some(1), "sha256:one"), "{said}");
    let kept = world.read("server/o'ne/deploy/prod.back.yml");
    assert_eq!(kept, "services:\n  api: {image: \"sha256:one\", pull_policy: never}\n", "no service that is gone");
}

#[test]
fn only_a_deployment_changes_what_lies_there() {
    let world = World::new();
    assert_eq!(world.images(), "", "nothing runs where nothing was deployed");
    let (code, said) = world.remote(&["status"], &[]);
    assert_eq!(code, Some(1));
    assert!(said.contains("nothing is deployed in") && said.contains("deploy/prod.sh remote up"), "{said}");
    world.publish("main", "sha256:one", true);
    let (code, said) = world.remote(&["check"], MAIN);
    assert_eq!((code, world.running().as_str()), (Some(0), ""), "{said}");
    assert!(world.read("bin/calls").contains("docker pull --quiet [main]"));
    assert_eq!(world.remote(&["up"], MAIN).0, Some(0));
    world.write("repo/motd.txt", "another\n");
    world.commit();
    for words in [&["status"][..], &["logs"], &["images"], &["job", "report"]] {
        assert_eq!(world.remote(words, &[]).0, Some(0), "{words:?}");
    }
    assert_eq!(world.read("server/o'ne/motd.txt"), "welcome\n");
    // A look that fails leaves nothing behind that jobs would run with.
    let (code, said) = world.remote(&["check"], &[("IMAGE_TAG", "no-such-tag")]);
    assert!(code != Some(0), "{said}");
    assert_eq!(world.read("server/o'ne/motd.txt"), "welcome\n");
    assert_eq!(world.remote(&["up"], MAIN).0, Some(0));
    assert_eq!(world.read("server/o'ne/motd.txt"), "another\n");
}

#[test]
fn the_version_that_runs_here_is_not_that_of_the_server() {
    let world = World::new();
    world.publish("main", "sha256:one", true);
    world.write("repo/deploy/prod.tag", "of-my-own\n");
    let (code, said) = world.remote(&["up"], &[]);
    assert_eq!((code, world.running().as_str()), (Some(0), "sha256:one"), "{said}");
    assert!(!world.read("bin/calls").contains("of-my-own"));
}

/// Where GitHub holds the values, a person who looks has none.
#[test]
fn what_runs_can_be_looked_at_without_its_values() {
    let world = World::new();
    assert_eq!(
        world.deploy("sha256:one", &[("config/needy", "")], &[("HAND_OVER", "NEEDED"), ("NEEDED", "x")]).0,
        Some(0)
    );
    world.write("bin/docker", &DOCKER.replace("${NEEDED-}", "${TOKEN-}"));
    for (words, code) in [(&["status"][..], 0), (&["logs"], 0), (&["down"], 0), (&["up"], 15)] {
        assert_eq!(world.remote(words, &[MAIN[0], ("TOKEN", "")]).0, Some(code), "{words:?}");
    }
}

/// Each way to end before something is started: jobs and backups run with the files of what was deployed.
#[test]
fn what_is_refused_leaves_what_was_there() {
    let world = World::new();
    assert_eq!(world.deploy("sha256:one", &[], &[]).0, Some(0));
    let before = world.there();
    assert_eq!(before, ["config/a b.toml", "deploy/prod.sh", "docker-compose.yml", "motd.txt"]);
    world.git(&["rm", "--quiet", "config/a b.toml"]);
    let files = [("motd.txt", "another\n"), ("config/new.toml", "")];
    for (words, fails, more) in [
        (&["up"][..], "config --quiet", &[][..]),
        (&["up"], "pull", &[]),
        (&["up"], "login", &[("REGISTRY_PASSWORD", "x")]),
        (&["up", "--whatever"], "", &[]),
        (&["check"], "pull", &[]),
    ] {
        for (path, text) in files {
            world.write(&format!("repo/{path}"), text);
        }
        world.commit();
        world.write("bin/fails", &format!("{}\n", if fails.is_empty() { "nothing" } else { fails }));
        let (code, said) = world.remote(words, &[MAIN, more].concat());
        assert_ne!(code, Some(0), "{words:?} {fails}: {said}");
        world.write("bin/fails", "");
        assert_eq!(
            (world.there(), world.read("server/o'ne/motd.txt").as_str()),
            (before.clone(), "welcome\n"),
            "{fails}"
        );
        assert_eq!(world.job(), "sha256:one");
    }
    // What must be there for a command that does not begin is not carried over.
    assert_ne!(world.remote(&["up"], &[("HAND_OVER", "A;id")]).0, Some(0));
    assert_eq!(world.read("server/o'ne/motd.txt"), "welcome\n");
    // After a look that goes well the lines before see what comes, and when they fail it goes again.
    assert_eq!(world.remote(&["check"], MAIN).0, Some(0));
    assert_eq!(world.there(), ["config/new.toml", "deploy/prod.sh", "docker-compose.yml", "motd.txt"]);
    assert_eq!(world.run(&["remote", "lines"], MAIN, "cat motd.txt\n").stdout, b"another\n");
    assert_eq!(world.run(&["remote", "lines"], MAIN, "exit 7\n").status.code(), Some(7));
    assert_eq!(world.there(), before);
    assert_eq!(world.remote(&["up"], MAIN).0, Some(0));
    assert_eq!(world.there(), ["config/new.toml", "deploy/prod.sh", "docker-compose.yml", "motd.txt"]);
    assert_eq!(world.run(&["remote", "lines"], MAIN, "exit 7\n").status.code(), Some(7));
    assert_eq!(world.read("server/o'ne/motd.txt"), "another\n", "what is started stays");
}

/// Before the first deployment there is nothing, or what somebody has put there.
#[test]
fn a_first_deployment_that_is_refused_leaves_nothing() {
    for found in [None, Some("of somebody\n")] {
        let world = World::new();
        let there = "server/o'ne";
        fs::create_dir_all(world.path(there)).expect("there is room");
        world.write(&format!("{there}/.env"), "X=the server's\n");
        if let Some(found) = found {
            world.write(&format!("{there}/motd.txt"), found);
        }
        let before = world.there();
        for (words, fails) in [(&["up"][..], "config --quiet"), (&["check"], "pull"), (&["up", "--whatever"], "")] {
            world.publish("main", "sha256:one", true);
            world.write("bin/fails", &format!("{}\n", if fails.is_empty() { "nothing" } else { fails }));
            let (code, said) = world.remote(words, MAIN);
            assert_ne!(code, Some(0), "{words:?} {fails}: {said}");
            assert_eq!(
                (world.there(), world.read(&format!("{there}/motd.txt")).as_str()),
                (before.clone(), found.unwrap_or_default())
            );
            // Where something was there before, a container may have a folder mounted that is empty now.
            assert!(found.is_some() || !world.path(&format!("{there}/config")).exists(), "a folder without files");
            let (_, said) = world.remote(&["status"], &[]);
            assert!(said.contains("nothing is deployed in"), "{said}");
        }
        world.write("bin/fails", "nothing\n");
        assert_eq!(world.remote(&["check"], MAIN).0, Some(0));
        assert_eq!(world.run(&["remote", "lines"], MAIN, "exit 7\n").status.code(), Some(7));
        assert_eq!(world.there(), before, "lines before the deployment that fail");
        assert_eq!(world.remote(&["up"], MAIN).0, Some(0));
        assert_eq!(world.there(), [".env", "config/a b.toml", "deploy/prod.sh", "docker-compose.yml", "motd.txt"]);
        assert_eq!(world.read(&format!("{there}/motd.txt")), "welcome\n");
    }
}

/// What has come and was not begun waits beside what is deployed, which goes on as it was.
#[test]
fn a_way_that_is_cut_off_before_the_start_changes_nothing() {
    let world = World::new();
    assert_eq!(world.deploy("sha256:one", &[], &[]).0, Some(0));
    let there = "server/o'ne";
    let (before, script) = (world.there(), world.read(&format!("{there}/deploy/prod.sh")));
    world.write("bin/cut", "");
    world.write(
        "repo/stack.yaml",
        &STACK.replace("command: [report]", "command: [report, more]").replace("wait: 2s", "wait: 3s"),
    );
    let built = Command::new(env!("CARGO_BIN_EXE_stackc")).arg("build").current_dir(world.path("repo")).status();
    assert!(built.expect("the program starts").success());
    let (code, _) = world.deploy("sha256:two", &[("motd.txt", "another\n"), ("config/new.toml", "")], &[]);
    assert_eq!(code, Some(255));
    let as_before = |what: &str| {
        assert_eq!(world.there(), before, "{what}");
        assert_eq!(world.read(&format!("{there}/deploy/prod.sh")), script, "{what}");
        assert_eq!(world.read(&format!("{there}/motd.txt")), "welcome\n", "{what}");
    };
    as_before("cut off");
    fs::remove_file(world.path("bin/cut")).expect("it is there");
    assert_eq!(world.job(), "sha256:one");
    as_before("a job");
    // On the server itself: another start of what is deployed.
    let path = format!("{}:{}", world.path("bin").display(), std::env::var("PATH").expect("there is one"));
    let mut again = Command::new(world.path(&format!("{there}/deploy/prod.sh")));
    again.arg("up").env_clear().env("PATH", path).env("HOME", world.path("bin/home")).env("TOKEN", "x");
    assert!(again.status().expect("it starts").success());
    as_before("another start");
    assert_eq!(world.remote(&["up"], MAIN).0, Some(0));
    assert_eq!(world.read(&format!("{there}/motd.txt")), "another\n");
    assert_ne!(world.read(&format!("{there}/deploy/prod.sh")), script);
    assert!(!world.path(&format!("{there}/deploy/prod.next.sh")).exists());
}

#[test]
fn what_git_has_removed_goes_and_what_it_does_not_know_stays() {
    let world = World::new();
    let odd = "config/gr\u{fc}n \"1\".toml";
    assert_eq!(world.deploy("sha256:one", &[(odd, "x")], &[]).0, Some(0));
    assert!(world.there().contains(&odd.to_owned()), "{:?}", world.there());
    world.write("server/o'ne/config/own.toml", "of the server\n");
    world.git(&["rm", "--quiet", "config/a b.toml", odd]);
    assert_eq!(world.deploy("sha256:one", &[("config/b.toml", "")], &[]).0, Some(0));
    let files = ["config/b.toml", "config/own.toml", "deploy/prod.sh", "docker-compose.yml", "motd.txt"];
    assert_eq!(world.there(), files);
}

/// A file of git in place of a folder, and a folder in place of a file: each time on the way there and on the way back.
#[test]
fn a_folder_may_become_a_file_and_a_file_a_folder() {
    let world = World::new();
    fs::create_dir_all(world.path("repo/config/sub/deep")).expect("there is room");
    assert_eq!(world.deploy("sha256:one", &[("config/sub/deep/a", "a"), ("config/b", "b")], &[]).0, Some(0));
    let before = world.there();
    world.git(&["rm", "--quiet", "config/sub/deep/a", "config/b"]);
    fs::create_dir_all(world.path("repo/config/b")).expect("there is room");
    world.write("bin/fails", "pull\n");
    let files = [("config/sub", "file"), ("config/b/a", "a")];
    let (code, said) = world.deploy("sha256:two", &files, &[]);
    assert_eq!((code, world.there()), (Some(1), before.clone()), "{said}");
    world.write("bin/fails", "");
    // What git does not know is nobody's to remove, and what is refused for it can be deployed once it is gone.
    world.write("server/o'ne/config/sub/deep/own", "of the server\n");
    let (code, said) = world.deploy("sha256:two", &[], &[]);
    assert!(said.contains("config/sub is a folder here, with files that git does not know, and a file now"), "{said}");
    fs::remove_file(world.path("server/o'ne/config/sub/deep/own")).expect("it stays");
    assert_eq!((code, world.there(), world.running().as_str()), (Some(2), before, "sha256:one"));
    assert_eq!(world.deploy("sha256:two", &[], &[]).0, Some(0));
    let files = ["config/a b.toml", "config/b/a", "config/sub", "deploy/prod.sh", "docker-compose.yml", "motd.txt"];
    assert_eq!(world.there(), files);
}

/// Git names a submodule by its folder alone.
#[test]
fn a_submodule_may_be_removed() {
    let world = World::new();
    fs::create_dir_all(world.path("repo/config/sub")).expect("there is room");
    for words in [&["init", "--quiet"][..], &["commit", "--quiet", "--allow-empty", "--message", "a"]] {
        world.git(&[&["-C", "config/sub"], words].concat());
    }
    assert_eq!(world.deploy("sha256:one", &[("config/sub/a", "a")], &[]).0, Some(0));
    assert!(world.there().contains(&"config/sub/a".to_owned()));
    fs::remove_dir_all(world.path("repo/config/sub")).expect("it is there");
    let (code, said) = world.deploy("sha256:two", &[], &[]);
    assert_eq!((code, world.running().as_str()), (Some(0), "sha256:two"), "{said}");
    assert_eq!(world.there(), ["config/a b.toml", "deploy/prod.sh", "docker-compose.yml", "motd.txt"]);
}

/// The images alone are no way back: what cannot be started may be the files.
#[test]
fn going_back_is_to_the_files_of_before_as_well() {
    let world = World::new();
    assert_eq!(world.deploy("sha256:one", &[], &[]).0, Some(0));
    let before = world.there();
    let (code, said) = world.deploy("sha256:two", &[("config/broken", ""), ("motd.txt", "another\n")], &[]);
    assert_eq!((code, world.running().as_str()), (Some(1), "sha256:one"), "{said}");
    assert!(said.contains("going back to what ran before") && said.ends_with("deploy/prod.sh: failed\n"), "{said}");
    assert_eq!((world.there(), world.read("server/o'ne/motd.txt").as_str()), (before.clone(), "welcome\n"));
    assert_eq!(world.job(), "sha256:one");
    // Once more: what was gone back to is what is gone back to.
    assert_eq!(world.deploy("sha256:three", &[("config/broken", "x")], &[]).0, Some(1));
    assert_eq!((world.there(), world.running().as_str()), (before.clone(), "sha256:one"));

    // Lines after the deployment fail.
    world.git(&["rm", "--quiet", "-f", "config/broken"]);
    let images = world.images();
    let (code, said) = world.deploy("sha256:two", &[("config/new.toml", "")], &[]);
    assert_eq!((code, world.running().as_str()), (Some(0), "sha256:two"), "{said}");
    assert_eq!(world.remote(&["back"], &[("IMAGES", "api sha256:three\n")]).0, Some(1), "no image that is here");
    assert!(world.there().contains(&"config/new.toml".to_owned()), "images that these files did not have");
    assert_eq!(world.remote(&["back"], &[MAIN[0], ("IMAGES", &images)]).0, Some(0));
    assert_eq!((world.there(), world.running().as_str()), (before, "sha256:one"));
}

#[test]
fn files_of_before_that_need_what_nobody_hands_over_are_not_started() {
    let world = World::new();
    assert_eq!(
        world.deploy("sha256:one", &[("config/needy", "")], &[("HAND_OVER", "NEEDED"), ("NEEDED", "x")]).0,
        Some(0)
    );
    world.git(&["rm", "--quiet", "config/needy"]);
    world.publish("main", "sha256:two", false);
    world.commit();
    let (code, said) = world.remote(&["up"], MAIN);
    assert_eq!((code, world.running().as_str()), (Some(1), "sha256:one"), "{said}");
    assert!(said.contains("the files of before cannot be started"), "{said}");
    assert!(!world.there().contains(&"config/needy".to_owned()));
    world.write("bin/fails", "up\n");
    let (_, said) = world.remote(&["up"], MAIN);
    assert!(said.contains("could not go back; what runs now: deploy/prod.sh status"), "{said}");
}
