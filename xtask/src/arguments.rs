//! The flags of every command.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Keeps the SWPanel client in step with the document that SWPanel publishes.
///
/// Exit codes: 0 nothing to do or done, 4 something changed or was mended and a person should look,
/// 100 refused or failed, 2 wrong usage.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", disable_help_subcommand = true)]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
    /// The workspace; otherwise it is looked for from the current folder upwards.
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,
    /// How to say it; with `json`, standard output is one JSON value and nothing else.
    #[arg(long, global = true, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Read the source, convert it to swpanel-api.json, list the public API, seal the lock.
    Sync(SyncFlags),
    /// Tell whether the files are those that the lock seals (offline, hashes only).
    Check,
    /// Take the present state into the snapshots, delete those without an operation, renew README's coverage.
    Accept,
    /// Tell what is covered, operation by operation.
    Coverage(CoverageFlags),
}

/// Flags of `sync`.
#[derive(Debug, Args)]
pub(crate) struct SyncFlags {
    /// A document to take instead of the embedded one: a file, or `-` for standard input.
    #[arg(long, value_name = "FILE|-")]
    pub(crate) from: Option<String>,
    /// Write nothing; exit with 4 where something would be written.
    #[arg(long)]
    pub(crate) check: bool,
    /// Take a document that has less than 60 % of the operations of the present one.
    #[arg(long)]
    pub(crate) accept_shrink: bool,
}

/// Flags of `coverage`.
#[derive(Debug, Args)]
pub(crate) struct CoverageFlags {
    /// Write the table into README.md.
    #[arg(long, conflicts_with = "check")]
    pub(crate) write: bool,
    /// Exit with 4 where README.md has another table.
    #[arg(long)]
    pub(crate) check: bool,
}
