//! Headers that a program may add to requests, and those that it may not.

use reqwest::header::{HeaderName, HeaderValue};

use crate::values::is_secret;

/// Headers that belong to this crate or to HTTP itself, and what to use instead.
const RESERVED: &[(&str, &str)] = &[
    ("authorization", "the token is set with `token`, `token_provider` or a profile"),
    ("proxy-authorization", "put user name and password into the address of the proxy"),
    ("host", "the address is set with `base_url`"),
    ("user-agent", "use `user_agent`"),
    ("traceparent", "use `with_traceparent` or `traceparent_provider`"),
    ("accept", FIXED),
    ("accept-encoding", FIXED),
    ("content-type", FIXED),
    ("content-length", FIXED),
    ("content-encoding", FIXED),
    ("transfer-encoding", FIXED),
    ("connection", FIXED),
    ("keep-alive", FIXED),
    ("proxy-connection", FIXED),
    ("http2-settings", FIXED),
    ("te", FIXED),
    ("trailer", FIXED),
    ("upgrade", FIXED),
    ("expect", FIXED),
    // With these some servers carry out another call than the one that guardrails were checked against.
    ("x-http-method-override", OTHER_CALL),
    ("x-http-method", OTHER_CALL),
    ("x-method-override", OTHER_CALL),
    ("x-original-url", OTHER_CALL),
    ("x-original-uri", OTHER_CALL),
    ("x-rewrite-url", OTHER_CALL),
    ("x-override-url", OTHER_CALL),
];
const FIXED: &str = "the client sets it for each request";
const OTHER_CALL: &str = "it can turn a call into another one, past the guardrails";

/// Whether the value of a header is kept out of logs, hooks and messages, by the name of the header.
pub(super) fn is_secret_name(name: &str) -> bool {
    is_secret(name) || name.to_ascii_lowercase().contains("cookie")
}

/// A header as it is sent, or why it must not be. The value is in no message.
pub(super) fn validated(name: &str, value: &str, secret: bool) -> Result<(HeaderName, HeaderValue), String> {
    let name = name.trim();
    // Somebody may have put the value into the name, so a name that is none is not repeated.
    let wrong = |_| "its name is not one of a header: letters, digits and `-`".to_owned();
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(wrong)?;
    // Some servers take `_` for `-`.
    let plain = name.as_str().replace('_', "-");
    if let Some((_, instead)) = RESERVED.iter().find(|(known, _)| *known == plain) {
        return Err(format!("`{name}` must not be set: {instead}"));
    }
    let wrong = |_| format!("the value of `{name}` holds a character that a header cannot have");
    let mut value = HeaderValue::from_str(value.trim()).map_err(wrong)?;
    value.set_sensitive(secret || is_secret_name(name.as_str()));
    Ok((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_belongs_to_the_client_cannot_be_set_in_any_spelling() {
        for name in
            ["Authorization", " authorization ", "AUTHORIZATION", "Host", "Proxy-Authorization", "Content-Length"]
                .into_iter()
                .chain([
                    "X-HTTP-Method-Override",
                    "x_http_method_override",
                    "X-Rewrite-URL",
                    "traceparent",
                    "User-Agent",
                ])
        {
            let error = validated(name, "marker-value", false).unwrap_err();
            assert!(error.contains("must not be set") && !error.contains("marker"), "{name}: {error}");
        }
        for (name, value) in
            [("", "marker"), ("two words", "marker"), ("x-a", "marker\r\nAuthorization: b"), ("x-a", "\0marker")]
        {
            let error = validated(name, value, false).unwrap_err();
            assert!(!error.contains("marker"), "{error}");
        }
    }

    #[test]
    fn a_value_is_secret_by_its_name_or_because_it_was_said() {
        for (name, said, secret) in [
            ("X-Tenant", false, false),
            ("X-Tenant", true, true),
            ("CF-Access-Client-Secret", false, true),
            ("X-Api-Key", false, true),
            ("Cookie", false, true),
        ] {
            let (_, value) = validated(name, "v", said).unwrap();
            assert_eq!(value.is_sensitive(), secret, "{name}");
        }
    }
}
