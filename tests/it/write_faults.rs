//! What a hostile machine does to a build: kills, full disks, read-only folders, other builds at the same time. Each
//! file stays wholly old or wholly new, and the next build repairs what is missing.

use crate::project::{Project, tree};
use cap_std::ambient_authority;
use cap_std::fs::Dir;
use stackc::artifact::Artifact;
use stackc::artifact::yaml::{Mapping, Yaml};
use stackc::write::{Request, plan};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, SystemTime};

/// The variable that tells a child process of this test binary where to build.
const CHILD: &str = "STACKC_TEST_CHILD";

/// Thirty files of 8 kB that differ between variants in every line.
fn files(variant: char) -> Vec<(String, String)> {
    let line = format!("{}\n", variant.to_string().repeat(79));
    (0..30).map(|at| (format!("out/{}/{at}", at % 4), line.repeat(100))).collect()
}

fn borrowed(files: &[(String, String)]) -> Vec<(&str, &str)> {
    files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect()
}

/// The command that runs one test of this binary as a child.
fn child(project: &Project, before: &[&str], test: &str) -> Command {
    let exe = std::env::current_exe().expect("this binary");
    let mut words = before.iter().map(std::ffi::OsString::from).chain([exe.into()]);
    let mut command = Command::new(words.next().expect("a program"));
    let module = module_path!().split_once("::").map_or("", |(_, module)| module);
    command.args(words).args(["--exact", &format!("{module}::{test}")]);
    command.env(CHILD, project.path("")).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn passed(output: &Output) -> bool {
    output.status.success() && String::from_utf8_lossy(&output.stdout).contains("1 passed")
}

fn child_root() -> Option<Dir> {
    let path = std::env::var_os(CHILD)?;
    Some(Dir::open_ambient_dir(path, ambient_authority()).expect("the parent's folder"))
}

/// The child of `a_kill_at_any_moment_leaves_whole_files`; by itself it has nowhere to build.
#[test]
fn builds_for_ever() {
    let Some(root) = child_root() else { return };
    for variant in "ab".chars().cycle() {
        let tree = tree(&borrowed(&files(variant)));
        let request = Request { tree: &tree, partial: false, version: "0.1.0" };
        plan(&root, &request).and_then(|plan| plan.apply(&root, false)).expect("a build");
    }
}

#[test]
fn a_kill_at_any_moment_leaves_whole_files() {
    let (a, b) = (files('a'), files('b'));
    let whole: Vec<String> =
        [&a, &b].into_iter().flatten().map(|(path, text)| Artifact::text(path, text).content()).collect();
    let project = Project::built(&borrowed(&a));
    let mut halfway = 0;
    for round in 0..15 {
        let mut child = child(&project, &[], "builds_for_ever").spawn().expect("a child");
        while project.read(&a[0].0) == whole[0] {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_micros(round * 1400));
        let status = child.kill().and_then(|()| child.wait()).expect("killed");
        assert_eq!(status.signal(), Some(9), "it was still building");
        let found: Vec<String> = a.iter().map(|(path, _)| project.read(path)).collect();
        assert!(found.iter().all(|text| whole.contains(text)), "a file is torn in round {round}");
        halfway +=
            u32::from(found.iter().any(|text| text.contains("aaa")) && found.iter().any(|text| text.contains("bbb")));

        project.build(&borrowed(&a));
        assert!(project.plan(&borrowed(&a)).is_clean());
    }
    assert!(halfway > 0, "no kill came in the middle of a build");
    sweep_is_complete(&project, &borrowed(&a));
}

/// What killed builds left has names of ours, and goes with the first build after a minute.
fn sweep_is_complete(project: &Project, artifacts: &[(&str, &str)]) {
    let made = project.plan(artifacts).changes.len();
    let left: Vec<_> = project.files().into_iter().filter(|(path, _)| path.contains(".stackc-")).collect();
    assert_eq!(project.files().len(), made + left.len());
    let long_ago = SystemTime::now() - Duration::from_secs(3600);
    for (path, _) in &left {
        let file = fs::File::options().write(true).open(project.path(path)).expect("there");
        file.set_modified(long_ago).expect("ours");
    }
    project.build(artifacts);
    assert_eq!(project.files().len(), made);
}

#[test]
fn only_abandoned_files_of_ours_are_swept_away() {
    let files = [("web/Dockerfile", "FROM a\n")];
    let project = Project::built(&files);
    let long_ago = SystemTime::now() - Duration::from_secs(3600);
    for path in
        ["web/.stackc-1-0.tmp", ".stackc-1-0.tmp", "web/.stackc-young.tmp", "stackc-1.tmp", "other/.stackc-1-0.tmp"]
    {
        project.put(path, "half");
        let file = fs::File::options().write(true).open(project.path(path)).expect("there");
        file.set_modified(if path.contains("young") { SystemTime::now() } else { long_ago }).expect("ours");
    }
    project.build(&files);
    let left: Vec<_> = project.files().into_iter().map(|(path, _)| path).collect();
    assert_eq!(
        left,
        ["other/.stackc-1-0.tmp", "stack.lock", "stackc-1.tmp", "web/.stackc-young.tmp", "web/Dockerfile"]
    );
}

#[test]
fn two_builds_at_once_leave_whole_files() {
    let (a, b) = (files('a'), files('b'));
    let project = Project::built(&borrowed(&a));
    for files in [&b, &a, &b] {
        let plan = project.plan(&borrowed(files));
        std::thread::scope(|scope| {
            let both = [(); 2].map(|()| scope.spawn(|| plan.apply(&project.root, false)));
            for build in both {
                build.join().expect("no panic").expect("the other build is not in the way");
            }
        });
        assert!(project.plan(&borrowed(files)).is_clean());
    }
    assert_eq!(project.files().len(), a.len() + 1, "nothing is left behind");
}

/// The child of `a_full_disk_leaves_the_old_file`; by itself it has nowhere to build.
#[test]
fn builds_without_room() {
    let Some(root) = child_root() else { return };
    let (long, tree_of) =
        ("x\n".repeat(50_000), |long: &str| tree(&[("before", "new\n"), ("long", long), ("zz", "new\n")]));
    let tree = tree_of(&long);
    let request = Request { tree: &tree, partial: false, version: "0.1.0" };
    let error = plan(&root, &request).expect("a plan").apply(&root, false).expect_err("no room");
    assert!(error.to_string().starts_with("cannot write long: "), "{error}");
}

#[test]
fn a_full_disk_leaves_the_old_file() {
    let old = [("before", "old\n"), ("long", "old\n"), ("zz", "old\n")];
    let project = Project::built(&old);
    let shell = ["sh", "-c", "trap '' XFSZ; ulimit -f 20; exec \"$0\" \"$@\""];
    let output = child(&project, &shell, "builds_without_room").output().expect("a child");
    assert!(passed(&output), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(project.read("before").ends_with("new\n"), "what came before is whole");
    assert!(project.read("long").ends_with("old\n") && project.read("zz").ends_with("old\n"));
    assert_eq!(project.files().len(), 4, "nothing is left behind");
    project.build(&[("before", "new\n"), ("long", "x\n"), ("zz", "new\n")]);
}

/// The child of `a_read_only_folder_is_an_error_that_names_the_file`; by itself it has nowhere to build.
#[test]
fn builds_without_permission() {
    let Some(root) = child_root() else { return };
    let tree = tree(&[("web/Dockerfile", "FROM b\n")]);
    let request = Request { tree: &tree, partial: false, version: "0.1.0" };
    let error = plan(&root, &request).expect("a plan").apply(&root, false).expect_err("no permission");
    assert!(error.to_string().starts_with("cannot write web/Dockerfile: Permission denied"), "{error}");
}

#[test]
fn a_read_only_folder_is_an_error_that_names_the_file() {
    let project = Project::built(&[("web/Dockerfile", "FROM a\n")]);
    let mode =
        |path: &str, mode| fs::set_permissions(project.path(path), fs::Permissions::from_mode(mode)).expect("ours");
    fs::set_permissions(project.outside(""), fs::Permissions::from_mode(0o755)).expect("ours");
    mode("web", 0o555);
    // Root writes everywhere, so it becomes nobody first.
    let is_root = fs::write(project.path("web/probe"), "").is_ok();
    let nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    let output = child(&project, if is_root { &nobody } else { &[] }, "builds_without_permission").output();
    mode("web", 0o755);
    match output {
        Ok(output) if !matches!(output.status.code(), Some(126 | 127)) => {
            assert!(passed(&output), "{}", String::from_utf8_lossy(&output.stdout));
        }
        _ => panic!("as root this test needs setpriv (util-linux), and a binary that user 65534 may run"),
    }
    assert!(project.read("web/Dockerfile").ends_with("FROM a\n"));
}

#[test]
fn what_does_not_read_back_as_meant_is_never_written() {
    let project = Project::new();
    let mut tree = tree(&[("Dockerfile", "FROM a\n")]);
    let twice = Mapping::new().entry("a", Yaml::number("0x1F"));
    assert!(tree.insert(Artifact::yaml("a.yml", twice)).is_ok());
    let request = Request { tree: &tree, partial: false, version: "0.1.0" };
    let error = plan(&project.root, &request).expect_err("our own bug");
    assert!(error.to_string().starts_with("a.yml does not say what was meant: /a reads back as "), "{error}");
    assert!(project.files().is_empty());
}

#[test]
fn the_lock_cannot_be_an_output() {
    let project = Project::new();
    let tree = tree(&[("stack.lock", "x\n")]);
    let request = Request { tree: &tree, partial: false, version: "0.1.0" };
    assert!(plan(&project.root, &request).is_err());
}
