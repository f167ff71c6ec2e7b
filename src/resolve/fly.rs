//! Fly's part of an environment: apps, regions, what its proxy serves.

use indexmap::IndexMap;

use super::Scope;
use crate::code::Code;
use crate::diagnostic::{Finding, nearest};
use crate::model::{Platform, Stack};
use crate::source::{Place, SpecPath};
use crate::spec;

/// Fly's settings of the environment `name`.
pub(super) fn fly(
    scope: &mut Scope<'_, '_>,
    base: &spec::Stack,
    written: &spec::Environment,
    stack: &Stack,
    name: &str,
    path: &SpecPath,
) -> Platform {
    for service in written.apps.keys() {
        scope.knows_service(service, Place::Key(path.key("apps").key(service)));
    }
    let app = |service: &String| match written.apps.get(service) {
        Some(app) => app.clone(),
        None if stack.services.len() == 1 => base.name.clone(),
        None => format!("{}-{service}", base.name),
    };
    let apps: IndexMap<String, String> = stack.services.keys().map(|service| (service.clone(), app(service))).collect();
    check_apps(scope, &apps, stack, path);
    check_regions(scope, written, path);
    let mut statics = IndexMap::new();
    for (service, prefix) in &written.statics {
        let place = Place::Key(path.key("statics").key(service));
        if !scope.knows_service(service, place.clone()) {
            continue;
        }
        let serves = stack.routes.as_ref().is_some_and(|table| table.edge == *service && table.serves_site_of(service));
        if !serves {
            let finding = Finding::new(
                Code::SiteWithoutOutput,
                place,
                format!("the service `{service}` serves no built site"),
                "nothing to serve",
            );
            scope.report(finding.help("route a `site` to it first, or remove this entry"));
            continue;
        }
        statics.insert(service.clone(), prefix.clone());
    }
    let first = base.environments.iter().find(|(_, environment)| environment.platform == spec::Platform::Fly);
    let is_first = first.is_some_and(|(first, _)| first == name);
    let file = if is_first { "fly.toml".to_owned() } else { format!("fly.{name}.toml") };
    Platform::Fly {
        org: written.org.clone(),
        region: written.region.clone(),
        regions: written.regions.clone(),
        strategy: written.strategy,
        apps,
        statics,
        file,
    }
}

/// Fly's names: lower-case letters, digits and hyphens, up to 63. Services that share an app share its image.
fn check_apps(scope: &mut Scope<'_, '_>, apps: &IndexMap<String, String>, stack: &Stack, path: &SpecPath) {
    let mut seen: IndexMap<&str, &str> = IndexMap::new();
    // Names made up from a wrong one are wrong for that reason, which is told already.
    let wrong = !scope.spec.name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    for (service, app) in apps.iter().filter(|(_, app)| !wrong || !app.starts_with(&scope.spec.name)) {
        let place = Place::Value(path.key("apps").key(service));
        let fits = !app.is_empty()
            && app.len() <= 63
            && app.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
        if !fits
            || !app.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            || app.ends_with('-')
        {
            let finding = Finding::new(
                Code::AppName,
                place.clone(),
                format!("`{app}` is no name for a Fly app"),
                "not a name that Fly takes",
            );
            scope.report(finding.help("an app's name is lower-case letters, digits and inner hyphens, at most 63"));
        }
        let Some(first) = seen.get(app.as_str()) else {
            seen.insert(app, service);
            continue;
        };
        let source = |name: &str| stack.services.get(name).map(|service| &service.source);
        if !source(first).zip(source(service)).is_some_and(|(one, other)| one.is_same(other)) {
            let message = format!("the app `{app}` would run two images, of `{first}` and of `{service}`");
            let finding = Finding::new(Code::AppName, place, message, "used twice");
            let finding = finding.related(Place::Value(path.key("apps").key(*first)), "used here already");
            let help = format!("give each an app of its own, or let `{service}` run the same image: `uses: {first}`");
            scope.report(finding.help(help));
        }
    }
}

/// The regions of Fly, past ones included: a machine may still run there.
const REGIONS: &[(&str, &str)] = &[
    ("ams", "Amsterdam"),
    ("arn", "Stockholm"),
    ("atl", "Atlanta"),
    ("bog", "Bogotá"),
    ("bom", "Mumbai"),
    ("bos", "Boston"),
    ("cdg", "Paris"),
    ("den", "Denver"),
    ("dfw", "Dallas"),
    ("ewr", "New Jersey"),
    ("eze", "Buenos Aires"),
    ("fra", "Frankfurt"),
    ("gdl", "Guadalajara"),
    ("gig", "Rio de Janeiro"),
    ("gru", "São Paulo"),
    ("hkg", "Hong Kong"),
    ("iad", "Virginia"),
    ("jnb", "Johannesburg"),
    ("lax", "Los Angeles"),
    ("lhr", "London"),
    ("mad", "Madrid"),
    ("mia", "Miami"),
    ("nrt", "Tokyo"),
    ("ord", "Chicago"),
    ("otp", "Bucharest"),
    ("phx", "Phoenix"),
    ("qro", "Querétaro"),
    ("scl", "Santiago"),
    ("sea", "Seattle"),
    ("sin", "Singapore"),
    ("sjc", "San Jose"),
    ("syd", "Sydney"),
    ("waw", "Warsaw"),
    ("yul", "Montréal"),
    ("yyz", "Toronto"),
];

/// The region that was probably meant: by its city, or by its code.
fn near_region(written: &str) -> Option<(&'static str, &'static str)> {
    let (codes, cities): (Vec<&str>, Vec<&str>) = REGIONS.iter().copied().unzip();
    let code = if written.len() > 4 { None } else { nearest(written, &codes) };
    let city = if written.len() > 3 { nearest(written, &cities) } else { None };
    REGIONS.iter().copied().find(|(known, name)| city == Some(name) || (city.is_none() && code == Some(known)))
}

/// A region is one that Fly has, and none is named twice.
fn check_regions(scope: &mut Scope<'_, '_>, written: &spec::Environment, path: &SpecPath) {
    let first = written.region.iter().map(|region| (region, path.key("region")));
    let further = written.regions.iter().enumerate();
    let further = further.map(|(index, region)| (region, path.key("regions").index(index)));
    let codes: Vec<&str> = REGIONS.iter().map(|(code, _)| *code).collect();
    for (region, at) in first.chain(further) {
        if codes.contains(&region.as_str()) {
            continue;
        }
        let message = format!("Fly has no region `{region}`");
        let finding = Finding::new(Code::UnknownValue, Place::Value(at), message, "no such region");
        let help = match near_region(region) {
            Some((near, city)) => format!("did you mean `{near}` ({city})? `fly platform regions` lists all"),
            None => "write one such as `iad` (Virginia), `fra` (Frankfurt), `sin` (Singapore); `fly platform regions` lists all".to_owned(),
        };
        scope.report(finding.help(help));
    }
    if let (Some(region), Some(index)) =
        (&written.region, written.regions.iter().position(|other| Some(other) == written.region.as_ref()))
    {
        let place = Place::Value(path.key("regions").index(index));
        let finding = Finding::new(Code::InvalidValue, place, format!("`{region}` is named twice"), "named again");
        let finding = finding.related(Place::Value(path.key("region")), "the region of the machines");
        scope.report(finding.help("`regions` are those beside `region`: leave it out here"));
    }
    if let (None, [first, ..]) = (&written.region, written.regions.as_slice()) {
        let message = "`regions` are further ones, and there is no `region` that they come after";
        let finding = Finding::new(Code::MissingKey, Place::Key(path.key("regions")), message, "needs `region`");
        scope.report(finding.help(format!("add `region: {first}`, where volumes and the release command are")));
    }
}
