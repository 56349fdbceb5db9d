//! What went and what came to what seems to have been renamed. A rename is offered beside the verdict, never instead:
//! a consumer who used the old name breaks all the same.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde::Serialize;

use super::Finding;
use super::finding::Verdict;
use super::findings::Group;
use super::likeness::{Index, bigrams};
use super::side::address;
use super::surface::{Surface, whole};
use crate::document::{Document, Node, Object, Value};
use crate::safe_text::markdown::code;

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

/// What went and what came are not paired where there are more pairs than these: they could not be looked through in
/// any useful time.
const MOST: usize = 400_000_000;

/// The same words, each with a number of its own.
type Words = HashMap<String, u32>;

/// What a node says, as compared with others: its members, and those of the object it describes; names left out.
struct Said {
    /// Neighbouring letters of its name.
    name: Vec<((char, char), u32)>,
    says: Vec<(u32, u32)>,
    /// Whether it says enough to be told by that alone: `type: string` does not, nor does `read` or `write`.
    much: bool,
}

impl Said {
    fn of(name: &str, node: &Node, words: &mut Words) -> Self {
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
        let mut number = |word: String| {
            let next = u32::try_from(words.len()).unwrap_or(u32::MAX);
            (*words.entry(word).or_insert(next), 1)
        };
        let says = says.into_iter().map(&mut number).collect();
        Self { name: bigrams(name).into_iter().map(|pair| (pair, 1)).collect(), says, much }
    }

    /// How alike two are that have so many words and so many pairs of letters in common.
    fn similarity(&self, other: &Self, words: u32, letters: u32) -> u8 {
        let percent = |shared: u32, all: usize, of_none: u64| {
            (u64::from(shared) * 100).checked_div(u64::try_from(all).unwrap_or(u64::MAX)).unwrap_or(of_none)
        };
        let all = (self.says.len() + other.says.len()).saturating_sub(words as usize);
        let content = percent(words, all, 100);
        // Below this no name makes them alike.
        if self.much && content < 40 {
            return 0;
        }
        let names = percent(2 * letters, self.name.len() + other.name.len(), 0);
        if !self.much && names < 40 {
            return 0;
        }
        let alike = if self.much { (3 * content + names) / 4 } else { (content + names) / 2 };
        u8::try_from(alike).unwrap_or(100)
    }
}

/// What went and what came that seem to be the same, the most alike first, each once: how alike, and where they stand.
fn paired(went: &[Said], came: &[Said]) -> Vec<(u8, usize, usize)> {
    if went.len().saturating_mul(came.len()) > MOST {
        return Vec::new();
    }
    let words = Index::new(came.iter().map(|said| said.says.as_slice()));
    let letters = Index::new(came.iter().map(|said| said.name.as_slice()));
    let (mut in_words, mut in_letters) = (Vec::new(), Vec::new());
    // In one number each, since there may be very many: how unlike, then the places.
    let mut pairs: Vec<u64> = Vec::new();
    for (a, was) in went.iter().enumerate() {
        words.shared(&was.says, &mut in_words);
        letters.shared(&was.name, &mut in_letters);
        for (b, (is, (words, letters))) in came.iter().zip(in_words.iter().zip(&in_letters)).enumerate() {
            let similarity = was.similarity(is, *words, *letters);
            if similarity >= ALIKE {
                pairs.push(u64::from(100 - similarity.min(100)) << 56 | (a as u64) << 28 | b as u64);
            }
        }
    }
    pairs.sort_unstable();
    let mut taken = (vec![false; went.len()], vec![false; came.len()]);
    let mut found = Vec::new();
    for pair in pairs {
        let (unlike, a, b) = (pair >> 56, (pair >> 28 & 0xfff_ffff) as usize, (pair & 0xfff_ffff) as usize);
        if let (Some(old), Some(new)) = (taken.0.get_mut(a), taken.1.get_mut(b))
            && !*old
            && !*new
        {
            (*old, *new) = (true, true);
            found.push((100 - u8::try_from(unlike).unwrap_or(100), a, b));
        }
    }
    found
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
        change.reason =
            format!("names of schemas do not travel; what referred to {} refers to {} now", code(name), code(other));
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
        let mut words = Words::new();
        let mut said = |map: &BTreeMap<&str, &'d Node>| -> Vec<Said> {
            map.iter().map(|(name, node)| Said::of(name, node, &mut words)).collect()
        };
        let found = paired(&said(&gone), &said(&came));
        let names = (gone.keys().copied().collect::<Vec<_>>(), came.keys().copied().collect::<Vec<_>>());
        for (similarity, a, b) in found {
            let (Some(&name), Some(&other)) = (names.0.get(a), names.1.get(b)) else { continue };
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
        let Some(after) = is.get(name).filter(|after| *after != before) else { continue };
        let mut change = whole("schema-unused-changed", Verdict::Documentation, Some(before), Some(after));
        change.reason = "no operation uses it".to_owned();
        surface.note(&[], change);
    }
}

/// Names of the schemas that something refers to.
fn referred(document: &Document) -> HashSet<String> {
    fn walk<'d>(node: &'d Node, found: &mut HashSet<&'d str>) {
        match &node.value {
            Value::Array(items) => items.iter().for_each(|item| walk(item, found)),
            Value::Object(object) => object.iter().for_each(|(key, node)| match &node.value {
                Value::Text(to) if key == "$ref" => drop(found.insert(to)),
                Value::Object(mapping) => {
                    // A discriminator's; a member may be called so as well.
                    found.extend(mapping.iter().filter(|_| key == "mapping").filter_map(|(_, to)| to.as_str()));
                    walk(node, found);
                }
                _ => walk(node, found),
            }),
            _ => {}
        }
    }
    let mut found = HashSet::new();
    walk(document.root(), &mut found);
    let names = found.into_iter().filter_map(|to| match to.strip_prefix("#/components/schemas/") {
        Some(name) => name.split('/').next(),
        // A discriminator may call a schema by its name alone.
        None => Some(to).filter(|to| !to.contains(['#', '/'])),
    });
    names.map(|name| name.replace("~1", "/").replace("~0", "~")).collect()
}

/// The way in which members and parameters that went and came are paired: same owner, best likeness first.
pub(super) fn members(
    groups: &[Group<'_>],
    pointers: &(HashMap<usize, String>, HashMap<usize, String>),
) -> HashMap<usize, Renamed> {
    let mut owners: BTreeMap<(String, bool), (Vec<Member<'_>>, Vec<Member<'_>>)> = BTreeMap::new();
    for (at, Group { change, .. }) in groups.iter().enumerate() {
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
        if went.is_empty() || came.is_empty() {
            continue;
        }
        let mut words = Words::new();
        let mut said = |list: &[Member<'_>]| -> Vec<Said> {
            list.iter().map(|member| Said::of(&member.name, member.node, &mut words)).collect()
        };
        for (similarity, a, b) in paired(&said(&went), &said(&came)) {
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
    finding.reason.push_str(&format!("; it seems renamed: {} it {how} (similarity {similarity} %)", code(name)));
    finding.renamed = Some(renamed);
}
