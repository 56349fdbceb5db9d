//! A batch of `cargo xtask fuzz zone`: the records of a file, created, listed, exported and read again, are the same.

use serde_json::{Value, json};

use super::bind;
use super::listed::Listing;
use super::name::Name;
use super::plan::Plan;
use super::write::write;
use crate::fuzz::each;

#[test]
#[ignore = "`cargo xtask fuzz zone` runs it"]
fn batch() {
    let zone = Name::zone("example.es").unwrap();
    each(|input| {
        let Ok(file) = bind::read(&String::from_utf8_lossy(input), &zone) else { return };
        // As the API would list what a plan creates.
        let listed = file.records.iter().enumerate().map(|(number, one)| {
            let mut body: Value = one.record.body("example.es");
            body["id"] = json!(number);
            body
        });
        let listing = Listing::of(&listed.collect::<Vec<_>>(), &zone);
        let text = write(&zone, &listing);
        let again = bind::read(&text, &zone).unwrap_or_else(|failure| panic!("{}\n{text}", failure.what));
        // What does not read back is a comment in the export, so it is left alone and not deleted.
        if let Ok(plan) = Plan::of("XX1", &listing, &again.records) {
            assert!(plan.is_empty(), "{}\n{text}", plan.to_text());
        }
    });
}
