//! The snapshot of the registry as it is signed: canonical JSON (RFC 8785), schema
//! `lienthong.registry/1`. These bytes are signed: a change of the shape needs a new schema name.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::PEM;
use super::rows::Rows;
use crate::config::{Error, bytes, malformed};
use crate::domain::clock::{Timestamp, rfc3339};
use crate::domain::digest::Sha256;
use crate::domain::snapshot::{Head, Snapshot};

/// The schema name in every snapshot.
pub const SCHEMA: &str = "lienthong.registry/1";

/// Largest snapshot in bytes: a registry of more than 120,000 agencies fits.
pub const LARGEST_BYTES: usize = 48 * 1024 * 1024;

/// Largest signature in bytes.
pub const LARGEST_SIGNATURE: usize = 64 * 1024;

/// Bytes that are not a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// More bytes than any honest snapshot or signature.
    #[error("{found} bytes, limit {limit}")]
    TooLarge {
        /// Bytes found.
        found: usize,
        /// Most bytes.
        limit: usize,
    },
    /// Not JSON of the expected shape, or a value that cannot be right.
    #[error("not a {SCHEMA} snapshot: {0}")]
    Shape(String),
    /// Valid, but another spelling than the one that is signed.
    #[error("the snapshot is not in canonical form (RFC 8785)")]
    NotCanonical,
}

/// A snapshot with its signature, as stored and handed on. The bytes are evidence: never re-rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedSnapshot {
    /// Canonical JSON.
    pub bytes: Vec<u8>,
    /// Detached CMS signature over them, DER.
    pub signature: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    schema: String,
    number: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous: Option<String>,
    issued_at: String,
    expires_at: String,
    issuer: String,
    registry: Rows,
}

impl SignedSnapshot {
    /// The file of a snapshot and the one beside it with its signature (`.p7s`).
    ///
    /// # Errors
    /// [`Error`] that names the file.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let found = Self {
            bytes: bytes(path)?,
            signature: bytes(&signature_beside(path))?,
        };
        found.limited().map_err(|fault| malformed(path, &fault))?;
        Ok(found)
    }

    /// Whether both parts are within their limits: asked before anything is read or checked.
    ///
    /// # Errors
    /// [`Fault::TooLarge`].
    pub const fn limited(&self) -> Result<(), Fault> {
        let (found, limit) = (self.bytes.len(), LARGEST_BYTES);
        if found > limit {
            return Err(Fault::TooLarge { found, limit });
        }
        let (found, limit) = (self.signature.len(), LARGEST_SIGNATURE);
        if found > limit {
            return Err(Fault::TooLarge { found, limit });
        }
        Ok(())
    }

    /// The digest that names it.
    #[must_use]
    pub fn sha256(&self) -> Sha256 {
        Sha256::of(&self.bytes)
    }
}

/// The file with the signature of the snapshot in `path`.
#[must_use]
pub fn signature_beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".p7s");
    name.into()
}

/// The bytes of a snapshot: what is signed.
///
/// # Errors
/// [`Fault::Shape`] when a value cannot be written.
pub fn to_bytes(snapshot: &Snapshot) -> Result<Vec<u8>, Fault> {
    canonical(&Wire {
        schema: SCHEMA.to_owned(),
        number: snapshot.number,
        previous: snapshot.previous.map(|sha256| sha256.to_string()),
        issued_at: rfc3339(snapshot.issued_at),
        expires_at: rfc3339(snapshot.expires_at),
        issuer: snapshot.issuer.clone(),
        registry: Rows::of(&snapshot.registry),
    })
}

fn canonical(wire: &Wire) -> Result<Vec<u8>, Fault> {
    serde_json_canonicalizer::to_vec(wire).map_err(|fault| Fault::Shape(fault.to_string()))
}

/// Reads a snapshot. Ask for its signature first: this trusts nothing, but it costs memory.
///
/// # Errors
/// [`Fault`]; contradictions between rows are not looked for.
pub fn from_bytes(bytes: &[u8]) -> Result<Snapshot, Fault> {
    let (found, limit) = (bytes.len(), LARGEST_BYTES);
    if found > limit {
        return Err(Fault::TooLarge { found, limit });
    }
    let wire: Wire =
        serde_json::from_slice(bytes).map_err(|fault| Fault::Shape(fault.to_string()))?;
    if wire.schema != SCHEMA {
        return Err(Fault::Shape(format!("schema {:?}", wire.schema)));
    }
    if canonical(&wire)? != bytes {
        return Err(Fault::NotCanonical);
    }
    let here = |written: String| match written.contains(PEM) {
        true => Ok(written),
        false => Err("a certificate of a hub is not PEM".to_owned()),
    };
    Ok(Snapshot {
        number: wire.number,
        previous: wire.previous.as_deref().map(value).transpose()?,
        issued_at: value(&wire.issued_at)?,
        expires_at: value(&wire.expires_at)?,
        issuer: wire.issuer,
        registry: wire.registry.read(&here).map_err(Fault::Shape)?,
    })
}

fn value<T: std::str::FromStr>(text: &str) -> Result<T, Fault> {
    let short: String = text.chars().take(80).collect();
    text.parse()
        .or(Err(Fault::Shape(format!("value {short:?}"))))
}

/// Name and times of the snapshot whose bytes have the digest `sha256`.
#[must_use]
pub const fn head(snapshot: &Snapshot, sha256: Sha256) -> Head {
    Head {
        number: snapshot.number,
        sha256,
        issued_at: snapshot.issued_at,
        expires_at: snapshot.expires_at,
    }
}

/// Seconds only: what is finer would not survive writing.
#[must_use]
pub fn whole_seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::directory::tests::registry;

    fn snapshot() -> Snapshot {
        Snapshot {
            number: 7,
            previous: Some(Sha256::of(b"six")),
            issued_at: "2025-06-30T00:00:00Z".parse().unwrap(),
            expires_at: "2025-07-30T00:00:00Z".parse().unwrap(),
            issuer: "Trung ương".to_owned(),
            registry: registry(),
        }
    }

    #[test]
    fn a_snapshot_reads_back_as_it_was() {
        let bytes = to_bytes(&snapshot()).unwrap();
        assert_eq!(from_bytes(&bytes), Ok(snapshot()));
    }

    #[test]
    fn another_spelling_of_the_same_snapshot_is_refused() {
        let mut bytes = to_bytes(&snapshot()).unwrap();
        bytes.insert(1, b' ');
        assert_eq!(from_bytes(&bytes), Err(Fault::NotCanonical));
    }

    #[test]
    fn an_unknown_field_of_a_snapshot_is_refused() {
        let text = String::from_utf8(to_bytes(&snapshot()).unwrap()).unwrap();
        let more = text.replacen('{', "{\"aaa\":1,", 1);
        assert!(matches!(from_bytes(more.as_bytes()), Err(Fault::Shape(_))));
    }

    #[test]
    fn the_file_of_a_certificate_means_nothing_in_a_snapshot() {
        let mut other = snapshot();
        other.registry.hubs[0]
            .tls_certificates
            .push("/etc/passwd".to_owned());
        let refused = from_bytes(&to_bytes(&other).unwrap()).unwrap_err();
        assert!(refused.to_string().contains("not PEM"), "{refused}");
    }
}
