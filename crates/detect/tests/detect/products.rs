//! Public rules fire on the samples of the parsers: the logsource of a record routes it to the rules of its product, and its fields
//! have the names those rules use. Skipped where the shared rules are absent.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use bailiwick_detect::{RuleSet, RuleSources};
use bailiwick_event::Outcome;

use crate::support::{Maker, shared_path};

/// A parser, and rules its samples are made to match.
const EXPECTED: &[(&str, &[&str])] = &[
    (
        "auditd",
        &[
            "cb39d16b-b3b6-4a7a-8222-1cf24b686ffc", // Data Exfiltration with Wget
            "4b3cb710-5e83-4715-8c45-8b2b5b3e5751", // Modification of ld.so.preload
            "3761e026-f259-44e6-8826-719ed8079408", // Linux Network Service Scanning
            "53059bc0-1472-438b-956a-7508a94a91f0", // Disable System Firewall
            "759d0d51-bc99-4b5e-9add-8f5b2c8e7512", // Creation Of An User Account
            "f7158a64-6204-4d6d-868a-6e6378b467e0", // Suspicious C2 Activities
            "49aae26c-450e-448b-911d-b3c13d178dfc", // Linux Keylogging with Pam.d
        ],
    ),
    ("azure-activity", &["d22b4df4-5a67-4859-a578-8c9a0b5af9df", "09438caa-07b1-4870-8405-1dbafe3dad95"]),
    ("cef", &["d7fb8f0e-bd5f-45c2-b467-19571c490d7e", "304810ed-8853-437f-9e36-c4975c3dfd7e", "1712bafe-be05-4a0e-89d4-17a3ed151bf5"]),
    ("cisco-asa", &["9e8f6035-88bf-4a63-96b6-b17c0508257e"]),
    (
        "entra",
        &[
            "2b7d6fc0-71ac-4cf7-8ed1-b5788ee5257a", // Account Lockout
            "ea1a07f0-3dac-47a2-aeb4-86f5379ba2b4", // Sign-in with the user agent axios
            "5afa454e-030c-4ab4-9253-a90aa7fcc581", // Device Registration Without MFA
            "28eea407-28d7-4e42-b0be-575d5ba60b2c", // Only Single Factor Authentication Required
            "4f77e1d7-3982-4ee0-8489-abf2d6b75284", // Sign-ins from Non-Compliant Devices
            "6f583da0-3a90-4566-a4ed-83c09fe18bbf", // Account Created And Deleted
            "7ea78478-a4f9-42a6-9dcd-f861816122bf", // Disabled MFA
            "a0413867-daf3-43dd-9245-734b3a787942", // Bitlocker Key Retrieval
            "28ecba0a-c743-4690-ad29-9a8f6f25a6f9", // Password Spray Activity
            "19128e5e-4743-48dc-bd97-52e5775af817", // Leaked Credentials
        ],
    ),
    (
        "fortinet",
        &[
            "cd0a4943-0edd-42cf-b50c-06f77a10d4c1", // New Administrator Account Created
            "d7fb8f0e-bd5f-45c2-b467-19571c490d7e", // Cleartext Protocol Usage
            "78cc2dd2-7d20-4d32-93ff-057084c38b93", // Antivirus Password Dumper Detection
            "b494b165-6634-483d-8c47-2026a6c52372", // Telegram API Access
            "b593fd50-7335-4682-a36c-4edcb68e4641", // Monero Crypto Coin Mining Pool Lookup
        ],
    ),
    ("gcp-audit", &["4d9f2ee2-c903-48ab-b9c1-8c0f474913d0", "780601d1-6376-4f2a-884e-b8d45599f78c", "eafe6f2b-cfec-4612-aec2-49563c33a087"]),
    ("github-audit", &["16a71777-0b2e-4db7-9888-9d59cb75200b", "3908d64a-3c06-4091-b503-b3a94424533b"]),
    (
        "kubernetes-audit",
        &[
            "402b955c-8fe0-4a8c-b635-622b4ac5f902", // Container With A hostPath Mount Created
            "c5cd1b20-36bb-488d-8c05-486be3d0cb97", // Privileged Container Deployed
            "a80d927d-ac6e-443f-a867-e8d6e3897318", // Creation Of Pod In System Namespace
            "eeb3e9e1-b685-44e4-9232-6bb701f925b5", // Kubernetes Secrets Enumeration
            "a1b0ca4e-7835-413e-8471-3ff2b8a66be6", // Potential Remote Command Execution In Pod Container
            "10b97915-ec8d-455f-a815-9a78926585f6", // Kubernetes Rolebinding Modification
            "0d933542-1f1f-420d-97d4-21b2c3c492d9", // Kubernetes Unauthorized or Unauthenticated Access
        ],
    ),
    ("leef", &["d7fb8f0e-bd5f-45c2-b467-19571c490d7e", "304810ed-8853-437f-9e36-c4975c3dfd7e"]),
    (
        "m365",
        &[
            "13f2d3f5-6497-44a7-bf5f-dc13ffafe5dc", // Bypass of a conditional access policy
            "60de9b57-dc4d-48b9-a6a0-b39e0469f876", // Disabling Multi Factor Authentication
            "58f88172-a73d-442b-94c9-95eaed3cbb36", // New Federated Domain Added, by its audit record
            "42127bdd-9133-474f-a6f1-97b6c08a4339", // New Federated Domain Added, as Exchange tells it
            "d8b0a4fe-07a8-41be-bd39-b14afa025d95", // Activity from Anonymous IP Addresses
        ],
    ),
    (
        "okta",
        &[
            "bde30855-5c53-4c18-ae90-1ff79ebc9578", // User Session Start Via An Anonymising Proxy
            "14701da0-4b0f-4ee6-9c95-2ffb4e73bb9a", // User Account Locked Out
            "413d4a81-6c98-4479-9863-014785fd579c", // Admin Role Assigned
            "5c82f0b9-3c6d-477f-a318-0e14a1df73e0", // Security Threat Detected
        ],
    ),
    ("onelogin", &["62fff148-278d-497e-8ecd-ad6083231a35", "a717c561-d117-437e-b2d9-0118a7035d01"]),
    (
        "paloalto",
        &[
            "d7fb8f0e-bd5f-45c2-b467-19571c490d7e",
            "304810ed-8853-437f-9e36-c4975c3dfd7e",
            "78cc2dd2-7d20-4d32-93ff-057084c38b93",
            "f130a5f1-73ba-42f0-bf1e-b66a8361cb8f", // Potential CVE-2024-3400 Exploitation
        ],
    ),
    ("shadow", &["0ac15ec3-d24f-4246-aa2a-3077bb1cf90e"]),
    ("suricata", &["2975af79-28c4-4d2f-a951-9095f229df29", "1712bafe-be05-4a0e-89d4-17a3ed151bf5"]),
    ("web-error", &["1da8ce0b-855d-4004-8860-7d64d42063b1", "59ec40bb-322e-40ab-808d-84fa690d7e56"]),
    (
        "zeek",
        &[
            "bf74135c-18e8-4a72-a926-0e4f47888c19", // DNS Events Related To Mining Pools
            "705072a5-bb6f-4ced-95b6-ecfa6602090b", // WebDav Put Request
            "7100f7e3-92ce-4584-b7b7-01b40d3d4118", // Default Cobalt Strike Certificate
            "503fe26e-b5f2-4944-a126-eab405cc06e5", // Kerberos Network Traffic RC4 Ticket Encryption
            "bae2865c-5565-470d-b505-9496c87d0c30", // SMB Spoolss Name Piped Usage
            "7b33baef-2a75-4ca3-9da4-34f9a15382d8", // PrintNightmare
            "1fc0809e-06bf-4de3-ad52-25e5263b7623", // Publicly Accessible RDP Service
        ],
    ),
];

/// The ids of the rules that fire on the samples of one parser.
fn fired(rules: &RuleSet, maker: &mut Maker, parser: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../parsers").join(parser).join("samples");
    let mut ids = BTreeSet::new();
    for entry in fs::read_dir(folder).expect("a folder of samples") {
        let text = fs::read_to_string(entry.expect("an entry").path()).expect("a text file");
        for outcome in text.lines().map(|line| maker.outcome(line)) {
            if let Outcome::Record(record) = outcome {
                ids.extend(rules.evaluate(&record).into_iter().map(|hit| hit.rule.id.clone()));
            }
        }
    }
    ids
}

#[test]
fn public_rules_of_each_product_fire_on_its_samples() {
    let Some(archive) = shared_path("sigma-rules-8eaafff.tar.zst") else { return };
    let (rules, _) = RuleSet::load(&RuleSources { starter: false, paths: vec![archive], ..RuleSources::default() }).expect("the archive loads");
    let mut maker = Maker::new();
    let mut missing = Vec::new();
    for (parser, expected) in EXPECTED {
        let fired = fired(&rules, &mut maker, parser);
        eprintln!("{parser}: {} rules fire: {}", fired.len(), fired.iter().cloned().collect::<Vec<_>>().join(" "));
        missing.extend(expected.iter().filter(|id| !fired.contains(**id)).map(|id| format!("{parser}: {id}")));
    }
    assert!(missing.is_empty(), "{missing:#?}");
}
