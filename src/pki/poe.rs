//! Proofs of existence: since when an object is known to have existed. What proves it (a validated
//! time stamp over the object) is judged elsewhere; here the earliest proof is kept.
//! Source: ETSI EN 319 102-1, 5.6.2.3.

use std::collections::BTreeMap;

use crate::domain::clock::Timestamp;
use crate::domain::digest::Sha256;

/// Since when objects existed at the latest. An object is named by the SHA-256 of its DER
/// (certificates, CRLs, OCSP responses, time-stamp tokens) or of its bytes (signature values).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proofs {
    earliest: BTreeMap<Sha256, Timestamp>,
}

impl Proofs {
    /// Adds a proof that `object` existed at `at`; the earliest one counts.
    pub fn add(&mut self, object: Sha256, at: Timestamp) {
        let known = self.earliest.entry(object).or_insert(at);
        *known = at.min(*known);
    }

    /// The earliest instant at which `object` is known to have existed.
    #[must_use]
    pub fn earliest(&self, object: &Sha256) -> Option<Timestamp> {
        self.earliest.get(object).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_proof_counts() {
        let at = |day: &str| -> Timestamp { format!("{day}T00:00:00Z").parse().unwrap() };
        let object = Sha256::of(b"object");
        let mut proofs = Proofs::default();
        for day in ["2026-02-01", "2026-01-01", "2026-03-01"] {
            proofs.add(object, at(day));
        }
        assert_eq!(proofs.earliest(&object), Some(at("2026-01-01")));
        assert_eq!(proofs.earliest(&Sha256::of(b"other")), None);
    }
}
