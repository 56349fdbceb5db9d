//! Every form, defect and refusal as a file of its own, each with a snapshot of what becomes of it: ledger, names and
//! document, or the words of the refusal.

#![cfg(all(feature = "codegen", feature = "ingest"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use swpanel_build_tools::document::{RawDocument, Refusal, Weight};
use swpanel_build_tools::sync::{Input, Outcome, SyncError, sync};

fn files(kind: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(kind);
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
        .iter()
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(path).unwrap()))
        .collect()
}

fn made(bytes: &[u8]) -> Result<Outcome, SyncError> {
    sync(&Input { raw: bytes, ..Input::default() })
}

/// What a reader wants to know of an outcome, in words.
fn told(outcome: &Outcome) -> String {
    let mut text = String::from("ledger\n");
    for entry in outcome.ledger.entries() {
        let (stage, weight) =
            (format!("{:?}", entry.stage).to_lowercase(), format!("{:?}", entry.weight).to_lowercase());
        let _ = writeln!(text, "  {stage} {weight} {} at {}: {}", entry.rule, entry.pointer, entry.message);
    }
    for note in &outcome.names {
        let _ = writeln!(text, "name\n  {note:?}");
    }
    for placed in &outcome.findings {
        let _ = writeln!(text, "finding\n  {} {} (line {})", placed.finding.rule, placed.finding.message, placed.line);
    }
    for dropped in &outcome.dropped {
        let _ = writeln!(text, "handed off\n  {}: {}", dropped.operation, dropped.reason);
    }
    let _ = writeln!(text, "operations\n  {:?}", outcome.lock.names);
    let listed = outcome.listing.lines().filter(|line| !line.starts_with('#'));
    let _ = writeln!(text, "public api\n  {}", listed.collect::<Vec<_>>().join("\n  "));
    let _ = writeln!(text, "document\n{}", outcome.document);
    text
}

fn snapshot(kind: &str, name: &str, text: &str) {
    assert!(text.lines().count() <= 200, "{name} has {} lines", text.lines().count());
    insta::with_settings!({snapshot_path => format!("snapshots/{kind}"), prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!(name, text);
    });
}

#[test]
fn forms_and_defects_become_documents_and_the_ledger_says_how() {
    for kind in ["forms", "defects"] {
        for (name, bytes) in files(kind) {
            let outcome = made(&bytes).unwrap_or_else(|error| panic!("{kind}/{name}: {error:?}"));
            assert!(
                kind == "forms" || outcome.ledger.entries().len() + outcome.names.len() > 0,
                "{name}: nothing was said"
            );
            snapshot(kind, &name, &told(&outcome));
            // Every entry leads somewhere: into the source, or into what became of it.
            let source = RawDocument::read(&bytes).unwrap();
            let written = RawDocument::read(outcome.document.as_bytes()).unwrap();
            for entry in outcome.ledger.entries() {
                let found = [&source, &written].iter().any(|raw| raw.root().pointer(&entry.pointer).is_some());
                assert!(
                    found && (!entry.pointer.is_empty() || entry.rule == "indentation"),
                    "{kind}/{name}: {entry:?}"
                );
            }
            // Generated twice, and from what was written: the same bytes.
            let again = made(outcome.document.as_bytes()).unwrap();
            assert_eq!((again.document, again.code), (outcome.document, outcome.code), "{kind}/{name}");
        }
    }
}

#[test]
fn the_coding_of_the_bytes_does_not_matter() {
    for (name, bytes) in files("forms") {
        let text = String::from_utf8(bytes.clone()).unwrap();
        let utf16 = |mark: bool, order: fn(u16) -> [u8; 2]| {
            let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
            units.flat_map(order).collect::<Vec<u8>>()
        };
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(&bytes).unwrap();
        let codings = [
            ("bom", [b"\xef\xbb\xbf", bytes.as_slice()].concat()),
            ("utf-16le with mark", utf16(true, u16::to_le_bytes)),
            ("utf-16be with mark", utf16(true, u16::to_be_bytes)),
            ("utf-16le", utf16(false, u16::to_le_bytes)),
            ("utf-16be", utf16(false, u16::to_be_bytes)),
            ("gzip", gzip.finish().unwrap()),
            ("line ends", text.replace('\n', "\r\n").into_bytes()),
        ];
        let plain = made(&bytes).unwrap().document;
        for (coding, bytes) in codings {
            assert_eq!(made(&bytes).unwrap().document, plain, "{name} as {coding}");
        }
    }
}

#[test]
fn refusals_say_what_is_wrong_where_and_what_to_do() {
    let mut met = Vec::new();
    for (name, bytes) in files("refusals") {
        let refusal = match made(&bytes) {
            Err(SyncError::Refused(refusal)) => refusal,
            other => panic!("{name} was not refused: {other:?}"),
        };
        assert!(name.starts_with(refusal.name()), "{name}: {refusal}");
        snapshot("refusals", &name, &format!("{}\n{refusal}\n{}\n", refusal.name(), refusal.hint()));
        met.push(refusal.name());
    }
    assert!(met.iter().all(|name| Refusal::NAMES.contains(name)));
}

const ANSWER: &str = "responses: {'200': {description: ok}}";

fn document(paths: &str, schemas: &str) -> String {
    format!("openapi: 3.0.3\ninfo: {{title: T, version: '1'}}\npaths: {paths}\ncomponents: {{schemas: {schemas}}}\n")
}

/// The names of the operations, in the order of their keys.
fn named(paths: &str) -> Vec<String> {
    let text = document(paths, "{}");
    let outcome = made(text.as_bytes()).unwrap_or_else(|error| panic!("{paths}: {error:?}"));
    let methods = outcome.listing.lines().filter(|line| line.starts_with("swpanel::Client::")).count();
    assert_eq!(methods, outcome.lock.names.len(), "{}", outcome.listing);
    outcome.lock.names.into_values().collect()
}

#[test]
fn no_operation_id_refuses_a_document() {
    for id in [
        "new",
        "newWithClient",
        "new_with_client",
        "raw",
        "clone",
        "waiter",
        "baseUrl",
        "baseurl",
        "fromEnv",
        "builder",
        "client",
        "inner",
        "send",
        "execute",
        "borrow",
        "into",
        "fmt",
        "debug",
        "default",
        "types",
        "operations",
        "handles",
        "self",
        "Self",
        "super",
        "crate",
        "prelude",
        "runtime",
        "option",
        "result",
        "string",
        "vec",
        "json",
        "error",
        "response",
        "box",
        "apiVersion",
    ] {
        assert_eq!(named(&format!("{{/a: {{get: {{operationId: {id}, {ANSWER}}}}}}}")).len(), 1, "{id}");
    }
}

#[test]
fn ids_whose_builders_would_be_called_the_same_are_told_apart() {
    let names = named(&format!(
        "{{/a: {{get: {{operationId: a_1b, {ANSWER}}}}}, /b: {{get: {{operationId: a1b, {ANSWER}}}}}}}"
    ));
    assert_eq!(names, ["a_1b", "b_list"]);
}

/// The names that the hand-written part of the client has, read from its source.
#[test]
fn an_operation_takes_no_name_that_the_client_has_by_hand() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../client/src");
    let mut own = Vec::new();
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.extension().is_some_and(|extension| extension == "rs") {
                let file = syn::parse_file(&std::fs::read_to_string(&entry).unwrap()).unwrap();
                for item in file.items {
                    let syn::Item::Impl(item) = item else { continue };
                    let syn::Type::Path(of) = item.self_ty.as_ref() else { continue };
                    let is_client =
                        item.trait_.is_none() && of.path.segments.last().is_some_and(|last| last.ident == "Client");
                    own.extend(item.items.into_iter().filter(|_| is_client).filter_map(|item| match item {
                        syn::ImplItem::Fn(function) => Some(function.sig.ident.to_string()),
                        _ => None,
                    }));
                }
            }
        }
    }
    assert!(own.contains(&"raw".to_owned()) && own.len() > 3, "{own:?}");
    for name in own {
        assert_ne!(named(&format!("{{/a: {{get: {{operationId: {name}, {ANSWER}}}}}}}")), [name]);
    }
}

#[test]
fn a_long_chain_of_references_is_refused_at_once() {
    let schemas: Vec<String> =
        (0..5000).map(|at| format!("S{at}: {{$ref: '#/components/schemas/S{}'}}", at + 1)).collect();
    let schemas = format!("{{{}, S5000: {{type: string}}}}", schemas.join(", "));
    let answer = "responses: {'200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/S0'}}}}}";
    let text = document(&format!("{{/a: {{get: {{operationId: a_get, {answer}}}}}}}"), &schemas);
    let started = std::time::Instant::now();
    let refused = made(text.as_bytes()).map(|outcome| outcome.lock.counts.schemas);
    assert!(matches!(&refused, Err(SyncError::Refused(Refusal::TooDeep { .. }))), "{refused:?}");
    assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
}

/// Documents of which the generated client says less, and the rule and pointer of the loss.
const LOSSES: &[(&str, &str, &str)] = &[
    (
        "post: {requestBody: {required: true, content: {application/json: {schema: {type: object}}, application/xml: {schema: {type: object}}}}, @}",
        "media-type-not-generated",
        "/paths/~1a/post/requestBody/content/application~1xml",
    ),
    (
        "post: {requestBody: {content: {application/json: {schema: {type: object}}, application/x-www-form-urlencoded: {schema: {type: object}}}}, @}",
        "media-type-not-generated",
        "/paths/~1a/post/requestBody/content/application~1x-www-form-urlencoded",
    ),
    (
        "get: {responses: {'200': {description: ok, content: {application/json: {schema: {type: object}}, text/csv: {}}}}}",
        "media-type-not-generated",
        "/paths/~1a/get/responses/200/content/text~1csv",
    ),
    (
        "get: {responses: {'200': {description: ok, content: {text/csv: {}, application/pdf: {}}}}}",
        "media-type-not-generated",
        "/paths/~1a/get/responses/200/content/text~1csv",
    ),
    (
        "post: {requestBody: {required: true, content: {application/x-www-form-urlencoded: {schema: {type: object, properties: {a: {type: array, items: {type: string}}}}}}}, @}",
        "operation-not-generated",
        "/paths/~1a/post",
    ),
    (
        "post: {requestBody: {required: true, content: {application/x-www-form-urlencoded: {schema: {allOf: [{$ref: '#/components/schemas/Form'}]}}}}, @}",
        "operation-not-generated",
        "/paths/~1a/post",
    ),
];

#[test]
fn what_the_client_cannot_say_is_a_loss_where_it_stands() {
    let mut wrong = Vec::new();
    for (item, rule, pointer) in LOSSES {
        let schemas = "{Form: {type: object, properties: {o: {type: object, properties: {x: {type: string}}}}}}";
        let text = document(&format!("{{/a: {{{}}}}}", item.replace('@', ANSWER)), schemas);
        let outcome = made(text.as_bytes()).unwrap();
        let entries = outcome.ledger.entries();
        if !entries.iter().any(|entry| entry.weight == Weight::Loss && entry.rule == *rule && entry.pointer == *pointer)
        {
            wrong.push(format!("{item}: {entries:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}: {}", wrong.len(), LOSSES.len(), wrong.join("\n"));
}

#[test]
fn references_are_followed_however_they_are_spelt() {
    for (name, reference) in [
        ("a/b", "a~1b"),
        ("a~b", "a~0b"),
        ("Pet", "P%65t"),
        ("Listado«Órden»", "Listado%C2%AB%C3%93rden%C2%BB"),
        ("a/b", "a%7E1b"),
        ("a b", "a%20b"),
        ("a%b", "a%25b"),
    ] {
        let reference = format!("{{$ref: '#/components/schemas/{reference}'}}");
        let answer = format!(
            "responses: {{'200': {{description: ok, content: {{application/json: {{schema: {reference}}}}}}}}}"
        );
        let body = format!(
            "requestBody: {{required: true, content: {{application/json: {{schema: {{oneOf: [{reference}, {{type: array, items: {reference}}}]}}}}}}}}"
        );
        let schemas =
            format!("{{'{name}': {{type: object, properties: {{id: {{type: integer}}, next: {reference}}}}}}}");
        let text = document(&format!("{{/a: {{post: {{operationId: a_set, {body}, {answer}}}}}}}"), &schemas);
        let outcome = made(text.as_bytes()).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert_eq!(outcome.dropped, [], "{name}");
        assert!(outcome.listing.contains("id"), "{}", outcome.listing);
        assert_eq!(outcome.lock.types.values().collect::<Vec<_>>(), [name]);
    }
}
