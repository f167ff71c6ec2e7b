//! From what was written to what is meant: sugar undone, defaults filled in, names checked, strings parsed into `Text`. Says what does not
//! fit together; knows no output format.

mod build;
mod ci;
mod command;
mod develop;
mod doors;
mod effects;
mod environment;
mod fly;
mod foundation;
mod health;
mod images;
mod jobs;
mod layers;
mod meant;
mod mounts;
mod overrides;
mod paths;
mod pinned;
mod ports;
mod references;
mod routing;
mod scale;
mod schedule;
mod service;
mod serving;
mod supervise;
mod variables;

use std::rc::Rc;

use indexmap::IndexMap;

use crate::code::Code;
use crate::diagnostic::{Finding, Findings, nearest};
use crate::model::{Ci, Duration, Piece, Secret, Size, Stack, Text, Volume, branch_tag};
use crate::source::{Place, SpecPath};
use crate::spec;

pub use environment::environment;
use references::Position;

/// What is needed to resolve any part of a stack.
pub(crate) struct Scope<'a, 'f> {
    spec: &'a spec::Stack,
    /// The same without what routing adds to it: what help lines may name.
    written: &'a spec::Stack,
    /// The environment that is resolved, with the base that it overlays; none for the base itself.
    environment: Option<(&'a str, &'a spec::Stack)>,
    findings: &'a mut Findings<'f>,
}

/// Resolves the base.
pub fn stack(spec: &spec::Stack, findings: &mut Findings<'_>) -> Stack {
    let completed = routing::complete(spec, None);
    resolve(&mut Scope { spec: &completed, written: spec, environment: None, findings })
}

/// Resolves what continuous integration does for the base, which environments do not change.
pub fn ci(spec: &spec::Stack, base: &Stack, findings: &mut Findings<'_>) -> Ci {
    ci::resolve(&mut Scope { spec, written: spec, environment: None, findings }, base)
}

fn resolve(scope: &mut Scope<'_, '_>) -> Stack {
    let spec = scope.spec;
    let variables = variables::resolve(scope);
    let images = images::resolve(scope);
    let mut services = IndexMap::new();
    let mut external = IndexMap::new();
    for (name, written) in &spec.services {
        let path = SpecPath::root().key("services").key(name);
        match &written.external {
            Some(address) => {
                external.extend(service::external(scope, name, written, address).map(|found| (name.clone(), found)))
            }
            None => services
                .extend(service::resolve(scope, name, written, &path, &images).map(|service| (name.clone(), service))),
        }
    }
    health::add_known(scope, &mut services);
    let jobs = jobs::resolve(scope, &images, &services);
    let routes = routing::resolve(scope);
    ci::tests_of_environment(scope);
    effects::check(scope);
    let mut stack = Stack {
        name: spec.name.clone(),
        services,
        images,
        jobs,
        external,
        left_out: IndexMap::new(),
        volumes: volumes(scope),
        networks: spec
            .networks
            .iter()
            .map(|(name, network)| (name.clone(), network.internal.unwrap_or(false)))
            .collect(),
        registry: scope.registry(),
        image_tag: image_tag(spec),
        secrets: secrets(scope),
        variables,
        words: doors::resolve(scope),
        routes,
    };
    // What runs elsewhere runs already: nobody waits for it.
    let jobs = stack.jobs.values_mut().map(|job| &mut job.service);
    for service in stack.services.values_mut().chain(jobs) {
        service.depends_on.retain(|dependency| !stack.external.contains_key(&dependency.service));
    }
    routing::check_ports(scope, &stack);
    routing::hand_over(&mut stack);
    health::add_defaults(&mut stack);
    stack
}

/// The tag that CI leaves on the newest image.
fn image_tag(spec: &spec::Stack) -> String {
    let github = spec.ci.as_ref().and_then(|ci| ci.github.as_ref());
    let images = github.and_then(|github| github.images.as_ref());
    let promoted = images.and_then(|images| images.promote.clone());
    let main = images.is_some_and(|images| images.tags.as_ref().is_none_or(|tags| tags.contains(&spec::Tag::Main)));
    let branch = branch_tag(github.and_then(|github| github.branch.as_deref()).unwrap_or(ci::BRANCH));
    promoted.unwrap_or_else(|| if main { branch } else { "latest".to_owned() })
}

/// The span finder of a document, shared by all that is made from it.
pub fn locate(document: &crate::syntax::Document) -> Rc<dyn crate::source::Locate> {
    Rc::new(document.clone())
}

fn volumes(scope: &mut Scope<'_, '_>) -> IndexMap<String, Volume> {
    let mut volumes = IndexMap::new();
    for (name, volume) in &scope.spec.volumes {
        let path = SpecPath::root().key("volumes").key(name).key("size");
        let size = scope.size(volume.size.as_deref(), &path);
        volumes.insert(name.clone(), Volume { size, compose: volume.compose.words(), fly: volume.fly.words() });
    }
    volumes
}

fn secrets(scope: &mut Scope<'_, '_>) -> IndexMap<String, Secret> {
    let mut secrets = IndexMap::new();
    for (name, written) in &scope.spec.secrets {
        let path = SpecPath::root().key("secrets").key(name).key("default");
        let default = written.default.as_ref().and_then(|default| scope.fixed_default(&default.0, &path));
        scope.fits_default(default.as_deref().unwrap_or_default(), &path);
        scope.long_enough(written, &path);
        scope.same_stage(name, written);
        let secret = Secret {
            description: written.description.clone(),
            required: written.required.unwrap_or(true),
            stage: written.stage.unwrap_or_default(),
            generate: written.generate,
            min_length: written.min_length,
            file: written.file.as_ref().map(|file| {
                let path = SpecPath::root().key("secrets").key(name).key("file");
                scope.text(file, Position::public(&path, None))
            }),
            default,
        };
        secrets.insert(name.clone(), secret);
    }
    secrets
}

impl Scope<'_, '_> {
    /// What runs the environment that is resolved; none for the base.
    fn platform(&self) -> Option<spec::Platform> {
        let (name, base) = self.environment?;
        base.environments.get(name).map(|environment| environment.platform)
    }

    fn report(&mut self, finding: Finding) {
        self.findings.report(finding);
    }

    /// Images are built once, so what a secret is for does not depend on where the stack runs.
    fn same_stage(&mut self, name: &str, written: &spec::Secret) {
        let Some((environment, base)) = self.environment else { return };
        let Some(before) = base.secrets.get(name).filter(|before| before.stage != written.stage) else { return };
        let before = if before.stage.is_some() { "changes" } else { "sets" };
        let path = SpecPath::root().key("environments").key(environment).key("secrets").key(name).key("stage");
        let message = format!("`{environment}` {before} the stage of `{name}`, which is the same everywhere");
        let finding = Finding::new(Code::SecretStage, Place::Key(path), message, "only here");
        self.report(finding.help(format!("move it to `secrets.{name}.stage` of the base")));
    }

    /// Where images are pushed and pulled.
    fn registry(&mut self) -> Option<Text> {
        let path = SpecPath::root().key("registry");
        let registry = self.spec.registry.clone()?;
        let registry = self.text(&registry, Position::public(&path, None));
        for piece in &registry.pieces {
            if let Piece::Literal(literal) = piece {
                self.in_image_name(literal, &path);
            }
        }
        let written = self.spec.registry.as_deref().unwrap_or_default();
        if written.ends_with('/') {
            let message = "a registry ends without a slash: one follows before the name of each image";
            let finding = Finding::new(Code::InvalidValue, Place::Value(path), message, "one slash too many");
            self.report(finding.help(format!("write `{}`", written.trim_end_matches('/'))));
        }
        Some(registry)
    }

    /// Reports what the name of an image cannot begin with (distribution/reference: the grammar of `domain` and `path-component`).
    fn in_image_name(&mut self, literal: &str, path: &SpecPath) {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._:/-".contains(c);
        // A colon stands before the number of a port alone, which ends the host; tags are given by CI.
        let tag = literal.match_indices(':').find(|(at, _)| {
            let port = literal[at + 1..].split('/').next().unwrap_or_default();
            literal[..*at].contains('/') || port.contains(|c: char| !c.is_ascii_digit())
        });
        if let Some((at, _)) = tag.filter(|_| literal.chars().all(fits) && !literal.contains("//")) {
            let message = format!("`{literal}` has a tag, and a registry is the beginning of an image's name");
            let finding = Finding::new(Code::InvalidValue, Place::Value(path.clone()), message, "not a registry");
            self.report(finding.help(format!("write it without the tag, such as `{}`", &literal[..at])));
            return;
        }
        if literal.chars().all(fits) && !literal.contains("//") {
            return;
        }
        let bare = literal.split_once("://").map_or(literal, |(_, rest)| rest).to_ascii_lowercase();
        let mended: String = bare.replace(' ', "-").chars().filter(|c| fits(*c)).collect();
        let message = format!("`{literal}` is not the beginning of an image's name");
        let finding = Finding::new(Code::InvalidValue, Place::Value(path.clone()), message, "not a registry");
        let example = if mended.is_empty() { "ghcr.io/acme" } else { mended.trim_end_matches('/') };
        self.report(finding.help(format!("write host and folder in lower case, such as `{example}`")));
    }

    /// A development value as meant; reports one that is not the same everywhere.
    fn fixed_default(&mut self, written: &str, path: &SpecPath) -> Option<String> {
        let text = self.text(written, Position::public(path, None));
        let fixed = text.as_literal();
        if fixed.is_none() {
            let message = "a secret's default is a text, without references and variables";
            let finding = Finding::new(Code::InvalidReference, Place::Value(path.clone()), message, "refers to others");
            self.report(finding.help("write the value out, with `$${` for the text itself"));
        }
        fixed
    }

    /// Whether a default can stand in Compose's `${NAME:-default}`, which ends at the first brace; reports if not.
    fn fits_default(&mut self, default: &str, path: &SpecPath) -> bool {
        if !default.contains(['}', '\n', '\r']) {
            return true;
        }
        let message = "a default under Compose holds no closing brace and no line break";
        let finding = Finding::new(Code::UnrepresentableValue, Place::Value(path.clone()), message, "holds one");
        self.report(finding.help("leave the default out, and set the value in .env"));
        false
    }

    /// Reports a development value, or one that would be made, that is shorter than the secret must be.
    fn long_enough(&mut self, secret: &spec::Secret, default: &SpecPath) {
        let Some(least) = secret.min_length else { return };
        let given = secret.default.as_ref().map(|value| value.0.chars().count());
        // Each byte is two digits.
        let made = secret.generate.map(|bytes| bytes as usize * 2);
        for (length, key) in [(given, "default"), (made, "generate")] {
            let Some(length) = length.filter(|length| *length < least as usize) else { continue };
            let message = format!("{length} characters are too few: this secret has at least {least}");
            let place = Place::Value(default.parent().key(key));
            let finding = Finding::new(Code::InvalidValue, place, message, "too short");
            let finding = finding.related(Place::Value(default.parent().key("min_length")), "the least");
            self.report(finding.help("make it longer, or `min_length` less"));
        }
    }

    /// A duration whose form the schema has checked; reports one that no number holds.
    fn duration(&mut self, written: Option<&str>, path: &SpecPath) -> Option<Duration> {
        let written = written?;
        let duration = written.parse().ok();
        if duration.is_none() {
            self.too_large(Code::InvalidDuration, written, path, "30s");
        }
        duration
    }

    /// A size whose form the schema has checked; reports nothing at all, and more than a number holds.
    fn size(&mut self, written: Option<&str>, path: &SpecPath) -> Option<Size> {
        let written = written?;
        let size = written.parse().ok().filter(|size: &Size| size.0 > 0);
        if size.is_none() {
            self.too_large(Code::InvalidSize, written, path, "512mb");
        }
        size
    }

    fn too_large(&mut self, code: Code, written: &str, path: &SpecPath, example: &str) {
        let message = format!("`{written}` is out of range");
        let finding = Finding::new(code, Place::Value(path.clone()), message, "not a sensible amount");
        self.report(finding.help(format!("write an amount such as `{example}`")));
    }

    /// Whether the stack has a service of that name; reports at `place` if not.
    fn knows_service(&mut self, name: &str, place: Place) -> bool {
        if self.spec.services.contains_key(name) {
            return true;
        }
        if let Some((environment, base)) = self.environment
            && base.services.contains_key(name)
        {
            let path = SpecPath::root().key("environments").key(environment).key("services").key(name);
            let message = format!("`{name}` does not run in the environment `{environment}`");
            let finding = Finding::new(Code::LeftOut, place, message, "needs it here");
            let help = format!("let `{environment}` say something else here as well, or keep `{name}`");
            self.report(finding.related(Place::Key(path), "this environment removes it").help(help));
            return false;
        }
        if self.spec.jobs.contains_key(name) {
            let message = format!("`{name}` is a job, and this is a place for a service");
            let finding = Finding::new(Code::UnknownService, place, message, "a job");
            let finding = finding.related(Place::Key(SpecPath::root().key("jobs").key(name)), "runs when asked for");
            self.report(finding.help(format!("move `{name}` to `services`, where it can be waited for")));
            return false;
        }
        let known: Vec<&str> = self.written.services.keys().map(String::as_str).collect();
        let finding = Finding::new(
            Code::UnknownService,
            place,
            format!("there is no service `{name}`"),
            "not a service of this stack",
        );
        self.report(finding.help(did_you_mean(name, &known, "services")));
        false
    }

    /// Whether the secret is declared, at whatever stage; reports at `place` if not. `stage` is that of the declaration that is proposed.
    fn declares_secret(&mut self, name: &str, stage: spec::Stage, place: Place) -> bool {
        if self.spec.secrets.contains_key(name) {
            return true;
        }
        let known: Vec<&str> = self.spec.secrets.keys().map(String::as_str).collect();
        let finding = Finding::new(
            Code::UndeclaredSecret,
            place,
            format!("the secret `{name}` is not declared"),
            "not declared under `secrets`",
        );
        let declaration = match stage {
            spec::Stage::Run => "{}",
            spec::Stage::Build => "{stage: build}",
            spec::Stage::Ci => "{stage: ci}",
        };
        let help = match nearest(name, &known) {
            Some(near) => format!("did you mean `{near}`? Or, under `secrets`, write `{name}: {declaration}`"),
            None => format!("under `secrets`, write `{name}: {declaration}`"),
        };
        self.report(finding.help(help));
        false
    }

    /// Whether the secret is declared and meant for `stage`; reports at `place` if not.
    fn knows_secret(&mut self, name: &str, stage: spec::Stage, place: Place) -> bool {
        if !self.declares_secret(name, stage, place.clone()) {
            return false;
        }
        let secret = &self.spec.secrets[name];
        let declared = secret.stage.unwrap_or_default();
        if declared != stage {
            let word = |stage| match stage {
                spec::Stage::Run => "run",
                spec::Stage::Build => "build",
                spec::Stage::Ci => "ci",
            };
            let finding = Finding::new(
                Code::SecretStage,
                place,
                format!(
                    "the secret `{name}` is used at stage `{}`, but meant for stage `{}`",
                    word(stage),
                    word(declared)
                ),
                "used at another stage",
            );
            let declaration = Place::Key(SpecPath::root().key("secrets").key(name));
            let help = format!("declare `{name}: {{stage: {}}}`, or a second secret for this use", word(stage));
            self.report(finding.related(declaration, "declared here").help(help));
            return false;
        }
        true
    }
}

/// A help line for an unknown name.
fn did_you_mean(name: &str, known: &[&str], what: &str) -> String {
    match nearest(name, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => format!("there are no {what}"),
        None => format!("the {what} are: {}", known.join(", ")),
    }
}
