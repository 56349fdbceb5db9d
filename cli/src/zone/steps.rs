//! The order in which a plan is done: what is new comes before what goes, so that a name is never without its records.
//! Where a CNAME and another record change places at one name, the old one goes first: RFC 1034, 3.6.2, allows nothing
//! beside a CNAME, and the API would refuse the new one.

use std::collections::{BTreeMap, BTreeSet};

/// A change of one record, as far as the order depends on it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Change<'c> {
    pub(super) name: &'c str,
    pub(super) is_alias: bool,
}

/// What a step does: the place of its record among those to create, or among those to delete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Create(usize),
    Delete(usize),
}

/// The steps of a plan in their order.
pub(super) fn steps(create: &[Change<'_>], delete: &[Change<'_>]) -> Vec<Step> {
    let aliases: BTreeSet<&str> =
        create.iter().chain(delete).filter(|change| change.is_alias).map(|change| change.name).collect();
    let created: BTreeSet<&str> = create.iter().map(|change| change.name).collect();
    // By name: the steps that delete, then those that create.
    let mut swapped: BTreeMap<&str, (Vec<Step>, Vec<Step>)> = BTreeMap::new();
    let mut last = Vec::new();
    for (at, change) in delete.iter().enumerate() {
        if created.contains(change.name) && aliases.contains(change.name) {
            swapped.entry(change.name).or_default().0.push(Step::Delete(at));
        } else {
            last.push(Step::Delete(at));
        }
    }
    let mut steps = Vec::new();
    for (at, change) in create.iter().enumerate() {
        match swapped.get_mut(change.name) {
            Some((_, created)) => created.push(Step::Create(at)),
            None => steps.push(Step::Create(at)),
        }
    }
    steps.extend(swapped.into_values().flat_map(|(deleted, created)| deleted.into_iter().chain(created)));
    steps.extend(last);
    steps
}
