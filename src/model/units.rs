//! Durations and sizes, as numbers that print in the way people write them.

use std::fmt;
use std::str::FromStr;

/// A span of time in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Duration(pub u64);

impl Duration {
    /// Of whole seconds.
    pub const fn seconds(seconds: u64) -> Self {
        Duration(seconds * 1000)
    }
}

impl FromStr for Duration {
    type Err = ();

    /// Reads sums of numbers with a unit: `500ms`, `30s`, `1m30s`, `1h`.
    fn from_str(text: &str) -> Result<Self, ()> {
        let mut total: u64 = 0;
        let mut rest = text;
        while !rest.is_empty() {
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let number: u64 = rest[..digits].parse().map_err(|_| ())?;
            rest = &rest[digits..];
            let unit = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
            let factor = match &rest[..unit] {
                "ms" => 1,
                "s" => 1000,
                "m" => 60_000,
                "h" => 3_600_000,
                _ => return Err(()),
            };
            rest = &rest[unit..];
            total = number.checked_mul(factor).and_then(|ms| total.checked_add(ms)).ok_or(())?;
        }
        if text.is_empty() { Err(()) } else { Ok(Duration(total)) }
    }
}

impl fmt::Display for Duration {
    /// In the largest units that lose nothing: `1m30s`, `500ms`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        let mut rest = self.0;
        for (unit, factor) in [("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)] {
            if rest >= factor {
                write!(f, "{}{unit}", rest / factor)?;
                rest %= factor;
            }
        }
        Ok(())
    }
}

/// A pebibyte: more than any machine has.
const LARGEST: f64 = (1u64 << 50) as f64;

/// An amount of memory or disk in bytes; units are binary, as Compose and Fly read them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(pub u64);

impl Size {
    /// In whole mebibytes, rounded down.
    pub fn megabytes(self) -> u64 {
        self.0 >> 20
    }

    /// In whole gibibytes, rounded up.
    pub fn gigabytes_up(self) -> u64 {
        self.0.div_ceil(1 << 30)
    }
}

impl FromStr for Size {
    type Err = ();

    /// Reads a number with a unit: `512kb`, `256m`, `1gb`, `7.7gb`; what is left below a kibibyte is dropped.
    fn from_str(text: &str) -> Result<Self, ()> {
        let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
        let number: f64 = text[..digits].parse().map_err(|_| ())?;
        let shift = match text[digits..].to_ascii_lowercase().as_str() {
            "k" | "kb" => 10,
            "m" | "mb" => 20,
            "g" | "gb" => 30,
            _ => return Err(()),
        };
        let bytes = number * f64::from(1 << shift);
        // A whole number of kibibytes, far below where a float would lose one.
        if bytes < LARGEST { Ok(Size(bytes as u64 >> 10 << 10)) } else { Err(()) }
    }
}

impl fmt::Display for Size {
    /// In the largest unit that loses nothing: `1gb`, `256mb`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            bytes if bytes % (1 << 30) == 0 => write!(f, "{}gb", bytes >> 30),
            bytes if bytes % (1 << 20) == 0 => write!(f, "{}mb", bytes >> 20),
            bytes => write!(f, "{}kb", bytes >> 10),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_print_as_people_write_them() {
        for (text, printed) in [("90s", "1m30s"), ("1500ms", "1s500ms"), ("1h", "1h"), ("0s", "0s"), ("60s", "1m")] {
            assert_eq!(text.parse::<Duration>().map(|d| d.to_string()), Ok(printed.to_owned()), "{text}");
        }
        for wrong in ["", "30", "s", "1d", "1m 30s", "99999999999999999999h", "18446744073709551615h"] {
            assert_eq!(wrong.parse::<Duration>(), Err(()), "{wrong}");
        }
    }

    #[test]
    fn sizes_print_in_the_largest_exact_unit() {
        for (text, printed) in [("1024mb", "1gb"), ("256m", "256mb"), ("1536MB", "1536mb"), ("3k", "3kb")] {
            assert_eq!(text.parse::<Size>().map(|s| s.to_string()), Ok(printed.to_owned()), "{text}");
        }
        for wrong in ["", "1", "gb", "1tb", "99999999999gb"] {
            assert_eq!(wrong.parse::<Size>(), Err(()), "{wrong}");
        }
    }
}
