//! A question to an OCSP responder about one certificate. Source: RFC 6960, 4.1; RFC 5019, 2.1.

use super::certificate::Certificate;
use super::der::{self, encode};

/// id-sha1: the digest every responder knows (RFC 5019). It only names the issuer.
const SHA1: &[u8] = &[0x2b, 0x0e, 3, 2, 0x1a];

/// An `OCSPRequest` in DER about `certificate`, issued by `issuer`. Without a nonce: answers are kept
/// for years as evidence and stand on their own, and many responders only give prepared ones.
#[must_use]
pub fn ocsp_request(certificate: &Certificate, issuer: &Certificate) -> Vec<u8> {
    let algorithm = encode(
        der::SEQUENCE,
        &[&encode(der::OID, &[SHA1]), &encode(der::NULL, &[])],
    );
    let name = openssl::sha::sha1(issuer.subject_der());
    let key = openssl::sha::sha1(&issuer.public_key().bits);
    let id = encode(
        der::SEQUENCE,
        &[
            &algorithm,
            &encode(der::OCTET_STRING, &[&name]),
            &encode(der::OCTET_STRING, &[&key]),
            &encode(der::INTEGER, &[certificate.serial()]),
        ],
    );
    let request = encode(der::SEQUENCE, &[&id]);
    let list = encode(der::SEQUENCE, &[&request]);
    encode(der::SEQUENCE, &[&encode(der::SEQUENCE, &[&list])])
}
