//! Processes that listen where those who need them cannot reach them. Fly's private network is IPv6, its proxy and its checks come over IPv4.

use super::fly::on_fly;
use crate::code::Code;
use crate::diagnostic::{Diagnostics, Finding};
use crate::facts::Facts;
use crate::model::{Addressing, Environment, Flat, Piece, Program, Protocol, Reference, Service, Text, Upstream};
use crate::source::Place;

/// A server, and how it is told where to listen.
struct Server {
    /// Its program.
    name: &'static str,
    /// The options that say where.
    flags: &'static [&'static str],
    /// Where it listens when they are left out; empty where that is of no concern.
    usual: &'static str,
    /// Whether Python's asyncio listens for it, which takes `::` for IPv6 alone.
    asyncio: bool,
    /// What makes it answer over both families; `PORT` stands for the number.
    both: &'static str,
}

/// An empty host is both families for asyncio; all others answer both on `::`.
const SERVERS: &[Server] = &[
    Server { name: "uvicorn", flags: &["--host"], usual: "127.0.0.1", asyncio: true, both: "--host \"\"" },
    Server { name: "fastapi", flags: &["--host"], usual: "0.0.0.0", asyncio: true, both: "--host \"\"" },
    Server {
        name: "gunicorn",
        flags: &["-b", "--bind"],
        usual: "127.0.0.1",
        asyncio: false,
        both: "--bind \"[::]:PORT\"",
    },
    Server {
        name: "hypercorn",
        flags: &["-b", "--bind"],
        usual: "127.0.0.1",
        asyncio: false,
        both: "--bind \"[::]:PORT\"",
    },
    Server { name: "daphne", flags: &["-b", "--bind"], usual: "127.0.0.1", asyncio: false, both: "--bind \"::\"" },
    Server { name: "flask", flags: &["-h", "--host"], usual: "127.0.0.1", asyncio: false, both: "--host \"::\"" },
    Server { name: "next", flags: &["-H", "--hostname"], usual: "", asyncio: false, both: "--hostname \"::\"" },
    Server { name: "vite", flags: &["--host"], usual: "127.0.0.1", asyncio: false, both: "--host \"::\"" },
    Server { name: "rails", flags: &["-b", "--binding"], usual: "", asyncio: false, both: "--binding \"[::]\"" },
    Server { name: "puma", flags: &["-b", "--bind"], usual: "", asyncio: false, both: "--bind \"tcp://[::]:PORT\"" },
    Server { name: "redis-server", flags: &["--bind"], usual: "", asyncio: false, both: "--bind \"*\" \"-::*\"" },
    Server { name: "postgres", flags: &["-h"], usual: "", asyncio: false, both: "-h \"*\"" },
];

/// The variables by which programs are told where to listen.
const VARIABLES: &[&str] =
    &["HOST", "HOSTNAME", "BIND", "BIND_ADDR", "BIND_ADDRESS", "LISTEN", "LISTEN_ADDR", "LISTEN_ADDRESS"];

/// A service that others reach over Fly's private network listens on IPv6 as well.
pub fn reachable(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    on_fly(program, diagnostics, |environment, service, report| {
        let Some(reached) = reached_by(environment, service) else { return };
        let Some(deaf) = deaf(environment, service) else { return };
        let message = format!(
            "`{}` reaches `{}` over Fly's private network, which is IPv6, and it listens on {}",
            reached, service.name, deaf.listens
        );
        let finding = Finding::new(Code::UnreachableBind, deaf.place, message, "not reached there");
        let platform = Place::Value(environment.path.key("platform"));
        report(finding.related(platform, format!("the environment `{}`", environment.name)).help(deaf.help));
    });
}

/// A published service that answers its own machine alone.
pub fn published(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    on_fly(program, diagnostics, |environment, service, report| {
        let public = service.ports.values().any(|port| port.publish.is_some());
        if !(public || service.healthcheck.is_some()) || reached_by(environment, service).is_some() {
            return;
        }
        let Some(deaf) = deaf(environment, service).filter(|deaf| deaf.alone) else { return };
        let who = if public { "proxy" } else { "check" };
        let message =
            format!("Fly's {who} asks `{}` from outside its machine, and it listens on {}", service.name, deaf.listens);
        let finding = Finding::new(Code::UnreachableBind, deaf.place, message, "not reached there");
        let platform = Place::Value(environment.path.key("platform"));
        report(finding.related(platform, format!("the environment `{}`", environment.name)).help(deaf.help));
    });
}

/// A process of asyncio's that listens on IPv6 alone, where Fly's proxy and checks come over IPv4.
pub fn checked(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    on_fly(program, diagnostics, |environment, service, report| {
        let asked = service.healthcheck.is_some() || service.ports.values().any(|port| port.publish.is_some());
        let Some(command) = service.command.as_ref().filter(|_| asked) else { return };
        let words = words(&Addressing::new(environment), command);
        let Some(server) = words.iter().find_map(|(word, _)| server(word)).filter(|server| server.asyncio) else {
            return;
        };
        if forks(service, &words) {
            return;
        }
        let Some((_, text)) = told(server, &words).filter(|(value, _)| value == "::") else { return };
        let message =
            format!("{} takes `::` for IPv6 alone, and Fly's proxy asks `{}` over IPv4", server.name, service.name);
        let place = Place::Within(text.path.clone(), "::".to_owned());
        let finding = Finding::new(Code::UnreachableBind, place, message, "not reached there");
        report(finding.help(format!("let it listen on both families: `{}`", server.both)));
    });
}

/// Where a service listens, and what should stand there.
struct Deaf {
    place: Place,
    listens: String,
    /// Whether not even IPv4 gets there from outside the machine.
    alone: bool,
    help: String,
}

/// Another service that reaches `service` by its host or address.
fn reached_by<'e>(environment: &'e Environment, service: &Service) -> Option<&'e str> {
    let names = |text: &Text| {
        text.walk().into_iter().any(|piece| match piece {
            Piece::Reference(Reference::Host(name) | Reference::Address(name)) => *name == service.name,
            _ => false,
        })
    };
    let mut others = environment.stack.all().filter(|other| other.name != service.name);
    let asking = others.find(|other| other.texts().any(names)).map(|other| other.name.as_str());
    let routed = environment.stack.routes.as_ref().filter(|table| table.edge != service.name).filter(|table| {
        let mut upstreams = table.upstreams().into_iter();
        upstreams.any(|upstream| matches!(upstream, Upstream::Service { service: of, .. } if *of == service.name))
    });
    asking.or_else(|| routed.map(|table| table.edge.as_str()))
}

/// Where the one process of `service` listens; behind a web server in the same container it may listen where it likes.
fn deaf(environment: &Environment, service: &Service) -> Option<Deaf> {
    if service.serve.is_some() || service.supervise.is_some() {
        return None;
    }
    by_command(environment, service).or_else(|| by_variable(environment, service))
}

fn by_command(environment: &Environment, service: &Service) -> Option<Deaf> {
    let addressing = Addressing::new(environment);
    let command = service.command.as_ref()?;
    let words = words(&addressing, command);
    let server = words.iter().find_map(|(word, _)| server(word));
    let port = service.main_port().map_or(8000, |port| port.number).to_string();
    let forks = server.is_some_and(|server| server.asyncio) && forks(service, &words);
    let help = match server {
        // Its first process listens for all, on the one family of the address.
        Some(_) if forks => "let it listen on both families: `--host ::`".to_owned(),
        Some(server) => format!("let it listen on both families: `{}`", server.both.replace("PORT", &port)),
        None => "let it listen on `::`, which answers both families".to_owned(),
    };
    if let Some((_, text)) = words.iter().find(|(word, _)| word.contains("0.0.0.0")) {
        let place = Place::Within(text.path.clone(), "0.0.0.0".to_owned());
        return Some(Deaf { place, listens: "`0.0.0.0`, IPv4 alone".to_owned(), alone: false, help });
    }
    let server = server?;
    let deaf = |place: &Text, listens: String, alone: bool| {
        Some(Deaf { place: Place::Value(place.path.clone()), listens, alone, help: help.clone() })
    };
    match told(server, &words) {
        None if !server.usual.is_empty() => {
            let develops = server.name == "fastapi" && words.iter().any(|(word, _)| word == "dev");
            let alone = server.usual == "127.0.0.1" || develops;
            let where_to = if alone { "127.0.0.1 alone" } else { "0.0.0.0, IPv4 alone" };
            deaf(command.first()?, format!("{where_to}, as {} does unless told otherwise", server.name), alone)
        }
        Some((value, text)) if is_loopback(&value) => deaf(text, format!("`{value}` alone"), true),
        Some((value, text)) if server.name == "gunicorn" && value.starts_with(':') && !value.starts_with("::") => {
            deaf(text, format!("`{value}`, IPv4 alone"), false)
        }
        Some((value, text)) if forks && value.trim_matches(['"', '\'']).is_empty() => {
            deaf(text, "an empty host, which is IPv4 alone with several processes".to_owned(), false)
        }
        _ => None,
    }
}

/// Whether uvicorn starts processes of its own, for which the first one listens: then `::` is both families, and an empty host IPv4 alone.
fn forks(service: &Service, words: &[(String, &Text)]) -> bool {
    let many = |count: &str| count.parse::<u32>().is_ok_and(|count| count > 1);
    let told = words.iter().enumerate().any(|(index, (word, _))| match word.strip_prefix("--workers") {
        Some("") => words.get(index + 1).is_some_and(|(count, _)| many(count)),
        Some(count) => count.strip_prefix('=').is_some_and(many),
        None => word == "--reload" || (word == "dev" && index > 0 && words[index - 1].0.ends_with("fastapi")),
    });
    let set = service.env.get("WEB_CONCURRENCY").and_then(Text::as_literal);
    told || set.is_some_and(|count| many(&count))
}

/// The words of a command with where each comes from; those of a shell's line as well.
fn words<'t>(addressing: &Addressing<'_>, command: &'t [Text]) -> Vec<(String, &'t Text)> {
    let known = |text: &Text| addressing.resolve(text).ok().and_then(|flat| Flat::settled(&flat)).unwrap_or_default();
    let split = |text: &'t Text| {
        let value = known(text);
        let words: Vec<String> = value.split_whitespace().map(str::to_owned).collect();
        let words = if words.is_empty() { vec![value] } else { words };
        words.into_iter().map(move |word| (word, text))
    };
    command.iter().flat_map(split).collect()
}

fn server(word: &str) -> Option<&'static Server> {
    SERVERS.iter().find(|server| word.rsplit('/').next() == Some(server.name))
}

/// Where the server is told to listen, and the text that says it.
fn told<'t>(server: &Server, words: &[(String, &'t Text)]) -> Option<(String, &'t Text)> {
    words.iter().enumerate().find_map(|(index, (word, text))| {
        server.flags.iter().find_map(|flag| match word.strip_prefix(flag)? {
            "" => words.get(index + 1).cloned(),
            rest => rest.strip_prefix('=').map(|value| (value.to_owned(), *text)),
        })
    })
}

fn is_loopback(value: &str) -> bool {
    ["127.0.0.1", "localhost"].iter().any(|host| value == *host || value.starts_with(&format!("{host}:")))
}

fn by_variable(environment: &Environment, service: &Service) -> Option<Deaf> {
    let addressing = Addressing::new(environment);
    let set = service
        .env
        .iter()
        .filter_map(|(name, text)| Some((name, Flat::settled(&addressing.resolve(text).ok()?)?, text.path.clone())));
    let image = environment.stack.image_of(service);
    let fixed = image.into_iter().flat_map(|image| {
        let own = image.env.iter().filter(|(name, _)| !service.env.contains_key(*name));
        own.map(|(name, value)| (name, value.clone(), image.path.key("env").key(name)))
    });
    let mut told =
        set.chain(fixed).filter(|(name, ..)| VARIABLES.contains(&name.as_str())).filter_map(|(name, value, path)| {
            let (host, port) = value.split_once(':').unwrap_or((&value, ""));
            let colon = if port.is_empty() { "::".to_owned() } else { format!("[::]:{port}") };
            (host == "0.0.0.0" || is_loopback(host)).then(|| Deaf {
                place: Place::Value(path),
                listens: format!("`{value}` alone"),
                alone: host != "0.0.0.0",
                help: format!("write `{name}: \"{colon}\"`, which answers both families"),
            })
        });
    told.next()
}

/// Datagrams come in at an address of their own.
pub fn datagrams(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    on_fly(program, diagnostics, |environment, service, report| {
        let mut open = service.ports.values().filter(|port| port.publish.is_some() && port.protocol == Protocol::Udp);
        let Some(port) = open.next() else { return };
        let addressing = Addressing::new(environment);
        let says = |text: &Text| {
            let value = addressing.resolve(text).ok().and_then(|flat| Flat::settled(&flat));
            value.is_some_and(|value| value.contains("fly-global-services"))
        };
        if !service.texts().any(says) {
            let message =
                format!("on Fly datagrams for `{}` arrive at the address `fly-global-services` only", service.name);
            let finding =
                Finding::new(Code::UnreachableBind, Place::Value(port.path.clone()), message, "may hear nothing");
            report(
                finding
                    .help("let the program listen on the host `fly-global-services` there, by its `command` or `env`"),
            );
        }
    });
}
