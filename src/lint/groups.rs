//! What services that share an app of Fly have in common, whether they want or not.

use super::fly::{each_app, unsupported};
use crate::code::Code;
use crate::diagnostic::{Diagnostics, Finding};
use crate::facts::Facts;
use crate::model::{Addressing, App, Environment, MountSource, Piece, Program, Service, Text};
use crate::source::{Place, SpecPath};

/// One app has one entrypoint, one release command, one signal and one patience.
pub fn one_for_all(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_app(program, diagnostics, |environment, app, report| {
        let mut differ = |key: &str, same: &dyn Fn(&Service, &Service) -> bool, said: &dyn Fn(&Service) -> bool| {
            let mut all = app.services.iter().filter(|service| said(service));
            let Some(first) = all.next() else { return };
            if let Some(other) = all.find(|other| !same(first, other)) {
                let message = format!(
                    "`{}` and `{}` share the app `{}`, which has one `{key}` for both",
                    first.name, other.name, app.name
                );
                let help =
                    format!("write the same `{key}` in both, or under `apps` give `{}` an app of its own", other.name);
                let finding = unsupported(environment, &other.path.key(key), message, &help);
                report(finding.related(Place::Value(first.path.key(key)), "another one"));
            }
        };
        differ("stop_signal", &|a, b| a.stop_signal == b.stop_signal, &|service| service.stop_signal.is_some());
        differ("stop_grace_period", &|a, b| a.stop_grace_period == b.stop_grace_period, &|service| {
            service.stop_grace_period.is_some()
        });
        differ("release", &|_, _| false, &|service| service.release.is_some());
        entrypoints(environment, app, report);
    });
}

/// A service that says none has that of the image, which only a generated Dockerfile tells us.
fn entrypoints(environment: &Environment, app: &App<'_>, report: &mut dyn FnMut(Finding)) {
    let owner = environment.stack.image_of(app.first()).and_then(|image| image.owner.as_ref());
    let of_image = owner.and_then(|owner| environment.stack.services.get(owner)?.entrypoint.as_deref());
    let stated = app.services.iter().find(|service| service.entrypoint.is_some());
    if let Some(stated) = stated
        && let Some(other) = app
            .services
            .iter()
            .find(|other| pieces(other.entrypoint.as_deref().or(of_image)) != pieces(stated.entrypoint.as_deref()))
    {
        let message = format!(
            "the entrypoint of `{}` would be that of `{}` too: the app `{}` has one",
            stated.name, other.name, app.name
        );
        let help = format!(
            "write the same in both, put it into `command`, or under `apps` give `{}` an app of its own",
            other.name
        );
        let finding = unsupported(environment, &stated.path.key("entrypoint"), message, &help);
        report(finding.related(Place::Key(other.path.clone()), "has another one"));
    }
}

fn pieces(words: Option<&[Text]>) -> Option<Vec<&[Piece]>> {
    words.map(|words| words.iter().map(|word| word.pieces.as_slice()).collect())
}

/// Variables belong to the app: what differs between its groups is set by a group's command, which must be known; secrets cannot differ.
pub fn variables(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_app(program, diagnostics, |environment, app, report| {
        let addressing = Addressing::new(environment);
        for service in &app.services {
            let own = app.own_env(service, &addressing);
            let Some(first) = own.first().filter(|_| app.has_groups()) else { continue };
            let at = &service.env[*first].path;
            let help = format!(
                "give `{first}` the same value in all of them, or under `apps` give `{}` an app of its own",
                service.name
            );
            // A supervised image would run the command in place of its processes.
            if service.entrypoint.is_some() || service.supervise.is_some() {
                let message =
                    format!("`{first}` is for `{}` alone, whose entrypoint leaves no place to set it", service.name);
                report(unsupported(environment, at, message, &help));
            } else if !knows_command(environment, service) {
                let message = format!(
                    "`{first}` is for `{}` alone, and would be set by its command, which is not known",
                    service.name
                );
                let help = format!("write the `command` of `{}` as well, or {help}", service.name);
                report(unsupported(environment, at, message, &help));
            }
        }
        secrets(environment, app, &addressing, report);
    });
}

fn knows_command(environment: &Environment, service: &Service) -> bool {
    let owner = environment.stack.image_of(service).filter(|image| image.is_generated());
    let owner = owner.and_then(|image| environment.stack.services.get(image.owner.as_ref()?));
    service.command.is_some() || owner.is_some_and(|owner| owner.command.is_some())
}

fn secrets(environment: &Environment, app: &App<'_>, addressing: &Addressing<'_>, report: &mut dyn FnMut(Finding)) {
    for (index, service) in app.services.iter().enumerate() {
        for (name, value) in service.env.iter().filter(|(_, value)| !value.secrets().is_empty()) {
            let holds = |other: &&&Service| other.env.get(name).is_some_and(|value| !value.secrets().is_empty());
            let Some(other) = app.services[..index].iter().find(holds) else { continue };
            if addressing.resolve(value).ok() != addressing.resolve(&other.env[name]).ok() {
                let message = format!("`{name}` holds a secret, and so is one value for the whole app `{}`", app.name);
                let help = "give the variable another name in one of the two";
                let finding = unsupported(environment, &value.path, message, help);
                report(finding.related(Place::Value(other.env[name].path.clone()), "another value"));
            }
        }
    }
}

/// Files are placed in all machines of an app, and a volume goes by its name there.
pub fn files(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_app(program, diagnostics, |environment, app, report| {
        let mut placed: Vec<(&str, &MountSource, &SpecPath)> = Vec::new();
        for mount in app.services.iter().flat_map(|service| &service.mounts) {
            let clash = |(target, source, _): &&(&str, &MountSource, &SpecPath)| match (*source, &mount.source) {
                (MountSource::Volume(one), MountSource::Volume(other)) => {
                    one != other && one.replace('-', "_") == other.replace('-', "_")
                }
                (MountSource::Volume(_), _) | (_, MountSource::Volume(_)) => false,
                (one, other) => *target == mount.target && one != other,
            };
            if let Some((_, _, first)) = placed.iter().find(clash) {
                let (message, help) = match &mount.source {
                    MountSource::Volume(name) => (
                        format!(
                            "Fly knows no hyphen in a volume's name, so `{name}` would be another one of the app `{}`",
                            app.name
                        ),
                        "rename one of the two".to_owned(),
                    ),
                    _ => (
                        format!(
                            "the app `{}` has one file at `{}`, in the machines of all its services",
                            app.name, mount.target
                        ),
                        "place one of them elsewhere, or give its service an app of its own".to_owned(),
                    ),
                };
                let finding = unsupported(environment, &mount.path, message, &help);
                report(finding.related(Place::Value((*first).clone()), "another one"));
            }
            placed.push((&mount.target, &mount.source, &mount.path));
        }
    });
}

/// The machine that runs the release command has no volume.
pub fn releases(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_app(program, diagnostics, |environment, app, report| {
        let addressing = Addressing::new(environment);
        for text in app.services.iter().filter_map(|service| service.release.as_ref()).flatten() {
            let Some(word) = addressing.resolve(text).ok().and_then(|flat| crate::model::Flat::settled(&flat)) else {
                continue;
            };
            let mounts = app.services.iter().flat_map(|service| &service.mounts);
            let mut volumes = mounts.filter(|mount| matches!(mount.source, MountSource::Volume(_)));
            if let Some(mount) = volumes.find(|mount| word.contains(mount.target.as_str())) {
                let message = format!("Fly runs the release command without the volume at `{}`", mount.target);
                let place = Place::Value(text.path.clone());
                let finding = Finding::new(Code::UnsupportedOnPlatform, place, message, "no volume is there");
                let finding = finding.related(
                    Place::Value(environment.path.key("platform")),
                    format!("the environment `{}`", environment.name),
                );
                report(finding.help("let the program do it when it starts"));
            }
        }
    });
}
