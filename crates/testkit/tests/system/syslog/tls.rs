//! TLS: a pinned client certificate is demanded and proven, and on the shared listener a name is enough only where the source says who may.

use super::{Bench, SOON, clients::Certificate};
use bailiwick_testkit::eventually;
use rustls::{
    ClientConfig, DigitallySignedStruct, Error, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime},
};
use std::{io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

/// Takes any server, as a sender without our certificate would.
#[derive(Debug)]
struct Anyone(CryptoProvider);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// Sends lines over TLS; an error when the node refuses. `as_who` shows a certificate and signs with a key, its own or another's.
async fn send(to: SocketAddr, name: &str, as_who: Option<(&Certificate, &Certificate)>, lines: &str) -> io::Result<()> {
    let provider = ring::default_provider();
    let builder = ClientConfig::builder_with_provider(Arc::new(provider.clone())).with_safe_default_protocol_versions().unwrap();
    let builder = builder.dangerous().with_custom_certificate_verifier(Arc::new(Anyone(provider.clone())));
    let config = match as_who {
        Some((shown, signs)) => {
            let key = PrivateKeyDer::try_from(signs.key.signing_key.serialize_der()).unwrap();
            let key = provider.key_provider.load_private_key(key).unwrap();
            let certified = rustls::sign::CertifiedKey::new(vec![shown.key.cert.der().clone()], key);
            builder.with_client_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from(certified)))
        }
        None => builder.with_no_client_auth(),
    };
    let stream = TcpStream::connect(to).await?;
    let mut stream = TlsConnector::from(Arc::new(config)).connect(ServerName::try_from(name.to_owned()).unwrap(), stream).await?;
    stream.write_all(lines.as_bytes()).await?;
    stream.shutdown().await?;
    // A refusal may come only now: TLS 1.3 clients are done before the server has looked at them.
    tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut Vec::new())).await.map_err(io::Error::other)?.map(|_| ())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pinned_source_takes_its_client_and_nobody_else() {
    let bench = Bench::start().await;
    let (right, wrong) = (Certificate::new(), Certificate::new());
    let pinned = bench
        .source("pinned", |new| {
            new.syslog_tls = bench.any();
            new.client_certificate = Some(right.sha256.clone());
        })
        .await;
    let open = bench.source("open", |new| new.syslog_tls = bench.any()).await;
    let (to, anybody) = (bench.tls(&pinned), bench.tls(&open));
    send(to, "node.example", Some((&right, &right)), "12 <13>rightone<13>righttwo\n").await.unwrap();
    send(to, "node.example", Some((&wrong, &wrong)), "<13>wrongmark\n").await.unwrap_err();
    send(to, "node.example", Some((&right, &wrong)), "<13>stolenmark\n").await.unwrap_err();
    send(to, "node.example", None, "<13>namelessmark\n").await.unwrap_err();
    send(anybody, "node.example", None, "<13>anybodymark\n").await.unwrap();
    bench.found(&pinned, "rightone", 1).await;
    bench.found(&pinned, "righttwo", 1).await;
    bench.found(&open, "anybodymark", 1).await;
    bench.kept(&pinned, 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_shared_listener_takes_a_name_only_where_the_source_says_who_may() {
    let bench = Bench::start().await;
    let certificate = Certificate::new();
    let pinned = bench.source("pinned", |new| new.client_certificate = Some(certificate.sha256.clone())).await;
    let near = bench.source("near", |new| new.allowed = vec!["127.0.0.0/8".into()]).await;
    let far = bench.source("far", |new| new.allowed = vec!["192.0.2.0/24".into()]).await;
    let unguarded = bench.source("unguarded", |_| {}).await;
    let to = bench.shared().tls.unwrap();
    let name = |source: &bailiwick_api::CreatedSource| format!("{}.syslog.example", source.source.id);
    send(to, &name(&pinned), Some((&certificate, &certificate)), "<13>pinnedmark\n").await.unwrap();
    send(to, &name(&pinned), None, "<13>nocertificatemark\n").await.unwrap_err();
    send(to, &name(&near), None, "<13>nearmark\n").await.unwrap();
    for source in [&far, &unguarded] {
        send(to, &name(source), None, "<13>unprovenmark\n").await.unwrap();
    }
    let keyed = format!("<38>1 - h a - - [bailiwick@32473 key=\"{}\"] keyedmark\n", unguarded.ingest_key);
    send(to, "node.example", None, &keyed).await.unwrap();
    bench.found(&pinned, "pinnedmark", 1).await;
    bench.found(&near, "nearmark", 1).await;
    bench.found(&unguarded, "keyedmark", 1).await;
    eventually(SOON, "three events", async || bench.site.search("").await.unwrap().len() == 3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_says_nothing_of_tls_is_let_go() {
    let bench = Bench::start().await;
    let source = bench.source("tls", |new| new.syslog_tls = bench.any()).await;
    let mut stream = TcpStream::connect(bench.tls(&source)).await.unwrap();
    stream.write_all(b"<13>plainmark\n<13>plainmark\n").await.unwrap();
    let end = tokio::time::timeout(Duration::from_secs(15), stream.read_to_end(&mut Vec::new())).await;
    assert!(end.is_ok(), "the handshake has a deadline");
    bench.kept(&source, 0).await;
}
