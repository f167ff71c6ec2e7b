//! What a table of nginx declares before its servers, for locations and requests: maps, networks and rates, under names that are given once.

use serde_json::{Value, json};

use super::{Piece, read};

/// What the locations of a table declare before its servers, under names that are given once.
#[derive(Default)]
pub(super) struct Names {
    pub maps: Vec<Value>,
    pub networks: Vec<Value>,
    pub zones: Vec<Value>,
    taken: Vec<(String, String)>,
}

impl Names {
    /// A name made of `kind` and a path; the same one for the same `meaning`.
    pub fn name(&mut self, kind: &str, path: &str, meaning: &str) -> (String, bool) {
        let words: Vec<&str> =
            path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let base =
            if words.is_empty() { kind.to_owned() } else { format!("{kind}_{}", words.join("_").to_ascii_lowercase()) };
        if let Some((name, _)) = self.taken.iter().find(|(name, known)| known == meaning && name.starts_with(kind)) {
            return (name.clone(), false);
        }
        let free = |name: &String| !self.taken.iter().any(|(taken, _)| taken == name);
        let numbered = (2..).map(|number| format!("{base}_{number}"));
        let name = std::iter::once(base.clone()).chain(numbered).find(free).expect("numbers do not end");
        self.taken.push((name.clone(), meaning.to_owned()));
        (name, true)
    }

    pub fn map(&mut self, kind: &str, path: &str, comment: &str, from: &str, pattern: String, value: Piece) -> Piece {
        let (name, new) = self.name(kind, path, &format!("{pattern} {}", value.1));
        if new {
            self.maps.push(json!({
                "comment": comment, "from": [read(from)], "name": name, "pattern": [read(pattern)], "value": [value],
            }));
        }
        read(format!("${name}"))
    }

    pub fn networks(&mut self, kind: &str, path: &str, networks: &[String]) -> Vec<Piece> {
        let (name, new) = self.name(kind, path, &networks.join(" "));
        if new {
            // A network of all would be the default's own.
            let halves = |network: &String| match network.as_str() {
                "0.0.0.0/0" => vec!["0.0.0.0/1".to_owned(), "128.0.0.0/1".to_owned()],
                "::/0" => vec!["::/1".to_owned(), "8000::/1".to_owned()],
                network => vec![network.to_owned()],
            };
            let networks: Vec<String> = networks.iter().flat_map(halves).collect();
            self.networks.push(json!({"name": name, "networks": networks}));
        }
        vec![read(format!("${name}"))]
    }
}
