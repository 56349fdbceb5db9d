//! One file a case in `changes/`: a place, the old and the new, and what is to be said of it; an empty list must stay
//! silent. Each case is also compared with itself, and its mirror must say something as well.

#![cfg(feature = "ingest")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

mod places;

use std::collections::BTreeSet;
use std::path::Path;

use places::document;
use serde_json::json;
use swpanel_build_tools::diff::{Edit, Grace, RULES, Report, Side, diff, diff_with_grace};
use swpanel_build_tools::document::RawDocument;

fn compared(old: &str, new: &str) -> Report {
    let side = |text: &str| Side::read(text.as_bytes(), None).unwrap();
    diff(&side(old), &side(new), "2026-01-01")
}

fn word<T: serde::Serialize>(value: &T) -> String {
    json!(value).as_str().unwrap().to_owned()
}

#[test]
fn every_case_says_what_it_is_to_say_and_nothing_else() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/changes");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let (mut faults, mut met, mut silent) = (Vec::new(), BTreeSet::new(), 0);
    for file in &files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let case = RawDocument::read(&std::fs::read(file).unwrap()).unwrap().root().to_json();
        let place = case["place"].as_str().unwrap();
        let (old, new) = (document(place, &case["old"]), document(place, &case["new"]));
        let report = compared(&old, &new);
        let mut found: Vec<String> = report
            .findings
            .iter()
            .map(|f| {
                format!("{} {} {} {}", f.rule, word(&f.consumer_verdict), word(&f.rust_verdict), word(&f.direction))
            })
            .collect();
        found.sort();
        let mut expected: Vec<String> =
            case["expect"].as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned()).collect();
        expected.sort();
        if found != expected {
            faults.push(format!("{name}: said {found:#?}, expected {expected:#?}"));
        }
        silent += usize::from(expected.is_empty());
        met.extend(report.findings.iter().map(|finding| finding.rule));
        for same in [&old, &new] {
            assert_eq!(compared(same, same).findings, [], "{name} against itself");
        }
        if compared(&new, &old).findings.is_empty() != expected.is_empty() {
            faults.push(format!("{name}: mirrored, it is silent where it must not be, or the other way round"));
        }
        // Twice the same report, to the byte, places and fingerprints included.
        assert_eq!(json!(compared(&old, &new)), json!(report), "{name}");
        for finding in &report.findings {
            assert!(RULES.iter().any(|rule| rule.id == finding.rule), "{name}: `{}` is not in the table", finding.rule);
            assert!(!finding.reason.is_empty() && finding.fingerprint.len() == 16, "{name}: {finding:?}");
        }
    }
    assert!(faults.is_empty(), "{} faults in {} cases:\n{}", faults.len(), files.len(), faults.join("\n"));
    println!("{} cases, {silent} of them silent, {} of {} rules", files.len(), met.len(), RULES.len());
    // That one is about a file of ours, not about documents; xtask's tests have it.
    let of_documents =
        RULES.iter().map(|rule| rule.id).filter(|id| !["ignore-unmatched", "sunset-too-soon"].contains(id));
    let unmet: Vec<&str> = of_documents.filter(|id| !met.contains(id)).collect();
    assert!(unmet.is_empty(), "rules without a case: {unmet:?}");
}

#[test]
fn one_edit_of_a_component_is_one_finding_with_all_its_operations_and_its_place() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/changes/one-component-is-one-finding.yaml");
    let case = RawDocument::read(&std::fs::read(file).unwrap()).unwrap().root().to_json();
    let report = compared(&document("document", &case["old"]), &document("document", &case["new"]));
    let [finding] = report.findings.as_slice() else { panic!("{report:#?}") };
    assert_eq!(finding.operations, ["GET /a", "GET /b"]);
    assert_eq!(finding.component.as_deref(), Some("T"));
    assert_eq!(finding.new.as_ref().unwrap().pointer, "/components/schemas/T/properties/id");
    assert!(finding.old.as_ref().is_some_and(|place| place.line == 1 && place.column > 1));
    assert_eq!((finding.before.as_deref(), finding.after.as_deref()), (Some("string"), Some("integer")));
}

#[test]
fn the_table_of_rules_has_each_id_once_in_kebab_case() {
    let ids: BTreeSet<&str> = RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(ids.len(), RULES.len());
    assert!(ids.iter().all(|id| id.chars().all(|c| c.is_ascii_lowercase() || c == '-')));
}

#[test]
fn what_is_deeper_than_the_stack_allows_is_compared_all_the_same() {
    let chain = |last: &str| {
        let mut schemas = serde_json::Map::new();
        for at in 0..600 {
            let next = json!({"$ref": format!("#/components/schemas/S{}", at + 1)});
            schemas.insert(format!("S{at}"), json!({"type": "object", "properties": {"next": next}}));
        }
        schemas.insert("S600".to_owned(), json!({"type": last}));
        json!({"openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "components": {"schemas": schemas},
            "paths": {"/a": {"get": {"responses": {"200": {"description": "ok",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/S0"}}}}}}}}})
        .to_string()
    };
    let report = compared(&chain("string"), &chain("integer"));
    let [finding] = report.findings.as_slice() else { panic!("{report:#?}") };
    assert_eq!((finding.component.as_deref(), finding.operations.len()), (Some("S600"), 1));
    assert_eq!(compared(&chain("string"), &chain("string")).findings, []);
}

#[test]
fn operations_have_one_form_whoever_calls_them() {
    let called = |kind: &str| {
        let media = json!({"application/json": {"schema": {"type": kind}}});
        let item = json!({"post": {"requestBody": {"content": media}, "responses": {"200": {"description": "ok"}}}});
        json!({"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "webhooks": {"ev": item},
            "paths": {"/a": {"post": {"callbacks": {"done": {"{$request.query.u}": item}},
                "responses": {"200": {"description": "ok"}}}}}})
    };
    let (old, new) = (called("string"), called("integer"));
    let keys = |report: Report| {
        let all: BTreeSet<String> = report.findings.into_iter().flat_map(|finding| finding.operations).collect();
        all.into_iter().collect::<Vec<_>>()
    };
    let whole = ["POST /a (callback done: POST {$request.query.u})", "POST ev (webhook)"];
    assert_eq!(keys(compared(&old.to_string(), &new.to_string())), whole);
    let mut without = old.clone();
    without["webhooks"] = json!({});
    without["paths"]["/a"]["post"]["callbacks"] = json!({});
    assert_eq!(keys(compared(&old.to_string(), &without.to_string())), whole);
    assert_eq!(keys(compared(&without.to_string(), &old.to_string())), whole);
}

#[test]
fn a_bound_that_excludes_itself_is_no_defect_of_3_1() {
    let side = |version: &str| {
        let schema = json!({"type": "number", "exclusiveMinimum": 3});
        let document = json!({"openapi": version, "info": {"title": "T", "version": "1"},
            "paths": {"/a": {"get": {"responses": {"200": {"description": "ok",
                "content": {"application/json": {"schema": schema}}}}}}}});
        Side::read(document.to_string().as_bytes(), None).unwrap().warnings()
    };
    assert_eq!(side("3.1.0"), [""; 0]);
    assert!(side("3.0.3").iter().any(|line| line.starts_with("words-of-3.1")), "{:?}", side("3.0.3"));
}

#[test]
fn numbers_of_thirty_digits_are_compared_to_the_last() {
    let text = |last: u8| {
        document("response", &json!({"type": "integer", "maximum": "N"}))
            .replace("\"N\"", &format!("10000000000000000000000000000{last}"))
    };
    let report = compared(&text(0), &text(1));
    let [finding] = report.findings.as_slice() else { panic!("{report:#?}") };
    assert_eq!((finding.rule, word(&finding.consumer_verdict)), ("maximum-changed", "breaking".to_owned()));
    assert_eq!(finding.after.as_deref(), Some("100000000000000000000000000001"));
}

/// A document of operations, each with its parameters or the schema of its response.
fn operations(all: &[(&str, serde_json::Value)], schemas: &serde_json::Value) -> String {
    let mut paths = serde_json::Map::new();
    for (path, node) in all {
        let operation = match node.is_array() {
            true => json!({"parameters": node, "responses": {"200": {"description": "ok"}}}),
            false => {
                json!({"responses": {"200": {"description": "ok", "content": {"application/json": {"schema": node}}}}})
            }
        };
        paths.insert((*path).to_owned(), json!({"get": operation}));
    }
    json!({"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": paths, "components": {"schemas": schemas}})
        .to_string()
}

fn pointers(report: &Report) -> Vec<&str> {
    report.findings.iter().map(|finding| finding.new.as_ref().unwrap().pointer.as_str()).collect()
}

#[test]
fn edits_at_different_places_are_different_findings_though_their_text_is_equal() {
    let query = |names: &[&str], kind: &str| -> serde_json::Value {
        names.iter().map(|name| json!({"name": name, "in": "query", "schema": {"type": kind}})).collect()
    };
    let document = |kind: &str, other: &str| {
        operations(&[("/x", query(&["a", "b"], kind)), ("/y", query(&["a"], other))], &json!({}))
    };
    let (old, first, all) =
        (document("string", "string"), document("integer", "string"), document("integer", "integer"));
    let report = compared(&old, &all);
    let at = |path: &str, number: usize| format!("/paths/~1{path}/get/parameters/{number}/schema");
    assert_eq!(pointers(&report), [at("x", 0), at("x", 1), at("y", 0)]);
    let prints: BTreeSet<&str> = report.findings.iter().map(|finding| finding.fingerprint.as_str()).collect();
    assert_eq!(prints.len(), 3);
    // What somebody accepted of the first release accepts nothing that came after it.
    let accepted = &compared(&old, &first).findings[0].fingerprint;
    let policy = format!("[[ignore]]\nfingerprint = \"{accepted}\"\nreason = \"our client never sends a\"\n");
    let mut report = report;
    swpanel_build_tools::diff::Policy::read(&policy).unwrap().apply(&mut report);
    assert_eq!((pointers(&report), report.accepted.len()), (vec![at("x", 1).as_str(), at("y", 0).as_str()], 1));
}

#[test]
fn components_that_were_edited_alike_are_named_as_themselves() {
    let schemas = |kind: &str| {
        json!({"A": {"type": "object", "properties": {"x": {"type": kind}}},
            "B": {"type": "object", "properties": {"y": {"type": kind}}}})
    };
    let of = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    let document = |kind: &str| operations(&[("/a", of("A")), ("/b", of("B"))], &schemas(kind));
    let report = compared(&document("string"), &document("integer"));
    let named: Vec<_> = report.findings.iter().map(|f| (f.component.as_deref().unwrap(), f.operations.len())).collect();
    assert_eq!(named, [("A", 1), ("B", 1)]);
    assert_eq!(pointers(&report), ["/components/schemas/A/properties/x", "/components/schemas/B/properties/y"]);
}

#[test]
fn a_finding_is_laid_on_the_reference_that_was_changed_not_on_what_it_leads_to() {
    let schemas = json!({"E": {"type": "string", "enum": ["user", "sa"]}, "F": {"type": "integer"},
        "O": {"type": "object", "properties": {"n": {"type": "string"}}},
        "P": {"type": "object", "properties": {"n": {"type": "integer"}}}});
    let of = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    let object = |part: serde_json::Value| json!({"type": "object", "required": ["m"], "properties": {"m": part}});
    let document =
        |part: serde_json::Value| operations(&[("/a", object(part.clone())), ("/b", object(part))], &schemas);
    let at = |path: &str| format!("/paths/~1{path}/get/responses/200/content/application~1json/schema/properties/m");
    for (old, new, rule) in [
        (of("E"), json!({"oneOf": [{"type": "null"}, of("E")]}), "null-allowed"),
        (of("E"), json!({"type": ["string", "null"], "enum": ["user", "sa", null]}), "null-allowed"),
        (of("E"), of("F"), "enum-lifted"),
        (of("O"), of("P"), "type-changed"),
        (json!({"type": "string", "enum": ["user"]}), of("E"), "enum-value-added"),
    ] {
        let report = compared(&document(old.clone()), &document(new.clone()));
        // That the reference has another name is said as well.
        let told = |finding: &swpanel_build_tools::diff::Finding| finding.rule != "schema-renamed";
        let all: Vec<_> = report.findings.into_iter().filter(told).collect();
        assert!(all.iter().all(|f| (f.rule, f.component.as_deref()) == (rule, None)), "{old} {new}: {all:#?}");
        let reached: Vec<_> = all.iter().flat_map(|finding| &finding.operations).collect();
        assert_eq!(reached, ["GET /a", "GET /b"]);
        let edits = |finding: &swpanel_build_tools::diff::Finding| {
            let first = Edit { old: finding.old.clone(), new: finding.new.clone() };
            std::iter::once(first).chain(finding.also.clone()).collect::<Vec<_>>()
        };
        let places: Vec<_> = all
            .iter()
            .flat_map(edits)
            .map(|edit| (edit.old, edit.new))
            .map(|(old, new)| (old.as_ref().unwrap().pointer.clone(), new.as_ref().unwrap().pointer.clone()))
            .collect();
        assert_eq!(places, [(at("a"), at("a")), (at("b"), at("b"))], "{old} {new}");
        // One more place is another finding.
        let [finding] = all.as_slice() else { continue };
        let three = |part: &serde_json::Value| {
            let parts = ["/a", "/b", "/c"].map(|path| (path, object(part.clone())));
            operations(&parts, &schemas)
        };
        let more = compared(&three(&old), &three(&new));
        assert!(more.findings.iter().all(|other| other.fingerprint != finding.fingerprint), "{old} {new}");
    }
}

#[test]
fn a_choice_that_was_edited_is_the_place_not_the_component_that_is_left_of_it() {
    let form = |kind: &str| json!({"type": "object", "required": ["t"], "properties": {"t": {"type": "string", "enum": [kind]}}});
    let schemas = json!({"U": {"oneOf": [form("a"), form("b")]}});
    let of = json!({"$ref": "#/components/schemas/U"});
    let document = |choice: serde_json::Value| {
        operations(&[("/a", json!({"type": "object", "properties": {"error": choice}}))], &schemas)
    };
    let report = compared(
        &document(json!({"anyOf": [{"type": "string"}, of, {"type": "null"}]})),
        &document(json!({"anyOf": [of, {"type": "null"}]})),
    );
    let [finding] = report.findings.as_slice() else { panic!("{report:#?}") };
    assert_eq!((finding.rule, finding.component.as_deref()), ("alternative-removed", None));
    assert!(finding.new.as_ref().unwrap().pointer.ends_with("/schema/properties/error"), "{finding:?}");
}

#[test]
fn an_example_is_printed_only_if_one_side_allows_it_and_the_other_does_not() {
    // The string is also one of the others, so no string shows that the form is gone.
    let old = document(
        "request",
        &json!({"anyOf": [{"type": "string", "maxLength": 3}, {"type": "string"}, {"type": "integer", "minimum": 2}]}),
    );
    let new =
        document("request", &json!({"anyOf": [{"type": "string", "minLength": 0}, {"type": "integer", "minimum": 2}]}));
    for finding in compared(&old, &new).findings {
        assert_eq!(finding.witness, None, "{finding:?}");
    }
}

#[test]
fn an_end_must_leave_the_days_that_the_team_grants() {
    let side = |more: serde_json::Value, parameter: serde_json::Value| {
        let mut operation = json!({"parameters": [{"name": "q", "in": "query", "schema": {"type": "string"}}], "responses": {"200": {"description": "ok"}}});
        operation.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        operation["parameters"][0].as_object_mut().unwrap().extend(parameter.as_object().unwrap().clone());
        let text =
            json!({"openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "paths": {"/a": {"get": operation}}});
        Side::read(text.to_string().as_bytes(), None).unwrap()
    };
    let end = |day: &str| json!({"deprecated": true, "x-sunset": day});
    let grace = Grace { stable: 180, beta: 31 };
    let beta = json!({"deprecated": true, "x-sunset": "2026-03-01", "x-stability-level": "beta"});
    for (operation, parameter, too_soon) in [
        (end("2026-07-01"), json!({}), false),
        (end("2026-06-01"), json!({}), true),
        (json!({"deprecated": true}), json!({}), true),
        (beta, json!({}), false),
        (json!({}), end("2026-06-01"), true),
        (json!({}), end("2026-07-01"), false),
    ] {
        let report =
            diff_with_grace(&side(json!({}), json!({})), &side(operation.clone(), parameter), "2026-01-01", grace);
        let found = report.findings.iter().filter(|finding| finding.rule == "sunset-too-soon");
        assert_eq!(
            found.map(|finding| word(&finding.consumer_verdict)).collect::<Vec<_>>(),
            if too_soon { vec!["breaking"] } else { vec![] },
            "{operation}"
        );
    }
}

#[test]
fn each_repair_of_a_document_is_a_warning() {
    let side = |text: &str| Side::read(text.as_bytes(), None).unwrap().warnings();
    let text = json!({"openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "paths": {"/a": {"get": {"parameters": [
        {"name": "id", "in": "path", "schema": {"type": "string"}},
        {"name": "q", "in": "query"}], "responses": {"200": {"description": "ok"}}}}}});
    let rules: Vec<String> =
        side(&text.to_string()).iter().map(|line| line.split(':').next().unwrap().to_owned()).collect();
    assert_eq!(rules, ["parameter-without-schema", "path-parameter-not-in-path", "path-parameter-optional"]);
}

#[test]
fn a_prefix_before_nearly_all_paths_is_one_finding_and_the_rest_is_compared() {
    let names = ["users", "keys", "zones", "mail", "hosts", "backups", "plans"];
    let document = |head: &str, kind: &str| {
        let mut paths = serde_json::Map::new();
        for name in names {
            let one = |at: &str| json!({"name": at, "in": "path", "required": true, "schema": {"type": "string"}});
            let mut parameters = vec![one("id")];
            parameters.extend((!head.is_empty()).then(|| one("accountId")));
            let content = json!({"application/json": {"schema": {"type": "object", "properties": {"n": {"type": if name == "mail" { kind } else { "string" }}}}}});
            paths.insert(format!("{head}/{name}/{{id}}"), json!({"get": {"parameters": parameters, "responses": {"200": {"description": "ok", "content": content}}}}));
        }
        paths.insert("/status".to_owned(), json!({"get": {"responses": {"200": {"description": "ok"}}}}));
        json!({"openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "paths": paths}).to_string()
    };
    for (old, new) in
        [(("", "string"), ("/accounts/{accountId}", "integer")), (("/accounts/{accountId}", "string"), ("", "integer"))]
    {
        let report = compared(&document(old.0, old.1), &document(new.0, new.1));
        let rules: Vec<_> = report.findings.iter().map(|f| (f.rule, f.operations.len())).collect();
        assert_eq!(rules, [("path-prefix-changed", 7), ("type-changed", 1)], "{report:#?}");
    }
}

#[test]
fn a_choice_deep_within_objects_is_multiplied_out_as_well() {
    let form = |kind: &str| json!({"type": "object", "required": ["t"], "properties": {"t": {"type": "string", "enum": [kind]}}});
    let base = json!({"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}});
    let within = |choice: serde_json::Value| {
        let object = |part: serde_json::Value| json!({"type": "object", "properties": {"p": part}});
        document("request", &(0..8).fold(choice, |part, _| object(part)))
    };
    let old = within(json!({"allOf": [base, {"oneOf": [form("a"), form("b")]}]}));
    let new = |last: &str| within(json!({"oneOf": [{"allOf": [base, form("a")]}, {"allOf": [base, form(last)]}]}));
    assert_eq!(compared(&old, &new("b")).findings, []);
    // An edit that came with it is found, and nothing else.
    let report = compared(&old, &new("c"));
    let rules: Vec<_> = report.findings.iter().map(|finding| (finding.rule, word(&finding.consumer_verdict))).collect();
    assert_eq!(rules, [("enum-replaced", "breaking".to_owned())], "{report:#?}");
}
