//! Health checks: defaults, and those that stackc adds because it knows what answers.

use super::{Scope, command};
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::model::{Action, Duration, Healthcheck, HostName, Probe, Stack};
use crate::source::{Place, SpecPath};
use crate::spec::{self, Scalar, ScalarOr};

const INTERVAL: Duration = Duration::seconds(30);
const TIMEOUT: Duration = Duration::seconds(5);
const START_PERIOD: Duration = Duration::seconds(10);
const RETRIES: u32 = 3;

pub(super) fn resolve(
    scope: &mut Scope<'_, '_>,
    written: &ScalarOr<spec::Healthcheck>,
    path: &SpecPath,
    service: &str,
) -> Option<Healthcheck> {
    let long = match written {
        ScalarOr::Long(long) => long.clone(),
        ScalarOr::Short(Scalar(request)) => {
            spec::Healthcheck { http: Some(request.clone()), ..spec::Healthcheck::default() }
        }
    };
    let probe = match (&long.http, &long.command) {
        (Some(request), None) if is_request(request) => Probe::Http(request.clone()),
        (None, Some(line)) => Probe::Command(command::resolve(scope, line, &path.key("command"), service)),
        (Some(request), None) => {
            let finding = Finding::new(
                Code::InvalidValue,
                Place::Value(path.clone()),
                format!("`{request}` is not the path of a request"),
                "not a path",
            );
            scope.report(finding.help("write a path such as `/health`, or `{command: […]}`"));
            return None;
        }
        _ => {
            let finding = Finding::new(
                Code::InvalidValue,
                Place::Value(path.clone()),
                "a health check tries one thing",
                "none, or two",
            );
            scope.report(finding.help("write `healthcheck: /health`, or `healthcheck: {command: [pg_isready]}`"));
            return None;
        }
    };
    let mut duration = |written: &Option<String>, key: &str, default: Duration| {
        scope.duration(written.as_deref(), &path.key(key)).unwrap_or(default)
    };
    Some(Healthcheck {
        probe,
        interval: duration(&long.interval, "interval", INTERVAL),
        timeout: duration(&long.timeout, "timeout", TIMEOUT),
        retries: long.retries.unwrap_or(RETRIES),
        start_period: duration(&long.start_period, "start_period", START_PERIOD),
        start_interval: scope.duration(long.start_interval.as_deref(), &path.key("start_interval")),
        path: path.clone(),
    })
}

/// Whether `text` can stand in a request line and in a probe's URL as it is.
fn is_request(text: &str) -> bool {
    text.starts_with('/')
        && text.bytes().all(|b| {
            b.is_ascii_graphic() && !matches!(b, b'"' | b'\'' | b'\\' | b'`' | b'$' | b'<' | b'>' | b'{' | b'}')
        })
}

/// The path on which an edge itself says that it works, where no route says so.
const OWN_PATH: &str = "/healthz";

/// An edge without a check of its own gets one: a site at `/` of any host always answers `/`; where a check's request names no host that is
/// routed, or would be redirected to HTTPS, the edge itself answers.
pub(super) fn add_defaults(stack: &mut Stack) {
    let Some(table) = &stack.routes else { return };
    let Some(edge) = stack.services.get(&table.edge).filter(|edge| edge.healthcheck.is_none()) else { return };
    let Some(port) = edge.main_port() else { return };
    let site_at_root = |route: &crate::model::Route| {
        route.prefix == "/" && route.wildcard && route.auth.is_none() && matches!(route.action, Action::Site { .. })
    };
    let any = table.hosts.iter().find(|host| host.name == HostName::Any);
    let request = match any {
        _ if !table.is_answered_by_routes(port, edge) => OWN_PATH,
        Some(host) if host.routes.iter().any(site_at_root) => "/",
        _ => return,
    };
    let name = table.edge.clone();
    if let Some(service) = stack.services.get_mut(&name) {
        service.healthcheck = Some(Healthcheck {
            probe: Probe::Http(request.to_owned()),
            interval: INTERVAL,
            timeout: TIMEOUT,
            retries: RETRIES,
            start_period: START_PERIOD,
            start_interval: None,
            path: service.path.clone(),
        });
    }
}
