//! The connections of a client: the program's own settings first, then the policy of this crate, which wins.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use super::Transport;
use crate::error::{Error, ErrorKind};
use crate::tls::Material;

/// What this crate decides about connections, whatever a program's closure set.
pub(crate) struct Policy<'a> {
    pub(crate) base_url: &'a str,
    pub(crate) timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) user_agent: String,
    material: Material,
}

impl<'a> Policy<'a> {
    /// Reads the certificates, also where the address needs none: what cannot be used is reported at once.
    pub(crate) fn new(
        transport: &Transport,
        base_url: &'a str,
        (timeout, connect_timeout): (Duration, Duration),
        user_agent: String,
    ) -> Result<Self, Error> {
        let roots = transport.roots.iter().map(|pem| pem.read("file of root certificates", false));
        let identity = transport.identity.as_ref().map(|(certificate, key)| {
            Ok::<_, Error>((certificate.read("client certificate", false)?, key.read("client key", true)?))
        });
        let material = Material::parse(&roots.collect::<Result<Vec<_>, _>>()?, identity.transpose()?.as_ref())?;
        Ok(Self { base_url, timeout, connect_timeout, user_agent, material })
    }

    /// Connections of their own for each runtime that needs some.
    pub(crate) fn connections(&self, transport: &Transport) -> Result<reqwest::Client, Error> {
        let is_plain = self.base_url.starts_with("http://");
        let mut builder = reqwest::Client::builder();
        for configure in &transport.configure {
            builder = configure(builder);
        }
        if is_plain {
            // An address of this machine: no proxy may see the token on its way there, and the name leads nowhere else.
            let here = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
            builder =
                builder.no_proxy().resolve_to_addrs("localhost", &here.map(|address| SocketAddr::new(address, 0)));
        }
        crate::tls::set_up(builder, !is_plain, &self.material)?
            .timeout(self.timeout)
            .connect_timeout(self.connect_timeout.min(self.timeout))
            .redirect(reqwest::redirect::Policy::none())
            // All retries are ours, so that they are counted and end with the deadline.
            .retry(reqwest::retry::never())
            // It writes whole requests to the log, with the token.
            .connection_verbose(false)
            .referer(false)
            .user_agent(self.user_agent.as_str())
            .build()
            .map_err(|error| Error::new(ErrorKind::Configuration, format!("the client cannot be set up: {error}")))
    }
}
