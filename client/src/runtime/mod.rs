//! Where every call goes through, generated or raw: send, read within bounds, judge, and only then decode.
//!
//! The generated `send` of each operation ends in one of the `dispatch` functions here.

mod attempts;
mod connection;
mod decode;
mod effect;
pub(crate) mod excerpt;
#[cfg(test)]
mod fuzz;
mod guard;
pub(crate) mod pace;
mod retry;
mod scheme;
pub(crate) mod scrub;
pub(crate) mod wire;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::HeaderMap;
use reqwest::{Request, StatusCode};
use serde::de::DeserializeOwned;

use crate::error::{Error, ErrorKind};
use crate::{Binary, Client, Operation, Response};

#[allow(unused_imports, reason = "used by generated code where the document has an optional array")]
pub(crate) use decode::null_as_default;
pub(crate) use decode::without_values;
use guard::Judged;
pub(crate) use guard::content;
pub(crate) use scheme::Scheme;

/// An answer whose body has been read.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

/// A call whose answer is JSON.
#[allow(dead_code, reason = "called by generated code where the document has such an operation")]
pub(crate) async fn dispatch<T: DeserializeOwned>(
    client: &Client,
    operation: &'static Operation,
    request: Request,
) -> Result<Response<T>, Error> {
    call(client, Some(operation), request, operation.answers, decode::typed).await
}

/// A call whose answer has no documented body; whatever comes is judged all the same.
#[allow(dead_code, reason = "called by generated code where the document has such an operation")]
pub(crate) async fn dispatch_empty(
    client: &Client,
    operation: &'static Operation,
    request: Request,
) -> Result<Response<()>, Error> {
    call(client, Some(operation), request, false, decode::nothing).await
}

/// A call whose answer is a file.
#[allow(dead_code, reason = "called by generated code where the document has such an operation")]
pub(crate) async fn dispatch_bytes(
    client: &Client,
    operation: &'static Operation,
    request: Request,
) -> Result<Response<Binary>, Error> {
    let call = attempts::Call::new(client, Some(operation));
    let (answer, ()) = call.send(&request, guard::judge_file).await?;
    Ok(call.outline(&answer).map(|()| answer.body.into()))
}

/// A call whose answer is JSON or nothing at all, as its status says.
#[allow(dead_code, reason = "called by generated code where the document has such an operation")]
pub(crate) async fn dispatch_optional<T: DeserializeOwned>(
    client: &Client,
    operation: &'static Operation,
    request: Request,
) -> Result<Response<T>, Error> {
    let call = attempts::Call::new(client, Some(operation));
    let judge = |answer: &Answer| guard::judge_documented(answer, operation, false);
    let (answer, (judged, message)) = call.send(&request, judge).await?;
    decoded(&call, answer, &request, message, |body| decode::typed(body, judged))
}

/// What the response of a status holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(dead_code, reason = "used by generated code where the document has such an operation")]
pub(crate) enum Holds {
    /// JSON.
    Json,
    /// Bytes as they come.
    Bytes,
    /// Nothing.
    Nothing,
}

/// The body of a response that was judged a success.
#[allow(dead_code, reason = "used by generated code where the document has such an operation")]
pub(crate) struct Body<'a> {
    bytes: &'a [u8],
    judged: Judged,
}

#[allow(dead_code, reason = "used by generated code where the document has such an operation")]
impl Body<'_> {
    /// The value of a JSON body.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        decode::typed(self.bytes, self.judged)
    }

    /// The body as it came.
    pub(crate) fn bytes(&self) -> Binary {
        self.bytes.to_vec().into()
    }
}

/// A call whose successful responses differ by status: `arm` says which of `holds` one is, `decode` makes it.
#[allow(dead_code, reason = "called by generated code where the document has such an operation")]
pub(crate) async fn dispatch_by_status<T>(
    client: &Client,
    operation: &'static Operation,
    request: Request,
    arm: impl Fn(u16) -> usize,
    holds: &[Holds],
    decode: impl FnOnce(usize, Body<'_>) -> Result<T, Error>,
) -> Result<Response<T>, Error> {
    let call = attempts::Call::new(client, Some(operation));
    let judge = |answer: &Answer| match holds.get(arm(answer.status.as_u16())) {
        Some(Holds::Bytes) => guard::judge_file(answer).map(|()| (Judged::Json, None)),
        Some(Holds::Nothing) => guard::judge_documented(answer, operation, false),
        _ => guard::judge(answer, Some(operation), operation.answers),
    };
    let (answer, (judged, message)) = call.send(&request, judge).await?;
    let at = arm(answer.status.as_u16());
    decoded(&call, answer, &request, message, |bytes| decode(at, Body { bytes, judged }))
}

fn decoded<T>(
    call: &attempts::Call<'_>,
    answer: Answer,
    request: &Request,
    message: Option<String>,
    decode: impl FnOnce(&[u8]) -> Result<T, Error>,
) -> Result<Response<T>, Error> {
    let status = answer.status.as_u16();
    let value = decode(&answer.body)
        .map_err(|error| call.finish(error.status_is(status).request_id_is(request_id(&answer.headers)), request))?;
    let mut response = call.outline(&answer);
    response.message = message;
    Ok(response.map(|()| value))
}

/// A call by method and path. A HEAD has no body by its nature, and what is not in the document promises none.
pub(crate) async fn dispatch_raw<T: DeserializeOwned>(
    client: &Client,
    operation: Option<&'static Operation>,
    request: Request,
) -> Result<Response<T>, Error> {
    let expects = promises(operation, &request);
    call(client, operation, request, expects, decode::typed).await
}

/// The same, for the text of the answer.
pub(crate) async fn dispatch_text(
    client: &Client,
    operation: Option<&'static Operation>,
    request: Request,
) -> Result<Response<String>, Error> {
    let expects = promises(operation, &request);
    call(client, operation, request, expects, decode::text).await
}

fn promises(operation: Option<&'static Operation>, request: &Request) -> bool {
    operation.is_some_and(|operation| operation.answers) && request.method() != reqwest::Method::HEAD
}

async fn call<T>(
    client: &Client,
    operation: Option<&'static Operation>,
    request: Request,
    expects: bool,
    decode: impl FnOnce(&[u8], Judged) -> Result<T, Error>,
) -> Result<Response<T>, Error> {
    let call = attempts::Call::new(client, operation);
    let (answer, (judged, message)) = call.send(&request, |answer| guard::judge(answer, operation, expects)).await?;
    decoded(&call, answer, &request, message, |body| decode(body, judged))
}

fn request_id(headers: &HeaderMap) -> Option<String> {
    let id = ["x-request-id", "request-id", "x-correlation-id"].iter().find_map(|name| headers.get(*name))?;
    id.to_str().ok().map(str::to_owned)
}

/// What may stand in a path segment as it is; e-mail addresses keep their `@`.
const SEGMENT: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'@').remove(b'+').remove(b':');

/// A path value as one path segment.
///
/// An empty value, `.` or `..` would silently address something else, so they are refused.
pub(crate) fn segment(name: &str, value: &str) -> Result<String, Error> {
    if value.is_empty() || is_dot_segment(value) {
        let detail = format!("`{name}` must not be empty or a dot segment: it would address something else");
        return Err(Error::new(ErrorKind::InvalidArgument, detail));
    }
    Ok(utf8_percent_encode(value, SEGMENT).to_string())
}

/// `.` and `..`, also percent-encoded.
pub(crate) fn is_dot_segment(segment: &str) -> bool {
    matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_values_stay_within_their_segment() {
        for (value, encoded) in [
            ("XX012", "XX012"),
            ("a@b.es", "a@b.es"),
            ("a/b", "a%2Fb"),
            ("a\\b?c#d", "a%5Cb%3Fc%23d"),
            ("ñ %", "%C3%B1%20%25"),
        ] {
            assert_eq!(segment("x", value).unwrap(), encoded);
        }
        for value in ["", ".", ".."] {
            assert_eq!(segment("service", value).unwrap_err().kind(), ErrorKind::InvalidArgument);
        }
    }
}
