//! Digest and signature algorithms: which are read, which are refused, and how they are used.
//! Sources: RFC 5754, RFC 4055 (RSA-PSS), RFC 8419 (Ed25519), ETSI TS 119 312 v1.5.1.

use std::fmt;

use const_oid::ObjectIdentifier;

use super::der::{self, Reader};

mod catalogue;

pub use catalogue::{Catalogue, MAX_CATALOGUE_BYTES, Standing, Used};

const fn id(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}

/// A digest a signature may rest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum DigestAlgorithm {
    /// SHA-256.
    #[default]
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// How a digest becomes a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SignatureScheme {
    /// RSASSA-PKCS1-v1_5.
    RsaPkcs1,
    /// RSASSA-PSS with MGF1 over the same digest.
    RsaPss,
    /// ECDSA over a named curve, DER-encoded.
    Ecdsa,
    /// Ed25519 (pure; hashes by itself).
    Ed25519,
}

impl SignatureScheme {
    /// The name in tables of algorithms, such as `RSA-PKCS1`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::RsaPkcs1 => "RSA-PKCS1",
            Self::RsaPss => "RSA-PSS",
            Self::Ecdsa => "ECDSA",
            Self::Ed25519 => "Ed25519",
        }
    }
}

/// A signature algorithm with everything needed to use it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SignatureAlgorithm {
    scheme: SignatureScheme,
    digest: DigestAlgorithm,
    salt_bytes: u16,
}

/// Why an algorithm is not one this program relies on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AlgorithmRefusal {
    /// Broken or too short; the name of it.
    #[error("{0} is no longer secure")]
    Weak(&'static str),
    /// Not known here; the dotted object identifier.
    #[error("algorithm {0} is not supported")]
    Unknown(String),
    /// Known, but its parameters are missing, incomplete or contradictory.
    #[error("the parameters of {name} are refused: {fault}")]
    Parameters {
        /// The algorithm.
        name: &'static str,
        /// What is wrong.
        fault: &'static str,
    },
}

const SHA256: ObjectIdentifier = id("2.16.840.1.101.3.4.2.1");
const SHA384: ObjectIdentifier = id("2.16.840.1.101.3.4.2.2");
const SHA512: ObjectIdentifier = id("2.16.840.1.101.3.4.2.3");
const RSA: ObjectIdentifier = id("1.2.840.113549.1.1.1");
const RSA_PSS: ObjectIdentifier = id("1.2.840.113549.1.1.10");
const MGF1: ObjectIdentifier = id("1.2.840.113549.1.1.8");
const ED25519: ObjectIdentifier = id("1.3.101.112");

/// Digests recognised in order to be refused by name.
const WEAK_DIGESTS: [(ObjectIdentifier, &str); 4] = [
    (id("1.3.14.3.2.26"), "SHA-1"),
    (id("1.2.840.113549.2.5"), "MD5"),
    (id("1.2.840.113549.2.2"), "MD2"),
    (id("2.16.840.1.101.3.4.2.4"), "SHA-224"),
];

/// Signature algorithms recognised in order to be refused by name.
const WEAK_SIGNATURES: [(ObjectIdentifier, &str); 7] = [
    (id("1.2.840.113549.1.1.2"), "MD2 with RSA"),
    (id("1.2.840.113549.1.1.4"), "MD5 with RSA"),
    (id("1.2.840.113549.1.1.5"), "SHA-1 with RSA"),
    (id("1.2.840.113549.1.1.14"), "SHA-224 with RSA"),
    (id("1.2.840.10045.4.1"), "ECDSA with SHA-1"),
    (id("1.2.840.10045.4.3.1"), "ECDSA with SHA-224"),
    (id("1.2.840.10040.4.3"), "DSA with SHA-1"),
];

const SIGNATURES: [(ObjectIdentifier, SignatureScheme, DigestAlgorithm); 7] = [
    (
        id("1.2.840.113549.1.1.11"),
        SignatureScheme::RsaPkcs1,
        DigestAlgorithm::Sha256,
    ),
    (
        id("1.2.840.113549.1.1.12"),
        SignatureScheme::RsaPkcs1,
        DigestAlgorithm::Sha384,
    ),
    (
        id("1.2.840.113549.1.1.13"),
        SignatureScheme::RsaPkcs1,
        DigestAlgorithm::Sha512,
    ),
    (
        id("1.2.840.10045.4.3.2"),
        SignatureScheme::Ecdsa,
        DigestAlgorithm::Sha256,
    ),
    (
        id("1.2.840.10045.4.3.3"),
        SignatureScheme::Ecdsa,
        DigestAlgorithm::Sha384,
    ),
    (
        id("1.2.840.10045.4.3.4"),
        SignatureScheme::Ecdsa,
        DigestAlgorithm::Sha512,
    ),
    (ED25519, SignatureScheme::Ed25519, DigestAlgorithm::Sha512),
];

impl DigestAlgorithm {
    /// The algorithm of an `AlgorithmIdentifier` element; parameters absent or NULL.
    ///
    /// # Errors
    /// [`AlgorithmRefusal`] if it is weak, unknown or has parameters.
    pub fn read(algorithm_identifier: &[u8]) -> Result<Self, AlgorithmRefusal> {
        let (oid, parameters) = split(algorithm_identifier)?;
        let found = [
            (SHA256, Self::Sha256),
            (SHA384, Self::Sha384),
            (SHA512, Self::Sha512),
        ]
        .into_iter()
        .find(|(known, _)| known.as_bytes() == oid);
        let Some((_, digest)) = found else {
            return Err(refuse(oid, &WEAK_DIGESTS));
        };
        null_or_absent(digest.name(), parameters)?;
        Ok(digest)
    }

    /// The `AlgorithmIdentifier`, without parameters (RFC 5754, 2).
    #[must_use]
    pub fn to_der(self) -> Vec<u8> {
        der::encode(der::SEQUENCE, &[&der::oid(&self.oid())])
    }

    /// The object identifier.
    #[must_use]
    pub const fn oid(self) -> ObjectIdentifier {
        match self {
            Self::Sha256 => SHA256,
            Self::Sha384 => SHA384,
            Self::Sha512 => SHA512,
        }
    }

    /// The name people use, such as `SHA-256`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }

    /// How many bytes a digest has.
    #[must_use]
    pub const fn size_bytes(self) -> u16 {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// The digest of `bytes`.
    #[must_use]
    pub fn of(self, bytes: &[u8]) -> Vec<u8> {
        let mut stream = self.stream();
        stream.update(bytes);
        stream.finish()
    }

    /// Hashes bytes as they pass by.
    #[must_use]
    pub fn stream(self) -> DigestStream {
        DigestStream(match self {
            Self::Sha256 => Stream::Sha256(openssl::sha::Sha256::new()),
            Self::Sha384 => Stream::Sha384(Box::new(openssl::sha::Sha384::new())),
            Self::Sha512 => Stream::Sha512(Box::new(openssl::sha::Sha512::new())),
        })
    }

    pub(crate) fn message_digest(self) -> openssl::hash::MessageDigest {
        match self {
            Self::Sha256 => openssl::hash::MessageDigest::sha256(),
            Self::Sha384 => openssl::hash::MessageDigest::sha384(),
            Self::Sha512 => openssl::hash::MessageDigest::sha512(),
        }
    }
}

impl fmt::Display for DigestAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A digest in the making; a clone goes on from the same bytes.
#[derive(Clone)]
pub struct DigestStream(Stream);

#[derive(Clone)]
enum Stream {
    Sha256(openssl::sha::Sha256),
    Sha384(Box<openssl::sha::Sha384>),
    Sha512(Box<openssl::sha::Sha512>),
}

impl DigestStream {
    /// Takes the next piece.
    pub fn update(&mut self, piece: &[u8]) {
        match &mut self.0 {
            Stream::Sha256(state) => state.update(piece),
            Stream::Sha384(state) => state.update(piece),
            Stream::Sha512(state) => state.update(piece),
        }
    }

    /// The digest of all pieces in order.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        match self.0 {
            Stream::Sha256(state) => state.finish().to_vec(),
            Stream::Sha384(state) => state.finish().to_vec(),
            Stream::Sha512(state) => state.finish().to_vec(),
        }
    }
}

impl SignatureAlgorithm {
    /// `scheme` over `digest`; RSA-PSS with a salt as long as the digest. Ed25519 always goes with
    /// SHA-512 (RFC 8419, 3.1).
    #[must_use]
    pub const fn new(scheme: SignatureScheme, digest: DigestAlgorithm) -> Self {
        let digest = match scheme {
            SignatureScheme::Ed25519 => DigestAlgorithm::Sha512,
            _ => digest,
        };
        Self {
            scheme,
            digest,
            salt_bytes: digest.size_bytes(),
        }
    }

    /// The scheme.
    #[must_use]
    pub const fn scheme(&self) -> SignatureScheme {
        self.scheme
    }

    /// The digest.
    #[must_use]
    pub const fn digest(&self) -> DigestAlgorithm {
        self.digest
    }

    /// Bytes of salt of an RSA-PSS signature.
    #[must_use]
    pub const fn salt_bytes(&self) -> u16 {
        self.salt_bytes
    }

    /// The algorithm of an `AlgorithmIdentifier` element.
    ///
    /// # Errors
    /// [`AlgorithmRefusal`] if it is weak, unknown, or its parameters are not complete and consistent.
    pub fn read(algorithm_identifier: &[u8]) -> Result<Self, AlgorithmRefusal> {
        let (oid, parameters) = split(algorithm_identifier)?;
        if oid == RSA_PSS.as_bytes() {
            return read_pss(parameters);
        }
        let found = SIGNATURES
            .into_iter()
            .find(|(known, ..)| known.as_bytes() == oid);
        let Some((_, scheme, digest)) = found else {
            return Err(refuse(oid, &WEAK_SIGNATURES));
        };
        match scheme {
            SignatureScheme::RsaPkcs1 => null_or_absent("RSA", parameters)?,
            _ if parameters.is_empty() => {}
            _ => {
                return Err(parameters_refused(
                    "ECDSA or Ed25519",
                    "they must be absent",
                ));
            }
        }
        Ok(Self::new(scheme, digest))
    }

    /// As [`Self::read`], in a CMS `SignerInfo`, where plain `rsaEncryption` takes the digest from
    /// `digestAlgorithm` (RFC 3370, 3.2).
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_in_cms(
        algorithm_identifier: &[u8],
        digest: DigestAlgorithm,
    ) -> Result<Self, AlgorithmRefusal> {
        let (oid, parameters) = split(algorithm_identifier)?;
        if oid != RSA.as_bytes() {
            return Self::read(algorithm_identifier);
        }
        null_or_absent("RSA", parameters)?;
        Ok(Self::new(SignatureScheme::RsaPkcs1, digest))
    }

    /// The `AlgorithmIdentifier`; RSA-PSS with all its parameters written out.
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        if self.scheme == SignatureScheme::RsaPss {
            return self.pss_to_der();
        }
        let found = SIGNATURES
            .iter()
            .find(|(_, scheme, digest)| *scheme == self.scheme && *digest == self.digest);
        let oid = found.map(|(oid, ..)| der::oid(oid)).unwrap_or_default();
        let null = der::encode(der::NULL, &[]);
        match self.scheme {
            SignatureScheme::RsaPkcs1 => der::encode(der::SEQUENCE, &[&oid, &null]),
            _ => der::encode(der::SEQUENCE, &[&oid]),
        }
    }

    fn pss_to_der(&self) -> Vec<u8> {
        let null = der::encode(der::NULL, &[]);
        let hash = der::encode(der::SEQUENCE, &[&der::oid(&self.digest.oid()), &null]);
        let mgf = der::encode(der::SEQUENCE, &[&der::oid(&MGF1), &hash]);
        let salt = self.salt_bytes.to_be_bytes();
        let salt = if salt.first() == Some(&0) {
            salt.get(1..)
        } else {
            Some(salt.as_slice())
        };
        let salt = der::encode(der::INTEGER, &[salt.unwrap_or_default()]);
        let parameters = der::encode(
            der::SEQUENCE,
            &[
                &der::encode(der::context(0), &[&hash]),
                &der::encode(der::context(1), &[&mgf]),
                &der::encode(der::context(2), &[&salt]),
            ],
        );
        der::encode(der::SEQUENCE, &[&der::oid(&RSA_PSS), &parameters])
    }
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.scheme {
            SignatureScheme::RsaPkcs1 => write!(f, "RSA PKCS#1 v1.5 with {}", self.digest),
            SignatureScheme::RsaPss => write!(f, "RSA-PSS with {}", self.digest),
            SignatureScheme::Ecdsa => write!(f, "ECDSA with {}", self.digest),
            SignatureScheme::Ed25519 => f.write_str("Ed25519"),
        }
    }
}

const fn parameters_refused(name: &'static str, fault: &'static str) -> AlgorithmRefusal {
    AlgorithmRefusal::Parameters { name, fault }
}

fn refuse(oid: &[u8], weak: &[(ObjectIdentifier, &'static str)]) -> AlgorithmRefusal {
    weak.iter()
        .find(|(known, _)| known.as_bytes() == oid)
        .map_or_else(
            || AlgorithmRefusal::Unknown(der::dotted(oid)),
            |(_, name)| AlgorithmRefusal::Weak(name),
        )
}

/// The value of the object identifier and the parameters as received (empty if absent).
fn split(algorithm_identifier: &[u8]) -> Result<(&[u8], &[u8]), AlgorithmRefusal> {
    let malformed = |_| parameters_refused("the algorithm", "not an AlgorithmIdentifier");
    let mut inner =
        der::only("algorithm", algorithm_identifier, der::SEQUENCE).map_err(malformed)?;
    let oid = inner.required(der::OID).map_err(malformed)?;
    let parameters = inner.rest();
    if !inner.is_empty() {
        inner.element().map_err(malformed)?;
    }
    inner.finish().map_err(malformed)?;
    Ok((oid.value, parameters))
}

fn null_or_absent(name: &'static str, parameters: &[u8]) -> Result<(), AlgorithmRefusal> {
    match parameters {
        [] | [der::NULL, 0] => Ok(()),
        _ => Err(parameters_refused(name, "they must be NULL or absent")),
    }
}

/// RFC 4055, 3.1. The defaults of the standard are SHA-1, so nothing may be left out.
fn read_pss(parameters: &[u8]) -> Result<SignatureAlgorithm, AlgorithmRefusal> {
    const NAME: &str = "RSA-PSS";
    let malformed = |_| parameters_refused(NAME, "not RSASSA-PSS-params");
    let missing = || parameters_refused(NAME, "hash, mask generation and salt must be written out");
    let mut fields = der::only(NAME, parameters, der::SEQUENCE).map_err(malformed)?;
    let mut field = |number| fields.optional(der::context(number)).map_err(malformed);
    let hash = field(0)?.ok_or_else(missing)?;
    let mask = field(1)?.ok_or_else(missing)?;
    let salt = field(2)?.ok_or_else(missing)?;
    let trailer = field(3)?;
    fields.finish().map_err(malformed)?;
    let digest = DigestAlgorithm::read(hash.value)?;
    let (mask_oid, mask_hash) = split(mask.value)?;
    if mask_oid != MGF1.as_bytes() || DigestAlgorithm::read(mask_hash)? != digest {
        return Err(parameters_refused(
            NAME,
            "the mask must be MGF1 over the same digest",
        ));
    }
    if trailer.is_some_and(|field| field.value != [der::INTEGER, 1, 1]) {
        return Err(parameters_refused(NAME, "the trailer field must be 1"));
    }
    let salt = Some(salt.value)
        .and_then(|value| Reader::new(NAME, value).required(der::INTEGER).ok())
        .and_then(|integer| der::small_integer(integer.value))
        .and_then(|length| u16::try_from(length).ok())
        .filter(|length| *length <= 2048);
    let salt_bytes =
        salt.ok_or_else(|| parameters_refused(NAME, "the salt length is not usable"))?;
    Ok(SignatureAlgorithm {
        scheme: SignatureScheme::RsaPss,
        digest,
        salt_bytes,
    })
}

#[cfg(test)]
mod tests;
