//! One call as the attempts it takes: its turn, the token, sending, reading within bounds, judging; and then either
//! the answer, or a wait and once more, within the deadline.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use backon::Retryable;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{Request, StatusCode};
use tracing::field::Empty;
use tracing::{Instrument, Span};

use super::connection::{Route, lost};
use super::retry::{self, Class};
use super::scheme::{self, Scheme};
use super::scrub::Secrets;
use super::{Answer, request_id};
use crate::cassettes::Cassettes;
use crate::error::{Error, ErrorKind};
use crate::transport::{self, HookOutcome};
use crate::{Client, Operation, Response};

/// A call under way.
pub(super) struct Call<'a> {
    client: &'a Client,
    operation: Option<&'static Operation>,
    started: Instant,
    attempts: AtomicU32,
    /// An attempt was sent whose outcome is unknown.
    unknown: AtomicBool,
    /// What it was sent with; another one after the first was refused.
    tokens: Mutex<Vec<HeaderValue>>,
    /// The header `traceparent` of all attempts.
    trace: Option<HeaderValue>,
    /// Ours, also where a program's own span is the current one because this level is off.
    span: Span,
}

impl<'a> Call<'a> {
    pub(super) fn new(client: &'a Client, operation: Option<&'static Operation>) -> Self {
        Self {
            client,
            operation,
            started: Instant::now(),
            attempts: AtomicU32::new(0),
            unknown: AtomicBool::new(false),
            tokens: Mutex::new(Vec::new()),
            trace: client.shared.outgoing.trace(client.trace),
            // Names of OpenTelemetry; no address, since values stand in it.
            span: tracing::debug_span!(
                "swpanel",
                "otel.kind" = "client",
                "http.request.method" = Empty,
                "http.request.resend_count" = Empty,
                "url.template" = operation.map_or("", |operation| operation.path),
                "server.address" = Empty,
                "server.port" = Empty,
                "swpanel.operation" = operation.map_or("", |operation| operation.id),
                "http.response.status_code" = Empty,
                "error.type" = Empty,
            ),
        }
    }

    fn tokens(&self) -> MutexGuard<'_, Vec<HeaderValue>> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the call may be done with, by its operation or, where the document has none, by its method and path.
    fn class(&self, request: &Request) -> Class {
        Class::of(self.operation, request.method(), request.url().path())
    }

    /// What is known of every failure of this call, and none of its secrets: a server may repeat what it refuses.
    pub(super) fn finish(&self, error: Error, request: &Request) -> Error {
        let class = self.class(request);
        let again = class.may_resend(&error) || error.kind() == ErrorKind::Deadline;
        let last = class.may_have_taken_effect(&error);
        // What the last attempt says of itself does not hold for the earlier ones.
        let earlier = self.unknown.load(Ordering::Relaxed);
        let error = if earlier && !last { error.outcome_unknown() } else { error };
        let error = error.with_effect(last || earlier);
        let secrets = Secrets::of(request, self.operation, self.tokens().iter());
        let error = error.without(|text| secrets.hide(text)).may_be_resent(again);
        let attempts = self.attempts.load(Ordering::Relaxed);
        self.span.record("error.type", tracing::field::debug(error.kind()));
        error.at(self.operation).took(self.started.elapsed()).attempts_are(attempts)
    }

    pub(super) fn outline(&self, answer: &Answer) -> Response<()> {
        Response {
            value: (),
            status: answer.status.as_u16(),
            message: None,
            request_id: request_id(&answer.headers),
            elapsed: self.started.elapsed(),
        }
    }

    /// Sends it, again where that is harmless, and judges what comes.
    pub(super) async fn send<J>(
        &self,
        request: &Request,
        judge: impl Fn(&Answer) -> Result<J, Error>,
    ) -> Result<(Answer, J), Error> {
        let path = self.path_below(request);
        self.client.shared.guardrails.check(self.operation, request.method().as_str(), &path)?;
        if !self.span.is_disabled() {
            self.span.record("http.request.method", request.method().as_str());
            self.span.record("server.address", request.url().host_str());
            self.span.record("server.port", request.url().port_or_known_default());
        }
        let sent = self.attempted(request, judge).instrument(self.span.clone()).await;
        sent.map_err(|error| self.finish(error, request))
    }

    async fn attempted<J>(
        &self,
        request: &Request,
        judge: impl Fn(&Answer) -> Result<J, Error>,
    ) -> Result<(Answer, J), Error> {
        let shared = &self.client.shared;
        let deadline = self.started + shared.deadline;
        let class = self.class(request);
        // A body that cannot be sent twice is not.
        let whole = request.body().is_none_or(|body| body.as_bytes().is_some());
        let retries = if whole { shared.retries } else { 0 };
        let replays = self.replays();
        let once = || self.attempt(request, &judge, class, deadline);
        once.retry(retry::waits(retries))
            .sleep(move |wait| tokio::time::sleep(if replays { Duration::ZERO } else { wait }))
            .when(|error: &Error| class.may_resend(error))
            .adjust(|error, ours| retry::next(error, ours, deadline))
            .notify(|error, wait| {
                if class.may_have_taken_effect(error) {
                    self.unknown.store(true, Ordering::Relaxed);
                }
                self.span.record("http.request.resend_count", self.attempts.load(Ordering::Relaxed));
                tracing::info!(kind = ?error.kind(), status = error.status(), wait_ms = millis(wait), "trying again");
            })
            .await
    }

    /// One attempt, and one more with another token where the first is not taken any more.
    async fn attempt<J>(
        &self,
        request: &Request,
        judge: &impl Fn(&Answer) -> Result<J, Error>,
        class: Class,
        deadline: Instant,
    ) -> Result<(Answer, J), Error> {
        let shared = &self.client.shared;
        if let Some(rest) = shared.pacer.rests_beyond(deadline) {
            let detail = "the API asked for a longer rest than the deadline allows";
            return Err(Error::new(ErrorKind::RateLimited, detail).retry_after_is(Some(rest)));
        }
        let outcome = tokio::time::timeout_at(deadline.into(), async {
            // Nothing is sent before both are there.
            let turn = shared.pacer.turn().await;
            (shared.auth.header().await, turn)
        });
        let before = |_| Error::new(ErrorKind::Deadline, "the deadline passed while the call waited for its turn");
        let (header, _turn) = outcome.await.map_err(before)?;
        let header = header?;
        let first = self.exchange(request, header.clone(), class, deadline).await?;
        let answer = if first.status == StatusCode::UNAUTHORIZED {
            let late = |_| Error::new(ErrorKind::Deadline, "the deadline passed while another token was asked for");
            match tokio::time::timeout_at(deadline.into(), shared.auth.renewed(&header)).await.map_err(late)? {
                // The API turned it away, so nothing happened yet.
                Ok(Some(other)) => self.exchange(request, other, class, deadline).await?,
                Ok(None) => first,
                Err(error) => {
                    // That there is no other is no reason to hide what the API said of this one.
                    tracing::debug!(kind = ?error.kind(), "no other token");
                    first
                }
            }
        } else {
            first
        };
        let judged = judge(&answer).map_err(|error| error.request_id_is(request_id(&answer.headers)));
        if let Err(error) = &judged {
            if error.kind() == ErrorKind::RateLimited && !self.replays() {
                shared.pacer.too_much(error.retry_after());
            }
            tracing::debug!(kind = ?error.kind(), status = error.status(), "failed");
        }
        Ok((answer, judged?))
    }

    /// Sends the request with the token and reads the whole answer, within the bound on its length.
    async fn exchange(
        &self,
        request: &Request,
        header: HeaderValue,
        class: Class,
        deadline: Instant,
    ) -> Result<Answer, Error> {
        let reads = class == Class::Safe;
        if Instant::now() >= deadline {
            return Err(Error::new(ErrorKind::Deadline, "the deadline passed before the request was sent"));
        }
        let whole = "a request is sent again only where it can be copied";
        let mut request = request.try_clone().ok_or_else(|| Error::new(ErrorKind::InvalidArgument, whole))?;
        request.headers_mut().insert(AUTHORIZATION, header);
        self.prepare(&mut request)?;
        self.attempts.fetch_add(1, Ordering::Relaxed);
        let started = Instant::now();
        let hooks = &self.client.shared.outgoing.hooks;
        let seen = if hooks.is_empty() { None } else { request.try_clone() };
        let outcome = match tokio::time::timeout_at(deadline.into(), self.read(request, reads)).await {
            Ok(outcome) => outcome,
            Err(_) if reads => Err(Error::new(ErrorKind::Deadline, "no complete answer came before the deadline")),
            Err(_) => Err(Error::new(ErrorKind::OutcomeUnknown, "no complete answer came before the deadline")),
        };
        if let Some(seen) = seen {
            self.run_after_hooks(seen, &outcome, started);
        }
        outcome
    }

    /// Has the hooks look at what became of a request, of which `seen` is a copy.
    fn run_after_hooks(&self, seen: Request, outcome: &Result<Answer, Error>, started: Instant) {
        let secrets = Secrets::of(&seen, self.operation, self.tokens().iter());
        let hook_outcome = match outcome {
            Ok(answer) => HookOutcome {
                status: Some(answer.status.as_u16()),
                error: None,
                // A server may repeat a secret in it.
                request_id: request_id(&answer.headers).map(|id| secrets.hide(&id)),
                length: answer.body.len(),
                started,
            },
            Err(error) => {
                HookOutcome { status: error.status(), error: Some(error.kind()), request_id: None, length: 0, started }
            }
        };
        let (path, attempt) = (self.path_below(&seen), self.attempts.load(Ordering::Relaxed));
        transport::after(&self.client.shared.outgoing.hooks, seen, self.operation, &path, attempt, &hook_outcome);
    }

    /// Puts the program's headers and the trace into a request, and has the hooks look at it.
    fn prepare(&self, request: &mut Request) -> Result<(), Error> {
        let outgoing = &self.client.shared.outgoing;
        for (name, value) in &outgoing.headers {
            // What the call itself says comes first.
            request.headers_mut().entry(name.clone()).or_insert_with(|| value.clone());
        }
        if let Some(trace) = &self.trace {
            request.headers_mut().insert("traceparent", trace.clone());
        }
        let stopped = if outgoing.hooks.is_empty() {
            Ok(())
        } else {
            let path = self.path_below(request);
            let attempt = self.attempts.load(Ordering::Relaxed).saturating_add(1);
            transport::before(&outgoing.hooks, request, self.operation, &path, attempt)
        };
        // The token, and whatever else of the headers is a secret: no message shows it.
        let secrets = request.headers().values().filter(|value| value.is_sensitive()).cloned();
        self.tokens().extend(secrets);
        stopped
    }

    fn replays(&self) -> bool {
        self.client.shared.cassettes.as_ref().is_some_and(Cassettes::is_replay)
    }

    /// The path of a request below the base address.
    fn path_below(&self, request: &Request) -> String {
        let path = request.url().path();
        path.strip_prefix(self.client.shared.base_path.as_str()).unwrap_or(path).to_owned()
    }

    async fn read(&self, request: Request, reads: bool) -> Result<Answer, Error> {
        let Some(cassettes) = &self.client.shared.cassettes else { return self.fetch(request, reads).await };
        let path = self.path_below(&request);
        if let Some(replayed) = cassettes.answer(&request, &path, self.operation)? {
            let status = StatusCode::from_u16(replayed.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            return Ok(Answer { status, headers: replayed.headers, body: replayed.body });
        }
        let sent = request.try_clone();
        let answer = self.fetch(request, reads).await?;
        if let Some(sent) = sent {
            let exchanged = (answer.status.as_u16(), &answer.headers, answer.body.as_slice());
            // The call was made and answered, whatever becomes of the recording.
            if let Err(error) = cassettes.keep(&sent, &path, self.operation, exchanged) {
                tracing::error!(%error, "an exchange was not recorded");
            }
        }
        Ok(answer)
    }

    async fn fetch(&self, mut request: Request, reads: bool) -> Result<Answer, Error> {
        let common = crate::operations::COMMON_SCHEME;
        let scheme = self.operation.map_or(common, |operation| crate::operations::scheme(operation.id));
        scheme::apply(&mut request, if self.client.shared.anonymous { Scheme::Nothing } else { scheme })?;
        let host = request.url().host_str().unwrap_or_default().to_owned();
        let route = Route { host: &host, proxy: self.client.shared.proxy.as_deref() };
        let sent = self.client.connections().execute(request).await;
        let mut response = sent.map_err(|error| lost(error, reads, false, &route))?;
        let status = response.status();
        self.span.record("http.response.status_code", status.as_u16());
        tracing::debug!(status = status.as_u16(), elapsed_ms = millis(self.started.elapsed()), "answered");
        let cut = |error| lost(error, reads, true, &route);
        let limit = self.client.shared.max_body;
        // A length is a claim: what is set aside for it beforehand is little.
        let length = response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
        let mut body = Vec::with_capacity(length.min(limit).min(1 << 20));
        while let Some(chunk) = response.chunk().await.map_err(|error| cut(error).status_is(status.as_u16()))? {
            if body.len() + chunk.len() > limit {
                let detail = format!("the answer is longer than the {limit} bytes that are read");
                return Err(Error::new(ErrorKind::TooLarge, detail).status_is(status.as_u16()));
            }
            body.extend_from_slice(&chunk);
        }
        let headers = std::mem::take(response.headers_mut());
        Ok(Answer { status, headers, body })
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
