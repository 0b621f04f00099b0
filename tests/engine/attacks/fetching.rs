//! addresses in certificates, followed by the real program (`lienthong evidence fetch`) to
//! servers on this machine that count who comes. The signer's certificate leads to a trusted root,
//! so its addresses are looked at; what must not be asked, is not, and nothing that is answered
//! wrongly makes a file pass.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::time::Duration;

use super::super::attack::der::{context, context_primitive, extension, oid, seq};
use super::super::attack::identity::{Crl, Draft, Identity, Scheme, crl, p256, world};
use super::super::attack::signed::Doc;
use super::super::services::http::{Reply, Server};
use super::super::services::text;

/// An extension that names places to ask.
enum Place {
    Answers,
    Issuers,
    Lists,
    Policy,
}

fn address(url: &str) -> Vec<u8> {
    context_primitive(6, url.as_bytes())
}

fn named(place: &Place, urls: &[String]) -> Vec<u8> {
    let access = |method: &str| {
        let each = urls.iter().map(|url| seq(&[&oid(method), &address(url)]));
        let all: Vec<Vec<u8>> = each.collect();
        extension("1.3.6.1.5.5.7.1.1", false, &seq(&[&all.concat()]))
    };
    match place {
        Place::Answers => access("1.3.6.1.5.5.7.48.1"),
        Place::Issuers => access("1.3.6.1.5.5.7.48.2"),
        Place::Lists => {
            let point = |url: &String| seq(&[&context(0, &[&context(0, &[&address(url)])])]);
            let all: Vec<Vec<u8>> = urls.iter().map(point).collect();
            extension("2.5.29.31", false, &seq(&[&all.concat()]))
        }
        Place::Policy => {
            let each = urls.iter().map(|url| {
                let text = super::super::attack::der::tlv(0x16, &[url.as_bytes()]);
                seq(&[&oid("1.3.6.1.5.5.7.2.1"), &text])
            });
            let all: Vec<Vec<u8>> = each.collect();
            let policy = seq(&[&oid("1.2.3.4"), &seq(&[&all.concat()])]);
            extension("2.5.29.32", false, &seq(&[&policy]))
        }
    }
}

fn signer(place: &Place, urls: &[String], issuer: Option<&Identity>) -> Identity {
    let draft = Draft::signer("Addresses").with(&named(place, urls));
    draft.mint(p256(), Scheme::Ecdsa, issuer)
}

fn lienthong(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lienthong"))
        .args(["--lang", "en"])
        .args(arguments)
        .output()
        .unwrap()
}

/// The exit codes of fetching for, and then judging, a document of `signer`.
fn fetched_and_judged(signer: &Identity, more: &[&str]) -> (Option<i32>, Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let (file, root, bundle, rules) = (at("a.pdf"), at("root.crt"), at("bundle"), at("rules"));
    std::fs::write(&file, Doc::small().roomy(6_000).by(signer).sealed()).unwrap();
    std::fs::write(&root, &world().root.certificate).unwrap();
    let limits = "connect_seconds = 1\nanswer_seconds = 1\nanswer_bytes = 1000000\nquestions = 4\n";
    std::fs::write(&rules, limits).unwrap();
    let text = |path: &Path| text(path).to_owned();
    let (file, bundle) = (text(&file), text(&bundle));
    let (root, rules) = (text(&root), text(&rules));
    let mut arguments = vec!["evidence", "fetch", &file, "-o", &bundle];
    arguments.extend(["--trust", &root, "--fetch-rules", &rules]);
    arguments.extend(more);
    let fetched = lienthong(&arguments);
    let said = String::from_utf8_lossy(&fetched.stderr).into_owned();
    let moment = "2026-01-05T03:41:07Z";
    let judged = lienthong(&["verify", &file, "--evidence", &bundle, "--at", moment]);
    (fetched.status.code(), judged.status.code(), said)
}

const HOME: [&str; 2] = ["--allow-private-host", "127.0.0.1"];
/// Fetching left something missing, and the file is undecided (`TRY_LATER`).
const NOTHING: (Option<i32>, Option<i32>) = (Some(11), Some(11));

fn assert_nothing(what: &str, signer: &Identity, more: &[&str]) -> String {
    let (fetched, judged, said) = fetched_and_judged(signer, more);
    assert_eq!((fetched, judged), NOTHING, "{what}: {said}");
    said
}

fn answering(reply: impl Fn() -> Reply + Send + Sync + 'static) -> Server {
    Server::start(Arc::new(move |_| reply()))
}

/// A list of the root that holds for as long as its certificate.
fn sound_list() -> Vec<u8> {
    let root = &world().root;
    Crl {
        this_update: "20260105000000Z".to_owned(),
        next_update: "20490101000000Z".to_owned(),
        ..Crl::of(root)
    }
    .der(root)
}

fn spy() -> Server {
    answering(|| Reply::ok("application/pkix-crl", sound_list()))
}

#[test]
fn x_10_a_sound_list_at_an_allowed_place_is_fetched_and_makes_the_file_pass() {
    let server = spy();
    let signer = signer(&Place::Lists, &[server.url()], Some(&world().root));
    let (fetched, judged, said) = fetched_and_judged(&signer, &HOME);
    assert_eq!((fetched, judged), (Some(0), Some(0)), "{said}");
    assert_eq!(server.connections(), 1);
}

#[test]
fn x_10_addresses_of_other_kinds_and_hosts_connect_nobody() {
    let spy = spy();
    let port = spy.address.port();
    let everything = [
        "127.0.0.1",
        "169.254.169.254",
        "localhost",
        "::1",
        "2130706433",
        "0.0.0.0",
    ];
    let open: Vec<&str> = everything
        .iter()
        .flat_map(|host| ["--allow-host", host])
        .collect();
    for url in [
        "file:///etc/passwd".to_owned(),
        "ftp://127.0.0.1/list.crl".to_owned(),
        format!("ldap://127.0.0.1:{port}/cn=list"),
        format!("gopher://127.0.0.1:{port}/_HELO"),
        format!("http://127.0.0.1:{port}/list.crl"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("http://2130706433:{port}/"),
        format!("http://0.0.0.0:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://user:pass@127.0.0.1:{port}/"),
        "http://169.254.169.254/latest/meta-data".to_owned(),
        "http://".to_owned(),
        format!("http://127.0.0.1:{port}/\r\nHost: internal"),
    ] {
        for place in [Place::Lists, Place::Answers] {
            let signer = signer(&place, std::slice::from_ref(&url), Some(&world().root));
            assert_nothing(&url, &signer, &open);
        }
    }
    assert_eq!(spy.connections(), 0);
}

#[test]
fn x_10_metadata_is_not_asked_even_where_private_hosts_are_allowed() {
    let url = "http://169.254.169.254/latest/meta-data".to_owned();
    let signer = signer(&Place::Lists, &[url], Some(&world().root));
    let said = assert_nothing(
        "metadata",
        &signer,
        &["--allow-private-host", "169.254.169.254"],
    );
    assert!(said.contains("169.254.169.254"), "{said}");
}

#[test]
fn x_10_issuers_and_policies_are_never_visited() {
    let spy = spy();
    for place in [Place::Issuers, Place::Policy] {
        let signer = signer(&place, &[spy.url()], Some(&world().root));
        assert_nothing("no list named", &signer, &HOME);
    }
    assert_eq!(spy.connections(), 0);
}

#[test]
fn x_10_a_certificate_without_a_path_makes_nobody_connect() {
    let spy = spy();
    let rogue = Draft::authority("Root").mint(p256(), Scheme::Ecdsa, None);
    for issuer in [None, Some(&rogue)] {
        for place in [Place::Lists, Place::Answers, Place::Issuers] {
            let signer = signer(&place, &[spy.url()], issuer);
            assert_nothing("a stranger", &signer, &HOME);
        }
    }
    assert_eq!(spy.connections(), 0);
}

#[test]
fn x_10_a_redirect_is_not_followed() {
    let inside = spy();
    let to = inside.url();
    let outside = answering(move || Reply::redirect(&to));
    let signer = signer(&Place::Lists, &[outside.url()], Some(&world().root));
    assert_nothing("a redirect", &signer, &HOME);
    assert_eq!((outside.connections(), inside.connections()), (1, 0));
}

#[test]
fn x_10_slow_endless_and_large_answers_end() {
    const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\n\r\n";
    let servers = [
        answering(|| Reply::Endless([HEAD, &[b'x'; 65_536]].concat())),
        answering(|| Reply::Drip([HEAD, &[b'x'; 400]].concat(), Duration::from_millis(50))),
        answering(|| {
            Reply::Whole(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n".to_vec())
        }),
        answering(|| Reply::ok("application/pkix-crl", vec![0x30; 1_000_001])),
    ];
    for (number, server) in servers.iter().enumerate() {
        let signer = signer(&Place::Lists, &[server.url()], Some(&world().root));
        assert_nothing(&format!("server {number}"), &signer, &HOME);
        assert_eq!(server.connections(), 1, "server {number}");
    }
}

#[test]
fn x_10_wrong_answers_do_not_make_a_file_pass() {
    let rogue = Draft::authority("Root").mint(p256(), Scheme::Ecdsa, None);
    let other = Draft::authority("Elsewhere").mint(p256(), Scheme::Ecdsa, None);
    let lists = [
        b"<html>".to_vec(),
        Vec::new(),
        crl(&rogue, &[]),
        crl(&other, &[]),
        sound_list()[..100].to_vec(),
    ];
    for (number, list) in lists.into_iter().enumerate() {
        let server = answering(move || Reply::ok("application/pkix-crl", list.clone()));
        for place in [Place::Lists, Place::Answers] {
            let signer = signer(&place, &[server.url()], Some(&world().root));
            assert_nothing(&format!("answer {number}"), &signer, &HOME);
        }
        assert_eq!(server.connections(), 2, "answer {number}");
    }
    let failing = answering(|| Reply::status(500));
    let signer = signer(&Place::Lists, &[failing.url()], Some(&world().root));
    assert_nothing("a failing server", &signer, &HOME);
}

#[test]
fn x_10_many_addresses_are_not_all_visited() {
    let server = answering(|| Reply::status(404));
    let urls: Vec<String> = (0..50)
        .map(|number| format!("{}{number}", server.url()))
        .collect();
    let signer = signer(&Place::Lists, &urls, Some(&world().root));
    assert_nothing("fifty addresses", &signer, &HOME);
    assert_eq!(server.connections(), 4, "the operator allowed four");
}
