//! Reads from the tree of paths what each operation does: list, read, create, update, delete, view or action.
//!
//! A collection is a path that ends in a word and is listed or has items below it; an item is a collection followed
//! by a parameter. A word after an item (`/services/{service}/status/`) or between collection and parameter
//! (`/ftp/start/{ftp_account}`) names a view or an action of that item. What cannot be read from paths is in
//! `behaviour::table`.

use std::collections::{BTreeMap, BTreeSet};

/// Part of a path template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Segment {
    Literal(String),
    Parameter(String),
}

/// What an operation does. Lengths count segments: the collection is the first `collection` segments of the template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    List {
        collection: usize,
    },
    Read {
        collection: usize,
        item: usize,
    },
    Create {
        collection: usize,
    },
    /// `item` is the segment with the key; none where the key stands in the body.
    Update {
        collection: usize,
        item: Option<usize>,
    },
    Delete {
        collection: usize,
        item: Option<usize>,
    },
    /// A part or an aspect of an item that is read.
    View {
        collection: usize,
        item: usize,
        name: String,
    },
    /// Something done to an item.
    Action {
        collection: usize,
        item: usize,
        name: String,
    },
    /// Something done to a collection; the argument is a parameter that is not the key of an item.
    Collective {
        collection: usize,
        argument: Option<usize>,
        name: String,
    },
    /// A path without collection and item.
    Lone {
        name: String,
    },
}

/// What the derivation needs to know of an operation.
pub(crate) struct Facts {
    pub(crate) method: String,
    pub(crate) segments: Vec<Segment>,
    /// The data of its answer are an array and nothing else.
    pub(crate) lists: bool,
    /// The call makes something: effect `create` or `billable`.
    pub(crate) makes: bool,
    pub(crate) deletes: bool,
}

pub(crate) fn segments(template: &str) -> Vec<Segment> {
    let parts = template.split('/').filter(|part| !part.is_empty());
    parts
        .map(|part| match parameter(part) {
            Some((name, _)) => Segment::Parameter(name.to_owned()),
            None => Segment::Literal(part.to_owned()),
        })
        .collect()
}

/// The endings that name a format. In a template they may follow a parameter.
const FORMATS: [&str; 4] = ["", ".json", ".xml", ".php"];

/// Name and ending of a parameter that is a whole segment, as `{mail}` or `{mail}.json`.
fn parameter(part: &str) -> Option<(&str, &str)> {
    let (name, ending) = part.strip_prefix('{')?.split_once('}')?;
    (!name.contains('{') && FORMATS.contains(&ending)).then_some((name, ending))
}

/// The endings of the parameters in a template, in their order.
pub(crate) fn endings(template: &str) -> Vec<&str> {
    template.split('/').filter_map(|part| Some(parameter(part)?.1)).collect()
}

/// The template without names of parameters and without a slash at the end: what identifies a path.
pub(crate) fn normal(segments: &[Segment]) -> String {
    let mut text = String::new();
    for segment in segments {
        text.push('/');
        match segment {
            Segment::Literal(word) => text.push_str(word),
            Segment::Parameter(_) => text.push_str("{}"),
        }
    }
    text
}

/// The collections of a document, and the parameter that names the items of each.
pub(crate) struct Tree {
    collections: BTreeSet<String>,
    keys: BTreeMap<String, BTreeSet<String>>,
}

impl Tree {
    pub(crate) fn new(facts: &[Facts]) -> Self {
        let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for fact in facts {
            let Some((Segment::Parameter(name), prefix)) = fact.segments.split_last() else { continue };
            keys.entry(normal(prefix)).or_default().insert(name.clone());
        }
        let mut collections = BTreeSet::new();
        for fact in facts.iter().filter(|fact| matches!(fact.segments.last(), Some(Segment::Literal(_)))) {
            let path = normal(&fact.segments);
            let has_items = keys.contains_key(&path);
            let listed = fact.method == "GET" && (fact.lists || has_items);
            let filled = fact.method == "POST" && fact.makes && has_items;
            if listed || filled {
                collections.insert(path);
            }
        }
        Self { collections, keys }
    }

    pub(crate) fn is_collection(&self, segments: &[Segment]) -> bool {
        matches!(segments.last(), Some(Segment::Literal(_))) && self.collections.contains(&normal(segments))
    }

    /// Names that the parameter of an item goes by below a collection.
    pub(crate) fn keys_of(&self, collection: &[Segment]) -> impl Iterator<Item = &str> {
        self.keys.get(&normal(collection)).into_iter().flatten().map(String::as_str)
    }

    pub(crate) fn role(&self, fact: &Facts) -> Role {
        let count = fact.segments.len();
        let Some((last, prefix)) = fact.segments.split_last() else { return Role::Lone { name: String::new() } };
        match last {
            Segment::Parameter(parameter) => self.role_of_parameter(fact, parameter, prefix),
            Segment::Literal(_) if self.is_collection(&fact.segments) => match fact.method.as_str() {
                "GET" => Role::List { collection: count },
                "POST" => Role::Create { collection: count },
                "DELETE" => Role::Delete { collection: count, item: None },
                _ => Role::Update { collection: count, item: None },
            },
            Segment::Literal(word) => self.role_of_word(fact, word, prefix),
        }
    }

    fn role_of_parameter(&self, fact: &Facts, parameter: &str, prefix: &[Segment]) -> Role {
        let item = prefix.len();
        if !self.is_collection(prefix)
            && let Some((Segment::Literal(word), parent)) = prefix.split_last()
            && self.is_collection(parent)
        {
            let collection = parent.len();
            let name = word.clone();
            return match (self.keys_of(parent).any(|key| key == parameter), fact.method.as_str()) {
                (true, "GET") => Role::View { collection, item, name },
                (true, _) => Role::Action { collection, item, name },
                (false, _) => Role::Collective { collection, argument: Some(item), name },
            };
        }
        // A path like `/{tenant}` alone has no collection to stand in.
        let collection = item;
        match fact.method.as_str() {
            "GET" => Role::Read { collection, item },
            "DELETE" => Role::Delete { collection, item: Some(item) },
            "POST" if fact.makes => Role::Action { collection, item, name: "create".to_owned() },
            _ => Role::Update { collection, item: Some(item) },
        }
    }

    fn role_of_word(&self, fact: &Facts, word: &str, prefix: &[Segment]) -> Role {
        if self.is_collection(prefix) {
            let collection = prefix.len();
            return match fact.makes && matches!(word, "create" | "new" | "add") {
                true => Role::Create { collection },
                false => Role::Collective { collection, argument: None, name: word.to_owned() },
            };
        }
        let Some(item) = prefix.iter().rposition(|segment| matches!(segment, Segment::Parameter(_))) else {
            return Role::Lone { name: normal(&fact.segments) };
        };
        let words: Vec<&str> = fact
            .segments
            .iter()
            .skip(item + 1)
            .map(|segment| match segment {
                Segment::Literal(word) | Segment::Parameter(word) => word.as_str(),
            })
            .collect();
        let (collection, name) = (item, words.join("/"));
        match fact.method.as_str() {
            "GET" => Role::View { collection, item, name },
            "DELETE" if fact.deletes && name == "delete" => Role::Delete { collection, item: Some(item) },
            _ => Role::Action { collection, item, name },
        }
    }
}

impl Role {
    /// The role's name, for people.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::List { .. } => "list",
            Self::Read { .. } => "read",
            Self::Create { .. } => "create",
            Self::Update { .. } => "update",
            Self::Delete { .. } => "delete",
            Self::View { .. } => "view",
            Self::Action { .. } => "action",
            Self::Collective { .. } => "collective action",
            Self::Lone { .. } => "lone path",
        }
    }

    /// Number of segments of the collection that the operation works in.
    pub(crate) fn collection(&self) -> usize {
        match self {
            Self::List { collection }
            | Self::Read { collection, .. }
            | Self::Create { collection }
            | Self::Update { collection, .. }
            | Self::Delete { collection, .. }
            | Self::View { collection, .. }
            | Self::Action { collection, .. }
            | Self::Collective { collection, .. } => *collection,
            Self::Lone { .. } => 0,
        }
    }

    /// The segment that holds the key of the item, where the path has it.
    pub(crate) fn item(&self) -> Option<usize> {
        match self {
            Self::Read { item, .. } | Self::View { item, .. } | Self::Action { item, .. } => Some(*item),
            Self::Update { item, .. } | Self::Delete { item, .. } => *item,
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(method: &str, template: &str) -> Facts {
        let lists = method == "GET" && template.ends_with("s/");
        Facts {
            method: method.into(),
            segments: segments(template),
            lists,
            makes: method == "POST",
            deletes: method == "DELETE",
        }
    }

    #[test]
    fn reads_roles_from_paths_alone() {
        let facts: Vec<Facts> = [
            ("GET", "/shops/"),
            ("POST", "/shops/create/"),
            ("GET", "/shops/{shop}"),
            ("GET", "/shops/{shop}/status"),
            ("POST", "/shops/{shop}/till/open/"),
            ("GET", "/shops/{shop}/goods/"),
            ("POST", "/shops/{shop}/goods/"),
            ("DELETE", "/shops/{shop}/goods/{good}"),
            ("POST", "/shops/{shop}/goods/freeze/{good}"),
            ("POST", "/shops/{shop}/goods/sort/{order}"),
            ("DELETE", "/shops/{shop}/delete/"),
            ("GET", "/ping"),
        ]
        .iter()
        .map(|(method, template)| fact(method, template))
        .collect();
        let tree = Tree::new(&facts);
        let words: Vec<String> = facts.iter().map(|fact| format!("{:?}", tree.role(fact))).collect();
        let wanted = [
            "List { collection: 1 }",
            "Create { collection: 1 }",
            "Read { collection: 1, item: 1 }",
            "View { collection: 1, item: 1, name: \"status\" }",
            "Action { collection: 1, item: 1, name: \"till/open\" }",
            "List { collection: 3 }",
            "Create { collection: 3 }",
            "Delete { collection: 3, item: Some(3) }",
            "Action { collection: 3, item: 4, name: \"freeze\" }",
            "Collective { collection: 3, argument: Some(4), name: \"sort\" }",
            "Delete { collection: 1, item: Some(1) }",
            "Lone { name: \"/ping\" }",
        ];
        assert_eq!(words, wanted);
    }
}
