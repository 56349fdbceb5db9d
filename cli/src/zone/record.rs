//! Records as the API lists and takes them, and as a zone file has them, to one form that can be compared.
//!
//! No evidence names the members of a listed record. They are taken to be those of the create call, in `record` or at
//! the top; what is not so is told, never guessed at.

use std::fmt;

use serde_json::{Value, json};

use super::name::ascii;

/// Data of a record, by the types that the create call is seen with and those that the panel names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Data {
    Address(String),
    Target(String),
    Mail { priority: u32, exchange: String },
    Service { priority: u32, weight: u32, port: u32, target: String },
    Association { usage: u32, selector: u32, matching: u32, certificate: String },
    Text(String),
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

/// A record that is listed, with what the API calls it.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    pub(super) id: String,
    /// The API's own word for the type.
    pub(super) word: String,
    pub(super) ttl: Option<u64>,
    pub(super) record: Record,
}

/// The type of a zone file for a type of the API. `AAA` is the word that the example client sends for IPv6.
fn kind_of(word: &str) -> String {
    match word.to_uppercase().as_str() {
        "AAA" => "AAAA".to_owned(),
        "DKIM" | "DMARC" | "SPF" => "TXT".to_owned(),
        other => other.to_owned(),
    }
}

/// A name without the zone and the final dot.
pub(super) fn relative(name: &str, zone: &str) -> String {
    let bare = target(name);
    if bare.is_empty() || bare == "@" || bare == zone {
        return "@".to_owned();
    }
    bare.strip_suffix(&format!(".{zone}")).unwrap_or(&bare).to_owned()
}

/// A name that others are pointed to, without its final dot.
pub(super) fn target(name: &str) -> String {
    ascii(&name.trim().trim_end_matches('.').to_lowercase())
}

/// A listed text: quoted pieces are one text, and anything else is taken as it is.
fn plain(text: &str) -> String {
    let text = text.trim();
    let quoted = Some(text).filter(|text| text.starts_with('"')).and_then(super::bind::unquoted);
    quoted.unwrap_or_else(|| text.to_owned())
}

/// An address in the one spelling that zone files are read to.
fn address(text: &str) -> String {
    let text = text.trim();
    text.parse::<std::net::IpAddr>().map_or_else(|_| text.to_lowercase(), |address| address.to_string())
}

impl Listed {
    /// A listed record of a zone; nothing where it is not understood, or of another zone.
    pub(super) fn of(item: &Value, zone: &str) -> Option<Result<Self, String>> {
        if item.get("zone").and_then(Value::as_str).is_some_and(|other| target(other) != zone) {
            return None;
        }
        Some(Self::read(item, zone).ok_or_else(|| {
            let names: Vec<&str> = item.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
            format!("a record with the members {}", names.join(", "))
        }))
    }

    fn read(item: &Value, zone: &str) -> Option<Self> {
        let record = item.get("record").unwrap_or(item);
        let text = |name: &str| record.get(name).and_then(Value::as_str);
        let (name, word) = (text("name")?, text("type")?);
        let data = record.get("data")?;
        let part = |name: &str| match data.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let number = |name: &str| part(name)?.parse::<u32>().ok();
        let kind = kind_of(word);
        let data = match kind.as_str() {
            "A" | "AAAA" => Data::Address(address(&part("ip")?)),
            "CNAME" | "NS" | "PTR" => Data::Target(target(&part("target")?)),
            "MX" => Data::Mail { priority: number("priority")?, exchange: target(&part("exchange")?) },
            "SRV" => Data::Service {
                priority: number("priority")?,
                weight: number("weight")?,
                port: number("port")?,
                target: target(&part("target")?),
            },
            "TLSA" => Data::Association {
                usage: number("usage")?,
                selector: number("selector")?,
                matching: number("matching_type")?,
                certificate: part("certificate")?.trim().to_lowercase(),
            },
            _ => Data::Text(plain(&part("value")?)),
        };
        let id = ["id", "record_id", "id_record"].iter().find_map(|name| match item.get(*name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        })?;
        let ttl = item.get("ttl").or_else(|| record.get("ttl"));
        let ttl = ttl.and_then(|ttl| ttl.as_u64().or_else(|| ttl.as_str()?.parse().ok()));
        let record = Record { name: relative(name, zone), kind, data };
        Some(Self { id, word: word.to_owned(), ttl, record })
    }
}

impl Record {
    /// The word of the API for its type: that of the create call where it has one, else the panel's.
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
            Data::Target(target) => json!({ "target": target }),
            Data::Mail { priority, exchange } => json!({ "priority": priority, "exchange": exchange }),
            Data::Service { priority, weight, port, target } => {
                json!({ "priority": priority, "weight": weight, "port": port, "target": target })
            }
            Data::Association { usage, selector, matching, certificate } => {
                json!({ "usage": usage, "selector": selector, "matching_type": matching, "certificate": certificate })
            }
            Data::Text(text) => json!({ "value": text }),
        };
        json!({ "zone": zone, "record": { "name": self.name, "type": self.word(), "data": data } })
    }
}

/// A name in a zone file: absolute where it has a dot in it.
fn absolute(name: &str) -> String {
    if name.contains('.') { format!("{name}.") } else { name.to_owned() }
}

/// A text as quoted pieces of no more than 255 bytes.
fn quoted(text: &str) -> String {
    let mut pieces = vec![String::new()];
    let mut length = 0;
    let mut bytes = [0; 4];
    for character in text.chars() {
        if length + character.len_utf8() > 255 {
            pieces.push(String::new());
            length = 0;
        }
        length += character.len_utf8();
        if let Some(piece) = pieces.last_mut() {
            if matches!(character, '"' | '\\') {
                piece.push('\\');
            }
            if character.is_ascii() && !character.is_ascii_control() {
                piece.push(character);
            } else {
                character.encode_utf8(&mut bytes).bytes().for_each(|byte| piece.push_str(&format!("\\{byte:03}")));
            }
        }
    }
    pieces.iter().map(|piece| format!("\"{piece}\"")).collect::<Vec<_>>().join(" ")
}

impl fmt::Display for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(ip) => f.write_str(ip),
            Self::Target(target) => f.write_str(&absolute(target)),
            Self::Mail { priority, exchange } => write!(f, "{priority} {}", absolute(exchange)),
            Self::Service { priority, weight, port, target } => {
                write!(f, "{priority} {weight} {port} {}", absolute(target))
            }
            Self::Association { usage, selector, matching, certificate } => {
                write!(f, "{usage} {selector} {matching} {certificate}")
            }
            Self::Text(text) => f.write_str(&quoted(text)),
        }
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.name, self.kind, self.data)
    }
}
