//! What a description says in fixed words, so that it is written once and serves people, editors and the reference alike: `such as X` names an
//! example, and the sentence `Default: X.` what holds where a key is left out. Reads text only; knows nothing of schemas.

/// The example that a text names after `such as`, in backquotes or as a bare word.
pub fn example(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("such as ")?;
    match rest.strip_prefix('`') {
        Some(quoted) => quoted.split_once('`').map(|(value, _)| value),
        None => rest.split_whitespace().next().map(|word| word.trim_end_matches([',', ';', '.'])),
    }
}

/// The default that a description states, if it is a single value and holds whatever else is there.
pub fn plain_default(description: &str) -> Option<&str> {
    let (_, default, _) = default(description)?;
    let (value, rest) = match default.strip_prefix('`') {
        Some(quoted) => quoted.split_once('`')?,
        None => default.split_at(default.find([' ', ',', ';']).unwrap_or(default.len())),
    };
    (rest.is_empty() || rest.starts_with([',', ';'])).then_some(value)
}

/// The default that a description states, between what stands before it and after it.
pub fn default(description: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = description.split_once("Default: ")?;
    let mut quoted = false;
    let end = rest.char_indices().find_map(|(at, c)| {
        quoted ^= c == '`';
        let last = c == '.' && !quoted && rest[at + 1..].chars().next().is_none_or(char::is_whitespace);
        last.then_some(at)
    })?;
    Some((before.trim_end(), &rest[..end], rest[end + 1..].trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_is_quoted_or_one_word() {
        assert_eq!(example("Memory, such as `512mb`."), Some("512mb"));
        assert_eq!(example("a unit, such as 30s or 1m30s"), Some("30s"));
        assert_eq!(example("starts with a slash, such as /health."), Some("/health"));
        assert_eq!(example("a list of words"), None);
    }

    #[test]
    fn a_default_ends_with_its_sentence() {
        let text = "The user, such as `1000:1000`. Default: `.`, the root. Compose only.";
        assert_eq!(default(text), Some(("The user, such as `1000:1000`.", "`.`, the root", "Compose only.")));
        assert_eq!(plain_default(text), Some("."));
        assert_eq!(plain_default("How often. Default: 3."), Some("3"));
        assert_eq!(plain_default("Folder. Default: `.` if it is alone, else its name."), None);
        assert_eq!(plain_default("Default: the image's."), None);
        assert_eq!(default("No default here."), None);
    }
}
