//! From what was written to what is meant: sugar undone, defaults filled in, names checked, strings parsed into `Text`. Says what does not
//! fit together; knows no output format.

mod build;
mod ci;
mod command;
mod environment;
mod health;
mod paths;
mod references;
mod routing;
mod service;
mod serving;
mod variables;

use std::rc::Rc;

use indexmap::IndexMap;

use crate::code::Code;
use crate::diagnostic::{Finding, Findings, nearest};
use crate::model::{Secret, Stack, Volume};
use crate::source::{Place, SpecPath};
use crate::spec;

pub use environment::environment;

/// What is needed to resolve any part of a stack.
pub(crate) struct Scope<'a, 'f> {
    spec: &'a spec::Stack,
    findings: &'a mut Findings<'f>,
}

/// Resolves the stack of `document`'s `spec`: the base, or one environment's with its overlay applied.
pub fn stack(spec: &spec::Stack, findings: &mut Findings<'_>) -> Stack {
    let mut scope = Scope { spec, findings };
    let variables = variables::resolve(&mut scope);
    let mut services = IndexMap::new();
    for (name, written) in &spec.services {
        if let Some(service) = service::resolve(&mut scope, name, written) {
            services.insert(name.clone(), service);
        }
    }
    let routes = routing::resolve(&mut scope);
    ci::check(&mut scope);
    let mut stack = Stack {
        name: spec.name.clone(),
        services,
        left_out: Vec::new(),
        volumes: volumes(spec),
        secrets: secrets(spec),
        variables,
        routes,
    };
    health::add_defaults(&mut stack);
    stack
}

/// The span finder of a document, shared by all that is made from it.
pub fn locate(document: &crate::syntax::Document) -> Rc<dyn crate::source::Locate> {
    Rc::new(document.clone())
}

fn volumes(spec: &spec::Stack) -> IndexMap<String, Volume> {
    let size = |volume: &spec::Volume| volume.size.as_ref().and_then(|size| size.parse().ok());
    spec.volumes.iter().map(|(name, volume)| (name.clone(), Volume { size: size(volume) })).collect()
}

fn secrets(spec: &spec::Stack) -> IndexMap<String, Secret> {
    let resolve = |secret: &spec::Secret| Secret {
        description: secret.description.clone(),
        required: secret.required.unwrap_or(true),
        stage: secret.stage.unwrap_or_default(),
        generate: secret.generate,
        default: secret.default.as_ref().map(|default| default.0.clone()),
    };
    spec.secrets.iter().map(|(name, secret)| (name.clone(), resolve(secret))).collect()
}

impl Scope<'_, '_> {
    fn report(&mut self, finding: Finding) {
        self.findings.report(finding);
    }

    /// Whether the stack has a service of that name; reports at `place` if not.
    fn knows_service(&mut self, name: &str, place: Place) -> bool {
        if self.spec.services.contains_key(name) {
            return true;
        }
        let known: Vec<&str> = self.spec.services.keys().map(String::as_str).collect();
        let finding = Finding::new(
            Code::UnknownService,
            place,
            format!("there is no service `{name}`"),
            "not a service of this stack",
        );
        self.report(finding.help(did_you_mean(name, &known, "services")));
        false
    }

    /// Whether the secret is declared and meant for `stage`; reports at `place` if not.
    fn knows_secret(&mut self, name: &str, stage: spec::Stage, place: Place) -> bool {
        let Some(secret) = self.spec.secrets.get(name) else {
            let known: Vec<&str> = self.spec.secrets.keys().map(String::as_str).collect();
            let finding = Finding::new(
                Code::UndeclaredSecret,
                place,
                format!("the secret `{name}` is not declared"),
                "not declared under `secrets`",
            );
            let help = match nearest(name, &known) {
                Some(near) => format!("did you mean `{near}`? Or declare it: `secrets: {{{name}: {{}}}}`"),
                None => format!("declare it: `secrets: {{{name}: {{}}}}`"),
            };
            self.report(finding.help(help));
            return false;
        };
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
        None if known.is_empty() => format!("this stack has no {what}"),
        None => format!("the {what} are: {}", known.join(", ")),
    }
}
