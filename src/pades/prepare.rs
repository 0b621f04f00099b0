//! First half of a signature: the update with a hole and the exact bytes to be signed. The key
//! acts in between, wherever it lives; [`Prepared::embed`] is the second half.
//! Source: ETSI EN 319 142-1, 5 and 6 (PAdES B-B).

use super::Error;
use super::levels::{Stamp, TOKEN_BYTES};
use super::times::pdf_date;
use crate::cms::{self, AttributeProfile, Attributes};
use crate::domain::clock::Timestamp;
use crate::pdf::{
    self, ByteSource, Document, FieldLock, FieldValue, Mark, Slot, SlotRequest, SubFilter, View,
};
use crate::pki::algorithm::{DigestAlgorithm, DigestStream, SignatureAlgorithm};
use crate::pki::certificate::Certificate;

/// What the signature is for. The role is told by the request: no certificate names it.
/// Source: Decree 30/2020/NĐ-CP, articles 13, 17 and 32, Annex I.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// An authorised person signs (ký duyệt).
    Approve,
    /// The agency signs the main document after the person (ký phát hành).
    Issue,
    /// The agency signs a separately filed appendix (phụ lục).
    Appendix,
    /// The agency signs an electronic copy (sao y, sao lục, trích sao).
    Copy,
    /// The clerk of the receiving agency signs the stamp of arrival (dấu đến).
    Arrival,
    /// Any other signature.
    Other,
}

/// Everything a signature needs but the key.
#[derive(Debug, Clone)]
pub struct SignRequest {
    /// What the signature is for.
    pub act: Act,
    /// What is seen on a page; `None` for an invisible signature.
    pub mark: Option<Mark>,
    /// `DocMDP` permission 1, 2 or 3 of a certification.
    pub certify: Option<u8>,
    /// The algorithm the key will use, its digest included.
    pub algorithm: SignatureAlgorithm,
    /// The certificate of the key.
    pub signer: Certificate,
    /// The certificates above it, issuing CA first.
    pub chain: Vec<Certificate>,
    /// The signing time claimed in `/M`.
    pub claimed_time: Timestamp,
    /// The reason, if one is to be stated.
    pub reason: Option<String>,
    /// The name of the signer, if it is to be stated beside the certificate.
    pub name: Option<String>,
    /// Full name of an empty signature field to be signed; `None` makes a new field.
    pub field: Option<String>,
    /// Form fields nobody may change after this signature.
    pub lock: Option<FieldLock>,
    /// Bytes to keep for the signature; 0 estimates them from the certificates.
    pub contents_bytes: usize,
    /// Bytes to keep beside the estimate for what comes later, such as a time-stamp token.
    pub token_bytes: usize,
}

impl SignRequest {
    /// A request for an invisible signature in a new field, with nothing stated and nothing locked.
    #[must_use]
    pub const fn new(
        act: Act,
        algorithm: SignatureAlgorithm,
        signer: Certificate,
        chain: Vec<Certificate>,
        claimed_time: Timestamp,
    ) -> Self {
        Self {
            act,
            mark: None,
            certify: None,
            algorithm,
            signer,
            chain,
            claimed_time,
            reason: None,
            name: None,
            field: None,
            lock: None,
            contents_bytes: 0,
            token_bytes: 0,
        }
    }
}

/// A document that waits for the key.
#[derive(Debug, Clone)]
pub struct Prepared {
    pub(super) slot: Slot,
    pub(super) attributes: Attributes,
    pub(super) algorithm: SignatureAlgorithm,
    pub(super) signer: Certificate,
    pub(super) chain: Vec<Certificate>,
}

/// A finished signature: the bytes that follow the unchanged file.
#[derive(Debug, Clone)]
pub struct Tail {
    /// The bytes to append.
    pub bytes: Vec<u8>,
    /// Size of the file they follow.
    pub base: u64,
    /// Full name of the signature field.
    pub field: String,
    /// What was signed, for the check of the finished file.
    pub(super) made: Made,
}

/// What a finished file must hold: the structure, and the attributes and value in it that were
/// verified before they were embedded.
#[derive(Debug, Clone)]
pub(super) struct Made {
    pub(super) hole: (u64, u64),
    pub(super) attributes: Vec<u8>,
    pub(super) signature: Vec<u8>,
    pub(super) signer: Certificate,
    /// The certificates in the structure, as they were read from the key.
    pub(super) certificates: Vec<Certificate>,
}

/// The first bytes of a signature's digest: those of the unchanged file, hashed as they passed by.
#[derive(Clone)]
pub struct HashedHead {
    hash: DigestStream,
    digest: DigestAlgorithm,
    size: u64,
}

impl HashedHead {
    /// Nothing hashed yet, for a signature with `digest`.
    #[must_use]
    pub fn new(digest: DigestAlgorithm) -> Self {
        let hash = digest.stream();
        Self {
            hash,
            digest,
            size: 0,
        }
    }

    /// Takes the next bytes of the file.
    pub fn update(&mut self, piece: &[u8]) {
        self.hash.update(piece);
        self.size = self.size.saturating_add(piece.size());
    }

    /// The digest of what was hashed, followed by `more`.
    #[must_use]
    pub fn finish_with(mut self, more: &[u8]) -> Vec<u8> {
        self.hash.update(more);
        self.hash.finish()
    }

    /// All of `source`, read piece by piece.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn of(source: &dyn ByteSource, digest: DigestAlgorithm) -> Result<Self, Error> {
        let mut head = Self::new(digest);
        pdf::stream(source, 0, source.size(), &mut |piece| head.update(piece))?;
        Ok(head)
    }
}

/// Prepares a signature over `source` and everything it will contain.
///
/// Nothing is written; the file is read piece by piece, once. The same source and request give the
/// same bytes.
///
/// # Errors
/// When the file cannot be signed (malformed, encrypted, certified or locked against it), when it
/// carries a signature that does not hold, when the order of signatures is wrong, or when the mark
/// cannot be used.
pub fn prepare(source: &dyn ByteSource, request: &SignRequest) -> Result<Prepared, Error> {
    prepare_after(source, None, request)
}

/// As [`prepare`] for a file whose bytes were hashed already while they were copied or received.
///
/// # Errors
/// As [`prepare`]; [`Error::SourceChanged`] when `head` is not as long as `source`.
pub fn prepare_hashed(
    source: &dyn ByteSource,
    head: &HashedHead,
    request: &SignRequest,
) -> Result<Prepared, Error> {
    let same = head.size == source.size() && head.digest == request.algorithm.digest();
    if !same {
        return Err(Error::SourceChanged);
    }
    prepare_after(source, Some(head), request)
}

fn prepare_after(
    source: &dyn ByteSource,
    head: Option<&HashedHead>,
    request: &SignRequest,
) -> Result<Prepared, Error> {
    let document = Document::open(source)?;
    let is_first = check_order(&document.latest(), request)?;
    if is_first {
        super::publish::check_readers(&document)?;
    }
    let slot_request = SlotRequest {
        sub_filter: "ETSI.CAdES.detached",
        claimed_time: pdf_date(request.claimed_time),
        name: request.name.as_deref(),
        reason: request.reason.as_deref(),
        contents_bytes: reserve(request),
        certify: request.certify,
        lock: request.lock.as_ref(),
        field: request.field.as_deref(),
        mark: request.mark.as_ref(),
    };
    let slot = pdf::slot(&document, &slot_request)?;
    if !is_first {
        super::publish::check_earlier(source, &slot, request.claimed_time)?;
    }
    let digest = request.algorithm.digest();
    let covered = match head {
        Some(head) => slot.covered(head.clone())?,
        None => slot.covered(HashedHead::of(source, digest)?)?,
    };
    let attributes = cms::attributes(&covered, digest, &request.signer);
    Ok(Prepared {
        slot,
        attributes,
        algorithm: request.algorithm,
        signer: request.signer.clone(),
        chain: request.chain.clone(),
    })
}

/// Bytes for the structure: certificates, the signature value, names and room to spare.
fn reserve(request: &SignRequest) -> usize {
    if request.contents_bytes > 0 {
        return request.contents_bytes;
    }
    let certificates = request.chain.iter().chain([&request.signer]);
    let certificates: usize = certificates
        .map(|certificate| certificate.der().len())
        .sum();
    let key_bytes = usize::try_from(request.signer.key().bits / 8).unwrap_or(0);
    let exact = certificates.saturating_add(key_bytes).saturating_add(1_024);
    let estimate = exact.saturating_add(exact / 5);
    estimate
        .saturating_add(request.token_bytes)
        .next_multiple_of(512)
}

impl Slot {
    /// The digest of everything but the hole, given that of the unchanged file.
    pub(super) fn covered(&self, head: HashedHead) -> Result<Vec<u8>, Error> {
        let part = |start: u64, end: u64| {
            let start = usize::try_from(start.checked_sub(self.base)?).ok()?;
            let end = usize::try_from(end.checked_sub(self.base)?).ok()?;
            self.tail.get(start..end)
        };
        let before = part(self.base, self.hole_start);
        let after = part(self.hole_end, self.size());
        let (Some(before), Some(after), true) = (before, after, head.size == self.base) else {
            return Err(Error::SourceChanged);
        };
        let mut head = head;
        head.update(before);
        Ok(head.finish_with(after))
    }
}

/// Person before agency, certification first, and nothing against a certification. Whether the file
/// carries no signature yet.
fn check_order(view: &View<'_, '_>, request: &SignRequest) -> Result<bool, Error> {
    if let Some(found) = request.certify
        && !(1..=3).contains(&found)
    {
        return Err(Error::UnknownPermission { found });
    }
    let fields = pdf::fields(view)?.signatures;
    let ids = fields.iter().filter_map(|field| match field.value {
        FieldValue::Signature(id) => Some(id),
        FieldValue::Empty | FieldValue::Irregular => None,
    });
    let mut earlier = Vec::new();
    for id in ids {
        earlier.push(pdf::signature(view, id)?);
    }
    if request.certify.is_some() && !earlier.is_empty() {
        return Err(Error::CertificationNotFirst);
    }
    for signature in &earlier {
        if super::permissions::certified(view, signature)? == Some(1) {
            return Err(Error::FurtherSignaturesForbidden);
        }
    }
    let other_hand = earlier.iter().any(|signature| {
        let profile = match signature.sub_filter {
            SubFilter::Cades => AttributeProfile::Cades,
            SubFilter::Pkcs7 => AttributeProfile::Pkcs7,
            SubFilter::TimeStamp | SubFilter::Legacy => return false,
        };
        let signer = cms::parse(&signature.contents).and_then(|signed| signed.signer(profile));
        signer.is_ok_and(|signer| signer.sha256() != request.signer.sha256())
    });
    if request.act == Act::Issue && !other_hand {
        return Err(Error::PersonSignatureMissing);
    }
    Ok(earlier.is_empty())
}

impl Prepared {
    /// The exact bytes the key must sign (the DER of the signed attributes).
    #[must_use]
    pub fn to_be_signed(&self) -> &[u8] {
        self.attributes.der()
    }

    /// The algorithm the key must use.
    #[must_use]
    pub const fn algorithm(&self) -> &SignatureAlgorithm {
        &self.algorithm
    }

    /// The finished signature.
    ///
    /// # Errors
    /// [`Error::ForeignSignature`] when `signature` does not verify with the signer's certificate
    /// over [`Prepared::to_be_signed`]; [`Error::HoleTooSmall`] when more room must be kept.
    pub fn embed(self, signature: &[u8]) -> Result<Tail, Error> {
        let tbs = self.attributes.der();
        if !self
            .signer
            .verify_signature(&self.algorithm, tbs, signature)?
        {
            return Err(Error::ForeignSignature);
        }
        let (algorithm, signer) = (&self.algorithm, &self.signer);
        let der = cms::assemble(&self.attributes, algorithm, signature, signer, &self.chain)?;
        self.fill(&der, signature)
    }

    /// The finished signature with a time stamp (B-T): `token` is over the digest of `signature`.
    ///
    /// # Errors
    /// As [`Prepared::embed`].
    pub fn embed_timestamped(self, signature: &[u8], token: &[u8]) -> Result<Tail, Error> {
        let tbs = self.attributes.der();
        let (algorithm, signer) = (&self.algorithm, &self.signer);
        if !signer.verify_signature(algorithm, tbs, signature)? {
            return Err(Error::ForeignSignature);
        }
        let by = (signer, self.chain.as_slice());
        let der = cms::assemble_timestamped(&self.attributes, (algorithm, signature), by, token)?;
        self.fill(&der, signature)
    }

    /// Bytes the structure may take.
    #[must_use]
    pub fn reserved_bytes(&self) -> usize {
        let hole = self.slot.hole_end.saturating_sub(self.slot.hole_start);
        usize::try_from(hole.saturating_sub(2) / 2).unwrap_or(usize::MAX)
    }

    /// Puts a structure that was checked into the hole.
    pub(super) fn fill(self, der: &[u8], signature: &[u8]) -> Result<Tail, Error> {
        let reserved = self.reserved_bytes();
        if der.len() > reserved {
            return Err(Error::HoleTooSmall {
                needed: der.len(),
                reserved,
            });
        }
        let certificates = self.chain.iter().chain([&self.signer]).cloned();
        let made = Made {
            hole: (self.slot.hole_start, self.slot.hole_end),
            attributes: self.attributes.der().to_vec(),
            signature: signature.to_vec(),
            certificates: certificates.collect(),
            signer: self.signer,
        };
        let (base, field) = (self.slot.base, self.slot.field.clone());
        let bytes = self.slot.fill(der)?;
        Ok(Tail {
            bytes,
            base,
            field,
            made,
        })
    }
}

/// A key at hand: signs bytes with an algorithm.
pub type Key<'k, E> = dyn Fn(&SignatureAlgorithm, &[u8]) -> Result<Vec<u8>, E> + 'k;

/// Signs in one go with a key at hand: prepares, signs, embeds, and prepares once more with more
/// room when the signature did not fit.
///
/// # Errors
/// As [`prepare`] and [`Prepared::embed`]; the key's own error as `E`.
pub fn sign<E: From<Error>>(
    source: &dyn ByteSource,
    request: &SignRequest,
    key: &Key<'_, E>,
) -> Result<Tail, E> {
    let head = HashedHead::of(source, request.algorithm.digest())?;
    sign_hashed(source, &head, request, key)
}

/// As [`sign`] for a file whose bytes were hashed already.
///
/// # Errors
/// As [`sign`] and [`prepare_hashed`].
pub fn sign_hashed<E: From<Error>>(
    source: &dyn ByteSource,
    head: &HashedHead,
    request: &SignRequest,
    key: &Key<'_, E>,
) -> Result<Tail, E> {
    let prepared = prepare_hashed(source, head, request)?;
    let signature = key(prepared.algorithm(), prepared.to_be_signed())?;
    match prepared.embed(&signature) {
        Err(Error::HoleTooSmall { needed, .. }) => {
            let contents_bytes = needed.saturating_add(64).next_multiple_of(512);
            let roomier = SignRequest {
                contents_bytes,
                ..request.clone()
            };
            let prepared = prepare_hashed(source, head, &roomier)?;
            let signature = key(prepared.algorithm(), prepared.to_be_signed())?;
            Ok(prepared.embed(&signature)?)
        }
        other => Ok(other?),
    }
}

/// As [`sign`], with a time stamp over the signature value (B-T) that `stamp` gets from an authority
/// before anything is embedded. When it does not fit, everything is made once more with more room.
///
/// # Errors
/// As [`sign`]; what `stamp` says.
pub fn sign_timestamped<E: From<Error>>(
    source: &dyn ByteSource,
    request: &SignRequest,
    key: &Key<'_, E>,
    stamp: &Stamp<'_, E>,
) -> Result<Tail, E> {
    let head = HashedHead::of(source, request.algorithm.digest())?;
    let attempt = |request: &SignRequest| -> Result<Result<Tail, Error>, E> {
        let prepared = prepare_hashed(source, &head, request)?;
        let signature = key(prepared.algorithm(), prepared.to_be_signed())?;
        let digest = DigestAlgorithm::Sha256;
        let token = stamp(digest, &digest.of(&signature))?;
        Ok(prepared.embed_timestamped(&signature, &token))
    };
    let mut request = request.clone();
    request.token_bytes = request.token_bytes.max(TOKEN_BYTES);
    match attempt(&request)? {
        Err(Error::HoleTooSmall { needed, .. }) => {
            request.contents_bytes = needed.saturating_add(needed / 8).next_multiple_of(512);
            Ok(attempt(&request)??)
        }
        other => Ok(other?),
    }
}
