//! The script of an environment on Fly: make what is missing, look before anything changes, deploy each app, go back where one fails.

use serde_json::{Value, json};

use super::{jobs, output, path};
use crate::emit::image::{beside, within};
use crate::emit::{Output, routes};
use crate::model::{
    Addressing, App, AppSecret, Environment, Flat, GIT_SHA, HostName, MountSource, Piece, Platform, Probe, Program,
    Reference, Service, Text,
};
use crate::template;

pub(super) fn script(program: &Program, environment: &Environment) -> Option<Output> {
    let Platform::Fly { org, region, regions, file, .. } = &environment.platform else { return None };
    let stack = &environment.stack;
    let regions: Vec<&str> = region.iter().chain(regions).map(String::as_str).collect();
    let script = Script { program, environment, file, addressing: Addressing::new(environment) };
    let apps: Vec<Value> = in_order(environment).iter().map(|app| script.app(app)).collect();
    let jobs: Vec<Value> = stack.jobs.values().filter_map(|job| jobs::view(environment, job)).collect();
    let any = |key: &str| apps.iter().any(|app| app[key].as_array().is_some_and(|all| !all.is_empty()));
    let exact = |exact: bool| {
        let mut groups = apps.iter().filter_map(|app| app["groups"].as_array()).flatten();
        groups.any(|group| group["exact"] == exact)
    };
    let view = json!({
        "title": format!("{}: what there is to do in the environment `{}`.", stack.name, environment.name),
        "script": path(environment),
        "org": org,
        "regions": regions.join(","),
        "region": region,
        "scheduled": jobs.iter().any(|job| !job["schedule"].is_null()),
        "jobs": jobs,
        "secrets": any("secrets"),
        // What shellcheck takes for a slip of the pen where it is meant.
        "signs": apps.iter().any(|app| app["secrets"].to_string().contains(['$', '`', '\\'])),
        "given": any("secrets") || any("build_secrets"),
        "volumes": any("volumes"),
        "hosts": any("hosts"),
        "address": apps.iter().any(|app| app["address"] == true),
        "smoke": apps.iter().any(|app| !app["smoke"].is_null()),
        "commit": any("commit"),
        "exact": exact(true),
        "least": exact(false),
        "apps": apps,
    });
    Some(output(environment, template::render("deploy/fly.sh.j2", &view)))
}

/// The apps so that each stands after those whose services its own wait for or reach, otherwise in the order written.
fn in_order(environment: &Environment) -> Vec<App<'_>> {
    let mut rest = environment.apps();
    let mut ordered: Vec<App<'_>> = Vec::new();
    while !rest.is_empty() {
        let needs = |app: &App<'_>, other: &App<'_>| {
            other.name != app.name
                && app.services.iter().any(|service| other.services.iter().any(|of| waits_for(service, &of.name)))
        };
        let ready = rest.iter().position(|app| !rest.iter().any(|other| needs(app, other)));
        // In a circle nobody can be last.
        ordered.push(rest.remove(ready.unwrap_or(0)));
    }
    ordered
}

fn waits_for(service: &Service, other: &str) -> bool {
    let reaches = |text: &Text| {
        text.walk().into_iter().any(|piece| {
            matches!(piece, Piece::Reference(Reference::Host(name) | Reference::Address(name)) if name == other)
        })
    };
    service.depends_on.iter().any(|dependency| dependency.service == other) || service.texts().any(reaches)
}

struct Script<'a> {
    program: &'a Program,
    environment: &'a Environment,
    file: &'a str,
    addressing: Addressing<'a>,
}

impl Script<'_> {
    fn app(&self, app: &App<'_>) -> Value {
        let image = self.environment.stack.image_of(app.first());
        let context = image.map_or(".", |image| image.context.as_str());
        let secrets: Vec<&str> = image.iter().flat_map(|image| image.secrets.iter().map(String::as_str)).collect();
        let digest = image.is_some_and(|image| image.is_generated()) && !secrets.is_empty();
        let machines = |service: &Service| service.scale.machines();
        json!({
            "name": app.name,
            // The name of a function of its own.
            "id": app.name.replace('-', "_"),
            "config": within(context, &beside(app.first(), self.file)),
            "context": (context != ".").then_some(context),
            "single": app.services.iter().all(|service| machines(service) == 1),
            "build_secrets": secrets,
            "digest": digest,
            "commit": self.commit(app),
            "secrets": self.secrets(app),
            "volumes": self.volumes(app),
            "groups": app.services.iter().map(|service| json!({
                "name": app.group(service),
                "count": machines(service).to_string(),
                "exact": service.scale.max.is_some(),
            })).collect::<Vec<_>>(),
            "hosts": self.hosts(app),
            "address": !app.further().is_empty(),
            "smoke": self.smoke(app),
        })
    }

    /// What only the deployment knows, the commit: each variable and build argument of the app with it, as the words of flyctl that set it.
    fn commit(&self, app: &App<'_>) -> Vec<Value> {
        let env = app.services.iter().flat_map(|service| &service.env).map(|entry| ("--env", entry));
        let args = self.environment.stack.image_of(app.first()).map(|image| &image.args).into_iter().flatten();
        let all = env.chain(args.map(|entry| ("--build-arg", entry)));
        let told = all.filter(|(_, (_, text))| text.secrets().is_empty() && text.asks_for(GIT_SHA));
        told.map(|(option, (name, text))| json!({"option": option, "name": name, "value": self.pieces(text)})).collect()
    }

    fn pieces(&self, text: &Text) -> Vec<Value> {
        let piece = |piece: &Flat| match piece {
            Flat::Variable { name, .. } if name == GIT_SHA => Value::Null,
            other => json!(Flat::settled(std::slice::from_ref(other)).unwrap_or_default()),
        };
        self.addressing.known(text).iter().map(piece).collect()
    }

    fn secrets(&self, app: &App<'_>) -> Vec<Value> {
        let mut all = app.secrets(self.environment);
        let declared = &self.environment.stack.secrets;
        let mut add = |name: &str, value: Vec<Flat>| {
            let held = value.iter().filter_map(|piece| if let Flat::Secret(name) = piece { Some(name) } else { None });
            let required = held.into_iter().any(|name| declared.get(name).is_none_or(|secret| secret.required));
            if !all.iter().any(|known| known.name == name) {
                all.push(AppSecret { name: name.to_owned(), value, required, encoded: false });
            }
        };
        for service in &app.services {
            for (name, value) in routes::settings(self.program, self.environment, service) {
                if value.iter().any(Flat::is_secret) {
                    add(&name, value);
                }
            }
        }
        for job in self.environment.stack.jobs.values() {
            for (name, value) in jobs::variables(self.environment, job, app) {
                add(name, self.addressing.known(value));
            }
            for name in jobs::secrets(self.environment, job, app) {
                add(name, vec![Flat::Secret(name.to_owned())]);
            }
        }
        all.iter().map(secret).collect()
    }

    /// The volumes of each group, one for each of its machines.
    fn volumes(&self, app: &App<'_>) -> Vec<Value> {
        let volume = |service: &Service, name: &String| {
            let size = self.environment.stack.volumes.get(name).and_then(|volume| volume.size);
            json!({
                "name": name.replace('-', "_"),
                "count": service.scale.machines().to_string(),
                "size": size.map_or(1, |size| size.gigabytes_up()).to_string(),
            })
        };
        let mounts = app.services.iter().flat_map(|service| service.mounts.iter().map(move |mount| (*service, mount)));
        let volumes = mounts.filter_map(|(service, mount)| match &mount.source {
            MountSource::Volume(name) => Some(volume(service, name)),
            _ => None,
        });
        volumes.collect()
    }

    /// The names that the outside knows the app by, beside Fly's own.
    fn hosts(&self, app: &App<'_>) -> Vec<String> {
        let table = self.environment.stack.routes.as_ref();
        let table = table.filter(|table| app.services.iter().any(|service| service.name == table.edge));
        let mut names: Vec<String> = Vec::new();
        for host in table.iter().flat_map(|table| &table.hosts) {
            let written = if let HostName::Any = host.name { None } else { host.name.text() };
            for text in written.into_iter().chain(&host.aliases) {
                let name = Flat::settled(&self.addressing.known(text)).unwrap_or_default();
                if !name.is_empty() && !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        names
    }

    /// The address that has to answer after a deploy.
    fn smoke(&self, app: &App<'_>) -> Option<String> {
        let (service, port) = app.public()?;
        let check = service.healthcheck.as_ref()?;
        let Probe::Http(request) = &check.probe else { return None };
        // A server that knows hosts by name would not know Fly's own name of the app.
        let unnamed = self.hosts(app).is_empty();
        (unnamed && check.port(service)?.path == port.path && request.method == "GET" && request.headers.is_empty())
            .then(|| format!("https://{}.fly.dev{}", app.name, request.path))
    }
}

fn secret(secret: &AppSecret) -> Value {
    let parts = secret.value.iter().map(|piece| match piece {
        Flat::Secret(name) => json!({"secret": name, "text": null}),
        other => json!({"secret": null, "text": Flat::settled(std::slice::from_ref(other)).unwrap_or_default()}),
    });
    let mut needs: Vec<&str> = Vec::new();
    for piece in &secret.value {
        if let Flat::Secret(name) = piece
            && !needs.contains(&name.as_str())
        {
            needs.push(name);
        }
    }
    json!({
        "name": secret.name,
        "required": secret.required,
        "encoded": secret.encoded,
        "parts": parts.collect::<Vec<_>>(),
        "needs": needs,
    })
}
