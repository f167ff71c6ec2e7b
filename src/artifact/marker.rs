//! The marker line by which a file tells whether it is ours and untouched, edited since, or not ours.
//!
//! `# stackc:1 <path> sha256=<16 hex>`, where the hash is over all other lines (CRLF read as LF, final newlines
//! trimmed). It stands on line 1, or right after lines that must come first: `#!`, `# syntax=`, `# check=`, `# escape=`.

use super::yaml::printable;
use sha2::{Digest, Sha256};

const OPENING: &str = "# stackc:1 ";
const HASH: &str = " sha256=";

/// Whose a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ownership {
    /// Written by stackc for this path, and not changed since.
    Untouched,
    /// Written by stackc for this path, and changed by someone else since.
    Edited,
    /// Written by stackc for this path, and left with conflicts by a merge.
    Unmerged,
    /// Not written by stackc, or a copy of a file that stackc wrote elsewhere.
    Foreign,
}

/// The text with its marker line and exactly one final newline.
pub fn stamp(path: &str, text: &str) -> String {
    let body = text.trim_end_matches(['\n', '\r']);
    let marker = line(path, &lines(body.as_bytes()));
    let (head, rest) = body.split_at(head_len(body));
    let end_of_head = if head.is_empty() || head.ends_with('\n') { "" } else { "\n" };
    let end_of_rest = if rest.is_empty() { "" } else { "\n" };
    format!("{head}{end_of_head}{marker}\n{rest}{end_of_rest}")
}

/// Whose the file at `path` with this content is.
pub fn read(path: &str, content: &[u8]) -> Ownership {
    let (marker, others) = take_marker(content);
    match marker {
        Some(marker) if marker == line(path, &others).as_bytes() => Ownership::Untouched,
        _ if names(path, content) && is_unmerged(content) => Ownership::Unmerged,
        _ if names(path, content) => Ownership::Edited,
        _ => Ownership::Foreign,
    }
}

/// Whether two files hold the same lines, whatever their line ends are.
pub fn same_lines(one: &[u8], other: &[u8]) -> bool {
    lines(one) == lines(other)
}

/// Whether two files hold the same lines, whatever their line ends and their markers are; those of `one` may be in conflict.
pub fn same_but_marker(one: &[u8], other: &[u8]) -> bool {
    take_marker(&without_conflict(one)).1 == take_marker(other).1
}

/// What git writes around the sides of a conflict, the name of a side after some; the second is there if asked for.
const CONFLICT: [&[u8]; 4] = [b"<<<<<<<", b"|||||||", b"=======", b">>>>>>>"];

/// Whether a merge left conflicts.
fn is_unmerged(content: &[u8]) -> bool {
    let lines = lines(content);
    [CONFLICT[0], CONFLICT[2], CONFLICT[3]].iter().all(|sign| lines.iter().any(|line| line.starts_with(sign)))
}

/// The content without the conflict of two branches about the marker alone: its signs, and each marker but the first.
fn without_conflict(content: &[u8]) -> Vec<u8> {
    if !is_unmerged(content) {
        return content.to_vec();
    }
    let mut marked = false;
    let kept = lines(content).into_iter().filter(|line| {
        let again = line.starts_with(OPENING.as_bytes()) && std::mem::replace(&mut marked, true);
        !again && !CONFLICT.iter().any(|sign| line.starts_with(sign))
    });
    kept.collect::<Vec<_>>().join(&b'\n')
}

/// The length of the lines at the top of `text` that must stay there: `#!` and BuildKit's directives.
pub fn head_len(text: &str) -> usize {
    let head = |line: &&str| is_head(line.as_bytes());
    text.split_inclusive('\n').take_while(head).map(str::len).sum()
}

/// The content's lines without its marker, and the marker where it is in its place.
fn take_marker(content: &[u8]) -> (Option<&[u8]>, Vec<&[u8]>) {
    let mut lines = lines(content);
    let place = lines.iter().take_while(|line| is_head(line)).count();
    let marked = lines.get(place).is_some_and(|line| line.starts_with(OPENING.as_bytes()));
    (marked.then(|| lines.remove(place)), trim(lines))
}

fn line(path: &str, others: &[&[u8]]) -> String {
    let digest = Sha256::digest(others.join(&b'\n'));
    let hash: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let path: String = path.chars().map(|c| if printable(c) { c } else { '?' }).collect();
    format!("{OPENING}{path}{HASH}{hash}")
}

/// Whether any line holds a marker for `path`; a line added above it, or a merge conflict, moves it from its place.
fn names(path: &str, content: &[u8]) -> bool {
    let marker = format!("{OPENING}{path}{HASH}");
    content.windows(marker.len()).any(|bytes| bytes == marker.as_bytes())
}

fn lines(content: &[u8]) -> Vec<&[u8]> {
    trim(content.split(|&byte| byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line)).collect())
}

fn trim(mut lines: Vec<&[u8]>) -> Vec<&[u8]> {
    while lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    lines
}

fn is_head(line: &[u8]) -> bool {
    let directive = |line: &[u8]| {
        let text = line.trim_ascii().to_ascii_lowercase();
        let after = |name: &&str| text.strip_prefix(name.as_bytes()).map(<[u8]>::trim_ascii_start);
        ["syntax", "check", "escape"].iter().filter_map(after).any(|rest| rest.starts_with(b"="))
    };
    line.starts_with(b"#!") || line.strip_prefix(b"#").is_some_and(directive)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "web app/Dockerfile";

    #[test]
    fn the_marker_stands_first_or_behind_what_must_be_first() {
        let marker_line = |text: &str| {
            let stamped = stamp(PATH, text);
            assert_eq!(read(PATH, stamped.as_bytes()), Ownership::Untouched, "{text:?}");
            assert!(stamped.ends_with('\n') && !stamped.ends_with("\n\n"), "{text:?}");
            stamped.lines().position(|line| line.starts_with(OPENING)).expect("a marker")
        };
        for text in ["FROM x", "FROM x\n\n\n", "# a comment\n# syntax=late\n", "", "\n", "# syntaxes = x\n"] {
            assert_eq!(marker_line(text), 0, "{text:?}");
        }
        for text in ["#!/bin/sh\nx\n", "#!/bin/sh", "# syntax=docker/dockerfile:1\nFROM x\n", "#check=skip=all\n"] {
            assert_eq!(marker_line(text), 1, "{text:?}");
        }
        assert_eq!(marker_line("# Syntax = x\n# check=error=true\nFROM x\n"), 2);
    }

    #[test]
    fn line_ends_and_final_newlines_do_not_count() {
        let stamped = stamp(PATH, "# syntax=x\nFROM a\n\nRUN b\n");
        for same in [stamped.replace('\n', "\r\n"), format!("{stamped}\n\n"), stamped.trim_end().to_owned()] {
            assert_eq!(read(PATH, same.as_bytes()), Ownership::Untouched, "{same:?}");
        }
    }

    #[test]
    fn every_other_change_counts() {
        let stamped = stamp(PATH, "#!/bin/sh\na\nb\n");
        let conflict = format!("<<<<<<< ours\n{stamped}=======\n{stamped}>>>>>>> theirs\n");
        for edited in [
            stamped.replace("a\n", "a \n"),
            stamped.replace("a\n", ""),
            stamped.replace("sha256=", "sha256=0"),
            format!("{stamped}# added\n"),
            format!("# added\n{stamped}"),
            format!("\u{feff}{stamped}"),
        ] {
            assert_eq!(read(PATH, edited.as_bytes()), Ownership::Edited, "{edited:?}");
        }
        assert_eq!(read(PATH, &[stamped.as_bytes(), b"\xff\xfe"].concat()), Ownership::Edited);
        assert_eq!(read(PATH, conflict.as_bytes()), Ownership::Unmerged);
    }

    #[test]
    fn a_conflict_about_the_marker_alone_loses_nothing() {
        let merged = |marker: &str, lines: &str| {
            let other = marker.replace("sha256=", "sha256=0");
            format!("#!/bin/sh\n<<<<<<< HEAD\n{marker}\n=======\n{other}\n>>>>>>> theirs\n{lines}")
        };
        let stamped = stamp(PATH, "#!/bin/sh\na\nb\n");
        let marker = stamped.lines().nth(1).expect("a marker");
        assert!(same_but_marker(merged(marker, "a\nb\n").as_bytes(), stamped.as_bytes()));
        assert!(!same_but_marker(merged(marker, "a\nc\n").as_bytes(), stamped.as_bytes()));
        assert!(!same_but_marker(merged("c", "a\nb\n").as_bytes(), stamped.as_bytes()));
        assert_eq!(read(PATH, merged(marker, "a\nc\n").as_bytes()), Ownership::Unmerged);
    }

    #[test]
    fn copies_and_the_work_of_others_are_foreign() {
        let stamped = stamp("Dockerfile", "FROM x\n");
        assert_eq!(read(PATH, stamped.as_bytes()), Ownership::Foreign);
        for other in ["", "FROM x\n", "# stackc:1\n", "# stackc:2 web app/Dockerfile sha256=00\n"] {
            assert_eq!(read(PATH, other.as_bytes()), Ownership::Foreign, "{other:?}");
        }
    }

    #[test]
    fn a_path_cannot_break_out_of_the_marker() {
        assert_eq!(stamp("a\nRUN evil", "x").lines().count(), 2);
    }

    #[test]
    fn the_same_lines_are_recognised_without_a_marker() {
        let stamped = stamp(PATH, "# syntax=x\nFROM a\n");
        assert!(same_lines(stamped.as_bytes(), stamped.trim_end().replace('\n', "\r\n").as_bytes()));
        assert!(!same_lines(stamped.as_bytes(), b"# syntax=x\nFROM a\n"));
        assert!(same_but_marker(stamped.as_bytes(), b"# syntax=x\r\nFROM a"));
        assert!(!same_but_marker(stamped.as_bytes(), b"# syntax=x\nFROM b\n"));
    }
}
