//! What belongs to an image: its Dockerfile, the list of what may enter its build, and the route tables that lie in it. All of it is made
//! from the base; environments only choose among the tables.

mod dockerfile;
mod entrypoint;
mod ignore;
mod site;

use crate::facts::join;
use crate::model::Service;

pub use dockerfile::{dockerfiles, fixed_words};
pub use entrypoint::{before_entrypoint, entrypoints, grace};
pub use ignore::{ignore_files, sources};

/// Path of an output of `service`, from the root.
pub fn beside(service: &Service, name: &str) -> String {
    join(&service.folder, name)
}
