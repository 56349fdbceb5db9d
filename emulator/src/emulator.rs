//! Starts an emulator in this process, and holds it: address, token and the controls for tests.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;
use tokio::sync::oneshot;

use crate::document::Api;
use crate::faults::{FaultKind, FaultRule};
use crate::journal::Entry;
use crate::seed::Seed;
use crate::server::{self, Breaker, Shared, Wires, lock};
use crate::settings::{ErrorsAs, Jobs, Settings};
use crate::tokens::Scope;
use crate::world::{World, clock};
use crate::{DOCUMENT, release};

/// Why an emulator does not start, or does not take something over.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The document cannot be served.
    #[error("refused the document: {detail}; give an OpenAPI 3 document in JSON")]
    Document {
        /// What is wrong with it.
        detail: String,
    },
    /// The port is not to be had.
    #[error("cannot listen on 127.0.0.1:{port}: {source}; give another port, or 0 for any that is free")]
    Port {
        /// The port that was asked for.
        port: u16,
        /// What the system says.
        source: std::io::Error,
    },
    /// The system gives no thread or no runtime.
    #[error("cannot start the server's thread: {source}; the machine may be out of threads or descriptors")]
    Thread {
        /// What the system says.
        source: std::io::Error,
    },
    /// A token has characters that do not belong in a header.
    #[error("refused the token: it must be of letters, digits, `_`, `.` and `-`")]
    Token,
    /// A value does not say what it should.
    #[error("refused {what}: {detail}")]
    Value {
        /// What was given.
        what: &'static str,
        /// What is wrong with it.
        detail: String,
    },
}

/// What an emulator begins with. [`Emulator::builder`] makes one.
#[derive(Clone, Debug)]
pub struct Builder {
    seed: Seed,
    document: Bytes,
    port: u16,
    token: String,
    fault_seed: u64,
    threads: usize,
    settings: Settings,
}

impl Builder {
    /// The account that is there at the start; [`Seed::Demo`] by default.
    #[must_use]
    pub fn seed(mut self, seed: Seed) -> Self {
        self.seed = seed;
        self
    }

    /// The document to serve, as JSON; by default the one that this crate was built with, [`DOCUMENT`].
    #[must_use]
    pub fn document(mut self, document: impl Into<Vec<u8>>) -> Self {
        self.document = document.into().into();
        self
    }

    /// The port on 127.0.0.1; 0, the default, takes any that is free.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The token that opens everything: letters, digits, `_`, `.` and `-`.
    #[must_use]
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = token.into();
        self
    }

    /// Which status refusals come with.
    #[must_use]
    pub fn errors_as(mut self, errors_as: ErrorsAs) -> Self {
        self.settings.errors_as = errors_as;
        self
    }

    /// Whether a path must have its slashes where the document has them; by default any are taken.
    #[must_use]
    pub fn strict_paths(mut self, strict: bool) -> Self {
        self.settings.strict_paths = strict;
        self
    }

    /// Whether bodies and queries may have members that the document does not name; by default they are refused.
    #[must_use]
    pub fn unknown_members(mut self, accepted: bool) -> Self {
        self.settings.unknown_members = accepted;
        self
    }

    /// Whether `format` is checked, which the document calls an annotation only; by default it is not.
    #[must_use]
    pub fn check_formats(mut self, checked: bool) -> Self {
        self.settings.check_formats = checked;
        self
    }

    /// How long orders, registrations and the like stay pending; by default not at all.
    #[must_use]
    pub fn jobs(mut self, jobs: Jobs) -> Self {
        self.settings.jobs = jobs;
        self
    }

    /// Whether Integrator mode of the account is on, as it is by default; without it every call is refused.
    #[must_use]
    pub fn integrator_mode(mut self, on: bool) -> Self {
        self.settings.integrator_mode = on;
        self
    }

    /// The seed of everything that faults leave to chance.
    #[must_use]
    pub fn fault_seed(mut self, seed: u64) -> Self {
        self.fault_seed = seed;
        self
    }

    /// Threads that serve; 1 by default. More need the feature `program`, and are one without it.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads.max(1);
        self
    }

    /// Starts the emulator on a thread of its own; it listens when this returns.
    ///
    /// # Errors
    /// [`StartError`] says what stood in the way.
    pub async fn start(self) -> Result<Emulator, StartError> {
        self.start_blocking()
    }

    /// The same for callers without a runtime. Nothing here takes long enough to be waited for.
    ///
    /// # Errors
    /// [`StartError`] says what stood in the way.
    pub fn start_blocking(self) -> Result<Emulator, StartError> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
        if self.token.is_empty() || !self.token.bytes().all(plain) {
            return Err(StartError::Token);
        }
        let api = Api::read(self.document)?;
        let port = self.port;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .and_then(|listener| listener.set_nonblocking(true).map(|()| listener))
            .map_err(|source| StartError::Port { port, source })?;
        let address = listener.local_addr().map_err(|source| StartError::Port { port, source })?;
        let base_url = format!("http://{address}{}", api.base_path);
        let shared = Arc::new(Shared::new(api, self.seed, self.settings, ("default", &self.token), self.fault_seed));
        let (stop, stopped) = oneshot::channel();
        let runtime = runtime(self.threads).map_err(|source| StartError::Thread { source })?;
        let app = server::app(Arc::clone(&shared));
        let serve = move || {
            runtime.block_on(async move {
                let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
                let service = app.into_make_service_with_connect_info::<Breaker>();
                tokio::select! {
                    _ = axum::serve(Wires(listener), service).into_future() => {}
                    _ = stopped => {}
                }
            });
            // Connections that are open are closed, not waited for.
            runtime.shutdown_timeout(Duration::from_millis(200));
        };
        let builder = std::thread::Builder::new().name("swpanel-emulator".to_owned());
        let thread = builder.spawn(serve).map_err(|source| StartError::Thread { source })?;
        Ok(Emulator { shared, address, base_url, token: self.token, stop: Some(stop), thread: Some(thread) })
    }
}

fn runtime(threads: usize) -> std::io::Result<tokio::runtime::Runtime> {
    #[cfg(feature = "program")]
    if threads > 1 {
        return tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build();
    }
    let _ = threads;
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

/// An operation that an emulator serves.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Route {
    /// Method in upper case.
    pub method: String,
    /// Path as the document writes it.
    pub path: String,
    /// What it was found to do: list, read, create, update, delete, view, action, and so on.
    pub role: &'static str,
    /// Whether it has a behaviour of its own besides its role's.
    pub by_hand: bool,
}

/// What an emulator would serve of a document, and what it would not, each with the reason.
///
/// # Errors
/// [`StartError::Document`] where it is no OpenAPI document in JSON.
pub fn routes(document: &[u8]) -> Result<(Vec<Route>, Vec<String>), StartError> {
    let api = Api::read(Bytes::copy_from_slice(document))?;
    Ok((routes_of(&api), api.unserved))
}

fn routes_of(api: &Api) -> Vec<Route> {
    let one = |operation: &crate::document::Operation| Route {
        method: operation.method.clone(),
        path: operation.template.clone(),
        role: operation.role.word(),
        by_hand: operation.row.special != crate::behaviour::Special::None,
    };
    let unserved = |operation: &&crate::document::Operation| {
        !api.unserved.iter().any(|unserved| unserved.starts_with(&format!("{}:", operation.key)))
    };
    api.operations.iter().filter(unserved).map(one).collect()
}

/// A running emulator. Dropping it stops it.
#[derive(Debug)]
pub struct Emulator {
    shared: Arc<Shared>,
    address: SocketAddr,
    base_url: String,
    token: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Shared")
    }
}

impl Emulator {
    /// An emulator with the seed [`Seed::Demo`] and the crate's own document, on any free port.
    #[must_use]
    pub fn builder() -> Builder {
        Builder {
            seed: Seed::default(),
            document: Bytes::from_static(DOCUMENT),
            port: 0,
            token: "emulator_default_000000".to_owned(),
            fault_seed: 0,
            threads: 1,
            settings: Settings::default(),
        }
    }

    /// Where the API is: `http://127.0.0.1:PORT/v2026`.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The token that opens everything.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The address that it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The documentation page, which leads to the document.
    #[must_use]
    pub fn docs_url(&self) -> String {
        format!("http://{}/docs/", self.address)
    }

    /// The same page behind a login: any user, and a token as the password.
    #[must_use]
    pub fn walled_docs_url(&self) -> String {
        format!("http://{}/panel/docs/", self.address)
    }

    /// What is served of the document.
    #[must_use]
    pub fn routes(&self) -> Vec<Route> {
        routes_of(&self.shared.api())
    }

    /// Adds a rule of faults; its number removes it again.
    pub fn add_fault(&self, rule: FaultRule) -> u64 {
        lock(&self.shared.faults).add(rule)
    }

    /// Adds a rule that strikes once: on the next call of `METHOD /path/{template}`.
    pub fn fail_once(&self, operation: &str, fault: FaultKind) -> u64 {
        self.add_fault(FaultRule::new(fault).on(operation).times(1))
    }

    /// Removes a rule of faults; whether there was one.
    pub fn remove_fault(&self, id: u64) -> bool {
        lock(&self.shared.faults).remove(Some(id)) > 0
    }

    /// Removes all rules of faults.
    pub fn clear_faults(&self) {
        lock(&self.shared.faults).remove(None);
    }

    /// The latest requests to the API, oldest first, at most 10,000.
    #[must_use]
    pub fn journal(&self) -> Vec<Entry> {
        lock(&self.shared.journal).entries().cloned().collect()
    }

    /// Empties the journal.
    pub fn clear_journal(&self) {
        lock(&self.shared.journal).clear();
    }

    /// Makes a token with a scope; one of the same name is replaced.
    pub fn create_token(&self, name: &str, scope: Scope) -> String {
        lock(&self.shared.tokens).make(name, scope)
    }

    /// Revokes a token by its name (`default` is the first one's); whether there was one.
    pub fn revoke_token(&self, name: &str) -> bool {
        lock(&self.shared.tokens).revoke(name)
    }

    fn change(&self, change: impl FnOnce(&mut Settings)) {
        let mut settings = self.shared.settings.write().unwrap_or_else(PoisonError::into_inner);
        change(&mut settings);
    }

    /// Switches Integrator mode.
    pub fn set_integrator_mode(&self, on: bool) {
        self.change(|settings| settings.integrator_mode = on);
    }

    /// Switches the statuses of refusals.
    pub fn set_errors_as(&self, errors_as: ErrorsAs) {
        self.change(|settings| settings.errors_as = errors_as);
    }

    /// Switches how long jobs stay pending.
    pub fn set_jobs(&self, jobs: Jobs) {
        self.change(|settings| settings.jobs = jobs);
    }

    /// Ends all pending jobs; how many there were.
    pub fn finish_jobs(&self) -> usize {
        lock(&self.shared.world).finish(None)
    }

    /// The emulator's time, as `2026-06-02T08:00:00Z`. It stands still until it is set.
    #[must_use]
    pub fn now(&self) -> String {
        clock::instant(lock(&self.shared.world).now)
    }

    /// Moves the clock on; jobs that are due by then are done.
    pub fn advance(&self, by: Duration) {
        let mut world = lock(&self.shared.world);
        let seconds = i64::try_from(by.as_secs()).unwrap_or(i64::MAX);
        world.now = world.now.saturating_add(seconds).min(clock::LATEST);
        world.tick(false);
    }

    /// Begins another account; tokens, faults and settings stay.
    pub fn seed(&self, seed: Seed) {
        *lock(&self.shared.world) = seed.world();
    }

    /// Everything as at the start, but for the document.
    pub fn reset(&self) {
        self.shared.reset();
    }

    /// The whole state as JSON, for [`restore`](Self::restore). There are no passwords in it, since none are kept.
    ///
    /// # Panics
    /// Never: state is made of texts and numbers.
    #[must_use]
    pub fn snapshot(&self) -> Value {
        serde_json::to_value(&*lock(&self.shared.world)).expect("state is made of texts and numbers")
    }

    /// Takes a state over that [`snapshot`](Self::snapshot) gave.
    ///
    /// # Errors
    /// [`StartError::Value`] where it is no such state; nothing is changed then.
    pub fn restore(&self, snapshot: Value) -> Result<(), StartError> {
        let world: World = serde_json::from_value(snapshot)
            .map_err(|error| StartError::Value { what: "the snapshot", detail: error.to_string() })?;
        *lock(&self.shared.world) = world;
        Ok(())
    }

    /// The document that is being served.
    #[must_use]
    pub fn document(&self) -> Vec<u8> {
        self.shared.api().bytes.to_vec()
    }

    /// Serves another document from now on. The state stays, and so does the base address.
    ///
    /// # Errors
    /// [`StartError::Document`] where it cannot be served; the old one is kept then.
    pub fn publish(&self, document: impl Into<Vec<u8>>) -> Result<(), StartError> {
        self.shared.publish(Api::read(document.into().into())?);
        Ok(())
    }

    /// Publishes a made-up next release of the document: operations more, a member more, one that is now required.
    ///
    /// # Errors
    /// [`StartError::Document`] where the release cannot be served.
    pub fn publish_next(&self) -> Result<(), StartError> {
        let next = release::next(&self.shared.api().tree);
        self.publish(next)
    }

    /// Stops the emulator and waits until it has.
    pub fn shutdown(mut self) {
        self.stop();
    }

    fn stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // It may have stopped by itself.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.stop();
    }
}
