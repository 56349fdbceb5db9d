//! lego's httpreq provider: a small server on this machine that takes `/present` and `/cleanup`.

use std::io::Read;
use std::net::SocketAddr;

use serde_json::Value;
use tiny_http::{Header, Method, Request, Response, Server};

use super::{bare, records, zone};
use crate::arguments::{Parsed, flag};
use crate::body::secret;
use crate::commands::{Builtin, CALLS, no_more};
use crate::failure::{Exit, Failure};
use crate::output;
use crate::session::{self, Session};

/// No request of lego is longer.
const LONGEST: u64 = 64 << 10;

pub(crate) const HTTPREQ: Builtin = Builtin {
    words: &["acme", "lego-httpreq"],
    values: "",
    summary: "Server for lego's httpreq provider, on this machine alone",
    text: "Set HTTPREQ_ENDPOINT of lego to the address that is printed, HTTPREQ_USERNAME to `swpanel` and HTTPREQ_PASSWORD \
           to the password. lego's RAW mode is not understood. The same holds as for `acme lego-exec`: a record is added \
           beside others and removed by its value, and that its type is served as TXT is not proven.",
    flags: &[
        super::SERVICE,
        super::ZONE,
        super::TYPE,
        flag("listen", ' ', Some("ADDRESS"), "Address of this machine and port; 127.0.0.1:8093 where it is not given"),
        flag("password", ' ', Some("-|@FILE|env:NAME"), "The password that lego has to send"),
    ],
    heeds: &[CALLS],
    hidden: false,
    run,
};

fn run(parsed: &Parsed) -> Result<Exit, Failure> {
    no_more(parsed, 0)?;
    let listen = parsed.given.get("listen").unwrap_or("127.0.0.1:8093");
    let address: SocketAddr = listen
        .parse()
        .map_err(|_| Failure::usage(format!("`--listen` takes an address and a port, not `{listen}`")))?;
    if !address.ip().is_loopback() {
        return Err(Failure::usage(format!(
            "`{listen}` is not of this machine alone; what is sent there is not encrypted"
        )));
    }
    let given = parsed.given.get("password").ok_or_else(|| {
        Failure::usage("the password is missing: without one, whoever is on this machine could change the zone")
            .hint("`--password env:NAME`, and the same for lego as HTTPREQ_PASSWORD")
    })?;
    let expected = format!("Basic {}", base64(format!("swpanel:{}", secret("--password", given)?).as_bytes()));
    let session = Session::open(&parsed.given)?;
    records::judge(&session, &super::service(parsed)?)?;
    let server =
        Server::http(address).map_err(|error| Failure::other(format!("cannot listen on {listen}: {error}")))?;
    output::err(&format!("listening on http://{} (Ctrl-C ends it)\n", server.server_addr()));
    let runtime = session::runtime()?;
    for mut request in server.incoming_requests() {
        let (status, text) = match runtime.block_on(answer(&mut request, parsed, &session, &expected)) {
            Ok(text) => (200, text),
            Err((status, text)) => (status, text),
        };
        output::err(&format!("{} {} {status}: {text}\n", request.method(), request.url()));
        let mut response = Response::from_string(format!("{text}\n")).with_status_code(status);
        if status == 401
            && let Ok(header) = Header::from_bytes("WWW-Authenticate", "Basic realm=\"swpanel\"")
        {
            response.add_header(header);
        }
        // Whoever went away needs no answer.
        let _ = request.respond(response);
    }
    Ok(Exit::Ok)
}

async fn answer(
    request: &mut Request,
    parsed: &Parsed,
    session: &Session,
    expected: &str,
) -> Result<String, (u16, String)> {
    let sent = request.headers().iter().find(|header| header.field.equiv("Authorization"));
    if !sent.is_some_and(|sent| same(sent.value.as_str().as_bytes(), expected.as_bytes())) {
        return Err((401, "the user or the password is wrong".to_owned()));
    }
    let present = match (request.method(), request.url()) {
        (Method::Post, "/present") => true,
        (Method::Post, "/cleanup") => false,
        _ => return Err((404, "there are POST /present and POST /cleanup".to_owned())),
    };
    let mut text = String::new();
    let read = request.as_reader().take(LONGEST).read_to_string(&mut text);
    read.map_err(|error| (400, format!("the body cannot be read: {error}")))?;
    let body: Value = serde_json::from_str(&text).map_err(|_| (400, "the body is no JSON".to_owned()))?;
    let part = |name: &str| body.get(name).and_then(Value::as_str).ok_or_else(|| (400, format!("`{name}` is missing")));
    let (name, value) = (bare(part("fqdn")?), part("value")?);
    let failed = |failure: Failure| (502, failure.what.clone());
    let zone = zone(parsed, &name).await.map_err(failed)?;
    if present {
        let (_, added) = records::add(session, parsed, &zone, value).await.map_err(failed)?;
        Ok(added.lines().next().unwrap_or_default().to_owned())
    } else {
        let removed = records::remove(session, &zone, value).await.map_err(failed)?;
        Ok(format!("{removed} removed"))
    }
}

/// Compares without telling by its time how much was right.
fn same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |seen, (one, other)| seen | (one ^ other)) == 0
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let part = |at: usize| u32::from(chunk.get(at).copied().unwrap_or_default());
        let bits = (part(0) << 16) | (part(1) << 8) | part(2);
        for place in 0..4 {
            let letter = LETTERS.get(((bits >> (18 - 6 * place)) & 63) as usize).copied().map_or('=', char::from);
            out.push(if place > chunk.len() { '=' } else { letter });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_the_standard_one() {
        for (text, encoded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(text.as_bytes()), encoded);
        }
        assert!(same(b"ab", b"ab") && !same(b"ab", b"ac") && !same(b"ab", b"abc"));
    }
}
