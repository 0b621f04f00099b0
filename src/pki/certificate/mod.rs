//! An X.509 certificate, read once and strictly, cheap to clone. Reading refuses what is no
//! certificate; what is one but may not be relied on (version 1, weak keys, unknown critical
//! extensions) is read too, so that the judgement can say why. Source: RFC 5280, 4.1.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use openssl::pkey::{PKey, Public};
use openssl::rsa::Padding;
use openssl::sign::{RsaPssSaltlen, Verifier};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::algorithm::{AlgorithmRefusal, SignatureAlgorithm, SignatureScheme};
use super::der::{self, Element, Reader};
use super::extensions::{self, Extensions};
use super::key::{self, PublicKey};
use super::name::{self, Canonical, Name};
use super::{Error, pem};
use crate::domain::clock::Timestamp;
use crate::domain::digest::Sha256;

pub use super::key::{KeyAlgorithm, KeyFacts};

/// The largest certificate read.
pub const MAX_CERTIFICATE_BYTES: usize = 64 * 1024;

/// The most certificates read from one file.
pub const MAX_CERTIFICATES: usize = 2_000;

/// A certificate. Two are equal when their bytes are.
#[derive(Clone)]
pub struct Certificate(Arc<Inner>);

struct Inner {
    der: Vec<u8>,
    sha256: Sha256,
    tbs: Range<usize>,
    version: u32,
    serial: Vec<u8>,
    serial_hex: String,
    subject_der: Vec<u8>,
    issuer_der: Vec<u8>,
    subject: Name,
    issuer: Name,
    subject_canonical: Canonical,
    issuer_canonical: Canonical,
    not_before: Timestamp,
    not_after: Timestamp,
    key: PublicKey,
    algorithm: Result<SignatureAlgorithm, AlgorithmRefusal>,
    algorithms_agree: bool,
    signature: Vec<u8>,
    extensions: Extensions,
    opened_key: OnceLock<Option<PKey<Public>>>,
    signed_by: OnceLock<(Sha256, bool)>,
    self_signed: OnceLock<bool>,
}

impl Certificate {
    /// Reads one certificate: strict DER, nothing before or after it.
    ///
    /// # Errors
    /// [`Error`] if the bytes are anything else, or more than [`MAX_CERTIFICATE_BYTES`].
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        const WHAT: &str = "certificate";
        if der.len() > MAX_CERTIFICATE_BYTES {
            let limit = MAX_CERTIFICATE_BYTES;
            return Err(Error::TooLarge {
                what: "bytes of a certificate",
                limit,
                found: der.len(),
            });
        }
        der::check(WHAT, der)?;
        let mut outer = der::only(WHAT, der, der::SEQUENCE)?;
        let start = der.len() - outer.rest().len();
        let tbs = outer.required(der::SEQUENCE)?;
        let algorithm = outer.required(der::SEQUENCE)?.raw;
        let signature = bits(&outer.required(der::BIT_STRING)?)?;
        outer.finish()?;
        let fields = Fields::read(Reader::new(WHAT, tbs.value))?;
        let (_, parsed) = X509Certificate::from_der(der).map_err(|fault| Error::Malformed {
            what: WHAT,
            fault: fault.to_string(),
        })?;
        Ok(Self(Arc::new(Inner {
            sha256: Sha256::of(der),
            tbs: start..start + tbs.raw.len(),
            version: parsed.version().0.saturating_add(1),
            serial_hex: hex::encode(fields.serial),
            serial: fields.serial.to_vec(),
            subject: name::read(fields.subject)?,
            issuer: name::read(fields.issuer)?,
            subject_canonical: name::canonical(fields.subject)?,
            issuer_canonical: name::canonical(fields.issuer)?,
            subject_der: fields.subject.to_vec(),
            issuer_der: fields.issuer.to_vec(),
            not_before: fields.not_before,
            not_after: fields.not_after,
            key: key::read(fields.key)?,
            algorithm: SignatureAlgorithm::read(algorithm),
            algorithms_agree: fields.algorithm == algorithm,
            signature: signature.to_vec(),
            extensions: extensions::read(parsed.extensions()),
            opened_key: OnceLock::new(),
            signed_by: OnceLock::new(),
            self_signed: OnceLock::new(),
            der: der.to_vec(),
        })))
    }

    /// The bytes it was read from.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// Its fingerprint: the SHA-256 of [`Self::der`].
    #[must_use]
    pub fn sha256(&self) -> Sha256 {
        self.0.sha256
    }

    /// The subject, most specific part first, invisible characters escaped (after RFC 4514).
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.0.subject.text
    }

    /// The issuer, as [`Self::subject`].
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.0.issuer.text
    }

    /// The subject `Name` as received.
    #[must_use]
    pub fn subject_der(&self) -> &[u8] {
        &self.0.subject_der
    }

    /// The issuer `Name` as received.
    #[must_use]
    pub fn issuer_der(&self) -> &[u8] {
        &self.0.issuer_der
    }

    /// The most specific common name of the subject, invisible characters escaped.
    #[must_use]
    pub fn common_name(&self) -> Option<&str> {
        self.0.subject.common_name.as_deref()
    }

    /// The most specific organisation of the subject, invisible characters escaped.
    #[must_use]
    pub fn organization(&self) -> Option<&str> {
        self.0.subject.organization.as_deref()
    }

    /// The serial number as lower-case hex of its DER value.
    #[must_use]
    pub fn serial_hex(&self) -> &str {
        &self.0.serial_hex
    }

    /// The serial number: the value of its DER `INTEGER`.
    #[must_use]
    pub fn serial(&self) -> &[u8] {
        &self.0.serial
    }

    /// The first instant of its validity.
    #[must_use]
    pub fn not_before(&self) -> Timestamp {
        self.0.not_before
    }

    /// The last instant of its validity.
    #[must_use]
    pub fn not_after(&self) -> Timestamp {
        self.0.not_after
    }

    /// Kind and size of its public key.
    #[must_use]
    pub fn key(&self) -> KeyFacts {
        self.0.key.facts
    }

    /// The `SubjectPublicKeyInfo` as received.
    #[must_use]
    pub fn public_key_der(&self) -> &[u8] {
        &self.0.key.der
    }

    /// The subjectKeyIdentifier, if it has one.
    #[must_use]
    pub fn subject_key_id(&self) -> Option<&[u8]> {
        self.0.extensions.subject_key_id.as_deref()
    }

    /// Whether basicConstraints says it is a CA.
    #[must_use]
    pub fn is_ca(&self) -> bool {
        self.0.extensions.ca == Some(true)
    }

    /// Whether subject and issuer are the same and its own key verifies its signature.
    #[must_use]
    pub fn is_self_signed(&self) -> bool {
        *self.0.self_signed.get_or_init(|| {
            // The signature of an anchor proves nothing, so a weak one (old roots) counts too.
            let verifies = |key: &PKey<Public>| {
                openssl::x509::X509::from_der(self.der()).and_then(|own| own.verify(key))
            };
            self.is_self_issued()
                && !self.public_key().is_oversized
                && self
                    .opened_key()
                    .is_some_and(|key| verifies(key).unwrap_or(false))
        })
    }

    /// Whether `signature` over `tbs` verifies with the public key of this certificate; false too
    /// when the key is of another kind than the algorithm.
    ///
    /// # Errors
    /// [`Error::Key`] if OpenSSL cannot use the key at all.
    pub fn verify_signature(
        &self,
        algorithm: &SignatureAlgorithm,
        tbs: &[u8],
        signature: &[u8],
    ) -> Result<bool, Error> {
        let unusable = |fault: String| Error::Key {
            subject: self.subject().to_owned(),
            fault,
        };
        let key = self.public_key();
        let pss = !key.is_pss_only || algorithm.scheme() == SignatureScheme::RsaPss;
        let fits = pss && self.key().algorithm.fits(algorithm.scheme());
        if !fits || key.is_oversized {
            return Ok(false);
        }
        let key = self
            .opened_key()
            .ok_or_else(|| unusable("it cannot be read".to_owned()))?;
        let mut verifier = verifier(key, algorithm).map_err(|fault| unusable(fault.to_string()))?;
        // OpenSSL reports a malformed signature as an error: it is simply not a signature.
        Ok(verifier.verify_oneshot(signature, tbs).unwrap_or(false))
    }

    pub(super) fn is_self_issued(&self) -> bool {
        self.0.subject_canonical == self.0.issuer_canonical
    }

    /// 1, 2 or 3.
    pub(super) fn version(&self) -> u32 {
        self.0.version
    }

    pub(super) fn algorithm(&self) -> Result<SignatureAlgorithm, &AlgorithmRefusal> {
        self.0.algorithm.as_ref().copied()
    }

    pub(super) fn algorithms_agree(&self) -> bool {
        self.0.algorithms_agree
    }

    pub(super) fn extensions(&self) -> &Extensions {
        &self.0.extensions
    }

    /// The subject as names are compared; empty if it has none.
    pub(super) fn subject_canonical(&self) -> &Canonical {
        &self.0.subject_canonical
    }

    /// The issuer as names are compared.
    pub(super) fn issuer_canonical(&self) -> &Canonical {
        &self.0.issuer_canonical
    }

    /// Whether the issuer it names is the subject of `issuer`.
    pub(super) fn names_issuer(&self, issuer: &Self) -> bool {
        self.issuer_canonical() == issuer.subject_canonical()
    }

    pub(super) fn public_key(&self) -> &PublicKey {
        &self.0.key
    }

    pub(super) fn hides_characters(&self) -> bool {
        self.0.subject.hides_characters
    }

    /// Whether `issuer`'s key signed this certificate. The answer for the first issuer asked about
    /// is kept; false for a signature algorithm that is refused.
    #[must_use]
    pub fn is_signed_by(&self, issuer: &Self) -> bool {
        let check = || {
            self.algorithm().is_ok_and(|algorithm| {
                let tbs = self.der().get(self.0.tbs.clone()).unwrap_or_default();
                issuer
                    .verify_signature(&algorithm, tbs, &self.0.signature)
                    .unwrap_or(false)
            })
        };
        let (asked, answer) = self.0.signed_by.get_or_init(|| (issuer.sha256(), check()));
        if *asked == issuer.sha256() {
            *answer
        } else {
            check()
        }
    }

    fn opened_key(&self) -> Option<&PKey<Public>> {
        let open = || self.public_key().open().ok();
        self.0.opened_key.get_or_init(open).as_ref()
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.sha256() == other.sha256()
    }
}

impl Eq for Certificate {}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({}, {})", self.subject(), self.sha256())
    }
}

/// All certificates of a PEM bundle, or the one of a DER file.
///
/// # Errors
/// [`Error`] if there is none, one cannot be read, or there are more than [`MAX_CERTIFICATES`].
pub fn read_certificates(bytes: &[u8]) -> Result<Vec<Certificate>, Error> {
    if bytes.first() == Some(&der::SEQUENCE) {
        return Certificate::from_der(bytes).map(|certificate| vec![certificate]);
    }
    let blocks = pem::read(bytes, &["CERTIFICATE"], MAX_CERTIFICATES)?;
    if blocks.is_empty() {
        return Err(Error::NothingFound {
            expected: "a certificate (PEM or DER)",
        });
    }
    blocks
        .iter()
        .map(|block| Certificate::from_der(block))
        .collect()
}

/// What the fixed part of a certificate holds, as received.
struct Fields<'a> {
    serial: &'a [u8],
    algorithm: &'a [u8],
    issuer: &'a [u8],
    subject: &'a [u8],
    not_before: Timestamp,
    not_after: Timestamp,
    key: &'a [u8],
}

impl<'a> Fields<'a> {
    fn read(mut tbs: Reader<'a>) -> Result<Self, Error> {
        tbs.optional(der::context(0))?;
        let serial = tbs.required(der::INTEGER)?.value;
        let algorithm = tbs.required(der::SEQUENCE)?.raw;
        let issuer = tbs.required(der::SEQUENCE)?.raw;
        let mut validity = tbs.enter(der::SEQUENCE)?;
        let mut instant = || {
            let element = validity.element()?;
            der::time(&element).ok_or_else(|| validity.fault("not a time as RFC 5280 writes it"))
        };
        let (not_before, not_after) = (instant()?, instant()?);
        validity.finish()?;
        let subject = tbs.required(der::SEQUENCE)?.raw;
        let key = tbs.required(der::SEQUENCE)?.raw;
        Ok(Self {
            serial,
            algorithm,
            issuer,
            subject,
            not_before,
            not_after,
            key,
        })
    }
}

/// The octets of a `BIT STRING` without unused bits.
pub(super) fn bits<'a>(element: &Element<'a>) -> Result<&'a [u8], Error> {
    let fault = || Error::Malformed {
        what: "bit string",
        fault: "it does not consist of whole octets".to_owned(),
    };
    element.value.strip_prefix(&[0]).ok_or_else(fault)
}

fn verifier<'a>(
    key: &'a PKey<Public>,
    algorithm: &SignatureAlgorithm,
) -> Result<Verifier<'a>, openssl::error::ErrorStack> {
    let digest = algorithm.digest().message_digest();
    if algorithm.scheme() == SignatureScheme::Ed25519 {
        return Verifier::new_without_digest(key);
    }
    let mut verifier = Verifier::new(digest, key)?;
    if algorithm.scheme() == SignatureScheme::RsaPss {
        verifier.set_rsa_padding(Padding::PKCS1_PSS)?;
        verifier.set_rsa_mgf1_md(digest)?;
        verifier.set_rsa_pss_saltlen(RsaPssSaltlen::custom(algorithm.salt_bytes().into()))?;
    }
    Ok(verifier)
}

#[cfg(test)]
mod tests;
