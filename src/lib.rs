//! stackc compiles one stack.yaml into the files that deploy it: Dockerfiles, Compose files, fly.toml, nginx templates.
//!
//! Data flows one way: [`syntax`] → [`schema`] → [`spec`] → [`resolve`] → [`model`] → [`lint`] → [`emit`] → [`patch`] → [`artifact`] →
//! [`mod@write`]. [`compile`] names the stages in that order; only [`mod@write`] and [`cli`] touch files, the terminal or the process.

pub mod artifact;
pub mod cli;
pub mod code;
pub mod compile;
pub mod diagnostic;
pub mod emit;
pub mod escape;
pub mod facts;
mod languages;
pub mod lint;
pub mod model;
pub mod patch;
pub mod pins;
pub mod recipe;
pub mod resolve;
pub mod schema;
pub mod source;
pub mod spec;
pub mod syntax;
pub mod template;
pub mod write;
