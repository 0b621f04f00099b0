//! Signatures for tests, right or deliberately wrong in one place.

use super::{AttributeProfile, Error, SignatureCheck, oids, parse};
use crate::pki::algorithm::{DigestAlgorithm, SignatureAlgorithm, SignatureScheme};
use crate::pki::certificate::Certificate;
use crate::pki::der::{self, encode};
use crate::pki::testing::{Entity, signer};

pub(super) const CONTENT: &[u8] = b"content";

/// A signature to be made, each part replaceable.
pub(super) struct Draft {
    pub(super) signer: Entity,
    /// The contents of the set of signed attributes; `None` leaves it out.
    pub(super) attributes: Option<Vec<Vec<u8>>>,
    pub(super) unsigned: Vec<u8>,
    pub(super) certificates: Vec<Vec<u8>>,
    pub(super) content: Vec<u8>,
    pub(super) content_type: Vec<u8>,
    pub(super) digest: Vec<u8>,
    pub(super) listed: Vec<u8>,
    pub(super) algorithm: Vec<u8>,
    pub(super) version: Vec<u8>,
    pub(super) sid: Vec<u8>,
    pub(super) signers: usize,
}

pub(super) fn attribute(oid: &[u8], values: &[&[u8]]) -> Vec<u8> {
    encode(
        der::SEQUENCE,
        &[
            &encode(der::OID, &[oid]),
            &encode(der::SET, &[&values.concat()]),
        ],
    )
}

pub(super) fn content_type(oid: &[u8]) -> Vec<u8> {
    attribute(oids::CONTENT_TYPE, &[&encode(der::OID, &[oid])])
}

pub(super) fn message_digest(digest: &[u8]) -> Vec<u8> {
    attribute(
        oids::MESSAGE_DIGEST,
        &[&encode(der::OCTET_STRING, &[digest])],
    )
}

/// One `ESSCertIDv2` with SHA-256.
pub(super) fn certificate_id(certificate: &Certificate, issuer_serial: &[u8]) -> Vec<u8> {
    let hash = encode(der::OCTET_STRING, &[certificate.sha256().as_bytes()]);
    encode(der::SEQUENCE, &[&hash, issuer_serial])
}

pub(super) fn signing_certificate(ids: &[Vec<u8>]) -> Vec<u8> {
    let list = encode(der::SEQUENCE, &[&encode(der::SEQUENCE, &[&ids.concat()])]);
    attribute(oids::SIGNING_CERTIFICATE_V2, &[&list])
}

pub(super) fn draft() -> Draft {
    draft_by(signer("Signer").make())
}

pub(super) fn draft_by(signer: Entity) -> Draft {
    let certificate = signer.certificate.clone();
    let digest = DigestAlgorithm::Sha256;
    let algorithm = SignatureAlgorithm::new(SignatureScheme::Ecdsa, digest);
    let serial = encode(der::INTEGER, &[certificate.serial()]);
    Draft {
        attributes: Some(vec![
            content_type(oids::DATA),
            message_digest(&digest.of(CONTENT)),
            signing_certificate(&[certificate_id(&certificate, &[])]),
        ]),
        unsigned: Vec::new(),
        certificates: vec![certificate.der().to_vec()],
        content: Vec::new(),
        content_type: oids::DATA.to_vec(),
        digest: digest.to_der(),
        listed: digest.to_der(),
        algorithm: algorithm.to_der(),
        version: vec![1],
        sid: encode(der::SEQUENCE, &[certificate.issuer_der(), &serial]),
        signers: 1,
        signer,
    }
}

impl Draft {
    pub(super) fn der(&self) -> Vec<u8> {
        let set = self
            .attributes
            .as_ref()
            .map(|attributes| attributes.concat());
        let signed = set.as_ref().map(|set| encode(der::SET, &[set]));
        let signature = self
            .signer
            .sign(&signed.unwrap_or_else(|| CONTENT.to_vec()));
        let signer = encode(
            der::SEQUENCE,
            &[
                &encode(der::INTEGER, &[&self.version]),
                &self.sid,
                &self.digest,
                &set.map(|set| encode(der::context(0), &[&set]))
                    .unwrap_or_default(),
                &self.algorithm,
                &encode(der::OCTET_STRING, &[&signature]),
                &self.unsigned,
            ],
        );
        let content_type = encode(der::OID, &[&self.content_type]);
        let data = encode(
            der::SEQUENCE,
            &[
                &encode(der::INTEGER, &[&self.message_version()]),
                &encode(der::SET, &[&self.listed]),
                &encode(der::SEQUENCE, &[&content_type, &self.content]),
                &encode(der::context(0), &[&self.certificates.concat()]),
                &encode(der::SET, &[&signer.repeat(self.signers)]),
            ],
        );
        let kind = encode(der::OID, &[oids::SIGNED_DATA]);
        encode(der::SEQUENCE, &[&kind, &encode(der::context(0), &[&data])])
    }

    /// As RFC 5652, 5.1 wants it.
    fn message_version(&self) -> Vec<u8> {
        let plain = self.content_type == oids::DATA && self.version != [3];
        vec![if plain { 1 } else { 3 }]
    }

    pub(super) fn with(mut self, attributes: Vec<Vec<u8>>) -> Self {
        self.attributes = Some(attributes);
        self
    }

    pub(super) fn plus(mut self, attribute: Vec<u8>) -> Self {
        self.attributes.as_mut().unwrap().push(attribute);
        self
    }

    /// The attributes with the one at `place` replaced by `others`.
    pub(super) fn instead(mut self, place: usize, others: &[Vec<u8>]) -> Self {
        self.attributes
            .as_mut()
            .unwrap()
            .splice(place..=place, others.iter().cloned());
        self
    }

    pub(super) fn check(&self) -> Result<SignatureCheck, Error> {
        let data = parse(&self.der())?;
        let signer = data.signer(AttributeProfile::Cades)?;
        data.verify(&signer, &data.digest_algorithm().of(CONTENT))
    }

    pub(super) fn code(&self) -> &'static str {
        match self.check() {
            Ok(check) => check.failure().map_or("VALID", |(.., reason)| reason),
            Err(fault) => fault.code(),
        }
    }
}
