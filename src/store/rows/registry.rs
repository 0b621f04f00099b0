//! Snapshots of the registry, byte for byte as signed, and the evidence of contradictory ones.

use diesel::prelude::*;

use super::{corrupt, micros, one, parse, time};
use crate::config::registry::snapshot::SignedSnapshot;
use crate::domain::clock::Timestamp;
use crate::domain::digest::Sha256;
use crate::domain::snapshot::Head;
use crate::store::schema::{registry_conflicts, registry_snapshots};
use crate::store::{Error, Tx};

const TABLE: &str = "registry_snapshots";

/// A snapshot as recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Name and times.
    pub head: Head,
    /// From where this hub has it.
    pub source: String,
    /// When this hub had it.
    pub received_at: Timestamp,
}

type Columns = (i64, String, i64, i64, String, i64);

const COLUMNS: (
    registry_snapshots::number,
    registry_snapshots::sha256,
    registry_snapshots::issued_at,
    registry_snapshots::expires_at,
    registry_snapshots::source,
    registry_snapshots::received_at,
) = (
    registry_snapshots::number,
    registry_snapshots::sha256,
    registry_snapshots::issued_at,
    registry_snapshots::expires_at,
    registry_snapshots::source,
    registry_snapshots::received_at,
);

/// Keeps a snapshot; `head` must be what `signed` says.
///
/// # Errors
/// [`Error::Conflict`] when there is one of this number.
pub fn insert(
    tx: &mut Tx<'_>,
    head: &Head,
    signed: &SignedSnapshot,
    (source, at): (&str, Timestamp),
) -> Result<(), Error> {
    let done = diesel::insert_into(registry_snapshots::table)
        .values((
            registry_snapshots::number.eq(number(head.number)?),
            registry_snapshots::sha256.eq(head.sha256.to_string()),
            registry_snapshots::snapshot.eq(&signed.bytes),
            registry_snapshots::signature.eq(&signed.signature),
            registry_snapshots::issued_at.eq(micros(head.issued_at)),
            registry_snapshots::expires_at.eq(micros(head.expires_at)),
            registry_snapshots::source.eq(source),
            registry_snapshots::received_at.eq(micros(at)),
        ))
        .execute(tx.connection)?;
    one("insert registry snapshot", done)
}

/// Name and times of the newest snapshot.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn newest(tx: &mut Tx<'_>) -> Result<Option<Head>, Error> {
    let row: Option<Columns> = registry_snapshots::table
        .order(registry_snapshots::number.desc())
        .select(COLUMNS)
        .first(tx.connection)
        .optional()?;
    Ok(row.map(from_row).transpose()?.map(|recorded| recorded.head))
}

/// Every snapshot, the oldest first.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<Recorded>, Error> {
    let rows: Vec<Columns> = registry_snapshots::table
        .order(registry_snapshots::number)
        .select(COLUMNS)
        .load(tx.connection)?;
    rows.into_iter().map(from_row).collect()
}

/// The snapshot with this number.
///
/// # Errors
/// A fault of the database.
pub fn find(tx: &mut Tx<'_>, wanted: u64) -> Result<Option<SignedSnapshot>, Error> {
    let row: Option<(Vec<u8>, Vec<u8>)> = registry_snapshots::table
        .find(number(wanted)?)
        .select((registry_snapshots::snapshot, registry_snapshots::signature))
        .first(tx.connection)
        .optional()?;
    Ok(row.map(|(bytes, signature)| SignedSnapshot { bytes, signature }))
}

/// Keeps a snapshot that contradicts the one of the same number; gives whether it is new here.
///
/// # Errors
/// A fault of the database.
pub fn insert_conflict(
    tx: &mut Tx<'_>,
    contradicted: u64,
    signed: &SignedSnapshot,
    (source, at): (&str, Timestamp),
) -> Result<bool, Error> {
    let name = signed.sha256().to_string();
    let known: i64 = registry_conflicts::table
        .filter(registry_conflicts::sha256.eq(&name))
        .count()
        .get_result(tx.connection)?;
    if known > 0 {
        return Ok(false);
    }
    let done = diesel::insert_into(registry_conflicts::table)
        .values((
            registry_conflicts::sha256.eq(name),
            registry_conflicts::number.eq(number(contradicted)?),
            registry_conflicts::snapshot.eq(&signed.bytes),
            registry_conflicts::signature.eq(&signed.signature),
            registry_conflicts::source.eq(source),
            registry_conflicts::received_at.eq(micros(at)),
        ))
        .execute(tx.connection)?;
    one("insert registry conflict", done)?;
    Ok(true)
}

/// Names of the snapshots that contradict recorded ones.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn conflicts(tx: &mut Tx<'_>) -> Result<Vec<Sha256>, Error> {
    let rows: Vec<String> = registry_conflicts::table
        .order(registry_conflicts::received_at)
        .select(registry_conflicts::sha256)
        .load(tx.connection)?;
    let name = |text: &String| parse("registry_conflicts", "sha256", text);
    rows.iter().map(name).collect()
}

/// The number as the column holds it.
fn number(number: u64) -> Result<i64, Error> {
    i64::try_from(number).or(Err(corrupt(TABLE, "number", &number.to_string())))
}

fn from_row(row: Columns) -> Result<Recorded, Error> {
    let (number, sha256, issued_at, expires_at, source, received_at) = row;
    let number = u64::try_from(number).or(Err(corrupt(TABLE, "number", &number.to_string())))?;
    Ok(Recorded {
        head: Head {
            number,
            sha256: parse(TABLE, "sha256", &sha256)?,
            issued_at: time(TABLE, "issued_at", issued_at)?,
            expires_at: time(TABLE, "expires_at", expires_at)?,
        },
        source,
        received_at: time(TABLE, "received_at", received_at)?,
    })
}
