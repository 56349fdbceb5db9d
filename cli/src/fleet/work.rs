//! Requests to outcomes: so many at once, the journal before and after each, until all is known or somebody stops it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use swpanel::{Client, Error, ErrorKind};
use tokio::task::JoinSet;

use super::Again;
use super::journal::{Journal, Record, State};
use crate::arguments::Given;
use crate::failure::{Exit, Failure};
use crate::output;
use crate::request::Request;
use crate::session;

/// How often what is harmless to repeat is taken up again at the end.
const PASSES: usize = 4;
/// The rest before it is taken up again.
const REST: Duration = Duration::from_secs(1);
/// How often a run that no terminal watches says how far it is.
const WORD: Duration = Duration::from_secs(10);

/// What is to be done.
pub(super) struct Plan {
    pub(super) requests: Vec<Request>,
    pub(super) idempotent: bool,
    pub(super) concurrency: usize,
    pub(super) canary: Option<usize>,
    pub(super) again: Again,
    pub(super) quiet: bool,
}

/// Why it ended.
pub(super) enum Ended {
    Whole,
    Interrupted,
    Stopped(Failure),
}

/// The items that are to be sent.
pub(super) fn wanted(records: &[Record], idempotent: bool, again: Again) -> Vec<usize> {
    let wanted = |(number, record): (usize, &Record)| {
        let is = match record.state {
            State::Done => false,
            State::Unsent => true,
            State::Unknown => idempotent || again.unknown,
            State::Failed => again.failed,
        };
        is.then_some(number)
    };
    records.iter().enumerate().filter_map(wanted).collect()
}

/// A client that is patient: it waits out what a single call would not.
pub(super) fn client(given: &Given) -> Result<Client, Failure> {
    let mut builder = session::builder(given)?;
    if !given.has("retries") {
        builder = builder.retries(8);
    }
    if !given.has("deadline") {
        builder = builder.deadline(Duration::from_secs(600));
    }
    let at_once = given.number::<usize>("concurrency")?.unwrap_or(8).clamp(1, 256);
    session::built(builder.calls_at_once(at_once))
}

/// What became of a call; and the exit code of the run where all other calls would fail in the same way.
fn judge(outcome: Result<swpanel::Response<swpanel::Json>, Error>, begun: u32) -> (Record, Option<Exit>) {
    let mut record = Record { begun, ..Record::default() };
    let error = match outcome {
        Ok(answer) => {
            record.state = State::Done;
            record.status = Some(answer.status());
            record.message = answer.message().map(str::to_owned);
            record.milliseconds = u64::try_from(answer.elapsed().as_millis()).ok();
            record.answer = Some(answer.into_inner().into_value());
            return (record, None);
        }
        Err(error) => error,
    };
    record.state = match error.kind() {
        // Nothing proves that it was not done.
        _ if error.may_have_taken_effect() => State::Unknown,
        ErrorKind::NotFound | ErrorKind::Validation | ErrorKind::Conflict | ErrorKind::Refused => State::Failed,
        // Rejected before anything was done, never sent, or a read.
        _ => State::Unsent,
    };
    record.status = error.status();
    record.kind = Some(error.kind().as_str().to_owned());
    record.code = error.code().map(|code| code.as_str().to_owned());
    record.milliseconds = error.elapsed().and_then(|elapsed| u64::try_from(elapsed.as_millis()).ok());
    let hopeless = match error.kind() {
        ErrorKind::Guardrail => Some(Exit::Refused),
        ErrorKind::Unauthorized | ErrorKind::NoToken | ErrorKind::Configuration => Some(Exit::Auth),
        _ if error.is_certificate() => Some(Exit::Server),
        _ => None,
    };
    record.message = Some(Failure::from(error).what.clone());
    (record, hopeless)
}

/// How fast it goes and how long it will still take, once that can be told.
fn pace(state: &ProgressState, out: &mut dyn std::fmt::Write) {
    let pace = state.per_sec();
    // A line that cannot be written is none that anybody misses.
    let _ = match pace >= 0.1 {
        true => write!(out, "{pace:.1}/s, {} s left", state.eta().as_secs()),
        false => write!(out, "..."),
    };
}

/// The state of a run.
struct Run {
    client: Client,
    journal: Arc<Journal>,
    requests: Vec<Arc<Request>>,
    records: Vec<Record>,
    bar: ProgressBar,
    said: Instant,
    quiet: bool,
}

pub(super) async fn work(
    plan: Plan,
    client: Client,
    journal: Journal,
    records: Vec<Record>,
) -> Result<(Vec<Record>, Ended), Failure> {
    let total = records.len() as u64;
    let target = if plan.quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let bar = ProgressBar::with_draw_target(Some(total), target);
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos}/{len} {pace} {msg}") {
        bar.set_style(style.with_key("pace", pace));
    }
    bar.set_position(records.iter().filter(|record| record.is_done()).count() as u64);
    let requests: Vec<Arc<Request>> = plan.requests.into_iter().map(Arc::new).collect();
    let mut run =
        Run { client, journal: Arc::new(journal), requests, records, bar, said: Instant::now(), quiet: plan.quiet };
    let mut again = plan.again;
    for pass in 0..PASSES {
        let wanted = wanted(&run.records, plan.idempotent, again);
        if wanted.is_empty() {
            break;
        }
        if pass > 0 {
            tokio::select! {
                () = tokio::time::sleep(REST) => {}
                () = stop_asked() => return Ok((run.records, Ended::Interrupted)),
            }
        }
        // What was asked to be repeated is repeated once.
        again = Again::default();
        let first = plan.canary.filter(|_| pass == 0).unwrap_or_default().min(wanted.len());
        let (canary, rest) = wanted.split_at(first);
        for (numbers, is_canary) in [(canary, true), (rest, false)] {
            if let Some(ended) = run.through(numbers, plan.concurrency).await? {
                run.bar.finish_and_clear();
                return Ok((run.records, ended));
            }
            let bad = |number: &&usize| !run.records.get(**number).is_some_and(Record::is_done);
            if is_canary && let Some(bad) = numbers.iter().find(bad) {
                run.bar.finish_and_clear();
                let why = run.records.get(*bad).and_then(|record| record.message.clone()).unwrap_or_default();
                let failure = Failure::new(Exit::Partial, "canary", format!("stopped after the first {first}: {why}"));
                return Ok((run.records, Ended::Stopped(failure.hint("`fleet resume` goes on all the same"))));
            }
        }
    }
    run.bar.finish_and_clear();
    Ok((run.records, Ended::Whole))
}

/// Somebody asks to stop: Ctrl-C, or the system.
async fn stop_asked() {
    #[cfg(unix)]
    {
        let terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
        if let Ok(mut terminated) = terminated {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

impl Run {
    /// Takes these items through; says why, where it did not get to their end.
    async fn through(&mut self, numbers: &[usize], concurrency: usize) -> Result<Option<Ended>, Failure> {
        let mut next = numbers.iter().copied();
        let mut under_way: JoinSet<std::io::Result<(usize, Record, Option<Exit>)>> = JoinSet::new();
        let mut ended: Option<Ended> = None;
        let stop = stop_asked();
        tokio::pin!(stop);
        loop {
            while ended.is_none() && under_way.len() < concurrency {
                let Some(number) = next.next() else { break };
                self.begin(number, &mut under_way);
            }
            if under_way.is_empty() {
                return Ok(ended);
            }
            tokio::select! {
                joined = under_way.join_next() => {
                    let Some(Ok(outcome)) = joined else { continue };
                    let (number, record, hopeless) = outcome.map_err(|error| {
                        Failure::other(format!("the journal cannot be written: {error}; the run was stopped"))
                            .hint("what was sent and not noted is listed as unknown by `fleet resume`")
                    })?;
                    if let (Some(exit), None) = (hopeless, &ended) {
                        let why = record.message.clone().unwrap_or_default();
                        let kind = record.kind.clone().unwrap_or_default();
                        ended = Some(Ended::Stopped(
                            Failure::new(exit, &kind, format!("stopped, since all others would end alike: {why}"))
                                .hint("mend it and run `swpanel fleet resume`"),
                        ));
                    }
                    if let Some(known) = self.records.get_mut(number) {
                        *known = record;
                    }
                    self.say();
                }
                () = &mut stop => {
                    if ended.is_some() {
                        // The second time: what is under way is left, and stands in the journal as begun.
                        under_way.abort_all();
                        return Ok(Some(Ended::Interrupted));
                    }
                    let count = under_way.len();
                    let quiet = self.quiet;
                    self.bar.suspend(|| if !quiet {
                        output::err(&format!("stopping; {count} calls under way may end (Ctrl-C again leaves them as unknown)\n"));
                    });
                    ended = Some(Ended::Interrupted);
                    stop.set(stop_asked());
                }
            }
        }
    }

    fn begin(&mut self, number: usize, under_way: &mut JoinSet<std::io::Result<(usize, Record, Option<Exit>)>>) {
        let Some(request) = self.requests.get(number).cloned() else { return };
        let Some(record) = self.records.get_mut(number) else { return };
        record.begun += 1;
        record.state = State::Unknown;
        let begun = record.begun;
        let (client, journal) = (self.client.clone(), Arc::clone(&self.journal));
        under_way.spawn(async move {
            journal.put(Record::begin(number)).await?;
            let session = session::Session { client };
            let (record, hopeless) = judge(session.send(&request).await, begun);
            journal.put(record.line(number)).await?;
            Ok((number, record, hopeless))
        });
    }

    fn say(&mut self) {
        let count = |state| self.records.iter().filter(|record| record.state == state).count();
        let done = count(State::Done);
        self.bar.set_position(done as u64);
        let failed = count(State::Failed);
        self.bar.set_message(if failed > 0 { format!("{failed} failed") } else { String::new() });
        if self.bar.is_hidden() && !self.quiet && self.said.elapsed() >= WORD {
            self.said = Instant::now();
            output::err(&format!("{done} of {} done, {failed} failed\n", self.records.len()));
        }
    }
}
