//! Whom a client trusts.

use std::sync::Arc;

use rcgen::CertifiedKey;
use sentinelone::threats::GetThreatsQuery;
use sentinelone::{Client, Phase};
use sentinelone_tests::{TestClock, page};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::TOKEN;

#[tokio::test]
async fn a_certificate_of_ones_own_is_trusted_if_told_so() {
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("one more");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let acceptor = acceptor(&own);
    let server = tokio::spawn(async move {
        let mut handshakes = 0;
        loop {
            let (connection, _) = listener.accept().await.expect("a connection");
            handshakes += 1;
            let Ok(mut connection) = acceptor.accept(connection).await else { continue };
            // Nothing of a request comes before the client trusts the server.
            let _ = connection.read(&mut [0; 4096]).await.expect("a request");
            connection.write_all(&page(&[], None)).await.expect("an answer");
            connection.shutdown().await.expect("the end");
            return handshakes;
        }
    });

    let clock = TestClock::start();
    let client = |root: Option<&str>| {
        let builder = Client::builder().url(format!("https://localhost:{port}")).token(TOKEN);
        let builder = root.into_iter().fold(builder, |it, pem| it.root_certificates(pem));
        builder.clock(clock.clone()).build().expect("a client")
    };
    let query = GetThreatsQuery::new();
    for root in [None, Some(other.cert.pem())] {
        let error = client(root.as_deref()).get_threats(&query).await.expect_err("not trusted");
        assert_eq!(error.phase(), Some(Phase::Connect));
        // It would fail in the same way again.
        assert_eq!((error.attempts(), error.is_retryable()), (1, false), "{error:?}");
    }
    assert!(clock.sleeps().is_empty());
    client(Some(&own.cert.pem())).get_threats(&query).await.expect("a page");
    assert_eq!(server.await.expect("no panic"), 3);
}

fn acceptor(own: &CertifiedKey<rcgen::KeyPair>) -> TlsAcceptor {
    let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key);
    TlsAcceptor::from(Arc::new(config.expect("a configuration")))
}
