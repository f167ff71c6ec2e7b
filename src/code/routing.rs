//! Faults of hosts and routes.

super::define::codes! {
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

    /// A host is given another name in an environment, and `routing` has no such host.
    ///
    /// Names are those below `routing.hosts`, without their ports, and the aliases of those hosts.
    UnknownHost = "unknown-host", Error, What;

    /// A host has a name of the outside world, and the environment runs on a developer's machine, where that name does not lead.
    ///
    /// Say what the host is called there: `hosts: {app.example.com: localhost}` in the environment; all names that end in `.localhost` lead to the
    /// machine itself. Where the environment is the real one, say who ends TLS: `routing: {tls: {from: certbot, …}}`.
    /// An alias of a host that has another name somewhere needs one there as well, where certificates are asked for.
    UnmappedHost = "unmapped-host", Error;
}
