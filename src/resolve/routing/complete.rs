//! What routing adds to a stack: the service `edge` where nobody else carries the routes, the volumes and the service that certificates
//! need, and the files that hold passwords. All of it is added as if the user had written it.

use std::borrow::Cow;

use indexmap::IndexMap;

use super::super::service::{SHARED_NETWORK, networks_of};
use crate::model::{HostName, Piece, Stack, Text, Tls, TlsSource, certbot};
use crate::source::SpecPath;
use crate::spec::{self, Command, NamesOr, Platform, Scalar, ScalarOr};

/// The service that carries routes where no service of the user's does.
pub(super) const EDGE: &str = "edge";
/// Its web server.
pub(super) const EDGE_SERVER: &str = "nginx:1.30-alpine";
const CERTBOT_IMAGE: &str = "certbot/certbot:v5.1.0";
/// The profile that switches it on.
const CERTBOT_PROFILE: &str = "ops";
/// Volumes of the service that gets certificates, and where they are mounted.
const CERTBOT_VOLUMES: &[(&str, &str)] = &[("/etc/letsencrypt", "certbot_certs"), ("/var/www/certbot", "certbot_www")];

/// The stack with what its routes need where it runs; `platform` is none for the base.
pub(in super::super) fn complete(spec: &spec::Stack, platform: Option<Platform>) -> Cow<'_, spec::Stack> {
    let Some(routing) = &spec.routing else { return Cow::Borrowed(spec) };
    let mut filled = spec.clone();
    let served = spec.services.values().any(|service| service.serve.is_some());
    let free = !spec.services.contains_key(EDGE) && !routing.hosts.is_empty();
    if !served && routing.edge.is_none() && free {
        filled.services.insert(EDGE.to_owned(), made_edge(spec, routing));
    }
    let mut serving = filled.services.iter().filter(|(_, service)| service.serve.is_some()).map(|(name, _)| name);
    let only = serving.next().filter(|_| serving.next().is_none());
    let Some(edge) = routing.edge.as_ref().or(only).cloned() else { return Cow::Owned(filled) };
    passwords(&mut filled, routing, &edge);
    if platform == Some(Platform::Compose) {
        certificates(&mut filled, routing, &edge);
    }
    Cow::Owned(filled)
}

fn made_edge(spec: &spec::Stack, routing: &spec::Routing) -> spec::Service {
    let published = |port: u16| {
        let publish = Some(Scalar("true".to_owned()));
        ScalarOr::Long(spec::Port { port: Some(Scalar(port.to_string())), publish, ..spec::Port::default() })
    };
    let mut ports = IndexMap::from([("http".to_owned(), published(80))]);
    if matches!(super::source(routing), Some(TlsSource::Certbot | TlsSource::Acme | TlsSource::Files)) {
        ports.insert("https".to_owned(), published(443));
    }
    let routes = routing.hosts.values().flat_map(|host| host.routes.values());
    let names = routes.filter_map(|route| route.to.as_ref()?.split(':').next());
    let behind = names.filter_map(|name| spec.services.get(name)).filter(|service| service.external.is_none());
    let mut networks = networks_of(behind.map(|service| service.networks.as_slice()));
    let internal = |name: &String| spec.networks.get(name).is_some_and(|network| network.internal == Some(true));
    if !networks.is_empty() && networks.iter().all(internal) {
        // Docker publishes no port of what is in internal networks alone.
        networks.push(SHARED_NETWORK.to_owned());
    }
    spec::Service { serve: Some(EDGE_SERVER.to_owned()), ports, networks, ..spec::Service::default() }
}

/// Where the files of passwords lie in the edge.
const PASSWORDS: &str = "/run/secrets";

/// The line that wants the file of passwords at `target`; none where that is no such file.
pub(in super::super) fn wants_passwords(spec: &spec::Stack, target: &str) -> Option<SpecPath> {
    let name = target.strip_prefix(PASSWORDS)?.strip_prefix('/')?;
    let hosts = SpecPath::root().key("routing").key("hosts");
    spec.routing.iter().flat_map(|routing| &routing.hosts).find_map(|(host, written)| {
        let (pattern, _) = written.routes.iter().find(|(_, route)| route.auth.as_deref() == Some(name))?;
        Some(hosts.key(host).key("routes").key(pattern).key("auth"))
    })
}

/// A secret of `auth` lies in the edge as a file.
fn passwords(spec: &mut spec::Stack, routing: &spec::Routing, edge: &str) {
    let routes = routing.hosts.values().flat_map(|host| host.routes.values());
    let secrets: Vec<String> = routes.filter_map(|route| route.auth.clone()).collect();
    let known: Vec<String> = secrets.into_iter().filter(|name| spec.secrets.contains_key(name)).collect();
    if let Some(edge) = spec.services.get_mut(edge) {
        for name in known {
            let mount = spec::Mount { secret: Some(name.clone()), ..spec::Mount::default() };
            edge.volumes.entry(format!("{PASSWORDS}/{name}")).or_insert(ScalarOr::Long(mount));
        }
    }
}

fn certificates(spec: &mut spec::Stack, routing: &spec::Routing, edge: &str) {
    let mounts: &[(&str, &str)] = match super::source(routing) {
        Some(TlsSource::Certbot) => CERTBOT_VOLUMES,
        Some(TlsSource::Acme) => &[("/data", "caddy_data")],
        Some(TlsSource::Files | TlsSource::Platform | TlsSource::None) | None => return,
    };
    let volumes =
        || mounts.iter().map(|(target, volume)| ((*target).to_owned(), ScalarOr::Short(Scalar((*volume).to_owned()))));
    for (_, volume) in mounts {
        spec.volumes.entry((*volume).to_owned()).or_default();
    }
    let Some(service) = spec.services.get_mut(edge) else { return };
    for (target, volume) in volumes() {
        service.volumes.entry(target).or_insert(volume);
    }
    if super::source(routing) == Some(TlsSource::Certbot) && !spec.services.contains_key(certbot::SERVICE) {
        let again = format!("trap exit TERM; while :; do {}; sleep 12h & wait $!; done", certbot::LINE);
        let words = ["sh", "-c", &again].map(|word| Scalar(word.replace('$', "$$")));
        let service = spec::Service {
            image: Some(CERTBOT_IMAGE.to_owned()),
            profiles: vec![CERTBOT_PROFILE.to_owned()],
            entrypoint: Some(Command::Words(words.to_vec())),
            volumes: volumes().collect(),
            depends_on: Some(NamesOr::Names(vec![edge.to_owned()])),
            ..spec::Service::default()
        };
        spec.services.insert(certbot::SERVICE.to_owned(), service);
    }
}

/// Whether `service` was added for the certificates of the edge, and so runs where the edge does.
pub(in super::super) fn serves_edge(stack: &Stack, service: &str) -> bool {
    let certbot = stack.routes.as_ref().is_some_and(|table| matches!(table.tls, Tls::Certbot { .. }));
    certbot && service == certbot::SERVICE
}

/// Gives the edge and its helpers the values of the resolved table.
pub(in super::super) fn hand_over(stack: &mut Stack) {
    let Some(table) = &stack.routes else { return };
    if let Some(edge) = stack.services.get_mut(&table.edge) {
        edge.routed = table.texts().into_iter().cloned().collect();
    }
    if let (Tls::Certbot { email }, Some(certbot)) = (&table.tls, stack.services.get_mut(certbot::SERVICE)) {
        let path = &table.path;
        let mut domains: Vec<Piece> = Vec::new();
        for host in &table.hosts {
            let name = if let HostName::Named { .. } = host.name { host.name.text() } else { None };
            for text in name.into_iter().chain(&host.aliases).filter(|_| host.port.is_none()) {
                if !domains.is_empty() {
                    domains.push(Piece::Literal(",".to_owned()));
                }
                domains.extend(text.pieces.iter().cloned());
            }
        }
        certbot.env.insert("CERTBOT_NAME".to_owned(), Text::literal(&stack.name, path.clone()));
        certbot.env.insert("CERTBOT_DOMAINS".to_owned(), Text { pieces: domains, path: path.clone() });
        certbot.env.insert("CERTBOT_EMAIL".to_owned(), email.clone());
    }
}
