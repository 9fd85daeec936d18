//! Who a server is over TLS: the certificate it is given, or one that vouches for itself, made once and known by its fingerprint.

use data_encoding::HEXLOWER;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use sha2::{Digest, Sha256};
use std::{
    fs::{self, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

/// A certificate and its key, as PEM files.
#[derive(Clone, Debug)]
pub struct CertificateFiles {
    /// The certificate, and those that vouch for it.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

impl CertificateFiles {
    /// Where a server keeps the one it makes, in its data directory: `<what>-certificate.pem`, `<what>-key.pem`.
    pub fn own(data: &Path, what: &str) -> Self {
        Self { certificate: data.join(format!("{what}-certificate.pem")), key: data.join(format!("{what}-key.pem")) }
    }
}

/// How a server is called.
#[derive(Clone, Debug, Default)]
pub enum ServeTls {
    /// In clear: behind something that speaks TLS, or on this machine.
    #[default]
    Off,
    /// With a certificate that vouches for itself, made at the first start.
    Own,
    /// With this certificate.
    Files(CertificateFiles),
}

impl ServeTls {
    /// The certificate, for a server that keeps what it makes in `data`; none when it is called in clear.
    pub fn load(&self, data: &Path) -> Result<Option<Certificate>, String> {
        let own = CertificateFiles::own(data, "https");
        match self {
            Self::Off => Ok(None),
            Self::Own => Certificate::load(&own, None).map(Some),
            Self::Files(files) => Certificate::load(&own, Some(files)).map(Some),
        }
    }
}

/// A certificate with its key.
#[derive(Debug)]
pub struct Certificate {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Certificate {
    /// Reads the files that are given, or the server's own, which are made when they are not there. An error names the file.
    pub fn load(own: &CertificateFiles, given: Option<&CertificateFiles>) -> Result<Self, String> {
        let files = given.unwrap_or(own);
        if given.is_none() && !(files.certificate.exists() && files.key.exists()) {
            make(own)?;
        }
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&files.certificate)
            .and_then(Iterator::collect)
            .map_err(|error| format!("{}: {error}", files.certificate.display()))?;
        if chain.is_empty() {
            return Err(format!("{}: no certificate in it", files.certificate.display()));
        }
        let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|error| format!("{}: {error}", files.key.display()))?;
        let certificate = Self { chain, key };
        certificate.server().map_err(|error| format!("{}: {error}", files.key.display()))?;
        Ok(certificate)
    }

    /// The certificate, and those that vouch for it.
    pub fn chain(&self) -> Vec<CertificateDer<'static>> {
        self.chain.clone()
    }

    /// The private key.
    pub fn key(&self) -> PrivateKeyDer<'static> {
        self.key.clone_key()
    }

    /// SHA-256 of the certificate, lower-case hex.
    pub fn fingerprint(&self) -> String {
        self.chain.first().map(fingerprint).unwrap_or_default()
    }

    /// How connections are taken that anybody may make.
    pub fn server(&self) -> Result<Arc<ServerConfig>, rustls::Error> {
        let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider())).with_safe_default_protocol_versions()?;
        let mut config = builder.with_no_client_auth().with_single_cert(self.chain(), self.key())?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

/// SHA-256 of a certificate, lower-case hex.
pub fn fingerprint(certificate: &CertificateDer<'_>) -> String {
    HEXLOWER.encode(&Sha256::digest(certificate))
}

/// Makes a certificate that vouches for itself. Who calls checks it by its fingerprint, so its name says nothing.
fn make(files: &CertificateFiles) -> Result<(), String> {
    let names = ["bailiwick".to_owned(), "localhost".to_owned()];
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(names).map_err(|error| format!("{}: {error}", files.certificate.display()))?;
    // The certificate last: when it is there, both are whole.
    write(&files.key, 0o600, &signing_key.serialize_pem())?;
    write(&files.certificate, 0o644, &cert.pem())
}

fn write(path: &Path, mode: u32, text: &str) -> Result<(), String> {
    let new = path.with_extension("new");
    let written = || {
        if new.exists() {
            fs::remove_file(&new)?;
        }
        let mut file = OpenOptions::new().create_new(true).write(true).mode(mode).open(&new)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, path)
    };
    written().map_err(|error: std::io::Error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_certificate_is_made_once_and_the_key_is_for_its_owner_only() {
        let dir = tempfile::tempdir().unwrap();
        let own = CertificateFiles::own(dir.path(), "https");
        let first = Certificate::load(&own, None).unwrap();
        assert_eq!(fs::metadata(&own.key).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(first.fingerprint(), Certificate::load(&own, None).unwrap().fingerprint());
        let nowhere = CertificateFiles::own(Path::new("/nowhere"), "https");
        assert_eq!(Certificate::load(&nowhere, Some(&own)).unwrap().fingerprint(), first.fingerprint());
    }

    #[test]
    fn files_that_are_wrong_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let own = CertificateFiles::own(dir.path(), "https");
        Certificate::load(&own, None).unwrap();
        let missing = CertificateFiles { certificate: dir.path().join("none.pem"), key: own.key.clone() };
        assert!(Certificate::load(&own, Some(&missing)).unwrap_err().contains("none.pem"));
        let swapped = CertificateFiles { certificate: own.certificate.clone(), key: own.certificate.clone() };
        assert!(Certificate::load(&own, Some(&swapped)).unwrap_err().contains("https-certificate.pem"));
        fs::write(&own.key, "").unwrap();
        assert!(Certificate::load(&own, None).unwrap_err().contains("https-key.pem"));
    }
}
