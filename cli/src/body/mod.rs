//! Flags and files to the JSON body of a request, judged by the document before it is sent.

mod assemble;
pub(crate) mod members;
mod secrets;
mod skeleton;
mod text;
mod unique;
mod validate;
mod values;

pub(crate) use assemble::{assemble, belongs, judge, read_file};
pub(crate) use secrets::{allow_notes, is_secret_name, redacted, secret};
pub(crate) use skeleton::{skeleton, skeleton_json};
pub(crate) use text::{read_text, shown};
pub(crate) use unique::doubled_in_json;
pub(crate) use values::parameter;
