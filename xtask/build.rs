//! Tells the tests whether the document is the reconstruction, so that what holds for it alone is reported as ignored
//! once SWPanel's own is there.

fn main() {
    println!("cargo::rustc-check-cfg=cfg(reconstruction)");
    // The lock changes with every sync; what the document is changes only with `upstream/`.
    println!("cargo::rerun-if-changed=../upstream");
    let lock = std::fs::read_to_string("../swpanel-api.lock").unwrap_or_default();
    if lock.lines().any(|line| line == "kind = \"reconstruction\"") {
        println!("cargo::rustc-cfg=reconstruction");
    }
}
