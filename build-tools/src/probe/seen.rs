//! Values to their [`Shape`]. While values are being looked at, some of them are held here, in memory alone: these types
//! can be neither printed nor stored, and what comes out of them has gone through [`Seen::seal`] (`seal.rs`).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Kind;
use super::words::Words;

/// The most words of an enumeration.
const WORDS: usize = 6;
/// Different texts that are held at most; more are no enumeration.
const TEXTS: usize = 64;
/// Different names of members that are held at most. They are more than a record has: further names are counted as one.
pub(super) const NAMES: usize = 1024;
/// The longest text that may be a word.
const WORD: usize = 24;
/// Nesting below which nothing is looked at.
const DEPTH: usize = 24;

/// What has been seen in one place.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) seen: u64,
    pub(super) kinds: BTreeMap<Kind, u64>,
    pub(super) texts: Texts,
    pub(super) members: BTreeMap<String, (u64, Seen)>,
    pub(super) items: Option<Box<Seen>>,
}

/// Texts, counted.
#[derive(Default)]
pub(super) struct Texts {
    counts: BTreeMap<String, u64>,
    pub(super) total: u64,
    many: bool,
    format: Option<Option<&'static str>>,
}

impl Texts {
    pub(super) fn add(&mut self, text: &str) {
        self.total += 1;
        if !text.is_empty() {
            let format = format_of(text);
            let known = self.format.get_or_insert(format);
            *known = known.filter(|known| Some(*known) == format);
        }
        // A longer text is no word, so the place holds no enumeration; the text itself is not kept.
        let short = text.len() <= WORD;
        if short && (self.counts.len() < TEXTS || self.counts.contains_key(text)) {
            *self.counts.entry(text.to_owned()).or_default() += 1;
        } else {
            self.many = true;
        }
    }

    fn absorb(&mut self, other: Self) {
        for (text, count) in other.counts {
            *self.counts.entry(text).or_default() += count;
        }
        self.total += other.total;
        self.many |= other.many || self.counts.len() > TEXTS;
        self.format = match (self.format, other.format) {
            (Some(one), Some(two)) => Some(one.filter(|one| Some(*one) == two)),
            (one, two) => one.or(two),
        };
    }

    /// The format that all of them keep to.
    pub(super) fn format(&self) -> Option<&'static str> {
        self.format.flatten()
    }

    /// All different texts, where they are few, each came several times, and each is a word that is known.
    pub(super) fn words(&self, times: u64, known: &Words) -> BTreeSet<String> {
        let few = !self.many && self.counts.len() <= WORDS;
        let word = |text: &str| is_word(text) && known.know(text);
        if few && self.counts.iter().all(|(text, count)| *count >= times && word(text)) {
            self.counts.keys().cloned().collect()
        } else {
            BTreeSet::new()
        }
    }
}

impl Seen {
    pub(super) fn add(&mut self, value: &Value) {
        self.add_within(value, 0);
    }

    fn add_within(&mut self, value: &Value, depth: usize) {
        self.seen += 1;
        *self.kinds.entry(Kind::of(value)).or_default() += 1;
        if depth > DEPTH {
            return;
        }
        match value {
            Value::String(text) => self.texts.add(text),
            Value::Array(items) => {
                let of = self.items.get_or_insert_default();
                items.iter().for_each(|item| of.add_within(item, depth + 1));
            }
            Value::Object(members) => {
                for (name, value) in members {
                    let (count, of) = self.members.entry(held(&self.members, name)).or_default();
                    *count += 1;
                    of.add_within(value, depth + 1);
                }
            }
            _ => {}
        }
    }

    pub(super) fn absorb(&mut self, other: Self) {
        self.seen += other.seen;
        for (kind, count) in other.kinds {
            *self.kinds.entry(kind).or_default() += count;
        }
        self.texts.absorb(other.texts);
        for (name, (count, seen)) in other.members {
            let (known, of) = self.members.entry(held(&self.members, &name)).or_default();
            *known += count;
            of.absorb(seen);
        }
        if let Some(items) = other.items {
            self.items.get_or_insert_default().absorb(*items);
        }
    }
}

/// The name that a member is counted under: its own, or an empty one where there are too many or it is too long to be a name.
pub(super) fn held<T>(members: &BTreeMap<String, T>, name: &str) -> String {
    let fits = members.contains_key(name) || (members.len() < NAMES && name.len() <= 100);
    if fits { name.to_owned() } else { String::new() }
}

/// Whether a text is a word of a program: letters of one case and underscores.
fn is_word(text: &str) -> bool {
    let of = |letter: fn(&u8) -> bool| text.bytes().all(|byte| letter(&byte) || byte == b'_');
    (2..=WORD).contains(&text.len()) && (of(u8::is_ascii_lowercase) || of(u8::is_ascii_uppercase))
}

impl Kind {
    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Boolean,
            Value::Number(number) if number.is_i64() || number.is_u64() => Self::Integer,
            Value::Number(_) => Self::Number,
            Value::String(_) => Self::String,
            Value::Array(_) => Self::Array,
            Value::Object(_) => Self::Object,
        }
    }
}

/// The format that a text keeps to, by the names that OpenAPI and JSON Schema have for them.
fn format_of(text: &str) -> Option<&'static str> {
    let digits =
        |range: std::ops::Range<usize>| text.get(range).is_some_and(|part| part.bytes().all(|b| b.is_ascii_digit()));
    let at = |place: usize, byte: u8| text.as_bytes().get(place) == Some(&byte);
    let date = digits(0..4) && at(4, b'-') && digits(5..7) && at(7, b'-') && digits(8..10);
    if date && text.len() == 10 {
        return Some("date");
    }
    if date && (at(10, b'T') || at(10, b't')) && digits(11..13) && at(13, b':') && digits(14..16) {
        let zone = text.ends_with(['Z', 'z']) || text.get(19..).is_some_and(|rest| rest.contains(['+', '-']));
        return zone.then_some("date-time");
    }
    if text.parse::<std::net::Ipv4Addr>().is_ok() {
        return Some("ipv4");
    }
    if text.contains(':') && text.parse::<std::net::Ipv6Addr>().is_ok() {
        return Some("ipv6");
    }
    if text.starts_with("https://") || text.starts_with("http://") {
        return Some("uri");
    }
    let uuid = text.len() == 36
        && text.bytes().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    if uuid {
        return Some("uuid");
    }
    let (user, host) = text.split_once('@')?;
    let plain = |part: &str| !part.is_empty() && !part.contains(['@', ' ', ';', ',']);
    (plain(user) && plain(host) && host.contains('.')).then_some("email")
}

#[cfg(test)]
mod tests {
    use super::format_of;

    #[test]
    fn formats_are_told_by_their_form() {
        for (text, format) in [
            ("2026-11-24", "date"),
            ("2026-11-24T10:00:00Z", "date-time"),
            ("192.0.2.1", "ipv4"),
            ("2001:db8::1", "ipv6"),
            ("a@example.es", "email"),
            ("https://example.es/", "uri"),
            ("123e4567-e89b-12d3-a456-426614174000", "uuid"),
        ] {
            assert_eq!(format_of(text), Some(format));
        }
        assert_eq!(format_of("other"), None);
    }
}
