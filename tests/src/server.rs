//! A server on 127.0.0.1 that writes down what it is sent and answers what it is told.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What the server answers to every request.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Status line without the version, as in `200 OK`.
    pub status: &'static str,
    /// Header lines.
    pub headers: Vec<String>,
    /// Body. `%BODY%` in it becomes the body of the request, `%JSON%` the same as a JSON text, `%TOKEN%` the token.
    pub body: Vec<u8>,
    /// Close the connection after so many bytes of the whole answer.
    pub cut_after: Option<usize>,
    /// Wait so long before the first byte.
    pub delay: Duration,
}

impl Answer {
    /// JSON with a status.
    pub fn json(status: &'static str, body: &str) -> Self {
        Self::new(status, "application/json", body)
    }

    /// Any text with a status.
    pub fn new(status: &'static str, media: &str, body: &str) -> Self {
        let headers = vec![format!("content-type: {media}")];
        Self { status, headers, body: body.as_bytes().to_vec(), cut_after: None, delay: Duration::ZERO }
    }
}

impl Answer {
    /// The same with one more header line.
    #[must_use]
    pub fn header(mut self, line: &str) -> Self {
        self.headers.push(line.to_owned());
        self
    }

    /// The same after a wait.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// The connection is closed when the request was read: no byte of an answer.
    pub fn closed() -> Self {
        Self { cut_after: Some(0), ..Self::json("200 OK", "") }
    }
}

/// A request as it came over the socket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// `METHOD target HTTP/1.1`.
    pub line: String,
    /// Header lines in the order of the wire.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

/// A running server; it stops when this is dropped.
#[derive(Debug)]
pub struct Server {
    address: String,
    requests: Arc<Mutex<Vec<Recorded>>>,
    arrivals: Arc<Mutex<Vec<Instant>>>,
    task: JoinHandle<()>,
}

impl Server {
    /// Starts on a free port.
    ///
    /// # Errors
    /// No port can be bound.
    pub async fn start(answer: Answer) -> std::io::Result<Self> {
        Self::scripted(vec![answer]).await
    }

    /// Starts with one answer after the other; the last one is given again and again.
    ///
    /// # Errors
    /// No port can be bound.
    pub async fn scripted(script: Vec<Answer>) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = format!("http://{}/v2026", listener.local_addr()?);
        let (requests, arrivals): (Arc<Mutex<Vec<_>>>, Arc<Mutex<Vec<_>>>) = Default::default();
        let seen = Seen { script: script.into(), requests: Arc::clone(&requests), arrivals: Arc::clone(&arrivals) };
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, seen.clone()));
            }
        });
        Ok(Self { address, requests, arrivals, task })
    }

    /// When each request had arrived.
    pub fn arrivals(&self) -> Vec<Instant> {
        self.arrivals.lock().map(|arrivals| arrivals.clone()).unwrap_or_default()
    }

    /// What sets up a client of this server that tries nothing twice.
    pub fn setup(&self) -> swpanel::ClientBuilder {
        swpanel::Client::builder().token(TOKEN).base_url(self.base_url()).retries(0)
    }

    /// The base address for a client.
    pub fn base_url(&self) -> &str {
        &self.address
    }

    /// A client of this server with a marker for a token, which tries nothing twice.
    ///
    /// # Errors
    /// The client cannot be built.
    pub fn client(&self) -> Result<swpanel::Client, swpanel::Error> {
        self.setup().build()
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<Recorded> {
        self.requests.lock().map(|requests| requests.clone()).unwrap_or_default()
    }
}

/// A token that stands out wherever it must not be.
pub const TOKEN: &str = "marker-token-that-must-never-show";

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What all connections share.
#[derive(Clone)]
struct Seen {
    script: Arc<[Answer]>,
    requests: Arc<Mutex<Vec<Recorded>>>,
    arrivals: Arc<Mutex<Vec<Instant>>>,
}

impl Seen {
    /// Writes a request down; the answer that is its turn.
    fn answer(&self, request: Recorded) -> Option<(Answer, Recorded)> {
        let mut requests = self.requests.lock().ok()?;
        requests.push(request.clone());
        self.arrivals.lock().ok()?.push(Instant::now());
        let answer = self.script.get(requests.len() - 1).or(self.script.last()).cloned()?;
        Some((answer, request))
    }
}

/// The body of an answer with what it repeats of the request.
fn repeated(body: Vec<u8>, request: &Recorded) -> Vec<u8> {
    if !body.contains(&b'%') {
        return body;
    }
    let sent = String::from_utf8_lossy(&request.body);
    let token = request.headers.iter().find(|(name, _)| name == "authorization").map(|(_, value)| value.as_str());
    let token = token.unwrap_or_default().trim_start_matches("Bearer ");
    let text = String::from_utf8_lossy(&body);
    let text = text.replace("%JSON%", &serde_json::Value::from(sent.as_ref()).to_string());
    text.replace("%BODY%", &sent).replace("%TOKEN%", token).into_bytes()
}

async fn serve(mut stream: TcpStream, seen: Seen) {
    while let Some(answer) = read(&mut stream).await.and_then(|request| seen.answer(request)) {
        let (answer, request) = answer;
        let content = repeated(answer.body, &request);
        tokio::time::sleep(answer.delay).await;
        let mut bytes = format!("HTTP/1.1 {}\r\n", answer.status).into_bytes();
        for header in &answer.headers {
            bytes.extend_from_slice(format!("{header}\r\n").as_bytes());
        }
        bytes.extend_from_slice(format!("content-length: {}\r\n\r\n", content.len()).as_bytes());
        bytes.extend_from_slice(&content);
        let cut = answer.cut_after.unwrap_or(bytes.len()).min(bytes.len());
        let sent = stream.write_all(bytes.get(..cut).unwrap_or_default()).await;
        if sent.is_err() || cut < bytes.len() {
            break;
        }
    }
}

/// One request with a `content-length`, which is all that the client sends.
async fn read(stream: &mut TcpStream) -> Option<Recorded> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 8192];
    let head = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at;
        }
        let count = stream.read(&mut buffer).await.ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(buffer.get(..count)?);
    };
    let text = String::from_utf8_lossy(bytes.get(..head)?).into_owned();
    let mut lines = text.split("\r\n");
    let line = lines.next()?.to_owned();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length: usize = length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
    let mut body = bytes.split_off(head + 4);
    while body.len() < length {
        let count = stream.read(&mut buffer).await.ok().filter(|count| *count > 0)?;
        body.extend_from_slice(buffer.get(..count)?);
    }
    Some(Recorded { line, headers, body })
}
