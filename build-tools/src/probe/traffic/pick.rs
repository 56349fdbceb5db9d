//! Reads the wanted parts of a large JSON text and passes over the rest, so that memory depends on what is wanted.
//!
//! Values of another kind than expected become `null`: programs that write HAR files differ in what they leave out.

use std::fmt;
use std::io::{Error, Read};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// The most items of a wanted array; further ones are passed over.
const ITEMS: usize = 2000;

/// What is wanted of a value.
pub(super) enum Wanted {
    /// A string, number, truth value or `null`.
    Scalar,
    /// These members of an object.
    Members(&'static [(&'static str, Wanted)]),
    /// Items of an array, of each this.
    Items(&'static Wanted),
}

/// Reads what is wanted.
pub(super) struct Pick(pub(super) &'static Wanted);

impl<'de> DeserializeSeed<'de> for Pick {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl Pick {
    fn scalar(&self, value: impl Into<Value>) -> Value {
        if matches!(self.0, Wanted::Scalar) { value.into() } else { Value::Null }
    }
}

impl<'de> Visitor<'de> for Pick {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(self.scalar(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(self.scalar(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(self.scalar(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(self.scalar(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(self.scalar(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut picked = Vec::new();
        if let Wanted::Items(of) = self.0 {
            while picked.len() < ITEMS {
                let Some(item) = items.next_element_seed(Pick(of))? else { return Ok(Value::Array(picked)) };
                picked.push(item);
            }
        }
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(if picked.is_empty() { Value::Null } else { Value::Array(picked) })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut picked = Map::new();
        let wanted: &[(&str, Wanted)] = if let Wanted::Members(wanted) = self.0 { wanted } else { &[] };
        while let Some(name) = members.next_key::<String>()? {
            match wanted.iter().find(|(wanted, _)| *wanted == name) {
                Some((_, of)) => {
                    let value = members.next_value_seed(Pick(of))?;
                    picked.insert(name, value);
                }
                None => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(Value::Object(picked))
    }
}

/// The last letter of a string that was cut: a control character, which ends no body.
pub(super) const CUT: char = '\u{7f}';

/// Cuts the strings of a JSON text that are longer than a limit, and ends with an error where the text itself is too long.
pub(super) struct ShortStrings<R> {
    inner: R,
    limit: usize,
    left: u64,
    place: Place,
}

/// Where in a JSON text the next byte is.
#[derive(Clone, Copy)]
enum Place {
    Outside,
    Within { length: usize, escape: Escape, cut: bool },
}

/// Where in an escape sequence the next byte is.
#[derive(Clone, Copy, PartialEq)]
enum Escape {
    None,
    Begun,
    Digits(u8),
}

impl<R: Read> ShortStrings<R> {
    pub(super) fn new(inner: R, limit: usize, most: u64) -> Self {
        Self { inner, limit, left: most, place: Place::Outside }
    }

    /// What becomes of a byte: it stays, goes, or is replaced by the sign of a cut.
    fn pass(&mut self, byte: u8) -> Option<u8> {
        let Place::Within { length, escape, cut } = self.place else {
            if byte == b'"' {
                self.place = Place::Within { length: 0, escape: Escape::None, cut: false };
            }
            return Some(byte);
        };
        let next = match escape {
            Escape::None if byte == b'"' => {
                self.place = Place::Outside;
                return Some(byte);
            }
            Escape::None if byte == b'\\' => Escape::Begun,
            Escape::Begun if byte == b'u' => Escape::Digits(4),
            Escape::Digits(left) if left > 1 => Escape::Digits(left - 1),
            _ => Escape::None,
        };
        // Between two letters: not within an escape sequence, a letter of several bytes, or a pair of surrogates.
        let between = escape == Escape::None && byte.is_ascii_graphic() && byte != b'\\';
        let begins = !cut && length >= self.limit && between;
        self.place = Place::Within { length: length.saturating_add(1), escape: next, cut: cut || begins };
        match (cut, begins) {
            (true, _) => None,
            (false, true) => u8::try_from(CUT).ok(),
            (false, false) => Some(byte),
        }
    }
}

impl<R: Read> Read for ShortStrings<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        loop {
            let count = self.inner.read(out)?;
            if count == 0 {
                return Ok(0);
            }
            let read = u64::try_from(count).unwrap_or(u64::MAX);
            self.left = self.left.checked_sub(read).ok_or_else(|| Error::other("too large"))?;
            let mut kept = 0;
            // In place: what is left is never longer than what came.
            for at in 0..count {
                let Some(byte) = out.get(at).copied().and_then(|byte| self.pass(byte)) else { continue };
                if let Some(place) = out.get_mut(kept) {
                    *place = byte;
                }
                kept += 1;
            }
            if kept > 0 {
                return Ok(kept);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn cut(text: &str, most: u64) -> std::io::Result<String> {
        let mut out = String::new();
        ShortStrings::new(text.as_bytes(), 4, most).read_to_string(&mut out)?;
        Ok(out)
    }

    #[test]
    fn strings_are_cut_between_letters_only() {
        for (text, expected) in [
            (r#"{"a":"abcd"}"#, r#"{"a":"abcd"}"#.to_owned()),
            (r#"{"a":"abcdefg","b":1}"#, format!("{{\"a\":\"abcd{CUT}\",\"b\":1}}")),
            (r#"["abc\"\"defg"]"#, format!("[\"abc\\\"\\\"{CUT}\"]")),
            (r#"["\u0041\u0042xyz"]"#, format!("[\"\\u0041\\u0042{CUT}\"]")),
            (r#"["abc\ud83d\ude00xyz", "q"]"#, format!("[\"abc\\ud83d\\ude00{CUT}\", \"q\"]")),
            ("[\"abcñññxyz\\\\\"]", format!("[\"abcñññ{CUT}\"]")),
        ] {
            assert_eq!(cut(text, 1000).unwrap(), expected);
            assert!(serde_json::from_str::<Value>(&cut(text, 1000).unwrap()).is_ok());
        }
        assert!(cut(r#"["abcd"]"#, 4).is_err());
    }
}
