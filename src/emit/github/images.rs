//! Publishing images: a job for each that builds and pushes it, one that scans it, and one that moves a tag when all is well.

use super::job::{Job, Step, checkout, run, uses};
use super::registry::{self, Registry};
use super::{HAS_SECRETS, value};
use crate::artifact::yaml::{Mapping, Yaml};
use crate::model::{
    Addressing, Cache, Dockerfile, Environment, Flat, Image, Program, Publishing, Scanner, ShellLine, Tag, branch_tag,
    steers_docker,
};

/// What is needed to publish one image.
struct Publisher<'a> {
    program: &'a Program,
    environment: &'a Environment,
    images: &'a Publishing,
    image: &'a Image,
    branch: &'a str,
}

/// The jobs that publish, after the jobs `before`.
pub fn jobs(program: &Program, images: &Publishing, branch: &str, before: &[String]) -> Vec<Job> {
    let Some(environment) = program.published_from() else { return Vec::new() };
    let mut jobs = Vec::new();
    let mut last = Vec::new();
    for image in program.base.images_in_use() {
        let publisher = Publisher { program, environment, images, image, branch };
        jobs.push(publisher.build(before));
        last.push(publisher.id());
        if let Some(Scanner::Trivy) = images.scan {
            jobs.push(publisher.scan());
            last.push(format!("scan-{}", image.name));
        }
    }
    jobs.extend(images.promote.as_ref().map(|tag| promote(program, environment, tag, last)));
    jobs
}

fn id(image: &Image) -> String {
    format!("image-{}", image.name)
}

/// The keys of the jobs that build the images.
pub fn ids(program: &Program) -> Vec<String> {
    program.base.images_in_use().map(id).collect()
}

/// The images that the jobs of these keys have pushed, by their digests, one a line.
pub fn digests(ids: &[String]) -> Yaml {
    let images: Vec<String> = ids
        .iter()
        .map(|id| format!("${{{{ needs.{id}.outputs.image }}}}@${{{{ needs.{id}.outputs.digest }}}}"))
        .collect();
    several(&images).unwrap_or(Yaml::Null)
}

/// Whether the image of the job `id`, which the job at hand needs, was pushed.
fn pushed(id: &str) -> String {
    format!("needs.{id}.outputs.image != ''")
}

/// The same in the job that pushes it.
const PUSHED: &str = "steps.name.outputs.image != ''";

impl Publisher<'_> {
    fn id(&self) -> String {
        id(self.image)
    }

    fn registry(&self) -> Registry {
        registry::of(&Addressing::new(self.environment).known_repository(self.image))
    }

    /// The machines that the image is for; none is the runner's.
    fn platforms(&self) -> &[String] {
        if self.image.platforms.is_empty() { &self.images.platforms } else { &self.image.platforms }
    }

    /// The values that the build gets, and what runs before it.
    fn texts(&self) -> impl Iterator<Item = Vec<Flat>> {
        let texts = self.image.args.values().chain(self.images.env.values());
        texts.map(|text| Addressing::new(self.environment).known(text))
    }

    /// When it is built, and why not always: a pull request may lack what it needs.
    fn condition(&self) -> (String, Option<&'static str>) {
        let mut conditions = vec!["!failure() && !cancelled()".to_owned()];
        let texts: Vec<Flat> = self.texts().flatten().collect();
        let variables = value::required(&texts);
        if !self.image.secrets.is_empty() || texts.iter().any(Flat::is_secret) {
            conditions.push(HAS_SECRETS.to_owned());
        }
        if !variables.is_empty() {
            let known: Vec<String> = variables.iter().map(|name| format!("vars.{name}")).collect();
            conditions.push(format!("(github.event_name != 'pull_request' || {})", known.join(" && ")));
        }
        let why =
            "It needs values of this repository, which a pull request from elsewhere or by Dependabot does not get.";
        let why = (conditions.len() > 1).then_some(why);
        (conditions.join(" && "), why)
    }

    fn build(&self, before: &[String]) -> Job {
        let (condition, why) = self.condition();
        let job = Job::new(self.id(), format!("Image {}", self.image.name), 60).needs(before.iter().cloned());
        let job = self.registry().permission(job.only_if(condition, why).reads(), "write", "push the image");
        let job = job.output("image", "steps.name.outputs.image").output("digest", "steps.build.outputs.digest");
        let job = job.step(checkout(self.program)).steps(self.before()).step(self.name());
        let foreign = self.platforms().iter().any(|platform| platform != USUAL);
        let qemu = foreign.then(|| uses(self.program, "Set up emulation", "docker/setup-qemu-action"));
        job.steps(qemu)
            .step(uses(self.program, "Set up Buildx", "docker/setup-buildx-action"))
            .step(self.registry().login(self.program).only_if(PUSHED))
            .steps(self.digest())
            .step(self.push())
    }

    /// The user's lines.
    fn before(&self) -> Option<Step> {
        let env = self.images.env.iter();
        let env = env.map(|(name, text)| {
            let flat = Addressing::new(self.environment).known(text);
            (name.clone(), value::text(&flat, value::KEPT))
        });
        let lines = &self.images.before;
        (!lines.is_empty()).then(|| run("Prepare", ShellLine::script(lines)).env(env.collect()))
    }

    /// The step that finds the image's name, which registries want in lower case, and its tags. Elsewhere than on the branch it has none: nothing
    /// is pushed there.
    fn name(&self) -> Step {
        let repository = self.registry().repository;
        let mut missing = value::without_default(&repository);
        let texts: Vec<Flat> = self.texts().flatten().collect();
        missing.extend(value::required(&texts));
        missing.sort_unstable();
        missing.dedup();
        let tags = self.images.tags.iter().filter_map(|tag| match tag {
            Tag::Main => Some(format!("  echo \"$image:{}\"\n", branch_tag(self.branch))),
            Tag::Sha => Some("  echo \"$image:sha-${GITHUB_SHA::7}\"\n".to_owned()),
            // Given to the image of a commit later, when it gets its version.
            Tag::Calver | Tag::Semver => None,
        });
        let tags: String = tags.collect();
        let branch = self.branch;
        let look = if missing.is_empty() { "" } else { MISSING };
        let script = format!(
            r#"# Case counts here, as it does not in an expression.
if [[ $GITHUB_REF != refs/heads/{branch} ]]; then
  echo "It is built and not pushed: this is not {branch}."
  exit 0
fi
{look}image=${{REPOSITORY,,}}
{{
  echo "image=$image"
  echo "tags<<END"
{tags}  echo END
}} >> "$GITHUB_OUTPUT"
"#
        );
        let env = Mapping::new().entry("REPOSITORY", value::text(&repository, value::KEPT));
        let absent = missing.iter().map(|name| format!("${{{{ vars.{name} == '' && '{name}' || '' }}}}"));
        let absent: Vec<String> = absent.collect();
        let env = env.optional("MISSING", (!absent.is_empty()).then(|| absent.join(" ")));
        run("Name the image", script).id("name").env(env)
    }

    /// A digest of the build's secrets, whose values the cache does not see.
    fn digest(&self) -> Option<Step> {
        if self.image.secrets.is_empty() || !self.image.is_generated() {
            return None;
        }
        let values: Vec<String> = self.image.secrets.iter().map(|name| format!("\"${name}\"")).collect();
        let script = format!(
            "digest=$(printf '%s\\n' {} | sha256sum | cut -c 1-16)\necho \"digest=$digest\" >> \"$GITHUB_OUTPUT\"\n",
            values.join(" ")
        );
        Some(run("Make a digest of the build's secrets", script).id("secrets").env(self.secrets()))
    }

    fn secrets(&self) -> Mapping {
        let kept = |name: &String| (name.clone(), format!("${{{{ {} }}}}", value::kept(name)));
        self.image.secrets.iter().map(kept).collect()
    }

    fn push(&self) -> Step {
        let image = self.image;
        let target = match &image.dockerfile {
            Dockerfile::Own { target, .. } => target.as_deref(),
            Dockerfile::Generated(_) => None,
        };
        let mut arguments: Vec<String> = Vec::new();
        let mut env = self.secrets();
        for (name, text) in &image.args {
            let value = value::text(&Addressing::new(self.environment).known(text), value::KEPT);
            if steers_docker(name) {
                arguments.push(format!("{name}={value}"));
            } else {
                arguments.push(name.clone());
                env.push(name, value);
            }
        }
        if self.digest().is_some() {
            arguments.push("BUILD_DIGEST".to_owned());
            env.push("BUILD_DIGEST", "${{ steps.secrets.outputs.digest }}");
        }
        let secrets: Vec<String> = image.secrets.iter().map(|name| format!("{name}={name}")).collect();
        let with = Mapping::new()
            .entry("context", &image.context)
            .entry("file", image.dockerfile())
            .optional("target", target)
            .optional("platforms", (!self.platforms().is_empty()).then(|| self.platforms().join(",")))
            .optional("build-args", several(&arguments))
            .optional("secret-envs", several(&secrets))
            .entry("push", format!("${{{{ {PUSHED} }}}}"))
            .entry("tags", "${{ steps.name.outputs.tags }}")
            .entry("labels", LABELS)
            .entry("provenance", "mode=max");
        let with = match self.images.cache {
            Some(Cache::Gha) => with
                .entry("cache-from", format!("type=gha,scope={}", image.name))
                .entry("cache-to", format!("type=gha,mode=max,scope={},ignore-error=true", image.name)),
            None => with,
        };
        let name = "Build, and push what belongs to the branch";
        uses(self.program, name, "docker/build-push-action").id("build").env(env).with(with)
    }

    fn scan(&self) -> Job {
        let id = self.id();
        let image = format!("${{{{ needs.{id}.outputs.image }}}}@${{{{ needs.{id}.outputs.digest }}}}");
        let scanner = "aquasecurity/trivy-action";
        let (platform, suffix) = match self.platforms() {
            [] => (None, ""),
            [only] => (Some(only.as_str()).filter(|only| *only != USUAL), ""),
            _ => (Some("${{ matrix.platform }}"), "${{ matrix.platform }}"),
        };
        let named = |before: String, open: &str, close: &str| match suffix {
            "" => before,
            platform => format!("{before}{open}{platform}{close}"),
        };
        // Of an image for several machines each is another image.
        let env = || Mapping::new().optional("TRIVY_PLATFORM", platform);
        let look = Mapping::new()
            .entry("image-ref", &image)
            .entry("format", "sarif")
            .entry("output", "trivy.sarif")
            .entry("severity", "CRITICAL,HIGH")
            .entry("limit-severities-for-sarif", true);
        let category = named(format!("image-{}", self.image.name), "-", "");
        let show = Mapping::new().entry("sarif_file", "trivy.sarif").entry("category", category);
        let judge = Mapping::new()
            .entry("image-ref", &image)
            .entry("severity", "CRITICAL")
            .entry("ignore-unfixed", true)
            .entry("exit-code", "1")
            .entry("skip-setup-trivy", true);
        let title = named(format!("Scan image {}", self.image.name), " (", ")");
        let job = Job::new(format!("scan-{}", self.image.name), title, 20);
        let job = job.only_if(pushed(&id), None).needs([id]).reads();
        let job = if suffix.is_empty() { job } else { job.for_each("platform", self.platforms()) };
        self.registry()
            .permission(job, "read", "pull the image")
            .permits("actions", "read", "show it in a private repository")
            .permits("security-events", "write", "show what was found in the security tab")
            .step(self.registry().login(self.program))
            .step(uses(self.program, "Look for known vulnerabilities", scanner).env(env()).with(look))
            .step(
                uses(self.program, "Show them in the security tab", "github/codeql-action/upload-sarif")
                    .forgiven("A private repository may have no such tab; the next step decides.")
                    .with(show),
            )
            .step(uses(self.program, "Stop at what is critical and can be mended", scanner).env(env()).with(judge))
    }
}

/// The machine that images are for where nothing is said.
const USUAL: &str = "linux/amd64";

/// The end of a script that lacks what the repository's variables should hold.
const MISSING: &str = r#"if [[ -n ${MISSING// /} ]]; then
  echo "::error::GitHub has no such variables, and the image needs them: $MISSING"
  exit 1
fi
"#;

/// What an image says of its origin.
const LABELS: &str = "org.opencontainers.image.source=${{ github.server_url }}/${{ github.repository }}\norg.opencontainers.image.revision=${{ github.sha }}\n";

/// A list of an action's input, one a line.
fn several<T: AsRef<str>>(items: &[T]) -> Option<Yaml> {
    let lines: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
    match lines.as_slice() {
        [] => None,
        [only] => Some(Yaml::text(*only)),
        several => Some(Yaml::text(several.join("\n") + "\n")),
    }
}

const PROMOTE: &str = r#"for image in $IMAGES; do
  if [[ $image != *?@?* ]]; then
    echo "::error::the image is not known: GitHub keeps back a job's output that holds a secret's value"
    exit 1
  fi
  docker buildx imagetools create --tag "${image%@*}:$TAG" "$image"
done
"#;

/// The job that moves `tag` to all images at once, after the jobs `before`.
fn promote(program: &Program, environment: &Environment, tag: &str, before: Vec<String>) -> Job {
    let built: Vec<String> = before.iter().filter(|id| id.starts_with("image-")).cloned().collect();
    let env = Mapping::new().entry("IMAGES", digests(&built)).entry("TAG", tag);
    let registries = registry::all(program, environment);
    let condition = built.first().map(|first| pushed(first)).unwrap_or_default();
    let job = Job::new("promote", "Promote images", 10).needs(before).only_if(condition, None);
    let job = match registries.iter().find(|registry| registry.is_github()) {
        Some(registry) => registry.permission(job, "write", "move the tag"),
        None => job,
    };
    job.steps(registries.iter().map(|registry| registry.login(program)))
        .step(run(&format!("Move {tag} to the images of this run"), PROMOTE).env(env))
}
