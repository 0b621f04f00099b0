//! Time stamping authorities: OpenSSL's, and one whose clock the test sets.

use std::sync::Arc;

use lienthong::pki::der::{self, Reader, encode};

use super::http::{Asked, Reply, Server};
use super::{pki, run, text};

/// OpenSSL's authority with the certificate of the test PKI and the clock of this machine.
pub(crate) fn authority() -> Server {
    let folder = tempfile::tempdir().unwrap();
    Server::start(Arc::new(move |asked: &Asked| {
        assert_eq!(asked.media_type, "application/timestamp-query");
        let folder = tempfile::tempdir_in(folder.path()).unwrap();
        Reply::ok(
            "application/timestamp-reply",
            answer(folder.path(), &asked.body),
        )
    }))
}

/// What OpenSSL's authority answers to `query`.
pub(crate) fn answer(folder: &std::path::Path, query: &[u8]) -> Vec<u8> {
    answer_with(folder, query, 0)
}

/// As [`answer`], with so many certificates besides in the token.
pub(crate) fn answer_with(folder: &std::path::Path, query: &[u8], more: usize) -> Vec<u8> {
    let at = |name: &str| folder.join(name);
    let mut certificates = vec![pki("ca/services.crt")];
    let mut others: Vec<_> = std::fs::read_dir(pki("persons"))
        .unwrap()
        .map(|entry| text(&entry.unwrap().path()).to_owned())
        .filter(|name| name.ends_with(".crt"))
        .collect();
    others.sort();
    certificates.extend(others.into_iter().cycle().take(more));
    let pem = certificates.iter().map(|name| std::fs::read(name).unwrap());
    std::fs::write(at("certificates"), pem.collect::<Vec<_>>().concat()).unwrap();
    let config = format!(
        "[tsa]\ndefault_tsa=one\n[one]\nserial={}\ncrypto_device=builtin\nsigner_cert={}\ncerts={}\n\
         signer_key={}\nsigner_digest=sha256\ndefault_policy=1.3.6.1.4.1.32473.21.4\n\
         digests=sha256,sha384,sha512\naccuracy=secs:1\nordering=yes\ntsa_name=no\n\
         ess_cert_id_chain=no\ness_cert_id_alg=sha256\n",
        text(&at("serial")),
        pki("tsa/tsa.crt"),
        text(&at("certificates")),
        pki("tsa/tsa.key"),
    );
    std::fs::write(at("config"), config).unwrap();
    std::fs::write(at("serial"), "0A\n").unwrap();
    std::fs::write(at("query"), query).unwrap();
    run(
        "openssl",
        &[
            "ts",
            "-reply",
            "-config",
            text(&at("config")),
            "-queryfile",
            text(&at("query")),
            "-out",
            text(&at("answer")),
        ],
    );
    std::fs::read(at("answer")).unwrap()
}

/// An authority of a test: files of its certificate, its key and those above it, and how it signs.
pub(crate) struct Authority {
    pub(crate) certificate: String,
    pub(crate) key: String,
    pub(crate) chain: String,
    pub(crate) digest: &'static str,
    pub(crate) pss: bool,
}

/// The authority of the test PKI.
fn of_test_pki() -> Authority {
    Authority {
        certificate: pki("tsa/tsa.crt"),
        key: pki("tsa/tsa.key"),
        chain: pki("ca/services.crt"),
        digest: "sha256",
        pss: false,
    }
}

/// An answer at the instant `time` (`YYYYMMDDhhmmssZ`) by the authority of the test PKI.
pub(crate) fn answer_at(query: &[u8], time: &str) -> Vec<u8> {
    answer_by(&of_test_pki(), query, time)
}

/// An answer of `authority` at the instant `time`, its content made here, its signature by OpenSSL.
pub(crate) fn answer_by(authority: &Authority, query: &[u8], time: &str) -> Vec<u8> {
    let info = info(query, time);
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let (content, token) = (at("info"), at("token"));
    std::fs::write(&content, info).unwrap();
    let mut arguments = vec!["cms", "-sign", "-binary", "-nodetach", "-cades"];
    arguments.extend(["-md", authority.digest, "-outform", "DER", "-nosmimecap"]);
    arguments.extend(["-econtent_type", "1.2.840.113549.1.9.16.1.4"]);
    arguments.extend(["-in", text(&content), "-out", text(&token)]);
    arguments.extend(["-certfile", &authority.chain]);
    arguments.extend(["-signer", &authority.certificate, "-inkey", &authority.key]);
    if authority.pss {
        arguments.extend(["-keyopt", "rsa_padding_mode:pss"]);
        arguments.extend(["-keyopt", "rsa_pss_saltlen:digest"]);
    }
    run("openssl", &arguments);
    granted(&std::fs::read(&token).unwrap())
}

/// A granted answer around `token`.
pub(crate) fn granted(token: &[u8]) -> Vec<u8> {
    let status = encode(der::SEQUENCE, &[&encode(der::INTEGER, &[&[0]])]);
    encode(der::SEQUENCE, &[&status, token])
}

/// The `TSTInfo` for a query: its imprint and its nonce at `time`.
fn info(query: &[u8], time: &str) -> Vec<u8> {
    let mut fields = der::only("query", query, der::SEQUENCE).unwrap();
    fields.required(der::INTEGER).unwrap();
    let imprint = fields.required(der::SEQUENCE).unwrap().raw;
    let nonce = fields.required(der::INTEGER).unwrap().raw;
    // 1.3.6.1.4.1.32473.21.4
    let policy = [0x2b, 6, 1, 4, 1, 0x81, 0xfd, 0x59, 21, 4];
    encode(
        der::SEQUENCE,
        &[
            &encode(der::INTEGER, &[&[1]]),
            &encode(der::OID, &[&policy]),
            imprint,
            &encode(der::INTEGER, &[&[7]]),
            &encode(der::GENERALIZED_TIME, &[time.as_bytes()]),
            nonce,
        ],
    )
}

/// The same query with another imprint or another nonce.
pub(crate) fn altered(query: &[u8], field: Altered) -> Vec<u8> {
    let mut fields = der::only("query", query, der::SEQUENCE).unwrap();
    let version = fields.required(der::INTEGER).unwrap().raw.to_vec();
    let imprint = fields.required(der::SEQUENCE).unwrap().raw.to_vec();
    let nonce = fields.required(der::INTEGER).unwrap().raw.to_vec();
    let rest: Reader<'_> = fields;
    let (imprint, nonce) = match field {
        Altered::Imprint => (flipped(&imprint), nonce),
        Altered::Nonce => (imprint, flipped(&nonce)),
        Altered::NoNonce => (imprint, Vec::new()),
    };
    encode(der::SEQUENCE, &[&version, &imprint, &nonce, rest.rest()])
}

/// What [`altered`] changes.
#[derive(Clone, Copy)]
pub(crate) enum Altered {
    Imprint,
    Nonce,
    NoNonce,
}

fn flipped(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    bytes
}
