//! What may be asked, in order, to answers: one request at a time, within a budget, each with ids from the answers before.
//! Values stay in memory, and go into paths and into the watch alone.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::Value;
use swpanel_build_tools::discover::Failed;
use swpanel_build_tools::document::{Operation, Refusal};
use swpanel_build_tools::probe::{Candidate, Heard, Reads, Watch, candidates, is_list};

use crate::fetch::{Fetched, Fetcher};
use crate::outcome::counted;

/// Items of a list whose own answers are asked for.
const DETAILS: usize = 2;
/// Calls of one operation at most, to find ids that it answers.
const TRIES: usize = 5;
/// The longest that a `Retry-After` is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
/// A request that took longer than this and failed is not sent again.
const SLOW: Duration = Duration::from_secs(10);
/// So many requests in a row that nothing answers are the end.
const FAILURES: u32 = 3;
/// An id that no account has, to see what an error looks like.
const NOBODY: &str = "swpanel-probe-nobody";
const SECONDS: &str = "the budget of seconds was used up";

/// Why asking came to an end before everything was asked.
pub(super) enum End {
    /// What was seen until then counts.
    Stopped(String),
    /// Nothing was seen.
    Failed(String),
}

/// Path parameters and the values that they have.
type Bound = BTreeMap<String, String>;

/// Asks, one after the other.
pub(super) struct Asker<'a> {
    fetcher: Fetcher,
    base: String,
    pub(super) watch: Watch<'a>,
    left: u64,
    pub(super) sent: u64,
    answered: u64,
    /// Requests in a row that no answer came to.
    failures: u32,
    until: Instant,
    pause: Duration,
    before: Option<Instant>,
    /// Lists by their path: what may be ids in them, for each parameter by its name.
    lists: BTreeMap<String, Value>,
    /// The member of a list's entries that was found to be the id, by template of the list and parameter.
    members: BTreeMap<(String, String), String>,
    /// Whether our emulator answered.
    pub(super) emulator: bool,
    /// Operations whose paths could not be filled, and why.
    pathless: BTreeMap<String, &'static str>,
}

impl<'a> Asker<'a> {
    /// With a budget of requests and time, and a pause between two requests.
    pub(super) fn new(
        fetcher: Fetcher,
        base: &str,
        watch: Watch<'a>,
        (left, time): (u64, Duration),
        pause: Duration,
    ) -> Self {
        Self {
            fetcher,
            base: base.trim_end_matches('/').to_owned(),
            watch,
            left,
            sent: 0,
            answered: 0,
            failures: 0,
            until: Instant::now() + time,
            pause,
            before: None,
            lists: BTreeMap::new(),
            members: BTreeMap::new(),
            emulator: false,
            pathless: BTreeMap::new(),
        }
    }

    /// Asks everything that only reads, then what an error looks like and whether a slash matters.
    pub(super) fn all(&mut self, reads: &Reads<'a>) -> Result<(), End> {
        let ended = self.each(reads);
        for (key, why) in std::mem::take(&mut self.pathless) {
            if let Some(operation) = reads.operations.iter().find(|operation| operation.key() == key) {
                self.watch.skip(operation, why);
            }
        }
        ended
    }

    fn each(&mut self, reads: &Reads<'a>) -> Result<(), End> {
        let mut wrong = None;
        let mut spelled = BTreeMap::new();
        for operation in &reads.operations {
            let path = self.one(reads, operation)?;
            if let Some(path) = path {
                if operation.path.ends_with('}') || operation.path.ends_with("}/") {
                    wrong.get_or_insert((operation, path.clone()));
                }
                let with = operation.path.ends_with('/');
                let other =
                    if with { operation.path.trim_end_matches('/').to_owned() } else { format!("{}/", operation.path) };
                // A spelling that the document has as well tells nothing of slashes.
                if !reads.operations.iter().any(|operation| operation.path == other) {
                    spelled.entry(with).or_insert((operation, path));
                }
            }
        }
        // What an error looks like, and whether a slash matters: asked once each, at paths that were found to be harmless
        // whatever their last value and slash.
        if let Some((operation, path)) = wrong {
            let slash = if path.ends_with('/') { "/" } else { "" };
            let before = path.trim_end_matches('/').rsplit_once('/').map_or("", |(before, _)| before);
            let path = format!("{before}/{NOBODY}{slash}");
            if let Some(fetched) = self.send(&path, operation)? {
                self.watch.answer(operation, fetched.status, &fetched.body);
            }
        }
        for (with, (operation, path)) in spelled {
            let other = if with { path.trim_end_matches('/').to_owned() } else { format!("{path}/") };
            let Some(fetched) = self.send(&other, operation)? else { continue };
            let (documented, said) = match with {
                true => ("with a slash at the end", "without it"),
                false => ("without a slash at the end", "with one"),
            };
            self.watch.slash(documented, format!("{said}: status {}", fetched.status));
        }
        Ok(())
    }

    /// Asks one operation with some ids, until enough has been seen; a path that succeeded.
    fn one(&mut self, reads: &Reads<'a>, operation: &Operation<'a>) -> Result<Option<String>, End> {
        let bindings = self.bindings(reads, operation);
        if bindings.is_empty() {
            self.pathless.insert(operation.key(), "no list gave an id for its path");
            return Ok(None);
        }
        let wanted = if is_list(operation) { 1 } else { DETAILS };
        let (mut found, mut good): (usize, Option<(String, Choices)>) = (0, None);
        for (bound, choices) in bindings.into_iter().take(TRIES) {
            // Once the right member is known, the others are guesses no longer needed.
            if good.as_ref().is_some_and(|(_, known)| *known != choices) {
                continue;
            }
            let path = filled(operation.path, &bound);
            if !reads.is_harmless(operation, &path) {
                if found == 0 {
                    self.pathless.insert(operation.key(), "its path is also that of a call that may do more than read");
                }
                continue;
            }
            bound.values().for_each(|value| self.watch.is_data(value));
            let fetched = match self.send(&path, operation)? {
                Some(fetched) => fetched,
                None if found > 0 => break,
                None => {
                    self.watch.skip(operation, "no whole answer came");
                    return Ok(None);
                }
            };
            self.pathless.remove(&operation.key());
            match self.watch.answer(operation, fetched.status, &fetched.body) {
                Heard::Success(answer) => {
                    found += 1;
                    self.lists.insert(path.trim_end_matches('/').to_owned(), answer);
                    for (list, parameter, member) in &choices {
                        self.members.insert((list.clone(), parameter.clone()), member.clone());
                    }
                    good.get_or_insert((path, choices));
                }
                Heard::Other => {
                    found += 1;
                    good.get_or_insert((path, choices));
                }
                Heard::Error => {}
            }
            if found >= wanted {
                break;
            }
        }
        Ok(good.map(|(path, _)| path))
    }

    /// Values for the parameters of a path, the likeliest first, each with the members that they were taken from.
    fn bindings(&self, reads: &Reads<'a>, operation: &Operation<'a>) -> Vec<(Bound, Choices)> {
        let mut all: Vec<(Bound, Choices)> = vec![Default::default()];
        let parameters = operation.parameters();
        let in_path = operation.path.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name);
        for name in in_path {
            let source = reads.source(operation, name);
            let mut next = Vec::new();
            for (bound, choices) in &all {
                let Some(list) = source else {
                    let example = parameters.iter().find(|parameter| parameter.name == name);
                    let example = example.and_then(|parameter| parameter.node.text_at("example"));
                    next.extend(example.map(|example| (with(bound, name, example), choices.clone())));
                    continue;
                };
                let path = filled(list.path, bound);
                let Some(answer) = self.lists.get(path.trim_end_matches('/')) else { continue };
                let known = self.members.get(&(list.path.to_owned(), name.to_owned()));
                let found = candidates(answer, name);
                let found = found.iter().filter(|candidate| known.is_none_or(|known| *known == candidate.member));
                for (value, candidate) in spread(found) {
                    let mut choices = choices.clone();
                    choices.push((list.path.to_owned(), name.to_owned(), candidate.member.clone()));
                    next.push((with(bound, name, value), choices));
                }
            }
            all = next;
        }
        all
    }

    /// One answer, or none where nothing whole came for this request although others were answered.
    fn send(&mut self, path: &str, operation: &Operation<'_>) -> Result<Option<Fetched>, End> {
        let address = format!("{}{path}", self.base);
        for attempt in 0..2 {
            if self.left == 0 {
                return Err(End::Stopped(format!("the budget of {} was used up", requests(self.sent))));
            }
            if Instant::now() >= self.until {
                return Err(End::Stopped(SECONDS.to_owned()));
            }
            let waited = self.before.map_or(Duration::MAX, |before| before.elapsed());
            std::thread::sleep(self.pause.saturating_sub(waited));
            let begin = Instant::now();
            self.before = Some(begin);
            self.left -= 1;
            self.sent += 1;
            let fetched = match self.fetcher.ask(&address, &operation.key()) {
                Ok(fetched) => fetched,
                Err(_) if Instant::now() >= self.until && self.answered > 0 => {
                    return Err(End::Stopped(SECONDS.to_owned()));
                }
                Err(failed) if self.answered == 0 => return Err(self.failure(&failed, operation)),
                // A connection that breaks off is no answer; a read may be asked again.
                Err(Failed::Unreachable(_) | Failed::Refused(Refusal::Truncated { .. }))
                    if attempt == 0 && begin.elapsed() < SLOW =>
                {
                    continue;
                }
                Err(_) if self.failures + 1 < FAILURES => {
                    self.failures += 1;
                    return Ok(None);
                }
                Err(_) => {
                    return Err(End::Stopped(format!("{FAILURES} requests in a row were given no whole answer")));
                }
            };
            self.emulator |= fetched.headers.iter().any(|(name, _)| name == "x-swpanel-emulator-basis");
            self.failures = 0;
            if fetched.status != 429 {
                self.answered += 1;
                return Ok(Some(fetched));
            }
            let wait = fetched.headers.iter().find(|(name, _)| name == "retry-after");
            let wait = wait.and_then(|(_, value)| value.trim().parse().ok()).map_or(PATIENCE, Duration::from_secs);
            if attempt > 0 || wait > PATIENCE || Instant::now() + wait >= self.until {
                let what = "the API asked for a pause (429) that the budget does not have";
                return Err(End::Stopped(what.to_owned()));
            }
            std::thread::sleep(wait);
        }
        Ok(None)
    }

    fn failure(&self, failed: &Failed, operation: &Operation<'_>) -> End {
        // The reason of a refusal may quote the address, and the address an id.
        let why = match failed {
            Failed::Refused(refusal) => refusal.name().to_owned(),
            Failed::Unreachable(why) => why.clone(),
        };
        End::Failed(format!("{} at {}: {why}", operation.key(), self.base))
    }
}

/// List, parameter and member: where the values of a binding came from.
type Choices = Vec<(String, String, String)>;

fn with(bound: &Bound, name: &str, value: &str) -> Bound {
    let mut bound = bound.clone();
    bound.insert(name.to_owned(), value.to_owned());
    bound
}

/// Two values of the likeliest member, then one of each other, then of the likeliest one from the middle and the last: the
/// entries of a long list are not all of one kind.
fn spread<'c>(found: impl Iterator<Item = &'c Candidate>) -> Vec<(&'c str, &'c Candidate)> {
    let mut spread = Vec::new();
    let mut later = Vec::new();
    for (at, candidate) in found.enumerate() {
        let end = candidate.values.len().saturating_sub(1);
        for (number, value) in candidate.values.iter().enumerate() {
            match (at, number) {
                (0, 0 | 1) | (_, 0) => spread.push((value.as_str(), candidate)),
                (0, number) if number == end / 2 || number == end => later.push((value.as_str(), candidate)),
                _ => {}
            }
        }
    }
    spread.extend(later);
    spread
}

pub(super) fn requests(count: u64) -> String {
    counted(usize::try_from(count).unwrap_or(usize::MAX), "request", "requests")
}

/// A path template with its values, each encoded so that it stays one segment.
fn filled(template: &str, bound: &Bound) -> String {
    let mut path = template.to_owned();
    for (name, value) in bound {
        path = path.replace(&format!("{{{name}}}"), &encoded(value));
    }
    path
}

fn encoded(value: &str) -> String {
    let mut out = String::new();
    for byte in value.bytes() {
        match byte {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'.' | b'_' | b'~' | b'@' => out.push(char::from(byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Candidate, spread};

    #[test]
    fn values_come_from_all_over_a_list() {
        let of = |member: &str, count: usize| Candidate {
            member: member.to_owned(),
            values: (0..count).map(|at| format!("{member}{at}")).collect(),
        };
        let of_all = |all: &[Candidate]| -> Vec<String> {
            spread(all.iter()).into_iter().map(|(value, _)| value.to_owned()).collect()
        };
        assert_eq!(of_all(&[of("a", 9), of("b", 9)]), ["a0", "a1", "b0", "a4", "a8"]);
        assert_eq!(of_all(&[of("a", 3)]), ["a0", "a1", "a2"]);
        assert_eq!(of_all(&[of("a", 1)]), ["a0"]);
        assert!(of_all(&[of("a", 0)]).is_empty());
    }
}
