//! Files: in through the console, kept and scanned at the node, out again only when clean.

use super::Scene;
use crate::work::SOON;
use bailiwick_api::{Attachment, List};
use bailiwick_node::{AttachmentConfig, Clamd};
use bailiwick_testkit::eventually;
use serde_json::{Value, json};
use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
};

/// What our own signature finds; not the name of any real malware.
const INFECTED: &[u8] = b"BAILIWICK-OWN-TEST-SAMPLE-7f3a91c2";

async fn attach(scene: &Scene, rrn: &str, name: &str, body: Vec<u8>) -> bailiwick_testkit::Answer {
    let path = format!("/api/v1/investigations/{rrn}/attachments?name={name}&type=text/plain");
    scene.world.call(Some(&scene.at), "POST", &path, body).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_goes_in_and_comes_out_unscanned_where_there_is_no_scanner() {
    let scene = Scene::start().await;
    let row = scene.sprayed(1).await.remove(0).row;
    let id = row.rrn.rsplit(':').next().unwrap();
    // More than two parts, so that parts are put together in order.
    let body: Vec<u8> = (0..2_500_000_u32).map(|n| b'a' + (n % 23) as u8).collect();
    let made = attach(&scene, &row.rrn, "..%2Fevil%0Aname.txt", body.clone()).await;
    let file: Attachment = serde_json::from_value(made.body).unwrap();
    assert_eq!((file.file_name.as_str(), file.size, file.scan_status.as_str()), ("evilname.txt", 2_500_000, "UNSCANNED"));
    let back = scene.call("GET", &format!("/{}/attachments/{}", row.rrn, file.id), Value::Null).await;
    assert_eq!(back.body.as_str().map(str::as_bytes), Some(body.as_slice()));
    let header = |name: &str| back.headers[name].to_str().unwrap().to_owned();
    assert_eq!(
        (header("content-disposition"), header("x-content-type-options")),
        ("attachment; filename*=UTF-8''evilname.txt".into(), "nosniff".into())
    );
    assert_eq!(header("content-type"), "application/octet-stream", "it is never shown as what it says it is");

    let own = format!("/api/v1/investigations/{id}/attachments");
    let seen: List<Attachment> = scene.acme.admin.get(&own).await.unwrap();
    assert!(seen.data.is_empty(), "a file of no public comment is for technicians alone");
    assert!(scene.acme.admin.fetch(&format!("{own}/{}", file.id)).await.is_err());
    let comment = json!({"body": "see the file", "visibility": "PUBLIC", "attachments": [file.id]});
    let comment = scene.done("POST", &format!("/{}/comments", row.rrn), comment).await;
    assert_eq!(comment["attachments"][0]["id"], file.id.as_str());
    let taken = json!({"body": "again", "attachments": [file.id]});
    let taken = scene.call("POST", &format!("/{}/comments", row.rrn), taken).await;
    assert_eq!(taken.refusal(), (400, "ATTACHMENT_UNKNOWN", "attachments"));
    assert_eq!(scene.acme.admin.fetch(&format!("{own}/{}", file.id)).await.unwrap(), body);

    assert_eq!(attach(&scene, &row.rrn, "empty", Vec::new()).await.refusal(), (400, "INVALID_INPUT", "body"));
    let large = attach(&scene, &row.rrn, "large", vec![0; (25 << 20) + 1]).await;
    assert_eq!((large.status, large.code()), (413, "TOO_LARGE"));
    let nameless = attach(&scene, &row.rrn, "..", b"x".to_vec()).await;
    assert_eq!(nameless.refusal(), (400, "INVALID_INPUT", "name"));
    let detail = scene.done("GET", &format!("/{}", row.rrn), Value::Null).await;
    assert_eq!(detail["investigation"]["attachment_count"], 1, "what was refused is not counted");
}

/// A clamd of our own, with one signature of our own.
struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _gone = self.0.wait();
    }
}

fn daemon(dir: &Path) -> Daemon {
    let database = dir.join("database");
    fs::create_dir(&database).unwrap();
    let hex: String = INFECTED.iter().map(|byte| format!("{byte:02x}")).collect();
    fs::write(database.join("own.ndb"), format!("Own.Test.Sample:0:*:{hex}\n")).unwrap();
    let config = dir.join("clamd.conf");
    // Otherwise it gives up its rights for a user of the system, who may not read here.
    let user = String::from_utf8(Command::new("id").arg("-un").output().unwrap().stdout).unwrap();
    let text = format!(
        "Foreground yes\nDatabaseDirectory {}\nLocalSocket {}\nPidFile {}\nTemporaryDirectory {}\nUser {}\n",
        database.display(),
        dir.join("clamd.sock").display(),
        dir.join("clamd.pid").display(),
        dir.display(),
        user.trim()
    );
    fs::write(&config, text).unwrap();
    let usual = Path::new("/usr/sbin/clamd");
    let mut command = Command::new(if usual.exists() { usual } else { Path::new("clamd") });
    command.arg("--config-file").arg(&config).stdout(Stdio::null()).stderr(Stdio::null());
    Daemon(command.spawn().expect("clamd is there: scripts/setup test installs it"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clamd_decides_which_file_is_handed_out_and_what_waits_is_scanned_after_a_restart() {
    let mut scene = Scene::start().await;
    let row = scene.sprayed(1).await.remove(0).row;
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("clamd.sock");
    let attachments = AttachmentConfig { clamd: Some(Clamd::Socket(socket.clone())), ..AttachmentConfig::default() };
    scene.world.nodes[0].start_changed(|config| config.attachments = attachments).await.unwrap();
    let clean: Attachment = serde_json::from_value(attach(&scene, &row.rrn, "clean.txt", b"good morning".to_vec()).await.body).unwrap();
    assert_eq!(clean.scan_status.as_str(), "PENDING", "the scanner is not there yet");
    let download = async |id: &str| scene.call("GET", &format!("/{}/attachments/{id}", row.rrn), Value::Null).await;
    assert_eq!(download(&clean.id).await.refusal(), (409, "ATTACHMENT_PENDING", ""));
    drop(clean.comment);
    let _daemon = daemon(dir.path());
    eventually(SOON * 2, "a scanner", async || socket.exists()).await;
    eventually(SOON * 2, "the file that waited is scanned", async || download(&clean.id).await.status == 200).await;
    let infected = attach(&scene, &row.rrn, "bad.bin", [b"before ", INFECTED, b" after"].concat()).await;
    let infected: Attachment = serde_json::from_value(infected.body).unwrap();
    eventually(SOON * 2, "the bad file is found", async || download(&infected.id).await.code() == "ATTACHMENT_INFECTED").await;
    let listed: List<Attachment> = serde_json::from_value(scene.done("GET", &format!("/{}/attachments", row.rrn), Value::Null).await).unwrap();
    let statuses: Vec<_> = listed.data.iter().map(|file| file.scan_status.as_str()).collect();
    assert_eq!(statuses, ["CLEAN", "INFECTED"]);
    assert!(listed.data[1].scan_detail.as_ref().is_some_and(|found| found.contains("Own.Test.Sample")), "{:?}", listed.data[1]);
}
