//! `check` and `validate` in each format, as programs and people read them; completions and manual pages.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::{cases, compile, rendered, root};

const FORMATS: [&str; 4] = ["human", "json", "github", "sarif"];

/// An error with a related span behind umlauts, an emoji and tabs; an error over several lines; a warning; advice.
const WRONG: &str = "\
# Grüße 😀
name: shop
services:
  web: {image: 'acme/web:2', env: {GREETING: 'Grüße 😀'},\tdepends_on: [api], ports: {http: {port: 80,\tpublish: 8080}}}
  api: {image: 'acme/api:2', env: {GREETING: '%0A,😀😀'},\tports: {http: {port: 80,\tpublish: 8080}}}
  job:
    image: acme/job:2
    env:
      KEY: |
        -----BEGIN PRIVATE KEY-----
        EXAMPLE NOT A REAL KEY
        -----END PRIVATE KEY-----

volumes:
  data: {size: 10gb}
environments:
  dev: {platform: compose}
  production: {platform: fly}
";

/// A stack without errors, and with a warning.
const RIGHT: &str = "\
name: shop
services:
  web:
    image: acme/web:2
    ports: {http: {port: 80, publish: 8080}}
volumes:
  data: {size: 10gb}
environments:
  dev: {platform: compose}
  production: {platform: fly}
";

fn stackc(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stackc"));
    command.args(arguments).current_dir(folder).env_remove("NO_COLOR").output().expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("it prints UTF-8")
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_else(|error| panic!("{error}: {}", text(bytes)))
}

/// A project whose stack.yaml is `spec`.
fn project(spec: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder can be made");
    write(&folder, "stack.yaml", spec);
    folder
}

fn write(folder: &TempDir, path: &str, content: &str) {
    std::fs::write(folder.path().join(path), content).expect("it can be written");
}

/// Both streams, as a snapshot; the version is left out, because it is not what is looked at.
fn both(output: &Output) -> String {
    let version = concat!("ersion\": \"", env!("CARGO_PKG_VERSION"), "\"");
    let out = text(&output.stdout).replace(version, "ersion\": \"VERSION\"");
    let code = output.status.code().expect("it is not killed");
    format!("exit code {code}\n--- stdout\n{out}--- stderr\n{}", text(&output.stderr))
}

fn snapshot(name: &str, content: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(root().join("snapshots/formats"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, content));
}

#[test]
fn findings_in_each_format() {
    let folder = project(WRONG);
    for format in FORMATS {
        let checked = stackc(folder.path(), &["check", "--format", format]);
        snapshot(&format!("findings.{format}"), &both(&checked));
        let validated = stackc(folder.path(), &["validate", "--format", format]);
        assert_eq!(both(&validated), both(&checked), "{format}: no output is looked at after an error");
    }
}

#[test]
fn drift_in_each_format() {
    let folder = project(RIGHT);
    assert!(stackc(folder.path(), &["build"]).status.success());
    let compose = std::fs::read_to_string(folder.path().join("docker-compose.yml")).expect("it was built");
    write(&folder, "docker-compose.yml", &(compose + "# mine\n"));
    std::fs::remove_file(folder.path().join("web/fly.toml")).expect("it was built");
    for format in FORMATS {
        snapshot(&format!("drift.{format}"), &both(&stackc(folder.path(), &["check", "--format", format])));
    }
}

#[test]
fn all_is_well_in_each_format() {
    let folder = project(&RIGHT.replace("volumes:\n  data: {size: 10gb}\n", ""));
    assert!(stackc(folder.path(), &["build"]).status.success());
    for format in FORMATS {
        let output = stackc(folder.path(), &["check", "--format", format]);
        assert_eq!((output.status.code(), text(&output.stderr).as_str()), (Some(0), ""), "{format}");
        snapshot(&format!("well.{format}"), &both(&output));
    }
}

#[test]
fn no_snapshot_is_left_over() {
    for entry in std::fs::read_dir(root().join("snapshots/formats")).expect("the folder exists") {
        let name = entry.expect("it can be read").file_name().to_string_lossy().into_owned();
        let parts: Vec<&str> = name.split('.').collect();
        let ours = ["findings", "drift", "well"].contains(&parts[0]) && FORMATS.contains(&parts[1]);
        assert!(ours, "snapshots/formats/{name} belongs to no test: delete it");
    }
}

#[test]
fn line_ends_change_bytes_only() {
    let (unix, windows) = (project(WRONG), project(&WRONG.replace('\n', "\r\n")));
    for format in ["human", "github", "sarif"] {
        let said = |folder: &TempDir| both(&stackc(folder.path(), &["check", "--format", format]));
        assert_eq!(said(&windows), said(&unix), "{format}");
    }
    let places = |folder: &TempDir| {
        let found = json(&stackc(folder.path(), &["check", "--format", "json"]).stdout);
        let findings = found["findings"].as_array().expect("a list").clone();
        findings.iter().flat_map(|finding| [&finding["start"], &finding["end"]].map(Value::clone)).collect::<Vec<_>>()
    };
    for (unix, windows) in places(&unix).iter().zip(places(&windows)) {
        let number = |place: &Value, key: &str| place[key].as_u64().expect("a number");
        assert_eq!((&unix["line"], &unix["column"]), (&windows["line"], &windows["column"]));
        assert_eq!(number(unix, "byte") + number(unix, "line") - 1, number(&windows, "byte"));
    }
}

/// In all refused cases: JSON and text name the same places, a byte is where it says, and nothing else is printed.
#[test]
fn places_are_the_same_in_all_formats() {
    for (case, folder) in cases(&root().join("specs/rejected")) {
        let output = stackc(&folder, &["validate", "--format", "json"]);
        let (source, diagnostics, tree) = compile(&folder);
        assert_eq!(output.status.code(), Some(i32::from(tree.is_none())), "{case}");
        assert_eq!(text(&output.stderr), "", "{case}");
        let human = rendered(&source, &diagnostics);
        for finding in json(&output.stdout)["findings"].as_array().expect("a list") {
            let start = &finding["start"];
            let header = format!("[stack.yaml:{}:{}]", start["line"], start["column"]);
            assert!(human.contains(&header), "{case}: {header} is not in\n{human}");
            let byte = start["byte"].as_u64().expect("a number") as usize;
            let lines = source.text()[..byte].matches('\n').count() as u64 + 1;
            assert_eq!(start["line"].as_u64(), Some(lines), "{case}");
        }
    }
}

#[test]
fn sarif_is_built_as_the_standard_says() {
    let drifted = project(RIGHT);
    for (folder, results) in [(project(WRONG), 4), (drifted, 6)] {
        let log = json(&stackc(folder.path(), &["check", "--format", "sarif"]).stdout);
        assert_eq!(log["version"], "2.1.0");
        assert!(log["$schema"].as_str().is_some_and(|schema| schema.ends_with("/sarif-schema-2.1.0.json")));
        let run = &log["runs"][0];
        assert_eq!(run["columnKind"], "unicodeCodePoints");
        let driver = &run["tool"]["driver"];
        assert_eq!((&driver["name"], &driver["version"]), (&"stackc".into(), &env!("CARGO_PKG_VERSION").into()));
        for rule in driver["rules"].as_array().expect("a list") {
            for description in ["shortDescription", "fullDescription", "help"] {
                assert!(rule[description]["text"].as_str().is_some_and(|text| text.len() > 10), "{rule}");
            }
        }
        assert_eq!(run["results"].as_array().map(Vec::len), Some(results), "{run:#}");
        for result in run["results"].as_array().expect("a list") {
            is_a_result(result, driver);
        }
    }
}

fn is_a_result(result: &Value, driver: &Value) {
    let index = result["ruleIndex"].as_u64().expect("a number") as usize;
    assert_eq!(driver["rules"][index]["id"], result["ruleId"]);
    assert_eq!(driver["rules"][index]["defaultConfiguration"]["level"], result["level"]);
    assert!(["error", "warning", "note"].contains(&result["level"].as_str().expect("a word")));
    assert!(result["message"]["text"].as_str().is_some_and(|text| !text.is_empty()));
    assert_eq!(result["locations"].as_array().map(Vec::len), Some(1));
    let related = result["relatedLocations"].as_array().cloned().unwrap_or_default();
    for location in result["locations"].as_array().expect("a list").iter().chain(&related) {
        let place = &location["physicalLocation"];
        let uri = place["artifactLocation"]["uri"].as_str().expect("a text");
        assert!(uri.bytes().all(|byte| byte.is_ascii_graphic()) && !uri.contains(['\\', ':']), "{uri}");
        let number = |key: &str, default: u64| place["region"].get(key).map_or(default, |at| at.as_u64().unwrap_or(0));
        let start = (number("startLine", 0), number("startColumn", 1));
        let end = (number("endLine", start.0), number("endColumn", u64::MAX));
        assert!(start.0 >= 1 && start.1 >= 1 && start < end, "{place}");
    }
}

/// The name of a file stands in a property, a key of the user in the message.
#[test]
fn github_commands_are_escaped() {
    for (name, escaped) in [
        ("plain.yaml", "plain.yaml"),
        ("100%.yaml", "100%25.yaml"),
        ("a,b.yaml", "a%2Cb.yaml"),
        ("a::error::b.yaml", "a%3A%3Aerror%3A%3Ab.yaml"),
        ("a\r\nb.yaml", "a%0D%0Ab.yaml"),
        ("a\u{1b}[31m.yaml", "a\u{fffd}[31m.yaml"),
        ("ü 😀.yaml", "ü 😀.yaml"),
    ] {
        let folder = tempfile::tempdir().expect("a folder can be made");
        write(&folder, name, "name: shop\n\"100%0A::, \\e[31m\": 1\n");
        let output = stackc(folder.path(), &["validate", "--format", "github", "-f", name]);
        let commands = text(&output.stdout);
        assert!(commands.starts_with(&format!("::error file={escaped},line=")), "{commands}");
        assert!(commands.contains("`100%250A::, \u{fffd}[31m`"), "{commands}");
        for line in commands.lines() {
            let ours = ["::error ", "::warning ", "::notice "].iter().any(|command| line.starts_with(command));
            assert!(ours && !line.contains(char::is_control), "{line:?}");
        }
    }
}

#[test]
fn paths_are_seen_from_the_current_folder() {
    let folder = project(RIGHT);
    let below = folder.path().join("below");
    std::fs::create_dir(&below).expect("it can be made");
    let from = |at: &Path, arguments: &[&str]| {
        let found = json(&stackc(at, &[&["check", "--format", "json"], arguments].concat()).stdout);
        let file = |value: &Value| value["file"].as_str().expect("a text").to_owned();
        let lock = found["drift"].as_array().and_then(|drift| drift.last()).expect("nothing was built");
        assert_eq!(lock["path"], "stack.lock");
        (file(&found["findings"][0]), file(lock))
    };
    let pair = |spec: &str, lock: &str| (spec.to_owned(), lock.to_owned());
    assert_eq!(from(folder.path(), &[]), pair("stack.yaml", "stack.lock"));
    assert_eq!(from(&below, &[]), pair("../stack.yaml", "../stack.lock"));
    assert_eq!(from(&below, &["-C", ".."]), pair("../stack.yaml", "../stack.lock"));
    assert_eq!(from(folder.path(), &["-f", "./stack.yaml"]), pair("stack.yaml", "stack.lock"));
}

#[test]
fn quiet_leaves_out_advice_and_failures_print_no_document() {
    let folder = project(WRONG);
    let quiet = json(&stackc(folder.path(), &["-q", "check", "--format", "json"]).stdout);
    assert_eq!((&quiet["summary"]["advice"], &quiet["summary"]["warnings"]), (&0.into(), &1.into()));
    let right = project(RIGHT);
    for arguments in [&["check", "--env", "nowhere"][..], &["validate", "-f", "missing.yaml"]] {
        for format in FORMATS {
            let failed = stackc(right.path(), &[arguments, &["--format", format]].concat());
            let said = text(&failed.stdout);
            assert_eq!(failed.status.code(), Some(2), "{arguments:?} {format}");
            match (arguments[0], format) {
                ("check", "github") => {
                    assert!(said.starts_with("::error title=stackc::there is no environment"), "{said}")
                }
                _ => assert_eq!(said, "", "{arguments:?} {format}"),
            }
            assert!(text(&failed.stderr).starts_with("stackc: "), "{}", text(&failed.stderr));
        }
    }
}

#[test]
fn control_characters_reach_no_terminal() {
    let spec = "name: shop\rservices: {\"w\\e[31m\\x9b\\u202eb\": {image: x}} # \r#\u{1b}[31m\u{9b}\u{202e}\n";
    for format in FORMATS {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stackc"));
        let streams = command.args(["validate", "-f", "-", "--format", format]).stdin(Stdio::piped());
        let mut child = streams.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
        child.stdin.take().expect("it is piped").write_all(spec.as_bytes()).expect("it is read");
        let output = child.wait_with_output().expect("it ends");
        let said = text(&output.stdout) + &text(&output.stderr);
        let acts = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
        assert!(output.status.code() == Some(1) && !said.contains(acts), "{format}: {said:?}");
    }
}

/// The examples in docs/formats.md are what the program prints.
#[test]
fn the_documented_examples_are_true() {
    let document = std::fs::read_to_string(root().join("docs/formats.md")).expect("it is there");
    let document = document.replace("ersion\": \"0.1.0\"", "ersion\": \"VERSION\"");
    let block = |language: &str| {
        let (_, rest) = document.split_once(&format!("```{language}\n")).expect("it has the example");
        rest.split_once("```").expect("the block ends").0
    };
    let folder = project(block("yaml"));
    for (format, language) in [("json", "json"), ("github", "text"), ("sarif", "json sarif")] {
        let output = stackc(folder.path(), &["check", "--format", format]);
        let printed = text(&output.stdout);
        let printed = printed.replace(concat!("ersion\": \"", env!("CARGO_PKG_VERSION")), "ersion\": \"VERSION");
        assert_eq!(block(language), printed, "{format}");
    }
}

#[test]
fn completions_and_manual_pages() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = stackc(folder.path(), &["completions", shell]);
        let printed = text(&script.stdout);
        assert!(script.status.success() && printed.contains("validate") && printed.contains("format"), "{shell}");
    }
    assert_eq!(stackc(folder.path(), &["completions", "cmd"]).status.code(), Some(2));
    let page = text(&stackc(folder.path(), &["man"]).stdout);
    assert!(page.contains(".TH stackc 1") && page.contains("stackc\\-build(1)"), "{page}");
    for command in ["build", "check", "validate", "schema", "explain", "completions", "man"] {
        let page = text(&stackc(folder.path(), &["man", command]).stdout);
        assert!(page.contains(&format!(".TH stackc-{command} 1")) && page.contains("Example"), "{page}");
        let help = text(&stackc(folder.path(), &[command, "--help"]).stdout);
        assert!(help.contains("Example"), "{help}");
    }
    let unknown = stackc(folder.path(), &["man", "biuld"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(text(&unknown.stderr).contains("did you mean `build`?"));
}
