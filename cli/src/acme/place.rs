//! Finds the place where the record of a challenge belongs: a zone that the service holds, and a name within it. Aliases
//! (CNAME) are followed there, and refused before anything is written where they lead to another zone.

use std::time::{Duration, Instant};

use super::records::{self, Zone};
use super::{ask, bare, servers, service};
use crate::arguments::Parsed;
use crate::failure::{Exit, Failure};
use crate::files::{self, Lock};
use crate::output;
use crate::session::{Session, variable};

/// More aliases in a row than any server follows.
const LONGEST_CHAIN: usize = 8;
/// How long a hook waits for another one that changes the same name.
const PATIENCE: Duration = Duration::from_secs(120);

/// Where a record belongs, and over which aliases its name was found.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) zone: Zone,
    pub(super) aliases: Vec<String>,
}

/// A name that can be asked for and shown: letters, digits, `-`, `_`, and dots between them.
pub(super) fn checked(given: &str) -> Result<String, Failure> {
    let name = bare(given);
    let fits = |label: &str| {
        let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
        (1..=63).contains(&label.len()) && label.chars().all(letter)
    };
    if name.len() <= 253 && name.contains('.') && name.split('.').all(fits) {
        return Ok(name);
    }
    Err(Failure::usage("the name of the challenge is not a name of DNS")
        .hint("it is the whole name of the record, such as `_acme-challenge.example.es`"))
}

/// The place of a name. Name servers are asked where the zone is not given, or does not have the name, or a server was
/// named, or an answer will be waited for; what the service lists is looked at in any case.
pub(super) async fn find(parsed: &Parsed, session: &Session, name: &str) -> Result<Place, Failure> {
    let service = service(parsed)?;
    let given = parsed.given.get("zone").map(str::to_owned).or_else(|| variable("SWPANEL_ACME_ZONE"));
    let given = given.map(|zone| bare(&zone));
    let servers = servers(parsed)?;
    let here = given.as_deref().and_then(|zone| Zone::of(&service, zone, name));
    let (mut aliases, mut not_asked) = (Vec::new(), Vec::new());
    if here.is_none() || !servers.is_empty() || parsed.given.has("wait") {
        match aliases_of(name, &servers).await {
            Ok(found) => aliases = found,
            // With a zone that has the name, the list of the service is enough.
            Err(failure) if here.is_some() && failure.exit == Exit::Server => {
                output::note(&parsed.given, &format!("not checked with name servers: {}\n", failure.what));
            }
            Err(failure) if given.is_none() || failure.exit != Exit::Server => return Err(failure),
            Err(failure) => not_asked.push(failure.what.clone()),
        }
    }
    let zone = match (aliases.is_empty(), here, &given) {
        (true, Some(here), _) => here,
        (true, None, Some(zone)) => {
            return Err(Failure::usage(format!(
                "`{name}` is not a name within the zone `{zone}`, nor an alias into it"
            ))
            .details(not_asked)
            .hint("`--zone NAME` or SWPANEL_ACME_ZONE names the zone; without it, name servers are asked"));
        }
        (true, None, None) => {
            let zone = ask::zone_of(name, &servers).await?;
            let wrong = || Failure::usage(format!("`{name}` is not a name within the zone `{zone}`"));
            Zone::of(&service, &zone, name).ok_or_else(wrong)?
        }
        (false, ..) => {
            let records = records::listed(session, &service).await?;
            let mut zones: Vec<String> = given.into_iter().chain(records::zones(&records)).collect();
            if zones.is_empty() {
                // The list shows no zones, and then only that of the name itself is taken for one of the service.
                zones.extend(ask::zone_of(name, &servers).await.ok());
            }
            let zone = within(&service, &zones, name, &aliases)?;
            return through_list(zone, &zones, &records, name, aliases);
        }
    };
    let records = records::listed(session, &service).await?;
    let zones: Vec<String> = std::iter::once(zone.name.clone()).chain(records::zones(&records)).collect();
    through_list(zone, &zones, &records, name, aliases)
}

/// Follows the aliases that the service itself lists.
fn through_list(
    mut zone: Zone,
    zones: &[String],
    records: &[serde_json::Value],
    name: &str,
    mut aliases: Vec<String>,
) -> Result<Place, Failure> {
    while let Some(target) = records::alias(records, &zone) {
        push(name, &mut aliases, target)?;
        zone = within(&zone.service, zones, name, &aliases)?;
    }
    Ok(Place { zone, aliases })
}

/// The names that a name is an alias of, one after the other, as name servers have them.
async fn aliases_of(name: &str, servers: &[std::net::SocketAddr]) -> Result<Vec<String>, Failure> {
    let mut aliases = Vec::new();
    let mut last = name.to_owned();
    loop {
        match ask::alias(&last, servers).await {
            Ok(None) => return Ok(aliases),
            Ok(Some(target)) => {
                push(name, &mut aliases, target.clone())?;
                last = target;
            }
            // A server of the first zone need not know the next one.
            Err(_) if !aliases.is_empty() => return Ok(aliases),
            Err(why) => {
                let what = format!("whether {name} is an alias (CNAME) could not be asked: {why}");
                return Err(Failure::new(Exit::Server, "dns", what)
                    .hint("`--name-server ADDRESS` names a server to ask, `--zone NAME` the zone"));
            }
        }
    }
}

/// Adds an alias to a chain, which must not turn back and not go on without end.
fn push(name: &str, aliases: &mut Vec<String>, target: String) -> Result<(), Failure> {
    let turns = target == name || aliases.contains(&target);
    aliases.push(target);
    if !turns && aliases.len() <= LONGEST_CHAIN {
        return Ok(());
    }
    let what = if turns { "is an alias (CNAME) of itself" } else { "has too many aliases (CNAME) in a row" };
    Err(Failure::new(
        Exit::Usage,
        "alias-loop",
        format!("{name} {what}: {}; nothing was written", aliases.join(" -> ")),
    )
    .hint("correct the CNAME records; no name server can answer for this name"))
}

/// The place of the last alias: in the longest of these zones that it is within.
fn within(service: &str, zones: &[String], name: &str, aliases: &[String]) -> Result<Zone, Failure> {
    let target = aliases.last().map_or(name, String::as_str);
    let fitting = zones.iter().filter_map(|zone| Zone::of(service, zone, target));
    fitting.max_by_key(|zone| zone.name.len()).ok_or_else(|| {
        let what = format!(
            "{name} is a CNAME to {target}: create the TXT there; {service} lists no zone of that name, and nothing was written"
        );
        Failure::new(Exit::Usage, "alias-elsewhere", what).hint(
            "give the service that holds that zone with `--service` and the zone with `--zone`, or remove the CNAME",
        )
    })
}

/// What keeps others from changing the same name at the same time.
pub(super) enum Turn {
    /// A lock of this machine, between processes.
    Machine(#[expect(dead_code, reason = "held until it is dropped")] Lock),
    /// Without a folder for locks, one change at a time of this process.
    Process(#[expect(dead_code, reason = "held until it is dropped")] tokio::sync::MutexGuard<'static, ()>),
}

static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Waits until nobody else on this machine changes the records of that name: between reading the list and creating a
/// record, another hook could create the same one.
pub(super) async fn turn(session: &Session, zone: &Zone) -> Result<Turn, Failure> {
    let Some(folder) = files::state_folder("acme") else { return Ok(Turn::Process(ALONE.lock().await)) };
    let key = format!("{}\n{}\n{}", session.client.base_url(), zone.service, zone.full());
    let place = folder.join(format!("{}.lock", super::hex(&super::sha256(key.as_bytes()), 16)));
    let started = Instant::now();
    loop {
        match Lock::try_take(&place) {
            Ok(Some(lock)) => return Ok(Turn::Machine(lock)),
            Ok(None) if started.elapsed() < PATIENCE => tokio::time::sleep(Duration::from_millis(25)).await,
            Ok(None) => {
                let what = format!("another hook changes {} for more than {} s", zone.full(), PATIENCE.as_secs());
                return Err(Failure::other(format!("{what}; nothing was written")).hint("end it, and try again"));
            }
            // A home that cannot be written to must not keep a certificate from being renewed.
            Err(_) => return Ok(Turn::Process(ALONE.lock().await)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_in_the_longest_zone_and_chains_end() {
        let zones = ["example.es".to_owned(), "acme.example.es".to_owned()];
        let alias = |target: &str| vec![target.to_owned()];
        let found = within("XX1", &zones, "_acme-challenge.a.es", &alias("x.acme.example.es")).unwrap();
        assert_eq!((found.name.as_str(), found.relative.as_str()), ("acme.example.es", "x"));
        let apex = within("XX1", &zones, "_acme-challenge.a.es", &alias("acme.example.es")).unwrap();
        assert_eq!((apex.relative.as_str(), apex.full().as_str()), ("@", "acme.example.es"));
        // The end of a name is not a zone of it.
        for elsewhere in ["xexample.es", "example.es.net", "es"] {
            let failure = within("XX1", &zones, "_acme-challenge.a.es", &alias(elsewhere)).unwrap_err();
            assert!(failure.what.contains(&format!("is a CNAME to {elsewhere}: create the TXT there")));
        }
        let mut aliases = alias("b.es");
        assert!(push("a.es", &mut aliases, "c.es".to_owned()).is_ok());
        for back in ["a.es", "b.es", "c.es"] {
            assert!(push("a.es", &mut aliases.clone(), back.to_owned()).is_err(), "{back}");
        }
        let mut long = Vec::new();
        let ends = (0..50).map(|number| push("a.es", &mut long, format!("{number}.es")));
        assert_eq!(ends.filter(Result::is_ok).count(), LONGEST_CHAIN);
    }

    #[test]
    fn names_are_checked_before_they_are_asked_for_or_shown() {
        for (given, name) in [
            ("_acme-challenge.Example.ES.", "_acme-challenge.example.es"),
            ("_acme-challenge.espa\u{f1}a.es", "_acme-challenge.xn--espaa-rta.es"),
        ] {
            assert_eq!(checked(given).unwrap(), name);
        }
        let long = format!("{}.es", "a".repeat(64));
        for given in ["", "a", "a..es", ".a.es", "a b.es", "a.es\u{1b}[2J", "a\n.es", "*.es", "a/b.es", long.as_str()] {
            assert!(checked(given).is_err(), "{given:?}");
        }
    }
}
