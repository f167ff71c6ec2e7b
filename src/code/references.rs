//! Faults of `${…}`: how it is written, and where it leads.

super::define::codes! {
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
}
