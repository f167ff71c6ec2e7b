//! The image of a service that serves and builds nothing of its own: the web server, its routes, and the folders that they serve.

use serde_json::{Value, json};

use super::{Language, Probe};
use crate::diagnostic::Findings;
use crate::facts::Facts;
use crate::source::SpecPath;

/// No language: only what `serve` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge;

impl Language for Edge {
    fn template(&self) -> &'static str {
        "edge"
    }

    fn view(&self) -> Value {
        json!({})
    }

    fn sources(&self) -> Vec<String> {
        Vec::new()
    }

    fn paths(&self, _: &SpecPath) -> Vec<(&str, SpecPath)> {
        Vec::new()
    }

    fn faults(&self) -> Vec<(&'static str, &str, &'static str)> {
        Vec::new()
    }

    fn output(&self) -> Option<&str> {
        None
    }

    fn takes_inputs(&self) -> bool {
        false
    }

    fn probe(&self) -> Probe {
        Probe::Wget
    }

    fn wants(&self) -> Vec<String> {
        Vec::new()
    }

    fn check(&self, _: &SpecPath, _: &str, _: &Facts, _: &mut Findings<'_>) {}
}
