//! Words of a command line to the command that they call, its own flags, and the flags that all commands share.

mod accepted;
mod flags;
mod nearest;
mod parse;
mod words;

pub(crate) use accepted::{accepts, refuse_unused};
pub(crate) use flags::{COMMON, OwnFlag, flag};
pub(crate) use nearest::nearest;
pub(crate) use parse::{Given, Parsed, parse};
pub(crate) use words::{Target, below, resolve, target_name};
