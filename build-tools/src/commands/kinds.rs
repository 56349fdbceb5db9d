//! Names for the alternatives of a `oneOf`, and the member that tells them apart where there is one.

use super::words::split;
use crate::document::{Document, Node};

/// Names from references or titles, without the words that all of them share at either end.
pub(super) fn names(alternatives: &[Node]) -> Vec<String> {
    let mut words: Vec<Vec<String>> = alternatives
        .iter()
        .map(|node| {
            let reference = node.text_at("$ref").and_then(|reference| reference.rsplit('/').next());
            split(reference.or_else(|| node.text_at("title")).unwrap_or_default())
        })
        .collect();
    if alternatives.len() > 1 {
        for from_start in [true, false] {
            let take = |words: &Vec<String>| if from_start { words.first().cloned() } else { words.last().cloned() };
            while let Some(Some(shared)) = words.first().map(take)
                && words.iter().all(|words| words.len() > 1 && take(words).as_ref() == Some(&shared))
            {
                words.iter_mut().for_each(|words| {
                    if from_start {
                        words.remove(0);
                    } else {
                        words.pop();
                    }
                });
            }
        }
    }
    let mut names: Vec<String> = Vec::new();
    for (number, words) in words.iter().enumerate() {
        let name = words.join("-");
        let free = !name.is_empty() && !names.contains(&name);
        names.push(if free { name } else { format!("variant-{}", number + 1) });
    }
    names
}

/// The member that has one value of its own in each alternative, and these values.
pub(super) fn discriminator(document: &Document, alternatives: &[Node]) -> Option<(String, Vec<String>)> {
    let first = document.resolve(alternatives.first()?)?;
    let members = first.get("properties")?.as_object()?;
    members.iter().find_map(|(name, _)| {
        let mut values = Vec::new();
        for alternative in alternatives {
            let member = document.resolve(alternative)?.get("properties")?.get(name);
            let member = member.and_then(|member| document.resolve(member));
            let only = member.and_then(|member| member.get("enum")).and_then(Node::as_array);
            let value = only.filter(|only| only.len() == 1).and_then(<[Node]>::first).map(written)?;
            if values.contains(&value) {
                return None;
            }
            values.push(value);
        }
        Some((name.to_owned(), values))
    })
}

/// A value as it is written on a command line.
pub(super) fn written(node: &Node) -> String {
    match node.as_str() {
        Some(text) => text.to_owned(),
        None => node.to_json().to_string(),
    }
}
