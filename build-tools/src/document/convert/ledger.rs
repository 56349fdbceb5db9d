//! The record of what was rewritten or lost on the way, so that nothing happens silently.

use serde::Serialize;

/// Which stage made an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Source to document.
    Convert,
    /// Our own corrections.
    Overlay,
    /// Names of operations.
    Name,
    /// Document to what the generator can swallow.
    Prepare,
}

/// How much an entry weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Weight {
    /// Said differently, means the same: the ordinary translation of a faultless document.
    Rewrite,
    /// A defect of the source, or a name that two things have, put right; a person should look.
    Mend,
    /// The Rust types say less than the document; the document keeps it.
    Loss,
}

/// One rewrite or loss.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct LedgerEntry {
    /// Stage that made it.
    pub stage: Stage,
    /// Rewrite, mend or loss.
    pub weight: Weight,
    /// What kind of rewriting it is, kebab-case.
    pub rule: &'static str,
    /// JSON pointer into the document.
    pub pointer: String,
    /// What was done, in one sentence.
    pub message: String,
}

/// Losses that are defects of the source; other losses are words that 3.0 does not have.
const DEFECTS: [&str; 4] = ["required-flag", "required-not-list", "schema-not-object", "type-unknown"];

/// Entries in the order they were made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Ledger {
    entries: Vec<LedgerEntry>,
}

impl Ledger {
    /// Adds an entry.
    pub fn note(
        &mut self,
        stage: Stage,
        weight: Weight,
        rule: &'static str,
        pointer: impl Into<String>,
        message: impl Into<String>,
    ) {
        self.entries.push(LedgerEntry { stage, weight, rule, pointer: pointer.into(), message: message.into() });
    }

    /// All entries.
    pub fn entries(&self) -> &[LedgerEntry] {
        &self.entries
    }

    /// Takes over the entries of another ledger.
    pub fn extend(&mut self, other: Self) {
        self.entries.extend(other.entries);
    }

    /// How often each rule was applied, by name.
    pub fn counts(&self) -> Vec<(&'static str, usize)> {
        let mut counts = std::collections::BTreeMap::new();
        for entry in &self.entries {
            *counts.entry(entry.rule).or_insert(0) += 1;
        }
        counts.into_iter().collect()
    }

    /// One line for each kind of defect of the source that was repaired: its rule, the first place, and how many more.
    pub fn repairs(&self) -> Vec<String> {
        let mut rules: std::collections::BTreeMap<&str, Vec<&LedgerEntry>> = std::collections::BTreeMap::new();
        let repaired = |entry: &&LedgerEntry| {
            entry.stage == Stage::Convert && (entry.weight == Weight::Mend || DEFECTS.contains(&entry.rule))
        };
        for entry in self.entries.iter().filter(repaired) {
            rules.entry(entry.rule).or_default().push(entry);
        }
        let line = |(rule, entries): (&str, Vec<&LedgerEntry>)| {
            let first = entries.first().map(|entry| format!("{} ({})", entry.message, entry.pointer));
            let more = if entries.len() > 1 { format!(", and {} more", entries.len() - 1) } else { String::new() };
            format!("{rule}: {}{more}", first.unwrap_or_default())
        };
        rules.into_iter().map(line).collect()
    }
}
