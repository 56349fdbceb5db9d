//! Reads what a document announces: an end (`deprecated` with the day in `x-sunset`), and how stable an operation is
//! (`x-stability-level`).

use serde::Deserialize;

use super::finding::Verdict;
use crate::document::Node;

/// The member that names the day of an end.
pub(super) const MEMBER: &str = "x-sunset";
/// The member that says how stable an operation is.
pub(super) const STABILITY: &str = "x-stability-level";

/// The levels, the least stable first.
const LEVELS: [&str; 4] = ["draft", "alpha", "beta", "stable"];

/// How many days must be between the announcement of an end and the end. 0 asks for nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grace {
    /// For operations that are stable, or say nothing of it.
    #[serde(default)]
    pub stable: u32,
    /// For operations of the level `beta`.
    #[serde(default)]
    pub beta: u32,
}

/// What was announced of an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Nothing, or no day.
    Unsaid,
    /// A day that has not come.
    Later,
    /// A day that has come.
    Passed,
}

/// Rule, verdict and reason.
type Judged = (&'static str, Verdict, &'static str);

/// What a node announces of its end, seen on that day (`YYYY-MM-DD`).
pub(super) fn of(node: &Node, today: &str) -> End {
    match day(node).filter(|_| is_deprecated(node)) {
        None => End::Unsaid,
        Some(day) if day <= today => End::Passed,
        Some(_) => End::Later,
    }
}

fn is_deprecated(node: &Node) -> bool {
    node.get("deprecated").and_then(Node::as_bool) == Some(true)
}

/// The day of a date, or of a date with a time.
fn day(node: &Node) -> Option<&str> {
    let day = node.text_at(MEMBER)?.get(..10)?;
    number(day).map(|_| day)
}

/// The number of a day (`YYYY-MM-DD`), by which days are counted.
fn number(day: &str) -> Option<i64> {
    let mut parts = day.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, date) = (parts.next()??, parts.next()??, parts.next()??);
    if day.len() != 10 || !(1..=12).contains(&month) || !(1..=31).contains(&date) {
        return None;
    }
    // Years begin in March, so that the day that leap years have more is the last one.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    Some(year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + (month * 153 + 2) / 5 + date)
}

/// A day that was set, moved or taken away.
pub(super) fn changed(was: &Node, is: &Node) -> Judged {
    let (verdict, reason) = match (day(was), day(is)) {
        (Some(before), Some(after)) if after < before => {
            (Verdict::Breaking, "clients that rely on the day have less time than was announced")
        }
        (Some(_), None) if is_deprecated(is) => {
            (Verdict::Breaking, "clients rely on the day, and now it may end on any other")
        }
        _ => (Verdict::Documentation, "nobody has less time than was announced"),
    };
    ("sunset-changed", verdict, reason)
}

/// An end that is announced now, or on another day, and leaves clients less time than the team grants them.
pub(super) fn too_soon(was: &Node, is: &Node, level: Option<&str>, (today, grace): (&str, Grace)) -> Option<Judged> {
    let days = match level {
        Some("draft" | "alpha") => 0,
        Some("beta") => grace.beta,
        _ => grace.stable,
    };
    let announced = is_deprecated(is) && (!is_deprecated(was) || day(was) != day(is));
    let left = day(is).and_then(number).zip(number(today)).map(|(end, today)| end - today);
    let enough = left.is_some_and(|left| left >= i64::from(days));
    let reason = "the end is announced without a day, or sooner than the grace period of .swpanel-drift.toml allows";
    (days > 0 && announced && !enough).then_some(("sunset-too-soon", Verdict::Breaking, reason))
}

/// The level of stability of an operation.
pub(super) fn level(operation: &Node) -> Option<&str> {
    operation.text_at(STABILITY)
}

/// Another level of stability.
pub(super) fn level_changed(was: &Node, is: &Node) -> Judged {
    let rank = |node: &Node| level(node).and_then(|level| LEVELS.iter().position(|known| *known == level));
    let (verdict, reason) = match (rank(was), rank(is)) {
        (Some(before), Some(after)) if after < before => {
            (Verdict::Breaking, "what was promised to stay may be changed freely now")
        }
        _ => (Verdict::Documentation, "nothing that was promised is taken back"),
    };
    ("stability-changed", verdict, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_over_leap_years_and_the_ends_of_months() {
        let between = |one: &str, other: &str| Some(number(other)? - number(one)?);
        for (one, other, days) in [
            ("2024-02-28", "2024-03-01", Some(2)),
            ("2026-02-28", "2026-03-01", Some(1)),
            ("2025-12-31", "2026-01-01", Some(1)),
            ("2026-01-01", "2027-01-01", Some(365)),
            ("2000-01-01", "2001-01-01", Some(366)),
            ("2026-01-01", "2026-13-01", None),
            ("2026-01-01", "soon", None),
        ] {
            assert_eq!(between(one, other), days, "{one} {other}");
        }
    }
}
