//! Throwing away what was not synced: a preloaded library keeps a shadow of what is durable (see `durable.c`), and after a kill the
//! directory is put back to that.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The shadow of one directory.
pub(crate) struct Durable {
    library: PathBuf,
    root: PathBuf,
    shadow: PathBuf,
}

impl Durable {
    /// Compiles the library with the machine's C compiler, which Rust needs, too.
    pub(crate) fn of(root: &Path, scratch: &Path) -> Self {
        let library = scratch.join("durable.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/all/durable.c");
        let built = Command::new("cc").args(["-O1", "-shared", "-fPIC", "-o"]).arg(&library).arg(source).arg("-ldl").status().unwrap();
        assert!(built.success(), "durable.c compiles");
        let durable = Self { library, root: root.to_owned(), shadow: scratch.join("shadow") };
        durable.clear();
        durable
    }

    /// What the process under test needs in its environment.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        vec![("LD_PRELOAD", text(&self.library)), ("DURABLE_ROOT", text(&self.root)), ("DURABLE_SHADOW", text(&self.shadow))]
    }

    /// Puts the directory back to what is durable; returns how many files lost something.
    pub(crate) fn throw_away_unsynced(&self) -> usize {
        let mut durable = Vec::new();
        for name in fs::read_dir(self.shadow.join("names")).unwrap() {
            let name = name.unwrap();
            let inode = fs::read_to_string(name.path()).unwrap();
            let content = fs::read(self.shadow.join("inodes").join(inode)).unwrap_or_default();
            durable.push((name.file_name().to_str().unwrap().replace('\u{1}', "/"), content));
        }
        let lost = files(&self.root).iter().filter(|(path, content)| !durable.iter().any(|(p, c)| p == path && c == content)).count();
        fs::remove_dir_all(&self.root).unwrap();
        for (path, content) in durable {
            let path = self.root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        self.clear();
        lost
    }

    fn clear(&self) {
        let _was_not_there = fs::remove_dir_all(&self.shadow);
        fs::create_dir_all(self.shadow.join("names")).unwrap();
        fs::create_dir_all(self.shadow.join("inodes")).unwrap();
    }
}

fn files(root: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let content = fs::read(&path).unwrap();
                found.push((path.strip_prefix(root).unwrap().to_str().unwrap().to_owned(), content));
            }
        }
    }
    found
}
