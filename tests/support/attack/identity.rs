//! Keys with certificates and revocation lists: a root and what it issues, minted once for the run,
//! each field open to change before it is signed; and identities of the test PKI.

use std::sync::OnceLock;

use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::{Padding, Rsa};
use openssl::sign::{RsaPssSaltlen, Signer};

use super::der::{
    algorithm, bits, content, context, extension, int, null, octets, oid, seq, set, time, tlv,
    unsigned,
};

pub(crate) const SHA256: &str = "2.16.840.1.101.3.4.2.1";
pub(crate) const ECDSA_SHA256: &str = "1.2.840.10045.4.3.2";
pub(crate) const RSA_SHA256: &str = "1.2.840.113549.1.1.11";

/// How a key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    Ecdsa,
    Rsa,
    Pss,
    Ed25519,
}

impl Scheme {
    /// Its `AlgorithmIdentifier` with SHA-256 (Ed25519: without).
    pub(crate) fn identifier(self) -> Vec<u8> {
        match self {
            Self::Ecdsa => algorithm(ECDSA_SHA256, &[]),
            Self::Rsa => algorithm(RSA_SHA256, &null()),
            Self::Pss => {
                let sha256 = algorithm(SHA256, &null());
                let mask = algorithm("1.2.840.113549.1.1.8", &sha256);
                let fields = [
                    context(0, &[&sha256]),
                    context(1, &[&mask]),
                    context(2, &[&int(32)]),
                ];
                algorithm("1.2.840.113549.1.1.10", &seq(&[&fields.concat()]))
            }
            Self::Ed25519 => algorithm("1.3.101.112", &[]),
        }
    }

    /// The digest of the message that goes with it.
    pub(crate) fn digest(self) -> MessageDigest {
        match self {
            Self::Ed25519 => MessageDigest::sha512(),
            _ => MessageDigest::sha256(),
        }
    }

    /// The `AlgorithmIdentifier` of [`Self::digest`].
    pub(crate) fn digest_identifier(self) -> Vec<u8> {
        match self {
            Self::Ed25519 => algorithm("2.16.840.1.101.3.4.2.3", &[]),
            _ => algorithm(SHA256, &[]),
        }
    }
}

/// A key with its certificate.
#[derive(Clone)]
pub(crate) struct Identity {
    pub(crate) key: PKey<Private>,
    pub(crate) scheme: Scheme,
    /// The certificate, DER.
    pub(crate) certificate: Vec<u8>,
    pub(crate) draft: Draft,
}

impl Identity {
    /// A signature over `message` with SHA-256 (Ed25519: over the message itself).
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        if self.scheme == Scheme::Ed25519 {
            let mut signer = Signer::new_without_digest(&self.key).unwrap();
            return signer.sign_oneshot_to_vec(message).unwrap();
        }
        let mut signer = Signer::new(MessageDigest::sha256(), &self.key).unwrap();
        if self.scheme == Scheme::Pss {
            signer.set_rsa_padding(Padding::PKCS1_PSS).unwrap();
            let length = RsaPssSaltlen::DIGEST_LENGTH;
            signer.set_rsa_pss_saltlen(length).unwrap();
        }
        signer.sign_oneshot_to_vec(message).unwrap()
    }

    /// Issuer name and serial number as the `SignerInfo` names them.
    pub(crate) fn issuer_and_serial(&self) -> Vec<u8> {
        seq(&[&self.draft.issuer, &self.draft.serial])
    }

    /// The `SubjectPublicKeyInfo` of the key.
    pub(crate) fn public_key(&self) -> Vec<u8> {
        self.key.public_key_to_der().unwrap()
    }
}

/// A certificate to be minted, each field an element of DER.
#[derive(Clone)]
pub(crate) struct Draft {
    /// The content of `[0]`, or nothing for version 1.
    pub(crate) version: Vec<u8>,
    pub(crate) serial: Vec<u8>,
    pub(crate) issuer: Vec<u8>,
    pub(crate) subject: Vec<u8>,
    pub(crate) from: String,
    pub(crate) until: String,
    pub(crate) public_key: Option<Vec<u8>>,
    pub(crate) extensions: Vec<Vec<u8>>,
}

impl Draft {
    /// A certificate for documents: digital signature and non-repudiation.
    pub(crate) fn signer(common_name: &str) -> Self {
        Self::named(common_name).with(&key_usage(0xc0, 6))
    }

    /// A certificate that issues others.
    pub(crate) fn authority(common_name: &str) -> Self {
        Self::named(common_name)
            .with(&extension("2.5.29.19", true, &seq(&[&[1, 1, 0xff]])))
            .with(&key_usage(0x06, 1))
    }

    fn named(common_name: &str) -> Self {
        let serial = openssl::sha::sha256(common_name.as_bytes());
        Self {
            version: context(0, &[&int(2)]),
            serial: unsigned(&serial[..8]),
            issuer: name(common_name),
            subject: name(common_name),
            from: "20200101000000Z".to_owned(),
            until: "20491231000000Z".to_owned(),
            public_key: None,
            extensions: Vec::new(),
        }
    }

    /// Adds an extension, in place of an earlier one of the same type.
    pub(crate) fn with(mut self, extension: &[u8]) -> Self {
        let kind = |one: &[u8]| content(one)[..2 + usize::from(content(one)[1])].to_vec();
        let own = kind(extension);
        self.extensions.retain(|one| kind(one) != own);
        self.extensions.push(extension.to_vec());
        self
    }

    /// Changes anything.
    pub(crate) fn but(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// The identity, its certificate signed by `issuer` or by itself.
    pub(crate) fn mint(
        mut self,
        key: PKey<Private>,
        scheme: Scheme,
        issuer: Option<&Identity>,
    ) -> Identity {
        if let Some(issuer) = issuer {
            self.issuer.clone_from(&issuer.draft.subject);
        }
        self.sealed(key, scheme, issuer)
    }

    /// As [`Self::mint`], with the issuer's name as drafted.
    pub(crate) fn sealed(
        self,
        key: PKey<Private>,
        scheme: Scheme,
        issuer: Option<&Identity>,
    ) -> Identity {
        let mut own = Identity {
            key,
            scheme,
            certificate: Vec::new(),
            draft: self,
        };
        let by = issuer.unwrap_or(&own);
        let draft = &own.draft;
        let public_key = draft.public_key.clone().unwrap_or_else(|| own.public_key());
        // RFC 5280, 4.1.2.5: years before 2050 in two digits.
        let moment = |text: &str| match text.strip_prefix("20") {
            Some(short) if *text < *"2050" => tlv(0x17, &[short.as_bytes()]),
            _ => time(text),
        };
        let validity = seq(&[&moment(&draft.from), &moment(&draft.until)]);
        let extensions = match draft.extensions.as_slice() {
            [] => Vec::new(),
            some => context(3, &[&seq(&[&some.concat()])]),
        };
        let identifier = by.scheme.identifier();
        let tbs = seq(&[
            &draft.version,
            &draft.serial,
            &identifier,
            &draft.issuer,
            &validity,
            &draft.subject,
            &public_key,
            &extensions,
        ]);
        own.certificate = seq(&[&tbs, &identifier, &bits(&by.sign(&tbs))]);
        own
    }
}

/// A critical key usage: its byte of bits and how many of them are unused.
pub(crate) fn key_usage(byte: u8, unused: u8) -> Vec<u8> {
    extension("2.5.29.15", true, &[3, 2, unused, byte])
}

/// A name of one common name.
pub(crate) fn name(common_name: &str) -> Vec<u8> {
    name_of(0x0c, common_name.as_bytes())
}

/// A name of one common name, its string of another type.
pub(crate) fn name_of(tag: u8, value: &[u8]) -> Vec<u8> {
    let pair = seq(&[&oid("2.5.4.3"), &tlv(tag, &[value])]);
    seq(&[&set(&[&pair])])
}

/// A revocation list of `issuer` over these serial numbers (`INTEGER` elements), revoked in 2024.
pub(crate) fn crl(issuer: &Identity, revoked: &[&[u8]]) -> Vec<u8> {
    Crl {
        revoked: revoked.iter().map(|one| one.to_vec()).collect(),
        ..Crl::of(issuer)
    }
    .der(issuer)
}

/// A revocation list to be signed.
#[derive(Clone)]
pub(crate) struct Crl {
    pub(crate) issuer: Vec<u8>,
    pub(crate) this_update: String,
    pub(crate) next_update: String,
    pub(crate) revoked: Vec<Vec<u8>>,
    pub(crate) extensions: Vec<Vec<u8>>,
}

impl Crl {
    /// An empty list of `issuer`.
    pub(crate) fn of(issuer: &Identity) -> Self {
        Self {
            issuer: issuer.draft.subject.clone(),
            this_update: "20260105000000Z".to_owned(),
            next_update: "20260106000000Z".to_owned(),
            revoked: Vec::new(),
            extensions: Vec::new(),
        }
    }

    /// The list signed by `signer`.
    pub(crate) fn der(&self, signer: &Identity) -> Vec<u8> {
        let moment = |text: &str| tlv(0x17, &[&text.as_bytes()[2..]]);
        let entry = |serial: &Vec<u8>| seq(&[serial, &moment("20240601000000Z")]);
        let entries = match self.revoked.as_slice() {
            [] => Vec::new(),
            some => seq(&[&some.iter().map(entry).collect::<Vec<_>>().concat()]),
        };
        let extensions = match self.extensions.as_slice() {
            [] => Vec::new(),
            some => context(0, &[&seq(&[&some.concat()])]),
        };
        let identifier = signer.scheme.identifier();
        let (this, next) = (moment(&self.this_update), moment(&self.next_update));
        let tbs = seq(&[
            &int(1),
            &identifier,
            &self.issuer,
            &this,
            &next,
            &entries,
            &extensions,
        ]);
        seq(&[&tbs, &identifier, &bits(&signer.sign(&tbs))])
    }
}

/// A key of the curve P-256.
pub(crate) fn p256() -> PKey<Private> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap()
}

/// An RSA key.
pub(crate) fn rsa(size: u32) -> PKey<Private> {
    PKey::from_rsa(Rsa::generate(size).unwrap()).unwrap()
}

/// The minted world: a trusted root, its list, and one signer for each kind of key.
pub(crate) struct World {
    pub(crate) root: Identity,
    pub(crate) crl: Vec<u8>,
    pub(crate) ecdsa: Identity,
    pub(crate) rsa: Identity,
    pub(crate) pss: Identity,
    pub(crate) ed25519: Identity,
}

/// The one world of the run.
pub(crate) fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let root = Draft::authority("Root").mint(p256(), Scheme::Ecdsa, None);
        let under = |name: &str, key, scheme| Draft::signer(name).mint(key, scheme, Some(&root));
        let pair = rsa(2048);
        World {
            crl: crl(&root, &[]),
            ecdsa: under("Ecdsa", p256(), Scheme::Ecdsa),
            rsa: under("Rsa", pair.clone(), Scheme::Rsa),
            pss: under("Pss", pair, Scheme::Pss),
            ed25519: under(
                "Ed25519",
                PKey::generate_ed25519().unwrap(),
                Scheme::Ed25519,
            ),
            root,
        }
    })
}

/// The value of a subject or authority key identifier extension for `public_key`.
pub(crate) fn key_id(public_key: &[u8]) -> Vec<u8> {
    octets(&openssl::sha::sha1(public_key))
}
