//! Reads the items of a fleet from CSV: the first line names the columns, each other line is an item.
//!
//! Every row is used or refused with its line. There are no comments: `#` is a character like any other.

use std::collections::BTreeMap;

use super::items::Item;
use super::list;
use crate::failure::Failure;

/// What may be between two cells.
const SEPARATORS: [char; 3] = [',', ';', '\t'];

/// An item and the line that it was read from.
pub(super) type Row = (usize, Item);

/// The separator of a first line `sep=;`, as spreadsheets write it, and the text behind that line.
pub(super) fn declared(text: &str) -> Option<(char, &str)> {
    let (first, rest) = text.split_once(['\n', '\r']).unwrap_or((text, ""));
    let (start, separator) = first.trim_matches([' ', '"']).split_at_checked(4)?;
    let mut letters = separator.chars();
    match (start.eq_ignore_ascii_case("sep="), letters.next(), letters.next()) {
        (true, Some(separator), None) if separator.is_ascii() => {
            Some((separator, rest.strip_prefix('\n').unwrap_or(rest)))
        }
        _ => None,
    }
}

/// Whether a line has something that separates cells.
pub(super) fn is_separated(line: &str) -> bool {
    line.contains(SEPARATORS)
}

/// The items of a CSV file. `shown` is its name in messages.
pub(super) fn rows(shown: &str, text: &str) -> Result<Vec<Row>, Failure> {
    let wrong = |what: String| Failure::usage(format!("`{shown}`{what}"));
    let (text, declared, skipped) = match declared(text) {
        Some((separator, rest)) => (rest, Some(separator), 1),
        None => (text, None, 0),
    };
    let separator = match declared {
        Some(separator) => separator,
        None => separator(text).map_err(|what| wrong(format!(", line 1: {what}")))?,
    };
    check_quotes(text, separator).map_err(|(line, what)| wrong(format!(", line {}: {what}", line + skipped)))?;
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(u8::try_from(separator).unwrap_or(b','))
        .trim(csv::Trim::All)
        .flexible(true)
        .from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| wrong(format!(" is not valid CSV: {error}")))?.clone();
    let names: Vec<String> = header.iter().map(str::to_owned).collect();
    check_names(&names).map_err(|what| {
        wrong(format!(", line {}: {what}", 1 + skipped)).hint("the first line of a CSV file names its columns")
    })?;
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| wrong(format!(" is not valid CSV: {error}")))?;
        let line = record.position().map_or(0, |at| usize::try_from(at.line()).unwrap_or(usize::MAX)) + skipped;
        let at_line = |what: String| wrong(format!(", line {line}: {what}"));
        if record.len() != names.len() {
            let what = format!("{} cells, but the first line names {} columns", record.len(), names.len());
            return Err(at_line(what).hint(format!("cells are separated by {}", name_of(separator))));
        }
        if record.iter().all(str::is_empty) {
            return Err(at_line("every cell is empty".to_owned()).hint("remove the line"));
        }
        if let (1, Some(cell)) = (record.len(), record.iter().find(|cell| is_separated(cell))) {
            let what = format!("`{cell}` looks like several cells, but the first line names one column");
            return Err(at_line(what).hint("name every column in the first line"));
        }
        if let Some(cell) = record.iter().find(|cell| cell.contains(list::is_invisible)) {
            return Err(at_line(format!("`{cell}` has a character that does not show")).hint("type the cell again"));
        }
        let mut item = Item::new();
        for (name, cell) in names.iter().zip(&record) {
            if name.is_empty() && !cell.is_empty() {
                return Err(at_line(format!("`{cell}` is in a column without a name")));
            }
            if !name.is_empty() {
                item.insert(name.clone(), cell.to_owned());
            }
        }
        rows.push((line, item));
    }
    if rows.is_empty() {
        let what = format!(" names the columns {} and has no further lines, so there are no items", names.join(", "));
        return Err(wrong(what).hint("the first line of a CSV file names its columns"));
    }
    Ok(rows)
}

fn name_of(separator: char) -> String {
    if separator == '\t' { "tabs".to_owned() } else { format!("`{separator}`") }
}

/// The one separator that the first line has outside of quotes.
fn separator(text: &str) -> Result<char, String> {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let mut is_quoted = false;
    let mut counts: BTreeMap<char, usize> = BTreeMap::new();
    for letter in first.chars() {
        match letter {
            '"' => is_quoted = !is_quoted,
            _ if !is_quoted && SEPARATORS.contains(&letter) => *counts.entry(letter).or_default() += 1,
            _ => {}
        }
    }
    let mut found = counts.into_keys();
    match (found.next(), found.next()) {
        (None, _) => Ok(','),
        (Some(only), None) => Ok(only),
        (Some(one), Some(two)) => Err(format!(
            "it has both {} and {}, so it is not clear what separates the columns; a line `sep={two}` before it says so",
            name_of(one),
            name_of(two)
        )),
    }
}

fn check_names(names: &[String]) -> Result<(), String> {
    if names.iter().all(String::is_empty) {
        return Err("it names no columns".to_owned());
    }
    for (number, name) in names.iter().enumerate() {
        if name.starts_with('#') {
            return Err(format!("`{name}` is not the name of a column; CSV has no comments"));
        }
        let small = name.to_lowercase();
        let again = names.iter().take(number).any(|other| other.to_lowercase() == small);
        if again && !name.is_empty() {
            return Err(format!("the column `{name}` is there twice"));
        }
    }
    Ok(())
}

/// Refuses quotes that a lenient reader would understand in its own way: a quote that is never closed swallows all
/// rows behind it.
fn check_quotes(text: &str, separator: char) -> Result<(), (usize, String)> {
    #[derive(PartialEq)]
    enum At {
        Start,
        Plain,
        Quoted,
        Closed,
    }
    let (mut at, mut line, mut opened) = (At::Start, 1, 1);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let ends_line = letter == '\n' || (letter == '\r' && letters.peek() != Some(&'\n'));
        line += usize::from(ends_line);
        let is_end = letter == separator || letter == '\n' || letter == '\r';
        at = match at {
            At::Quoted if letter != '"' => At::Quoted,
            At::Quoted => match letters.next_if_eq(&'"') {
                Some(_) => At::Quoted,
                None => At::Closed,
            },
            _ if is_end => At::Start,
            At::Start if letter == '"' => {
                opened = line;
                At::Quoted
            }
            At::Closed if letter.is_whitespace() => At::Closed,
            At::Closed => return Err((line, format!("`{letter}` after a closing quote"))),
            At::Start | At::Plain if letter == '"' => {
                return Err((
                    line,
                    "a quote within a cell that is not quoted; write it as \"\" in a quoted cell".to_owned(),
                ));
            }
            At::Start | At::Plain => At::Plain,
        };
    }
    if at == At::Quoted { Err((opened, "a quote is not closed".to_owned())) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Vec<(String, String)>>, String> {
        let rows = rows("f", text).map_err(|failure| failure.what.clone())?;
        Ok(rows.into_iter().map(|(_, item)| item.into_iter().collect()).collect())
    }

    #[test]
    fn the_separator_is_the_one_of_the_first_line() {
        let wanted = vec![vec![("service".to_owned(), "X1".to_owned()), ("zone".to_owned(), "a, b;c".to_owned())]];
        for text in [
            "service,zone\nX1,\"a, b;c\"\n",
            "service;zone\r\nX1;\"a, b;c\"\r\n",
            "service\tzone\nX1\ta, b;c",
            "sep=;\r\nservice;zone\r\nX1;\"a, b;c\"\r\n",
            "sep=\t\nservice\tzone\nX1\ta, b;c\n",
            "\"sep=|\"\nservice|zone\nX1|a, b;c\n",
            "service,zone\rX1,\"a, b;c\"\r",
        ] {
            assert_eq!(read(text).unwrap(), wanted, "{text:?}");
        }
    }

    #[test]
    fn nothing_is_dropped_in_silence() {
        for (text, told) in [
            ("service,zone,zone\nX1,a,b\n", "line 1: the column `zone` is there twice"),
            ("service,Service\nX1,a\n", "is there twice"),
            ("#service,zone\nX1,a\n", "CSV has no comments"),
            ("service,zone;x\nX1,a\n", "both `,` and `;`"),
            ("service,zone\nX1\n", "line 2: 1 cells"),
            ("service,zone\nX1,a\nX2,b,c\n", "line 3: 3 cells"),
            ("sep=;\nservice;zone\nX1;a\nX2\n", "line 4: 1 cells"),
            ("service,zone\nX1,a\n,\n", "line 3: every cell is empty"),
            ("service\nX1;a.es\n", "line 2: `X1;a.es` looks like several cells"),
            ("service,\nX1,a\n", "column without a name"),
            ("service,zone\nX1,\"a\nX2,b\n", "line 2: a quote is not closed"),
            ("service,zone\nX1,\"a\nX2,\"b\n", "line 3: `b` after a closing quote"),
            ("service,zone\nX1,a \"b\" c\n", "line 2: a quote within a cell"),
            (",\nX1,a\n", "names no columns"),
            ("service,zone\nX1,a.es\u{200b}\n", "line 2: `a.es\u{200b}` has a character that does not show"),
        ] {
            let what = read(text).unwrap_err();
            assert!(what.contains(told), "{text:?}: {what}");
        }
        let rows = read("zone,service\n#a.es,X1\nb.es,X2\n").unwrap();
        assert_eq!(rows.len(), 2, "`#` is data: {rows:?}");
        assert_eq!(read("service,,\nX1,,\n").unwrap(), [[("service".to_owned(), "X1".to_owned())]]);
    }
}
