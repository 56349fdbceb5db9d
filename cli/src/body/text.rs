//! Reads a file that a person made as text. Byte order marks are removed, UTF-16 is decoded, and what cannot be read
//! certainly is refused.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::failure::Failure;
use crate::files;

/// The text of a file.
#[derive(Debug)]
pub(crate) struct Text {
    pub(crate) text: String,
    /// It was not Unicode, so it was read as Windows-1252, as spreadsheets of Windows write it.
    pub(crate) is_windows: bool,
}

/// How a file is named in messages.
pub(crate) fn shown(place: &str) -> &str {
    if place == "-" { "standard input" } else { place }
}

/// Reads a file, or standard input for `-`.
pub(crate) fn read_text(place: &str) -> Result<Text, Failure> {
    let read = files::read(place, files::LONGEST_INPUT);
    let bytes = read.map_err(|why| Failure::usage(format!("`{}` cannot be read: {why}", shown(place))))?;
    decode(&bytes, shown(place))
}

/// Files that people give where a text belongs, by their first bytes.
const OTHER_FILES: [(&[u8], &str); 5] = [
    (b"PK\x03\x04", "a workbook (xlsx, ods) or another zip archive: save the sheet as CSV"),
    (b"\xd0\xcf\x11\xe0", "an Excel workbook (xls): save the sheet as CSV"),
    (b"\x1f\x8b", "compressed with gzip: unpack it first"),
    (b"%PDF", "a PDF: export the data as CSV"),
    (b"\xff\xfe\0\0", "UTF-32: save it as UTF-8"),
];

fn decode(bytes: &[u8], shown: &str) -> Result<Text, Failure> {
    if let Some((_, what)) = OTHER_FILES.iter().find(|(start, _)| bytes.starts_with(start)) {
        return Err(Failure::usage(format!("`{shown}` is not a text file; it is {what}")));
    }
    let (encoding, mark) = Encoding::for_bom(bytes).unwrap_or((UTF_8, 0));
    let body = bytes.get(mark..).unwrap_or_default();
    let broken = |what: String| Failure::usage(format!("`{shown}` {what}")).hint("save it as UTF-8");
    let (text, is_windows) = if encoding == UTF_16LE || encoding == UTF_16BE {
        let text = encoding.decode_without_bom_handling_and_without_replacement(body);
        (text.ok_or_else(|| broken("is not valid UTF-16".to_owned()))?.into_owned(), false)
    } else if let Ok(text) = std::str::from_utf8(body) {
        (text.to_owned(), false)
    } else {
        if mark > 0 || is_mixed(body) {
            let line = first_broken_line(body);
            return Err(broken(format!("is damaged: line {line} is not valid UTF-8, although other parts are")));
        }
        (WINDOWS_1252.decode_without_bom_handling(body).0.into_owned(), true)
    };
    let unusable = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if let Some(at) = text.find(unusable) {
        let line = text.get(..at).unwrap_or_default().matches('\n').count() + 1;
        let why = if text.contains('\0') { "UTF-16 without a byte order mark, or binary" } else { "another encoding" };
        return Err(broken(format!("has a control character in line {line}; it may be {why}")));
    }
    Ok(Text { text, is_windows })
}

/// Whether parts that are not ASCII are valid UTF-8, which text in Windows-1252 never is by chance.
fn is_mixed(bytes: &[u8]) -> bool {
    bytes.utf8_chunks().any(|chunk| !chunk.valid().is_ascii())
}

fn first_broken_line(bytes: &[u8]) -> usize {
    let valid = bytes.utf8_chunks().next().map(|chunk| chunk.valid()).unwrap_or_default();
    valid.matches('\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<(String, bool), String> {
        decode(bytes, "f").map(|text| (text.text, text.is_windows)).map_err(|failure| failure.what.clone())
    }

    #[test]
    fn text_is_read_as_it_was_meant_or_refused() {
        let utf16 = |order: fn(u16) -> [u8; 2], text: &str| -> Vec<u8> {
            std::iter::once('\u{feff}').chain(text.chars()).flat_map(|c| order(c as u16)).collect()
        };
        let plain = |text: &str| Ok((text.to_owned(), false));
        assert_eq!(read("a\u{f1}o".as_bytes()), plain("a\u{f1}o"));
        assert_eq!(read("\u{feff}a\u{f1}o".as_bytes()), plain("a\u{f1}o"));
        assert_eq!(read(&utf16(u16::to_le_bytes, "a\u{f1}o")), plain("a\u{f1}o"));
        assert_eq!(read(&utf16(u16::to_be_bytes, "a\u{f1}o")), plain("a\u{f1}o"));
        assert_eq!(read(b"a\xf1o;\x80"), Ok(("a\u{f1}o;\u{20ac}".to_owned(), true)));
        for (bytes, told) in [
            (&b"a\0b\0"[..], "UTF-16 without"),
            (b"\xff\xfea\0b", "not valid UTF-16"),
            (b"\xff\xfe\x00\xd8", "not valid UTF-16"),
            (b"\xef\xbb\xbfa\nb\xf1", "line 2"),
            (b"\xc3\xb1\n\xf1", "line 2"),
            (b"a\x81b\xf1", "control character"),
            (b"a\x1b[2Jb", "control character in line 1"),
            (b"PK\x03\x04abc", "workbook"),
        ] {
            let failure = read(bytes).unwrap_err();
            assert!(failure.contains(told), "{bytes:?}: {failure}");
        }
    }
}
