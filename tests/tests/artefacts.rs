//! What is checked in is what is made from `swpanel-api.json` now: canonical document, listing, lock, built client.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

use swpanel_build_tools::codegen::generate;
use swpanel_build_tools::hash::sha256;
use swpanel_tests::files;

const HINT: &str = "run `cargo xtask sync` and read what it says";

#[test]
fn the_document_is_canonical_and_sealed() {
    let text = files::text("swpanel-api.json").unwrap();
    assert_eq!(files::document().unwrap().to_canonical(), text, "{HINT}");
    assert_eq!(files::lock().unwrap().sha256.document, sha256(text.as_bytes()), "{HINT}");
}

#[test]
fn the_listing_of_the_public_api_is_current() {
    let generated = generate(&files::document().unwrap()).unwrap();
    let written = files::text("client/public-api.txt").unwrap();
    let old: Vec<&str> = written.lines().collect();
    let new: Vec<&str> = generated.listing.lines().collect();
    let gone: Vec<_> = old.iter().filter(|line| !new.contains(line)).take(5).collect();
    let come: Vec<_> = new.iter().filter(|line| !old.contains(line)).take(5).collect();
    assert!(written == generated.listing, "{HINT}\nno longer: {gone:#?}\nnow: {come:#?}");
}

#[test]
fn the_lock_seals_the_code_that_is_generated() {
    let generated = generate(&files::document().unwrap()).unwrap();
    let lock = files::lock().unwrap();
    assert_eq!(lock.sha256.generated, sha256(generated.code.as_bytes()), "{HINT}");
    assert_eq!(lock.sha256.listing, sha256(generated.listing.as_bytes()), "{HINT}");
    let again = generate(&files::document().unwrap()).unwrap();
    assert_eq!(generated.code, again.code, "the same document makes the same code");
}

/// It compiles as an example of the crate's documentation; with the document of the reconstruction it also runs, in
/// `journeys.rs`.
#[test]
fn the_crate_page_begins_with_a_typed_call_and_reads_its_response() {
    let generated = generate(&files::document().unwrap()).unwrap();
    let page = &generated.first_call;
    assert!(page.starts_with("```no_run\n") && page.contains("Client::from_env()?"), "{page}");
    if cfg!(reconstruction) {
        for part in ["client.service_list().send().await?", "in answer.result()", "item.text_at(\"id\")?"] {
            assert!(page.contains(part), "{part}: {page}");
        }
    }
}

#[test]
fn the_built_client_is_of_this_document() {
    let text = files::text("swpanel-api.json").unwrap();
    assert_eq!(swpanel::DOCUMENT.sha256, sha256(text.as_bytes()));
    let operations = files::document().unwrap();
    assert_eq!(swpanel::operations::ALL.len(), operations.operations().len());
    for operation in operations.operations() {
        let built = swpanel::Operation::find(&operation.method, operation.path).unwrap();
        let (facts, key) = (operation.facts(), operation.key());
        assert_eq!(built.effect.to_string(), facts.effect.as_str(), "{key}");
        assert_eq!(
            (built.billable, built.destructive, built.asynchronous, built.reads()),
            (facts.billable, facts.destructive, facts.asynchronous, facts.reads()),
            "{key}"
        );
        assert_eq!((built.id, built.tag), (operation.id(), operation.tag()));
        assert_eq!(built.collection, operation.reads_collection());
    }
}

#[test]
fn the_lock_names_the_tools_that_are_built_in() {
    let lock = files::lock().unwrap();
    let cargo_lock = files::text("Cargo.lock").unwrap();
    let wanted = format!("name = \"progenitor\"\nversion = \"{}\"", lock.tools.progenitor);
    assert!(cargo_lock.contains(&wanted), "{HINT}");
}

/// Tests of the emulator load the copy, so that they go on when another document comes.
#[test]
#[cfg_attr(not(reconstruction), ignore = "the copy is of the reconstruction, which is not the document any more")]
fn the_pinned_copy_is_the_present_reconstruction() {
    let (document, copy) = (files::text("swpanel-api.json").unwrap(), "tests/reconstruction.json");
    if std::env::var_os("SWPANEL_ACCEPT").is_some() {
        std::fs::write(files::path(copy), &document).unwrap();
    }
    assert!(document == files::text(copy).unwrap(), "`{copy}` is an older one; run `cargo xtask accept`");
}
