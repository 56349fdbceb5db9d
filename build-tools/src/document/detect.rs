//! Bytes to text and the format they are in, by content alone: names and content types lie.

use super::MAX_BYTES;
use super::refusal::Refusal;

/// The format of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Starts with `{` or `[`; read as JSON and nothing else.
    Json,
    /// Everything else that is no page.
    Yaml,
}

/// Decodes the bytes and tells the format.
///
/// # Errors
/// Empty, too large, not UTF-8, or an HTML page.
pub fn detect(bytes: &[u8]) -> Result<(&str, Format), Refusal> {
    if bytes.len() > MAX_BYTES {
        return Err(Refusal::TooLarge { bytes: bytes.len(), limit: MAX_BYTES });
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| Refusal::NotText { offset: error.valid_up_to() })?;
    let start = text.trim_start();
    if start.is_empty() {
        return Err(Refusal::Empty);
    }
    if start.starts_with('<') {
        return Err(Refusal::Page);
    }
    let format = if start.starts_with(['{', '[']) { Format::Json } else { Format::Yaml };
    Ok((text, format))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn judges_by_content() {
        assert_eq!(detect(b"\xef\xbb\xbf {}").unwrap(), (" {}", Format::Json));
        assert_eq!(detect(b"openapi: 3.0.3").unwrap().1, Format::Yaml);
        assert_eq!(detect(b" \n<!doctype html>"), Err(Refusal::Page));
        assert_eq!(detect(b" \n"), Err(Refusal::Empty));
        assert_eq!(detect(b"ab\xff"), Err(Refusal::NotText { offset: 2 }));
    }
}
