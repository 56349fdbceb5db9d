//! A document to the client's generated module, and to what else is derived from it.
//!
//! document --`prepare`--> generator's view --progenitor--> tokens --`finish`--> [`Generated::code`]
//! --`listing`--> the printed public API; [`Model`] and [`call`] turn JSON examples into Rust calls.

mod call;
mod contract;
mod finish;
mod first_call;
mod generate;
mod items;
mod listing;
mod model;
mod prepare;
mod proof;

pub use call::{Call, call};
pub use contract::contract;
pub use generate::{CodegenError, Generated, generate};
pub use model::{Model, RustType};
pub use prepare::Dropped;
