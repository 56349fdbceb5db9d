//! `cargo xtask probe`: asks a live API what it answers, and holds that against the document.
//!
//! GETs alone, each of which the document says to read only, one at a time and within a budget. Values stay in memory: the
//! ids that further paths need are taken from lists, and the file that is written has no place for them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use swpanel_build_tools::discover::{Failed, Leave};
use swpanel_build_tools::document::{Operation, Refusal};
use swpanel_build_tools::hash::sha256;
use swpanel_build_tools::probe::{Candidate, Heard, Probe, Reads, VERSION, Watch, candidates, differences, is_list};
use url::{Host, Url};

use super::coverage::read_document;
use crate::arguments::ProbeFlags;
use crate::fetch::{Fetched, Fetcher};
use crate::outcome::{Failure, Outcome, counted};
use crate::workspace::{DOCUMENT, PROBE, Workspace};
use crate::{Run, files, source};

/// Items of a list whose own answers are asked for.
const DETAILS: usize = 2;
/// Calls of one operation at most, to find ids that it answers.
const TRIES: usize = 4;
/// The longest that a `Retry-After` is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
/// An id that no account has, to see what an error looks like.
const NOBODY: &str = "swpanel-probe-nobody";

/// What the last probe found, where there was one of this very document.
pub(crate) fn last(workspace: &Workspace) -> Result<Option<Probe>, Failure> {
    let Some(bytes) = workspace.read(PROBE)? else { return Ok(None) };
    let probe: Probe = serde_json::from_slice(&bytes).map_err(|error| {
        let hint = "delete it, or run `cargo xtask probe` again";
        Failure::new("probe-unreadable", format!("`{PROBE}` is not what a probe wrote: {error}"), hint)
    })?;
    let document = workspace.read(DOCUMENT)?.map(|bytes| sha256(&bytes)).unwrap_or_default();
    Ok((probe.version == VERSION && probe.document == document).then_some(probe))
}

pub(crate) fn run(flags: &ProbeFlags, root: Option<&Path>) -> Run {
    let workspace = Workspace::find(root)?;
    let document = read_document(&workspace)?;
    let base = base(&flags.base_url)?;
    let mut allowed = flags.fetch.allow_host.clone();
    if is_this_machine(&base) {
        // Nothing leaves this machine.
        allowed.extend(base.host_str().map(|host| format!("{host}:{}", base.port_or_known_default().unwrap_or(80))));
    }
    let leave = Leave::new(&allowed);
    leave
        .check(base.as_str())
        .map_err(|refusal| Failure::new(refusal.name(), format!("`{base}` is not asked: {refusal}"), refusal.hint()))?;
    let reads = Reads::of(&document);
    let mut fetcher = Fetcher::new(&flags.fetch, base.as_str(), leave)?;
    fetcher.limit(Duration::from_secs(flags.budget_seconds));
    let mut watch = Watch::new(&document);
    for (operation, why) in &reads.skipped {
        watch.skip(operation, *why);
    }
    let mut asker = Asker {
        fetcher,
        base: base.as_str().trim_end_matches('/').to_owned(),
        watch,
        left: flags.budget_requests,
        sent: 0,
        until: Instant::now() + Duration::from_secs(flags.budget_seconds),
        lists: BTreeMap::new(),
        members: BTreeMap::new(),
        emulator: false,
        pathless: BTreeSet::new(),
    };
    let ended = asker.all(&reads);
    let unasked = match &ended {
        Ok(()) => None,
        Err(End::Budget(what)) => Some(what.clone()),
        Err(End::Failed(what)) => Some(what.clone()),
    };
    let (emulator, sent) = (asker.emulator, asker.sent);
    let mut probe = asker.watch.finish();
    probe.date = source::today();
    probe.base_url = base.to_string();
    probe.document = workspace.read(DOCUMENT)?.map(|bytes| sha256(&bytes)).unwrap_or_default();
    probe.emulator = emulator;
    probe.requests = sent;
    probe.stopped = unasked;
    let read = probe.operations.values().filter(|asked| asked.read > 0).count();
    if let Err(End::Failed(what)) = ended {
        let hint = "mend the address or the connection and run it again; nothing was written";
        return Err(Failure::new("unreachable", what, hint));
    }
    if read == 0 {
        return Err(nothing_read(&probe, flags));
    }
    let text = serde_json::to_string_pretty(&probe)
        .map_err(|error| Failure::new("failed", format!("the result cannot be written: {error}"), "report this"))?;
    files::write(&workspace, PROBE, (text + "\n").as_bytes())?;
    let found = differences(&document, &probe);
    Ok(report(&probe, &found, read))
}

fn base(given: &str) -> Result<Url, Failure> {
    let hint = "give the address of the API as its calls begin, as in https://api.swpanel.com/v2026";
    let url = Url::parse(given).map_err(|error| Failure::usage(format!("`{given}` is no address: {error}"), hint))?;
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        return Err(Failure::usage("the address has a user, a password, a query or a fragment in it", hint));
    }
    Ok(url)
}

fn is_this_machine(base: &Url) -> bool {
    match base.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// Why asking came to an end before everything was asked.
enum End {
    Budget(String),
    Failed(String),
}

/// Path parameters and the values that they have.
type Bound = BTreeMap<String, String>;

struct Asker<'a> {
    fetcher: Fetcher,
    base: String,
    watch: Watch<'a>,
    left: u64,
    sent: u64,
    until: Instant,
    /// Lists by their path: what may be ids in them, for each parameter by its name.
    lists: BTreeMap<String, Value>,
    /// The member of a list's entries that was found to be the id, by template of the list and parameter.
    members: BTreeMap<(String, String), String>,
    emulator: bool,
    /// Operations for whose paths no list gave an id.
    pathless: BTreeSet<String>,
}

impl<'a> Asker<'a> {
    fn all(&mut self, reads: &Reads<'a>) -> Result<(), End> {
        let mut wrong = None;
        let mut spelled = BTreeMap::new();
        for operation in &reads.operations {
            let path = self.one(reads, operation)?;
            if let Some(path) = path {
                if operation.path.ends_with('}') || operation.path.ends_with("}/") {
                    wrong.get_or_insert((operation, path.clone()));
                }
                spelled.entry(operation.path.ends_with('/')).or_insert((operation, path));
            }
        }
        for key in std::mem::take(&mut self.pathless) {
            if let Some(operation) = reads.operations.iter().find(|operation| operation.key() == key) {
                self.watch.skip(operation, "no list gave an id for its path");
            }
        }
        // What an error looks like, and whether a slash matters: asked once each.
        if let Some((operation, path)) = wrong {
            let slash = if path.ends_with('/') { "/" } else { "" };
            let before = path.trim_end_matches('/').rsplit_once('/').map_or("", |(before, _)| before);
            let fetched = self.send(&format!("{before}/{NOBODY}{slash}"), operation)?;
            self.watch.answer(operation, fetched.status, &fetched.body);
        }
        for (with, (operation, path)) in spelled {
            let other = if with { path.trim_end_matches('/').to_owned() } else { format!("{path}/") };
            let fetched = self.send(&other, operation)?;
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
            self.pathless.insert(operation.key());
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
            let fetched = self.send(&path, operation)?;
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

    fn send(&mut self, path: &str, operation: &Operation<'_>) -> Result<Fetched, End> {
        let address = format!("{}{path}", self.base);
        for attempt in 0..2 {
            if self.left == 0 {
                return Err(End::Budget(format!("the budget of {} requests was used up", self.sent)));
            }
            if Instant::now() >= self.until {
                return Err(End::Budget("the budget of seconds was used up".to_owned()));
            }
            self.left -= 1;
            self.sent += 1;
            let fetched = match self.fetcher.ask(&address, &operation.key()) {
                Ok(fetched) => fetched,
                // A connection that breaks off is no answer; a read may be asked again.
                Err(Failed::Unreachable(_) | Failed::Refused(Refusal::Truncated { .. }))
                    if attempt == 0 && self.sent > 1 && Instant::now() < self.until =>
                {
                    continue;
                }
                Err(failed) => return Err(self.failure(&failed, operation)),
            };
            self.emulator |= fetched.headers.iter().any(|(name, _)| name == "x-swpanel-emulator-basis");
            if fetched.status != 429 {
                return Ok(fetched);
            }
            let wait = fetched.headers.iter().find(|(name, _)| name == "retry-after");
            let wait = wait.and_then(|(_, value)| value.trim().parse().ok()).map_or(PATIENCE, Duration::from_secs);
            if attempt > 0 || wait > PATIENCE || Instant::now() + wait >= self.until {
                return Err(End::Budget("the API asked for a pause (429) that the budget does not have".to_owned()));
            }
            std::thread::sleep(wait);
        }
        Err(End::Failed(format!("{}: the connection failed twice", operation.key())))
    }

    fn failure(&self, failed: &Failed, operation: &Operation<'_>) -> End {
        if Instant::now() >= self.until {
            return End::Budget("the budget of seconds was used up".to_owned());
        }
        // The reason may quote the address, and the address an id.
        let why = match failed {
            Failed::Refused(refusal) => refusal.name().to_owned(),
            Failed::Unreachable(_) if self.sent > 1 => "the connection failed".to_owned(),
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

/// Two values of the likeliest member, then one of each other, then a third of the likeliest.
fn spread<'c>(found: impl Iterator<Item = &'c Candidate>) -> Vec<(&'c str, &'c Candidate)> {
    let mut spread = Vec::new();
    let mut later = Vec::new();
    for (at, candidate) in found.enumerate() {
        for (number, value) in candidate.values.iter().enumerate() {
            match (at, number) {
                (0, 0 | 1) | (_, 0) => spread.push((value.as_str(), candidate)),
                (0, 2) => later.push((value.as_str(), candidate)),
                _ => {}
            }
        }
    }
    spread.extend(later);
    spread
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

/// The failure of a probe that saw no answer at all.
fn nothing_read(probe: &Probe, flags: &ProbeFlags) -> Failure {
    let mut statuses: BTreeMap<u16, u64> = BTreeMap::new();
    for (status, count) in probe.operations.values().flat_map(|asked| &asked.statuses) {
        *statuses.entry(*status).or_default() += count;
    }
    let hint = match (statuses.contains_key(&401), flags.fetch.with_token) {
        (true, false) => "put a token with read rights into SWPANEL_TOKEN and add --with-token",
        (true, true) => "the token was refused: see whether it is still active, and whether Integrator mode is on",
        _ => "see whether the address is that of the API, version included",
    };
    let mut failure = Failure::new("nothing-read", format!("no operation at {} gave an answer", probe.base_url), hint);
    for (status, count) in statuses {
        failure = failure.detail(format!("status {status}: {}", counted_times(count)));
    }
    if let Some(stopped) = &probe.stopped {
        failure = failure.detail(stopped.clone());
    }
    failure
}

fn counted_times(count: u64) -> String {
    counted(usize::try_from(count).unwrap_or(usize::MAX), "time", "times")
}

fn report(probe: &Probe, found: &[swpanel_build_tools::probe::Difference], read: usize) -> Outcome {
    let skipped: Vec<(&String, &String)> =
        probe.operations.iter().filter_map(|(key, asked)| Some((key, asked.skipped.as_ref()?))).collect();
    let empty = probe.operations.values().filter(|asked| asked.skipped.is_none() && asked.read == 0).count();
    let open = probe.places.values().filter(|place| place.open && !place.more.is_empty());
    let unnamed: usize = open.map(|place| place.more.len()).sum();
    let mut text = format!("probed        {} on {}\n", probe.base_url, probe.date);
    if probe.emulator {
        text.push_str("              an emulator answered: this is no evidence of SWPanel\n");
    }
    text.push_str(&format!(
        "requests      {}, all GET; {read} operations answered, {empty} gave no success, {} not asked\n",
        probe.requests,
        skipped.len()
    ));
    for (key, why) in &skipped {
        text.push_str(&format!("              not asked: {key}: {why}\n"));
    }
    if let Some(stopped) = &probe.stopped {
        text.push_str(&format!("stopped       {stopped}\n"));
    }
    text.push_str(&format!("errors        come with {}", probe.ways.error_style()));
    let statuses: Vec<String> =
        probe.ways.errors.iter().map(|(status, count)| format!("{status}: {}", counted_times(*count))).collect();
    text.push_str(&if statuses.is_empty() { "\n".to_owned() } else { format!(" ({})\n", statuses.join(", ")) });
    for (documented, outcome) in &probe.ways.slashes {
        text.push_str(&format!("slashes       a path {documented} was asked {outcome}\n"));
    }
    text.push_str(&format!(
        "open          {}\n",
        counted(unnamed, "member of open objects", "members of open objects")
    ));
    text.push_str(&format!("differences   {}\n", found.len()));
    for difference in found {
        text.push_str(&format!("              {difference}\n"));
    }
    text.push_str(&format!("wrote         {PROBE} (shapes, no values)\n"));
    if unnamed > 0 || !found.is_empty() {
        text.push_str("next          cargo xtask observe    # proposes an overlay\n");
    }
    let json = json!({
        "outcome": if found.is_empty() { "agrees" } else { "differs" },
        "base_url": probe.base_url,
        "date": probe.date,
        "emulator": probe.emulator,
        "requests": probe.requests,
        "stopped": probe.stopped,
        "operations": {
            "read": read,
            "without_success": empty,
            "skipped": skipped.iter().map(|(key, why)| json!({"operation": key, "why": why})).collect::<Vec<_>>(),
        },
        "errors": { "style": probe.ways.error_style(), "statuses": probe.ways.errors, "envelope": probe.ways.envelope },
        "slashes": probe.ways.slashes,
        "open_members": unnamed,
        "differences": found,
        "file": PROBE,
    });
    Outcome { text, json, changed: !found.is_empty() }
}
