//! First half of a signature: the update with a hole and the exact bytes to be signed. The key
//! acts in between, wherever it lives; [`Prepared::embed`] is the second half.
//! Source: ETSI EN 319 142-1, 5 and 6 (PAdES B-B).

use super::Error;
use super::times::pdf_date;
use crate::cms::{self, AttributeProfile, Attributes};
use crate::domain::clock::Timestamp;
use crate::pdf::{
    self, ByteSource, Document, FieldValue, Mark, Slot, SlotRequest, SubFilter, View,
};
use crate::pki::algorithm::SignatureAlgorithm;
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
    /// Bytes to keep for the signature; 0 estimates them from the certificates.
    pub contents_bytes: usize,
}

/// A document that waits for the key.
pub struct Prepared {
    slot: Slot,
    attributes: Attributes,
    algorithm: SignatureAlgorithm,
    signer: Certificate,
    chain: Vec<Certificate>,
}

/// A finished signature: the bytes that follow the unchanged file.
#[derive(Debug, Clone)]
pub struct Tail {
    /// The bytes to append.
    pub bytes: Vec<u8>,
    /// Size of the file they follow.
    pub base: u64,
    /// Name of the new signature field.
    pub field: String,
}

/// Prepares a signature over `source` and everything it will contain.
///
/// Nothing is written; the file is read piece by piece. The same source and request give the same
/// bytes.
///
/// # Errors
/// When the file cannot be signed (malformed, encrypted, certified against it), when the order of
/// signatures is wrong, or when the mark cannot be used.
pub fn prepare(source: &dyn ByteSource, request: &SignRequest) -> Result<Prepared, Error> {
    let document = Document::open(source)?;
    check_order(&document.latest(), request)?;
    let slot_request = SlotRequest {
        sub_filter: "ETSI.CAdES.detached",
        claimed_time: pdf_date(request.claimed_time),
        name: request.name.as_deref(),
        reason: request.reason.as_deref(),
        contents_bytes: reserve(request),
        certify: request.certify,
        mark: request.mark.as_ref(),
    };
    let slot = pdf::slot(&document, &slot_request)?;
    let digest = request.algorithm.digest();
    let covered = covered_digest(source, &slot, request)?;
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
    exact.saturating_add(exact / 5).next_multiple_of(512)
}

fn covered_digest(
    source: &dyn ByteSource,
    slot: &Slot,
    request: &SignRequest,
) -> Result<Vec<u8>, Error> {
    let mut hash = request.algorithm.digest().stream();
    let whole = pdf::Extended {
        head: source,
        tail: &slot.tail,
    };
    for (start, end) in [(0, slot.hole_start), (slot.hole_end, slot.size())] {
        pdf::stream(&whole, start, end, &mut |piece| hash.update(piece))?;
    }
    Ok(hash.finish())
}

/// Person before agency, certification first, and nothing against a certification.
fn check_order(view: &View<'_, '_>, request: &SignRequest) -> Result<(), Error> {
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
    Ok(())
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
        let hole = self
            .slot
            .hole_end
            .saturating_sub(self.slot.hole_start)
            .saturating_sub(2)
            / 2;
        let reserved = usize::try_from(hole).unwrap_or(usize::MAX);
        if der.len() > reserved {
            return Err(Error::HoleTooSmall {
                needed: der.len(),
                reserved,
            });
        }
        let (base, field) = (self.slot.base, self.slot.field.clone());
        let bytes = self.slot.fill(&der)?;
        Ok(Tail { bytes, base, field })
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
    let mut request = request.clone();
    let mut retried = false;
    loop {
        let prepared = prepare(source, &request)?;
        let signature = key(prepared.algorithm(), prepared.to_be_signed())?;
        match prepared.embed(&signature) {
            Err(Error::HoleTooSmall { needed, .. }) if !retried => {
                retried = true;
                request.contents_bytes = needed.saturating_add(64).next_multiple_of(512);
            }
            other => return other.map_err(E::from),
        }
    }
}
