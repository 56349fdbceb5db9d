//! The words of each command: nouns from group and path, the verb from the operation id or the method.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::{Node, Operation};
use crate::names::COMMAND;

/// Words that end or begin an operation id as its verb.
const VERBS: [&str; 20] = [
    "list", "get", "create", "update", "delete", "set", "add", "remove", "start", "stop", "search", "find", "show",
    "replace", "enable", "disable", "reset", "cancel", "renew", "check",
];

/// The words of all operations, in their order: no two the same, and none that begins another.
pub(super) fn words(operations: &[Operation<'_>], reserved: &[&str]) -> Vec<Vec<String>> {
    let groups: BTreeSet<String> =
        operations.iter().map(|operation| split(operation.tag()).first().cloned().unwrap_or_default()).collect();
    let held = held(operations);
    let proposed = operations.iter().zip(&held).map(|(operation, held)| match held {
        Some(words) => words.clone(),
        None => propose(operation, &groups),
    });
    let mut all: Vec<Vec<String>> = proposed.collect();
    for words in &mut all {
        if let Some(first) = words.first_mut().filter(|first| reserved.contains(&first.as_str())) {
            first.push_str("-group");
        }
    }
    let is_held: Vec<bool> = held.iter().map(Option::is_some).collect();
    // What is proposed twice is told apart by the whole id, then by method and path.
    for way in 0..3 {
        let mut counts: BTreeMap<Vec<String>, usize> = BTreeMap::new();
        all.iter().for_each(|words| *counts.entry(words.clone()).or_default() += 1);
        for (number, ((words, operation), held)) in all.iter_mut().zip(operations).zip(&is_held).enumerate() {
            if !held && counts.get(words).is_some_and(|count| *count > 1) {
                *words = told_apart(words, operation, way, number);
            }
        }
    }
    without_beginnings(&mut all, &is_held);
    all
}

/// What the document says that operations are called, where it does and it can be so: no two the same, and none that
/// begins another.
fn held(operations: &[Operation<'_>]) -> Vec<Option<Vec<String>>> {
    let mut all: Vec<Option<Vec<String>>> = Vec::new();
    for operation in operations {
        let words = operation.node.get(COMMAND).and_then(Node::as_str).unwrap_or_default();
        let words: Vec<String> = words.split(' ').map(str::to_owned).collect();
        let is_word = |word: &String| !word.is_empty() && kebab(word) == *word;
        let meets = |other: &Vec<String>| other.starts_with(&words) || words.starts_with(other);
        let fits = words.len() > 1 && words.iter().all(is_word) && !all.iter().flatten().any(meets);
        all.push(fits.then_some(words));
    }
    all
}

/// Words for an operation whose first choice is another's: by its id, by method and path, by its number.
fn told_apart(words: &[String], operation: &Operation<'_>, way: usize, number: usize) -> Vec<String> {
    let place = || kebab(&format!("{} {}", operation.method, operation.path));
    let last = match way {
        0 if !operation.id().is_empty() => kebab(operation.id()),
        0 | 1 => place(),
        _ => format!("{}-{number}", place()),
    };
    words.first().cloned().into_iter().chain([last]).collect()
}

/// `cloud clone` and `cloud clone white` would leave open whether `white` is a verb or a value. What is held stays; of two
/// others the longer one is joined.
fn without_beginnings(all: &mut [Vec<String>], is_held: &[bool]) {
    let known: BTreeSet<Vec<String>> = all.iter().cloned().collect();
    let held: Vec<Vec<String>> =
        all.iter().zip(is_held).filter(|(_, held)| **held).map(|(words, _)| words.clone()).collect();
    let mut done: BTreeSet<Vec<String>> = held.iter().cloned().collect();
    for words in all.iter_mut().zip(is_held).filter(|(_, held)| !**held).map(|(words, _)| words) {
        let begins = |count: &usize| words.get(..*count).is_some_and(|start| known.contains(start));
        if let Some(count) = (1..words.len()).find(begins) {
            let joined = words.split_off(count.saturating_sub(1)).join("-");
            words.push(joined);
            // What it is now may begin others in its turn.
            while known.iter().any(|other| other.starts_with(words)) {
                if let Some(last) = words.last_mut() {
                    last.push_str("-all");
                }
            }
        }
        // A new command must not be the beginning of one that is held, nor one that is there: `-all` makes it another.
        while done.contains(words) || held.iter().any(|held| held.starts_with(words)) {
            if let Some(last) = words.last_mut() {
                last.push_str("-all");
            }
        }
        done.insert(words.clone());
    }
}

fn propose(operation: &Operation<'_>, groups: &BTreeSet<String>) -> Vec<String> {
    let literals: Vec<String> = operation
        .path
        .split('/')
        .filter(|part| !part.is_empty() && !part.contains('{'))
        .map(kebab)
        .filter(|word| !word.is_empty())
        .collect();
    let tag = kebab(operation.tag());
    let first = split(operation.tag()).first().cloned().unwrap_or_else(|| "api".to_owned());
    let id = split(operation.id());
    let anchor = literals.iter().position(|word| same(word, &tag));
    let anchor = anchor.or_else(|| literals.iter().position(|word| same(word, &first)));
    let Some(anchor) = anchor else {
        // The path says nothing of the group: the id alone has to.
        let verb =
            if id.is_empty() { kebab(&format!("{} {}", operation.method, operation.path)) } else { id.join("-") };
        return vec![if tag.is_empty() { first } else { tag }, verb];
    };
    let mut nouns: Vec<String> = literals.get(anchor..).unwrap_or_default().to_vec();
    let mut verb = Vec::new();
    let mut rest: &[String] = &id;
    // Last segments that the id ends with are the verb: `/cron/start/{id}`, `cron_job_start`.
    while nouns.len() > 1 {
        let Some(last) = nouns.last().map(|word| split(word)) else { break };
        let Some(shorter) = rest.strip_suffix(last.as_slice()) else { break };
        // `mailbox_start` is `mailbox` and `start`: what the id is about is no verb.
        if shorter.is_empty() && !verb.is_empty() {
            break;
        }
        rest = shorter;
        verb.splice(0..0, last);
        nouns.pop();
    }
    if verb.is_empty() {
        let spoken = |word: Option<&String>| word.filter(|word| VERBS.contains(&word.as_str())).cloned();
        verb.push(spoken(id.last()).or_else(|| spoken(id.first())).unwrap_or_else(|| by_method(operation).to_owned()));
    }
    // `rha services hosting-plans`: a word between that is a group of its own says nothing here.
    let count = nouns.len();
    let mut place = 0;
    nouns.retain(|word| {
        place += 1;
        place == 1 || place == count || !groups.contains(word)
    });
    nouns.push(verb.join("-"));
    nouns
}

fn by_method(operation: &Operation<'_>) -> &'static str {
    match operation.method.as_str() {
        "GET" if operation.reads_collection() => "list",
        "GET" => "get",
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => "delete",
        "HEAD" => "head",
        _ => "call",
    }
}

/// Whether two words differ by no more than a plural.
fn same(one: &str, other: &str) -> bool {
    let bare = |word: &str| word.strip_suffix('s').unwrap_or(word).to_owned();
    one == other || bare(one) == bare(other)
}

/// `findPetsByStatus`, `find_pets` and `find-pets` as their words in small letters.
pub(super) fn split(name: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    let characters: Vec<char> = name.chars().map(bare).collect();
    for (at, character) in characters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| characters.get(at));
        let after = characters.get(at + 1);
        let starts = character.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase()
                    || before.is_ascii_digit()
                    || (before.is_uppercase() && after.is_some_and(|after| after.is_lowercase()))
            });
        if starts || !character.is_alphanumeric() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| character.is_alphanumeric()) {
            word.extend(character.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// A letter without its accent: commands are typed on any keyboard, and paths have none.
fn bare(letter: char) -> char {
    match letter {
        'á' | 'à' | 'ä' | 'â' | 'ã' | 'å' => 'a',
        'é' | 'è' | 'ë' | 'ê' => 'e',
        'í' | 'ì' | 'ï' | 'î' => 'i',
        'ó' | 'ò' | 'ö' | 'ô' | 'õ' => 'o',
        'ú' | 'ù' | 'ü' | 'û' => 'u',
        'Á' => 'A',
        'É' => 'E',
        'Í' => 'I',
        'Ó' => 'O',
        'Ú' => 'U',
        'ñ' => 'n',
        'Ñ' => 'N',
        'ç' => 'c',
        'Ç' => 'C',
        other => other,
    }
}

pub(super) fn kebab(name: &str) -> String {
    split(name).join("-")
}
