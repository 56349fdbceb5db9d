//! Reads the items of a fleet from a plain list: one service a line. `#` begins a comment at the start of a line or after
//! white space.
//!
//! A line that is more than one value is refused: sent as it is, it would address another service or none.

use super::items::Item;
use super::table::{Row, is_separated};
use crate::failure::Failure;

/// Names of columns that a list of one column begins with when a spreadsheet wrote it.
const HEADERS: [&str; 14] = [
    "service",
    "services",
    "service_id",
    "servicio",
    "servicios",
    "id",
    "zone",
    "zona",
    "domain",
    "domains",
    "dominio",
    "dominios",
    "email",
    "correo",
];

/// Whether the first line is the name of a column and not a value.
pub(super) fn is_header(line: &str) -> bool {
    let line = line.trim().trim_matches('"').to_lowercase();
    HEADERS.contains(&line.as_str())
}

/// The items of a list. `shown` is its name in messages.
pub(super) fn rows(shown: &str, text: &str) -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    for (number, line) in text.replace("\r\n", "\n").split(['\n', '\r']).enumerate() {
        let number = number + 1;
        let value = without_comment(line).trim();
        if value.is_empty() {
            continue;
        }
        let wrong = |what: &str| Failure::usage(format!("`{shown}`, line {number}: `{value}` {what}"));
        let bare = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value);
        if bare.contains('"') || bare.is_empty() {
            return Err(wrong("has quotes that do not belong to a service"));
        }
        if is_separated(bare) || bare.contains(char::is_whitespace) {
            return Err(wrong("is more than one value").hint(
                "a list has one service a line; for more columns the first line names them, as in `service,zone`",
            ));
        }
        if bare.chars().any(is_invisible) {
            return Err(wrong("has a character that does not show").hint("type the line again"));
        }
        rows.push((number, Item::from([("service".to_owned(), bare.to_owned())])));
    }
    check_first(shown, &rows)?;
    Ok(rows)
}

/// A first line without digits above lines that all have some is more often a heading than a service.
fn check_first(shown: &str, rows: &[Row]) -> Result<(), Failure> {
    let has_digit = |(_, item): &Row| item.values().any(|value| value.contains(|c: char| c.is_ascii_digit()));
    match rows.split_first() {
        Some((first, rest)) if !rest.is_empty() && !has_digit(first) && rest.iter().all(has_digit) => {
            let value = first.1.values().next().map(String::as_str).unwrap_or_default();
            Err(Failure::usage(format!("`{shown}`, line {}: `{value}` looks like the name of a column", first.0))
                .hint("remove the line; or, if it is a service, put a line `service` before it"))
        }
        _ => Ok(()),
    }
}

/// A line of a list without its comment.
pub(super) fn without_comment(line: &str) -> &str {
    let is_comment =
        |at: &usize| line.get(..*at).is_some_and(|before| before.is_empty() || before.ends_with(char::is_whitespace));
    let at = line.match_indices('#').map(|(at, _)| at).find(is_comment);
    at.and_then(|at| line.get(..at)).unwrap_or(line)
}

/// Characters that change what is sent and show nowhere.
pub(super) fn is_invisible(c: char) -> bool {
    // Two joiners are part of words in some scripts and of emoji.
    matches!(c, '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<String>, String> {
        let rows = rows("f", text).map_err(|failure| failure.what.clone())?;
        Ok(rows.into_iter().flat_map(|(_, item)| item.into_values()).collect())
    }

    #[test]
    fn a_list_has_one_service_a_line() {
        assert_eq!(read("XX012 # a, b\n").unwrap(), ["XX012"]);
        let text = "# clients, of May\r\nXX012\r\n\r\nXX013 # another; one\nXX#14\n\"XX015\"\rXX016\u{a0}\n";
        assert_eq!(read(text).unwrap(), ["XX012", "XX013", "XX#14", "XX015", "XX016"]);
        assert_eq!(read("shop\nblog\n").unwrap(), ["shop", "blog"]);
        for (text, told) in [
            ("XX012\nXX013;a.es\n", "line 2: `XX013;a.es` is more than one value"),
            ("XX012 a.es\n", "more than one value"),
            ("XX012\nXX0\"13\n", "quotes"),
            ("XX012\nXX013\u{200b}\n", "line 2"),
            ("clientes\nXX012\nXX013\n", "looks like the name of a column"),
        ] {
            let what = read(text).unwrap_err();
            assert!(what.contains(told), "{text:?}: {what}");
        }
    }
}
