//! Makes sure there is something to embed: without built pages the binary says how to build them.

use std::{fs, path::Path};

fn main() -> std::io::Result<()> {
    let dist = Path::new("../../web/dist");
    for entry in ["console", "node"] {
        let dir = dist.join(entry);
        fs::create_dir_all(&dir)?;
        let index = dir.join("index.html");
        if !index.exists() {
            fs::write(index, "<!doctype html><title>Bailiwick</title><p>The pages are not built. Run <code>make web</code> and build again.")?;
        }
    }
    println!("cargo::rerun-if-changed=../../web/dist");
    Ok(())
}
