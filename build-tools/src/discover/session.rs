//! The order of work: what was named, its headers, its marks, its scripts, one configuration, links, usual paths.

use url::Url;

use super::html::{Page, is_login_address};
use super::marks::{self, Lead, Mark};
use super::{Answer, Ask, Failed, Found, Leave, Listed, Outcome, other, paths};
use crate::document::{Node, RawDocument, Refusal, decode, unsupported};

/// Hosts and titles of documents that renderers ship as samples.
const SAMPLES: [&str; 5] =
    ["petstore.swagger.io", "petstore3.swagger.io", "rickandmorty.zuplo.io", "galaxy.scalar.com", "@scalar/galaxy"];

/// Searches from an address a person named. `ask` is called for each address, one at a time.
pub fn discover(named: &str, leave: &Leave, ask: &mut dyn FnMut(&Ask) -> Result<Answer, Failed>) -> Found {
    let mut search = Search {
        leave,
        ask,
        asked: Vec::new(),
        addresses: Vec::new(),
        notes: Vec::new(),
        unverified: None,
        stopped: false,
        documents: Vec::new(),
    };
    let (outcome, renderer) = search.run(named);
    let Search { addresses, notes, documents, .. } = search;
    Found { outcome, renderer, addresses, notes, documents }
}

/// So many leads of one page are followed; pages have a handful.
const MAX_LEADS: usize = 200;

type End = (Outcome, Option<&'static str>);

struct Search<'a> {
    leave: &'a Leave,
    ask: &'a mut dyn FnMut(&Ask) -> Result<Answer, Failed>,
    asked: Vec<String>,
    addresses: Vec<String>,
    notes: Vec<String>,
    /// The renderer that named an address that could not be fetched.
    unverified: Option<&'static str>,
    /// A server asked for a pause: nothing more is asked.
    stopped: bool,
    /// Every document of the page, where it has several.
    documents: Vec<Listed>,
}

/// What bytes are.
enum Kind {
    Document,
    Sample(String),
    Other(&'static str),
    /// A tree that is no document; it may name one.
    Tree(Node),
    Page(String),
    Refused(Refusal),
}

impl Search<'_> {
    fn run(&mut self, named: &str) -> End {
        if let Err(refusal) = self.leave.check(named) {
            return (Outcome::Refused(refusal), None);
        }
        let answer = match self.get(named, "named by the person") {
            Ok(answer) => answer,
            Err(Failed::Refused(refusal)) => return (Outcome::Refused(refusal), None),
            Err(Failed::Unreachable(why)) => {
                self.notes.push(format!("not reached: {why}"));
                return (Outcome::None, None);
            }
        };
        if matches!(answer.status, 401 | 403) {
            return (login(&answer.address, format!("HTTP {}", answer.status)), None);
        }
        if self.stopped {
            return (Outcome::None, None);
        }
        if (200..300).contains(&answer.status) {
            match judge(&answer) {
                Kind::Document => {
                    self.addresses.push(answer.address);
                    return (Outcome::Document(answer.body), Some("direct"));
                }
                Kind::Sample(what) => return (Outcome::Refused(Refusal::SampleSpec { what }), None),
                Kind::Other(kind) => {
                    self.addresses.push(answer.address);
                    return (Outcome::Other { kind }, Some("direct"));
                }
                Kind::Refused(refusal) => return (Outcome::Refused(refusal), None),
                Kind::Tree(tree) => {
                    let marks = configured(&tree);
                    if marks.is_empty() {
                        let why = "it has no `openapi` or `swagger` member".to_owned();
                        return (Outcome::Refused(Refusal::NotASpec { why }), None);
                    }
                    if let Some(end) = self.follow(marks, &answer.address, &answer.address, false) {
                        return end;
                    }
                }
                Kind::Page(text) => {
                    if let Some(end) = self.page(&answer, &text) {
                        return end;
                    }
                }
            }
        } else {
            self.notes.push(format!("HTTP {}: {}", answer.status, answer.address));
        }
        if !self.addresses.is_empty() {
            return (Outcome::Unverified, self.unverified);
        }
        self.paths(named).unwrap_or((Outcome::None, None))
    }

    /// Everything that one page says, in order.
    fn page(&mut self, answer: &Answer, text: &str) -> Option<End> {
        let page = Page::read(text);
        let at = Url::parse(&answer.address).ok()?;
        let base = page.base().and_then(|base| at.join(base).ok()).unwrap_or_else(|| at.clone());
        let (at, base) = (at.to_string(), base.to_string());
        if page.named("elements-stoplight-project").next().is_some() {
            self.notes
                .push("hosted Stoplight: the document has no public address; ask the vendor for the file".to_owned());
        }
        let mut first = by_header(answer);
        first.extend(marks::in_tags(&page));
        let inline: Vec<&str> =
            page.named("script").filter(|tag| tag.get("src").is_none()).map(|tag| tag.text.as_str()).collect();
        let inline: Vec<Mark> = inline.into_iter().take(12).flat_map(marks::in_script).collect();
        let query = queried(&at);
        let swagger = inline.iter().any(|(renderer, _)| ["swagger-ui", "springdoc", "swashbuckle"].contains(renderer));
        let sources = marks::scripts(&page);
        if !query.is_empty() && (swagger || !sources.is_empty()) {
            first.splice(0..0, query);
        }
        first.extend(inline);
        if first.is_empty() {
            let sign = page.login().or_else(|| is_login_address(&at).then(|| "its address says so".to_owned()));
            if let Some(sign) = sign {
                return Some((login(&at, sign), None));
            }
        }
        let mut refused = None;
        if let Some(end) = self.follow(first, &base, &at, true) {
            if !matches!(end.0, Outcome::Refused(_)) {
                return Some(end);
            }
            refused = Some(end);
        }
        for source in sources {
            let Ok(script) = Url::parse(&base).and_then(|base| base.join(&source)) else { continue };
            if self.leave.check_from(script.as_str(), &at).is_err() {
                continue;
            }
            let Ok(answer) = self.get(script.as_str(), "a script of the page, by its name its configuration") else {
                continue;
            };
            if answer.status != 200 {
                continue;
            }
            let text = String::from_utf8_lossy(&answer.body).into_owned();
            match self.follow(marks::in_script(&text), &base, &at, true) {
                Some(end) if matches!(end.0, Outcome::Refused(_)) => refused = refused.or(Some(end)),
                Some(end) => return Some(end),
                None => {}
            }
        }
        if let Some((renderer, Lead::Other(kind, address))) =
            marks::others(&page).into_iter().find(|(renderer, _)| !matches!(*renderer, "scribe" | "link"))
        {
            let address = Url::parse(&base).and_then(|base| base.join(&address)).map(String::from).unwrap_or(address);
            self.addresses.push(address);
            return Some((Outcome::Other { kind }, Some(renderer)));
        }
        match self.follow(marks::links(&page), &base, &at, true) {
            Some(end) if matches!(end.0, Outcome::Refused(_)) => refused = refused.or(Some(end)),
            Some(end) => return Some(end),
            None => {}
        }
        if let Some((renderer, Lead::Other(kind, address))) = marks::others(&page).into_iter().next() {
            let address = Url::parse(&base).and_then(|base| base.join(&address)).map(String::from).unwrap_or(address);
            self.addresses.push(address);
            return Some((Outcome::Other { kind }, Some(renderer)));
        }
        // Only samples and forbidden addresses: no paths are tried behind the person's back.
        refused
    }

    /// Follows leads until one is a document. Addresses resolve against `base`; leave is judged against `page`.
    fn follow(&mut self, marks: Vec<Mark>, base: &str, page: &str, hops: bool) -> Option<End> {
        let mut refused: Option<(Refusal, &'static str)> = None;
        let mut candidates = 0;
        self.list(&marks, base);
        for (renderer, lead) in marks.into_iter().take(MAX_LEADS) {
            let (text, config) = match lead {
                Lead::Inline(node) => {
                    if let Some(refusal) = unsupported(&node) {
                        candidates += 1;
                        refused.get_or_insert((refusal, renderer));
                        continue;
                    }
                    if let Some(what) = sample_title(&node) {
                        candidates += 1;
                        refused.get_or_insert((Refusal::SampleSpec { what }, renderer));
                        continue;
                    }
                    return Some((Outcome::Inline(node.to_canonical().into_bytes()), Some(renderer)));
                }
                Lead::Address(text) | Lead::Listed(text, _) => (text, false),
                Lead::Config(text) => (text, true),
                Lead::Text(text) => {
                    if let Some(end) = self.names(&text, base, page) {
                        return Some(end);
                    }
                    continue;
                }
                Lead::Other(..) => continue,
                Lead::Computed(call) => {
                    let call = call.trim_matches(['.', '(', '=']);
                    self.notes
                        .push(format!("computed: what `{call}` gets is worked out by the page, which is not run"));
                    continue;
                }
            };
            let Ok(address) = Url::parse(base).and_then(|base| base.join(&text)) else { continue };
            let address = address.to_string();
            if config && !hops {
                continue;
            }
            candidates += 1;
            if SAMPLES.iter().any(|sample| address.contains(sample)) {
                refused.get_or_insert((Refusal::SampleSpec { what: format!("`{address}`") }, renderer));
                continue;
            }
            if let Err(refusal) = self.leave.check_from(&address, page) {
                self.remember(&address);
                refused.get_or_insert((refusal, renderer));
                continue;
            }
            if self.asked.contains(&address) {
                continue;
            }
            let why = if config { "the configuration that the page names" } else { "the document that the page names" };
            match self.get(&address, why) {
                Ok(answer) if (200..300).contains(&answer.status) => match judge(&answer) {
                    Kind::Document => {
                        self.remember(&address);
                        // The one that answered is the one preferred.
                        self.addresses.retain(|known| *known != address);
                        self.addresses.insert(0, address);
                        return Some((Outcome::Document(answer.body), Some(renderer)));
                    }
                    Kind::Sample(what) => {
                        refused.get_or_insert((Refusal::SampleSpec { what }, renderer));
                    }
                    Kind::Other(kind) => {
                        self.remember(&address);
                        return Some((Outcome::Other { kind }, Some(renderer)));
                    }
                    Kind::Tree(tree) if hops => {
                        let marks = configured(&tree);
                        let marks = marks.into_iter().map(|(own, lead)| (if config { "springdoc" } else { own }, lead));
                        if let Some(end) = self.follow(marks.collect(), &answer.address, page, false) {
                            return Some(end);
                        }
                    }
                    Kind::Refused(refusal) => {
                        self.remember(&address);
                        refused.get_or_insert((refusal, renderer));
                    }
                    Kind::Page(text) => {
                        let ended = is_login_address(&answer.address).then(|| "its address says so".to_owned());
                        match Page::read(&text).login().or(ended) {
                            Some(sign) => {
                                self.remember(&address);
                                let refusal = Refusal::LoginPage { address: answer.address, sign };
                                refused.get_or_insert((refusal, renderer));
                            }
                            None => self.notes.push(format!("no document: {address}")),
                        }
                    }
                    Kind::Tree(_) => self.notes.push(format!("no document: {address}")),
                },
                Ok(answer) => {
                    self.remember(&address);
                    self.unverified.get_or_insert(renderer);
                    self.notes.push(format!("unverified, HTTP {}: {address}", answer.status));
                }
                Err(Failed::Unreachable(why)) => {
                    self.remember(&address);
                    self.unverified.get_or_insert(renderer);
                    self.notes.push(format!("unverified: {why}"));
                }
                Err(Failed::Refused(refusal)) => {
                    self.remember(&address);
                    refused.get_or_insert((refusal, renderer));
                }
            }
        }
        let (refusal, renderer) = refused.filter(|_| candidates > 0)?;
        Some((Outcome::Refused(refusal), Some(renderer)))
    }

    /// Notes every document that a page lists, where there are several.
    fn list(&mut self, marks: &[Mark], base: &str) {
        for (_, lead) in marks.iter().take(MAX_LEADS) {
            let Lead::Listed(text, name) = lead else { continue };
            let Ok(address) = Url::parse(base).and_then(|base| base.join(text)) else { continue };
            let address = address.to_string();
            if !self.documents.iter().any(|known| known.address == address) {
                self.documents.push(Listed { name: name.clone(), address });
            }
        }
    }

    /// Follows the documents that a text names which the page links.
    fn names(&mut self, text: &str, base: &str, page: &str) -> Option<End> {
        let address = Url::parse(base).and_then(|base| base.join(text)).ok()?.to_string();
        if self.asked.contains(&address) || self.leave.check_from(&address, page).is_err() {
            return None;
        }
        let answer = self.get(&address, "the text for language models that the page links").ok()?;
        if answer.status != 200 {
            return None;
        }
        let marks = marks::llms(&String::from_utf8_lossy(&answer.body));
        self.follow(marks, &answer.address, page, false)
    }

    fn remember(&mut self, address: &str) {
        if !self.addresses.iter().any(|known| known == address) {
            self.addresses.push(address.to_owned());
        }
    }

    /// The usual places, below the root, the folder of the page, the folder above it and `/v2026`.
    fn paths(&mut self, named: &str) -> Option<End> {
        let url = Url::parse(named).ok()?;
        let root = url.join("/").ok()?.to_string();
        let root = root.trim_end_matches('/').to_owned();
        let folder = url.path().rsplit_once('/').map(|(folder, _)| folder).unwrap_or_default();
        self.robots(&root);
        let parent = folder.rsplit_once('/').map(|(parent, _)| parent).unwrap_or_default();
        let mut prefixes = vec![root.clone()];
        for prefix in [format!("{root}{folder}"), format!("{root}{parent}"), format!("{root}/v2026")] {
            if !prefixes.contains(&prefix) {
                prefixes.push(prefix);
            }
        }
        for (list, pages) in [(&paths::DOCUMENTS[..], false), (&paths::PAGES[..], true)] {
            for address in prefixes.iter().flat_map(|prefix| list.iter().map(move |path| format!("{prefix}{path}"))) {
                if self.stopped {
                    return None;
                }
                if self.asked.contains(&address) {
                    continue;
                }
                let answer = match self.get(&address, "a usual place") {
                    Ok(answer) => answer,
                    // Nothing answers there at all, so nothing more is asked.
                    Err(Failed::Unreachable(why)) => {
                        self.notes.push(format!("not reached: {why}"));
                        return None;
                    }
                    Err(Failed::Refused(refusal)) => {
                        self.notes.push(format!("{}: {refusal}", refusal.name()));
                        continue;
                    }
                };
                if matches!(answer.status, 401 | 403) {
                    self.notes.push(format!("exists, closed (HTTP {}): {address}", answer.status));
                }
                if !(200..300).contains(&answer.status) {
                    continue;
                }
                match judge(&answer) {
                    Kind::Document => {
                        self.remember(&answer.address);
                        return Some((Outcome::Document(answer.body), Some("well-known-path")));
                    }
                    Kind::Other(kind) => {
                        self.remember(&answer.address);
                        return Some((Outcome::Other { kind }, Some("well-known-path")));
                    }
                    Kind::Tree(tree) => {
                        if let Some(end) = self.follow(configured(&tree), &answer.address, named, false) {
                            return Some(end);
                        }
                    }
                    Kind::Page(text) if pages => {
                        if let Some(end) = self
                            .page(&answer, &text)
                            .filter(|end| !matches!(end.0, Outcome::Refused(Refusal::LoginPage { .. })))
                        {
                            return Some(end);
                        }
                    }
                    Kind::Refused(_) if address.ends_with("llms.txt") => {}
                    _ => {}
                }
                if address.ends_with("llms.txt") {
                    let marks = marks::llms(&String::from_utf8_lossy(&answer.body));
                    if let Some(end) = self.follow(marks, &answer.address, named, true) {
                        return Some(end);
                    }
                }
            }
        }
        None
    }

    /// What the site tells robots, before places are tried that nobody named. It is a person's own panel: said, not obeyed.
    fn robots(&mut self, root: &str) {
        let address = format!("{root}/robots.txt");
        let Ok(answer) = self.get(&address, "what the site tells robots; noted, not obeyed") else { return };
        let text = String::from_utf8_lossy(&answer.body);
        if answer.status != 200 || text.trim_start().starts_with('<') {
            return;
        }
        let closed = text.lines().filter_map(|line| line.split_once(':'));
        let closed = closed.filter(|(field, _)| field.trim().eq_ignore_ascii_case("disallow"));
        let closed: Vec<&str> = closed.map(|(_, path)| path.trim()).filter(|path| !path.is_empty()).take(8).collect();
        if !closed.is_empty() {
            self.notes.push(format!("robots.txt asks robots to leave out: {}", closed.join(", ")));
        }
    }

    fn get(&mut self, address: &str, why: &str) -> Result<Answer, Failed> {
        if self.stopped {
            return Err(Failed::Unreachable("the server asked for a pause (HTTP 429)".to_owned()));
        }
        self.asked.push(address.to_owned());
        let answer = (self.ask)(&Ask { address: address.to_owned(), why: why.to_owned() })?;
        if answer.status == 429 {
            self.stopped = true;
            self.notes.push(format!("stopped, HTTP 429: {address}"));
        }
        Ok(answer)
    }
}

fn login(address: &str, sign: String) -> Outcome {
    Outcome::Refused(Refusal::LoginPage { address: address.to_owned(), sign })
}

fn judge(answer: &Answer) -> Kind {
    let text = match decode(&answer.body) {
        Ok(text) => text,
        Err(refusal) => return Kind::Refused(refusal),
    };
    if let Some(kind) = other::of_text(&text) {
        return Kind::Other(kind);
    }
    if text.trim_start().starts_with('<') {
        return Kind::Page(text);
    }
    match RawDocument::read(text.as_bytes()) {
        Ok(raw) if marks::is_document(raw.root()) => match (unsupported(raw.root()), sample_title(raw.root())) {
            (Some(refusal), _) => Kind::Refused(refusal),
            (None, Some(what)) => Kind::Sample(what),
            (None, None) => Kind::Document,
        },
        Ok(raw) => match other::of_tree(raw.root()) {
            Some(kind) => Kind::Other(kind),
            // An older or newer version says so itself; the reader refuses it by name.
            None => match crate::document::convert(&raw) {
                Err(refusal @ Refusal::UnsupportedVersion { .. }) => Kind::Refused(refusal),
                _ => Kind::Tree(raw.root().clone()),
            },
        },
        Err(refusal) => Kind::Refused(refusal),
    }
}

fn sample_title(root: &Node) -> Option<String> {
    let title = root.pointer("/info/title").and_then(Node::as_str)?;
    let sample = ["Swagger Petstore", "Scalar Galaxy"].iter().any(|known| title.trim().starts_with(known));
    sample.then(|| format!("`{}`", title.trim()))
}

/// `Link` headers of RFC 8631 and 9727.
fn by_header(answer: &Answer) -> Vec<Mark> {
    let mut marks = Vec::new();
    for relation in ["service-desc", "api-catalog"] {
        for (_, value) in answer.headers.iter().filter(|(name, _)| name == "link") {
            for link in value.split('<').skip(1) {
                let Some((target, parameters)) = link.split_once('>') else { continue };
                let parameters = parameters.to_ascii_lowercase();
                // One link may have several relations, with spaces between them.
                let is = |part: &str| {
                    let value = part.trim().strip_prefix("rel").and_then(|rest| rest.trim_start().strip_prefix('='));
                    let value = value.map(|value| value.trim_matches([' ', ',', '"', '\'']));
                    value.is_some_and(|value| value.split_whitespace().any(|rel| rel == relation))
                };
                if parameters.split(';').any(is) {
                    marks.push(("link-header", Lead::Address(target.to_owned())));
                }
            }
        }
    }
    // API Platform tells its Hydra documentation; the OpenAPI one has the same name with another ending.
    for (_, value) in answer.headers.iter().filter(|(name, _)| name == "link") {
        let links = value.split('<').filter_map(|link| link.split_once('>'));
        let hydra = links.filter(|(_, rest)| rest.contains("hydra/core#apiDocumentation"));
        let paths = hydra.filter_map(|(target, _)| target.strip_suffix(".jsonld"));
        marks.extend(paths.map(|path| ("api-platform", Lead::Address(format!("{path}.jsonopenapi")))));
    }
    marks
}

/// What a page's own query tells Swagger UI.
fn queried(page: &str) -> Vec<Mark> {
    let Ok(url) = Url::parse(page) else { return Vec::new() };
    let pairs = url.query_pairs().filter(|(_, value)| !value.is_empty());
    let lead = |(key, value): (std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)| match key.as_ref() {
        "configUrl" => Some(("springdoc", Lead::Config(value.into_owned()))),
        "url" => Some(("swagger-ui", Lead::Address(value.into_owned()))),
        _ => None,
    };
    pairs.filter_map(lead).collect()
}

/// A configuration or a link set that names documents.
fn configured(tree: &Node) -> Vec<Mark> {
    let mut marks = Vec::new();
    for set in tree.get("linkset").and_then(Node::as_array).unwrap_or_default() {
        for entry in set.get("service-desc").and_then(Node::as_array).unwrap_or_default() {
            marks.extend(entry.text_at("href").map(|href| ("link-header", Lead::Address(href.to_owned()))));
        }
    }
    if tree.get("linkset").is_none() {
        let leads = marks::swagger("springdoc", tree).into_iter();
        marks.extend(leads.filter(|(_, lead)| matches!(lead, Lead::Address(_) | Lead::Listed(..))));
    }
    marks
}
