//! The program as a user runs it.

use std::path::Path;
use std::process::{Command, Output};

use crate::root;

fn stackc(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stackc"));
    command.args(arguments).current_dir(folder).env_remove("NO_COLOR").output().expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("it prints UTF-8")
}

/// A copy of a case in a folder of its own.
fn copy(case: &str) -> tempfile::TempDir {
    fn walk(from: &Path, to: &Path) {
        std::fs::create_dir_all(to).expect("it can be made");
        for entry in std::fs::read_dir(from).expect("it can be read") {
            let path = entry.expect("it can be read").path();
            let target = to.join(path.file_name().expect("it has a name"));
            if path.is_dir() {
                walk(&path, &target);
            } else {
                std::fs::copy(&path, &target).expect("it can be copied");
            }
        }
    }
    let folder = tempfile::tempdir().expect("a folder can be made");
    walk(&root().join("specs").join(case), folder.path());
    folder
}

#[test]
fn build_then_build_then_check() {
    let folder = copy("clarity");
    let first = stackc(folder.path(), &["build"]);
    assert!(first.status.success(), "{}", text(&first.stderr));
    assert!(text(&first.stdout).contains(" created chatServer/Dockerfile\n"), "{}", text(&first.stdout));
    let said = text(&first.stdout);
    let made = said.lines().filter(|line| line.starts_with(" created ")).count();
    assert!(said.ends_with(&format!("{made} created, 0 updated, 0 removed, 0 unchanged\n")), "{said}");
    let unchanged = format!("up to date: {made} files\n");
    let second = stackc(folder.path(), &["build"]);
    assert_eq!(text(&second.stdout), unchanged);
    let check = stackc(folder.path(), &["check"]);
    assert_eq!((check.status.code(), text(&check.stdout).as_str()), (Some(0), unchanged.as_str()));
}

#[test]
fn stack_yaml_is_found_in_a_parent_and_by_name() {
    let folder = copy("clarity");
    let below = folder.path().join("chatServer");
    assert!(stackc(&below, &["build"]).status.success());
    assert!(folder.path().join("docker-compose.yml").is_file());
    let elsewhere = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("stack.yaml");
    let named = stackc(elsewhere.path(), &["check", "-f", file.to_str().expect("a plain path")]);
    assert_eq!(named.status.code(), Some(0), "{}", text(&named.stderr));
    let there = stackc(elsewhere.path(), &["-q", "check", "-C", folder.path().to_str().expect("a plain path")]);
    assert_eq!((there.status.code(), text(&there.stdout).as_str()), (Some(0), ""));
    let nowhere = stackc(elsewhere.path(), &["build"]);
    assert_eq!(nowhere.status.code(), Some(2));
    assert!(text(&nowhere.stderr).contains("there is no stack.yaml"), "{}", text(&nowhere.stderr));
}

#[test]
fn a_wrong_spec_writes_nothing() {
    let folder = copy("clarity");
    let spec = folder.path().join("stack.yaml");
    let written =
        std::fs::read_to_string(&spec).expect("it can be read").replace("path: chatServer", "pth: chatServer");
    std::fs::write(&spec, written).expect("it can be written");
    let build = stackc(folder.path(), &["build"]);
    assert_eq!(build.status.code(), Some(1));
    assert!(
        text(&build.stderr).contains("unknown-key") && text(&build.stderr).contains("did you mean `path`?"),
        "{}",
        text(&build.stderr)
    );
    assert_eq!(text(&build.stdout), "");
    assert!(!folder.path().join("docker-compose.yml").exists());
}

#[test]
fn an_edited_file_is_refused_with_the_whole_plan() {
    let folder = copy("clarity");
    assert!(stackc(folder.path(), &["build"]).status.success());
    let compose = folder.path().join("docker-compose.yml");
    let edited = std::fs::read_to_string(&compose).expect("it can be read") + "# mine\n";
    std::fs::write(&compose, &edited).expect("it can be written");
    std::fs::remove_file(folder.path().join("webApp/fly.toml")).expect("it can be removed");
    let refused = stackc(folder.path(), &["build"]);
    assert_eq!(refused.status.code(), Some(1));
    let (plan, why) = (text(&refused.stdout), text(&refused.stderr));
    assert!(plan.contains("refused docker-compose.yml") && plan.contains("would create webApp/fly.toml"), "{plan}");
    assert!(why.contains("nothing was written") && why.contains("--force") && why.contains("overrides"), "{why}");
    assert!(!folder.path().join("webApp/fly.toml").exists());
    let drift = stackc(folder.path(), &["check"]);
    assert_eq!(drift.status.code(), Some(1));
    let drift = text(&drift.stdout);
    assert!(
        drift.contains("docker-compose.yml: ") && drift.contains("edited") && drift.contains("webApp/fly.toml: "),
        "{drift}"
    );
    let forced = stackc(folder.path(), &["build", "--force"]);
    assert!(
        forced.status.success() && text(&forced.stderr).contains("forced docker-compose.yml"),
        "{}",
        text(&forced.stderr)
    );
    assert_ne!(std::fs::read_to_string(&compose).expect("it can be read"), edited);
}

#[test]
fn dry_run_and_diff_show_and_write_nothing() {
    let folder = copy("clarity");
    let dry = stackc(folder.path(), &["build", "--dry-run", "--diff"]);
    let shown = text(&dry.stdout);
    assert!(
        dry.status.success()
            && shown.contains("+FROM python:3.12-slim-bullseye AS build")
            && shown.contains("would create stack.lock"),
        "{shown}"
    );
    assert!(!folder.path().join("stack.lock").exists());
}

#[test]
fn the_lock_chooses_the_versions_of_actions() {
    let folder = copy("publish");
    let path = |name: &str| folder.path().join(name);
    let read = |name: &str| std::fs::read_to_string(path(name)).expect("it was written");
    assert!(stackc(folder.path(), &["build"]).status.success());
    let lock = read("stack.lock");
    let line = lock.lines().find(|line| line.starts_with("\"actions/checkout\"")).expect("it is pinned").to_owned();
    let raised = "\"actions/checkout\" = \"0123456789abcdef0123456789abcdef01234567 # v9.0.0\"";
    std::fs::write(path("stack.lock"), lock.replace(&line, raised)).expect("a file can be written");
    let drift = stackc(folder.path(), &["check"]);
    assert_eq!(drift.status.code(), Some(1), "{}", text(&drift.stderr));
    assert!(stackc(folder.path(), &["build"]).status.success());
    let workflow = read(".github/workflows/ci.yml");
    assert!(
        workflow.contains("uses: actions/checkout@0123456789abcdef0123456789abcdef01234567 # v9.0.0\n"),
        "{workflow}"
    );
    assert_eq!(read("stack.lock"), lock.replace(&line, raised));

    std::fs::write(path("stack.lock"), lock.replace(&line, "\"actions/checkout\" = \"v7\""))
        .expect("it can be written");
    let refused = stackc(folder.path(), &["build"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("does not pin `actions/checkout`: `v7`"), "{}", text(&refused.stderr));
    let annotated = stackc(folder.path(), &["check", "--format", "github"]);
    let said = text(&annotated.stdout);
    assert!(said.starts_with("::error title=stackc::stack.lock:") && said.contains("%0Ahelp: write "), "{said}");
    assert_eq!(annotated.status.code(), Some(2));
    assert!(stackc(folder.path(), &["validate"]).status.success(), "it looks at stack.yaml alone");
    std::fs::write(path("stack.lock"), lock.replace("actions/checkout", "actions/chekout")).expect("it can be written");
    let unknown = stackc(folder.path(), &["check"]);
    assert!(text(&unknown.stderr).contains("did you mean `actions/checkout`?"), "{}", text(&unknown.stderr));
}

#[test]
fn one_environment_alone() {
    let folder = copy("clarity");
    let build = stackc(folder.path(), &["build", "--env", "dev"]);
    assert!(build.status.success(), "{}", text(&build.stderr));
    assert!(folder.path().join("docker-compose.yml").exists() && !folder.path().join("webApp/fly.toml").exists());
    let unknown = stackc(folder.path(), &["build", "--env", "prod"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(
        text(&unknown.stderr).contains("no environment `prod`")
            && text(&unknown.stderr).contains("production, staging, dev"),
        "{}",
        text(&unknown.stderr)
    );
}

#[test]
fn validate_reads_standard_input() {
    use std::io::Write;
    let folder = tempfile::tempdir().expect("a folder can be made");
    let mut command = Command::new(env!("CARGO_BIN_EXE_stackc"));
    command
        .args(["validate", "-"])
        .current_dir(folder.path())
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    child
        .stdin
        .take()
        .expect("it is piped")
        .write_all(b"name: shop\nservices: {web: {image: 'nginx:1.30-alpine'}}\n")
        .expect("it is read");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(
        (output.status.code(), text(&output.stdout).as_str()),
        (Some(0), "<stdin> is valid\n"),
        "{}",
        text(&output.stderr)
    );
    assert_eq!(std::fs::read_dir(folder.path()).expect("it can be read").count(), 0);
}

#[test]
fn schema_and_explain() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    // Compared without printing: each is thousands of lines.
    assert!(text(&stackc(folder.path(), &["schema"]).stdout) == stackc::schema::TEXT);
    let written = stackc(folder.path(), &["schema", "--write", "s.json"]);
    assert!(written.status.success());
    assert_eq!(std::fs::read_to_string(folder.path().join("s.json")).expect("it is there"), stackc::schema::TEXT);
    assert!(text(&stackc(folder.path(), &["schema", "--reference"]).stdout) == stackc::schema::reference());
    for code in stackc::code::Code::all() {
        let explained = stackc(folder.path(), &["explain", code.name()]);
        assert!(explained.status.success() && text(&explained.stdout).contains(code.name()));
    }
    let unknown = stackc(folder.path(), &["explain", "literal-secrets"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(text(&unknown.stderr).contains("did you mean `literal-secret`?"));
}

/// What `check` calls the causes of drift is listed in a document.
#[test]
fn causes_of_drift_are_explained() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let document = std::fs::read_to_string(root().join("docs/formats.md")).expect("it is there");
    let row = document.lines().find(|line| line.starts_with("| `cause` |")).expect("the causes have a row");
    let causes: Vec<&str> = row.split(';').next().unwrap_or(row).split('`').skip(3).step_by(2).collect();
    assert!(causes.contains(&"not-rebuilt") && causes.contains(&"blocked"), "{causes:?}");
    for name in causes.into_iter().chain(["drift"]) {
        let explained = stackc(folder.path(), &["explain", name]);
        assert!(explained.status.success(), "{name}: {}", text(&explained.stderr));
        let said = text(&explained.stdout);
        assert!(said.lines().next().is_some_and(|first| first.contains(name)) && said.len() > 80, "{name}: {said}");
    }
    let unknown = stackc(folder.path(), &["explain", "drfit"]);
    assert!(text(&unknown.stderr).contains("did you mean `drift`?"));
    assert!(text(&stackc(folder.path(), &["explain"]).stdout).contains("\ndrift "));
}

#[test]
fn check_shows_the_lines_that_differ() {
    let folder = copy("quickstart");
    assert!(stackc(folder.path(), &["build"]).status.success());
    let spec = folder.path().join("stack.yaml");
    let written = std::fs::read_to_string(&spec).expect("it can be read").replace("postgres:17-", "postgres:18-");
    std::fs::write(&spec, written).expect("it can be written");
    for format in ["human", "json", "github", "sarif"] {
        let plain = stackc(folder.path(), &["check", "--format", format]);
        assert!(!text(&plain.stdout).contains("postgres:18-alpine"), "{format}: {}", text(&plain.stdout));
        let lines = stackc(folder.path(), &["check", "--diff", "--format", format]);
        assert_eq!(lines.status.code(), Some(1));
        let said = text(&lines.stdout);
        assert!(said.contains("-    image: postgres:17-alpine"), "{format}: {said}");
        assert!(said.contains("+    image: postgres:18-alpine"), "{format}: {said}");
        // A command of GitHub's is one line.
        assert!(format != "github" || said.lines().all(|line| line.starts_with("::error ")), "{said}");
    }
}

#[test]
fn advice_is_read_once() {
    let folder = copy("rejected/no-effect-on-platform");
    let first = stackc(folder.path(), &["build"]);
    assert!(first.status.success() && text(&first.stderr).contains("advice[no-effect-on-platform]"));
    let second = stackc(folder.path(), &["build"]);
    let said = text(&second.stderr);
    assert!(!said.contains("no-effect-on-platform") && said.contains("1 piece of advice"), "{said}");
    assert_eq!(text(&stackc(folder.path(), &["-q", "build"]).stderr), "");
    let validated = stackc(folder.path(), &["validate"]);
    assert!(text(&validated.stderr).contains("advice[no-effect-on-platform]"));
}

#[test]
fn usage_and_colour() {
    let folder = copy("clarity");
    assert_eq!(stackc(folder.path(), &["biuld"]).status.code(), Some(2));
    for command in ["build", "check", "validate", "schema", "explain"] {
        let help = stackc(folder.path(), &[command, "--help"]);
        assert!(help.status.success() && text(&help.stdout).contains("Example"), "{command}");
    }
    let plain = stackc(folder.path(), &["validate"]);
    assert!(!text(&plain.stderr).contains('\u{1b}'), "no colour where nobody looks");
    let colored = stackc(folder.path(), &["validate", "--color", "always"]);
    assert!(text(&colored.stderr).contains('\u{1b}'));
}

/// A folder with that stack.yaml.
fn written(folder: &Path, stack: &str) {
    std::fs::create_dir_all(folder).expect("it can be made");
    std::fs::write(folder.join("stack.yaml"), stack).expect("it can be written");
}

#[test]
fn workflows_that_github_does_not_read_are_told() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    std::fs::create_dir(folder.path().join(".git")).expect("it can be made");
    let project = folder.path().join("project");
    let without =
        "name: shop\nservices: {api: {image: \"example.com/api:1\"}}\nenvironments: {dev: {platform: compose}}\n";
    let with = format!("{without}ci: {{github: {{check: {{git: https://github.com/acme/stackc}}}}}}\n");
    let said = |folder: &Path, stack: &str| {
        written(folder, stack);
        let build = stackc(folder, &["build"]);
        assert!(build.status.success(), "{}", text(&build.stderr));
        text(&build.stderr).contains("GitHub reads workflows at the top of a repository")
    };
    assert!(said(&project, &with));
    assert!(!said(&project, without), "there is no workflow");
    assert!(!said(folder.path(), &with), "it lies at the top");
}

/// Values of a test that lead to each other, in a circle and twice as many at each step.
#[test]
fn values_of_a_test_end() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let chain: String = (0..60).map(|n| format!("E{n}: \"${{E{}}}${{E{}}}\", ", n + 1, n + 1)).collect();
    let declared: String = (0..=60).map(|n| format!("E{n}: x, ")).collect();
    let stack = format!(
        "name: shop\nservices:\n  api: {{image: \"example.com/api:1\", test: {{steps: [make], env: {{{chain}A: \"${{B}}\", B: \"a${{A}}\"}}}}}}\n\
         variables: {{{declared}A: one, B: two}}\nenvironments: {{dev: {{platform: compose}}}}\nci: {{github: {{}}}}\n"
    );
    written(folder.path(), &stack);
    let build = stackc(folder.path(), &["build"]);
    assert!(build.status.success(), "{}", text(&build.stderr));
    let workflow = std::fs::read_to_string(folder.path().join(".github/workflows/ci.yml")).expect("it was written");
    assert!(
        workflow.contains("          A: a${{ env.A || 'one' }}\n          B: a${{ env.B || 'two' }}\n"),
        "{workflow}"
    );
}
