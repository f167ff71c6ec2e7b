//! Versions as the files of a repository state them, and whether the version of an image fits. What is not understood fits.

/// The numbers of a version; missing ones may be anything.
fn numbers(text: &str) -> Option<Vec<u64>> {
    let text = text.trim().trim_start_matches(['v', '=']).trim();
    let plain = text.split(['-', '+']).next().unwrap_or(text);
    let parts = plain.split('.').take_while(|part| !matches!(*part, "*" | "x" | "X"));
    // 1.28rc1 comes before 1.28, and is as good as that.
    let number = |part: &str| part.split(|c: char| c.is_ascii_alphabetic()).next()?.parse().ok();
    let numbers: Option<Vec<u64>> = parts.map(number).collect();
    numbers.filter(|numbers| !numbers.is_empty())
}

/// What a file that holds one version says: its first line that is no comment, without one behind it.
pub fn stated(text: &str) -> &str {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    lines.into_iter().find(|line| !line.is_empty()).unwrap_or_default()
}

/// Whether two versions can be the same: as far as both say anything, they say the same.
pub fn agree(one: &str, other: &str) -> bool {
    match (numbers(one), numbers(other)) {
        (Some(one), Some(other)) => one.iter().zip(&other).all(|(one, other)| one == other),
        _ => true,
    }
}

/// Whether some `version` (an image's, perhaps only its first numbers) is at least `least`.
pub fn at_least(version: &str, least: &str) -> bool {
    match (numbers(version), numbers(least)) {
        (Some(version), Some(least)) => newest(&version) >= oldest(&least),
        _ => true,
    }
}

/// The newest version that begins with these numbers.
fn newest(version: &[u64]) -> [u64; 3] {
    std::array::from_fn(|at| version.get(at).copied().unwrap_or(u64::MAX))
}

/// The oldest version that begins with these numbers.
fn oldest(version: &[u64]) -> [u64; 3] {
    std::array::from_fn(|at| version.get(at).copied().unwrap_or(0))
}

/// Whether `version` fits a range as Python's packaging writes it, such as `>=3.11,<3.14`.
pub fn fits_python(version: &str, range: &str) -> bool {
    range.split(',').all(|clause| fits_clause(version, clause.trim()))
}

/// Whether `version` fits a requirement as a Gemfile writes it, such as `~> 3.4, >= 3.4.1`. Bundler takes a bare version at its word: an image
/// with some 3.4 need not have 3.4.1.
pub fn fits_ruby(version: &str, requirement: &str) -> bool {
    requirement.split(',').map(str::trim).all(|clause| match clause.strip_prefix("~>") {
        Some(bound) => fits_clause(version, &format!("~={bound}")),
        None if clause.starts_with(|c: char| c.is_ascii_digit()) => match (numbers(version), numbers(clause)) {
            (Some(version), Some(stated)) => version.starts_with(&stated),
            _ => true,
        },
        None => fits_clause(version, clause),
    })
}

/// As Python and Ruby read it: 3.12.1 is greater than 3.12.
fn fits_clause(version: &str, clause: &str) -> bool {
    match clause.strip_prefix('>').filter(|rest| !rest.starts_with('=')) {
        Some(bound) => match (numbers(version), numbers(bound)) {
            (Some(version), Some(bound)) => newest(&version) > oldest(&bound),
            _ => true,
        },
        None => fits(version, clause),
    }
}

/// Whether `version` fits a range as npm writes it, such as `^20.11 || >=22`.
pub fn fits_npm(version: &str, range: &str) -> bool {
    let alternatives = range.split("||").map(|alternative| {
        if let Some((low, high)) = alternative.split_once(" - ") {
            return fits(version, &format!(">={}", low.trim())) && fits(version, &format!("<={}", high.trim()));
        }
        // `>= 20` is one clause.
        let joined = [">=", "<=", ">", "<", "^", "~", "="]
            .iter()
            .fold(alternative.trim().to_owned(), |text, operator| text.replace(&format!("{operator} "), operator));
        joined.split_whitespace().all(|clause| fits(version, clause))
    });
    alternatives.into_iter().any(|fits| fits)
}

fn fits(version: &str, clause: &str) -> bool {
    let operators = [">=", "<=", "==", "!=", "~=", ">", "<", "^", "~", "="];
    let operator = operators.into_iter().find(|operator| clause.starts_with(operator)).unwrap_or("");
    let (Some(version), Some(bound)) = (numbers(version), numbers(&clause[operator.len()..])) else { return true };
    let (high, low) = (newest(&version), oldest(&version));
    // Poetry's `^3.11` is below 4, npm's `^0.2` below 0.3.
    let significant = if operator == "^" { bound.iter().position(|number| *number > 0).unwrap_or(0) + 1 } else { 0 };
    match operator {
        ">=" => high >= oldest(&bound),
        ">" => high > newest(&bound),
        "<=" => low <= newest(&bound),
        "<" => low < oldest(&bound),
        "!=" => !(bound.len() <= version.len() && version.starts_with(&bound)),
        "^" => high >= oldest(&bound) && same(&version, &bound, significant),
        // `~3.11` and `~=3.11.2` stay within 3.11; `~=3.11` stays within 3.
        "~" => high >= oldest(&bound) && same(&version, &bound, bound.len().min(2)),
        "~=" => high >= oldest(&bound) && same(&version, &bound, bound.len().saturating_sub(1).max(1)),
        _ => version.iter().zip(&bound).all(|(one, other)| one == other),
    }
}

/// Whether the first `count` numbers are the same, as far as both have them.
fn same(version: &[u64], bound: &[u64], count: usize) -> bool {
    version.iter().zip(bound).take(count).all(|(one, other)| one == other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_their_tools_read_them() {
        for (version, range, expected) in [
            ("3.12", ">=3.11,<3.14", true),
            ("3.14", ">=3.11,<3.14", false),
            ("3.10", ">=3.11", false),
            ("3.12", "^3.11", true),
            ("3.12", "~=3.11", true),
            ("3.12", "~3.11", false),
            ("3.12", "==3.12.*", true),
            ("3.12", "!=3.12.1", true),
            ("3.12", "whatever", true),
            ("3.12", ">3.12", true),
            ("3.12.0", ">3.12.0", false),
            ("3.11", "> 3.12", false),
        ] {
            assert_eq!(fits_python(version, range), expected, "{version} {range}");
        }
        for (version, range, expected) in [
            ("20", ">= 18", true),
            ("20", ">=18 <20", false),
            ("20", "^18 || ^20", true),
            ("20", "22.x", false),
            ("20", "22", false),
            ("20", "18 - 22", true),
            ("22", "18 - 20", false),
            ("16", "18 - 20 || 22", false),
            ("20", ">20", false),
            ("22.11.0", "^22.12", false),
            ("22", "^22.12", true),
        ] {
            assert_eq!(fits_npm(version, range), expected, "{version} {range}");
        }
        for (version, requirement, expected) in [
            ("3.4", "~> 3.4.1", true),
            ("3.4", "~> 3.3.0", false),
            ("3.4", ">= 3.2, < 4.0", true),
            ("3.4", ">= 3.2, < 3.4", false),
            ("3.4.7", "3.4.7", true),
            ("3.4", "3.4.7", false),
            ("3.4", "head", true),
        ] {
            assert_eq!(fits_ruby(version, requirement), expected, "{version} {requirement}");
        }
        assert!(agree("3.12", "3.12.4") && !agree("3.12", "3.13") && agree("20", "lts/iron"));
        assert!(!at_least("1.27", "1.28rc1") && at_least("1.28", "1.28rc1"));
        assert_eq!(stated("# the LTS\n\n20 # iron\n22\n"), "20");
        assert_eq!(stated(""), "");
        assert!(at_least("1.27", "1.26.3") && !at_least("1.25", "1.26"));
    }
}
