//! Values in a Compose file: what is fixed is escaped (`$$`), what the deployment knows stays an interpolation.

use crate::model::{Addressing, Flat, Secret, Stack, Text};

/// What Compose says when a value is missing.
const MISSING: &str = "set it in .env, see .env.example";

/// Prints values of one environment.
#[derive(Clone, Copy)]
pub struct Values<'a> {
    /// Resolves references.
    pub addressing: Addressing<'a>,
    /// Knows the secrets.
    pub stack: &'a Stack,
    /// Whether what is missing is left empty: a service that only a profile starts must not keep the others from starting or stopping.
    pub optional: bool,
}

impl Values<'_> {
    /// `text` as Compose reads it.
    pub fn print(&self, text: &Text) -> String {
        self.flat(&self.addressing.known(text))
    }

    /// A resolved text as Compose reads it.
    pub fn flat(&self, flat: &[Flat]) -> String {
        flat.iter().map(|piece| self.piece(piece)).collect()
    }

    fn piece(&self, piece: &Flat) -> String {
        match piece {
            Flat::Literal(text) => fixed(text),
            Flat::Secret(name) => self.secret(name, self.stack.secrets.get(name)),
            Flat::Variable { name, required: Some(message), .. } if !self.optional => {
                format!("${{{name}:?{}}}", plain(message))
            }
            Flat::Variable { name, default: Some(default), .. } => format!("${{{name}:-{}}}", self.flat(default)),
            Flat::Variable { name, default: None, .. } => format!("${{{name}:-}}"),
        }
    }

    fn secret(&self, name: &str, declared: Option<&Secret>) -> String {
        match declared {
            Some(Secret { default: Some(default), .. }) => format!("${{{name}:-{}}}", fixed(default)),
            Some(Secret { required: false, .. }) => format!("${{{name}:-}}"),
            _ if self.optional => format!("${{{name}:-}}"),
            _ => format!("${{{name}:?{MISSING}}}"),
        }
    }
}

/// Text that means itself, wherever Compose would interpolate.
pub fn fixed(text: &str) -> String {
    text.replace('$', "$$")
}

/// A message without what would end or continue the interpolation.
fn plain(message: &str) -> String {
    message.chars().filter(|c| !matches!(c, '{' | '}' | '$') && !c.is_control()).collect()
}
