//! Signatures that were read in the jail before, all but two places: the digest of the content and the
//! value. Another one of the same key with the same bytes everywhere else needs no reading: it is
//! compared, and its value is verified.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::domain::digest::Sha256;
use crate::pki::algorithm::SignatureAlgorithm;
use crate::pki::certificate::Certificate;

/// Frames remembered at once: some dozen neighbours with a few lengths of values each.
const MOST: usize = 512;

/// Frames by the digest of the signer's certificate and their length: the value of an elliptic curve
/// is one of three lengths, and with it the lengths around it.
#[derive(Debug, Default)]
pub(super) struct Frames(Mutex<HashMap<(Sha256, usize), Frame>>);

/// A signature that held, and where it differs from the next one.
#[derive(Debug, Clone)]
struct Frame {
    whole: Vec<u8>,
    algorithm: SignatureAlgorithm,
    /// The digest of the content in `whole`, and in the attributes.
    digests: (Range<usize>, Range<usize>),
    attributes: Vec<u8>,
    value: Range<usize>,
}

/// What a child found in a signature, after its parent counted it again.
pub(super) struct Read<'a> {
    pub(super) algorithm: &'a SignatureAlgorithm,
    pub(super) attributes: &'a [u8],
    pub(super) value: &'a [u8],
    /// Digest of the content.
    pub(super) digest: &'a [u8],
}

impl Frames {
    /// The one of `known` that made the signature `cms_der` over `content`, if a signature of that key
    /// with the same frame was read before. `None` says nothing: it must be read.
    pub(super) fn recognise(
        &self,
        content: &[u8],
        cms_der: &[u8],
        known: &[Certificate],
    ) -> Option<Certificate> {
        let made_by = |certificate: &&Certificate| {
            let key = (certificate.sha256(), cms_der.len());
            let frame = self.place().get(&key).cloned();
            frame.is_some_and(|frame| frame.fits(content, cms_der, certificate))
        };
        known.iter().find(made_by).cloned()
    }

    /// Remembers the frame of a signature that holds.
    pub(super) fn remember(&self, cms_der: &[u8], signer: &Certificate, read: &Read<'_>) {
        if let Some(frame) = Frame::of(cms_der, read) {
            let mut place = self.place();
            if place.len() >= MOST {
                place.clear();
            }
            place.insert((signer.sha256(), cms_der.len()), frame);
        }
    }

    fn place(&self) -> MutexGuard<'_, HashMap<(Sha256, usize), Frame>> {
        // Whoever broke down in here left whole frames.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Frame {
    /// `None` unless each place can be told: its bytes stand there exactly once.
    fn of(cms_der: &[u8], read: &Read<'_>) -> Option<Self> {
        let digests = (
            only(cms_der, read.digest)?,
            only(read.attributes, read.digest)?,
        );
        Some(Self {
            whole: cms_der.to_vec(),
            algorithm: *read.algorithm,
            value: only(cms_der, read.value)?,
            attributes: read.attributes.to_vec(),
            digests,
        })
    }

    fn fits(&self, content: &[u8], cms_der: &[u8], certificate: &Certificate) -> bool {
        let digest = self.algorithm.digest().of(content);
        let (Some(value), Some(expected), Some(attributes)) = (
            cms_der.get(self.value.clone()),
            filled(&self.whole, &self.digests.0, &digest),
            filled(&self.attributes, &self.digests.1, &digest),
        ) else {
            return false;
        };
        let expected = filled(&expected, &self.value, value);
        expected.is_some_and(|expected| expected == cms_der)
            && certificate
                .verify_signature(&self.algorithm, &attributes, value)
                .unwrap_or(false)
    }
}

/// `bytes` with those at `place` replaced by as many others.
fn filled(bytes: &[u8], place: &Range<usize>, others: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = bytes.to_vec();
    let target = bytes.get_mut(place.clone())?;
    (target.len() == others.len()).then(|| target.copy_from_slice(others))?;
    Some(bytes)
}

/// The one place where `part` stands in `bytes`.
fn only(bytes: &[u8], part: &[u8]) -> Option<Range<usize>> {
    if part.is_empty() {
        return None;
    }
    let mut places = bytes.windows(part.len()).enumerate();
    let (start, _) = places.find(|(_, window)| *window == part)?;
    let is_only = !places.any(|(_, window)| window == part);
    is_only.then(|| start..start + part.len())
}
