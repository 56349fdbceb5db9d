//! The journal: the latest 10,000 requests, without their secrets.

use std::collections::VecDeque;

use serde::Serialize;
use serde_json::Value;

/// Requests that are kept.
pub(crate) const CAPACITY: usize = 10_000;

/// A request that came in, and what became of it. Secrets are taken out before it is kept.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Entry {
    /// Counts from 1; it is also the header `x-request-id`.
    pub number: u64,
    /// The emulator's clock.
    pub at: String,
    /// The method as it was sent.
    pub method: String,
    /// The path as it was sent, percent-encoding included.
    pub path: String,
    /// The query, secrets replaced.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub query: String,
    /// `METHOD /path/{template}` of the operation, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Name of the token, never the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// The JSON body, secrets replaced; a body over 16 KiB is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// Length of the body in bytes.
    pub body_bytes: usize,
    /// Status of the answer; 0 where a fault closed the connection instead.
    pub status: u16,
    /// Code of the error, where it was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// On what the answer rests: `document`, `observed` or `guessed`.
    pub basis: &'static str,
    /// The fault that was played.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

#[derive(Default)]
pub(crate) struct Journal {
    entries: VecDeque<Entry>,
    count: u64,
}

impl Journal {
    /// The number of the next request.
    pub(crate) fn number(&mut self) -> u64 {
        self.count += 1;
        self.count
    }

    pub(crate) fn push(&mut self, entry: Entry) {
        if self.entries.len() == CAPACITY {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }

    pub(crate) fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.iter()
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_request_makes_room() {
        let mut journal = Journal::default();
        for _ in 0..=CAPACITY {
            let number = journal.number();
            journal.push(Entry { number, ..Entry::default() });
        }
        assert_eq!(journal.entries().count(), CAPACITY);
        assert_eq!(journal.entries().next().map(|entry| entry.number), Some(2));
    }
}
