//! Services on this machine for the tests: a time stamping authority and an OCSP responder, both
//! OpenSSL's own, and revocation lists, behind a small HTTP server that counts who connects.

pub(crate) mod http;
pub(crate) mod stamping;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use http::{Asked, Reply, Server};

/// Runs a program; its failure fails the test.
pub(crate) fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|fault| panic!("{program} is missing: {fault}"));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{program} {arguments:?}: {said}{errors}"
    );
    said
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The path of a file of the test PKI.
pub(crate) fn pki(below: &str) -> String {
    format!("{}/certs-test/{below}", env!("CARGO_MANIFEST_DIR"))
}

/// The CAs of the test PKI with a responder of their own.
const ISSUERS: [&str; 3] = ["agencies", "persons", "services"];

/// Answers OCSP questions with OpenSSL's responder, and lists under their names. The root has no
/// responder: about CAs only lists speak, as the tests want both.
pub(crate) fn revocation_services() -> Server {
    let folder = tempfile::tempdir().unwrap();
    Server::start(Arc::new(move |asked: &Asked| {
        if asked.method == "GET" {
            let name = asked.path.rsplit('/').next().unwrap();
            return match std::fs::read(pki(&format!("crl/{name}"))) {
                Ok(list) => Reply::ok("application/pkix-crl", list),
                Err(_) => Reply::status(404),
            };
        }
        answer(folder.path(), &asked.body).map_or(Reply::status(404), |answer| {
            Reply::ok("application/ocsp-response", answer)
        })
    }))
}

/// What the responder of the issuer named in `request` says.
fn answer(folder: &Path, request: &[u8]) -> Option<Vec<u8>> {
    let issuer = ISSUERS.into_iter().find(|issuer| {
        let pem = std::fs::read(pki(&format!("ca/{issuer}.crt"))).unwrap();
        let certificate = openssl::x509::X509::from_pem(&pem).unwrap();
        let name = certificate.subject_name().to_der().unwrap();
        let hash = openssl::sha::sha1(&name);
        request.windows(hash.len()).any(|window| window == hash)
    })?;
    let folder = tempfile::tempdir_in(folder).unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("request"), request).unwrap();
    let shown = run(
        "openssl",
        &["ocsp", "-reqin", text(&at("request")), "-req_text"],
    );
    let serial = shown
        .split("Serial Number: ")
        .nth(1)?
        .split_whitespace()
        .next()?;
    let line = format!("V\t991231235959Z\t\t{serial}\tunknown\t/CN=somebody\n");
    std::fs::write(at("index"), line).unwrap();
    let (signer, key) = (
        pki(&format!("ocsp/{issuer}.crt")),
        pki(&format!("ocsp/{issuer}.key")),
    );
    let ca = pki(&format!("ca/{issuer}.crt"));
    run(
        "openssl",
        &[
            "ocsp",
            "-index",
            text(&at("index")),
            "-rsigner",
            &signer,
            "-rkey",
            &key,
            "-CA",
            &ca,
            "-reqin",
            text(&at("request")),
            "-respout",
            text(&at("answer")),
            "-ndays",
            "7",
        ],
    );
    Some(std::fs::read(at("answer")).unwrap())
}
