//! A report as one page that needs nothing else: counts, filters by verdict, group and direction, old and new side by
//! side, readable on a phone. What comes from documents is text, never markup.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::render::{counts, words};
use super::{Finding, Report, Side};
use crate::safe_text;

/// The page.
pub fn html(report: &Report, old: &Side, new: &Side) -> String {
    let mut tags: BTreeMap<String, String> = BTreeMap::new();
    for side in [old, new] {
        let operations = side.document().operations();
        let tag = |tag: &str| safe_text::line(tag).into_owned();
        tags.extend(operations.iter().map(|operation| (operation.key(), tag(operation.tag()))));
    }
    let groups: BTreeSet<&str> = report.findings.iter().flat_map(|finding| of(finding, &tags)).collect();
    let mut page = String::from(HEAD);
    let _ = write!(
        page,
        "<h1>What changed</h1><p class=sum><b class=\"v {0}\">{0}</b> for consumers, <b>{1}</b> for Rust code: {2}.</p>",
        words(&report.consumer_verdict),
        words(&report.rust_verdict),
        escaped(&counts(report)),
    );
    for warning in &report.warnings {
        let _ = write!(page, "<p class=warn>{}</p>", escaped(warning));
    }
    page.push_str("<form id=f aria-label=Filter>");
    select(&mut page, "verdict", ["breaking", "warning", "compatible", "documentation"].into_iter());
    select(&mut page, "direction", ["request", "response", "both", "none"].into_iter());
    select(&mut page, "group", groups.into_iter());
    page.push_str("<output id=n></output></form><main>");
    for finding in &report.findings {
        article(&mut page, finding, &of(finding, &tags));
    }
    page.push_str("</main>");
    page.push_str(TAIL);
    page
}

/// The groups of the operations that a finding reaches.
fn of<'a>(finding: &Finding, tags: &'a BTreeMap<String, String>) -> BTreeSet<&'a str> {
    finding.operations.iter().filter_map(|operation| tags.get(operation)).map(String::as_str).collect()
}

fn select<'a>(page: &mut String, name: &str, options: impl Iterator<Item = &'a str>) {
    let _ = write!(page, "<label>{name} <select name={name}><option value=\"\">all</option>");
    for option in options {
        let _ = write!(page, "<option>{}</option>", escaped(option));
    }
    page.push_str("</select></label>");
}

fn article(page: &mut String, finding: &Finding, groups: &BTreeSet<&str>) {
    let (verdict, direction) = (words(&finding.consumer_verdict), words(&finding.direction));
    let list = groups.iter().copied().collect::<Vec<_>>().join("\n");
    let _ = write!(
        page,
        "<article data-verdict={verdict} data-direction={direction} data-group=\"{}\"><h2><b class=\"v {verdict}\">{verdict}</b> \
         <code>{}</code></h2>",
        escaped(&list),
        finding.rule,
    );
    let subject = match &finding.component {
        Some(component) => format!("{component}, in "),
        None => String::new(),
    };
    let operations =
        if finding.operations.is_empty() { "the document".to_owned() } else { finding.operations.join(", ") };
    let _ = write!(page, "<p>{}{}</p>", escaped(&subject), escaped(&operations));
    page.push_str("<div class=sides>");
    for (name, value, place) in [("before", &finding.before, &finding.old), ("after", &finding.after, &finding.new)] {
        let _ = write!(page, "<section><h3>{name}</h3><pre>{}</pre>", escaped(value.as_deref().unwrap_or("")));
        if let Some(place) = place {
            let line =
                if place.line > 0 { format!("line {}, column {} ", place.line, place.column) } else { String::new() };
            let _ = write!(page, "<small>{line}{}</small>", escaped(&place.pointer));
        }
        page.push_str("</section>");
    }
    page.push_str("</div>");
    if !finding.also.is_empty() {
        page.push_str("<p>Also at:</p><ul>");
        for edit in &finding.also {
            for place in [&edit.old, &edit.new].into_iter().flatten() {
                let _ = write!(page, "<li>line {} {}</li>", place.line, escaped(&place.pointer));
            }
        }
        page.push_str("</ul>");
    }
    let _ = write!(page, "<p>{} Rust: {}.", escaped(&sentence(&finding.reason)), words(&finding.rust_verdict));
    if let Some(witness) = &finding.witness {
        let _ = write!(page, " For example <code>{}</code>.", escaped(witness));
    }
    let _ = write!(page, "</p><small>{direction} · {}</small></article>", finding.fingerprint);
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>() + ".").unwrap_or_default()
}

fn escaped(text: &str) -> String {
    safe_text::html(&safe_text::page(text))
}

const HEAD: &str = "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width,initial-scale=1\">\
<meta http-equiv=Content-Security-Policy content=\"default-src 'none';style-src 'unsafe-inline';script-src 'unsafe-inline'\">\
<title>What changed</title><style>\
:root{color-scheme:light dark;--line:#8885}body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:0 auto;padding:1rem;overflow-wrap:anywhere}\
article{border:1px solid var(--line);border-radius:.5rem;padding:.5rem 1rem;margin:1rem 0;overflow-wrap:anywhere}\
h2{font-size:1rem;margin:.3rem 0}h3{font-size:.8rem;margin:0;opacity:.7}pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:.2rem 0}\
.sides{display:grid;grid-template-columns:1fr 1fr;gap:1rem}@media(max-width:40rem){.sides{grid-template-columns:1fr}}\
form{position:sticky;top:0;background:Canvas;padding:.5rem 0;border-bottom:1px solid var(--line);display:flex;flex-wrap:wrap;gap:.5rem 1rem}\
select{font:inherit;max-width:12rem}.v{padding:.1rem .5rem;border-radius:.3rem;color:#fff}.breaking{background:#b3261e}.warning{background:#8a5a00}\
.compatible{background:#1b6e2e}.documentation,.none{background:#555}.warn{border-left:.3rem solid #8a5a00;padding-left:.6rem}\
small{opacity:.75}</style>";

const TAIL: &str = "<script>const f=document.getElementById('f'),n=document.getElementById('n'),all=[...document.querySelectorAll('article')];\
function show(){let c=0;for(const a of all){const ok=(!f.verdict.value||a.dataset.verdict===f.verdict.value)&&(!f.direction.value||a.dataset.direction===f.direction.value)\
&&(!f.group.value||a.dataset.group.split('\\n').includes(f.group.value));a.hidden=!ok;if(ok)c++}n.textContent=c+' of '+all.length+' shown'}\
f.addEventListener('change',show);show()</script></html>\n";
