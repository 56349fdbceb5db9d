//! Text of a document is only ever shown: it is no test of the generated crate, and no control character, command,
//! link or markup in anything that is written about it.

#![cfg(all(feature = "codegen", feature = "ingest"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail so")]

use std::collections::BTreeMap;

use proptest::prelude::*;
use pulldown_cmark::{CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};
use serde_json::{Map, Value, json};
use swpanel_build_tools::codegen::{CodegenError, Generated, contract, generate};
use swpanel_build_tools::commands::Table;
use swpanel_build_tools::coverage::{Artefacts, coverage, html};
use swpanel_build_tools::diff::{self, Report, Side};
use swpanel_build_tools::document::{Document, RawDocument, convert};
use swpanel_build_tools::migration::{self, Generation};
use swpanel_build_tools::names::{Names, pin};
use swpanel_build_tools::safe_text::doc_comment::{doc_comment, is_safe};
use syn::visit_mut::VisitMut;

/// A document with text in every kind of place.
const DOCUMENT: &str = include_str!("fixtures/text-everywhere.yaml");

/// Blocks of code as Markdown knows them; each would be compiled and run if rustdoc took it for a test.
const BLOCKS: &[(&str, &str)] = &[
    ("fence", "words\n\n```\nplanted!();\n```\nmore"),
    ("rust", "```rust\nplanted!();\n```"),
    ("should_panic", "words\n```should_panic\nplanted!();\n```"),
    ("ignore", "```ignore\nplanted!();\n```"),
    ("error code", "```compile_fail,E0001\nplanted!();\n```"),
    ("braces", "```{.rust}\nplanted!();\n```"),
    ("tildes", "~~~\nplanted!();\n~~~"),
    ("longer", "``````edition2024\nplanted!();\n```\nplanted!();\n``````"),
    ("unclosed", "words\n\n```\nplanted!();"),
    ("indented", "words\n\n    planted!();\n\nmore"),
    ("indented first", "    planted!();"),
    ("tab", "words\n\n\tplanted!();"),
    ("list", "* one\n\n  ```\n  planted!();\n  ```\n* two\n\n      planted!();\n1. three\n\n       planted!();"),
    ("quote", "> ```\n> planted!();\n\n> >     planted!();"),
    ("quote in list", "- > 1. ```\n  >    planted!();\n  >    ```"),
    ("code span", "a `code\n```\nplanted!();\n```\nspan` b"),
    ("comment", "<!-- \n\n```\nplanted!();\n```\n\n--> <!-- unclosed\n\n    planted!();"),
    ("html", "<details><summary>x</summary>\n\n```\nplanted!();\n```\n\n</details>\n<pre>\n\n    planted!();\n"),
    ("closes a code span", "`\n\n```\nplanted!();\n```\n\n`"),
    ("closes a fence", "```text\n```\n\n```\nplanted!();\n```\n"),
    (
        "references",
        "[Client] [`Self`] [a]: crate::Client\n\n[b]: javascript:planted!()\n\n[a][b] ![i](x) [^n]\n\n[^n]: ```\n    planted!();\n    ```",
    ),
    ("table", "| a |\n|---|\n| `planted!();` |\n\n    planted!();"),
    ("carriage returns", "words\r\r```\rplanted!();\r```\r\r\n\u{2028}    planted!();\u{b}\u{85}```\u{85}planted!();"),
    ("direction", "a \u{202e}b\u{2066} \u{200b}c\u{feff}\n\u{1b}[31m```\nplanted!();"),
    ("deep", "> > > > > > > > > > > > > > > > > > > > ```\n> > > > > > > > > > > > > > > > > > > > planted!();"),
    ("setext", "a\n===\n\n    planted!();\n---\n# Example\n\n```no_run\nplanted!();\n```"),
    ("comment of Rust", "*/ planted!(); /*\n/// ```\n/// planted!();\n//! ```\n\"#]planted!();#[doc = \""),
];

fn tree() -> Value {
    RawDocument::read(DOCUMENT.as_bytes()).unwrap().root().to_json()
}

/// Members whose values are words of OpenAPI, not text of the vendor.
const WORDS: [&str; 8] = ["openapi", "type", "in", "$ref", "style", "x-swpanel-effect", "scheme", "x-evidence"];

/// Appends to every string of a tree that is text, examples and unknown members included.
fn plant(value: &mut Value, text: &mut dyn FnMut() -> &'static str) {
    match value {
        Value::String(string) => string.push_str(text()),
        Value::Array(items) => items.iter_mut().for_each(|item| plant(item, text)),
        Value::Object(members) => members
            .iter_mut()
            .filter(|(name, member)| !(member.is_string() && WORDS.contains(&name.as_str())))
            // What is required is a name, and its property keeps it.
            .filter(|(name, _)| {
                name.as_str() != "required" && name.as_str() != "mapping" && name.as_str() != "propertyName"
            })
            .for_each(|(_, member)| plant(member, text)),
        _ => {}
    }
}

/// Appends to every key that a document may choose: paths, names of schemas, properties and headers, media types.
fn plant_keys(value: &mut Value, text: &str) {
    let planted = |members: &mut Map<String, Value>| {
        *members =
            std::mem::take(members).into_iter().map(|(name, member)| (format!("{name}{text}"), member)).collect();
    };
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| plant_keys(item, text)),
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                plant_keys(member, text);
                let Value::Object(inner) = member else { continue };
                match name.as_str() {
                    "paths" | "properties" | "headers" | "callbacks" => planted(inner),
                    // The first media type stays one that is sent, so that there is a body.
                    "content" if inner.len() > 1 => {
                        let first = inner.keys().next().unwrap().clone();
                        let kept = inner.remove(&first);
                        planted(inner);
                        inner.extend(kept.map(|kept| (first, kept)));
                    }
                    _ => {}
                }
            }
            let names: Vec<String> = members
                .get("required")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(|name| Some(format!("{}{text}", name.as_str()?)))
                .collect();
            if !names.is_empty() {
                members.insert("required".to_owned(), json!(names));
            }
        }
        _ => {}
    }
}

fn document(tree: &Value) -> Document {
    let raw = RawDocument::read(tree.to_string().as_bytes()).unwrap();
    let mut document = convert(&raw).unwrap().0;
    pin(&mut document, &Names::new());
    document
}

/// The documentation of one item after the other, as rustdoc puts it together.
#[derive(Default)]
struct Docs(Vec<String>);

impl VisitMut for Docs {
    fn visit_attributes_mut(&mut self, attributes: &mut Vec<syn::Attribute>) {
        let lines = attributes.iter().filter(|attribute| attribute.path().is_ident("doc")).filter_map(|attribute| {
            let syn::Meta::NameValue(pair) = &attribute.meta else { return None };
            let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) = &pair.value else { return None };
            Some(text.value())
        });
        let text = lines.collect::<Vec<_>>().join("\n");
        let indent = |line: &str| line.len() - line.trim_start().len();
        let least = text.lines().filter(|line| !line.trim().is_empty()).map(indent).min().unwrap_or_default();
        let unindented: Vec<&str> = text.lines().map(|line| line.get(least..).unwrap_or_default()).collect();
        self.0.push(unindented.join("\n"));
    }
}

/// The options of rustdoc.
fn rustdoc() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_SMART_PUNCTUATION
}

/// What in the documentation of an item is not ours and not only text.
fn faults(docs: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let parser = Parser::new_ext(docs, rustdoc());
    faults.extend(
        parser
            .reference_definitions()
            .iter()
            .filter(|(name, _)| !name.starts_with("`Client::"))
            .map(|(name, _)| format!("definition of [{name}]")),
    );
    let mut code: Option<(String, String)> = None;
    for event in parser {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => code = Some((info.to_string(), String::new())),
            Event::Start(Tag::CodeBlock(CodeBlockKind::Indented)) => {
                code = Some(("indented".to_owned(), String::new()))
            }
            Event::Text(text) => {
                if let Some((_, code)) = &mut code {
                    code.push_str(&text);
                }
            }
            Event::End(TagEnd::CodeBlock) => {
                let (info, code) = code.take().unwrap();
                let ours = match info.as_str() {
                    "text" => continue,
                    "no_run" => "# async fn example(client: &swpanel::Client) ",
                    "" => "# fn example(client: &swpanel::Client) {",
                    _ => "\0",
                };
                // Values of the document are literals in it, and it is Rust.
                let rust: Vec<&str> = code.lines().map(|line| line.strip_prefix("# ").unwrap_or(line)).collect();
                let parsed = syn::parse_str::<syn::File>(&rust.join("\n"));
                let macros = parsed.as_ref().is_ok_and(|file| quote::quote!(#file).to_string().contains("planted !"));
                if !code.starts_with(ours) || parsed.is_err() || macros {
                    faults.push(format!("code of `{info}`: {code}"));
                }
            }
            Event::Html(html) | Event::InlineHtml(html) => faults.push(format!("HTML {html}")),
            Event::Start(Tag::Link { link_type, dest_url, .. }) => {
                let item = ["crate::", "super::", "Self::"].iter().any(|start| dest_url.starts_with(start));
                if !(item || (link_type == LinkType::Autolink && dest_url.starts_with("http"))) {
                    faults.push(format!("link to {dest_url}"));
                }
            }
            Event::Start(Tag::Image { dest_url, .. }) => faults.push(format!("image {dest_url}")),
            _ => {}
        }
    }
    faults
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is put together from the marks of Markdown is text after that, and stays what it is.
    #[test]
    fn any_markdown_becomes_text(parts in prop::collection::vec(prop::sample::select(MARKS), 0..14)) {
        let text = parts.concat();
        let safe = doc_comment(&text);
        prop_assert!(is_safe(&safe) && faults(&safe).is_empty(), "{text:?} became {safe:?}: {:?}", faults(&safe));
        prop_assert!(!safe.contains(is_hidden));
        // Of links only the words are shown, and of fences no info.
        let words = |text: &str| text.matches("planted").count();
        let shown = ["```", "~~~", "]:", "]("].iter().all(|mark| !text.contains(mark));
        prop_assert!(!shown || words(&safe) >= words(&text), "{text:?} became {safe:?}");
        // It is rewritten once more with words of ours around it: what is read stays the same.
        prop_assert_eq!(read(&doc_comment(&safe)), read(&safe), "of {:?}", text);
    }
}

/// What a reader sees of it.
fn read(markdown: &str) -> String {
    let seen = Parser::new_ext(markdown, rustdoc()).filter_map(|event| match event {
        Event::Text(text) | Event::Code(text) => Some(text.to_string()),
        Event::SoftBreak | Event::HardBreak => Some(" ".to_owned()),
        _ => None,
    });
    seen.collect()
}

const MARKS: &[&str] = &[
    "```",
    "~~~",
    "`",
    "``",
    "\n",
    "\n\n",
    "    ",
    "\t",
    "  ",
    " ",
    "* ",
    "- ",
    "1. ",
    "> ",
    "# ",
    "---",
    "===",
    "|",
    "|---|\n",
    "<!--",
    "-->",
    "<a>",
    "</a>",
    "<https://example.com>",
    "http://example.com",
    "[",
    "]",
    "(",
    ")",
    "![",
    "[x]: ",
    "[^1]: ",
    "[^1]",
    "**",
    "_",
    "~~",
    "\\",
    "&lt;",
    "&",
    ":",
    "\r",
    "\u{202e}",
    "planted",
    "planted!();",
    "rust\n",
    "text\n",
    "1",
    ".",
    "[ ] ",
    "+ ",
    "é",
];

fn is_hidden(c: char) -> bool {
    let ranges = [
        '\u{0}'..='\u{9}',
        '\u{b}'..='\u{1f}',
        '\u{7f}'..='\u{9f}',
        '\u{200b}'..='\u{200f}',
        '\u{2028}'..='\u{202e}',
        '\u{2060}'..='\u{206f}',
        '\u{feff}'..='\u{feff}',
        '\u{e0000}'..='\u{e007f}',
    ];
    ranges.iter().any(|range| range.contains(&c))
}

fn check_code(name: &str, generated: Result<Generated, CodegenError>) {
    let code = generated.unwrap_or_else(|error| panic!("{name}: {error}")).code;
    if let Some(at) = code.find(is_hidden) {
        panic!("{name}: hidden {:?} in {:?}", code[at..].chars().next(), code[..at].lines().next_back());
    }
    let mut file = syn::parse_file(&code).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut docs = Docs::default();
    docs.visit_file_mut(&mut file);
    let found: Vec<String> = docs
        .0
        .iter()
        .flat_map(|docs| faults(docs).into_iter().map(move |fault| format!("{fault}\nin: {docs}")))
        .collect();
    assert!(found.is_empty(), "{name}: {}", found.join("\n---\n"));
    assert!(docs.0.iter().any(|docs| docs.contains("# Example")), "{name}: no example of ours");
}

/// Returns the block to plant next.
type NextBlock = Box<dyn FnMut() -> &'static str>;

/// Which block each place gets: first the same everywhere, then one after the other, from several beginnings on.
fn rounds() -> Vec<(String, NextBlock)> {
    let same = |at: usize| -> (String, Box<dyn FnMut() -> &'static str>) {
        (BLOCKS[at].0.to_owned(), Box::new(move || BLOCKS[at].1))
    };
    let turns = [0, 7, 13, 20].map(|start| -> (String, Box<dyn FnMut() -> &'static str>) {
        let mut blocks = BLOCKS.iter().cycle().skip(start);
        (format!("all from {start} on"), Box::new(move || blocks.next().unwrap().1))
    });
    [same(0), same(10)].into_iter().chain(turns).collect()
}

#[test]
fn no_text_of_a_document_is_a_test_of_the_crate() {
    check_code("as it is", generate(&document(&tree())));
    for (name, mut block) in rounds() {
        let mut tree = tree();
        plant(&mut tree, &mut block);
        check_code(&name, generate(&document(&tree)));
    }
}

#[test]
fn no_name_of_a_document_is_a_test_of_the_crate() {
    // What is required must have the name of its property, so that all get the same.
    for (name, block) in BLOCKS.iter().step_by(4) {
        let mut tree = tree();
        plant_keys(&mut tree, block);
        check_code(name, generate(&document(&tree)));
    }
}

/// What would do harm on a terminal, in a log of CI, in a pull request or in a page.
const HOSTILE: &str = "\u{1b}]0;owned\u{7}\u{1b}[2J\r\n::error::planted\n##[add-mask]planted\n~~~~~~~~~~~~~~~~~~~~\n```` a `b` @everyone #12 \
    www.example.com http://example.com/a [x](javascript:alert(1)) ![i](http://example.com/i.png) \u{202e}\u{2066}\u{200b}\u{feff}\u{9b}2J\u{2028}\
    <img src=x onerror=alert(1)>\n# heading\n| table \\| pipe |\t*b* _i_ &lt; $(id) \u{e0041}";

fn hostile() -> Value {
    let mut tree = tree();
    plant_keys(&mut tree, HOSTILE);
    plant(&mut tree, &mut || HOSTILE);
    tree
}

fn report(old: &Value, new: &Value) -> (Report, Side, Side) {
    let side = |tree: &Value| Side::read(tree.to_string().as_bytes(), None).unwrap();
    let (old, new) = (side(old), side(new));
    let report = diff::diff(&old, &new, "2026-01-01");
    assert!(report.findings.len() > 10, "{} findings", report.findings.len());
    (report, old, new)
}

/// No control character, no command of CI, no fence that begins a line.
fn check_lines(name: &str, text: &str) {
    assert!(!text.is_empty(), "{name} is empty");
    for line in text.lines() {
        let start = line.trim_start();
        let ours = name.contains("github")
            && (start.starts_with("::error ") || start.starts_with("::warning ") || start.starts_with("::notice "));
        assert!(ours || !start.starts_with("::"), "{name}: command: {line:?}");
        let is_page = name.ends_with("html");
        let markup = ["~~~", "# heading", "| table", "<img"].iter().any(|mark| start.starts_with(mark));
        assert!(is_page || !markup, "{name}: {line:?}");
        assert!(!line.contains("##["), "{name}: old command: {line:?}");
    }
    assert!(!text.contains(is_hidden), "{name}: {:?}", text.lines().find(|line| line.contains(is_hidden)));
}

/// What GitHub would make of it: no link, image, HTML, and no heading, mention or address outside of code.
fn check_markdown(name: &str, text: &str) {
    check_lines(name, text);
    let mut code = false;
    for event in Parser::new_ext(text, rustdoc()) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => code = true,
            Event::End(TagEnd::CodeBlock) => code = false,
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                panic!("{name}: leads to {dest_url}")
            }
            Event::Html(html) | Event::InlineHtml(html) => panic!("{name}: HTML {html}"),
            Event::Start(Tag::Emphasis) => panic!("{name}: emphasis"),
            Event::Text(text) if !code => {
                for live in ["@everyone", "http:", "www.", "#12", "heading", "pipe", "javascript", "planted"] {
                    assert!(!text.contains(live), "{name}: {live} is live in {text}");
                }
            }
            _ => {}
        }
    }
    // The columns of a table are those of its head.
    let mut columns = 0;
    for line in text.lines() {
        let cells = line.replace("\\|", "").matches('|').count();
        columns = if line.starts_with('|') { if columns == 0 { cells } else { columns } } else { 0 };
        assert!(columns == 0 || cells == columns, "{name}: {line}");
    }
}

fn check_html(name: &str, page: &str) {
    check_lines(name, page);
    assert!(!page.contains("<img") && page.contains("&lt;img src=x onerror="), "{name}");
}

#[test]
fn a_comparison_shows_hostile_text_and_obeys_none() {
    let other = tree();
    let mut changed = hostile();
    plant(&mut changed, &mut || " changed");
    for (name, old, new) in
        [("added", &other, &hostile()), ("removed", &hostile(), &other), ("changed", &hostile(), &changed)]
    {
        let (report, old_side, new_side) = report(old, new);
        check_lines(&format!("{name} text"), &diff::text(&report));
        check_lines(&format!("{name} short"), &diff::short(&report, 1000).join("\n"));
        check_lines(&format!("{name} github"), &diff::github(&report, Some("a,b:c\n::error::x")));
        check_markdown(&format!("{name} markdown"), &diff::markdown(&report));
        check_markdown(&format!("{name} changelog"), &diff::changelog(&report));
        check_html(&format!("{name} html"), &diff::html(&report, &old_side, &new_side));
        let (was, is) = (document(old), document(new));
        let (was_model, is_model) = (generate(&was).unwrap().model, generate(&is).unwrap().model);
        let old = Generation { document: &was, model: &was_model };
        if let Some(page) = migration::page(&report, old, Generation { document: &is, model: &is_model }) {
            check_markdown(&format!("{name} migration"), &page);
        }
    }
}

#[test]
fn what_is_kept_of_a_document_shows_hostile_text_and_obeys_none() {
    let document = document(&hostile());
    let model = generate(&document).unwrap().model;
    let operations = document.operations();
    assert!(operations.len() > 2);
    let contracts: String = operations.iter().map(|operation| contract(operation, &model)).collect();
    check_lines("contract", &contracts);
    assert!(!document.to_canonical().contains(is_hidden), "canonical document");
    let table = Table::of(&document, &[]);
    for command in &table.commands {
        let shown = [&command.summary, &command.text, &command.doubts, &command.tag, &command.path];
        let holds = command.parameters.iter().map(|one| &one.holds);
        let flags = command.body.iter().flat_map(|body| &body.flags);
        let words = command
            .words
            .iter()
            .chain(&command.evidence)
            .chain(shown)
            .chain(command.parameters.iter().flat_map(|one| [&one.name, &one.text]));
        let flags: Vec<_> = flags
            .flat_map(|flag| [&flag.path, &flag.text, &flag.holds.limits].into_iter().chain(&flag.holds.choices))
            .collect();
        let holds = holds.flat_map(|holds| holds.choices.iter().chain([&holds.limits]));
        let kinds = command.body.iter().flat_map(|body| &body.kinds).flat_map(|kind| [&kind.name, &kind.text]);
        for text in words.chain(flags).chain(holds).chain(kinds) {
            assert!(!text.contains(is_hidden), "command {:?}: {text:?}", command.words);
        }
    }
    assert!(table.groups.iter().all(|group| !group.text.contains(is_hidden)));
    let (names, empty) = (Names::new(), BTreeMap::new());
    let snapshots = operations.iter().map(|operation| {
        (swpanel_build_tools::coverage::snapshot_path("contract", operation), contract(operation, &model))
    });
    let snapshots: BTreeMap<String, String> = snapshots.collect();
    assert!(snapshots.keys().all(|path| !path.contains(is_hidden)));
    let artefacts =
        Artefacts { document: &document, names: &names, listing: "", snapshots: &snapshots, help: &empty, probe: None };
    let coverage = coverage(&artefacts);
    check_lines("coverage text", &coverage.to_text());
    check_markdown("coverage markdown", &coverage.to_markdown());
    check_html("coverage html", &html(&coverage, &artefacts));
}
