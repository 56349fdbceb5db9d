//! Finds a property that occurs twice in one object of a JSON or YAML text. Readers keep the last one and drop the other
//! without a word.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::failure::Failure;

/// A property that occurs twice: its dotted path, and the line of the second one where it is known.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Doubled {
    pub(crate) path: String,
    pub(crate) line: Option<usize>,
}

impl Doubled {
    /// The failure for a text that a person knows by this name.
    pub(crate) fn failure(&self, name: &str) -> Failure {
        let line = self.line.map(|line| format!(" (line {line})")).unwrap_or_default();
        Failure::usage(format!("{name} has the property `{}` twice{line}", self.path))
            .hint("remove one of them: it is not known which one is meant")
    }
}

/// The first property of a JSON text that occurs twice. A text that is not JSON has none.
pub(crate) fn doubled_in_json(text: &str) -> Option<Doubled> {
    let found = RefCell::new(None);
    let mut reader = serde_json::Deserializer::from_str(text);
    let error = Check { found: &found, path: String::new() }.deserialize(&mut reader).err()?;
    let line = Some(error.line()).filter(|line| *line > 0);
    found.take().map(|path| Doubled { path, line })
}

/// The first property of a YAML text that occurs twice. A text that is not YAML has none.
pub(crate) fn doubled_in_yaml(text: &str) -> Option<Doubled> {
    let found = RefCell::new(None);
    let reader = yaml_serde::Deserializer::from_str(text);
    let error = Check { found: &found, path: String::new() }.deserialize(reader).err()?;
    let line = error.location().map(|at| at.line());
    found.take().map(|path| Doubled { path, line })
}

/// Reads a value and keeps nothing of it.
struct Check<'c> {
    found: &'c RefCell<Option<String>>,
    path: String,
}

impl Check<'_> {
    fn below(&self, name: &str) -> Check<'_> {
        let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        Check { found: self.found, path }
    }
}

impl<'de> DeserializeSeed<'de> for Check<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// Values that hold no properties.
macro_rules! plain {
    ($($name:ident: $of:ty),*) => {
        $(fn $name<E: Error>(self, _: $of) -> Result<(), E> {
            Ok(())
        })*
    };
}

impl<'de> Visitor<'de> for Check<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    plain!(visit_bool: bool, visit_i64: i64, visit_i128: i128, visit_u64: u64, visit_u128: u128, visit_f64: f64);
    plain!(visit_str: &str, visit_bytes: &[u8]);

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let mut number = 0_usize;
        while items.next_element_seed(self.below(&number.to_string()))?.is_some() {
            number += 1;
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut properties: A) -> Result<(), A::Error> {
        let mut seen = BTreeSet::new();
        while let Some(Name(name)) = properties.next_key()? {
            let below = self.below(&name);
            if !seen.insert(name) {
                self.found.replace(Some(below.path));
                return Err(Error::custom("a property occurs twice"));
            }
            properties.next_value_seed(below)?;
        }
        Ok(())
    }
}

/// The name of a property.
struct Name(String);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubled_properties_are_found_at_any_depth() {
        let at = |path: &str, line: usize| Some(Doubled { path: path.to_owned(), line: Some(line) });
        for (text, found) in [
            (r#"{"a":1,"b":{"a":2}}"#, None),
            ("{\"a\":1,\n\"a\":2}", at("a", 2)),
            ("{\"a\":[1,{\"b\":null,\n\"c\":1.5,\"b\":true}]}", at("a.1.b", 2)),
            (r#"{"a":1,"\u0061":2}"#, at("a", 1)),
            (r#"{"a":12345678901234567890123456789,"b":-1e400}"#, None),
            ("{\"a\":1", None),
        ] {
            assert_eq!(doubled_in_json(text), found, "{text}");
        }
        for (text, path) in [
            ("a: 1\nb:\n  a: 2\n", None),
            ("a: 1\nb: 2\na: 3\n", Some("a")),
            ("a:\n  - b: 1\n    c: x\n    b: ~\n", Some("a.0.b")),
            ("a: {b: 1, 'b': 2}\n", Some("a.b")),
            ("1: x\n2: y\n", None),
            ("a: &x {b: 1}\nc: *x\n", None),
        ] {
            assert_eq!(doubled_in_yaml(text).map(|found| found.path).as_deref(), path, "{text}");
        }
        assert!(doubled_in_yaml("a: 1\nb: 2\na: 3\n").unwrap().line.is_some());
    }
}
