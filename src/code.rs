//! The names of all faults that `stackc` reports, with the text that `stackc explain` shows.
//! A code is kebab-case and names the fault, so that it reads well after "allow". A variant's doc comment is its explanation;
//! after its weight stands what it is about, see [`About`].

mod define;

use crate::diagnostic::Severity;

/// How much of stack.yaml must be read for a finding to be true. A part that holds an error is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// What stands at the place: true whatever is mended elsewhere.
    What,
    /// One entry (a service, a route's host, an environment) and nothing beside it: true where all of that could be read.
    Entry,
    /// The whole: something that seems to be missing may be in a part that could not be read. The default.
    Whole,
}

define::codes! {
    /// The file is not UTF-8 text: it is UTF-16, holds a NUL byte, or bytes that no UTF-8 text has.
    ///
    /// Save it as UTF-8 (with or without a byte order mark); the message names the first offending byte.
    NotUtf8 = "not-utf8", Error;

    /// The file holds no YAML value: it is empty, or all of it is comments.
    ///
    /// The smallest stack.yaml has a name and one service: `name: shop`, and on the next line
    /// `services: {web: {image: nginx:1.30-alpine, ports: {http: 80}}}`.
    EmptyFile = "empty-file", Error;

    /// The YAML itself is broken, so nothing after this place could be read.
    ///
    /// Frequent causes: a tab used for indentation, a missing space after a colon, an unclosed quote or bracket, or a value
    /// that needs quotes: it starts with `@`, `` ` ``, `%`, `!`, `*`, `&` or `{`, or it holds a colon and a space.
    /// Tags such as `!reset` have no meaning here; those of YAML's own types (`!!str`, `!!int`) do.
    YamlSyntax = "yaml-syntax", Error;

    /// `${…}` stands unquoted inside `{ }` or `[ ]`, where YAML reads its braces as the end of the mapping.
    ///
    /// Quote it: `env: {URL: "${services.api.url}"}`; or write the mapping on lines of its own, where no quotes are needed.
    UnquotedReference = "unquoted-reference", Error;

    /// The file holds a second YAML document (after a line `---`).
    ///
    /// One stack.yaml describes one stack. Move the second document into a stack.yaml of its own folder.
    SeveralDocuments = "several-documents", Error;

    /// The file is larger or deeper than a stack.yaml can sensibly be, or its aliases expand to far too much.
    ///
    /// The limits: 1 MiB of text, 100,000 keys and values, 64 levels of nesting; once aliases and `<<` are expanded, the same
    /// numbers again and 4 MiB of text.
    LimitExceeded = "limit-exceeded", Error;

    /// One key stands twice in the same mapping. YAML readers disagree about which one counts, so neither does here.
    ///
    /// Remove one, or merge the two values.
    DuplicateKey = "duplicate-key", Error;

    /// A key of a mapping is itself a mapping or a list, or there is none before the colon.
    ///
    /// Usually an unquoted template such as `{{ x }}`: quote it.
    InvalidKey = "invalid-key", Error;

    /// An alias `*name` has no anchor `&name` before it, or stands inside the very value it refers to.
    ///
    /// If it was meant as text (`*.example.com`), quote it; so also a key: `"*":`.
    InvalidAlias = "invalid-alias", Error;

    /// `<<` merges mappings, given by alias, and found something else.
    ///
    /// Write `<<: *worker` or `<<: [*worker, *kube]`, where the anchors stand at mappings.
    InvalidMerge = "invalid-merge", Error;

    /// The key is not part of the language at this place.
    ///
    /// The message names the nearest key that is, or where a word of Compose or Fly belongs. `stackc schema` prints all keys; an editor
    /// that knows the schema completes them. Keys that start with `x-` are free at the top and in services.
    UnknownKey = "unknown-key", Error;

    /// A key that is needed here is missing.
    ///
    /// Add it; the message says what it is for. An editor that knows the schema offers the keys that are left.
    MissingKey = "missing-key", Error, Entry;

    /// The value has another type than the key takes, for instance text where a mapping belongs.
    ///
    /// Most keys with several parts are mappings here, where Compose has lists: `ports: {http: 3000}`, `volumes: {/data: data}`,
    /// `env: {NAME: value}`. That way an environment can change one entry.
    WrongType = "wrong-type", Error;

    /// The key takes one of a few words, and this is none of them. The message lists them.
    ///
    /// Write one of those; where one is near to what you wrote, the message names it.
    UnknownValue = "unknown-value", Error, Entry;

    /// The value has the right type, but not a form or size that the key takes.
    ///
    /// The help line says which form the key takes.
    InvalidValue = "invalid-value", Error, Entry;

    /// A name is not a DNS label: lower-case letters, digits and inner hyphens, at most 63, starting with a letter.
    ///
    /// Names of stacks and services become host names, image names and app names, all of which share this rule.
    InvalidName = "invalid-name", Error, Entry;

    /// A port is a whole number from 1 to 65535.
    ///
    /// A port to publish is `true` (the same number), a number, or an address and number: `publish: "127.0.0.1:8080"`.
    InvalidPort = "invalid-port", Error, What;

    /// A duration is a number with a unit: `500ms`, `30s`, `5m`, `1h`, or a sum such as `1m30s`.
    ///
    /// A bare number is refused because the targets disagree about its unit.
    InvalidDuration = "invalid-duration", Error, What;

    /// A size is a number with a unit: `512kb`, `256mb`, `1gb`.
    ///
    /// Units are binary, as Compose and Fly read them: 1gb is 1024mb.
    InvalidSize = "invalid-size", Error, What;

    /// The text between `${` and `}` is neither a reference nor a variable.
    ///
    /// A reference has a dot and is resolved by stackc: `${services.NAME.host|port|address|url|image}`, `${services.NAME.ports.PORT}`,
    /// `${volumes.NAME.path}`, `${secrets.NAME}`, `${registry}`, `${stack.name}`, `${environment.name}`, `${git.sha}`. A name without a dot is a
    /// deploy-time variable: `${NAME}`, `${NAME:-default}`, `${NAME:?message}`. A literal dollar sign is written `$$`.
    InvalidReference = "invalid-reference", Error, What;

    /// A reference names something that this stack does not have.
    ///
    /// The message names what is known. Inside a service, `${volumes.NAME.path}` is the path at which that service mounts the volume.
    UnknownReference = "unknown-reference", Error, What;

    /// References or variables lead back to themselves, so no value can be found.
    ///
    /// Write one of the values out.
    ReferenceCycle = "reference-cycle", Error, What;

    /// `${services.NAME.url}` asks how the outside reaches a service that the outside cannot reach.
    ///
    /// Publish one of its ports (`publish: true`), or route a host to it. For the address inside the private network use
    /// `${services.NAME.address}`.
    NoUrl = "no-url", Error;

    /// A port, an address or a URL is asked of a service that declares no such port.
    ///
    /// The main port of a service is the one called `http`, else the only one. Declare it: `ports: {http: 3000}`; or name the one that you mean:
    /// `${services.NAME.ports.PORT}`.
    NoPort = "no-port", Error;

    /// The reference leads to a service that does not run in this environment.
    ///
    /// Either the environment's `only` leaves it out, or an overlay removes it with `null`.
    LeftOut = "left-out", Error;

    /// A service is named that the stack does not have.
    ///
    /// Names are those below `services`; they are case-sensitive.
    UnknownService = "unknown-service", Error, What;

    /// A service has two sources, or none.
    ///
    /// Exactly one of `build` (ours), `image` (somebody else's) or `uses` (another service's image). `image` beside `build` names what is built.
    ServiceSource = "service-source", Error, Entry;

    /// Services wait for each other in a circle; none of them could start.
    ///
    /// Remove one of the dependencies. Often one of the services can try again until the other answers.
    DependencyCycle = "dependency-cycle", Error, What;

    /// A service waits for another to be healthy that has no health check, and would wait for ever.
    ///
    /// Give the other a `healthcheck`, or wait for `started`.
    NoHealthcheck = "no-healthcheck", Error;

    /// The health check needs something that the service lacks: a port, or a program in its image that can make the request.
    ///
    /// For an image that stackc does not know, write the probe yourself: `healthcheck: {command: [my-probe, --ready]}`.
    UnusableHealthcheck = "unusable-healthcheck", Error;

    /// Two services of one environment publish the same port of the host; the second could not start.
    ///
    /// Give one of them another number, `publish: 8081`, or publish on one address only, `publish: "127.0.0.1:8080"`.
    PortConflict = "port-conflict", Error, What;

    /// `PORT` says another number than the ports of the service: the program listens where nobody asks.
    ///
    /// Write it once: `PORT: ${services.NAME.port}`.
    PortDiffers = "port-differs", Warning;

    /// A path leads out of the project's folder, by `..`, from `/`, or through a symbolic link.
    ///
    /// stackc reads and writes below the folder of stack.yaml only; a build's sources must lie in its `context`.
    PathEscape = "path-escape", Error, What;

    /// A file that an image copies is not in the repository. The build would fail.
    ///
    /// Paths are relative to the build's `context`. Add the file, or correct the path.
    MissingSource = "missing-source", Warning, What;

    /// A value looks like a secret that is written out.
    ///
    /// stack.yaml is committed, and so is all that is made from it. Declare the name under `secrets` and refer to it with
    /// `${secrets.NAME}`; the value stays in the environment, in Fly's secrets or in GitHub's.
    LiteralSecret = "literal-secret", Error, What;

    /// A secret is used that is not declared under `secrets`.
    ///
    /// Declare it, with what a colleague needs to know to get one: `secrets: {NAME: {description: …}}`.
    UndeclaredSecret = "undeclared-secret", Error, What;

    /// A secret is declared and nothing uses it.
    ///
    /// Hand it to the service that needs it, `secrets: [NAME]`, or remove it. A secret that only CI needs is declared with `stage: ci`.
    UnusedSecret = "unused-secret", Warning;

    /// A secret is used at a time for which it is not meant: a build secret at run time, or the reverse.
    ///
    /// A secret of stage `run` reaches the running service; one of stage `build` is mounted while an image is built and stays out of it.
    /// Where both need it, declare two.
    SecretStage = "secret-stage", Error, What;

    /// A secret has a `default` where values must not stand.
    ///
    /// A development value may stand in the overlay of a Compose environment, and nowhere else.
    SecretDefault = "secret-default", Error, What;

    /// A deploy-time variable is used that is not declared.
    ///
    /// Declare it: `variables: {NAME: default}` or `{NAME: {required: true, description: …}}`; or give the default in place: `${NAME:-default}`.
    UndeclaredVariable = "undeclared-variable", Error, What;

    /// A deploy-time variable is declared and no value refers to it.
    ///
    /// Refer to it where it is meant, `${NAME}`, or remove it.
    UnusedVariable = "unused-variable", Warning;

    /// A variable has no value where one is wanted: fly.toml cannot hold a variable, and a test starts services where nobody has set any.
    ///
    /// Set it under the environment's `variables`, or in the test's `env`.
    VariableWithoutValue = "variable-without-value", Error;

    /// A volume is used that is not declared under `volumes`.
    ///
    /// Declare it, `volumes: {NAME: {}}`. A folder of the repository is written with its dot: `./NAME`.
    UndeclaredVolume = "undeclared-volume", Error, What;

    /// A volume is declared and nothing mounts it.
    ///
    /// Mount it in a service, `volumes: {/data: NAME}`, or remove it.
    UnusedVolume = "unused-volume", Warning;

    /// An image is declared under `images`, and nothing runs it or is built on it.
    ///
    /// Run it in a service, `uses: NAME`, build another on it, `from: NAME`, or remove it.
    UnusedImage = "unused-image", Warning;

    /// The program of an image runs as root.
    ///
    /// Whoever takes over the program then owns the container. Leave `user` out, and it runs as 10001:10001; folders of volumes are its own.
    RootUser = "root-user", Warning;

    /// A command written as a string holds shell syntax, but commands run without a shell.
    ///
    /// Write `[sh, -c, "first && second"]`, or split the work into services.
    ShellInCommand = "shell-in-command", Error, What;

    /// An environment changes what is baked into an image.
    ///
    /// An image is built once and runs in every environment. Let what differs arrive at run time, through `env`, `command` or `routing`.
    BakedDifference = "baked-difference", Error, What;

    /// The version of the package manager is stated neither in stack.yaml nor in package.json.
    ///
    /// Write `package_manager: pnpm@10.15.0`, or `"packageManager": "pnpm@10.15.0"` in package.json.
    MissingVersion = "missing-version", Error, Entry;

    /// Two places in the repository state different versions of the same tool.
    ///
    /// The tool that reads the other file will not do what stack.yaml says. Make both say the same.
    VersionMismatch = "version-mismatch", Warning, What;

    /// A file that the build needs and tools write is missing: a lockfile or a manifest.
    ///
    /// Without its lockfile a build installs other versions each time, so the recipes insist on it. Run the package manager and commit the file.
    MissingLockfile = "missing-lockfile", Warning, What;

    /// A package manager reads a file or folder that the image copies only after it has installed, or never.
    ///
    /// Packages are installed before the sources are copied, from the manifest and the lockfile. What else is read is listed beside the package manager:
    /// `manifests: [patches]`; the packages of a workspace under `workspace: {packages: […]}`.
    UnlistedManifest = "unlisted-manifest", Warning, What;

    /// Yarn from 2 on leaves packages in archives unless it is told otherwise, and a program that Node runs without yarn's help finds none of them.
    ///
    /// Write `nodeLinker: node-modules` into .yarnrc.yml.
    NoNodeModules = "no-node-modules", Warning;

    /// Two outputs would be written to one path, or two images pushed to one name.
    ///
    /// Give one of the services another `path` or `image`, or one of the environments another `file`.
    OutputConflict = "output-conflict", Error, What;

    /// A service's `path` lies outside its build context, where its Dockerfile could not be found.
    ///
    /// Move `path` into the context, or choose a larger `context`, such as `.`.
    PathOutsideContext = "path-outside-context", Error, What;

    /// A value cannot be written in the format that needs it, for instance a line break in a Dockerfile's `ENV`.
    ///
    /// Set it at run time, under the service's `env`, which may hold any text.
    UnrepresentableValue = "unrepresentable-value", Error, What;

    /// The environment's platform cannot do this.
    ///
    /// The message says what is possible instead. An environment's overlay can change or remove (`null`) the key for its platform alone.
    UnsupportedOnPlatform = "unsupported-on-platform", Error, What;

    /// The key has no meaning on the environment's platform; nothing is lost by it.
    ///
    /// Nothing needs to be done; it is said so that nobody relies on it there.
    NoEffectOnPlatform = "no-effect-on-platform", Advice, Entry;

    /// A job has a schedule, and neither its platform nor a workflow starts it.
    ///
    /// Where CI deploys the environment, a workflow keeps the schedules. Or let cron on the machine call `deploy/ENVIRONMENT.sh job NAME`.
    UnscheduledJob = "unscheduled-job", Advice;

    /// Files served at `/` by Fly's proxy never reach the web server, so its headers and its fallback do not apply to them.
    ///
    /// Leave `statics` out to let the server answer everything, or use a prefix such as /assets.
    StaticsAtRoot = "statics-at-root", Warning;

    /// An app's name is used for two different images, or is not one that Fly accepts.
    ///
    /// An app's name is lower-case letters, digits and inner hyphens, at most 63. Services that share an app run the same image: `uses: NAME`.
    AppName = "app-name", Error, What;

    /// A site is served whose service puts nothing out: it has no `build` with an `output`.
    ///
    /// A site is built by a language with an `output`, such as `node: {script: build, output: dist, …}`, and served by `serve: nginx:stable-alpine` in the
    /// same service.
    SiteWithoutOutput = "site-without-output", Error;

    /// A route cannot be carried: its path is malformed or unreachable, it has no action or two, or a key that has no meaning for its action.
    ///
    /// A path is /x (exactly that) or /x/* (that and all below); it has one action: `to`, `site`, `files`, `redirect` or `respond`. `routing.edge` names
    /// the service with `serve`.
    InvalidRoute = "invalid-route", Error;

    /// The web server that `serve` names cannot do what a route asks for.
    ///
    /// The message says what is possible instead. Almost all that `routing` knows works alike on nginx and Caddy; these do not: Caddy's own image has
    /// no rate limit; nginx gets its certificates from certbot, and Caddy by itself (`acme`). Neither carries gRPC.
    UnsupportedByServer = "unsupported-by-server", Error, What;

    /// Two hosts of `routing` have one name, or one is called as another's alias.
    ///
    /// Names are compared without regard to case, as they are in an environment: its `hosts` may give two hosts one name. Put the routes of both
    /// under one host, or give one of them another name, such as `engine.localhost`.
    HostClash = "host-clash", Error, What;

    /// A host has a name of the outside world, and the environment runs on a developer's machine, where that name does not lead.
    ///
    /// Say what the host is called there: `hosts: {app.example.com: localhost}` in the environment; all names that end in `.localhost` lead to the
    /// machine itself. Where the environment is the real one, say who ends TLS: `routing: {tls: {from: certbot, …}}`.
    /// An alias of a host that has another name somewhere needs one there as well, where certificates are asked for.
    UnmappedHost = "unmapped-host", Error;

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
    OverrideUnmatched = "override-unmatched", Error;

    /// A line of shell holds an expression of GitHub's, `${{ … }}`, which is filled in before the shell reads the line.
    ///
    /// The name of a branch could then be a command. Use the runner's variable, such as `"$GITHUB_SHA"`; what is asked and secrets are handed over as variables.
    ExpressionInScript = "expression-in-script", Error, What;

    /// An option of a deployment sounds as if it destroyed something, and can be chosen by a slip.
    ///
    /// Let the person type a word as well: `confirm: {all: RESET_ALL}`. Without it the run stops before it does anything.
    UnconfirmedOption = "unconfirmed-option", Warning, Entry;

    /// A process listens where those who need it cannot reach it.
    ///
    /// Fly's private network is IPv6 and its proxy asks over IPv4: listen on `::`, or on what the server takes for both families.
    UnreachableBind = "unreachable-bind", Warning;

    /// A service says how it is tested, and there is no workflow that would do so; or the workflows are left with nothing to do.
    ///
    /// Write `ci: {github: {}}`: it makes one that tests each service with a `test`; with `check` it sees that the outputs fit stack.yaml as well.
    TestWithoutCi = "test-without-ci", Advice;
}
