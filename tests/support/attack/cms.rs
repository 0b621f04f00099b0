//! A CMS signature with every field open to change. The signature value is made last, over the
//! attributes as they then stand.

use super::der::{OCTET_STRING, algorithm, content, context, int, octets, oid, seq, set, tlv};
use super::identity::Identity;

pub(crate) const DATA: &str = "1.2.840.113549.1.7.1";
pub(crate) const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
pub(crate) const TST_INFO: &str = "1.2.840.113549.1.9.16.1.4";
pub(crate) const CONTENT_TYPE: &str = "1.2.840.113549.1.9.3";
pub(crate) const MESSAGE_DIGEST: &str = "1.2.840.113549.1.9.4";
pub(crate) const SIGNING_TIME: &str = "1.2.840.113549.1.9.5";
pub(crate) const ALGORITHM_PROTECTION: &str = "1.2.840.113549.1.9.52";
pub(crate) const CERTIFICATE_V2: &str = "1.2.840.113549.1.9.16.2.47";
pub(crate) const TIME_STAMP: &str = "1.2.840.113549.1.9.16.2.14";

/// One signature structure.
#[derive(Clone)]
pub(crate) struct Cms {
    /// Content type of the outermost structure, dotted.
    pub(crate) outer_type: String,
    pub(crate) version: Vec<u8>,
    /// The `digestAlgorithms`.
    pub(crate) digests: Vec<Vec<u8>>,
    /// `eContentType`, dotted.
    pub(crate) content_type: String,
    /// `eContent`, inside an octet string when written.
    pub(crate) content: Option<Vec<u8>>,
    pub(crate) certificates: Vec<Vec<u8>>,
    pub(crate) crls: Vec<Vec<u8>>,
    pub(crate) signers: Vec<SignerInfo>,
}

/// One signer of it.
#[derive(Clone)]
pub(crate) struct SignerInfo {
    pub(crate) identity: Identity,
    pub(crate) version: Vec<u8>,
    /// The signer identifier, an element.
    pub(crate) sid: Vec<u8>,
    pub(crate) digest: Vec<u8>,
    /// The signed attributes in this order; `None` leaves the field out.
    pub(crate) attributes: Option<Vec<Vec<u8>>>,
    pub(crate) algorithm: Vec<u8>,
    /// The signature value; `None` has the key sign the attributes.
    pub(crate) value: Option<Vec<u8>>,
    pub(crate) unsigned: Vec<Vec<u8>>,
}

/// An `Attribute` with these values.
pub(crate) fn attribute(kind: &str, values: &[&[u8]]) -> Vec<u8> {
    seq(&[&oid(kind), &set(values)])
}

/// An `ESSCertIDv2` over SHA-256; `rest` is an `IssuerSerial` or nothing.
pub(crate) fn certificate_id(certificate: &[u8], rest: &[u8]) -> Vec<u8> {
    seq(&[&octets(&openssl::sha::sha256(certificate)), rest])
}

/// The value of signing-certificate-v2.
pub(crate) fn certificate_ids(ids: &[Vec<u8>]) -> Vec<u8> {
    seq(&[&seq(&[&ids.concat()])])
}

impl SignerInfo {
    /// A sound signer over content of type `kind` with this digest.
    pub(crate) fn of(identity: &Identity, kind: &str, digest: &[u8]) -> Self {
        let id = certificate_ids(&[certificate_id(&identity.certificate, &[])]);
        Self {
            identity: identity.clone(),
            version: int(1),
            sid: identity.issuer_and_serial(),
            digest: identity.scheme.digest_identifier(),
            attributes: Some(vec![
                attribute(CONTENT_TYPE, &[&oid(kind)]),
                attribute(MESSAGE_DIGEST, &[&octets(digest)]),
                attribute(CERTIFICATE_V2, &[&id]),
            ]),
            algorithm: identity.scheme.identifier(),
            value: None,
            unsigned: Vec::new(),
        }
    }

    /// Puts `new` in the place of the attributes of type `kind`, none removing them.
    pub(crate) fn instead(&mut self, kind: &str, new: &[Vec<u8>]) {
        let of_kind = oid(kind);
        let mut kept = self.attributes.take().unwrap_or_default();
        kept.retain(|one| !content(one).starts_with(&of_kind));
        kept.extend_from_slice(new);
        kept.sort();
        self.attributes = Some(kept);
    }

    /// The bytes the key signs.
    pub(crate) fn to_be_signed(&self) -> Vec<u8> {
        set(&[&self.attributes.clone().unwrap_or_default().concat()])
    }

    fn der(&self) -> Vec<u8> {
        let signed = match &self.attributes {
            Some(list) => context(0, &[&list.concat()]),
            None => Vec::new(),
        };
        let value = self.value.clone();
        let value = value.unwrap_or_else(|| self.identity.sign(&self.to_be_signed()));
        let unsigned = match self.unsigned.as_slice() {
            [] => Vec::new(),
            list => context(1, &[&list.concat()]),
        };
        seq(&[
            &self.version,
            &self.sid,
            &self.digest,
            &signed,
            &self.algorithm,
            &octets(&value),
            &unsigned,
        ])
    }
}

impl Cms {
    /// A sound detached signature over content with this digest.
    pub(crate) fn detached(identity: &Identity, digest: &[u8]) -> Self {
        Self {
            outer_type: SIGNED_DATA.to_owned(),
            version: int(1),
            digests: vec![identity.scheme.digest_identifier()],
            content_type: DATA.to_owned(),
            content: None,
            certificates: vec![identity.certificate.clone()],
            crls: Vec::new(),
            signers: vec![SignerInfo::of(identity, DATA, digest)],
        }
    }

    /// A sound signature over `content` of another type, which stands inside.
    pub(crate) fn enveloping(identity: &Identity, kind: &str, content: &[u8]) -> Self {
        let digest = openssl::hash::hash(identity.scheme.digest(), content).unwrap();
        Self {
            version: int(3),
            content_type: kind.to_owned(),
            content: Some(content.to_vec()),
            signers: vec![SignerInfo::of(identity, kind, &digest)],
            ..Self::detached(identity, &digest)
        }
    }

    /// Its first signer.
    pub(crate) fn signer(&mut self) -> &mut SignerInfo {
        &mut self.signers[0]
    }

    /// The structure.
    pub(crate) fn der(&self) -> Vec<u8> {
        let inside = self.content.as_ref();
        let inside = inside.map_or_else(Vec::new, |one| context(0, &[&tlv(OCTET_STRING, &[one])]));
        let optional = |number, list: &[Vec<u8>]| match list {
            [] => Vec::new(),
            some => context(number, &[&some.concat()]),
        };
        let signers: Vec<Vec<u8>> = self.signers.iter().map(SignerInfo::der).collect();
        let data = seq(&[
            &self.version,
            &set(&[&self.digests.concat()]),
            &seq(&[&oid(&self.content_type), &inside]),
            &optional(0, &self.certificates),
            &optional(1, &self.crls),
            &set(&[&signers.concat()]),
        ]);
        seq(&[&oid(&self.outer_type), &context(0, &[&data])])
    }
}

/// The `TSTInfo` of a time stamp over data with this SHA-256.
pub(crate) fn tst_info(imprint: &[u8], time: &str) -> Vec<u8> {
    let digest = algorithm(super::identity::SHA256, &[]);
    seq(&[
        &int(1),
        &oid("1.3.6.1.4.1.32473.21.4"),
        &seq(&[&digest, &octets(imprint)]),
        &int(7),
        &super::der::time(time),
    ])
}
