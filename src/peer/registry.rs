//! Asking a neighbour for the registry: its newest snapshot by number and digest, and single
//! snapshots. Wire shapes. The answers prove nothing by themselves.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};

use super::protocol::Malformed;
use crate::config::registry::snapshot::{LARGEST_BYTES, SignedSnapshot};
use crate::domain::digest::Sha256;
use crate::domain::snapshot::Head;

/// Where a hub tells its newest snapshot (GET); single ones are below it by their number.
pub const ADDRESS: &str = "/peer/v1/registry";

/// Largest answer in bytes: the largest snapshot, in Base64, and its signature.
pub const LARGEST_ANSWER: usize = LARGEST_BYTES / 3 * 4 + 256 * 1024;

const HEAD_SCHEMA: &str = "lienthong.registry-head/1";
const SNAPSHOT_SCHEMA: &str = "lienthong.registry-snapshot/1";

/// What a neighbour tells of its newest snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// Its number.
    pub number: u64,
    /// SHA-256 of its bytes.
    pub sha256: Sha256,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireHead {
    schema: String,
    number: u64,
    sha256: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireSnapshot {
    schema: String,
    snapshot: String,
    signature: String,
}

/// Where the snapshot with this number is.
#[must_use]
pub fn path_of(number: u64) -> String {
    format!("{ADDRESS}/{number}")
}

/// The answer that tells the newest snapshot.
///
/// # Errors
/// [`Malformed`] when it cannot be written.
pub fn head_to_bytes(head: &Head) -> Result<Vec<u8>, Malformed> {
    write(&WireHead {
        schema: HEAD_SCHEMA.to_owned(),
        number: head.number,
        sha256: head.sha256.to_string(),
    })
}

/// Reads it.
///
/// # Errors
/// [`Malformed`] that names the field.
pub fn head_from_bytes(bytes: &[u8]) -> Result<Told, Malformed> {
    let wire: WireHead = read(bytes, super::protocol::LARGEST_BODY)?;
    schema(&wire.schema, HEAD_SCHEMA)?;
    let sha256 = wire.sha256.parse();
    Ok(Told {
        number: wire.number,
        sha256: sha256.map_err(|fault| Malformed::new("sha256", &fault))?,
    })
}

/// The answer that gives a snapshot.
///
/// # Errors
/// [`Malformed`] when it cannot be written.
pub fn snapshot_to_bytes(signed: &SignedSnapshot) -> Result<Vec<u8>, Malformed> {
    write(&WireSnapshot {
        schema: SNAPSHOT_SCHEMA.to_owned(),
        snapshot: BASE64.encode(&signed.bytes),
        signature: BASE64.encode(&signed.signature),
    })
}

/// Reads it. Nothing of the snapshot is looked at.
///
/// # Errors
/// [`Malformed`] that names the field.
pub fn snapshot_from_bytes(bytes: &[u8]) -> Result<SignedSnapshot, Malformed> {
    let wire: WireSnapshot = read(bytes, LARGEST_ANSWER)?;
    schema(&wire.schema, SNAPSHOT_SCHEMA)?;
    let part = |field, text: &str| {
        let bytes = BASE64.decode(text);
        bytes.map_err(|fault| Malformed::new(field, &fault))
    };
    Ok(SignedSnapshot {
        bytes: part("snapshot", &wire.snapshot)?,
        signature: part("signature", &wire.signature)?,
    })
}

fn write(wire: &impl Serialize) -> Result<Vec<u8>, Malformed> {
    serde_json::to_vec(wire).map_err(|fault| Malformed::new("body", &fault))
}

fn read<T: serde::de::DeserializeOwned>(bytes: &[u8], limit: usize) -> Result<T, Malformed> {
    if bytes.len() > limit {
        return Err(Malformed::new("body", &format!("{} bytes", bytes.len())));
    }
    serde_json::from_slice(bytes).map_err(|fault| Malformed::new("body", &fault))
}

fn schema(found: &str, expected: &str) -> Result<(), Malformed> {
    match found == expected {
        true => Ok(()),
        false => Err(Malformed::new("schema", &found)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_snapshot_reads_back_as_it_was() {
        let signed = SignedSnapshot {
            bytes: b"{}".to_vec(),
            signature: vec![1, 2, 3],
        };
        let answer = snapshot_to_bytes(&signed).unwrap();
        assert_eq!(snapshot_from_bytes(&answer), Ok(signed));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_readers_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = head_from_bytes(&bytes);
            let _ = snapshot_from_bytes(&bytes);
        }
    }
}
