//! A record in one form that can be compared, whether the API lists it or a zone file has it; as the line of a zone
//! file, and as the body of the call that creates it.

use std::fmt;

use serde_json::{Value, json};

use super::name::{Name, Written};

/// Data of a record, by the types that the create call is seen with and those that the panel names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Data {
    Address(String),
    Target(Name),
    Mail {
        priority: u16,
        exchange: Name,
    },
    Service {
        priority: u16,
        weight: u16,
        port: u16,
        target: Name,
    },
    Association {
        usage: u8,
        selector: u8,
        matching: u8,
        certificate: String,
    },
    Text(String),
    /// CAA (RFC 8659): which authority may issue certificates.
    Authority {
        flags: u8,
        tag: String,
        value: String,
    },
    /// Any other type, as a zone file writes its data.
    Other(String),
}

impl Data {
    /// The part of the data that tells the record apart, as the API may repeat it elsewhere.
    pub(super) fn main_part(&self) -> String {
        match self {
            Self::Address(text) | Self::Text(text) | Self::Other(text) => text.clone(),
            Self::Target(name) | Self::Mail { exchange: name, .. } | Self::Service { target: name, .. } => {
                name.without_dot()
            }
            Self::Association { certificate, .. } => certificate.clone(),
            Self::Authority { value, .. } => value.clone(),
        }
    }
}

/// A record within its zone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Record {
    /// Relative to the zone, `@` for the zone itself.
    pub(super) name: String,
    /// The type as a zone file writes it.
    pub(super) kind: String,
    pub(super) data: Data,
}

/// Whether the panel makes records of this type and name by itself, so that neither a zone file nor a plan has them:
/// SOA, the zone's own NS, and what a signed zone has of its signer.
pub(super) fn is_of_the_panel(kind: &str, name: &str) -> bool {
    match kind {
        "SOA" | "RRSIG" | "NSEC" | "NSEC3" | "NSEC3PARAM" => true,
        "NS" | "DNSKEY" | "CDS" | "CDNSKEY" => name == "@",
        _ => false,
    }
}

impl Record {
    pub(super) fn is_alias(&self) -> bool {
        self.kind == "CNAME"
    }

    /// The API's name of its type: that of the create call where it has one, else the panel's.
    pub(super) fn word(&self) -> &str {
        match (self.kind.as_str(), &self.data) {
            // The example client's own spelling, which the document has.
            ("AAAA", _) => "AAA",
            ("TXT", Data::Text(text)) => {
                let first = self.name.split('.').next().unwrap_or_default();
                if self.name.split('.').any(|label| label == "_domainkey") {
                    "DKIM"
                } else if first == "_dmarc" {
                    "DMARC"
                } else if text.starts_with("v=spf1") {
                    "SPF"
                } else {
                    "TXT"
                }
            }
            (kind, _) => kind,
        }
    }

    /// The body of the call that creates it.
    pub(super) fn body(&self, zone: &str) -> Value {
        let data = match &self.data {
            Data::Address(ip) => json!({ "ip": ip }),
            Data::Target(target) => json!({ "target": sent(target) }),
            Data::Mail { priority, exchange } => json!({ "priority": priority, "exchange": sent(exchange) }),
            Data::Service { priority, weight, port, target } => {
                json!({ "priority": priority, "weight": weight, "port": port, "target": sent(target) })
            }
            Data::Association { usage, selector, matching, certificate } => {
                json!({ "usage": usage, "selector": selector, "matching_type": matching, "certificate": certificate })
            }
            Data::Text(text) => json!({ "value": sent_text(text) }),
            Data::Authority { flags, tag, value } => json!({ "flags": flags, "tag": tag, "value": sent_text(value) }),
            Data::Other(text) => json!({ "value": text }),
        };
        // A relative name that ends as its zone does would be read as a full one.
        let full = Name::zone(zone).and_then(|zone| {
            let name = Written::read(&self.name)?.name;
            if name.is_within(&zone) { name.below(&zone).map(|full| full.to_string()) } else { None }
        });
        let name = full.unwrap_or_else(|| self.name.clone());
        json!({ "zone": zone, "record": { "name": name, "type": self.word(), "data": data } })
    }
}

/// A target as the API takes it: without its final dot, as in the document's examples. A target of one label keeps the
/// dot, since without it the label is relative to the zone.
fn sent(target: &Name) -> String {
    if target.label_count() == 1 { target.to_string() } else { target.without_dot() }
}

/// A text as the API takes it. One that looks like quoted pieces is quoted, since it would be read as those when it is
/// listed.
fn sent_text(text: &str) -> String {
    if plain(text) == text { text.to_owned() } else { quoted(text) }
}

/// A listed text: quoted pieces are one text, and anything else is taken as it is.
pub(super) fn plain(text: &str) -> String {
    pieces(text.trim()).unwrap_or_else(|| text.to_owned())
}

/// The quoted pieces of a text, joined; `None` where it is anything else.
fn pieces(text: &str) -> Option<String> {
    let mut joined = Vec::new();
    let mut bytes = text.bytes().peekable();
    bytes.peek()?;
    while let Some(byte) = bytes.next() {
        match byte {
            b' ' | b'\t' => continue,
            b'"' => {}
            _ => return None,
        }
        loop {
            match bytes.next()? {
                b'"' => break,
                b'\\' => match bytes.next()? {
                    first @ b'0'..=b'9' => {
                        let digits = [first, bytes.next()?, bytes.next()?];
                        joined.push(std::str::from_utf8(&digits).ok()?.parse().ok()?);
                    }
                    other => joined.push(other),
                },
                other => joined.push(other),
            }
        }
    }
    String::from_utf8(joined).ok()
}

/// A text as quoted pieces of no more than 255 bytes.
pub(super) fn quoted(text: &str) -> String {
    let mut pieces = vec![String::new()];
    let mut length = 0;
    for character in text.chars() {
        if length + character.len_utf8() > 255 {
            pieces.push(String::new());
            length = 0;
        }
        length += character.len_utf8();
        if let Some(piece) = pieces.last_mut() {
            character.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| push(piece, byte));
        }
    }
    pieces.iter().map(|piece| format!("\"{piece}\"")).collect::<Vec<_>>().join(" ")
}

/// Bytes as one quoted string, whatever its length.
pub(super) fn quoted_bytes(bytes: &[u8]) -> String {
    let mut text = String::new();
    bytes.iter().for_each(|byte| push(&mut text, *byte));
    format!("\"{text}\"")
}

/// Adds a byte as it stands within quotes.
fn push(text: &mut String, byte: u8) {
    match byte {
        b'"' | b'\\' => text.extend(['\\', char::from(byte)]),
        0x20..=0x7e => text.push(char::from(byte)),
        other => text.push_str(&format!("\\{other:03}")),
    }
}

impl fmt::Display for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(ip) => f.write_str(ip),
            Self::Target(target) => write!(f, "{target}"),
            Self::Mail { priority, exchange } => write!(f, "{priority} {exchange}"),
            Self::Service { priority, weight, port, target } => write!(f, "{priority} {weight} {port} {target}"),
            Self::Association { usage, selector, matching, certificate } => {
                write!(f, "{usage} {selector} {matching} {certificate}")
            }
            Self::Text(text) => f.write_str(&quoted(text)),
            Self::Authority { flags, tag, value } => write!(f, "{flags} {tag} {}", quoted_bytes(value.as_bytes())),
            Self::Other(text) => f.write_str(text),
        }
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.name, self.kind, self.data)
    }
}
