//! Takes secrets out of what is kept: members that the document marks, and names that speak for themselves.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// What stands in place of a secret.
pub(crate) const REDACTED: &str = "[redacted]";

/// Parts of names that mean a secret in any API.
const TELLING: &[&str] =
    &["password", "passwd", "passphrase", "secret", "token", "authcode", "private_key", "apikey", "api_key", "pfx"];

pub(crate) fn is_secret(name: &str, marked: &BTreeSet<String>) -> bool {
    let lower = name.to_ascii_lowercase();
    marked.contains(name) || TELLING.iter().any(|word| lower.contains(word))
}

/// A copy without secrets, for keeping.
pub(crate) fn redacted(value: &Value, marked: &BTreeSet<String>) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(name, value)| {
                    let kept = match value {
                        // A secret is a text or a number; what is an object may only be named after one.
                        Value::Object(_) => redacted(value, marked),
                        _ if is_secret(name, marked) => Value::String(REDACTED.to_owned()),
                        _ => redacted(value, marked),
                    };
                    (name.clone(), kept)
                })
                .collect(),
        ),
        Value::Array(items) => items.iter().map(|item| redacted(item, marked)).collect(),
        other => other.clone(),
    }
}

/// The members of a body that state keeps: secrets are dropped, not stored.
pub(crate) fn without_secrets(members: Map<String, Value>, marked: &BTreeSet<String>) -> Map<String, Value> {
    let mut kept = Map::new();
    for (name, value) in members {
        match value {
            Value::Object(inner) => {
                kept.insert(name, Value::Object(without_secrets(inner, marked)));
            }
            _ if is_secret(&name, marked) => {}
            Value::Array(items) => {
                let clean = |item| match item {
                    Value::Object(inner) => Value::Object(without_secrets(inner, marked)),
                    other => other,
                };
                kept.insert(name, items.into_iter().map(clean).collect());
            }
            other => {
                kept.insert(name, other);
            }
        }
    }
    kept
}

/// A query string without the values of secrets.
pub(crate) fn query(query: &str, marked: &BTreeSet<String>) -> String {
    let one = |pair: &str| match pair.split_once('=') {
        Some((name, _)) if is_secret(name, marked) => format!("{name}={REDACTED}"),
        _ => pair.to_owned(),
    };
    query.split('&').map(one).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn no_secret_is_left() {
        let marked = BTreeSet::from(["pin".to_owned()]);
        let body =
            json!({"Password": "a", "pin": 7, "list": [{"api_key": ["b"]}], "new_user": {"password": "c"}, "ip": "d"});
        let kept = redacted(&body, &marked);
        let clean = json!({"Password": REDACTED, "pin": REDACTED, "list": [{"api_key": REDACTED}],
            "new_user": {"password": REDACTED}, "ip": "d"});
        assert_eq!(kept, clean);
        let stored = without_secrets(body.as_object().cloned().unwrap(), &marked);
        assert_eq!(Value::Object(stored), json!({"list": [{}], "new_user": {}, "ip": "d"}));
        assert_eq!(query("a=1&token=x", &marked), "a=1&token=[redacted]");
    }
}
