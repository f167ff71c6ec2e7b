//! Jobs: services that run when asked for, or on a schedule.

use super::Service;
pub use crate::spec::Database;

/// What runs once, when asked for or on a schedule.
#[derive(Debug, Clone)]
pub struct Job {
    /// What is run.
    pub service: Service,
    /// When; none is only when asked for.
    pub schedule: Option<Schedule>,
    /// The database that it saves.
    pub saves: Option<Saved>,
}

/// A database that a job saves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// The service that holds it.
    pub of: String,
    /// What it is.
    pub kind: Database,
    /// The volumes that are saved with it.
    pub volumes: Vec<String>,
}

/// When a job runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Schedule {
    /// Once an hour.
    Hourly,
    /// Once a day.
    Daily,
    /// Once a week.
    Weekly,
    /// Once a month.
    Monthly,
    /// As a cron expression of five fields says, in UTC.
    Cron(String),
}
