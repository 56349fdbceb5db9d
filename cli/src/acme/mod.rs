//! ACME DNS-01: hooks for lego and certbot that put a text record into a zone, and take away that one alone.
//!
//! What the evidence supports: the API's create call is seen with the types of the example client only. TXT is a type
//! of the panel and not among them, so the document has it by inference; DKIM and DMARC are, they carry one text, and
//! the example client labels them TXT. TXT is sent where the document has it, and `--type` takes any other type. That
//! the name servers then answer a TXT question is not proven; `--wait` asks them, and is the proof.

mod ask;
mod httpreq;
mod place;
mod records;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::arguments::{OwnFlag, Parsed, flag};
use crate::call;
use crate::commands::{ANSWERS, Builtin, CALLS, no_more, value};
use crate::failure::{Exit, Failure};
use crate::output;
use crate::session::{self, Session, variable};
pub(crate) use httpreq::HTTPREQ;
use place::Place;

const SERVICE: OwnFlag = flag("service", ' ', Some("ID"), "The service that holds the zone, else SWPANEL_ACME_SERVICE");
const ZONE: OwnFlag = flag("zone", ' ', Some("NAME"), "The zone, else SWPANEL_ACME_ZONE, else asked for by SOA");
const TYPE: OwnFlag = flag(
    "type",
    ' ',
    Some("TYPE"),
    "Type of the record (default: TXT where the document has it, else its first type that carries one text)",
);
const SERVER: OwnFlag =
    flag("name-server", ' ', Some("ADDRESS"), "Ask this one (ADDRESS or ADDRESS:PORT) instead of those of the zone");

/// Types of records that the document has, and the one that it should.
pub(crate) fn types() -> Vec<&'static str> {
    let mut types = records::types();
    if !types.contains(&"TXT") {
        types.push("TXT");
    }
    types
}

const NOTE: &str = "Where the name is an alias (CNAME) into a zone that the service lists, the record is put there; where it leads \
    elsewhere, nothing is written and the target is named. Hooks that run at once with the same value make one record. \
    A record is added beside those that are there and removed by its value, so apex and wildcard can be \
    proven together. --dry-run reads the zone and shows the calls that would change it. Not proven by any evidence: that the API takes a name such as `_acme-challenge` for the type used \
    (TXT is a type of the panel, and not among the types that the API was seen with: the document has it by inference; \
    `--type DKIM` and `--type DMARC` carry one text and were seen), and \
    that the name servers answer it as TXT. `--wait` asks the zone's name servers and fails where they do not.";

/// What the reference says about lego's exec provider, which runs one program without arguments of its own.
pub(crate) const LEGO_WRAPPER: &str = "\
lego runs the program of `EXEC_PATH` with `present` or `cleanup`, the name and the value (with `EXEC_MODE=RAW`: `--`, the \
domain, the token and the key authorization). This script makes such a program; `XX012` is the service that holds the zone:

```text
#!/bin/sh
exec swpanel acme lego-exec --service XX012 \"$@\"
```

Make it executable, and run `EXEC_PATH=/path/to/script lego --dns exec ...`. lego passes its environment on, so \
`SWPANEL_TOKEN` or `SWPANEL_PROFILE` and `SWPANEL_ACME_ZONE` can be set for it.
";

pub(crate) const LEGO: Builtin = Builtin {
    words: &["acme", "lego-exec"],
    values: "present|cleanup FQDN VALUE",
    summary: "Hook for lego's exec provider",
    text: NOTE,
    flags: &[SERVICE, ZONE, TYPE, SERVER],
    heeds: &[CALLS, ANSWERS, &["wait", "wait-timeout", "dry-run"]],
    hidden: false,
    run: lego,
};

pub(crate) const CERTBOT_AUTH: Builtin = Builtin {
    words: &["acme", "certbot-auth"],
    values: "",
    summary: "Hook for certbot: --manual-auth-hook (reads CERTBOT_DOMAIN and CERTBOT_VALIDATION)",
    text: NOTE,
    flags: &[SERVICE, ZONE, TYPE, SERVER],
    heeds: &[CALLS, ANSWERS, &["wait", "wait-timeout", "dry-run"]],
    hidden: false,
    run: certbot_auth,
};

pub(crate) const CERTBOT_CLEANUP: Builtin = Builtin {
    words: &["acme", "certbot-cleanup"],
    values: "",
    summary: "Hook for certbot: --manual-cleanup-hook (reads CERTBOT_DOMAIN and CERTBOT_VALIDATION)",
    text: NOTE,
    flags: &[SERVICE, ZONE, TYPE, SERVER],
    heeds: &[CALLS, ANSWERS, &["wait", "wait-timeout", "dry-run"]],
    hidden: false,
    run: certbot_cleanup,
};

fn lego(parsed: &Parsed) -> Result<Exit, Failure> {
    let action = value(parsed, 0, "present or cleanup")?;
    // lego's RAW mode: `present -- DOMAIN TOKEN KEYAUTH`.
    let (name, text) = match parsed.rest.as_slice() {
        [] => {
            let (name, text) = (value(parsed, 1, "FQDN")?, value(parsed, 2, "VALUE")?);
            no_more(parsed, 3)?;
            (name.to_owned(), text.to_owned())
        }
        [domain, _token, key] => {
            no_more(parsed, 1)?;
            (challenge_name(domain), challenge_value(key))
        }
        _ => return Err(Failure::usage("after `--` lego gives DOMAIN, TOKEN and KEYAUTH (EXEC_MODE=RAW)")),
    };
    match action {
        "present" => present(parsed, &name, &text),
        "cleanup" => cleanup(parsed, &name, &text),
        other => Err(Failure::usage(format!("lego-exec takes present or cleanup, not `{other}`"))),
    }
}

fn of_certbot() -> Result<(String, String), Failure> {
    let needed = |name: &str| {
        variable(name).ok_or_else(|| {
            Failure::usage(format!("the variable {name} is not set")).hint("certbot sets it when it runs a hook")
        })
    };
    Ok((challenge_name(&needed("CERTBOT_DOMAIN")?), needed("CERTBOT_VALIDATION")?))
}

/// The name of a domain's challenge; that of a wildcard is the same.
fn challenge_name(domain: &str) -> String {
    format!("_acme-challenge.{}", domain.strip_prefix("*.").unwrap_or(domain))
}

/// The value of a challenge of DNS-01 (RFC 8555, 8.4): the hash of the key authorization.
fn challenge_value(key: &str) -> String {
    URL_SAFE_NO_PAD.encode(sha256(key.as_bytes()))
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

fn hex(bytes: &[u8], count: usize) -> String {
    bytes.iter().take(count).map(|byte| format!("{byte:02x}")).collect()
}

fn certbot_auth(parsed: &Parsed) -> Result<Exit, Failure> {
    no_more(parsed, 0)?;
    let (name, text) = of_certbot()?;
    present(parsed, &name, &text)
}

fn certbot_cleanup(parsed: &Parsed) -> Result<Exit, Failure> {
    no_more(parsed, 0)?;
    let (name, text) = of_certbot()?;
    cleanup(parsed, &name, &text)
}

/// A name in small letters without its final dot, international labels as DNS has them.
fn bare(name: &str) -> String {
    crate::zone::ascii(&name.trim().trim_end_matches('.').to_lowercase())
}

/// The name servers that were named.
fn servers(parsed: &Parsed) -> Result<Vec<SocketAddr>, Failure> {
    let one = |given: &str| {
        let address = given.parse().ok();
        let address = address.or_else(|| given.parse().ok().map(|ip| SocketAddr::new(ip, 53)));
        address.ok_or_else(|| Failure::usage(format!("`--name-server` takes an address, not `{given}`")))
    };
    parsed.given.all("name-server").into_iter().map(one).collect()
}

/// The service that holds the zone.
fn service(parsed: &Parsed) -> Result<String, Failure> {
    let service = parsed.given.get("service").map(str::to_owned).or_else(|| variable("SWPANEL_ACME_SERVICE"));
    service.ok_or_else(|| {
        Failure::usage("the service that holds the zone is not known").hint("`--service ID` or SWPANEL_ACME_SERVICE")
    })
}

fn present(parsed: &Parsed, name: &str, text: &str) -> Result<Exit, Failure> {
    let name = place::checked(name)?;
    service(parsed)?;
    let session = Session::open(&parsed.given)?;
    session::run(async {
        let Place { zone, aliases } = place::find(parsed, &session, &name).await?;
        if parsed.given.has("dry-run") {
            let addition = records::addition(&session, parsed, &zone, text).await?;
            return call::dry_runs(&addition.into_iter().map(|(request, _)| request).collect::<Vec<_>>(), parsed);
        }
        let turn = place::turn(&session, &zone).await?;
        let (is_new, words) = records::add(&session, parsed, &zone, text).await?;
        drop(turn);
        if !aliases.is_empty() {
            output::note(&parsed.given, &format!("{name} is a CNAME to {}\n", zone.full()));
        }
        output::note(&parsed.given, &words);
        if parsed.given.has("wait") {
            wait(parsed, &zone.name, &zone.full(), text).await?;
        }
        let done = json!({ "added": is_new, "aliases": aliases, "name": zone.relative, "zone": zone.name });
        output::done("", &done, &parsed.given).map(|()| Exit::Ok)
    })
}

fn cleanup(parsed: &Parsed, name: &str, text: &str) -> Result<Exit, Failure> {
    let name = place::checked(name)?;
    service(parsed)?;
    let session = Session::open(&parsed.given)?;
    session::run(async {
        let Place { zone, aliases } = place::find(parsed, &session, &name).await?;
        if parsed.given.has("dry-run") {
            return call::dry_runs(&records::removals(&session, &zone, text).await?, parsed);
        }
        let turn = place::turn(&session, &zone).await?;
        let removed = records::remove(&session, &zone, text).await?;
        drop(turn);
        let done = json!({ "removed": removed, "aliases": aliases, "name": zone.relative, "zone": zone.name });
        output::done(&format!("{removed} removed from {}\n", zone.name), &done, &parsed.given).map(|()| Exit::Ok)
    })
}

/// Waits until every name server of the zone answers the text.
async fn wait(parsed: &Parsed, zone: &str, name: &str, text: &str) -> Result<(), Failure> {
    let patience = Duration::from_secs(parsed.given.number("wait-timeout")?.unwrap_or(600));
    let started = Instant::now();
    let given = servers(parsed)?;
    let servers = if given.is_empty() { ask::servers_of(zone).await? } else { given };
    let mut rest = Duration::from_secs(1);
    loop {
        let mut missing = Vec::new();
        for server in &servers {
            match ask::texts(*server, name).await {
                Ok(texts) if texts.iter().any(|known| known == text) => {}
                Ok(texts) => missing.push(format!("{server} answers {} other texts", texts.len())),
                Err(why) => missing.push(format!("{server}: {why}")),
            }
        }
        if missing.is_empty() {
            output::note(&parsed.given, &format!("{} of {} name servers answer it\n", servers.len(), servers.len()));
            return Ok(());
        }
        if started.elapsed() + rest > patience {
            let what = format!("{} of {} name servers do not answer the text for {name}", missing.len(), servers.len());
            return Err(Failure::new(Exit::Server, "not-propagated", what).details(missing).hint(
                "the record was made; by the manuals a change may need up to 48 hours. Perhaps its type is not served as TXT",
            ));
        }
        tokio::time::sleep(rest).await;
        rest = (rest * 2).min(Duration::from_secs(15));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_of_a_challenge_is_the_hash_of_its_key() {
        // sha256("abc"), the first example of FIPS 180.
        assert_eq!(challenge_value("abc"), "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
        assert_eq!(challenge_name("*.example.es"), "_acme-challenge.example.es");
    }
}
