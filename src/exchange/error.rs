//! The categories of failure that the entrances know. Only `web::problem` and `cli` turn them into
//! what the caller sees.

use crate::domain::receipt::SignedStatement;
use crate::domain::refusal::Refusal;
use crate::{evidence, jail, keystore, pades, peer, store};

/// Why an act was not done. Nothing of it is recorded, unless the variant says so.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The rules say no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Nothing of this name is visible to the caller.
    #[error("not found: {0}")]
    NotFound(&'static str),
    /// Signed in, but not for this.
    #[error("not allowed: {0}")]
    NotAllowed(&'static str),
    /// The same key or id was used for something else.
    #[error("conflict: {0}")]
    Conflict(String),
    /// A neighbour's transfer came before with other bytes: the signed statement of it is kept.
    #[error("conflict: {detail}")]
    Mismatch {
        /// In words.
        detail: String,
        /// What this hub states about it.
        signed: Box<SignedStatement>,
    },
    /// A neighbour's request does not hold together.
    #[error("{code}: {detail}")]
    Unacceptable {
        /// Stable code.
        code: &'static str,
        /// In words.
        detail: String,
    },
    /// The file cannot be used as a document.
    #[error("file not usable ({reason}): {detail}")]
    Unreadable {
        /// Stable code of the reason.
        reason: String,
        /// In words.
        detail: String,
    },
    /// What this hub sealed cannot be proved genuine now, for want of revocation lists perhaps:
    /// repeat later.
    #[error("the seal is not proved yet: {0}")]
    Undecided(String),
    /// What a message speaks of has not come yet: repeat later.
    #[error("not here yet: {0}")]
    NotYet(&'static str),
    /// The record is not available now: repeat later.
    #[error(transparent)]
    Record(#[from] store::Error),
    /// A key did not sign.
    #[error(transparent)]
    Key(#[from] keystore::Error),
    /// A signature could not be made or read.
    #[error(transparent)]
    Signature(#[from] pades::Error),
    /// A document could not be read in the jail, for no fault of its own that is known yet.
    #[error(transparent)]
    Jail(#[from] jail::Error),
    /// A receipt could not be written or read.
    #[error(transparent)]
    Statement(#[from] evidence::statement::Error),
    /// A message between hubs could not be written or read.
    #[error(transparent)]
    Message(#[from] peer::protocol::Malformed),
    /// The signature of a receipt could not be built.
    #[error("receipt signature: {0}")]
    ReceiptSignature(String),
    /// A registry is not taken.
    #[error("registry not taken: {0}")]
    Registry(#[from] super::registry::Refused),
    /// Somebody was routed by a newer registry than the one in force here: repeat later.
    #[error("registry {needed} is needed, {present} is in force here")]
    RegistryBehind {
        /// The number in force.
        present: u64,
        /// The number needed.
        needed: u64,
    },
    /// The registry is past its time of grace and nothing new is taken: repeat later.
    #[error("the registry of this hub has expired")]
    RegistryExpired,
    /// A worker thread ended early.
    #[error("interrupted")]
    Interrupted,
}

/// What kind of failure it is: what an entrance needs to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Category {
    /// The rules say no.
    Refused(Refusal),
    /// Nothing of this name is visible to the caller.
    NotFound,
    /// Signed in, but not for this.
    NotAllowed,
    /// The same key or id was used for something else.
    Conflict,
    /// The message is not of the expected form.
    Malformed,
    /// A neighbour's request does not hold together; the code says why.
    Unacceptable(&'static str),
    /// The file cannot be used; code of the reason and words for it.
    Unreadable(String, String),
    /// More bytes than a document may have.
    TooLarge {
        /// Largest size in bytes.
        limit: u64,
    },
    /// The bytes are not those they were announced to be.
    OtherBytes,
    /// No space is left: repeat when there is.
    DiskFull,
    /// Not available now: repeat later.
    Later,
    /// Everything else: for the log, not for the caller.
    Internal,
}

impl Error {
    /// Its category.
    #[must_use]
    pub fn category(&self) -> Category {
        match self {
            Self::Refused(refusal) => Category::Refused(refusal.clone()),
            Self::NotFound(_) => Category::NotFound,
            Self::NotAllowed(_) => Category::NotAllowed,
            Self::Conflict(_) | Self::Mismatch { .. } => Category::Conflict,
            Self::Message(_) => Category::Malformed,
            Self::Unacceptable { code, .. } => Category::Unacceptable(code),
            Self::Unreadable { reason, detail } => {
                Category::Unreadable(reason.clone(), detail.clone())
            }
            Self::Record(store::Error::TooLarge { limit }) => Category::TooLarge { limit: *limit },
            Self::Record(store::Error::OtherBytes { .. }) => Category::OtherBytes,
            Self::Record(store::Error::DiskFull(_)) => Category::DiskFull,
            _ if self.is_temporary() => Category::Later,
            _ => Category::Internal,
        }
    }

    /// Whether the same act may succeed when repeated later.
    #[must_use]
    pub const fn is_temporary(&self) -> bool {
        match self {
            Self::Record(fault) => fault.is_temporary(),
            Self::Interrupted | Self::NotYet(_) | Self::Undecided(_) | Self::Jail(_) => true,
            Self::RegistryBehind { .. } | Self::RegistryExpired => true,
            _ => false,
        }
    }

    pub(super) fn unacceptable(code: &'static str, detail: impl ToString) -> Self {
        Self::Unacceptable {
            code,
            detail: detail.to_string(),
        }
    }
}
