//! Checks whether a text can be a bearer token, and names what is wrong with it without showing it.

use crate::error::{Error, ErrorKind};

/// Quotation marks that are copied along with a token, or left by a shell or a file of settings.
const QUOTES: [char; 9] = ['"', '\'', '\u{201c}', '\u{201d}', '\u{2018}', '\u{2019}', '\u{201e}', '\u{ab}', '\u{bb}'];

/// The token without the white space of ASCII around it; empty where there is nothing else. `source` names where the
/// token came from ("the token from SWPANEL_TOKEN").
///
/// Only visible ASCII is accepted. The grammar of bearer tokens (RFC 6750) has nothing else, and what else is found in
/// one was copied along with it: it would be sent, and the API could only answer that the token is wrong.
pub(super) fn check<'t>(text: &'t str, source: &str) -> Result<&'t str, Error> {
    let refuse = |what: String| Err(Error::new(ErrorKind::Configuration, format!("{source} {what}")));
    let start = text.trim_start_matches(|c: char| c.is_ascii_whitespace());
    let token = start.trim_end_matches(|c: char| c.is_ascii_whitespace());
    let first = token.split(|c: char| c.is_whitespace() || c == ':').next().unwrap_or_default();
    if ["bearer", "authorization"].iter().any(|word| first.eq_ignore_ascii_case(word)) {
        return refuse("begins with the words of the HTTP header; give the token only, without `Bearer`".to_owned());
    }
    let assigned = token.split_once('=').map(|(name, _)| name.trim_start_matches("export ").to_ascii_lowercase());
    if assigned.is_some_and(|name| ["swpanel_token", "token", "api_token", "api_key"].contains(&name.as_str())) {
        return refuse("begins with the name of a variable; give only what follows the `=`".to_owned());
    }
    if token.starts_with(QUOTES) || token.ends_with(QUOTES) {
        return refuse("begins or ends with a quotation mark; give the token only".to_owned());
    }
    let before = text.chars().count() - start.chars().count();
    for (number, character) in token.chars().enumerate() {
        let position = before + number + 1;
        let what = match character {
            '!'..='~' => continue,
            c if c.is_ascii_whitespace() => format!("contains white space at position {position}"),
            c if is_invisible(c) => {
                format!("contains a character that does not show (U+{:04X} at position {position})", u32::from(c))
            }
            _ => format!("contains a character at position {position} that is not ASCII"),
        };
        return refuse(format!("{what}; copy the token again, or delete that character"));
    }
    Ok(token)
}

/// Whether a character takes no ink: control characters, all white space but the ASCII blank, and characters of format
/// such as the byte order mark and the zero-width space. Used by the command line for the values of secrets.
pub fn is_invisible(character: char) -> bool {
    let is_format = matches!(
        character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
    );
    is_format || character.is_control() || (character.is_whitespace() && character != ' ')
}
