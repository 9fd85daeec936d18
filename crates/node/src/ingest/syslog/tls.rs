//! Who the node is over TLS (RFC 5425), and which client certificate a source demands.
//!
//! The certificate comes from the settings, or is made once and kept in the data directory. A client is known by the SHA-256 of its own
//! certificate, pinned at the source: no authority vouches for it, but it must prove that it holds the key.

use super::certificate;
use crate::config::TlsConfig;
use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::{
    DigitallySignedStruct, DistinguishedName, Error, ServerConfig, SignatureScheme,
    client::danger::HandshakeSignatureValid,
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, PrivateKeyDer, UnixTime, pem::PemObject},
    server::{
        NoServerSessionStorage,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
};
use sha2::{Digest, Sha256};
use std::{
    fs::{self, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

/// The node's certificate and key.
#[derive(Debug)]
pub(super) struct Identity {
    provider: Arc<CryptoProvider>,
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Identity {
    /// Reads the certificate of the settings, or the one in the data directory, which is made when there is none.
    pub(super) fn load(data: &Path, config: Option<&TlsConfig>) -> Result<Self, String> {
        let own = TlsConfig { certificate: data.join("syslog-certificate.pem"), key: data.join("syslog-key.pem") };
        let files = config.unwrap_or(&own);
        if config.is_none() && !(files.certificate.exists() && files.key.exists()) {
            make(&own)?;
        }
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&files.certificate)
            .and_then(Iterator::collect)
            .map_err(|error| format!("{}: {error}", files.certificate.display()))?;
        let first = chain.first().ok_or_else(|| format!("{}: no certificate in it", files.certificate.display()))?;
        let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|error| format!("{}: {error}", files.key.display()))?;
        tracing::info!(sha256 = fingerprint(first), file = %files.certificate.display(), "certificate of the syslog ports");
        let identity = Self { provider: Arc::new(ring::default_provider()), key, chain };
        identity.server(None).map_err(|error| format!("{}: {error}", files.key.display()))?;
        Ok(identity)
    }

    /// When the node's own certificate ends; none where that cannot be read.
    pub(super) fn ends(&self) -> Option<DateTime<Utc>> {
        certificate::not_after(self.chain.first()?)
    }

    /// How connections are taken: with a client certificate of this SHA-256, or without any.
    pub(super) fn server(&self, pin: Option<&str>) -> Result<Arc<ServerConfig>, Error> {
        let builder = ServerConfig::builder_with_provider(Arc::clone(&self.provider)).with_safe_default_protocol_versions()?;
        let builder = match pin {
            Some(pin) => builder.with_client_cert_verifier(Arc::new(Pinned { sha256: plain(pin), provider: Arc::clone(&self.provider) })),
            None => builder.with_no_client_auth(),
        };
        let mut config = builder.with_single_cert(self.chain.clone(), self.key.clone_key())?;
        // Connections live for hours: resuming one is worth neither the memory nor the thought.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(Arc::new(config))
    }
}

/// Makes a certificate that vouches for itself. Who sends checks it by its fingerprint, so its name says nothing.
fn make(files: &TlsConfig) -> Result<(), String> {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["bailiwick-node".to_owned(), "localhost".to_owned()]).map_err(|error| format!("syslog certificate: {error}"))?;
    // The certificate last: when it is there, both are whole.
    write(&files.key, 0o600, &signing_key.serialize_pem())?;
    write(&files.certificate, 0o644, &cert.pem())
}

fn write(path: &PathBuf, mode: u32, text: &str) -> Result<(), String> {
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

/// SHA-256 of a certificate in lower-case hex.
fn fingerprint(certificate: &CertificateDer<'_>) -> String {
    HEXLOWER.encode(&Sha256::digest(certificate))
}

/// A fingerprint as people paste it, `AB:CD…`, as we write it.
fn plain(pin: &str) -> String {
    pin.chars().filter(char::is_ascii_hexdigit).map(|c| c.to_ascii_lowercase()).collect()
}

/// Takes one client certificate and no other.
#[derive(Debug)]
struct Pinned {
    sha256: String,
    provider: Arc<CryptoProvider>,
}

impl ClientCertVerifier for Pinned {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(&self, end_entity: &CertificateDer<'_>, _: &[CertificateDer<'_>], _: UnixTime) -> Result<ClientCertVerified, Error> {
        if fingerprint(end_entity) == self.sha256 {
            return Ok(ClientCertVerified::assertion());
        }
        Err(Error::General("the client's certificate is not the one the source names".to_owned()))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_certificate_is_made_once_and_the_key_is_for_the_node_only() {
        let dir = tempfile::tempdir().unwrap();
        let first = Identity::load(dir.path(), None).unwrap();
        let mode = fs::metadata(dir.path().join("syslog-key.pem")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let again = Identity::load(dir.path(), None).unwrap();
        assert_eq!(first.chain, again.chain);
        let files = TlsConfig { certificate: dir.path().join("syslog-certificate.pem"), key: dir.path().join("syslog-key.pem") };
        assert_eq!(Identity::load(Path::new("/nowhere"), Some(&files)).unwrap().chain, first.chain);
    }

    #[test]
    fn files_that_are_wrong_are_named() {
        let dir = tempfile::tempdir().unwrap();
        Identity::load(dir.path(), None).unwrap();
        let (certificate, key) = (dir.path().join("syslog-certificate.pem"), dir.path().join("syslog-key.pem"));
        let missing = TlsConfig { certificate: dir.path().join("none.pem"), key: key.clone() };
        assert!(Identity::load(dir.path(), Some(&missing)).unwrap_err().contains("none.pem"));
        let swapped = TlsConfig { certificate: certificate.clone(), key: certificate };
        assert!(Identity::load(dir.path(), Some(&swapped)).unwrap_err().contains("syslog-certificate.pem"));
        fs::write(&key, "").unwrap();
        assert!(Identity::load(dir.path(), None).unwrap_err().contains("syslog-key.pem"));
    }

    #[test]
    fn a_fingerprint_is_read_as_people_paste_it() {
        assert_eq!(plain("AB:cd:01 "), "abcd01");
    }
}
