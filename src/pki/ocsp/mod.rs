//! OCSP responses: what a responder said about single certificates. Who the responder is and
//! whether it may speak is judged in `revocation`. Source: RFC 6960, 4.2.

use std::fmt;
use std::sync::Arc;

use super::Error;
use super::algorithm::{AlgorithmRefusal, DigestAlgorithm, SignatureAlgorithm};
use super::certificate::{Certificate, bits};
use super::crl::{Revocation, each_extension, generalized};
use super::der::{self, Element, Reader};
use super::name::{self, Canonical};
use crate::domain::clock::Timestamp;
use crate::domain::digest::Sha256;

/// The largest response read.
pub const MAX_OCSP_BYTES: usize = 1024 * 1024;

/// The most certificates one response may speak about or carry.
const MAX_ANSWERS: usize = 100;

/// A successful basic OCSP response.
#[derive(Clone)]
pub struct OcspResponse(Arc<Inner>);

struct Inner {
    der: Vec<u8>,
    sha256: Sha256,
    tbs: Vec<u8>,
    responder: Responder,
    produced_at: Timestamp,
    answers: Vec<Answer>,
    algorithm: Result<SignatureAlgorithm, AlgorithmRefusal>,
    signature: Vec<u8>,
    certificates: Vec<Certificate>,
    unknown_critical: bool,
}

/// How a response names the one who signed it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Responder {
    Name(Canonical),
    /// SHA-1 of the bits of the key.
    Key(Vec<u8>),
}

/// What a response says about one certificate.
pub(super) struct Answer {
    digest: CertificateDigest,
    issuer_name: Vec<u8>,
    issuer_key: Vec<u8>,
    serial: Vec<u8>,
    pub(super) status: Status,
    pub(super) this_update: Timestamp,
    pub(super) next_update: Option<Timestamp>,
    /// Certificates that expired at or after this are still known to the responder.
    pub(super) archive_cutoff: Option<Timestamp>,
    /// The digest of the certificate the responder looked at.
    cert_hash: CertHash,
    unknown_critical: bool,
}

/// The certHash extension. Source: Common PKI 2.0, part 4; ETSI EN 319 102-1, 5.2.5.
enum CertHash {
    Absent,
    Present(DigestAlgorithm, Vec<u8>),
    Unreadable,
}

/// The status of one certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Good,
    Revoked(Revocation),
    /// The responder does not know the certificate: says nothing.
    Unknown,
}

/// The digest of a `CertID`. It only finds the issuer, so SHA-1, which RFC 5019 makes the rule, is
/// read here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CertificateDigest {
    Sha1,
    Sha256,
    Other,
}

const BASIC: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 0x30, 1, 1];
const SHA1: &[u8] = &[0x2b, 0x0e, 3, 2, 0x1a];
const SHA256: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
const NONCE: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 0x30, 1, 2];
const ARCHIVE_CUTOFF: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 0x30, 1, 6];
const CERT_HASH: &[u8] = &[0x2b, 0x24, 8, 3, 0x0d];
const WHAT: &str = "OCSP response";

impl OcspResponse {
    /// Reads one response: strict DER, nothing after it.
    ///
    /// # Errors
    /// [`Error`] if the bytes are anything else, the responder reported an error instead of an
    /// answer, or they are more than [`MAX_OCSP_BYTES`].
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        if der.len() > MAX_OCSP_BYTES {
            let found = der.len();
            let what = "bytes of an OCSP response";
            return Err(Error::TooLarge {
                what,
                limit: MAX_OCSP_BYTES,
                found,
            });
        }
        der::check(WHAT, der)?;
        let basic = unwrap(der)?;
        let mut outer = der::only(WHAT, basic, der::SEQUENCE)?;
        let tbs = outer.required(der::SEQUENCE)?;
        let algorithm = outer.required(der::SEQUENCE)?.raw;
        let signature = bits(&outer.required(der::BIT_STRING)?)?;
        let certificates = match outer.optional(der::context(0))? {
            Some(list) => certificates(list.value)?,
            None => Vec::new(),
        };
        outer.finish()?;
        let mut fields = Reader::new(WHAT, tbs.value);
        fields.optional(der::context(0))?;
        let responder = responder(&fields.element()?, &fields)?;
        let produced_at = instant(&mut fields)?;
        let answers = answers(fields.enter(der::SEQUENCE)?)?;
        let unknown_critical = match fields.optional(der::context(1))? {
            Some(extensions) => has_unknown_critical(extensions.value)?,
            None => false,
        };
        fields.finish()?;
        Ok(Self(Arc::new(Inner {
            sha256: Sha256::of(der),
            tbs: tbs.raw.to_vec(),
            responder,
            produced_at,
            answers,
            algorithm: SignatureAlgorithm::read(algorithm),
            signature: signature.to_vec(),
            certificates,
            unknown_critical,
            der: der.to_vec(),
        })))
    }

    /// The bytes it was read from.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// The SHA-256 of [`Self::der`].
    #[must_use]
    pub fn sha256(&self) -> Sha256 {
        self.0.sha256
    }

    /// When the responder signed it.
    #[must_use]
    pub fn produced_at(&self) -> Timestamp {
        self.0.produced_at
    }

    /// The certificates it carries; nothing is said about them yet.
    #[must_use]
    pub fn certificates(&self) -> &[Certificate] {
        &self.0.certificates
    }

    /// What it says about `certificate` as issued by `issuer`.
    pub(super) fn answers(&self, certificate: &Certificate, issuer: &Certificate) -> Vec<&Answer> {
        let about = |answer: &&Answer| answer.is_about(certificate, issuer);
        self.0.answers.iter().filter(about).collect()
    }

    /// How it was signed; `None` if that is refused.
    pub(super) fn algorithm(&self) -> Option<SignatureAlgorithm> {
        self.0.algorithm.as_ref().ok().copied()
    }

    /// Why this response is never relied on, whoever signed it.
    pub(super) fn unusable(&self) -> Option<&'static str> {
        match &self.0.algorithm {
            Err(AlgorithmRefusal::Weak(_)) => Some("WEAK_ALGORITHM"),
            Err(_) => Some("UNSUPPORTED_ALGORITHM"),
            Ok(_) if self.0.unknown_critical => Some("UNKNOWN_CRITICAL_EXTENSION"),
            Ok(_) => None,
        }
    }

    /// Whether the response names `certificate` as the one who signed it.
    pub(super) fn names_responder(&self, certificate: &Certificate) -> bool {
        match &self.0.responder {
            Responder::Name(name) => name == certificate.subject_canonical(),
            Responder::Key(hash) => {
                hash.as_slice() == openssl::sha::sha1(&certificate.public_key().bits)
            }
        }
    }

    /// Whether `responder`'s key signed it.
    pub(super) fn is_signed_by(&self, responder: &Certificate) -> bool {
        self.0.algorithm.as_ref().is_ok_and(|algorithm| {
            let verified = responder.verify_signature(algorithm, &self.0.tbs, &self.0.signature);
            verified.unwrap_or(false)
        })
    }
}

impl fmt::Debug for OcspResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "OcspResponse({} answers, {})",
            self.0.answers.len(),
            self.sha256()
        )
    }
}

impl Answer {
    /// Whether the certificate the responder looked at is another one, by the digest it gave.
    pub(super) fn is_about_another(&self, certificate: &Certificate) -> bool {
        match &self.cert_hash {
            CertHash::Absent => false,
            CertHash::Present(digest, hash) => digest.of(certificate.der()) != *hash,
            CertHash::Unreadable => true,
        }
    }

    fn is_about(&self, certificate: &Certificate, issuer: &Certificate) -> bool {
        let matches = |bytes: &[u8], hash: &[u8]| match self.digest {
            CertificateDigest::Sha1 => openssl::sha::sha1(bytes).as_slice() == hash,
            CertificateDigest::Sha256 => openssl::sha::sha256(bytes).as_slice() == hash,
            CertificateDigest::Other => false,
        };
        !self.unknown_critical
            && self.serial == certificate.serial()
            && [issuer.subject_der(), certificate.issuer_der()]
                .iter()
                .any(|name| matches(name, &self.issuer_name))
            && matches(&issuer.public_key().bits, &self.issuer_key)
    }
}

/// The `BasicOCSPResponse` inside a successful `OCSPResponse`.
fn unwrap(der: &[u8]) -> Result<&[u8], Error> {
    let mut outer = der::only(WHAT, der, der::SEQUENCE)?;
    let status = outer.required(der::ENUMERATED)?.value;
    if status != [0] {
        let code = status.first().copied().unwrap_or(u8::MAX);
        let fault = format!("the responder answered with error {code} instead of a status");
        return Err(Error::Malformed { what: WHAT, fault });
    }
    let mut bytes = outer.enter(der::context(0))?.enter(der::SEQUENCE)?;
    outer.finish()?;
    if bytes.required(der::OID)?.value != BASIC {
        return Err(bytes.fault("it is not a basic response"));
    }
    let basic = bytes.required(der::OCTET_STRING)?.value;
    bytes.finish()?;
    der::check(WHAT, basic)?;
    Ok(basic)
}

fn instant(fields: &mut Reader<'_>) -> Result<Timestamp, Error> {
    let element = fields.element()?;
    der::time(&element).ok_or_else(|| fields.fault("not a time as RFC 5280 writes it"))
}

fn responder(element: &Element<'_>, fields: &Reader<'_>) -> Result<Responder, Error> {
    const NAME: u8 = der::context(1);
    const KEY: u8 = der::context(2);
    match element.tag {
        NAME => Ok(Responder::Name(name::canonical(element.value)?)),
        KEY => {
            let hash = Reader::new(WHAT, element.value)
                .required(der::OCTET_STRING)?
                .value;
            Ok(Responder::Key(hash.to_vec()))
        }
        _ => Err(fields.fault("the responder is named neither by name nor by key")),
    }
}

fn certificates(list: &[u8]) -> Result<Vec<Certificate>, Error> {
    let mut reader = der::only(WHAT, list, der::SEQUENCE)?;
    let mut found = Vec::new();
    while !reader.is_empty() {
        check_count(found.len())?;
        found.push(Certificate::from_der(reader.required(der::SEQUENCE)?.raw)?);
    }
    Ok(found)
}

const fn check_count(count: usize) -> Result<(), Error> {
    if count < MAX_ANSWERS {
        return Ok(());
    }
    let what = "answers or certificates in an OCSP response";
    Err(Error::TooLarge {
        what,
        limit: MAX_ANSWERS,
        found: count + 1,
    })
}

fn answers(mut list: Reader<'_>) -> Result<Vec<Answer>, Error> {
    let mut found = Vec::new();
    while !list.is_empty() {
        check_count(found.len())?;
        found.push(answer(list.enter(der::SEQUENCE)?)?);
    }
    Ok(found)
}

fn answer(mut fields: Reader<'_>) -> Result<Answer, Error> {
    let mut id = fields.enter(der::SEQUENCE)?;
    let digest = match id.enter(der::SEQUENCE)?.required(der::OID)?.value {
        SHA1 => CertificateDigest::Sha1,
        SHA256 => CertificateDigest::Sha256,
        _ => CertificateDigest::Other,
    };
    let issuer_name = id.required(der::OCTET_STRING)?.value.to_vec();
    let issuer_key = id.required(der::OCTET_STRING)?.value.to_vec();
    let serial = id.required(der::INTEGER)?.value.to_vec();
    id.finish()?;
    let status = status(&fields.element()?, &fields)?;
    let this_update = instant(&mut fields)?;
    let next_update = match fields.optional(der::context(0))? {
        Some(wrapped) => Some(instant(&mut Reader::new(WHAT, wrapped.value))?),
        None => None,
    };
    let mut unknown_critical = false;
    let mut archive_cutoff = None;
    let mut cert_hash = CertHash::Absent;
    if let Some(wrapped) = fields.optional(der::context(1))? {
        let list = der::only(WHAT, wrapped.value, der::SEQUENCE)?;
        each_extension(list.rest(), &mut |oid, critical, value| match oid {
            ARCHIVE_CUTOFF => archive_cutoff = generalized(value),
            CERT_HASH => cert_hash = read_cert_hash(value),
            _ => unknown_critical |= critical,
        })?;
    }
    fields.finish()?;
    Ok(Answer {
        archive_cutoff,
        cert_hash,
        digest,
        issuer_name,
        issuer_key,
        serial,
        status,
        this_update,
        next_update,
        unknown_critical,
    })
}

fn read_cert_hash(value: &[u8]) -> CertHash {
    let read = || {
        let mut fields = der::only(WHAT, value, der::SEQUENCE).ok()?;
        let algorithm = fields.required(der::SEQUENCE).ok()?;
        let hash = fields.required(der::OCTET_STRING).ok()?;
        fields.finish().ok()?;
        let digest = DigestAlgorithm::read(algorithm.raw).ok()?;
        Some(CertHash::Present(digest, hash.value.to_vec()))
    };
    read().unwrap_or(CertHash::Unreadable)
}

fn status(element: &Element<'_>, fields: &Reader<'_>) -> Result<Status, Error> {
    const GOOD: u8 = der::context_primitive(0);
    const REVOKED: u8 = der::context(1);
    const UNKNOWN: u8 = der::context_primitive(2);
    match element.tag {
        GOOD => Ok(Status::Good),
        UNKNOWN => Ok(Status::Unknown),
        REVOKED => {
            let mut fields = Reader::new(WHAT, element.value);
            let at = instant(&mut fields)?;
            let reason = match fields.optional(der::context(0))? {
                Some(wrapped) => {
                    Reader::new(WHAT, wrapped.value)
                        .required(der::ENUMERATED)?
                        .value
                }
                None => &[],
            };
            let reason = reason.first().copied().unwrap_or(0);
            Ok(Status::Revoked(Revocation { at, reason }))
        }
        _ => Err(fields.fault("the status of a certificate is none of the three")),
    }
}

fn has_unknown_critical(wrapped: &[u8]) -> Result<bool, Error> {
    let mut unknown = false;
    let list = der::only(WHAT, wrapped, der::SEQUENCE)?;
    each_extension(list.rest(), &mut |oid, critical, _| {
        unknown |= critical && oid != NONCE
    })?;
    Ok(unknown)
}

#[cfg(test)]
mod tests;
