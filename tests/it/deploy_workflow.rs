//! What the workflows of deployments call, in which order, and with which version of the images.

use std::fs;
use std::process::Command;

const CI: &str = ".github/workflows/ci.yml";

const STACK: &str = r#"
name: shop
registry: ghcr.io/acme/shop
services: {api: {build: {context: ., dockerfile: Dockerfile}}}
environments:
  vps: {platform: compose, file: a.yml, pull: true, deploy: {ssh: {path: /opt/shop}}}
"#;

/// The file at `path` that comes of the stack and `more`.
fn made(more: &str, path: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder can be made");
    fs::write(folder.path().join("stack.yaml"), format!("{STACK}{more}")).expect("it is ours");
    fs::write(folder.path().join("Dockerfile"), "FROM scratch\n").expect("it is ours");
    let built = Command::new(env!("CARGO_BIN_EXE_stackc")).arg("build").current_dir(folder.path()).output();
    let built = built.expect("the program starts");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    fs::read_to_string(folder.path().join(path)).expect("it was made")
}

#[test]
fn what_is_deployed_is_what_was_pushed() {
    let commit = "run: IMAGE_TAG=sha-${GITHUB_SHA::7} deploy/vps.sh remote up";
    let chosen = "run: IMAGE_TAG=${IMAGE_TAG:-sha-${GITHUB_SHA::7}} deploy/vps.sh remote up";
    let plain = "run: deploy/vps.sh remote up";
    for (tags, deploy, run) in [
        ("[main, sha]", "when: push", commit),
        ("[main, sha]", "when: release", commit),
        ("[sha]", "when: release", commit),
        ("[sha]", "when: manual", commit),
        ("[sha, semver]", "when: manual", commit),
        ("[main, sha]", "when: manual, inputs: {IMAGE_TAG: {}}", chosen),
        ("[main, sha]", "when: release, inputs: {IMAGE_TAG: {}}", chosen),
        ("[sha, calver]", "when: release", plain),
        ("[main]", "when: release", plain),
        ("[main]", "when: manual", plain),
    ] {
        let manual = deploy.starts_with("when: manual");
        let file = if manual { ".github/workflows/deploy-vps.yml" } else { ".github/workflows/ci.yml" };
        let ci = format!(
            "ci: {{github: {{images: {{tags: {tags}}}, release: {{calver: true}}, deploy: {{vps: {{{deploy}}}}}}}}}\n"
        );
        let workflow = made(&ci, file);
        assert!(workflow.contains(&format!("{run}\n")), "{tags}, {deploy}: {workflow}");
        let back = match tags {
            "[main]" => None,
            "[sha, calver]" | "[sha, semver]" => Some("IMAGE_TAG=VERSION"),
            _ => Some("IMAGE_TAG=sha-COMMIT"),
        };
        let told = workflow.lines().find(|line| line.contains("To go back, on the server"));
        let asked = manual && deploy.contains("inputs");
        assert_eq!(told.is_some(), back.is_some() && !asked, "{tags}, {deploy}: {workflow}");
        assert!(told.is_none_or(|told| told.contains(back.unwrap_or_default())), "{tags}, {deploy}: {told:?}");
    }
    let file = made("ci: {github: {branch: next/one, images: {}, deploy: {vps: {when: push}}}}\n", "a.yml");
    assert!(file.contains("/api:${IMAGE_TAG:-next-one}"), "{file}");
}

/// Lines before may delete what ran, so all is looked at before them.
#[test]
fn nothing_is_changed_before_all_is_known_to_be_there() {
    let ci = "ci: {github: {images: {}, deploy: {vps: {when: manual, secrets: {registry_password: TOKEN}, before: [a], after: [b]}}}}\n";
    let workflow = made(ci, ".github/workflows/deploy-vps.yml");
    let place = |text: &str| workflow.find(text).unwrap_or_else(|| panic!("{text}: {workflow}"));
    let order =
        ["Remember what runs", "remote check", "Before the deployment", "remote up", "After the", "remote back"];
    assert!(order.map(place).is_sorted(), "{workflow}");
    assert_eq!(workflow.matches("IMAGES: ${{ steps.before.outputs.images }}").count(), 2, "{workflow}");
    // The token of the run stands in for the secret.
    assert!(workflow.contains("packages: read"), "{workflow}");
}

/// On one server the second would replace the first, and have its data.
#[test]
fn environments_over_ssh_are_projects_of_their_own() {
    assert!(made("", "a.yml").contains("\nname: shop\n"));
    let other = "  next: {platform: compose, file: b.yml, pull: true, deploy: {ssh: {path: /opt/shop}}}\n";
    assert!(made(other, "a.yml").contains("\nname: shop-vps\n"));
    assert!(made(other, "b.yml").contains("\nname: shop-next\n"));
    let dev = "  dev: {platform: compose, file: b.yml}\n";
    assert!(made(dev, "a.yml").contains("\nname: shop\n"));
    assert!(made(dev, "b.yml").contains("\nname: shop-dev\n"));
}

/// What fly.toml carries from the repository is what an app is made from: a change of it alone is deployed.
#[test]
fn a_mounted_file_is_compared() {
    let more =
        "  live: {platform: fly, region: fra, services: {api: {volumes: {/etc/shop.yml: {file: conf/shop.yml}}}}}\n";
    let ci = format!("{more}ci: {{github: {{deploy: {{live: {{when: push, paths: true}}}}}}}}\n");
    let workflow = made(&ci, ".github/workflows/ci.yml");
    assert!(workflow.contains("':(literal)conf/shop.yml'"), "{workflow}");
}

/// Fly names what it builds, so nobody there waits for a version.
#[test]
fn only_those_who_pull_need_a_version() {
    let example = made("  live: {platform: fly, region: fra}\n", ".env.example");
    let line = example.lines().find(|line| line.contains("used by:")).unwrap_or_default();
    assert_eq!(line, "# Optional, used by: vps", "{example}");
}

/// One form asks for all of them.
#[test]
fn who_leaves_deployments_out_leaves_all_of_them_out() {
    let next = "  next: {platform: compose, file: b.yml, pull: true, deploy: {ssh: {path: /opt/next}}}\n";
    let skip = "{when: push, inputs: {skip_deploy: {type: boolean}}}";
    for deploys in [format!("vps: {skip}, next: {{when: push}}"), format!("vps: {{when: push}}, next: {skip}")] {
        let workflow = made(&format!("{next}ci: {{github: {{images: {{}}, deploy: {{{deploys}}}}}}}\n"), CI);
        assert_eq!(workflow.matches("&& !inputs.skip_deploy }}").count(), 2, "{workflow}");
    }
    let manual = format!("{next}ci: {{github: {{images: {{}}, deploy: {{vps: {skip}, next: {{when: manual}}}}}}}}\n");
    assert!(!made(&manual, ".github/workflows/deploy-next.yml").contains("skip_deploy"));
}

#[test]
fn a_line_that_fails_ends_a_deployment() {
    let looked = "cd app && make\n          (exit $?) # A list that fails does not end a script by itself.\n          make check\n";
    let lines = "[cd app && make, make check]";
    let ci =
        format!("ci: {{github: {{images: {{}}, deploy: {{vps: {{when: push, before: {lines}, after: {lines}}}}}}}}}\n");
    let workflow = made(&ci, CI);
    assert_eq!(workflow.matches(looked).count(), 2, "{workflow}");
}
