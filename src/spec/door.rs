//! The door: `compose:` and `fly:` hold raw words of those tools, merged over what stackc makes. Their keys are known, so that editors complete
//! them and a slip is told; their values are the tool's own business.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::borrow::Cow;

use crate::syntax::Typed;

/// Keys of a service in the Compose Specification.
pub const COMPOSE_SERVICE: &[&str] = &[
    "annotations",
    "attach",
    "blkio_config",
    "build",
    "cap_add",
    "cap_drop",
    "cgroup",
    "cgroup_parent",
    "command",
    "configs",
    "container_name",
    "cpu_count",
    "cpu_percent",
    "cpu_period",
    "cpu_quota",
    "cpu_rt_period",
    "cpu_rt_runtime",
    "cpu_shares",
    "cpus",
    "cpuset",
    "credential_spec",
    "depends_on",
    "deploy",
    "develop",
    "device_cgroup_rules",
    "devices",
    "dns",
    "dns_opt",
    "dns_search",
    "domainname",
    "entrypoint",
    "env_file",
    "environment",
    "expose",
    "extends",
    "external_links",
    "extra_hosts",
    "gpus",
    "group_add",
    "healthcheck",
    "hostname",
    "image",
    "init",
    "ipc",
    "isolation",
    "label_file",
    "labels",
    "links",
    "logging",
    "mac_address",
    "mem_limit",
    "mem_reservation",
    "mem_swappiness",
    "memswap_limit",
    "models",
    "network_mode",
    "networks",
    "oom_kill_disable",
    "oom_score_adj",
    "pid",
    "pids_limit",
    "platform",
    "ports",
    "post_start",
    "pre_stop",
    "privileged",
    "profiles",
    "provider",
    "pull_policy",
    "pull_refresh_after",
    "read_only",
    "restart",
    "runtime",
    "scale",
    "secrets",
    "security_opt",
    "shm_size",
    "stdin_open",
    "stop_grace_period",
    "stop_signal",
    "storage_opt",
    "sysctls",
    "tmpfs",
    "tty",
    "ulimits",
    "use_api_socket",
    "user",
    "userns_mode",
    "uts",
    "volumes",
    "volumes_from",
    "working_dir",
];

/// Keys of a volume in the Compose Specification.
pub const COMPOSE_VOLUME: &[&str] = &["driver", "driver_opts", "external", "labels", "name"];

/// Keys of a port in the Compose Specification's long form.
pub const COMPOSE_PORT: &[&str] = &["app_protocol", "host_ip", "mode", "name", "protocol", "published", "target"];

/// Keys of fly.toml's `[http_service]` and `[[services]]`.
pub const FLY_SERVICE: &[&str] = &[
    "auto_start_machines",
    "auto_stop_machines",
    "checks",
    "concurrency",
    "force_https",
    "h2_backend",
    "http_checks",
    "http_options",
    "internal_port",
    "machine_checks",
    "min_machines_running",
    "ports",
    "processes",
    "protocol",
    "tcp_checks",
    "tls_options",
];

/// Keys of fly.toml's `[[mounts]]`.
pub const FLY_MOUNT: &[&str] = &[
    "auto_extend_size_increment",
    "auto_extend_size_limit",
    "auto_extend_size_threshold",
    "destination",
    "initial_size",
    "keep",
    "processes",
    "scheduled_snapshots",
    "snapshot_retention",
    "source",
];

/// Keys of a Compose file.
pub const COMPOSE_FILE: &[&str] =
    &["configs", "include", "models", "name", "networks", "secrets", "services", "volumes"];

/// Keys of a fly.toml.
pub const FLY_FILE: &[&str] = &[
    "app",
    "primary_region",
    "kill_signal",
    "kill_timeout",
    "swap_size_mb",
    "console_command",
    "host_dedication_id",
    "machine_config",
    "container",
    "experimental",
    "build",
    "deploy",
    "env",
    "processes",
    "mounts",
    "http_service",
    "services",
    "checks",
    "files",
    "machine_checks",
    "restart",
    "vm",
    "statics",
    "metrics",
];

macro_rules! door {
    ($(#[doc = $doc:literal])+ $name:ident, $keys:ident) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Default, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Option<Typed<Map<String, Value>>>);

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                words(concat!($($doc),+).trim(), $keys)
            }
        }

        impl $name {
            /// The words.
            pub fn words(&self) -> Map<String, Value> {
                self.0.as_ref().map(|Typed(words)| words.clone()).unwrap_or_default()
            }
        }
    };
}

door! {
    /// Raw words of Compose for this service, merged last. Other platforms ignore them.
    ComposeService, COMPOSE_SERVICE
}
door! {
    /// Raw words of Compose for this volume, merged last. Other platforms ignore them.
    ComposeVolume, COMPOSE_VOLUME
}
door! {
    /// Raw words of Compose for this port, merged last. Other platforms ignore them.
    ComposePort, COMPOSE_PORT
}
door! {
    /// Raw words of fly.toml for the public service of this port, merged last. Other platforms ignore them.
    FlyService, FLY_SERVICE
}
door! {
    /// Raw words of fly.toml for the mount of this volume, merged last. Other platforms ignore them.
    FlyMount, FLY_MOUNT
}
door! {
    /// Raw words of Compose for the whole file, merged last.
    ComposeFile, COMPOSE_FILE
}
door! {
    /// Raw words of fly.toml, merged last. Other platforms ignore them.
    FlyFile, FLY_FILE
}

fn words(description: &str, keys: &[&str]) -> Schema {
    let properties: Map<String, Value> = keys
        .iter()
        .map(|key| ((*key).to_owned(), json!({"description": format!("`{key}` as the tool has it.")})))
        .collect();
    json_schema!({
        "type": "object",
        "description": description,
        "properties": properties,
        "additionalProperties": false,
        "patternProperties": {"^x-": {"description": "An extension."}},
    })
}
