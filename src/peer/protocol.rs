//! The shapes of requests and answers between hubs (`lienthong.transfer/1` and its kin), with the
//! limits that hold before anything is parsed. Wire shapes.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};

use crate::domain::digest::Sha256;
use crate::domain::ids::TransferId;
use crate::domain::receipt::SignedStatement;
use crate::domain::routing::{HubId, MOST_HUBS};

/// Largest request or answer body in bytes; documents travel as blobs, beside it.
pub const LARGEST_BODY: usize = 256 * 1024;

/// Where a document is handed over (POST).
pub const TRANSFERS: &str = "/peer/v1/transfers";

/// Where a receipt is handed over (POST).
pub const RECEIPTS: &str = "/peer/v1/receipts";

/// Where bytes are (HEAD) or go (PUT), each below it by its name.
pub const BLOBS: &str = "/peer/v1/blobs";

/// Where the bytes named `name` are (HEAD) or go (PUT).
#[must_use]
pub fn blob_path(name: &Sha256) -> String {
    format!("{BLOBS}/{name}")
}

/// Bytes that are not what the protocol asks for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {found}")]
pub struct Malformed {
    /// The field.
    pub field: &'static str,
    /// What was found or what is wrong.
    pub found: String,
}

impl Malformed {
    pub(super) fn new(field: &'static str, found: &dyn fmt::Display) -> Self {
        Self {
            field,
            found: found.to_string().chars().take(300).collect(),
        }
    }
}

/// A document handed over for one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// One id, one effect.
    pub id: TransferId,
    /// Hubs passed, oldest first, the sending one last.
    pub path: Vec<HubId>,
    /// The envelope exactly as the origin wrote it.
    pub envelope: Vec<u8>,
    /// The origin's receipt of submission: it names the envelope's digest.
    pub submission: SignedStatement,
}

/// A receipt handed back toward the sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptTransfer {
    /// One id, one effect.
    pub id: TransferId,
    /// The receipt.
    pub receipt: SignedStatement,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireSigned {
    statement: String,
    signature: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireTransfer {
    schema: String,
    transfer: String,
    path: Vec<String>,
    envelope: String,
    submission: WireSigned,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireReceipt {
    schema: String,
    transfer: String,
    receipt: WireSigned,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireAnswer {
    schema: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    receipt: Option<WireSigned>,
}

const TRANSFER_SCHEMA: &str = "lienthong.transfer/1";
const RECEIPT_SCHEMA: &str = "lienthong.receipt-transfer/1";
const ANSWER_SCHEMA: &str = "lienthong.answer/1";

impl Transfer {
    /// The request body.
    ///
    /// # Errors
    /// [`Malformed`] when it cannot be written.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Malformed> {
        write(&WireTransfer {
            schema: TRANSFER_SCHEMA.to_owned(),
            transfer: self.id.to_string(),
            path: self.path.iter().map(ToString::to_string).collect(),
            envelope: BASE64.encode(&self.envelope),
            submission: signed(&self.submission),
        })
    }

    /// Reads a request body.
    ///
    /// # Errors
    /// [`Malformed`] that names the field.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Malformed> {
        let wire: WireTransfer = read(bytes)?;
        schema(&wire.schema, TRANSFER_SCHEMA)?;
        if wire.path.is_empty() || wire.path.len() > MOST_HUBS {
            return Err(Malformed::new("path", &format!("{} hubs", wire.path.len())));
        }
        let hub = |name: &String| HubId::parse(name).map_err(|f| Malformed::new("path", &f));
        Ok(Self {
            id: transfer_id(&wire.transfer)?,
            path: wire.path.iter().map(hub).collect::<Result<_, _>>()?,
            envelope: bytes_of("envelope", &wire.envelope)?,
            submission: unsigned(&wire.submission)?,
        })
    }
}

impl ReceiptTransfer {
    /// The request body.
    ///
    /// # Errors
    /// [`Malformed`] when it cannot be written.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Malformed> {
        write(&WireReceipt {
            schema: RECEIPT_SCHEMA.to_owned(),
            transfer: self.id.to_string(),
            receipt: signed(&self.receipt),
        })
    }

    /// Reads a request body.
    ///
    /// # Errors
    /// [`Malformed`] that names the field.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Malformed> {
        let wire: WireReceipt = read(bytes)?;
        schema(&wire.schema, RECEIPT_SCHEMA)?;
        Ok(Self {
            id: transfer_id(&wire.transfer)?,
            receipt: unsigned(&wire.receipt)?,
        })
    }
}

/// The answer to a transfer: the receipt, or none where a receipt was handed over.
///
/// # Errors
/// [`Malformed`] when it cannot be written.
pub fn answer_to_bytes(receipt: Option<&SignedStatement>) -> Result<Vec<u8>, Malformed> {
    write(&WireAnswer {
        schema: ANSWER_SCHEMA.to_owned(),
        receipt: receipt.map(signed),
    })
}

/// Reads an answer.
///
/// # Errors
/// [`Malformed`] that names the field.
pub fn answer_from_bytes(bytes: &[u8]) -> Result<Option<SignedStatement>, Malformed> {
    let wire: WireAnswer = read(bytes)?;
    schema(&wire.schema, ANSWER_SCHEMA)?;
    wire.receipt.as_ref().map(unsigned).transpose()
}

fn write(wire: &impl Serialize) -> Result<Vec<u8>, Malformed> {
    serde_json::to_vec(wire).map_err(|fault| Malformed::new("body", &fault))
}

fn read<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, Malformed> {
    if bytes.len() > LARGEST_BODY {
        return Err(Malformed::new("body", &format!("{} bytes", bytes.len())));
    }
    serde_json::from_slice(bytes).map_err(|fault| Malformed::new("body", &fault))
}

fn schema(found: &str, expected: &str) -> Result<(), Malformed> {
    if found == expected {
        Ok(())
    } else {
        Err(Malformed::new("schema", &found))
    }
}

fn transfer_id(text: &str) -> Result<TransferId, Malformed> {
    text.parse()
        .map_err(|fault| Malformed::new("transfer", &fault))
}

fn bytes_of(field: &'static str, text: &str) -> Result<Vec<u8>, Malformed> {
    BASE64
        .decode(text)
        .map_err(|fault| Malformed::new(field, &fault))
}

fn signed(s: &SignedStatement) -> WireSigned {
    WireSigned {
        statement: BASE64.encode(&s.statement),
        signature: BASE64.encode(&s.signature),
    }
}

fn unsigned(wire: &WireSigned) -> Result<SignedStatement, Malformed> {
    Ok(SignedStatement {
        statement: bytes_of("statement", &wire.statement)?,
        signature: bytes_of("signature", &wire.signature)?,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::ids::RandomIds;

    fn example() -> Transfer {
        Transfer {
            id: TransferId::fresh(&RandomIds, "2025-06-30T01:00:00Z".parse().unwrap()),
            path: vec![HubId::parse("commune").unwrap()],
            envelope: b"{}".to_vec(),
            submission: SignedStatement {
                statement: vec![1],
                signature: vec![2, 3],
            },
        }
    }

    #[test]
    fn a_transfer_reads_back_as_it_was() {
        let transfer = example();
        assert_eq!(
            Transfer::from_bytes(&transfer.to_bytes().unwrap()).unwrap(),
            transfer
        );
    }

    #[test]
    fn a_road_longer_than_any_honest_one_is_refused() {
        let mut transfer = example();
        transfer.path = vec![HubId::parse("a").unwrap(); MOST_HUBS + 1];
        let refused = Transfer::from_bytes(&transfer.to_bytes().unwrap()).unwrap_err();
        assert_eq!(refused.field, "path");
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_readers_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = Transfer::from_bytes(&bytes);
            let _ = ReceiptTransfer::from_bytes(&bytes);
            let _ = answer_from_bytes(&bytes);
        }
    }
}
