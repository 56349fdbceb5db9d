//! Tables and list items of reference pages to rows: a name, and what is said of it.

use super::anchors::signature;
use super::model::In;
use super::shape::Shape;
use super::types;
use super::vocabulary::{Column, column, required_in_type, said_required, yes};
use crate::document::Node;

/// What one row says.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) shape: Option<Shape>,
    pub(super) required: Option<bool>,
    pub(super) description: String,
    /// Where it goes, where the row says it; the inner none is the body.
    pub(super) location: Option<Option<In>>,
    /// Whether the name is written as a part of a path is.
    pub(super) is_path: bool,
    pub(super) default: Option<Node>,
}

/// The rows of a table, and how many were not read.
pub(super) struct Read {
    pub(super) rows: Vec<Row>,
    pub(super) lost: usize,
}

/// Reads a table of parameters; none where it is another kind of table.
pub(super) fn rows(header: &[String], rows: &[Vec<String>]) -> Option<Read> {
    let columns: Vec<Column> = header.iter().map(|head| column(head)).collect();
    let at = |wanted: Column| columns.iter().position(|column| *column == wanted);
    // Without a column of names, this is a table of something else.
    let name_at = at(Column::Name)?;
    if columns.len() < 2 && rows.is_empty() {
        return None;
    }
    let mut out = Read { rows: Vec::new(), lost: 0 };
    for row in rows.iter().take(2_000) {
        let cell = |wanted: Column| at(wanted).and_then(|at| row.get(at)).map(|cell| cell.trim());
        let written = row.get(name_at).map(String::as_str).unwrap_or_default();
        let Some(named) = name(written) else {
            out.lost += usize::from(!written.trim().is_empty());
            continue;
        };
        // A row without a name, whose cells moved to the left.
        if at(Column::Type).is_some()
            && types::read(&named.name).is_some()
            && cell(Column::Type).and_then(types::read).is_none()
        {
            out.lost += 1;
            continue;
        }
        let description = cell(Column::Description).unwrap_or_default();
        let kind = cell(Column::Type).filter(|cell| !cell.is_empty());
        let shape = kind.and_then(|cell| types::read(&without_required(cell))).or_else(|| named.kind.clone());
        let required = cell(Column::Required)
            .and_then(yes)
            .or_else(|| cell(Column::Optional).and_then(yes).map(|optional| !optional))
            .or(named.required)
            .or_else(|| kind.and_then(required_in_type))
            .or_else(|| said_required(description));
        let default =
            cell(Column::Default).map(|cell| cell.trim_matches(['`', '*', '"', ' '])).filter(|cell| !cell.is_empty());
        let is_default = default.is_some_and(|text| {
            yes(text) != Some(false)
                && !matches!(text.to_lowercase().as_str(), "none" | "null" | "n/a" | "ninguno" | "required")
        });
        let required = match (required, default.map(str::to_lowercase)) {
            (None, Some(text)) if matches!(text.as_str(), "required" | "obligatorio") => Some(true),
            (None, Some(_)) if is_default => Some(false),
            (required, _) => required,
        };
        let value = default.filter(|_| is_default).zip(shape.as_ref()).map(|(text, shape)| types::value(text, shape));
        let value = value.filter(|value| {
            let shape = shape.clone().unwrap_or_default();
            let plain = !shape.is(super::shape::Kind::Array) && !shape.is(super::shape::Kind::Object);
            let typed = shape.is(super::shape::Kind::String) || value.as_str().is_none();
            plain && typed && !crate::secrets::is_secret_name(&named.name)
        });
        out.rows.push(Row {
            location: cell(Column::Location).and_then(location),
            name: named.name,
            shape,
            required,
            description: plain(description),
            is_path: named.is_path,
            default: value,
        });
    }
    (!out.rows.is_empty()).then_some(out)
}

/// Lines of cells without a head: a name in code, and what is said of it.
pub(super) fn headless(text: &str) -> Option<(Vec<String>, Vec<Vec<String>>)> {
    let lines: Vec<&str> = text.lines().collect();
    let is_row =
        |line: &&str| line.trim_start().trim_start_matches('|').trim_start().starts_with('`') && line.contains('|');
    if lines.len() < 2 || !lines.iter().all(is_row) {
        return None;
    }
    let cells =
        |line: &&str| line.trim().trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let rows: Vec<Vec<String>> = lines.iter().map(cells).collect();
    let typed = rows.iter().all(|row| row.len() > 2 && row.get(1).is_some_and(|cell| types::read(cell).is_some()));
    let header: &[&str] = if typed { &["name", "type", "description"] } else { &["name", "description"] };
    Some((header.iter().map(|head| (*head).to_owned()).collect(), rows))
}

/// Operations that a table lists: a method and an address in each row.
pub(super) fn operations(header: &[String], rows: &[Vec<String>]) -> Vec<(String, String)> {
    let columns: Vec<Column> = header.iter().map(|head| column(head)).collect();
    let method_at = columns.iter().position(|column| *column == Column::Method);
    let address_at = columns.iter().position(|column| *column == Column::Address);
    let mut out = Vec::new();
    for row in rows.iter().take(2_000) {
        let whole = row.iter().find_map(|cell| signature(cell));
        let parts = method_at.and_then(|at| row.get(at)).zip(address_at.and_then(|at| row.get(at)));
        let joined = parts.and_then(|(method, address)| {
            let method = method.trim_matches(['`', '*', ' ']).to_uppercase();
            signature(&format!("{method} {}", address.trim_matches(['`', '*', ' '])))
        });
        out.extend(whole.or(joined));
    }
    out
}

fn location(cell: &str) -> Option<Option<In>> {
    let lower = cell.to_lowercase();
    let any = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if any(&["query", "consulta"]) {
        Some(Some(In::Query))
    } else if any(&["path", "url", "uri", "ruta"]) {
        Some(Some(In::Path))
    } else if any(&["header", "cabecera", "encabezado"]) {
        Some(Some(In::Header))
    } else if any(&["body", "cuerpo", "form", "json", "corpo", "payload"]) {
        Some(None)
    } else {
        None
    }
}

struct Named {
    name: String,
    is_path: bool,
    required: Option<bool>,
    kind: Option<Shape>,
}

/// The name in a cell, with what stands beside it.
fn name(cell: &str) -> Option<Named> {
    let cell = cell.trim().replace("\\_", "_").replace('\u{a0}', " ");
    let text = cell.trim_start_matches(['`', '*', '"', '~', ' ', '└', '─', '↳', '→', '>', '├', '│', '•']);
    let is_path = text.starts_with([':', '{']);
    let text = text.trim_start_matches([':', '{', '$']);
    let end = text
        .find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '[' | ']' | '$' | '@' | '/')))
        .unwrap_or(text.len());
    let name = text.get(..end)?.trim_end_matches(['.', '/', '-']);
    let starts = name.chars().next()?;
    if name.is_empty() || name.len() > 80 || !(starts.is_alphabetic() || matches!(starts, '_' | '$' | '@' | '[')) {
        return None;
    }
    let rest = text.get(end..).unwrap_or_default().trim_matches(['`', '*', '"', '}', '?', ' ', ':', ',']);
    // `Name of the thing` is no name that can be sent.
    let described = rest.split_whitespace().count();
    let quoted = cell.starts_with('`') || cell.contains('`');
    let lower = rest.to_lowercase();
    let required = said_required(&lower).or_else(|| {
        cell.trim_end_matches('`').ends_with('*').then_some(true).filter(|_| !cell.trim_start().starts_with("**"))
    });
    let kind =
        types::read(&without_required(lower.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '[' | ']'))));
    if described > 1 && !quoted && kind.is_none() && required.is_none() && !rest.starts_with('(') {
        return None;
    }
    if described == 1
        && !quoted
        && kind.is_none()
        && required.is_none()
        && !rest.starts_with(['(', '[', '<', '/', '|', '='])
    {
        return None;
    }
    Some(Named { name: name.to_owned(), is_path, required, kind })
}

/// A cell without the words that say whether something is needed.
fn without_required(cell: &str) -> String {
    let words = cell.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')'));
    let kept: Vec<&str> = words
        .filter(|word| {
            let lower = word.to_lowercase();
            let lower = lower.trim_matches(|c: char| !c.is_alphanumeric());
            !matches!(
                lower,
                "required" | "optional" | "obligatorio" | "opcional" | "requerido" | "mandatory" | "nullable"
            ) && !word.is_empty()
        })
        .collect();
    kept.join(" ")
}

/// A list item that describes a parameter: its name first, in code or bold, or before a bracket or a colon.
pub(super) fn item(text: &str) -> Option<Row> {
    let text = text.trim();
    let first = text.lines().next().unwrap_or_default();
    let marked = first.starts_with(['`', '*']);
    // The name, what stands in brackets, and the rest.
    let (head, rest) = if marked {
        let mark = if first.starts_with('`') { "`" } else { "**" };
        let inner = first.strip_prefix(mark)?;
        let (head, rest) = inner.split_once(mark)?;
        (head.trim_matches('`'), rest)
    } else {
        let end = first.find([' ', ':', '(', '=']).unwrap_or(first.len());
        let (head, rest) = first.split_at(end);
        let rest_start = rest.trim_start();
        let separated =
            rest.starts_with(':') || rest_start.starts_with(['(', '-', '–', '—', '[', '=']) || rest.is_empty();
        if !separated {
            return None;
        }
        (head, rest)
    };
    let named = name(&format!("`{head}`"))?;
    let (kind, required) = details(rest);
    let default_of = rest.trim_start_matches(|c: char| !c.is_alphanumeric());
    let description = plain(default_of);
    Some(Row {
        name: named.name,
        shape: kind,
        required: required.or_else(|| said_required(&description)),
        description,
        is_path: named.is_path,
        ..Row::default()
    })
}

/// The type and whether it is needed, from what stands directly behind a name.
fn details(rest: &str) -> (Option<Shape>, Option<bool>) {
    let start = rest.trim_start_matches([' ', ':', '-', '–', '—', '`', '*', '_', '.']);
    let head = match start.strip_prefix(['(', '[', '<', '{']) {
        Some(inner) => inner.split([')', ']', '>', '}']).next().unwrap_or_default(),
        // `name: string, required`, up to the first sentence.
        None => start.split(['.', ':', '—', '–']).next().unwrap_or_default(),
    };
    let mut kind = None;
    let mut required = None;
    for part in head.split([',', ';']).take(4) {
        let part = part.trim().trim_matches(['`', '*', '_']);
        required = required
            .or_else(|| said_required(part))
            .or_else(|| matches!(part.to_lowercase().as_str(), "required" | "obligatorio").then_some(true));
        let word = without_required(part);
        // `number of items` and `número de copias` are prose; `array of strings` is a type.
        let mut words = word.split_whitespace();
        let counts = words
            .next()
            .is_some_and(|first| ["number", "número", "numero", "nombre"].contains(&first.to_lowercase().as_str()))
            && words.next().is_some_and(|second| matches!(second, "of" | "de"));
        if kind.is_none() && !counts && word.split_whitespace().count() <= 3 {
            kind = types::read(word.trim_matches(['`', '*', '_']));
        }
    }
    (kind, required.or_else(|| said_required(rest)))
}

fn plain(text: &str) -> String {
    text.replace("**", "").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(cells: &[&str]) -> Vec<String> {
        cells.iter().map(|cell| (*cell).to_owned()).collect()
    }

    #[test]
    fn reads_a_spanish_table() {
        let header = strings(&["Parámetro", "Tipo", "Obligatorio", "Descripción"]);
        let body = [
            strings(&["`nombre`", "cadena", "Sí", "El nombre"]),
            strings(&["ttl", "entero", "No", "Segundos"]),
            strings(&["", "", "", ""]),
        ];
        let read = rows(&header, &body).unwrap();
        let shown: Vec<_> = read.rows.iter().map(|row| (row.name.as_str(), row.required)).collect();
        assert_eq!(shown, [("nombre", Some(true)), ("ttl", Some(false))]);
        assert!(rows(&strings(&["Code", "Region"]), &[strings(&["`SV1`", "US"])]).is_none());
    }

    #[test]
    fn reads_items() {
        for (text, expected) in [
            ("`name` (string, required): The name", Some(("name", true, Some(true)))),
            ("**page** — integer — Optional. The page", Some(("page", true, Some(false)))),
            ("limit: number of items", Some(("limit", false, None))),
            ("See the guide for more", None),
        ] {
            let row = item(text);
            let shown = row.as_ref().map(|row| (row.name.as_str(), row.shape.is_some(), row.required));
            assert_eq!(shown, expected, "{text}");
        }
    }

    #[test]
    fn lists_operations() {
        let header = strings(&["Method", "Endpoint", "Description"]);
        let body = [strings(&["GET", "`/a/{b}`", "x"]), strings(&["post", "/a", "y"])];
        assert_eq!(operations(&header, &body).len(), 2);
    }
}
