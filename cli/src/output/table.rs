//! Rows and columns to a table that fits the terminal, or as wide as it likes where nobody looks.

use comfy_table::{ContentArrangement, Table, presets};

use super::columns::{Grid, data, grid, text};
use super::print::{Styles, width};
use crate::failure::Failure;
use crate::json::Json;

pub(super) fn write(
    value: &Json,
    is_filtered: bool,
    wanted: Option<&[String]>,
    styles: &Styles,
) -> Result<(String, Vec<String>), Failure> {
    let plain = |text: String| Ok((text, Vec::new()));
    let shown = data(value, is_filtered);
    // Words of the API are told as they are.
    if let Some(message) = value.get("message").filter(|message| message.as_str().is_some() && !is_filtered)
        && value.get("result").is_none()
        && wanted.is_none()
        && matches!(value, Json::Object(members) if members.len() == 1)
    {
        return plain(text(message) + "\n");
    }
    let rows = match shown {
        Json::Array(items) if items.is_empty() => return plain("(none)\n".to_owned()),
        Json::Null => return plain("done\n".to_owned()),
        Json::Array(_) => grid(value, is_filtered, wanted)?,
        Json::Object(_) => {
            let one = grid(value, is_filtered, wanted)?;
            return plain(fields(&one.columns, one.rows.first().map(Vec::as_slice).unwrap_or_default(), styles));
        }
        other => return plain(text(other) + "\n"),
    };
    let (rows, hidden) = match width() {
        Some(width) => fitted(rows, usize::from(width), wanted.is_some()),
        None => (rows, Vec::new()),
    };
    let mut table = fresh();
    let header: Vec<String> = rows.columns.iter().map(|name| name.to_uppercase()).collect();
    table.set_header(header);
    table.add_rows(rows.rows);
    let drawn = lines(&table);
    let drawn = match drawn.split_once('\n') {
        Some((header, rest)) => format!("{}\n{rest}", styles.bold(header)),
        None => drawn,
    };
    Ok((drawn, hidden))
}

/// Blanks between two columns.
const GAP: usize = 2;
/// A column is not made narrower for the sake of another one that could be left out.
const READABLE: usize = 24;

/// The columns that can be read side by side, their cells cut where they must be, and the names of those left out. What
/// names a thing comes first; what says nothing of any comes last. Columns that were asked for all stay.
fn fitted(grid: Grid, width: usize, all: bool) -> (Grid, Vec<String>) {
    let cell = |row: &Vec<String>, at: usize| row.get(at).map_or(0, |cell| cell.chars().count());
    let widest = |at: usize| grid.rows.iter().map(|row| cell(row, at)).max().unwrap_or_default();
    let natural: Vec<usize> =
        grid.columns.iter().enumerate().map(|(at, name)| name.chars().count().max(widest(at))).collect();
    let mut taken: Vec<(usize, usize)> = Vec::new();
    let whole = |taken: &[(usize, usize)]| {
        taken.iter().map(|(_, width)| width).sum::<usize>() + GAP * taken.len().saturating_sub(1)
    };
    // What most rows have, stands at the top of an entry and says how a thing is, is worth most.
    let worth = |at: &usize| {
        let name = grid.columns.get(*at).map(String::as_str).unwrap_or_default();
        let filled = grid.rows.iter().filter(|row| cell(row, *at) > 0).count();
        let says = ["status", "state", "type", "kind"].iter().any(|word| name.ends_with(word));
        (*at > 0, filled * 2 < grid.rows.len(), name.matches('.').count(), !says, *at)
    };
    let mut order: Vec<usize> = (0..natural.len()).collect();
    if !all {
        order.sort_by_key(worth);
    }
    for at in order {
        let wide = natural.get(at).copied().unwrap_or_default();
        let least = if at == 0 { wide } else { wide.min(READABLE) };
        taken.push((at, least));
        if !all && taken.len() > 1 && (widest(at) == 0 || whole(&taken) > width) {
            taken.pop();
        }
    }
    if !all {
        taken.sort_unstable();
    }
    // The first one, which names the thing, gives way last.
    while whole(&taken) > width {
        let narrowed = taken.iter_mut().skip(1).filter(|(_, width)| *width > 4).max_by_key(|(_, width)| *width);
        match narrowed {
            Some((_, width)) => *width -= 1,
            None => match taken.first_mut().filter(|(_, width)| *width > 4) {
                Some((_, width)) => *width -= 1,
                None => break,
            },
        }
    }
    // Room that is left goes to those that were cut.
    for at in 0..taken.len() {
        let room = width.saturating_sub(whole(&taken));
        if let Some((column, width)) = taken.get_mut(at) {
            let wanted = natural.get(*column).copied().unwrap_or_default();
            *width += room.min(wanted.saturating_sub(*width));
        }
    }
    let pick = |row: &Vec<String>| {
        taken.iter().map(|(at, width)| cut(row.get(*at).map(String::as_str).unwrap_or_default(), *width)).collect()
    };
    let hidden = grid.columns.iter().enumerate().filter(|(at, _)| !taken.iter().any(|(known, _)| known == at));
    let hidden = hidden.map(|(_, name)| name.clone()).collect();
    (Grid { columns: pick(&grid.columns), rows: grid.rows.iter().map(pick).collect() }, hidden)
}

/// A text of no more than that many characters, with a mark where it goes on.
fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['\u{2026}']).collect()
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
    table.set_content_arrangement(ContentArrangement::Disabled);
    table
}

fn lines(table: &Table) -> String {
    let lines = table.lines().map(|line| {
        let line = line.trim_end().to_owned();
        line.strip_prefix(' ').map(str::to_owned).unwrap_or(line) + "\n"
    });
    lines.collect()
}
