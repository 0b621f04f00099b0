//! The sending half: the offer, the bytes that are missing, then the transfer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use serde::Deserialize;

use crate::config::registry::snapshot::SignedSnapshot;
use crate::domain::clock::{Timestamp, http_date};
use crate::domain::digest::Sha256;
use crate::domain::receipt::SignedStatement;
use crate::net::{self, PinnedClient};
use crate::peer::protocol::{
    HELD, LARGEST_BODY, Malformed, OFFERS, Offered, Piece, RECEIPTS, TRANSFERS, WHOLE,
    answer_from_bytes, blob_path, from_evidence,
};
use crate::peer::registry;

/// Why a neighbour did not take something over.
#[derive(Debug, thiserror::Error)]
pub enum Unanswered {
    /// Not reached, busy, or in trouble: the outcome is unknown, repeat later.
    #[error("{0}")]
    Later(String),
    /// It said no: repeating the same will not help.
    #[error("refused by the neighbour ({status} {code}): {detail}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// Code of the problem.
        code: String,
        /// In words.
        detail: String,
    },
    /// It has this transfer with other bytes, and states so under its signature, not yet verified.
    #[error("the neighbour has this transfer with other bytes: {detail}")]
    Mismatch {
        /// In words.
        detail: String,
        /// What it states.
        signed: Box<SignedStatement>,
    },
}

impl From<net::Error> for Unanswered {
    fn from(fault: net::Error) -> Self {
        Self::Later(fault.to_string())
    }
}

impl From<Malformed> for Unanswered {
    fn from(fault: Malformed) -> Self {
        Self::Later(format!("the neighbour's answer is not understood: {fault}"))
    }
}

/// A problem document (RFC 9457), as far as it is read.
#[derive(Deserialize, Default)]
struct Problem {
    #[serde(default)]
    code: String,
    #[serde(default)]
    detail: String,
    #[serde(default)]
    evidence: Option<serde_json::Value>,
}

/// Bytes of a blob the neighbour holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// So many, from the first on.
    At(u64),
    /// All of them.
    Whole,
}

/// The line to one neighbour.
#[derive(Debug, Clone)]
pub struct PeerClient {
    client: PinnedClient,
    /// Blobs on their way now: the same bytes are not sent twice at once.
    turns: Arc<Mutex<HashMap<Sha256, Turn>>>,
}

type Turn = Weak<tokio::sync::Mutex<()>>;

impl PeerClient {
    /// A line over `client`.
    #[must_use]
    pub fn new(client: PinnedClient) -> Self {
        Self {
            client,
            turns: Arc::default(),
        }
    }

    /// Offers a document; gives what the neighbour lacks of it.
    ///
    /// # Errors
    /// [`Unanswered`].
    pub async fn offer(&self, body: Vec<u8>) -> Result<Offered, Unanswered> {
        let answer = self.client.post(OFFERS, body, &[], LARGEST_BODY).await?;
        accepted(&answer)?;
        Ok(Offered::from_bytes(&answer.body)?)
    }

    /// Waits until nobody else sends the bytes named `name`; hold the turn while sending them.
    pub async fn turn(&self, name: &Sha256) -> tokio::sync::OwnedMutexGuard<()> {
        let turn = {
            let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
            turns.retain(|_, turn| turn.strong_count() > 0);
            let known = turns.get(name).and_then(Weak::upgrade);
            let turn = known.unwrap_or_default();
            turns.insert(*name, Arc::downgrade(&turn));
            turn
        };
        turn.lock_owned().await
    }

    /// How much the neighbour holds, durably, of the bytes named `name`; `None` when they were not
    /// offered.
    ///
    /// # Errors
    /// [`Unanswered`].
    pub async fn held(&self, name: &Sha256) -> Result<Option<Progress>, Unanswered> {
        let answer = self.client.head(&blob_path(name)).await?;
        match answer.status {
            404 => Ok(None),
            200 => progress(&answer).map(Some),
            status => Err(Unanswered::Later(format!(
                "asked for bytes, answered {status}"
            ))),
        }
    }

    /// Streams a piece of the bytes named `name` to the neighbour, beginning where what it holds ends;
    /// gives how much it then holds durably.
    ///
    /// # Errors
    /// [`Unanswered`].
    pub async fn append(
        &self,
        name: &Sha256,
        piece: Piece,
        bytes: impl futures_util::Stream<Item = std::io::Result<Vec<u8>>> + Send + 'static,
    ) -> Result<Progress, Unanswered> {
        let told = (piece.to_string(), piece.end.saturating_sub(piece.begin));
        let path = blob_path(name);
        let answer = self.client.patch(&path, told, bytes, LARGEST_BODY).await?;
        accepted(&answer)?;
        progress(&answer)
    }

    /// Hands over a document at `at` by our clock; gives the neighbour's receipt, not yet verified.
    ///
    /// # Errors
    /// [`Unanswered`].
    pub async fn hand_over(
        &self,
        body: Vec<u8>,
        at: Timestamp,
    ) -> Result<SignedStatement, Unanswered> {
        let date = [("date", http_date(at))];
        let sent = self.client.post(TRANSFERS, body, &date, LARGEST_BODY);
        let answer = sent.await?;
        accepted(&answer)?;
        answer_from_bytes(&answer.body)?
            .ok_or_else(|| Unanswered::Later("the neighbour answered without a receipt".to_owned()))
    }

    /// Hands back a receipt.
    ///
    /// # Errors
    /// [`Unanswered`].
    pub async fn hand_back(&self, body: Vec<u8>) -> Result<(), Unanswered> {
        let answer = self.client.post(RECEIPTS, body, &[], LARGEST_BODY).await?;
        accepted(&answer)?;
        answer_from_bytes(&answer.body)?;
        Ok(())
    }

    /// The neighbour's newest snapshot of the registry; `None` where it has none with a number.
    ///
    /// # Errors
    /// [`Unanswered`].
    pub async fn registry(&self) -> Result<Option<registry::Told>, Unanswered> {
        let answer = self.client.get(registry::ADDRESS, LARGEST_BODY).await?;
        if answer.status == 404 {
            return Ok(None);
        }
        accepted(&answer)?;
        Ok(Some(registry::head_from_bytes(&answer.body)?))
    }

    /// A snapshot of the registry, not yet verified.
    ///
    /// # Errors
    /// [`Unanswered`].
    pub async fn registry_snapshot(&self, number: u64) -> Result<SignedSnapshot, Unanswered> {
        let path = registry::path_of(number);
        let answer = self.client.get(&path, registry::LARGEST_ANSWER).await?;
        accepted(&answer)?;
        Ok(registry::snapshot_from_bytes(&answer.body)?)
    }

    /// The raw answer to a transfer body: status and bytes. For proving that a repeat changes
    /// nothing.
    ///
    /// # Errors
    /// [`Unanswered::Later`].
    pub async fn repeat(&self, body: Vec<u8>) -> Result<(u16, Vec<u8>), Unanswered> {
        let answer = self.client.post(TRANSFERS, body, &[], LARGEST_BODY).await?;
        Ok((answer.status, answer.body))
    }
}

fn progress(answer: &net::Answer) -> Result<Progress, Unanswered> {
    let held = answer.header(HELD).and_then(|held| held.parse().ok());
    match (answer.header(WHOLE), held) {
        (Some("?1"), _) => Ok(Progress::Whole),
        (Some("?0"), Some(held)) => Ok(Progress::At(held)),
        _ => Err(Unanswered::Later(
            "the neighbour does not tell what it holds".to_owned(),
        )),
    }
}

fn accepted(answer: &net::Answer) -> Result<(), Unanswered> {
    let status = answer.status;
    if (200..300).contains(&status) {
        return Ok(());
    }
    let problem: Problem = serde_json::from_slice(&answer.body).unwrap_or_default();
    if let Some(signed) = problem.evidence.and_then(from_evidence) {
        return Err(Unanswered::Mismatch {
            detail: problem.detail,
            signed: Box::new(signed),
        });
    }
    match status {
        400 | 403 | 409 | 413 | 415 | 422 => Err(Unanswered::Refused {
            status,
            code: problem.code,
            detail: problem.detail,
        }),
        _ => Err(Unanswered::Later(format!(
            "answered {status} {} {}",
            problem.code, problem.detail
        ))),
    }
}
