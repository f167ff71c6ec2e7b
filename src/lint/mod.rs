//! What the whole program gets wrong although each part is right: a static list of rules, one function each. Reports; changes nothing.

mod binds;
mod budget;
mod ci;
mod circles;
mod dependencies;
mod deploys;
mod doors;
mod env_files;
mod environments;
mod exposure;
mod fly;
mod groups;
mod hosts;
mod ignore;
mod images;
mod jobs;
mod machines;
mod networks;
mod ports;
mod probes;
mod publishing;
mod references;
mod routing;
mod secrets;
mod sites;
mod supervise;
mod volumes;

use crate::diagnostic::{Diagnostics, Findings};
use crate::facts::Facts;
use crate::model::{Environment, Program, Stack};

/// A rule looks at the program and reports.
type Rule = fn(&Program, &Facts, &mut Diagnostics);

/// All rules. The order has no meaning: findings are shown by position.
const RULES: &[Rule] = &[
    dependencies::circles,
    dependencies::unhealthy,
    dependencies::left_out,
    dependencies::endless,
    environments::none,
    environments::unwatched,
    environments::regions,
    environments::region_of_volumes,
    images::sources,
    images::languages,
    images::archived_packages,
    ignore::unread,
    ignore::whole,
    images::unused,
    images::shell_for_volumes,
    sites::unserved,
    sites::ignored,
    images::machines,
    images::baked_differences,
    images::pulled_arguments,
    fly::mounts,
    machines::limits,
    machines::sizes,
    machines::strategies,
    fly::commands,
    exposure::ports,
    exposure::woken,
    groups::one_for_all,
    groups::variables,
    groups::files,
    groups::releases,
    binds::reachable,
    binds::checked,
    binds::published,
    binds::datagrams,
    fly::containers,
    machines::details,
    jobs::on_fly,
    jobs::idle_on_fly,
    jobs::secrets,
    doors::of_apps,
    doors::of_volumes,
    fly::taken_secrets,
    fly::shared_volumes,
    fly::apps,
    fly::variables,
    fly::commit,
    fly::compose_words,
    fly::order,
    fly::statics_at_root,
    probes::usable,
    probes::datagrams,
    networks::shared,
    networks::published,
    ports::numbers,
    ports::valued,
    ports::published_twice,
    ports::told,
    references::resolvable,
    references::unused,
    circles::edge_to_itself,
    circles::redirects,
    hosts::filled_names,
    hosts::clashes,
    hosts::certified,
    hosts::aliases,
    routing::unmapped_hosts,
    routing::unread_lines,
    routing::ended_by_fly,
    routing::taken_variables,
    routing::two_meanings,
    routing::empty_hosts,
    routing::clients_behind,
    routing::plain_routes,
    routing::filled_limits,
    routing::folders,
    routing::filled_values,
    secrets::literals,
    secrets::unused,
    secrets::files,
    supervise::borrowed,
    supervise::tools,
    supervise::ignored_signals,
    supervise::time_to_stop,
    supervise::programs,
    secrets::defaults,
    volumes::sources,
    env_files::missing,
    volumes::unused,
    volumes::over_code,
    volumes::new_disks,
    volumes::unused_networks,
    budget::memory,
    dependencies::profiles,
    ci::services,
    ci::pulled,
    ci::references,
    ci::values,
    ci::secrets,
    ci::files,
    ci::languages,
    ci::workflows,
    publishing::places,
    publishing::owners,
    publishing::arguments,
    deploys::unscheduled,
    deploys::by_workflow,
    deploys::too_frequent,
    deploys::images_of_branch,
    deploys::questions,
    deploys::nothing_pulled,
    deploys::unpushed,
    deploys::no_server,
    deploys::unread,
];

/// Runs all rules.
pub fn run(program: &Program, facts: &Facts, diagnostics: &mut Diagnostics) {
    for rule in RULES {
        rule(program, facts, diagnostics);
    }
}

/// The repository's paths that the rules want to know about.
pub fn wanted(program: &Program) -> crate::facts::Wanted {
    let mut wanted = images::wanted(program);
    wanted.extend(ci::wanted(program));
    wanted.extend(routing::wanted(program));
    wanted.extend(volumes::wanted(program));
    wanted.extend(env_files::wanted(program));
    wanted
}

/// Calls `look` for the base and for each environment, with a sink that finds its places.
fn each_stack(program: &Program, diagnostics: &mut Diagnostics, look: impl Fn(&Stack, &mut Findings<'_>)) {
    look(&program.base, &mut Findings::new(&*program.locate, diagnostics));
    each_environment(program, diagnostics, |environment, findings| look(&environment.stack, findings));
}

/// Calls `look` for each environment, with a sink that finds its places.
fn each_environment(program: &Program, diagnostics: &mut Diagnostics, look: impl Fn(&Environment, &mut Findings<'_>)) {
    for environment in &program.environments {
        look(environment, &mut Findings::new(&*environment.locate, diagnostics));
    }
}
