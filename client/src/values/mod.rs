//! Values that generated types hold where the API is looser than Rust, or where a value must not be shown.

mod access;
mod constant;
mod date;
mod json;
mod members;
mod number_or_text;
mod one_or_many;
mod secret;

pub use constant::{False, True};
pub use date::Date;
pub use json::{Binary, Json};
pub use members::Members;
pub(crate) use members::is_secret;
pub use number_or_text::NumberOrText;
pub use one_or_many::OneOrMany;
pub(crate) use secret::REDACTED;
pub use secret::{Secret, SecretJson};
