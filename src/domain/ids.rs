//! Identifiers, one type per thing, all `UUIDv7` (RFC 9562): they sort by the time they were made.

use std::fmt;
use std::str::FromStr;

use crate::domain::clock::Timestamp;
use crate::domain::digest::Sha256Stream;

/// Makes fresh identifiers. Injected so that tests can repeat a run.
pub trait IdSource: Send + Sync {
    /// A fresh `UUIDv7` for the instant `at`.
    fn fresh(&self, at: Timestamp) -> uuid::Uuid;
}

/// Identifiers from the operating system's random source.
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomIds;

impl IdSource for RandomIds {
    fn fresh(&self, at: Timestamp) -> uuid::Uuid {
        let seconds = u64::try_from(at.as_second()).unwrap_or(0);
        let nanos = u32::try_from(at.subsec_nanosecond()).unwrap_or(0);
        uuid::Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, seconds, nanos))
    }
}

/// A text nobody can guess: 64 hex digits over four fresh identifiers (more than 256 random bits).
#[must_use]
pub fn unguessable(ids: &dyn IdSource, at: Timestamp) -> String {
    let mut digest = Sha256Stream::default();
    for _ in 0..4 {
        digest.update(ids.fresh(at).as_bytes());
    }
    digest.finish().to_string()
}

/// Sixteen random bits.
#[must_use]
pub fn chance(ids: &dyn IdSource, at: Timestamp) -> u16 {
    let [.., high, low] = *ids.fresh(at).as_bytes();
    u16::from_be_bytes([high, low])
}

/// Text that is not an identifier of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected an identifier of a {kind} (a UUID), found {found:?}")]
pub struct NotAnId {
    /// The kind that was expected.
    pub kind: &'static str,
    /// What was found instead.
    pub found: String,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(uuid::Uuid);

        impl $name {
            /// A fresh identifier for the instant `at`.
            #[must_use]
            pub fn fresh(ids: &dyn IdSource, at: Timestamp) -> Self {
                Self(ids.fresh(at))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0.hyphenated())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                let wrong = || NotAnId { kind: $kind, found: text.chars().take(80).collect() };
                let id = uuid::Uuid::parse_str(text).or(Err(wrong()))?;
                if id.hyphenated().to_string() != text {
                    return Err(wrong());
                }
                Ok(Self(id))
            }
        }
    };
}

id!(
    /// A document (văn bản), the same on every hub it passes.
    DocumentId, "document"
);
id!(
    /// One document on its way to one addressee, the same on every hub it passes.
    DeliveryId, "delivery"
);
id!(
    /// One act of handing something to a neighbouring hub: one id, one effect.
    TransferId, "transfer"
);
id!(
    /// A signed receipt.
    EvidenceId, "receipt"
);
id!(
    /// A piece of work waiting in the outbox.
    JobId, "job"
);
id!(
    /// A person with an account on a hub.
    UserId, "user"
);
id!(
    /// A notification mail.
    MailId, "mail"
);
id!(
    /// The record of one use of a private key.
    SigningId, "signing record"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_sort_by_time_and_parse_back() {
        let early = DocumentId::fresh(&RandomIds, "2025-06-30T01:00:00Z".parse().unwrap());
        let late = DocumentId::fresh(&RandomIds, "2025-06-30T01:00:01Z".parse().unwrap());
        assert!(early < late);
        assert_eq!(early.to_string().parse::<DocumentId>().unwrap(), early);
        assert!("{urn}".parse::<DocumentId>().is_err());
    }
}
