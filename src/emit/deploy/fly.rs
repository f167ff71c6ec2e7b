//! The script of an environment on Fly: make what is missing, look before anything changes, deploy each app, go back where one fails.

use serde_json::{Value, json};

use super::{jobs, output};
use crate::emit::image::beside;
use crate::emit::{Output, apps};
use crate::facts::relative;
use crate::model::{
    Addressing, App, AppSecret, Environment, Flat, GIT_SHA, HostName, MountSource, Platform, Program, Protocol,
    Service, Text,
};
use crate::template;

pub(super) fn script(program: &Program, environment: &Environment) -> Option<Output> {
    let Platform::Fly { org, region, regions, file, .. } = &environment.platform else { return None };
    let stack = &environment.stack;
    let regions: Vec<&str> = region.iter().chain(regions).map(String::as_str).collect();
    let script = Script { program, environment, file, regions: &regions, addressing: Addressing::new(environment) };
    let apps: Vec<Value> = apps::in_order(environment).iter().map(|app| script.app(app)).collect();
    let jobs: Vec<Value> = stack.jobs.values().filter_map(|job| jobs::view(environment, job)).collect();
    let any = |key: &str| apps.iter().any(|app| app[key].as_array().is_some_and(|all| !all.is_empty()));
    let exact = |exact: bool| {
        let mut groups = apps.iter().filter_map(|app| app["groups"].as_array()).flatten();
        groups.any(|group| group["exact"] == exact)
    };
    let view = json!({
        "title": format!("{}: what there is to do in the environment `{}`.", stack.name, environment.name),
        "script": environment.script(),
        "names": apps.iter().filter_map(|app| app["name"].as_str()).collect::<Vec<_>>().join(" "),
        "org": org,
        "regions": regions.join(","),
        "region": region,
        "made": made(&apps),
        "spread": regions.len() > 1,
        "scheduled": jobs.iter().any(|job| !job["schedule"].is_null()),
        "jobs": jobs,
        "secrets": any("secrets"),
        "given": any("secrets") || any("build_secrets"),
        "volumes": any("volumes"),
        "hosts": any("hosts"),
        "address": apps.iter().any(|app| app["address"] == true),
        "smoke": any("smoke"),
        "commit": any("commit"),
        "exact": exact(true),
        "least": exact(false),
        "apps": apps,
    });
    Some(output(environment, template::render("deploy/fly.sh.j2", &view)))
}

struct Script<'a> {
    program: &'a Program,
    environment: &'a Environment,
    file: &'a str,
    /// Where machines are, the primary region first; none is where Fly likes.
    regions: &'a [&'a str],
    addressing: Addressing<'a>,
}

impl Script<'_> {
    fn app(&self, app: &App<'_>) -> Value {
        let image = self.environment.stack.image_of(app.first());
        let context = image.map_or(".", |image| image.context.as_str());
        let secrets = apps::build_secrets(self.environment, app);
        let digest = image.is_some_and(|image| image.is_generated()) && !secrets.is_empty();
        let machines = |service: &Service| service.scale.machines();
        let declared = &self.environment.stack.secrets;
        let optional = |name: &str| declared.get(name).is_some_and(|secret| !secret.required);
        let handed_over = apps::secrets(self.program, self.environment, app);
        let handed_over: Vec<Value> = handed_over.iter().map(|of| secret(of, optional)).collect();
        json!({
            "name": app.name,
            // The name of a function of its own.
            "id": app.name.replace('-', "_"),
            // flyctl works in the folder that the build sees.
            "config": relative(context, &beside(app.first(), self.file)),
            "dockerfile": image.map(|image| relative(context, &image.dockerfile())),
            "context": (context != ".").then_some(context),
            "build_secrets": secrets,
            "digest": digest,
            "commit": self.commit(app),
            // What shellcheck takes for a slip of the pen where it is meant.
            "signs": json!(handed_over).to_string().contains(['$', '`', '\\']),
            "secrets": handed_over,
            "volumes": self.volumes(app),
            "scheduled": self.scheduled(app),
            "groups": app.services.iter().map(|service| json!({
                "name": app.group(service),
                "count": machines(service).to_string(),
                "exact": service.scale.max.is_some(),
                "most": self.places(machines(service)).next().map(|(_, most)| most.to_string()),
            })).collect::<Vec<_>>(),
            "hosts": self.hosts(app),
            "address": !app.further().is_empty() || self.has_raw_ports(app),
            // Datagrams come in over IPv4 alone.
            "both_families": app.public().is_some() || self.has_raw_ports(app) || app.further().iter().any(|(_, port)| port.protocol != Protocol::Udp),
            "smoke": apps::probes(self.environment, app),
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
            other => json!(Flat::known(std::slice::from_ref(other))),
        };
        self.addressing.known(text).iter().map(piece).collect()
    }

    /// The names of the jobs that Fly starts with the app's machines.
    fn scheduled(&self, app: &App<'_>) -> Vec<&str> {
        let jobs = self.environment.stack.jobs.values().filter(|job| jobs::on_schedule(job));
        let own = jobs.filter(|job| self.environment.app_of_job(job).is_some_and(|of| of.name == app.name));
        own.map(|job| job.service.name.as_str()).collect()
    }

    /// How many of so many machines are in each region: flyctl fills them in turn, the primary one first.
    fn places(&self, machines: u32) -> impl Iterator<Item = (&str, u32)> {
        let (regions, count) = (self.regions, self.regions.len().max(1) as u32);
        let share = move |index: u32| machines / count + u32::from(index < machines % count);
        (0..count).map(move |index| (regions.get(index as usize).copied().unwrap_or_default(), share(index)))
    }

    /// The volumes of each group, one for each of its machines, where that is.
    fn volumes(&self, app: &App<'_>) -> Vec<Value> {
        let volumes = |service: &Service, name: &String| {
            let volume = self.environment.stack.volumes.get(name);
            let size = volume.and_then(|volume| volume.size);
            let snapshots = volume.map(|volume| snapshots(&volume.fly)).unwrap_or_default();
            let (name, size) = (name.replace('-', "_"), size.map_or(1, |size| size.gigabytes_up()).to_string());
            let places = self.places(service.scale.machines()).filter(|(_, count)| *count > 0);
            let volume = |(region, count): (&str, u32)| json!({"name": name, "region": region, "count": count.to_string(), "size": size, "snapshots": snapshots});
            places.map(volume).collect::<Vec<_>>()
        };
        let mounts = app.services.iter().flat_map(|service| service.mounts.iter().map(move |mount| (*service, mount)));
        let volumes = mounts.filter_map(|(service, mount)| match &mount.source {
            MountSource::Volume(name) => Some(volumes(service, name)),
            _ => None,
        });
        volumes.flatten().collect()
    }

    /// Whether raw words publish a port that needs an address of the app's own.
    fn has_raw_ports(&self, app: &App<'_>) -> bool {
        let doors = app.services.iter().map(|service| &service.fly).chain([&self.environment.words]);
        let services = doors.filter_map(|words| words.get("services")?.as_array()).flatten();
        let mut ports = services.filter_map(|service| service.get("ports")?.as_array()).flatten();
        ports.any(|port| !port.get("port").and_then(Value::as_u64).is_some_and(|port| [80, 443].contains(&port)))
    }

    /// The names that the outside knows the app by, beside Fly's own.
    fn hosts(&self, app: &App<'_>) -> Vec<String> {
        let table = self.environment.stack.routes.as_ref();
        let table = table.filter(|table| app.services.iter().any(|service| service.name == table.edge));
        let mut names: Vec<String> = Vec::new();
        for host in table.iter().flat_map(|table| &table.hosts) {
            let written = if let HostName::Any = host.name { None } else { host.name.text() };
            for text in written.into_iter().chain(&host.aliases) {
                let name = Flat::known(&self.addressing.known(text));
                if !name.is_empty() && !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        names
    }
}

/// What `bootstrap` makes for these apps.
fn made(apps: &[Value]) -> Vec<&'static str> {
    let has = |key: &str| apps.iter().any(|app| app[key].as_array().is_some_and(|all| !all.is_empty()));
    let address = apps.iter().any(|app| app["address"] == true);
    let all = [("apps", true), ("volumes", has("volumes")), ("addresses", address), ("certificates", has("hosts"))];
    all.into_iter().filter(|(_, made)| *made).map(|(kind, _)| kind).collect()
}

/// What is said of a volume's snapshots, as words of the command that makes the volume: nothing else takes notice.
fn snapshots(words: &serde_json::Map<String, Value>) -> Vec<String> {
    let days = words.get("snapshot_retention").and_then(Value::as_u64);
    let scheduled = words.get("scheduled_snapshots").and_then(Value::as_bool);
    let days = days.map(|days| format!("--snapshot-retention={days}"));
    days.into_iter().chain(scheduled.map(|on| format!("--scheduled-snapshots={on}"))).collect()
}

/// A secret as the script hands it over: where one of its parts is optional and not given, that part is empty, as under Compose.
fn secret(secret: &AppSecret, optional: impl Fn(&str) -> bool) -> Value {
    let mut all: Vec<&str> = Vec::new();
    for name in apps::of(&secret.value) {
        if !all.contains(&name) {
            all.push(name);
        }
    }
    let spared = |name: &str| all.len() > 1 && optional(name);
    let parts = secret.value.iter().map(|piece| match piece {
        Flat::Secret(name) if spared(name) => json!({"secret": null, "optional": name}),
        Flat::Secret(name) => json!({"secret": name, "optional": null}),
        other => json!({"secret": null, "optional": null, "text": Flat::known(std::slice::from_ref(other))}),
    });
    let mut needs: Vec<&str> = all.iter().copied().filter(|name| !spared(name)).collect();
    let any = needs.is_empty();
    if any {
        needs = all.clone();
    }
    json!({
        "name": secret.name,
        "required": secret.required,
        "encoded": secret.encoded,
        "parts": parts.collect::<Vec<_>>(),
        "needs": needs,
        "any": any,
    })
}
