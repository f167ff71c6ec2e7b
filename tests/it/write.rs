//! Building into a folder: what is written, what is left alone, what is refused, and what `check` says of it.

use crate::project::{CHANGED, Project, SHOP, drift, kinds, refused};
use stackc::write::{Cause, Kind, Refusal};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

fn mode(project: &Project, path: &str) -> u32 {
    fs::metadata(project.path(path)).expect("a file").permissions().mode() & 0o777
}

#[test]
fn the_first_build_makes_everything_and_the_second_touches_nothing() {
    let project = Project::new();
    let applied = project.build(SHOP);
    assert_eq!(applied.created, ["web/Dockerfile", "web/run.sh", ".env.example", "stack.lock"]);
    assert!(applied.updated.is_empty() && applied.removed.is_empty() && applied.forced.is_empty());
    assert_eq!(["web/Dockerfile", "web/run.sh", "stack.lock"].map(|path| mode(&project, path)), [0o644, 0o755, 0o644]);
    assert!(project.read("web/Dockerfile").starts_with("# syntax=x\n# stackc:1 web/Dockerfile sha256="));

    let stamp = |(path, _): (String, String)| {
        let metadata = fs::metadata(project.path(&path)).expect("a file");
        (path, metadata.ino(), metadata.mtime_nsec(), metadata.ctime_nsec())
    };
    let before: Vec<_> = project.files().into_iter().map(stamp).collect();
    let plan = project.plan(SHOP);
    assert!(plan.is_clean() && plan.drift().is_empty() && plan.diff().is_empty());
    assert_eq!(plan.apply(&project.root, false).expect("clean"), stackc::write::Applied::default());
    assert_eq!(project.files().into_iter().map(stamp).collect::<Vec<_>>(), before);
}

#[test]
fn what_is_ours_and_untouched_is_written_over() {
    let project = Project::built(SHOP);
    let plan = project.plan(CHANGED);
    assert_eq!(drift(&plan), ["web/Dockerfile: stack.yaml changed, not rebuilt"]);
    assert_eq!(plan.drift()[0].remedy, "stackc build");
    let diff = plan.diff();
    assert!(
        diff.starts_with("--- a/web/Dockerfile\n+++ b/web/Dockerfile\n@@")
            && diff.contains("\n-FROM a\n")
            && diff.ends_with("\n+FROM b\n"),
        "{diff}"
    );
    assert_eq!(plan.apply(&project.root, false).expect("ours").updated, ["web/Dockerfile"]);
    assert!(project.plan(CHANGED).is_clean());
}

#[test]
fn what_a_merge_left_is_told_as_such_and_written_over_where_only_markers_differ() {
    let conflict = |marker: &str| format!("<<<<<<< HEAD\n{marker}0\n=======\n{marker}1\n>>>>>>> theirs");
    let merge = |project: &Project| {
        let text = project.read("web/Dockerfile");
        let marker = text.lines().nth(1).expect("a marker").to_owned();
        project.edit("web/Dockerfile", &marker, &conflict(&marker));
    };
    let project = Project::built(SHOP);
    merge(&project);
    let plan = project.plan(SHOP);
    assert_eq!((refused(&plan), kinds(&plan)[0].1), (vec![], Kind::Adopt));
    plan.apply(&project.root, false).expect("nothing is lost");
    assert!(project.plan(SHOP).is_clean());
    merge(&project);
    let plan = project.plan(CHANGED);
    assert_eq!(refused(&plan), [("web/Dockerfile", Refusal::Unmerged)]);
    assert_eq!(drift(&plan), ["web/Dockerfile: an unfinished merge"]);
    assert!(plan.drift()[0].remedy.contains("`stackc build --force`"));
}

#[test]
fn one_refusal_means_that_nothing_is_written() {
    let project = Project::built(SHOP);
    project.edit("web/Dockerfile", "FROM a", "FROM mine");
    project.put("new", "theirs\n");
    let before = project.files();
    let wanted = [CHANGED, &[("new", "ours\n"), ("other", "x\n")]].concat();
    let plan = project.plan(&wanted);
    assert_eq!(refused(&plan), [("web/Dockerfile", Refusal::Edited), ("new", Refusal::Foreign)]);
    assert_eq!(drift(&plan)[..3], ["web/Dockerfile: output edited", "new: not made by stackc", "other: missing"]);
    assert!(plan.drift()[0].remedy.contains("`stackc build --force`"));
    assert!(plan.diff().contains("\n-FROM mine\n") && plan.diff().contains("--- /dev/null\n+++ b/other\n"));
    let error = plan.apply(&project.root, false).expect_err("refused");
    assert_eq!(
        error.to_string(),
        "nothing was written: web/Dockerfile was edited since stackc wrote it; new was not made by stackc"
    );
    assert!(error.help().expect("ways out").to_string().contains("new: move it away"));
    assert_eq!(project.files(), before);

    let applied = plan.apply(&project.root, true).expect("forced");
    assert_eq!(applied.forced, [("web/Dockerfile".into(), Refusal::Edited), ("new".into(), Refusal::Foreign)]);
    assert_eq!((applied.created, applied.updated.len()), (vec!["other".to_owned()], 3));
    assert!(project.plan(&wanted).is_clean());
}

#[test]
fn a_file_that_loses_nothing_but_its_marker_is_taken_over() {
    let project = Project::new();
    project.put("web/Dockerfile", "# syntax=x\r\nFROM a");
    project.put(".env.example", "# stackc:1 .env.example sha256=damaged\nA=1\n");
    let plan = project.plan(SHOP);
    assert_eq!(kinds(&plan)[0], ("web/Dockerfile", Kind::Adopt));
    assert_eq!(drift(&plan)[2], ".env.example: its marker line is missing or wrong");
    assert_eq!(project.build(SHOP).updated, ["web/Dockerfile", ".env.example"]);
}

#[test]
fn a_copy_of_an_output_is_not_ours() {
    let project = Project::built(SHOP);
    project.put("api/Dockerfile", &project.read("web/Dockerfile"));
    assert_eq!(refused(&project.plan(&[("api/Dockerfile", "FROM c\n")])), [("api/Dockerfile", Refusal::Foreign)]);
}

#[test]
fn a_checkout_with_crlf_is_still_ours() {
    let project = Project::built(SHOP);
    for path in ["web/Dockerfile", ".env.example", "stack.lock"] {
        project.edit(path, "\n", "\r\n");
    }
    assert!(project.plan(SHOP).is_clean());
    assert_eq!(project.build(CHANGED).updated, ["web/Dockerfile"]);

    project.edit("web/run.sh", "\n", "\r\n");
    assert_eq!(drift(&project.plan(CHANGED)), ["web/run.sh: CRLF line ends in a program"]);
    assert_eq!(project.build(CHANGED).updated, ["web/run.sh"]);
    assert!(!project.read("web/run.sh").contains('\r'));
}

#[test]
fn a_lost_executable_bit_is_given_back() {
    let project = Project::built(SHOP);
    fs::set_permissions(project.path("web/run.sh"), fs::Permissions::from_mode(0o644)).expect("ours");
    let plan = project.plan(SHOP);
    assert_eq!(plan.drift()[0].cause, Cause::Mode);
    assert!(plan.diff().contains("new mode 100755"));
    assert_eq!(project.build(SHOP).updated, ["web/run.sh"]);
    assert_eq!(mode(&project, "web/run.sh"), 0o755);
}

#[test]
fn a_link_in_the_place_of_an_output_is_refused_and_never_followed() {
    let project = Project::new();
    fs::write(project.outside("secret"), "theirs").expect("written");
    project.put("inside", "mine");
    fs::create_dir(project.path("web")).expect("made");
    symlink("../../secret", project.path("web/Dockerfile")).expect("linked");
    symlink("inside", project.path(".env.example")).expect("linked");
    symlink("nowhere", project.path("stack.lock")).expect("linked");
    let plan = project.plan(SHOP);
    let links = ["web/Dockerfile", ".env.example", "stack.lock"].map(|path| (path, Refusal::Link));
    assert_eq!(refused(&plan), links);
    assert!(plan.apply(&project.root, false).is_err());
    assert!(!project.path("web/run.sh").exists());
    assert_eq!(plan.apply(&project.root, true).expect("forced").forced.len(), 3);
    assert!(!project.path("web/Dockerfile").is_symlink());
    assert_eq!(fs::read_to_string(project.outside("secret")).expect("there"), "theirs");
    assert_eq!(project.read("inside"), "mine");
}

#[test]
fn nothing_outside_the_root_is_read_or_written_even_by_force() {
    let project = Project::new();
    fs::create_dir(project.outside("away")).expect("made");
    symlink("../away", project.path("relative")).expect("linked");
    symlink(project.outside("away"), project.path("absolute")).expect("linked");
    symlink("loop", project.path("loop")).expect("linked");
    for path in ["../x", "/etc/stackc-test", "a/../../x", "a//x", "relative/x", "absolute/x", "relative/new/x"] {
        let plan = project.plan(&[(path, "x\n")]);
        assert_eq!(refused(&plan), [(path, Refusal::Outside)]);
        assert!(plan.apply(&project.root, true).is_err());
    }
    fs::create_dir(project.path("real")).expect("made");
    symlink("real", project.path("link")).expect("linked");
    project.build(&[("link/x", "x\n")]);
    assert!(project.path("real/x").is_file());
    assert_eq!(fs::read_dir(project.outside("away")).expect("there").count(), 0);
}

#[test]
fn what_is_no_file_is_never_replaced() {
    let project = Project::new();
    project.put("folder/keep", "mine");
    project.put("file", "mine");
    symlink("nowhere", project.path("dangling")).expect("linked");
    let wanted =
        [("folder", "x\n"), ("file/below", "x\n"), ("dangling/below", "x\n"), ("a", "x\n"), ("a/below", "x\n")];
    let plan = project.plan(&wanted);
    let refused_paths: Vec<_> =
        refused(&plan).into_iter().map(|(path, why)| (path, why == Refusal::NotAFile)).collect();
    assert_eq!(refused_paths, ["folder", "file/below", "dangling/below", "a/below"].map(|path| (path, true)));
    assert!(plan.apply(&project.root, true).is_err());
    assert_eq!(project.files().len(), 3);
}

#[test]
fn what_changes_between_plan_and_build_is_not_overwritten() {
    let project = Project::built(SHOP);
    let (update, removal) = (project.plan(CHANGED), project.plan(&SHOP[1..]));
    project.edit("web/Dockerfile", "FROM a", "FROM mine");
    let error = update.apply(&project.root, false).expect_err("overtaken");
    assert_eq!(error.to_string(), "cannot write web/Dockerfile: it was changed while stackc was at work");
    removal.apply(&project.root, false).expect("nothing to overwrite");
    assert!(project.read("web/Dockerfile").contains("FROM mine"));
}
