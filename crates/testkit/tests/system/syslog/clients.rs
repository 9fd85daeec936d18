//! Programs from Debian as child processes: unpacked once by `scripts/syslog-clients`, killed by their process id.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    time::Duration,
};
use tempfile::TempDir;

/// A program that runs until it is dropped, and a directory of its own.
pub(crate) struct Client {
    child: Child,
    pub(crate) dir: TempDir,
}

impl Drop for Client {
    fn drop(&mut self) {
        let _gone_already = self.child.kill();
        let _status = self.child.wait();
    }
}

impl Client {
    /// Starts rsyslog; what it is given on its socket goes through `actions`.
    pub(crate) async fn rsyslog(actions: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let socket = dir.path().join("log");
        let config = format!(
            "global(workDirectory=\"{}\" maxMessageSize=\"64k\" localHostname=\"web-01\" net.enableDNS=\"off\")\n\
             module(load=\"imuxsock\" SysSock.Use=\"off\")\n\
             input(type=\"imuxsock\" Socket=\"{}\" RateLimit.Interval=\"0\" UseSysTimeStamp=\"on\")\n{actions}\n",
            dir.path().display(),
            socket.display()
        );
        fs::write(dir.path().join("conf"), config).unwrap();
        let mut command = Command::new(part("rsyslogd"));
        command.env("LD_LIBRARY_PATH", part("rsyslog_libraries")).args(["-n", "-M", &part("rsyslog_modules"), "-iNONE", "-f"]);
        command.arg(dir.path().join("conf"));
        Self::start(command, dir).await
    }

    /// Starts syslog-ng; what it is given on its socket goes to `destinations`, each named in `names`.
    pub(crate) async fn syslog_ng(destinations: &str, names: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let log: String = names.iter().map(|name| format!(" destination({name});")).collect();
        let config = format!(
            "@version: 3.38\noptions {{ keep-hostname(yes); use-dns(no); stats-freq(0); }};\n\
             source given {{ unix-dgram(\"{}\"); }};\n{destinations}\nlog {{ source(given);{log} }};\n",
            dir.path().join("log").display()
        );
        fs::write(dir.path().join("conf"), config).unwrap();
        let mut command = Command::new(part("syslog_ng"));
        command.env("LD_LIBRARY_PATH", part("syslog_ng_libraries")).args(["--foreground", "--no-caps", "--module-path", &part("syslog_ng_modules")]);
        for (option, file) in [("--cfgfile", "conf"), ("--persist-file", "persist"), ("--control", "control"), ("--pidfile", "pid")] {
            command.arg(option).arg(dir.path().join(file));
        }
        Self::start(command, dir).await
    }

    async fn start(mut command: Command, dir: TempDir) -> Self {
        let said = fs::File::create(dir.path().join("said")).unwrap();
        command.stdin(Stdio::null()).stdout(said.try_clone().unwrap()).stderr(said);
        let child = command.spawn().unwrap();
        let mut client = Self { child, dir };
        let socket = client.dir.path().join("log");
        for _ in 0..200 {
            if socket.exists() {
                return client;
            }
            assert!(client.child.try_wait().unwrap().is_none(), "{}", client.said());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("it does not listen: {}", client.said());
    }

    /// Gives it lines, as a program on its machine would.
    pub(crate) fn give(&self, tag: &str, lines: &[String]) {
        let file = self.dir.path().join("lines");
        fs::write(&file, lines.join("\n") + "\n").unwrap();
        let mut command = Command::new("logger");
        command.arg("--socket").arg(self.dir.path().join("log")).args(["--priority", "auth.info", "--tag", tag]).arg("--file").arg(file);
        run(&mut command);
    }

    /// What it wrote to its terminal.
    pub(crate) fn said(&self) -> String {
        fs::read_to_string(self.dir.path().join("said")).unwrap_or_default()
    }
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Where a part of the clients is.
fn part(name: &str) -> String {
    static PARTS: OnceLock<HashMap<String, String>> = OnceLock::new();
    let parts = PARTS.get_or_init(|| {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/syslog-clients");
        let output = Command::new(&script).output().unwrap();
        assert!(output.status.success(), "{}: {}", script.display(), String::from_utf8_lossy(&output.stderr));
        let said = String::from_utf8(output.stdout).unwrap();
        said.lines().filter_map(|line| line.split_once('=')).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    });
    parts[name].clone()
}

/// A certificate that vouches for itself, with its key, as files; and its SHA-256.
pub(crate) struct Certificate {
    pub(crate) dir: TempDir,
    pub(crate) sha256: String,
    pub(crate) key: rcgen::CertifiedKey<rcgen::KeyPair>,
}

impl Certificate {
    pub(crate) fn new() -> Self {
        use sha2::Digest;
        let (dir, key) = (tempfile::tempdir().unwrap(), rcgen::generate_simple_self_signed(["sender.example".to_owned()]).unwrap());
        fs::write(dir.path().join("certificate"), key.cert.pem()).unwrap();
        fs::write(dir.path().join("key"), key.signing_key.serialize_pem()).unwrap();
        let sha256 = data_encoding::HEXLOWER.encode(&sha2::Sha256::digest(key.cert.der()));
        Self { dir, sha256, key }
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }
}
