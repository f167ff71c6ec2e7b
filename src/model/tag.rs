//! Whether the name of an image says which version it is.

use super::Flat;

/// Whether the last step of an image's name says a version, or the name is a variable whose default does.
pub(super) fn has_tag(name: &[Flat]) -> bool {
    if let [Flat::Variable { default: Some(default), .. }] = name {
        return has_tag(default);
    }
    for piece in name.iter().rev() {
        let Flat::Literal(text) = piece else { continue };
        let (before, last) = text.rsplit_once('/').map_or((None, text.as_str()), |(before, last)| (Some(before), last));
        if last.contains([':', '@']) {
            return true;
        }
        if before.is_some() {
            return false;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::super::addressing::literal;
    use super::*;

    #[test]
    fn an_image_with_a_version_gets_no_other() {
        let filled = |default: Option<&str>| Flat::Variable {
            name: "V".to_owned(),
            default: default.map(literal),
            required: None,
        };
        let text = |text: &str| Flat::Literal(text.to_owned());
        for (name, tagged) in [
            (vec![text("acme/n")], false),
            (vec![text("acme/n:1")], true),
            (vec![text("acme/n@sha256:00")], true),
            (vec![text("localhost:5000/n")], false),
            (vec![text("acme/n:"), filled(None)], true),
            (vec![text("acme/n:v"), filled(None), text("-alpine")], true),
            (vec![filled(None), text("/n:"), filled(None)], true),
            (vec![filled(None), text("/n")], false),
            (vec![filled(Some("localhost:5000")), text("/n")], false),
            (vec![filled(Some("acme/n:1"))], true),
            (vec![filled(Some("acme/n"))], false),
        ] {
            assert_eq!(has_tag(&name), tagged, "{name:?}");
        }
    }
}
