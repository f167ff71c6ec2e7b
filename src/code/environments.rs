//! Faults that show where the stack runs: registries, networks, machines, disks; and of environments themselves.

super::define::codes! {
    /// An environment pulls its images, and the stack names no registry.
    ///
    /// Write `registry: ghcr.io/OWNER/NAME` at the top; a built image is then called `<registry>/<service>`.
    NoRegistry = "no-registry", Error;

    /// A network is joined that is not declared under `networks`.
    ///
    /// Declare it: `networks: {NAME: {}}`. Without `networks`, all services of a Compose environment share one.
    UndeclaredNetwork = "undeclared-network", Error, What;

    /// A network is declared and no service joins it.
    ///
    /// Join it in the services that should see each other, `networks: [NAME]`, or remove it.
    UnusedNetwork = "unused-network", Warning;

    /// A container cannot be reached where it is asked for: it shares no network with the one that asks, or it publishes a port and all its
    /// networks are internal.
    ///
    /// Let both join one network: `networks: [NAME]` in each, `default` being the one of services that name none.
    SeparateNetworks = "separate-networks", Warning;

    /// A service waits for one that only a profile starts, and would not start without that profile.
    ///
    /// Give the service the same profile, or switch the profile on in the environment: `profiles: [NAME]`.
    ProfileDependency = "profile-dependency", Error, What;

    /// The services' memory limits add up to more than the machine of the environment has.
    ///
    /// Lower some limits, or state the machine's real size in `memory_budget`. Services of profiles count: they may run as well.
    MemoryBudget = "memory-budget", Warning;

    /// A volume is mounted over the folder that holds the program, or the packages that it needs.
    ///
    /// Docker fills a new volume with what the image has there, and keeps that for ever: a new version would not be seen. On Fly the disk begins
    /// empty, and nothing would start. Mount it beside the code, such as at `/data`.
    HiddenCode = "hidden-code", Warning;

    /// A database would begin in the top folder of a new disk, which is not empty there: it holds `lost+found`.
    ///
    /// PostgreSQL makes its files in an empty folder alone, and would not start on Fly. Let it use a folder below:
    /// `PGDATA: ${volumes.NAME.path}/data`.
    DiskNotEmpty = "disk-not-empty", Warning;

    /// A line of your own .dockerignore is not read, because the Dockerfile has an ignore file beside it.
    ///
    /// BuildKit reads one ignore file: `Dockerfile.dockerignore`, which admits just what the Dockerfile copies. What is to stay out of that is
    /// said in `overrides`, once for all: `overrides: {Dockerfile.dockerignore: {append: "app/drafts\n"}}`. With `copy: [.]` no such file is made, and
    /// your own counts.
    UnreadIgnore = "unread-ignore", Warning;

    /// The stack has no environment, so there is nothing that would run it: images are described, and no more.
    ///
    /// The smallest one: `environments: {dev: {platform: compose}}`.
    NoEnvironment = "no-environment", Warning;

    /// An environment is named that the stack does not have.
    ///
    /// Names are those below `environments`; they are case-sensitive.
    UnknownEnvironment = "unknown-environment", Error, What;

    /// Two environments write the same files; each needs a `file` of its own.
    ///
    /// Write `file: docker-compose.NAME.yml` in one of them.
    EnvironmentClash = "environment-clash", Error, What;

    /// A change is meant for what is not there: an output, a text or a service in it, or a name that an environment removes with `null`.
    ///
    /// The message names what there is, or what is nearest. Remove an override that is no longer needed.
    OverrideUnmatched = "override-unmatched", Error, What;
}
