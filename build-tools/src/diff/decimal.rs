//! A number as it is written to one that is compared exactly: `9007199254740993` is not `9007199254740992`.

use std::cmp::Ordering;

/// A decimal number of any length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    negative: bool,
    /// Without zeros at either end; empty is zero.
    digits: Vec<u8>,
    /// The power of ten by which the digits, read as a whole number, are multiplied.
    exponent: i64,
}

/// Numbers with more digits than these are compared, but not counted up or written out.
const LONGEST: i64 = 400;

impl Decimal {
    /// Reads a number of JSON.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (negative, rest) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (plain, power) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
        let power: i64 = power.parse().ok().filter(|power: &i64| power.abs() < 1_000_000)?;
        let (whole, part) = plain.split_once('.').unwrap_or((plain, ""));
        let digits: Vec<u8> = whole.bytes().chain(part.bytes()).collect();
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let exponent = power - i64::try_from(part.len()).ok()?;
        Some(Self::of(negative, digits.iter().map(|digit| digit - b'0').collect(), exponent))
    }

    fn of(negative: bool, mut digits: Vec<u8>, mut exponent: i64) -> Self {
        while digits.last() == Some(&0) {
            digits.pop();
            exponent += 1;
        }
        let first = digits.iter().position(|digit| *digit != 0).unwrap_or(digits.len());
        digits.drain(..first);
        match digits.is_empty() {
            true => Self { negative: false, digits, exponent: 0 },
            false => Self { negative, digits, exponent },
        }
    }

    /// How many digits stand before the point.
    fn size(&self) -> i64 {
        i64::try_from(self.digits.len()).unwrap_or(i64::MAX).saturating_add(self.exponent)
    }

    pub(super) fn is_whole(&self) -> bool {
        self.exponent >= 0
    }

    pub(super) fn is_positive(&self) -> bool {
        !self.negative && !self.digits.is_empty()
    }

    /// The whole part, towards zero, with all its digits; nothing where they are too many.
    fn whole_digits(&self) -> Option<Vec<u8>> {
        let size = usize::try_from(self.size().max(0)).ok().filter(|_| self.size() <= LONGEST)?;
        Some(self.digits.iter().copied().chain(std::iter::repeat(0)).take(size).collect())
    }

    /// The whole number one further up or down.
    fn step(&self, up: bool) -> Option<Self> {
        let mut digits = self.whole_digits()?;
        if digits.iter().all(|digit| *digit == 0) {
            return Some(Self::of(!up, vec![1], 0));
        }
        let grows = up != self.negative;
        for digit in digits.iter_mut().rev() {
            match (grows, *digit) {
                (true, 9) => *digit = 0,
                (true, _) => {
                    *digit += 1;
                    return Some(Self::of(self.negative, digits, 0));
                }
                (false, 0) => *digit = 9,
                (false, _) => {
                    *digit -= 1;
                    return Some(Self::of(self.negative, digits, 0));
                }
            }
        }
        digits.insert(0, 1);
        Some(Self::of(self.negative, digits, 0))
    }

    /// The nearest whole number that is not below (`up`) or not above; with `beyond` not the number itself either.
    pub(super) fn whole(&self, up: bool, beyond: bool) -> Self {
        let next = match (self.is_whole(), beyond) {
            (true, false) => None,
            (true, true) => self.step(up),
            (false, _) => {
                let cut = self.whole_digits().map(|digits| Self::of(self.negative, digits, 0));
                if up == self.negative { cut } else { cut.and_then(|cut| cut.away(up)) }
            }
        };
        next.unwrap_or_else(|| self.clone())
    }

    /// One further from a number that was cut towards zero.
    fn away(&self, up: bool) -> Option<Self> {
        Self { negative: !up, ..self.clone() }.step(up)
    }

    /// Whether it is a whole number of times the other; nothing where that is too long to tell.
    pub(super) fn is_multiple_of(&self, other: &Self) -> Option<bool> {
        let shift = self.exponent.min(other.exponent);
        let zeros = |number: &Self| usize::try_from(number.exponent - shift).ok().filter(|zeros| *zeros < 10_000);
        let mut divisor: u128 = 0;
        for digit in other.digits.iter().copied().chain(std::iter::repeat_n(0, zeros(other)?)) {
            divisor = divisor.checked_mul(10)?.checked_add(u128::from(digit))?;
        }
        if divisor == 0 || divisor > u128::MAX / 16 {
            return None;
        }
        let mut left: u128 = 0;
        for digit in self.digits.iter().copied().chain(std::iter::repeat_n(0, zeros(self)?)) {
            left = (left * 10 + u128::from(digit)) % divisor;
        }
        Some(left == 0)
    }

    /// The same number, always in the same words.
    pub(super) fn words(&self) -> String {
        if self.digits.is_empty() {
            return "0".to_owned();
        }
        let sign = if self.negative { "-" } else { "" };
        let digits: String = self.digits.iter().map(|digit| char::from(b'0' + digit)).collect();
        let size = self.size();
        if size.abs() > LONGEST || self.exponent.abs() > LONGEST {
            return format!("{sign}{digits}e{}", self.exponent);
        }
        let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or(0));
        if self.exponent >= 0 {
            return format!("{sign}{digits}{}", zeros(self.exponent));
        }
        if size <= 0 {
            return format!("{sign}0.{}{digits}", zeros(-size));
        }
        let (whole, part) = digits.split_at(usize::try_from(size).unwrap_or(digits.len()).min(digits.len()));
        format!("{sign}{whole}.{part}")
    }

    /// As JSON, where that holds it exactly enough to be shown.
    pub(super) fn near(&self) -> Option<f64> {
        self.words().parse::<f64>().ok().filter(|number| number.abs() < 9e15)
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let sign = |number: &Self| match (number.digits.is_empty(), number.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        let magnitude = || self.size().cmp(&other.size()).then_with(|| self.digits.cmp(&other.digits));
        match sign(self).cmp(&sign(other)) {
            Ordering::Equal if self.negative => magnitude().reverse(),
            Ordering::Equal if self.digits.is_empty() => Ordering::Equal,
            Ordering::Equal => magnitude(),
            order => order,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn numbers_are_compared_exactly_and_written_in_one_way() {
        let rising =
            ["-1e30", "-10", "-9.5", "-0.01", "0", "0.001", "1", "1.5", "9007199254740992", "9007199254740993", "1e30"];
        for pair in rising.windows(2) {
            assert!(number(pair[0]) < number(pair[1]), "{pair:?}");
        }
        for (one, other, words) in [
            ("1.0", "1", "1"),
            ("10e-1", "1", "1"),
            ("-0", "0", "0"),
            ("0.50", "5e-1", "0.5"),
            ("12e2", "1200", "1200"),
            ("-1.25", "-125e-2", "-1.25"),
        ] {
            assert_eq!(number(one), number(other));
            assert_eq!(number(one).words(), words);
        }
        for wrong in ["", "-", "a", "1e99999999", "1.2.3", "0x1"] {
            assert_eq!(Decimal::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn whole_numbers_beside_a_number() {
        for (text, up, beyond, found) in [
            ("3", true, true, "4"),
            ("3", true, false, "3"),
            ("3", false, true, "2"),
            ("-3", true, true, "-2"),
            ("-1", true, true, "0"),
            ("0", false, true, "-1"),
            ("9", true, true, "10"),
            ("10", false, true, "9"),
            ("-9", false, true, "-10"),
            ("2.5", true, false, "3"),
            ("2.5", false, true, "2"),
            ("-2.5", true, true, "-2"),
            ("-2.5", false, false, "-3"),
            ("0.5", true, false, "1"),
            ("-0.5", true, false, "0"),
            ("-0.5", false, false, "-1"),
            ("9007199254740992", true, true, "9007199254740993"),
        ] {
            assert_eq!(number(text).whole(up, beyond).words(), found, "{text} {up} {beyond}");
        }
    }

    #[test]
    fn multiples_are_told_without_rounding() {
        for (one, other, is) in
            [("0.3", "0.1", true), ("6", "4", false), ("1", "0.5", true), ("1e20", "7", false), ("0", "7", true)]
        {
            assert_eq!(number(one).is_multiple_of(&number(other)), Some(is), "{one} {other}");
        }
        assert_eq!(number("1").is_multiple_of(&number("0")), None);
    }
}
