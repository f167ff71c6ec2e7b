//! The job that gives a commit its version by the calendar: the images get it as a further tag, and GitHub a release. A commit that has a version
//! keeps it, so that a run may be repeated.

use super::job::{Job, run};
use super::{images, registry};
use crate::artifact::yaml::Mapping;
use crate::model::{GitHub, Program, Tag};

/// The job's key.
pub const ID: &str = "release";

/// The version as an expression, for jobs that need the job.
pub const VERSION: &str = "needs.release.outputs.version";

/// Tags of the calendar are those of numbers alone; a year of this millennium begins with 2.
const NEXT: &str = r#"tags=$(gh api --paginate "repos/$GITHUB_REPOSITORY/git/matching-refs/tags/2" --jq '.[] | .object.sha + " " + (.ref | ltrimstr("refs/tags/"))')
month=$(date -u +%Y.%-m)
version=
last=-1
while read -r sha tag; do
  [[ $tag =~ ^2[0-9]{3}\.[0-9]{1,2}\.[0-9]+$ ]] || continue
  [[ $sha != "$GITHUB_SHA" ]] || version=$tag
  if [[ ${tag%.*} == "$month" ]] && ((10#${tag##*.} > last)); then
    last=$((10#${tag##*.}))
  fi
done <<< "$tags"
echo "version=${version:-$month.$((last + 1))}" >> "$GITHUB_OUTPUT"
"#;

/// GitHub hands over no output that holds the value of a secret.
const TAG: &str = r#"for image in $IMAGES; do
  if [[ $image != *?@?* ]]; then
    echo "::error::the image is not known: GitHub keeps back a job's output that holds a secret's value"
    exit 1
  fi
  docker buildx imagetools create --tag "${image%@*}:$VERSION" "$image"
done
"#;

/// The images have the version before anybody hears of it.
const RELEASE: &str = r#"if ! gh release view "$VERSION" --repo "$GITHUB_REPOSITORY" > /dev/null 2>&1; then
  gh release create "$VERSION" --repo "$GITHUB_REPOSITORY" --target "$GITHUB_SHA" --title "$VERSION" --generate-notes
fi
"#;

/// The job, after `before`; none if there is nothing to release.
pub fn job(program: &Program, github: &GitHub, before: Option<String>) -> Option<Job> {
    github.release.as_ref()?;
    let publishing = github.images.as_ref().filter(|images| images.tags.contains(&Tag::Calver));
    let built: Vec<String> = publishing.iter().flat_map(|_| images::ids(program)).collect();
    let condition = format!("!failure() && !cancelled() && {}", super::on_branch(&github.branch, before.is_some()));
    let job = Job::new(ID, "Release", 15).needs(before.into_iter().chain(built.iter().cloned()));
    let job = job.only_if(condition, None).output("version", "steps.next.outputs.version");
    let job = job.permits("contents", "write", "make the tag and the release");
    let environment = program.published_from()?;
    let registries = if built.is_empty() { Vec::new() } else { registry::all(program, environment) };
    let job = match registries.iter().find(|registry| registry.is_github()) {
        Some(registry) => registry.permission(job, "write", "add the tag to the images"),
        None => job,
    };
    let token = || Mapping::new().entry("GH_TOKEN", "${{ github.token }}");
    let version = || Mapping::new().entry("VERSION", "${{ steps.next.outputs.version }}");
    let job = job.step(run("Find the next version", NEXT).id("next").env(token()));
    let job = job.steps(registries.iter().map(|registry| registry.login(program)));
    let tag = || run("Give it to the images", TAG).env(version().entry("IMAGES", images::digests(&built)));
    let job = job.steps((!built.is_empty()).then(tag));
    Some(
        job.step(
            run("Publish the release", RELEASE).env(token().entry("VERSION", "${{ steps.next.outputs.version }}")),
        ),
    )
}
