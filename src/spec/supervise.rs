//! `services.<name>.supervise`.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::form;
use super::{Command, Scalar};

/// One of several processes in one container.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[schemars(title = "process")]
pub struct Process {
    /// What it runs, such as `redis-server --bind 127.0.0.1`: a list of words, or a line that is split into words. No shell is involved.
    // The schema requires it; without it the others can still be looked at.
    #[schemars(required)]
    pub command: Option<Command>,
    /// The user that it runs as, such as `postgres` or `1000:1000`. Default: the image's unprivileged user.
    #[schemars(extend("pattern" = USER, "patternErrorMessage" = USER_MESSAGE, "errorMessage" = USER_MESSAGE))]
    pub user: Option<String>,
    /// Environment variables that it alone gets, such as `{ROLE: worker}`; those of the service reach all processes.
    #[serde(default)]
    #[schemars(extend("propertyNames" = form::variable_names()))]
    pub env: IndexMap<String, Scalar>,
    /// Processes that it starts after, such as `[postgres]`: when they are ready, or have succeeded where they run once.
    #[serde(default)]
    #[schemars(schema_with = "form::names")]
    pub after: Vec<String>,
    /// How to tell that it is ready for those that start after it. For example `ready: {command: pg_isready}`. Default: as soon as it is started.
    pub ready: Option<Ready>,
    /// Runs to its end before those after it start, and must succeed, such as a migration. Default: false.
    pub once: Option<bool>,
    /// What is done before it starts for the first time, such as creating a database's files. For example `first_run: {unless: /data/postgres/PG_VERSION, steps: [initdb -D /data/postgres]}`.
    pub first_run: Option<FirstRun>,
    /// Folders that are made before it starts, and who owns them, such as `/data/redis: redis`.
    #[serde(default)]
    #[schemars(extend("propertyNames" = absolute(), "additionalProperties" = owner()))]
    pub dirs: IndexMap<String, String>,
    /// The signal that asks it to stop, such as `SIGINT`. Default: `SIGTERM`.
    #[schemars(extend("pattern" = "^SIG[A-Z0-9]+$", "patternErrorMessage" = "a signal is written by its name, such as SIGTERM"))]
    pub stop_signal: Option<String>,
}

/// How to tell that a process is ready: one of `command` and `tcp`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct Ready {
    /// A command that succeeds when it is ready, such as `pg_isready -h 127.0.0.1`.
    pub command: Option<Command>,
    /// The port that it listens on when it is ready: a number such as `5432`, or the name of a port of the service.
    pub tcp: Option<Scalar>,
    /// Time after which the container gives up, such as `30s`. Default: 60s.
    #[serde(default)]
    #[schemars(schema_with = "form::duration")]
    pub timeout: Option<String>,
}

/// What is done once in the life of a process's data.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct FirstRun {
    /// The file or folder that is there once it has been done, such as `/data/postgres/PG_VERSION`.
    #[schemars(extend("pattern" = ABSOLUTE, "patternErrorMessage" = ABSOLUTE_MESSAGE))]
    pub unless: String,
    /// Shell lines, run as the process's user, such as `initdb -D /data/postgres`. After an interruption they run again from the first.
    #[schemars(extend("minItems" = 1))]
    pub steps: Vec<String>,
}

const USER: &str = "^([a-z_][a-z0-9_-]*(:[a-z_][a-z0-9_-]*)?|[0-9]{1,9}:[0-9]{1,9})$";
const USER_MESSAGE: &str = "a user is written by name, such as postgres, or as \"UID:GID\", such as \"1000:1000\"";
const ABSOLUTE: &str = "^/[^$]+$";
const ABSOLUTE_MESSAGE: &str = "the path is an absolute one in the container, such as /data/postgres";

fn absolute() -> Value {
    json!({"pattern": ABSOLUTE, "patternErrorMessage": ABSOLUTE_MESSAGE})
}

fn owner() -> Value {
    json!({"type": "string", "pattern": USER, "patternErrorMessage": USER_MESSAGE, "errorMessage": USER_MESSAGE})
}
