//! Every digest a judgement needs, in one reading of the file. A signature covers the file from its
//! first byte, so the digest of the whole file, copied where the hole begins, is already half of
//! the signature's own: many signatures cost little more than one.

use super::signature::Case;
use crate::domain::digest::Sha256;
use crate::pdf::{self, ByteSource, Error};
use crate::pki::algorithm::{DigestAlgorithm, DigestStream};

/// Digest of the whole file and of each signature's two stretches.
pub(super) struct Digests {
    pub(super) whole: Option<Sha256>,
    pub(super) of: Vec<Option<Vec<u8>>>,
}

struct Covered {
    hole: (u64, u64),
    end: u64,
    /// `None` until the digest of the whole file reaches the hole.
    hash: Option<DigestStream>,
}

/// Reads `source` once and computes every digest on the way.
pub(super) fn digest_all(source: &dyn ByteSource, cases: &[Case]) -> Result<Digests, Error> {
    let mut whole = DigestAlgorithm::Sha256.stream();
    let mut covered: Vec<Option<Covered>> = cases.iter().map(Covered::of).collect();
    let mut at = 0_u64;
    pdf::stream(source, 0, source.size(), &mut |piece| {
        let mut rest = piece;
        loop {
            let cut = covered
                .iter()
                .flatten()
                .filter_map(|one| one.waits(at, rest))
                .min();
            let (head, tail) = rest
                .split_at_checked(cut.unwrap_or(rest.len()))
                .unwrap_or((rest, &[]));
            whole.update(head);
            covered
                .iter_mut()
                .flatten()
                .for_each(|one| one.take(at, head));
            at = at.saturating_add(head.size());
            if cut.is_none() {
                break;
            }
            let reached = |one: &&mut Covered| one.hash.is_none() && one.hole.0 == at;
            let reached = covered.iter_mut().flatten().filter(reached);
            reached.for_each(|one| one.hash = Some(whole.clone()));
            rest = tail;
        }
    })?;
    let finish = |one: Covered| one.hash.map(DigestStream::finish);
    let of = covered
        .into_iter()
        .map(|one| one.and_then(finish))
        .collect();
    let whole = <[u8; 32]>::try_from(whole.finish())
        .ok()
        .map(Sha256::from_bytes);
    Ok(Digests { whole, of })
}

impl Covered {
    fn of(case: &Case) -> Option<Self> {
        let (hole, end, digest) = case.covers()?;
        let hash = (digest != DigestAlgorithm::Sha256).then(|| digest.stream());
        Some(Self { hole, end, hash })
    }

    /// How many bytes of `piece`, which begins at `at`, come before the hole this one waits for.
    fn waits(&self, at: u64, piece: &[u8]) -> Option<usize> {
        let before = self
            .hole
            .0
            .checked_sub(at)
            .filter(|_| self.hash.is_none())?;
        usize::try_from(before)
            .ok()
            .filter(|before| *before < piece.len())
    }

    fn take(&mut self, at: u64, piece: &[u8]) {
        let Some(hash) = &mut self.hash else { return };
        for (start, end) in [(0, self.hole.0), (self.hole.1, self.end)] {
            let from = usize::try_from(start.saturating_sub(at)).unwrap_or(usize::MAX);
            let to = usize::try_from(end.saturating_sub(at)).unwrap_or(usize::MAX);
            if let Some(part) = piece.get(from..to.min(piece.len())) {
                hash.update(part);
            }
        }
    }
}
