//! Questions to name servers: the zone of a name, its aliases (CNAME), the servers of a zone, the texts of a name.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use simple_dns::rdata::RData;
use simple_dns::{CLASS, Name, Packet, PacketFlag, QCLASS, QTYPE, Question, RCODE, TYPE};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket, lookup_host};

use crate::failure::{Exit, Failure};

const PATIENCE: Duration = Duration::from_secs(4);
const TRIES: usize = 2;

/// The resolvers of this machine.
fn resolvers() -> Vec<SocketAddr> {
    let text = std::fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
    let lines = text.lines().filter_map(|line| line.trim().strip_prefix("nameserver"));
    let addresses = lines.filter_map(|rest| rest.split_whitespace().next()?.parse::<IpAddr>().ok());
    addresses.map(|ip| SocketAddr::new(ip, 53)).collect()
}

fn failed(what: String) -> Failure {
    Failure::new(Exit::Server, "dns", what)
}

/// The servers to ask: those that were named, else the resolvers of this machine.
fn servers_or_resolvers(servers: &[SocketAddr]) -> Vec<SocketAddr> {
    if servers.is_empty() { resolvers() } else { servers.to_vec() }
}

/// The zone that a name belongs to: the longest part of the name that has an SOA record, or that is delegated (NS). Also
/// the name itself can be a zone.
pub(super) async fn zone_of(name: &str, servers: &[SocketAddr]) -> Result<String, Failure> {
    let servers = servers_or_resolvers(servers);
    let hint = "`--zone NAME` names the zone";
    let server = servers.first().ok_or_else(|| failed("no resolver of this machine is known".to_owned()).hint(hint))?;
    let why = |why| failed(format!("{server} was asked for the zone of {name}: {why}")).hint(hint);
    let mut rest = name;
    while rest.contains('.') {
        let reply = query(*server, rest, TYPE::SOA).await.map_err(why)?;
        let has_soa = reply.answers.iter().any(|(owner, data)| owner == rest && matches!(data, Data::Soa));
        // A server of the zone above answers a question about a delegated name with a referral.
        let mut is_cut = reply.referral.iter().any(|(owner, data)| owner == rest && matches!(data, Data::Server(_)));
        if !has_soa && !is_cut && rest == name {
            let reply = query(*server, rest, TYPE::NS).await.map_err(why)?;
            let mut found = reply.answers.iter().chain(&reply.referral);
            is_cut = found.any(|(owner, data)| owner == rest && matches!(data, Data::Server(_)));
        }
        if has_soa || is_cut {
            return Ok(rest.to_owned());
        }
        rest = rest.split_once('.').map(|(_, rest)| rest).unwrap_or_default();
    }
    Err(failed(format!("no zone of {name} is found")).hint(hint))
}

/// The name that a name is an alias of (CNAME), where it is one. Every server that was named is asked until one shows an
/// alias, since one of them may not know the zone; of the resolvers of this machine, the first that answers.
pub(super) async fn alias(name: &str, servers: &[SocketAddr]) -> Result<Option<String>, String> {
    let mut found = Err("no resolver of this machine is known".to_owned());
    for server in servers_or_resolvers(servers) {
        match query(server, name, TYPE::CNAME).await {
            Ok(reply) => {
                let target = |(owner, data): (String, Data)| match data {
                    Data::Alias(target) if owner == name => Some(target),
                    _ => None,
                };
                let target = reply.answers.into_iter().find_map(target);
                if target.is_some() || servers.is_empty() {
                    return Ok(target);
                }
                found = Ok(None);
            }
            Err(why) if found.is_err() => found = Err(format!("{server}: {why}")),
            Err(_) => {}
        }
    }
    found
}

/// The addresses of a zone's name servers.
pub(super) async fn servers_of(zone: &str) -> Result<Vec<SocketAddr>, Failure> {
    let hint = "`--name-server ADDRESS` names a server to ask";
    let own = resolvers();
    let server = own.first().ok_or_else(|| failed("no resolver of this machine is known".to_owned()).hint(hint))?;
    let reply = query(*server, zone, TYPE::NS).await;
    let reply =
        reply.map_err(|why| failed(format!("{server} was asked for the name servers of {zone}: {why}")).hint(hint))?;
    let mut found = Vec::new();
    for (_, data) in reply.answers {
        let Data::Server(host) = data else { continue };
        if let Ok(mut addresses) = lookup_host((host.as_str(), 53)).await {
            found.extend(addresses.next());
        }
    }
    if found.is_empty() { Err(failed(format!("no name server of {zone} is found")).hint(hint)) } else { Ok(found) }
}

/// The texts of a name as one server has them.
pub(super) async fn texts(server: SocketAddr, name: &str) -> Result<Vec<String>, String> {
    let reply = query(server, name, TYPE::TXT).await?;
    Ok(reply
        .answers
        .into_iter()
        .filter_map(|(_, data)| if let Data::Text(text) = data { Some(text) } else { None })
        .collect())
}

/// What of a record is of use.
enum Data {
    Text(String),
    Server(String),
    Alias(String),
    Soa,
    Other,
}

/// The records of a reply, with their owners: those that answer, and those of its authority section.
#[derive(Default)]
struct Reply {
    answers: Vec<(String, Data)>,
    referral: Vec<(String, Data)>,
}

async fn query(server: SocketAddr, name: &str, of: TYPE) -> Result<Reply, String> {
    // Not to be guessed by whoever would answer in its place.
    let [first, second, ..] = random().to_ne_bytes();
    let id = u16::from_ne_bytes([first, second]);
    let mut packet = Packet::new_query(id);
    packet.set_flags(PacketFlag::RECURSION_DESIRED);
    let name = Name::new(name).map_err(|error| format!("`{name}` is no name: {error}"))?;
    packet.questions.push(Question::new(name, QTYPE::TYPE(of), QCLASS::CLASS(CLASS::IN), false));
    let question = packet.build_bytes_vec().map_err(|error| error.to_string())?;
    let mut last = String::new();
    for _ in 0..TRIES {
        match tokio::time::timeout(PATIENCE, over_udp(server, &question)).await {
            Ok(Ok(answer)) => match understood(&answer, id)? {
                Some(found) => return Ok(found),
                None => {
                    let answer = tokio::time::timeout(PATIENCE, over_tcp(server, &question)).await;
                    let answer = answer.map_err(|_| "no answer over TCP".to_owned())?.map_err(|e| e.to_string())?;
                    return understood(&answer, id)?.ok_or_else(|| "the answer is cut off".to_owned());
                }
            },
            Ok(Err(error)) => last = error.to_string(),
            Err(_) => "no answer".clone_into(&mut last),
        }
    }
    Err(last)
}

/// A number that differs from process to process and call to call, from the standard library's own seed.
fn random() -> u64 {
    use std::hash::{BuildHasher, Hasher, RandomState};
    RandomState::new().build_hasher().finish()
}

async fn over_udp(server: SocketAddr, question: &[u8]) -> std::io::Result<Vec<u8>> {
    let any = if server.is_ipv4() { IpAddr::V4(Ipv4Addr::UNSPECIFIED) } else { IpAddr::V6(Ipv6Addr::UNSPECIFIED) };
    let socket = UdpSocket::bind(SocketAddr::new(any, 0)).await?;
    // Answers of others are dropped by the system.
    socket.connect(server).await?;
    socket.send(question).await?;
    let mut bytes = vec![0; 4096];
    let count = socket.recv(&mut bytes).await?;
    bytes.truncate(count);
    Ok(bytes)
}

async fn over_tcp(server: SocketAddr, question: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(server).await?;
    let length = u16::try_from(question.len()).map_err(std::io::Error::other)?;
    stream.write_all(&length.to_be_bytes()).await?;
    stream.write_all(question).await?;
    let mut bytes = vec![0; usize::from(stream.read_u16().await?)];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}

/// A name in small letters. A server may send any bytes in it; what is no usual letter is escaped as in zone files.
fn plain(name: &Name<'_>) -> String {
    let mut out = String::new();
    for byte in name.to_string().to_lowercase().trim_end_matches('.').bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' => out.push(char::from(byte)),
            other => out.push_str(&format!("\\{other:03}")),
        }
    }
    out
}

/// The records of a reply; nothing where it was cut off.
fn understood(bytes: &[u8], id: u16) -> Result<Option<Reply>, String> {
    let packet = Packet::parse(bytes).map_err(|error| format!("the answer is not understood: {error}"))?;
    if packet.id() != id {
        return Err("the answer is to another question".to_owned());
    }
    if packet.has_flags(PacketFlag::TRUNCATION) {
        return Ok(None);
    }
    match packet.rcode() {
        RCODE::NoError => {}
        // There is no such name, which is an answer as well.
        RCODE::NameError => return Ok(Some(Reply::default())),
        other => return Err(format!("the server answers {other:?}")),
    }
    let record = |record: &simple_dns::ResourceRecord<'_>| {
        let data = match &record.rdata {
            RData::TXT(text) => String::try_from(text.clone()).map_or(Data::Other, Data::Text),
            RData::NS(server) => Data::Server(server.0.to_string()),
            RData::CNAME(target) => Data::Alias(plain(&target.0)),
            RData::SOA(_) => Data::Soa,
            _ => Data::Other,
        };
        (plain(&record.name), data)
    };
    let answers = packet.answers.iter().map(record).collect();
    Ok(Some(Reply { answers, referral: packet.name_servers.iter().map(record).collect() }))
}
