//! HAR 1.2 files, as browsers save them: entry by entry, and of each entry only what is needed.

use crate::lenient_base64::from_base64;
use std::fmt;
use std::io::{BufReader, Read};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::error::Category;

use super::pick::{CUT, Pick, ShortStrings, Wanted};
use super::{Body, MAX_BODY, MAX_FILE, TrafficError};

const PAIRS: Wanted = Wanted::Items(&Wanted::Members(&[("name", Wanted::Scalar), ("value", Wanted::Scalar)]));

/// What is read of an entry.
static ENTRY: Wanted = Wanted::Members(&[
    (
        "request",
        Wanted::Members(&[
            ("method", Wanted::Scalar),
            ("url", Wanted::Scalar),
            ("headers", PAIRS),
            ("cookies", PAIRS),
            ("postData", Wanted::Members(&[("text", Wanted::Scalar), ("params", PAIRS)])),
        ]),
    ),
    (
        "response",
        Wanted::Members(&[
            ("status", Wanted::Scalar),
            ("headers", PAIRS),
            ("cookies", PAIRS),
            (
                "content",
                Wanted::Members(&[("size", Wanted::Scalar), ("encoding", Wanted::Scalar), ("text", Wanted::Scalar)]),
            ),
        ]),
    ),
]);

/// Calls `each` with every entry of the file.
pub(super) fn read(file: impl Read, each: &mut dyn FnMut(Value)) -> Result<(), TrafficError> {
    // Base64 needs four letters for three bytes.
    let short = ShortStrings::new(BufReader::new(file), MAX_BODY / 3 * 4 + 16, MAX_FILE);
    let mut parser = serde_json::Deserializer::from_reader(BufReader::new(WithoutMark { inner: short, begun: false }));
    let mut found = false;
    Level { at: 0, each, found: &mut found }.deserialize(&mut parser).and_then(|()| parser.end()).map_err(rejected)?;
    if found { Ok(()) } else { Err(TrafficError::NotHar) }
}

/// The parser's own message may quote a value: only the place is taken from it.
pub(super) fn rejected(error: serde_json::Error) -> TrafficError {
    match error.classify() {
        Category::Io if error.to_string().starts_with("too large") => TrafficError::TooLarge,
        Category::Io => TrafficError::Unreadable(std::io::Error::from(error).to_string()),
        category => {
            let (line, column) = (error.line(), error.column());
            TrafficError::Syntax { line, column, ended: category == Category::Eof }
        }
    }
}

/// The way to the entries: `log`, then `entries`.
const WAY: [&str; 2] = ["log", "entries"];

struct Level<'e> {
    at: usize,
    each: &'e mut dyn FnMut(Value),
    found: &'e mut bool,
}

impl<'de> DeserializeSeed<'de> for Level<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a HAR file")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(name) = members.next_key::<String>()? {
            if WAY.get(self.at) == Some(&name.as_str()) {
                members.next_value_seed(Level { at: self.at + 1, each: &mut *self.each, found: &mut *self.found })?;
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        if self.at < WAY.len() {
            while items.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(());
        }
        *self.found = true;
        while let Some(entry) = items.next_element_seed(Pick(&ENTRY))? {
            (self.each)(entry);
        }
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// Takes the byte order mark off that some programs begin a file with.
struct WithoutMark<R> {
    inner: R,
    begun: bool,
}

impl<R: Read> Read for WithoutMark<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        if self.begun || out.len() < 3 {
            return self.inner.read(out);
        }
        self.begun = true;
        let mut start = Vec::new();
        self.inner.by_ref().take(3).read_to_end(&mut start)?;
        let start = start.strip_prefix(b"\xef\xbb\xbf").map_or(start.as_slice(), |rest| rest);
        if start.is_empty() {
            return self.inner.read(out);
        }
        if let Some(place) = out.get_mut(..start.len()) {
            place.copy_from_slice(start);
        }
        Ok(start.len())
    }
}

/// The value of a header.
pub(super) fn header<'v>(headers: Option<&'v Value>, name: &str) -> Option<&'v str> {
    let mut all = headers.and_then(Value::as_array).into_iter().flatten();
    let named =
        |pair: &&Value| pair.get("name").and_then(Value::as_str).is_some_and(|found| found.eq_ignore_ascii_case(name));
    all.find(named)?.get("value")?.as_str()
}

/// The body of a response, decoded.
pub(super) fn body(response: Option<&Value>) -> Body {
    let content = response.and_then(|response| response.get("content"));
    let of = |name: &str| content.and_then(|content| content.get(name));
    let Some(text) = of("text").and_then(Value::as_str) else {
        return match of("size").and_then(Value::as_i64) {
            Some(0) => Body::Bytes(Vec::new()),
            _ => Body::Absent,
        };
    };
    if text.ends_with(CUT) {
        return Body::Unreadable;
    }
    let bytes = match of("encoding").and_then(Value::as_str) {
        Some(encoding) if encoding.eq_ignore_ascii_case("base64") => match from_base64(text) {
            Some(bytes) => bytes,
            None => return Body::Unreadable,
        },
        _ => text.as_bytes().to_vec(),
    };
    // A browser decompresses before it saves; programs that sit between may not.
    let compressed = header(response.and_then(|response| response.get("headers")), "content-encoding");
    match compressed.map(str::trim).unwrap_or_default().to_lowercase().as_str() {
        _ if bytes.starts_with(&[0x1f, 0x8b]) => decompressed(flate2::read::MultiGzDecoder::new(bytes.as_slice())),
        "deflate" if std::str::from_utf8(&bytes).is_err() => {
            decompressed(flate2::read::ZlibDecoder::new(bytes.as_slice()))
        }
        "br" | "zstd" if std::str::from_utf8(&bytes).is_err() => Body::Unreadable,
        _ if bytes.len() > MAX_BODY => Body::Unreadable,
        _ => Body::Bytes(bytes),
    }
}

/// What a decoder gives, up to the limit.
fn decompressed(decoder: impl Read) -> Body {
    let limit = u64::try_from(MAX_BODY).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    match decoder.take(limit + 1).read_to_end(&mut bytes) {
        Ok(_) if bytes.len() <= MAX_BODY => Body::Bytes(bytes),
        _ => Body::Unreadable,
    }
}
