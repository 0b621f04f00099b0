//! A document time stamp: a signature field whose signature is a token over everything before and
//! around it. Source: ETSI EN 319 142-1, 5.4.3; ISO 32000-2, 12.8.5.

use super::Error;
use crate::pdf::{self, ByteSource, Document, Slot, SlotRequest};
use crate::pki::algorithm::DigestAlgorithm;

/// A time stamp that waits for its token.
pub(super) struct PreparedStamp {
    slot: Slot,
    imprint: Vec<u8>,
}

impl PreparedStamp {
    /// Makes room for a token of at most `contents_bytes` over `source`.
    pub(super) fn new(
        source: &dyn ByteSource,
        digest: DigestAlgorithm,
        contents_bytes: usize,
    ) -> Result<Self, Error> {
        let document = Document::open(source)?;
        let request = SlotRequest {
            sub_filter: "ETSI.RFC3161",
            claimed_time: String::new(),
            name: None,
            reason: None,
            contents_bytes,
            certify: None,
            lock: None,
            field: None,
            mark: None,
        };
        let slot = pdf::slot(&document, &request)?;
        let whole = pdf::Extended {
            head: source,
            tail: &slot.tail,
        };
        let mut hash = digest.stream();
        for (start, end) in [(0, slot.hole_start), (slot.hole_end, slot.size())] {
            pdf::stream(&whole, start, end, &mut |piece| hash.update(piece))?;
        }
        let imprint = hash.finish();
        Ok(Self { slot, imprint })
    }

    /// The digest the token must be over.
    pub(super) fn imprint(&self) -> &[u8] {
        &self.imprint
    }

    /// The bytes to append.
    pub(super) fn embed(self, token: &[u8]) -> Result<Vec<u8>, Error> {
        let hole = self.slot.hole_end.saturating_sub(self.slot.hole_start);
        let reserved = usize::try_from(hole.saturating_sub(2) / 2).unwrap_or(0);
        if token.len() > reserved {
            let needed = token.len();
            return Err(Error::RoomTooSmall { needed, reserved });
        }
        Ok(self.slot.fill(token)?)
    }
}
