//! `bailiwick customers` and `bailiwick audit` as people and scripts run them, against a console and a node that are processes of their own.

use crate::process::{ConsoleProcess, NodeProcess, PASSWORD, free_address, set_up};
use bailiwick_client::{ConsoleClient, Transport};
use serde_json::Value;
use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

const ADA: &str = "ada@mssp.example";

/// What a command printed, and its exit code.
struct Said {
    code: i32,
    out: String,
    err: String,
}

impl Said {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}{}", self.out, self.err))
    }

    #[track_caller]
    fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        self
    }
}

struct Scene {
    console: String,
    password: String,
    admin_password: String,
}

impl Scene {
    /// Runs the binary with what is in the environment of whoever works there, and no terminal.
    fn run(&self, arguments: &[&str], input: &str) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bailiwick"));
        command.env("BAILIWICK_CONSOLE", &self.console).env("BAILIWICK_EMAIL", ADA);
        command.env("BAILIWICK_PASSWORD", &self.password).env("BAILIWICK_ADMIN_PASSWORD", &self.admin_password);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Said { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
    }

    fn customers(&self, arguments: &[&str]) -> Said {
        self.run(&[&["customers"], arguments].concat(), "")
    }

    fn add(&self, name: &str, port: &str) -> Said {
        let place = ["--server", "127.0.0.1", "--port", port, "--scheme", "http", "--admin", "acme"];
        self.customers(&[&["add", "--name", name, "--mail", "soc@acme.example"], &place[..]].concat())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_are_managed_from_a_shell() {
    let (dir, transport) = (tempfile::tempdir().unwrap(), Transport::new().unwrap());
    let node = NodeProcess::start(&dir.path().join("node"), free_address(), &[]);
    set_up(&transport, &node).await;
    let console = ConsoleProcess::start(&dir.path().join("console"), free_address(), &[]);
    let ada = console.first(&transport).await;
    let scene = Scene { console: console.base.to_string(), password: PASSWORD.into(), admin_password: PASSWORD.into() };
    let port = node.base.port().unwrap().to_string();

    nobody_gets_in(&scene);
    added(&scene, &port);
    changed(&scene);
    let_go_and_taken_back(&scene, &port);
    audited(&scene, &ada, dir.path()).await;
    imported(&scene, &port, dir.path());
    node.kill();
    forced(&scene);
    assert_eq!(console.terminate(), Some(0));
}

/// Each way not to get in has its exit code.
fn nobody_gets_in(scene: &Scene) {
    let with = |console: &str, password: &str| Scene { console: console.into(), password: password.into(), admin_password: String::new() };
    let nobody = format!("http://{}/", free_address());
    assert!(with(&nobody, PASSWORD).customers(&["list"]).ends(3).err.contains("unreachable"));
    assert!(with("http://192.0.2.1/", PASSWORD).customers(&["list"]).ends(2).err.contains("in clear"));
    assert!(with("", PASSWORD).customers(&["list"]).ends(2).err.contains("BAILIWICK_CONSOLE"));
    let refused = with(&scene.console, "not the password").customers(&["list", "--json"]).ends(1);
    assert_eq!(refused.json()["code"], "AUTH_FAILED");
    scene.customers(&["fly"]).ends(2);
    let typed = with(&scene.console, "").run(&["customers", "list", "--json"], &format!("{PASSWORD}\n")).ends(0);
    assert_eq!(typed.json(), Value::Array(Vec::new()), "a password on standard input");
}

fn added(scene: &Scene, port: &str) {
    let wrong = Scene { admin_password: "not the password".into(), console: scene.console.clone(), password: PASSWORD.into() };
    let refused = wrong.add("Acme", port).ends(1);
    assert!(refused.out.contains("FAILED   CREDENTIALS") && refused.err.contains("AUTH_FAILED"), "{}{}", refused.out, refused.err);
    assert!(refused.out.contains("PASSED   PORT") && refused.out.contains("SKIPPED  ENROLMENT"), "{}", refused.out);
    let told = scene.add("Acme", port).ends(0).out;
    assert!(told.contains("PASSED   CREDENTIALS") && told.contains("Acme is customer "), "{told}");
    assert!(scene.add("ACME", port).ends(1).err.contains("NAME_TAKEN"));
    let listed = scene.customers(&["list"]).ends(0).out;
    assert!(listed.starts_with("NAME") && listed.contains("Acme") && listed.contains("1 customers"), "{listed}");
}

fn changed(scene: &Scene) {
    let shown = scene.customers(&["edit", "acme", "--name", "Acme Ltd", "--mail", "it@acme.example", "--json"]).ends(0).json();
    assert_eq!((shown["name"].as_str(), shown["mail"].as_str()), (Some("Acme Ltd"), Some("it@acme.example")));
    assert!(scene.customers(&["show", "acme ltd"]).ends(0).out.contains("it@acme.example"));
    assert!(scene.customers(&["show", "nobody"]).ends(1).err.contains("nobody"));
    scene.customers(&["edit", "acme ltd", "--port", "1"]).ends(2);
    let synced = scene.customers(&["sync", "Acme Ltd"]).ends(0).out;
    assert!(synced.starts_with("Acme Ltd: OK") && synced.contains("components") && synced.contains("licence"), "{synced}");
    let code = scene.customers(&["code", "--name", "Behind", "--mail", "soc@behind.example", "--json"]).ends(0).json();
    assert!(code["code"].as_str().unwrap().starts_with("bwk1."), "{code}");
    let registration = scene.customers(&["export", "acme ltd"]).ends(0).json();
    assert_eq!(registration["customer"]["name"], "Acme Ltd");
}

fn let_go_and_taken_back(scene: &Scene, port: &str) {
    assert!(scene.customers(&["delete", "acme ltd"]).ends(2).err.contains("--yes"));
    assert!(scene.customers(&["delete", "acme ltd", "--yes"]).ends(0).out.contains("taken back until"));
    assert_eq!(scene.customers(&["list", "--json"]).ends(0).json(), Value::Array(Vec::new()));
    assert!(scene.customers(&["restore", "acme ltd"]).ends(0).out.contains("is a customer again"));
    scene.customers(&["restore", "acme ltd"]).ends(1);
    let gone = scene.customers(&["delete", "acme ltd", "--now", "--yes", "--json"]).ends(0).json();
    assert_eq!((gone["name"].as_str(), gone["state"].as_str()), (Some("Acme Ltd"), Some("DONE")));
    scene.add("Acme", port).ends(0);
    scene.customers(&["delete", "acme", "--now", "--yes"]).ends(0);
}

/// An export is proved by our command, and by the recipe of the guide with nothing of ours.
async fn audited(scene: &Scene, ada: &ConsoleClient, dir: &Path) {
    let file = dir.join("audit.ndjson");
    let export = String::from_utf8(ada.fetch("/api/v1/audit/export").await.unwrap()).unwrap();
    std::fs::write(&file, &export).unwrap();
    let path = file.display().to_string();
    let found = scene.run(&["audit", "verify", &path, "--json"], "").ends(0).json();
    assert_eq!((found["entries"].as_u64(), found["gaps"].as_u64()), (Some(export.lines().count() as u64), Some(0)));
    assert!(recipe(dir).is_none_or(|said| said.is_empty()));
    let tampered = export.replacen("customer.add", "customer.eat", 1);
    std::fs::write(&file, &tampered).unwrap();
    let line = export.lines().position(|line| line.contains("customer.add")).unwrap() + 1;
    assert!(scene.run(&["audit", "verify", &path], "").ends(1).out.contains(&format!("broken at line {line}")));
    assert!(scene.run(&["audit", "verify", "-"], &export).ends(0).out.starts_with("ok: "));
    assert!(recipe(dir).is_none_or(|said| said.starts_with("changed: ")));
    scene.run(&["audit", "verify", "/nowhere"], "").ends(2);
}

/// What the guide's loop prints; none where there is no jq.
fn recipe(dir: &Path) -> Option<String> {
    if !Command::new("jq").arg("--version").stdout(Stdio::null()).status().is_ok_and(|status| status.success()) {
        eprintln!("skipped: no jq");
        return None;
    }
    let guide = include_str!("../../../../docs/guides/audit.md");
    let loop_of = guide.split("```sh\n").find(|text| text.starts_with("previous=")).unwrap().split("```").next().unwrap();
    let output = Command::new("bash").arg("-c").arg(loop_of).current_dir(dir).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

fn imported(scene: &Scene, port: &str, dir: &Path) {
    let file = dir.join("customers.csv");
    let line = |name: &str, password: &str| format!("{name},soc@{name}.example,127.0.0.1,{port},http,acme,{password}\n");
    let head = "name,mail,server,port,scheme,admin_user,admin_password\n";
    std::fs::write(&file, format!("{head}{}{}", line("acme", PASSWORD), line("wrong", "not the password"))).unwrap();
    let path = file.display().to_string();
    let told = scene.customers(&["import", &path, "--json"]).ends(1).out;
    let lines: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let results: Vec<_> = lines.iter().filter_map(|line| line["result"].as_str()).collect();
    assert_eq!((results, &lines[2]["added"], &lines[1]["code"]), (vec!["ADDED", "FAILED"], &1.into(), &"AUTH_FAILED".into()));
    std::fs::write(&file, format!("{head}{}", line("acme", PASSWORD))).unwrap();
    let again = scene.customers(&["import", &path]).ends(0).out;
    assert!(again.contains("0 added, 1 unchanged, 0 failed"), "{again}");
}

fn forced(scene: &Scene) {
    assert!(scene.customers(&["force-delete", "acme", "--reason", "gone", "--yes"]).ends(1).err.contains("SOFT_DELETE_FIRST"));
    let refused = scene.customers(&["delete", "acme", "--yes"]).ends(1);
    assert!(refused.out.contains("force-delete") && refused.err.contains("NODE_UNREACHABLE"), "{}{}", refused.out, refused.err);
    let told = scene.customers(&["force-delete", "acme", "--reason", "their server burnt", "--yes", "--json"]).ends(0).json();
    assert_eq!((told["reason"].as_str(), told["state"].as_str()), (Some("their server burnt"), Some("PENDING")));
}
