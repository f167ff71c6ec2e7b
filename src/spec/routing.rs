//! `routing`.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// What the outside reaches, by host and path.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct Routing {
    /// The service with `serve` that answers the routes, such as `web`.
    pub edge: Option<String>,
    /// Hosts by name. `"*"` is any host.
    #[serde(default)]
    #[schemars(extend("propertyNames" = {"const": "*", "errorMessage": "only the host \"*\" can be routed in this version", "x-code": "invalid-value"}))]
    pub hosts: IndexMap<String, Host>,
}

/// One host.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct Host {
    /// Routes by path: `/x` is exactly /x, `/x/*` is /x/ and all below. Exact beats longest beats shorter, whatever the order.
    #[serde(default)]
    #[schemars(extend("propertyNames" = {
        "pattern": "^/([A-Za-z0-9._~!&+,=:@-]+/)*([A-Za-z0-9._~!&+,=:@-]+|\\*)?$",
        "patternErrorMessage": "a route's path is /x (exactly that) or /x/* (that and all below)",
        "x-code": "invalid-route",
    }))]
    pub routes: IndexMap<String, Route>,
}

/// One route: `to` a service, or a `site`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct Route {
    /// The service that answers: its name, such as `api`, or `service:port`.
    pub to: Option<String>,
    /// The service whose built site is served, such as `web`.
    pub site: Option<String>,
    /// With `site`: paths that are no file show index.html, for routing in the browser. Default: false.
    pub spa: Option<bool>,
}
