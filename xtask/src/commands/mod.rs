//! One file per command.

pub(crate) mod accept;
pub(crate) mod check;
pub(crate) mod classify;
pub(crate) mod corpus;
pub(crate) mod coverage;
pub(crate) mod demo;
pub(crate) mod diff;
pub(crate) mod discover;
pub(crate) mod examples;
pub(crate) mod fidelity;
pub(crate) mod forms;
pub(crate) mod fuzz;
mod git_driver;
pub(crate) mod import;
pub(crate) mod ingest;
pub(crate) mod observe;
pub(crate) mod probe;
pub(crate) mod rehearse;
pub(crate) mod release;
pub(crate) mod sync;
pub(crate) mod verify;
