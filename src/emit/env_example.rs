//! `.env.example`: everything that the stack needs from outside, with what it is, where it is needed and how to make it. No value.

use indexmap::IndexMap;

use crate::artifact::Artifact;
use crate::emit::Output;
use crate::model::{
    Addressing, Declared, Environment, Flat, IMAGE_TAG, MountSource, Piece, Platform, Program, Secret, Stage, Text,
};
use crate::source::SpecPath;

/// The file, unless nothing is needed.
pub fn file(program: &Program) -> Vec<Output> {
    let (declared, secrets) = declared(program);
    let of = |stage: Stage| {
        secrets
            .iter()
            .filter(move |(_, secret)| secret.stage == stage)
            .map(|(name, secret)| self::secret(program, name, secret))
    };
    let variables: Vec<String> =
        declared.iter().map(|(name, variable)| self::variable(program, name, variable)).collect();
    let running: Vec<String> = of(Stage::Run).collect();
    let mut building: Vec<String> = of(Stage::Build).collect();
    building.extend(digest(program));
    let groups =
        [("Variables", variables), ("Secrets of running services", running), ("Secrets of image builds", building)];
    let groups: Vec<String> = groups
        .iter()
        .filter(|(_, entries)| !entries.is_empty())
        .map(|(title, entries)| format!("\n# {title}\n\n{}", entries.join("\n")))
        .collect();
    if groups.is_empty() {
        return Vec::new();
    }
    let text = format!("{}{}", head(program), groups.join(""));
    vec![Output::shared(Artifact::text(".env.example", text), &SpecPath::root().key("secrets"))]
}

/// All variables and secrets: the base's, those that an environment adds, and variables that are declared in place only.
fn declared(program: &Program) -> (IndexMap<String, Declared>, IndexMap<String, Secret>) {
    let mut variables = program.base.variables.clone();
    let mut secrets = program.base.secrets.clone();
    for environment in &program.environments {
        for (name, variable) in &environment.stack.variables {
            variables.entry(name.clone()).or_insert_with(|| variable.clone());
        }
        for (name, secret) in &environment.stack.secrets {
            secrets.entry(name.clone()).or_insert_with(|| secret.clone());
        }
    }
    let on_compose = |environment: &&Environment| matches!(environment.platform, Platform::Compose { .. });
    for environment in program.environments.iter().filter(on_compose) {
        for value in values(environment) {
            in_place(&value, &mut variables);
        }
    }
    (variables, secrets)
}

/// All values of an environment that may wait for the deployment, the names of images included.
fn values(environment: &Environment) -> impl Iterator<Item = Vec<Flat>> {
    let addressing = Addressing::new(environment);
    let texts = environment.stack.texts().map(move |text| addressing.known(text));
    texts.chain(environment.stack.all().map(move |service| addressing.known_image(service)))
}

/// Adds the variables that are declared nowhere but where they are used.
fn in_place(value: &[Flat], variables: &mut IndexMap<String, Declared>) {
    for piece in value {
        let Flat::Variable { name, default, required } = piece else { continue };
        let literal = match default.as_deref() {
            Some([Flat::Literal(text)]) => Some(Text::literal(text, SpecPath::root())),
            _ => None,
        };
        let description = (name == IMAGE_TAG).then(|| "Version of the images".to_owned());
        let declared = Declared { default: literal, required: required.is_some(), description };
        variables.entry(name.clone()).or_insert(declared);
        in_place(default.as_deref().unwrap_or_default(), variables);
    }
}

fn head(program: &Program) -> String {
    let on = |fly: bool| {
        program.environments.iter().any(|environment| matches!(environment.platform, Platform::Fly { .. }) == fly)
    };
    let mut head = format!("# What {} needs from outside.\n", program.base.name);
    if on(false) {
        head.push_str("# Compose reads it from .env: copy this file to .env, fill it in, and never commit it.\n");
    }
    if on(true) {
        head.push_str(
            "# Fly keeps secrets itself; the head of each fly.toml says which it needs and how to set them.\n",
        );
    }
    head
}

fn variable(program: &Program, name: &str, variable: &Declared) -> String {
    let default = variable.default.as_ref().and_then(|default| default.as_literal());
    let line = match default {
        Some(default) => format!("# {name}={}\n", quoted(&default)),
        None => format!("{name}=\n"),
    };
    let notes = |environment: &Environment| {
        let here = environment.stack.variables.get(name);
        here.and_then(|variable| variable.description.clone()).into_iter().collect()
    };
    let mut text = described(program, variable.description.iter().cloned().collect(), notes);
    let required = |environment: &Environment| {
        environment.stack.variables.get(name).map_or(variable.required, |variable| variable.required)
    };
    text.push_str(&needed(program, |environment| uses_variable(environment, name), required));
    text + &line
}

fn secret(program: &Program, name: &str, secret: &Secret) -> String {
    let notes = |environment: &Environment| environment.stack.secrets.get(name).map(of_secret).unwrap_or_default();
    let mut text = described(program, of_secret(secret), notes);
    let required = |environment: &Environment| {
        environment.stack.secrets.get(name).map_or(secret.required, |secret| secret.required)
    };
    text.push_str(&needed(program, |environment| uses_secret(environment, name), required));
    for environment in program
        .environments
        .iter()
        .filter(|environment| environment.stack.secrets.get(name).is_some_and(|secret| secret.default.is_some()))
    {
        text.push_str(&format!("# {} has a development value of its own.\n", environment.name));
    }
    text + &format!("{name}=\n")
}

/// What is known of a secret, a line each.
fn of_secret(secret: &Secret) -> Vec<String> {
    let least = secret.min_length.map(|length| format!("At least {length} characters."));
    let make = secret.generate.map(|bytes| format!("Make one: openssl rand -hex {bytes}"));
    let how = [least, make].into_iter().flatten().collect::<Vec<_>>().join(" ");
    secret.description.iter().cloned().chain((!how.is_empty()).then_some(how)).collect()
}

/// The notes of the base, and those of an environment that says something else.
fn described(program: &Program, base: Vec<String>, notes: impl Fn(&Environment) -> Vec<String>) -> String {
    let mut all = base.clone();
    for environment in &program.environments {
        let own = notes(environment).into_iter().filter(|note| !base.contains(note));
        all.extend(own.map(|note| format!("{}: {note}", environment.name)));
    }
    let plain = |note: &String| note.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
    let lines = all.iter().map(plain);
    lines.filter(|line| !line.trim().is_empty()).map(|line| format!("# {}\n", line.trim_end())).collect()
}

/// Who needs it, and who can do without.
fn needed(program: &Program, uses: impl Fn(&Environment) -> bool, required: impl Fn(&Environment) -> bool) -> String {
    let users = |needed: bool| {
        let users =
            program.environments.iter().filter(|environment| uses(environment) && required(environment) == needed);
        users.map(|environment| environment.name.as_str()).collect::<Vec<_>>().join(", ")
    };
    let line = |words: &str, users: String| if users.is_empty() { users } else { format!("# {words}: {users}\n") };
    line("Needed by", users(true)) + &line("Optional, used by", users(false))
}

/// The digest that makes a changed build secret rebuild, where something is built with one.
fn digest(program: &Program) -> Option<String> {
    let built = program.base.images.values().filter(|image| image.is_generated());
    let mut secrets: Vec<&str> = Vec::new();
    for secret in built.flat_map(|image| &image.secrets) {
        if !secrets.contains(&secret.as_str()) {
            secrets.push(secret);
        }
    }
    let values: Vec<String> = secrets.iter().map(|secret| format!("\"${secret}\"")).collect();
    (!values.is_empty()).then(|| {
        format!(
            "# A digest of the build secrets: set it anew when one changes, and images are built again.\n# Make it: printf '%s\\n' {} | sha256sum | cut -c 1-16\n{}BUILD_DIGEST=\n",
            values.join(" "),
            needed(program, builds_with_secrets, |_| false)
        )
    })
}

/// Whether Compose builds an image of ours there that mounts a secret.
fn builds_with_secrets(environment: &Environment) -> bool {
    let builds = matches!(environment.platform, Platform::Compose { pull: false, .. });
    builds && environment.stack.images_in_use().any(|image| image.recipe().is_some() && !image.secrets.is_empty())
}

fn uses_secret(environment: &Environment, name: &str) -> bool {
    let stack = &environment.stack;
    // A file of the host takes the variable's place under Compose.
    let from_file = stack.secrets.get(name).is_some_and(|secret| secret.file.is_some())
        && matches!(environment.platform, Platform::Compose { .. });
    let mounts = stack.all().flat_map(|service| &service.mounts);
    let mounted = mounts.into_iter().any(|mount| mount.source == MountSource::Secret(name.to_owned()));
    (mounted && !from_file)
        || stack.texts().any(|text| text.secrets().contains(&name))
        || stack.images_in_use().any(|image| image.secrets.iter().any(|secret| secret == name))
}

fn uses_variable(environment: &Environment, name: &str) -> bool {
    let in_text = |text: &Text| {
        text.walk().iter().any(|piece| matches!(piece, Piece::Variable(variable) if variable.name == name))
    };
    environment.stack.texts().any(in_text) || values(environment).any(|value| names(&value).contains(&name.to_owned()))
}

fn names(flat: &[Flat]) -> Vec<String> {
    let of = |piece: &Flat| match piece {
        Flat::Variable { name, default, .. } => {
            std::iter::once(name.clone()).chain(names(default.as_deref().unwrap_or_default())).collect()
        }
        Flat::Literal(_) | Flat::Secret(_) => Vec::new(),
    };
    flat.iter().flat_map(of).collect()
}

/// A value as a `.env` file holds it: in single quotes, which nothing is read in, where it has more than plain characters.
fn quoted(value: &str) -> String {
    let plain = value
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '/' | ':' | '@' | '%' | '+' | ',' | '-'));
    if plain {
        return value.to_owned();
    }
    if !value.contains(['\'', '\\']) && !value.chars().any(char::is_control) {
        return format!("'{value}'");
    }
    // In double quotes a line break and a quote can be written as escapes.
    let escaped = value.replace('\\', r"\\").replace('"', "\\\"").replace('$', r"\$").replace('\n', r"\n");
    format!("\"{}\"", escaped.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>())
}
