//! Throw-away certificates, revocation lists and OCSP responses for tests, right or deliberately
//! wrong, and access to the test PKI in `certs-test/`.

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::conf::{Conf, ConfMethod};
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::{X509Builder, X509Extension, X509Name, X509NameBuilder};

use super::algorithm::{SignatureAlgorithm, SignatureScheme};
use super::certificate::{Certificate, read_certificates};
use super::crl::Crl;
use super::der::{self, encode};
use super::ocsp::OcspResponse;
use super::trust::TrustEvidence;
use crate::domain::clock::Timestamp;

/// A certificate with its key.
#[derive(Clone)]
pub(crate) struct Entity {
    pub(crate) certificate: Certificate,
    pub(crate) key: PKey<Private>,
}

impl Entity {
    pub(crate) fn sign(&self, tbs: &[u8]) -> Vec<u8> {
        let digest = MessageDigest::sha256();
        let mut signer = openssl::sign::Signer::new(digest, &self.key).unwrap();
        signer.sign_oneshot_to_vec(tbs).unwrap()
    }
}

/// A signature of `entity` with any algorithm its key can do.
pub(crate) fn sign_with(entity: &Entity, algorithm: &SignatureAlgorithm, tbs: &[u8]) -> Vec<u8> {
    use openssl::sign::{RsaPssSaltlen, Signer};
    if algorithm.scheme() == SignatureScheme::Ed25519 {
        let mut signer = Signer::new_without_digest(&entity.key).unwrap();
        return signer.sign_oneshot_to_vec(tbs).unwrap();
    }
    let mut signer = Signer::new(algorithm.digest().message_digest(), &entity.key).unwrap();
    if algorithm.scheme() == SignatureScheme::RsaPss {
        signer
            .set_rsa_padding(openssl::rsa::Padding::PKCS1_PSS)
            .unwrap();
        signer
            .set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)
            .unwrap();
    }
    signer.sign_oneshot_to_vec(tbs).unwrap()
}

/// `certificate` with another `SubjectPublicKeyInfo`, signed anew by `issuer`.
pub(crate) fn with_key(certificate: &Certificate, spki: &[u8], issuer: &Entity) -> Certificate {
    let outer = der::only("certificate", certificate.der(), der::SEQUENCE).unwrap();
    let mut parts = outer.clone();
    let tbs = parts.required(der::SEQUENCE).unwrap();
    let mut changed = Vec::new();
    let mut fields = der::Reader::new("certificate", tbs.value);
    while !fields.is_empty() {
        let field = fields.element().unwrap().raw;
        let is_key = field == certificate.public_key_der();
        changed.extend_from_slice(if is_key { spki } else { field });
    }
    let tbs = encode(der::SEQUENCE, &[&changed]);
    let algorithm = parts.required(der::SEQUENCE).unwrap().raw;
    Certificate::from_der(&signed(&tbs, algorithm, issuer, &[])).unwrap()
}

/// A certificate to be made.
#[derive(Clone)]
pub(crate) struct Draft<'a> {
    name: String,
    /// The DER of the subject, instead of the common name alone.
    pub(crate) subject: Option<Vec<u8>>,
    /// The DER of the issuer, instead of the name of the issuer's certificate.
    pub(crate) issuer_der: Option<Vec<u8>>,
    issuer: Option<&'a Entity>,
    pub(crate) issuer_name: Option<String>,
    pub(crate) extensions: Vec<(String, String)>,
    pub(crate) from: String,
    pub(crate) until: String,
    pub(crate) serial: i64,
    pub(crate) digest: MessageDigest,
    pub(crate) key: PKey<Private>,
    pub(crate) version: i32,
}

pub(crate) fn p256() -> PKey<Private> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap()
}

pub(crate) fn rsa(bits: u32) -> PKey<Private> {
    PKey::from_rsa(openssl::rsa::Rsa::generate(bits).unwrap()).unwrap()
}

pub(crate) fn authority(name: &str) -> Draft<'_> {
    draft(name)
        .with("basicConstraints", "critical,CA:TRUE")
        .with("keyUsage", "critical,keyCertSign,cRLSign")
        .with("subjectKeyIdentifier", "hash")
}

pub(crate) fn signer(name: &str) -> Draft<'_> {
    draft(name).with("keyUsage", "critical,digitalSignature,nonRepudiation")
}

fn draft<'a>(name: &str) -> Draft<'a> {
    Draft {
        name: name.to_owned(),
        subject: None,
        issuer_der: None,
        issuer: None,
        issuer_name: None,
        extensions: Vec::new(),
        from: "20200101000000Z".to_owned(),
        until: "20400101000000Z".to_owned(),
        serial: i64::from(
            name.bytes()
                .fold(7_u32, |sum, b| sum.wrapping_mul(31) ^ u32::from(b)),
        ),
        digest: MessageDigest::sha256(),
        key: p256(),
        version: 2,
    }
}

impl<'a> Draft<'a> {
    /// Adds or replaces an extension, in the words of an OpenSSL configuration.
    pub(crate) fn with(mut self, extension: &str, value: &str) -> Self {
        self.extensions.retain(|(name, _)| name != extension);
        self.extensions
            .push((extension.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn without(mut self, extension: &str) -> Self {
        self.extensions.retain(|(name, _)| name != extension);
        self
    }

    pub(crate) fn under(mut self, issuer: &'a Entity) -> Self {
        self.issuer = Some(issuer);
        self
    }

    pub(crate) fn key(mut self, key: PKey<Private>) -> Self {
        self.key = key;
        self
    }

    pub(crate) fn make(&self) -> Entity {
        let mut builder = X509Builder::new().unwrap();
        builder.set_version(self.version).unwrap();
        let mut serial =
            BigNum::from_u32(u32::try_from(self.serial.unsigned_abs()).unwrap()).unwrap();
        serial.set_negative(self.serial < 0);
        builder
            .set_serial_number(&serial.to_asn1_integer().unwrap())
            .unwrap();
        let issuer = self
            .issuer
            .map(|issuer| openssl::x509::X509::from_der(issuer.certificate.der()).unwrap());
        let subject = match &self.subject {
            Some(subject) => X509Name::from_der(subject).unwrap(),
            None => name(&self.name),
        };
        builder.set_subject_name(&subject).unwrap();
        match (&self.issuer_name, &issuer) {
            (Some(other), _) => builder.set_issuer_name(&name(other)).unwrap(),
            (None, Some(issuer)) => builder.set_issuer_name(issuer.subject_name()).unwrap(),
            (None, None) => builder.set_issuer_name(&subject).unwrap(),
        }
        if let Some(issuer) = &self.issuer_der {
            let issuer = X509Name::from_der(issuer).unwrap();
            builder.set_issuer_name(&issuer).unwrap();
        }
        builder
            .set_not_before(&Asn1Time::from_str(&self.from).unwrap())
            .unwrap();
        builder
            .set_not_after(&Asn1Time::from_str(&self.until).unwrap())
            .unwrap();
        builder.set_pubkey(&self.key).unwrap();
        let conf = Conf::new(ConfMethod::default()).unwrap();
        for (extension, value) in &self.extensions {
            let context = builder.x509v3_context(issuer.as_deref(), Some(&conf));
            #[expect(deprecated, reason = "the only way to write any extension in words")]
            let made = X509Extension::new(None, Some(&context), extension, value).unwrap();
            builder.append_extension(made).unwrap();
        }
        let key = self.issuer.map_or(&self.key, |issuer| &issuer.key);
        let digest = match key.id() {
            openssl::pkey::Id::ED25519 => MessageDigest::null(),
            _ => self.digest,
        };
        builder.sign(key, digest).unwrap();
        let certificate = Certificate::from_der(&builder.build().to_der().unwrap()).unwrap();
        Entity {
            certificate,
            key: self.key.clone(),
        }
    }
}

fn name(common_name: &str) -> X509Name {
    let mut builder = X509NameBuilder::new().unwrap();
    builder
        .append_entry_by_nid(Nid::COMMONNAME, common_name)
        .unwrap();
    builder.build()
}

const ECDSA_SHA256: &[u8] = &[0x30, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];

/// A revocation list to be made; signed with ECDSA and SHA-256.
#[derive(Clone)]
pub(crate) struct ListDraft<'a> {
    pub(crate) issuer: &'a Entity,
    pub(crate) this_update: &'a str,
    pub(crate) next_update: Option<&'a str>,
    /// Serial number and `Extensions` of the entry.
    pub(crate) entries: Vec<(Vec<u8>, Vec<u8>)>,
    /// `Extension` elements.
    pub(crate) extensions: Vec<Vec<u8>>,
    pub(crate) algorithm: &'a [u8],
}

pub(crate) fn list(issuer: &Entity) -> ListDraft<'_> {
    ListDraft {
        issuer,
        this_update: "20250101000000Z",
        next_update: Some("20300101000000Z"),
        entries: Vec::new(),
        extensions: Vec::new(),
        algorithm: ECDSA_SHA256,
    }
}

/// An `Extension` element.
pub(crate) fn extension(oid: &str, critical: bool, value: &[u8]) -> Vec<u8> {
    let oid = der::oid(&const_oid::ObjectIdentifier::new(oid).unwrap());
    let critical: &[u8] = if critical { &[1, 1, 0xff] } else { &[] };
    encode(
        der::SEQUENCE,
        &[&oid, critical, &encode(der::OCTET_STRING, &[value])],
    )
}

pub(crate) fn time(text: &str) -> Vec<u8> {
    encode(der::GENERALIZED_TIME, &[text.as_bytes()])
}

impl ListDraft<'_> {
    pub(crate) fn revoking(mut self, entity: &Entity, reason: u8) -> Self {
        let reason = extension("2.5.29.21", false, &[der::ENUMERATED, 1, reason]);
        let extensions = encode(der::SEQUENCE, &[&reason]);
        self.entries
            .push((entity.certificate.serial().to_vec(), extensions));
        self
    }

    pub(crate) fn der(&self) -> Vec<u8> {
        let entries: Vec<u8> = self
            .entries
            .iter()
            .flat_map(|(serial, extensions)| {
                let serial = encode(der::INTEGER, &[serial]);
                encode(
                    der::SEQUENCE,
                    &[&serial, &time("20240601000000Z"), extensions],
                )
            })
            .collect();
        let entries = match self.entries.is_empty() {
            true => Vec::new(),
            false => encode(der::SEQUENCE, &[&entries]),
        };
        let extensions = match self.extensions.is_empty() {
            true => Vec::new(),
            false => {
                let list = encode(der::SEQUENCE, &[&self.extensions.concat()]);
                encode(der::context(0), &[&list])
            }
        };
        let tbs = encode(
            der::SEQUENCE,
            &[
                &[der::INTEGER, 1, 1],
                self.algorithm,
                self.issuer.certificate.subject_der(),
                &time(self.this_update),
                &self.next_update.map(time).unwrap_or_default(),
                &entries,
                &extensions,
            ],
        );
        signed(&tbs, self.algorithm, self.issuer, &[])
    }

    pub(crate) fn make(&self) -> Crl {
        Crl::from_der(&self.der()).unwrap()
    }
}

fn signed(tbs: &[u8], algorithm: &[u8], signer: &Entity, rest: &[u8]) -> Vec<u8> {
    let signature = encode(der::BIT_STRING, &[&[0], &signer.sign(tbs)]);
    encode(der::SEQUENCE, &[tbs, algorithm, &signature, rest])
}

/// An OCSP response to be made; signed with ECDSA and SHA-256.
#[derive(Clone)]
pub(crate) struct ResponseDraft<'a> {
    pub(crate) about: &'a Entity,
    pub(crate) issuer: &'a Entity,
    pub(crate) responder: &'a Entity,
    /// The `CertStatus` element.
    pub(crate) status: Vec<u8>,
    pub(crate) produced_at: &'a str,
    pub(crate) this_update: &'a str,
    pub(crate) next_update: Option<&'a str>,
    pub(crate) extensions: Vec<u8>,
    /// `Extension` elements of the one answer.
    pub(crate) single_extensions: Vec<u8>,
    pub(crate) by_key: bool,
}

pub(crate) const GOOD: [u8; 2] = [0x80, 0];
pub(crate) const UNKNOWN: [u8; 2] = [0x82, 0];

pub(crate) fn response<'a>(
    about: &'a Entity,
    issuer: &'a Entity,
    responder: &'a Entity,
) -> ResponseDraft<'a> {
    ResponseDraft {
        about,
        issuer,
        responder,
        status: GOOD.to_vec(),
        produced_at: "20251231000000Z",
        this_update: "20251231000000Z",
        next_update: Some("20260107000000Z"),
        extensions: Vec::new(),
        single_extensions: Vec::new(),
        by_key: false,
    }
}

/// `[1] Extensions`, nothing for none.
fn wrapped(extensions: &[u8]) -> Vec<u8> {
    match extensions.is_empty() {
        true => Vec::new(),
        false => encode(der::context(1), &[&encode(der::SEQUENCE, &[extensions])]),
    }
}

impl ResponseDraft<'_> {
    pub(crate) fn der(&self) -> Vec<u8> {
        let sha1 = encode(der::SEQUENCE, &[&[6, 5, 0x2b, 0x0e, 3, 2, 0x1a, 5, 0]]);
        let issuer = &self.issuer.certificate;
        let hash = |bytes: &[u8]| encode(der::OCTET_STRING, &[&openssl::sha::sha1(bytes)]);
        let id = encode(
            der::SEQUENCE,
            &[
                &sha1,
                &hash(issuer.subject_der()),
                &hash(&issuer.public_key().bits),
                &encode(der::INTEGER, &[self.about.certificate.serial()]),
            ],
        );
        let next = self
            .next_update
            .map(|next| encode(der::context(0), &[&time(next)]));
        let single = encode(
            der::SEQUENCE,
            &[
                &id,
                &self.status,
                &time(self.this_update),
                &next.unwrap_or_default(),
                &wrapped(&self.single_extensions),
            ],
        );
        let responder = &self.responder.certificate;
        let responder_id = match self.by_key {
            true => encode(der::context(2), &[&hash(&responder.public_key().bits)]),
            false => encode(der::context(1), &[responder.subject_der()]),
        };
        let extensions = wrapped(&self.extensions);
        let answers = encode(der::SEQUENCE, &[&single]);
        let tbs = encode(
            der::SEQUENCE,
            &[
                &responder_id,
                &time(self.produced_at),
                &answers,
                &extensions,
            ],
        );
        let carried = encode(der::SEQUENCE, &[responder.der()]);
        let carried = encode(der::context(0), &[&carried]);
        let basic = signed(&tbs, ECDSA_SHA256, self.responder, &carried);
        let kind = [6, 9, 0x2b, 6, 1, 5, 5, 7, 0x30, 1, 1];
        let bytes = encode(
            der::SEQUENCE,
            &[&kind, &encode(der::OCTET_STRING, &[&basic])],
        );
        encode(
            der::SEQUENCE,
            &[
                &[der::ENUMERATED, 1, 0],
                &encode(der::context(0), &[&bytes]),
            ],
        )
    }

    pub(crate) fn make(&self) -> OcspResponse {
        OcspResponse::from_der(&self.der()).unwrap()
    }
}

pub(crate) fn at(text: &str) -> Timestamp {
    format!("{text}T00:00:00Z").parse().unwrap()
}

/// A file of the test PKI.
pub(crate) fn fixture(path: &str) -> Vec<u8> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/certs-test");
    std::fs::read(format!("{root}/{path}")).unwrap_or_else(|fault| panic!("{path}: {fault}"))
}

pub(crate) fn fixture_certificate(path: &str) -> Certificate {
    read_certificates(&fixture(path)).unwrap().remove(0)
}

/// The root, the issuing CAs and the lists of `crl/`.
pub(crate) fn fixture_evidence() -> TrustEvidence {
    let mut evidence = TrustEvidence::default();
    for name in ["root", "agencies", "persons", "services"] {
        evidence
            .add_trust(&fixture(&format!("ca/{name}.crt")))
            .unwrap();
        evidence
            .add_revocation(&fixture(&format!("crl/{name}.crl")))
            .unwrap();
    }
    evidence
}
