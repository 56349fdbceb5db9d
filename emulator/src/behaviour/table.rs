//! What cannot be read from the tree of paths, by METHOD and path: which member of a body is the key, what an action
//! does to the status, what needs a hand of its own.
//!
//! Names of parameters do not count. A row whose operation is not in the document does no harm, and an operation
//! without a row behaves as its role says. Everything here is a guess about SWPanel, except where a comment says so.

/// Hints for one operation.
pub(crate) struct Row {
    method: &'static str,
    path: &'static str,
    /// JSON pointer of the key in the body.
    pub(crate) key: Option<&'static str>,
    /// How keys are made where the body has none: `{n}` is a number, `{parent}` the key of the item above.
    pub(crate) pattern: Option<&'static str>,
    /// Status of what is made, or what an action makes of it.
    pub(crate) status: Option<&'static str>,
    /// Another member that addresses the item.
    pub(crate) alias: Option<&'static str>,
    /// A member whose value no two items of the collection may share, such as a login.
    pub(crate) unique: Option<&'static str>,
    pub(crate) special: Special,
}

/// Operations with a behaviour of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Special {
    None,
    Order,
    ServiceRead,
    ServiceStatus,
    ServiceDelete,
    CloudClone { white: bool },
    DomainRegister,
    DomainTransfer,
    DomainRenew,
    DomainWhois,
    DomainAvailable,
    DomainPrice,
    DnsCreate,
    DnsUpdate,
    DnsAdvanced,
    DnsRecreate,
    DnsTtl,
    DatabaseCreate,
    DatabaseUpdate,
    DatabaseUserDelete,
    MailboxSize,
    MailboxLogin,
    ListEmails,
    SslPfx,
    SslRenew,
    SslReissue,
}

const fn on(method: &'static str, path: &'static str) -> Row {
    Row { method, path, key: None, pattern: None, status: None, alias: None, unique: None, special: Special::None }
}

impl Row {
    const fn key(mut self, pointer: &'static str) -> Self {
        self.key = Some(pointer);
        self
    }

    const fn pattern(mut self, pattern: &'static str) -> Self {
        self.pattern = Some(pattern);
        self
    }

    const fn status(mut self, status: &'static str) -> Self {
        self.status = Some(status);
        self
    }

    const fn alias(mut self, member: &'static str) -> Self {
        self.alias = Some(member);
        self
    }

    const fn unique(mut self, member: &'static str) -> Self {
        self.unique = Some(member);
        self
    }

    const fn by(mut self, special: Special) -> Self {
        self.special = special;
        self
    }
}

static DEFAULT: Row = on("", "");

static ROWS: &[Row] = &[
    on("POST", "/services/create").by(Special::Order),
    on("GET", "/services/{}").by(Special::ServiceRead),
    on("GET", "/services/{}/status").by(Special::ServiceStatus),
    // The manuals name the three ways to cancel, and that a cloud takes along what hangs from it.
    on("DELETE", "/services/{}/delete").by(Special::ServiceDelete),
    on("POST", "/services/{}/cloud/start").status("started"),
    on("POST", "/services/{}/cloud/stop").status("stopped"),
    on("POST", "/services/{}/cloud/park").status("parked"),
    on("POST", "/services/{}/cloud/unpark").status("started"),
    on("POST", "/services/{}/cloud/clone").by(Special::CloudClone { white: false }),
    on("POST", "/services/{}/cloud/clone/white").by(Special::CloudClone { white: true }),
    on("POST", "/services/{}/hosting/start").status("active"),
    on("POST", "/services/{}/hosting/stop").status("stopped"),
    on("GET", "/domains/{}").alias("domain"),
    on("POST", "/domains/register").by(Special::DomainRegister),
    on("POST", "/domains/transfer").by(Special::DomainTransfer),
    // By the manuals a renewal adds years to the present expiry.
    on("POST", "/domains/renew").by(Special::DomainRenew),
    on("GET", "/domains/{}/whois").by(Special::DomainWhois),
    on("GET", "/domains/{}/available").by(Special::DomainAvailable),
    on("GET", "/domains/prices/{}").by(Special::DomainPrice),
    on("POST", "/domains/host").unique("hostname"),
    on("GET", "/domains/host/{}").alias("hostname"),
    on("PUT", "/domains/host/{}").alias("hostname").unique("hostname"),
    on("DELETE", "/domains/host/{}").alias("hostname"),
    // By the manuals a zone belongs to a hosting, and holds the records of its main domain.
    on("POST", "/services/{}/dns").by(Special::DnsCreate),
    on("PUT", "/services/{}/dns/{}").by(Special::DnsUpdate),
    // By the manuals one button makes SPF, DKIM and DMARC.
    on("POST", "/services/{}/dns/advanced/{}").by(Special::DnsAdvanced),
    on("POST", "/services/{}/dns/recreate/{}").by(Special::DnsRecreate),
    on("POST", "/services/{}/dns/ttl/{}").by(Special::DnsTtl),
    on("POST", "/services/{}/dnssec").key("/domain"),
    on("PUT", "/services/{}/dnssec").key("/domain"),
    on("DELETE", "/services/{}/dnssec").key("/domain"),
    on("POST", "/services/{}/cron").status("started"),
    on("POST", "/services/{}/cron/start/{}").status("started"),
    on("POST", "/services/{}/cron/stop/{}").status("stopped"),
    on("POST", "/services/{}/db").key("/db_name").unique("db_name").by(Special::DatabaseCreate),
    on("PUT", "/services/{}/db/{}").unique("db_name").by(Special::DatabaseUpdate),
    on("POST", "/services/{}/db/user").pattern("dbuser{n}").unique("user"),
    on("PUT", "/services/{}/db/user").key("/user"),
    on("DELETE", "/services/{}/db/user").key("/user").by(Special::DatabaseUserDelete),
    // Nothing seen says that two accounts may share a login; that they may not is inferred.
    on("POST", "/services/{}/ftp").pattern("{parent}F{n}").status("started").unique("login"),
    on("PUT", "/services/{}/ftp/{}").unique("login"),
    on("POST", "/services/{}/ftp/start/{}").status("started"),
    on("POST", "/services/{}/ftp/stop/{}").status("stopped"),
    on("POST", "/services/{}/mail/mailbox").key("/email").status("started").unique("email"),
    on("PUT", "/services/{}/mail/mailbox/{}").unique("email"),
    on("POST", "/services/{}/mail/mailbox/start/{}").status("started"),
    on("POST", "/services/{}/mail/mailbox/stop/{}").status("stopped"),
    on("GET", "/services/{}/mail/mailbox/size/{}").by(Special::MailboxSize),
    on("GET", "/services/{}/mail/mailbox/login_swpanel/{}").by(Special::MailboxLogin),
    on("POST", "/services/{}/mail/alias").key("/email_alias").unique("email_alias"),
    on("PUT", "/services/{}/mail/alias/{}").unique("email_alias"),
    on("POST", "/services/{}/mail/mailing_list").key("/mailing_list").unique("mailing_list"),
    on("PUT", "/services/{}/mail/mailing_list/{}").unique("mailing_list"),
    on("POST", "/services/{}/mail/mailing_list/emails/{}").by(Special::ListEmails),
    on("GET", "/ssl/{}/pfx").by(Special::SslPfx),
    on("POST", "/ssl/{}/renew").by(Special::SslRenew),
    on("POST", "/ssl/{}/reissue").by(Special::SslReissue),
];

/// The hints for a method and a path without names of parameters; empty ones where there is no row.
pub(crate) fn row(method: &str, path: &str) -> &'static Row {
    ROWS.iter().find(|row| row.method == method && row.path == path).unwrap_or(&DEFAULT)
}

/// Paths below a service, and the kind of service that they need. By the manuals DNS, mail, databases, FTP and cron
/// are parts of a hosting.
static KINDS: &[(&str, &str)] = &[
    ("/services/{}/cloud/", "cloud"),
    ("/services/{}/hosting/", "hosting"),
    ("/services/{}/dns/", "hosting"),
    ("/services/{}/dnssec/", "hosting"),
    ("/services/{}/db/", "hosting"),
    ("/services/{}/ftp/", "hosting"),
    ("/services/{}/mail/", "hosting"),
    ("/services/{}/cron/", "hosting"),
];

/// The kind of service that a path needs.
pub(crate) fn kind_needed(path: &str) -> Option<&'static str> {
    let found = KINDS.iter().find(|(prefix, _)| path.starts_with(prefix) || path == prefix.trim_end_matches('/'));
    found.map(|(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_operation_has_two_rows() {
        let mut seen = std::collections::BTreeSet::new();
        for row in ROWS {
            assert!(seen.insert((row.method, row.path)), "{} {}", row.method, row.path);
        }
    }
}
