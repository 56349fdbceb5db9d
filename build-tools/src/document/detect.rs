//! Bytes to text and the format they are in, by content alone: names and content types lie.

use std::borrow::Cow;

use super::MAX_BYTES;
use super::refusal::Refusal;
use crate::conflict;

/// The format of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Starts with `{` or `[`; read as JSON and nothing else.
    Json,
    /// Everything else that is no page.
    Yaml,
}

/// Unpacks and decodes the bytes (gzip; UTF-8 or UTF-16, with or without a byte order mark) and tells the format.
///
/// # Errors
/// Empty, too large (packed or unpacked), no text, with conflict markers, or an HTML page.
pub fn detect(bytes: &[u8]) -> Result<(Cow<'_, str>, Format), Refusal> {
    let text = text(bytes)?;
    let start = text.trim_start();
    if start.is_empty() {
        return Err(Refusal::empty());
    }
    // Before the format: a conflict may begin in the first line, and YAML reads some of them as text.
    if let Some(line) = conflict::first_marker(text.as_bytes()) {
        return Err(Refusal::ConflictMarkers { line });
    }
    if start.starts_with('<') {
        return Err(Refusal::HtmlNotSpec);
    }
    let format = if start.starts_with(['{', '[']) { Format::Json } else { Format::Yaml };
    Ok((text, format))
}

/// The text of bytes in any form that is read, whatever it is about.
#[cfg(feature = "ingest")]
pub(crate) fn decode(bytes: &[u8]) -> Result<String, Refusal> {
    text(bytes).map(Cow::into_owned)
}

fn text(bytes: &[u8]) -> Result<Cow<'_, str>, Refusal> {
    if bytes.len() > MAX_BYTES {
        return Err(Refusal::TooLarge { bytes: bytes.len(), limit: MAX_BYTES });
    }
    match unpacked(bytes)? {
        Cow::Borrowed(bytes) => decoded(bytes),
        Cow::Owned(bytes) => Ok(Cow::Owned(decoded(&bytes)?.into_owned())),
    }
}

/// The bytes themselves, or what gzip packed into them, within the same bound.
fn unpacked(bytes: &[u8]) -> Result<Cow<'_, [u8]>, Refusal> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(Cow::Borrowed(bytes));
    }
    #[cfg(feature = "ingest")]
    {
        use std::io::Read as _;
        let mut out = Vec::new();
        let limit = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
        let read = flate2::read::MultiGzDecoder::new(bytes).take(limit).read_to_end(&mut out);
        if read.is_err() {
            return Err(Refusal::Undecodable { offset: 0 });
        }
        if out.len() > MAX_BYTES {
            return Err(Refusal::TooLarge { bytes: out.len(), limit: MAX_BYTES });
        }
        Ok(Cow::Owned(out))
    }
    #[cfg(not(feature = "ingest"))]
    Err(Refusal::Undecodable { offset: 0 })
}

/// How two bytes are one unit of UTF-16.
type Order = fn([u8; 2]) -> u16;

/// The text of the bytes. Without a mark, a zero beside an ASCII character tells UTF-16 and its order.
fn decoded(bytes: &[u8]) -> Result<Cow<'_, str>, Refusal> {
    let (order, skip): (Option<Order>, usize) = match bytes {
        [0xff, 0xfe, ..] => (Some(u16::from_le_bytes), 2),
        [0xfe, 0xff, ..] => (Some(u16::from_be_bytes), 2),
        [0xef, 0xbb, 0xbf, ..] => (None, 3),
        [first, 0, ..] if *first != 0 => (Some(u16::from_le_bytes), 0),
        [0, second, ..] if *second != 0 => (Some(u16::from_be_bytes), 0),
        _ => (None, 0),
    };
    let rest = bytes.get(skip..).unwrap_or_default();
    let Some(order) = order else {
        let text =
            std::str::from_utf8(rest).map_err(|error| Refusal::Undecodable { offset: skip + error.valid_up_to() })?;
        return Ok(Cow::Borrowed(text));
    };
    let (pairs, odd) = rest.as_chunks::<2>();
    if !odd.is_empty() {
        return Err(Refusal::Undecodable { offset: bytes.len() - 1 });
    }
    let units = pairs.iter().map(|pair| order(*pair));
    let mut text = String::with_capacity(rest.len() / 2);
    for (at, c) in char::decode_utf16(units).enumerate() {
        text.push(c.map_err(|_| Refusal::Undecodable { offset: skip + 2 * at })?);
    }
    Ok(Cow::Owned(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn judges_by_content() {
        assert_eq!(detect(b"\xef\xbb\xbf {}").unwrap(), (Cow::Borrowed(" {}"), Format::Json));
        assert_eq!(detect(b"openapi: 3.0.3").unwrap().1, Format::Yaml);
        assert_eq!(detect(b" \n<!doctype html>"), Err(Refusal::HtmlNotSpec));
        assert_eq!(detect(b" \n"), Err(Refusal::empty()));
        assert_eq!(detect(b"ab\xff"), Err(Refusal::Undecodable { offset: 2 }));
    }

    #[test]
    fn names_conflict_markers_in_every_format() {
        let conflict = |head: &str| format!("{head}<<<<<<< HEAD\na: [1,\n=======\na: [2,\n>>>>>>> other\n3]\n");
        for (head, line) in [("", 1), ("{\n", 2), ("openapi: 3.0.3\n", 2)] {
            assert_eq!(detect(conflict(head).as_bytes()), Err(Refusal::ConflictMarkers { line }), "{head}");
        }
        assert!(detect(b"title: |\n  A\n  =======\n  <<<<<<< a place to write\n").is_ok());
    }

    #[test]
    fn reads_utf_16_in_both_orders_with_and_without_a_mark() {
        let text = "{\"a\": \"ñ😀\"}";
        let units: Vec<u16> = text.encode_utf16().collect();
        let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        for (mark, bytes) in [(vec![0xff, 0xfe], &little), (vec![0xfe, 0xff], &big), (vec![], &little), (vec![], &big)]
        {
            let all: Vec<u8> = mark.into_iter().chain(bytes.iter().copied()).collect();
            assert_eq!(detect(&all).unwrap(), (Cow::Borrowed(text), Format::Json));
        }
        assert!(detect(&little[..5]).is_err(), "half a character");
        assert!(detect(&[0xff, 0xfe, 0x00, 0xd8]).is_err(), "half a pair");
    }

    #[cfg(feature = "ingest")]
    #[test]
    fn unpacks_gzip_within_the_bound() {
        use std::io::Write as _;
        let packed = |bytes: &[u8]| {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        };
        assert_eq!(detect(&packed(b"{}")).unwrap(), (Cow::Borrowed("{}"), Format::Json));
        let bomb = packed(&vec![b' '; MAX_BYTES + 1]);
        assert!(bomb.len() < 1 << 20);
        assert_eq!(detect(&bomb).unwrap_err().name(), "too-large");
        assert_eq!(detect(&packed(b"{}")[..10]).unwrap_err().name(), "undecodable", "cut");
    }
}
