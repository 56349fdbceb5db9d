//! Values to their [`Shape`]. While values are being looked at, some of them are held here, in memory alone: these types
//! can be neither printed nor stored, and what comes out of them has gone through [`Seen::seal`].

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Kind, Member, Shape};
use crate::secrets::is_secret_name;

/// Values in one place before they may be words.
const WORDS_FROM: u64 = 12;
/// How often each of them must have come.
const WORD_TIMES: u64 = 3;
/// The most words of an enumeration.
const WORDS: usize = 6;
/// Different texts that are held at most; more are no enumeration.
const TEXTS: usize = 64;
/// More members than this are entries, and their names data.
const NAMES: usize = 60;
/// Nesting below which nothing is looked at.
const DEPTH: usize = 24;

/// Ends of names whose values say what state or kind a thing is in, and never whose it is.
const CLASSES: [&str; 14] = [
    "status",
    "state",
    "type",
    "kind",
    "mode",
    "level",
    "role",
    "period",
    "priority",
    "protocol",
    "category",
    "class",
    "direction",
    "unit",
];

/// What has been seen in one place.
#[derive(Default)]
pub(super) struct Seen {
    seen: u64,
    kinds: BTreeMap<Kind, u64>,
    texts: Texts,
    members: BTreeMap<String, (u64, Seen)>,
    items: Option<Box<Seen>>,
}

/// Texts, counted.
#[derive(Default)]
pub(super) struct Texts {
    counts: BTreeMap<String, u64>,
    total: u64,
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
        if self.counts.len() < TEXTS || self.counts.contains_key(text) {
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

    /// All different texts, where they are few, each came several times, and each is a word of a program.
    pub(super) fn words(&self, times: u64) -> BTreeSet<String> {
        let few = !self.many && self.counts.len() <= WORDS;
        if few && self.counts.iter().all(|(text, count)| *count >= times && is_word(text)) {
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
                    let (count, of) = self.members.entry(name.clone()).or_default();
                    *count += 1;
                    of.add_within(value, depth + 1);
                }
            }
            _ => {}
        }
    }

    fn absorb(&mut self, other: Self) {
        self.seen += other.seen;
        for (kind, count) in other.kinds {
            *self.kinds.entry(kind).or_default() += count;
        }
        self.texts.absorb(other.texts);
        for (name, (count, seen)) in other.members {
            let (known, of) = self.members.entry(name).or_default();
            *known += count;
            of.absorb(seen);
        }
        if let Some(items) = other.items {
            self.items.get_or_insert_default().absorb(*items);
        }
    }

    /// What may be kept. The name is the member's that held it.
    pub(super) fn seal(self, name: &str) -> Shape {
        let mut shape = Shape { seen: self.seen, kinds: self.kinds, ..Shape::default() };
        if is_secret_name(name) {
            return shape;
        }
        shape.format = self.texts.format.flatten().map(str::to_owned);
        let lower = name.to_lowercase();
        if self.texts.total >= WORDS_FROM && CLASSES.iter().any(|class| lower.ends_with(class)) {
            shape.words = self.texts.words(WORD_TIMES);
        }
        let (members, values) = seal_members(self.members);
        shape.members = members;
        shape.values = values.map(Box::new);
        shape.items = self.items.map(|items| Box::new(items.seal(name)));
        shape
    }
}

/// Members by their names, and what stands under names that may be data.
pub(super) fn seal_members(members: BTreeMap<String, (u64, Seen)>) -> (BTreeMap<String, Member>, Option<Shape>) {
    let crowd = members.len() > NAMES || are_entries(&members);
    let mut named = BTreeMap::new();
    let mut entries: Option<Seen> = None;
    for (name, (present, seen)) in members {
        if crowd || !is_name(&name) {
            entries.get_or_insert_default().absorb(seen);
        } else {
            let shape = seen.seal(&name);
            named.insert(name, Member { present, shape });
        }
    }
    (named, entries.map(|entries| entries.seal("")))
}

/// Three members or more that are all objects of the same members are the entries of a collection.
fn are_entries(members: &BTreeMap<String, (u64, Seen)>) -> bool {
    let names = |seen: &Seen| -> Vec<String> { seen.members.keys().cloned().collect() };
    let mut all =
        members.values().map(|(_, seen)| (seen.kinds.keys().collect::<Vec<_>>() == [&Kind::Object], names(seen)));
    match all.next() {
        Some((true, first)) if members.len() > 2 && !first.is_empty() => {
            all.all(|other| other == (true, first.clone()))
        }
        _ => false,
    }
}

/// Whether a member's name looks like one, and not like an address, a domain, a date or a number.
fn is_name(name: &str) -> bool {
    let mut letters = name.bytes();
    name.len() <= 40
        && letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == b'_')
}

/// Whether a text is a word of a program: letters of one case and underscores.
fn is_word(text: &str) -> bool {
    let of = |letter: fn(&u8) -> bool| text.bytes().all(|byte| letter(&byte) || byte == b'_');
    (2..=24).contains(&text.len()) && (of(u8::is_ascii_lowercase) || of(u8::is_ascii_uppercase))
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
    use serde_json::json;

    use super::*;

    fn shape(name: &str, values: impl IntoIterator<Item = Value>) -> Shape {
        let mut seen = Seen::default();
        values.into_iter().for_each(|value| seen.add(&value));
        seen.seal(name)
    }

    #[test]
    fn keeps_words_of_a_state_and_no_other_text() {
        let texts = |words: &'static [&'static str]| (0..12).map(|at| json!(words[at % words.len()]));
        let words = |name: &str, values: &'static [&'static str]| shape(name, texts(values)).words;
        assert_eq!(words("status", &["active", "stopped"]).into_iter().collect::<Vec<_>>(), ["active", "stopped"]);
        assert!(words("city", &["girona", "lleida"]).is_empty(), "a name that says nothing of a class");
        assert!(words("status", &["Girona", "active"]).is_empty(), "one that is no word of a program");
        assert!(words("status", &["a1b2", "active"]).is_empty());
        assert!(words("token_type", &["bearer"]).is_empty(), "a secret's name");
        assert!(shape("status", (0..3).map(|_| json!("active"))).words.is_empty(), "too few");
        let seven = &["aa", "bb", "cc", "dd", "ee", "ff", "gg"];
        assert!(shape("status", (0..70).map(|at| json!(seven[at % 7]))).words.is_empty(), "too many");
    }

    #[test]
    fn names_that_may_be_data_are_not_kept() {
        let found =
            shape("", [json!({"id": 1, "ana@example.es": 2, "example.es": {"a": 1}, "192.0.2.1": "x", "7": 1})]);
        assert_eq!(found.members.keys().collect::<Vec<_>>(), ["id"]);
        assert_eq!(found.values.unwrap().seen, 4);
        let entry = json!({"price": 1});
        let found = shape("", [json!({"es": entry, "com": entry, "cat": entry})]);
        assert!(found.members.is_empty() && found.values.unwrap().members.contains_key("price"));
    }

    #[test]
    fn a_format_is_one_that_all_texts_have() {
        for (text, format) in [
            ("2026-11-24", "date"),
            ("2026-11-24T10:00:00Z", "date-time"),
            ("192.0.2.1", "ipv4"),
            ("2001:db8::1", "ipv6"),
            ("a@example.es", "email"),
            ("https://example.es/", "uri"),
            ("123e4567-e89b-12d3-a456-426614174000", "uuid"),
        ] {
            assert_eq!(shape("x", [json!(text), json!("")]).format.as_deref(), Some(format));
            assert_eq!(shape("x", [json!(text), json!("other")]).format, None);
        }
    }

    #[test]
    fn no_value_comes_out() {
        let value = json!({"name": "SECRET-1", "list": ["SECRET-2", {"SECRET 3": "SECRET-4"}], "n": 424_242,
            "password": {"status": "secret_five"}});
        let kept = serde_json::to_string(&shape("", (0..20).map(|_| value.clone()))).unwrap();
        assert!(!kept.to_lowercase().contains("secret") && !kept.contains("424242"), "{kept}");
    }
}
