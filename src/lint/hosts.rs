//! What hosts, upstreams and other names of a table come to where the deployment's variables are filled in.

use super::each_environment;
use crate::code::Code;
use crate::diagnostic::{Diagnostics, Finding};
use crate::facts::Facts;
use crate::model::{
    Action, Environment, Host, HostName, Piece, Platform, Program, Text, Tls, Upstream, is_authority, is_host,
};
use crate::source::{Place, SpecPath};

/// Names that are filled into a configuration as they are, where a server would read anything else as its own words.
pub fn filled_names(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_environment(program, diagnostics, |environment, findings| {
        let Some(table) = &environment.stack.routes else { return };
        let mut names: Vec<Filled<'_>> = Vec::new();
        for host in &table.hosts {
            let text = host.name.text().into_iter();
            names.extend(text.map(|text| Filled { place: place(host, text), text, fits: is_host, word: "a host" }));
            let aliases = host.aliases.iter();
            names.extend(aliases.map(|text| Filled { place: at(text), text, fits: is_host, word: "a host" }));
        }
        for route in table.routes() {
            if let Action::Proxy(proxy) = &route.action
                && let Upstream::Url(text) = &proxy.upstream
            {
                names.push(Filled { place: at(text), text, fits: is_address, word: "scheme and host" });
            }
        }
        if let Tls::Certbot { email: text } | Tls::Acme { email: Some(text) } = &table.tls {
            names.push(Filled { place: at(text), text, fits: is_email, word: "an e-mail address" });
        }
        for Filled { place, text, fits, word } in names {
            let Some(value) = super::routing::settled(environment, text).filter(|value| !fits(value)) else { continue };
            if text.as_literal().is_some() {
                continue;
            }
            let message = format!("`{value}`, which is filled in here, is not {word}");
            let finding = Finding::new(Code::InvalidValue, place, message, "filled in with that");
            findings.report(finding.help("give the variable another value, such as `app.example.com` for a host"));
        }
    });
}

/// A text and what it has to be.
struct Filled<'p> {
    place: Place,
    text: &'p Text,
    fits: fn(&str) -> bool,
    word: &'static str,
}

fn at(text: &Text) -> Place {
    Place::Value(text.path.clone())
}

/// Where a host is named: by its key, or by what an environment calls it.
fn place(host: &Host, text: &Text) -> Place {
    if text.path == host.path { Place::Key(host.path.clone()) } else { at(text) }
}

fn is_address(value: &str) -> bool {
    value.strip_prefix("http://").or_else(|| value.strip_prefix("https://")).is_some_and(is_authority)
}

fn is_email(value: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._+-".contains(c);
    value.split_once('@').is_some_and(|(name, host)| !name.is_empty() && name.chars().all(plain) && is_host(host))
}

/// Hosts that are written differently and come to one name on one port.
pub fn clashes(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_environment(program, diagnostics, |environment, findings| {
        let mut known: Vec<Asked> = Vec::new();
        for asked in asked(environment) {
            // What is written alike is reported where it is read.
            let same = |other: &&Asked| {
                (&other.name, other.port) == (&asked.name, asked.port)
                    && (&other.written, other.said) != (&asked.written, asked.said)
            };
            if let Some(first) = known.iter().find(same) {
                let message = format!("the host `{}` stands twice on port {}", asked.name, asked.port);
                let finding = Finding::new(Code::HostClash, asked.place.clone(), message, "again");
                let finding = finding.related(first.place.clone(), "stands here already");
                findings.report(finding.help(
                    "put the routes of both under one host, or give one of them another name, port or value of its variable",
                ));
            }
            known.push(asked);
        }
    });
}

/// A name by which a host is asked for.
struct Asked {
    name: String,
    port: u16,
    written: Option<Vec<Piece>>,
    said: Option<u16>,
    place: Place,
}

fn asked(environment: &Environment) -> Vec<Asked> {
    let Some(table) = &environment.stack.routes else { return Vec::new() };
    let Some(edge) = environment.stack.services.get(&table.edge) else { return Vec::new() };
    let mut all = Vec::new();
    for host in &table.hosts {
        let Some(port) = table.port_of(host, edge).map(|port| port.number) else { continue };
        let any = (host.name == HostName::Any).then(|| ("*".to_owned(), None, Place::Key(host.path.clone())));
        let own = host.name.text().map(|text| (text, place(host, text)));
        let aliases = host.aliases.iter().map(|text| (text, at(text)));
        let named = own.into_iter().chain(aliases).filter_map(|(text, place)| {
            let name = super::routing::settled(environment, text)?.to_ascii_lowercase();
            Some((name, Some(text.pieces.clone()), place))
        });
        let asked = |(name, written, place)| Asked { name, port, written, said: host.port, place };
        all.extend(any.into_iter().chain(named).map(asked));
    }
    all
}

/// Names that only the machine or its own network knows: no authority certifies them.
pub fn certified(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_environment(program, diagnostics, |environment, findings| {
        let Some(table) = &environment.stack.routes else { return };
        let word = match &table.tls {
            Tls::Certbot { .. } => "certbot",
            Tls::Acme { .. } => "acme",
            Tls::Unsaid | Tls::None | Tls::Platform | Tls::Files { .. } => return,
        };
        for host in &table.hosts {
            let own = host.name.text().map(|text| (text, place(host, text)));
            for (text, place) in own.into_iter().chain(host.aliases.iter().map(|text| (text, at(text)))) {
                let settled = super::routing::settled(environment, text);
                let Some(name) = settled.filter(|name| is_host(name) && !is_public(name)) else { continue };
                let message = format!("{word} gets certificates for names of the internet, and `{name}` is none");
                let finding = Finding::new(Code::InvalidRoute, place, message, "cannot be certified");
                let tls: SpecPath = table.path.key("tls");
                let finding = finding.related(Place::Key(tls), "certificates come from there");
                findings.report(finding.help(format!(
                    "name the host as the internet does, or, under `environments.{}`, write `routing: {{tls: none}}`",
                    environment.name
                )));
            }
        }
    });
}

/// Other names of a host that an environment calls otherwise: left as they are, they lead elsewhere, and no certificate can be had for them here.
pub fn aliases(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_environment(program, diagnostics, |environment, findings| {
        let Some(table) = &environment.stack.routes else { return };
        let fly = matches!(environment.platform, Platform::Fly { .. });
        if !fly && !matches!(table.tls, Tls::Certbot { .. } | Tls::Acme { .. }) {
            return;
        }
        for host in &table.hosts {
            let HostName::Named { written, here: Some(here) } = &host.name else { continue };
            for (index, alias) in host.aliases.iter().enumerate() {
                let Some(name) = alias.as_literal().filter(|_| alias.path == host.path.key("aliases").index(index))
                else {
                    continue;
                };
                let key = written.as_literal().unwrap_or_default();
                let message = format!(
                    "`{key}` has another name in `{}`, and its alias `{name}`, which a certificate is wanted for, has none",
                    environment.name
                );
                let finding = Finding::new(Code::UnmappedHost, at(alias), message, "not mapped there");
                let finding = finding.related(at(here), "the host is called so there");
                let first = name.split('.').next().unwrap_or("www");
                let new = format!("{first}.{}", here.as_literal().unwrap_or_else(|| "example.org".to_owned()));
                findings.report(finding.help(format!(
                    "under `environments.{}.hosts`, write `{name}: {new}`, or leave it out there: `routing: {{hosts: {{{key}: {{aliases: null}}}}}}`",
                    environment.name
                )));
            }
        }
    });
}

fn is_public(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name).to_ascii_lowercase();
    let reserved = matches!(last.as_str(), "localhost" | "local" | "internal" | "test" | "example" | "invalid");
    name.contains('.') && !reserved && name.parse::<std::net::IpAddr>().is_err()
}
