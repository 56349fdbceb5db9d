//! The table as one page that needs nothing else: a heat map of operations and stages, and behind each row what it rests
//! on. What comes from documents and answers is text, never markup.

use std::fmt::Write as _;

use super::evidence::{emulated, help_page};
use super::inferred::inferred;
use super::text::fidelity;
use super::{Artefacts, Coverage, PROBED, Row, content, snapshot_path};
use crate::commands::Table;
use crate::document::{Node, Operation};
use crate::probe::{Difference, differences};
use crate::safe_text;

/// What every row is looked up in.
struct Known<'a> {
    artefacts: &'a Artefacts<'a>,
    table: &'a Table,
    differences: &'a [Difference],
}

/// The page.
pub fn html(coverage: &Coverage, artefacts: &Artefacts<'_>) -> String {
    let mut page = String::from(HEAD);
    let (there, all) = coverage.cells();
    let info = artefacts.document.root().get("info");
    let title = info.and_then(|info| info.text_at("title")).unwrap_or_default();
    let _ = write!(
        page,
        "<h1>Coverage</h1><p>{} {}: {} operations, {there} of {all} cells without <b>{PROBED}</b> ({:.1} %). {}</p>",
        escaped(title),
        escaped(artefacts.document.version()),
        coverage.operations.len(),
        coverage.percent(),
        escaped(&last_probe(artefacts)),
    );
    page.push_str(FORM);
    page.push_str("<div class=scroll><table><thead><tr><th scope=col>operation</th>");
    for stage in &coverage.stages {
        let _ = write!(page, "<th scope=col><span>{}</span></th>", escaped(&stage.replace('_', " ")));
    }
    page.push_str("<th scope=col><span>typed answer</span></th><th scope=col><span>fidelity</span></th></tr></thead>");
    let operations = artefacts.document.operations();
    let table = Table::of(artefacts.document, &[]);
    let differences = artefacts.probe.map(|probe| differences(artefacts.document, probe)).unwrap_or_default();
    let known = Known { artefacts, table: &table, differences: &differences };
    for (tag, rows) in coverage.groups() {
        group(&mut page, coverage, tag, &rows);
        for row in rows {
            let operation =
                operations.iter().find(|operation| operation.method == row.method && operation.path == row.path);
            line(&mut page, coverage, row, operation, &known);
        }
        page.push_str("</tbody>");
    }
    page.push_str("</table></div>");
    page.push_str(TAIL);
    page
}

fn last_probe(artefacts: &Artefacts<'_>) -> String {
    match artefacts.probe {
        None => "No API has been probed from this folder.".to_owned(),
        Some(probe) => {
            let who = if probe.emulator { " (the emulator, which is no evidence of the real API)" } else { "" };
            format!("Last probe: {} at {}{who}, {} requests.", probe.date, probe.base_url, probe.requests)
        }
    }
}

/// A group's own line: how much of each stage is there, as a shade.
fn group(page: &mut String, coverage: &Coverage, tag: &str, rows: &[&Row]) {
    let _ = write!(page, "<tbody><tr class=g><th scope=rowgroup>{}</th>", escaped(tag));
    for stage in &coverage.stages {
        let there = rows.iter().filter(|row| row.has(stage)).count();
        let share = if rows.is_empty() { 0 } else { there * 100 / rows.len() };
        let _ = write!(page, "<td style=\"--s:{share}%\">{there}/{}</td>", rows.len());
    }
    let typed = rows.iter().filter(|row| row.response_kind == "typed").count();
    let _ = write!(page, "<td>{typed}/{}</td><td>{}</td></tr>", rows.len(), fidelity(rows));
}

fn line(page: &mut String, coverage: &Coverage, row: &Row, operation: Option<&Operation<'_>>, known: &Known<'_>) {
    let complete = coverage.own_stages().all(|stage| row.has(stage));
    let words = format!("{} {} {} {}", row.id, row.method, row.path, row.tag).to_lowercase();
    let _ = write!(
        page,
        "<tr class=o data-complete={} data-words=\"{}\"><td><details><summary><code>{} {}</code></summary>",
        u8::from(complete),
        escaped(&words),
        escaped(&row.method),
        escaped(&row.path),
    );
    page.push_str("<dl>");
    entry(page, "id", &row.id);
    if row.fidelity.1 > 0 {
        let said =
            format!("{} of {} statements about its types are in the Rust types too", row.fidelity.0, row.fidelity.1);
        entry(page, "fidelity", &said);
    }
    match operation {
        Some(operation) => details(page, operation, known),
        None => entry(page, "document", "its name is pinned, but the document has it no more"),
    }
    page.push_str("</dl></details></td>");
    for stage in &coverage.stages {
        let (class, sign, word) = match row.has(stage) {
            true => ("y", "●", "there"),
            // What writes is never probed, and so lacks nothing.
            false if *stage == PROBED && row.method != "GET" => ("x", "–", "only reads are"),
            false => ("n", "○", "missing"),
        };
        let _ = write!(page, "<td class={class}><span title=\"{}: {word}\">{sign}</span></td>", escaped(stage));
    }
    let _ = write!(page, "<td>{}</td><td>{}</td></tr>", row.response_kind, fidelity(&[row]));
}

/// What the cells of a row rest on.
fn details(page: &mut String, operation: &Operation<'_>, known: &Known<'_>) {
    let Known { artefacts, table, differences } = known;
    entry(page, "what it does", operation.summary());
    entry(page, "effect", &operation.facts().to_string());
    let evidence = operation.node.get("x-evidence").and_then(Node::as_array).unwrap_or_default();
    let one = operation.node.text_at("x-evidence");
    let lines: Vec<&str> = evidence.iter().filter_map(Node::as_str).chain(one).collect();
    entry(page, "evidence", &lines.join("\n"));
    entry(page, "inferred, never proven against the API", &inferred(operation).join("\n"));
    if let Some((file, words)) = help_page(operation, table, artefacts.help) {
        entry(page, "command line", &format!("swpanel {words}\ncli/tests/snapshots/{file}"));
    }
    if let Some(line) = emulated(operation, artefacts.snapshots) {
        entry(page, "emulator", line);
    }
    for kind in ["contract", "wire"] {
        let path = snapshot_path(kind, operation);
        let Some(text) = artefacts.snapshots.get(&path) else { continue };
        let (said, call) = content(text).split_once("\nrust:").unwrap_or((content(text), ""));
        entry(page, &format!("{kind} snapshot"), &format!("tests/snapshots/{path}\n\n{}", said.trim_end()));
        if kind == "contract" {
            entry(page, "example", call.trim());
        }
    }
    let asked = artefacts.probe.and_then(|probe| Some((probe, probe.operations.get(&operation.key())?)));
    if let Some((probe, asked)) = asked {
        let mut said = format!("{} at {}", probe.date, probe.base_url);
        for (status, count) in &asked.statuses {
            let _ = write!(said, "\n{status}: {count} times");
        }
        if let Some(why) = &asked.skipped {
            let _ = write!(said, "\nnot asked: {why}");
        }
        for difference in differences.iter().filter(|difference| difference.operations.contains(&operation.key())) {
            let _ = write!(said, "\n{difference}");
        }
        entry(page, "last probe", &said);
    }
}

fn entry(page: &mut String, name: &str, text: &str) {
    if !text.is_empty() {
        let _ = write!(page, "<dt>{}</dt><dd>{}</dd>", escaped(name), escaped(text));
    }
}

fn escaped(text: &str) -> String {
    safe_text::html(&safe_text::page(text))
}

const HEAD: &str = "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width,initial-scale=1\">\
<meta http-equiv=Content-Security-Policy content=\"default-src 'none';style-src 'unsafe-inline';script-src 'unsafe-inline'\">\
<title>Coverage</title><style>\
:root{color-scheme:light dark;--line:#8884;--yes:#2e8b57;--no:#b3261e}body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;padding:1rem;max-width:90rem}\
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}th,td{padding:.15rem .5rem;border-bottom:1px solid var(--line);text-align:center;vertical-align:top}\
th:first-child,td:first-child{text-align:left;min-width:26rem}td+td{white-space:nowrap}\
thead th{vertical-align:bottom}thead span{writing-mode:vertical-rl;transform:rotate(180deg)}\
@media(max-width:50rem){th:first-child,td:first-child{min-width:12rem}th,td{padding:.15rem .2rem}}\
.g th,.g td{font-weight:600;border-top:2px solid var(--line)}.g td{background:color-mix(in srgb,var(--yes) calc(var(--s,0%)*.35),transparent)}\
.y{background:color-mix(in srgb,var(--yes) 30%,transparent)}.n{background:color-mix(in srgb,var(--no) 25%,transparent)}.x{opacity:.5}\
summary{cursor:pointer;overflow-wrap:anywhere}dl{margin:.5rem 0 1rem 1rem}dt{font-size:.8rem;opacity:.75}dd{margin:0 0 .4rem;white-space:pre-wrap;overflow-wrap:anywhere;font-family:ui-monospace,monospace;font-size:.85rem}\
form:not([hidden]){display:flex;flex-wrap:wrap;gap:.5rem 1rem;margin:1rem 0}input[type=search]{font:inherit;min-width:16rem}</style>";

const FORM: &str = "<form id=f hidden onsubmit=\"return false\"><label>search <input type=search name=q></label>\
<label><input type=checkbox name=m> only where something is missing</label><output id=n></output></form>";

const TAIL: &str = "<script>const f=document.getElementById('f'),n=document.getElementById('n'),all=[...document.querySelectorAll('tr.o')];\
function show(){let c=0;const q=f.q.value.toLowerCase();for(const r of all){const ok=r.dataset.words.includes(q)&&(!f.m.checked||r.dataset.complete==='0');\
r.hidden=!ok;if(ok)c++}n.textContent=c+' of '+all.length+' shown'}f.addEventListener('input',show);f.hidden=false;show()</script></html>\n";
