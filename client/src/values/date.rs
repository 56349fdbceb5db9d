//! A day of the calendar, as responses write it.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, ErrorKind};

/// A day: `2026-11-28`. A time after it (`2026-11-28 10:00:00`, `2026-11-28T10:00:00Z`) is accepted and not kept, since the
/// API does not say which time zone it is in.
///
/// ```
/// let date: swpanel::Date = "2026-11-28".parse()?;
/// assert_eq!((date.year, date.month, date.day), (2026, 11, 28));
/// assert!("2026-02-29".parse::<swpanel::Date>().is_err() && "0000-00-00".parse::<swpanel::Date>().is_err());
/// # Ok::<(), swpanel::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Date {
    /// Year, from 1.
    pub year: u16,
    /// Month, from 1.
    pub month: u8,
    /// Day of the month, from 1.
    pub day: u8,
}

impl Date {
    /// The day that a text begins with, where it is one. A time may follow.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let (date, rest) = (text.get(..10)?, text.get(10..)?);
        // The first character shows whether a time follows; anything else is not a date.
        let is_time = match rest.as_bytes() {
            [] => true,
            [b'T' | b't' | b' ', hour, _, b':', ..] => hour.is_ascii_digit(),
            _ => false,
        };
        let mut parts = date.split('-');
        let mut number = |length: usize| {
            let part = parts.next().filter(|part| part.len() == length && part.bytes().all(|c| c.is_ascii_digit()))?;
            part.parse::<u16>().ok()
        };
        let (year, month, day) = (number(4)?, u8::try_from(number(2)?).ok()?, u8::try_from(number(2)?).ok()?);
        let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            2 if is_leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => 0,
        };
        (is_time && year > 0 && (1..=days).contains(&day)).then_some(Self { year, month, day })
    }
}

impl FromStr for Date {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        // The text may be a secret, so it is not repeated.
        let wrong = || Error::new(ErrorKind::InvalidArgument, "the text is not a date in the form 2026-11-28");
        Self::read(text).ok_or_else(wrong)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}
