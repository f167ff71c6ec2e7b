//! `.env.example`: everything that the stack needs from outside, with what it is, where it is needed and how to make it. No value.

use indexmap::IndexMap;

use crate::artifact::Artifact;
use crate::emit::Output;
use crate::model::{
    Addressing, Declared, Environment, Flat, GIT_SHA, IMAGE_TAG, MountSource, Platform, Program, Secret, Service,
    Stage, Text, UNPRIVILEGED,
};
use crate::source::SpecPath;

/// The file, unless nothing is needed.
pub fn file(program: &Program) -> Vec<Output> {
    let (declared, secrets) = declared(program);
    let of = |stage: Stage| {
        secrets
            .iter()
            .filter(move |(name, secret)| secret.stage == stage && is_variable(program, name))
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
        let addressing = Addressing::new(environment);
        for (name, secret) in &environment.stack.secrets {
            let path = secret.file.iter().map(|file| addressing.known(file));
            let what = file_of(environment, name);
            path.for_each(|path| in_place(&path, Some(&what), &mut variables));
        }
        for value in values(environment) {
            in_place(&value, None, &mut variables);
        }
    }
    (variables, secrets)
}

/// What the file of a secret is; Compose mounts it with the host's own permissions.
fn file_of(environment: &Environment, name: &str) -> String {
    let source = MountSource::Secret(name.to_owned());
    let stack = &environment.stack;
    let reads = |service: &&Service| service.mounts.iter().any(|mount| mount.source == source);
    let images = stack.all().filter(reads).filter_map(|service| stack.image_of(service));
    let mut users = images.filter(|image| image.is_generated()).map(|image| image.user.unwrap_or(UNPRIVILEGED).0);
    match users.next().filter(|user| *user != 0) {
        Some(user) => format!("Path of the file of {name}, which user {user} must be able to read"),
        None => format!("Path of the file of {name}"),
    }
}

/// All values of an environment that may wait for the deployment, the names of images included.
fn values(environment: &Environment) -> impl Iterator<Item = Vec<Flat>> {
    let addressing = Addressing::new(environment);
    let texts = environment.texts().map(move |text| addressing.known(text));
    let on_fly = matches!(environment.platform, Platform::Fly { .. });
    // Fly names the images that it builds itself.
    let named = move |service: &&Service| !on_fly || environment.stack.image_of(service).is_none();
    texts.chain(environment.stack.all().filter(named).map(move |service| addressing.known_image(service)))
}

/// Adds the variables that are declared nowhere but where they are used, with what is known of that place.
fn in_place(value: &[Flat], place: Option<&str>, variables: &mut IndexMap<String, Declared>) {
    for piece in value {
        let Flat::Variable { name, default, required } = piece else { continue };
        let literal = match default.as_deref() {
            Some([Flat::Literal(text)]) => Some(Text::literal(text, SpecPath::root())),
            _ => None,
        };
        let description = match name.as_str() {
            IMAGE_TAG => Some("Version of the images"),
            GIT_SHA => Some("Commit that is deployed; deploy/<environment>.sh knows it"),
            _ => place,
        };
        let description = description.map(str::to_owned);
        let declared = Declared { default: literal, of_environment: false, required: required.is_some(), description };
        variables.entry(name.clone()).or_insert(declared);
        in_place(default.as_deref().unwrap_or_default(), place, variables);
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
            "# Fly keeps secrets itself: deploy/<environment>.sh hands it those that are set when it runs, and names those that it lacks.\n",
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
    let own = |environment: &Environment| {
        let here = environment.stack.variables.get(name).unwrap_or(variable);
        let default = here.default.as_ref().and_then(|default| default.as_literal());
        let base = variable.default.as_ref().and_then(Text::as_literal);
        match default {
            Some(own) if base.as_ref() != Some(&own) => Need::Given,
            None if here.default.is_none() && (here.required || requires(environment, name)) => Need::Must,
            _ => Need::May,
        }
    };
    text.push_str(&needed(program, |environment| uses_variable(environment, name), own));
    text + &line
}

fn secret(program: &Program, name: &str, secret: &Secret) -> String {
    let notes = |environment: &Environment| environment.stack.secrets.get(name).map(of_secret).unwrap_or_default();
    let mut text = described(program, of_secret(secret), notes);
    let own = |environment: &Environment| {
        let here = environment.stack.secrets.get(name).unwrap_or(secret);
        match (&here.default, here.required) {
            (Some(_), _) => Need::Given,
            (None, true) => Need::Must,
            (None, false) => Need::May,
        }
    };
    text.push_str(&needed(program, |environment| uses_secret(environment, name), own));
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

/// What an environment that uses a value asks of whoever deploys it.
enum Need {
    /// Nothing works without it.
    Must,
    /// It can do without.
    May,
    /// It has a value of its own.
    Given,
}

/// Who needs it, and who can do without.
fn needed(program: &Program, uses: impl Fn(&Environment) -> bool, need: impl Fn(&Environment) -> Need) -> String {
    let (mut must, mut may) = (Vec::new(), Vec::new());
    for environment in program.environments.iter().filter(|environment| uses(environment)) {
        match need(environment) {
            Need::Must => must.push(environment.name.clone()),
            Need::May => may.push(environment.name.clone()),
            Need::Given => may.push(format!("{} (has a value of its own)", environment.name)),
        }
    }
    let line = |words: &str, users: Vec<String>| match users.is_empty() {
        true => String::new(),
        false => format!("# {words}: {}\n", users.join(", ")),
    };
    line("Needed by", must) + &line("Optional, used by", may)
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
            "# A digest of the build secrets: set it anew when one changes, and images are built again; `up` in a script of deploy/ does so itself.\n# Make it: printf '%s\\n' {} | sha256sum | cut -c 1-16\n{}BUILD_DIGEST=\n",
            values.join(" "),
            needed(program, builds_with_secrets, |_| Need::May)
        )
    })
}

/// Whether Compose builds an image of ours there that mounts a secret.
fn builds_with_secrets(environment: &Environment) -> bool {
    let builds = matches!(environment.platform, Platform::Compose { pull: false, .. });
    builds && environment.stack.images_in_use().any(|image| image.recipe().is_some() && !image.secrets.is_empty())
}

/// Whether a secret reaches any environment as a variable, and not as a file of the host alone.
fn is_variable(program: &Program, name: &str) -> bool {
    let mut declaring = program.environments.iter().filter(|environment| environment.stack.secrets.contains_key(name));
    let filed = |environment: &Environment| environment.stack.secrets[name].file.is_some();
    declaring.any(|environment| !filed(environment) || uses_secret(environment, name))
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
        || (!environment.pulls()
            && stack.images_in_use().any(|image| image.secrets.iter().any(|secret| secret == name)))
}

fn uses_variable(environment: &Environment, name: &str) -> bool {
    environment.texts().any(|text| text.asks_for(name))
        || values(environment).any(|value| names(&value).contains(&name.to_owned()))
}

/// Whether a value of the environment cannot do without the variable.
fn requires(environment: &Environment, name: &str) -> bool {
    let is = |piece: &Flat| matches!(piece, Flat::Variable { name: other, required: Some(_), .. } if other == name);
    values(environment).any(|value| value.iter().any(is))
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
