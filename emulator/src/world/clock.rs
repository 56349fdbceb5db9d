//! The emulator's own time: seconds since 1970 in UTC, read from and written as text.

/// Where the clock stands at the start: the day of the vendor's latest example clients.
pub(crate) const START: i64 = 1_780_387_200;

/// The last second of the year 9999, where four digits end.
pub(crate) const LATEST: i64 = 253_402_300_799;

const DAY: i64 = 86_400;

/// Days since 1970 of a day of the Gregorian calendar (the algorithm counts years from March).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let shifted = (month + 9) % 12;
    let of_year = (153 * shifted + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day of a number of days since 1970.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let calendar = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(calendar <= 2), calendar, day)
}

/// `2026-06-02`.
pub(crate) fn date(time: i64) -> String {
    let (year, month, day) = civil(time.div_euclid(DAY));
    format!("{year:04}-{month:02}-{day:02}")
}

/// `2026-06-02T08:00:00Z`.
pub(crate) fn instant(time: i64) -> String {
    let rest = time.rem_euclid(DAY);
    format!("{}T{:02}:{:02}:{:02}Z", date(time), rest / 3_600, rest % 3_600 / 60, rest % 60)
}

/// Reads `2026-06-02`, `2026-06-02T08:00`, `2026-06-02T08:00:00` or the same with a `Z`.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let text = text.strip_suffix('Z').unwrap_or(text);
    let (date, time) = text.split_once(['T', ' ']).unwrap_or((text, "00:00:00"));
    let mut parts = date.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let mut parts = time.split(':').map(|part| part.parse::<i64>().ok());
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next().unwrap_or(Some(0))?);
    let plausible = (1..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..60).contains(&second);
    let days = days(year, month, day);
    (plausible && civil(days) == (year, month, day)).then_some(days * DAY + hour * 3_600 + minute * 60 + second)
}

/// The same day of a later year; the last of February where there is no 29th.
pub(crate) fn add_years(time: i64, years: i64) -> i64 {
    let (year, month, day) = civil(time.div_euclid(DAY));
    let target = days(year.saturating_add(years).clamp(1, 9_999), month, day);
    let target = if civil(target).1 == month { target } else { target - 1 };
    target * DAY + time.rem_euclid(DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_the_same_instant() {
        assert_eq!(instant(START), "2026-06-02T08:00:00Z");
        for text in ["1970-01-01T00:00:00Z", "2000-02-29T23:59:59Z", "2026-12-31T12:30:01Z", "2400-02-29T00:00:00Z"] {
            assert_eq!(instant(parse(text).unwrap()), text);
        }
        assert_eq!(parse("2026-02-30"), None);
        assert_eq!(parse("2026-06-02 08:00"), Some(START));
        assert_eq!(date(add_years(parse("2024-02-29").unwrap(), 1)), "2025-02-28");
    }
}
