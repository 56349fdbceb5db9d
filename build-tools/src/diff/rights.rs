//! Who may call and where: security requirements as sets of alternatives, schemes by what a client must do, servers by
//! the full addresses that come out.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::Verdict;
use super::surface::{Surface, base, whole};
use crate::document::{Document, Node, Object, Operation};

/// Scheme and scope pairs that must all be proved.
type Alternative = BTreeSet<(String, String)>;

/// What is said of the whole document: schemes, servers, words.
pub(super) fn documents(surface: &mut Surface<'_>) {
    let (old, new) = (surface.compare.old, surface.compare.new);
    schemes(surface, old, new);
    let urls = |document: &Document| -> Vec<String> {
        let servers = document.root().get("servers").and_then(Node::as_array).unwrap_or_default();
        let mut urls: Vec<String> = servers.iter().filter_map(server).collect();
        if urls.is_empty() {
            // Where none is said it is `/`.
            urls.push(String::new());
        }
        urls.sort();
        urls
    };
    let (was, is) = (urls(old), urls(new));
    // A base path that went into the paths, or came out of them, leaves the addresses.
    let host = |urls: &[String], base: &str| -> Vec<String> {
        urls.iter().map(|url| url.strip_suffix(base).unwrap_or(url).to_owned()).collect()
    };
    let first = |document: &Document, base: &str| {
        document.operations().first().map(|operation| format!("{base}{}", operation.path))
    };
    let (old_base, new_base) = (base(old), base(new));
    let shifted = old_base != new_base
        && host(&was, &old_base) == host(&is, &new_base)
        && first(old, &old_base) == first(new, &new_base);
    if was != is && !shifted {
        let node = |document| Document::root(document).get("servers");
        let added = was.iter().all(|url| is.contains(url));
        let verdict = if added { Verdict::Compatible } else { Verdict::Warning };
        let mut change = whole("server-changed", verdict, node(old), node(new));
        change.before = Some(was.join(", "));
        change.after = Some(is.join(", "));
        change.reason = match added {
            true => "the addresses that clients know are still said",
            false => "clients that have the address written down go on with the old one",
        }
        .to_owned();
        surface.note(&[], change);
    }
    let about = |document: &Document| -> Vec<String> {
        let servers = document.root().get("servers").and_then(Node::as_array).unwrap_or_default();
        servers.iter().filter_map(|server| server.text_at("description")).map(str::to_owned).collect()
    };
    let (before, after) = (about(old), about(new));
    if before != after {
        let node = |document| Document::root(document).get("servers");
        let mut change = whole("info-changed", Verdict::Documentation, node(old), node(new));
        (change.before, change.after) = (Some(before.join(", ")), Some(after.join(", ")));
        change.reason = "words change nothing that travels".to_owned();
        surface.note(&[], change);
    }
    for (pointer, rule) in
        [("/info", "info-changed"), ("/externalDocs", "info-changed"), ("/tags", "tag-description-changed")]
    {
        let text = |document: &Document| document.root().pointer(pointer).map(Node::to_canonical);
        if text(old) != text(new) {
            let mut change =
                whole(rule, Verdict::Documentation, old.root().pointer(pointer), new.root().pointer(pointer));
            change.reason = "words change nothing that travels".to_owned();
            surface.note(&[], change);
        }
    }
}

/// The address of a server, scheme and host in lower case, and what its variables may be.
fn server(server: &Node) -> Option<String> {
    let url = server.text_at("url")?.trim_end_matches('/');
    let host = url
        .find("://")
        .map_or(0, |at| url.get(at + 3..).and_then(|rest| rest.find('/')).map_or(url.len(), |end| at + 3 + end));
    // What a variable stands for is told by its name, as it is written.
    let (host, path) = url.split_at_checked(host).filter(|(host, _)| !host.contains('{')).unwrap_or(("", url));
    let variables = server.get("variables").and_then(Node::as_object).into_iter().flat_map(Object::iter);
    let values = variables.filter_map(|(name, node)| Some(format!(" ({name}: {})", node.get("enum")?.to_canonical())));
    Some(format!("{}{path}{}", host.to_lowercase(), values.collect::<String>()))
}

fn schemes<'d>(surface: &mut Surface<'d>, old: &'d Document, new: &'d Document) {
    let map = |document: &'d Document| -> BTreeMap<&'d str, &'d Node> {
        let schemes = document.root().pointer("/components/securitySchemes").and_then(Node::as_object);
        let schemes = schemes.into_iter().flat_map(Object::iter);
        schemes.filter_map(|(name, node)| Some((name, document.resolve(node)?))).collect()
    };
    // What a client must do, and the addresses it must know.
    let does = |node: &Node| -> Vec<Option<String>> {
        ["type", "scheme", "in", "name"].iter().map(|key| node.text_at(key).map(str::to_lowercase)).collect()
    };
    let addresses = |node: &Node| -> BTreeSet<String> {
        let flows = node.get("flows").and_then(Node::as_object).into_iter().flat_map(Object::iter);
        let mut found: BTreeSet<String> = node.text_at("openIdConnectUrl").map(str::to_owned).into_iter().collect();
        for (flow, node) in flows {
            for key in ["authorizationUrl", "tokenUrl", "refreshUrl"] {
                found.extend(node.text_at(key).map(|url| format!("{flow} {key} {url}")));
            }
        }
        found
    };
    let (was, is) = (map(old), map(new));
    let same = |one: &Node, other: &Node| {
        does(one) == does(other) && addresses(one) == addresses(other) && offered(one) == offered(other)
    };
    for (name, before) in &was {
        let Some(after) = is.get(name) else {
            let taken: Vec<&String> = surface.schemes.values().collect();
            let other = is.iter().find(|(other, after)| {
                !was.contains_key(*other) && same(before, after) && !taken.iter().any(|taken| taken == other)
            });
            if let Some((other, after)) = other {
                let mut change = whole("security-scheme-renamed", Verdict::Documentation, Some(before), Some(after));
                (change.before, change.after) = (Some((*name).to_owned()), Some((*other).to_owned()));
                change.reason = "what clients send is the same; the name does not travel".to_owned();
                surface.note(&[], change);
                surface.schemes.insert((*name).to_owned(), (*other).to_owned());
                continue;
            }
            let used = format!("\"{name}\"");
            let mentioned = [old, new].iter().any(|document| {
                document.root().get("security").is_some_and(|node| node.to_canonical().contains(&used))
            });
            if mentioned {
                let mut change = whole("security-scheme-changed", Verdict::Breaking, Some(before), None);
                change.before = Some((*name).to_owned());
                change.reason = "clients that prove who they are in this way cannot any more".to_owned();
                surface.note(&[], change);
            }
            continue;
        };
        if does(before) != does(after) {
            let mut change = whole("security-scheme-changed", Verdict::Breaking, Some(before), Some(after));
            change.before = Some(before.to_canonical());
            change.after = Some(after.to_canonical());
            change.reason = "clients send the proof in the old way".to_owned();
            surface.note(&[], change);
        } else if addresses(before) != addresses(after) {
            let added = addresses(before).is_subset(&addresses(after));
            let verdict = if added { Verdict::Compatible } else { Verdict::Warning };
            let mut change = whole("security-url-changed", verdict, Some(before), Some(after));
            change.before = Some(addresses(before).into_iter().collect::<Vec<_>>().join(", "));
            change.after = Some(addresses(after).into_iter().collect::<Vec<_>>().join(", "));
            change.reason = "clients that have the address written down go on with the old one".to_owned();
            surface.note(&[], change);
        }
        let words = |node: &Node| ["description", "bearerFormat"].map(|key| node.text_at(key).map(str::to_owned));
        if words(before) != words(after) {
            let mut change = whole("info-changed", Verdict::Documentation, Some(before), Some(after));
            change.reason = "words change nothing that travels".to_owned();
            surface.note(&[], change);
        }
        let (had, has) = (offered(before), offered(after));
        if had != has {
            let lost = had.difference(&has).next().is_some();
            let verdict = if lost { Verdict::Breaking } else { Verdict::Compatible };
            let mut change = whole("security-scopes-changed", verdict, Some(before), Some(after));
            let words = |scopes: &BTreeSet<String>| scopes.iter().cloned().collect::<Vec<_>>().join(", ");
            (change.before, change.after) = (Some(words(&had)), Some(words(&has)));
            change.reason = match lost {
                true => "clients that ask for a scope that is not offered any more are refused",
                false => "clients ask for the scopes they asked for before",
            }
            .to_owned();
            surface.note(&[], change);
        }
    }
}

/// The scopes that a scheme offers, by flow.
fn offered(scheme: &Node) -> BTreeSet<String> {
    let flows = scheme.get("flows").and_then(Node::as_object).into_iter().flat_map(Object::iter);
    let scopes = flows.filter_map(|(flow, node)| Some((flow, node.get("scopes")?.as_object()?)));
    scopes.flat_map(|(flow, scopes)| scopes.iter().map(move |(scope, _)| format!("{flow} {scope}"))).collect()
}

/// What one operation asks for.
pub(super) fn operation<'d>(surface: &mut Surface<'d>, was: &Operation<'d>, is: &Operation<'d>) {
    let called = |name: &String| surface.schemes.get(name).unwrap_or(name).clone();
    let old: BTreeSet<Alternative> = needed(was)
        .into_iter()
        .map(|all| all.into_iter().map(|(scheme, scope)| (called(&scheme), scope)).collect())
        .collect();
    let new = needed(is);
    if old == new {
        return;
    }
    let covered = |one: &Alternative, others: &BTreeSet<Alternative>| others.iter().any(|other| other.is_subset(one));
    let lost: Vec<&Alternative> = old.iter().filter(|one| !covered(one, &new)).collect();
    let (rule, verdict, reason) = match lost.is_empty() {
        false => ("security-requirement-added", Verdict::Breaking, "what proved enough before does not any more"),
        true => ("security-requirement-relaxed", Verdict::Compatible, "what proved enough before still does"),
    };
    let said = |operation: &Operation<'d>| {
        operation.node.get("security").or_else(|| operation.document().root().get("security"))
    };
    let mut change = whole(rule, verdict, said(was), said(is));
    change.before = Some(words(&old));
    change.after = Some(words(&new));
    change.reason = reason.to_owned();
    // The same requirement of the document changes all operations at once; one finding tells it.
    surface.note(&[is.key()], change);
}

/// No requirement is one alternative that asks for nothing.
fn needed(operation: &Operation<'_>) -> BTreeSet<Alternative> {
    let list = operation.node.get("security").or_else(|| operation.document().root().get("security"));
    let list = list.and_then(Node::as_array).unwrap_or_default();
    let mut found: BTreeSet<Alternative> = list
        .iter()
        .map(|entry| {
            let mut alternative = Alternative::new();
            for (scheme, scopes) in entry.as_object().into_iter().flat_map(Object::iter) {
                alternative.insert((scheme.to_owned(), String::new()));
                let scopes = scopes.as_array().unwrap_or_default().iter().filter_map(Node::as_str);
                alternative.extend(scopes.map(|scope| (scheme.to_owned(), scope.to_owned())));
            }
            alternative
        })
        .collect();
    if found.is_empty() {
        found.insert(Alternative::new());
    }
    found
}

fn words(alternatives: &BTreeSet<Alternative>) -> String {
    let one = |alternative: &Alternative| {
        if alternative.is_empty() {
            return "nothing".to_owned();
        }
        let parts = alternative
            .iter()
            .map(|(scheme, scope)| if scope.is_empty() { scheme.clone() } else { format!("{scheme}:{scope}") });
        parts.collect::<Vec<_>>().join(" and ")
    };
    alternatives.iter().map(one).collect::<Vec<_>>().join(", or ")
}
