//! Recompiles the crate when a rule of the starter pack is added or removed: the embedding macro only notices files
//! it already knows.

fn main() {
    println!("cargo:rerun-if-changed=../../rules");
}
