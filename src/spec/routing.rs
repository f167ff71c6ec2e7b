//! `routing`.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::form;
use super::{Scalar, ScalarOr};

/// What the outside reaches, by host and path.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct Routing {
    /// The service with `serve` that answers the routes, such as `web`. Default: the only one with `serve`; where there is none, a service
    /// `edge` is made.
    pub edge: Option<String>,
    /// Who ends TLS: `certbot`, `acme`, `files`, `platform` or `none`, or what else is known of it, such as `tls: {from: certbot, email: ops@example.com}`. Default: `platform` on Fly, else `none`.
    pub tls: Option<ScalarOr<Tls>>,
    /// What holds for all routes that say nothing else. For example `defaults: {security_headers: strict}`.
    pub defaults: Option<Defaults>,
    /// Hosts by name, such as `app.example.com`. A name may hold `${VAR}` and carry a port, as in `app.example.com:8002`; `"*"` is any other
    /// host.
    #[serde(default)]
    #[schemars(extend("propertyNames" = form::host_names()))]
    pub hosts: IndexMap<String, Host>,
}

/// Who ends TLS.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct Tls {
    /// Where the certificate comes from.
    #[schemars(with = "Option<TlsSource>")]
    // As text, because the short form may be laid over the long one.
    pub from: Option<Scalar>,
    /// certbot and acme: whom the authority writes to about a certificate, such as `ops@example.com`.
    pub email: Option<String>,
    /// files: path of the certificate and its chain in the container, such as `/etc/certs/fullchain.pem`.
    #[schemars(extend("pattern" = "^/[A-Za-z0-9/._@+-]+$", "patternErrorMessage" = "write an absolute path in the container, such as /etc/certs/fullchain.pem"))]
    pub cert: Option<String>,
    /// files: path of the private key in the container, such as `/etc/certs/privkey.pem`.
    #[schemars(extend("pattern" = "^/[A-Za-z0-9/._@+-]+$", "patternErrorMessage" = "write an absolute path in the container, such as /etc/certs/privkey.pem"))]
    pub key: Option<String>,
}

/// Where certificates come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TlsSource {
    /// certbot, in a service beside nginx, by requests on port 80. Compose only.
    Certbot,
    /// The web server gets them itself. Caddy only.
    Acme,
    /// Files in the container: `cert` and `key`.
    Files,
    /// What stands in front of the service ends TLS, as Fly's proxy does.
    Platform,
    /// Nobody: plain HTTP.
    None,
}

/// What holds for all routes.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct Defaults {
    /// Largest body of a request, such as `16mb`; more is answered with 413. May be `${VAR}`, whose value the server reads as it is: `16m`. Default: 16mb.
    #[serde(default)]
    #[schemars(schema_with = "form::size_or_variable")]
    pub body_limit: Option<String>,
    /// Whether text is compressed on its way to the client. Default: true.
    pub compress: Option<bool>,
    /// A set of security headers for every answer. Default: none.
    pub security_headers: Option<SecurityHeaders>,
    /// Headers of every answer, in place of what a service says, such as `{X-Frame-Options: DENY}`; an empty value removes one.
    #[serde(default)]
    #[schemars(extend("propertyNames" = form::header_names()))]
    pub headers: IndexMap<String, Scalar>,
}

/// Sets of security headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SecurityHeaders {
    /// HTTPS only for a year (named hosts, and all names below them), no framing, no guessing of types, short referrers, no camera, microphone and place.
    Strict,
    /// None.
    None,
}

/// One host.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct Host {
    /// Other names that are redirected to this one, such as `www.example.com`.
    #[serde(default)]
    #[schemars(extend("items" = {"type": "string"}, "uniqueItems" = true))]
    pub aliases: Vec<String>,
    /// Routes by path: `/x` is exactly /x, `/x/*` is /x/ and all below; where a route ends in a slash, /x is sent to /x/. Exact beats longest beats shorter, whatever the order.
    #[serde(default)]
    #[schemars(extend("propertyNames" = {
        "pattern": "^/([A-Za-z0-9._~!&+,=:@-]+/)*([A-Za-z0-9._~!&+,=:@-]+|\\*)?$",
        "patternErrorMessage": "a route's path is /x (exactly that) or /x/* (that and all below), of ASCII letters, digits and ._~!&+,=:@-",
        "x-code": "invalid-route",
    }))]
    pub routes: IndexMap<String, Route>,
    /// Lines of nginx's own configuration for this host's `server`, put last. Caddy ignores them. For example `nginx: "client_header_timeout 10s;"`.
    pub nginx: Option<String>,
    /// Lines of a Caddyfile for this host's site, put last, such as `encode zstd`. nginx ignores them.
    pub caddy: Option<String>,
}

/// One route: one action (`to`, `site`, `files`, `redirect` or `respond`), and what else holds for it.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct Route {
    /// Who answers: a service such as `api`, `service:port`, or a URL such as `https://api.example.com`.
    pub to: Option<String>,
    /// The service whose built site is served, such as `web`.
    pub site: Option<String>,
    /// A folder of the repository that is served, such as `docs/site`. It is copied into the image.
    pub files: Option<String>,
    /// Where the client is sent, such as `/new/*`: `*` is what the request has below the route. Absolute URLs are possible.
    pub redirect: Option<String>,
    /// A text to answer with, such as `ok`.
    pub respond: Option<Scalar>,
    /// With `redirect` (301, 302, 303, 307, 308) or `respond`: the status, such as `410`. Default: 308, or 200.
    #[schemars(range(min = 200, max = 599))]
    pub status: Option<u16>,
    /// With `site`: paths that are no file show index.html, for routing in the browser. Default: false.
    pub spa: Option<bool>,
    /// With `to`: the service sees the path without the route's prefix. Default: false.
    pub strip_prefix: Option<bool>,
    /// With `to`: connections may become WebSockets, which may be silent for an hour. Default: false.
    pub websocket: Option<bool>,
    /// With `to`: answers are passed on as they come, for server-sent events and other streams. Default: false.
    pub sse: Option<bool>,
    /// With `to`: how long a service may be silent, such as `5m`. Default: 60s, and an hour with `websocket` or `sse`.
    #[serde(default)]
    #[schemars(schema_with = "form::duration")]
    pub timeout: Option<String>,
    /// Largest body of a request here, such as `100mb`. May be `${VAR}`, whose value the server reads as it is: `100m`.
    #[serde(default)]
    #[schemars(schema_with = "form::size_or_variable")]
    pub body_limit: Option<String>,
    /// Headers of the answer, in place of what a service or `defaults` say; an empty value removes one. For example `headers: {X-Frame-Options: DENY}`.
    #[serde(default)]
    #[schemars(extend("propertyNames" = form::header_names()))]
    pub headers: IndexMap<String, Scalar>,
    /// With `to`: headers that the service gets, in place of the client's; an empty value removes one. For example `request_headers: {X-Internal: ""}`.
    #[serde(default)]
    #[schemars(extend("propertyNames" = form::header_names()))]
    pub request_headers: IndexMap<String, Scalar>,
    /// With `to`: the host name that the service sees, such as `api.internal`. Default: the one that the client asked for.
    pub host: Option<String>,
    /// How long clients may keep the answer: `immutable`, `no-store`, `no-cache`, or a time such as `1h`.
    #[schemars(extend("pattern" = "^(immutable|no-store|no-cache|([0-9]+(ms|s|m|h))+)$", "patternErrorMessage" = "`cache` takes immutable, no-store, no-cache, or a time such as 1h", "examples" = ["immutable"]))]
    pub cache: Option<String>,
    /// A secret that holds lines of htpasswd (bcrypt): who may enter, by name and password, such as `HTPASSWD`.
    pub auth: Option<String>,
    /// How often one client may ask, such as `10/s` or `100/m`; more is answered with 429. nginx only.
    pub rate_limit: Option<ScalarOr<RateLimit>>,
    /// Addresses and networks that alone may enter, such as `10.0.0.0/8`.
    #[serde(default)]
    #[schemars(extend("minItems" = 1, "items" = {"type": "string"}, "examples" = [["10.0.0.0/8"]]))]
    pub allow: Vec<String>,
    /// Addresses and networks that may not enter, such as `203.0.113.7`. They win over `allow`.
    #[serde(default)]
    #[schemars(extend("items" = {"type": "string"}, "examples" = [["203.0.113.7"]]))]
    pub deny: Vec<String>,
    /// The methods that are answered, such as `POST`; others get 405. GET includes HEAD.
    #[serde(default)]
    #[schemars(extend("minItems" = 1, "items" = {"type": "string", "pattern": "^[A-Z]{3,12}$", "patternErrorMessage": "a method is written in capitals, such as POST"}, "uniqueItems" = true))]
    pub methods: Vec<String>,
    /// Answered over plain HTTP as well, before the redirect to HTTPS. Default: false.
    pub http: Option<bool>,
    /// Lines of nginx's own configuration for this route's `location`, put last. Caddy ignores them. For example `nginx: "proxy_request_buffering off;"`.
    pub nginx: Option<String>,
    /// Lines of a Caddyfile for this route's `handle`, put last. nginx ignores them. For example `caddy: request_body max_size 1MB`.
    pub caddy: Option<String>,
}

/// How often one client may ask.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct RateLimit {
    /// Requests in a second or a minute, such as `10/s`.
    pub rate: Option<String>,
    /// Requests beyond the rate that are let through at once, such as `20`. Default: as many as the rate's number.
    #[schemars(range(max = 100000))]
    pub burst: Option<u32>,
}
