//! `jobs.<name>`: a service that runs once or on a schedule, with words of its own.

use std::borrow::Cow;
use std::fmt;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, StringDeserializer};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::{Scalar, Service};
use crate::syntax::Typed;

/// What runs once, when asked for, or on a schedule. It has every key of a service; in place of a source it may say what to ask for (`http`)
/// or what to save (`backup`).
#[derive(Debug, Clone)]
pub struct Job {
    /// What it shares with services.
    pub service: Service,
    /// What it has beside that.
    pub words: JobWords,
}

/// The keys that only a job has.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct JobWords {
    /// When it runs: `hourly`, `daily`, `weekly`, `monthly`, or a cron expression of five fields in UTC, such as `"30 3 * * *"`. Default: only when
    /// asked for.
    #[schemars(extend("pattern" = "^(hourly|daily|weekly|monthly|[0-9*,/A-Za-z-]+( +[0-9*,/A-Za-z-]+){4})$", "patternErrorMessage" = "a schedule is hourly, daily, weekly, monthly, or a cron expression such as \"30 3 * * *\"", "examples" = ["daily"]))]
    pub schedule: Option<String>,
    /// A request that the job makes, in place of a source. For example `http: {post: "${services.api.url}/cleanup"}`.
    pub http: Option<JobRequest>,
    /// A database that the job saves to a folder of the host, in place of a source. For example `backup: {of: db, kind: postgres, to: /var/backups/shop, keep: 14}`.
    pub backup: Option<Backup>,
}

/// A request that a job makes.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct JobRequest {
    /// The URL to send it to, such as `${services.app.url}/api/refresh`. May hold references.
    pub post: Option<String>,
    /// Headers, such as `Authorization: Bearer ${secrets.TOKEN}`.
    #[serde(default)]
    #[schemars(extend("propertyNames" = {"pattern": "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$", "patternErrorMessage": "the name of a header is letters, digits and hyphens, such as X-Actor", "x-code": "invalid-name"}))]
    pub headers: IndexMap<String, Scalar>,
    /// The body, which is sent as JSON, such as `{dry: false}`.
    #[schemars(with = "Option<Value>", extend("type" = "object"))]
    pub json: Option<Typed<Map<String, Value>>>,
}

/// A database that is saved.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Backup {
    /// The service that holds the data, such as `db`.
    pub of: String,
    /// What it is.
    pub kind: Database,
    /// Folder of the host that the copies are left in, such as `/backups`; only its owner can read them.
    #[schemars(extend("pattern" = "^(/|~/|\\./)[^:$]*$", "patternErrorMessage" = "a folder of the host is written /backups, ~/backups or ./backups"))]
    pub to: String,
    /// Days after which a copy is removed, such as `30`. Default: never.
    #[schemars(range(min = 1, max = 3650))]
    pub keep: Option<u32>,
    /// Volumes that are saved as well, by name, such as `[uploads]`.
    #[serde(default)]
    #[schemars(schema_with = "super::form::names")]
    pub volumes: Vec<String>,
}

/// A database that stackc knows how to save.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Database {
    /// PostgreSQL, by `pg_dump`.
    Postgres,
    /// MySQL or MariaDB, by `mysqldump`.
    Mysql,
    /// MongoDB, by `mongodump`.
    Mongo,
}

impl<'de> Deserialize<'de> for Job {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(JobVisitor)
    }
}

struct JobVisitor;

impl<'de> Visitor<'de> for JobVisitor {
    type Value = Job;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a job")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Job, A::Error> {
        let mut words = JobWords::default();
        let service = Service::deserialize(MapAccessDeserializer::new(Rest { map, words: &mut words }))?;
        Ok(Job { service, words })
    }
}

/// The entries of a job that are a service's; its own are taken out on the way.
struct Rest<'w, A> {
    map: A,
    words: &'w mut JobWords,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Rest<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        while let Some(key) = self.map.next_key::<String>()? {
            match key.as_str() {
                "schedule" => self.words.schedule = self.map.next_value()?,
                "http" => self.words.http = self.map.next_value()?,
                "backup" => self.words.backup = self.map.next_value()?,
                _ => return seed.deserialize(StringDeserializer::new(key)).map(Some),
            }
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}

impl JsonSchema for Job {
    fn schema_name() -> Cow<'static, str> {
        "Job".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Service::json_schema(generator);
        let words = JobWords::json_schema(generator);
        let own = words.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
        if let Some(Value::Object(properties)) = schema.get_mut("properties") {
            properties.extend(own);
        }
        schema.insert("title".into(), "job".into());
        let description = "What runs once, when asked for, or on a schedule. It has every key of a service; in place of a source it may say what to ask for (`http`) or what to save (`backup`).";
        schema.insert("description".into(), description.into());
        schema
    }
}
