//! The enrolment code: all a node needs to find one console and no other, in one text that survives a mail program.
//!
//! `bwk1.` and base64url of: length and bytes of the console's address, 10 bytes of id, 32 bytes of seed, 32 bytes of fingerprint, 4 bytes of
//! checksum. The seed is the secret half of a key made for this code: the node proves that it has it and never sends it, and the console
//! keeps the public half alone.

use crate::{Fingerprint, LinkKey};
use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD};
use rand::{TryRngCore, rngs::OsRng};
use sha2::{Digest, Sha256};
use std::{fmt, str::FromStr};
use url::{Host, Url};

const VERSION: &str = "bwk1";
const ID: &str = "code-";
const MAX_TEXT: usize = 1024;
const MAX_ADDRESS: usize = 200;
const FIXED: usize = 10 + 32 + 32;
const CHECK: usize = 4;

/// Why a text is not a code that can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// It does not look like one.
    #[error("not an enrolment code: one begins with {VERSION}.")]
    NotACode,
    /// A later form.
    #[error("this code is of a form that only a newer version knows; update this node first")]
    Newer,
    /// A character was lost or changed.
    #[error("a part of the code is missing or changed; copy it once more, whole")]
    Damaged,
    /// Its address is not one to dial.
    #[error("the code's address is {0}; a link needs https, or this very machine")]
    Address(String),
}

/// A code, read.
#[derive(Clone)]
pub struct EnrolmentCode {
    /// Where the console is.
    pub address: Url,
    /// Names the code at the console.
    pub id: String,
    /// Proves that one has the code.
    pub key: LinkKey,
    /// Of the console's link key.
    pub fingerprint: Fingerprint,
}

impl EnrolmentCode {
    /// Makes a code for the console at this address.
    ///
    /// # Errors
    /// When the address is not one a node may dial, or is longer than 200 bytes.
    pub fn generate(address: Url, fingerprint: Fingerprint) -> Result<Self, CodeError> {
        check_address(&address)?;
        let mut id = [0; 10];
        OsRng.try_fill_bytes(&mut id).map_err(|_| CodeError::Damaged)?;
        let key = LinkKey::generate().map_err(|_| CodeError::Damaged)?;
        Ok(Self { address, id: id_text(&id), key, fingerprint })
    }
}

impl fmt::Debug for EnrolmentCode {
    /// The secret is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnrolmentCode").field("address", &self.address.as_str()).field("id", &self.id).finish_non_exhaustive()
    }
}

impl fmt::Display for EnrolmentCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.address.as_str().as_bytes();
        let mut bytes = vec![u8::try_from(address.len()).map_err(|_| fmt::Error)?];
        bytes.extend_from_slice(address);
        bytes.extend_from_slice(&id_bytes(&self.id).ok_or(fmt::Error)?);
        bytes.extend_from_slice(&self.key.seed());
        bytes.extend_from_slice(&self.fingerprint.0);
        bytes.extend_from_slice(&checksum(&bytes));
        write!(f, "{VERSION}.{}", BASE64URL_NOPAD.encode(&bytes))
    }
}

impl FromStr for EnrolmentCode {
    type Err = CodeError;

    /// Reads a code; white space anywhere in it is passed over.
    fn from_str(text: &str) -> Result<Self, CodeError> {
        if text.len() > MAX_TEXT {
            return Err(CodeError::NotACode);
        }
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let (version, rest) = text.split_once('.').ok_or(CodeError::NotACode)?;
        if version != VERSION {
            let later = version.strip_prefix("bwk").is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
            return Err(if later { CodeError::Newer } else { CodeError::NotACode });
        }
        let bytes = BASE64URL_NOPAD.decode(rest.as_bytes()).map_err(|_| CodeError::Damaged)?;
        let (body, check) = bytes.split_at_checked(bytes.len().saturating_sub(CHECK)).ok_or(CodeError::Damaged)?;
        if check != checksum(body) {
            return Err(CodeError::Damaged);
        }
        read(body)
    }
}

fn read(body: &[u8]) -> Result<EnrolmentCode, CodeError> {
    let (length, rest) = body.split_first().ok_or(CodeError::Damaged)?;
    let (address, rest) = rest.split_at_checked(usize::from(*length)).ok_or(CodeError::Damaged)?;
    if rest.len() != FIXED {
        return Err(CodeError::Damaged);
    }
    let (id, rest) = rest.split_at(10);
    let (seed, fingerprint) = rest.split_at(32);
    let address = std::str::from_utf8(address).map_err(|_| CodeError::Damaged)?;
    let address = Url::parse(address).map_err(|_| CodeError::Damaged)?;
    check_address(&address)?;
    Ok(EnrolmentCode {
        address,
        id: id_text(id),
        key: LinkKey::from_seed(seed.try_into().map_err(|_| CodeError::Damaged)?),
        fingerprint: Fingerprint(fingerprint.try_into().map_err(|_| CodeError::Damaged)?),
    })
}

/// Whether a node may dial this address: https, or plain http on the node's own machine.
///
/// # Errors
/// When it may not, or the address is too long for a code, or holds more than host, port and path.
pub fn check_address(address: &Url) -> Result<(), CodeError> {
    let near = match address.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    let scheme = address.scheme() == "https" || (address.scheme() == "http" && near);
    let plain = address.query().is_none() && address.fragment().is_none() && address.username().is_empty() && address.password().is_none();
    if scheme && plain && address.has_host() && address.as_str().len() <= MAX_ADDRESS {
        return Ok(());
    }
    let shown = format!("{}://{}", address.scheme(), address.host_str().unwrap_or_default());
    Err(CodeError::Address(shown.chars().filter(|c| !c.is_control()).take(MAX_ADDRESS).collect()))
}

fn checksum(body: &[u8]) -> [u8; CHECK] {
    let digest = Sha256::new().chain_update(VERSION).chain_update(body).finalize();
    [digest[0], digest[1], digest[2], digest[3]]
}

fn id_text(id: &[u8]) -> String {
    format!("{ID}{}", BASE32_NOPAD.encode(id).to_ascii_lowercase())
}

fn id_bytes(text: &str) -> Option<[u8; 10]> {
    let text = text.strip_prefix(ID)?.to_ascii_uppercase();
    BASE32_NOPAD.decode(text.as_bytes()).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn code(address: &str) -> EnrolmentCode {
        EnrolmentCode::generate(address.parse().unwrap(), LinkKey::generate().unwrap().public().fingerprint()).unwrap()
    }

    #[test]
    fn a_code_reads_back_also_when_a_mail_program_wrapped_it() {
        let made = code("https://console.example/mssp/");
        let text = made.to_string();
        assert!(text.len() < 240, "{} characters", text.len());
        let wrapped: String = text.chars().enumerate().flat_map(|(n, c)| if n % 60 == 59 { vec![c, '\r', '\n', ' '] } else { vec![c] }).collect();
        for text in [text, wrapped] {
            let read: EnrolmentCode = text.parse().unwrap();
            assert_eq!((read.address.as_str(), &read.id, read.fingerprint), ("https://console.example/mssp/", &made.id, made.fingerprint));
            assert_eq!(read.key.public(), made.key.public());
        }
        assert!(!format!("{made:?}").contains(&made.key.to_text()));
    }

    #[test]
    fn what_is_no_code_is_told_apart() {
        let text = code("http://127.0.0.1:8080/").to_string();
        let fails = |text: &str| text.parse::<EnrolmentCode>().unwrap_err();
        assert_eq!(fails(""), CodeError::NotACode);
        assert_eq!(fails("hello"), CodeError::NotACode);
        assert_eq!(fails(&text.replace("bwk1", "bwk2")), CodeError::Newer);
        assert_eq!(fails(&text[..text.len() - 3]), CodeError::Damaged);
        assert_eq!(fails("bwk1."), CodeError::Damaged);
        assert_eq!(fails(&format!("bwk1.{}", "A".repeat(5_000))), CodeError::NotACode);
    }

    #[test]
    fn only_https_or_this_machine_is_dialled() {
        let check = |text: &str| check_address(&text.parse().unwrap());
        for good in ["https://console.example", "https://10.0.0.1:8443/x/", "http://127.0.0.1:8080", "http://localhost", "http://[::1]:1"] {
            check(good).unwrap();
        }
        for bad in ["http://10.0.0.1", "http://console.example", "ftp://127.0.0.1", "https://a:b@c.example", "https://c.example/?q", "data:x"] {
            assert!(matches!(check(bad), Err(CodeError::Address(_))), "{bad}");
        }
        assert!(check(&format!("https://c.example/{}", "x".repeat(300))).is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in ".{0,300}") {
            let _read = text.parse::<EnrolmentCode>();
        }

        #[test]
        fn no_bytes_behind_a_right_checksum_make_it_panic(body in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut bytes = body.clone();
            bytes.extend_from_slice(&checksum(&body));
            let _read = format!("{VERSION}.{}", BASE64URL_NOPAD.encode(&bytes)).parse::<EnrolmentCode>();
        }

        #[test]
        fn a_changed_character_is_noticed(at in 5..200usize, to in "[A-Za-z0-9_-]") {
            let text = code("https://console.example/").to_string();
            let at = 5 + at % (text.len() - 5);
            let changed = format!("{}{to}{}", &text[..at], &text[at + 1..]);
            prop_assume!(changed != text);
            prop_assert_eq!(changed.parse::<EnrolmentCode>().unwrap_err(), CodeError::Damaged);
        }
    }
}
