//! Rules from directories, archives and single files; bad ones are named and never stop the others.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use bailiwick_detect::{Level, LoadError, LoadReport, RuleSet, RuleSources};

fn rule(title: &str, id: &str) -> String {
    let id = if id.is_empty() { String::new() } else { format!("id: {id}\n") };
    format!("title: {title}\n{id}logsource:\n    product: linux\ndetection:\n    sel:\n        a: b\n    condition: sel\nlevel: high\n")
}

fn load(path: &Path) -> (RuleSet, LoadReport) {
    RuleSet::load(&RuleSources { paths: vec![path.to_owned()], ..RuleSources::default() }).expect("it loads")
}

const FILES: [&str; 3] = ["rules/one.yml", "rules/deep/two.yaml", "rules/broken.yml"];

fn contents() -> Vec<(&'static str, String)> {
    vec![
        (FILES[0], rule("One", "11111111-0000-0000-0000-000000000001")),
        (FILES[1], rule("Two", "")),
        (FILES[2], "title: Broken\ndetection: [\n".to_owned()),
        ("rules/notes.txt", "not a rule".to_owned()),
        ("rules/._one.yml", "left by macOS".to_owned()),
    ]
}

fn check(path: &Path) -> Vec<String> {
    let (rules, report) = load(path);
    assert_eq!((report.loaded, report.files), (2, 3), "{}: {report:#?}", path.display());
    assert_eq!(report.refused.len(), 1, "{report:#?}");
    assert_eq!((report.refused[0].path.as_str(), report.refused[0].title.as_deref()), ("rules/broken.yml", Some("Broken")));
    let one = rules.rule("11111111-0000-0000-0000-000000000001").expect("found by id");
    assert_eq!((one.level, one.severity, one.path.as_str()), (Level::High, 7, "rules/one.yml"));
    assert!(one.source.starts_with("title: One"));
    rules.rules().map(|rule| rule.id.clone()).collect()
}

fn tar() -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, text) in contents() {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, format!("./{name}"), text.as_bytes()).expect("appends");
    }
    archive.into_inner().expect("finishes")
}

fn zip() -> Vec<u8> {
    let (mut body, mut directory, mut count) = (Vec::new(), Vec::new(), 0_u16);
    for (name, text) in contents() {
        let (deflate, mut crc) = (count % 2 == 0, flate2::Crc::new());
        crc.update(text.as_bytes());
        let packed = if deflate {
            let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
            encoder.write_all(text.as_bytes()).expect("packs");
            encoder.finish().expect("finishes")
        } else {
            text.clone().into_bytes()
        };
        let method: u16 = if deflate { 8 } else { 0 };
        let sizes = [crc.sum(), packed.len() as u32, text.len() as u32].map(u32::to_le_bytes).concat();
        let common = [[20, 0, 0, 0].as_slice(), &method.to_le_bytes(), &[0; 4], &sizes, &(name.len() as u16).to_le_bytes(), &[0; 2]].concat();
        let offset = (body.len() as u32).to_le_bytes();
        body.extend([b"PK\x03\x04".as_slice(), &common, name.as_bytes(), &packed].concat());
        directory.extend([b"PK\x01\x02\x14\x00".as_slice(), &common, &[0; 10], &offset, name.as_bytes()].concat());
        count += 1;
    }
    let end = [&count.to_le_bytes()[..], &count.to_le_bytes(), &(directory.len() as u32).to_le_bytes(), &(body.len() as u32).to_le_bytes(), &[0; 2]]
        .concat();
    [body, directory, b"PK\x05\x06\x00\x00\x00\x00".to_vec(), end].concat()
}

#[test]
fn a_folder_and_every_kind_of_archive_give_the_same_rules() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in contents() {
        let path = folder.path().join("tree").join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("writes");
    }
    let expected = check(&folder.path().join("tree"));
    let gzip = {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(&tar()).expect("packs");
        encoder.finish().expect("finishes")
    };
    let archives = [
        ("a.tar", tar()),
        ("a.tar.gz", gzip.clone()),
        ("a.TGZ", gzip),
        ("a.tar.zst", zstd::encode_all(tar().as_slice(), 3).expect("packs")),
        ("a.zip", zip()),
    ];
    for (name, bytes) in archives {
        let path = folder.path().join(name);
        fs::write(&path, bytes).expect("writes");
        assert_eq!(check(&path), expected, "{name}");
    }
}

#[test]
fn of_two_rules_with_one_id_the_first_wins_and_the_second_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let id = "11111111-0000-0000-0000-000000000001";
    let (a, b) = (folder.path().join("a.yml"), folder.path().join("b.yml"));
    fs::write(&a, rule("First", id)).expect("writes");
    fs::write(&b, rule("Second", id)).expect("writes");
    let (rules, report) = RuleSet::load(&RuleSources { paths: vec![b, a], ..RuleSources::default() }).expect("loads");
    assert_eq!(rules.rule(id).expect("there").title, "Second", "sources are read as listed");
    assert_eq!((report.loaded, report.refused.len()), (1, 1));
    assert!(report.refused[0].reason.contains("already taken by b.yml"), "{:?}", report.refused);
}

#[test]
fn a_source_that_cannot_be_read_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let error = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        File::create(&path).and_then(|mut file| file.write_all(bytes)).expect("writes");
        RuleSet::load(&RuleSources { paths: vec![path], ..RuleSources::default() }).map(|_| ()).expect_err(name)
    };
    assert!(matches!(error("rules.rar", b"Rar!"), LoadError::UnknownKind { .. }));
    assert!(matches!(error("rules.zip", b"not a zip"), LoadError::Read { .. }));
    assert!(matches!(error("rules.tar.zst", b"not zstd"), LoadError::Read { .. }));
    assert!(matches!(error("rules.tar.gz", &[0x1f, 0x8b, 8, 0, 1, 2]), LoadError::Read { .. }));
    let missing = RuleSet::load(&RuleSources { paths: vec![folder.path().join("absent")], ..RuleSources::default() });
    assert!(missing.map(|_| ()).expect_err("absent").to_string().contains("absent"));
}

#[test]
fn correlations_that_cannot_run_say_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let correlation = |title: &str, body: &str| format!("---\ntitle: {title}\nname: {title}\ncorrelation:\n{body}level: high\n");
    let text = [
        rule("Base", "").replace("title: Base", "title: Base\nname: base"),
        correlation("sum", "    type: value_sum\n    rules: [base]\n    timespan: 5m\n    condition: {gte: 3, field: x}\n"),
        correlation("absent", "    type: event_count\n    rules: [nowhere]\n    timespan: 5m\n    condition: {gte: 3}\n"),
        correlation("self", "    type: event_count\n    rules: [self]\n    timespan: 5m\n    condition: {gte: 3}\n"),
        correlation("long", "    type: event_count\n    rules: [base]\n    timespan: 60d\n    condition: {gte: 3}\n"),
        correlation("many", "    type: event_count\n    rules: [base]\n    timespan: 5m\n    condition: {gte: 1000000}\n"),
        correlation("good", "    type: event_count\n    rules: [base]\n    timespan: 5m\n    condition: {gte: 3}\n"),
    ]
    .concat();
    fs::write(folder.path().join("c.yml"), text).expect("writes");
    let (rules, report) = load(folder.path());
    assert_eq!(rules.correlations().len(), 1);
    let reason = |title: &str| report.refused.iter().find(|r| r.title.as_deref() == Some(title)).expect(title).reason.clone();
    for (title, words) in [("sum", "value_sum is not supported"), ("absent", "nowhere"), ("self", "self"), ("long", "31 days"), ("many", "1000000")] {
        assert!(reason(title).contains(words), "{title}: {}", reason(title));
    }
    assert!(!rules.rules().find(|rule| rule.title == "Base").expect("loaded").alerts, "a rule that feeds a correlation is silent");
}
