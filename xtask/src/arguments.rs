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
    /// For a pull request (`diff` only).
    Markdown,
    /// One page that needs nothing else (`diff` and `coverage` only).
    Html,
    /// Annotations beside the lines of a pull request on GitHub (`diff` only).
    Github,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Read the source, convert it to swpanel-api.json, list the public API, seal the lock.
    Sync(SyncFlags),
    /// Find the API document behind the address of a documentation page.
    Discover(DiscoverFlags),
    /// Take any API document into a folder, with its ledger and findings, and as a crate that compiles.
    ///
    /// Exit code: 0 where nothing was mended and nothing is lost (what another version only says in other words is a
    /// `rewrite` in ledger.json, and no mend); 4 where the ledger has a `mend` (a defect put right, or a name that two
    /// things had) or a `loss`; 100 where the document is refused, and DIR is neither made nor touched.
    Ingest(IngestFlags),
    /// Convert documentation that is not OpenAPI (collections, saved pages, apiDoc, Markdown, HAR) to an OpenAPI document.
    ///
    /// Exit code: 0 where the source documents everything that was written; 4 where something was guessed, read from
    /// samples that disagree, left out, or is not said by the source; 100 where the source is rejected, and FILE is not
    /// touched.
    Import(ImportFlags),
    /// Compare two documents: what changed, whom it breaks, and why.
    Diff(DiffFlags),
    /// Take every document of a folder through all stages, and print a table of how it went.
    ///
    /// A folder with an `index.json` holds documentation in other forms: each form is imported, and held against the
    /// OpenAPI document that the index names for it, by the folder's own `score.py`.
    Corpus(CorpusFlags),
    /// Tell whether the files are those that the lock seals (offline, hashes only).
    Check,
    /// Take the present state into the snapshots, delete those without an operation, renew README's coverage.
    Accept,
    /// Show the product in a minute, offline: an emulator, a sync from its documentation page, a release, a call.
    Demo,
    /// Tell what is covered, operation by operation.
    Coverage(CoverageFlags),
    /// Prepare the next version: number by what changed, changelog, packages built from their tarballs. Publishes nothing.
    Release(ReleaseFlags),
    /// Tell how much of what the document says of its types the generated Rust types say too.
    Fidelity,
    /// Show the operations that knowledge.toml does not classify, and propose an entry for each.
    Classify(ClassifyFlags),
    /// Rehearse the day on which SWPanel's own document arrives, with documents derived from the reconstruction.
    ///
    /// Each one is synchronized into a copy of the workspace in `target/rehearsal` and compared with the reconstruction:
    /// what spends, destroys or is secret must stay so, and names must stay. `accept` and the whole test suite then run in
    /// the copy, for the documents that are named, else for two of them.
    Rehearse(RehearseFlags),
    /// Run the tests that take minutes, which `cargo test` ignores.
    Verify(VerifyFlags),
    /// Run a target with mutated inputs until the time is over or one of them fails; the input is kept.
    Fuzz(FuzzFlags),
    /// Hold a live API against the document: GETs that only read, within a budget; shapes are kept, values never.
    Probe(ProbeFlags),
    /// Propose an overlay from what the last probe saw, or from recorded traffic; shapes are kept, values never.
    Observe(ObserveFlags),
    /// Compare the requests in a checkout of the vendor's example clients with the document, or with an older checkout.
    ///
    /// Exit code: 0 where nothing differs (operations that the examples do not show are listed, and are no difference);
    /// 4 where something differs; 100 where nothing can be read.
    Examples(ExamplesFlags),
}

/// Flags of `sync`.
#[derive(Debug, Args)]
pub(crate) struct SyncFlags {
    /// A document to take instead of the embedded one: a file, an address (of it, or of its documentation page), or `-` for standard input.
    #[arg(long, value_name = "FILE|URL|-")]
    pub(crate) from: Option<String>,
    /// Write nothing; exit with 4 where something would be written.
    #[arg(long)]
    pub(crate) check: bool,
    /// Take a document that has less than 60 % of the operations of the present one.
    #[arg(long)]
    pub(crate) accept_shrink: bool,
    /// Ask no network, whatever is named.
    #[arg(long)]
    pub(crate) offline: bool,
    /// Make the files again from upstream/ byte for byte as the lock seals them, or say which link of the chain broke.
    #[arg(long, conflicts_with = "from")]
    pub(crate) locked: bool,
    #[command(flatten)]
    pub(crate) fetch: FetchFlags,
}

/// Flags of `classify`.
#[derive(Debug, Args)]
pub(crate) struct ClassifyFlags {
    /// Accept the loose matches of these kinds, as they are printed (`slashes`, `letter-case+slashes`), or `all`.
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    pub(crate) accept: Vec<String>,
    /// Add the proposed entries to knowledge.toml, each with its reason, for review in version control.
    #[arg(long)]
    pub(crate) write: bool,
}

/// Flags of `rehearse`.
#[derive(Debug, Args)]
pub(crate) struct RehearseFlags {
    /// The derived documents to rehearse with (default: all).
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,
    /// Print the names of the derived documents, and how each differs from the reconstruction.
    #[arg(long)]
    pub(crate) list: bool,
    /// Only synchronize and compare, which takes seconds; run no tests.
    #[arg(long, conflicts_with = "list")]
    pub(crate) sync_only: bool,
}

/// Flags of `verify`.
#[derive(Debug, Args)]
pub(crate) struct VerifyFlags {
    /// Run the slow tests: nested builds for other documents, and published documents where SWPANEL_CORPUS names them.
    #[arg(long)]
    pub(crate) slow: bool,
}

/// Flags of `discover`.
#[derive(Debug, Args)]
pub(crate) struct DiscoverFlags {
    /// The address of a page or a document.
    pub(crate) address: String,
    #[command(flatten)]
    pub(crate) fetch: FetchFlags,
}

/// Flags of `ingest`.
#[derive(Debug, Args)]
pub(crate) struct IngestFlags {
    /// A file, an address, or `-` for standard input.
    #[arg(value_name = "SOURCE")]
    pub(crate) source: String,
    /// The folder that document, ledger and findings go to.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Also a crate of its own, in DIR/crate.
    #[arg(long = "crate")]
    pub(crate) crate_: bool,
    #[command(flatten)]
    pub(crate) fetch: FetchFlags,
}

/// Flags of `import`.
#[derive(Debug, Args)]
pub(crate) struct ImportFlags {
    /// A file, a folder, an address, or `-` for standard input.
    #[arg(value_name = "SOURCE")]
    pub(crate) source: String,
    /// The OpenAPI document to write.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Also write the places for a person to review, as Markdown.
    #[arg(long, value_name = "FILE")]
    pub(crate) review: Option<PathBuf>,
    /// Also write the conversion log, as JSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) log: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) fetch: FetchFlags,
}

/// Flags of `diff`.
#[derive(Debug, Args)]
pub(crate) struct DiffFlags {
    /// The document as it was: a file, an address, `-`, or `git:REV[:PATH]` (without a path, swpanel-api.json)
    /// [default: git:HEAD].
    #[arg(value_name = "OLD")]
    pub(crate) old: Option<String>,
    /// The document as it is [default: swpanel-api.json of the workspace].
    #[arg(value_name = "NEW")]
    pub(crate) new: Option<String>,
    /// The other arguments that git gives to a diff driver.
    #[arg(value_name = "GIT", hide = true, num_args = 5..=7, allow_hyphen_values = true)]
    pub(crate) git: Vec<String>,
    /// The mildest verdict that ends with exit code 4.
    #[arg(long, value_name = "VERDICT", default_value = "breaking")]
    pub(crate) fail_on: FailOn,
    /// What the Rust verdict is taken from.
    #[arg(long, value_name = "GROUND", default_value = "auto")]
    pub(crate) rust: RustGround,
    /// Verdicts set otherwise, findings accepted, paths left out [default: .swpanel-drift.toml of the folder or the workspace].
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// List the ids of all findings instead.
    #[arg(long, conflicts_with_all = ["old", "new"])]
    pub(crate) rules: bool,
    #[command(flatten)]
    pub(crate) fetch: FetchFlags,
}

/// What the Rust verdict rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RustGround {
    /// The listings, where both documents have at most 512 KiB and both clients can be generated; else the changes.
    Auto,
    /// Each change by itself.
    Changes,
    /// Both clients are generated, the names of the second pinned by the first, and their public APIs compared.
    Listing,
}

/// What is taken for a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// A consumer can fail.
    Breaking,
    /// Or it cannot be decided.
    Warning,
    /// Or anything changed.
    Any,
}

/// Flags of `corpus`.
#[derive(Debug, Args)]
pub(crate) struct CorpusFlags {
    /// The folder; without it `specs` in the folder that SWPANEL_CORPUS names.
    #[arg(value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
    /// Compile each generated client too (in target/corpus; takes minutes).
    #[arg(long)]
    pub(crate) compile: bool,
}

/// What may be asked of the network.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct FetchFlags {
    /// A host that may be asked although it is local, private, plain http or another than the page's. Credentials are sent over plain http to this machine only.
    #[arg(long, value_name = "HOST[:PORT]")]
    pub(crate) allow_host: Vec<String>,
    /// Send SWPANEL_TOKEN to the host that was named, and to no other; over https, or to this machine.
    #[arg(long)]
    pub(crate) with_token: bool,
    /// Print every address asked, and why, to standard error.
    #[arg(long)]
    pub(crate) explain: bool,
}

impl SyncFlags {
    /// The flags that the same command needs again, besides source and folder.
    pub(crate) fn repeated(&self) -> Vec<String> {
        let shrink = self.accept_shrink.then(|| "--accept-shrink".to_owned());
        let token = self.fetch.with_token.then(|| "--with-token".to_owned());
        let hosts = self.fetch.allow_host.iter().flat_map(|host| ["--allow-host".to_owned(), host.clone()]);
        shrink.into_iter().chain(token).chain(hosts).collect()
    }
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
    /// Exit with 4 where less than so many per cent of the cells (operations by stages, without `probed`) are covered.
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub(crate) fail_under: Option<f64>,
    /// Also write the table as a page that needs nothing else: a heat map, with what each row rests on.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
}

/// Flags of `fuzz`.
#[derive(Debug, Args)]
pub(crate) struct FuzzFlags {
    /// What is run.
    #[arg(value_name = "TARGET")]
    pub(crate) target: FuzzTarget,
    /// How long.
    #[arg(long, value_name = "N", default_value_t = 60)]
    pub(crate) seconds: u64,
    /// The same seed makes the same inputs [default: drawn at random, and printed].
    #[arg(long, value_name = "S")]
    pub(crate) seed: Option<u64>,
    /// Run this input alone, once: a file that an earlier run kept.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["seed", "seconds"])]
    pub(crate) input: Option<PathBuf>,
    /// The inputs to run in this process.
    #[arg(long, value_name = "DIR", hide = true)]
    pub(crate) batch: Option<PathBuf>,
}

/// What can be run with mutated inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FuzzTarget {
    /// Any document is rejected, or becomes Rust code, the same each time.
    Ingest,
    /// A document does not differ from itself, and any two can be compared.
    Diff,
    /// A zone file that is read and written again reads the same.
    Zone,
    /// A list for `swpanel fleet`: as many items as rows, or an error.
    Csv,
    /// A journal of `swpanel fleet`: what was done is never sent again.
    Journal,
    /// A response: an error is never a success.
    Guard,
}

/// Flags of `probe`.
#[derive(Debug, Args)]
pub(crate) struct ProbeFlags {
    /// The address of the API, version included; https, or a server on this machine.
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: String,
    /// The most requests to send.
    #[arg(long, value_name = "N", default_value_t = 250, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) budget_requests: u64,
    /// The most seconds to take.
    #[arg(long, value_name = "S", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) budget_seconds: u64,
    /// The least milliseconds from one request to the next [default: 250, and 0 on this machine].
    #[arg(long, value_name = "MS", value_parser = clap::value_parser!(u64).range(0..=60_000))]
    pub(crate) pause_ms: Option<u64>,
    #[command(flatten)]
    pub(crate) fetch: FetchFlags,
}

/// Flags of `observe`.
#[derive(Debug, Args)]
pub(crate) struct ObserveFlags {
    /// Recorded traffic instead of the last probe: HAR files that a browser saved, and folders that the client's `record` wrote.
    #[arg(value_name = "HAR|DIR")]
    pub(crate) traffic: Vec<PathBuf>,
    /// The address that the traffic of HAR files went to, version included [default: the servers of the document].
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// The file to write instead of target/probe/observed.overlay.json.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// Flags of `examples`.
#[derive(Debug, Args)]
pub(crate) struct ExamplesFlags {
    /// The checkout: a folder with Python, JavaScript, PHP or shell scripts. They are read, never run.
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// What to compare with instead of the document: an older checkout, or git:REV, a revision of DIR.
    #[arg(long, value_name = "DIR|git:REV")]
    pub(crate) against: Option<String>,
    /// Also a page of the vendor's manual, saved as HTML or text: the operations that it names.
    #[arg(long, value_name = "FILE")]
    pub(crate) page: Vec<PathBuf>,
}

/// Flags of `release`.
#[derive(Debug, Args)]
pub(crate) struct ReleaseFlags {
    /// Do all of it in a copy under target/.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// The revision of the last release [default: the nearest tag `v...`; without one this is the first release].
    #[arg(long, value_name = "REV")]
    pub(crate) since: Option<String>,
    /// What changes of the hand-written API demand at least: only those of the document and its client are seen.
    #[arg(long, value_name = "PART", default_value = "patch")]
    pub(crate) at_least: AtLeast,
    /// Leave out the packages: number and changelog alone.
    #[arg(long)]
    pub(crate) no_package: bool,
}

/// The least part of a version to raise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AtLeast {
    /// Nothing but mended faults.
    Patch,
    /// Something new.
    Minor,
    /// Something that breaks.
    Major,
}

fn percent(text: &str) -> Result<f64, String> {
    let number =
        text.strip_suffix('%').unwrap_or(text).parse::<f64>().ok().filter(|number| (0.0..=100.0).contains(number));
    number.ok_or_else(|| "give a number from 0 to 100".to_owned())
}
