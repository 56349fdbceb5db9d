//! Rows and columns to CSV as RFC 4180 has it; cells are exact unless a spreadsheet is to open them.

use super::columns::Grid;
use crate::failure::Failure;

/// Writes a table. `is_safe` guards each cell, see [`guarded`].
pub(super) fn write(grid: &Grid, is_safe: bool) -> Result<String, Failure> {
    let failed = |error: String| Failure::other(format!("the answer cannot be written as CSV: {error}"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = Some(&grid.columns).filter(|columns| !columns.is_empty());
    for row in header.into_iter().chain(&grid.rows) {
        let written = match is_safe {
            true => writer.write_record(row.iter().map(|cell| guarded(cell))),
            false => writer.write_record(row),
        };
        written.map_err(|error| failed(error.to_string()))?;
    }
    let bytes = writer.into_inner().map_err(|error| failed(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| failed(error.to_string()))
}

/// A cell that a spreadsheet shows and does not run: `'` is put before what begins a formula there. Numbers stay as they
/// are. A cell of ours may be split at `;` where that separates cells, so what follows one is guarded too.
pub(crate) fn guarded(cell: &str) -> String {
    let is_number = |text: &str| {
        text.parse::<f64>().is_ok() && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '+' | '-'))
    };
    let begins = |c: char| {
        matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}')
    };
    let mut out = String::with_capacity(cell.len() + 1);
    for (number, part) in cell.split_inclusive([';', '\t', '\r', '\n']).enumerate() {
        let bare = if number == 0 { part } else { part.trim_start_matches(['"', ' ']) };
        if bare.starts_with(begins) && !is_number(bare) {
            out.push('\'');
        }
        out.push_str(part);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_begins_a_formula() {
        for (cell, shown) in [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-2+3", "'-2+3"),
            ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
            ("\t=1", "'\t'=1"),
            ("\r=1", "'\r'=1"),
            ("\u{ff1d}1", "'\u{ff1d}1"),
            ("a;=1", "a;'=1"),
            ("-5", "-5"),
            ("+34600000000", "+34600000000"),
            ("a=b", "a=b"),
            ("", ""),
            ("info@example.es", "info@example.es"),
        ] {
            assert_eq!(guarded(cell), shown);
        }
    }
}
