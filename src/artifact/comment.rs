//! Comments as lines of an output: no text can break out of them, and none leaves blanks at a line's end.

use super::yaml::printable;

/// The lines of `text`, each as a comment.
pub(super) fn lines(text: &str) -> impl Iterator<Item = String> {
    text.lines().map(|line| {
        let shown: String = line.chars().map(|c| if printable(c) { c } else { ' ' }).collect();
        format!("# {}", shown.trim_end()).trim_end().to_owned()
    })
}
