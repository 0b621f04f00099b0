//! What a hub states when a transfer's id comes with other bytes than before, canonical after RFC
//! 8785. Wire shape and stored shape at once: these bytes are signed.

use serde::{Deserialize, Serialize};

use super::statement::{self, Error};
use crate::domain::clock::{Timestamp, rfc3339};
use crate::domain::digest::Sha256;
use crate::domain::ids::{EvidenceId, TransferId};
use crate::domain::routing::HubId;

/// The schema name in every such statement.
pub const SCHEMA: &str = "lienthong.mismatch/1";

/// One id, two bodies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// Its own name.
    pub id: EvidenceId,
    /// When the second body came, by the clock of the issuer.
    pub at: Timestamp,
    /// The hub that states it: the receiver.
    pub issuer: HubId,
    /// The hub both bodies came from.
    pub neighbour: HubId,
    /// The id.
    pub transfer: TransferId,
    /// SHA-256 of the body taken over first.
    pub known_sha256: Sha256,
    /// SHA-256 of the body refused.
    pub found_sha256: Sha256,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    schema: String,
    id: String,
    at: String,
    issuer: String,
    neighbour: String,
    transfer: String,
    known_sha256: String,
    found_sha256: String,
}

impl Mismatch {
    /// The canonical bytes.
    ///
    /// # Errors
    /// [`Error::Shape`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        statement::canonical(&Wire {
            schema: SCHEMA.to_owned(),
            id: self.id.to_string(),
            at: rfc3339(self.at),
            issuer: self.issuer.to_string(),
            neighbour: self.neighbour.to_string(),
            transfer: self.transfer.to_string(),
            known_sha256: self.known_sha256.to_string(),
            found_sha256: self.found_sha256.to_string(),
        })
    }

    /// Reads one back; only the canonical form is accepted.
    ///
    /// # Errors
    /// [`Error`] for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let w: Wire = statement::read(bytes)?;
        if w.schema != SCHEMA {
            return Err(statement::wrong("schema", &w.schema));
        }
        Ok(Self {
            id: statement::value("id", &w.id)?,
            at: statement::value("at", &w.at)?,
            issuer: statement::hub("issuer", &w.issuer)?,
            neighbour: statement::hub("neighbour", &w.neighbour)?,
            transfer: statement::value("transfer", &w.transfer)?,
            known_sha256: statement::value("known_sha256", &w.known_sha256)?,
            found_sha256: statement::value("found_sha256", &w.found_sha256)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::RandomIds;

    #[test]
    fn a_mismatch_reads_back_as_it_was_and_only_from_its_canonical_form() {
        let at: Timestamp = "2025-06-30T01:00:00Z".parse().unwrap();
        let hub = |name| HubId::parse(name).unwrap();
        let stated = Mismatch {
            id: EvidenceId::fresh(&RandomIds, at),
            at,
            issuer: hub("district"),
            neighbour: hub("commune"),
            transfer: TransferId::fresh(&RandomIds, at),
            known_sha256: Sha256::of(b"first"),
            found_sha256: Sha256::of(b"second"),
        };
        let mut bytes = stated.to_bytes().unwrap();
        assert_eq!(Mismatch::from_bytes(&bytes), Ok(stated));
        bytes.push(b' ');
        assert_eq!(Mismatch::from_bytes(&bytes), Err(Error::NotCanonical));
    }
}
