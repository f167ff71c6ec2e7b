//! What routes ask of the environments.

use super::{each_environment, each_stack};
use crate::code::Code;
use crate::diagnostic::{Diagnostics, Finding};
use crate::facts::{Facts, Found, Wanted};
use crate::model::{
    Action, Addressing, Environment, Flat, Host, HostName, Limit, Piece, Platform, Program, Server, Text, Tls,
};
use crate::source::{Place, SpecPath};

/// On a developer's machine the names of the outside world do not lead anywhere.
pub fn unmapped_hosts(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_environment(program, diagnostics, |environment, findings| {
        let Some(table) = environment.stack.routes.as_ref().filter(|_| is_local(environment)) else { return };
        for host in &table.hosts {
            let Some(name) = concrete(host) else { continue };
            let message = format!("`{name}` does not lead to the environment `{}`", environment.name);
            let finding = Finding::new(Code::UnmappedHost, Place::Key(host.path.clone()), message, "not mapped there");
            let finding = finding.related(Place::Key(environment.path.clone()), "runs on a machine of its own");
            findings.report(finding.help(format!(
                "under `environments.{}`, write `hosts: {{{name}: {}}}`, or say who ends TLS there",
                environment.name,
                local_name(environment, &name)
            )));
        }
    });
}

/// Lines for a web server with which no environment serves.
pub fn unread_lines(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    let edges = program.environments.iter().filter_map(|environment| {
        let edge = &environment.stack.routes.as_ref()?.edge;
        environment.stack.services.get(edge)?.serve.as_ref()
    });
    let titles: Vec<&str> = edges.map(Server::title).collect();
    let Some(serving) = titles.first() else { return };
    each_environment(program, diagnostics, |environment, findings| {
        let hosts = environment.stack.routes.iter().flat_map(|table| &table.hosts);
        for host in hosts {
            let of_routes = host.routes.iter().map(|route| (&route.nginx, &route.caddy, &route.path));
            for (nginx, caddy, path) in of_routes.chain([(&host.nginx, &host.caddy, &host.path)]) {
                let lines = [("nginx", "nginx", nginx), ("caddy", "Caddy", caddy)];
                for (key, title, _) in
                    lines.iter().filter(|(_, title, lines)| lines.is_some() && !titles.contains(title))
                {
                    let message = format!("`{key}` has an effect with {title} only, and here {serving} serves");
                    let place = Place::Key(path.key(*key));
                    let finding = Finding::new(Code::NoEffectOnPlatform, place, message, "no effect here");
                    findings
                        .report(finding.help("nothing needs to be done; remove it if that server will never serve"));
                }
            }
        }
    });
}

/// Whether an environment is one developer's machine: nobody ends TLS there.
fn is_local(environment: &Environment) -> bool {
    let secured = environment.stack.routes.as_ref().is_some_and(|table| match &table.tls {
        Tls::Unsaid | Tls::None => false,
        Tls::Platform | Tls::Certbot { .. } | Tls::Acme { .. } | Tls::Files { .. } => true,
    });
    matches!(environment.platform, Platform::Compose { ssh: None, .. }) && !secured
}

/// The name of a host of the outside world that the environment does not call otherwise.
fn concrete(host: &Host) -> Option<String> {
    let HostName::Named { written, here: None } = &host.name else { return None };
    let name = written.as_literal()?;
    let local = name == "localhost" || name.ends_with(".localhost") || name.parse::<std::net::IpAddr>().is_ok();
    (!local).then_some(name)
}

/// A name that leads to the machine itself and that no other host has.
fn local_name(environment: &Environment, name: &str) -> String {
    let hosts = environment.stack.routes.iter().flat_map(|table| &table.hosts);
    let first = hosts.into_iter().filter_map(concrete).next();
    let taken = environment
        .stack
        .routes
        .iter()
        .flat_map(|table| &table.hosts)
        .any(|host| host.name.text().and_then(|text| text.as_literal()).is_some_and(|text| text == "localhost"));
    if first.as_deref() == Some(name) && !taken {
        "localhost".to_owned()
    } else {
        format!("{}.localhost", name.split('.').next().unwrap_or(name))
    }
}

/// The folders that routes serve.
pub fn wanted(program: &Program) -> Wanted {
    let stacks = program.environments.iter().map(|environment| &environment.stack).chain([&program.base]);
    let tables = stacks.filter_map(|stack| stack.routes.as_ref());
    tables.flat_map(|table| table.folders().into_iter().map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// What routes serve is a folder that is there.
pub fn folders(program: &Program, facts: &Facts, diagnostics: &mut Diagnostics) {
    each_stack(program, diagnostics, |stack, findings| {
        for route in stack.routes.iter().flat_map(|table| table.routes()) {
            let Action::Files { folder } = &route.action else { continue };
            let place = Place::Value(route.path.key("files"));
            match facts.at(folder) {
                Some(Found::Missing) => {
                    let message = format!("the folder `{folder}` does not exist, and the image copies it");
                    let finding = Finding::new(Code::MissingSource, place, message, "not there");
                    findings.report(finding.help("make it before images are built, or correct the path"));
                }
                Some(Found::File(_)) => {
                    let message = format!("`{folder}` is a file, and `files` serves a folder");
                    let finding = Finding::new(Code::InvalidRoute, place, message, "not a folder");
                    let parent = folder.rsplit_once('/').map_or(".", |(parent, _)| parent);
                    findings.report(finding.help(format!("write `files: {parent}`")));
                }
                Some(Found::Folder | Found::Outside) | None => {}
            }
        }
    });
}

/// Fly's proxy ends TLS.
pub fn ended_by_fly(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_environment(program, diagnostics, |environment, findings| {
        let Some(table) = &environment.stack.routes else { return };
        if matches!(environment.platform, Platform::Fly { .. }) && table.tls.is_ended_by_edge() {
            let place = Place::Value(table.path.key("tls"));
            let message = "Fly's proxy ends TLS and keeps the certificates, so the edge cannot".to_owned();
            let finding = Finding::new(Code::UnsupportedOnPlatform, place, message, "not possible on Fly");
            let finding = finding.related(
                Place::Value(environment.path.key("platform")),
                format!("the environment `{}`", environment.name),
            );
            findings.report(finding.help(format!(
                "under `environments.{}`, write `routing: {{tls: {{from: platform}}}}`",
                environment.name
            )));
        }
    });
}

/// Names that the environment's file sets for the web server.
pub fn taken_variables(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_stack(program, diagnostics, |stack, findings| {
        let Some(table) = &stack.routes else { return };
        let Some(edge) = stack.services.get(&table.edge) else { return };
        let settings = program.settings(table);
        for (name, value) in &edge.env {
            let same = |(set, held): &(String, crate::model::Text)| set == name && held.pieces != value.pieces;
            let reserved = ["NGINX_", "CERTBOT_"].iter().any(|prefix| name.starts_with(prefix)) || name == "CADDYFILE";
            if reserved || settings.iter().any(same) {
                let place = Place::Key(value.path.clone());
                let message = format!("`{name}` is a variable that stackc sets for the web server");
                let finding = Finding::new(Code::InvalidValue, place, message, "taken");
                findings.report(finding.help("choose another name, or change the output with `overrides`"));
            }
        }
    });
}

/// A variable of the user's by a name that stands for something else in the same table: only one of them could be set.
pub fn two_meanings(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_stack(program, diagnostics, |stack, findings| {
        let Some(table) = &stack.routes else { return };
        let variable = |text: &Text| matches!(text.pieces.as_slice(), [Piece::Variable(_)]);
        let all = program.every_setting(table);
        for (index, (name, value)) in all.iter().enumerate() {
            let differs = |(known, other): &&(String, Text)| {
                known == name && other.pieces != value.pieces && variable(other) != variable(value)
            };
            let Some((_, other)) = all[..index].iter().find(differs) else { continue };
            let own = if variable(value) { value } else { other };
            let message = format!("`{name}` is a variable that stackc sets for the web server");
            let finding = Finding::new(Code::InvalidValue, Place::Value(own.path.clone()), message, "taken");
            findings.report(finding.help(format!("choose another name for yours, such as `MY_{name}`")));
        }
    });
}

/// Hosts that are known and answer nothing.
pub fn empty_hosts(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_stack(program, diagnostics, |stack, findings| {
        let hosts = stack.routes.iter().flat_map(|table| &table.hosts);
        let raw = |host: &Host| host.nginx.is_some() || host.caddy.is_some();
        for host in hosts.filter(|host| host.routes.is_empty() && !raw(host)) {
            let message = "the host has no routes, so each of its requests would be answered with 404";
            let finding = Finding::new(Code::InvalidRoute, Place::Key(host.path.clone()), message, "leads nowhere");
            findings.report(finding.help("give it a route, such as `routes: {/*: {to: api}}`, or remove it"));
        }
    });
}

/// Under Compose, who ends TLS in front is the one that connects, and nobody says who the client is.
pub fn clients_behind(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_environment(program, diagnostics, |environment, findings| {
        let Some(table) = environment.stack.routes.as_ref().filter(|table| table.tls == Tls::Platform) else { return };
        if !matches!(environment.platform, Platform::Compose { .. }) {
            return;
        }
        for route in table.routes() {
            // A guard that lets everybody in is worse than none; one limit for all clients is still a limit.
            let asks = [
                ("allow", !route.allow.is_empty(), Code::UnsupportedOnPlatform),
                ("deny", !route.deny.is_empty(), Code::UnsupportedOnPlatform),
                ("rate_limit", route.rate_limit.is_some(), Code::NoEffectOnPlatform),
            ];
            for (key, _, code) in asks.into_iter().filter(|(_, asks, _)| *asks) {
                let message = format!(
                    "`{key}` is about who connects, and in `{}` that is what ends TLS, for all clients",
                    environment.name
                );
                let place = Place::Key(route.path.key(key));
                let finding = Finding::new(code, place, message, "does not see the client");
                let help = format!(
                    "say it where TLS is ended, and write `{key}: null` for the route in `{}`",
                    environment.name
                );
                findings.report(finding.help(help));
            }
        }
    });
}

/// `http: true` where nothing is redirected to HTTPS: in no environment, or in the one that says it.
pub fn plain_routes(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    let tables = || program.environments.iter().map(|environment| &environment.stack).chain([&program.base]);
    let ended = tables().filter_map(|stack| stack.routes.as_ref()).any(|table| table.tls.is_ended_by_edge());
    let in_base = |path: &SpecPath| {
        let mut routes = program.base.routes.iter().flat_map(|table| table.routes());
        routes.any(|route| route.http && route.path == *path)
    };
    each_stack(program, diagnostics, |stack, findings| {
        let plain = stack.routes.iter().filter(|table| !table.tls.is_ended_by_edge());
        for route in plain.flat_map(|table| table.routes()).filter(|route| route.http) {
            if ended && in_base(&route.path) {
                continue;
            }
            let message = "`http` speaks of the redirect to HTTPS, and nothing is redirected here";
            let finding = Finding::new(Code::InvalidRoute, Place::Key(route.path.key("http")), message, "no effect");
            findings.report(finding.help("remove it, or say where certificates come from: `routing: {tls: …}`"));
        }
    });
}

/// Limits that the deployment says: both servers read a number with `k`, `m` or `g`, and do not start with anything else.
pub fn filled_limits(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_environment(program, diagnostics, |environment, findings| {
        let Some(table) = &environment.stack.routes else { return };
        let limits =
            std::iter::once(&table.body_limit).chain(table.routes().filter_map(|route| route.body_limit.as_ref()));
        for text in limits.filter_map(Limit::text) {
            let Some(value) = settled(environment, text).filter(|value| !is_limit(value)) else { continue };
            let message = format!("`{value}` is not a limit that a web server reads");
            let finding =
                Finding::new(Code::InvalidSize, Place::Value(text.path.clone()), message, "filled in with that");
            let digits = value.trim_end_matches(|c: char| c.is_ascii_alphabetic());
            let unit = value[digits.len()..].chars().next().filter(|unit| "kKmMgG".contains(*unit)).unwrap_or('m');
            let number = if digits.parse::<u32>().is_ok() { digits } else { "16" };
            findings.report(
                finding.help(format!("give the variable a value such as `{number}{}`", unit.to_ascii_lowercase())),
            );
        }
    });
}

fn is_limit(value: &str) -> bool {
    let digits = value.trim_end_matches(['k', 'K', 'm', 'M', 'g', 'G']);
    value.len() == digits.len() + 1
        && digits.len() <= 9
        && !digits.is_empty()
        && digits.bytes().all(|b| b.is_ascii_digit())
}

/// Values that the image fills into nginx's configuration, where nginx would read them as its own words.
pub fn filled_values(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    each_environment(program, diagnostics, |environment, findings| {
        let Some(table) = &environment.stack.routes else { return };
        let edge = environment.stack.services.get(&table.edge);
        if !matches!(edge.and_then(|edge| edge.serve.as_ref()), Some(Server::Nginx { .. })) {
            return;
        }
        for (name, text) in program.settings(table) {
            let spoils = |c: &char| matches!(c, '"' | '\\' | '$') || c.is_control();
            let Some(found) = settled(environment, &text).and_then(|value| value.chars().find(spoils)) else {
                continue;
            };
            let message = format!(
                "the value of `{name}` holds `{}`, which nginx reads itself",
                if found.is_control() { found.escape_debug().to_string() } else { found.to_string() }
            );
            let place = Place::Value(text.path.clone());
            let finding = Finding::new(Code::UnrepresentableValue, place, message, "filled in with that");
            findings.report(
                finding.help("leave it out of the value, write the text here without a variable, or serve with Caddy"),
            );
        }
    });
}

/// What a text is here as far as anybody said.
pub(super) fn settled(environment: &Environment, text: &Text) -> Option<String> {
    Flat::settled(&Addressing::new(environment).resolve(text).ok()?)
}
