//! The log of key use: a row before the key acts, closed after it (rule R8).

use diesel::prelude::*;

use super::{micros, one};
use crate::domain::clock::Timestamp;
use crate::domain::digest::Sha256;
use crate::domain::ids::SigningId;
use crate::store::schema::signings;
use crate::store::{Error, Tx};

/// One use of a private key.
#[derive(Debug, Clone)]
pub struct Signing {
    /// Its name.
    pub id: SigningId,
    /// What is signed: `person`, `agency` or `receipt`.
    pub purpose: &'static str,
    /// Id of the document or delivery.
    pub subject: String,
    /// SHA-256 of the certificate of the key.
    pub key_sha256: Sha256,
    /// SHA-256 of the bytes given to the key.
    pub signed_sha256: Sha256,
    /// On whose behalf.
    pub actor: String,
}

/// Records the intent. Must be committed before the key is used.
///
/// # Errors
/// A fault of the database.
pub fn intend(tx: &mut Tx<'_>, signing: &Signing, at: Timestamp) -> Result<(), Error> {
    let done = diesel::insert_into(signings::table)
        .values((
            signings::id.eq(signing.id.to_string()),
            signings::purpose.eq(signing.purpose),
            signings::subject.eq(&signing.subject),
            signings::key_sha256.eq(signing.key_sha256.to_string()),
            signings::signed_sha256.eq(signing.signed_sha256.to_string()),
            signings::actor.eq(&signing.actor),
            signings::intended_at.eq(micros(at)),
        ))
        .execute(tx.connection)?;
    one("intend signing", done)
}

/// Records the outcome, `done` or what went wrong.
///
/// # Errors
/// [`Error::RowCount`] when no intent is open.
pub fn close(tx: &mut Tx<'_>, id: SigningId, outcome: &str, at: Timestamp) -> Result<(), Error> {
    let target = signings::table
        .filter(signings::id.eq(id.to_string()))
        .filter(signings::finished_at.is_null());
    let done = diesel::update(target)
        .set((
            signings::outcome.eq(outcome),
            signings::finished_at.eq(micros(at)),
        ))
        .execute(tx.connection)?;
    one("close signing", done)
}

/// How many uses of keys are recorded about `subject`: all, and those with the outcome `done`.
///
/// # Errors
/// A fault of the database.
pub fn count(tx: &mut Tx<'_>, subject: &str) -> Result<(i64, i64), Error> {
    let all = signings::table.filter(signings::subject.eq(subject));
    let done = all.filter(signings::outcome.eq("done"));
    Ok((
        all.count().get_result(tx.connection)?,
        done.count().get_result(tx.connection)?,
    ))
}
