//! Which entries of a document hold given places: services, volumes, hosts, environments, whatever has a name in a section.

use super::document::{Document, Node};
use crate::source::Span;

impl Document {
    /// The spans of the entries of sections in which one of `places` lies, and of what environments say of the same entries.
    pub fn entries_around(&self, places: &[Span]) -> Vec<Span> {
        let Some(root) = self.root() else { return Vec::new() };
        let holds = |span: &Span| {
            places.iter().any(|place| span.start <= place.start && place.start < span.end.max(span.start + 1))
        };
        let entries =
            root.entries().flat_map(|(section, node)| node.entries().map(move |(name, node)| (section, name, node)));
        let mut around = Vec::new();
        for (section, name, node) in entries {
            let span = whole(node);
            if holds(&span) {
                let overlaid = root.entries().filter(|(section, _)| *section == "environments");
                let environments = overlaid.flat_map(|(_, environments)| environments.entries());
                let twins = environments.filter_map(|(_, environment)| get(get(environment, section)?, name));
                around.extend(twins.map(whole));
                around.push(span);
            }
        }
        around
    }
}

fn get<'d>(node: Node<'d>, key: &str) -> Option<Node<'d>> {
    node.entries().find(|(name, _)| *name == key).map(|(_, value)| value)
}

/// From the key to the end of the value.
fn whole(node: Node<'_>) -> Span {
    let span = node.span();
    node.key_span().map_or(span.start, |key| key.start)..span.end
}
