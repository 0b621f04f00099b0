//! A prepared document that waits for a key this program never sees: on a token, a telephone or a
//! remote service. A session can be stored, survives a restart, is bound to one document and one
//! certificate, and ends at a given time. Whoever stores it sees to it that it is used once.
//! Source: attack classes SYS-02 and SYS-03 of the project's list; ETSI EN 319 142-1, 5.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::Error;
use super::prepare::{HashedHead, Prepared, SignRequest, Tail, prepare_hashed};
use crate::cms::{self, AttributeProfile};
use crate::domain::clock::{Timestamp, rfc3339};
use crate::domain::digest::Sha256;
use crate::pdf::{ByteSource, Slot};
use crate::pki::algorithm::{DigestAlgorithm, SignatureAlgorithm};
use crate::pki::certificate::Certificate;

/// Version of the stored shape.
const SCHEMA: &str = "lienthong.session/1";

/// A document prepared for a signature that comes from elsewhere.
#[derive(Debug, Clone)]
pub struct Session {
    id: String,
    document: Sha256,
    expires: Timestamp,
    prepared: Prepared,
}

/// What the holder of the key gives back.
#[derive(Debug, Clone, Copy)]
pub enum Answer<'a> {
    /// The signature value over [`Session::to_be_signed`].
    Signature(&'a [u8]),
    /// A whole detached CMS structure (DER) over exactly the prepared attributes.
    Cms(&'a [u8]),
}

/// Stored shape: it lies in folders and databases; old sessions must stay readable or be refused.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    schema: String,
    id: String,
    expires: String,
    document_sha256: String,
    /// `AlgorithmIdentifier`, DER in Base64, as everything below that is no number or name.
    algorithm: String,
    signer: String,
    chain: Vec<String>,
    attributes: String,
    tail: String,
    base: u64,
    hole_start: u64,
    hole_end: u64,
    field: String,
}

impl Session {
    /// Prepares `source` as `request` says, to be completed before `expires`.
    ///
    /// # Errors
    /// As [`super::prepare()`].
    pub fn open(
        id: String,
        source: &dyn ByteSource,
        request: &SignRequest,
        expires: Timestamp,
    ) -> Result<Self, Error> {
        let digest = request.algorithm.digest();
        let head = HashedHead::of(source, digest)?;
        let prepared = prepare_hashed(source, &head, request)?;
        let document = match digest {
            DigestAlgorithm::Sha256 => head,
            _ => HashedHead::of(source, DigestAlgorithm::Sha256)?,
        };
        Ok(Self {
            id,
            document: whole(document)?,
            expires,
            prepared,
        })
    }

    /// The name the session was given.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The digest of the document it was prepared for.
    #[must_use]
    pub const fn document(&self) -> Sha256 {
        self.document
    }

    /// The instant from which it cannot be completed.
    #[must_use]
    pub const fn expires(&self) -> Timestamp {
        self.expires
    }

    /// The certificate the signature must verify with.
    #[must_use]
    pub const fn signer(&self) -> &Certificate {
        &self.prepared.signer
    }

    /// The exact bytes the key must sign (the DER of the signed attributes).
    #[must_use]
    pub fn to_be_signed(&self) -> &[u8] {
        self.prepared.to_be_signed()
    }

    /// The algorithm the key must use.
    #[must_use]
    pub const fn algorithm(&self) -> &SignatureAlgorithm {
        self.prepared.algorithm()
    }

    /// The session as it is stored.
    #[must_use]
    pub fn to_json(&self) -> String {
        let Prepared {
            slot,
            attributes,
            algorithm,
            signer,
            chain,
        } = &self.prepared;
        let stored = Stored {
            schema: SCHEMA.to_owned(),
            id: self.id.clone(),
            expires: rfc3339(self.expires),
            document_sha256: self.document.to_string(),
            algorithm: STANDARD.encode(algorithm.to_der()),
            signer: STANDARD.encode(signer.der()),
            chain: chain.iter().map(|one| STANDARD.encode(one.der())).collect(),
            attributes: STANDARD.encode(attributes.der()),
            tail: STANDARD.encode(&slot.tail),
            base: slot.base,
            hole_start: slot.hole_start,
            hole_end: slot.hole_end,
            field: slot.field.clone(),
        };
        serde_json::to_string(&stored).unwrap_or_default()
    }

    /// A stored session.
    ///
    /// # Errors
    /// [`Error::SessionUnreadable`].
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let wrong = |detail: &dyn std::fmt::Display| Error::SessionUnreadable {
            detail: detail.to_string(),
        };
        let stored: Stored = serde_json::from_str(text).map_err(|fault| wrong(&fault))?;
        if stored.schema != SCHEMA {
            return Err(wrong(&stored.schema));
        }
        let bytes = |text: &str| STANDARD.decode(text).map_err(|fault| wrong(&fault));
        let certificate =
            |text: &str| Certificate::from_der(&bytes(text)?).map_err(|fault| wrong(&fault));
        let algorithm = SignatureAlgorithm::read(&bytes(&stored.algorithm)?);
        let algorithm = algorithm.map_err(|fault| wrong(&fault))?;
        let attributes = bytes(&stored.attributes)?;
        let slot = Slot {
            tail: bytes(&stored.tail)?,
            base: stored.base,
            hole_start: stored.hole_start,
            hole_end: stored.hole_end,
            field: stored.field,
        };
        let chain = stored.chain.iter().map(|one| certificate(one));
        let expires: Result<Timestamp, _> = stored.expires.parse();
        let document: Result<Sha256, _> = stored.document_sha256.parse();
        Ok(Self {
            id: stored.id,
            document: document.map_err(|fault| wrong(&fault))?,
            expires: expires.map_err(|fault| wrong(&fault))?,
            prepared: Prepared {
                slot,
                attributes: cms::Attributes::restored(attributes, algorithm.digest()),
                algorithm,
                signer: certificate(&stored.signer)?,
                chain: chain.collect::<Result<_, _>>()?,
            },
        })
    }

    /// The finished signature over `source`, as of `now`. Nothing is embedded before it was
    /// verified against the prepared attributes, the prepared certificate and the document.
    ///
    /// # Errors
    /// [`Error::SessionExpired`], [`Error::SessionOtherDocument`],
    /// [`Error::SessionOtherCertificate`], [`Error::SessionOtherAttributes`],
    /// [`Error::ForeignSignature`], or [`Error::HoleTooSmall`].
    pub fn complete(
        self,
        source: &dyn ByteSource,
        answer: Answer<'_>,
        now: Timestamp,
    ) -> Result<Tail, Error> {
        if now >= self.expires {
            return Err(Error::SessionExpired {
                expired: self.expires,
            });
        }
        self.check_document(source)?;
        match answer {
            Answer::Signature(signature) => self.prepared.embed(signature),
            Answer::Cms(der) => embed_cms(self.prepared, der),
        }
    }

    /// Whether the document, with the prepared update, is what the attributes speak of: to be asked
    /// before a key acts for a session that was prepared elsewhere. Only digests are computed.
    ///
    /// # Errors
    /// [`Error::SessionOtherDocument`].
    pub fn check_document(&self, source: &dyn ByteSource) -> Result<(), Error> {
        let digest = self.prepared.algorithm.digest();
        if source.size() != self.prepared.slot.base {
            return Err(Error::SessionOtherDocument);
        }
        let head = HashedHead::of(source, digest)?;
        let same = match digest {
            DigestAlgorithm::Sha256 => whole(head.clone())?,
            _ => whole(HashedHead::of(source, DigestAlgorithm::Sha256)?)?,
        };
        let covered = self.prepared.slot.covered(head)?;
        let expected = cms::attributes(&covered, digest, &self.prepared.signer);
        if same == self.document && expected == self.prepared.attributes {
            Ok(())
        } else {
            Err(Error::SessionOtherDocument)
        }
    }
}

fn whole(head: HashedHead) -> Result<Sha256, Error> {
    let digest = <[u8; 32]>::try_from(head.finish_with(&[]));
    digest
        .map(Sha256::from_bytes)
        .or(Err(Error::SessionOtherDocument))
}

/// Embeds a structure made elsewhere, if it is a signature over the prepared attributes with the
/// prepared certificate and algorithm.
fn embed_cms(prepared: Prepared, der: &[u8]) -> Result<Tail, Error> {
    let signed = cms::parse(der)?;
    let signer = signed.signer(AttributeProfile::Cades)?;
    if signer != prepared.signer {
        return Err(Error::SessionOtherCertificate);
    }
    if signed.signed_attributes() != prepared.to_be_signed() {
        return Err(Error::SessionOtherAttributes);
    }
    let check = signed.verify(&signer, signed.message_digest())?;
    if check.failure().is_some() || *signed.algorithm() != prepared.algorithm {
        return Err(Error::ForeignSignature);
    }
    let signature = signed.signature().to_vec();
    prepared.fill(der, &signature)
}
