//! Whom the client trusts, over real TLS on loopback, with each backend.

use std::process::{Command, Stdio};

use ack_auth::{StaticCredentials, SystemClock};

use self::server::{Authority, Server};
use crate::{Client, ClientBuilder, Error, TlsBackend};

mod server;

/// Where the test that runs in a process of its own finds the server.
const ENDPOINT: &str = "ACK_CLIENT_TEST_ENDPOINT";

const BACKENDS: &[TlsBackend] = &[
    TlsBackend::Rustls,
    #[cfg(feature = "native-tls")]
    TlsBackend::Native,
];

fn builder(endpoint: &str) -> ClientBuilder {
    let keys = StaticCredentials::access_key("LTAI5tExampleabcd", "placeholder").unwrap();
    Client::builder().endpoint(endpoint).credentials(keys).clock(SystemClock)
}

async fn call(builder: ClientBuilder) -> Result<(), Error> {
    builder.build()?.describe_user_quota().await.map(drop)
}

#[tokio::test]
async fn an_authority_is_trusted_when_it_is_given() {
    let (authority, other) = (Authority::new("authority"), Authority::new("other"));
    let server = Server::new(&authority, "localhost", 2999).await;
    for backend in BACKENDS {
        let builder = || builder(&server.endpoint()).tls_backend(*backend);
        call(builder().ca_certificates(authority.pem())).await.unwrap();
        call(builder().ca_certificates(other.pem()).ca_certificates(authority.pem())).await.unwrap();
        call(builder().ca_certificates(format!("both\n{}\n{}", other.pem(), authority.pem()))).await.unwrap();
        let served = server.requests();
        for refused in [builder(), builder().ca_certificates(other.pem())] {
            let error = call(refused).await.unwrap_err();
            assert!(error.is_certificate() && error.is_connect() && !error.may_have_taken_effect(), "{error:?}");
            assert_eq!(error.attempts(), 1);
        }
        assert_eq!(server.requests(), served, "a request went out to a server that is not trusted");
    }
}

/// The words of the other backend are those of the platform.
#[tokio::test]
async fn what_is_wrong_with_a_certificate_is_told_with_what_to_do() {
    let authority = Authority::new("authority");
    let mut report = String::new();
    for (name, host, ends_in, trusted) in [
        ("unknown authority", "localhost", 2999, false),
        ("another host", "gateway.example", 2999, true),
        ("expired", "localhost", 2021, true),
    ] {
        let server = Server::new(&authority, host, ends_in).await;
        for backend in BACKENDS {
            let builder = builder(&server.endpoint()).tls_backend(*backend);
            let builder = if trusted { builder.ca_certificates(authority.pem()) } else { builder };
            let error = call(builder).await.unwrap_err();
            assert!(error.is_certificate() && error.is_connect(), "{name}, {backend:?}: {error:?}");
            assert!(error.to_string().contains("ca_certificates or SSL_CERT_FILE"), "{name}, {backend:?}: {error}");
            if *backend == TlsBackend::Rustls {
                report.push_str(&format!("{name}: {}\n", without_dates(&error.to_string())));
            }
        }
        assert_eq!(server.requests(), 0, "{name}");
    }
    insta::assert_snapshot!(report);
}

#[tokio::test]
async fn a_server_without_tls_is_no_server() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let task = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    for backend in BACKENDS {
        let builder = builder(&format!("https://{address}")).tls_backend(*backend).max_attempts(1);
        let error = call(builder).await.unwrap_err();
        assert!(error.is_connect() && !error.is_certificate(), "{error:?}");
    }
    task.abort();
}

#[test]
fn certificates_that_cannot_be_used_are_refused_when_the_client_is_built() {
    let authority = Authority::new("authority");
    let cut = authority.pem().replace("-----END CERTIFICATE-----", "");
    let garbled = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    let said = [("empty", ""), ("no PEM", "0\u{82}"), ("cut off", &cut), ("garbled", garbled), ("a key", key)]
        .map(|(name, pem)| {
            let error = builder("https://localhost").ca_certificates(pem).build().unwrap_err();
            assert!(error.is_invalid_input() && !error.to_string().contains("AAAA"), "{error:?}");
            format!("{name}: {error}")
        })
        .join("\n");
    insta::assert_snapshot!(said, @r"
    empty: ca_certificates holds no certificate: give the certificate authority's own certificate as PEM text, which begins with -----BEGIN CERTIFICATE-----
    no PEM: ca_certificates holds no certificate: give the certificate authority's own certificate as PEM text, which begins with -----BEGIN CERTIFICATE-----
    cut off: ca_certificates is cut off, or not PEM text: give the certificate authority's own certificate as PEM text, which begins with -----BEGIN CERTIFICATE-----
    garbled: ca_certificates holds a certificate that cannot be used (invalid peer certificate: BadEncoding): give the certificate authority's own certificate as PEM text, which begins with -----BEGIN CERTIFICATE-----
    a key: ca_certificates holds no certificate: give the certificate authority's own certificate as PEM text, which begins with -----BEGIN CERTIFICATE-----
    ");
}

#[test]
fn the_backend_is_rustls_unless_the_builder_says_otherwise() {
    assert_eq!(TlsBackend::default(), TlsBackend::Rustls);
    let shown = format!("{:?}", Client::builder().ca_certificates("hidden"));
    assert!(shown.contains("tls_backend: Rustls") && !shown.contains("hidden"), "{shown}");
}

/// The variables are those of a process, so each look at them takes one.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_file_that_the_environment_names_is_trusted() {
    let authority = Authority::new("authority");
    let server = Server::new(&authority, "localhost", 2999).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, authority.pem()).unwrap();
    for (variable, is_trusted) in [("SSL_CERT_FILE", true), ("NO_SUCH_VARIABLE", false)] {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child
            .args(["--exact", "--ignored", "tests::tls::a_call_in_a_process_of_its_own"])
            .env(ENDPOINT, server.endpoint())
            .env(variable, &file)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let status = tokio::task::spawn_blocking(move || child.status()).await.unwrap().unwrap();
        assert_eq!((status.success(), server.requests()), (is_trusted, 1), "{variable}");
    }
}

#[tokio::test]
#[ignore = "started by the_file_that_the_environment_names_is_trusted, with the environment it needs"]
async fn a_call_in_a_process_of_its_own() {
    call(builder(&std::env::var(ENDPOINT).unwrap())).await.unwrap();
}

/// The text without the seconds that certificates count time in.
fn without_dates(text: &str) -> String {
    let is_long = |word: &str| word.len() >= 6 && word.bytes().all(|byte| byte.is_ascii_digit());
    let words = text.split_inclusive([' ', '(']).map(|word| match word.split_at(word.len().saturating_sub(1)) {
        (number, rest) if is_long(number) => format!("#{rest}"),
        _ => word.to_owned(),
    });
    words.collect()
}
