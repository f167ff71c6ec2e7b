//! The workflow that gives an image its version when a person pushes a git tag such as v1.2.3: the image of that commit gets more tags, and
//! nothing is built again.

use super::job::{Job, run};
use super::{all, frame, registry, shell, value};
use crate::artifact::yaml::{Mapping, Yaml};
use crate::model::{Addressing, Program};

/// Where it lies.
pub const PATH: &str = ".github/workflows/version.yml";

/// Waits for the image of the commit, which the other workflow pushes once all tests have passed.
const TAG: &str = r#"version=${GITHUB_REF_NAME#v}
if [[ ! $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]]; then
  echo "::error::$GITHUB_REF_NAME is not a version such as v1.2.3"
  exit 1
fi
for image in $IMAGES; do
  image=${image,,}
  source=$image:sha-${GITHUB_SHA::7}
  for ((attempt = 1; ; attempt++)); do
    docker buildx imagetools inspect "$source" > /dev/null && break
    if ((attempt == ATTEMPTS)); then
      echo "::error::there is no image $source: its tests failed, the commit is not on the branch, or a newer push took its turn"
      exit 1
    fi
    sleep "$PAUSE"
  done
  tags=(--tag "$image:$version")
  # What comes before a version is not the newest of its series.
  [[ $version == *-* ]] || tags+=(--tag "$image:${version%.*}")
  docker buildx imagetools create "${tags[@]}" "$source"
done
"#;

/// The workflow, if there is an image to give a version to.
pub fn workflow(program: &Program) -> Option<Mapping> {
    let environment = program.published_from()?;
    let addressing = Addressing::new(environment);
    let images = program.base.images_in_use().map(|image| addressing.known_repository(image));
    let names: Vec<String> = images.map(|name| value::text(&name, value::KEPT)).collect();
    let env = Mapping::new().entry("IMAGES", names.join("\n")).entry("ATTEMPTS", "200").entry("PAUSE", "30");
    let registries = registry::all(program, environment);
    let job = Job::new("version", "Give images their version", 110);
    let job = match registries.iter().find(|registry| registry.is_github()) {
        Some(registry) => registry.permission(job, "write", "add the tags"),
        None => job,
    };
    let job = job.steps(registries.iter().map(|registry| registry.login(program)));
    let job = job.step(run("Tag the images of this commit", TAG).env(env));
    let push = Mapping::new().entry("tags", Yaml::flow(["v[0-9]*"]));
    let concurrency =
        Mapping::new().entry("group", "${{ github.workflow }}-${{ github.ref }}").entry("cancel-in-progress", false);
    Some(
        frame(
            "Version",
            "Gives the images of a commit the version of its git tag.",
            Mapping::new().entry("push", push),
        )
        .entry("concurrency", concurrency)
        .blank()
        .entry("defaults", shell())
        .blank()
        .entry("jobs", all(vec![job]))
        .blank(),
    )
}
