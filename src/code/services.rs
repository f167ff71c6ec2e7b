//! Faults of services: what they are made of, wait for, and listen on.

super::define::codes! {
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

    /// A file is not in the repository that an image copies, or that a service or a test reads. The build would fail, or what the file says would not be there.
    ///
    /// Paths are relative to the build's `context` in what is built, and to stack.yaml elsewhere. Add the file, or correct the path.
    MissingSource = "missing-source", Warning, What;
}
