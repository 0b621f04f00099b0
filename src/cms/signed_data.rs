//! Reads a received signature. One structure with one signer is accepted, in DER, or in BER with
//! indefinite lengths (see `ber`; noticed as a finding). What was signed is kept byte for byte.
//! Source: RFC 5652, 3 and 5; `parse` states each rule.

use std::borrow::Cow;

use super::signer_attributes::{self, SignerAttributes};
use super::{Error, ber, oids};
use crate::domain::clock::Timestamp;
use crate::pki;
use crate::pki::algorithm::{DigestAlgorithm, SignatureAlgorithm};
use crate::pki::certificate::Certificate;
use crate::pki::der::{self, Reader};
use crate::pki::verdict::{Finding, Severity};

/// The largest structure read, padding included.
pub const MAX_CMS_BYTES: usize = 4 * 1024 * 1024;

/// The most certificates read from one signature.
pub const MAX_CERTIFICATES: usize = 64;

const WHAT: &str = "CMS signature";

/// One signature, read and not yet judged.
#[derive(Debug, Clone)]
pub struct SignedData {
    pub(super) certificates: Vec<Certificate>,
    pub(super) sid: SignerId,
    pub(super) digest: DigestAlgorithm,
    pub(super) algorithm: SignatureAlgorithm,
    /// The signed attributes as received, under the tag of a set: what the signature is over.
    pub(super) signed: Vec<u8>,
    pub(super) attributes: SignerAttributes,
    pub(super) signature: Vec<u8>,
    timestamps: Vec<Vec<u8>>,
    crls: Vec<Vec<u8>>,
    pub(super) findings: Vec<Finding>,
    content: Vec<u8>,
}

/// How the signer is named outside the signed attributes.
#[derive(Debug, Clone)]
pub(super) enum SignerId {
    IssuerSerial { issuer: Vec<u8>, serial: Vec<u8> },
    KeyId(Vec<u8>),
}

/// Reads a detached signature: DER, or BER with indefinite lengths, then nothing but zero bytes (the
/// padding of `/Contents`).
///
/// # Errors
/// [`Error`] unless it is signed data over absent content of type `id-data`, with exactly one signer
/// and signed attributes that hold content type and message digest once each.
pub fn parse(der: &[u8]) -> Result<SignedData, Error> {
    read(der, oids::DATA, &[])
}

/// As [`parse`]; a certificate that stands byte for byte among `known` is that one, not read again.
///
/// # Errors
/// As [`parse`].
pub fn parse_knowing(der: &[u8], known: &[Certificate]) -> Result<SignedData, Error> {
    read(der, oids::DATA, known)
}

/// Reads a time-stamp token: as [`parse`], but its content, a `TSTInfo`, stands inside
/// ([`SignedData::content`]). Source: RFC 3161, 2.4.2.
///
/// # Errors
/// [`Error`] as for [`parse`], and if the content is missing or of another type.
pub fn parse_timestamp(der: &[u8]) -> Result<SignedData, Error> {
    read(der, oids::TST_INFO, &[])
}

impl SignedData {
    /// The certificates it carries; nothing is said about them yet.
    #[must_use]
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// The digest algorithm the content must be hashed with.
    #[must_use]
    pub fn digest_algorithm(&self) -> DigestAlgorithm {
        self.digest
    }

    /// The signature algorithm.
    #[must_use]
    pub fn algorithm(&self) -> &SignatureAlgorithm {
        &self.algorithm
    }

    /// The digest of the content, as signed.
    #[must_use]
    pub fn message_digest(&self) -> &[u8] {
        &self.attributes.message_digest
    }

    /// The time the signer claims in a signed attribute; no proof.
    #[must_use]
    pub fn signing_time(&self) -> Option<Timestamp> {
        self.attributes.signing_time
    }

    /// The signature value, which a signature time stamp is over.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// The signed attributes as received, under the tag of a set: what the signature is over.
    #[must_use]
    pub fn signed_attributes(&self) -> &[u8] {
        &self.signed
    }

    /// The time-stamp tokens among the unsigned attributes, as received.
    #[must_use]
    pub fn timestamps(&self) -> &[Vec<u8>] {
        &self.timestamps
    }

    /// The CRLs it carries, as received.
    #[must_use]
    pub fn crls(&self) -> &[Vec<u8>] {
        &self.crls
    }

    /// The content that stands inside: empty for a detached signature, the `TSTInfo` of a token.
    #[must_use]
    pub fn content(&self) -> &[u8] {
        &self.content
    }
}

fn read(der: &[u8], content_type: &[u8], known: &[Certificate]) -> Result<SignedData, Error> {
    let whole = without_padding(der)?;
    let mut outer = der::only(WHAT, &whole, der::SEQUENCE)?;
    let found = outer.required(der::OID)?.value;
    if found != oids::SIGNED_DATA {
        return Err(Error::NotSignedData {
            found: der::dotted(found),
        });
    }
    let mut wrapper = outer.enter(der::context(0))?;
    outer.finish()?;
    let mut fields = wrapper.enter(der::SEQUENCE)?;
    wrapper.finish()?;
    let told = version(&mut fields, &[1, 3])?;
    let listed = fields.enter(der::SET)?;
    let content = content(fields.enter(der::SEQUENCE)?, content_type)?;
    let mut findings = Vec::new();
    if matches!(whole, Cow::Owned(_)) {
        findings.push(Finding {
            check: "CMS_INDEFINITE_LENGTH",
            severity: Severity::Info,
            params: Vec::new(),
            location: WHAT.to_owned(),
        });
    }
    let certificates = match fields.optional(der::context(0))? {
        Some(set) => certificates(set.value, known, &mut findings)?,
        None => Vec::new(),
    };
    let crls = match fields.optional(der::context(1))? {
        Some(set) => crls(set.value)?,
        None => Vec::new(),
    };
    let signer = only_signer(fields.enter(der::SET)?)?;
    fields.finish()?;
    let mut data = signer_info(signer, content_type, listed)?;
    check_version(told, content_type, &data.sid)?;
    findings.append(&mut data.findings);
    Ok(SignedData {
        certificates,
        crls,
        content,
        findings,
        ..data
    })
}

/// The one element at the start, in definite lengths; zero bytes may follow.
fn without_padding(bytes: &[u8]) -> Result<Cow<'_, [u8]>, Error> {
    if bytes.len() > MAX_CMS_BYTES {
        let what = "bytes of a CMS signature";
        let found = bytes.len();
        return Err(pki::Error::TooLarge {
            what,
            limit: MAX_CMS_BYTES,
            found,
        }
        .into());
    }
    let mut reader = Reader::new(WHAT, bytes);
    let strict = reader.element().and_then(|whole| {
        der::check(WHAT, whole.raw)?;
        Ok((Cow::Borrowed(whole.raw), reader.rest()))
    });
    let (whole, padding) = match strict {
        Err(pki::Error::Der {
            fault: der::INDEFINITE,
            ..
        }) => {
            let (whole, rest) = ber::definite(bytes)?;
            der::check(WHAT, &whole)?;
            (Cow::Owned(whole), rest)
        }
        other => other?,
    };
    if padding.iter().any(|byte| *byte != 0) {
        return Err(Error::TrailingBytes {
            count: padding.len(),
        });
    }
    Ok(whole)
}

fn version(fields: &mut Reader<'_>, allowed: &[u32]) -> Result<u32, Error> {
    let value = fields.required(der::INTEGER)?.value;
    let number = der::small_integer(value).filter(|number| allowed.contains(number));
    number.ok_or_else(|| Error::Version {
        found: hex::encode(value),
    })
}

/// The version is not signed, so exactly the one that follows from the rest is taken: 1 for plain data
/// signed by somebody named by issuer and serial, else 3. Source: RFC 5652, 5.1.
fn check_version(told: u32, content_type: &[u8], sid: &SignerId) -> Result<(), Error> {
    let plain = content_type == oids::DATA && matches!(sid, SignerId::IssuerSerial { .. });
    let expected = if plain { 1 } else { 3 };
    if told == expected {
        return Ok(());
    }
    Err(Error::Version {
        found: format!("{told:02x}"),
    })
}

/// A detached signature has no content; a token holds it in an octet string.
fn content(mut fields: Reader<'_>, expected: &[u8]) -> Result<Vec<u8>, Error> {
    let found = fields.required(der::OID)?.value;
    expect_type(expected, found)?;
    let inside = fields.optional(der::context(0))?;
    fields.finish()?;
    match (inside, expected == oids::DATA) {
        (None, true) => Ok(Vec::new()),
        (Some(_), true) => Err(Error::ContentPresent),
        (None, false) => Err(Error::ContentMissing),
        (Some(wrapped), false) => {
            let mut wrapped = Reader::new(WHAT, wrapped.value);
            let content = wrapped.required(der::OCTET_STRING)?.value.to_vec();
            wrapped.finish()?;
            Ok(content)
        }
    }
}

fn expect_type(expected: &[u8], found: &[u8]) -> Result<(), Error> {
    if expected == found {
        return Ok(());
    }
    Err(Error::ContentType {
        expected: der::dotted(expected),
        found: der::dotted(found),
    })
}

/// A certificate that cannot be read is passed over with a finding: it may be of no concern, and if
/// it was needed there is no path without it.
fn certificates(
    set: &[u8],
    known: &[Certificate],
    findings: &mut Vec<Finding>,
) -> Result<Vec<Certificate>, Error> {
    let mut reader = Reader::new(WHAT, set);
    let mut found = Vec::new();
    let mut count = 0;
    while !reader.is_empty() {
        count += 1;
        if count > MAX_CERTIFICATES {
            let what = "certificates in a signature";
            let limit = MAX_CERTIFICATES;
            return Err(pki::Error::TooLarge {
                what,
                limit,
                found: count,
            }
            .into());
        }
        let element = reader.element()?;
        let known = known.iter().find(|one| one.der() == element.raw);
        match known.map_or_else(|| Certificate::from_der(element.raw), |one| Ok(one.clone())) {
            Ok(certificate) => found.push(certificate),
            Err(fault) => findings.push(Finding {
                check: "CMS_CERTIFICATE_UNREADABLE",
                severity: Severity::Warning,
                params: vec![("fault", fault.to_string())],
                location: format!("certificate {count} of the signature"),
            }),
        }
    }
    Ok(found)
}

fn crls(set: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
    let mut reader = Reader::new(WHAT, set);
    let mut found = Vec::new();
    while !reader.is_empty() {
        found.push(reader.element()?.raw.to_vec());
    }
    Ok(found)
}

fn only_signer(mut set: Reader<'_>) -> Result<Reader<'_>, Error> {
    let mut count = 0;
    let mut rest = set.clone();
    while !rest.is_empty() {
        rest.element()?;
        count += 1;
    }
    if count == 1 {
        Ok(set.enter(der::SEQUENCE)?)
    } else {
        Err(Error::SignerCount { found: count })
    }
}

/// Reads the `SignerInfo`; `listed` are the digest algorithms of the message.
fn signer_info(
    mut fields: Reader<'_>,
    content_type: &[u8],
    listed: Reader<'_>,
) -> Result<SignedData, Error> {
    let version = version(&mut fields, &[1, 3])?;
    let sid = signer_id(&mut fields, version)?;
    let digest = DigestAlgorithm::read(fields.required(der::SEQUENCE)?.raw)?;
    check_listed(listed, digest)?;
    let signed = fields
        .optional(der::context(0))?
        .ok_or(Error::NoSignedAttributes)?;
    let algorithm = SignatureAlgorithm::read_in_cms(fields.required(der::SEQUENCE)?.raw, digest)?;
    let signature = fields.required(der::OCTET_STRING)?.value.to_vec();
    let timestamps = match fields.optional(der::context(1))? {
        Some(unsigned) => timestamps(unsigned.value)?,
        None => Vec::new(),
    };
    fields.finish()?;
    let attributes = signer_attributes::read(signed.value)?;
    expect_type(content_type, &attributes.content_type)?;
    check_algorithms(digest, &algorithm, &attributes)?;
    Ok(SignedData {
        certificates: Vec::new(),
        crls: Vec::new(),
        content: Vec::new(),
        findings: Vec::new(),
        sid,
        digest,
        algorithm,
        signed: der::encode(der::SET, &[signed.value]),
        attributes,
        signature,
        timestamps,
    })
}

fn signer_id(fields: &mut Reader<'_>, version: u32) -> Result<SignerId, Error> {
    const KEY_ID: u8 = der::context_primitive(0);
    if version == 3 {
        return Ok(SignerId::KeyId(fields.required(KEY_ID)?.value.to_vec()));
    }
    let mut id = fields.enter(der::SEQUENCE)?;
    let issuer = id.required(der::SEQUENCE)?.raw.to_vec();
    let serial = id.required(der::INTEGER)?.value.to_vec();
    id.finish()?;
    Ok(SignerId::IssuerSerial { issuer, serial })
}

fn check_listed(mut listed: Reader<'_>, digest: DigestAlgorithm) -> Result<(), Error> {
    while !listed.is_empty() {
        if DigestAlgorithm::read(listed.element()?.raw) == Ok(digest) {
            return Ok(());
        }
    }
    Err(Error::DigestNotListed {
        digest: digest.name(),
    })
}

fn check_algorithms(
    digest: DigestAlgorithm,
    algorithm: &SignatureAlgorithm,
    attributes: &SignerAttributes,
) -> Result<(), Error> {
    if algorithm.digest() != digest {
        let signature = algorithm.to_string();
        return Err(Error::AlgorithmMismatch {
            digest: digest.name(),
            signature,
        });
    }
    if attributes.message_digest.len() != usize::from(digest.size_bytes()) {
        return Err(Error::AttributeMalformed {
            name: "messageDigest",
        });
    }
    match &attributes.protection {
        Some(protection) if !signer_attributes::protects(protection, digest, algorithm)? => {
            Err(Error::AlgorithmProtection)
        }
        _ => Ok(()),
    }
}

fn timestamps(unsigned: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
    let list = signer_attributes::list(unsigned)?;
    let tokens = list
        .iter()
        .filter(|attribute| attribute.oid == oids::TIME_STAMP_TOKEN);
    Ok(tokens
        .flat_map(|token| &token.values)
        .map(|value| value.raw.to_vec())
        .collect())
}
