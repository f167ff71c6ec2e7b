//! What a machine of Fly has, and what of a container has no counterpart there.

use super::each_environment;
use super::fly::{on_fly, unsupported};
use crate::code::Code;
use crate::diagnostic::{Diagnostics, Finding};
use crate::facts::Facts;
use crate::model::{
    CpuKind, Duration, Environment, Idle, MountSource, Platform, Program, Resources, Service, Strategy,
};
use crate::source::{Place, SpecPath};

/// The retries of a check that says nothing of them.
const USUAL_RETRIES: u32 = 3;
/// Fly lowers a longer interval to this.
const LONGEST_INTERVAL: Duration = Duration::seconds(60);
/// Fly takes no shorter one for a machine.
const SHORTEST_INTERVAL: Duration = Duration::seconds(2);
/// flyctl refuses a longer `kill_timeout`.
pub(super) const LONGEST_KILL_TIMEOUT: Duration = Duration::seconds(300);

/// The signals that flyctl takes.
const SIGNALS: &[&str] = &["SIGHUP", "SIGINT", "SIGQUIT", "SIGKILL", "SIGUSR1", "SIGUSR2", "SIGTERM"];
/// How many processors a machine has that shares them, and one that has them to itself.
const SHARED: &[u32] = &[1, 2, 4, 6, 8];
const PERFORMANCE: &[u32] = &[1, 2, 4, 6, 8, 10, 12, 14, 16];
/// A machine with more memory cannot be suspended, in mebibytes.
pub(super) const MOST_SUSPENDED: u64 = 2048;
/// The largest volume that Fly sells, in gibibytes.
const LARGEST_VOLUME: u64 = 500;

/// What a machine of Fly is too large for: being suspended, and volumes.
pub fn sizes(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    on_fly(program, diagnostics, |environment, service, report| {
        if service.scale.idle == Idle::Suspend && megabytes(service.resources) > MOST_SUSPENDED {
            let message =
                format!("Fly suspends machines of at most 2gb of memory, and one of `{}` has more", service.name);
            let help = "write `idle: stop`, or less memory";
            let finding = unsupported(environment, &service.path.key("scale").key("idle"), message, help);
            report(finding.related(Place::Value(service.path.key("resources")), "more than 2gb"));
        }
        for mount in &service.mounts {
            let MountSource::Volume(name) = &mount.source else { continue };
            let size = environment.stack.volumes.get(name).and_then(|volume| volume.size);
            if let Some(size) = size.filter(|size| size.gigabytes_up() > LARGEST_VOLUME) {
                let at = SpecPath::root().key("volumes").key(name).key("size");
                let message = format!("Fly has no volume of {size}");
                report(unsupported(environment, &at, message, "write 500gb or less, or keep the data in several"));
            }
        }
    });
}

/// A machine that Fly does not sell: the key of `resources` that says so, what is wrong, and what is sold.
pub(super) fn unsold(resources: Resources) -> Option<(&'static str, String, String)> {
    let cpus = resources.cpus.unwrap_or(1.0);
    let (kind, sold, most) = match resources.cpu_kind {
        CpuKind::Shared => ("shared", SHARED, 2048.0),
        CpuKind::Performance => ("performance", PERFORMANCE, 8192.0),
    };
    // It is also the step.
    let least = resources.least_megabytes() as f64;
    if !sold.iter().any(|known| f64::from(*known) == cpus) {
        let known: Vec<String> = sold.iter().map(u32::to_string).collect();
        let message = format!("Fly has no {kind} machine with {cpus} processors");
        return Some(("cpus", message, format!("write one of {}", known.join(", "))));
    }
    let (memory, cpus) = (resources.memory?, cpus.max(1.0));
    let megabytes = memory.0 as f64 / f64::from(1 << 20);
    if megabytes % least == 0.0 && (least * cpus..=most * cpus).contains(&megabytes) {
        return None;
    }
    let plural = if cpus > 1.0 { "s" } else { "" };
    let message = format!("Fly sells no machine with {memory} of memory and {cpus} such processor{plural}");
    let help = format!("for {cpus} it is {}mb to {}mb in steps of {least}mb", least * cpus, most * cpus);
    Some(("memory", message, help))
}

/// The memory of a machine in mebibytes: the least that Fly sells with so many processors, unless more is said.
pub(super) fn megabytes(resources: Resources) -> u64 {
    let usual = (resources.least_megabytes() as f64 * resources.cpus.unwrap_or(1.0)) as u64;
    resources.memory.map_or(usual, |memory| memory.megabytes())
}

/// Sizes and times that Fly does not sell.
pub fn limits(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    on_fly(program, diagnostics, |environment, service, report| {
        sold(environment, service, report);
        if let Some(signal) = service.stop_signal.as_ref().filter(|signal| !SIGNALS.contains(&signal.as_str())) {
            let message = format!("Fly does not send `{signal}`");
            let help = format!("write one of {}", SIGNALS.join(", "));
            report(unsupported(environment, &service.path.key("stop_signal"), message, &help));
        }
        if let Some(period) = service.stop_grace_period.filter(|period| *period > LONGEST_KILL_TIMEOUT) {
            let message = format!("Fly waits at most 5m for a machine to stop, not {period}");
            report(unsupported(
                environment,
                &service.path.key("stop_grace_period"),
                message,
                "write `stop_grace_period: 5m` or less",
            ));
        }
    });
}

/// The machine of a service or job is one that Fly sells.
pub(super) fn sold(environment: &Environment, service: &Service, report: &mut dyn FnMut(Finding)) {
    if let Some((key, message, help)) = unsold(service.resources) {
        report(unsupported(environment, &service.path.key("resources").key(key), message, &help));
    }
}

/// Strategies that a second machine beside the first one makes impossible, or that need to be told when it is ready.
pub fn strategies(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    on_fly(program, diagnostics, |environment, service, report| {
        let Platform::Fly { strategy: Some(strategy), .. } = environment.platform else { return };
        replaceable(environment, service, strategy, &environment.path.key("strategy"), report);
    });
}

/// Reports a strategy, said at `path`, by which the machines of `service` cannot be replaced.
pub(super) fn replaceable(
    environment: &Environment,
    service: &Service,
    strategy: Strategy,
    path: &SpecPath,
    report: &mut dyn FnMut(Finding),
) {
    if !matches!(strategy, Strategy::Canary | Strategy::Bluegreen) {
        return;
    }
    if let Some(mount) = service.mounts.iter().find(|mount| matches!(mount.source, MountSource::Volume(_))) {
        let message =
            format!("a new machine of `{}` cannot stand beside the old one, which holds its volume", service.name);
        let finding = unsupported(environment, path, message, "write `strategy: rolling`");
        report(finding.related(Place::Key(mount.path.clone()), "a volume belongs to one machine"));
    } else if strategy == Strategy::Bluegreen && service.healthcheck.is_none() {
        let message = format!("`{}` has no health check that would tell when its new machines are ready", service.name);
        let help = "give it `healthcheck: /health`, or write `strategy: rolling`";
        let finding = unsupported(environment, path, message, help);
        report(finding.related(Place::Key(service.path.clone()), "has no `healthcheck`"));
    }
}

/// Parts of a key that a machine of Fly has no counterpart for.
pub fn details(program: &Program, _: &Facts, diagnostics: &mut Diagnostics) {
    on_fly(program, diagnostics, |environment, service, report| {
        let mut idle = |path: &SpecPath, message: String| {
            let finding =
                Finding::new(Code::NoEffectOnPlatform, Place::Value(path.clone()), message, "no effect on Fly");
            let platform = Place::Value(environment.path.key("platform"));
            report(
                finding
                    .related(platform, format!("the environment `{}`", environment.name))
                    .help("nothing needs to be done"),
            );
        };
        for mount in
            service.mounts.iter().filter(|mount| mount.read_only && matches!(mount.source, MountSource::Volume(_)))
        {
            idle(&mount.path, "a volume of Fly can always be written".to_owned());
        }
        if let Some(check) = &service.healthcheck {
            if check.retries != USUAL_RETRIES {
                idle(
                    &check.path.key("retries"),
                    "Fly takes a machine out at the first failed check, and back at the first that passes".to_owned(),
                );
            }
            if check.interval > LONGEST_INTERVAL {
                idle(&check.path.key("interval"), "Fly checks at least once a minute".to_owned());
            }
            if check.interval < SHORTEST_INTERVAL {
                idle(&check.path.key("interval"), "stackc lets Fly check every two seconds at most".to_owned());
            }
            if check.timeout > LONGEST_INTERVAL {
                idle(&check.path.key("timeout"), "Fly waits at most a minute for an answer".to_owned());
            }
            if check.start_period > LONGEST_INTERVAL {
                idle(&check.path.key("start_period"), "on Fly failures count after a minute at the latest".to_owned());
            }
            if check.start_interval.is_some() {
                idle(&check.path.key("start_interval"), "Fly checks at `interval` from the start".to_owned());
            }
        }
        if let Some(image) = environment.stack.image_of(service).filter(|image| !image.platforms.is_empty()) {
            idle(&image.path.key("platforms"), "all machines of Fly are linux/amd64".to_owned());
        }
        // CI pushes images under their names, also where Fly builds its own.
        let pushed = program.ci.github.as_ref().is_some_and(|github| github.images.is_some());
        let named = environment.stack.image_of(service).filter(|image| image.tag.is_some() && !pushed);
        if let Some(image) = named {
            idle(&image.path.parent().key("image"), "Fly names the images that it builds itself".to_owned());
        }
    });
    each_environment(program, diagnostics, |environment, findings| {
        if !matches!(environment.platform, Platform::Fly { .. }) {
            return;
        }
        for port in environment.stack.services.values().flat_map(|service| service.ports.values()) {
            let Some(publish) = port.publish.as_ref().filter(|publish| publish.address.is_some()) else { continue };
            let message = "on Fly a published port is public: there is no host with an address of its own".to_owned();
            let help = "set `publish: false` in this environment to keep it private, or `publish: true`";
            findings.report(unsupported(environment, &publish.port.path, message, help));
        }
    });
}
