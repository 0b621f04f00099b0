//! Faults of this room: settings that cannot be used and text that is not what it should be.
//! A letter that did not go out is no fault but a [`NotSent`](super::NotSent).

use crate::config::mail::NotUsable;

/// Why something given to this room cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not a mail address this product can write to.
    #[error(
        "expected a mail address such as vanthu@example.gov.vn in plain ASCII, found {found:?}"
    )]
    Address {
        /// What was found, cut short.
        found: String,
    },
    /// Not a link that may stand in a mail.
    #[error("expected a link that starts with https:// or http://, found {found:?}")]
    Link {
        /// What was found, cut short.
        found: String,
    },
    /// The configuration contradicts itself or names a file that cannot be read.
    #[error(transparent)]
    Settings(#[from] NotUsable),
    /// The trusted certificates or the TLS library refused to be set up.
    #[error("[mail] ca_file holds no usable PEM certificate: {0}")]
    TrustedCertificates(String),
    /// TLS could not be set up.
    #[error("TLS for the mail relay could not be set up: {0}")]
    Tls(String),
}
