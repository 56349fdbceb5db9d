//! Zone files (RFC 1035, section 5) to records, and records to a zone file.

use std::iter::Peekable;
use std::str::Chars;

use super::record::{Data, Listed, Record, ascii, relative, target};
use crate::failure::Failure;

/// A token of a line, and whether it stood in quotes.
type Token = (String, bool);

/// What follows a backslash: three digits are a byte, anything else stands for itself.
fn escape(characters: &mut Peekable<Chars<'_>>, token: &mut Vec<u8>) -> Result<(), &'static str> {
    let wrong = "a backslash takes a letter, or three digits up to 255";
    let first = characters.next().ok_or(wrong)?;
    if !first.is_ascii_digit() {
        token.extend(first.to_string().bytes());
        return Ok(());
    }
    let digits: String = [Some(first), characters.next(), characters.next()].into_iter().flatten().collect();
    let byte = Some(digits).filter(|digits| digits.len() == 3 && digits.bytes().all(|b| b.is_ascii_digit()));
    token.push(byte.and_then(|digits| digits.parse().ok()).ok_or(wrong)?);
    Ok(())
}

fn whole(token: Vec<u8>) -> Result<String, &'static str> {
    String::from_utf8(token).map_err(|_| "its bytes are no text in UTF-8, and the API takes texts")
}

/// The pieces of a text as a zone file writes it, joined; nothing where it is not written so.
pub(super) fn unquoted(text: &str) -> Option<String> {
    let found = lines(text).ok()?;
    let [(_, tokens)] = found.as_slice() else { return None };
    let all_quoted = tokens.iter().all(|(_, quoted)| *quoted);
    all_quoted.then(|| tokens.iter().map(|(token, _)| token.as_str()).collect())
}

/// The lines of a zone file as tokens: comments are gone, brackets join lines. The first token is empty where a line
/// begins with a blank.
fn lines(text: &str) -> Result<Vec<(usize, Vec<Token>)>, Failure> {
    let wrong = |line: usize, what: &str| Failure::usage(format!("the zone file is wrong at line {line}: {what}"));
    let mut found: Vec<(usize, Vec<Token>)> = Vec::new();
    let mut depth = 0usize;
    for (number, line) in text.lines().enumerate() {
        let number = number + 1;
        let mut tokens: Vec<Token> = Vec::new();
        if depth == 0 && line.starts_with([' ', '\t']) {
            tokens.push((String::new(), false));
        }
        let mut characters = line.chars().peekable();
        while let Some(character) = characters.next() {
            match character {
                ';' => break,
                '(' => depth += 1,
                ')' => {
                    depth = depth.checked_sub(1).ok_or_else(|| wrong(number, "a bracket closes that was not opened"))?
                }
                '"' => {
                    let mut token: Vec<u8> = Vec::new();
                    loop {
                        match characters.next() {
                            Some('"') => break,
                            Some('\\') => {
                                escape(&mut characters, &mut token).map_err(|what| wrong(number, what))?;
                            }
                            Some(character) => token.extend(character.to_string().bytes()),
                            None => return Err(wrong(number, "a quote is not closed")),
                        }
                    }
                    tokens.push((whole(token).map_err(|what| wrong(number, what))?, true));
                }
                character if character.is_whitespace() => {}
                character => {
                    let mut token: Vec<u8> = Vec::new();
                    let mut next = Some(character);
                    while let Some(character) = next {
                        if character == '\\' {
                            escape(&mut characters, &mut token).map_err(|what| wrong(number, what))?;
                            if token.last() == Some(&b'.') {
                                // In a name it is no border between two labels, and names are kept as texts.
                                return Err(wrong(number, "an escaped dot outside quotes is not understood"));
                            }
                        } else {
                            token.extend(character.to_string().bytes());
                        }
                        next = characters.next_if(|c| !c.is_whitespace() && !"();\"".contains(*c));
                    }
                    tokens.push((whole(token).map_err(|what| wrong(number, what))?, false));
                }
            }
        }
        let continues = found.last().is_some_and(|(open, _)| *open == usize::MAX);
        match found.last_mut().filter(|_| continues) {
            Some((start, last)) => {
                last.extend(tokens);
                if depth == 0 {
                    *start = number;
                }
            }
            None if tokens.iter().any(|(token, quoted)| *quoted || !token.is_empty()) || depth > 0 => {
                found.push((if depth > 0 { usize::MAX } else { number }, tokens));
            }
            None => {}
        }
    }
    if depth > 0 {
        return Err(wrong(text.lines().count(), "a bracket is not closed"));
    }
    Ok(found)
}

/// The records of a zone file, and what was left out with the reason.
pub(super) fn read(text: &str, zone: &str) -> Result<(Vec<Record>, Vec<String>), Failure> {
    let (mut records, mut left_out) = (Vec::new(), Vec::new());
    let mut origin = zone.to_owned();
    let mut owner: Option<String> = None;
    for (number, tokens) in lines(text)? {
        let wrong = |what: String| Failure::usage(format!("the zone file is wrong at line {number}: {what}"));
        let mut words = tokens.iter();
        let first = words.next().map(|(token, _)| token.as_str()).unwrap_or_default();
        match first.to_uppercase().as_str() {
            "$ORIGIN" => {
                let name = words.next().ok_or_else(|| wrong("$ORIGIN needs a name".to_owned()))?;
                origin = target(&name.0);
                continue;
            }
            // One call sets the time to live of a whole zone, so it is no part of a record.
            "$TTL" => continue,
            "$INCLUDE" | "$GENERATE" => return Err(wrong(format!("{first} is not understood"))),
            _ => {}
        }
        if !first.is_empty() {
            owner = Some(full(first, &origin));
        }
        let name = owner.clone().ok_or_else(|| wrong("the first record has no name".to_owned()))?;
        let mut rest: Vec<&Token> = words.collect();
        // A time to live and a class may stand before the type, in any order.
        while rest.first().is_some_and(|(token, _)| is_ttl(token) || token.eq_ignore_ascii_case("IN")) {
            rest.remove(0);
        }
        let Some((kind, data)) = rest.split_first() else { return Err(wrong("there is no type".to_owned())) };
        let kind = kind.0.to_uppercase();
        if name != zone && !name.ends_with(&format!(".{zone}")) {
            return Err(wrong(format!("`{name}` is no name within the zone `{zone}`")));
        }
        if kind == "SOA" || (kind == "NS" && name == zone) {
            left_out.push(format!("line {number}: {kind} of the zone itself is the panel's own"));
            continue;
        }
        let word = |at: usize| {
            data.get(at).map(|(token, _)| token.as_str()).ok_or_else(|| wrong(format!("{kind} needs more data")))
        };
        let number_at = |at: usize| -> Result<u32, Failure> {
            word(at)?
                .parse()
                .map_err(|_| wrong(format!("{kind} needs a number and has `{}`", word(at).unwrap_or_default())))
        };
        let data = match kind.as_str() {
            "A" => Data::Address(
                address::<std::net::Ipv4Addr>(word(0)?)
                    .ok_or_else(|| wrong(format!("`{}` is no IPv4 address", word(0).unwrap_or_default())))?,
            ),
            "AAAA" => Data::Address(
                address::<std::net::Ipv6Addr>(word(0)?)
                    .ok_or_else(|| wrong(format!("`{}` is no IPv6 address", word(0).unwrap_or_default())))?,
            ),
            "CNAME" | "NS" | "PTR" => Data::Target(full(word(0)?, &origin)),
            "MX" => Data::Mail { priority: number_at(0)?, exchange: full(word(1)?, &origin) },
            "SRV" => Data::Service {
                priority: number_at(0)?,
                weight: number_at(1)?,
                port: number_at(2)?,
                target: full(word(3)?, &origin),
            },
            "TLSA" => {
                let certificate: String = data.iter().skip(3).map(|(token, _)| token.to_lowercase()).collect();
                word(3)?;
                Data::Association {
                    usage: number_at(0)?,
                    selector: number_at(1)?,
                    matching: number_at(2)?,
                    certificate,
                }
            }
            "TXT" | "SPF" => {
                word(0)?;
                Data::Text(data.iter().map(|(token, _)| token.as_str()).collect())
            }
            other => return Err(wrong(format!("records of type {other} are not understood"))),
        };
        let kind = if kind == "SPF" { "TXT".to_owned() } else { kind };
        records.push(Record { name: relative(&name, zone), kind, data });
    }
    records.sort();
    records.dedup();
    Ok((records, left_out))
}

fn address<A: std::str::FromStr + ToString>(text: &str) -> Option<String> {
    text.parse::<A>().ok().map(|address| address.to_string())
}

fn is_ttl(token: &str) -> bool {
    token.starts_with(|c: char| c.is_ascii_digit())
        && token.chars().all(|c| c.is_ascii_digit() || "smhdwSMHDW".contains(c))
}

/// A name with the origin, without the final dot.
fn full(name: &str, origin: &str) -> String {
    let lower = ascii(&name.to_lowercase());
    if lower == "@" {
        return origin.to_owned();
    }
    match lower.strip_suffix('.') {
        Some(absolute) => absolute.to_owned(),
        None if origin.is_empty() => lower,
        None => format!("{lower}.{origin}"),
    }
}

/// A zone file of listed records.
pub(super) fn write(zone: &str, listed: &[Listed], not_understood: &[String]) -> String {
    let mut out =
        format!("; Zone {zone}, as the API lists it: without SOA and the zone's own NS, which the panel makes.\n");
    out.push_str(&format!("$ORIGIN {zone}.\n"));
    let ttl = listed.first().and_then(|first| first.ttl).filter(|ttl| listed.iter().all(|one| one.ttl == Some(*ttl)));
    if let Some(ttl) = ttl {
        out.push_str(&format!("$TTL {ttl}\n"));
    }
    let mut listed: Vec<&Listed> = listed.iter().collect();
    listed.sort_by(|one, other| one.record.cmp(&other.record));
    let widest = listed.iter().map(|one| one.record.name.chars().count()).max().unwrap_or_default();
    for one in listed {
        let Record { name, kind, data } = &one.record;
        let note = if one.word.eq_ignore_ascii_case(kind) {
            String::new()
        } else {
            format!(" ; type {} of the panel", one.word)
        };
        out.push_str(&format!("{name:<widest$}  IN  {kind:<5}  {data}{note}\n"));
    }
    for what in not_understood {
        out.push_str(&format!("; not understood: {}\n", crate::text::visible(what)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "$TTL 1h\n$ORIGIN example.es.\n@ IN SOA ns1 host ( 1 ; serial\n 2 3 4 5 )\n  IN NS ns1.example.es.\n\
        www 300 IN A 192.0.2.1\n    IN AAAA 2001:DB8::1\nshop CNAME www\n@ MX 10 mail\n_sip._tcp SRV 1 2 5060 sip.example.net.\n\
        _443._tcp.www TLSA 3 1 1 ( AB\n CD )\ntxt TXT \"a; b\" \"c\\\"d\"\n";

    #[test]
    fn reads_what_the_standard_allows() {
        let (records, left_out) = read(FILE, "example.es").unwrap();
        let shown: Vec<String> = records.iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            [
                "@ MX 10 mail.example.es.",
                "_443._tcp.www TLSA 3 1 1 abcd",
                "_sip._tcp SRV 1 2 5060 sip.example.net.",
                "shop CNAME www.example.es.",
                "txt TXT \"a; bc\\\"d\"",
                "www A 192.0.2.1",
                "www AAAA 2001:db8::1",
            ]
        );
        assert_eq!(left_out.len(), 2, "{left_out:?}");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (file, says) in [
            ("a A 1.2.3", "line 1: `1.2.3` is no IPv4"),
            ("a A 192.0.2.1\nb MX ten x", "line 2: MX needs a number"),
            ("a TXT \"x", "quote"),
            ("a SOA ( 1", "bracket is not closed"),
            (" A 192.0.2.1", "no name"),
            ("a.example.com. A 192.0.2.1", "no name within"),
            ("a CAA 0 issue x", "type CAA"),
            ("a MX 10", "needs more data"),
        ] {
            let failure = read(file, "example.es").unwrap_err();
            assert!(failure.what.contains(says), "{file}: {}", failure.what);
        }
    }

    #[test]
    fn what_is_written_reads_the_same() {
        let (records, _) = read(FILE, "example.es").unwrap();
        let listed: Vec<Listed> = records
            .iter()
            .map(|record| Listed {
                id: "1".to_owned(),
                word: record.word().to_owned(),
                ttl: Some(300),
                record: record.clone(),
            })
            .collect();
        let written = write("example.es", &listed, &[]);
        assert_eq!(read(&written, "example.es").unwrap().0, records, "{written}");
    }
}
