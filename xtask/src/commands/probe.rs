//! `cargo xtask probe`: asks a live API what it answers, and holds that against the document.
//!
//! GETs alone, each of which the document says to read only, one at a time and within a budget. Values stay in memory: the
//! ids that further paths need are taken from lists, and the file that is written has no place for them.

mod ask;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use swpanel_build_tools::address::redact;
use swpanel_build_tools::discover::Leave;
use swpanel_build_tools::hash::sha256;
use swpanel_build_tools::probe::{Difference, Probe, Reads, VERSION, Watch, differences};
use swpanel_build_tools::safe_text::line;
use url::{Host, Url};

use ask::{Asker, End};

use super::coverage::read_document;
use crate::arguments::ProbeFlags;
use crate::fetch::Fetcher;
use crate::outcome::{Failure, Outcome, counted};
use crate::workspace::{DOCUMENT, PROBE, Workspace};
use crate::{Run, files, source};

/// The pause between two requests to a server that is not on this machine.
const PAUSE: Duration = Duration::from_millis(250);

/// What the last probe found, where there was one.
///
/// # Errors
/// It was of another document, another version of this program wrote it, or it cannot be read.
pub(crate) fn last(workspace: &Workspace) -> Result<Option<Probe>, Failure> {
    let Some(bytes) = workspace.read(PROBE)? else { return Ok(None) };
    let hint = "run `cargo xtask probe --base-url URL` again";
    let unreadable = |error: serde_json::Error| {
        Failure::new("probe-unreadable", format!("`{PROBE}` is not what a probe wrote: {error}"), hint)
    };
    let tree: Value = serde_json::from_slice(&bytes).map_err(unreadable)?;
    if tree.get("version").and_then(Value::as_u64) != Some(u64::from(VERSION)) {
        let message = format!("`{PROBE}` was written by another version of this program");
        return Err(Failure::new("probe-outdated", message, hint));
    }
    let probe: Probe = serde_json::from_value(tree).map_err(unreadable)?;
    let document = workspace.read(DOCUMENT)?.map(|bytes| sha256(&bytes)).unwrap_or_default();
    if probe.document != document {
        let message = format!("the last probe, of {}, was held against another {DOCUMENT}", probe.date);
        return Err(Failure::new("probe-outdated", message, hint));
    }
    Ok(Some(probe))
}

/// What is replaced: the day of the last probe, and how many operations it read, where that can be told.
fn replaced(workspace: &Workspace) -> Result<Option<(String, usize)>, Failure> {
    let tree = workspace.read(PROBE)?.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    Ok(tree.and_then(|tree| {
        let operations = tree.get("operations")?.as_object()?;
        let read = operations.values().filter(|asked| asked.get("read").and_then(Value::as_u64) > Some(0)).count();
        Some((tree.get("date")?.as_str()?.to_owned(), read))
    }))
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
    leave.check(base.as_str()).map_err(|refusal| Failure::new(refusal.name(), refusal.to_string(), refusal.hint()))?;
    // The fetcher itself waits between requests to hosts that nobody allowed by name.
    let waits = if leave.allows(base.as_str()) { Duration::ZERO } else { PAUSE };
    let reads = Reads::of(&document);
    let mut fetcher = Fetcher::new(&flags.fetch, base.as_str(), leave)?;
    fetcher.limit(Duration::from_secs(flags.budget_seconds));
    let mut watch = Watch::new(&document);
    // A server that repeats the token in a name gives no name.
    if let Some(token) = std::env::var("SWPANEL_TOKEN").ok().filter(|_| flags.fetch.with_token) {
        watch.is_data(&token);
    }
    for (operation, why) in &reads.skipped {
        watch.skip(operation, *why);
    }
    let wanted = flags.pause_ms.map(Duration::from_millis);
    let pause = wanted.unwrap_or(if is_this_machine(&base) { Duration::ZERO } else { PAUSE }).saturating_sub(waits);
    let budget = (flags.budget_requests, Duration::from_secs(flags.budget_seconds));
    let mut asker = Asker::new(fetcher, base.as_str(), watch, budget, pause);
    let ended = asker.all(&reads);
    let (emulator, sent) = (asker.emulator, asker.sent);
    let mut probe = asker.watch.finish();
    probe.date = source::today();
    probe.base_url = redact(base.as_str()).into_owned();
    probe.document = workspace.read(DOCUMENT)?.map(|bytes| sha256(&bytes)).unwrap_or_default();
    probe.emulator = emulator;
    probe.requests = sent;
    probe.stopped = match &ended {
        Ok(()) => None,
        Err(End::Stopped(what) | End::Failed(what)) => Some(what.clone()),
    };
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
    let replaced = replaced(&workspace)?;
    files::write(&workspace, PROBE, redact(&(text + "\n")).as_bytes())?;
    let found = differences(&document, &probe);
    let reached = |key: &String| probe.operations.contains_key(key);
    let unreached = reads.operations.iter().filter(|operation| !reached(&operation.key())).count();
    Ok(report(&probe, &found, (read, unreached), replaced))
}

fn base(given: &str) -> Result<Url, Failure> {
    let hint = "give the address of the API as its calls begin, as in https://api.swpanel.com/v2026";
    let url = Url::parse(given).map_err(|error| Failure::usage(format!("`{given}` is no address: {error}"), hint))?;
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        return Err(Failure::usage("the address has a user, a password, a query or a fragment in it", hint));
    }
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Failure::usage(format!("`{given}` is not asked: an API is asked over https"), hint));
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

/// The failure of a probe that saw no answer at all.
fn nothing_read(probe: &Probe, flags: &ProbeFlags) -> Failure {
    let mut statuses: BTreeMap<u16, u64> = BTreeMap::new();
    for (status, count) in probe.operations.values().flat_map(|asked| &asked.statuses) {
        *statuses.entry(*status).or_default() += count;
    }
    let all =
        |range: std::ops::Range<u16>| !statuses.is_empty() && statuses.keys().all(|status| range.contains(status));
    let hint = match flags.fetch.with_token {
        false if statuses.contains_key(&401) => "put a token with read rights into SWPANEL_TOKEN and add --with-token",
        true if statuses.contains_key(&401) => {
            "the token was refused: see whether it is still active, and whether Integrator mode is on"
        }
        _ if probe.stopped.is_some() && statuses.is_empty() => {
            "wait until the API takes requests again, then run it again"
        }
        _ if all(300..400) => "a probe follows no redirect: give the address that it leads to, version included",
        _ if all(500..600) => "the server fails: run it again when the API works",
        _ => "see whether the address is that of the API, version included",
    };
    let mut failure = Failure::new("nothing-read", format!("no operation at {} gave an answer", probe.base_url), hint);
    for (status, count) in statuses {
        failure = failure.detail(format!("status {status}: {}", counted_times(count)));
    }
    let mut unreadable: BTreeMap<&str, u64> = BTreeMap::new();
    for (what, count) in probe.operations.values().flat_map(|asked| &asked.unreadable) {
        *unreadable.entry(what).or_default() += count;
    }
    for (what, count) in unreadable {
        failure = failure.detail(format!("{what}: {}", counted_times(count)));
    }
    if let Some(stopped) = &probe.stopped {
        failure = failure.detail(stopped.clone());
    }
    failure
}

fn counted_times(count: u64) -> String {
    counted(usize::try_from(count).unwrap_or(usize::MAX), "time", "times")
}

fn report(
    probe: &Probe,
    found: &[Difference],
    (read, unreached): (usize, usize),
    replaced: Option<(String, usize)>,
) -> Outcome {
    let skipped: Vec<(&String, &String)> =
        probe.operations.iter().filter_map(|(key, asked)| Some((key, asked.skipped.as_ref()?))).collect();
    let empty = probe.operations.values().filter(|asked| asked.skipped.is_none() && asked.read == 0).count();
    let unsaid: usize = probe.places.values().map(swpanel_build_tools::probe::Place::unsaid).sum();
    let mut text = format!("probed        {} on {}\n", probe.base_url, probe.date);
    if probe.emulator {
        text.push_str("              an emulator answered: this is no evidence of SWPanel\n");
    }
    text.push_str(&format!(
        "requests      {}, all GET; {} answered, {empty} gave no success, {} left out\n",
        probe.requests,
        counted(read, "operation", "operations"),
        skipped.len()
    ));
    for (key, why) in &skipped {
        text.push_str(&format!("              left out: {}: {}\n", line(key), line(why)));
    }
    if let Some(stopped) = &probe.stopped {
        let rest = counted(unreached, "operation was", "operations were");
        text.push_str(&format!("stopped       {}; {rest} not reached\n", line(stopped)));
    }
    text.push_str(&format!("errors        come with {}", probe.ways.error_style()));
    let statuses: Vec<String> =
        probe.ways.errors.iter().map(|(status, count)| format!("{status}: {}", counted_times(*count))).collect();
    text.push_str(&if statuses.is_empty() { "\n".to_owned() } else { format!(" ({})\n", statuses.join(", ")) });
    for (documented, outcome) in &probe.ways.slashes {
        text.push_str(&format!("slashes       a path {} was asked {}\n", line(documented), line(outcome)));
    }
    text.push_str(&format!("open          {}\n", counted(unsaid, "member of open objects", "members of open objects")));
    text.push_str(&format!("differences   {}\n", found.len()));
    for difference in found {
        text.push_str(&format!("              {difference}\n"));
    }
    text.push_str(&format!("wrote         {PROBE} (shapes, no values)\n"));
    if let Some((date, read)) = &replaced {
        let of = counted(*read, "operation", "operations");
        text.push_str(&format!("              in place of the probe of {date}, which had {of} answered\n"));
    }
    if unsaid > 0 || !found.is_empty() {
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
            "unreached": unreached,
            "skipped": skipped.iter().map(|(key, why)| json!({"operation": key, "why": why})).collect::<Vec<_>>(),
        },
        "errors": { "style": probe.ways.error_style(), "statuses": probe.ways.errors, "envelope": probe.ways.envelope },
        "slashes": probe.ways.slashes,
        "open_members": unsaid,
        "differences": found,
        "file": PROBE,
        "replaced": replaced.map(|(date, read)| json!({"date": date, "read": read})),
    });
    Outcome { text, json, changed: !found.is_empty() }
}
