//! A server whose certificate nobody vouches for learns nothing: no address, no key, no letter.

use std::sync::Arc;
use std::time::Duration;

use auth::Postman;
use mail::{Mailer, ResendSettings, Security, SmtpLogin, SmtpSettings};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use wire::Secret;

use crate::support::{outcome, sender, verify_email};

/// Speaks TLS for `localhost` with a certificate it made itself.
fn impostor() -> TlsAcceptor {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .expect("a key that fits");
    TlsAcceptor::from(Arc::new(config))
}

/// Accepts one connection; gives back what was said inside TLS.
async fn listen(starttls: bool) -> (u16, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("listens");
    let port = listener.local_addr().expect("an address").port();
    let heard = tokio::spawn(async move {
        let (mut peer, _) = listener.accept().await.expect("a caller");
        if starttls {
            greet(&mut peer).await;
        }
        let mut heard = String::new();
        if let Ok(mut tls) = impostor().accept(peer).await {
            let _ = tls.read_to_string(&mut heard).await;
        }
        heard
    });
    (port, heard)
}

/// Plain SMTP as far as `STARTTLS`.
async fn greet(peer: &mut TcpStream) {
    let mut peer = BufReader::new(peer);
    for answer in [
        "220 mail.example",
        "250-mail.example\r\n250 STARTTLS",
        "220 go on",
    ] {
        let line = format!("{answer}\r\n");
        peer.get_mut()
            .write_all(line.as_bytes())
            .await
            .expect("answers");
        if !answer.starts_with("220 go on") {
            peer.read_line(&mut String::new()).await.expect("hears");
        }
    }
}

fn smtp(port: u16, security: Security) -> Mailer {
    Mailer::smtp(SmtpSettings {
        host: "localhost".to_owned(),
        port,
        security,
        login: Some(SmtpLogin {
            user: "portal".to_owned(),
            password: Secret::new("hunter2"),
        }),
        from: sender(),
        timeout: Duration::from_secs(10),
    })
    .expect("settings hold")
}

#[tokio::test]
async fn a_mail_server_nobody_vouches_for_gets_nothing() {
    for (security, starttls) in [(Security::Tls, false), (Security::StartTls, true)] {
        let (port, heard) = listen(starttls).await;

        let said = outcome(smtp(port, security).deliver(&verify_email()).await);

        assert!(
            said.starts_with("later: ") && said.contains("certificate"),
            "{said}"
        );
        assert_eq!(heard.await.expect("heard"), "");
    }
}

#[tokio::test]
async fn a_mail_api_nobody_vouches_for_gets_nothing() {
    let (port, heard) = listen(false).await;
    let mailer = Mailer::resend(ResendSettings {
        api_key: Secret::new("re_secret"),
        from: sender(),
        base_url: format!("https://localhost:{port}"),
        timeout: Duration::from_secs(10),
    })
    .expect("settings hold");

    let said = outcome(mailer.deliver(&verify_email()).await);

    assert_eq!(said, "later: no connection to the mail API");
    assert_eq!(heard.await.expect("heard"), "");
}
