//! What stands before a console in production: a proxy that ends TLS and passes bytes on.
#![allow(clippy::disallowed_methods, reason = "a test owns what it spawns")]

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        pki_types::{PrivateKeyDer, pem::PemObject},
    },
};

/// The proxy; it ends with the test.
pub(crate) struct TlsFront {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// Its certificate, PEM.
    pub(crate) certificate: String,
}

impl TlsFront {
    /// Listens on any port of this address, and passes on to that one.
    pub(crate) async fn start(ip: Ipv4Addr, to: SocketAddr) -> Self {
        let made = rcgen::generate_simple_self_signed(vec![ip.to_string()]).unwrap();
        let key = PrivateKeyDer::from_pem_slice(made.signing_key.serialize_pem().as_bytes()).unwrap();
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = config.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key).unwrap();
        let listener = TcpListener::bind((ip, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        tokio::task::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::task::spawn(async move {
                    if let (Ok(mut secure), Ok(mut plain)) = (acceptor.accept(connection).await, TcpStream::connect(to).await) {
                        let _either_side_gone = tokio::io::copy_bidirectional(&mut secure, &mut plain).await;
                    }
                });
            }
        });
        Self { address, certificate: made.cert.pem() }
    }
}
