//! What has been seen to what may be kept: the one way from values to [`Shape`].
//!
//! A text is kept only where it is a word that the document or a fixed list has ([`Words`]), and a member's name where it is
//! made of such words, or where everything says that it is a name: the object is a record, the name is there as a matter of
//! course, and no part of it came as a value.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::seen::Seen;
use super::words::{Words, parts};
use super::{Kind, Member, Shape};
use crate::secrets::is_secret_name;

/// Values in one place before they may be words.
const WORDS_FROM: u64 = 12;
/// How often each of them must have come.
pub(super) const WORD_TIMES: u64 = 3;
/// More members than this are entries, and their names data.
const NAMES: usize = 60;
/// Texts that are longer are no names.
const SHORT: usize = 100;
/// Parts of texts that are held at most. Once there are more, no name counts as a field that is not known by its words.
const PARTS: usize = 1_000_000;
/// Nesting below which nothing is looked at.
const DEPTH: usize = 48;

/// Last words of names whose values say what state or kind a thing is in, and never whose it is.
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

/// What tells names from data: words that are known, and parts of values that came.
pub(super) struct Judge {
    pub(super) words: Words,
    data: BTreeSet<String>,
}

/// The object around names that are to be judged.
#[derive(Clone, Copy, Default)]
pub(super) struct Around {
    /// How many objects were seen.
    pub(super) objects: u64,
    /// How many members of the document they had.
    pub(super) documented: usize,
}

impl Judge {
    pub(super) fn new(words: Words) -> Self {
        Self { words, data: BTreeSet::new() }
    }

    /// Learns a text that is data.
    pub(super) fn learn(&mut self, text: &str) {
        self.learn_under("", text);
    }

    /// Learns all texts of a value, in every depth.
    pub(super) fn learn_all(&mut self, value: &Value) {
        self.walk("", value, 0);
    }

    fn walk(&mut self, under: &str, value: &Value, depth: usize) {
        match value {
            _ if depth > DEPTH => {}
            Value::String(text) => self.learn_under(under, text),
            Value::Array(items) => items.iter().for_each(|item| self.walk(under, item, depth + 1)),
            Value::Object(members) => members.iter().for_each(|(name, value)| self.walk(name, value, depth + 1)),
            _ => {}
        }
    }

    /// A value that repeats its own member's name tells nothing of the name.
    fn learn_under(&mut self, name: &str, text: &str) {
        if text.len() > SHORT {
            return;
        }
        if self.data.len() >= PARTS {
            return;
        }
        // Most texts repeat parts that are known, and then nothing is to be compared with the name.
        let mut new = parts(text).filter(|part| !self.data.contains(part)).peekable();
        if new.peek().is_some() {
            let own: Vec<String> = parts(name).collect();
            let new: Vec<String> = new.filter(|part| !own.contains(part)).collect();
            self.data.extend(new);
        }
    }

    /// Whether a name is one by its words alone.
    fn is_known(&self, name: &str) -> bool {
        is_name(name) && (self.words.names(name) || self.words.know(name))
    }

    /// Whether a name that is not known is one nevertheless: that of a field which records have.
    fn is_field(&self, name: &str, present: u64, around: Around, known: usize, unknown: usize) -> bool {
        if !is_name(name) || self.data.len() >= PARTS || self.words.unknown(name).any(|part| self.data.contains(&part))
        {
            return false;
        }
        let usual = present >= 2 && present * 2 >= around.objects;
        let (fields, few) = (around.documented + known, around.objects < 4);
        (usual && fields > unknown) || (around.documented >= 2 && fields >= unknown && (few || present >= 2))
    }

    /// Members by their names, and what stands under names that may be data.
    pub(super) fn members(
        &self,
        members: BTreeMap<String, (u64, Seen)>,
        around: Around,
    ) -> (BTreeMap<String, Member>, Option<Shape>) {
        let known = members.keys().filter(|name| self.is_known(name)).count();
        let unknown = members.len() - known;
        let crowd = members.len() > NAMES || (unknown > 0 && are_entries(&members));
        let mut named = BTreeMap::new();
        let mut entries: Option<Seen> = None;
        for (name, (present, seen)) in members {
            if !crowd && (self.is_known(&name) || self.is_field(&name, present, around, known, unknown)) {
                let shape = seen.seal(&name, self);
                named.insert(name, Member { present, shape });
            } else {
                entries.get_or_insert_default().absorb(seen);
            }
        }
        (named, entries.map(|entries| entries.seal("", self)))
    }
}

impl Seen {
    /// What may be kept. The name is the member's that held it.
    pub(super) fn seal(self, name: &str, judge: &Judge) -> Shape {
        let objects = self.kinds.get(&Kind::Object).copied().unwrap_or_default();
        let mut shape = Shape { seen: self.seen, kinds: self.kinds, ..Shape::default() };
        if is_secret_name(name) {
            return shape;
        }
        shape.format = self.texts.format().map(str::to_owned);
        let class = parts(name).last().is_some_and(|last| CLASSES.contains(&last.as_str()));
        if class && self.texts.total >= WORDS_FROM {
            shape.words = self.texts.words(WORD_TIMES, &judge.words);
        }
        let (members, values) = judge.members(self.members, Around { objects, documented: 0 });
        shape.members = members;
        shape.values = values.map(Box::new);
        shape.items = self.items.map(|items| Box::new(items.seal(name, judge)));
        shape
    }
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::document::{RawDocument, convert};

    fn judge() -> Judge {
        let text = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths: {/a: {get: {responses: {'200': {description: ok}}}}}\n";
        let (document, _) = convert(&RawDocument::read(text.as_bytes()).unwrap()).unwrap();
        Judge::new(Words::of(&document))
    }

    fn shape(name: &str, values: impl IntoIterator<Item = Value>) -> Shape {
        let (mut seen, mut judge) = (Seen::default(), judge());
        for value in values {
            judge.learn_all(&value);
            seen.add(&value);
        }
        seen.seal(name, &judge)
    }

    #[test]
    fn keeps_words_of_a_state_and_no_other_text() {
        let texts = |words: &'static [&'static str]| (0..12).map(|at| json!(words[at % words.len()]));
        let words = |name: &str, values: &'static [&'static str]| shape(name, texts(values)).words;
        assert_eq!(words("status", &["active", "stopped"]).into_iter().collect::<Vec<_>>(), ["active", "stopped"]);
        assert!(words("notes", &["active", "stopped"]).is_empty(), "a name that says nothing of a class");
        assert!(words("estate", &["active", "stopped"]).is_empty(), "a word of its own, not the end of one");
        assert!(words("state", &["girona", "active"]).is_empty(), "one that is no word of a program");
        assert!(words("status", &["anagarcia", "joanpuig"]).is_empty(), "names that come often");
        assert!(words("status", &["Girona", "active"]).is_empty());
        assert!(words("status", &["a1b2", "active"]).is_empty());
        assert!(words("token_type", &["active"]).is_empty(), "a secret's name");
        assert!(shape("status", (0..3).map(|_| json!("active"))).words.is_empty(), "too few");
        let seven = &["ok", "on", "off", "up", "down", "open", "new"];
        assert!(shape("status", (0..70).map(|at| json!(seven[at % 7]))).words.is_empty(), "too many");
    }

    #[test]
    fn names_that_may_be_data_are_not_kept() {
        let kept = |value: Value| -> Vec<String> {
            let found = shape("", [value.clone(), value]);
            assert!(found.values.is_some());
            found.members.into_keys().collect()
        };
        let mixed = json!({"id": 1, "ana@example.es": 2, "example.es": {"a": 1}, "192.0.2.1": "x", "7": 1});
        assert_eq!(kept(mixed), ["id"]);
        let entry = json!({"price": 1});
        let found = shape("", [json!({"es": entry, "com": entry, "cat": entry})]);
        assert!(found.members.is_empty() && found.values.unwrap().members.contains_key("price"));
        assert!(kept(json!({"anagarcia": "rw", "joanpuig": "ro"})).is_empty(), "a map of names to rights");
        assert!(kept(json!({"anagarcia": {"quota": 1}})).is_empty(), "a map with one entry");
        assert_eq!(
            kept(json!({"login": "ana.garcia", "id": 1, "status": "on", "garcia": 1})),
            ["id", "login", "status"]
        );
        assert_eq!(kept(json!({"api_token": "XYZZY", "id": 1, "secret_xyzzy": 1})), ["api_token", "id"]);
        let once = [json!({"id": 1, "name": "a", "anagarcia": 1}), json!({"id": 1, "name": "a", "joanpuig": 1})];
        assert_eq!(shape("", once).members.into_keys().collect::<Vec<_>>(), ["id", "name"], "each came once");
    }

    #[test]
    fn a_field_that_records_have_is_kept_though_its_name_is_new() {
        let record = json!({"id": 1, "name": "a", "floopy": "floopy-1"});
        assert!(shape("", [record.clone(), record]).members.contains_key("floopy"));
    }

    #[test]
    fn a_format_is_one_that_all_texts_have() {
        for text in ["2026-11-24", "192.0.2.1", "a@example.es"] {
            assert!(shape("x", [json!(text), json!("")]).format.is_some());
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
