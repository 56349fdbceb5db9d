//! What went and what came to what seems to have been renamed. A rename is offered beside the verdict, never instead:
//! a consumer who used the old name breaks all the same.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;

use super::finding::Verdict;
use super::side::address;
use super::surface::{Surface, whole};
use super::{Finding, Group};
use crate::document::{Document, Node, Object};

/// What a thing that is gone seems to be called now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Renamed {
    /// The other name.
    pub name: String,
    /// How alike the two are, in percent: half by their names, half by what they say.
    pub similarity: u8,
}

/// Below this two things are not called the same.
const ALIKE: u8 = 60;

/// Bigrams that two names share, in percent.
fn names_alike(one: &str, other: &str) -> u32 {
    let bigrams = |name: &str| {
        let name: Vec<char> = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        name.windows(2).map(<[char]>::to_vec).collect::<BTreeSet<_>>()
    };
    let (one, other) = (bigrams(one), bigrams(other));
    let shared = one.intersection(&other).count() * 200;
    u32::try_from(shared.checked_div(one.len() + other.len()).unwrap_or(0)).unwrap_or(0)
}

/// What a node says, as compared with others: its members, and those of the object it describes; names left out.
struct Said<'d> {
    name: &'d str,
    says: BTreeSet<String>,
    /// Whether it says enough to be told by that alone: `type: string` does not, nor does `read` or `write`.
    much: bool,
}

impl<'d> Said<'d> {
    fn of(name: &'d str, node: &'d Node) -> Self {
        let flat = |prefix: &str, object: &Object| {
            let kept = object.iter().filter(|(key, _)| !["description", "name", "title", "example"].contains(key));
            kept.map(|(key, node)| format!("{prefix}{key}={}", node.to_canonical())).collect::<Vec<_>>()
        };
        let mut says: BTreeSet<String> = node.as_object().into_iter().flat_map(|object| flat("", object)).collect();
        if let Some(properties) = node.get("properties").and_then(Node::as_object) {
            says.retain(|entry| !entry.starts_with("properties="));
            says.extend(flat("properties/", properties));
        }
        let members = node.get("properties").and_then(Node::as_object).map_or(0, Object::len);
        let values = node.get("enum").and_then(Node::as_array).map_or(0, <[Node]>::len);
        let much = members >= 3 || values >= 4;
        Self { name, says, much }
    }

    fn similarity(&self, other: &Self) -> u8 {
        let all = self.says.union(&other.says).count();
        let shared = self.says.intersection(&other.says).count() * 100;
        let content = shared.checked_div(all).map_or(100, |percent| u32::try_from(percent).unwrap_or(0));
        // Below this no name makes them alike.
        if self.much && content < 40 {
            return 0;
        }
        let names = names_alike(self.name, other.name);
        if !self.much && names < 40 {
            return 0;
        }
        let alike = if self.much { (3 * content + names) / 4 } else { (content + names) / 2 };
        u8::try_from(alike).unwrap_or(100)
    }
}

/// Component schemas that came, went or have another name, where no operation's values show it.
pub(super) fn schemas<'d>(surface: &mut Surface<'d>, old: &'d Document, new: &'d Document) {
    let map = |document: &'d Document| document.schemas().collect::<BTreeMap<&'d str, &'d Node>>();
    let (was, is) = (map(old), map(new));
    let mut gone: BTreeMap<&str, &'d Node> =
        was.iter().filter(|(name, _)| !is.contains_key(*name)).map(|(n, s)| (*n, *s)).collect();
    let mut came: BTreeMap<&str, &'d Node> =
        is.iter().filter(|(name, _)| !was.contains_key(*name)).map(|(n, s)| (*n, *s)).collect();
    let mut named: (BTreeSet<&str>, BTreeSet<&str>) = Default::default();
    for ((name, other), plainly) in std::mem::take(&mut surface.compare.names) {
        let (from, to) = (gone.get(name).copied(), came.get(other).copied());
        // Of parts that only changed places nothing is said.
        if !plainly && (from.is_none() || to.is_none()) {
            continue;
        }
        let mut change =
            whole("schema-renamed", Verdict::Documentation, was.get(name).copied(), is.get(other).copied());
        (change.before, change.after) = (Some(name.to_owned()), Some(other.to_owned()));
        change.reason = format!("names of schemas do not travel; what referred to `{name}` refers to `{other}` now");
        surface.note(&[], change);
        if from.is_some() && to.is_some() {
            named.0.insert(name);
            named.1.insert(other);
        }
    }
    gone.retain(|name, _| !named.0.contains(name));
    came.retain(|name, _| !named.1.contains(name));
    // Many at once are a change of the generator behind the document, too many to pair one with each other.
    if gone.len() * came.len() <= 250_000 {
        let mut pairs: Vec<(u8, &str, &str)> = Vec::new();
        let said: Vec<Said<'_>> = came.iter().map(|(name, node)| Said::of(name, node)).collect();
        for was in gone.iter().map(|(name, node)| Said::of(name, node)) {
            let alike = said.iter().map(|is| (was.similarity(is), was.name, is.name));
            pairs.extend(alike.filter(|(similarity, ..)| *similarity >= ALIKE));
        }
        pairs.sort_by_key(|(similarity, name, other)| (std::cmp::Reverse(*similarity), *name, *other));
        for (similarity, name, other) in pairs {
            let (true, true) = (gone.contains_key(name), came.contains_key(other)) else { continue };
            let (from, to) = (gone.remove(name), came.remove(other));
            let mut change = whole("schema-renamed", Verdict::Documentation, from, to);
            (change.before, change.after) = (Some(name.to_owned()), Some(other.to_owned()));
            change.reason = format!("names of schemas do not travel (similarity {similarity} %)");
            surface.note(&[], change);
        }
    }
    // What operations refer to is judged where it is used; written out there, it is no change.
    let (used_before, used_now) = (referred(old), referred(new));
    for (name, node) in gone.into_iter().filter(|(name, _)| !used_before.contains(*name)) {
        let mut change = whole("schema-removed", Verdict::Documentation, Some(node), None);
        change.before = Some(name.to_owned());
        change.reason = "no operation uses it".to_owned();
        surface.note(&[], change);
    }
    for (name, node) in came.into_iter().filter(|(name, _)| !used_now.contains(*name)) {
        let mut change = whole("schema-added", Verdict::Documentation, None, Some(node));
        change.after = Some(name.to_owned());
        change.reason = "no operation uses it".to_owned();
        surface.note(&[], change);
    }
    for (name, before) in was.iter().filter(|(name, _)| !used_before.contains(**name) && !used_now.contains(**name)) {
        let Some(after) = is.get(name).filter(|after| after.to_canonical() != before.to_canonical()) else { continue };
        let mut change = whole("schema-unused-changed", Verdict::Documentation, Some(before), Some(after));
        change.reason = "no operation uses it".to_owned();
        surface.note(&[], change);
    }
}

/// Names of the schemas that something refers to.
fn referred(document: &Document) -> BTreeSet<String> {
    fn walk(node: &Node, found: &mut BTreeSet<String>) {
        if let Some(name) = node.text_at("$ref").and_then(|to| to.strip_prefix("#/components/schemas/")) {
            let name = name.split('/').next().unwrap_or(name);
            found.insert(name.replace("~1", "/").replace("~0", "~"));
        }
        match &node.value {
            crate::document::Value::Array(items) => items.iter().for_each(|item| walk(item, found)),
            crate::document::Value::Object(object) => object.iter().for_each(|(_, node)| walk(node, found)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    walk(document.root(), &mut found);
    found
}

/// The way in which members and parameters that went and came are paired: same owner, best likeness first.
pub(super) fn members(
    groups: &[Group<'_>],
    pointers: &(HashMap<usize, String>, HashMap<usize, String>),
) -> HashMap<usize, Renamed> {
    let mut owners: BTreeMap<(String, bool), (Vec<Member<'_>>, Vec<Member<'_>>)> = BTreeMap::new();
    for (at, (change, ..)) in groups.iter().enumerate() {
        let (is_member, is_parameter) = (change.rule.starts_with("property-"), change.rule.starts_with("parameter-"));
        let (went, came) = match change.rule {
            "property-removed" | "parameter-removed" => (change.old, None),
            "property-added" | "property-required-added" | "parameter-added" | "parameter-required-added" => {
                (None, change.new)
            }
            _ => continue,
        };
        let Some(node) = went.or(came).filter(|_| is_member || is_parameter) else { continue };
        let map = if went.is_some() { &pointers.0 } else { &pointers.1 };
        let Some((owner, last)) = map.get(&address(node)).and_then(|pointer| pointer.rsplit_once('/')) else {
            continue;
        };
        let name = if is_parameter { node.text_at("name").unwrap_or(last) } else { last }.to_owned();
        let lists = owners.entry((owner.to_owned(), is_parameter)).or_default();
        let list = if went.is_some() { &mut lists.0 } else { &mut lists.1 };
        list.push(Member { at, name, node });
    }
    let mut renamed = HashMap::new();
    for (went, came) in owners.into_values() {
        let mut pairs: Vec<(u8, usize, usize)> = Vec::new();
        let said: Vec<Said<'_>> = came.iter().map(|is| Said::of(&is.name, is.node)).collect();
        for (a, was) in went.iter().map(|was| Said::of(&was.name, was.node)).enumerate() {
            pairs.extend(said.iter().enumerate().map(|(b, is)| (was.similarity(is), a, b)));
        }
        pairs.retain(|(similarity, ..)| *similarity >= ALIKE);
        pairs.sort_by_key(|(similarity, a, b)| (std::cmp::Reverse(*similarity), *a, *b));
        let mut taken: (BTreeSet<usize>, BTreeSet<usize>) = Default::default();
        for (similarity, a, b) in pairs {
            if taken.0.contains(&a) || taken.1.contains(&b) {
                continue;
            }
            taken.0.insert(a);
            taken.1.insert(b);
            if let (Some(was), Some(is)) = (went.get(a), came.get(b)) {
                renamed.insert(was.at, Renamed { name: is.name.clone(), similarity });
                renamed.insert(is.at, Renamed { name: was.name.clone(), similarity });
            }
        }
    }
    renamed
}

struct Member<'d> {
    at: usize,
    name: String,
    node: &'d Node,
}

/// Says it in the finding.
pub(super) fn tell(finding: &mut Finding, renamed: Renamed) {
    let how = if finding.old.is_some() && finding.new.is_none() { "is" } else { "was" };
    let Renamed { name, similarity } = &renamed;
    finding.reason.push_str(&format!("; it seems renamed: `{name}` it {how} (similarity {similarity} %)"));
    finding.renamed = Some(renamed);
}
