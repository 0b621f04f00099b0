//! Work that no worker has begun. Attempts are counted before they begin and never counted back, so
//! work without one has had no effect anywhere.

use diesel::prelude::*;

use super::jobs::Kind;
use crate::store::schema::jobs;
use crate::store::{Error, Tx};

/// Removes the job of this kind about `subject` if no worker ever began it; gives whether there was
/// one. Begun work cannot be withdrawn: nobody knows how far it came.
///
/// # Errors
/// A fault of the database.
pub fn withdraw(tx: &mut Tx<'_>, kind: Kind, subject: &str) -> Result<bool, Error> {
    let target = jobs::table
        .filter(jobs::kind.eq(kind.as_str()))
        .filter(jobs::subject.eq(subject))
        .filter(jobs::attempts.eq(0));
    Ok(diesel::delete(target).execute(tx.connection)? > 0)
}

/// Whether there is a job of this kind about `subject` that no worker ever began.
///
/// # Errors
/// A fault of the database.
pub fn is_untouched(tx: &mut Tx<'_>, kind: Kind, subject: &str) -> Result<bool, Error> {
    let found: i64 = jobs::table
        .filter(jobs::kind.eq(kind.as_str()))
        .filter(jobs::subject.eq(subject))
        .filter(jobs::attempts.eq(0))
        .count()
        .get_result(tx.connection)?;
    Ok(found > 0)
}
