//! Batches of `cargo xtask fuzz csv` and `journal`: no row is dropped in silence, and nothing that was done is sent again.

use std::collections::BTreeMap;

use serde_json::Value;

use super::items;
use super::journal::{self, State};
use crate::fuzz::each;

#[test]
#[ignore = "`cargo xtask fuzz csv` runs it"]
fn batch_of_items() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("items.csv");
    each(|input| {
        std::fs::write(&path, input).unwrap();
        let Ok(items) = items::read(path.to_str().unwrap()) else { return };
        let text = String::from_utf8_lossy(input);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        if text.trim_start().starts_with(['[', '{']) {
            return;
        }
        // Every record but the first one, whatever parts its columns; blank lines are none.
        let mut reader = csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(text.as_bytes());
        let rows = reader.records().filter(Result::is_ok).count().saturating_sub(1);
        assert_eq!(items.len(), rows, "{items:?}");
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
