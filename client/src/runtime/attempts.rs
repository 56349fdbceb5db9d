//! One call as the attempts it takes: its turn, the token, sending, reading within bounds, judging; and then either
//! the answer, or a wait and once more, within the deadline.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use backon::Retryable;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{Request, StatusCode};
use tracing::Instrument;

use super::retry::{self, Class};
use super::scrub::Secrets;
use super::{Answer, lost, request_id};
use crate::error::{Error, ErrorKind};
use crate::{Client, Operation, Response};

/// A call under way.
pub(super) struct Call<'a> {
    client: &'a Client,
    operation: Option<&'static Operation>,
    started: Instant,
    attempts: AtomicU32,
    /// An attempt was sent whose outcome is unknown.
    unknown: AtomicBool,
}

impl<'a> Call<'a> {
    pub(super) fn new(client: &'a Client, operation: Option<&'static Operation>) -> Self {
        Self {
            client,
            operation,
            started: Instant::now(),
            attempts: AtomicU32::new(0),
            unknown: AtomicBool::new(false),
        }
    }

    /// What is known of every failure of this call.
    pub(super) fn finish(&self, error: Error) -> Error {
        // These say that nothing happened, which is true of the last attempt alone.
        let harmless = [ErrorKind::Deadline, ErrorKind::NotSent, ErrorKind::RateLimited].contains(&error.kind());
        let unknown = harmless && self.unknown.load(Ordering::Relaxed);
        let error = if unknown { error.outcome_unknown() } else { error };
        error.at(self.operation).took(self.started.elapsed()).attempts_are(self.attempts.load(Ordering::Relaxed))
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
        request: Request,
        judge: impl Fn(&Answer) -> Result<J, Error>,
    ) -> Result<(Answer, J), Error> {
        let shared = &self.client.shared;
        let path = request.url().path();
        let path = path.strip_prefix(shared.base_path.as_str()).unwrap_or(path);
        shared.guardrails.check(self.operation, request.method().as_str(), path)?;
        // Names of OpenTelemetry; no address, since values stand in it.
        let span = tracing::debug_span!(
            "swpanel",
            "otel.kind" = "client",
            "http.request.method" = %request.method(),
            "url.template" = self.operation.map_or("", |operation| operation.path),
            "swpanel.operation" = self.operation.map_or("", |operation| operation.id),
            "http.response.status_code" = tracing::field::Empty,
        );
        self.attempted(&request, judge).instrument(span).await.map_err(|error| {
            // A server may repeat what it refuses.
            let secrets = Secrets::of(&request, self.operation, shared.auth.known().as_ref());
            self.finish(error.without(|text| secrets.hide(text)))
        })
    }

    async fn attempted<J>(
        &self,
        request: &Request,
        judge: impl Fn(&Answer) -> Result<J, Error>,
    ) -> Result<(Answer, J), Error> {
        let shared = &self.client.shared;
        let deadline = self.started + shared.deadline;
        let class = Class::of(self.operation, request.method());
        // A body that cannot be sent twice is not.
        let whole = request.body().is_none_or(|body| body.as_bytes().is_some());
        let retries = if whole { shared.retries } else { 0 };
        let once = || self.attempt(request, &judge, class, deadline);
        once.retry(retry::waits(retries))
            .sleep(tokio::time::sleep)
            .when(|error: &Error| class.may_resend(error))
            .adjust(|error, ours| retry::next(error, ours, deadline))
            .notify(|error, wait| {
                if error.kind() == ErrorKind::OutcomeUnknown {
                    self.unknown.store(true, Ordering::Relaxed);
                }
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
            match tokio::time::timeout_at(deadline.into(), shared.auth.renewed(&header)).await.map_err(late)?? {
                // The API turned it away, so nothing happened yet.
                Some(other) => self.exchange(request, other, class, deadline).await?,
                None => first,
            }
        } else {
            first
        };
        let judged = judge(&answer).map_err(|error| error.request_id_is(request_id(&answer.headers)));
        if let Err(error) = &judged {
            if error.kind() == ErrorKind::RateLimited {
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
        let whole = "a request is sent again only where it can be copied";
        let mut request = request.try_clone().ok_or_else(|| Error::new(ErrorKind::InvalidArgument, whole))?;
        request.headers_mut().insert(AUTHORIZATION, header);
        self.attempts.fetch_add(1, Ordering::Relaxed);
        match tokio::time::timeout_at(deadline.into(), self.read(request, reads)).await {
            Ok(outcome) => outcome,
            Err(_) if reads => Err(Error::new(ErrorKind::Deadline, "no complete answer came before the deadline")),
            Err(_) => Err(Error::new(ErrorKind::OutcomeUnknown, "no complete answer came before the deadline")),
        }
    }

    async fn read(&self, request: Request, reads: bool) -> Result<Answer, Error> {
        let Some(cassettes) = &self.client.shared.cassettes else { return self.fetch(request, reads).await };
        let path = request.url().path();
        let path = path.strip_prefix(self.client.shared.base_path.as_str()).unwrap_or(path).to_owned();
        if let Some(replayed) = cassettes.answer(&request, &path, self.operation)? {
            let status = StatusCode::from_u16(replayed.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            return Ok(Answer { status, headers: replayed.headers, body: replayed.body });
        }
        let sent = request.try_clone();
        let answer = self.fetch(request, reads).await?;
        if let Some(sent) = sent {
            let exchanged = (answer.status.as_u16(), &answer.headers, answer.body.as_slice());
            cassettes.keep(&sent, &path, self.operation, exchanged)?;
        }
        Ok(answer)
    }

    async fn fetch(&self, request: Request, reads: bool) -> Result<Answer, Error> {
        let mut response = self.client.client.execute(request).await.map_err(|error| lost(error, reads))?;
        let status = response.status();
        tracing::Span::current().record("http.response.status_code", status.as_u16());
        tracing::debug!(status = status.as_u16(), elapsed_ms = millis(self.started.elapsed()), "answered");
        let limit = self.client.shared.max_body;
        // A length is a claim: what is set aside for it beforehand is little.
        let length = response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
        let mut body = Vec::with_capacity(length.min(limit).min(1 << 20));
        while let Some(chunk) = response.chunk().await.map_err(|error| lost(error, reads).status_is(status.as_u16()))? {
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
