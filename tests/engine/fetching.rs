//! Asking foreign services: whom nobody may be made to ask, and how long and how much at most.
//! A listener on loopback and a resolver of our own count what really happens.

use std::future::Future;
use std::net::SocketAddr;
use std::path::Path;
use std::pin::Pin;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use lienthong::config::fetch::{Fetch, Host};
use lienthong::fetch::{Error, Fetcher, Resolve};
use lienthong::net;

use super::services::http::{Reply, Server};
use super::services::text;
use super::support::path;

/// A listener that should never hear anything, or answers with an empty page.
fn spy() -> Server {
    Server::start(Arc::new(|_| Reply::ok("text/plain", b"secret".to_vec())))
}

/// A resolver that counts questions and gives the next of its answers, the last one for ever.
#[derive(Clone)]
struct Names {
    answers: Arc<Mutex<Vec<SocketAddr>>>,
    asked: Arc<AtomicUsize>,
}

impl Names {
    fn leading(to: &[SocketAddr]) -> Self {
        Self {
            answers: Arc::new(Mutex::new(to.to_vec())),
            asked: Arc::default(),
        }
    }
}

impl Resolve for Names {
    fn resolve<'r>(
        &'r self,
        _: &'r str,
        _: u16,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<SocketAddr>, net::Error>> + Send + 'r>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let mut answers = self.answers.lock().unwrap();
        let answer = if answers.len() > 1 {
            answers.remove(0)
        } else {
            answers[0]
        };
        Box::pin(async move { Ok(vec![answer]) })
    }
}

fn rules(hosts: &[(&str, bool)]) -> Fetch {
    Fetch {
        hosts: hosts
            .iter()
            .map(|(name, private)| Host {
                name: (*name).to_owned(),
                private: *private,
            })
            .collect(),
        connect_seconds: 2,
        answer_seconds: 2,
        ..Fetch::default()
    }
}

fn ask(fetcher: &Fetcher, url: &str) -> Result<Vec<u8>, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(fetcher.ask(url, None))
}

#[test]
fn hostile_addresses_in_certificates_connect_nobody() {
    let spy = spy();
    let port = spy.address.port();
    let names = Names::leading(&[spy.address]);
    // Everything is allowed that could be, but nothing private.
    let allowed = [
        "127.0.0.1",
        "169.254.169.254",
        "2130706433",
        "localhost",
        "::1",
        "0x7f000001",
        "::ffff:127.0.0.1",
        "rebind.vn",
        "127.1",
    ];
    let fetcher = Fetcher::with_resolver(
        rules(&allowed.map(|name| (name, false))),
        Box::new(names.clone()),
    );
    let urls = [
        format!("http://127.0.0.1:{port}/"),
        format!("http://169.254.169.254:{port}/latest/meta-data/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("http://[::1]:{port}/"),
        format!("http://2130706433:{port}/"),
        format!("http://0x7f000001:{port}/"),
        format!("http://127.1:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://rebind.vn:{port}/"),
        format!("http://ca.gov.vn@127.0.0.1:{port}/"),
        format!("gopher://127.0.0.1:{port}/"),
        format!("ldap://127.0.0.1:{port}/cn=ca"),
        "file:///etc/passwd".to_owned(),
    ];
    for url in &urls {
        assert!(ask(&fetcher, url).is_err(), "{url}");
    }
    assert_eq!(spy.connections(), 0);
}

#[test]
fn a_host_nobody_named_is_not_even_looked_up() {
    let names = Names::leading(&["127.0.0.1:80".parse().unwrap()]);
    let fetcher = Fetcher::with_resolver(rules(&[("ca.gov.vn", true)]), Box::new(names.clone()));
    for url in [
        "http://evil.vn/",
        "http://ca.gov.vn.evil.vn/",
        "http://xca.gov.vn/",
    ] {
        assert!(
            matches!(ask(&fetcher, url), Err(Error::NotAllowed { .. })),
            "{url}"
        );
    }
    assert_eq!(names.asked.load(Ordering::SeqCst), 0);
}

#[test]
fn a_name_is_resolved_once_and_exactly_that_address_is_asked() {
    let (good, other) = (spy(), spy());
    let names = Names::leading(&[good.address, other.address]);
    let fetcher = Fetcher::with_resolver(rules(&[("ca.gov.vn", true)]), Box::new(names.clone()));
    let url = format!("http://ca.gov.vn:{}/x", good.address.port());
    assert_eq!(ask(&fetcher, &url).unwrap(), b"secret");
    assert_eq!(names.asked.load(Ordering::SeqCst), 1);
    assert_eq!((good.connections(), other.connections()), (1, 0));
}

#[test]
fn even_where_private_addresses_are_allowed_metadata_is_not() {
    let names = Names::leading(&["169.254.169.254:80".parse().unwrap()]);
    let fetcher = Fetcher::with_resolver(rules(&[("ca.gov.vn", true)]), Box::new(names));
    assert!(matches!(
        ask(&fetcher, "http://ca.gov.vn/"),
        Err(Error::Forbidden { .. })
    ));
}

#[test]
fn a_redirect_is_not_followed() {
    let inside = spy();
    let to = inside.url();
    let outside = Server::start(Arc::new(move |_| Reply::redirect(&to)));
    let fetcher = Fetcher::new(rules(&[("127.0.0.1", true)]));
    assert!(matches!(
        ask(&fetcher, &outside.url()),
        Err(Error::Status { status: 302, .. })
    ));
    assert_eq!((outside.connections(), inside.connections()), (1, 0));
}

#[test]
fn slow_endless_and_large_answers_end() {
    let head = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    let endless = [head.clone(), vec![b'x'; 64 * 1024]].concat();
    let drip = [head, vec![b'x'; 1000]].concat();
    let large = b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n".to_vec();
    let servers = [
        Server::start(Arc::new(move |_| Reply::Endless(endless.clone()))),
        Server::start(Arc::new(move |_| {
            Reply::Drip(drip.clone(), Duration::from_millis(50))
        })),
        Server::start(Arc::new(move |_| Reply::Whole(large.clone()))),
    ];
    let small = Fetch {
        answer_bytes: 1024 * 1024,
        ..rules(&[("127.0.0.1", true)])
    };
    let fetcher = Fetcher::new(small);
    for server in &servers {
        let before = Instant::now();
        let fault = ask(&fetcher, &server.url());
        assert!(matches!(fault, Err(Error::Unreachable { .. })), "{fault:?}");
        assert!(before.elapsed() < Duration::from_secs(10));
    }
}

#[test]
fn the_number_of_questions_is_limited() {
    let server = spy();
    let few = Fetch {
        questions: 3,
        ..rules(&[("127.0.0.1", true)])
    };
    let fetcher = Fetcher::new(few);
    for _ in 0..3 {
        ask(&fetcher, &server.url()).unwrap();
    }
    assert!(matches!(
        ask(&fetcher, &server.url()),
        Err(Error::TooMany { limit: 3 })
    ));
    assert_eq!(server.connections(), 3);
}

fn lienthong(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lienthong"));
    command
        .args(["--lang", "en"])
        .args(arguments)
        .output()
        .unwrap()
}

fn signed_by(signer: &str, folder: &Path) -> String {
    let out = folder.join("signed.pdf");
    let input = path("fixtures/pdf/pdf-a.pdf");
    let (p12, password) = (
        path(&format!("certs-test/{signer}.p12")),
        path("certs-test/password.txt"),
    );
    let signed = lienthong(&[
        "sign",
        text(&input),
        "-o",
        text(&out),
        "--p12",
        text(&p12),
        "--password-file",
        text(&password),
    ]);
    assert!(signed.status.success(), "{signed:?}");
    text(&out).to_owned()
}

/// `evidence fetch` with every name in the test PKI leading to `spy`, which may be asked.
fn fetch(file: &str, bundle: &Path, spy: &Server) -> Output {
    let trust = path("certs-test/trust");
    let to = |name: &str| format!("{name}={}", spy.address);
    lienthong(&[
        "evidence",
        "fetch",
        file,
        "-o",
        text(bundle),
        "--trust",
        text(&trust),
        "--allow-private-host",
        "127.0.0.1",
        "--rewrite-host",
        &to("ocsp.ca.ptc.invalid"),
        "--rewrite-host",
        &to("crl.lienthong.invalid"),
    ])
}

#[test]
fn an_untrusted_certificate_makes_nobody_connect_and_a_trusted_one_does() {
    let spy = spy();
    for (signer, asked) in [
        ("bad/other-ca", false),
        ("bad/no-issuer", false),
        ("persons/iadom-leader", true),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let file = signed_by(signer, folder.path());
        let before = spy.connections();
        let fetched = fetch(&file, &folder.path().join("bundle"), &spy);
        assert_eq!(spy.connections() > before, asked, "{signer}: {fetched:?}");
        assert_eq!(fetched.status.code(), Some(11), "{signer}: {fetched:?}");
        let between = spy.connections();
        let trust = path("certs-test/trust");
        let judged = lienthong(&["verify", &file, "--trust", text(&trust)]);
        assert_eq!(judged.status.code(), Some(11), "{signer}: {judged:?}");
        assert_eq!(spy.connections(), between, "judging asked somebody");
    }
}
