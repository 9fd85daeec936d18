//! Which certificates are accepted: those an authority vouches for, and the one whose fingerprint somebody entered.

use crate::ClientError;
use data_encoding::HEXLOWER;
use rustls::{
    ClientConfig, DigitallySignedStruct, Error as TlsError, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::CryptoProvider,
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use rustls_platform_verifier::Verifier;
use sha2::{Digest, Sha256};
use std::{
    fmt,
    str::FromStr,
    sync::{Arc, OnceLock},
};

/// SHA-256 of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    fn of(certificate: &CertificateDer<'_>) -> Self {
        Self(Sha256::digest(certificate).into())
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl FromStr for Fingerprint {
    type Err = &'static str;

    /// Hex, in any case, with or without colons and spaces.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let hex: String = text.chars().filter(|c| !matches!(c, ':' | ' ')).collect::<String>().to_lowercase();
        let bytes = HEXLOWER.decode(hex.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or("expected the SHA-256 of a certificate: 64 hex digits")
    }
}

/// What a server showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Of its own certificate.
    pub fingerprint: Fingerprint,
    /// Whether an authority vouches for it, for this name, today.
    pub trusted: bool,
}

/// Asks the authorities first, then the fingerprint; remembers what was shown.
#[derive(Debug)]
struct Check {
    authorities: Verifier,
    accepts: Accepts,
    shown: Arc<OnceLock<Shown>>,
}

#[derive(Clone, Copy, Debug)]
enum Accepts {
    /// What an authority vouches for, and this one.
    Pinned(Fingerprint),
    /// Anything, to look at it: nothing secret is sent over it.
    Anything,
}

/// TLS that accepts this certificate, too.
pub(crate) fn pinned(fingerprint: Fingerprint) -> Result<ClientConfig, ClientError> {
    config(Accepts::Pinned(fingerprint), Arc::default())
}

/// TLS that accepts anything, and what it will have been shown.
pub(crate) fn looking() -> Result<(ClientConfig, Arc<OnceLock<Shown>>), ClientError> {
    let shown = Arc::default();
    Ok((config(Accepts::Anything, Arc::clone(&shown))?, shown))
}

fn config(accepts: Accepts, shown: Arc<OnceLock<Shown>>) -> Result<ClientConfig, ClientError> {
    let fault = |error: TlsError| ClientError::Tls(error.to_string());
    let provider: Arc<CryptoProvider> = Arc::new(rustls::crypto::ring::default_provider());
    let authorities = Verifier::new(Arc::clone(&provider)).map_err(fault)?;
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(fault)?;
    let check = Arc::new(Check { authorities, accepts, shown });
    Ok(builder.dangerous().with_custom_certificate_verifier(check).with_no_client_auth())
}

impl ServerCertVerifier for Check {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        let verdict = self.authorities.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        let fingerprint = Fingerprint::of(end_entity);
        self.shown.get_or_init(|| Shown { fingerprint, trusted: verdict.is_ok() });
        match self.accepts {
            Accepts::Pinned(known) if known != fingerprint => verdict,
            Accepts::Pinned(_) | Accepts::Anything => Ok(ServerCertVerified::assertion()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        self.authorities.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        self.authorities.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.authorities.supported_verify_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_read_however_it_was_copied() {
        let plain = "00ff".repeat(16);
        let read: Fingerprint = plain.parse().unwrap();
        assert_eq!(read.to_string(), plain);
        let colons = plain.as_bytes().chunks(2).map(|pair| String::from_utf8_lossy(pair).to_uppercase()).collect::<Vec<_>>().join(":");
        assert_eq!(colons.parse(), Ok(read));
        for wrong in ["", "00ff", &"0g".repeat(32), &"00".repeat(33)] {
            assert!(wrong.parse::<Fingerprint>().is_err(), "{wrong}");
        }
    }
}
