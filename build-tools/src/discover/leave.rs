//! What may be asked: https to public hosts, and whatever else a person allowed by name.

use url::{Host, Url};

use crate::document::Refusal;

/// The hosts a person allowed, as `host` or `host:port`.
#[derive(Clone, Debug, Default)]
pub struct Leave {
    allowed: Vec<String>,
}

impl Leave {
    /// From what was given with `--allow-host`.
    pub fn new(allowed: &[String]) -> Self {
        Self { allowed: allowed.iter().map(|host| host.trim().to_ascii_lowercase()).collect() }
    }

    /// Whether the host of an address was allowed by name.
    pub fn allows(&self, address: &str) -> bool {
        let Ok(url) = Url::parse(address) else { return false };
        let Some(host) = url.host_str() else { return false };
        let with_port = format!("{host}:{}", url.port_or_known_default().unwrap_or_default());
        self.allowed.iter().any(|allowed| *allowed == host || *allowed == with_port || format!("[{allowed}]") == host)
    }

    /// Judges an address by itself.
    ///
    /// # Errors
    /// [`Refusal::UnsafeUrl`].
    pub fn check(&self, address: &str) -> Result<(), Refusal> {
        let refuse = |why: &str| Err(Refusal::UnsafeUrl { address: address.to_owned(), why: why.to_owned() });
        let Ok(url) = Url::parse(address) else { return refuse("it is no whole address") };
        if !matches!(url.scheme(), "http" | "https") {
            return refuse("only https is asked");
        }
        if self.allows(address) {
            return Ok(());
        }
        match url.host() {
            None => return refuse("it names no host"),
            Some(Host::Ipv4(_) | Host::Ipv6(_)) => return refuse("its host is a bare network address"),
            Some(Host::Domain(name)) => {
                let name = name.trim_end_matches('.');
                let inside = [".localhost", ".local", ".internal", ".home.arpa"];
                if name == "localhost" || !name.contains('.') || inside.iter().any(|end| name.ends_with(end)) {
                    return refuse("its host is a local one");
                }
            }
        }
        if url.scheme() != "https" {
            return refuse("only https is asked");
        }
        Ok(())
    }

    /// Judges an address that a page or an answer named; another host is judged before the scheme.
    ///
    /// # Errors
    /// [`Refusal::CrossOrigin`] or [`Refusal::UnsafeUrl`].
    pub fn check_from(&self, address: &str, page: &str) -> Result<(), Refusal> {
        // `javascript:`, `file:` and their like have no host that could be allowed.
        let asked = |url: &Url| matches!(url.scheme(), "http" | "https") && url.host_str().is_some();
        if !Url::parse(address).is_ok_and(|url| asked(&url)) {
            return self
                .check(address)
                .and(Err(Refusal::UnsafeUrl { address: address.to_owned(), why: "only https is asked".to_owned() }));
        }
        let place = |address: &str| {
            let url = Url::parse(address).ok()?;
            Some((url.host_str()?.to_owned(), url.port_or_known_default()))
        };
        if place(address) != place(page) && !self.allows(address) {
            let page = page.split(['?', '#']).next().unwrap_or_default().to_owned();
            // From http to https of one host is the same place, better kept.
            let host = |address: &str| Url::parse(address).ok().and_then(|url| url.host_str().map(str::to_owned));
            let upgraded = host(address) == host(&page) && address.starts_with("https:") && page.starts_with("http:");
            if !upgraded {
                return Err(Refusal::CrossOrigin { address: address.to_owned(), page });
            }
        }
        self.check(address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asks_only_public_hosts_over_https_without_leave() {
        let leave = Leave::default();
        assert_eq!(leave.check("https://api.swpanel.com/docs"), Ok(()));
        for address in [
            "http://api.swpanel.com/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://localhost/",
            "https://panel/",
            "https://2130706433/",
            "file:///etc/passwd",
            "ftp://a.es/",
            "docs.json",
            "https://a.local/",
        ] {
            assert_eq!(leave.check(address).unwrap_err().name(), "unsafe-url", "{address}");
        }
        let leave = Leave::new(&["127.0.0.1:8080".to_owned(), "a.es".to_owned()]);
        assert_eq!(leave.check("http://127.0.0.1:8080/x"), Ok(()));
        assert!(leave.check("http://127.0.0.1:8081/x").is_err());
        assert_eq!(leave.check("http://a.es:99/"), Ok(()));
    }

    #[test]
    fn another_host_is_judged_before_the_scheme() {
        let leave = Leave::default();
        let from = |address: &str| leave.check_from(address, "https://a.es/docs").map_err(|refusal| refusal.name());
        assert_eq!(from("https://a.es/openapi.json"), Ok(()));
        assert_eq!(from("http://b.es/openapi.json"), Err("cross-origin"));
        assert_eq!(from("https://a.es:8443/openapi.json"), Err("cross-origin"));
        assert_eq!(from("http://a.es:443/openapi.json"), Err("unsafe-url"));
        for hostless in [
            "javascript:void(0)",
            "file:///etc/passwd",
            "data:application/json,{}",
            "mailto:a@b.es",
            "ftp://b.es/x.json",
            "blob:https://a.es/1",
        ] {
            assert_eq!(from(hostless), Err("unsafe-url"), "{hostless}");
        }
    }
}
