//! The inputs of a batch that `cargo xtask fuzz` made: its worker for what needs this program.

use std::io::Write as _;

/// Runs each input in its order; the name of each is printed before, so that it is known which one failed.
pub(crate) fn each(run: impl Fn(&[u8])) {
    let folder = std::env::var_os("SWPANEL_FUZZ_BATCH").expect("`cargo xtask fuzz` says where the batch is");
    let mut inputs: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    inputs.sort();
    for input in inputs {
        let name = input.file_name().unwrap().to_string_lossy();
        // What tests print is kept back; this is not.
        std::io::stdout().write_all(format!("\n{name}\n").as_bytes()).unwrap();
        run(&std::fs::read(&input).unwrap());
    }
}
