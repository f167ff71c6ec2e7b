//! Values in fly.toml, which knows no variables: what the deployment knows takes its default.

use crate::model::Flat;

/// The text; `lint` has seen to it that each variable has a value and no secret gets here.
pub fn print(flat: &[Flat]) -> String {
    Flat::settled(flat)
        .expect("lint refuses a variable without a value, and a value with a secret becomes a Fly secret")
}
