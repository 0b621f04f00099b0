//! Time-stamp tokens: what an authority says existed, and when. Reading is strict; what a token is
//! worth is judged in `judge`. Source: RFC 3161, 2.4.2; RFC 5816.

mod info;
mod judge;

use std::sync::Arc;

use super::{Error, SignedData, parse_timestamp};
use crate::domain::clock::{SignedDuration, Timestamp};
use crate::domain::digest::Sha256;
use crate::pki::algorithm::DigestAlgorithm;
use info::TstInfo;
pub use judge::{Judging, TokenReport, algorithm_row, judge};

/// A time-stamp token, read and not yet judged; cheap to clone.
#[derive(Debug, Clone)]
pub struct Token(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    data: SignedData,
    info: TstInfo,
    sha256: Sha256,
}

impl Token {
    /// Reads a token in DER, or in BER with indefinite lengths; zero bytes may follow (the padding
    /// of `/Contents`).
    ///
    /// # Errors
    /// [`Error`] unless it is signed data over one `TSTInfo` of version 1 with exactly one signer.
    pub fn read(der: &[u8]) -> Result<Self, Error> {
        let data = parse_timestamp(der)?;
        let info = info::read(data.content())?;
        Ok(Self(Arc::new(Inner {
            sha256: Sha256::of(unpadded(der)),
            data,
            info,
        })))
    }

    /// The signature of the authority.
    #[must_use]
    pub fn signed_data(&self) -> &SignedData {
        &self.0.data
    }

    /// The digest algorithm what is stamped must be hashed with.
    #[must_use]
    pub fn imprint_digest(&self) -> DigestAlgorithm {
        self.0.info.imprint_digest
    }

    /// The digest of what is stamped.
    #[must_use]
    pub fn imprint(&self) -> &[u8] {
        &self.0.info.imprint
    }

    /// genTime: the instant stated.
    #[must_use]
    pub fn time(&self) -> Timestamp {
        self.0.info.time
    }

    /// How far the instant may be off; zero if the token does not say.
    #[must_use]
    pub fn accuracy(&self) -> SignedDuration {
        self.0.info.accuracy
    }

    /// Whether tokens of this authority are ordered by their instants whatever the accuracy.
    #[must_use]
    pub fn ordering(&self) -> bool {
        self.0.info.ordering
    }

    /// The policy of the authority, dotted.
    #[must_use]
    pub fn policy(&self) -> &str {
        &self.0.info.policy
    }

    /// The number of the token as lower-case hex.
    #[must_use]
    pub fn serial_hex(&self) -> &str {
        &self.0.info.serial_hex
    }

    /// The SHA-256 of the token without padding: its name among proofs of existence.
    #[must_use]
    pub fn sha256(&self) -> Sha256 {
        self.0.sha256
    }

    /// Whether this token certainly is older than `other`.
    #[must_use]
    pub fn is_before(&self, other: &Self) -> bool {
        let ordered = self.ordering() && other.ordering();
        let slack = match ordered {
            true => SignedDuration::ZERO,
            false => self.accuracy().saturating_add(other.accuracy()),
        };
        let latest = self.time().checked_add(slack);
        latest.is_ok_and(|latest| latest < other.time())
    }
}

/// The token without the zero bytes that fill a hole.
fn unpadded(der: &[u8]) -> &[u8] {
    match crate::pki::der::header(der) {
        Ok((_, header, length)) => der.get(..header.saturating_add(length)).unwrap_or(der),
        Err(_) => der,
    }
}

#[cfg(test)]
mod tests;
