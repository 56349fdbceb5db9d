//! `cargo xtask discover ADDRESS`: where the API document behind an address is; and the same for sync and ingest.

use std::collections::HashMap;
use std::process::ExitCode;

use reqwest::header::{HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH};
use serde_json::json;
use swpanel_build_tools::address::{REDACTED, redact};
use swpanel_build_tools::discover::{self, Answer, Ask, Found, Leave, Listed, Outcome};
use swpanel_build_tools::document::Refusal;
use swpanel_build_tools::import::{self, Files};
use swpanel_build_tools::lock::{self, Lock};
use swpanel_build_tools::safe_text::{line, page};

use crate::arguments::{DiscoverFlags, FetchFlags, Format};
use crate::documentation::{Conversion, claims_to_be_a_document};
use crate::fetch::Fetcher;
use crate::outcome::{self, CHANGED, FAILED, Failure, counted};
use crate::source::Known;

pub(crate) fn run(flags: &DiscoverFlags, format: Format) -> ExitCode {
    let Searched { found, asked, .. } = match search(&flags.address, &flags.fetch) {
        Ok(found) => found,
        Err(failure) => return failure.print(format),
    };
    let (name, code) = match &found.outcome {
        Outcome::Document(_) | Outcome::Unverified => ("document", 0),
        Outcome::Inline(_) => ("inline", 0),
        Outcome::Other { .. } => ("other-description", CHANGED),
        Outcome::None => ("none", CHANGED),
        Outcome::Refused(_) => ("refused", FAILED),
    };
    let refusal = match &found.outcome {
        Outcome::Refused(refusal) => Some(refusal),
        _ => None,
    };
    let printed = match format {
        Format::Json => outcome::print_json(&json!({
            "outcome": name,
            "renderer": found.renderer,
            "addresses": found.addresses,
            "documents": found.documents.iter().map(|one| json!({"name": one.name, "address": one.address})).collect::<Vec<_>>(),
            "verified": matches!(found.outcome, Outcome::Document(_) | Outcome::Inline(_)),
            "refusal": refusal.map(Refusal::name),
            "message": refusal.map(ToString::to_string),
            "hint": refusal.map(Refusal::hint),
            "notes": found.notes,
            "asked": asked,
        })),
        Format::Text | Format::Markdown | Format::Html | Format::Github => {
            outcome::print_text(&page(&text(&found, &asked, name)))
        }
    };
    outcome::code(printed, code)
}

fn text(found: &Found, asked: &[String], name: &str) -> String {
    let mut text = format!("{name:<14}");
    match &found.outcome {
        Outcome::Refused(refusal) => {
            let (message, hint) = (refusal.to_string(), refusal.hint());
            text.push_str(&format!("{}: {}\nhint          {}", refusal.name(), line(&message), line(hint)))
        }
        Outcome::Other { kind } => {
            let converted = ["Postman", "apiDoc", "RAML"].iter().any(|known| kind.contains(known));
            let more = if converted { "; `cargo xtask import` and `sync --from` convert it" } else { "" };
            text.push_str(&format!("{kind}, not OpenAPI{more}"));
        }
        Outcome::None => text
            .push_str("no document was found; save it from the panel and pass the file to `cargo xtask sync --from`"),
        Outcome::Unverified => text.push_str("named by the page, but it could not be fetched"),
        Outcome::Inline(bytes) => text.push_str(&format!("the document stands in the page ({} bytes)", bytes.len())),
        Outcome::Document(bytes) => text.push_str(&format!("{} bytes", bytes.len())),
    }
    text.push('\n');
    let named = |one: &Listed| {
        if one.name.is_empty() { one.address.clone() } else { format!("{} ({})", one.address, one.name) }
    };
    let documents: Vec<String> = found.documents.iter().map(named).collect();
    for (head, lines) in [("document", &documents), ("address", &found.addresses), ("note", &found.notes)] {
        lines.iter().for_each(|said| text.push_str(&format!("{head:<14}{}\n", line(said))));
    }
    if let Some(renderer) = found.renderer {
        text.push_str(&format!("renderer      {renderer}\n"));
    }
    if matches!(found.outcome, Outcome::None) {
        asked.iter().for_each(|address| text.push_str(&format!("asked         {}\n", line(address))));
    } else {
        text.push_str(&format!(
            "asked         {}; --explain shows them\n",
            counted(asked.len(), "address", "addresses")
        ));
    }
    text
}

/// The document behind an address.
pub(crate) struct Located {
    pub(crate) bytes: Vec<u8>,
    /// Where it was found.
    pub(crate) at: String,
    /// What to record of that.
    pub(crate) origin: lock::Source,
    /// What was said on the way, where it was converted from another form.
    pub(crate) conversion: Option<Conversion>,
}

/// The document behind an address, converted where the site offers another form only.
pub(crate) fn document(address: &str, flags: &FetchFlags, known: Option<Known<'_>>) -> Result<Located, Failure> {
    if let Some(known) = known
        && let Some(at) = unchanged(address, flags, known.lock)?
    {
        return Ok(Located { bytes: known.bytes, at, origin: known.lock.source.clone(), conversion: None });
    }
    let Searched { found, asked, headers, first } = search(address, flags)?;
    let origin = |at: String| {
        let header = |name: &str| headers.get(&at)?.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        let (etag, last_modified) = (header("etag"), header("last-modified"));
        let page = (redact(&at) != redact(address)).then(|| redact(address).into_owned());
        let source = lock::Source { etag, last_modified, page, ..lock::Source::at(&at) };
        (at, source)
    };
    let refused =
        |refusal: &Refusal| Failure::new(refusal.name(), format!("refused {address}: {refusal}"), refusal.hint());
    if found.documents.len() > 1 && matches!(found.outcome, Outcome::Document(_) | Outcome::Unverified) {
        return Err(which(address, &found.documents));
    }
    match found.outcome {
        Outcome::Document(bytes) => {
            let (at, source) = origin(found.addresses.into_iter().next().unwrap_or_else(|| address.to_owned()));
            Ok(Located { bytes, at, origin: source, conversion: None })
        }
        Outcome::Inline(bytes) => {
            let (at, source) = origin(address.to_owned());
            Ok(Located { bytes, at, origin: source, conversion: None })
        }
        Outcome::Refused(refusal) => {
            // What is no OpenAPI document can be documentation in another form.
            let other = matches!(refusal, Refusal::Syntax { .. } | Refusal::NotASpec { .. } | Refusal::HtmlNotSpec);
            let page = first.filter(|page| other && !claims_to_be_a_document(page));
            match page.is_some().then(|| converted(address, address, page, flags)).transpose()?.flatten() {
                Some((bytes, conversion)) => {
                    let (at, source) = origin(address.to_owned());
                    Ok(Located { bytes, at, origin: source, conversion: Some(conversion) })
                }
                None => Err(refused(&refusal)),
            }
        }
        Outcome::Other { kind } => {
            let other = found.addresses.into_iter().next().unwrap_or_default();
            match converted(address, &other, first, flags)? {
                Some((bytes, conversion)) => {
                    let (at, source) = origin(other);
                    Ok(Located { bytes, at, origin: source, conversion: Some(conversion) })
                }
                None => Err(refused(&Refusal::OtherDescription { kind, address: other })),
            }
        }
        Outcome::Unverified | Outcome::None => {
            // The page itself may be the documentation.
            if let Some((bytes, conversion)) = converted(address, address, first, flags)? {
                let (at, source) = origin(address.to_owned());
                return Ok(Located { bytes, at, origin: source, conversion: Some(conversion) });
            }
            let message = format!(
                "no API document was found at {address} ({} asked)",
                counted(asked.len(), "address was", "addresses were")
            );
            let hint = "see what was asked with --explain, or save the document from the panel and pass that file";
            let mut failure = Failure::new("no-document", message, hint);
            for line in found.addresses.iter().chain(&found.notes).take(12) {
                failure = failure.detail(line);
            }
            Err(failure)
        }
    }
}

/// A page with several documents does not say which of them is meant.
fn which(address: &str, documents: &[Listed]) -> Failure {
    let message = format!("{address} lists {} documents, and nothing says which one is meant", documents.len());
    let hint = "give the address of the one that is meant instead of that of the page";
    let mut failure = Failure::new("several-documents", message, hint);
    for one in documents.iter().take(24) {
        let name = if one.name.is_empty() { String::new() } else { format!("  ({})", one.name) };
        failure = failure.detail(format!("{}{name}", one.address));
    }
    failure
}

/// Documentation in another form, converted: the page that was named and what it leads to, the best form of both.
fn converted(
    named: &str,
    other: &str,
    page: Option<Vec<u8>>,
    flags: &FetchFlags,
) -> Result<Option<(Vec<u8>, Conversion)>, Failure> {
    let mut files = Files::new();
    let last = |address: &str| {
        let path = address.split(['?', '#']).next().unwrap_or_default();
        path.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("page").to_owned()
    };
    let main = last(other);
    if other != named {
        let leave = Leave::new(&flags.allow_host);
        if leave.check_from(other, named).is_ok() {
            let mut fetcher = Fetcher::new(flags, named, leave)?;
            let fetched = fetcher.get(other, "the description that the page leads to");
            if let Some(fetched) = fetched.ok().filter(|fetched| (200..300).contains(&fetched.status)) {
                files.insert(main.clone(), fetched.body);
            }
        }
    }
    if let Some(page) = page {
        let name = last(named);
        files.entry(if name == main && other != named { format!("{name}.html") } else { name }).or_insert(page);
    }
    match import::import(&files) {
        Ok(imported) => {
            let conversion = Conversion::new(&imported, &redact(other));
            Ok(Some((imported.text().into_bytes(), conversion)))
        }
        Err(error @ import::ImportError::Unsupported { .. }) => Err(super::import::failure(&error, other)),
        Err(_) => Ok(None),
    }
}

/// Where the document that is locked is, if its server says that it has no other: one request, one 304.
fn unchanged(address: &str, flags: &FetchFlags, lock: &Lock) -> Result<Option<String>, Failure> {
    let source = &lock.source;
    // Where a document has files beside it, its own validators say too little.
    if !lock.parts.is_empty() {
        return Ok(None);
    }
    // What is recorded is redacted: the address that was named still has what was left out.
    let named = redact(address);
    let at = if source.address == named {
        address
    } else if source.page.as_deref() == Some(&named) && !source.address.contains(REDACTED) {
        source.address.as_str()
    } else {
        return Ok(None);
    };
    let etag = source.etag.as_deref().map(|etag| (IF_NONE_MATCH, etag));
    let modified = source.last_modified.as_deref().map(|date| (IF_MODIFIED_SINCE, date));
    let validators = etag.into_iter().chain(modified);
    let validators: Vec<_> =
        validators.filter_map(|(name, value)| Some((name, HeaderValue::try_from(value).ok()?))).collect();
    if validators.is_empty() {
        return Ok(None);
    }
    let leave = Leave::new(&flags.allow_host);
    // The same judgement as a search would make, before anything is asked.
    if leave.check_from(at, address).is_err() {
        return Ok(None);
    }
    let mut fetcher = Fetcher::new(flags, address, leave)?;
    let fetched = fetcher.get_if_new(at, "the document that is locked, if it is another now", &validators);
    Ok(fetched.is_ok_and(|fetched| fetched.status == 304).then(|| at.to_owned()))
}

/// Response headers by the address they came from.
type Headers = HashMap<String, Vec<(String, String)>>;

/// What a search gave: the result, the addresses asked, the headers, and the first page.
struct Searched {
    found: Found,
    asked: Vec<String>,
    headers: Headers,
    first: Option<Vec<u8>>,
}

fn search(address: &str, flags: &FetchFlags) -> Result<Searched, Failure> {
    let leave = Leave::new(&flags.allow_host);
    let mut fetcher = Fetcher::new(flags, address, leave.clone())?;
    let mut headers = Headers::new();
    let mut first = None;
    let found = discover::discover(address, &leave, &mut |ask: &Ask| {
        let fetched = fetcher.get(&ask.address, &ask.why)?;
        headers.insert(fetched.address.clone(), fetched.headers.clone());
        if first.is_none() && (200..300).contains(&fetched.status) && ask.address == address {
            first = Some(fetched.body.clone());
        }
        Ok(Answer { address: fetched.address, status: fetched.status, headers: fetched.headers, body: fetched.body })
    });
    Ok(Searched { found, asked: fetcher.asked, headers, first })
}
