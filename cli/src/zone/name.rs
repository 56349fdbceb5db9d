//! DNS names in one form that can be compared: labels in small letters, international labels as `xn--`.

use std::fmt;

/// Longest label and longest name of RFC 1035, 3.1, in bytes.
const LONGEST_LABEL: usize = 63;
const LONGEST_NAME: usize = 255;

/// An absolute name, or the labels of a relative one. The root has no labels.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name {
    labels: Vec<Vec<u8>>,
}

/// A name as it was written: its labels, and whether it ended with a dot.
pub(crate) struct Written {
    pub(crate) name: Name,
    pub(crate) is_absolute: bool,
}

impl Name {
    /// A name of raw labels, as a zone file or a packet has them. `None` where they are too long.
    pub(crate) fn of_labels<'l>(labels: impl Iterator<Item = &'l [u8]>) -> Option<Self> {
        let labels: Vec<Vec<u8>> = labels.filter(|label| !label.is_empty()).map(normalized).collect();
        let fits = labels.iter().all(|label| label.len() <= LONGEST_LABEL);
        let length = labels.iter().map(|label| label.len() + 1).sum::<usize>() + 1;
        (fits && length <= LONGEST_NAME).then_some(Self { labels })
    }

    /// The name of a zone, with or without its final dot. `None` where it cannot be a name.
    pub(crate) fn zone(text: &str) -> Option<Self> {
        Written::read(text).map(|written| written.name).filter(|name| !name.labels.is_empty())
    }

    pub(crate) fn is_within(&self, zone: &Self) -> bool {
        self.labels.ends_with(&zone.labels)
    }

    /// The name below another one; `None` where that is too long.
    pub(crate) fn below(&self, origin: &Self) -> Option<Self> {
        Self::of_labels(self.labels.iter().chain(&origin.labels).map(Vec::as_slice))
    }

    /// The name within a zone as a record has it: `@` for the zone itself. `None` where it is not within.
    pub(crate) fn relative_to(&self, zone: &Self) -> Option<String> {
        let count = self.labels.len().checked_sub(zone.labels.len()).filter(|_| self.is_within(zone))?;
        let labels: Vec<String> = self.labels.iter().take(count).map(|label| shown(label)).collect();
        Some(if labels.is_empty() { "@".to_owned() } else { labels.join(".") })
    }

    pub(crate) fn label_count(&self) -> usize {
        self.labels.len()
    }

    /// The name without its final dot; the root stays a dot.
    pub(crate) fn without_dot(&self) -> String {
        if self.labels.is_empty() {
            return ".".to_owned();
        }
        self.labels.iter().map(|label| shown(label)).collect::<Vec<_>>().join(".")
    }
}

impl fmt::Display for Name {
    /// As a zone file has an absolute name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.without_dot())?;
        if self.labels.is_empty() { Ok(()) } else { f.write_str(".") }
    }
}

impl Written {
    /// A name as people and the API write it: `\.` and `\DDD` are escapes, as in a zone file. `None` where it cannot be a
    /// name: an empty label, a blank or control character, or too long.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if text == "." {
            return Some(Self { name: Name::default(), is_absolute: true });
        }
        let mut labels: Vec<Vec<u8>> = vec![Vec::new()];
        let mut bytes = text.bytes();
        while let Some(byte) = bytes.next() {
            let byte = match byte {
                b'.' => {
                    labels.push(Vec::new());
                    continue;
                }
                b'\\' => match bytes.next()? {
                    first @ b'0'..=b'9' => {
                        let digits = [first, bytes.next()?, bytes.next()?];
                        std::str::from_utf8(&digits).ok()?.parse().ok()?
                    }
                    other => other,
                },
                byte if byte.is_ascii_control() || byte == b' ' => return None,
                byte => byte,
            };
            labels.last_mut()?.push(byte);
        }
        let is_absolute = labels.len() > 1 && labels.last().is_some_and(Vec::is_empty);
        if is_absolute || text.is_empty() {
            labels.pop();
        }
        if labels.iter().any(Vec::is_empty) {
            return None;
        }
        let name = Name::of_labels(labels.iter().map(Vec::as_slice))?;
        Some(Self { name, is_absolute })
    }
}

/// A label in the form that is compared.
fn normalized(label: &[u8]) -> Vec<u8> {
    if label.is_ascii() {
        return label.to_ascii_lowercase();
    }
    match std::str::from_utf8(label) {
        Ok(text) => ascii_label(&text.to_lowercase()).into_bytes(),
        Err(_) => label.to_vec(),
    }
}

/// A label as a zone file has it: what would have a meaning there is escaped.
fn shown(label: &[u8]) -> String {
    let mut text = String::new();
    for byte in label {
        match byte {
            b'.' | b'\\' | b'"' | b'(' | b')' | b';' | b'@' | b'$' => {
                text.push('\\');
                text.push(char::from(*byte));
            }
            0x21..=0x7e => text.push(char::from(*byte)),
            other => text.push_str(&format!("\\{other:03}")),
        }
    }
    text
}

/// A name as DNS has it: international labels as `xn--`. A label that cannot be one stays as it is.
pub(crate) fn ascii(name: &str) -> String {
    name.split('.').map(ascii_label).collect::<Vec<_>>().join(".")
}

fn ascii_label(label: &str) -> String {
    // `url` would read `%2e` as a dot, and some characters are dots to it: one label stays one label.
    if label.is_ascii() || label.contains('%') {
        return label.to_owned();
    }
    match url::Host::parse(label) {
        Ok(url::Host::Domain(ascii)) if !ascii.contains('.') => ascii,
        _ => label.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(String, bool)> {
        Written::read(text).map(|written| (written.name.to_string(), written.is_absolute))
    }

    #[test]
    fn names_of_one_meaning_are_equal() {
        for (one, other) in [
            ("WWW.Example.ES.", "www.example.es"),
            ("\u{d1}and\u{fa}.es", "xn--and-6ma2c.es."),
            ("\\119ww", "www"),
            ("a\\.b.es", "A\\046B.es"),
            ("XN--and-6ma2c", "xn--and-6ma2c"),
            ("*.es", "\\*.es"),
        ] {
            assert_eq!(read(one).map(|(name, _)| name), read(other).map(|(name, _)| name), "{one}");
            assert!(read(one).is_some(), "{one}");
        }
        assert_ne!(read("a\\.b.es"), read("a.b.es"));
        assert_eq!(read("."), Some((".".to_owned(), true)));
        assert_eq!(read("a b").map(|_| ()), None);
        for wrong in ["a..b", ".a", "..", "a\\", "a\\25", "a\\256", "a\nb", &"a".repeat(64), &"aaaaaaa.".repeat(33)] {
            assert_eq!(read(wrong), None, "{wrong:?}");
        }
        for label in ["%2e\u{f1}", "a\u{3002}\u{f1}", "\u{ff0e}"] {
            assert_eq!(Written::read(label).unwrap().name.label_count(), 1, "{label}");
        }
    }

    #[test]
    fn what_is_shown_reads_the_same() {
        let labels: Vec<Vec<u8>> = (0..=255u8).map(|byte| vec![byte, b'x']).collect();
        for chunk in labels.chunks(60) {
            let name = Name::of_labels(chunk.iter().map(Vec::as_slice)).unwrap();
            assert_eq!(Written::read(&name.to_string()).unwrap().name, name);
        }
    }

    #[test]
    fn a_name_within_its_zone_is_relative() {
        let zone = Name::zone("example.es.").unwrap();
        let of = |text: &str| Written::read(text).unwrap().name.relative_to(&zone);
        assert_eq!(of("example.es").as_deref(), Some("@"));
        assert_eq!(of("a.B.example.es.").as_deref(), Some("a.b"));
        assert_eq!(of("notexample.es"), None);
        assert_eq!(of("x\\.example.es"), None);
        assert_eq!(of("es"), None);
    }
}
