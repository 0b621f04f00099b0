//! Paths in the manner of NIST PKITS: one table per group of sections, each row a construction and
//! what must come out. The certificates are our own, made when the tests run; keys depend on their
//! labels alone. A number in front of a name is the section and test of PKITS it imitates; `+` marks
//! rows PKITS does not have.

use openssl::asn1::Asn1Type;
use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey, EcPoint};
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::X509NameBuilder;

use crate::pki::certificate::Certificate;
use crate::pki::crl::Crl;
use crate::pki::der::{self, encode};
use crate::pki::ocsp::OcspResponse;
use crate::pki::testing::{Draft, Entity, ListDraft, authority, extension, list, signer};
use crate::pki::trust::{PolicyInputs, TrustEvidence};

mod basics;
mod chaining;
mod distribution;
mod names;
mod policies;
mod revocation;
mod tests;

pub(super) const PASSED: &str = "TOTAL-PASSED";
pub(super) const GENERAL: &str = "INDETERMINATE/CERTIFICATE_CHAIN_GENERAL_FAILURE";
pub(super) const NO_PATH: &str = "INDETERMINATE/NO_CERTIFICATE_CHAIN_FOUND";
pub(super) const TRY_LATER: &str = "INDETERMINATE/TRY_LATER";
pub(super) const REVOKED: &str = "INDETERMINATE/REVOKED_NO_POE";
pub(super) const CA_REVOKED: &str = "INDETERMINATE/REVOKED_CA_NO_POE";

/// One row: a construction and what must come out.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) expected: &'static str,
    pub(super) reason: &'static str,
    pub(super) build: fn(&mut Setup),
}

pub(super) const fn case(
    name: &'static str,
    expected: &'static str,
    reason: &'static str,
    build: fn(&mut Setup),
) -> Case {
    Case {
        name,
        expected,
        reason,
        build,
    }
}

/// A path being built: every certificate is issued by the one before.
pub(super) struct Setup {
    pub(super) anchor: Entity,
    pub(super) chain: Vec<Entity>,
    pub(super) others: Vec<Certificate>,
    /// Lists; those of the issuers of the path come by themselves, unless `silent`.
    pub(super) crls: Vec<Crl>,
    pub(super) ocsp: Vec<OcspResponse>,
    pub(super) silent: Vec<String>,
    pub(super) inputs: PolicyInputs,
}

type Words<'w> = &'w [(&'w str, &'w str)];

impl Setup {
    pub(super) fn new() -> Self {
        let anchor = authority("Trust Anchor").key(key("Trust Anchor")).make();
        Self {
            anchor,
            chain: Vec::new(),
            others: Vec::new(),
            crls: Vec::new(),
            ocsp: Vec::new(),
            silent: Vec::new(),
            inputs: PolicyInputs::default(),
        }
    }

    /// The certificate issued last.
    pub(super) fn last(&self) -> Entity {
        self.chain.last().unwrap_or(&self.anchor).clone()
    }

    /// Issues an authority; an extension with an empty value is left out.
    pub(super) fn ca(&mut self, name: &str, words: Words<'_>) -> Entity {
        self.ca_with(name, words, |draft| draft)
    }

    pub(super) fn ca_with(
        &mut self,
        name: &str,
        words: Words<'_>,
        change: fn(Draft<'_>) -> Draft<'_>,
    ) -> Entity {
        let issuer = self.last();
        let draft = authority(name).key(key(name));
        self.issue(change(worded(draft.under(&issuer), words)))
    }

    /// Issues an authority with the name of its issuer and another key.
    pub(super) fn renewed(&mut self, label: &str, words: Words<'_>) -> Entity {
        let issuer = self.last();
        let mut draft = authority(label).key(key(label));
        draft.subject = Some(subject_of(&issuer));
        self.issue(worded(draft.under(&issuer), words))
    }

    pub(super) fn leaf(&mut self, words: Words<'_>) -> Entity {
        self.leaf_with(words, |draft| draft)
    }

    pub(super) fn leaf_with(
        &mut self,
        words: Words<'_>,
        change: fn(Draft<'_>) -> Draft<'_>,
    ) -> Entity {
        let issuer = self.last();
        let draft = signer("Leaf").key(key("Leaf"));
        let draft = draft.with("subjectKeyIdentifier", "hash");
        self.issue(change(worded(draft.under(&issuer), words)))
    }

    fn issue(&mut self, draft: Draft<'_>) -> Entity {
        let made = draft.make();
        self.chain.push(made.clone());
        made
    }

    /// The issuer called `name` gives no list by itself.
    pub(super) fn silence(&mut self, name: &str) {
        self.silent.push(format!("CN={name}"));
    }

    pub(super) fn leaf_certificate(&self) -> &Certificate {
        &self.chain.last().unwrap().certificate
    }

    /// The anchor, what stands between, and the lists.
    pub(super) fn evidence(&self) -> TrustEvidence {
        let issuers = self.chain.iter().rev().skip(1);
        let intermediates = issuers.clone().map(|entity| entity.certificate.clone());
        let speaking = |issuer: &&Entity| {
            let subject = issuer.certificate.subject().to_owned();
            !self.silent.contains(&subject)
        };
        let lists = issuers
            .chain([&self.anchor])
            .filter(speaking)
            .map(|issuer| own_list(issuer).make());
        TrustEvidence {
            anchors: vec![self.anchor.certificate.clone()],
            intermediates: intermediates.chain(self.others.iter().cloned()).collect(),
            crls: lists.chain(self.crls.iter().cloned()).collect(),
            ocsp: self.ocsp.clone(),
            policies: self.inputs.clone(),
            ..TrustEvidence::default()
        }
    }
}

fn worded<'a>(draft: Draft<'a>, words: Words<'_>) -> Draft<'a> {
    let draft = draft.with("authorityKeyIdentifier", "keyid");
    words.iter().fold(draft, |draft, (name, value)| {
        if value.is_empty() {
            draft.without(name)
        } else {
            draft.with(name, value)
        }
    })
}

/// A list that revokes nothing and names the key of its issuer, by which OpenSSL tells apart the
/// lists of authorities of one name.
pub(super) fn own_list(issuer: &Entity) -> ListDraft<'_> {
    let mut draft = list(issuer);
    if let Some(id) = issuer.certificate.subject_key_id() {
        let id = encode(der::context_primitive(0), &[id]);
        let value = encode(der::SEQUENCE, &[&id]);
        draft.extensions.push(extension("2.5.29.35", false, &value));
    }
    draft
}

/// A P-256 key that depends on `label` alone.
pub(super) fn key(label: &str) -> PKey<Private> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    let mut digest = openssl::sha::sha256(label.as_bytes());
    digest[0] = 0;
    let scalar = BigNum::from_slice(&digest).unwrap();
    let mut context = BigNumContext::new().unwrap();
    let mut point = EcPoint::new(&group).unwrap();
    point.mul_generator2(&group, &scalar, &mut context).unwrap();
    PKey::from_ec_key(EcKey::from_private_components(&group, &scalar, &point).unwrap()).unwrap()
}

pub(super) fn subject_of(entity: &Entity) -> Vec<u8> {
    entity.certificate.subject_der().to_vec()
}

/// The DER of a name of several parts, each with its type.
pub(super) fn name(parts: &[(Nid, &str, Asn1Type)]) -> Vec<u8> {
    let mut builder = X509NameBuilder::new().unwrap();
    for (nid, value, kind) in parts {
        builder
            .append_entry_by_nid_with_type(*nid, value, *kind)
            .unwrap();
    }
    builder.build().to_der().unwrap()
}

/// All rows, by groups.
pub(super) const TABLES: &[&[Case]] = &[
    basics::SIGNATURES,
    basics::VALIDITY,
    basics::CONSTRAINTS,
    basics::LENGTHS,
    basics::USAGE,
    basics::EXTENSIONS,
    chaining::CHAINING,
    names::DIRECTORY,
    names::MAIL,
    names::HOSTS,
    names::URIS_AND_OTHERS,
    policies::PLAIN,
    policies::EXPLICIT,
    policies::MAPPING,
    policies::INHIBITED_MAPPING,
    policies::INHIBITED_ANY,
    revocation::LISTS,
    revocation::SERIALS,
    revocation::RENEWED,
    revocation::ANSWERS,
    revocation::RESPONDERS,
    distribution::POINTS,
    distribution::PARTS,
    distribution::CHANGES,
];

/// All rows.
pub(super) fn cases() -> impl Iterator<Item = &'static Case> {
    TABLES.iter().copied().flatten()
}
