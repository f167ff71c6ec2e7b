//! What the lock remembers: outputs that are no longer made, partial builds, versions, and what others wrote into it.

use crate::project::{CHANGED, Project, SHOP, drift, kinds, refused, tree};
use stackc::write::{Kind, Lock, Refusal, Request, plan};
use std::fs;
use std::os::unix::fs::symlink;

#[test]
fn what_is_no_longer_made_is_removed_if_it_is_ours() {
    let project = Project::built(SHOP);
    let plan = project.plan(&SHOP[2..]);
    let remedies = ["web/Dockerfile: orphaned: no longer made", "web/run.sh: orphaned: no longer made"];
    assert_eq!(drift(&plan), [&remedies[..], &["stack.lock: stack.yaml changed, not rebuilt"]].concat());
    assert_eq!(project.build(&SHOP[2..]).removed, ["web/Dockerfile", "web/run.sh"]);
    assert!(project.path("web").is_dir(), "folders are left alone");
    assert!(!project.read("stack.lock").contains("web/"));
}

#[test]
fn an_edited_orphan_is_refused_until_its_owner_decides() {
    let project = Project::built(SHOP);
    project.edit("web/Dockerfile", "FROM a", "FROM mine");
    project.put("web/run.sh", "theirs\n");
    let plan = project.plan(&SHOP[2..]);
    assert_eq!(refused(&plan), [("web/Dockerfile", Refusal::Edited)]);
    assert!(plan.drift()[0].remedy.contains("taking out its `# stackc:1` line"));
    assert!(plan.apply(&project.root, false).is_err());

    project.put("web/Dockerfile", "# syntax=x\nFROM mine\n");
    let applied = project.build(&SHOP[2..]);
    assert!(
        applied.removed.is_empty() && project.path("web/Dockerfile").exists() && project.path("web/run.sh").exists()
    );
    assert_eq!(Lock::read(&project.root).expect("read").expect("ours").outputs(), [".env.example"]);
}

#[test]
fn force_removes_an_edited_orphan_and_tells() {
    let project = Project::built(SHOP);
    project.edit("web/Dockerfile", "FROM a", "FROM mine");
    let applied = project.plan(&SHOP[1..]).apply(&project.root, true).expect("forced");
    assert_eq!(applied.removed, ["web/Dockerfile"]);
    assert_eq!(applied.forced, [("web/Dockerfile".to_owned(), Refusal::Edited)]);
}

#[test]
fn a_partial_build_removes_nothing_and_keeps_the_list() {
    let project = Project::built(SHOP);
    let plan = project.plan_with(&CHANGED[..1], true, "9.9.9");
    assert_eq!(kinds(&plan), [("web/Dockerfile", Kind::Update), ("stack.lock", Kind::Unchanged)]);
    plan.apply(&project.root, false).expect("ours");
    let lock = Lock::read(&project.root).expect("read").expect("ours");
    assert_eq!((lock.outputs().len(), lock.written_by()), (3, "0.1.0"));
}

#[test]
fn a_list_of_hostile_orphans_touches_nothing() {
    let project = Project::built(SHOP);
    fs::write(project.outside("secret"), "theirs").expect("written");
    symlink("../secret", project.path("link")).expect("linked");
    let hostile = r#"outputs = ["../secret", "/etc/hostname", "link", "", "web", ".", "gone/x", "web/../../secret","#;
    project.edit("stack.lock", "outputs = [", hostile);
    let applied = project.build(SHOP);
    assert_eq!((applied.updated, applied.removed), (vec!["stack.lock".to_owned()], vec![]));
    assert!(project.outside("secret").exists() && project.path("link").is_symlink());
}

#[test]
fn the_lock_keeps_what_others_wrote_into_it() {
    let project = Project::built(SHOP);
    let images = "\n[images]\n\"postgres:17\" = \"sha256:08c6903\" # 17.4\n";
    project.put("stack.lock", &(project.read("stack.lock") + images));
    assert!(project.plan(SHOP).is_clean());
    project.build(&SHOP[1..]);
    assert!(project.read("stack.lock").ends_with(&format!("    \"web/run.sh\",\n]\n{images}")));
}

#[test]
fn a_lock_that_is_not_ours_is_refused_and_a_newer_one_is_an_error() {
    let project = Project::built(SHOP);
    project.edit("stack.lock", "version = 1\n", "<<<<<<< ours\nversion = 1\n");
    let refusing = project.plan(SHOP);
    assert_eq!(refused(&refusing), [("stack.lock", Refusal::Foreign)]);
    let error = refusing.apply(&project.root, false).expect_err("refused");
    assert!(error.to_string().ends_with("stack.lock does not read as a lock of stackc"));
    refusing.apply(&project.root, true).expect("forced");
    assert!(project.plan(SHOP).is_clean());

    project.edit("stack.lock", "version = 1\n", "version = 2\n");
    let tree = tree(SHOP);
    let request = Request { tree: &tree, partial: false, version: "0.1.0" };
    let error = plan(&project.root, &request).expect_err("newer");
    assert_eq!(error.to_string(), "stack.lock was written by a newer stackc (format 2)");
}

#[test]
fn another_version_is_told_only_where_it_writes_something_else() {
    let project = Project::built(SHOP);
    let same = project.plan_with(SHOP, false, "0.2.0");
    assert!(same.drift().is_empty() && !same.is_clean(), "the next build notes the version");
    let other = project.plan_with(CHANGED, false, "0.2.0");
    assert_eq!(drift(&other), ["web/Dockerfile: written by stackc 0.1.0, and 0.2.0 writes something else"]);
    fs::remove_file(project.path("stack.lock")).expect("there");
    assert_eq!(drift(&project.plan(SHOP)), ["stack.lock: missing"]);
}
