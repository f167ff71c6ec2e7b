//! When a job runs: a word, or a cron expression that says when.

use super::Scope;
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::model::Schedule;
use crate::source::{Place, SpecPath};

/// The schedule that `text` says; a fault in it is reported.
pub(super) fn schedule(scope: &mut Scope<'_, '_>, text: &str, path: &SpecPath) -> Option<Schedule> {
    Some(match text {
        "hourly" => Schedule::Hourly,
        "daily" => Schedule::Daily,
        "weekly" => Schedule::Weekly,
        "monthly" => Schedule::Monthly,
        cron => match cron_fault(cron) {
            None => Schedule::Cron(cron.split_whitespace().collect::<Vec<_>>().join(" ")),
            Some(fault) => {
                let finding = Finding::new(Code::InvalidValue, Place::Value(path.clone()), fault, "no such time");
                let help = "the five fields are minute 0-59, hour 0-23, day 1-31, month 1-12, weekday 0-6, such as `\"30 3 * * *\"`";
                scope.report(finding.help(help));
                return None;
            }
        },
    })
}

/// The fields of a cron expression: name, least, most, and the names that stand for numbers.
const FIELDS: [(&str, u32, u32, &[&str]); 5] = [
    ("minute", 0, 59, &[]),
    ("hour", 0, 23, &[]),
    ("day", 1, 31, &[]),
    ("month", 1, 12, &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]),
    ("weekday", 0, 6, &["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
];

/// What is wrong with a cron expression, as POSIX and GitHub read one.
fn cron_fault(text: &str) -> Option<String> {
    for (field, (name, least, most, names)) in text.split_whitespace().zip(FIELDS) {
        let number = |word: &str| -> Option<u32> {
            let named = names.iter().position(|known| known.eq_ignore_ascii_case(word));
            named
                .and_then(|at| u32::try_from(at).ok())
                .map(|at| at + least)
                .or_else(|| super::ports::whole_number(word))
        };
        let fits = |word: &str| number(word).is_some_and(|number| (least..=most).contains(&number));
        let range = |text: &str| match text.split_once('-') {
            Some((from, to)) => fits(from) && fits(to) && number(from) <= number(to),
            None => text == "*" || fits(text),
        };
        // One that leaves the field starts again with the next hour, day or month: `*/90` is every hour.
        let step_leaves = |part: &str| {
            let (of, step) = part.split_once('/')?;
            let (from, to) = of.split_once('-').unwrap_or((of, ""));
            let longest = number(to).unwrap_or(most).saturating_sub(number(from).unwrap_or(least));
            super::ports::whole_number::<u32>(step).filter(|step| *step > longest)
        };
        let part = |text: &str| match text.split_once('/') {
            Some((of, step)) => range(of) && super::ports::whole_number::<u32>(step).is_some_and(|step| step > 0),
            None => range(text),
        };
        if !field.split(',').all(part) {
            return Some(format!("`{field}` is no {name} of a cron expression"));
        }
        if let Some(step) = field.split(',').find_map(step_leaves) {
            return Some(format!("`{field}` has a step of {step}, and no {name} comes so long after another"));
        }
    }
    no_such_day(text)
}

/// The days of the months, a leap year's.
const DAYS: [u32; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// A day that none of the months has. A weekday beside it would do as well.
fn no_such_day(text: &str) -> Option<String> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let [_, _, days, months, weekday] = fields.as_slice() else { return None };
    let first = |part: &str| part.split(['-', '/']).next().and_then(super::ports::whole_number::<u32>).unwrap_or(1);
    let day = days.split(',').map(first).min()?;
    let named = FIELDS[3].3;
    let number = |word: &str| {
        let at = named.iter().position(|known| known.eq_ignore_ascii_case(word));
        at.map(|at| at + 1).or_else(|| super::ports::whole_number(word))
    };
    let alone: Option<Vec<usize>> = months.split(',').map(number).collect();
    let fits = |month: &usize| DAYS.get(month.wrapping_sub(1)).is_some_and(|last| day <= *last);
    let comes = *weekday != "*" || alone.is_none_or(|months| months.iter().any(fits));
    (!comes).then(|| format!("no month of `{months}` has a day {day}"))
}

#[cfg(test)]
mod tests {
    use super::cron_fault;

    #[test]
    fn cron_expressions_are_read_as_posix_says() {
        for right in [
            "30 3 * * *",
            "*/15 * * * *",
            "0 0 1,15 jan-mar mon-fri",
            "0 22 * * 1-5",
            "5-59/10 * * * *",
            "0 0 31 2 1",
            "0 0 29 2 *",
            "0 0 31 4-5 *",
            "*/59 */23 */30 * *",
            "0 8-20/12 * * *",
        ] {
            assert_eq!(cron_fault(right), None, "{right}");
        }
        for wrong in [
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * * 13 *",
            "* * * * 7",
            "5-1 * * * *",
            "*/0 * * * *",
            "x * * * *",
            "0 0 31 2 *",
            "0 0 30,31 feb *",
            "0 0 31 4,6 *",
            "*/90 * * * *",
            "0 */36 * * *",
            "0 8-20/13 * * *",
        ] {
            assert!(cron_fault(wrong).is_some(), "{wrong}");
        }
    }
}
