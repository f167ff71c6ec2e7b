//! Secrets: written out, unused, given a value where none may stand.

use std::collections::BTreeSet;

use super::{each_environment, each_stack};
use crate::code::Code;
use crate::diagnostic::{Diagnostics, Finding, Findings, nearest};
use crate::facts::Facts;
use crate::model::{
    Environment, Image, MountSource, Operator, Piece, Platform, Program, Secret, Service, Stack, Text, Variable,
};
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
    ("ghu_", 36),
    ("ghr_", 36),
    ("xapp-", 20),
    ("whsec_", 24),
    ("SG.", 40),
    ("dop_v1_", 40),
    ("fo1_", 30),
    ("FlyV1 ", 30),
    ("-----BEGIN", 10),
];

/// Ends of names whose value is a secret.
const SECRET_NAMES: &[&str] =
    &["PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "TOKEN", "APIKEY", "_KEY", "_PASS", "_PWD", "_KEY_BASE"];
/// Words before `_KEY` or `_TOKEN` of names whose value is none.
const PLAIN_KEYS: &[&str] = &[
    "PUBLIC",
    "PUBLISHABLE",
    "SORT",
    "CACHE",
    "PARTITION",
    "PRIMARY",
    "FOREIGN",
    "INDEX",
    "ROUTING",
    "LOOKUP",
    "OBJECT",
    "MAX",
];

/// A literal that looks like a secret: by its own shape, by the name it is given, or as the password in a URL.
pub fn literals(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_stack(program, diagnostics, |stack, findings| {
        for service in stack.all() {
            let mut told: Vec<&SpecPath> = Vec::new();
            for (name, text) in &service.env {
                if named(name, &open_text(text), &text.path, findings, Stage::Run) {
                    told.push(&text.path);
                }
            }
            let alone = service.supervise.iter().flat_map(|set| &set.fixed);
            for (name, text) in alone.filter_map(|(name, text)| Some((name.as_ref()?, text))) {
                if named(name, &open_text(text), &text.path, findings, Stage::Run) {
                    told.push(&text.path);
                }
            }
            in_fly_words(service, findings);
            for text in service.texts().filter(|text| !told.contains(&&text.path)) {
                shaped(&open_text(text), &text.path, findings);
                defaults_of(text, findings);
            }
        }
        for image in stack.images.values() {
            in_image(image, findings);
        }
        for (name, variable) in &stack.variables {
            let Some(default) = &variable.default else { continue };
            if !named(name, &open_text(default), &default.path, findings, Stage::Run) {
                shaped(&open_text(default), &default.path, findings);
            }
        }
    });
    in_ci(program, &mut Findings::new(&*program.locate, diagnostics));
}

/// Raw words of fly.toml stand in it as they are.
fn in_fly_words(service: &Service, findings: &mut Findings<'_>) {
    let env = service.fly.get("env").and_then(serde_json::Value::as_object);
    for (name, value) in env.into_iter().flatten().filter_map(|(name, value)| Some((name, value.as_str()?))) {
        let path = service.path.key("fly").key("env").key(name);
        if !named(name, value, &path, findings, Stage::Run) {
            shaped(value, &path, findings);
        }
    }
}

/// Tests may make up passwords of their own; a token is one wherever it stands.
fn in_ci(program: &Program, findings: &mut Findings<'_>) {
    for text in program.ci.texts().filter(|text| holds_token(&open_text(text))) {
        shaped(&open_text(text), &text.path, findings);
    }
    for line in program.ci.lines().filter(|line| holds_token(&line.text)) {
        let message = "this looks like a token that is written out";
        let finding = Finding::new(Code::LiteralSecret, Place::Value(line.path.clone()), message, "written out");
        let help = "declare it under `secrets`; beside the lines, write `env: {NAME: \"${secrets.NAME}\"}`, and here `\"$NAME\"`";
        findings.report(finding.help(help));
    }
}

fn in_image(image: &Image, findings: &mut Findings<'_>) {
    for (name, text) in &image.args {
        if !named(name, &open_text(text), &text.path, findings, Stage::Build) {
            shaped(&open_text(text), &text.path, findings);
            defaults_of(text, findings);
        }
    }
    for (name, value) in &image.env {
        let path = image.path.key("env").key(name);
        if !named(name, value, &path, findings, Stage::Run) {
            shaped(value, &path, findings);
        }
    }
}

/// `${DB_PASSWORD:-postgres}`: the default of a variable that sounds like a secret.
fn defaults_of(text: &Text, findings: &mut Findings<'_>) {
    for piece in text.walk() {
        if let Piece::Variable(Variable { name, operator: Operator::Default(default) }) = piece
            && !named(name, &open_text(default), &text.path, findings, Stage::Run)
        {
            shaped(&open_text(default), &text.path, findings);
        }
    }
}

/// The literal parts of a text; what is filled in later leaves a NUL, which no literal holds.
fn open_text(text: &Text) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Literal(text) => text.clone(),
        Piece::Reference(_) | Piece::Variable(_) | Piece::Secret(_) => "\0".to_owned(),
    };
    text.pieces.iter().map(piece).collect()
}

/// Reports a value that is written out under a secret's name; gives whether it did.
fn named(name: &str, value: &str, path: &SpecPath, findings: &mut Findings<'_>, stage: Stage) -> bool {
    let upper = name.to_ascii_uppercase();
    let sounds = SECRET_NAMES.iter().any(|end| upper.ends_with(end));
    let plain = upper.split('_').any(|word| PLAIN_KEYS.contains(&word));
    let switch = ["true", "false", "yes", "no", "on", "off", "none", "null", "0", "1"]
        .contains(&value.to_ascii_lowercase().as_str());
    let harmless = value.is_empty() || value.contains('\0') || value.starts_with(['/', '~', '.']) || switch;
    let counted = upper.ends_with("TOKEN") && value.parse::<f64>().is_ok();
    let told = sounds && !plain && !harmless && !counted;
    if told {
        let finding = Finding::new(
            Code::LiteralSecret,
            Place::Value(path.clone()),
            format!("`{name}` sounds like a secret, and its value is written out"),
            "written out",
        );
        let declaration = if stage == Stage::Build { "{stage: build}" } else { "{}" };
        let whose = if stage == Stage::Build { "the build's" } else { "the service's" };
        let help = format!(
            "in place of this line, write `secrets: [{name}]` among {whose} keys, and under the stack's `secrets`: `{name}: {declaration}`"
        );
        findings.report(finding.help(help));
    }
    told
}

fn shaped(value: &str, path: &SpecPath, findings: &mut Findings<'_>) {
    let message = if holds_token(value) {
        "this looks like a token that is written out"
    } else if has_url_password(value) {
        "this URL holds a password that is written out"
    } else {
        return;
    };
    let finding = Finding::new(Code::LiteralSecret, Place::Value(path.clone()), message, "written out");
    findings.report(finding.help("declare it under `secrets` and write `${secrets.NAME}` in its place"));
}

fn holds_token(value: &str) -> bool {
    let words = value.split(|c: char| c.is_whitespace() || c == '=' || c == '"' || c == '\'');
    words.into_iter().any(is_token) || value.contains("PRIVATE KEY-----")
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
    let in_ci = program.ci.texts().flat_map(|text| text.secrets());
    let used: BTreeSet<String> = stacks.flat_map(used_in).chain(in_ci.map(str::to_owned)).collect();
    let known: Vec<&str> = program.base.secrets.keys().map(String::as_str).collect();
    let is_unused = |name: &str, secret: &Secret| !used.contains(name) && secret.stage != Stage::Ci;
    each_stack(program, diagnostics, |stack, findings| {
        for (name, _) in stack.secrets.iter().filter(|(name, secret)| is_unused(name, secret)) {
            let place = Place::Key(SpecPath::root().key("secrets").key(name));
            let finding =
                Finding::new(Code::UnusedSecret, place, format!("nothing uses the secret `{name}`"), "not used");
            let near = if known.contains(&name.as_str()) { None } else { nearest(name, &known) };
            findings.report(match near {
                Some(near) => finding.help(format!("did you mean `{near}`?")),
                None => finding.help(format!("hand it to a service with `secrets: [{name}]`, or remove it")),
            });
        }
    });
}

fn used_in(stack: &Stack) -> Vec<String> {
    let texts = stack.texts();
    let running = texts.flat_map(|text| text.secrets().into_iter().map(str::to_owned).collect::<Vec<_>>());
    let building = stack.images.values().flat_map(|image| image.secrets.clone());
    let mounts = stack.all().flat_map(|service| &service.mounts);
    let mounted = mounts
        .filter_map(|mount| if let MountSource::Secret(name) = &mount.source { Some(name.clone()) } else { None });
    running.chain(building).chain(mounted).collect()
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
            finding.help("move it to a local Compose environment, one without `deploy`: `environments: {dev: {platform: compose, secrets: {…}}}`"),
        );
    };
    for (name, _) in program.base.secrets.iter().filter(|(_, secret)| secret.default.is_some()) {
        refuse(name, &mut Findings::new(&*program.locate, diagnostics));
    }
    let elsewhere = |environment: &&Environment| match &environment.platform {
        Platform::Compose { ssh, .. } => ssh.is_some(),
        Platform::Fly { .. } => true,
    };
    for environment in program.environments.iter().filter(elsewhere) {
        for (name, _) in environment.stack.secrets.iter().filter(|(_, secret)| secret.default.is_some()) {
            refuse(name, &mut Findings::new(&*environment.locate, diagnostics));
        }
    }
}

/// What is said of a secret that Compose hands over as a file, which it has only where somebody sets it.
pub fn files(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_environment(program, diagnostics, |environment, findings| {
        let stack = &environment.stack;
        let compose = matches!(environment.platform, Platform::Compose { ssh: None, .. });
        for (name, secret) in stack.secrets.iter().filter(|_| compose) {
            let mount = stack.all().flat_map(|service| &service.mounts);
            let mut mount = mount.filter(|mount| mount.source == MountSource::Secret(name.clone()));
            let Some(mount) = mount.next() else { continue };
            let path = SpecPath::root().key("secrets").key(name);
            if secret.default.is_some() {
                let message =
                    format!("the secret `{name}` is handed over as a file, and Compose has no default for those");
                let finding =
                    Finding::new(Code::SecretDefault, Place::Value(path.key("default")), message, "never used");
                let finding = finding.related(Place::Value(mount.path.clone()), "handed over here");
                let file = name.to_ascii_lowercase();
                findings.report(finding.help(format!(
                    "write the value to a file, and here `file: ./{file}.txt`; or set `{name}` in .env"
                )));
            } else if !secret.required && secret.file.is_none() {
                let message = format!(
                    "nothing that gets the secret `{name}` as a file starts under Compose while that is not set"
                );
                let finding = Finding::new(
                    Code::NoEffectOnPlatform,
                    Place::Key(path.key("required")),
                    message,
                    "needed all the same",
                );
                let finding = finding.related(Place::Value(mount.path.clone()), "handed over here");
                findings.report(
                    finding.help(format!("remove `required`; or hand it over as a variable, `secrets: [{name}]`")),
                );
            }
        }
    });
}
