//! A throw-away hierarchy for measuring: root and issuing CA with fresh RSA-2048 keys, a signer with
//! a key of any kind, and a revocation list of each CA. Nobody else trusts it, and its keys are gone with the process.

use openssl::asn1::{Asn1Integer, Asn1Time};
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::x509::extension::{BasicConstraints, KeyUsage, SubjectKeyIdentifier};
use openssl::x509::{X509, X509Builder, X509Name};

use super::{Error, SoftKey};
use crate::domain::clock::Timestamp;
use crate::pki::algorithm::{DigestAlgorithm, SignatureAlgorithm, SignatureScheme};
use crate::pki::der::{self, encode};
use crate::pki::trust::TrustEvidence;

/// A signer and everything needed to trust it.
pub struct Throwaway {
    /// The signer; its chain holds the issuing CA.
    pub key: SoftKey,
    /// Root and revocation lists.
    pub evidence: TrustEvidence,
}

/// The kind of the signer's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThrowawayKey {
    /// RSA with a modulus of this many bits.
    Rsa(u32),
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
    /// NIST P-521.
    P521,
    /// Ed25519.
    Ed25519,
}

impl ThrowawayKey {
    fn generate(self) -> Result<PKey<Private>, ErrorStack> {
        let curve = |id| EcGroup::from_curve_name(id).and_then(|group| EcKey::generate(&group));
        match self {
            Self::Rsa(bits) => PKey::from_rsa(Rsa::generate(bits)?),
            Self::P256 => PKey::from_ec_key(curve(Nid::X9_62_PRIME256V1)?),
            Self::P384 => PKey::from_ec_key(curve(Nid::SECP384R1)?),
            Self::P521 => PKey::from_ec_key(curve(Nid::SECP521R1)?),
            Self::Ed25519 => PKey::generate_ed25519(),
        }
    }
}

struct Entity {
    certificate: X509,
    key: PKey<Private>,
}

impl Throwaway {
    /// Makes a hierarchy valid from a day before to a year after `at`.
    ///
    /// # Errors
    /// [`Error::Signing`] when the library cannot make keys.
    pub fn make(at: Timestamp, kind: ThrowawayKey) -> Result<Self, Error> {
        let fault = |fault: ErrorStack| Error::Signing {
            fault: fault.to_string(),
        };
        let ca_key = || ThrowawayKey::Rsa(2048).generate().map_err(fault);
        let root = entity("Throw-away root", (ca_key()?, None), at).map_err(fault)?;
        let authority = (ca_key()?, Some((&root, true)));
        let authority = entity("Throw-away CA", authority, at).map_err(fault)?;
        let signer = (kind.generate().map_err(fault)?, Some((&authority, false)));
        let signer = entity("Throw-away signer", signer, at).map_err(fault)?;
        let mut bundle = signer.certificate.to_pem().map_err(fault)?;
        bundle.extend(authority.certificate.to_pem().map_err(fault)?);
        let pem = signer.key.private_key_to_pem_pkcs8().map_err(fault)?;
        let key = SoftKey::from_pem(&bundle, &pem)?;
        let mut evidence = TrustEvidence::default();
        evidence.add_trust(&root.certificate.to_der().map_err(fault)?)?;
        for issuer in [&root, &authority] {
            evidence.add_revocation(&empty_list(issuer, at).map_err(fault)?)?;
        }
        Ok(Self { key, evidence })
    }
}

const DAY: i64 = 86_400;

fn entity(
    name: &str,
    (key, issuer): (PKey<Private>, Option<(&Entity, bool)>),
    at: Timestamp,
) -> Result<Entity, ErrorStack> {
    let subject = common_name(name)?;
    let mut builder = X509Builder::new()?;
    builder.set_version(2)?;
    let mut serial = BigNum::new()?;
    serial.rand(100, openssl::bn::MsbOption::ONE, false)?;
    let serial = Asn1Integer::from_bn(&serial)?;
    builder.set_serial_number(&serial)?;
    builder.set_subject_name(&subject)?;
    match issuer {
        Some((issuer, _)) => builder.set_issuer_name(issuer.certificate.subject_name())?,
        None => builder.set_issuer_name(&subject)?,
    }
    let from = Asn1Time::from_unix(at.as_second() - DAY)?;
    let until = Asn1Time::from_unix(at.as_second() + 365 * DAY)?;
    builder.set_not_before(&from)?;
    builder.set_not_after(&until)?;
    builder.set_pubkey(&key)?;
    if issuer.is_none_or(|(_, is_authority)| is_authority) {
        builder.append_extension(BasicConstraints::new().critical().ca().build()?)?;
        builder.append_extension(
            KeyUsage::new()
                .critical()
                .key_cert_sign()
                .crl_sign()
                .build()?,
        )?;
        let above = issuer.map(|(issuer, _)| &*issuer.certificate);
        let id = SubjectKeyIdentifier::new().build(&builder.x509v3_context(above, None))?;
        builder.append_extension(id)?;
    } else {
        let usage = KeyUsage::new()
            .critical()
            .digital_signature()
            .non_repudiation()
            .build()?;
        builder.append_extension(usage)?;
    }
    let signing_key = issuer.map_or(&key, |(issuer, _)| &issuer.key);
    builder.sign(signing_key, MessageDigest::sha256())?;
    Ok(Entity {
        certificate: builder.build(),
        key,
    })
}

fn common_name(name: &str) -> Result<X509Name, ErrorStack> {
    let mut builder = X509Name::builder()?;
    builder.append_entry_by_text("CN", name)?;
    Ok(builder.build())
}

/// A revocation list without entries. Source: RFC 5280, 5.1.
fn empty_list(issuer: &Entity, at: Timestamp) -> Result<Vec<u8>, ErrorStack> {
    let algorithm = SignatureAlgorithm::new(SignatureScheme::RsaPkcs1, DigestAlgorithm::Sha256);
    let algorithm = algorithm.to_der();
    let time = |seconds: i64| {
        let at = Timestamp::from_second(at.as_second() + seconds).unwrap_or(at);
        let text = at.strftime("%y%m%d%H%M%SZ").to_string();
        encode(der::UTC_TIME, &[text.as_bytes()])
    };
    let name = issuer.certificate.subject_name().to_der()?;
    let version: &[u8] = &[der::INTEGER, 1, 1];
    let tbs = encode(
        der::SEQUENCE,
        &[version, &algorithm, &name, &time(-3_600), &time(30 * DAY)],
    );
    let mut signer = openssl::sign::Signer::new(MessageDigest::sha256(), &issuer.key)?;
    let signature = signer.sign_oneshot_to_vec(&tbs)?;
    let signature = encode(der::BIT_STRING, &[&[0], &signature]);
    Ok(encode(der::SEQUENCE, &[&tbs, &algorithm, &signature]))
}
