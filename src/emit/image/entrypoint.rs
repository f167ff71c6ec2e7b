//! `entrypoint.sh`: what an image runs first where its program alone will not do. Either it starts, watches and stops several processes, or it
//! hands a mounted volume to the application's user and becomes the application.

use serde_json::{Value, json};

use crate::artifact::Artifact;
use crate::emit::Output;
use crate::facts::join;
use crate::model::{
    Duration, Environment, Image, MountSource, Platform, Process, Program, ReadyProbe, Service, Supervise, Word,
};
use crate::template;

/// Its name, beside the Dockerfile.
pub const FILE: &str = "entrypoint.sh";
/// Its path in the image.
pub const TARGET: &str = "/entrypoint.sh";
/// Who runs what says nothing else.
const USER: &str = "10001:10001";

/// What starts an image.
pub enum Entrypoint<'p> {
    /// Several processes of the service that builds it.
    Supervise(&'p Supervise),
    /// The command, once its user owns the volumes.
    Volumes,
}

/// The entrypoint of `image`, if it needs one.
pub fn entrypoint<'p>(program: &'p Program, image: &Image) -> Option<Entrypoint<'p>> {
    image.recipe()?;
    let owner = image.owner.as_ref().and_then(|owner| program.base.services.get(owner));
    match owner.and_then(|owner| owner.supervise.as_ref()) {
        Some(supervise) => Some(Entrypoint::Supervise(supervise)),
        // The web server's own image starts as root and has an entrypoint of its own.
        None if owner.is_some_and(|owner| owner.serve.is_some()) => None,
        None => (!handed_over(program, image).is_empty()).then_some(Entrypoint::Volumes),
    }
}

/// Whether the entrypoint of `image` starts as root, so that the Dockerfile names no user.
pub fn starts_as_root(program: &Program, image: &Image) -> bool {
    match entrypoint(program, image) {
        None => false,
        Some(Entrypoint::Volumes) => true,
        Some(Entrypoint::Supervise(set)) => set.needs_root() || !handed_over(program, image).is_empty(),
    }
}

/// The folders that Fly mounts as root's own and the image's user is to have. What a process makes folders in is that process's business.
fn handed_over(program: &Program, image: &Image) -> Vec<String> {
    let mut targets: Vec<String> = Vec::new();
    let fly = program.environments.iter().filter(|environment| matches!(environment.platform, Platform::Fly { .. }));
    for service in fly.flat_map(|environment| environment.stack.runners(&image.name)) {
        let dirs = || service.supervise.iter().flat_map(|set| &set.processes).flat_map(|process| &process.dirs);
        for mount in service.mounts.iter().filter(|mount| matches!(mount.source, MountSource::Volume(_))) {
            let target = mount.target.trim_end_matches('/');
            let below = |(folder, _): &(String, String)| {
                folder.strip_prefix(target).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            if !dirs().any(below) && !targets.iter().any(|known| known == target) {
                targets.push(target.to_owned());
            }
        }
    }
    targets
}

/// What root needs to be able to do in a container of `image`, where all else is taken from it.
pub fn capabilities(program: &Program, image: &Image) -> Vec<&'static str> {
    if !starts_as_root(program, image) {
        return Vec::new();
    }
    let set = match entrypoint(program, image) {
        Some(Entrypoint::Supervise(set)) => Some(set),
        Some(Entrypoint::Volumes) | None => None,
    };
    let any = |what: fn(&Process) -> bool| set.is_some_and(|set| set.processes.iter().any(what));
    let folders = any(|process| !process.dirs.is_empty());
    let firsts = any(|process| process.first_run.is_some());
    let all = [
        ("CHOWN", folders || !handed_over(program, image).is_empty()),
        // Folders of others are looked into, and made below theirs.
        ("DAC_OVERRIDE", folders || firsts),
        // Processes of other users are asked to stop.
        ("KILL", set.is_some()),
        ("SETGID", true),
        ("SETUID", true),
    ];
    all.into_iter().filter(|(_, needed)| *needed).map(|(name, _)| name).collect()
}

/// The variable that tells the entrypoint of `service` how many seconds it may take to stop, where it supervises.
pub fn grace(environment: &Environment, service: &Service) -> Option<(String, String)> {
    service.supervise.as_ref()?;
    let unsaid = match environment.platform {
        Platform::Compose { .. } => Duration::seconds(10),
        Platform::Fly { .. } => Duration::seconds(5),
    };
    let period = service.stop_grace_period.unwrap_or(unsaid);
    Some(("STOP_GRACE_SECONDS".to_owned(), (period.0 / 1000).max(1).to_string()))
}

/// What stands before the entrypoint that a service says for itself: the image's own drops root's rights and runs it.
pub fn before_entrypoint(program: &Program, image: Option<&Image>) -> Option<&'static str> {
    image.filter(|image| starts_as_root(program, image)).map(|_| TARGET)
}

/// The entrypoint of each image that needs one.
pub fn entrypoints(program: &Program) -> Vec<Output> {
    let images = program.base.images.values().filter_map(|image| Some((image, entrypoint(program, image)?)));
    let outputs = images.map(|(image, entrypoint)| {
        let (text, origin) = match entrypoint {
            Entrypoint::Supervise(set) => (supervise(program, image, set), &set.path),
            Entrypoint::Volumes => (volumes(program, image), &image.path),
        };
        Output::shared(Artifact::text(join(&image.folder, FILE), text).executable(), origin)
    });
    outputs.collect()
}

fn volumes(program: &Program, image: &Image) -> String {
    let view = json!({
        "title": format!("{}: hands a mounted volume to the user of the image `{}`, and becomes its program.", program.base.name, image.name),
        "drop": drop(image),
        "user": USER,
        "owned": handed_over(program, image),
    });
    template::render("entrypoint/volume.j2", &view)
}

/// The program of the image by which root becomes another user.
fn drop(image: &Image) -> &'static str {
    if alpine(image) { "su-exec" } else { "setpriv" }
}

fn alpine(image: &Image) -> bool {
    image
        .recipe()
        .is_some_and(|recipe| recipe.language().view()["image"].as_str().is_some_and(|base| base.contains("alpine")))
}

fn supervise(program: &Program, image: &Image, set: &Supervise) -> String {
    let root = starts_as_root(program, image);
    let any = |what: fn(&Process) -> bool| set.processes.iter().any(what);
    let (once, ready) = (any(|process| process.once), any(|process| process.ready.is_some()));
    let first_run = any(|process| process.first_run.is_some());
    let view = json!({
        "title": format!("{}: starts, watches and stops the processes of `{}`, in this one container.", program.base.name, image.name),
        "carriers": carriers(set),
        "drop": root.then(|| drop(image)),
        "user": USER,
        "signals": set.signals,
        "tasks": once || ready || first_run,
        "once": once,
        "ready": ready,
        "listens": any(|process| process.ready.as_ref().is_some_and(|ready| matches!(ready.probe, ReadyProbe::Tcp(_)))),
        "folders": any(|process| !process.dirs.is_empty()),
        "first_run": first_run,
        "owned": handed_over(program, image),
        "processes": set.processes.iter().map(|process| view(process, root, alpine(image))).collect::<Vec<_>>(),
    });
    template::render("entrypoint/supervise.j2", &view)
}

/// The variables that hand something over to one process.
fn carriers(set: &Supervise) -> Vec<&str> {
    let words = set.processes.iter().flat_map(|process| {
        let probe = process.ready.iter().flat_map(|ready| match &ready.probe {
            ReadyProbe::Command(words) => words.as_slice(),
            ReadyProbe::Tcp(_) => &[],
        });
        process.env.iter().map(|(_, value)| value).chain(&process.command).chain(probe)
    });
    let variables = words.filter_map(|word| match word {
        Word::Variable(name) => Some(name.as_str()),
        Word::Fixed(_) => None,
    });
    variables.collect()
}

fn view(process: &Process, root: bool, alpine: bool) -> Value {
    let function = format!("env_{}", process.name.replace('-', "_"));
    let mut prefix: Vec<&str> = Vec::new();
    if !process.env.is_empty() {
        prefix.push(&function);
    }
    match process.user.as_deref() {
        Some("root") => prefix.push("exec"),
        user if root => prefix.extend(["as", user.unwrap_or(USER)]),
        _ => prefix.push("exec"),
    }
    // A shell starts what it leaves in the background with these two ignored. GNU env can undo that; on Alpine it is up to the program, which
    // heeds the signal if it handles it itself.
    let undo = format!("--default-signal={}", process.stop_signal);
    let ignored = !alpine && matches!(process.stop_signal.as_str(), "INT" | "QUIT");
    let ready = process.ready.as_ref().map(|ready| {
        let seconds = ready.timeout.0.div_ceil(1000).max(1).to_string();
        match &ready.probe {
            ReadyProbe::Command(command) => json!({"seconds": seconds, "port": null, "command": words(command)}),
            ReadyProbe::Tcp(port) => {
                json!({"seconds": seconds, "port": port.to_string(), "hex": format!("{port:04X}")})
            }
        }
    });
    json!({
        "name": process.name,
        "env_name": function,
        "env": process.env.iter().map(|(name, value)| json!({"name": name, "value": word(value)})).collect::<Vec<_>>(),
        "dirs": process.dirs.iter().map(|(path, owner)| json!({"path": path, "owner": owner})).collect::<Vec<_>>(),
        "first_run": process.first_run.as_ref().map(|first| json!({
            "unless": first.unless,
            "folder": first.folder.as_deref().unwrap_or_default(),
            "mark": first.mark,
            "steps": first.steps.join("\n"),
        })),
        "prefix": prefix,
        "undo": if ignored { vec!["env", undo.as_str()] } else { Vec::new() },
        "once": process.once,
        "signal": process.stop_signal,
        "command": words(&process.command),
        "ready": ready,
    })
}

fn words(words: &[Word]) -> Vec<Value> {
    words.iter().map(word).collect()
}

fn word(word: &Word) -> Value {
    match word {
        Word::Fixed(text) => json!({"text": text}),
        Word::Variable(name) => json!({"variable": name}),
    }
}
