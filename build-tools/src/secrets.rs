//! Which names say that a value is secret: one list for the lint and for what is generated.

use crate::document::{Node, Object};
use crate::knowledge::SENSITIVE;
use crate::names::snake_case;

/// Words that make a name a secret's, after `_`, `-`, blanks and case are taken out.
const WORDS: [&str; 14] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "authcode",
    "apikey",
    "privatekey",
    "pfx",
    "pkcs12",
    "contrasena",
    "contraseña",
    "clave",
];

/// What makes a key no secret.
const PUBLIC_KEYS: [&str; 6] = ["public", "primary", "foreign", "sort", "dns", "ds"];

/// Whether a property of this name holds a secret.
pub(crate) fn is_secret_name(name: &str) -> bool {
    let plain: String = name.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    // A key is secret unless the words before it say otherwise; within a longer word it says nothing.
    let snake = snake_case(name);
    let key = snake.rsplit_once('_').map_or(("", snake.as_str()), |(before, last)| (before, last));
    let key = matches!(key.1, "key" | "keys" | "pfx") && !PUBLIC_KEYS.iter().any(|word| key.0.contains(word));
    key || WORDS.iter().any(|word| plain.contains(word))
}

/// Whether a property is secret: its schema says so, or where it says nothing, its format or its name does. Truth values,
/// numbers and choices of published values are not secret by their names.
pub(crate) fn is_secret(name: &str, schema: &Object) -> bool {
    if let Some(said) = schema.get(SENSITIVE).and_then(Node::as_bool) {
        return said;
    }
    let text = |key: &str| schema.get(key).and_then(Node::as_str);
    let plain = matches!(text("type"), Some("boolean" | "integer" | "number")) || schema.contains("enum");
    !plain && (is_secret_name(name) || text("format") == Some("password"))
}

#[cfg(test)]
mod tests {
    use super::is_secret_name;

    #[test]
    fn knows_secrets_by_their_names() {
        for name in [
            "password",
            "ftp_password",
            "auth-code",
            "API key",
            "privateKey",
            "Contraseña",
            "access_token",
            "key",
            "ssh-key",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in ["public_key", "name", "author", "keyboard", "monkey", "primaryKey", "passive", "login"] {
            assert!(!is_secret_name(name), "{name}");
        }
    }
}
