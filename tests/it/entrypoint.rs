//! Generated entrypoints, run for real with small processes that do as they are told (`tests/entrypoint/bin/fake`). Each case is a folder
//! of `tests/entrypoint` whose stack.yaml says under `x-case` what happens to it and what must come of it. Here under /bin/sh;
//! `tests/entrypoint/run` does the same under each shell that images have.

use std::collections::BTreeMap;
use std::fs::File;
use std::net::TcpListener;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::{cases, compile, rendered, root};

/// One start of the entrypoint, from beginning to end.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Run {
    /// Arguments of the entrypoint.
    #[serde(default)]
    args: Vec<String>,
    /// Its environment, beside the search path.
    #[serde(default)]
    env: BTreeMap<String, String>,
    /// What happens to it, one after the other.
    #[serde(default, rename = "do")]
    events: Vec<Event>,
    /// The code that it must end with; none where it is killed.
    code: Option<i32>,
    /// Lines that must come, in this order, others between them.
    #[serde(default)]
    says: Vec<String>,
    /// Lines that must come, in any order.
    #[serde(default)]
    holds: Vec<String>,
    /// Lines that must not come.
    #[serde(default)]
    never: Vec<String>,
    /// Seconds in which it must have ended after the last event.
    #[serde(default = "usual")]
    within: f64,
}

fn usual() -> f64 {
    20.0
}

/// Something that happens once a line has come.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Event {
    after: String,
    /// A signal that the entrypoint gets.
    send: Option<String>,
    /// A process that is killed.
    kill: Option<String>,
    /// The entrypoint and all of its processes are killed at once, as when the power fails.
    fail: Option<bool>,
    /// A port on which somebody begins to listen.
    listen: Option<u16>,
}

#[derive(Deserialize)]
struct Case {
    #[serde(rename = "x-case")]
    runs: Vec<Run>,
}

/// How many trials run at once.
const AT_ONCE: usize = 12;

/// The shells to try, each as words.
fn shells() -> Vec<String> {
    let named = std::env::var("STACKC_SHELLS").unwrap_or_else(|_| "/bin/sh".to_owned());
    named.split(',').map(str::to_owned).collect()
}

#[test]
fn entrypoints_do_what_their_cases_say() {
    let folder = root().join("tests/entrypoint");
    let all: Vec<_> = cases(&folder)
        .into_iter()
        .flat_map(|case| shells().into_iter().map(move |shell| (case.clone(), shell)))
        .collect();
    assert!(all.len() >= 20, "the cases are there");
    let mut failed: Vec<String> = Vec::new();
    // They mostly wait, but not so many at once that a busy machine is what they measure.
    for some in all.chunks(AT_ONCE) {
        let trials = some.iter().map(|((case, folder), shell)| {
            let (name, folder, shell) = (format!("{case} under {shell}"), folder.clone(), shell.clone());
            (name, std::thread::spawn(move || trial(&folder, &shell)))
        });
        let trials: Vec<_> = trials.collect();
        let reports = trials.into_iter().map(|(name, trial)| (name, trial.join().expect("a trial reports")));
        failed.extend(reports.filter_map(|(name, report)| report.err().map(|why| format!("{name}: {why}"))));
    }
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}

fn trial(folder: &Path, shell: &str) -> Result<(), String> {
    let (source, diagnostics, tree) = compile(folder);
    let tree = tree.ok_or_else(|| format!("does not compile:\n{}", rendered(&source, &diagnostics)))?;
    let artifact = tree.get("entrypoint.sh").ok_or("has no entrypoint.sh")?;
    let here = tempfile::tempdir().map_err(|error| error.to_string())?;
    // Paths of the case's container lie in a folder of their own.
    let script = here_in(&artifact.content(), here.path());
    std::fs::write(here.path().join("entrypoint.sh"), script).map_err(|error| error.to_string())?;
    let written: Case = serde_yaml::from_str(&source.text()).map_err(|error| error.to_string())?;
    for (number, run) in written.runs.iter().enumerate() {
        let log = here.path().join(format!("log.{number}"));
        attempt(run, shell, here.path(), &log)
            .map_err(|why| format!("run {}: {why}; it said:\n{}", number + 1, said(&log)))?;
    }
    Ok(())
}

/// A line of a case with its paths where they are here.
fn here_in(line: &str, here: &Path) -> String {
    line.replace("/case/", &format!("{}/", here.display()))
}

fn said(log: &Path) -> String {
    std::fs::read_to_string(log).unwrap_or_default()
}

fn attempt(run: &Run, shell: &str, here: &Path, log: &Path) -> Result<(), String> {
    let out = File::create(log).map_err(|error| error.to_string())?;
    let mut words = shell.split(' ');
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", root().join("tests/entrypoint/bin").display());
    // A shell cannot trap what was ignored when it started, as some signals are in the background of another.
    let mut command = Command::new("env");
    command
        .arg("--default-signal")
        .arg(words.next().unwrap_or("/bin/sh"))
        .args(words)
        .arg(here.join("entrypoint.sh"))
        .args(&run.args);
    command.env_clear().env("PATH", path).env("CASE", here).envs(&run.env).current_dir(here);
    command.stdin(Stdio::null()).stdout(out.try_clone().map_err(|error| error.to_string())?).stderr(out);
    // A group of its own, so that all that is left of it can be cleared away.
    let mut child = command.process_group(0).spawn().map_err(|error| format!("{shell}: {error}"))?;
    let code = follow(run, &mut child, here, log);
    signal("KILL", &format!("-{}", child.id()));
    let code = code?;
    if code != run.code {
        return Err(format!("ended with {code:?}, not {:?}", run.code));
    }
    let said = said(log);
    let mut lines = said.lines();
    if let Some(missing) = run.says.iter().find(|line| !lines.any(|said| said == here_in(line, here))) {
        return Err(format!("`{missing}` is missing or out of order"));
    }
    if let Some(missing) = run.holds.iter().find(|line| !said.lines().any(|said| said == line.as_str())) {
        return Err(format!("`{missing}` is missing"));
    }
    match run.never.iter().find(|line| said.lines().any(|said| said == line.as_str())) {
        Some(line) => Err(format!("`{line}` must not come")),
        None => Ok(()),
    }
}

/// Lets the events happen and waits for the end; the code, or none where a signal ended it.
fn follow(run: &Run, child: &mut Child, here: &Path, log: &Path) -> Result<Option<i32>, String> {
    let mut listeners = Vec::new();
    for event in &run.events {
        let deadline = Instant::now() + Duration::from_secs(20);
        while !said(log).lines().any(|line| line == event.after) {
            if Instant::now() > deadline || child.try_wait().is_ok_and(|ended| ended.is_some()) {
                return Err(format!("`{}` never came", event.after));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        if let Some(name) = &event.send {
            signal(name, &child.id().to_string());
        }
        if let Some(process) = &event.kill {
            signal("KILL", said(&here.join(format!("{process}.pid"))).trim());
        }
        if event.fail == Some(true) {
            signal("KILL", &format!("-{}", child.id()));
        }
        if let Some(port) = event.listen {
            // In use is as good: another trial listens there.
            listeners.extend(TcpListener::bind(("127.0.0.1", port)));
        }
    }
    let deadline = Instant::now() + Duration::from_secs_f64(run.within);
    while Instant::now() < deadline {
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            return Ok(status.code().filter(|_| status.signal().is_none()));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Err(format!("has not ended after {} s", run.within))
}

fn signal(name: &str, pid: &str) {
    // What has ended already needs no signal.
    let _ = Command::new("kill").args(["-s", name, "--", pid]).stderr(Stdio::null()).status();
}

/// The judges' script tries the shells that base images have.
#[test]
fn every_shell_of_a_base_image_is_tried() {
    let script = std::fs::read_to_string(root().join("tests/entrypoint/run")).expect("it can be read");
    for shell in ["dash", "busybox", "bash"] {
        assert!(script.contains(shell), "tests/entrypoint/run does not try {shell}");
    }
    let ci = std::fs::read_to_string(root().join(".ci/run")).expect("it can be read");
    assert!(ci.contains("tests/entrypoint/run"));
}
