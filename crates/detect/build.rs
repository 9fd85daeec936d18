//! Recompiles the crate when a rule of the starter pack is added or removed: the embedding macro only notices files
//! it already knows.
#![expect(clippy::print_stdout, reason = "cargo reads a build script's instructions from its standard output")]

fn main() {
    println!("cargo:rerun-if-changed=../../rules");
}
