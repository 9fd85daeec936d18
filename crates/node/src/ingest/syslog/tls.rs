//! Who the node is over TLS (RFC 5425), and which client certificate a source demands.
//!
//! The certificate comes from the settings, or is made once and kept in the data directory. A client is known by the SHA-256 of its own
//! certificate, pinned at the source: no authority vouches for it, but it must prove that it holds the key.

use crate::certificate;
use bailiwick_chassis::certificate::{Certificate, CertificateFiles, fingerprint};
use chrono::{DateTime, Utc};
use rustls::{
    DigitallySignedStruct, DistinguishedName, Error, ServerConfig, SignatureScheme,
    client::danger::HandshakeSignatureValid,
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, UnixTime},
    server::{
        NoServerSessionStorage,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
};
use std::{path::Path, sync::Arc};

/// The node's certificate and key.
#[derive(Debug)]
pub(super) struct Identity {
    provider: Arc<CryptoProvider>,
    certificate: Certificate,
}

impl Identity {
    /// Reads the certificate of the settings, or the one in the data directory, which is made when there is none.
    pub(super) fn load(data: &Path, config: Option<&CertificateFiles>) -> Result<Self, String> {
        let certificate = Certificate::load(&CertificateFiles::own(data, "syslog"), config)?;
        tracing::info!(sha256 = certificate.fingerprint(), "certificate of the syslog ports");
        Ok(Self { provider: Arc::new(ring::default_provider()), certificate })
    }

    /// When the node's own certificate ends; none where that cannot be read.
    pub(super) fn ends(&self) -> Option<DateTime<Utc>> {
        certificate::not_after(self.certificate.chain().first()?)
    }

    /// How connections are taken: with a client certificate of this SHA-256, or without any.
    pub(super) fn server(&self, pin: Option<&str>) -> Result<Arc<ServerConfig>, Error> {
        let builder = ServerConfig::builder_with_provider(Arc::clone(&self.provider)).with_safe_default_protocol_versions()?;
        let builder = match pin {
            Some(pin) => builder.with_client_cert_verifier(Arc::new(Pinned { sha256: plain(pin), provider: Arc::clone(&self.provider) })),
            None => builder.with_no_client_auth(),
        };
        let mut config = builder.with_single_cert(self.certificate.chain(), self.certificate.key())?;
        // Connections live for hours: resuming one is worth neither the memory nor the thought.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(Arc::new(config))
    }
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

    #[test]
    fn a_fingerprint_is_read_as_people_paste_it() {
        assert_eq!(plain("AB:cd:01 "), "abcd01");
    }
}
