//! Which of the calls of a file are requests to the API: method, path and body. Bodies that a function is given are followed
//! to the places that call the function.

use std::collections::{BTreeMap, BTreeSet};

use super::script::{Function, Script, Site};
use super::shell::Request;
use super::value::{Part, Value};
use crate::names::snake_case;

/// The methods that examples use.
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
/// Functions that hand a body on to one another, at most.
const ROUNDS: usize = 4;

/// A request that a file makes.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) body: Option<Value>,
    pub(super) line: u32,
    pub(super) function: Option<usize>,
    pub(super) commented: bool,
}

impl Found {
    /// By what requests of the same operation are brought together.
    pub(super) fn key(&self) -> String {
        key(&self.method, &self.path)
    }
}

/// Method and path, the parameters without names.
pub(super) fn key(method: &str, path: &str) -> String {
    let segments: Vec<&str> = path.split('/').map(|part| if part.contains('{') { "{}" } else { part }).collect();
    format!("{method} {}", segments.join("/"))
}

fn method(text: &str) -> Option<&'static str> {
    METHODS.into_iter().find(|known| known.eq_ignore_ascii_case(text))
}

/// The method that a function's name says: `get`, `api_post`, `deleteRequest`.
fn method_in_name(name: &str) -> Option<&'static str> {
    let snake = snake_case(name);
    let mut found = snake.split('_').filter_map(method);
    found.next().filter(|_| found.next().is_none())
}

/// The path that a value is, with `{name}` for what is put in; nothing for what looks like no path of an API.
pub(super) fn path(value: &Value) -> Option<String> {
    let parts = match value {
        Value::Text(parts) => parts,
        Value::Either(all) => return all.iter().find_map(path),
        _ => return None,
    };
    let mut text = String::new();
    for (at, part) in parts.iter().enumerate() {
        match part {
            Part::Text(part) => text.push_str(part),
            // The address of the API.
            Part::Hole(_) if at == 0 || text.is_empty() => {}
            Part::Hole(name) => {
                let name: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
                text.push_str(&format!("{{{}}}", if is_name { &name } else { "value" }));
            }
        }
    }
    let mut path = text.split(['?', '#']).next().unwrap_or_default();
    if let Some((scheme, rest)) = path.split_once("://") {
        if !matches!(scheme, "http" | "https") {
            return None;
        }
        path = rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default();
        // The version belongs to the address of the API.
        let first = path.split('/').nth(1).unwrap_or_default();
        let version = first.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        if version {
            path = path.get(first.len() + 1..).unwrap_or_default();
        }
    }
    let path = format!("/{}", path.strip_prefix('/')?.trim_start_matches('/'));
    let letters = |c: char| c.is_ascii_alphanumeric() || "-_./{}~:@%+".contains(c);
    let words = path.split('/').filter(|part| part.starts_with(|c: char| c.is_ascii_alphabetic()));
    let files = ["/tmp", "/usr", "/etc", "/dev", "/bin", "/var", "/home", "/opt"];
    let is_path = path.len() <= 300 && path.chars().all(letters) && words.clone().next().is_some();
    (is_path && !files.iter().any(|start| path.starts_with(start))).then_some(path)
}

/// Names of arguments that are a body, and of what else a request is given.
const BODIES: [&str; 6] = ["json", "data", "body", "payload", "form_params", "content"];
const OPTIONS: [&str; 12] = [
    "method",
    "headers",
    "params",
    "query",
    "timeout",
    "signal",
    "auth",
    "verify",
    "url",
    "credentials",
    "mode",
    "path",
];

/// The request that a call makes.
fn request(site: &Site) -> Option<Found> {
    let named = |names: &[&str]| {
        let is_named = |name: &Option<String>| name.as_deref().is_some_and(|name| names.contains(&name));
        site.arguments.iter().find(|(name, _)| is_named(name)).map(|(_, value)| value)
    };
    let plain: Vec<&Value> = site.arguments.iter().filter(|(name, _)| name.is_none()).map(|(_, value)| value).collect();
    let (at, path) = match plain.iter().take(3).enumerate().find_map(|(at, value)| Some((Some(at), path(value)?))) {
        Some(found) => found,
        None => {
            let options = plain.first().and_then(|value| value.member("url"));
            (None, named(&["url", "path", "endpoint", "uri"]).or(options).and_then(path)?)
        }
    };
    let before = plain.iter().take(at.unwrap_or(0)).find_map(|value| method(&value.plain()?));
    let behind: Vec<&Value> = plain.iter().skip(at.map_or(0, |at| at + 1)).copied().collect();
    let options = behind.iter().copied().find(|value| is_options(value));
    let of_options = options.and_then(|options| options.member("method")).and_then(Value::plain);
    let of_name = named(&["method"]).and_then(Value::plain);
    let method = before
        .or_else(|| of_options.as_deref().and_then(method))
        .or_else(|| of_name.as_deref().and_then(method))
        .or_else(|| method_in_name(&site.callee))
        // `request("/path", "POST", data)`.
        .or_else(|| behind.iter().find_map(|value| method(&value.plain()?)))
        .or_else(|| matches!(site.callee.as_str(), "fetch" | "axios" | "urlopen").then_some("GET"))?;
    let body = named(&BODIES)
        .or_else(|| options.and_then(|options| BODIES.iter().find_map(|name| options.member(name))))
        .or_else(|| if options.is_some() { None } else { behind.into_iter().find(|value| may_be_body(value)) });
    let body = body.filter(|_| method != "GET").cloned();
    Some(Found { method: method.to_owned(), path, body, line: site.line, function: site.function, commented: false })
}

/// Whether a value has nothing but settings of a request.
fn is_options(value: &Value) -> bool {
    let Value::Object(members) = value else { return false };
    let known = |name: &str| BODIES.contains(&name) || OPTIONS.contains(&name);
    let sets = |name: &str| OPTIONS.contains(&name) || matches!(name, "json" | "body" | "form_params");
    let names: Vec<&str> = members.iter().filter_map(|(name, _)| name.as_deref()).collect();
    names.iter().all(|name| known(name)) && names.iter().any(|name| sets(name))
}

fn may_be_body(value: &Value) -> bool {
    match value {
        Value::Object(_) | Value::Array(_) | Value::Variable(_) => true,
        Value::Either(all) => all.iter().any(may_be_body),
        _ => false,
    }
}

/// The requests of a script.
pub(super) fn of_script(script: &Script) -> Vec<Found> {
    let mut found: Vec<Found> = script.sites.iter().filter_map(request).collect();
    let commented = script.commented_sites.iter().filter_map(request);
    found.extend(commented.map(|found| Found { commented: true, ..found }));
    found
}

/// The requests of a shell script, each with the function that it is in.
pub(super) fn of_shell(requests: Vec<Request>) -> Vec<(String, Found)> {
    let one = |request: Request| {
        let (at, path) = request.words.iter().enumerate().find_map(|(at, word)| Some((at, path(word)?)))?;
        let said = request.words.iter().take(at).find_map(|word| method(&word.plain()?));
        let said = said.or_else(|| method_in_name(&request.command));
        // A function that is given the path first.
        let said = said.or_else(|| request.words.iter().skip(at).find_map(|word| method(&word.plain()?)))?;
        let body = request.body.filter(|_| said != "GET");
        let found = Found {
            method: said.to_owned(),
            path,
            body,
            line: request.line,
            function: None,
            commented: request.commented,
        };
        Some((request.function, found))
    };
    requests.into_iter().filter_map(one).collect()
}

/// A file, for what goes beyond one file.
pub(super) struct Linked<'s> {
    /// Functions of other languages are others, whatever their names are.
    pub(super) language: &'static str,
    /// Its name without folder and ending.
    pub(super) stem: String,
    pub(super) script: &'s Script,
    pub(super) found: &'s [Found],
}

/// A function that hands one of its parameters on as the body of a request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Provider {
    class: String,
    stem: String,
    position: usize,
    parameter: String,
    key: String,
}

/// A body, and the operation that it belongs to.
pub(super) struct Body {
    pub(super) key: String,
    pub(super) value: Value,
    /// Number of the file.
    pub(super) file: usize,
    pub(super) line: u32,
}

/// All bodies that can be derived: those beside a request, and those that are handed on to it.
pub(super) fn bodies(files: &[Linked<'_>]) -> Vec<Body> {
    let mut bodies = Vec::new();
    let mut providers: BTreeMap<(&str, String), BTreeSet<Provider>> = BTreeMap::new();
    let mut fresh: Vec<((&str, String), Provider)> = Vec::new();
    for (number, file) in files.iter().enumerate() {
        for found in file.found.iter().filter(|found| !found.commented) {
            let Some(body) = &found.body else { continue };
            let function = found.function.and_then(|at| file.script.functions.get(at));
            fresh.extend(provided(body, function, file, &found.key()));
            bodies.push(Body { key: found.key(), value: body.clone(), file: number, line: found.line });
        }
    }
    for _ in 0..ROUNDS {
        let mut new: BTreeMap<(&str, String), BTreeSet<Provider>> = BTreeMap::new();
        for (name, provider) in fresh.drain(..) {
            if providers.entry(name.clone()).or_default().insert(provider.clone()) {
                new.entry(name).or_default().insert(provider);
            }
        }
        if new.is_empty() {
            break;
        }
        for (number, file) in files.iter().enumerate() {
            for site in &file.script.sites {
                let name = (file.language, site.callee.clone());
                let (Some(new), Some(all)) = (new.get(&name), providers.get(&name)) else { continue };
                let caller = site.function.and_then(|at| file.script.functions.get(at));
                for provider in meant(site, caller, file, all).into_iter().filter(|one| new.contains(*one)) {
                    let named = site.arguments.iter().find(|(name, _)| name.as_ref() == Some(&provider.parameter));
                    let at = || site.arguments.get(provider.position).filter(|(name, _)| name.is_none());
                    let Some((_, value)) = named.or_else(at) else { continue };
                    fresh.extend(provided(value, caller, file, &provider.key));
                    bodies.push(Body {
                        key: provider.key.clone(),
                        value: value.clone(),
                        file: number,
                        line: site.line,
                    });
                }
            }
        }
    }
    bodies
}

/// The function that hands a value on which is one of its parameters.
fn provided<'s>(
    value: &Value,
    function: Option<&Function>,
    file: &Linked<'s>,
    key: &str,
) -> Vec<((&'static str, String), Provider)> {
    let Some(function) = function else { return Vec::new() };
    let all = match value {
        Value::Either(all) => all.as_slice(),
        one => std::slice::from_ref(one),
    };
    let mut found = Vec::new();
    for names in all.iter().filter_map(|value| if let Value::Variable(names) = value { Some(names) } else { None }) {
        let [name] = names.as_slice() else { continue };
        let Some(position) = function.parameters.iter().position(|parameter| parameter == name) else { continue };
        let provider = Provider {
            class: function.class.clone(),
            stem: file.stem.clone(),
            position,
            parameter: name.clone(),
            key: key.to_owned(),
        };
        found.push(((file.language, function.name.clone()), provider));
    }
    found
}

/// The functions of one name that a call may mean: those of the class or file that it is called on, else the only ones.
fn meant<'p>(
    site: &Site,
    caller: Option<&Function>,
    file: &Linked<'_>,
    all: &'p BTreeSet<Provider>,
) -> Vec<&'p Provider> {
    let homes: BTreeSet<(&str, &str)> = all.iter().map(|one| (one.class.as_str(), one.stem.as_str())).collect();
    let own = matches!(site.receiver.as_str(), "self" | "this" | "parent" | "static" | "cls");
    let is_home = |one: &&Provider| {
        if own || site.receiver.is_empty() {
            return one.stem == file.stem && (!own || caller.is_some_and(|caller| caller.class == one.class));
        }
        let receiver = bare(&site.receiver);
        receiver == bare(&one.class) || receiver == bare(&one.stem)
    };
    let near: Vec<&Provider> = all.iter().filter(is_home).collect();
    if near.is_empty() && homes.len() == 1 { all.iter().collect() } else { near }
}

/// A name without what says only that it is a part of a program: `CronsService`, `cron_service` and `crons` are one.
fn bare(name: &str) -> String {
    let snake = snake_case(name);
    let parts = snake.split('_').filter(|part| {
        !matches!(*part, "service" | "services" | "client" | "api" | "ui" | "manager" | "controller" | "svc" | "")
    });
    let joined: String = parts.map(|part| part.strip_suffix('s').unwrap_or(part)).collect();
    if joined.is_empty() { snake.replace('_', "") } else { joined }
}

/// Functions that nothing leads to any more but what is commented out, by language and name.
pub(super) fn withdrawn(files: &[Linked<'_>]) -> BTreeSet<(&'static str, String)> {
    let mut live: BTreeMap<(&'static str, &str), BTreeSet<Option<&str>>> = BTreeMap::new();
    let mut commented: BTreeSet<(&'static str, &str)> = BTreeSet::new();
    let mut names: BTreeSet<(&'static str, &str)> = BTreeSet::new();
    for file in files {
        names.extend(file.script.functions.iter().map(|function| (file.language, function.name.as_str())));
    }
    for file in files {
        let of =
            |at: &Option<usize>| at.and_then(|at| file.script.functions.get(at)).map(|function| function.name.as_str());
        for (name, places) in &file.script.mentions {
            if names.contains(&(file.language, name.as_str())) {
                let places = places.iter().map(of).filter(|place| *place != Some(name.as_str()));
                live.entry((file.language, name.as_str())).or_default().extend(places);
            }
        }
        commented.extend(file.script.commented.iter().map(|word| (file.language, word.as_str())));
    }
    let none = BTreeSet::new();
    let mut found: BTreeSet<(&'static str, String)> = BTreeSet::new();
    for _ in 0..=ROUNDS * 2 {
        let before = found.len();
        for name in &names {
            let users = live.get(name).unwrap_or(&none);
            let gone = |user: &Option<&str>| user.is_some_and(|user| found.contains(&(name.0, user.to_owned())));
            let is_withdrawn = match users.is_empty() {
                true => commented.contains(name),
                false => users.iter().all(gone),
            };
            if is_withdrawn {
                found.insert((name.0, name.1.to_owned()));
            }
        }
        if found.len() == before {
            break;
        }
    }
    found
}
