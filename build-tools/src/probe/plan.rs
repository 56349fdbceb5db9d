//! Which operations may be asked, in which order, and where the ids in their paths come from: from lists that were read
//! before.

use serde_json::Value;

use crate::document::{Document, Node, Operation, ParameterPlace};
use crate::knowledge::{SENSITIVE, SENSITIVE_RESPONSE};
use crate::matching::loose_segments as segments;

/// What may be asked of a document's operations.
pub struct Reads<'a> {
    /// Those that only read, those with fewer ids in their paths first.
    pub operations: Vec<Operation<'a>>,
    /// Those that are left out although they are GETs, each with the reason.
    pub skipped: Vec<(Operation<'a>, &'static str)>,
    /// Paths whose GET is not known to read only.
    unproven: Vec<&'a str>,
}

/// A member of a list's entries that may be the id in a path, and the ids.
#[derive(Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its name; an empty text where the entries are ids themselves.
    pub member: String,
    /// The values, in the order of the list.
    pub values: Vec<String>,
}

impl<'a> Reads<'a> {
    /// Judges every operation: a GET that is known to read is harmless, and so is an
    /// unclassified one whose words name no action.
    pub fn of(document: &'a Document) -> Self {
        let mut reads = Self { operations: Vec::new(), skipped: Vec::new(), unproven: Vec::new() };
        for operation in document.operations().into_iter().filter(|operation| operation.method == "GET") {
            match refusal(&operation) {
                Some(why) => {
                    if !is_read(&operation) {
                        reads.unproven.push(operation.path);
                    }
                    reads.skipped.push((operation, why));
                }
                None => reads.operations.push(operation),
            }
        }
        reads.operations.sort_by_key(|operation| (parameters(operation.path).len(), operation.path));
        reads
    }

    /// Whether a path with its values in it is what it is meant to be: where a value, or a slash more or less, makes it the
    /// path of a GET that may do more than read, it is not asked.
    pub fn is_harmless(&self, operation: &Operation<'_>, path: &str) -> bool {
        !self.unproven.iter().any(|other| leads_to(other, path) && !is_nearer(operation.path, other))
    }

    /// The list in which the values of a path parameter stand: the operation at the path before it, or one that has the
    /// same parameter right behind it elsewhere.
    pub fn source(&self, operation: &Operation<'_>, parameter: &str) -> Option<&Operation<'a>> {
        let marked = format!("{{{parameter}}}");
        let (before, _) = operation.path.split_once(&marked)?;
        let at = |path: &str| self.operations.iter().find(|read| same_path(read.path, path));
        at(before).or_else(|| {
            let own = parameters(before);
            let lists = self.operations.iter().filter(|list| {
                let deeper = format!("{}/{marked}", list.path.trim_end_matches('/'));
                let known = parameters(list.path).iter().all(|name| own.contains(name));
                let begins = |read: &Operation<'_>| {
                    read.path.strip_prefix(&deeper).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                };
                known && self.operations.iter().any(begins)
            });
            lists.max_by_key(|list| list.path.len())
        })
    }
}

fn is_read(operation: &Operation<'_>) -> bool {
    operation.facts().reads()
}

/// Whether a server may take a path for one of a template; slashes, letter case and a suffix may not matter to it.
fn leads_to(template: &str, path: &str) -> bool {
    let (template, path) = (segments(template), segments(path));
    let same = |(part, value): (&String, &String)| part.contains('{') || part == value;
    template.len() == path.len() && template.iter().zip(&path).all(same)
}

/// Whether a template spells out what another leaves open, at the first place where they differ in that.
fn is_nearer(template: &str, other: &str) -> bool {
    let (template, other) = (segments(template), segments(other));
    let differing = template.iter().zip(&other).find(|(own, its)| own.contains('{') != its.contains('{'));
    differing.is_some_and(|(own, _)| !own.contains('{'))
}

fn refusal(operation: &Operation<'_>) -> Option<&'static str> {
    if !is_read(operation) {
        return Some("it is not known to change nothing (`x-swpanel-effect: read`)");
    }
    if operation.request_body().is_some() {
        return Some("it takes a body");
    }
    if is_secret_as_a_whole(operation) {
        return Some("its whole answer is a secret, which a probe has no need of");
    }
    let in_query = |place| place != ParameterPlace::Path;
    if operation.parameters().iter().any(|parameter| parameter.required && in_query(parameter.place)) {
        return Some("it needs parameters that no list gives");
    }
    None
}

/// Whether the whole response of an operation is a secret.
pub(super) fn is_secret_as_a_whole(operation: &Operation<'_>) -> bool {
    let result = operation.success_schema().and_then(|schema| operation.document().resolve(schema));
    let result = result.and_then(|schema| schema.pointer("/properties/result"));
    let result = result.and_then(|schema| operation.document().resolve(schema));
    let whole = operation.node.get(SENSITIVE_RESPONSE).or_else(|| result.and_then(|schema| schema.get(SENSITIVE)));
    whole.and_then(Node::as_bool) == Some(true)
}

/// Whether an operation reads a list, or is at a path that others go deeper from.
pub fn is_list(operation: &Operation<'_>) -> bool {
    operation.reads_collection() || !operation.path.trim_end_matches('/').ends_with('}')
}

/// The names of the parameters in a path, in its order.
pub(super) fn parameters(path: &str) -> Vec<&str> {
    path.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name).collect()
}

fn same_path(one: &str, other: &str) -> bool {
    let segments = |path: &str| -> Vec<String> {
        path.split('/').filter(|segment| !segment.is_empty()).map(str::to_lowercase).collect()
    };
    segments(one) == segments(other)
}

/// The members of a list's entries that may hold the values of a path parameter, the likeliest first; at most three.
pub fn candidates(answer: &Value, parameter: &str) -> Vec<Candidate> {
    let Some(entries) = entries(answer) else { return Vec::new() };
    let of = |member: &str| -> Vec<String> {
        entries
            .iter()
            .filter_map(|(key, entry)| {
                if member.is_empty() { key.clone().or_else(|| id(entry)) } else { entry.get(member).and_then(id) }
            })
            .collect()
    };
    let plain = of("");
    if !plain.is_empty() {
        return vec![Candidate { member: String::new(), values: plain }];
    }
    let mut names: Vec<&String> = Vec::new();
    for (_, entry) in &entries {
        for (name, value) in entry.as_object().into_iter().flatten() {
            if id(value).is_some() && !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names.sort_by_key(|name| rank(name, parameter));
    names.into_iter().take(3).map(|name| Candidate { member: name.clone(), values: of(name) }).collect()
}

/// The entries of a list, with their keys where it is an object of them.
fn entries(answer: &Value) -> Option<Vec<(Option<String>, &Value)>> {
    let listed = |value: &'_ Value| {
        value.is_array()
            || value.as_object().is_some_and(|members| !members.is_empty() && members.values().all(Value::is_object))
    };
    let members = answer.as_object();
    let inside = members.and_then(|members| {
        members.get("result").filter(|result| listed(result)).or_else(|| {
            let mut arrays = members.values().filter(|value| value.is_array());
            arrays.next().filter(|_| arrays.next().is_none())
        })
    });
    let list = inside.unwrap_or(answer);
    match list {
        Value::Array(items) => Some(items.iter().map(|item| (None, item)).collect()),
        Value::Object(members) if inside.is_some() => {
            Some(members.iter().map(|(key, value)| (Some(key.clone()), value)).collect())
        }
        _ => None,
    }
}

/// A value as it stands in a path, where it is one that addresses something.
fn id(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) if number.is_i64() || number.is_u64() => number.to_string(),
        _ => return None,
    };
    // A server that decodes a path before it takes it apart would read more segments than one.
    let one = !text.contains(['/', '\\', '%', '?', '#', ';']) && !text.contains(char::is_control);
    (one && !text.is_empty() && text.len() <= 200 && text != "." && text != "..").then_some(text)
}

/// How likely a member of this name holds the values of a parameter: 0 is likeliest.
fn rank(name: &str, parameter: &str) -> u32 {
    let plain = |text: &str| text.to_lowercase().replace(['_', '-'], "");
    let (member, wanted) = (plain(name), plain(parameter));
    let bare = wanted.strip_suffix("id").unwrap_or(&wanted);
    match () {
        () if member == wanted => 0,
        () if member == format!("{bare}id") || member == format!("id{bare}") => 1,
        () if member == "id" => 2,
        () if member == bare => 3,
        () if member.contains(bare) || (member.len() > 2 && bare.contains(&member)) => 4,
        () if member == "name" => 5,
        () => 6,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::document::{RawDocument, convert};

    fn members(answer: &Value, parameter: &str) -> Vec<String> {
        candidates(answer, parameter).into_iter().map(|candidate| candidate.member).collect()
    }

    #[test]
    fn the_likeliest_member_comes_first() {
        let list =
            json!({"message": "x", "result": [{"label": "l", "name": "n", "id": 7}, {"id": 8, "id_contact": "c"}]});
        assert_eq!(members(&list, "contact_id"), ["id_contact", "id", "name"]);
        assert_eq!(members(&list, "service"), ["id", "name", "label"]);
        assert_eq!(candidates(&list, "service")[0].values, ["7", "8"]);
        assert_eq!(members(&json!({"result": [{"email": "a@b.es", "id": "1", "mailbox": "m"}]}), "mail")[0], "id");
        assert_eq!(candidates(&json!(["a", "..", "7/stop", "7%2Fstop", "a?b", "a\nb"]), "x")[0].values, ["a"]);
        assert_eq!(
            candidates(&json!({"result": {"es": {"p": 1}, "com": {"p": 2}}}), "extension")[0].values,
            ["com", "es"]
        );
        assert!(candidates(&json!({"Error code": "#X", "Error message": "y"}), "x").is_empty());
    }

    #[test]
    fn a_value_leads_to_no_other_operation() {
        let text = "openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /a/: {get: {x-swpanel-effect: read, responses: {'200': {description: ok}}}}
  /a/all/: {get: {x-swpanel-effect: read, responses: {'200': {description: ok}}}}
  /a/{id}: {get: {x-swpanel-effect: read, responses: {'200': {description: ok}}}}
  /a/reboot/: {get: {x-swpanel-effect: action, responses: {'200': {description: ok}}}}
  /b/{id}/go: {get: {x-swpanel-effect: action, responses: {'200': {description: ok}}}}
  /b/{id}/{name}: {get: {x-swpanel-effect: read, responses: {'200': {description: ok}}}}
  /c: {get: {x-swpanel-effect: action, responses: {'200': {description: ok}}}}
  /c/: {get: {x-swpanel-effect: read, responses: {'200': {description: ok}}}}
  /a/{other}/: {post: {responses: {'200': {description: ok}}}}
";
        let (document, _) = convert(&RawDocument::read(text.as_bytes()).unwrap()).unwrap();
        let reads = Reads::of(&document);
        let of = |path: &str| reads.operations.iter().find(|operation| operation.path == path).unwrap();
        let harmless = |operation: &str, path: &str| reads.is_harmless(of(operation), path);
        assert!(harmless("/a/{id}", "/a/7") && harmless("/a/{id}", "/a/all") && harmless("/b/{id}/{name}", "/b/7/x"));
        assert!(!harmless("/a/{id}", "/a/reboot") && !harmless("/a/{id}", "/a/Reboot/"));
        assert!(!harmless("/a/{id}", "/a/reboot.json"));
        assert!(!harmless("/b/{id}/{name}", "/b/7/go") && !harmless("/c/", "/c") && !harmless("/c/", "/c/"));
        assert!(harmless("/a/all/", "/a/all"));
    }

    #[test]
    fn only_what_reads_is_asked() {
        let text = "openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /a/:
    get: {x-swpanel-effect: read, responses: {'200': {description: ok}}}
    post: {x-swpanel-effect: read, responses: {'200': {description: ok}}}
  /a/{id}: {get: {x-swpanel-effect: read, responses: {'200': {description: ok}}}}
  /a/size/{id}: {get: {x-swpanel-effect: read, responses: {'200': {description: ok}}}}
  /reboot: {get: {x-swpanel-effect: action, responses: {'200': {description: ok}}}}
  /plain: {get: {responses: {'200': {description: ok}}}}
  /plain/restart: {get: {responses: {'200': {description: ok}}}}
";
        let (document, _) = convert(&RawDocument::read(text.as_bytes()).unwrap()).unwrap();
        let reads = Reads::of(&document);
        let asked: Vec<&str> = reads.operations.iter().map(|operation| operation.path).collect();
        assert_eq!(asked, ["/a/", "/plain", "/a/size/{id}", "/a/{id}"]);
        let skipped: Vec<&str> = reads.skipped.iter().map(|(operation, _)| operation.path).collect();
        assert_eq!(skipped, ["/plain/restart", "/reboot"]);
        for operation in reads.operations.iter().filter(|operation| operation.path.contains("{id}")) {
            assert_eq!(reads.source(operation, "id").map(|list| list.path), Some("/a/"), "{}", operation.path);
        }
    }
}
