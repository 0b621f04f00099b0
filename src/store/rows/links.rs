//! The state of the lines to neighbours and to the mail server: rows only for those in trouble, so
//! that a line that works costs nothing.

use diesel::prelude::*;

use super::{corrupt, micros, one, time};
use crate::domain::clock::Timestamp;
use crate::domain::lane::Target;
use crate::domain::lane::link::Link;
use crate::store::schema::links;
use crate::store::{Error, Tx};

const TABLE: &str = "links";

/// A line in trouble.
#[derive(Debug, Clone)]
pub struct Trouble {
    /// Whose line.
    pub target: Target,
    /// Failures in a row, and when it is tried again.
    pub link: Link,
    /// When the first of them happened.
    pub since: Timestamp,
    /// The last of them, in words.
    pub reason: String,
}

type Columns = (String, i32, i64, i64, String);

/// Every line in trouble.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<Trouble>, Error> {
    let rows: Vec<Columns> = links::table.order(links::target).load(tx.connection)?;
    rows.into_iter().map(from_row).collect()
}

fn from_row((target, failures, retry_at, since, reason): Columns) -> Result<Trouble, Error> {
    Ok(Trouble {
        target: Target::parse(&target).ok_or_else(|| corrupt(TABLE, "target", &target))?,
        link: Link {
            failures: u32::try_from(failures).or(Err(corrupt(
                TABLE,
                "failures",
                &failures.to_string(),
            )))?,
            retry_at: time(TABLE, "retry_at", retry_at)?,
        },
        since: time(TABLE, "since", since)?,
        reason,
    })
}

/// Notes one failure more; gives how many in a row there are now.
///
/// # Errors
/// [`Error::Conflict`] when another process notes the first one at the same moment; else a fault of
/// the database.
pub fn fail(tx: &mut Tx<'_>, target: &Target, now: Timestamp, reason: &str) -> Result<u32, Error> {
    let row = links::table.filter(links::target.eq(target.as_str()));
    let known = diesel::update(row)
        .set((
            links::failures.eq(links::failures + 1),
            links::reason.eq(reason),
        ))
        .execute(tx.connection)?;
    if known == 0 {
        let done = diesel::insert_into(links::table)
            .values((
                links::target.eq(target.as_str()),
                links::failures.eq(1),
                links::retry_at.eq(micros(now)),
                links::since.eq(micros(now)),
                links::reason.eq(reason),
            ))
            .execute(tx.connection)?;
        one("insert link", done)?;
    }
    let row = links::table.filter(links::target.eq(target.as_str()));
    let failures: i32 = row.select(links::failures).first(tx.connection)?;
    u32::try_from(failures).or(Err(corrupt(TABLE, "failures", &failures.to_string())))
}

/// Sets when the line is tried again.
///
/// # Errors
/// A fault of the database.
pub fn retry_at(tx: &mut Tx<'_>, target: &Target, at: Timestamp) -> Result<(), Error> {
    let row = links::table.filter(links::target.eq(target.as_str()));
    diesel::update(row)
        .set(links::retry_at.eq(micros(at)))
        .execute(tx.connection)?;
    Ok(())
}

/// Takes the right to probe an interrupted line until `until`; gives whether it was free to take.
///
/// # Errors
/// A fault of the database.
pub fn reserve(
    tx: &mut Tx<'_>,
    target: &Target,
    now: Timestamp,
    until: Timestamp,
) -> Result<bool, Error> {
    let free = links::table
        .filter(links::target.eq(target.as_str()))
        .filter(links::retry_at.le(micros(now)));
    let taken = diesel::update(free)
        .set(links::retry_at.eq(micros(until)))
        .execute(tx.connection)?;
    Ok(taken == 1)
}

/// Something went well: the line is in no trouble any more.
///
/// # Errors
/// A fault of the database.
pub fn clear(tx: &mut Tx<'_>, target: &Target) -> Result<(), Error> {
    diesel::delete(links::table.filter(links::target.eq(target.as_str())))
        .execute(tx.connection)?;
    Ok(())
}
