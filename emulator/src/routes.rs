//! What an emulator serves of a document, as data.

use bytes::Bytes;

use crate::StartError;
use crate::behaviour::Special;
use crate::document::{Api, Operation};

/// An operation that an emulator serves.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Route {
    /// Method in upper case.
    pub method: String,
    /// Path as the document writes it.
    pub path: String,
    /// What it was found to do: list, read, create, update, delete, view, action, and so on.
    pub role: &'static str,
    /// Whether it has a behaviour of its own besides its role's.
    pub by_hand: bool,
}

/// What an emulator would serve of a document, and what it would not, each with the reason.
///
/// # Errors
/// [`StartError::Document`] where it is no OpenAPI document in JSON.
pub fn routes(document: &[u8]) -> Result<(Vec<Route>, Vec<String>), StartError> {
    let api = Api::read(Bytes::copy_from_slice(document))?;
    Ok((routes_of(&api), api.unserved))
}

pub(crate) fn routes_of(api: &Api) -> Vec<Route> {
    let one = |operation: &Operation| Route {
        method: operation.method.clone(),
        path: operation.template.clone(),
        role: operation.role.word(),
        by_hand: operation.row.special != Special::None,
    };
    let unserved = |operation: &&Operation| {
        !api.unserved.iter().any(|unserved| unserved.starts_with(&format!("{}:", operation.key)))
    };
    api.operations.iter().filter(unserved).map(one).collect()
}
