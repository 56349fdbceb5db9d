//! What reference pages say of an operation in another place: bodies by reference, sorting, the base of addresses.

use super::model::{Api, Doubt, In};
use super::requests::{Keep, Request, assemble};
use super::shape::Property;
use super::url::Variables;

/// Makes operations of what was read of all files.
pub(super) fn finish(mut requests: Vec<Request>, api: &mut Api) {
    // The same operation with nothing said of it is a mention in passing.
    let is_empty = |request: &Request| {
        request.said.parameters.is_empty()
            && request.said.body.is_none()
            && request.responses.is_empty()
            && request.body.is_none()
    };
    refer(&mut requests, api);
    sort(&mut requests, api);
    rebase(&mut requests, api);
    let keys: Vec<(String, String)> = requests
        .iter()
        .map(|request| (request.method.to_ascii_lowercase(), super::url::anonymous(&plain_path(&request.url))))
        .collect();
    let mut keep = keys
        .iter()
        .enumerate()
        .map(|(at, key)| {
            let full = keys
                .iter()
                .zip(&requests)
                .enumerate()
                .any(|(other, (known, request))| other != at && known == key && !is_empty(request));
            !(full && requests.get(at).is_some_and(is_empty))
        })
        .collect::<Vec<_>>()
        .into_iter();
    if keys.len() < 3_000 {
        requests.retain(|_| keep.next().unwrap_or(true));
    }
    assemble(api, requests, &Variables::new(), Keep { values: true });
}

/// Bodies that are described with another operation: `See create`.
pub(super) fn refer(requests: &mut [Request], api: &mut Api) {
    let bodies: Vec<(String, String, Vec<Property>)> = requests
        .iter()
        .filter_map(|request| {
            let (_, properties) = request.said.body.as_ref()?;
            Some((request.place.file.to_string(), request.name.to_lowercase(), properties.clone()))
        })
        .collect();
    for request in requests.iter_mut().filter(|request| request.said.body.is_none()) {
        let Some(word) = request.said.body_as.clone() else { continue };
        let fits = |name: &str| name.split_whitespace().any(|part| part == word) || name == word;
        let found = bodies.iter().find(|(file, name, _)| *file == *request.place.file && fits(name));
        let Some((_, name, properties)) = found else { continue };
        // A change of a part needs no part.
        let partial = request.method.eq_ignore_ascii_case("patch");
        let properties = properties
            .iter()
            .cloned()
            .map(|property| Property { required: if partial { Some(false) } else { property.required }, ..property });
        request.said.body = Some(("application/json".to_owned(), properties.collect()));
        let message = format!("its body was taken from `{name}`, to which the source refers");
        let key = format!("{} {}", request.method, request.url);
        api.log.add(Doubt::Guess, "body-by-reference", &key, &request.place, message);
    }
}

/// Lists of what results can be sorted by: the parameter is one that the source names elsewhere.
pub(super) fn sort(requests: &mut [Request], api: &mut Api) {
    const NAMES: [&str; 9] =
        ["sort", "sort_by", "sortby", "order", "order_by", "orderby", "ordering", "orden", "ordenar"];
    let mut counts = std::collections::BTreeMap::<String, usize>::new();
    for request in requests.iter() {
        let shown = super::url::read(&request.url, &Variables::new()).query.into_iter().map(|(name, _)| name);
        let said = request.said.parameters.iter().map(|(_, property)| property.name.clone());
        let names = request.query.iter().map(|field| field.name.clone()).chain(shown).chain(said);
        for name in names.filter(|name| NAMES.contains(&name.to_lowercase().as_str())) {
            *counts.entry(name).or_default() += 1;
        }
    }
    let Some((name, _)) = counts.into_iter().max_by_key(|(name, count)| (*count, std::cmp::Reverse(name.clone())))
    else {
        return;
    };
    for request in requests.iter_mut().filter(|request| request.said.is_sorted) {
        if !request.query.iter().any(|field| field.name == name)
            && !request.said.parameters.iter().any(|(_, p)| p.name == name)
        {
            let place = request.place.clone();
            let message = format!(
                "the source lists what results are sorted by; `{name}` is the parameter that it names for that elsewhere"
            );
            let key = format!("{} {}", request.method, request.url);
            api.log.add(Doubt::Guess, "sorting-guessed", &key, &place, message);
            let shape = super::shape::Shape::of_kind(super::shape::Kind::String);
            let property = Property {
                name: name.clone(),
                shape,
                origin: super::shape::Origin::Guessed,
                place,
                ..Property::default()
            };
            request.said.parameters.push((In::Query, property));
        }
    }
}

/// The address that samples have before the paths of the page: it is the server, and part of no path.
pub(super) fn rebase(requests: &mut [Request], api: &mut Api) {
    let mut counts = std::collections::BTreeMap::<String, usize>::new();
    for base in requests.iter().filter_map(|request| request.said.base.clone()) {
        *counts.entry(base).or_default() += 1;
    }
    let Some((base, _)) = counts.into_iter().max_by_key(|(base, count)| (*count, std::cmp::Reverse(base.clone())))
    else {
        return;
    };
    for request in requests.iter_mut() {
        let rest = request.url.strip_prefix(base.as_str()).filter(|rest| rest.starts_with('/'));
        if let Some(rest) = rest.map(str::to_owned) {
            request.url = rest;
        }
    }
    if !api.servers.contains(&base) {
        api.servers.insert(0, base);
    }
}

/// The path of an address with parameters in braces.
pub(super) fn plain_path(address: &str) -> String {
    let read = super::url::read(address, &Variables::new());
    let mut path = String::new();
    for segment in read.segments {
        match segment {
            super::url::Segment::Literal(text) => path.push_str(&format!("/{text}")),
            super::url::Segment::Parameter { .. } => path.push_str("/{}"),
        }
    }
    path
}
