//! Asks for a revocation list at an address the operator named.

use super::fetcher::{Error, Fetcher};
use crate::domain::clock::{SignedDuration, Timestamp};
use crate::pki;
use crate::pki::crl::Crl;
use crate::pki::trust::TrustEvidence;

/// How far the clock of an issuer may be ahead.
const AHEAD: SignedDuration = SignedDuration::from_mins(10);

/// Why a list is not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotTaken {
    /// Nothing was fetched.
    #[error(transparent)]
    Unfetched(#[from] Error),
    /// What came is not one revocation list.
    #[error("what came is no revocation list: {0}")]
    Unreadable(String),
    /// No trusted certificate signed it.
    #[error("no certificate of [trust] signed the list")]
    Stranger,
    /// It would never be relied on.
    #[error("the list can never be relied on: {0}")]
    Unusable(&'static str),
    /// The list held was issued later: somebody plays back an old one.
    #[error("the list was issued at {found}, the one held at {held}")]
    Older {
        /// When it was issued.
        found: Timestamp,
        /// When the one held was.
        held: Timestamp,
    },
    /// It says it was issued after now.
    #[error("the list was issued at {0}, which is not yet")]
    NotYet(Timestamp),
}

impl Fetcher {
    /// The list at `url`, if it may replace `held`: signed by a certificate of `trusted`, issued no
    /// earlier than `held` and no later than `now`. `None` when it is the one held.
    ///
    /// # Errors
    /// [`NotTaken`]; the one held stays the best there is.
    pub async fn newer_list(
        &self,
        url: &str,
        trusted: &TrustEvidence,
        held: Option<&Crl>,
        now: Timestamp,
    ) -> Result<Option<Crl>, NotTaken> {
        let list = read(&self.ask_named(url, None, pki::crl::MAX_CRL_BYTES).await?)?;
        if held.is_some_and(|held| held.sha256() == list.sha256()) {
            return Ok(None);
        }
        let mut issuers = trusted.anchors.iter().chain(&trusted.intermediates);
        if !issuers.any(|issuer| list.is_signed_by(issuer)) {
            return Err(NotTaken::Stranger);
        }
        if let Some(reason) = list.unusable() {
            return Err(NotTaken::Unusable(reason));
        }
        let found = list.this_update();
        match held.map(Crl::this_update).filter(|held| *held > found) {
            Some(held) => Err(NotTaken::Older { found, held }),
            None if found.duration_since(now) > AHEAD => Err(NotTaken::NotYet(found)),
            None => Ok(Some(list)),
        }
    }
}

/// One list, DER or PEM.
fn read(bytes: &[u8]) -> Result<Crl, NotTaken> {
    let mut found = TrustEvidence::default();
    let added = found.add_revocation(bytes);
    added.map_err(|fault| NotTaken::Unreadable(fault.to_string()))?;
    match (found.crls.pop(), found.crls.is_empty()) {
        (Some(list), true) => Ok(list),
        (None, _) => Err(NotTaken::Unreadable("no list".to_owned())),
        (Some(_), false) => Err(NotTaken::Unreadable("several lists".to_owned())),
    }
}
