//! The table by group, for a terminal and for README.md.

use std::fmt::Write as _;

use super::{Coverage, Row};
use crate::safe_text::line;
use crate::safe_text::markdown::prose_cell;

impl Coverage {
    /// A cell a group and stage: `12` where all are there, `11/12` where not.
    fn table(&self, stages: &[&'static str], show: impl Fn(&str) -> String) -> Vec<Vec<String>> {
        let mut head = vec!["group".to_owned()];
        head.extend(stages.iter().map(|stage| stage.replace('_', " ")));
        head.push("typed answers".to_owned());
        head.push("fidelity".to_owned());
        let mut lines = vec![head];
        let all: Vec<&Row> = self.operations.iter().collect();
        let mut groups = self.groups();
        groups.push(("all", all));
        for (tag, rows) in groups {
            let mut line = vec![show(tag)];
            for stage in stages {
                let there = rows.iter().filter(|row| row.has(stage)).count();
                line.push(if there == rows.len() { there.to_string() } else { format!("{there}/{}", rows.len()) });
            }
            let typed = rows.iter().filter(|row| row.response_kind == "typed").count();
            line.push(format!("{typed}/{}", rows.len()));
            line.push(fidelity(&rows));
            lines.push(line);
        }
        lines
    }

    /// The table by group for a terminal, then each operation that lacks something of the workspace.
    pub fn to_text(&self) -> String {
        let table = self.table(&self.stages, |tag| line(tag).into_owned());
        let columns = table.first().map_or(0, Vec::len);
        let width =
            |column: usize| table.iter().filter_map(|line| line.get(column)).map(String::len).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let mut out = String::new();
        for cells in &table {
            for (column, (cell, width)) in cells.iter().zip(&widths).enumerate() {
                let _ = if column == 0 { write!(out, "{cell:<width$}") } else { write!(out, "  {cell:>width$}") };
            }
            out.push('\n');
        }
        for row in &self.operations {
            let missing: Vec<&str> = self.own_stages().filter(|stage| !row.has(stage)).collect();
            if !missing.is_empty() {
                let (path, missing) = (line(&row.path), missing.join(", "));
                let _ = writeln!(out, "missing: {} {path} ({}): {missing}", row.method, row.id);
            }
        }
        for row in self.operations.iter().filter(|row| !row.inferred.is_empty()) {
            let (path, parts) = (line(&row.path), line(&row.inferred.join(", ")).into_owned());
            let _ = writeln!(out, "inferred, never proven against the API: {} {path}: {parts}", row.method);
        }
        out
    }

    /// The table by group for the README; a probe is one machine's and one day's, and so no part of it.
    pub fn to_markdown(&self) -> String {
        let mut out = String::new();
        let stages: Vec<&str> = self.own_stages().collect();
        for (at, line) in self.table(&stages, |tag| prose_cell(tag).into_owned()).iter().enumerate() {
            let _ = writeln!(out, "| {} |", line.join(" | "));
            if at == 0 {
                let _ = writeln!(out, "|{}", "---|".repeat(line.len()));
            }
        }
        let inferred: Vec<&Row> = self.operations.iter().filter(|row| !row.inferred.is_empty()).collect();
        if !inferred.is_empty() {
            out.push_str("\nInferred, and never proven against the API, however complete the table is:\n\n");
        }
        for row in inferred {
            let (path, parts) = (prose_cell(&row.path), row.inferred.join(", "));
            let _ = writeln!(out, "- {} {path}: {}", row.method, prose_cell(&parts));
        }
        out
    }
}

/// The share of statements that types say too, rounded down: 100 % is all of them.
pub(super) fn fidelity(rows: &[&Row]) -> String {
    let (same, of) = rows.iter().fold((0, 0), |sum: (u64, u64), row| (sum.0 + row.fidelity.0, sum.1 + row.fidelity.1));
    (same * 100).checked_div(of).map_or_else(|| "-".to_owned(), |percent| format!("{percent} %"))
}
