//! Parsers are embedded: build again when one changes.
#![expect(clippy::print_stdout, reason = "cargo reads a build script's instructions from its standard output")]

fn main() {
    println!("cargo::rerun-if-changed=../../parsers");
}
