//! Paths of sample requests: values distinguished from words, names for parameters, and paths that look alike.

use std::collections::HashMap;

use super::model::{Api, Doubt, In, Operation};
use super::requests::Request;
use super::url::{self, Address, Segment};

/// Addresses that were written out, without the path that the variable of other addresses holds.
pub(super) fn without_bases(mut read: Vec<(Request, Address)>) -> Vec<(Request, Address)> {
    let has_path = |server: &str| server.split_once("://").is_some_and(|(_, rest)| rest.contains('/'));
    let bases: std::collections::BTreeSet<String> =
        read.iter().filter_map(|(_, address)| address.server.clone()).filter(|server| has_path(server)).collect();
    for (_, address) in &mut read {
        let Some(server) = address.server.clone() else { continue };
        for base in bases.iter().rev() {
            let Some(rest) = base.strip_prefix(server.as_str()).and_then(|rest| rest.strip_prefix('/')) else {
                continue;
            };
            let words: Vec<&str> = rest.split('/').collect();
            let starts = words
                .iter()
                .zip(&address.segments)
                .all(|(word, segment)| matches!(segment, Segment::Literal(text) if text == word));
            if starts && address.segments.len() >= words.len() {
                address.segments.drain(..words.len());
                address.server = Some(base.clone());
                break;
            }
        }
    }
    read
}

/// A method and the anonymous path before and behind one parameter, to the values that are known for it.
pub(super) type Samples = HashMap<(String, usize, String), Vec<String>>;

pub(super) fn known_samples(read: &[(Request, Address)]) -> Samples {
    let mut samples = Samples::new();
    for (request, address) in read {
        for (at, segment) in address.segments.iter().enumerate() {
            let Segment::Parameter { name, sample, guessed: false } = segment else { continue };
            let key = (request.method.clone(), at, around(&address.segments, at));
            let listed =
                request.path.iter().filter(|field| field.name == *name).filter_map(|field| field.value.clone());
            let values = samples.entry(key).or_default();
            values.extend(sample.iter().cloned().chain(listed).filter(|value| !value.is_empty()).take(20));
        }
    }
    samples
}

/// The path with the segment at a place left open.
pub(super) fn around(segments: &[Segment], at: usize) -> String {
    let mut out = String::new();
    for (index, segment) in segments.iter().enumerate() {
        match segment {
            Segment::Literal(text) if index != at && !url::is_identifier(text) => out.push_str(&format!("/{text}")),
            _ => out.push_str("/{}"),
        }
    }
    out
}

/// The segments with values turned into parameters, and whether one of them was a known sample.
pub(super) fn templated(request: &Request, segments: Vec<Segment>, samples: &Samples) -> (Vec<Segment>, bool) {
    let mut from_sample = false;
    let mut out: Vec<Segment> = Vec::new();
    for (at, segment) in segments.iter().enumerate() {
        let Segment::Literal(text) = segment else {
            out.push(segment.clone());
            continue;
        };
        let known = samples.get(&(request.method.clone(), at, around(&segments, at)));
        let is_sample = known.is_some_and(|values| values.contains(text));
        // A number in front is a version or a tenant that all paths have.
        if is_sample || (at > 0 && url::is_identifier(text)) {
            from_sample |= is_sample;
            let name = name_for(&out, text);
            out.push(Segment::Parameter { name, sample: Some(text.clone()), guessed: true });
        } else {
            out.push(segment.clone());
        }
    }
    (out, from_sample)
}

/// A name for a parameter of which only a value is known: from the word before it.
pub(super) fn name_for(before: &[Segment], value: &str) -> String {
    let word = before.iter().rev().find_map(|segment| match segment {
        Segment::Literal(text) => Some(text.as_str()),
        Segment::Parameter { .. } => None,
    });
    let word: String = word
        .unwrap_or_default()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' })
        .collect();
    let word = word.trim_matches('_');
    let singular = match word {
        word if word.ends_with("ies") && word.len() > 4 => format!("{}y", word.trim_end_matches("ies")),
        word if word.ends_with("sses") || word.ends_with("xes") => word.trim_end_matches("es").to_owned(),
        word if word.ends_with('s') && !word.ends_with("ss") && word.len() > 3 => word.trim_end_matches('s').to_owned(),
        word => word.to_owned(),
    };
    let base = if value.bytes().all(|byte| byte.is_ascii_digit()) || singular.is_empty() {
        if singular.is_empty() { "id".to_owned() } else { format!("{singular}_id") }
    } else {
        singular
    };
    let taken = |name: &str| {
        before.iter().any(|segment| matches!(segment, Segment::Parameter { name: known, .. } if known == name))
    };
    let mut name = base.clone();
    let mut number = 2;
    while taken(&name) {
        name = format!("{base}_{number}");
        number += 1;
    }
    name
}

pub(super) fn parameter_names(segments: &[Segment]) -> Vec<String> {
    unique(segments.iter().filter_map(|segment| match segment {
        Segment::Parameter { name, .. } => Some(name.clone()),
        Segment::Literal(_) => None,
    }))
}

/// Names in order, a second of the same name with a number.
pub(super) fn unique(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for name in names {
        let mut candidate = name.clone();
        let mut number = 2;
        while out.contains(&candidate) {
            candidate = format!("{name}_{number}");
            number += 1;
        }
        out.push(candidate);
    }
    out
}

/// The names of the parameters in a path.
pub(super) fn parameter_names_of(path: &str) -> Vec<String> {
    path.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name.to_owned()).collect()
}

/// Gives the parameters of the path other names, by their places.
pub(super) fn rename_path(operation: &mut Operation, names: &[String]) {
    let old = parameter_names_of(&operation.path);
    if old == names || old.len() != names.len() {
        return;
    }
    let mut path = String::new();
    let mut rest = operation.path.as_str();
    let mut names_left = names.iter();
    while let Some((before, after)) = rest.split_once('{') {
        let Some((_, after)) = after.split_once('}') else { break };
        path.push_str(before);
        path.push_str(&format!("{{{}}}", names_left.next().map_or("", String::as_str)));
        rest = after;
    }
    path.push_str(rest);
    operation.path = path;
    for (_, property) in operation.parameters.iter_mut().filter(|(place, _)| *place == In::Path) {
        if let Some(name) = old.iter().position(|name| *name == property.name).and_then(|at| names.get(at)) {
            property.name.clone_from(name);
        }
    }
}

/// Words that stand where another operation has a parameter stay apart; a person can see whether they are values of it.
pub(super) fn note_kept_apart(api: &mut Api) {
    let split = |path: &str| -> Vec<String> { url::anonymous(path).split('/').map(str::to_owned).collect() };
    /// Operations of one method and length: the segments of the path, and the key.
    type Split = Vec<(Vec<String>, String)>;
    let mut by_length: HashMap<(String, usize), Split> = HashMap::new();
    for operation in &api.operations {
        let segments = split(&operation.path);
        by_length.entry((operation.method.clone(), segments.len())).or_default().push((segments, operation.key()));
    }
    let mut notes = Vec::new();
    for operation in &api.operations {
        let mine = split(&operation.path);
        let others = by_length.get(&(operation.method.clone(), mine.len())).into_iter().flatten().take(500);
        let template = others.into_iter().find(|(other, _)| {
            *other != mine && other.iter().zip(&mine).all(|(a, b)| a == b || (a == "{}" && b != "{}"))
        });
        if let Some((_, key)) = template {
            notes.push((
                operation.key(),
                operation.place.clone(),
                format!("`{}` also matches {key}; they were kept apart", operation.key()),
            ));
        }
    }
    for (key, place, message) in notes {
        api.log.add(Doubt::Note, "kept-apart", &key, &place, message);
    }
}
