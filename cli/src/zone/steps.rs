//! The order in which a plan is done: what is new comes before what goes, so that a name is never without its records.
//! Where a CNAME and another record change places at one name, the old one goes first: RFC 1034, 3.6.2, allows nothing
//! beside a CNAME, and the API would refuse the new one.

use std::collections::BTreeSet;

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
    let swapped: BTreeSet<&str> = delete
        .iter()
        .map(|change| change.name)
        .filter(|name| created.contains(name) && aliases.contains(name))
        .collect();
    let of = |changes: &[Change<'_>], step: fn(usize) -> Step, chosen: &dyn Fn(&str) -> bool| -> Vec<Step> {
        let found = changes.iter().enumerate().filter(|(_, change)| chosen(change.name));
        found.map(|(at, _)| step(at)).collect()
    };
    let mut steps = of(create, Step::Create, &|name| !swapped.contains(name));
    for swapped in &swapped {
        steps.extend(of(delete, Step::Delete, &|name| name == *swapped));
        steps.extend(of(create, Step::Create, &|name| name == *swapped));
    }
    steps.extend(of(delete, Step::Delete, &|name| !swapped.contains(name)));
    steps
}
