//! Servers of a few lines, for what no emulator does: TLS with invented authorities, HTTP/2 frames, proxies.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};

/// What is done with a connection; the counter is that of requests.
type Behaviour = Box<dyn Fn(TcpStream, &AtomicUsize) + Send + Sync>;

/// A server that does the same with every connection. Its thread ends with the test's process.
pub(crate) struct Server {
    pub(crate) port: u16,
    connections: Arc<AtomicUsize>,
    pub(crate) requests: Arc<AtomicUsize>,
}

impl Server {
    pub(crate) fn start(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (connections, requests): (Arc<AtomicUsize>, Arc<AtomicUsize>) = Default::default();
        let (counted, behaviour, seen) = (Arc::clone(&connections), Arc::new(behaviour), Arc::clone(&requests));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                counted.fetch_add(1, Ordering::SeqCst);
                let (behaviour, seen) = (Arc::clone(&behaviour), Arc::clone(&seen));
                thread::spawn(move || behaviour(stream, &seen));
            }
        });
        Self { port, connections, requests }
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// A response with a JSON or page body; the connection is closed after it.
pub(crate) fn response(status: &str, body: &str) -> Vec<u8> {
    let media = if body.starts_with('<') { "text/html" } else { "application/json" };
    let head = format!("HTTP/1.1 {status}\r\ncontent-type: {media}\r\nconnection: close\r\n");
    format!("{head}content-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// Answers one request per connection with these bytes; never, where there are none.
pub(crate) fn fixed(bytes: Vec<u8>) -> Behaviour {
    Box::new(move |mut stream, requests| answer(&mut stream, &bytes, requests))
}

/// Writes these bytes, whatever comes, and goes on reading.
pub(crate) fn at_once(bytes: Vec<u8>) -> Behaviour {
    Box::new(move |mut stream, _| {
        let _ = stream.write_all(&bytes);
        let _ = stream.shutdown(Shutdown::Write);
        let _ = std::io::copy(&mut stream, &mut std::io::sink());
    })
}

fn answer(stream: &mut (impl Read + Write), bytes: &[u8], requests: &AtomicUsize) {
    if read_head(stream).is_none() {
        return;
    }
    requests.fetch_add(1, Ordering::SeqCst);
    if bytes.is_empty() {
        // Until the other side gives up.
        let _ = std::io::copy(stream, &mut std::io::sink());
        return;
    }
    let _ = stream.write_all(bytes).and_then(|()| stream.flush());
    // A body that is still on its way would turn the end of the connection into a reset.
    let _ = stream.read(&mut [0; 4096]);
}

/// Everything up to the empty line after the headers.
fn read_head(stream: &mut impl Read) -> Option<String> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        bytes.push(byte[0]);
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// A certificate and its key.
pub(crate) struct Identity(CertificateDer<'static>, PrivateKeyDer<'static>);

/// Signs certificates.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    issued_by: CertificateDer<'static>,
    pem: String,
}

fn key_of(pair: &KeyPair) -> PrivateKeyDer<'static> {
    PrivatePkcs8KeyDer::from(pair.serialize_der()).into()
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let (params, pair) = (Self::params(name), KeyPair::generate().unwrap());
        let own = params.self_signed(&pair).unwrap();
        let (pem, issued_by) = (own.pem(), own.der().clone());
        Self { issuer: Issuer::new(params, pair), issued_by, pem }
    }

    fn params(name: &str) -> CertificateParams {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params.distinguished_name.push(DnType::CommonName, name);
        params
    }

    pub(crate) fn pem(&self) -> &str {
        &self.pem
    }

    /// A certificate for a name, from one year to another.
    pub(crate) fn identity(&self, name: &str, (from, to): (i32, i32)) -> Identity {
        let pair = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        (params.not_before, params.not_after) = (date_time_ymd(from, 1, 1), date_time_ymd(to, 1, 1));
        let certificate = params.signed_by(&pair, &self.issuer).unwrap();
        Identity(certificate.der().clone(), key_of(&pair))
    }

    /// A certificate for a client and its key, in PEM form.
    pub(crate) fn client_pem(&self, name: &str) -> (String, String) {
        let pair = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        (params.signed_by(&pair, &self.issuer).unwrap().pem(), pair.serialize_pem())
    }

    /// A certificate that signs itself, as an authority or not.
    pub(crate) fn self_signed(name: &str, as_authority: bool) -> Identity {
        let pair = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        if as_authority {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        }
        let certificate = params.self_signed(&pair).unwrap();
        Identity(certificate.der().clone(), key_of(&pair))
    }
}

fn secure(
    identity: Identity,
    protocol: &[u8],
    clients: Option<&Authority>,
) -> impl Fn(TcpStream) -> StreamOwned<ServerConnection, TcpStream> + use<> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config =
        ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions().unwrap();
    let config = match clients {
        None => config.with_no_client_auth(),
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(authority.issued_by.clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
            config.with_client_cert_verifier(verifier)
        }
    };
    let mut config = config.with_single_cert(vec![identity.0], identity.1).unwrap();
    config.alpn_protocols = vec![protocol.to_vec()];
    let config = Arc::new(config);
    move |stream| StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), stream)
}

/// Answers one request per connection with these bytes, over TLS.
pub(crate) fn tls(identity: Identity, bytes: Vec<u8>) -> Behaviour {
    let secured = secure(identity, b"http/1.1", None);
    Box::new(move |stream, requests| {
        let mut stream = secured(stream);
        answer(&mut stream, &bytes, requests);
        stream.conn.send_close_notify();
        let _ = stream.flush();
    })
}

/// The same for clients with a certificate of an authority only.
pub(crate) fn mutual_tls(identity: Identity, clients: &Authority, bytes: Vec<u8>) -> Behaviour {
    let secured = secure(identity, b"http/1.1", Some(clients));
    Box::new(move |stream, requests| {
        let mut stream = secured(stream);
        answer(&mut stream, &bytes, requests);
        stream.conn.send_close_notify();
        let _ = stream.flush();
        // What the client still writes must not turn the end of the connection into a reset, which would overtake the alert.
        let _ = stream.sock.shutdown(Shutdown::Write);
        let _ = std::io::copy(&mut stream.sock, &mut std::io::sink());
    })
}

/// HTTP/2 over TLS: answers the first request of a connection with this frame, and closes the connection.
pub(crate) fn http2(identity: Identity, frame: Vec<u8>) -> Behaviour {
    let secured = secure(identity, b"h2", None);
    Box::new(move |stream, requests| {
        let mut stream = secured(stream);
        let mut preface = [0; 24];
        // SETTINGS of this server, and the consent to those of the client.
        let settings = [[0, 0, 0, 4, 0, 0, 0, 0, 0], [0, 0, 0, 4, 1, 0, 0, 0, 0]].concat();
        if stream.read_exact(&mut preface).is_err() || stream.write_all(&settings).is_err() {
            return;
        }
        let mut head = [0; 9];
        while stream.read_exact(&mut head).is_ok() {
            let mut payload = vec![0; usize::from(head[1]) << 8 | usize::from(head[2])];
            if stream.read_exact(&mut payload).is_err() {
                return;
            }
            // HEADERS, or the body after them: the request is answered when all of it is there.
            if matches!(head[3], 0 | 1) && head[4] & 1 == 1 {
                requests.fetch_add(1, Ordering::SeqCst);
                let _ = stream.write_all(&frame).and_then(|()| stream.flush());
                // What the client says to it, before the end.
                let _ = stream.sock.set_read_timeout(Some(std::time::Duration::from_millis(100)));
                let _ = stream.read(&mut [0; 4096]);
                let _ = stream.sock.shutdown(Shutdown::Both);
                return;
            }
        }
    })
}

/// A proxy that notes what it is asked for: the first line, and all of it.
pub(crate) struct Proxy {
    server: Server,
    seen: Arc<Mutex<Vec<(String, String)>>>,
}

impl Proxy {
    /// Connects whoever asks to this port, whatever name was asked for.
    pub(crate) fn to(port: u16) -> Self {
        Self::start(move |mut stream| {
            let Ok(mut target) = TcpStream::connect(("127.0.0.1", port)) else { return };
            let _ = stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n");
            let (mut from, mut to) = (stream.try_clone().unwrap(), target.try_clone().unwrap());
            thread::spawn(move || {
                let _ = std::io::copy(&mut from, &mut to);
                let _ = to.shutdown(Shutdown::Write);
            });
            let _ = std::io::copy(&mut target, &mut stream);
            let _ = stream.shutdown(Shutdown::Both);
        })
    }

    /// Answers with a status and connects nobody.
    pub(crate) fn refusing(status: &'static str) -> Self {
        Self::start(move |mut stream| {
            let _ = stream.write_all(&response(status, "<html>no</html>"));
        })
    }

    fn start(then: impl Fn(TcpStream) + Send + Sync + 'static) -> Self {
        let seen: Arc<Mutex<Vec<(String, String)>>> = Arc::default();
        let noted = Arc::clone(&seen);
        let server = Server::start(Box::new(move |mut stream, _| {
            let Some(head) = read_head(&mut stream) else { return };
            let line = head.lines().next().unwrap_or_default().to_owned();
            noted.lock().unwrap().push((line, head));
            then(stream);
        }));
        Self { server, seen }
    }

    pub(crate) fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.server.port)
    }

    pub(crate) fn seen(&self) -> Vec<(String, String)> {
        self.seen.lock().unwrap().clone()
    }
}

/// A port of this machine at which nobody listens.
pub(crate) fn closed_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}
