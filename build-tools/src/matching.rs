//! Finds the operations of one list in another. Knowledge, pinned names, comparison, summaries and coverage use it.
//!
//! Two operations match exactly where their methods and their addresses are the same, server and path joined and the
//! names of path parameters ignored. They match loosely where only letter case, slashes, a suffix such as `.json`, the
//! version or a prefix before it differ. An exact match wins. Where one operation matches two, none of them matches.
//! A prefix of any words counts where most of the operations that are left have moved by it (`prefix`).

mod prefix;

use std::collections::{BTreeMap, BTreeSet};

use crate::document::{Document, Node, Object, Operation};

/// An operation by its method and address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Endpoint {
    /// Upper-case method.
    pub method: String,
    /// The path of the server and the path template, joined.
    pub address: String,
}

/// In what a loose match differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Difference {
    /// `/Domains` and `/domains`.
    LetterCase,
    /// `/domains/` and `/domains`, or `/domains//host`.
    Slashes,
    /// `/domains.json` and `/domains`.
    Suffix,
    /// `/v2027/domains` and `/v2026/domains`.
    Version,
    /// `/api/v2026/domains` and `/v2026/domains`.
    Prefix,
}

impl Difference {
    /// All differences, in the order in which they are named.
    pub const ALL: [Self; 5] = [Self::LetterCase, Self::Slashes, Self::Suffix, Self::Version, Self::Prefix];

    /// The word used on the command line and in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LetterCase => "letter-case",
            Self::Slashes => "slashes",
            Self::Suffix => "suffix",
            Self::Version => "version",
            Self::Prefix => "prefix",
        }
    }

    /// The difference of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|difference| difference.as_str() == word)
    }
}

/// What was found for one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    /// The known operation of this number has the same address.
    Exact(usize),
    /// The known operation of this number has nearly the same address.
    Loose(usize, Vec<Difference>),
    /// Several operations come into question, so none was taken: the numbers of the known ones.
    Ambiguous(Vec<usize>),
    /// No known operation has such an address.
    None,
}

impl Match {
    /// The number of the known operation, exact or loose.
    pub fn known(&self) -> Option<usize> {
        match self {
            Self::Exact(at) | Self::Loose(at, _) => Some(*at),
            Self::Ambiguous(_) | Self::None => None,
        }
    }
}

impl Endpoint {
    /// The endpoint of a method and a path template below a server, whose scheme and host do not matter.
    pub fn new(method: &str, server: &str, path: &str) -> Self {
        let base = path_of(server).trim_end_matches('/');
        let join = if path.starts_with('/') { "" } else { "/" };
        Self { method: method.to_uppercase(), address: format!("{base}{join}{path}") }
    }

    /// The text that two operations have in common that match exactly.
    pub(crate) fn exact(&self) -> String {
        let segments: Vec<String> = self.address.split('/').map(unnamed).collect();
        format!("{} {}", self.method, segments.join("/"))
    }

    /// What two operations have in common that match loosely.
    fn loose(&self) -> String {
        format!("{} {}", self.method, Loosened::of(&self.address).plain.join("/"))
    }

    /// In what the addresses of two operations differ that match loosely.
    pub(crate) fn differences(&self, other: &Self) -> Vec<Difference> {
        let (one, other_parts) = (Loosened::of(&self.address), Loosened::of(&other.address));
        let mut found = Vec::new();
        if one.cased != other_parts.cased {
            found.push(Difference::LetterCase);
        }
        if one.slashes != other_parts.slashes {
            found.push(Difference::Slashes);
        }
        if one.suffix != other_parts.suffix {
            found.push(Difference::Suffix);
        }
        if one.version != other_parts.version {
            found.push(Difference::Version);
        }
        if one.prefix != other_parts.prefix {
            found.push(Difference::Prefix);
        }
        found
    }
}

/// An address taken apart: what must be the same in every match, and what a loose match ignores.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Loosened {
    /// The segments after version and prefix, in lower case.
    pub(super) plain: Vec<String>,
    /// The same in their own letter case.
    cased: Vec<String>,
    /// The empty segments: how many slashes are doubled, and whether one ends the address.
    slashes: (usize, bool),
    suffix: String,
    version: String,
    prefix: Vec<String>,
}

impl Loosened {
    pub(super) fn of(address: &str) -> Self {
        let all: Vec<&str> = address.split('/').skip(1).collect();
        let ends_with_slash = all.len() > 1 && all.last() == Some(&"");
        let empty = all.iter().filter(|segment| segment.is_empty()).count();
        let mut segments: Vec<String> =
            all.into_iter().filter(|segment| !segment.is_empty()).map(str::to_owned).collect();
        let suffix = segments.last_mut().map(split_suffix).unwrap_or_default();
        // A version counts where an address begins: `/a/v2` may well be the second edition of something else.
        let at = segments.iter().take(3).position(|segment| is_version(segment));
        let (prefix, version, rest) = match at {
            Some(at) => {
                let rest = segments.split_off(at + 1);
                let version = segments.pop().unwrap_or_default();
                (segments, version, rest)
            }
            None => {
                let count = segments.iter().take_while(|segment| PREFIXES.contains(&segment.as_str())).count();
                // An address that is nothing but a prefix keeps it.
                let count = if count == segments.len() { 0 } else { count };
                let rest = segments.split_off(count);
                (segments, String::new(), rest)
            }
        };
        let cased: Vec<String> = rest.iter().map(|segment| unnamed(segment)).collect();
        let plain = cased.iter().map(|segment| segment.to_lowercase()).collect();
        let doubled = empty - usize::from(ends_with_slash);
        // A parameter stands for any version.
        let version = if version.contains('{') { String::new() } else { version.to_lowercase() };
        Self { plain, cased, slashes: (doubled, ends_with_slash), suffix, version, prefix }
    }
}

/// The segments of a path as a loose match compares them; a version and a prefix stay.
pub(crate) fn loose_segments(path: &str) -> Vec<String> {
    let mut segments: Vec<String> = path.split('/').filter(|segment| !segment.is_empty()).map(str::to_owned).collect();
    if let Some(last) = segments.last_mut() {
        split_suffix(last);
    }
    segments.iter().map(|segment| unnamed(segment).to_lowercase()).collect()
}

/// First segments that say no more than that an API begins there.
const PREFIXES: [&str; 4] = ["api", "rest", "apis", "public"];

/// The endings that name a format.
const SUFFIXES: [&str; 4] = [".json", ".xml", ".php", ".{format}"];

/// Takes the ending that names a format off a segment, and returns it.
fn split_suffix(segment: &mut String) -> String {
    let lower = segment.to_lowercase();
    let Some(suffix) = SUFFIXES.into_iter().find(|suffix| lower.ends_with(suffix) && lower.len() > suffix.len()) else {
        return String::new();
    };
    segment.truncate(segment.len() - suffix.len());
    suffix.to_owned()
}

/// `v1`, `v2026`, `v1.2`, and a parameter that is called a version.
fn is_version(segment: &str) -> bool {
    if let Some(name) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        let name: String = name.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
        return ["version", "apiversion", "ver", "v"].contains(&name.as_str());
    }
    let Some(digits) = segment.strip_prefix(['v', 'V']) else { return false };
    digits.starts_with(|c: char| c.is_ascii_digit()) && digits.chars().all(|c| c.is_ascii_digit() || c == '.')
}

/// A segment without the names of the parameters in it: `{id}` and `{domain_id}` are both `{}`, and so is `:id`.
pub(crate) fn unnamed(segment: &str) -> String {
    if segment.len() > 1 && segment.starts_with(':') {
        return "{}".to_owned();
    }
    let mut out = String::with_capacity(segment.len());
    let mut rest = segment;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((_, after)) = after.split_once('}') else { break };
        out.push_str(before);
        out.push_str("{}");
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The path of a server's address, which may be relative.
fn path_of(server: &str) -> &str {
    let rest = match server.split_once("://") {
        Some((_, rest)) => rest,
        None => match server.strip_prefix("//") {
            Some(rest) => rest,
            None => return without_query(server),
        },
    };
    rest.find('/').and_then(|at| rest.get(at..)).map_or("", without_query)
}

fn without_query(path: &str) -> &str {
    path.split(['?', '#']).next().unwrap_or_default()
}

/// Finds for each operation the known one that it is.
pub fn find(known: &[Endpoint], found: &[Endpoint]) -> Vec<Match> {
    let mut matches: Vec<Match> = vec![Match::None; found.len()];
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    let mut settled: BTreeSet<usize> = BTreeSet::new();
    for exact in [true, false] {
        let key = |endpoint: &Endpoint| if exact { endpoint.exact() } else { endpoint.loose() };
        let by_key = |endpoints: &[Endpoint], left_out: &BTreeSet<usize>| -> BTreeMap<String, Vec<usize>> {
            let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
            for (at, endpoint) in endpoints.iter().enumerate().filter(|(at, _)| !left_out.contains(at)) {
                groups.entry(key(endpoint)).or_default().push(at);
            }
            groups
        };
        let candidates = by_key(known, &taken);
        for (key, numbers) in by_key(found, &settled) {
            let Some(those) = candidates.get(&key) else { continue };
            match (those.as_slice(), numbers.as_slice()) {
                ([one], [number]) => {
                    let Some((was, is)) = known.get(*one).zip(found.get(*number)) else { continue };
                    let outcome = if exact { Match::Exact(*one) } else { Match::Loose(*one, was.differences(is)) };
                    if let Some(place) = matches.get_mut(*number) {
                        *place = outcome;
                    }
                }
                _ => {
                    for number in &numbers {
                        if let Some(place) = matches.get_mut(*number) {
                            *place = Match::Ambiguous(those.clone());
                        }
                    }
                }
            }
            taken.extend(those);
            settled.extend(numbers);
        }
    }
    for (one, number) in prefix::moved(known, &taken, found, &settled) {
        if let Some(place) = matches.get_mut(number) {
            *place = Match::Loose(one, vec![Difference::Prefix]);
        }
    }
    matches
}

/// The endpoints of a document's operations, in their order.
pub fn endpoints(document: &Document) -> Vec<Endpoint> {
    endpoints_of(document, &document.operations())
}

/// The endpoints of these operations of a document.
pub(crate) fn endpoints_of(document: &Document, operations: &[Operation<'_>]) -> Vec<Endpoint> {
    let first = |servers: Option<&Node>| servers.and_then(Node::as_array).and_then(<[Node]>::first).map(address);
    let root = first(document.root().get("servers")).unwrap_or_default();
    let endpoint = |operation: &Operation<'_>| {
        let own = first(operation.servers()).unwrap_or_else(|| root.clone());
        Endpoint::new(&operation.method, &own, operation.path)
    };
    operations.iter().map(endpoint).collect()
}

/// The address of a server, its variables filled with their defaults.
fn address(server: &Node) -> String {
    let mut url = server.text_at("url").unwrap_or_default().to_owned();
    for (name, variable) in server.get("variables").and_then(Node::as_object).into_iter().flat_map(Object::iter) {
        if let Some(value) = variable.text_at("default") {
            url = url.replace(&format!("{{{name}}}"), value);
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoints(list: &[(&str, &str, &str)]) -> Vec<Endpoint> {
        list.iter().map(|(method, server, path)| Endpoint::new(method, server, path)).collect()
    }

    fn one(known: (&str, &str, &str), found: (&str, &str, &str)) -> Match {
        find(&endpoints(&[known]), &endpoints(&[found])).remove(0)
    }

    const SERVER: &str = "https://api.swpanel.com/v2026";

    #[test]
    fn the_same_address_is_exact_however_it_is_split_and_named() {
        for found in [
            ("post", SERVER, "/domains/{id}/renew/"),
            ("POST", "https://api.swpanel.com", "/v2026/domains/{dominio}/renew/"),
            ("POST", "https://panel.example.es:8443/v2026/", "/domains/{x}/renew/"),
            ("POST", "/v2026", "/domains/:id/renew/"),
            ("POST", "//api.swpanel.com/v2026?x=1", "domains/{id}/renew/"),
        ] {
            assert_eq!(one(("POST", SERVER, "/domains/{domain_id}/renew/"), found), Match::Exact(0), "{found:?}");
        }
    }

    #[test]
    fn nearly_the_same_address_is_loose_and_says_in_what_it_differs() {
        use Difference::{LetterCase, Prefix, Slashes, Suffix, Version};
        for (server, path, differences) in [
            (SERVER, "/domains/{id}/renew", vec![Slashes]),
            (SERVER, "/domains//{id}/renew/", vec![Slashes]),
            (SERVER, "/Domains/{id}/renew/", vec![LetterCase]),
            (SERVER, "/domains/{id}/renew.json", vec![Slashes, Suffix]),
            ("https://api.swpanel.com/v2027", "/domains/{id}/renew/", vec![Version]),
            ("https://api.swpanel.com/", "/domains/{id}/renew/", vec![Version]),
            ("https://api.swpanel.com/{version}", "/domains/{id}/renew/", vec![Version]),
            ("https://api.swpanel.com/api/v2026", "/domains/{id}/renew/", vec![Prefix]),
            ("https://api.swpanel.com/api", "/Domains/{id}/renew", vec![LetterCase, Slashes, Version, Prefix]),
        ] {
            let found = one(("POST", SERVER, "/domains/{domain_id}/renew/"), ("POST", server, path));
            assert_eq!(found, Match::Loose(0, differences), "{server} {path}");
        }
    }

    #[test]
    fn another_method_or_address_is_another_operation() {
        for found in [
            ("GET", SERVER, "/domains/{id}/renew/"),
            ("POST", SERVER, "/domains/{id}/{action}/"),
            ("POST", SERVER, "/domains/renew/"),
            ("POST", SERVER, "/domains/{id}/renewal/"),
            ("POST", SERVER, "/x/domains/{id}/renew/"),
        ] {
            assert_eq!(one(("POST", SERVER, "/domains/{id}/renew/"), found), Match::None, "{found:?}");
        }
    }

    #[test]
    fn a_prefix_by_which_most_operations_moved_is_found_whatever_its_words() {
        let paths = ["/users", "/users/{id}", "/keys", "/keys/{id}", "/info", "/info/{day}/hours"];
        let old = endpoints(&paths.map(|path| ("GET", "https://api.example.es", path)));
        for head in ["/{orgId}", "/hosting/{tenant}", "/v9/eu/{zone}"] {
            let moved = paths.map(|path| format!("{head}{}", path.replace("{id}", "{key}")));
            let mut new: Vec<Endpoint> =
                moved.iter().map(|path| Endpoint::new("get", "https://api.example.es", path)).collect();
            new.push(Endpoint::new("GET", "", "/status"));
            let found = find(&old, &new);
            let expected: Vec<Match> = (0..6).map(|at| Match::Loose(at, vec![Difference::Prefix])).collect();
            assert_eq!((&found[..6], &found[6]), (&expected[..], &Match::None), "{head}");
            assert!(find(&new, &old).iter().all(|found| found.known().is_some()), "{head} taken off");
        }
        // Two of a name have not moved together, and a few that are alike show no prefix.
        let few = endpoints(&[("GET", "", "/x/users"), ("GET", "", "/x/keys"), ("GET", "", "/y/info")]);
        assert!(find(&old, &few).iter().all(|found| *found == Match::None));
    }

    #[test]
    fn an_exact_match_wins_and_what_is_doubtful_matches_nothing() {
        let known = endpoints(&[("GET", "/v1", "/a/"), ("GET", "/v1", "/b"), ("GET", "/v1", "/b/")]);
        let found = find(
            &known,
            &endpoints(&[
                ("GET", "/v1", "/a"),
                ("GET", "/v1", "/a/"),
                ("GET", "/v1", "/B"),
                ("GET", "/v1", "/c/{x}"),
                ("GET", "/v1", "/c/{y}"),
            ]),
        );
        assert_eq!(found, [Match::None, Match::Exact(0), Match::Ambiguous(vec![1, 2]), Match::None, Match::None]);
        let two_of_one = find(&known[..1], &endpoints(&[("GET", "/v1", "/A/"), ("GET", "/v2", "/a/")]));
        assert_eq!(two_of_one, [Match::Ambiguous(vec![0]), Match::Ambiguous(vec![0])]);
        let twice = find(&known[..1], &endpoints(&[("GET", "/v1", "/a/"), ("GET", "", "/v1/a/")]));
        assert_eq!(twice, [Match::Ambiguous(vec![0]), Match::Ambiguous(vec![0])]);
    }
}
