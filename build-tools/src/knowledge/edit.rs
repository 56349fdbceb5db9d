//! Changes to the text of `knowledge.toml` that keep its comments: matches that a person accepted, and new entries.
//!
//! The file is a head and blocks; a block is the comment lines above `[operations."METHOD /path"]` and everything up to
//! the next block. Blocks are sorted by path, then by method.

use super::proposals::quoted;
use super::{Knowledge, KnowledgeError, LooseMatch, Proposal};
use crate::document::METHODS;

/// Writes loose matches into `accepted` of their entries.
///
/// # Errors
/// The text is not a valid file, before or after.
pub fn accept(text: &str, matches: &[LooseMatch]) -> Result<String, KnowledgeError> {
    let knowledge = Knowledge::parse(text)?;
    let (head, mut blocks) = split(text);
    for found in matches {
        let Some(entry) = knowledge.operations.get(&found.entry) else { continue };
        let same = matches.iter().filter(|other| other.entry == found.entry).map(|other| other.address.clone());
        let mut accepted: Vec<String> = entry.accepted.iter().cloned().chain(same).collect();
        accepted.sort();
        accepted.dedup();
        let list: Vec<String> = accepted.iter().map(|address| quoted(address)).collect();
        let line = format!("accepted = [{}]", list.join(", "));
        if let Some(block) = blocks.iter_mut().find(|block| block.key == found.entry) {
            block.set("accepted", &line);
        }
    }
    join(&head, blocks)
}

/// Adds proposed entries, each below its reason as a comment.
///
/// # Errors
/// The text is not a valid file, before or after.
pub fn add(text: &str, proposals: &[Proposal]) -> Result<String, KnowledgeError> {
    Knowledge::parse(text)?;
    let (head, mut blocks) = split(text);
    for proposal in proposals {
        let lines = [format!("# Proposed, not reviewed: {}.", proposal.reason)];
        let lines = lines.into_iter().chain(proposal.entry.lines().map(str::to_owned)).collect();
        blocks.push(Block { key: proposal.operation.clone(), lines });
    }
    join(&head, blocks)
}

struct Block {
    key: String,
    lines: Vec<String>,
}

impl Block {
    /// Replaces the value of a name, however many lines it has, or adds it at the end.
    fn set(&mut self, name: &str, line: &str) {
        let starts = |line: &String| line.split_once('=').is_some_and(|(found, _)| found.trim() == name);
        match self.lines.iter().position(starts) {
            Some(at) => {
                let rest = self.lines.get(at..).unwrap_or_default();
                let count = rest.iter().position(|line| line.trim_end().ends_with(']')).map_or(1, |end| end + 1);
                self.lines.splice(at..at + count, [line.to_owned()]);
            }
            // Above the blank lines between the blocks.
            None => {
                let last = self.lines.iter().rposition(|line| !line.trim().is_empty());
                self.lines.insert(last.map_or(0, |last| last + 1), line.to_owned());
            }
        }
    }
}

fn split(text: &str) -> (String, Vec<Block>) {
    let mut head: Vec<String> = Vec::new();
    let mut blocks: Vec<Block> = Vec::new();
    // Comments directly above a block belong to it.
    let mut above: Vec<String> = Vec::new();
    for line in text.lines() {
        if let Some(key) = key_of(line) {
            let mut lines = std::mem::take(&mut above);
            lines.push(line.to_owned());
            blocks.push(Block { key, lines });
        } else if line.starts_with('#') {
            above.push(line.to_owned());
        } else {
            let here = blocks.last_mut().map_or(&mut head, |block| &mut block.lines);
            here.append(&mut above);
            here.push(line.to_owned());
        }
    }
    blocks.last_mut().map_or(&mut head, |block| &mut block.lines).append(&mut above);
    (head.join("\n"), blocks)
}

/// The key of `[operations."METHOD /path"]`.
fn key_of(line: &str) -> Option<String> {
    let rest = line.trim().strip_prefix("[operations.")?.strip_suffix(']')?;
    serde_json::from_str(rest).ok()
}

fn join(head: &str, mut blocks: Vec<Block>) -> Result<String, KnowledgeError> {
    blocks.sort_by_key(|block| order(&block.key));
    let mut text = head.trim_end().to_owned() + "\n";
    for block in blocks {
        text.push('\n');
        text.push_str(block.lines.join("\n").trim());
        text.push('\n');
    }
    Knowledge::parse(&text)?;
    Ok(text)
}

/// By path, then by method in the order of documents.
fn order(key: &str) -> (String, usize) {
    let (method, path) = key.split_once(' ').unwrap_or(("", key));
    let method = METHODS.iter().position(|known| known.eq_ignore_ascii_case(method)).unwrap_or(METHODS.len());
    (path.to_owned(), method)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# Head.\n\nversion = 1\nserver = \"https://x.example/v1\"\n\n# About a.\n[operations.\"GET /a/\"]\neffect = \"read\"\n\n[operations.\"GET /c/\"]\neffect = \"read\"\naccepted = [\n  \"GET /v1/C\",\n]\n";

    fn loose(entry: &str, address: &str) -> LooseMatch {
        let (entry, address) = (entry.to_owned(), address.to_owned());
        LooseMatch { operation: address.clone(), address, entry, differences: vec!["slashes"] }
    }

    #[test]
    fn accepted_matches_are_added_to_their_entries() {
        let text = accept(TEXT, &[loose("GET /a/", "GET /v1/a"), loose("GET /c/", "GET /v1/c")]).unwrap();
        let knowledge = Knowledge::parse(&text).unwrap();
        assert_eq!(knowledge.operations["GET /a/"].accepted, ["GET /v1/a"]);
        assert_eq!(knowledge.operations["GET /c/"].accepted, ["GET /v1/C", "GET /v1/c"]);
        assert!(text.contains("effect = \"read\"\naccepted = [\"GET /v1/a\"]\n\n"), "{text}");
        assert!(text.starts_with("# Head.\n") && text.contains("# About a.\n[operations.\"GET /a/\"]"), "{text}");
        assert_eq!(accept(&text, &[]).unwrap(), text);
    }

    #[test]
    fn proposed_entries_come_at_their_place_with_their_reason() {
        let proposal = Proposal {
            operation: "POST /b/".to_owned(),
            entry: "[operations.\"POST /b/\"]\neffect = \"create\"\n".to_owned(),
            reason: "a POST".to_owned(),
        };
        let text = add(TEXT, std::slice::from_ref(&proposal)).unwrap();
        let (a, b, c) = (text.find("GET /a/"), text.find("# Proposed, not reviewed: a POST."), text.find("GET /c/"));
        assert!(a < b && b < c, "{text}");
        // Twice the same entry is not a valid file.
        assert!(add(&text, &[proposal]).is_err());
    }
}
