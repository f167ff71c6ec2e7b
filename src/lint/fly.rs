//! What Fly cannot do: mounts, commands, values, order.

use indexmap::IndexSet;

use super::each_environment;
use crate::code::Code;
use crate::diagnostic::{Diagnostics, Finding, Findings};
use crate::facts::Facts;
use crate::model::{
    Addressing, App, Environment, Flat, GIT_SHA, Mount, MountSource, Platform, Probe, Program, SCRIPT_VARIABLES,
    Secret, Service, Text,
};
use crate::source::{Place, SpecPath};
use crate::spec::Stage;

pub(super) fn on_fly(
    program: &Program,
    diagnostics: &mut Diagnostics,
    look: impl Fn(&Environment, &Service, &mut dyn FnMut(Finding)),
) {
    each_environment(program, diagnostics, |environment, findings| {
        if matches!(environment.platform, Platform::Fly { .. }) {
            for service in environment.stack.services.values() {
                look(environment, service, &mut |finding| findings.report(finding));
            }
        }
    });
}

/// Calls `look` for each app of each environment on Fly, with a sink that finds its places.
pub(super) fn each_app(
    program: &Program,
    diagnostics: &mut Diagnostics,
    look: impl Fn(&Environment, &App<'_>, &mut dyn FnMut(Finding)),
) {
    each_environment(program, diagnostics, |environment, findings| {
        for app in environment.apps() {
            look(environment, &app, &mut |finding| findings.report(finding));
        }
    });
}

pub(super) fn unsupported(environment: &Environment, path: &SpecPath, message: String, help: &str) -> Finding {
    Finding::new(Code::UnsupportedOnPlatform, Place::Value(path.clone()), message, "not possible on Fly")
        .related(Place::Value(environment.path.key("platform")), format!("the environment `{}`", environment.name))
        .help(help)
}

/// A Fly machine has one volume and no folders of a host.
pub fn mounts(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    on_fly(program, diagnostics, |environment, service, report| {
        let mut volumes = 0;
        for mount in &service.mounts {
            match &mount.source {
                MountSource::Bind(bind) => {
                    let message =
                        format!("Fly cannot mount `{bind}`: a machine has no host whose folders it could see");
                    let help = "copy it into the image with the build's `copy`, or remove the mount in this environment with `null`";
                    report(unsupported(environment, &mount.path, message, help));
                }
                MountSource::Tmpfs(_) => {
                    let message = "Fly has no file systems in memory".to_owned();
                    report(unsupported(
                        environment,
                        &mount.path,
                        message,
                        "remove it in this environment with `null`; the root file system can be written",
                    ));
                }
                MountSource::Secret(_) | MountSource::File(_) => {}
                MountSource::Anonymous => {
                    let message =
                        format!("`{}` goes with the machine: Fly has no volumes without a name", mount.target);
                    let help = "name a volume, or remove it in this environment with `null`; the root file system can be written";
                    report(unsupported(environment, &mount.path, message, help));
                }
                MountSource::Volume(_) => {
                    volumes += 1;
                    if volumes == 2 {
                        let message = format!("a machine of Fly has one volume, and `{}` mounts several", service.name);
                        report(unsupported(
                            environment,
                            &mount.path,
                            message,
                            "mount one volume and use folders in it",
                        ));
                    }
                    if mount.target.trim_end_matches('/').is_empty() {
                        report(unsupported(
                            environment,
                            &mount.path,
                            "Fly mounts no volume at `/`".to_owned(),
                            "mount it at a folder such as /data",
                        ));
                    }
                }
            }
        }
    });
}

/// Fly's proxy asks over HTTP or TCP and runs no command; commands are plain text in fly.toml.
pub fn commands(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    on_fly(program, diagnostics, |environment, service, report| {
        if let Some(check) = service.healthcheck.as_ref().filter(|check| matches!(check.probe, Probe::Command(_))) {
            let message = "Fly cannot run a command as a health check".to_owned();
            report(unsupported(
                environment,
                &check.path,
                message,
                "set it to `null` in this environment, or write a request that the service answers, such as `healthcheck: /health`",
            ));
        }
        for text in service.command.iter().chain(&service.entrypoint).chain(&service.release).flatten() {
            if let Some(secret) = text.secrets().first() {
                let message = format!("the secret `{secret}` would stand as text in fly.toml");
                let place = Place::Within(text.path.clone(), format!("${{secrets.{secret}}}"));
                let finding = Finding::new(Code::UnsupportedOnPlatform, place, message, "not possible on Fly");
                report(finding.help("let the program read it from its environment"));
            }
        }
        reserved_names(service, report);
    });
}

/// Variables of a service or job that Fly sets itself.
pub(super) fn reserved_names(service: &Service, report: &mut dyn FnMut(Finding)) {
    for name in service.env.keys().filter(|name| name.starts_with("FLY_") || *name == "PRIMARY_REGION") {
        let message = format!("`{name}` is a variable that Fly sets itself, as all that start with FLY_");
        let place = Place::Key(service.env[name].path.clone());
        let finding = Finding::new(Code::UnsupportedOnPlatform, place, message, "reserved");
        report(finding.help("choose another name"));
    }
}

/// fly.toml has no variables: each needs a value.
pub fn variables(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_environment(program, diagnostics, |environment, findings| {
        if !matches!(environment.platform, Platform::Fly { .. }) {
            return;
        }
        let addressing = Addressing::new(environment);
        for text in environment.stack.texts() {
            for name in addressing.resolve(text).map(|flat| without_value(&flat)).unwrap_or_default() {
                let place = Place::Within(text.path.clone(), format!("${{{name}"));
                let finding = Finding::new(
                    Code::VariableWithoutValue,
                    place,
                    format!("`{name}` has no value in the environment `{}`", environment.name),
                    "needs a value",
                );
                let help = format!("under `environments.{}`, write `variables: {{{name}: value}}`", environment.name);
                findings.report(finding.help(help));
            }
        }
    });
}

/// fly.toml cannot know the commit, and `flyctl deploy` can set it in variables and build arguments alone.
pub fn commit(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_environment(program, diagnostics, |environment, findings| {
        if !matches!(environment.platform, Platform::Fly { .. }) {
            return;
        }
        let stack = &environment.stack;
        let env = stack.services.values().flat_map(|service| service.env.values());
        let settable: Vec<&Text> = env.chain(stack.images_in_use().flat_map(|image| image.args.values())).collect();
        for text in stack.texts().filter(|text| text.asks_for(GIT_SHA)) {
            let set = |known: &&Text| known.path == text.path && known.secrets().is_empty();
            if !settable.iter().any(set) {
                let help = "write it into a variable of its own under `env`, and read that where it is needed";
                let message = "the commit cannot stand here on Fly".to_owned();
                findings.report(unsupported(environment, &text.path, message, help));
            }
        }
    });
}

fn without_value(flat: &[Flat]) -> Vec<String> {
    let missing = |piece: &Flat| match piece {
        Flat::Variable { name, default: None, .. } => vec![name.clone()],
        Flat::Variable { default: Some(default), .. } => without_value(default),
        Flat::Literal(_) | Flat::Secret(_) => Vec::new(),
    };
    flat.iter().flat_map(missing).collect()
}

/// A volume of Fly is a disk of one app's machine.
pub fn shared_volumes(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    on_fly(program, diagnostics, |environment, service, report| {
        let volume =
            |mount: &Mount| if let MountSource::Volume(name) = &mount.source { Some(name.clone()) } else { None };
        for mount in &service.mounts {
            let others = environment.stack.services.values().take_while(|other| other.name != service.name);
            let first = others
                .flat_map(|other| &other.mounts)
                .find(|other| volume(other).is_some() && volume(other) == volume(mount));
            if let (Some(first), Some(name)) = (first, volume(mount)) {
                let message = format!("Fly cannot share the volume `{name}` between services");
                let finding = unsupported(
                    environment,
                    &mount.path,
                    message,
                    "give each service a volume of its own, or keep the data in a database",
                );
                report(finding.related(Place::Value(first.path.clone()), "mounted here already"));
            }
        }
    });
}

/// Two environments that would deploy to one app.
pub fn apps(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    for (index, environment) in program.environments.iter().enumerate() {
        let Platform::Fly { apps, .. } = &environment.platform else { continue };
        let shared = |other: &Environment| -> Vec<(&String, &String)> {
            let Platform::Fly { apps: others, .. } = &other.platform else { return Vec::new() };
            apps.iter().filter(|(_, app)| others.values().any(|other| other == *app)).collect()
        };
        let mut earlier = program.environments[..index].iter().map(|other| (other, shared(other)));
        let Some((other, shared)) = earlier.find(|(_, shared)| !shared.is_empty()) else { continue };
        let names: IndexSet<&str> = shared.iter().map(|(_, app)| app.as_str()).collect();
        let names: Vec<&str> = names.into_iter().collect();
        let plural = if names.len() > 1 { "apps" } else { "app" };
        let message = format!(
            "`{}` and `{}` would both deploy to the {plural} `{}`",
            other.name,
            environment.name,
            names.join("`, `")
        );
        let finding =
            Finding::new(Code::EnvironmentClash, Place::Key(environment.path.clone()), message, "the same app");
        let finding = finding.related(Place::Key(other.path.clone()), "deploys to it");
        let all: Vec<String> =
            shared.iter().map(|(service, app)| format!("{service}: {app}-{}", environment.name)).collect();
        let help = format!("under `environments.{}`, write `apps: {{{}}}`", environment.name, all.join(", "));
        Findings::new(&*program.locate, diagnostics).report(finding.help(help));
    }
}

/// Keys of a container that a machine of Fly has no counterpart for.
pub fn containers(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    on_fly(program, diagnostics, |environment, service, report| {
        refused_keys(environment, service, report);
        let idle = [
            ("networks", !service.networks.is_empty(), "all apps of an organization share one private network"),
            ("labels", !service.labels.is_empty(), "machines have no labels"),
            ("init", service.init.is_some(), "each machine has an init of its own"),
            ("develop", service.develop.is_some(), "nothing is watched"),
        ];
        for (key, _, why) in idle.into_iter().filter(|(_, said, _)| *said) {
            let message = format!("`{key}` has no effect in the environment `{}`: on Fly {why}", environment.name);
            let finding =
                Finding::new(Code::NoEffectOnPlatform, Place::Key(service.path.key(key)), message, "no effect on Fly");
            report(finding.help("nothing needs to be done"));
        }
    });
}

/// Reports what of a container the image of a service or job has to say on Fly.
pub(super) fn refused_keys(environment: &Environment, service: &Service, report: &mut dyn FnMut(Finding)) {
    let refused = [
        ("env_file", !service.env_file.is_empty(), "declare what it holds under `env` and `secrets`"),
        ("user", service.user.is_some(), "the image's own user runs it; set it in the Dockerfile"),
        ("working_dir", service.working_dir.is_some(), "the image's own folder counts; set it in the Dockerfile"),
    ];
    for (key, _, help) in refused.into_iter().filter(|(_, said, _)| *said) {
        report(unsupported(environment, &service.path.key(key), format!("Fly knows no `{key}`"), help));
    }
}

/// Words of Compose about the container that somebody may rely on where there is none.
pub fn compose_words(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    let known = [
        ("extra_hosts", "names are looked up in DNS alone", "write the address itself into `env` there"),
        ("privileged", "each machine has a kernel of its own, and its root may do all", "nothing needs to be done"),
    ];
    on_fly(program, diagnostics, |environment, service, report| {
        for (word, why, help) in known.into_iter().filter(|(word, ..)| service.compose.contains_key(*word)) {
            let message = format!("`{word}` has no effect in the environment `{}`: on Fly {why}", environment.name);
            let place = Place::Key(service.path.key("compose").key(word));
            report(Finding::new(Code::NoEffectOnPlatform, place, message, "no effect on Fly").help(help));
        }
    });
}

/// Fly starts apps independently of each other.
pub fn order(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    on_fly(program, diagnostics, |environment, service, report| {
        if let Some(dependency) = service.depends_on.first() {
            let message = format!(
                "Fly starts apps independently, so `{}` does not wait for `{}` in the environment `{}`",
                service.name, dependency.service, environment.name
            );
            let finding = Finding::new(
                Code::NoEffectOnPlatform,
                Place::Key(service.path.key("depends_on")),
                message,
                "no effect on Fly",
            );
            report(finding.help("let the program try again until what it needs answers"));
        }
    });
}

/// Statics at `/` never reach the web server.
pub fn statics_at_root(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_environment(program, diagnostics, |environment, findings| {
        let Platform::Fly { statics, .. } = &environment.platform else { return };
        for (service, _) in statics.iter().filter(|(_, prefix)| *prefix == "/") {
            let place = Place::Value(environment.path.key("statics").key(service));
            let message = format!(
                "Fly's proxy serves the files of `{service}` itself: nginx's headers and caching do not apply to them"
            );
            let finding = Finding::new(Code::StaticsAtRoot, place, message, "bypasses nginx");
            findings.report(finding.help("remove the entry to let nginx answer, or use a prefix such as `/assets`"));
        }
    });
}

/// A secret goes to the script in a variable of its name, which must not be one of the script's own.
pub fn taken_secrets(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_environment(program, diagnostics, |environment, findings| {
        if !matches!(environment.platform, Platform::Fly { .. }) {
            return;
        }
        let taken = |(name, secret): &(&String, &Secret)| {
            secret.stage != Stage::Ci && SCRIPT_VARIABLES.contains(&name.as_str())
        };
        for (name, _) in environment.stack.secrets.iter().filter(taken) {
            let place = Place::Key(SpecPath::root().key("secrets").key(name));
            let message = format!("`{name}` is a variable of its own in {}", environment.script());
            findings.report(Finding::new(Code::InvalidName, place, message, "taken").help("choose another name"));
        }
    });
}
