//! From HTTP to an answer and back: token, path, faults, document, state, journal.
//!
//! A request is read and an answer is written asynchronously; everything between is plain code, so that no lock is ever
//! held while something waits.

mod admin;
mod browser;
mod connection;
mod incoming;
mod pages;
mod play;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use axum::Router;
use axum::body::Body as HttpBody;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode};

pub(crate) use connection::{Breaker, Wires};

use crate::answer::{Answer, Basis, Body, Outcome, Refused};
use crate::behaviour::{self, Call};
use crate::codes;
use crate::document::{Api, Found, tidy};
use crate::faults::Faults;
use crate::journal::{Entry, Journal};
use crate::redact;
use crate::seed::Seed;
use crate::settings::Settings;
use crate::tokens::Tokens;
use crate::world::{SERVICES, World, clock};
use connection::Broken;
use incoming::Received;
use play::Stage;

/// Bodies that the journal keeps.
const KEPT_BODY: usize = 16 << 10;

/// Everything that requests share.
pub(crate) struct Shared {
    api: RwLock<Arc<Api>>,
    pub(crate) world: Mutex<World>,
    pub(crate) tokens: Mutex<Tokens>,
    pub(crate) settings: RwLock<Settings>,
    pub(crate) faults: Mutex<Faults>,
    pub(crate) journal: Mutex<Journal>,
    sessions: Mutex<BTreeSet<String>>,
    /// How it all began, for a reset.
    start: (Seed, Settings, String, String),
    /// The port that the server listens on; 0 until it does.
    port: AtomicU16,
}

/// A poisoned lock holds state that one call left half changed; for an emulator that is no reason to stop.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(crate) fn new(api: Api, seed: Seed, settings: Settings, token: (&str, &str), fault_seed: u64) -> Self {
        Self {
            api: RwLock::new(Arc::new(api)),
            world: Mutex::new(seed.world()),
            tokens: Mutex::new(Tokens::with(token.0, token.1)),
            settings: RwLock::new(settings),
            faults: Mutex::new(Faults::new(fault_seed)),
            journal: Mutex::default(),
            sessions: Mutex::default(),
            start: (seed, settings, token.0.to_owned(), token.1.to_owned()),
            port: AtomicU16::new(0),
        }
    }

    /// Sets the port that requests to the controls must name as their host's.
    pub(crate) fn listens_on(&self, port: u16) {
        self.port.store(port, Ordering::Release);
    }

    pub(crate) fn api(&self) -> Arc<Api> {
        Arc::clone(&self.api.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Serves another document from now on; the state stays.
    pub(crate) fn publish(&self, api: Api) {
        *self.api.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(api);
    }

    pub(crate) fn settings(&self) -> Settings {
        *self.settings.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set(&self, settings: Settings) {
        *self.settings.write().unwrap_or_else(PoisonError::into_inner) = settings;
    }

    /// Everything as it was at the start, but for the document.
    pub(crate) fn reset(&self) {
        let (seed, settings, name, secret) = &self.start;
        *lock(&self.world) = seed.world();
        *lock(&self.tokens) = Tokens::with(name, secret);
        lock(&self.faults).reset();
        lock(&self.journal).clear();
        lock(&self.sessions).clear();
        self.set(*settings);
    }

    /// One call of the API, from its parts to what goes over the wire.
    fn call(&self, parts: &Parts, received: Received) -> (Answer, Stage, u64) {
        let api = self.api();
        let settings = self.settings();
        let number = lock(&self.journal).number();
        let mut entry = Entry {
            number,
            method: parts.method.as_str().to_owned(),
            path: parts.uri.path().to_owned(),
            query: redact::query(parts.uri.query().unwrap_or_default(), &api.sensitive),
            ..Entry::default()
        };
        let mut stage = Stage::default();
        let outcome = self.judge(&api, &settings, parts, received, &mut entry, &mut stage);
        let mut answer = outcome.unwrap_or_else(|refused| refused.answer(settings.errors_as));
        for kind in std::mem::take(&mut stage.pending) {
            play::spoil(&kind, &mut answer, &mut stage);
        }
        entry.at = clock::instant(lock(&self.world).now);
        entry.status = if stage.reset { 0 } else { answer.status };
        entry.code = answer.code.map(str::to_owned);
        entry.basis = answer.basis.word();
        entry.fault.clone_from(&stage.played);
        lock(&self.journal).push(entry);
        (answer, stage, number)
    }

    fn judge(
        &self,
        api: &Api,
        settings: &Settings,
        parts: &Parts,
        received: Received,
        entry: &mut Entry,
        stage: &mut Stage,
    ) -> Outcome {
        let header = parts.headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
        let Some((name, scope)) = lock(&self.tokens).check(header) else { return Ok(Answer::unauthorized()) };
        entry.token = Some(name);
        if !settings.integrator_mode {
            let message = "Integrator mode of the account is off, so the API is closed; \
                switch it on with PUT /__emulator/settings";
            return Err(Refused::new(&codes::INTEGRATOR, message));
        }
        let (operation, values) = find(api, settings, parts)?;
        entry.operation = Some(operation.key.clone());
        let mut faults = lock(&self.faults);
        let struck = if faults.is_empty() { Vec::new() } else { faults.strike(operation) };
        drop(faults);
        for (id, kind) in struck {
            stage.played = Some(format!("{} (rule {id})", kind.name()));
            if let Some(answer) = play::instead(&kind) {
                stage.pending.push(kind);
                return Ok(answer);
            }
            stage.pending.push(kind);
        }
        let service = operation
            .template
            .trim_start_matches('/')
            .strip_prefix(SERVICES)
            .filter(|rest| rest.starts_with("/{"))
            .and_then(|_| values.first());
        scope.permits(operation, service.map(String::as_str))?;
        let bytes = match received {
            Received::Whole(bytes) => bytes,
            Received::TooLarge => {
                let message = format!("the body of {} is larger than 1 MiB; send less", operation.key);
                return Err(Refused::new(&codes::TOO_LARGE, message));
            }
            Received::BrokenOff => {
                let message = format!("the body of {} ended before its announced length; send it again", operation.key);
                return Err(Refused::new(&codes::BROKEN_OFF, message));
            }
        };
        entry.body_bytes = bytes.len();
        let body = incoming::parse(operation, &parts.headers, &bytes)?;
        if bytes.len() <= KEPT_BODY {
            entry.body = body.as_ref().map(|body| redact::redacted(body, &api.sensitive));
        }
        let query = incoming::query(parts.uri.query().unwrap_or_default());
        let body = incoming::check(api, operation, &values, &query, body, settings.strictness())?;
        let mut world = lock(&self.world);
        world.tick(true);
        let call = Call { api, operation, world: &mut world, settings, scope: &scope, values, query: &query, body };
        behaviour::answer(call)
    }
}

/// The operation that a request is for.
fn find<'a>(
    api: &'a Api,
    settings: &Settings,
    parts: &Parts,
) -> Result<(&'a crate::document::Operation, Vec<String>), Refused> {
    let path = parts.uri.path();
    let clean = tidy(path);
    let sent = if settings.strict_paths { path } else { &clean };
    let rest = sent.strip_prefix(api.base_path.as_str()).filter(|rest| rest.is_empty() || rest.starts_with('/'));
    let Some(rest) = rest else {
        let message = format!("there is no path {path}; all paths begin with {}", api.base_path);
        return Err(Refused::new(&codes::UNKNOWN_PATH, message));
    };
    match api.find(parts.method.as_str(), rest, settings.strict_paths) {
        Found::Operation(operation, values) => Ok((operation, values)),
        Found::Methods(methods) => {
            let allowed = methods.join(", ");
            let message = format!("{path} has no {}; it has: {allowed}", parts.method);
            Err(Refused::new(&codes::METHOD, message).header("allow", allowed))
        }
        Found::Spelt(template) => {
            let message = format!("{path} is not spelt as in the document, which has {template}; mind the slashes");
            Err(Refused::new(&codes::SPELLING, message))
        }
        Found::Nothing => {
            let nearest = api.nearest(rest);
            let hint =
                if nearest.is_empty() { String::new() } else { format!("; nearest are: {}", nearest.join(", ")) };
            Err(Refused::new(&codes::UNKNOWN_PATH, format!("the document has no path {rest}{hint}")))
        }
    }
}

/// The whole server: one handler for the API, whose paths are a matter of the document, and one for each of our own.
pub(crate) fn app(shared: Arc<Shared>) -> Router {
    Router::new().fallback(handle).with_state(shared)
}

async fn handle(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(breaker): ConnectInfo<Breaker>,
    request: Request,
) -> Response<HttpBody> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path();
    let control = path.starts_with("/__emulator");
    let largest = if control { incoming::SWALLOWED } else { incoming::LARGEST };
    let received = incoming::receive(&parts.headers, body, largest).await;
    if control && let Err(answer) = browser::check(&parts, shared.port.load(Ordering::Acquire)) {
        return respond(answer, None, false);
    }
    if control {
        return respond(admin::answer(&shared, &parts, received), None, false);
    }
    if path == "/" || ["/docs", "/panel"].iter().any(|own| path.strip_prefix(own).is_some_and(is_below)) {
        return respond(pages::answer(&shared, &parts, received), None, false);
    }
    let (answer, stage, number) = shared.call(&parts, received);
    if !stage.delay.is_zero() {
        tokio::time::sleep(stage.delay).await;
    }
    if stage.reset {
        breaker.reset();
    }
    respond(answer, Some(number), stage.cut)
}

fn is_below(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with('/')
}

fn respond(answer: Answer, number: Option<u64>, cut: bool) -> Response<HttpBody> {
    let media = answer.body.media_type();
    let bytes: bytes::Bytes = match answer.body {
        Body::Json(bytes) => bytes.into(),
        Body::Text(text) => text.into(),
        Body::Page(page) => page.into(),
        Body::Raw(bytes, _) => bytes,
        Body::Nothing => bytes::Bytes::new(),
    };
    let length = bytes.len();
    let body = match cut && length > 1 {
        true => HttpBody::new(Broken::new(bytes.slice(..length / 2))),
        false => HttpBody::from(bytes),
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if cut {
        headers.insert(CONTENT_LENGTH, length.into());
    }
    if let Some(media) = media {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(media));
    }
    headers.insert(HeaderName::from_static("x-swpanel-emulator-basis"), HeaderValue::from_static(answer.basis.word()));
    if let Some(number) = number {
        headers.insert(HeaderName::from_static("x-request-id"), number.into());
    }
    for (name, value) in answer.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.append(HeaderName::from_static(name), value);
        }
    }
    response
}

/// An answer of our own pages and controls, which rest on nothing but us.
fn own(status: u16, body: Body) -> Answer {
    Answer { status, body, basis: Basis::Guessed, code: None, headers: Vec::new() }
}
