//! Redacts addresses: user information, and parameters whose name or form says that they are secret.
//!
//! Works on any text that has addresses in it, so that one function serves what is recorded, what is reported and what is
//! printed. Values that a path itself consists of cannot be told from other paths and stay.

use std::borrow::Cow;

use crate::hash::sha256;
use crate::secrets::is_secret_name;

/// What a value that is not shown is replaced by.
pub const REDACTED: &str = "REDACTED";

/// How often an address may be packed into a parameter of another one.
const NESTED: usize = 3;
/// A parameter's name is not longer than this.
const LONGEST_NAME: usize = 100;
/// User and password are looked for in so many characters, where they are not written as they must be.
const LONGEST_USER: usize = 200;
/// From this length on a value of mixed letters and digits is taken for a secret, whatever its name.
const RANDOM: usize = 20;

/// A text without the secrets of the addresses in it. An address that is redacted once stays the same.
pub fn redact(text: &str) -> Cow<'_, str> {
    redacted(text, NESTED)
}

/// The name under which a file of a document is recorded: its address, redacted; where something was left out, a
/// fragment tells files apart that are then called the same.
pub fn recorded(name: &str) -> String {
    match redact(name) {
        Cow::Borrowed(name) => name.to_owned(),
        Cow::Owned(shown) if shown == name => shown,
        Cow::Owned(shown) => format!("{shown}#{}", sha256(name.as_bytes()).get(..12).unwrap_or_default()),
    }
}

fn redacted(text: &str, nested: usize) -> Cow<'_, str> {
    if !text.contains("://") && !text.contains('=') {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let slice = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let mut out = String::new();
    // Up to where the text has been taken over, and where the scan is.
    let (mut taken, mut at) = (0, 0);
    // Whether the scan is within an address that began with a scheme, and in which part of it.
    let (mut within, mut in_query, mut in_fragment) = (false, false, false);
    while let Some(byte) = bytes.get(at).copied() {
        if ends_address(byte) {
            (within, in_query, in_fragment) = (false, false, false);
            at += 1;
        } else if !within && bytes.get(at..at + 3) == Some(b"://") {
            within = true;
            at += 3;
            let rest = slice(at, text.len());
            if let Some(user) = user_info(rest) {
                out.push_str(slice(taken, at));
                at += user;
                taken = at;
            }
        } else if matches!(byte, b'?' | b'&' | b';' | b'#') {
            in_query |= byte == b'?';
            in_fragment |= byte == b'#';
            at += 1;
            let rest = slice(at, text.len());
            let (name, value) = parameter(rest);
            let value_at = at + name.map_or(0, |name| name.len() + 1);
            let is_random = within && (in_query || in_fragment) && is_random(value);
            let hides = match name {
                Some(name) => is_secret_parameter(&decoded(name)) || is_random || hides_one(value, nested),
                None => is_random,
            };
            // A secret may have a question mark in it.
            let whole = |at| until(slice(at, text.len()), |byte| matches!(byte, b'&' | b';' | b'#')).len();
            let length = if hides { whole(value_at) } else { 0 };
            if length > 0 {
                out.push_str(slice(taken, value_at));
                out.push_str(REDACTED);
                taken = value_at + length;
                at = taken;
            } else if name.is_some() {
                at = value_at;
            }
        } else {
            at += 1;
        }
    }
    if taken == 0 && out.is_empty() {
        return Cow::Borrowed(text);
    }
    out.push_str(slice(taken, text.len()));
    Cow::Owned(out)
}

/// Bytes that no address has, where it is written in a text or in JSON.
fn ends_address(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte.is_ascii_control() || b"\"'`<>\\|^".contains(&byte)
}

/// The length of `user:password@` at the beginning of what follows `://`.
fn user_info(rest: &str) -> Option<usize> {
    let mut length = 0;
    while let Some(more) = rest.get(length..).and_then(one_user_info) {
        length += more;
    }
    Some(length).filter(|length| *length > 0)
}

fn one_user_info(rest: &str) -> Option<usize> {
    let whole = rest.bytes().position(ends_address).map_or(rest, |end| rest.get(..end).unwrap_or_default());
    let authority = whole.split(['/', '?', '#']).next().unwrap_or_default();
    if let Some(at) = authority.rfind('@') {
        return Some(at + 1);
    }
    // A password may have been written with a slash or a blank in it: what follows the colon is no port then.
    let (_, port) = authority.rsplit_once(':')?;
    if authority.starts_with('[') || port.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let line = rest.char_indices().take(LONGEST_USER).find(|(_, c)| *c == '\n').map_or(rest.len(), |(end, _)| end);
    let line = rest.get(..line).and_then(|line| line.split("://").next()).unwrap_or_default();
    let near = line.char_indices().nth(LONGEST_USER).map_or(line, |(end, _)| line.get(..end).unwrap_or_default());
    whole.rfind('@').or_else(|| near.rfind('@')).map(|at| at + 1)
}

/// A text up to the end of its address, or to a byte before that; without what belongs to the sentence that it is in.
fn until(rest: &str, ends: impl Fn(u8) -> bool) -> &str {
    let end = rest.bytes().position(|byte| ends_address(byte) || ends(byte)).unwrap_or(rest.len());
    rest.get(..end).unwrap_or_default().trim_end_matches([':', ',', '.', ')'])
}

/// Name (where there is one) and value of the parameter that a text begins with.
fn parameter(rest: &str) -> (Option<&str>, &str) {
    let all = until(rest, |byte| matches!(byte, b'&' | b';' | b'#' | b'?'));
    match all.split_once('=') {
        Some((name, value)) if !name.is_empty() && name.len() <= LONGEST_NAME && !name.contains('/') => {
            (Some(name), value)
        }
        _ => (None, all),
    }
}

fn is_secret_parameter(name: &str) -> bool {
    const PARTS: [&str; 11] = [
        "session",
        "signature",
        "credential",
        "jwt",
        "bearer",
        "saml",
        "assertion",
        "ticket",
        "hmac",
        "cookie",
        "authoriz",
    ];
    const WHOLE: [&str; 8] = ["sign", "code", "pin", "policy", "state", "nonce", "ak", "sk"];
    const WORDS: [&str; 7] = ["sig", "key", "pass", "pw", "sid", "otp", "totp"];
    let mut words = name.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
    let plain: String = name.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    is_secret_name(name)
        || PARTS.iter().any(|part| plain.contains(part))
        || WHOLE.contains(&plain.as_str())
        || words.any(|word| WORDS.contains(&word.as_str()))
        || (plain.contains("auth") && !plain.contains("author"))
        || ["xamz", "xgoog", "xoss", "xcos"].iter().any(|start| plain.starts_with(start))
        || ["key", "pass", "sid", "sig"].iter().any(|end| plain.ends_with(end))
}

/// Whether a value looks drawn at random: long, without blanks and dots, of letters and digits; or a JSON web token.
fn is_random(value: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_+=~%".contains(&byte);
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let long = value.len() >= RANDOM && value.bytes().all(plain);
    (long && digits >= 2 && value.bytes().any(|byte| byte.is_ascii_alphabetic())) || value.starts_with("eyJ")
}

/// Whether a value is an address, percent-encoded or not, that hides something itself.
fn hides_one(value: &str, nested: usize) -> bool {
    let inner = decoded(value);
    nested > 0 && inner != value && matches!(redacted(&inner, nested - 1), Cow::Owned(shown) if shown != inner)
}

/// With percent-encoded bytes decoded; what is no text then stays as it is.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, more)) = rest.split_first() {
        let digits = more.get(..2).filter(|_| *first == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { more.get(2..).unwrap_or_default() } else { more };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{recorded, redact};

    #[test]
    fn secrets_of_addresses_are_redacted() {
        for (text, wanted) in [
            ("https://a.es/docs", "https://a.es/docs"),
            ("https://u:pw@a.es/docs?x=1", "https://a.es/docs?x=1"),
            ("https://u:p/w@a.es/docs", "https://a.es/docs"),
            ("--from 'https://u:p w@a.es/docs'", "--from 'https://a.es/docs'"),
            ("https://u:p'w\"x@a.es/docs", "https://a.es/docs"),
            ("https://u@a.es:8443", "https://a.es:8443"),
            ("https://a.es/npm/@scope/x.json", "https://a.es/npm/@scope/x.json"),
            ("https://a.es:443/@x", "https://a.es:443/@x"),
            ("http://[::1]:80/@x?key=b", "http://[::1]:80/@x?key=REDACTED"),
            ("https://a.es/?a=1&token=b&c=2", "https://a.es/?a=1&token=REDACTED&c=2"),
            ("https://a.es/?a=1&amp;Sig=b", "https://a.es/?a=1&amp;Sig=REDACTED"),
            ("https://a.es/?to%6ben=b", "https://a.es/?to%6ben=REDACTED"),
            ("https://a.es/;jsessionid=b/c?d=e", "https://a.es/;jsessionid=REDACTED"),
            ("https://a.es/#access_token=b", "https://a.es/#access_token=REDACTED"),
            ("https://a.es/?0123456789abcdef0123", "https://a.es/?REDACTED"),
            ("https://a.es/#0123456789abcdef0123", "https://a.es/#REDACTED"),
            ("https://a.es/?next=https%3A%2F%2Fb.es%3Ftoken%3Dc", "https://a.es/?next=REDACTED"),
            ("https://a.es/?next=https://b.es?token=c", "https://a.es/?next=https://b.es?token=REDACTED"),
            ("asked `https://u@a.es/?key=b`: no", "asked `https://a.es/?key=REDACTED`: no"),
            (r#"{"a":"https://u:p@a.es?jwt=b"}"#, r#"{"a":"https://a.es?jwt=REDACTED"}"#),
            ("part.json?sig=a#/b", "part.json?sig=REDACTED#/b"),
            ("https://a.es/docs?api-docs.json", "https://a.es/docs?api-docs.json"),
            ("https://a.es/?author=b&sort=c&country_code=es", "https://a.es/?author=b&sort=c&country_code=es"),
            (
                "https://a.es/#/components/schemas/AVeryLongNameOf2026",
                "https://a.es/#/components/schemas/AVeryLongNameOf2026",
            ),
            ("https://a.es/?Key-Pair-Id=b", "https://a.es/?Key-Pair-Id=REDACTED"),
            ("asked https://a.es/?key=b: why", "asked https://a.es/?key=REDACTED: why"),
            ("https://a.es/?key=?c", "https://a.es/?key=REDACTED"),
            ("https://a.es/?key=b?c&d=e", "https://a.es/?key=REDACTED&d=e"),
            ("a = b; key = c, x==y? no", "a = b; key = c, x==y? no"),
        ] {
            assert_eq!(redact(text), wanted);
            assert_eq!(redact(wanted), wanted, "redacted twice");
        }
    }

    #[test]
    fn files_that_are_called_the_same_are_recorded_apart() {
        let (one, two) = (recorded("https://a.es/x?sig=1"), recorded("https://a.es/x?sig=2"));
        assert!(one != two && one.starts_with("https://a.es/x?sig=REDACTED#"), "{one}");
        assert_eq!(recorded(&one), one);
        assert_eq!(recorded("schemas/a.yaml"), "schemas/a.yaml");
    }

    #[test]
    fn a_long_text_takes_no_longer_than_its_length() {
        let started = std::time::Instant::now();
        for part in ["?", "&", ";a", "#", "://", "://@", "?a=", "=", "?a=%3F"] {
            let text = format!("x://y{}", part.repeat(1 << 16));
            assert!(!redact(&text).is_empty());
        }
        assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
    }
}
