//! Reads what a document announces of an end: `deprecated` with the day in `x-sunset`.

use super::finding::Verdict;
use crate::document::Node;

/// The member that names the day.
pub(super) const MEMBER: &str = "x-sunset";

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
    let form = day.bytes().enumerate().all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    form.then_some(day)
}

/// Rule, verdict and reason of a day that was set, moved or taken away.
pub(super) fn changed(was: &Node, is: &Node) -> (&'static str, Verdict, &'static str) {
    let (verdict, reason) = match (day(was), day(is)) {
        (Some(before), Some(after)) if after < before => {
            (Verdict::Breaking, "clients that rely on the day have less time than they were told")
        }
        (Some(_), None) if is_deprecated(is) => {
            (Verdict::Warning, "it may end any day now, since none is said any more")
        }
        _ => (Verdict::Documentation, "nobody has less time than they were told"),
    };
    ("sunset-changed", verdict, reason)
}
