//! Schemas of the forms that many keys share: names, ports, durations, sizes, paths. Each carries the message that both the
//! editor and `stackc` show, and the code (`x-code`) under which `stackc` reports it.

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

const DNS_LABEL: &str = "^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$";
const DNS_LABEL_MESSAGE: &str =
    "a name is a DNS label: lower-case letters, digits and inner hyphens, starting with a letter, at most 63";

/// A DNS label.
pub fn dns_label(_: &mut SchemaGenerator) -> Schema {
    pattern(DNS_LABEL, DNS_LABEL_MESSAGE, "invalid-name")
}

/// `propertyNames` of a map whose keys are DNS labels.
pub fn dns_label_names() -> Value {
    json!({"pattern": DNS_LABEL, "patternErrorMessage": DNS_LABEL_MESSAGE, "x-code": "invalid-name"})
}

/// `propertyNames` of `volumes`: what Compose and Fly (`_` for `-`) both accept.
pub fn volume_names() -> Value {
    json!({
        "pattern": "^[a-z][a-z0-9_-]{0,29}$",
        "patternErrorMessage": "a volume's name is lower-case letters, digits, `_` and `-`, starting with a letter, at most 30",
        "x-code": "invalid-name",
    })
}

/// `propertyNames` of maps keyed by environment variables.
pub fn variable_names() -> Value {
    json!({
        "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
        "patternErrorMessage": "the name of a variable is letters, digits and `_`, not starting with a digit",
        "x-code": "invalid-name",
    })
}

/// The name of a secret that GitHub keeps.
pub fn secret_name(_: &mut SchemaGenerator) -> Schema {
    pattern(
        "^[A-Za-z_][A-Za-z0-9_]*$",
        "the name of a secret is letters, digits and `_`, such as DEPLOY_HOST",
        "invalid-name",
    )
}

/// A port number, 1 to 65535.
pub fn port(_: &mut SchemaGenerator) -> Schema {
    let message = "a port is a whole number from 1 to 65535";
    json_schema!({
        "type": "integer",
        "minimum": 1,
        "maximum": 65535,
        "examples": [8080],
        "errorMessage": message,
        "x-code": "invalid-port",
    })
}

/// Text with units of time, such as `30s` or `1m30s`.
pub fn duration(_: &mut SchemaGenerator) -> Schema {
    pattern(
        "^([0-9]+(ms|s|m|h))+$",
        "a duration is a number with a unit (ms, s, m, h), such as 30s or 1m30s",
        "invalid-duration",
    )
}

/// Text with a unit of memory or disk, such as `512mb`.
pub fn size(_: &mut SchemaGenerator) -> Schema {
    pattern(
        "^[0-9]+(\\.[0-9]+)?(k|m|g|kb|mb|gb|K|M|G|KB|MB|GB)$",
        "a size is a number with a unit (kb, mb, gb), such as 512mb or 1gb",
        "invalid-size",
    )
}

/// A size, or text that holds a deploy-time variable.
pub fn size_or_variable(_: &mut SchemaGenerator) -> Schema {
    pattern(
        "^([0-9]+(\\.[0-9]+)?(k|m|g|kb|mb|gb|K|M|G|KB|MB|GB)|\\$\\{[^{}]+\\})$",
        "a size is a number with a unit (kb, mb, gb), such as 16mb, or one variable such as ${BODY_LIMIT}",
        "invalid-size",
    )
}

/// `propertyNames` of `routing.hosts`; what a name without variables may be, `resolve` checks.
pub fn host_names() -> Value {
    json!({
        "pattern": "^(\\*|[A-Za-z0-9._-]*(\\$\\{[^{}]+\\}[A-Za-z0-9._-]*)+|[A-Za-z0-9][A-Za-z0-9._-]*)(:[0-9]{1,5})?$",
        "patternErrorMessage": "a host is a name such as app.example.com (where it is not ASCII, such as xn--bcher-kva.example), with a port if need be, or \"*\" for any other",
        "x-code": "invalid-value",
    })
}

/// `propertyNames` of maps keyed by headers.
pub fn header_names() -> Value {
    json!({
        "pattern": "^[A-Za-z0-9][A-Za-z0-9_-]*$",
        "patternErrorMessage": "the name of a header is letters, digits, `-` and `_`",
        "x-code": "invalid-value",
    })
}

/// The name of a git branch; no pattern, so that it means one.
pub fn branch(_: &mut SchemaGenerator) -> Schema {
    pattern(
        "^[A-Za-z0-9_][A-Za-z0-9_-]*(\\.[A-Za-z0-9_-]+)*(/[A-Za-z0-9_][A-Za-z0-9_-]*(\\.[A-Za-z0-9_-]+)*)*$",
        "a branch is named such as main or release/2.0",
        "invalid-value",
    )
}

/// A git repository that everybody may read.
pub fn repository(_: &mut SchemaGenerator) -> Schema {
    pattern(
        "^https://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~-]+)+$",
        "a repository is written such as https://github.com/acme/stackc",
        "invalid-value",
    )
}

/// A list of names, each of which stands in it once.
pub fn names(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "array", "items": {"type": "string"}, "uniqueItems": true})
}

/// `propertyNames` of an image's labels.
pub fn label_names() -> Value {
    json!({
        "pattern": "^[a-z]([.-]?[a-z0-9])*$",
        "patternErrorMessage": "the name of a label is lower-case letters, digits, and single `.` and `-` between them, such as org.opencontainers.image.licenses",
        "x-code": "invalid-name",
    })
}

/// A list of machines that an image is built for.
pub fn machines(_: &mut SchemaGenerator) -> Schema {
    let message = "a machine is written OS/ARCHITECTURE, such as linux/amd64 or linux/arm64";
    json_schema!({
        "type": "array",
        "items": {
            "type": "string",
            "pattern": "^linux/(amd64|arm64|386|ppc64le|s390x|riscv64|arm/v[5-8])$",
            "patternErrorMessage": message,
            "errorMessage": message,
        },
        "uniqueItems": true,
    })
}

/// A package of the system's own package manager, with or without a version.
pub fn package_name() -> Value {
    let message = "a package is written as apt or apk takes it, such as libpq5";
    json!({
        "type": "string",
        "pattern": "^[A-Za-z0-9][A-Za-z0-9+._:~-]*([=<>~]+[A-Za-z0-9+._:~-]+)?$",
        "patternErrorMessage": message,
        "errorMessage": message,
    })
}

/// A list of names that a package manager gives to parts of a project: groups, features.
pub fn group_names(_: &mut SchemaGenerator) -> Schema {
    let message = "a name is letters, digits, `.`, `_` and `-`";
    json_schema!({
        "type": "array",
        "items": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]*$", "patternErrorMessage": message, "errorMessage": message},
        "uniqueItems": true,
    })
}

/// A list of packages.
pub fn packages(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "array", "items": package_name()})
}

fn pattern(pattern: &str, message: &str, code: &str) -> Schema {
    json_schema!({
        "type": "string",
        "pattern": pattern,
        "patternErrorMessage": message,
        "errorMessage": message,
        "x-code": code,
    })
}
