//! A running emulator, and the controls for tests in the same process.

use std::net::SocketAddr;
use std::sync::{Arc, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::oneshot;

use crate::behaviour::age;
use crate::document::Api;
use crate::faults::{FaultKind, FaultRule};
use crate::journal::Entry;
use crate::routes::{Route, routes_of};
use crate::seed::Seed;
use crate::server::{Shared, lock};
use crate::settings::{ErrorsAs, Jobs, Settings};
use crate::tokens::Scope;
use crate::world::{World, clock};
use crate::{Builder, StartError, release};

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

/// What a start has brought about.
pub(crate) struct Started {
    pub(crate) shared: Arc<Shared>,
    pub(crate) address: SocketAddr,
    pub(crate) base_url: String,
    pub(crate) token: String,
    pub(crate) stop: oneshot::Sender<()>,
    pub(crate) thread: JoinHandle<()>,
}

impl From<Started> for Emulator {
    fn from(started: Started) -> Self {
        let Started { shared, address, base_url, token, stop, thread } = started;
        Self { shared, address, base_url, token, stop: Some(stop), thread: Some(thread) }
    }
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
        Builder::new()
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

    /// Moves the clock on: jobs that are due by then are done, contracts renew, and domains renew or run out.
    pub fn advance(&self, by: Duration) {
        let mut world = lock(&self.shared.world);
        let seconds = i64::try_from(by.as_secs()).unwrap_or(i64::MAX);
        world.now = world.now.saturating_add(seconds).min(clock::LATEST);
        world.tick(false);
        age(&mut world);
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
