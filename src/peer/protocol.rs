//! The shapes of requests and answers between hubs (`lienthong.transfer/1` and its kin), with the
//! limits that hold before anything is parsed. Wire shapes.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};

use crate::domain::digest::Sha256;
use crate::domain::document::Content;
use crate::domain::ids::TransferId;
use crate::domain::receipt::SignedStatement;
use crate::domain::routing::{HubId, MOST_HUBS};

/// Largest request or answer body in bytes; documents travel as blobs, beside it.
pub const LARGEST_BODY: usize = 256 * 1024;

/// Where a document is handed over (POST).
pub const TRANSFERS: &str = "/peer/v1/transfers";

/// Where a receipt is handed over (POST).
pub const RECEIPTS: &str = "/peer/v1/receipts";

/// Where a document is offered before its bytes are brought (POST).
pub const OFFERS: &str = "/peer/v1/offers";

/// Where bytes are (HEAD) or go (PATCH), each below it by its name.
pub const BLOBS: &str = "/peer/v1/blobs";

/// The header that tells how many bytes are held.
pub const HELD: &str = "upload-offset";

/// The header that tells whether that is all: `?1` or `?0`.
pub const WHOLE: &str = "upload-complete";

/// Where the bytes named `name` are (HEAD) or go (PATCH).
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

/// What the receiver of an offer lacks: nothing, or the document's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Offered {
    /// The bytes that are missing.
    pub missing: Option<Missing>,
}

/// Bytes that are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missing {
    /// Which, and how many they are as a whole.
    pub content: Content,
    /// How many the receiver holds already.
    pub offset: u64,
}

/// A piece of a blob: bytes `begin` to `end` (exclusive) of `whole`, as `Content-Range` tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// First byte.
    pub begin: u64,
    /// Byte after the last one.
    pub end: u64,
    /// How many bytes the whole has.
    pub whole: u64,
}

impl fmt::Display for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = self.end.saturating_sub(1);
        write!(f, "bytes {}-{last}/{}", self.begin, self.whole)
    }
}

impl std::str::FromStr for Piece {
    type Err = Malformed;

    /// Reads `bytes FIRST-LAST/WHOLE` (RFC 9110, 14.4), all three told and in order.
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let wrong = || Malformed::new("content-range", &text);
        let number = |digits: &str| {
            let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
            digits.parse::<u64>().ok().filter(|_| plain)
        };
        let read = || {
            let (range, whole) = text.strip_prefix("bytes ")?.split_once('/')?;
            let (first, last) = range.split_once('-')?;
            Some(Self {
                begin: number(first)?,
                end: number(last)?.checked_add(1)?,
                whole: number(whole)?,
            })
        };
        let piece = read().ok_or_else(wrong)?;
        if piece.begin < piece.end && piece.end <= piece.whole {
            Ok(piece)
        } else {
            Err(wrong())
        }
    }
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

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireOffered {
    schema: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    missing: Option<WireMissing>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireMissing {
    sha256: String,
    size_bytes: u64,
    offset: u64,
}

const TRANSFER_SCHEMA: &str = "lienthong.transfer/1";
const RECEIPT_SCHEMA: &str = "lienthong.receipt-transfer/1";
const OFFERED_SCHEMA: &str = "lienthong.offered/1";
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

impl Offered {
    /// The answer body.
    ///
    /// # Errors
    /// [`Malformed`] when it cannot be written.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Malformed> {
        let missing = self.missing.map(|missing| WireMissing {
            sha256: missing.content.sha256.to_string(),
            size_bytes: missing.content.size_bytes,
            offset: missing.offset,
        });
        write(&WireOffered {
            schema: OFFERED_SCHEMA.to_owned(),
            missing,
        })
    }

    /// Reads an answer body.
    ///
    /// # Errors
    /// [`Malformed`] that names the field.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Malformed> {
        let wire: WireOffered = read(bytes)?;
        schema(&wire.schema, OFFERED_SCHEMA)?;
        let missing = wire.missing.map(|missing| {
            let sha256 = missing.sha256.parse();
            let sha256 = sha256.map_err(|fault| Malformed::new("missing.sha256", &fault))?;
            let content = Content {
                sha256,
                size_bytes: missing.size_bytes,
            };
            Ok::<_, Malformed>(Missing {
                content,
                offset: missing.offset,
            })
        });
        Ok(Self {
            missing: missing.transpose()?,
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

/// A signed statement as it stands in a problem document, under `evidence`.
#[must_use]
pub fn evidence(signed_statement: &SignedStatement) -> serde_json::Value {
    // Two strings always serialise.
    serde_json::to_value(signed(signed_statement)).unwrap_or_default()
}

/// Reads the `evidence` of a problem document.
pub(super) fn from_evidence(value: serde_json::Value) -> Option<SignedStatement> {
    let wire: WireSigned = serde_json::from_value(value).ok()?;
    unsigned(&wire).ok()
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

    #[test]
    fn a_piece_reads_back_and_crooked_ones_are_refused() {
        let piece: Piece = "bytes 0-9/10".parse().unwrap();
        assert_eq!((piece.begin, piece.end, piece.whole), (0, 10, 10));
        assert_eq!(piece.to_string(), "bytes 0-9/10");
        for crooked in [
            "",
            "bytes 0-9",
            "bytes 0-9/*",
            "bytes */10",
            "bytes 9-0/10",
            "bytes 0-10/10",
            "bytes +0-9/10",
            "bytes 0-18446744073709551615/18446744073709551615",
            "items 0-9/10",
        ] {
            assert!(crooked.parse::<Piece>().is_err(), "{crooked}");
        }
    }

    #[test]
    fn what_is_missing_reads_back_as_it_was() {
        let missing = Missing {
            content: Content {
                sha256: Sha256::of(b"abc"),
                size_bytes: 3,
            },
            offset: 1,
        };
        for missing in [None, Some(missing)] {
            let offered = Offered { missing };
            assert_eq!(
                Offered::from_bytes(&offered.to_bytes().unwrap()),
                Ok(offered)
            );
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_readers_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = Transfer::from_bytes(&bytes);
            let _ = ReceiptTransfer::from_bytes(&bytes);
            let _ = answer_from_bytes(&bytes);
            let _ = Offered::from_bytes(&bytes);
            let _ = String::from_utf8_lossy(&bytes).parse::<Piece>();
        }
    }
}
