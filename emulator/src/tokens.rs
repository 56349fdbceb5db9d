//! Bearer tokens: named, limited to groups, services or reading, and revocable.

use serde::{Deserialize, Serialize};

use crate::answer::Refused;
use crate::codes;
use crate::document::Operation;

/// What a token may do. The default may do everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scope {
    /// Groups (tags of the document) that it may call; all where this is empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// It may only call operations that read.
    pub read_only: bool,
    /// Ids of the services that it may see and change; all where this is empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<String>,
}

pub(crate) struct Token {
    pub(crate) name: String,
    pub(crate) secret: String,
    pub(crate) scope: Scope,
    pub(crate) revoked: bool,
    pub(crate) calls: u64,
}

#[derive(Default)]
pub(crate) struct Tokens {
    all: Vec<Token>,
    made: u64,
}

impl Tokens {
    pub(crate) fn with(name: &str, secret: &str) -> Self {
        let first = Token {
            name: name.to_owned(),
            secret: secret.to_owned(),
            scope: Scope::default(),
            revoked: false,
            calls: 0,
        };
        Self { all: vec![first], made: 0 }
    }

    /// Makes a token, or gives the one of this name another scope and secret.
    pub(crate) fn make(&mut self, name: &str, scope: Scope) -> String {
        self.made += 1;
        // Nobody is kept out by it: it only ever opens a made-up account on this machine.
        let secret = format!("emulator_{}_{:06}", slug(name), self.made);
        self.all.retain(|token| token.name != name);
        self.all.push(Token { name: name.to_owned(), secret: secret.clone(), scope, revoked: false, calls: 0 });
        secret
    }

    /// Revokes by name; whether there was one.
    pub(crate) fn revoke(&mut self, name: &str) -> bool {
        let found = self.all.iter_mut().find(|token| token.name == name);
        found.map(|token| token.revoked = true).is_some()
    }

    pub(crate) fn all(&self) -> &[Token] {
        &self.all
    }

    /// Name and scope of the token in an `Authorization` header.
    pub(crate) fn check(&mut self, header: Option<&[u8]>) -> Option<(String, Scope)> {
        let header = std::str::from_utf8(header?).ok()?;
        let (scheme, secret) = header.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let secret = secret.trim();
        let token = self.all.iter_mut().find(|token| !token.revoked && token.secret == secret)?;
        token.calls += 1;
        Some((token.name.clone(), token.scope.clone()))
    }
}

fn slug(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect()
}

impl Scope {
    pub(crate) fn sees(&self, service: &str) -> bool {
        self.services.is_empty() || self.services.iter().any(|id| id.eq_ignore_ascii_case(service))
    }

    /// Whether a call is within the scope. `service` is the id that the path names, where it names one.
    pub(crate) fn permits(&self, operation: &Operation, service: Option<&str>) -> Result<(), Refused> {
        if self.read_only && !operation.is_read() {
            return Err(refuse(&operation.key, "it is for reading only"));
        }
        if !self.groups.is_empty() && !self.groups.contains(&operation.group) {
            let why = format!("it is for the groups {}, not for `{}`", self.groups.join(", "), operation.group);
            return Err(refuse(&operation.key, &why));
        }
        match service {
            Some(id) if !self.sees(id) => {
                Err(refuse(&operation.key, &format!("it is for the services {}", self.services.join(", "))))
            }
            _ => Ok(()),
        }
    }
}

fn refuse(operation: &str, why: &str) -> Refused {
    let message = format!("the token may not call {operation}: {why}; use a token with a wider scope");
    Refused::new(&codes::FORBIDDEN, message)
}
