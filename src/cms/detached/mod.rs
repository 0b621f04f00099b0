//! Signatures beside their content, for receipts and checkpoints. They verify with
//! `openssl cms -verify -binary -inform DER -content FILE` too, without this program (Ed25519 only with
//! versions of OpenSSL that know it in CMS; 3.0 does not).

use super::{AttributeProfile, Error, SignatureCheck, assemble, attributes, parse};
use crate::domain::clock::Timestamp;
use crate::pki::algorithm::SignatureAlgorithm;
use crate::pki::certificate::Certificate;
use crate::pki::path::{PathReport, Purpose, validate_path};
use crate::pki::trust::TrustEvidence;
use crate::pki::verdict::{Indication, SubIndication};

/// The verdict on a detached signature.
#[derive(Debug, Clone)]
pub struct DetachedReport {
    /// The verdict: the worse of signature and path.
    pub indication: Indication,
    /// Why it is not `TOTAL-PASSED`.
    pub sub_indication: Option<SubIndication>,
    /// Stable code of what decided, `VALID` if everything held.
    pub reason: &'static str,
    /// Who signed.
    pub signer: Certificate,
    /// Whether the signature holds.
    pub check: SignatureCheck,
    /// Whether the signer is believed.
    pub path: PathReport,
}

/// A key: signs the bytes it is given.
pub type SignBytes<'a, E> = dyn Fn(&[u8]) -> Result<Vec<u8>, E> + 'a;

/// Why no signature was made.
#[derive(Debug, thiserror::Error)]
pub enum SignError<E: std::error::Error + 'static> {
    /// The key did not sign.
    #[error(transparent)]
    Key(E),
    /// The structure could not be built.
    #[error(transparent)]
    Cms(#[from] Error),
}

/// A detached signature over `content` in DER. `sign` is the key of `signer`: it is given the exact
/// bytes to be signed (not their digest) and signs them with `algorithm`.
///
/// # Errors
/// [`SignError::Key`] with what `sign` said.
pub fn sign<E: std::error::Error + 'static>(
    content: &[u8],
    algorithm: &SignatureAlgorithm,
    signer: &Certificate,
    chain: &[Certificate],
    sign: &SignBytes<'_, E>,
) -> Result<Vec<u8>, SignError<E>> {
    let digest = algorithm.digest();
    let attributes = attributes(&digest.of(content), digest, signer);
    let signature = sign(attributes.der()).map_err(SignError::Key)?;
    Ok(assemble(&attributes, algorithm, &signature, signer, chain)?)
}

/// Judges a detached signature over `content` at the instant `at`.
///
/// # Errors
/// [`Error`] if `cms_der` is not a signature this program reads; [`Error::verdict`] says what that
/// makes of it.
pub fn verify(
    content: &[u8],
    cms_der: &[u8],
    evidence: &TrustEvidence,
    at: Timestamp,
) -> Result<DetachedReport, Error> {
    let data = parse(cms_der)?;
    let signer = data.signer(AttributeProfile::Cades)?;
    let check = data.verify(&signer, &data.digest_algorithm().of(content))?;
    let path = validate_path(
        &signer,
        data.certificates(),
        evidence,
        Purpose::AnySigning,
        at,
    );
    let (indication, sub_indication, reason) = match check.failure() {
        Some((indication, sub_indication, reason)) => (indication, Some(sub_indication), reason),
        None => (path.indication, path.sub_indication, path.reason()),
    };
    Ok(DetachedReport {
        indication,
        sub_indication,
        reason,
        signer,
        check,
        path,
    })
}

#[cfg(test)]
mod tests;
