//! What a client may do, whatever its token could: refused here before anything is sent.

use crate::error::{Error, ErrorKind};
use crate::operation::reads;
use crate::{Effect, Operation};

/// Limits that a team sets for itself, on top of the token's own permissions. All of them hold at once.
///
/// ```
/// let client = swpanel::Client::builder()
///     .token("example-token")
///     .guardrails(swpanel::Guardrails::new().no_billable(true).no_destructive(true))
///     .build()?;
/// # drop(client);
/// # Ok::<(), swpanel::Error>(())
/// ```
///
/// What nobody has classified is refused wherever it might do harm: see [`Effect::Unclassified`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Guardrails {
    /// Only calls that change nothing.
    pub read_only: bool,
    /// No call that spends money, or may.
    pub no_billable: bool,
    /// No call that destroys something that another call cannot bring back, or may.
    pub no_destructive: bool,
    /// Only operations of these groups (the document's tags).
    pub groups: Option<Vec<String>>,
    /// Only these services; a change that names no service in its path is refused too.
    pub services: Option<Vec<String>>,
}

impl Guardrails {
    /// No limits.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether only calls that change nothing are sent.
    #[must_use]
    pub fn read_only(self, read_only: bool) -> Self {
        Self { read_only, ..self }
    }

    /// Whether calls that spend money, or may, are refused.
    #[must_use]
    pub fn no_billable(self, no_billable: bool) -> Self {
        Self { no_billable, ..self }
    }

    /// Whether calls that destroy something, or may, are refused.
    #[must_use]
    pub fn no_destructive(self, no_destructive: bool) -> Self {
        Self { no_destructive, ..self }
    }

    /// Only operations of these groups (the document's tags) are sent.
    #[must_use]
    pub fn groups<S: Into<String>>(self, groups: impl IntoIterator<Item = S>) -> Self {
        Self { groups: Some(groups.into_iter().map(Into::into).collect()), ..self }
    }

    /// Only calls for these services are sent; a change that names no service in its path is refused too.
    #[must_use]
    pub fn services<S: Into<String>>(self, services: impl IntoIterator<Item = S>) -> Self {
        Self { services: Some(services.into_iter().map(Into::into).collect()), ..self }
    }

    /// Both sets of limits at once.
    pub(crate) fn and(self, other: Self) -> Self {
        let both = |one: Option<Vec<String>>, other: Option<Vec<String>>| match (one, other) {
            (Some(one), Some(other)) => Some(one.into_iter().filter(|value| other.contains(value)).collect()),
            (one, other) => one.or(other),
        };
        Self {
            read_only: self.read_only || other.read_only,
            no_billable: self.no_billable || other.no_billable,
            no_destructive: self.no_destructive || other.no_destructive,
            groups: both(self.groups, other.groups),
            services: both(self.services, other.services),
        }
    }

    /// Checks a call before it is sent; one that is not in the document is taken for the worst that its method allows.
    pub(crate) fn check(&self, operation: Option<&'static Operation>, method: &str, path: &str) -> Result<(), Error> {
        let refuse = |which: &str| {
            let detail = format!("not sent: the guardrail {which}");
            Err(Error::new(ErrorKind::Guardrail, detail).at(operation))
        };
        let reads = reads(operation, method, path);
        let unclassified = match operation {
            Some(operation) if operation.effect != Effect::Unclassified => "",
            Some(_) => ", and this operation is not classified",
            None => ", and this call is not in the document",
        };
        if self.read_only && !reads {
            return refuse(&format!("`read_only` allows only reads{unclassified}"));
        }
        if self.no_billable && operation.map_or(!reads, |operation| operation.billable) {
            return refuse(&format!("`no_billable` allows nothing that may spend money{unclassified}"));
        }
        if self.no_destructive && operation.map_or(!reads, |operation| operation.destructive) {
            return refuse(&format!("`no_destructive` allows nothing that may destroy something{unclassified}"));
        }
        if let Some(groups) = &self.groups
            && !operation.is_some_and(|operation| groups.iter().any(|group| group == operation.tag))
        {
            return refuse(&format!("`groups` allows {} alone", list(groups)));
        }
        let Some(services) = &self.services else { return Ok(()) };
        match operation.and_then(|operation| service(operation.path, path)) {
            Some(named) if services.iter().any(|service| encoded(service) == named) => Ok(()),
            None if reads && operation.is_some() => Ok(()),
            _ => refuse(&format!("`services` allows {} alone", list(services))),
        }
    }
}

fn list(allowed: &[String]) -> String {
    if allowed.is_empty() { "nothing".to_owned() } else { allowed.join(", ") }
}

fn encoded(service: &str) -> String {
    crate::runtime::segment("service", service).unwrap_or_default()
}

/// The service that a path names, as it is encoded there: the value below `/services/`, whatever the document calls it.
fn service<'p>(template: &str, path: &'p str) -> Option<&'p str> {
    let mut parts = template.split('/').zip(path.split('/'));
    parts.find(|(part, _)| part.eq_ignore_ascii_case("services"))?;
    parts.next().filter(|(part, _)| part.starts_with('{')).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(rails: &Guardrails, method: &str, path: &str) -> bool {
        match rails.check(Operation::serving(method, path), method, path) {
            Ok(()) => false,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Guardrail);
                true
            }
        }
    }

    #[test]
    fn what_is_unknown_is_taken_for_the_worst() {
        let none = Guardrails::default();
        assert!(!refused(&none, "POST", "/nowhere/"));
        let read_only = Guardrails { read_only: true, ..none.clone() };
        assert!(refused(&read_only, "POST", "/nowhere/") && !refused(&read_only, "GET", "/nowhere/"));
        let thrifty = Guardrails { no_billable: true, ..none.clone() };
        assert!(refused(&thrifty, "POST", "/nowhere/") && !refused(&thrifty, "GET", "/nowhere/"));
        assert!(refused(&thrifty, "GET", "/cloud/7/reboot") && refused(&read_only, "GET", "/cloud/7/reboot"));
        let careful = none.clone().no_destructive(true);
        assert!(refused(&careful, "DELETE", "/nowhere/") && !refused(&careful, "GET", "/nowhere/"));
        let groups = Guardrails { groups: Some(vec!["dns".to_owned()]), ..none.clone() };
        assert!(refused(&groups, "GET", "/nowhere/"));
        let services = Guardrails { services: Some(vec!["XX012".to_owned()]), ..none };
        assert!(refused(&services, "GET", "/nowhere/") && refused(&services, "POST", "/nowhere/"));
    }

    /// As an operation of the document that no entry of knowledge.toml matches.
    fn unclassified(method: &'static str, reads: bool) -> &'static Operation {
        let known = crate::operations::ALL.first().expect("a document has operations");
        let (billable, destructive) = (!reads, !reads);
        Box::leak(Box::new(Operation { method, effect: Effect::Unclassified, billable, destructive, ..**known }))
    }

    #[test]
    fn an_unclassified_operation_is_taken_for_the_worst() {
        let none = Guardrails::new;
        let all = [none().read_only(true), none().no_billable(true), none().no_destructive(true)];
        for (operation, reads) in [
            (unclassified("GET", true), true),
            (unclassified("GET", false), false),
            (unclassified("PUT", false), false),
        ] {
            assert_eq!(operation.reads(), reads);
            for rails in &all {
                let checked = rails.check(Some(operation), operation.method, operation.path);
                assert_eq!(checked.is_ok(), reads, "{rails:?} {operation:?}");
                if let Err(error) = checked {
                    assert!(error.to_string().contains("not classified"), "{error}");
                }
            }
        }
    }

    #[test]
    fn the_service_is_the_one_in_the_path() {
        assert_eq!(service("/services/{service}/dns/", "/services/XX012/dns/"), Some("XX012"));
        assert_eq!(service("/services/{id}", "/services/XX012"), Some("XX012"));
        assert_eq!(service("/services/create/", "/services/create/"), None);
        assert_eq!(service("/services/", "/services/"), None);
        for template in ["/v2026/services/{id}/dns", "/v2026/Services/{servicio}/dns.json"] {
            assert_eq!(service(template, "/v2026/services/XX012/dns"), Some("XX012"), "{template}");
        }
        assert_eq!(service("/RHA/services/hosting_plans/", "/RHA/services/hosting_plans/"), None);
        let one = Guardrails { services: Some(vec!["a".into(), "b".into()]), ..Guardrails::default() };
        let other = Guardrails { services: Some(vec!["b".into()]), read_only: true, ..Guardrails::default() };
        let both = one.and(other);
        assert_eq!((both.services, both.read_only), (Some(vec!["b".to_owned()]), true));
    }
}
