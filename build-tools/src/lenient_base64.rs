//! Decodes base64 as programs write it into recordings: in either alphabet, with blanks, with and without padding.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD_INDIFFERENT;

/// The bytes of a base64 text; none where it is not one.
pub(crate) fn from_base64(text: &str) -> Option<Vec<u8>> {
    let letters = text.chars().filter(|letter| !letter.is_ascii_whitespace() && *letter != '=');
    let standard: String = letters
        .map(|letter| match letter {
            '-' => '+',
            '_' => '/',
            letter => letter,
        })
        .collect();
    STANDARD_NO_PAD_INDIFFERENT.decode(standard).ok()
}

#[cfg(test)]
mod tests {
    use super::from_base64;

    #[test]
    fn base64_is_read_as_programs_write_it() {
        for (text, bytes) in [
            ("", &b""[..]),
            ("eyJhIjoxfQ==", b"{\"a\":1}"),
            ("eyJhIjoxfQ", b"{\"a\":1}"),
            ("eyJh\r\nIjox fQ==\n", b"{\"a\":1}"),
            ("-_8=", b"\xfb\xff"),
            ("+/8=", b"\xfb\xff"),
        ] {
            assert_eq!(from_base64(text).as_deref(), Some(bytes), "{text}");
        }
        for broken in ["a", "{\"a\":1}", "ab\u{e9}d"] {
            assert_eq!(from_base64(broken), None, "{broken}");
        }
    }
}
