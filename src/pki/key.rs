//! Public keys: kind and size, read from the bytes and before any library opens them. Elliptic
//! curves must be named; parameters written out (as in CVE-2020-0601) are never read.
//! Source: RFC 3279, RFC 5480, RFC 8410.

use const_oid::ObjectIdentifier;
use openssl::bn::BigNumContext;
use openssl::ec::{EcGroup, EcKey, EcPoint};
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Public};
use openssl::rsa::Rsa;

use super::Error;
use super::algorithm::SignatureScheme;
use super::der::{self, Reader};

/// What kind of public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyAlgorithm {
    /// RSA.
    Rsa,
    /// Elliptic curve NIST P-256.
    EcP256,
    /// Elliptic curve NIST P-384.
    EcP384,
    /// Elliptic curve NIST P-521.
    EcP521,
    /// Elliptic curve brainpoolP256r1.
    EcBrainpool256,
    /// Elliptic curve brainpoolP384r1.
    EcBrainpool384,
    /// Elliptic curve brainpoolP512r1.
    EcBrainpool512,
    /// Ed25519.
    Ed25519,
    /// Any other; never relied on.
    Other,
}

impl KeyAlgorithm {
    /// The name of the curve, such as `P-256`; `None` for keys without one.
    #[must_use]
    pub const fn curve(self) -> Option<&'static str> {
        match self {
            Self::EcP256 => Some("P-256"),
            Self::EcP384 => Some("P-384"),
            Self::EcP521 => Some("P-521"),
            Self::EcBrainpool256 => Some("brainpoolP256r1"),
            Self::EcBrainpool384 => Some("brainpoolP384r1"),
            Self::EcBrainpool512 => Some("brainpoolP512r1"),
            Self::Ed25519 => Some("Ed25519"),
            Self::Rsa | Self::Other => None,
        }
    }

    const fn group(self) -> Option<Nid> {
        match self {
            Self::EcP256 => Some(Nid::X9_62_PRIME256V1),
            Self::EcP384 => Some(Nid::SECP384R1),
            Self::EcP521 => Some(Nid::SECP521R1),
            Self::EcBrainpool256 => Some(Nid::BRAINPOOL_P256R1),
            Self::EcBrainpool384 => Some(Nid::BRAINPOOL_P384R1),
            Self::EcBrainpool512 => Some(Nid::BRAINPOOL_P512R1),
            Self::Ed25519 | Self::Rsa | Self::Other => None,
        }
    }

    /// Whether keys of this kind make ECDSA signatures.
    #[must_use]
    pub const fn is_weierstrass(self) -> bool {
        matches!(
            self,
            Self::EcP256
                | Self::EcP384
                | Self::EcP521
                | Self::EcBrainpool256
                | Self::EcBrainpool384
                | Self::EcBrainpool512
        )
    }

    /// Whether keys of this kind make signatures of `scheme`.
    #[must_use]
    pub const fn fits(self, scheme: SignatureScheme) -> bool {
        match scheme {
            SignatureScheme::RsaPkcs1 | SignatureScheme::RsaPss => matches!(self, Self::Rsa),
            SignatureScheme::Ecdsa => self.is_weierstrass(),
            SignatureScheme::Ed25519 => matches!(self, Self::Ed25519),
        }
    }
}

/// Kind and size of a public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyFacts {
    /// The kind.
    pub algorithm: KeyAlgorithm,
    /// Bits of the RSA modulus or of the curve; 0 if not known.
    pub bits: u32,
}

impl KeyFacts {
    /// The shortest RSA key relied on. Source: Circular 15/2025, annex I; ETSI TS 119 312.
    pub const MIN_RSA_BITS: u32 = 2048;

    /// The longest RSA key used: checking a signature takes time that grows with its cube.
    pub const MAX_RSA_BITS: u32 = 8192;

    /// Whether the key is too short to be relied on.
    #[must_use]
    pub const fn is_weak(self) -> bool {
        matches!(self.algorithm, KeyAlgorithm::Rsa) && self.bits < Self::MIN_RSA_BITS
    }
}

/// A public key as received.
#[derive(Debug, Clone)]
pub(super) struct PublicKey {
    pub(super) der: Vec<u8>,
    pub(super) facts: KeyFacts,
    /// The bits of the key alone, which OCSP hashes.
    pub(super) bits: Vec<u8>,
    /// Curve parameters are written out instead of named.
    pub(super) explicit_parameters: bool,
    /// An RSA key larger than [`KeyFacts::MAX_RSA_BITS`], or with an exponent of more than 64 bits.
    pub(super) is_oversized: bool,
    /// An RSA key that signs with RSA-PSS alone (RFC 4055, 1.2).
    pub(super) is_pss_only: bool,
}

impl PublicKey {
    /// The key as OpenSSL uses it. The kinds we read are made of their parts: OpenSSL's own reader
    /// first asks every decoder it has, which costs a short-lived process more than the signature.
    ///
    /// # Errors
    /// When OpenSSL cannot use it, such as a point that is not on its curve.
    pub(super) fn open(&self) -> Result<PKey<Public>, ErrorStack> {
        let bits = &self.bits;
        match (self.facts.algorithm, self.facts.algorithm.group()) {
            (KeyAlgorithm::Rsa, _) if !self.is_pss_only => {
                PKey::from_rsa(Rsa::public_key_from_der_pkcs1(bits)?)
            }
            (KeyAlgorithm::Ed25519, _) => PKey::public_key_from_raw_bytes(bits, Id::ED25519),
            (_, Some(group)) => {
                let group = EcGroup::from_curve_name(group)?;
                let point = EcPoint::from_bytes(&group, bits, &mut *BigNumContext::new()?)?;
                PKey::from_ec_key(EcKey::from_public_key(&group, &point)?)
            }
            _ => PKey::public_key_from_der(&self.der),
        }
    }
}

const fn id(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}

const RSA: ObjectIdentifier = id("1.2.840.113549.1.1.1");
const RSA_PSS: ObjectIdentifier = id("1.2.840.113549.1.1.10");
const EC: ObjectIdentifier = id("1.2.840.10045.2.1");
const ED25519: ObjectIdentifier = id("1.3.101.112");
const CURVES: [(ObjectIdentifier, KeyAlgorithm, u32); 6] = [
    (id("1.2.840.10045.3.1.7"), KeyAlgorithm::EcP256, 256),
    (id("1.3.132.0.34"), KeyAlgorithm::EcP384, 384),
    (id("1.3.132.0.35"), KeyAlgorithm::EcP521, 521),
    (
        id("1.3.36.3.3.2.8.1.1.7"),
        KeyAlgorithm::EcBrainpool256,
        256,
    ),
    (
        id("1.3.36.3.3.2.8.1.1.11"),
        KeyAlgorithm::EcBrainpool384,
        384,
    ),
    (
        id("1.3.36.3.3.2.8.1.1.13"),
        KeyAlgorithm::EcBrainpool512,
        512,
    ),
];

/// Reads a `SubjectPublicKeyInfo` element.
pub(super) fn read(der: &[u8]) -> Result<PublicKey, Error> {
    let mut outer = der::only("public key", der, der::SEQUENCE)?;
    let mut algorithm = outer.enter(der::SEQUENCE)?;
    let oid = algorithm.required(der::OID)?.value;
    let bits = super::certificate::bits(&outer.required(der::BIT_STRING)?)?;
    outer.finish()?;
    let is_ec = oid == EC.as_bytes();
    let mut is_oversized = false;
    let is_pss_only = oid == RSA_PSS.as_bytes();
    let facts = if oid == RSA.as_bytes() || is_pss_only {
        rsa(bits, &mut is_oversized)
    } else if is_ec {
        curve(&algorithm)
    } else if oid == ED25519.as_bytes() {
        Some(KeyFacts {
            algorithm: KeyAlgorithm::Ed25519,
            bits: 256,
        })
    } else {
        None
    };
    Ok(PublicKey {
        der: der.to_vec(),
        facts: facts.unwrap_or(KeyFacts {
            algorithm: KeyAlgorithm::Other,
            bits: 0,
        }),
        bits: bits.to_vec(),
        is_oversized,
        is_pss_only,
        explicit_parameters: is_ec && algorithm.peek() != Some(der::OID),
    })
}

/// An exponent below 3 or an even one makes no RSA key.
fn rsa(bits: &[u8], is_oversized: &mut bool) -> Option<KeyFacts> {
    let mut fields = der::only("RSA public key", bits, der::SEQUENCE).ok()?;
    let modulus = fields.required(der::INTEGER).ok()?.value;
    let exponent = fields.required(der::INTEGER).ok()?.value;
    fields.finish().ok()?;
    let odd = exponent.last().is_some_and(|byte| byte & 1 == 1);
    if !odd || exponent == [1] || exponent.first().is_some_and(|byte| byte & 0x80 != 0) {
        return None;
    }
    let modulus = modulus.strip_prefix(&[0]).unwrap_or(modulus);
    let octets = u32::try_from(modulus.len()).ok()?;
    let bits = octets
        .checked_mul(8)?
        .checked_sub(modulus.first()?.leading_zeros())?;
    let exponent = exponent.strip_prefix(&[0]).unwrap_or(exponent);
    *is_oversized = bits > KeyFacts::MAX_RSA_BITS || exponent.len() > 8;
    Some(KeyFacts {
        algorithm: KeyAlgorithm::Rsa,
        bits,
    })
}

fn curve(parameters: &Reader<'_>) -> Option<KeyFacts> {
    let named = parameters.clone().required(der::OID).ok()?;
    let (_, algorithm, bits) = CURVES
        .into_iter()
        .find(|(curve, ..)| curve.as_bytes() == named.value)?;
    Some(KeyFacts { algorithm, bits })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve_key(curve: Nid) -> Vec<u8> {
        let group = EcGroup::from_curve_name(curve).unwrap();
        let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
        key.public_key_to_der().unwrap()
    }

    #[test]
    fn a_key_made_of_its_parts_is_the_one_openssl_reads() {
        let rsa = PKey::from_rsa(Rsa::generate(2_048).unwrap()).unwrap();
        let edwards = PKey::generate_ed25519().unwrap();
        let mut keys: Vec<_> = CURVES
            .iter()
            .map(|(_, kind, _)| curve_key(kind.group().unwrap()))
            .collect();
        keys.extend([rsa, edwards].map(|key| key.public_key_to_der().unwrap()));
        for der in keys {
            let key = read(&der).unwrap();
            let same = PKey::public_key_from_der(&der).unwrap();
            assert!(key.open().unwrap().public_eq(&same), "{:?}", key.facts);
        }
    }

    #[test]
    fn a_point_off_its_curve_is_no_key() {
        let mut der = curve_key(Nid::X9_62_PRIME256V1);
        *der.last_mut().unwrap() ^= 1;
        assert!(read(&der).unwrap().open().is_err());
    }
}
