//! A realistic release of SWPanel, and what a person sees: the real program on a copy, its output as a snapshot.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

mod common;

use common::Copy;

/// The release: an endpoint added, one removed, a field renamed, a new value of an enum.
fn release(copy: &Copy) {
    let file = "upstream/openapi.yaml";
    let text = copy.read(file);
    let (before, after) = cut(&text, "  /domains/{domain}/whois/:\n");
    let added = r##"  /services/{service}/backup/:
    get:
      operationId: backup_list
      tags: [hosting]
      summary: List the backups of a hosting
      x-swpanel-effect: read
      x-evidence: [release]
      parameters:
        - $ref: "#/components/parameters/Service"
      responses:
        "2XX":
          description: The backups.
          content:
            application/json:
              schema:
                type: object
                additionalProperties: {}
                properties:
                  result: {type: array, items: {type: object, additionalProperties: {}}}
        "4XX": {$ref: "#/components/responses/ClientError"}
        "5XX": {$ref: "#/components/responses/ServerError"}
"##;
    copy.write(file, format!("{before}{added}{after}").as_bytes());
}

/// The text around a path item.
fn cut<'a>(text: &'a str, item: &str) -> (&'a str, &'a str) {
    let start = text.find(item).unwrap_or_else(|| panic!("`{item}` is not in the document"));
    let rest = &text[start + item.len()..];
    let next = rest.match_indices('\n').map(|(at, _)| at + 1).find(|at| {
        let line = &rest[*at..];
        line.starts_with("  /") || (line.starts_with(|c: char| c.is_alphabetic()))
    });
    (&text[..start], &rest[next.unwrap()..])
}

#[test]
#[cfg_attr(not(reconstruction), ignore = "edits or shows the reconstruction; the document is a published one")]
fn a_release_is_told_in_a_screenful() {
    let copy = Copy::with_snapshots();
    copy.commit("state");
    release(&copy);
    copy.edit("upstream/openapi.yaml", "required: [login, password, access]", "required: [username, password, access]");
    // The first `login` after the list of required members is the property.
    let text = copy.read("upstream/openapi.yaml");
    let (before, after) = text.split_once("required: [username, password, access]").unwrap();
    let renamed = after.replacen("        login:\n", "        username:\n", 1);
    let text = format!("{before}required: [username, password, access]{renamed}");
    copy.write("upstream/openapi.yaml", text.as_bytes());
    copy.edit("upstream/openapi.yaml", "enum: [\"25-CL01\"]", "enum: [\"25-CL01\", \"26-CL01\"]");
    let checked = copy.xtask(&["sync", "--check"]);
    let synced = copy.xtask(&["sync"]);
    assert_eq!((checked.code, synced.code), (Some(4), Some(4)), "{checked:?} {synced:?}");
    let coverage = copy.xtask(&["coverage"]);
    let missing: Vec<&str> =
        coverage.out.lines().filter(|line| line.starts_with("missing") || line.starts_with("all")).collect();
    let listing = copy.xtask(&["check"]);
    let story = format!(
        "$ cargo xtask sync\n{}[exit 4]\n\n$ cargo xtask coverage    # the last lines\n{}\n\n$ cargo xtask check\n{}",
        synced.out,
        missing.join("\n"),
        listing.out
    );
    insta::with_settings!({omit_expression => true, prepend_module_to_snapshot => false, filters => vec![(r"\d+ bytes", "[n] bytes")]}, {
        insta::assert_snapshot!("release", story);
    });
}

/// README shows the story as it is. `cargo xtask accept` leaves this test out: it writes README after the tests.
#[test]
#[cfg_attr(not(reconstruction), ignore = "edits or shows the reconstruction; the document is a published one")]
fn readme_tells_the_same_story() {
    let snapshot = std::fs::read_to_string(common::workspace().join("xtask/tests/snapshots/release.snap")).unwrap();
    let story = snapshot.splitn(3, "---\n").last().unwrap().split("\n\n").next().unwrap();
    let readme = std::fs::read_to_string(common::workspace().join("README.md")).unwrap();
    assert!(readme.contains(story), "run `cargo xtask accept`");
}
