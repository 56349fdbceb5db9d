//! Rows and columns to a table that fits the terminal, or as wide as it likes where nobody looks.

use comfy_table::{ContentArrangement, Table, presets};
use serde_json::Value;

use super::columns::{data, grid, text};
use super::print::{Styles, width};
use crate::failure::Failure;

pub(super) fn write(
    value: &Value,
    is_filtered: bool,
    wanted: Option<&[String]>,
    styles: &Styles,
) -> Result<String, Failure> {
    let shown = data(value, is_filtered);
    // Words of the API are told as they are.
    if let Some(message) = value.get("message").filter(|message| message.is_string() && !is_filtered)
        && value.get("result").is_none()
        && wanted.is_none()
        && value.as_object().is_some_and(|members| members.len() == 1)
    {
        return Ok(text(message) + "\n");
    }
    let rows = match shown {
        Value::Array(items) if items.is_empty() => return Ok("(none)\n".to_owned()),
        Value::Null => return Ok("done\n".to_owned()),
        Value::Array(_) => grid(value, is_filtered, wanted)?,
        Value::Object(_) => {
            let one = grid(value, is_filtered, wanted)?;
            return Ok(fields(&one.columns, one.rows.first().map(Vec::as_slice).unwrap_or_default(), styles));
        }
        plain => return Ok(text(plain) + "\n"),
    };
    let mut table = fresh();
    let header: Vec<String> = rows.columns.iter().map(|name| name.to_uppercase()).collect();
    table.set_header(header);
    table.add_rows(rows.rows);
    let drawn = lines(&table);
    Ok(match drawn.split_once('\n') {
        Some((header, rest)) => format!("{}\n{rest}", styles.bold(header)),
        None => drawn,
    })
}

/// One thing: its members below each other.
fn fields(names: &[String], cells: &[String], styles: &Styles) -> String {
    let widest = names.iter().map(|name| name.chars().count()).max().unwrap_or_default();
    let room = width().map(usize::from).and_then(|width| width.checked_sub(widest + 2)).filter(|room| *room > 10);
    let mut out = String::new();
    for (name, cell) in names.iter().zip(cells) {
        let padded = format!("{name}{}", " ".repeat(widest.saturating_sub(name.chars().count())));
        let wrapped = room.map_or_else(|| vec![cell.clone()], |room| crate::help::wrap(cell, room));
        let mut lines = wrapped.into_iter();
        out.push_str(&format!("{}  {}\n", styles.bold(&padded), lines.next().unwrap_or_default()));
        lines.for_each(|line| out.push_str(&format!("{}  {line}\n", " ".repeat(widest))));
    }
    out
}

fn fresh() -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    match width() {
        Some(width) => {
            table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
        }
        None => {
            table.set_content_arrangement(ContentArrangement::Disabled);
        }
    }
    table
}

fn lines(table: &Table) -> String {
    let lines = table.lines().map(|line| {
        let line = line.trim_end().to_owned();
        line.strip_prefix(' ').map(str::to_owned).unwrap_or(line) + "\n"
    });
    lines.collect()
}
