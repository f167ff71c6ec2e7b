//! Secrets: written out, unused, given a value where none may stand.

use std::collections::BTreeSet;

use super::each_stack;
use crate::code::Code;
use crate::diagnostic::{Diagnostics, Finding, Findings};
use crate::facts::Facts;
use crate::model::{Piece, Platform, Program, Stack, Text};
use crate::source::{Place, SpecPath};
use crate::spec::Stage;

/// Openings of tokens that their issuers document, and the least length of the whole.
const TOKENS: &[(&str, usize)] = &[
    ("ghp_", 36),
    ("gho_", 36),
    ("ghs_", 36),
    ("github_pat_", 40),
    ("glpat-", 24),
    ("AKIA", 20),
    ("ASIA", 20),
    ("AIza", 35),
    ("sk-ant-", 24),
    ("sk-proj-", 24),
    ("sk-", 40),
    ("sk_live_", 24),
    ("sk_test_", 24),
    ("rk_live_", 24),
    ("xoxb-", 20),
    ("xoxp-", 20),
    ("eyJhbGciOi", 40),
    ("npm_", 36),
    ("pypi-", 40),
    ("hf_", 30),
    ("SG.", 40),
    ("dop_v1_", 40),
    ("fo1_", 30),
    ("FlyV1 ", 30),
    ("-----BEGIN", 10),
];

/// Names whose value is a secret.
const SECRET_NAMES: &[&str] = &["KEY", "TOKEN", "PASSWORD", "SECRET", "PASSWD", "PASSPHRASE"];

/// A literal that looks like a secret: by its own shape, by the name it is given, or as the password in a URL.
pub fn literals(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_stack(program, diagnostics, |stack, findings| {
        for service in stack.services.values() {
            for (name, text) in &service.env {
                named(name, &open_text(text), &text.path, findings, Stage::Run);
            }
            for text in service.texts() {
                shaped(&open_text(text), &text.path, findings);
            }
            let Some(image) = service.image() else { continue };
            for (name, text) in &image.args {
                named(name, &open_text(text), &text.path, findings, Stage::Build);
            }
            for (name, value) in &image.env {
                let path = image.path.key("env").key(name);
                named(name, value, &path, findings, Stage::Run);
                shaped(value, &path, findings);
            }
        }
        for (name, variable) in &stack.variables {
            let path = SpecPath::root().key("variables").key(name);
            let text = variable.default.as_ref().map(open_text).unwrap_or_default();
            named(name, &text, &path, findings, Stage::Run);
            shaped(&text, &path, findings);
        }
    });
}

/// The literal parts of a text; what is filled in later leaves a NUL, which no literal holds.
fn open_text(text: &Text) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Literal(text) => text.clone(),
        Piece::Reference(_) | Piece::Variable(_) | Piece::Secret(_) => "\0".to_owned(),
    };
    text.pieces.iter().map(piece).collect()
}

fn named(name: &str, value: &str, path: &SpecPath, findings: &mut Findings<'_>, stage: Stage) {
    let last = name.rsplit('_').next().unwrap_or(name).to_ascii_uppercase();
    let public = name.to_ascii_uppercase().split('_').any(|word| word == "PUBLIC" || word == "PUBLISHABLE");
    let harmless =
        value.is_empty() || value.contains('\0') || value.starts_with('/') || matches!(value, "true" | "false");
    let counted = matches!(last.as_str(), "KEY" | "TOKEN") && value.parse::<f64>().is_ok();
    if SECRET_NAMES.contains(&last.as_str()) && !public && !harmless && !counted {
        let finding = Finding::new(
            Code::LiteralSecret,
            Place::Value(path.clone()),
            format!("`{name}` sounds like a secret, and its value is written out"),
            "written out",
        );
        let declaration = if stage == Stage::Build { "{stage: build}" } else { "{}" };
        let whose = if stage == Stage::Build { "the build's" } else { "the service's" };
        let help = format!(
            "declare it, `secrets: {{{name}: {declaration}}}`, and hand it over with {whose} `secrets: [{name}]`"
        );
        findings.report(finding.help(help));
    }
}

fn shaped(value: &str, path: &SpecPath, findings: &mut Findings<'_>) {
    let message = if value.split(|c: char| c.is_whitespace() || c == '=' || c == '"' || c == '\'').any(is_token)
        || value.contains("-----BEGIN")
    {
        "this looks like a token that is written out"
    } else if has_url_password(value) {
        "this URL holds a password that is written out"
    } else {
        return;
    };
    let finding = Finding::new(Code::LiteralSecret, Place::Value(path.clone()), message, "written out");
    findings.report(finding.help("declare it under `secrets` and write `${secrets.NAME}` in its place"));
}

fn is_token(word: &str) -> bool {
    TOKENS.iter().any(|(opening, length)| word.starts_with(opening) && word.len() >= *length)
}

/// `scheme://user:password@host`, where the password is a literal.
fn has_url_password(value: &str) -> bool {
    let Some((_, rest)) = value.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let Some((user, _)) = authority.rsplit_once('@') else { return false };
    user.split_once(':').is_some_and(|(_, password)| !password.is_empty() && !password.contains('\0'))
}

/// A secret that nothing uses, in the base or in any environment.
pub fn unused(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    let stacks =
        std::iter::once(&program.base).chain(program.environments.iter().map(|environment| &environment.stack));
    let used: BTreeSet<String> = stacks.flat_map(used_in).collect();
    let mut findings = Findings::new(&*program.locate, diagnostics);
    for (name, secret) in &program.base.secrets {
        if !used.contains(name) && secret.stage != Stage::Ci {
            let place = Place::Key(SpecPath::root().key("secrets").key(name));
            let finding =
                Finding::new(Code::UnusedSecret, place, format!("nothing uses the secret `{name}`"), "not used");
            findings.report(finding.help(format!("hand it to a service with `secrets: [{name}]`, or remove it")));
        }
    }
}

fn used_in(stack: &Stack) -> Vec<String> {
    let texts = stack.services.values().flat_map(|service| service.texts());
    let running = texts.flat_map(|text| text.secrets().into_iter().map(str::to_owned).collect::<Vec<_>>());
    let building =
        stack.services.values().filter_map(|service| service.image()).flat_map(|image| image.secrets.clone());
    running.chain(building).collect()
}

/// `default` of a secret anywhere but in a local Compose environment's own overlay.
pub fn defaults(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    let refuse = |name: &str, findings: &mut Findings<'_>| {
        let place = Place::Key(SpecPath::root().key("secrets").key(name).key("default"));
        let finding = Finding::new(
            Code::SecretDefault,
            place,
            format!("the value of the secret `{name}` cannot stand here"),
            "a value",
        );
        findings.report(
            finding.help("move it to a Compose environment: `environments: {dev: {platform: compose, secrets: {…}}}`"),
        );
    };
    for (name, _) in program.base.secrets.iter().filter(|(_, secret)| secret.default.is_some()) {
        refuse(name, &mut Findings::new(&*program.locate, diagnostics));
    }
    for environment in
        program.environments.iter().filter(|environment| matches!(environment.platform, Platform::Fly { .. }))
    {
        for (name, _) in environment.stack.secrets.iter().filter(|(_, secret)| secret.default.is_some()) {
            refuse(name, &mut Findings::new(&*environment.locate, diagnostics));
        }
    }
}
