//! Where the credential of a call stands in its request.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Request;
use reqwest::header::{AUTHORIZATION, COOKIE, HeaderName, HeaderValue};

use crate::error::{Error, ErrorKind};

/// The scheme that the document has for a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(dead_code, reason = "built by generated code where the document has such a scheme")]
pub(crate) enum Scheme {
    /// `Authorization: Bearer`.
    Bearer,
    /// `Authorization: Basic`, of `name:password`.
    Basic,
    /// A header of its own.
    Header(&'static str),
    /// A parameter of the query.
    Query(&'static str),
    /// A cookie.
    Cookie(&'static str),
    /// Nothing is sent.
    Nothing,
}

/// Puts the credential of a bearer header where the scheme has it.
pub(super) fn apply(request: &mut Request, scheme: Scheme) -> Result<(), Error> {
    if scheme == Scheme::Bearer {
        return Ok(());
    }
    let Some(header) = request.headers_mut().remove(AUTHORIZATION) else { return Ok(()) };
    let token = header.to_str().ok().and_then(|text| text.strip_prefix("Bearer ")).unwrap_or_default();
    let (name, value) = match scheme {
        Scheme::Bearer | Scheme::Nothing => return Ok(()),
        Scheme::Query(name) => {
            request.url_mut().query_pairs_mut().append_pair(name, token);
            return Ok(());
        }
        Scheme::Basic => (AUTHORIZATION, format!("Basic {}", STANDARD.encode(token))),
        Scheme::Header(name) => (HeaderName::try_from(name).map_err(|_| unusable())?, token.to_owned()),
        Scheme::Cookie(name) => (COOKIE, format!("{name}={token}")),
    };
    let mut value = HeaderValue::try_from(value).map_err(|_| unusable())?;
    value.set_sensitive(true);
    request.headers_mut().insert(name, value);
    Ok(())
}

fn unusable() -> Error {
    Error::new(ErrorKind::Configuration, "the token cannot be sent the way that the document says")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_credential_stands_where_the_document_says_and_nowhere_else() {
        for (scheme, header, query) in [
            (Scheme::Bearer, Some(("authorization", "Bearer ab:c")), None),
            (Scheme::Basic, Some(("authorization", "Basic YWI6Yw==")), None),
            (Scheme::Header("X-Api-Key"), Some(("x-api-key", "ab:c")), None),
            (Scheme::Cookie("sid"), Some(("cookie", "sid=ab:c")), None),
            (Scheme::Query("key"), None, Some("key=ab%3Ac")),
            (Scheme::Nothing, None, None),
        ] {
            let mut request = Request::new(reqwest::Method::GET, "https://a.example/x".parse().unwrap());
            request.headers_mut().insert(AUTHORIZATION, HeaderValue::from_static("Bearer ab:c"));
            apply(&mut request, scheme).unwrap();
            let found: Vec<_> =
                request.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
            assert_eq!(found, header.into_iter().collect::<Vec<_>>(), "{scheme:?}");
            assert_eq!(request.url().query(), query, "{scheme:?}");
        }
    }
}
