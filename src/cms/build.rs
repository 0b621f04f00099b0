//! Builds a detached signature in two steps, so that the key may be anywhere: the attributes, whose
//! DER is signed, and then the finished structure. Source: RFC 5652, 5; ETSI EN 319 122-1, 5.2.2.

use super::time_stamping::token_attribute;
use super::{Error, oids};
use crate::pki::algorithm::{DigestAlgorithm, SignatureAlgorithm};
use crate::pki::certificate::Certificate;
use crate::pki::der::{self, encode};

/// The attributes to be signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attributes {
    der: Vec<u8>,
    digest: DigestAlgorithm,
}

impl Attributes {
    /// The exact bytes to be signed: a DER `SET OF Attribute`.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Attributes stored by [`Attributes::der`]. Nothing is said about them: whoever restores them
    /// compares them with what they should be.
    #[must_use]
    pub const fn restored(der: Vec<u8>, digest: DigestAlgorithm) -> Self {
        Self { der, digest }
    }

    /// The digest algorithm the content was hashed with; the signature must use it too.
    #[must_use]
    pub const fn digest(&self) -> DigestAlgorithm {
        self.digest
    }
}

/// The attributes of a PAdES baseline signature by `signer` over content whose digest with `digest`
/// is `content_digest`: content type, message digest and signing-certificate-v2. No signing time:
/// PAdES keeps the claimed time in the signature dictionary. For Ed25519 `digest` is SHA-512.
#[must_use]
pub fn attributes(
    content_digest: &[u8],
    digest: DigestAlgorithm,
    signer: &Certificate,
) -> Attributes {
    let content_type = encode(der::OID, &[oids::DATA]);
    let message_digest = encode(der::OCTET_STRING, &[content_digest]);
    let der = set_of(
        der::SET,
        vec![
            attribute(oids::CONTENT_TYPE, &content_type),
            attribute(oids::MESSAGE_DIGEST, &message_digest),
            attribute(oids::SIGNING_CERTIFICATE_V2, &signing_certificate(signer)),
        ],
    );
    Attributes { der, digest }
}

/// Whether the signed `attributes` hold `content_digest` as message digest. Found by its bytes:
/// nothing of the structure is read, so it says nothing about attributes that no trusted key signed.
#[must_use]
pub fn hold_digest(attributes: &[u8], content_digest: &[u8]) -> bool {
    let digest = encode(der::OCTET_STRING, &[content_digest]);
    let wanted = attribute(oids::MESSAGE_DIGEST, &digest);
    attributes.windows(wanted.len()).any(|part| part == wanted)
}

/// The finished detached signature: a `ContentInfo` in DER with the certificates of `signer` and
/// `chain`.
///
/// # Errors
/// [`Error::AlgorithmMismatch`] if `algorithm` signs another digest than the attributes were made for.
pub fn assemble(
    attributes: &Attributes,
    algorithm: &SignatureAlgorithm,
    signature: &[u8],
    signer: &Certificate,
    chain: &[Certificate],
) -> Result<Vec<u8>, Error> {
    build(attributes, (algorithm, signature), (signer, chain), &[])
}

/// As [`assemble`], with the time-stamp token `token` over `signature` as unsigned attribute
/// (signature-time-stamp). Source: RFC 3161, appendix A; ETSI EN 319 122-1, 5.3.
///
/// # Errors
/// As [`assemble`].
pub fn assemble_timestamped(
    attributes: &Attributes,
    (algorithm, signature): (&SignatureAlgorithm, &[u8]),
    (signer, chain): (&Certificate, &[Certificate]),
    token: &[u8],
) -> Result<Vec<u8>, Error> {
    let attribute = token_attribute(token);
    let unsigned = encode(der::context(1), &[&attribute]);
    build(
        attributes,
        (algorithm, signature),
        (signer, chain),
        &unsigned,
    )
}

/// `unsigned` is empty or the whole `[1] UnsignedAttributes`.
fn build(
    attributes: &Attributes,
    (algorithm, signature): (&SignatureAlgorithm, &[u8]),
    (signer, chain): (&Certificate, &[Certificate]),
    unsigned: &[u8],
) -> Result<Vec<u8>, Error> {
    if attributes.digest != algorithm.digest() {
        return Err(Error::AlgorithmMismatch {
            digest: attributes.digest.name(),
            signature: algorithm.to_string(),
        });
    }
    let version = encode(der::INTEGER, &[&[1]]);
    let digest = attributes.digest.to_der();
    let mut certificates: Vec<_> = chain.iter().map(|one| one.der().to_vec()).collect();
    certificates.push(signer.der().to_vec());
    let signed = der::only("attributes", &attributes.der, der::SET)?;
    let signer_info = encode(
        der::SEQUENCE,
        &[
            &version,
            &encode(der::SEQUENCE, &[signer.issuer_der(), &serial(signer)]),
            &digest,
            &encode(der::context(0), &[signed.rest()]),
            &algorithm.to_der(),
            &encode(der::OCTET_STRING, &[signature]),
            unsigned,
        ],
    );
    let signed_data = encode(
        der::SEQUENCE,
        &[
            &version,
            &encode(der::SET, &[&digest]),
            &encode(der::SEQUENCE, &[&encode(der::OID, &[oids::DATA])]),
            &set_of(der::context(0), certificates),
            &encode(der::SET, &[&signer_info]),
        ],
    );
    let content = encode(der::context(0), &[&signed_data]);
    Ok(encode(
        der::SEQUENCE,
        &[&encode(der::OID, &[oids::SIGNED_DATA]), &content],
    ))
}

fn attribute(oid: &[u8], value: &[u8]) -> Vec<u8> {
    encode(
        der::SEQUENCE,
        &[&encode(der::OID, &[oid]), &encode(der::SET, &[value])],
    )
}

/// `SigningCertificateV2` with one `ESSCertIDv2`: SHA-256 is the default and so left out.
fn signing_certificate(signer: &Certificate) -> Vec<u8> {
    let hash = encode(der::OCTET_STRING, &[signer.sha256().as_bytes()]);
    let name = encode(der::context(4), &[signer.issuer_der()]);
    let issuer_serial = encode(
        der::SEQUENCE,
        &[&encode(der::SEQUENCE, &[&name]), &serial(signer)],
    );
    let id = encode(der::SEQUENCE, &[&hash, &issuer_serial]);
    encode(der::SEQUENCE, &[&encode(der::SEQUENCE, &[&id])])
}

fn serial(certificate: &Certificate) -> Vec<u8> {
    encode(der::INTEGER, &[certificate.serial()])
}

/// The elements in the order DER gives to a set, each once.
fn set_of(tag: u8, mut elements: Vec<Vec<u8>>) -> Vec<u8> {
    elements.sort_unstable();
    elements.dedup();
    encode(tag, &[&elements.concat()])
}
