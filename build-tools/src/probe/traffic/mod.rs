//! Traffic that was recorded elsewhere, held against the document: HAR files that a browser saved, and recordings that the
//! client wrote. Values pass through memory one exchange at a time; only shapes come out, as with a probe.

mod har;
mod pick;
mod recording;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use serde_json::Value;
use thiserror::Error;

use super::plan::is_secret_as_a_whole;
use super::{Probe, Watch};
use crate::document::{Document, METHODS, Operation};
use crate::knowledge::requested;
use crate::matching::{Endpoint, Match, endpoints};

/// The most bytes of one file.
pub const MAX_FILE: u64 = 1 << 30;
/// The most bytes of one body; a longer one is left out.
pub const MAX_BODY: usize = 8 << 20;
/// Different addresses without an operation that are counted by themselves.
const UNKNOWN: usize = 100;

/// Why a file of traffic is rejected.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TrafficError {
    /// It is not JSON, or it ends early.
    #[error("it is not valid JSON at line {line}, column {column}{}", if *.ended { ": the file ends early" } else { "" })]
    Syntax {
        /// Line, from 1.
        line: usize,
        /// Column, from 1; long strings before it in its line are counted in part.
        column: usize,
        /// Whether the file ends where something must follow.
        ended: bool,
    },
    /// It is JSON, but has no `log.entries`.
    #[error("it is not a HAR file: it has no list `log.entries`")]
    NotHar,
    /// It is JSON, but not an exchange.
    #[error(
        "it is not an exchange that the client recorded: it has no `request` with method and path, or no `response` with a status code"
    )]
    NotRecording,
    /// It has too many bytes.
    #[error("it has more than {MAX_FILE} bytes")]
    TooLarge,
    /// It cannot be read to its end.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
}

/// What was read, and what was left out and why.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Exchanges in all files.
    pub exchanges: u64,
    /// Those that were held against the document.
    pub used: u64,
    /// Used ones whose address differs from that of the document in letter case, slashes, version or the like.
    pub loose: u64,
    /// Those that went to another host.
    pub other_hosts: u64,
    /// Those to an address that no operation has: method and the segments that the document knows, others as `{}`.
    pub unknown: BTreeMap<String, u64>,
    /// Those to an address that several operations have.
    pub ambiguous: u64,
    /// Those without a response of their own: cut off, redirected, answered from a cache.
    pub unanswered: u64,
    /// Those whose body the file does not have.
    pub without_body: u64,
    /// Those whose body is too long, or compressed in a way that is not read here.
    pub unreadable: u64,
    /// Those of operations whose whole response is a secret.
    pub secret: u64,
}

/// The body of a response, as a file of traffic has it.
enum Body {
    Bytes(Vec<u8>),
    /// The file says that there was one, and does not have it.
    Absent,
    /// Too long, or compressed in a way that is not read here.
    Unreadable,
}

/// Takes files of traffic, one after the other.
pub struct Traffic<'a> {
    watch: Watch<'a>,
    operations: Vec<Operation<'a>>,
    known: Vec<Endpoint>,
    /// Hosts of the API with their ports.
    hosts: BTreeSet<String>,
    /// The path of the API's address.
    base_path: String,
    /// Segments that paths of the document spell out: no other segment is shown.
    literals: BTreeSet<String>,
    counts: Counts,
    emulator: bool,
}

impl<'a> Traffic<'a> {
    /// For traffic with the API at this address, or at those that the document names.
    pub fn new(document: &'a Document, base: Option<&str>) -> Self {
        let operations = document.operations();
        let known = match base {
            Some(base) => operations.iter().map(|one| Endpoint::new(&one.method, base, one.path)).collect(),
            None => endpoints(document),
        };
        let servers = std::iter::once(document.root().get("servers"))
            .chain(operations.iter().map(Operation::servers))
            .flatten()
            .flat_map(|servers| servers.as_array().unwrap_or_default())
            .filter_map(|server| server.text_at("url"));
        let addresses: Vec<&str> = match base {
            Some(base) => vec![base],
            None => servers.collect(),
        };
        let hosts = addresses.iter().filter_map(|address| host(&url::Url::parse(address).ok()?)).collect();
        let first = addresses.first().and_then(|address| url::Url::parse(address).ok());
        let base_path = first.map(|url| url.path().trim_end_matches('/').to_owned()).unwrap_or_default();
        let segments = known.iter().flat_map(|endpoint| endpoint.address.split('/'));
        let literals = segments.filter(|part| !part.is_empty() && !part.contains('{')).map(str::to_owned).collect();
        let watch = Watch::new(document);
        Self { watch, operations, known, hosts, base_path, literals, counts: Counts::default(), emulator: false }
    }

    /// Whether any host is known to be one of the API: a document may have no server, or a relative one.
    pub fn knows_hosts(&self) -> bool {
        !self.hosts.is_empty()
    }

    /// Takes a HAR file.
    ///
    /// # Errors
    /// It is not a HAR file, ends early, or cannot be read.
    pub fn har(&mut self, file: impl Read) -> Result<(), TrafficError> {
        har::read(file, &mut |entry| self.entry(&entry))
    }

    /// Takes a file of a folder that the client's `record` wrote.
    ///
    /// # Errors
    /// It is not an exchange that the client recorded.
    pub fn recording(&mut self, bytes: &[u8]) -> Result<(), TrafficError> {
        let exchange = recording::read(bytes)?;
        self.counts.exchanges += 1;
        exchange.data.iter().for_each(|text| self.learn(text));
        if let Some(sent) = &exchange.sent {
            self.watch.is_all_data(sent);
        }
        self.emulator |= exchange.emulator;
        let path = format!("{}{}", self.base_path, exchange.path);
        self.exchange(&exchange.method, &path, exchange.status, exchange.body);
        Ok(())
    }

    /// All that may be kept, without day and address, and what was left out.
    pub fn finish(self) -> (Probe, Counts) {
        let mut probe = self.watch.finish();
        probe.emulator = self.emulator;
        (probe, self.counts)
    }

    /// An entry of a HAR file.
    fn entry(&mut self, entry: &Value) {
        self.counts.exchanges += 1;
        let text = |pointer: &str| entry.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let url = url::Url::parse(text("/request/url")).ok();
        let Some(url) = url.filter(|url| host(url).is_some_and(|host| self.hosts.contains(&host))) else {
            self.counts.other_hosts += 1;
            return;
        };
        self.entry_data(entry, &url);
        let headers = entry.pointer("/response/headers");
        self.emulator |= har::header(headers, "x-swpanel-emulator-basis").is_some();
        let status = entry.pointer("/response/status").and_then(Value::as_u64).unwrap_or_default();
        let status = u16::try_from(status).unwrap_or_default();
        let body = har::body(entry.pointer("/response"));
        self.exchange(text("/request/method"), url.path(), status, body);
    }

    /// Learns all texts of a request, and the headers of its response: a name in the response that repeats one is data.
    fn entry_data(&mut self, entry: &Value, url: &url::Url) {
        for (name, value) in url.query_pairs() {
            self.learn(&name);
            self.learn(&value);
        }
        [url.username(), url.password().unwrap_or_default()].iter().for_each(|text| self.learn(text));
        let lists = [
            "/request/headers",
            "/request/cookies",
            "/request/postData/params",
            "/response/headers",
            "/response/cookies",
        ];
        for pair in lists.iter().filter_map(|list| entry.pointer(list)?.as_array()).flatten() {
            let value = pair.get("value").and_then(Value::as_str).unwrap_or_default();
            self.learn(value);
        }
        let sent = entry.pointer("/request/postData/text").and_then(Value::as_str).unwrap_or_default();
        match serde_json::from_str::<Value>(sent) {
            Ok(value) => self.watch.is_all_data(&value),
            Err(_) => self.learn(sent),
        }
    }

    /// Learns a text, and the parts of one that is too long to be learnt as a whole.
    fn learn(&mut self, text: &str) {
        text.split(|letter: char| !letter.is_alphanumeric()).filter(|part| !part.is_empty()).for_each(|part| {
            self.watch.is_data(part);
        });
    }

    /// Holds one response against the document.
    fn exchange(&mut self, method: &str, path: &str, status: u16, body: Body) {
        let found = requested(&self.known, method, path);
        let values: Vec<&str> = path.split('/').filter(|part| !self.literals.contains(*part)).collect();
        values.into_iter().for_each(|value| self.learn(value));
        let Some(operation) = found.known().and_then(|at| self.operations.get(at)).cloned() else {
            match found {
                Match::Ambiguous(_) => self.counts.ambiguous += 1,
                _ => self.unknown(method, path),
            }
            return;
        };
        // 304 repeats what a cache has, and what is below 200 or from 300 on is no response of the operation.
        if !(200..300).contains(&status) && !(400..600).contains(&status) {
            self.counts.unanswered += 1;
            return;
        }
        if is_secret_as_a_whole(&operation) {
            self.counts.secret += 1;
            return;
        }
        let body = match body {
            Body::Bytes(bytes) => bytes,
            Body::Absent if matches!(status, 204 | 205) || method.eq_ignore_ascii_case("HEAD") => Vec::new(),
            Body::Absent => {
                self.counts.without_body += 1;
                return;
            }
            Body::Unreadable => {
                self.counts.unreadable += 1;
                return;
            }
        };
        self.counts.used += 1;
        self.counts.loose += u64::from(matches!(found, Match::Loose(..)));
        self.watch.answer(&operation, status, &body);
    }

    /// Counts an address that no operation has, in words of the document only: any other segment may be data.
    fn unknown(&mut self, method: &str, path: &str) {
        let method = METHODS.into_iter().find(|known| known.eq_ignore_ascii_case(method));
        let method = method.map_or_else(|| "(another method)".to_owned(), str::to_uppercase);
        let shown = path.split('/').filter(|part| !part.is_empty());
        let mut shown: Vec<&str> = shown.map(|part| if self.literals.contains(part) { part } else { "{}" }).collect();
        if shown.len() > 12 {
            shown.truncate(12);
            shown.push("...");
        }
        let mut key = format!("{method} /{}", shown.join("/"));
        if self.counts.unknown.len() >= UNKNOWN && !self.counts.unknown.contains_key(&key) {
            key = "(others)".to_owned();
        }
        *self.counts.unknown.entry(key).or_default() += 1;
    }
}

/// Host and port of an address.
fn host(url: &url::Url) -> Option<String> {
    Some(format!("{}:{}", url.host_str()?.to_lowercase(), url.port_or_known_default()?))
}

#[cfg(test)]
mod tests;
