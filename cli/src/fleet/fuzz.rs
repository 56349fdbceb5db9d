//! Batches of `cargo xtask fuzz csv` and `journal`: no row is dropped in silence, and nothing that was done is sent again.

use std::collections::BTreeMap;

use serde_json::Value;

use super::journal::{self, State};
use super::table;
use crate::fuzz::each;

#[test]
#[ignore = "`cargo xtask fuzz csv` runs it"]
fn batch_of_items() {
    each(|input| {
        let Ok(text) = std::str::from_utf8(input) else { return };
        let Ok(rows) = table::rows("items.csv", text) else { return };
        // Every record but the header, whatever separates its columns; empty lines are not records.
        let body = table::declared(text).map_or(text, |(_, rest)| rest);
        let mut reader = csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(body.as_bytes());
        let records = reader.records().filter(Result::is_ok).count().saturating_sub(1);
        assert_eq!(rows.len(), records, "{rows:?}");
    });
}

#[test]
#[ignore = "`cargo xtask fuzz journal` runs it"]
fn batch_of_journals() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.journal");
    each(|input| {
        std::fs::write(&path, input).unwrap();
        let Ok((_, records)) = journal::read(&path) else { return };
        // The last word of each item, in whole lines.
        let text = String::from_utf8_lossy(input);
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        let mut last: BTreeMap<u64, String> = BTreeMap::new();
        for line in whole.lines().skip(1).filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
            if let (Some(item), Some(state)) = (line["item"].as_u64(), line["state"].as_str()) {
                last.insert(item, state.to_owned());
            }
        }
        for (item, state) in last {
            let found = records[usize::try_from(item).unwrap()].state;
            match state.as_str() {
                "done" => assert_eq!(found, State::Done, "item {item}"),
                "begun" => assert_eq!(found, State::Unknown, "item {item}"),
                _ => {}
            }
        }
        // What is added goes on from there.
        if let Ok((_, _, opened)) = journal::Journal::open(&path) {
            let states = |records: &[journal::Record]| records.iter().map(|record| record.state).collect::<Vec<_>>();
            assert_eq!(states(&opened), states(&records));
        }
    });
}
