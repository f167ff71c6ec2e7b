//! The list of the languages that stackc can build. What names each of them is made from it: the modules and types in `recipe`, the keys of
//! `build` in `spec`, the templates of Dockerfiles. It knows none of these itself.

/// Hands the list to the macro `$make`. A line is `"key": file::Type`: the key in `build`, which is the template's name as well, then the file
/// below `src/recipe` and the type in it. The text above it is what editors and the reference say of the key.
macro_rules! each_language {
    ($make:ident) => {
        $make! {
            /// A Python application. For example `python: {version: 3.13, requirements: requirements.txt}`.
            "python": python::Python,
            /// A Node application, or a site that Node builds. For example `node: {version: 22, package_manager: npm, script: build, output: dist}`.
            "node": node::Node,
            /// A program in Go. For example `go: {version: 1.26, package: ./cmd/api}`.
            "go": go::Go,
            /// A program in Rust. For example `rust: {version: 1.95, bin: api}`.
            "rust": rust::Rust,
            /// A Ruby application, such as one on Rails or Sinatra. For example `ruby: {version: 3.4}`.
            "ruby": ruby::Ruby,
            /// A folder that is served as it is, such as `public`.
            "static": files::Static,
        }
    };
}

pub(crate) use each_language;

macro_rules! keys {
    ($($(#[$text:meta])+ $key:literal: $file:ident::$Language:ident,)+) => {
        /// Their keys in `build`.
        pub const KEYS: &[&str] = &[$($key),+];
    };
}

each_language!(keys);
