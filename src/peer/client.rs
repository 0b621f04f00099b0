//! The sending half: bytes first (only if the neighbour lacks them), then the transfer.

use serde::Deserialize;

use crate::domain::digest::Sha256;
use crate::domain::receipt::SignedStatement;
use crate::net::{self, PinnedClient};
use crate::peer::protocol::{
    LARGEST_BODY, Malformed, RECEIPTS, TRANSFERS, answer_from_bytes, blob_path,
};

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
}

/// The line to one neighbour.
#[derive(Debug, Clone)]
pub struct PeerClient {
    client: PinnedClient,
}

impl PeerClient {
    /// A line over `client`.
    #[must_use]
    pub const fn new(client: PinnedClient) -> Self {
        Self { client }
    }

    /// Whether the neighbour has the bytes named `name`.
    ///
    /// # Errors
    /// [`Unanswered`].
    pub async fn has_blob(&self, name: &Sha256) -> Result<bool, Unanswered> {
        match self.client.head(&blob_path(name)).await? {
            200 => Ok(true),
            404 => Ok(false),
            status => Err(Unanswered::Later(format!(
                "asked for bytes, answered {status}"
            ))),
        }
    }

    /// Streams bytes to the neighbour. On return it has them durably.
    ///
    /// # Errors
    /// [`Unanswered`].
    pub async fn put_blob(
        &self,
        name: &Sha256,
        size_bytes: u64,
        pieces: impl futures_util::Stream<Item = std::io::Result<Vec<u8>>> + Send + 'static,
    ) -> Result<(), Unanswered> {
        let answer = self
            .client
            .put(&blob_path(name), size_bytes, pieces, LARGEST_BODY)
            .await?;
        accepted(&answer)
    }

    /// Hands over a document; gives the neighbour's receipt, not yet verified.
    ///
    /// # Errors
    /// [`Unanswered`].
    pub async fn hand_over(&self, body: Vec<u8>) -> Result<SignedStatement, Unanswered> {
        let answer = self.client.post(TRANSFERS, body, LARGEST_BODY).await?;
        accepted(&answer)?;
        answer_from_bytes(&answer.body)?
            .ok_or_else(|| Unanswered::Later("the neighbour answered without a receipt".to_owned()))
    }

    /// Hands back a receipt.
    ///
    /// # Errors
    /// [`Unanswered`].
    pub async fn hand_back(&self, body: Vec<u8>) -> Result<(), Unanswered> {
        let answer = self.client.post(RECEIPTS, body, LARGEST_BODY).await?;
        accepted(&answer)?;
        answer_from_bytes(&answer.body)?;
        Ok(())
    }

    /// The raw answer to a transfer body: status and bytes. For proving that a repeat changes
    /// nothing.
    ///
    /// # Errors
    /// [`Unanswered::Later`].
    pub async fn repeat(&self, body: Vec<u8>) -> Result<(u16, Vec<u8>), Unanswered> {
        let answer = self.client.post(TRANSFERS, body, LARGEST_BODY).await?;
        Ok((answer.status, answer.body))
    }
}

fn accepted(answer: &net::Answer) -> Result<(), Unanswered> {
    let status = answer.status;
    if (200..300).contains(&status) {
        return Ok(());
    }
    let problem: Problem = serde_json::from_slice(&answer.body).unwrap_or_default();
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
