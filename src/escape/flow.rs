//! Words of YAML that helps show: what can be typed in as it stands.

use std::fmt;

use super::json;

/// A word of a list or mapping in YAML's flow style, as helps show it: bare where every reader takes it for that text, else as a JSON string, which
/// is one of YAML's as well.
pub struct FlowWord<'a>(pub &'a str);

impl fmt::Display for FlowWord<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bare = self.0.chars().all(|c| c.is_ascii_alphanumeric() || "._/-".contains(c));
        if bare && !matches!(self.0, "" | "-") { f.write_str(self.0) } else { f.write_str(&json(self.0)) }
    }
}

#[cfg(test)]
mod tests {
    use super::FlowWord;

    #[test]
    fn a_word_of_a_list_is_read_as_it_is() {
        for (word, written) in [
            ("pg_isready", "pg_isready"),
            ("-h", "-h"),
            ("-", r#""-""#),
            ("", r#""""#),
            ("@acme/web", r#""@acme/web""#),
            (r#"say "x""#, r#""say \"x\"""#),
            ("a, b", r#""a, b""#),
        ] {
            assert_eq!(FlowWord(word).to_string(), written);
        }
    }
}
