//! Calls by method and path, for operations without a generated method, under the same guard as all calls.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, ErrorKind};
use crate::{Client, Json, Operation, Response, runtime};

/// A call being put together; see [`Client::raw`]. `Debug` shows method and path, never what is sent.
#[must_use = "nothing is sent until `send` is awaited"]
pub struct RawRequest<'a> {
    client: &'a Client,
    method: String,
    path: String,
    query: Vec<(String, String)>,
    body: Option<Result<Vec<u8>, String>>,
    content_type: String,
    invalid: Option<Error>,
}

impl<'a> RawRequest<'a> {
    pub(crate) fn new(client: &'a Client, method: &str, path: &str) -> Self {
        let (method, path) = (method.to_uppercase(), path.to_owned());
        let content_type = "application/json".to_owned();
        Self { client, method, path, query: Vec::new(), body: None, content_type, invalid: None }
    }

    /// The call of an operation that has no typed one, with its path values filled in. A value that would address
    /// something else is told by `send`.
    #[allow(dead_code, reason = "generated only for operations that the generator cannot express")]
    pub(crate) fn handed_off(client: &'a Client, operation: &Operation, values: &[(&str, String)]) -> Self {
        let mut path = operation.path.to_owned();
        let mut invalid = None;
        for (name, value) in values {
            match runtime::segment(name, value) {
                Ok(segment) => path = path.replacen(&format!("{{{name}}}"), &segment, 1),
                Err(error) => invalid = Some(error),
            }
        }
        Self { invalid, ..Self::new(client, operation.method, &path) }
    }

    /// Adds a query parameter; name and value are encoded.
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    /// Sets the JSON body.
    pub fn json(mut self, body: &impl Serialize) -> Self {
        self.content_type = "application/json".to_owned();
        self.body = Some(serde_json::to_vec(body).map_err(|error| error.to_string()));
        self
    }

    /// Sets a body of any other media type, as it is: `multipart/form-data; boundary=...`, `text/plain`.
    pub fn body(mut self, content_type: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        self.content_type = content_type.into();
        self.body = Some(Ok(bytes.into()));
        self
    }

    /// Sends it. An empty answer is `null`.
    ///
    /// # Errors
    /// As every call, and [`ErrorKind::InvalidArgument`] for a method that is none, or a path that does not
    /// start with `/` or climbs with `..`.
    pub async fn send(self) -> Result<Response<Json>, Error> {
        self.send_as().await
    }

    /// Sends it, and reads the answer as a type of the caller's.
    ///
    /// ```no_run
    /// # async fn example(client: &swpanel::Client) -> Result<(), swpanel::Error> {
    /// #[derive(serde::Deserialize)]
    /// struct Services {
    ///     result: Vec<serde_json::Value>,
    /// }
    ///
    /// let services = client.raw("GET", "/services/").send_as::<Services>().await?;
    /// println!("{}", services.result.len());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`send`](Self::send), and [`ErrorKind::Decode`] where the answer is not of that type.
    pub async fn send_as<T: DeserializeOwned>(self) -> Result<Response<T>, Error> {
        let (client, operation, request) = self.request()?;
        runtime::dispatch_raw(client, operation, request).await
    }

    /// Sends it, and gives the JSON text of the response as it came, where numbers still have all their digits. A
    /// response without a body is `null`.
    ///
    /// # Errors
    /// As [`send`](Self::send), and never [`ErrorKind::Decode`].
    pub async fn send_text(self) -> Result<Response<String>, Error> {
        let (client, operation, request) = self.request()?;
        runtime::dispatch_text(client, operation, request).await
    }

    fn request(self) -> Result<(&'a Client, Option<&'static Operation>, reqwest::Request), Error> {
        if let Some(error) = self.invalid {
            return Err(error);
        }
        let (method, url) = self.address()?;
        let mut request = self.client.client.request(method, url).header(reqwest::header::ACCEPT, "application/json");
        if !self.query.is_empty() {
            request = request.query(&self.query);
        }
        if let Some(body) = self.body {
            let body = body.map_err(|error| invalid(format!("the body is no JSON: {error}")))?;
            request = request.header(reqwest::header::CONTENT_TYPE, self.content_type).body(body);
        }
        let request = request.build().map_err(Error::not_built)?;
        let operation = Operation::serving(&self.method, &self.path);
        Ok((self.client, operation, request))
    }

    /// Gives the call back where [`send`](Self::send) would send it. Nothing is sent: method, path, body and
    /// [`Guardrails`](crate::Guardrails) are looked at, and no token is asked for.
    ///
    /// ```
    /// let limits = swpanel::Guardrails::new().read_only(true);
    /// let client = swpanel::Client::builder().token("example-token").guardrails(limits).build()?;
    /// assert!(client.raw("GET", "/services/").judge().is_ok());
    /// let error = client.raw("DELETE", "/services/XX012/dns/12345").judge().unwrap_err();
    /// assert_eq!(error.kind(), swpanel::ErrorKind::Guardrail);
    /// # Ok::<(), swpanel::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`send`](Self::send) that come before anything is sent: [`ErrorKind::Guardrail`],
    /// [`ErrorKind::InvalidArgument`].
    pub fn judge(mut self) -> Result<Self, Error> {
        if let Some(error) = self.invalid.take() {
            return Err(error);
        }
        let (method, url) = self.address()?;
        if let Some(Err(error)) = &self.body {
            return Err(invalid(format!("the body is no JSON: {error}")));
        }
        // The path as it goes out, which is what the limits are held against.
        let url = reqwest::Url::parse(&url).map_err(|error| invalid(format!("the path `{}`: {error}", self.path)))?;
        let shared = &self.client.shared;
        let path = url.path().strip_prefix(shared.base_path.as_str()).unwrap_or(url.path());
        shared.guardrails.check(Operation::serving(&self.method, &self.path), method.as_str(), path)?;
        Ok(self)
    }

    /// Method and address, where they are what a call can have.
    fn address(&self) -> Result<(reqwest::Method, String), Error> {
        let method = reqwest::Method::from_bytes(self.method.as_bytes())
            .map_err(|_| invalid(format!("`{}` is no HTTP method", self.method)))?;
        let climbs = self.path.split(['/', '\\']).any(runtime::is_dot_segment);
        if !self.path.starts_with('/')
            || climbs
            || self.path.contains(['?', '#', '\\'])
            || self.path.contains(|c: char| c.is_control() || c.is_whitespace())
        {
            return Err(invalid(format!(
                "the path `{}` must start with `/`, without `..`, `?`, `#` and white space; see `query` for parameters",
                self.path
            )));
        }
        Ok((method, format!("{}{}", self.client.baseurl, self.path)))
    }
}

fn invalid(detail: String) -> Error {
    Error::new(ErrorKind::InvalidArgument, detail)
}

#[cfg(feature = "blocking")]
impl RawRequest<'_> {
    /// Waits for [`send`](Self::send), in a program without an async runtime.
    ///
    /// ```no_run
    /// # fn example(client: &swpanel::Client) -> Result<(), swpanel::Error> {
    /// let answer = client.raw("GET", "/services/").send_blocking()?;
    /// println!("{}", *answer);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub fn send_blocking(self) -> Result<Response<Json>, Error> {
        crate::blocking::wait(self.send())
    }

    /// Waits for [`send_as`](Self::send_as), in a program without an async runtime.
    ///
    /// # Errors
    /// As [`send_as`](Self::send_as).
    pub fn send_as_blocking<T: DeserializeOwned + Send>(self) -> Result<Response<T>, Error> {
        crate::blocking::wait(self.send_as())
    }
}

impl fmt::Debug for RawRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawRequest").field("method", &self.method).field("path", &self.path).finish_non_exhaustive()
    }
}
