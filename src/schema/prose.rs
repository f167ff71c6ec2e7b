//! What a description says in fixed words, so that it is written once and serves people, editors and the reference alike: `such as` leads
//! to an example, and the sentence `Default: X.` what holds where a key is left out. Reads text only; knows nothing of schemas.

/// The example that a description names in backquotes after `such as`.
pub fn example(description: &str) -> Option<&str> {
    let (_, rest) = description.split_once("such as `")?;
    rest.split_once('`').map(|(value, _)| value)
}

/// The example that a message names as the word after `such as`.
pub fn example_in_message(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("such as ")?;
    rest.split_whitespace().next().map(|word| word.trim_end_matches([',', ';', '.']))
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
    fn an_example_is_quoted_in_a_description_and_a_word_in_a_message() {
        assert_eq!(example("Memory, such as `512mb`."), Some("512mb"));
        assert_eq!(example("Where it runs, such as a managed database."), None);
        assert_eq!(example("a list of words"), None);
        assert_eq!(example_in_message("a unit, such as 30s or 1m30s"), Some("30s"));
        assert_eq!(example_in_message("starts with a slash, such as /data, without a colon"), Some("/data"));
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
