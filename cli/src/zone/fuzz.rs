//! A batch of `cargo xtask fuzz zone`: the records of a file, created, listed, exported and read again, are the same.

use serde_json::{Value, json};

use super::bind;
use super::listed::{Listing, Reason};
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
        // What was read from a zone file can be written into one, where it shows that it belongs to the zone.
        let comments = listing.left_alone.iter().filter(|one| one.reason == Reason::NotUnderstood);
        let comments: Vec<String> = comments.map(|one| one.shown()).collect();
        assert!(comments.is_empty(), "not exported: {comments:?}");
        let text = write(&zone, &listing);
        let again = bind::read(&text, &zone).unwrap_or_else(|failure| panic!("{}\n{text}", failure.what));
        if let Ok(plan) = Plan::of("XX1", &listing, &again.records) {
            assert!(plan.is_empty(), "{}\n{text}", plan.to_text());
        }
    });
}
