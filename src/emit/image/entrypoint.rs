//! `entrypoint.sh`: what an image runs first where its program alone will not do. Either it starts, watches and stops several processes, or it
//! hands a mounted volume to the application's user and becomes the application.

use serde_json::{Value, json};

use crate::artifact::Artifact;
use crate::emit::{Output, routes};
use crate::facts::join;
use crate::model::{
    Duration, Entrypoint, Environment, Image, Platform, Process, Program, ReadyProbe, Runs, Service, Supervise, Word,
};
use crate::recipe::{Init, System};
use crate::template;

/// Its name, beside the Dockerfile.
pub const FILE: &str = crate::model::ENTRYPOINT_FILE;
/// Its path in the image.
pub const TARGET: &str = "/entrypoint.sh";

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

/// The words that start the script of `image`.
pub fn start(program: &Program, image: &Image) -> Vec<String> {
    let init = program.init(image).map(Init::words);
    init.iter().flatten().copied().chain([TARGET]).map(str::to_owned).collect()
}

/// What stands before the entrypoint that a service says for itself: the image's own drops root's rights and runs it.
pub fn before_entrypoint(program: &Program, image: Option<&Image>) -> Vec<String> {
    image.filter(|image| program.starts_as_root(image)).map(|image| start(program, image)).unwrap_or_default()
}

/// The entrypoint of each image that needs one.
pub fn entrypoints(program: &Program) -> Vec<Output> {
    let images = program.base.images.values().filter_map(|image| Some((image, program.entrypoint(image)?)));
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
        "drop": drop(program, image),
        "unknown": is_unknown(program, image),
        "several": false,
        "undoes": false,
        "user": user(program, image),
        "owned": program.handed_over(image),
    });
    template::render("entrypoint/volume.j2", &view)
}

/// The program of the image by which root becomes another user: util-linux is part of every system but Alpine.
fn drop(program: &Program, image: &Image) -> &'static str {
    if is_alpine(program, image) { "su-exec" } else { "setpriv" }
}

fn is_alpine(program: &Program, image: &Image) -> bool {
    program.base.system(image) == System::Alpine
}

/// Whether nobody knows which programs the image holds.
fn is_unknown(program: &Program, image: &Image) -> bool {
    program.base.system(image) == System::Unknown
}

fn user(program: &Program, image: &Image) -> String {
    let (user, group) = program.user(image);
    format!("{user}:{group}")
}

fn supervise(program: &Program, image: &Image, set: &Supervise) -> String {
    let root = program.starts_as_root(image);
    let any = |what: fn(&Process) -> bool| set.processes.iter().any(what);
    let (once, ready) = (any(|process| process.once), any(|process| process.ready.is_some()));
    let first_run = any(|process| process.first_run.is_some());
    let owner = image.owner.as_ref().and_then(|owner| program.base.services.get(owner));
    let passwords = owner.is_some_and(|owner| routes::asks_for_passwords(program, owner));
    let undoes = !is_alpine(program, image) || program.base.has_package(image, "coreutils");
    let view = View { root, undoes, user: user(program, image), passwords };
    let all = json!({
        "title": format!("{}: starts, watches and stops the processes of `{}`, in this one container.", program.base.name, image.name),
        "init": program.init(image).map(Init::program),
        "carriers": carriers(set),
        "drop": root.then(|| drop(program, image)),
        "unknown": is_unknown(program, image),
        "several": true,
        "undoes": undoes && any(Process::ignores_its_signal),
        "user": view.user,
        "signals": set.signals,
        "tasks": once || ready || first_run,
        "once": once,
        "ready": ready,
        "listens": any(|process| process.ready.as_ref().is_some_and(|ready| matches!(ready.probe, ReadyProbe::Tcp(_)))),
        "folders": any(|process| !process.dirs.is_empty()),
        "first_run": first_run,
        "owned": program.handed_over(image),
        "processes": set.processes.iter().map(|process| view.of(process)).collect::<Vec<_>>(),
    });
    template::render("entrypoint/supervise.j2", &all)
}

/// The variables that hand something over to one process.
fn carriers(set: &Supervise) -> Vec<&str> {
    let words = set.processes.iter().flat_map(|process| {
        let probe = process.ready.iter().flat_map(|ready| match &ready.probe {
            ReadyProbe::Command(words) => words.as_slice(),
            ReadyProbe::Tcp(_) => &[],
        });
        let command: &[Word] = if let Runs::Command(words) = &process.runs { words } else { &[] };
        process.env.iter().map(|(_, value)| value).chain(command).chain(probe)
    });
    let variables = words.filter_map(|word| match word {
        Word::Variable(name) => Some(name.as_str()),
        Word::Fixed(_) => None,
    });
    variables.collect()
}

/// What the words of each process depend on.
struct View {
    /// Whether the script is root at first.
    root: bool,
    /// Whether it has GNU's `env`.
    undoes: bool,
    /// Who runs what says no other user.
    user: String,
    /// Whether routes ask for passwords.
    passwords: bool,
}

impl View {
    fn of(&self, process: &Process) -> Value {
        let function = format!("env_{}", process.name.replace('-', "_"));
        let mut prefix: Vec<&str> = Vec::new();
        if !process.env.is_empty() {
            prefix.push(&function);
        }
        match process.user.as_deref() {
            Some("root") => prefix.push("exec"),
            user if self.root => prefix.extend(["as", user.unwrap_or(&self.user)]),
            _ => prefix.push("exec"),
        }
        // A shell starts what it leaves in the background with some signals ignored, which GNU's env undoes.
        let undo = format!("--default-signal={}", process.stop_signal);
        let ignored = self.undoes && process.ignores_its_signal();
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
            "command": match &process.runs {
                Runs::Command(command) => words(command),
                Runs::Server(server) => words(&server.command(self.passwords).into_iter().map(Word::Fixed).collect::<Vec<_>>()),
            },
            "ready": ready,
        })
    }
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
