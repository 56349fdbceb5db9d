//! Zone files (RFC 1035, section 5) to records. The `domain` crate of NLnet Labs reads names, classes and data; this
//! gives it one entry at a time, so that every error names its line, and adds what people write and RFC 1035 does not
//! have: times to live with units, and the type SPF.

use bytes::Bytes;
use domain::base::iana::{Class, Rtype};
use domain::base::name::{Label, ToName};
use domain::base::zonefile_fmt::{DisplayKind, ZonefileFmt};
use domain::rdata::ZoneRecordData;
use domain::zonefile::inplace::{self, Zonefile};

use super::entries::{Entry, entries, wrong};
use super::name::{Name, Written};
use super::record::{Data, Record, is_of_the_panel};
use crate::failure::Failure;

/// The longest time to live of RFC 2181, section 8.
const LONGEST_TTL: u64 = 0x7fff_ffff;

/// Types whose data have names, in which `@` is the origin.
const WITH_NAMES: [&str; 13] =
    ["AFSDB", "CNAME", "DNAME", "HTTPS", "KX", "MX", "NAPTR", "NS", "PTR", "RP", "SOA", "SRV", "SVCB"];

/// A record that a zone file has.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) record: Record,
    /// Its time to live in seconds, where the file says one.
    pub(super) ttl: Option<u32>,
    pub(super) line: usize,
    /// Whether its name is written without a final dot.
    pub(super) is_relative: bool,
}

/// What a zone file has.
#[derive(Debug, Default)]
pub(super) struct ZoneFile {
    pub(super) records: Vec<Wanted>,
    /// Records that the panel makes by itself.
    pub(super) left_out: Vec<Wanted>,
    /// Records that the panel would make if their name, which is that of the zone without a final dot, were the zone itself.
    /// Most likely the dot was forgotten; by the standard such a name is one below the zone.
    pub(super) doubtful: Vec<Wanted>,
}

/// Reads a zone file. Names outside of the zone are an error.
pub(super) fn read(text: &str, zone: &Name) -> Result<ZoneFile, Failure> {
    let mut scanner = Scanner::new(zone)?;
    let mut file = ZoneFile::default();
    for entry in entries(text)? {
        let Some(wanted) = scanner.scan(&entry)? else { continue };
        let Record { kind, name, .. } = &wanted.record;
        if is_of_the_panel(kind, name) {
            file.left_out.push(wanted);
        } else if wanted.is_relative && *name == zone.without_dot() && is_of_the_panel(kind, "@") {
            file.doubtful.push(wanted);
        } else {
            file.records.push(wanted);
        }
    }
    Ok(file)
}

/// Reads one line that was written here or made of what is listed; `None` where it is not one record.
pub(super) fn read_line(line: &str, zone: &Name) -> Option<Record> {
    let file = read(&format!("$ORIGIN {zone}\n{line}\n"), zone).ok()?;
    let mut all = file.records.iter().chain(&file.left_out).chain(&file.doubtful);
    let only = all.next()?;
    all.next().is_none().then(|| only.record.clone())
}

/// What carries over from entry to entry.
struct Scanner<'z> {
    zone: &'z Name,
    file: Zonefile,
    has_owner: bool,
    /// Whether the name of the last record is written without a final dot.
    is_relative: bool,
    has_ttl: bool,
}

impl<'z> Scanner<'z> {
    fn new(zone: &'z Name) -> Result<Self, Failure> {
        let origin: Result<domain::base::Name<Bytes>, _> = zone.to_string().parse();
        let origin = origin.map_err(|_| Failure::usage(format!("`{zone}` cannot be the name of a zone")))?;
        let mut file = Zonefile::new();
        file.set_origin(origin);
        file.set_default_class(Class::IN);
        Ok(Self { zone, file, has_owner: false, is_relative: false, has_ttl: false })
    }

    /// The record of an entry; nothing of a directive.
    fn scan(&mut self, entry: &Entry) -> Result<Option<Wanted>, Failure> {
        let line = entry.line;
        let first = entry.token(0).unwrap_or_default();
        if !entry.is_indented && first.starts_with('$') {
            return self.directive(entry, &first.to_uppercase()).map(|()| None);
        }
        if entry.is_indented && !self.has_owner {
            return Err(wrong(line, "the first record has no name"));
        }
        // A time to live and a class may come before the type, in any order.
        let mut at = usize::from(!entry.is_indented);
        let mut changes: Vec<(usize, String)> = Vec::new();
        while let Some(token) = entry.token(at) {
            if is_ttl(token) {
                changes.push((at, seconds(token).map_err(|what| wrong(line, &what))?.to_string()));
                self.has_ttl = true;
            } else if ["CH", "CS", "HS"].iter().any(|class| token.eq_ignore_ascii_case(class)) {
                return Err(wrong(line, &format!("the class {token} is not IN")));
            } else if !token.eq_ignore_ascii_case("IN") {
                break;
            }
            at += 1;
        }
        let kind = entry.token(at).ok_or_else(|| wrong(line, "there is no type"))?.to_uppercase();
        if kind.parse::<Rtype>().is_err() {
            return Err(wrong(line, &format!("`{}`: `{kind}` is not a type of record", entry.shown())));
        }
        if entry.token(at + 1).is_none() {
            return Err(wrong(line, &format!("`{}`: {kind} needs more data", entry.shown())));
        }
        if kind == "SPF" {
            changes.push((at, "TXT".to_owned()));
        }
        if !entry.is_indented {
            check_labels(entry, 0..1)?;
            self.is_relative = first != "@" && Written::read(first).is_some_and(|owner| !owner.is_absolute);
        }
        if WITH_NAMES.contains(&kind.as_str()) {
            changes.extend(self.origins(entry, at + 1));
            check_labels(entry, at + 1..entry.tokens.len())?;
        }
        let scanned = self.next(entry, changes, &kind)?;
        let Some(inplace::Entry::Record(scanned)) = scanned else {
            return Err(wrong(line, &format!("`{}` is not a record", entry.shown())));
        };
        self.has_owner = true;
        let owner = of_labels(scanned.owner()).ok_or_else(|| wrong(line, "a name is too long"))?;
        let name = owner
            .relative_to(self.zone)
            .ok_or_else(|| wrong(line, &format!("`{owner}` is not a name within the zone `{}`", self.zone)))?;
        let data = data(scanned.data()).map_err(|what| wrong(line, &format!("{kind}: {what}")))?;
        let record = Record { name, kind: scanned.rtype().to_string(), data };
        let ttl = self.has_ttl.then(|| scanned.ttl().as_secs());
        Ok(Some(Wanted { record, ttl, line, is_relative: self.is_relative }))
    }

    fn directive(&mut self, entry: &Entry, name: &str) -> Result<(), Failure> {
        let line = entry.line;
        let argument = entry.token(1).filter(|_| entry.tokens.len() == 2);
        match name {
            "$ORIGIN" | "$TTL" => {}
            "$INCLUDE" => {
                return Err(wrong(
                    line,
                    "$INCLUDE is not followed, since it would open a file that the zone file names",
                )
                .hint("put the records of that file in its place; nothing was sent"));
            }
            "$GENERATE" => {
                return Err(wrong(line, "$GENERATE is not understood")
                    .hint("write the records that it stands for; nothing was sent"));
            }
            _ => return Err(wrong(line, &format!("`{}` is not a directive", entry.shown()))),
        }
        let argument = argument.ok_or_else(|| wrong(line, &format!("{name} needs one value")))?;
        let mut changes = Vec::new();
        if name == "$TTL" {
            changes.push((1, seconds(argument).map_err(|what| wrong(line, &what))?.to_string()));
            self.has_ttl = true;
        } else {
            changes.extend(self.origins(entry, 1));
            check_labels(entry, 1..2)?;
        }
        self.next(entry, changes, name).map(drop)
    }

    /// The tokens from here on that are `@`, with the name that they stand for.
    fn origins(&self, entry: &Entry, from: usize) -> Vec<(usize, String)> {
        let origin = self.file.origin().ok().and_then(|origin| of_labels(&origin));
        let origin = origin.map(|origin| origin.to_string()).unwrap_or_default();
        let is_origin = |at: &usize| entry.token(*at) == Some("@");
        (from..entry.tokens.len()).filter(is_origin).map(|at| (at, origin.clone())).collect()
    }

    /// Gives one entry to the crate, with some tokens changed.
    fn next(
        &mut self,
        entry: &Entry,
        mut changes: Vec<(usize, String)>,
        kind: &str,
    ) -> Result<Option<inplace::Entry>, Failure> {
        let mut text = entry.text.clone();
        changes.sort();
        for (at, new) in changes.iter().rev() {
            if let Some(token) = entry.tokens.get(*at) {
                text.replace_range(token.start..token.end, new);
            }
        }
        self.file.extend_from_slice(text.as_bytes());
        self.file.next_entry().map_err(|error| {
            // The crate's line and column are those of its own buffer.
            let whole = error.to_string();
            let what = whole.splitn(3, ':').nth(2).unwrap_or(&whole).trim().to_owned();
            wrong(entry.line, &format!("`{}` is not a valid {kind}: {what}", entry.shown()))
        })
    }
}

/// Refuses names with two dots in a row, which the crate takes for one.
fn check_labels(entry: &Entry, mut tokens: std::ops::Range<usize>) -> Result<(), Failure> {
    let is_empty = |token: &str| {
        let (mut is_start, mut bytes) = (true, token.bytes());
        while let Some(byte) = bytes.next() {
            match byte {
                b'"' => return false,
                b'.' if is_start => return token != ".",
                b'\\' => is_start = bytes.next().is_none(),
                other => is_start = other == b'.',
            }
        }
        false
    };
    let found = tokens.find_map(|at| entry.token(at).filter(|token| is_empty(token)));
    found.map_or(Ok(()), |token| Err(wrong(entry.line, &format!("the name `{token}` has an empty label"))))
}

fn of_labels(name: &impl ToName) -> Option<Name> {
    Name::of_labels(name.iter_labels().map(Label::as_slice))
}

fn data<O: AsRef<[u8]>, N: ToName>(data: &ZoneRecordData<O, N>) -> Result<Data, String> {
    let name = |name: &N| of_labels(name).ok_or_else(|| "a name is too long".to_owned());
    let text =
        |bytes| String::from_utf8(bytes).map_err(|_| "its bytes are not UTF-8, and the API takes text".to_owned());
    Ok(match data {
        ZoneRecordData::A(a) => Data::Address(a.addr().to_string()),
        ZoneRecordData::Aaaa(aaaa) => Data::Address(aaaa.addr().to_string()),
        ZoneRecordData::Cname(cname) => Data::Target(name(cname.cname())?),
        ZoneRecordData::Dname(dname) => Data::Target(name(dname.dname())?),
        ZoneRecordData::Ns(ns) => Data::Target(name(ns.nsdname())?),
        ZoneRecordData::Ptr(ptr) => Data::Target(name(ptr.ptrdname())?),
        ZoneRecordData::Mx(mx) => Data::Mail { priority: mx.preference(), exchange: name(mx.exchange())? },
        ZoneRecordData::Srv(srv) => Data::Service {
            priority: srv.priority(),
            weight: srv.weight(),
            port: srv.port(),
            target: name(srv.target())?,
        },
        ZoneRecordData::Tlsa(tlsa) => Data::Association {
            usage: tlsa.usage().to_int(),
            selector: tlsa.selector().to_int(),
            matching: tlsa.matching_type().to_int(),
            certificate: tlsa.data().as_ref().iter().map(|byte| format!("{byte:02x}")).collect(),
        },
        ZoneRecordData::Txt(txt) => {
            let bytes: Vec<u8> = txt.iter().flatten().copied().collect();
            Data::Text(text(bytes)?)
        }
        ZoneRecordData::Caa(caa) => Data::Authority {
            flags: caa.flags().bits(),
            tag: caa.tag().to_string().to_lowercase(),
            value: text(caa.value().as_ref().to_vec())?,
        },
        ZoneRecordData::Unknown(unknown) => generic(unknown.rtype(), unknown.data().as_ref())?,
        other => {
            let text = other.display_zonefile(DisplayKind::Simple).to_string();
            if text.chars().any(|character| !character.is_ascii() || character.is_control()) {
                return Err("its data cannot be written in one line".to_owned());
            }
            Data::Other(text)
        }
    })
}

/// Data in the generic form of RFC 3597.
fn generic(rtype: Rtype, bytes: &[u8]) -> Result<Data, String> {
    let is_known = !rtype.to_string().starts_with("TYPE");
    let address = match (rtype, bytes.len()) {
        (Rtype::A, 4) => <[u8; 4]>::try_from(bytes).ok().map(|bytes| std::net::Ipv4Addr::from(bytes).to_string()),
        (Rtype::AAAA, 16) => <[u8; 16]>::try_from(bytes).ok().map(|bytes| std::net::Ipv6Addr::from(bytes).to_string()),
        _ => None,
    };
    match address {
        Some(address) => Ok(Data::Address(address)),
        None if is_known => {
            Err("the generic form \\# is only understood for types without a form of their own".to_owned())
        }
        None => {
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            Ok(Data::Other(format!("\\# {} {hex}", bytes.len()).trim_end().to_owned()))
        }
    }
}

fn is_ttl(token: &str) -> bool {
    token.starts_with(|c: char| c.is_ascii_digit())
        && token.chars().all(|c| c.is_ascii_digit() || "smhdwSMHDW".contains(c))
}

/// A time to live in seconds: a number, or numbers with units as in `1h30m`.
fn seconds(token: &str) -> Result<u64, String> {
    let wrong = || format!("`{token}` is not a time to live (seconds up to {LONGEST_TTL}, or as in 1h30m)");
    let (mut whole, mut number) = (0u64, None::<u64>);
    for character in token.chars() {
        if let Some(digit) = character.to_digit(10) {
            let shifted = number.unwrap_or_default().checked_mul(10);
            number = Some(shifted.and_then(|shifted| shifted.checked_add(u64::from(digit))).ok_or_else(wrong)?);
            continue;
        }
        let unit = match character.to_ascii_lowercase() {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            'w' => 604_800,
            _ => return Err(wrong()),
        };
        let part = number.take().and_then(|number| number.checked_mul(unit)).ok_or_else(wrong)?;
        whole = whole.checked_add(part).ok_or_else(wrong)?;
    }
    let whole = whole.checked_add(number.unwrap_or_default()).ok_or_else(wrong)?;
    Some(whole).filter(|whole| *whole <= LONGEST_TTL && !token.is_empty()).ok_or_else(wrong)
}
