//! Values in fly.toml, which knows no variables: what the deployment knows takes its default.

use crate::model::Flat;

/// The text; `lint` has seen to it that each variable has a value and no secret gets here.
pub fn print(flat: &[Flat]) -> String {
    Flat::settled(flat)
        .expect("lint refuses a variable without a value, and a value with a secret becomes a Fly secret")
}

/// The text for a person to read, with the names of secrets where their values go.
pub fn outline(flat: &[Flat]) -> String {
    let piece = |piece: &Flat| match piece {
        Flat::Secret(name) => format!("<{name}>"),
        other => print(std::slice::from_ref(other)),
    };
    flat.iter().map(piece).collect()
}
