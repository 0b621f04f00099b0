//! A throw-away hierarchy for measuring: root, issuing CA and signer with fresh RSA-2048 keys, and
//! a revocation list of each CA. Nobody else trusts it, and its keys are gone with the process.

use openssl::asn1::{Asn1Integer, Asn1Time};
use openssl::bn::BigNum;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::x509::extension::{BasicConstraints, KeyUsage};
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

struct Entity {
    certificate: X509,
    key: PKey<Private>,
}

impl Throwaway {
    /// Makes a hierarchy valid from a day before to a year after `at`.
    ///
    /// # Errors
    /// [`Error::Signing`] when the library cannot make keys.
    pub fn make(at: Timestamp) -> Result<Self, Error> {
        let fault = |fault: ErrorStack| Error::Signing {
            fault: fault.to_string(),
        };
        let root = entity("Throw-away root", None, at).map_err(fault)?;
        let authority = entity("Throw-away CA", Some((&root, true)), at).map_err(fault)?;
        let signer = entity("Throw-away signer", Some((&authority, false)), at).map_err(fault)?;
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
    issuer: Option<(&Entity, bool)>,
    at: Timestamp,
) -> Result<Entity, ErrorStack> {
    let key = PKey::from_rsa(Rsa::generate(2048)?)?;
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
