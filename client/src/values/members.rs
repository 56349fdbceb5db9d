//! The members of an object that the document does not name, kept as the server sent them.

use std::fmt;
use std::ops::{Deref, DerefMut};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::secret::REDACTED;

/// Parts of a member's name that keep its value from being shown, after `_`, `-` and blanks are taken out.
/// Rather one too many: hiding a harmless value costs nothing, showing a secret does.
const SECRET_WORDS: [&str; 13] = [
    "pass",
    "pwd",
    "secret",
    "token",
    "auth",
    "key",
    "pfx",
    "pkcs12",
    "pem",
    "private",
    "credential",
    "clave",
    "contrase",
];

/// Members by name. Reads like a map; `Debug` hides the values of members whose name says that they are secret.
///
/// ```
/// let members: swpanel::Members = serde_json::from_str(r#"{"name":"web","ftp_password":"x1"}"#)?;
/// assert_eq!(members.text_at("name")?, "web");
/// let error = members.date_at("created").unwrap_err();
/// assert_eq!(error.json_path(), Some("created"));
/// assert!(!format!("{members:?}").contains("x1"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Members(Map<String, Value>);

impl Members {
    /// The text of a member, where it is one.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// The map itself.
    pub fn into_map(self) -> Map<String, Value> {
        self.0
    }
}

super::access::accessors!(Members, super::access::Root::Map);

impl Deref for Members {
    type Target = Map<String, Value>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Members {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl From<Map<String, Value>> for Members {
    fn from(map: Map<String, Value>) -> Self {
        Self(map)
    }
}

impl FromIterator<(String, Value)> for Members {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(members: I) -> Self {
        Self(members.into_iter().collect())
    }
}

impl fmt::Debug for Members {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        object(&self.0, f)
    }
}

fn object(map: &Map<String, Value>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut out = f.debug_map();
    for (name, value) in map {
        out.entry(name, &Shown { value, hidden: is_secret(name) });
    }
    out.finish()
}

/// Whether a member of this name is taken for a secret.
pub(crate) fn is_secret(name: &str) -> bool {
    let plain: String = name.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    SECRET_WORDS.iter().any(|word| plain.contains(word))
}

pub(super) struct Shown<'a> {
    pub(super) value: &'a Value,
    pub(super) hidden: bool,
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value {
            Value::Null | Value::Bool(_) => write!(f, "{}", self.value),
            _ if self.hidden => f.write_str(REDACTED),
            Value::Array(items) => {
                let items = items.iter().map(|value| Shown { value, hidden: false });
                f.debug_list().entries(items).finish()
            }
            Value::Object(map) => object(map, f),
            value => write!(f, "{value}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_hides_secrets_at_every_depth() {
        let members: Members = serde_json::from_value(serde_json::json!({
            "login": "ana", "Password": "p1", "list": [{"authCode": "p2", "n": 1}], "keys": {"private_key": {"pem": "p3"}},
            "token": null, "auth-code": "p4", "ftp_pass": "p5", "Contraseña": "p6", "SSL key": ["p7"],
        }))
        .unwrap();
        let shown = format!("{members:?} {members:#?}");
        for secret in ["p1", "p2", "p3", "p4", "p5", "p6", "p7"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert!(shown.contains("\"ana\"") && shown.contains("\"token\": null"), "{shown}");
    }
}
