//! Starts an emulator in this process: what it begins with, and why it may not.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::oneshot;

use crate::document::Api;
use crate::emulator::Started;
use crate::seed::Seed;
use crate::server::{self, Breaker, Shared, Wires};
use crate::settings::{ErrorsAs, Jobs, Settings};
use crate::{DOCUMENT, Emulator};

/// The stack of the threads that serve: schemas of the document may refer to each other in long chains.
const STACK: usize = 32 << 20;

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
    /// The document has more of something than is served.
    #[error("refused the document: it has more than {limit} {what}; serve a part of it")]
    OverBudget {
        /// What there is too much of, in the plural.
        what: &'static str,
        /// The most that is served.
        limit: usize,
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
    pub(crate) fn new() -> Self {
        Self {
            seed: Seed::default(),
            document: Bytes::from_static(DOCUMENT),
            port: 0,
            token: "emulator_default_000000".to_owned(),
            fault_seed: 0,
            threads: 1,
            settings: Settings::default(),
        }
    }

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

    /// Whether what the document marks as inferred is rejected, such as DNS records of type TXT; by default it is
    /// accepted.
    #[must_use]
    pub fn strict(mut self, strict: bool) -> Self {
        self.settings.strict = strict;
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
        shared.listens_on(address.port());
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
        let builder = std::thread::Builder::new().name("swpanel-emulator".to_owned()).stack_size(STACK);
        let thread = builder.spawn(serve).map_err(|source| StartError::Thread { source })?;
        Ok(Started { shared, address, base_url, token: self.token, stop, thread }.into())
    }
}

fn runtime(threads: usize) -> std::io::Result<tokio::runtime::Runtime> {
    #[cfg(feature = "program")]
    if threads > 1 {
        return tokio::runtime::Builder::new_multi_thread()
            .worker_threads(threads)
            .thread_stack_size(STACK)
            .enable_all()
            .build();
    }
    let _ = threads;
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}
