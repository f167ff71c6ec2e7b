//! One route: its path, its action, and what else holds for it.

use super::super::Scope;
use super::{action, headers, network};
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::model::{Action, Caching, RateLimit, Route, RouteTable, Server};
use crate::source::{Place as At, SpecPath};
use crate::spec::{self, Scalar, ScalarOr};

/// Where a route stands.
pub(super) struct Place<'p> {
    /// What holds for all routes.
    pub table: &'p RouteTable,
    /// Who carries it.
    pub server: &'p Server,
    /// Its path as written.
    pub pattern: &'p str,
    /// Its place in the file.
    pub path: &'p SpecPath,
}

pub(super) fn resolve(scope: &mut Scope<'_, '_>, place: &Place<'_>, written: &spec::Route) -> Option<Route> {
    let (prefix, wildcard) = match place.pattern.strip_suffix('*') {
        Some(prefix) => (prefix.to_owned(), true),
        None => (place.pattern.to_owned(), false),
    };
    reachable(scope, place, &prefix);
    literal(scope, place, &prefix);
    let path = place.path;
    let action = action::resolve(scope, place, wildcard, written);
    belong(scope, place, written);
    let said = headers::responses(scope, &written.headers, &path.key("headers"));
    let own_hsts = said.iter().any(|(name, _)| headers::is(name, headers::HSTS));
    let own_headers = !said.is_empty();
    let cache = written.cache.as_deref().and_then(|cache| self::cache(scope, cache, &path.key("cache")));
    let route = Route {
        prefix,
        wildcard,
        body_limit: scope.limit(written.body_limit.as_deref(), &path.key("body_limit")),
        headers: headers::over(place.table.headers.clone(), said),
        own_headers,
        own_hsts,
        cache,
        auth: written
            .auth
            .clone()
            .filter(|name| scope.knows_secret(name, spec::Stage::Run, At::Value(path.key("auth")))),
        rate_limit: rate_limit(scope, place, written),
        allow: network::resolve(scope, &written.allow, &path.key("allow")),
        deny: network::resolve(scope, &written.deny, &path.key("deny")),
        methods: methods(scope, &written.methods, &path.key("methods")),
        http: written.http.unwrap_or(false),
        nginx: lines(scope, written.nginx.as_deref(), &path.key("nginx")),
        caddy: lines(scope, written.caddy.as_deref(), &path.key("caddy")),
        path: path.clone(),
        action: action?,
    };
    Some(route)
}

/// Servers resolve `.` and `..` before they look for a route.
fn reachable(scope: &mut Scope<'_, '_>, place: &Place<'_>, prefix: &str) {
    let dots = prefix.split('/').any(|step| step == "." || step == "..");
    let challenge = "/.well-known/acme-challenge/";
    let ours = place.table.tls.is_ended_by_edge()
        && !matches!(place.table.tls, crate::model::Tls::Files { .. })
        && prefix.starts_with(challenge);
    if dots || ours {
        let message = format!("no request reaches the route `{}`", place.pattern);
        let finding = Finding::new(Code::InvalidRoute, At::Key(place.path.clone()), message, "unreachable");
        let help = if dots {
            "write the path without `.` and `..` steps"
        } else {
            "remove it: certificates are asked for there"
        };
        scope.report(finding.help(help));
    }
}

/// In other tools `/:id` is any step; here paths mean themselves.
fn literal(scope: &mut Scope<'_, '_>, place: &Place<'_>, prefix: &str) {
    let Some(step) = prefix.split('/').find(|step| step.starts_with(':') && step.len() > 1) else { return };
    let message = format!("`{step}` would be taken as it is, and not for any step of a path");
    let finding = Finding::new(Code::InvalidRoute, At::Key(place.path.clone()), message, "means itself");
    let before = prefix.split(step).next().unwrap_or("/");
    scope.report(finding.help(format!("write `{before}*`: whoever answers reads the rest of the path")));
}

/// Modifiers that mean nothing for the route's action.
fn belong(scope: &mut Scope<'_, '_>, place: &Place<'_>, written: &spec::Route) {
    let to = written.to.is_some();
    let said = written.redirect.is_some() || written.respond.is_some();
    let modifiers = [
        ("spa", written.spa.is_some(), written.site.is_some(), "a `site`"),
        ("status", written.status.is_some(), said, "`redirect` and `respond`"),
        ("strip_prefix", written.strip_prefix.is_some(), to, "`to`"),
        ("websocket", written.websocket.is_some(), to, "`to`"),
        ("sse", written.sse.is_some(), to, "`to`"),
        ("timeout", written.timeout.is_some(), to, "`to`"),
        ("body_limit", written.body_limit.is_some(), to, "`to`"),
        ("request_headers", !written.request_headers.is_empty(), to, "`to`"),
        ("host", written.host.is_some(), to, "`to`"),
        ("auth", written.auth.is_some(), !said, "`to`, `site` and `files`"),
        ("rate_limit", written.rate_limit.is_some(), !said, "`to`, `site` and `files`"),
    ];
    for (key, present, fits, owner) in modifiers {
        if present && !fits {
            let message = format!("`{key}` belongs to {owner}");
            let finding =
                Finding::new(Code::InvalidRoute, At::Key(place.path.key(key)), message, "has no meaning here");
            scope.report(finding.help(format!("remove `{key}`")));
        }
    }
}

fn cache(scope: &mut Scope<'_, '_>, written: &str, path: &SpecPath) -> Option<Caching> {
    match written {
        "immutable" => Some(Caching::Immutable),
        "no-store" => Some(Caching::NoStore),
        "no-cache" => Some(Caching::NoCache),
        time => {
            let duration = scope.duration(Some(time), path)?;
            if duration.0 % 1000 != 0 {
                let message = format!("`{time}` is no whole number of seconds, and caches count in those");
                let finding =
                    Finding::new(Code::InvalidDuration, At::Value(path.clone()), message, "not whole seconds");
                scope.report(finding.help("write a time such as `1s`, or `no-cache`"));
            }
            Some(Caching::For(duration))
        }
    }
}

/// GET without HEAD would be a surprise.
fn methods(scope: &mut Scope<'_, '_>, written: &[String], path: &SpecPath) -> Vec<String> {
    let mut all = Vec::new();
    for (index, method) in written.iter().enumerate() {
        if matches!(method.as_str(), "TRACE" | "CONNECT") {
            let message = format!("`{method}` speaks of the connection, and no route answers it");
            let finding = Finding::new(Code::InvalidValue, At::Value(path.index(index)), message, "never answered");
            scope.report(finding.help(format!("remove `{method}`")));
        }
        if !all.contains(method) {
            all.push(method.clone());
        }
        if method == "GET" && !written.iter().any(|method| method == "HEAD") {
            all.push("HEAD".to_owned());
        }
    }
    all
}

fn rate_limit(scope: &mut Scope<'_, '_>, place: &Place<'_>, written: &spec::Route) -> Option<RateLimit> {
    let path = place.path.key("rate_limit");
    let (rate, burst) = match written.rate_limit.as_ref()? {
        ScalarOr::Short(Scalar(rate)) => (rate.clone(), None),
        ScalarOr::Long(long) => (long.rate.clone().unwrap_or_default(), long.burst),
    };
    if let Server::Caddy { .. } = place.server {
        let finding = Finding::new(
            Code::UnsupportedByServer,
            At::Key(path.clone()),
            "there is no rate limit in Caddy's own image",
            "nginx has one",
        );
        scope.report(
            finding.help("serve with nginx, `serve: \"nginx:stable-alpine\"`, or limit the rate in the service"),
        );
        return None;
    }
    let parsed = rate.split_once('/').and_then(|(count, unit)| {
        let count = super::super::ports::whole_number::<u32>(count).filter(|count| (1..=100_000).contains(count))?;
        match unit {
            "s" => Some((count, false)),
            "m" => Some((count, true)),
            _ => None,
        }
    });
    let Some((count, per_minute)) = parsed else {
        let message = format!("`{rate}` is no rate");
        let finding = Finding::new(Code::InvalidValue, At::Value(path), message, "not a rate");
        scope.report(finding.help("write requests in a second or a minute, such as `10/s` or `100/m`"));
        return None;
    };
    Some(RateLimit { count, per_minute, burst: burst.unwrap_or(count) })
}

/// Raw lines of a server's configuration. They must close what they open, or what follows would belong to them.
pub(super) fn lines(scope: &mut Scope<'_, '_>, written: Option<&str>, path: &SpecPath) -> Option<String> {
    let written = written?;
    let mut depth = 0i32;
    let closes = written.chars().all(|c| {
        depth += match c {
            '{' => 1,
            '}' => -1,
            _ => 0,
        };
        depth >= 0
    });
    if !closes || depth != 0 || written.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\t')) {
        let message = "these lines do not close the braces that they open";
        let finding = Finding::new(Code::InvalidValue, At::Value(path.clone()), message, "not whole");
        scope.report(finding.help("write whole directives, each `{` with its `}`"));
        return None;
    }
    Some(written.to_owned())
}

/// Reports an action that the route cannot have.
pub(super) fn one_action(scope: &mut Scope<'_, '_>, place: &Place<'_>, count: usize) {
    let number = if count > 1 { "several actions" } else { "no action" };
    let message = format!("the route `{}` has {number}", place.pattern);
    let finding = Finding::new(Code::InvalidRoute, At::Key(place.path.clone()), message, "needs one action");
    scope.report(
        finding
            .help("write one of `to: SERVICE`, `site: SERVICE`, `files: FOLDER`, `redirect: /PATH`, `respond: TEXT`"),
    );
}

/// An action that is resolved, or nothing where it was reported.
pub(super) type Resolved = Option<Action>;
