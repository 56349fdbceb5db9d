//! Which names say that a value is secret: one list for the lint and for what is generated.

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

/// Whether a property of this name holds a secret.
pub(crate) fn is_secret_name(name: &str) -> bool {
    let plain: String = name.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    WORDS.iter().any(|word| plain.contains(word))
}

#[cfg(test)]
mod tests {
    use super::is_secret_name;

    #[test]
    fn knows_secrets_by_their_names() {
        for name in ["password", "ftp_password", "auth-code", "API key", "privateKey", "Contraseña", "access_token"] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in ["public_key", "name", "author", "key", "passive", "login"] {
            assert!(!is_secret_name(name), "{name}");
        }
    }
}
