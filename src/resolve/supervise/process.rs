//! One process of a container.

use indexmap::IndexMap;

use super::super::references::Position;
use super::super::service::is_root;
use super::super::{Scope, command, ports};
use super::{signal_name, taken};
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::model::{Duration, FirstRun, Piece, Process, Ready, ReadyProbe, Reference, Runs, Text, Word};
use crate::source::{Place, SpecPath};
use crate::spec::{self, Command, ScalarOr};

/// Time after which a process that is not ready ends the container.
const READY_TIMEOUT: Duration = Duration::seconds(60);

/// Where files lie that are worth no more than the container.
const TEMPORARY: &str = "/tmp";

/// Reads one process of a service.
pub(super) struct Reader<'r, 'a, 'f> {
    /// What is known of the stack.
    pub scope: &'r mut Scope<'a, 'f>,
    /// The service.
    pub service: &'r str,
    /// The service as written.
    pub written: &'r spec::Service,
    /// The process's name.
    pub process: &'r str,
    /// The service's variables, to which those that hand over words are added.
    pub env: &'r mut IndexMap<String, Text>,
    /// What lies in the image as text.
    pub fixed: &'r mut Vec<(Option<String>, Text)>,
}

impl Reader<'_, '_, '_> {
    /// The process as meant; none where it lacks a command, which the schema has told.
    pub fn read(&mut self, written: &spec::Process, path: &SpecPath) -> Option<Process> {
        let once = written.once.unwrap_or(false);
        let ready = written.ready.as_ref().and_then(|ready| self.ready(ready, once, &path.key("ready")));
        let dirs = self.dirs(written, path);
        let first_run =
            written.first_run.as_ref().and_then(|first| self.first_run(first, &dirs, &path.key("first_run")));
        let command = written.command.as_ref().map(|command| self.words(command, &path.key("command"), "COMMAND"));
        let mut env = Vec::new();
        for (name, value) in &written.env {
            let path = path.key("env").key(name);
            let text = self.scope.text(&value.0, Position::running(&path, self.service));
            env.push((name.clone(), self.word(text, name, Some(name))));
        }
        if written.user.as_deref().is_some_and(is_root) {
            let place = Place::Value(path.key("user"));
            let finding = Finding::new(Code::RootUser, place, format!("`{}` runs as root", self.process), "root");
            self.scope.report(finding.help("leave `user` out, and the process runs as 10001"));
        }
        let signal = written.stop_signal.as_deref().and_then(|signal| signal_name(self.scope, signal, path));
        Some(Process {
            name: self.process.to_owned(),
            runs: Runs::Command(command?),
            user: written.user.clone(),
            env,
            once,
            ready,
            first_run,
            dirs,
            stop_signal: signal.unwrap_or_else(|| "TERM".to_owned()),
        })
    }

    /// The words of a command; those that differ between environments are handed over as `<PROCESS>__<WHAT>_<number>`.
    fn words(&mut self, command: &Command, path: &SpecPath, what: &str) -> Vec<Word> {
        let words = command::resolve(self.scope, command, path, self.service);
        let words = words.into_iter().enumerate();
        words.map(|(index, word)| self.word(word, &format!("{what}_{}", index + 1), None)).collect()
    }

    /// `text` as it lies in the image if it is the same wherever it runs, else the variable that hands it over.
    fn word(&mut self, text: Text, name: &str, variable: Option<&str>) -> Word {
        if let Some(fixed) = self.fixed(&text) {
            self.fixed.push((variable.map(str::to_owned), text));
            return Word::Fixed(fixed);
        }
        let carrier = format!("{}__{name}", self.process.replace('-', "_")).to_ascii_uppercase();
        if let Some(before) = self.env.get(&carrier) {
            let place = Place::Key(before.path.clone());
            self.scope.report(taken(&carrier, place));
        } else {
            self.env.insert(carrier.clone(), text);
        }
        Word::Variable(carrier)
    }

    /// The text, if it is the same wherever it runs: ports of the service itself are, because they are part of its image.
    fn fixed(&self, text: &Text) -> Option<String> {
        let piece = |piece: &Piece| match piece {
            Piece::Literal(text) => Some(text.clone()),
            Piece::Reference(Reference::Port(service, port)) if service == self.service => {
                self.port(port.as_deref()).map(|port| port.to_string())
            }
            Piece::Reference(_) | Piece::Variable(_) | Piece::Secret(_) => None,
        };
        text.pieces.iter().map(piece).collect()
    }

    /// The number of a port of the service; of its main one without a name.
    fn port(&self, name: Option<&str>) -> Option<u16> {
        let ports = &self.written.ports;
        let port = match name {
            Some(name) => ports.get(name),
            None => ports.get("http").or_else(|| ports.values().next().filter(|_| ports.len() == 1)),
        };
        match port? {
            ScalarOr::Short(number) => ports::whole_number(&number.0),
            ScalarOr::Long(long) => ports::whole_number(&long.port.as_ref()?.0),
        }
    }

    fn ready(&mut self, written: &spec::Ready, once: bool, path: &SpecPath) -> Option<Ready> {
        if once {
            let message = format!("`{}` runs once, and is ready when it has succeeded", self.process);
            self.refuse(Place::Key(path.clone()), message, "never needed", "remove `ready`, or `once`");
        }
        let probe = match (&written.command, &written.tcp) {
            (Some(command), None) => ReadyProbe::Command(self.words(command, &path.key("command"), "READY")),
            (None, Some(port)) => ReadyProbe::Tcp(self.ready_port(&port.0, &path.key("tcp"))?),
            (command, _) => {
                let label = if command.is_some() { "two" } else { "none" };
                let help = "write `ready: {tcp: 5432}`, or `ready: {command: pg_isready}`";
                self.refuse(Place::Value(path.clone()), "what is ready is tried in one way".into(), label, help);
                return None;
            }
        };
        let timeout = self.scope.duration(written.timeout.as_deref(), &path.key("timeout"));
        Some(Ready { probe, timeout: timeout.unwrap_or(READY_TIMEOUT) })
    }

    fn ready_port(&mut self, written: &str, path: &SpecPath) -> Option<u16> {
        let number = match self.written.ports.contains_key(written) {
            true => self.port(Some(written)),
            false => ports::whole_number(written),
        };
        let datagrams = self.written.ports.get(written).is_some_and(|port| match port {
            ScalarOr::Long(long) => long.protocol == Some(spec::Protocol::Udp),
            ScalarOr::Short(_) => false,
        });
        if datagrams {
            let place = Place::Value(path.clone());
            let message = format!("`{written}` is a port of UDP, on which nothing is connected to");
            let finding = Finding::new(Code::InvalidPort, place, message, "never ready");
            let finding = finding.related(
                Place::Key(SpecPath::root().key("services").key(self.service).key("ports").key(written)),
                "the port",
            );
            self.scope.report(finding.help("try it with a command: `ready: {command: …}`"));
            return None;
        }
        let number = number.filter(|number| *number > 0);
        if number.is_none() {
            let place = Place::Value(path.clone());
            let message = format!("`{written}` is neither a port nor the name of one of this service");
            let finding = Finding::new(Code::InvalidPort, place, message, "not a port");
            self.scope.report(finding.help("write the number that the process listens on, such as `tcp: 5432`"));
        }
        number
    }

    /// The folders, each with the owner as `chown` takes it.
    fn dirs(&mut self, written: &spec::Process, path: &SpecPath) -> Vec<(String, String)> {
        let mut dirs = Vec::new();
        for (folder, owner) in &written.dirs {
            let Some(folder) = self.absolute(folder, Place::Key(path.key("dirs").key(folder))) else { continue };
            // A name alone stands for its group as well.
            let owner = if owner.contains(':') { owner.clone() } else { format!("{owner}:") };
            dirs.push((folder, owner));
        }
        dirs
    }

    fn first_run(&mut self, written: &spec::FirstRun, dirs: &[(String, String)], path: &SpecPath) -> Option<FirstRun> {
        let mut steps = Vec::new();
        for (index, step) in written.steps.iter().enumerate() {
            let path = path.key("steps").index(index);
            let text = self.scope.text(step, Position::running(&path, self.service));
            match self.fixed(&text) {
                Some(step) => steps.push(step),
                None => {
                    let message = "a step is part of the image and cannot depend on where it runs";
                    let finding = Finding::new(Code::BakedDifference, Place::Value(path), message, "holds a reference");
                    let help =
                        "hand the value over in the process's `env`, such as `env: {NAME: …}`, and write `$$NAME` here";
                    self.scope.report(finding.help(help));
                }
            }
            self.fixed.push((None, text));
        }
        let at = Place::Value(path.key("unless"));
        let unless = self.absolute(&written.unless, at.clone())?;
        if dirs.iter().any(|(folder, _)| *folder == unless) {
            let message = format!("`dirs` makes `{unless}`, so the first run would never happen");
            self.refuse(
                at,
                message,
                "is always there",
                "name a file that the steps leave, such as `/data/postgres/PG_VERSION`",
            );
            return None;
        }
        let inside = |folder: &str| unless.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        let folders = dirs.iter().map(|(folder, _)| folder).filter(|folder| inside(folder));
        let folder = folders.max_by_key(|folder| folder.len()).cloned();
        let volumes = self.written.volumes.keys().filter(|target| inside(target));
        let volume = volumes.max_by_key(|target| target.len()).map(|target| target.trim_end_matches('/').to_owned());
        if folder.is_some() && folder == volume {
            let message = "a first run needs a folder of its own, below that of the volume".to_owned();
            let help = format!("choose one, such as `{}/{}`: on Fly a volume is never empty", folder?, self.process);
            self.refuse(at, message, "lies in the volume itself", &help);
            return None;
        }
        let mark = format!("{}/.{}.first-run", volume.as_deref().unwrap_or(TEMPORARY), self.process);
        Some(FirstRun { unless, steps, folder, mark })
    }

    /// A path in the container without needless steps; reports one that leads upwards.
    fn absolute(&mut self, written: &str, place: Place) -> Option<String> {
        let steps: Vec<&str> = written.split('/').filter(|step| !matches!(*step, "" | ".")).collect();
        if steps.is_empty() || steps.contains(&"..") || written.chars().any(char::is_control) {
            let message = format!("`{written}` is no folder or file of its own");
            self.refuse(place, message, "not a place", "write a whole path, such as `/data/postgres`");
            return None;
        }
        Some(format!("/{}", steps.join("/")))
    }

    fn refuse(&mut self, place: Place, message: String, label: &str, help: &str) {
        self.scope.report(Finding::new(Code::InvalidValue, place, message, label).help(help));
    }
}
