//! Operations that several places of a source describe, joined: one for each method and path.

use std::collections::BTreeMap;

use super::model::{Api, Doubt, Operation};
use super::url;

/// Brings operations into a form that a document can hold: one per method and path, each with a usable path.
pub(super) fn settle(api: &mut Api) {
    let mut merged: Vec<Operation> = Vec::new();
    let mut known: std::collections::HashMap<(String, String), usize> = std::collections::HashMap::new();
    let mut names: std::collections::HashMap<String, String> = std::collections::HashMap::new();
    for mut operation in std::mem::take(&mut api.operations) {
        let anonymous = url::anonymous(&operation.path);
        match known.get(&(operation.method.clone(), anonymous.clone())).and_then(|at| merged.get_mut(*at)) {
            Some(same) => {
                super::requests::rename_path(&mut operation, &super::requests::parameter_names_of(&same.path));
                let message = format!("{} is described more than once; the descriptions were joined", same.key());
                api.log.add(Doubt::Note, "operations-joined", &same.key(), &operation.place, message);
                same.merge(operation);
            }
            None => {
                // One path has one spelling.
                let path = names.entry(anonymous.clone()).or_insert_with(|| operation.path.clone()).clone();
                super::requests::rename_path(&mut operation, &super::requests::parameter_names_of(&path));
                if url::anonymous(&path) == url::anonymous(&operation.path) {
                    operation.path = path;
                }
                known.insert((operation.method.clone(), anonymous), merged.len());
                merged.push(operation);
            }
        }
    }
    let mut ids: BTreeMap<String, usize> = BTreeMap::new();
    for operation in &merged {
        *ids.entry(operation.id.clone()).or_default() += 1;
    }
    for operation in &mut merged {
        if ids.get(&operation.id).is_some_and(|count| *count > 1) {
            operation.id.clear();
        }
    }
    api.operations = merged;
}
