//! The settings of a client that are about its connections.

use std::path::PathBuf;
use std::sync::Arc;

use super::{DefaultHeader, Hook, Pem, TraceParent};
use crate::ClientBuilder;
use crate::values::Secret;

impl ClientBuilder {
    /// Trusts the certificates of a PEM text besides those of the system, for instance that of a company's own authority.
    /// It can be called several times. What the text holds is validated by [`build`](Self::build).
    #[must_use]
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.transport.roots.push(Pem::Text(pem.into().into()));
        self
    }

    /// The same with a PEM file, which [`build`](Self::build) reads.
    #[must_use]
    pub fn ca_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.transport.roots.push(Pem::File(path.into()));
        self
    }

    /// Identifies this client to the server or to the proxy before it with a certificate (mutual TLS). Both are PEM texts;
    /// the certificate may be followed by those that lead to its authority. The key has no password, and `Debug` never
    /// shows it.
    #[must_use]
    pub fn client_certificate(mut self, certificate: impl Into<Vec<u8>>, key: impl Into<Vec<u8>>) -> Self {
        self.transport.identity = Some((Pem::Text(certificate.into().into()), Pem::Text(key.into().into())));
        self
    }

    /// The same with PEM files, which [`build`](Self::build) reads. Both may be the same file. On Unix, a key that
    /// everybody on the machine can read is refused.
    #[must_use]
    pub fn client_certificate_files(mut self, certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        self.transport.identity = Some((Pem::File(certificate.into()), Pem::File(key.into())));
        self
    }

    /// A header of every request, for instance for a proxy before a panel of one's own. Set again, it replaces the value.
    ///
    /// `Authorization` and other headers that belong to this client or that would change which call is made are refused by
    /// [`build`](Self::build). A value is kept out of hooks, errors and logs where the name says that it is a secret
    /// (`X-Api-Key`); for other secrets there is [`secret_header`](Self::secret_header). `Debug` shows names only.
    ///
    /// ```
    /// let client = swpanel::Client::builder()
    ///     .token("example-token")
    ///     .default_header("X-Tenant", "7")
    ///     .secret_header("CF-Access-Client-Id", "not-a-real-id")
    ///     .build()?;
    /// # drop(client);
    /// let error = swpanel::Client::builder().token("example-token").default_header("Authorization", "x").build();
    /// assert_eq!(error.unwrap_err().kind(), swpanel::ErrorKind::Configuration);
    /// # Ok::<(), swpanel::Error>(())
    /// ```
    #[must_use]
    pub fn default_header(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.header(name.into(), Secret::from(value.into()), false)
    }

    /// A header of every request whose value is a secret, whatever its name says.
    #[must_use]
    pub fn secret_header(self, name: impl Into<String>, value: impl Into<Secret>) -> Self {
        self.header(name.into(), value.into(), true)
    }

    fn header(mut self, name: String, value: Secret, is_secret: bool) -> Self {
        self.transport.headers.push(DefaultHeader { name, value, is_secret });
        self
    }

    /// Configures the HTTP client below this one: proxies, addresses of hosts, pools, HTTP/2. The version of reqwest is
    /// that of [`swpanel::reqwest`](crate::reqwest). Closures run in the order in which they are set, once for each set
    /// of connections.
    ///
    /// The policy of this crate is applied afterwards and wins. A closure cannot have redirects followed, certificates
    /// accepted that are not valid, requests sent again by reqwest, whole requests written to the log, or calls to this
    /// machine sent elsewhere; time-outs and the user agent are those of this builder. The `Authorization` of each request
    /// is this client's. Settings of TLS have no effect: use [`root_certificates`](Self::root_certificates) and
    /// [`client_certificate`](Self::client_certificate). With the feature `native-tls`, root certificates that a closure
    /// adds are trusted.
    ///
    /// ```
    /// use std::net::SocketAddr;
    ///
    /// let client = swpanel::Client::builder()
    ///     .token("example-token")
    ///     .base_url("https://panel.example/api")
    ///     .configure_http(|http| http.resolve("panel.example", SocketAddr::from(([192, 0, 2, 1], 443))))
    ///     .build()?;
    /// # drop(client);
    /// # Ok::<(), swpanel::Error>(())
    /// ```
    #[must_use]
    pub fn configure_http(
        mut self,
        configure: impl Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync + 'static,
    ) -> Self {
        self.transport.configure.push(Arc::new(configure));
        self
    }

    /// What is run before and after each request. Several run in the order in which they are set.
    #[must_use]
    pub fn hook(mut self, hook: impl Hook) -> Self {
        self.transport.hooks.push(Arc::new(hook));
        self
    }

    /// Asked once for each call, for the header `traceparent` of its requests; no header where it returns none. What
    /// [`Client::with_traceparent`](crate::Client::with_traceparent) gives comes first. Calls of `send_blocking` ask on a
    /// thread of their own.
    #[must_use]
    pub fn traceparent_provider(mut self, provider: impl Fn() -> Option<TraceParent> + Send + Sync + 'static) -> Self {
        self.transport.trace = Some(Arc::new(provider));
        self
    }
}
