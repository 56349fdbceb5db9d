//! Mutations of inputs: of their trees, where they are JSON or YAML, of their lines and of their bytes.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use serde_json::{Map, Value, json};
use swpanel_build_tools::document::RawDocument;

/// No input grows beyond this.
const MOST: usize = 256 << 10;
/// What something may break at.
const TOKENS: [&str; 34] = [
    "",
    " ",
    "\t",
    "\r",
    "\r\n",
    "\n",
    "\0",
    "\u{feff}",
    "\u{a0}",
    "\u{202e}",
    "\u{1b}[31m",
    "\"",
    "\\",
    "\\\"",
    "'",
    "`",
    "```",
    ",",
    ";",
    "#",
    "=",
    "(",
    ")",
    "@",
    "$ORIGIN x.",
    "$TTL 1",
    "--flag",
    "{",
    "}}",
    "-1",
    "1e999",
    "99999999999999999999",
    "ñ\u{301}😀",
    "%00",
];

/// An input to start from.
pub(super) enum Seed {
    /// A document or a response: its tree is changed as well.
    Tree(Value),
    Text(Vec<u8>),
}

/// Makes inputs, one after the other, by its seed alone.
pub(super) struct Mutator {
    rng: Rng,
    seeds: Vec<Seed>,
    /// What stands before each tree, as the status of a response does.
    heads: Vec<&'static str>,
    /// Whether an input has two trees.
    pairs: bool,
}

/// What inputs are made of.
pub(super) struct Seeds {
    pub(super) seeds: Vec<Seed>,
    pub(super) heads: Vec<&'static str>,
    pub(super) pairs: bool,
}

impl Mutator {
    pub(super) fn new(seed: u64, Seeds { seeds, heads, pairs }: Seeds) -> Self {
        Self { rng: Rng::with_seed(seed), seeds, heads, pairs }
    }

    /// The next input.
    pub(super) fn next(&mut self) -> Vec<u8> {
        if self.rng.u8(..) < 8 {
            let length = self.rng.usize(..200);
            return std::iter::repeat_with(|| self.rng.u8(..)).take(length).collect();
        }
        let picked = self.rng.usize(..self.seeds.len().max(1));
        let mut input = match self.seeds.get(picked) {
            Some(Seed::Tree(tree)) => {
                let tree = tree.clone();
                self.of_tree(tree)
            }
            Some(Seed::Text(text)) => {
                let text = text.clone();
                self.of_text(text)
            }
            None => Vec::new(),
        };
        input.truncate(MOST);
        input
    }

    fn of_tree(&mut self, old: Value) -> Vec<u8> {
        let mut tree = old.clone();
        for _ in 0..self.rng.usize(1..8) {
            self.change(&mut tree);
        }
        let mut bytes = self.rng.choice(&self.heads).map(|head| head.as_bytes().to_vec()).unwrap_or_default();
        if self.pairs && self.rng.bool() {
            bytes.extend(old.to_string().bytes());
            bytes.extend(b"\n---\n");
        }
        let text = tree.to_string();
        // What decides over a response without parsing it meets each escape more often than a parser does.
        let share = if self.heads.is_empty() { 32 } else { 128 };
        bytes.extend(if self.rng.u8(..) < share { self.escaped(&text) } else { text }.bytes());
        if self.rng.u8(..) < 32 { self.of_text(bytes) } else { bytes }
    }

    /// The same JSON, some letters of its strings written as escapes: another encoder may do so. Half of the time it is one
    /// letter everywhere, since a reader that knows most escapes may miss one.
    fn escaped(&mut self, text: &str) -> String {
        let letters: BTreeSet<char> = text.chars().filter(|c| c.is_ascii_alphanumeric() || *c == ' ').collect();
        let only = self.rng.choice(letters).filter(|_| self.rng.bool());
        let (mut out, mut within, mut behind) = (String::with_capacity(text.len()), false, false);
        // Digits of an escape that is there already.
        let mut digits = 0;
        for letter in text.chars() {
            if letter == '"' && !behind {
                within = !within;
            }
            let plain = letter.is_ascii_alphanumeric() || letter == ' ';
            if behind && letter == 'u' {
                digits = 6;
            }
            digits -= i32::from(digits > 0);
            let within_escape = behind || digits > 0;
            let wanted = only.map_or_else(|| self.rng.u8(..) < 50, |only| letter == only);
            if within && !within_escape && plain && wanted {
                out.push_str(&format!("\\u{:04x}", u32::from(letter)));
            } else {
                out.push(letter);
            }
            behind = letter == '\\' && !behind;
        }
        out
    }

    /// Changes one place of a tree.
    fn change(&mut self, tree: &mut Value) {
        let mut places = Vec::new();
        pointers(tree, &mut String::new(), &mut places);
        let (Some(at), Some(from)) = (self.place(&places), self.rng.choice(&places).cloned()) else { return };
        let other = tree.pointer(&from).cloned().unwrap_or_default();
        let new = match self.rng.u8(..14) {
            0..=2 => self.scalar(),
            3..=5 => other,
            6 => json!({"$ref": format!("#{from}")}),
            7 => json!({"$ref": format!("#{at}")}),
            8 => {
                let word = ["allOf", "oneOf", "anyOf", "not", "items", "additionalProperties"];
                let word = self.rng.choice(word).unwrap_or_default();
                let own = tree.pointer(&at).cloned().unwrap_or_default();
                let of_list = word.ends_with("Of");
                json!({ word: if of_list { json!([own, other]) } else { own } })
            }
            9 => {
                let own = tree.pointer(&at).cloned().unwrap_or_default();
                (0..self.rng.usize(1..40)).fold(own, |inner, _| json!({"allOf": [inner]}))
            }
            10..=12 => return self.key(tree, &at),
            _ => return remove(tree, &at),
        };
        if let Some(place) = tree.pointer_mut(&at) {
            *place = new;
        }
    }

    /// A place in a tree. Half of the time those below members of one name have the same chance as those below another: a
    /// document has a thousand properties and few responses.
    fn place(&mut self, places: &[String]) -> Option<String> {
        if self.rng.bool() {
            return self.rng.choice(places).cloned();
        }
        let name = |place: &str| {
            let mut above = place.rsplit('/').skip(1).filter(|part| !part.bytes().all(|byte| byte.is_ascii_digit()));
            above.next().unwrap_or_default().to_owned()
        };
        let mut groups: BTreeMap<String, Vec<&String>> = BTreeMap::new();
        places.iter().for_each(|place| groups.entry(name(place)).or_default().push(place));
        let group = self.rng.choice(groups.values())?;
        self.rng.choice(group.iter()).map(|place| (*place).clone())
    }

    /// Gives a member another name, or adds one.
    fn key(&mut self, tree: &mut Value, at: &str) {
        let name = match self.rng.u8(..3) {
            0 => self.token().to_owned(),
            1 => self.rng.choice(WORDS).unwrap_or_default().to_owned(),
            _ => format!("/{}/{{{}}}", self.token(), self.token()),
        };
        let value = self.scalar();
        let parent = at.rsplit_once('/').map_or("", |(parent, _)| parent);
        let own = tree.pointer(at).cloned();
        if let Some(Value::Object(members)) = tree.pointer_mut(parent) {
            members.insert(name, own.unwrap_or(value));
        }
    }

    fn token(&mut self) -> &'static str {
        self.rng.choice(TOKENS).unwrap_or_default()
    }

    fn scalar(&mut self) -> Value {
        match self.rng.u8(..10) {
            0 => Value::Null,
            1 => json!(self.rng.bool()),
            2 => json!(self.rng.i64(..)),
            3 => json!(self.rng.f64() * 1e300),
            4 => json!([]),
            5 => json!({}),
            6 => json!(self.rng.choice(WORDS)),
            7 => json!(self.token().repeat(self.rng.usize(1..300))),
            _ => json!(self.token()),
        }
    }

    /// Changes lines and bytes.
    fn of_text(&mut self, text: Vec<u8>) -> Vec<u8> {
        let mut text = text;
        for _ in 0..self.rng.usize(1..6) {
            let at = self.rng.usize(..=text.len());
            match self.rng.u8(..9) {
                0 => text.truncate(at),
                1 | 2 => {
                    let token = self.token();
                    text.splice(at..at, token.bytes());
                }
                3 => {
                    if let Some(byte) = text.get_mut(at) {
                        *byte ^= 1 << self.rng.u8(..8);
                    }
                }
                4 => {
                    let end = (at + self.rng.usize(..20)).min(text.len());
                    text.drain(at..end);
                }
                kind => text = self.lines(&text, kind),
            }
        }
        text
    }

    /// A line twice, in another place, without its end or replaced by one of another seed.
    fn lines(&mut self, text: &[u8], kind: u8) -> Vec<u8> {
        let mut lines: Vec<Vec<u8>> = text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
        let (one, two) = (self.rng.usize(..lines.len()), self.rng.usize(..lines.len()));
        let line = lines.get(one).cloned().unwrap_or_default();
        match kind {
            5 => lines.insert(two, line),
            6 => lines.swap(one, two),
            7 => {
                lines.remove(one);
            }
            _ => {
                let picked = self.rng.usize(..self.seeds.len());
                let Some(Seed::Text(other)) = self.seeds.get(picked) else { return text.to_vec() };
                let other: Vec<&[u8]> = other.split(|byte| *byte == b'\n').collect();
                let line = self.rng.choice(&other).map(|line| line.to_vec()).unwrap_or_default();
                lines.insert(two, line);
            }
        }
        lines.join(&b'\n')
    }
}

/// Names and values that mean something to a target.
const WORDS: [&str; 32] = [
    "type",
    "properties",
    "required",
    "enum",
    "nullable",
    "discriminator",
    "mapping",
    "format",
    "pattern",
    "default",
    "example",
    "additionalProperties",
    "allOf",
    "oneOf",
    "not",
    "$ref",
    "parameters",
    "requestBody",
    "responses",
    "in",
    "schema",
    "string",
    "integer",
    "object",
    "array",
    "null",
    "operationId",
    "description",
    "Error code",
    "Error message",
    "message",
    "result",
];

/// The place of every value in a tree.
fn pointers(tree: &Value, at: &mut String, places: &mut Vec<String>) {
    places.push(at.clone());
    let length = at.len();
    let mut into = |key: &str, value: &Value, at: &mut String| {
        at.push('/');
        at.push_str(&key.replace('~', "~0").replace('/', "~1"));
        pointers(value, at, places);
        at.truncate(length);
    };
    match tree {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(number, value)| into(&number.to_string(), value, at));
        }
        Value::Object(members) => members.iter().for_each(|(key, value)| into(key, value, at)),
        _ => {}
    }
}

fn remove(tree: &mut Value, at: &str) {
    let Some((parent, key)) = at.rsplit_once('/') else { return };
    match tree.pointer_mut(parent) {
        Some(Value::Object(members)) => {
            members.remove(&key.replace("~1", "/").replace("~0", "~"));
        }
        Some(Value::Array(items)) => {
            if let Ok(number) = key.parse::<usize>()
                && number < items.len()
            {
                items.remove(number);
            }
        }
        _ => {}
    }
}

/// A document as a tree.
pub(super) fn tree(bytes: &[u8]) -> Option<Value> {
    Some(RawDocument::read(bytes).ok()?.root().to_json()).filter(|tree| *tree != Value::Object(Map::new()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_change_how_json_is_written_and_not_what_it_says() {
        let value = json!({"Error code": "a\"b\\ c\u{1}", "ñ": ["x y", 1.5, "\\u0041"]});
        let mut mutator = Mutator::new(7, Seeds { seeds: Vec::new(), heads: Vec::new(), pairs: false });
        let texts: Vec<String> = (0..1000).map(|_| mutator.escaped(&value.to_string())).collect();
        assert!(texts.iter().all(|text| serde_json::from_str::<Value>(text).unwrap() == value));
        assert!(texts.iter().any(|text| text.contains("Error\\u0020code")), "{texts:?}");
    }

    #[test]
    fn the_same_seed_makes_the_same_inputs() {
        let inputs = |seed| {
            let seeds = vec![Seed::Tree(json!({"a": [1, {"b": "c"}], "d": null})), Seed::Text(b"a,b\nc,d\n".to_vec())];
            let mut mutator = Mutator::new(seed, Seeds { seeds, heads: vec!["200\n"], pairs: true });
            (0..2000).map(|_| mutator.next()).collect::<Vec<_>>()
        };
        let one = inputs(1);
        assert!(one == inputs(1) && one != inputs(2));
        let different: BTreeSet<_> = one.iter().collect();
        assert!(different.len() > 1000, "{}", different.len());
    }
}
