//! Transfers whose id was used for two bodies, with what the receiver stated about it.

use diesel::prelude::*;

use super::micros;
use crate::domain::clock::Timestamp;
use crate::domain::digest::Sha256;
use crate::domain::ids::TransferId;
use crate::domain::receipt::SignedStatement;
use crate::domain::routing::HubId;
use crate::store::connection::AnyConnection;
use crate::store::schema::mismatches;
use crate::store::{Error, Tx};

/// One such transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatched {
    /// The other hub.
    pub neighbour: HubId,
    /// The id used twice.
    pub transfer: TransferId,
    /// SHA-256 of the body that came first.
    pub known: Sha256,
    /// The body that came second.
    pub found: Vec<u8>,
    /// What the receiver stated.
    pub signed: SignedStatement,
}

/// Keeps one. Repeating it changes nothing.
///
/// # Errors
/// A fault of the database.
pub fn keep(tx: &mut Tx<'_>, row: &Mismatched, at: Timestamp) -> Result<bool, Error> {
    let insert = diesel::insert_into(mismatches::table).values((
        mismatches::neighbour.eq(row.neighbour.as_str()),
        mismatches::transfer_id.eq(row.transfer.to_string()),
        mismatches::found_sha256.eq(Sha256::of(&row.found).to_string()),
        mismatches::known_sha256.eq(row.known.to_string()),
        mismatches::found.eq(&row.found),
        mismatches::statement.eq(&row.signed.statement),
        mismatches::signature.eq(&row.signed.signature),
        mismatches::recorded_at.eq(micros(at)),
    ));
    let done = match tx.connection {
        AnyConnection::Sqlite(sqlite) => insert.on_conflict_do_nothing().execute(sqlite)?,
        AnyConnection::Postgres(postgres) => insert.on_conflict_do_nothing().execute(postgres)?,
    };
    Ok(done == 1)
}

/// What was stated when `found` came under the id `transfer` before.
///
/// # Errors
/// A fault of the database.
pub fn stated(
    tx: &mut Tx<'_>,
    neighbour: &HubId,
    transfer: TransferId,
    found: &Sha256,
) -> Result<Option<SignedStatement>, Error> {
    let row: Option<(Vec<u8>, Vec<u8>)> = mismatches::table
        .find((neighbour.as_str(), transfer.to_string(), found.to_string()))
        .select((mismatches::statement, mismatches::signature))
        .first(tx.connection)
        .optional()?;
    Ok(row.map(|(statement, signature)| SignedStatement {
        statement,
        signature,
    }))
}

/// How many bodies came under the id `transfer` after the first.
///
/// # Errors
/// A fault of the database.
pub fn count(tx: &mut Tx<'_>, neighbour: &HubId, transfer: TransferId) -> Result<i64, Error> {
    Ok(mismatches::table
        .filter(mismatches::neighbour.eq(neighbour.as_str()))
        .filter(mismatches::transfer_id.eq(transfer.to_string()))
        .count()
        .get_result(tx.connection)?)
}
